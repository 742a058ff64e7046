//! Projects that Compose made, on the screen.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::{
    fixture::*,
    gallery::compose::{at, audited, lax, other},
};
use cchub::{
    app::{
        Effect, Model, Msg,
        fleet::{Verdict, totals, worst},
        overlay::Overlay,
    },
    domain::{
        Container,
        ServiceKind::{Backend, Frontend},
        health::State,
    },
    hub::{Command, Fact, Request},
    stack::hardening,
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
    for keys in ["S", "s", "r", "R"] {
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

#[test]
fn findings_are_listed_worst_first_and_the_mend_is_copied() {
    let mut model = audited(None);
    play(&mut model, "A");
    let Some(Overlay::Audit(audit)) = &model.overlay else {
        panic!("{:?}", model.overlay)
    };
    let grave: Vec<bool> = audit.items.iter().map(|item| item.is_grave).collect();
    assert!(grave[0] && !grave[1] && audit.items.len() > 10, "{grave:?}");
    assert_eq!(audit.items[0].service, "backend");
    let effects = play(&mut model, "y");
    let mend = "under services: api: ports: [\"127.0.0.1:HOST:CONTAINER\"]";
    assert_eq!(effects, [Effect::Copy(mend.to_owned())]);
    assert!(!screen(&mut model, 200, 50).contains("hunter2"));
}

#[test]
fn the_mend_of_a_project_of_ours_is_a_key_of_the_hub_file_or_a_command() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Backend));
    let container = Container {
        settings: lax("0.0.0.0"),
        ..Container::default()
    };
    let found = hardening::audit(&container);
    model.update(Msg::Fact(Fact::Findings(id("shop", Backend), found)));
    assert!(detail(&model).contains(", 1 serious; the worst: ports open to other machines"));
    play(&mut model, "A");
    let Some(Overlay::Audit(audit)) = &model.overlay else {
        panic!("{:?}", model.overlay)
    };
    let mend = |what: &str| {
        let item = audit.items.iter().find(|item| item.what.contains(what));
        item.unwrap().mend.clone()
    };
    assert_eq!(
        mend("no memory limit"),
        "cchub-tui limits shop backend --memory 512m"
    );
    assert!(mend("writable root").contains("[projects.shop.services.backend]"));
}

#[test]
fn what_has_no_finding_and_what_was_not_looked_at_is_said_in_one_line() {
    let mut model = fleet();
    select(&mut model, "crm", Some(Backend));
    for word in ["no container to look at", "every check passes"] {
        play(&mut model, "A");
        let said: Vec<_> = model
            .toasts
            .iter()
            .map(|toast| toast.text.clone())
            .collect();
        assert!(said.iter().any(|text| text.contains(word)), "{said:?}");
        assert!(model.overlay.is_none());
        model.update(Msg::Fact(Fact::Findings(id("crm", Backend), Vec::new())));
    }
}

#[test]
fn an_import_is_asked_about_and_sent() {
    let mut model = at("store", None);
    play(&mut model, ": i m p o r t enter");
    assert!(question(&model).contains("nothing on its containers changes"));
    rest(&mut model);
    let effects = play(&mut model, "y");
    let sent = Effect::Hub(Command::Run(Request::Import(name("store"))));
    assert_eq!(effects, [sent]);
    let mut model = fleet();
    select(&mut model, "crm", None);
    play(&mut model, ": i m p o r t enter");
    assert!(model.overlay.is_none());
}
