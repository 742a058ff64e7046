//! The same faults in front of the real engine: real containers, real log streams, and a wire that cannot be trusted.

use crate::support::{block_on, require_engine, sandbox::Sandbox};
use cchub::{
    domain::{ServiceId, ServiceKind, log::Window},
    engine::{Endpoint, Engine, EngineError, LogQuery},
    hub::{Follow, FollowId, LogEvent, Timing, containers::Containers, stream},
    sim::{Garble, How, Reply, Server},
};
use futures_util::StreamExt;
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);
/// Requests that are remembered.
const REMEMBERED: usize = 100_000;
/// Lines that are compared.
const TAIL: u32 = 1000;

/// A proxy in front of the machine's engine.
struct Wire {
    folder: TempDir,
    proxy: Server,
}

impl Wire {
    async fn new() -> Self {
        let engine = require_engine().await;
        let Endpoint::Unix(real) = engine.endpoint().clone() else {
            panic!("the proxy speaks to a socket, and DOCKER_HOST names none");
        };
        let folder = tempfile::tempdir().unwrap();
        let proxy = Server::proxy(&folder.path().join("proxy.sock"), REMEMBERED, &real).unwrap();
        Self { folder, proxy }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("proxy.sock")
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Unix(self.socket())
    }

    /// Runs the program against the proxy; gives its exit code and what it said.
    async fn run(&self, sandbox: &Sandbox, args: &[&str]) -> (i32, String) {
        let host = format!("unix://{}", self.socket().display());
        let mut command: tokio::process::Command = sandbox.command(args).into();
        let output = command.env("DOCKER_HOST", host).output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code().unwrap_or(-1), said)
    }
}

/// Ids by name of the sandbox's containers.
async fn containers(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let all = require_engine().await.list().await.unwrap();
    let ours = all.into_iter().filter(|c| {
        c.project
            .as_ref()
            .is_some_and(|p| p.as_str() == sandbox.project)
    });
    ours.map(|c| (c.name.to_string(), c.id)).collect()
}

#[test]
fn p18_a_real_start_whose_every_answer_is_lost_makes_each_thing_once() {
    block_on(async {
        let sandbox = Sandbox::new();
        let wire = Wire::new().await;
        for (pattern, times) in [
            ("POST /networks/create", 1),
            ("POST /volumes/create", 3),
            ("POST /containers/create", 1),
            ("POST /containers/*/start", 2),
        ] {
            wire.proxy.fault(pattern, times, How::After(Reply::HangUp));
        }
        let (code, said) = wire.run(&sandbox, &["start", &sandbox.project]).await;
        assert_eq!(code, 0, "{said}");
        assert_eq!(containers(&sandbox).await.len(), 4);
        assert_eq!(wire.proxy.count("POST /networks/create"), 1);
        // Four services, and helpers that fill the secrets volumes: none was made twice.
        let made = wire.proxy.count("POST /containers/create");
        let removed = wire.proxy.count("DELETE /containers/");
        assert_eq!(made - removed, 4, "{made} made, {removed} removed");
        let (code, said) = wire.run(&sandbox, &["stop", &sandbox.project]).await;
        assert_eq!(code, 0, "{said}");
        assert!(containers(&sandbox).await.is_empty());
    });
}

#[test]
fn p06_a_real_log_stream_that_is_cut_at_many_places_shows_each_line_once() {
    block_on(async {
        let sandbox = Sandbox::new();
        let wire = Wire::new().await;
        sandbox.run(&["start", &sandbox.project]).expect(0);
        for _ in 0..40 {
            sandbox.get(ServiceKind::Backend, "/health");
        }
        let direct = require_engine().await;
        let name = sandbox.container(ServiceKind::Postgres);
        let query = LogQuery {
            tail: Some(TAIL),
            ..LogQuery::default()
        };
        let lines = direct.logs(&name, query);
        let truth: Vec<_> = lines
            .map(|line| line.unwrap().text.as_str().to_owned())
            .collect()
            .await;
        assert!(truth.len() > 10, "{truth:?}");
        // Headers of the answer have some 200 bytes; from there on through the first lines.
        for at in (150..1200).step_by(35) {
            wire.proxy.fault("GET /containers/*/logs", 1, How::Cut(at));
        }
        let follow = Follow {
            id: FollowId(1),
            services: vec![ServiceId::new(
                &sandbox.project.parse().unwrap(),
                ServiceKind::Postgres,
            )],
            window: Window::Tail(TAIL),
        };
        let timing = Timing {
            reconnect_first: Duration::from_millis(20),
            reconnect_longest: Duration::from_millis(50),
            ..Timing::default()
        };
        let mut streams = stream::open(
            wire.endpoint(),
            timing,
            &follow,
            sandbox.folder(),
            Containers::default(),
        );
        let mut seen = Vec::new();
        while seen.len() < truth.len() {
            let batch = tokio::time::timeout(PATIENCE, streams.logs.recv()).await;
            let batch =
                batch.unwrap_or_else(|_| panic!("{} of {}: {seen:?}", seen.len(), truth.len()));
            for event in batch.expect("the stream goes on").events {
                if let LogEvent::Line(line) = event {
                    seen.push(line.text.as_str().to_owned());
                }
            }
        }
        assert_eq!(seen, truth);
        assert!(wire.proxy.count("GET /containers/*/logs") > 5);
    });
}

#[test]
fn p08_what_a_real_engine_says_may_be_garbled_cut_or_missing_and_is_an_error_not_a_crash() {
    block_on(async {
        let sandbox = Sandbox::new();
        let wire = Wire::new().await;
        sandbox.run(&["start", &sandbox.project]).expect(0);
        let engine = Engine::connect(&wire.endpoint()).await.unwrap();
        let name = sandbox.container(ServiceKind::Redis);
        for garble in [Garble::WrongTypes, Garble::Nulls] {
            wire.proxy
                .fault("GET /containers/*/json", 1, How::Garbled(garble));
            let found = engine.inspect(&name).await;
            assert!(
                matches!(found, Err(EngineError::Malformed { .. })),
                "{found:?}"
            );
            wire.proxy
                .fault("GET /containers/json", 1, How::Garbled(garble));
            let rows = engine.list().await.unwrap_or_default();
            assert!(rows.iter().all(|row| row.name.as_str() != name), "{rows:?}");
        }
        for at in [0, 1, 100, 1000] {
            wire.proxy
                .fault("GET /containers/*/json", 1, How::Truncated(at));
            assert!(engine.inspect(&name).await.is_err(), "truncated at {at}");
        }
        wire.proxy.fault("GET /containers/*/json", 1, How::HeadOnly);
        let silent = engine.inspect(&name).await;
        assert!(
            matches!(silent, Err(EngineError::TimedOut { .. })),
            "{silent:?}"
        );
        let found = engine.inspect(&name).await.unwrap().expect("it is there");
        assert_eq!(found.name.as_str(), name);
    });
}

#[test]
fn p14_two_programs_on_a_real_engine_through_a_wire_that_loses_answers_make_four_containers() {
    block_on(async {
        let sandbox = Sandbox::new();
        let wire = Wire::new().await;
        wire.proxy
            .fault("POST /containers/create", 3, How::After(Reply::HangUp));
        let start = ["start", sandbox.project.as_str()];
        let (one, two) = tokio::join!(wire.run(&sandbox, &start), wire.run(&sandbox, &start));
        assert_eq!((one.0, two.0), (0, 0), "{}\n{}", one.1, two.1);
        assert_eq!(containers(&sandbox).await.len(), 4);
    });
}
