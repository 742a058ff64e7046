//! Scenes of the lower pane: why, limits.

use super::{
    Scene,
    fleet::{at, playing},
};
use crate::fixture::*;
use cchub::{
    app::{Model, Msg},
    domain::{
        Safe, ServiceKind,
        ServiceKind::{Backend, Frontend, Postgres, Redis},
    },
    hub::{Fact, Failure, FailureKind, JobState, Verb},
};

pub const SCENES: &[Scene] = &[
    ("why_full", || full("shop", "enter")),
    ("why_blocked_full", || {
        let mut model = at("shop", Some(Frontend));
        play(&mut model, "enter");
        model
    }),
    ("why_project_focused", || {
        let mut model = at("shop", None);
        play(&mut model, "tab");
        model
    }),
    ("why_larger", || {
        let mut model = at("wiki", Some(Frontend));
        play(&mut model, "+");
        model
    }),
    ("stats", || {
        let mut model = measured("crm", Some(Backend));
        play(&mut model, "4");
        model
    }),
    ("stats_full", || {
        let mut model = measured("crm", Some(Backend));
        play(&mut model, "4 enter");
        model
    }),
    ("stats_project", || {
        let mut model = measured("crm", None);
        play(&mut model, "4");
        model
    }),
    ("stats_project_full", || {
        let mut model = measured("crm", None);
        play(&mut model, "4 enter");
        model
    }),
    ("stats_unknown", || full("docs", "4")),
    ("stats_stopped", || full("lab", "4")),
    ("limits_project", || {
        let mut model = at("shop", None);
        play(&mut model, "L");
        model
    }),
    ("limits_seen", || {
        let mut model = at("shop", Some(Postgres));
        play(&mut model, "L esc");
        model
    }),
    ("limits", || full("shop", "L")),
    ("limits_invalid", || {
        full("shop", "L tab backspace backspace 5 m")
    }),
    ("limits_over_the_host", || {
        full("shop", "L tab ctrl-u 2 0 g")
    }),
    ("limits_refused", || {
        limits_end(JobState::Failed(Failure {
            kind: FailureKind::Operation,
            message: Safe::new("Memory limit should be smaller than already set memoryswap limit"),
            hint: Some(Safe::new("Send both.")),
            log: Vec::new(),
        }))
    }),
    ("limits_applied", || {
        limits_end(JobState::Done(Safe::new(
            "memory 512 MB → 3 GB, applied live",
        )))
    }),
    ("limits_below_use", || full("shop", "L tab ctrl-u 1 0 0 m")),
    ("limits_drifted", || {
        let mut model = drifted();
        play(&mut model, "L");
        model
    }),
    ("limits_undo", || {
        let mut model = limits_end(JobState::Done(Safe::default()));
        let limits = cchub::domain::Limits {
            memory: cchub::domain::Bytes::mib(3072),
            ..cchub::domain::Limits::default_of(Postgres)
        };
        model.update(Msg::Fact(Fact::Limits(id("shop", Postgres), limits)));
        play(&mut model, "z");
        model
    }),
    ("limits_many", || {
        let mut model = at("shop", None);
        play(&mut model, "space L tab 3 0 0 m");
        model
    }),
    ("limits_many_ended", || {
        let mut model = at("crm", None);
        play(&mut model, "space L tab 3 0 0 m enter");
        let ends = [
            JobState::Done(Safe::new("postgres of crm: memory 2 GB → 300 MB")),
            JobState::Failed(Failure {
                kind: FailureKind::Operation,
                message: Safe::new("limit not applied: cannot write memory.max"),
                hint: None,
                log: Vec::new(),
            }),
            JobState::Running,
        ];
        for ((n, kind), state) in (1..).zip([Postgres, Redis, Backend]).zip(ends) {
            let what = target("crm", Some(kind));
            model.update(Msg::Fact(job(n, Verb::Limits, what, state)));
        }
        model
    }),
    ("fleet_drifted", drifted),
    ("pane_of_nothing", || playing("/ z z enter tab")),
    ("why_healthy_full", || {
        let mut model = at("crm", Some(Backend));
        play(&mut model, "enter");
        model
    }),
];

/// The database of a project, and some keys.
/// A project whose services were measured for some minutes.
fn measured(project: &str, kind: Option<ServiceKind>) -> Model {
    let mut model = at(project, kind);
    measure(&mut model, project, 100);
    model.update(Msg::Fact(Fact::Host(host_use())));
    model
}

fn full(project: &str, keys: &str) -> Model {
    let mut model = at(project, Some(Postgres));
    play(&mut model, keys);
    model
}

/// Somebody else changed the memory of a service.
fn drifted() -> Model {
    let mut model = at("crm", Some(Redis));
    let limits = cchub::domain::Limits {
        memory: cchub::domain::Bytes::mib(300),
        ..cchub::domain::Limits::default_of(Redis)
    };
    model.update(Msg::Fact(Fact::Limits(id("crm", Redis), limits)));
    model
}

/// A change of limits that was sent, and how it ended.
fn limits_end(state: JobState) -> Model {
    let mut model = full("shop", "L tab ctrl-u 3 g enter");
    let what = target("shop", Some(Postgres));
    model.update(Msg::Fact(job(7, Verb::Limits, what, state)));
    model
}
