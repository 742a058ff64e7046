//! Commands inside simulated containers: their own health checks, answered by how the process is.

use super::{Machine, Phase, Readiness, conduct::kind_of, no_container};
use crate::{
    domain::ServiceKind,
    sim::{
        Shell,
        http::{Reply, frame},
    },
};
use serde_json::{Value, json};
use std::time::Duration;

/// Commands that are remembered until somebody asks how they ended.
const EXECS_MAX: usize = 1024;
/// A check of a process that does not answer gives up by itself.
const GIVES_UP: Duration = Duration::from_secs(3);

/// A command that was prepared.
#[derive(Debug)]
pub(super) struct Exec {
    number: usize,
    container: String,
    /// Somebody talks to it.
    shell: Option<Shell>,
}

impl Machine {
    pub(super) fn exec(&mut self, name: &str, wish: &Value) -> Reply {
        let (key, container) = match self.known(name) {
            Ok(known) => known,
            Err(refused) => return refused,
        };
        if container.phase != Phase::Running {
            return Reply::refuse(409, &format!("Container {name} is not running"));
        }
        let is = |key: &str| wish.get(key).and_then(Value::as_bool).unwrap_or_default();
        let argv = wish.get("Cmd").map(Value::to_string).unwrap_or_default();
        let manner = container.manner.subscribe();
        let shell = is("AttachStdin").then(|| Shell::new(&argv, is("Tty"), manner));
        let number = self.execs_made;
        self.execs_made += 1;
        self.execs.push_back(Exec {
            number,
            container: key,
            shell,
        });
        if self.execs.len() > EXECS_MAX {
            self.execs.pop_front();
        }
        Reply::json(201, json!({"Id": format!("e{number}")}).to_string())
    }

    pub(super) fn of_execs(&self, method: &str, words: &[&str]) -> Reply {
        let (id, what) = match words {
            [_, id, what] => (*id, *what),
            _ => ("", ""),
        };
        let Some(exec) = self.prepared(id) else {
            return no_container(id);
        };
        if let Some(shell) = &exec.shell {
            return match (method, what) {
                ("POST", "start") => Reply::Shell(shell.clone()),
                _ => {
                    let (code, running) = (shell.code(), shell.code().is_none());
                    Reply::value(&json!({"ID": id, "Running": running, "ExitCode": code}))
                }
            };
        }
        let container = exec.container.as_str();
        let (code, said) = self.check(container);
        match (method, what) {
            ("POST", "start") => {
                let answer = Reply::Upgraded(frame(1, format!("{said}\n").as_bytes()));
                match self.readiness(container) {
                    Readiness::Silent => Reply::Later(GIVES_UP, Box::new(answer)),
                    _ => answer,
                }
            }
            _ => Reply::value(&json!({"ID": id, "Running": false, "ExitCode": code})),
        }
    }

    fn prepared(&self, exec: &str) -> Option<&Exec> {
        let number: usize = exec.strip_prefix('e')?.parse().ok()?;
        self.execs.iter().find(|exec| exec.number == number)
    }

    fn readiness(&self, container: &str) -> Readiness {
        let found = self.containers.get(container);
        found.map_or(Readiness::Starting, |c| c.manner.borrow().readiness)
    }

    /// Exit code and output of a container's own check.
    fn check(&self, container: &str) -> (i64, &'static str) {
        if self.quirks.sick.contains(container) {
            return (self.quirks.says_no_with.unwrap_or(1), "no");
        }
        let body = self.containers.get(container).map(|c| &c.body);
        let kind = body.and_then(kind_of);
        match self.readiness(container) {
            Readiness::Ready => match kind {
                Some(ServiceKind::Postgres) => (0, "127.0.0.1:5432 - accepting connections"),
                Some(ServiceKind::Backend | ServiceKind::Frontend) => (0, ""),
                _ => (0, "PONG"),
            },
            Readiness::Starting => (1, "connection refused"),
            Readiness::Refusing(why) => (1, why),
            Readiness::Silent => (124, "no answer"),
        }
    }
}
