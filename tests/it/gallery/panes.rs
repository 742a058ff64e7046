//! Scenes of the lower pane: why, limits.

use super::{
    Scene,
    fleet::{at, playing},
};
use crate::fixture::*;
use cchub::{
    app::{Model, Msg},
    domain::{
        Safe,
        ServiceKind::{Backend, Frontend, Postgres},
    },
    hub::{Failure, FailureKind, JobState, Verb},
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
    ("pane_of_nothing", || playing("/ z z enter tab")),
    ("why_healthy_full", || {
        let mut model = at("crm", Some(Backend));
        play(&mut model, "enter");
        model
    }),
];

/// The database of a project, and some keys.
fn full(project: &str, keys: &str) -> Model {
    let mut model = at(project, Some(Postgres));
    play(&mut model, keys);
    model
}

/// A change of limits that was sent, and how it ended.
fn limits_end(state: JobState) -> Model {
    let mut model = full("shop", "L tab ctrl-u 3 g enter");
    let what = target("shop", Some(Postgres));
    model.update(Msg::Fact(job(7, Verb::Limits, what, state)));
    model
}
