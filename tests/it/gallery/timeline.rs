//! Scenes of the timeline pane.

use super::{Scene, fleet::at};
use crate::fixture::*;
use cchub::{
    app::{Model, Msg},
    domain::{
        Bytes, Limits,
        ServiceKind::{self, Backend, Postgres, Redis},
        State,
        timeline::{Entry, Step, What},
    },
    hub::Fact,
};
use std::sync::Arc;

pub const SCENES: &[Scene] = &[
    ("timeline", || {
        let mut model = eventful(None);
        play(&mut model, "5");
        model
    }),
    ("timeline_full", || {
        let mut model = eventful(None);
        play(&mut model, "H enter");
        model
    }),
    ("timeline_chosen", || {
        let mut model = eventful(None);
        play(&mut model, "5 enter j j j");
        model
    }),
    ("timeline_end", || {
        let mut model = eventful(None);
        play(&mut model, "5 enter G");
        model
    }),
    ("timeline_of_a_service", || {
        let mut model = eventful(Some(Redis));
        play(&mut model, "5 tab");
        model
    }),
    ("timeline_problems", || {
        let mut model = eventful(None);
        play(&mut model, "5 enter &");
        model
    }),
    ("timeline_save", || {
        let mut model = eventful(None);
        play(&mut model, "5 enter & ctrl-s");
        model
    }),
    ("timeline_nothing", || {
        let mut model = at("crm", None);
        play(&mut model, "5 enter");
        model
    }),
    ("timeline_no_problem", || {
        let mut model = at("crm", None);
        let healthy = change(90, Backend, State::Unknown, State::Healthy, "");
        learn(&mut model, "crm", vec![healthy]);
        play(&mut model, "5 enter &");
        model
    }),
];

/// A project that has lost its database, and what happened before.
pub fn eventful(kind: Option<ServiceKind>) -> Model {
    let mut model = at("shop", kind);
    learn(&mut model, "shop", story());
    model
}

pub fn learn(model: &mut Model, project: &str, entries: Vec<Entry>) {
    let of = |entry: Entry| {
        let service = entry.service;
        Arc::new(entry.of(&name(project), service))
    };
    let mut entries: Vec<_> = entries.into_iter().map(of).collect();
    entries.sort_by_key(|entry| entry.at);
    model.update(Msg::Fact(Fact::Timeline(name(project), entries)));
}

pub fn entry(ago: i64, kind: Option<ServiceKind>, what: What, text: &str) -> Entry {
    let entry = Entry::once(crate::fixture::at(ago), what, text);
    Entry {
        service: kind,
        ..entry
    }
}

pub fn change(ago: i64, kind: ServiceKind, from: State, to: State, text: &str) -> Entry {
    let what = What::Health {
        from,
        to,
        blocked_by: None,
    };
    entry(ago, Some(kind), what, text)
}

fn done(ago: i64, kind: Option<ServiceKind>, did: &str, step: Step, text: &str) -> Entry {
    let what = What::Operation {
        id: format!("{ago}").into(),
        did: did.into(),
        step,
        by: Some("ann".into()),
        took_ms: (step != Step::Begun).then_some(9_140),
    };
    entry(ago, kind, what, text)
}

fn often(entry: Entry, times: u32, lasts: i64) -> Entry {
    Entry {
        times,
        last: entry.at + std::time::Duration::from_secs(lasts.unsigned_abs()),
        ..entry
    }
}

fn story() -> Vec<Entry> {
    let limits = Limits::default_of(Postgres);
    let lowered = What::Limits {
        from: limits,
        to: Limits {
            memory: Bytes::mib(512),
            ..limits
        },
    };
    let waits = What::Health {
        from: State::Healthy,
        to: State::Unhealthy,
        blocked_by: Some(Postgres),
    };
    let day = 86_400;
    vec![
        entry(
            190,
            Some(Backend),
            waits,
            "it needs postgres, which is unhealthy",
        ),
        change(
            192,
            Postgres,
            State::Healthy,
            State::CrashLooping,
            "out of memory",
        ),
        often(
            entry(
                193,
                Some(Backend),
                What::Errors,
                "ERROR: could not connect to server: Connection refused; is the server running on host postgres and accepting TCP/IP connections on port 5432?",
            ),
            38,
            180,
        ),
        often(
            entry(194, Some(Postgres), What::Started { again: true }, ""),
            4,
            60,
        ),
        often(
            entry(195, Some(Postgres), What::Ended { code: Some(137) }, ""),
            5,
            60,
        ),
        often(entry(196, Some(Postgres), What::OutOfMemory, ""), 5, 60),
        entry(260, Some(Postgres), lowered, ""),
        done(
            261,
            Some(Postgres),
            "limits memory 512m",
            Step::Done,
            "applied live",
        ),
        done(270, Some(Postgres), "limits memory 512m", Step::Begun, ""),
        entry(5 * 3_600, None, What::Engine { answers: true }, ""),
        entry(
            5 * 3_600 + 9,
            None,
            What::Engine { answers: false },
            "connection refused",
        ),
        change(day, Redis, State::Starting, State::Healthy, ""),
        done(
            day + 1,
            Some(Redis),
            "restart",
            Step::Done,
            "redis is healthy",
        ),
        entry(day + 8, Some(Redis), What::Started { again: true }, ""),
        entry(day + 9, Some(Redis), What::Ended { code: Some(0) }, ""),
        done(day + 10, Some(Redis), "restart", Step::Begun, ""),
        done(8 * day, None, "start", Step::Done, "shop is up"),
        change(8 * day + 3, Backend, State::Unknown, State::Healthy, ""),
        done(8 * day + 60, None, "start", Step::Begun, ""),
    ]
}
