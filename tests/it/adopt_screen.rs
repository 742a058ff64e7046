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
        overlay::Overlay,
    },
    domain::{
        ServiceKind::{Backend, Frontend},
        health::State,
    },
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

fn question(model: &Model) -> String {
    match &model.overlay {
        Some(Overlay::Confirm(confirm)) => confirm.body.join("\n"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn questions_about_what_compose_made_say_that_nothing_is_removed_or_made_anew() {
    let mut model = at("store", None);
    play(&mut model, "s");
    let text = question(&model);
    assert!(
        text.contains("nothing is removed; `docker compose up` may change it."),
        "{text}"
    );
    assert!(
        !text.contains("network") && !text.contains("All four"),
        "{text}"
    );
    let mut model = at("store", Some(Backend));
    play(&mut model, "r");
    assert!(question(&model).contains("the same containers run again"));
}

#[test]
fn removal_and_what_is_not_there_are_refused_in_one_line() {
    for keys in [": r e m o v e enter", ": r e m o v e - d a t a enter"] {
        let mut model = at("store", None);
        assert!(play(&mut model, keys).is_empty() && model.overlay.is_none());
        let said: Vec<_> = model
            .toasts
            .iter()
            .map(|toast| toast.text.clone())
            .collect();
        assert!(
            said[0].contains("`docker compose -p store down` in /srv/store"),
            "{said:?}"
        );
    }
    for keys in ["S", "s", "r"] {
        let mut model = at("store", Some(Frontend));
        assert!(play(&mut model, keys).is_empty() && model.overlay.is_none());
        assert!(screen(&mut model, 120, 40).contains("store has no frontend"));
    }
}

#[test]
fn limits_of_compose_ask_first_and_print_what_keeps_them() {
    let mut model = at("store", Some(Backend));
    play(&mut model, "L tab ctrl-u 6 0 0 m enter");
    let text = question(&model);
    assert!(
        text.contains("under services: api: { mem_limit: 600m }"),
        "{text}"
    );
}
