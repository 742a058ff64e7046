//! Undo in the list, which shows first what it will do; and runs that say what would be done.

use crate::{
    fixture::*,
    hub_world::{HubWorld, named},
    limits_cli::ran,
};
use cchub::{
    app::{
        Effect, Model, Msg,
        overlay::{Overlay, confirm::Confirm},
    },
    domain::{
        Bytes, Limits, LimitsChange, Safe,
        ServiceKind::{Backend, Redis},
        Target,
    },
    hub::{Command, Fact, JobState, Request, Verb},
};
use std::fs;

fn question(model: &Model) -> &Confirm {
    match &model.overlay {
        Some(Overlay::Confirm(confirm)) => confirm,
        other => panic!("no question: {other:?}"),
    }
}

fn toast(model: &Model) -> String {
    let last = model.toasts.iter().next_back();
    last.map_or_else(String::new, |toast| toast.text.clone())
}

fn yes(model: &mut Model) -> Vec<Effect> {
    rest(model);
    play(model, "y")
}

fn done(model: &mut Model, id: u64, verb: Verb, of: Target) {
    let state = JobState::Done(Safe::new("done"));
    model.update(Msg::Fact(job(id, verb, of, state)));
}

/// A project that was stopped from here.
pub fn stopped() -> Model {
    let mut model = fleet();
    select(&mut model, "crm", None);
    done(&mut model, 1, Verb::Stop, target("crm", None));
    model
}

#[test]
fn b11_a_stop_is_undone_with_a_start_and_a_start_with_a_stop() {
    let mut model = stopped();
    assert_eq!(play(&mut model, "z"), []);
    assert_eq!(
        question(&model).title,
        "Undo stop of crm: Start crm on local"
    );
    let start = Request::start(named("crm"));
    assert_eq!(yes(&mut model), [Effect::Hub(Command::Run(start))]);
    done(&mut model, 2, Verb::Start, target("crm", Some(Redis)));
    play(&mut model, "z");
    let title = "Undo start of redis of crm: Stop redis of crm on local";
    assert_eq!(question(&model).title, title);
    rest(&mut model);
    play(&mut model, "esc");
    // Of another service only what was done to the project is undone.
    select(&mut model, "crm", Some(Backend));
    play(&mut model, "z");
    assert!(question(&model).title.starts_with("Undo stop of crm"));
}

#[test]
fn b11_what_has_no_way_back_says_so() {
    let mut model = fleet();
    select(&mut model, "crm", None);
    play(&mut model, "z");
    let nothing = "nothing was done to crm from here that could be undone";
    assert_eq!(toast(&model), nothing);
    done(&mut model, 1, Verb::Restart, target("crm", None));
    play(&mut model, "z");
    assert_eq!(toast(&model), "restart of crm cannot be undone");
    for keys in ["r", ": r e m o v e enter", ": r e m o v e - d a t a enter"] {
        play(&mut model, keys);
        let body = question(&model).body.join(" ");
        assert!(body.contains("This cannot be undone."), "{keys}: {body}");
        rest(&mut model);
        play(&mut model, "esc");
    }
}

/// The memory of a service was changed from here to 300 MB.
pub fn limited() -> Model {
    let mut model = fleet();
    select(&mut model, "crm", Some(Redis));
    play(&mut model, "L tab ctrl-u 3 0 0 m enter");
    let state = JobState::Done(Safe::new("done"));
    let of = target("crm", Some(Redis));
    model.update(Msg::Fact(job(1, Verb::Limits, of, state)));
    let limits = Limits {
        memory: Bytes::mib(300),
        ..Limits::default_of(Redis)
    };
    model.update(Msg::Fact(Fact::Limits(id("crm", Redis), limits)));
    rest(&mut model);
    play(&mut model, "esc");
    model
}

#[test]
fn b11_limits_go_back_from_the_list_too() {
    let mut model = limited();
    assert_eq!(play(&mut model, "z"), []);
    assert_eq!(question(&model).title, "Undo: Limit redis of crm on local");
    assert_eq!(
        question(&model).body,
        ["redis of crm: memory 300 MB → 512 MB"]
    );
    let effects = yes(&mut model);
    let [Effect::Hub(Command::Run(Request::Limits { change, .. }))] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let memory = LimitsChange {
        memory: Some(Bytes::mib(512)),
        ..LimitsChange::default()
    };
    assert_eq!(*change, memory);
}

fn changes(world: &HubWorld) -> usize {
    [
        "POST /containers/*/start",
        "POST /containers/*/stop",
        "POST /containers/*/restart",
        "POST /containers/*/update",
        "POST /containers/create",
        "DELETE ",
    ]
    .iter()
    .map(|pattern| world.engine.count(pattern))
    .sum()
}

#[tokio::test]
async fn b10_a_dry_run_says_what_would_be_done_and_does_nothing() {
    let world = HubWorld::with(&["shop", "blog"]);
    world.start_shop().await;
    let before = (
        changes(&world),
        fs::read_to_string(world.hub_path()).unwrap(),
    );
    for (typed, lines) in [
        (
            "start blog",
            vec!["start blog:", "  postgres: a container is made and started"],
        ),
        ("start shop", vec!["start shop:", "  redis: runs"]),
        (
            "stop shop",
            vec![
                "  frontend: stopped, its container removed",
                "  its data is kept",
            ],
        ),
        (
            "stop shop redis blog",
            vec![
                "stop redis of shop:",
                "  backend, frontend: unhealthy until",
                "stop blog:",
                "  nothing of it is there",
            ],
        ),
        (
            "restart shop postgres --dependants",
            vec![
                "restart dependants postgres of shop:",
                "  frontend: the same container",
            ],
        ),
        (
            "restart shop --recreate",
            vec!["restart recreate shop:", "  postgres: a container is made"],
        ),
        (
            "limits shop/redis --memory 300m",
            vec!["  redis: memory 512 MB → 300 MB, at once"],
        ),
    ] {
        let said = ran(&world, &format!("{typed} --dry-run")).await.expect(0);
        for line in lines {
            assert!(
                said.stdout.lines().any(|l| l.starts_with(line)),
                "{typed}: {line}: {}",
                said.stdout
            );
        }
        assert!(
            said.stderr.contains("dry run: nothing was done"),
            "{}",
            said.stderr
        );
    }
    let now = (
        changes(&world),
        fs::read_to_string(world.hub_path()).unwrap(),
    );
    assert_eq!(now, before);
    let said = ran(&world, "stop store --dry-run").await.expect(2);
    assert!(
        said.stderr.contains("no project 'store'"),
        "{}",
        said.stderr
    );
    let said = ran(&world, "restart shop --dry-run --json --read-only")
        .await
        .expect(0);
    assert_eq!(said.json()[0]["project"], "shop");
    assert!(said.stderr.contains("read-only"), "{}", said.stderr);
}
