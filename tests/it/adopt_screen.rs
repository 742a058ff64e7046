//! Projects that Compose made, on the screen.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::{
    fixture::*,
    gallery::compose::{at, other},
};
use cchub::{
    app::{
        Model, Msg,
        fleet::{Verdict, totals, worst},
    },
    domain::{ServiceKind::Frontend, health::State},
    hub::Fact,
};

fn detail(model: &Model) -> String {
    let lines = model.detail();
    let lines = lines
        .iter()
        .map(|line| format!("{} {}", line.label, line.text));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn another_container_that_died_is_its_projects_problem() {
    let mut model = at("store", None);
    assert_eq!(worst(&model.known.rows[&name("store")]), Verdict::Ok);
    let down = |model: &Model| {
        let all = totals(&model.known);
        all.iter()
            .find(|(v, _)| *v == Verdict::Down)
            .map_or(0, |(_, n)| *n)
    };
    let before = down(&model);
    let mut mail = other("mail", "store/mail:2", State::Stopped);
    mail.health.exit_code = Some(3);
    model.update(Msg::Fact(Fact::Others(name("store"), vec![mail])));
    assert_eq!(worst(&model.known.rows[&name("store")]), Verdict::Down);
    assert_eq!(down(&model), before + 1);
    assert!(detail(&model).contains("mail has been stopped for 2h: exit code 3."));
    // It has no cell: the way to it is its project.
    select(&mut model, "blog", None);
    let mut ways = Vec::new();
    for _ in 0..8 {
        play(&mut model, "n");
        ways.push(model.fleet.selected().unwrap());
    }
    assert!(ways.contains(&target("store", None)), "{ways:?}");
}

#[test]
fn what_nobody_checks_is_never_called_healthy_and_what_has_no_limit_says_so() {
    let model = at("store", None);
    let text = detail(&model);
    assert!(
        text.contains("2 of 3 answer; nobody checks redis."),
        "{text}"
    );
    assert!(
        !text.contains("All four") && !text.contains("of 0"),
        "{text}"
    );
    assert!(text.contains("frontend absent"), "{text}");
}

#[test]
fn a_part_that_nobody_plays_has_no_port_and_no_limits() {
    let text = detail(&at("store", Some(Frontend)));
    assert!(
        text.contains("frontend is not part of this project."),
        "{text}"
    );
    assert!(!text.contains("port") && !text.contains("limits"), "{text}");
}
