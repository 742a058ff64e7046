//! From a screen full of projects to the one that is wrong, why, and its log: which keys it takes.

use crate::fixture::*;
use cchub::{
    app::{
        Effect, Model, Msg,
        pane::{Focus, Tab},
        problems::problems,
    },
    domain::{
        Health,
        ServiceKind::{self, Backend, Frontend, Postgres, Redis},
        State,
    },
    hub::{Command, Fact},
};

fn learn(model: &mut Model, project: &str, kind: ServiceKind, health: Health) {
    model.update(Msg::Fact(Fact::Health(id(project, kind), Box::new(health))));
}

fn shown(model: &Model) -> Vec<&str> {
    model.fleet.shown.iter().map(|name| name.as_str()).collect()
}

/// A fleet in which all is well.
fn calm() -> Model {
    let mut model = fleet();
    for project in ["shop", "blog", "search", "wiki", "billing-portal"] {
        for kind in ServiceKind::ALL {
            learn(&mut model, project, kind, health(State::Healthy, 4_000, 3));
        }
    }
    model
}

/// The services whose logs are asked for.
fn followed(effects: &[Effect]) -> Vec<String> {
    let follow = |effect: &Effect| match effect {
        Effect::Hub(Command::Follow(follow)) => Some(follow.services.clone()),
        _ => None,
    };
    let services = effects.iter().filter_map(follow).flatten();
    services.map(|service| service.to_string()).collect()
}

#[test]
fn problems_come_worst_first_and_of_equals_the_longest_first() {
    let mut model = calm();
    let down = |since| health(State::Unhealthy, since, 0);
    learn(&mut model, "wiki", Redis, down(10));
    learn(&mut model, "shop", Frontend, down(30));
    learn(
        &mut model,
        "crm",
        Backend,
        health(State::CrashLooping, 900, 0),
    );
    learn(&mut model, "blog", Postgres, down(20));
    learn(
        &mut model,
        "docs",
        Redis,
        health(State::Degraded, 5_000, 1_300),
    );
    let order = [
        target("shop", Some(Frontend)),
        target("blog", Some(Postgres)),
        target("wiki", Some(Redis)),
        target("crm", Some(Backend)),
        target("docs", Some(Redis)),
    ];
    assert_eq!(problems(&model.known), order);
    play(&mut model, "!");
    assert_eq!(shown(&model), ["shop", "blog", "wiki", "crm", "docs"]);
    learn(&mut model, "wiki", Redis, down(5_000));
    assert_eq!(shown(&model), ["wiki", "shop", "blog", "crm", "docs"]);
}

#[test]
fn a_project_is_in_trouble_since_the_first_of_its_services_is() {
    let mut model = calm();
    let down = |since| health(State::Unhealthy, since, 0);
    learn(&mut model, "shop", Redis, down(500));
    learn(&mut model, "shop", Frontend, down(10));
    learn(&mut model, "blog", Redis, down(300));
    play(&mut model, "!");
    assert_eq!(shown(&model), ["shop", "blog"]);
}

#[test]
fn problems_only_then_enter_shows_the_sentence_of_the_worst() {
    let mut model = fleet();
    select(&mut model, "crm", Some(Redis));
    play(&mut model, "l !");
    assert_eq!(model.fleet.selected(), Some(target("shop", Some(Postgres))));
    assert_eq!(shown(&model).first(), Some(&"shop"));
    play(&mut model, "enter");
    let text = screen(&mut model, 80, 24);
    let first = text.lines().nth(2).unwrap();
    assert!(
        first.starts_with(" postgres has been unhealthy for 3m"),
        "{text}"
    );
    assert!(text.contains("killed it for memory"), "{text}");
    play(&mut model, "esc !");
    assert_eq!(model.fleet.shown.len(), 8);
    assert_eq!(
        model.fleet.selected(),
        Some(target("shop", Some(Postgres))),
        "stays"
    );
}

#[test]
fn the_next_problem_is_a_cause_in_any_project_and_after_the_last_comes_the_first() {
    let mut model = fleet();
    let next = |model: &mut Model, key: &str| {
        play(model, key);
        model.fleet.selected().unwrap()
    };
    select(&mut model, "docs", None);
    let all = [
        target("shop", Some(Postgres)),
        target("wiki", Some(Frontend)),
        target("blog", Some(Backend)),
        target("billing-portal", None),
    ];
    for problem in all.iter().chain(&all) {
        assert_eq!(
            next(&mut model, "n"),
            *problem,
            "what is blocked is left out"
        );
    }
    assert_eq!(next(&mut model, "ctrl-n"), all[0]);
}

#[test]
fn from_any_screen_the_log_of_the_failing_service_is_two_keys_away() {
    for way in ["", "!", "3", "enter", "d enter", "tab"] {
        let mut model = fleet();
        select(&mut model, "crm", Some(Redis));
        play(&mut model, way);
        let effects = play(&mut model, "ctrl-n l");
        assert_eq!(model.tab, Tab::Logs, "{way}");
        let wiki = way == "!";
        let log = if wiki {
            "frontend of wiki"
        } else {
            "postgres of shop"
        };
        assert_eq!(followed(&effects), [log], "{way}");
    }
    for way in ["l enter", "l tab", "l enter v"] {
        let mut model = fleet();
        select(&mut model, "crm", Some(Redis));
        play(&mut model, way);
        assert_eq!(model.focus, Focus::Pane);
        play(&mut model, "ctrl-n");
        assert_eq!(
            followed(&rest(&mut model)),
            ["postgres of shop"],
            "{way}: a log is open"
        );
    }
}

#[test]
fn a_filter_that_hides_the_next_problem_goes() {
    let mut model = fleet();
    play(&mut model, "/ c r m enter n");
    assert_eq!(model.fleet.selected(), Some(target("shop", Some(Postgres))));
    assert_eq!(model.fleet.shown.len(), 8);
    play(&mut model, "/ o enter n");
    assert_eq!(model.fleet.selected(), Some(target("wiki", Some(Frontend))));
}

#[test]
fn where_there_is_no_other_problem_the_key_says_so() {
    let mut model = calm();
    play(&mut model, "n");
    let said = |model: &Model| model.toasts.iter().next_back().map(|t| t.text.clone());
    assert_eq!(said(&model).unwrap(), "no problems: all is well or stopped");
    learn(&mut model, "shop", Redis, health(State::Unhealthy, 5, 0));
    play(&mut model, "n");
    assert_eq!(model.fleet.selected(), Some(target("shop", Some(Redis))));
    play(&mut model, "n");
    assert_eq!(said(&model).unwrap(), "this is the only problem");
    play(&mut model, "! n");
    assert_eq!(shown(&model), ["shop"]);
}
