//! Scenes of the list, its header, its banner and its footer.

use super::Scene;
use crate::fixture::*;
use cchub::{
    app::{Model, Msg, ScreenSettings},
    domain::{
        Health, Safe,
        ServiceKind::{self, Backend, Frontend, Postgres},
        health::State,
    },
    hub::{Fact, Failure, FailureKind, JobState, Verb},
};

pub const SCENES: &[Scene] = &[
    ("fleet", || {
        let mut model = at("shop", Some(Postgres));
        model.update(Msg::Fact(running()));
        model
    }),
    ("fleet_project", || at("shop", None)),
    ("fleet_healthy_service", || at("crm", Some(Backend))),
    ("fleet_stopped", || at("lab", None)),
    ("fleet_starting", || at("search", Some(Backend))),
    ("fleet_crash_loop", || at("wiki", Some(Frontend))),
    ("fleet_slow", || at("blog", Some(Backend))),
    ("fleet_stale", || at("billing-portal", Some(Postgres))),
    ("fleet_marks", crate::marks::marked),
    ("fleet_problems", || playing("!")),
    ("fleet_sorted", || playing("o")),
    ("fleet_filter_typing", || playing("/ s h")),
    ("fleet_filtered", || playing("/ s h enter")),
    ("fleet_filter_no_hit", || playing("/ z z enter")),
    ("fleet_no_problems", || {
        let mut model = calm(6, ScreenSettings::default());
        play(&mut model, "!");
        model
    }),
    ("fleet_calm", || calm(6, ScreenSettings::default())),
    ("fleet_many", || {
        let mut model = calm(120, ScreenSettings::default());
        select(&mut model, "project-60-with-a-rather-long-name", None);
        model
    }),
    ("fleet_demo", || {
        calm(
            8,
            ScreenSettings {
                demo: true,
                ..ScreenSettings::default()
            },
        )
    }),
    ("fleet_protected", || {
        let mut model = at("shop", None);
        let rows = model.known.rows.values();
        let mut projects: Vec<_> = rows.map(|row| row.project.clone()).collect();
        for project in &mut projects {
            project.protected = ["shop", "crm"].contains(&project.name.as_str());
        }
        model.update(Msg::Fact(Fact::Projects(projects)));
        model
    }),
    ("fleet_read_only", || {
        calm(
            8,
            ScreenSettings {
                read_only: true,
                ..ScreenSettings::default()
            },
        )
    }),
    ("fleet_alarm", || {
        let mut model = at("shop", Some(Postgres));
        model.update(crate::calls::alarm("shop", Postgres, State::CrashLooping));
        model
    }),
    ("fleet_alarms", || {
        let mut model = at("shop", Some(Postgres));
        for kind in ServiceKind::ALL {
            model.update(crate::calls::alarm("crm", kind, State::Missing));
        }
        model.update(clock(6_000));
        model
    }),
    ("fleet_messages", messages),
    ("fleet_unknown", unknown),
    ("nothing_known_yet", empty),
    ("empty_hub", || {
        let mut model = empty();
        model.update(Msg::Fact(live()));
        model.update(Msg::Fact(Fact::Projects(vec![])));
        model
    }),
    ("no_engine_and_no_project", || {
        let mut model = empty();
        model.update(Msg::Fact(lost()));
        model.update(Msg::Fact(Fact::Projects(vec![])));
        model
    }),
    ("no_engine", || {
        let mut model = fleet();
        model.update(Msg::Fact(lost()));
        model
    }),
    ("broken_hub_file", || {
        let mut model = fleet();
        let text = "/home/ops/.config/cchub/hub.toml: line 12: expected `=`";
        model.update(Msg::Fact(Fact::HubFile(Some(Safe::new(text)))));
        play(&mut model, "a");
        model
    }),
];

/// The fleet of the fixture with something selected.
pub fn at(project: &str, kind: Option<ServiceKind>) -> Model {
    let mut model = fleet();
    select(&mut model, project, kind);
    model
}

/// The fleet after some keys.
pub fn playing(keys: &str) -> Model {
    let mut model = fleet();
    play(&mut model, keys);
    rest(&mut model);
    model
}

pub fn running() -> Fact {
    running_on("search")
}

pub fn running_on(project: &str) -> Fact {
    job(1, Verb::Start, target(project, None), JobState::Running)
}

/// Nothing but healthy projects, and many of them.
fn calm(projects: u16, settings: ScreenSettings) -> Model {
    let mut model = Model::new(settings);
    model.update(clock(0));
    model.update(Msg::Fact(live()));
    let word = |n| format!("project-{n}-with-a-rather-long-name");
    let all = (1..=projects).map(|n| project(n, &word(n))).collect();
    model.update(Msg::Fact(Fact::Projects(all)));
    for n in 1..=projects {
        for (kind, ms) in ServiceKind::ALL.into_iter().zip([2, 1, 11, 8]) {
            let health = health(State::Healthy, 86_400 * i64::from(n), ms + u64::from(n));
            model.update(Msg::Fact(Fact::Health(
                id(&word(n), kind),
                Box::new(health),
            )));
        }
    }
    play(&mut model, "g");
    model
}

/// An operation of each kind, and what they said.
pub fn messages() -> Model {
    let mut model = fleet();
    let failure = Failure {
        kind: FailureKind::Operation,
        message: Safe::new("port 5442 is taken by process 812 (postgres)"),
        hint: Some(Safe::new("Stop it, or give the project another port.")),
        log: vec![],
    };
    let done = Safe::new("crm restarted in 9.1 s");
    for (id, verb, name, state) in [
        (1, Verb::Start, "lab", JobState::Failed(failure)),
        (2, Verb::Restart, "crm", JobState::Done(done)),
        (3, Verb::Start, "search", JobState::Running),
        (4, Verb::Stop, "search", JobState::Waiting),
        (5, Verb::Restart, "docs", JobState::Cancelled),
    ] {
        model.update(Msg::Fact(job(id, verb, target(name, None), state)));
    }
    select(&mut model, "lab", None);
    model
}

/// A project whose folder lacks something: nobody knows what should run.
fn unknown() -> Model {
    let mut model = empty();
    model.update(Msg::Fact(live()));
    model.update(Msg::Fact(Fact::Projects(vec![project(1, "shop")])));
    for kind in ServiceKind::ALL {
        let health = Health {
            message: "backend of shop: requirements.txt is not a file".into(),
            ..Health::default()
        };
        model.update(Msg::Fact(Fact::Health(id("shop", kind), Box::new(health))));
    }
    play(&mut model, "g");
    model
}
