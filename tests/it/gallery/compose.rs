//! Scenes of projects that Compose made.

use super::{Scene, logs::then};
use crate::fixture::*;
use cchub::{
    app::{Model, Msg},
    domain::{
        Compose, Container, Health, Limits, Origin, Other, PerService, Project, Safe,
        ServiceKind::{self, Backend, Frontend, Postgres, Redis},
        container::{PortBinding, Settings},
        health::State,
    },
    hub::Fact,
    stack::hardening,
};

pub const SCENES: &[Scene] = &[
    ("compose_project", || at("store", None)),
    ("compose_service", || at("store", Some(Backend))),
    ("compose_absent_part", || at("store", Some(Frontend))),
    ("compose_other_ended", || {
        let mut model = at("store", None);
        let mut mail = other("mail", "store/mail:2", State::Stopped);
        mail.health.exit_code = Some(3);
        let all = vec![mail, other("worker", "store/api:4", State::Unchecked)];
        model.update(Msg::Fact(Fact::Others(name("store"), all)));
        model
    }),
    ("compose_audit", || then(audited(None), "A")),
    ("compose_audit_of_service", || {
        then(audited(Some(Backend)), "A down down")
    }),
    ("compose_findings", || audited(Some(Backend))),
    ("compose_import", || {
        then(at("store", None), ": i m p o r t enter")
    }),
    ("compose_stop", || then(at("store", None), "s")),
    ("compose_restart", || then(at("store", Some(Backend)), "r")),
    ("compose_removal_refused", || {
        then(at("store", None), ": r e m o v e enter")
    }),
    ("compose_limits_ask", || {
        then(at("store", Some(Backend)), "L tab ctrl-u 6 0 0 m enter")
    }),
    ("compose_not_checked", || at("proxy-2", None)),
];

/// The fleet of the fixture beside two projects of Compose's, with something selected.
pub fn at(project: &str, kind: Option<ServiceKind>) -> Model {
    let mut model = fleet();
    let all = vec![proxy(), store()];
    model.update(Msg::Fact(Fact::Adopted(all)));
    for (kind, state, ms) in [
        (Postgres, State::Healthy, 3),
        (Redis, State::Unchecked, 0),
        (Backend, State::Healthy, 14),
    ] {
        let health = Health {
            checked: (ms > 0).then(|| crate::fixture::at(2)),
            ..health(state, 86_400, ms)
        };
        model.update(Msg::Fact(Fact::Health(id("store", kind), Box::new(health))));
        let limits = Limits {
            memory: cchub::domain::Bytes::mib(512),
            ..Limits::NONE
        };
        let limits = if kind == Backend {
            limits
        } else {
            Limits::NONE
        };
        model.update(Msg::Fact(Fact::Limits(id("store", kind), limits)));
        model.update(Msg::Fact(Fact::Usage(id("store", kind), usage(120, 64))));
    }
    let unchecked = health(State::Unchecked, 3_600, 0);
    let fact = Fact::Health(id("proxy-2", Frontend), Box::new(unchecked));
    model.update(Msg::Fact(fact));
    let mut done = other("migrate", "store/api:4", State::Stopped);
    done.health.exit_code = Some(0);
    let all = vec![done, other("worker", "store/api:4", State::Unchecked)];
    model.update(Msg::Fact(Fact::Others(name("store"), all)));
    select(&mut model, project, kind);
    model
}

/// The same after a look at two of its containers.
pub fn audited(kind: Option<ServiceKind>) -> Model {
    let mut model = at("store", kind);
    for (kind, port) in [(Postgres, "127.0.0.1"), (Backend, "0.0.0.0")] {
        let container = Container {
            settings: lax(port),
            ..Container::default()
        };
        let found = hardening::audit(&container);
        model.update(Msg::Fact(Fact::Findings(id("store", kind), found)));
    }
    model
}

/// As Compose leaves most of what it makes.
pub fn lax(address: &str) -> Settings {
    Settings {
        env: vec!["POSTGRES_PASSWORD=hunter2".to_owned()],
        ports: vec![PortBinding {
            container: 8000,
            address: address.to_owned(),
            host: 28_000,
        }],
        network_mode: "store_default".to_owned(),
        log_driver: "json-file".to_owned(),
        ..Settings::default()
    }
}

pub fn other(service: &str, image: &str, state: State) -> Other {
    Other {
        service: Safe::new(service),
        container: Safe::new(format!("store-{service}-1")),
        image: Safe::new(image),
        ports: Vec::new(),
        health: health(state, 7_200, 0),
        findings: Some(6),
    }
}

/// Three parts are played, of which two publish a port.
fn store() -> Project {
    made(
        "store",
        [Some("db"), Some("cache"), Some("api"), None],
        [Some(25_432), None, Some(28_000), None],
    )
}

/// One part only.
fn proxy() -> Project {
    made("proxy-2", [None, None, None, Some("web")], [None; 4])
}

fn made(word: &str, services: [Option<&str>; 4], ports: [Option<u16>; 4]) -> Project {
    Project {
        number: None,
        ports: PerService(ports),
        limits: PerService::from_fn(|_| Limits::NONE),
        protected: false,
        origin: Origin::Compose(Box::new(Compose {
            name: Safe::new(word),
            files: Safe::new("compose.yaml"),
            services: PerService(services.map(|service| service.map(Safe::new))),
            ..Compose::default()
        })),
        ..project(1, word)
    }
}
