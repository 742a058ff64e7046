//! The simulated engine as the tests of the hub use it: nothing happens by itself, and every request is remembered.

use cchub::{
    domain::{LogStream, Timestamp},
    engine::{Endpoint, Engine},
    sim::{Asked, How, Machine, Reply, Settings, Sim, Spoken},
};
use std::{sync::MutexGuard, time::Duration};

/// An engine on a socket in a folder of its own.
#[derive(Debug)]
pub struct HubEngine {
    /// Dropped before its folder.
    sim: Sim,
    _folder: tempfile::TempDir,
}

impl HubEngine {
    /// An empty engine.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("docker.sock");
        let machine = Machine::new(Settings::default());
        Self {
            sim: Sim::start(&socket, machine, usize::MAX).expect("a socket"),
            _folder: folder,
        }
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint::Unix(self.sim.server.path().to_owned())
    }

    /// A client that has reached it.
    pub async fn engine(&self) -> Engine {
        Engine::connect(&self.endpoint()).await.expect("it answers")
    }

    /// What it remembers, to look at or to change at this moment.
    pub fn model(&self) -> MutexGuard<'_, Machine> {
        let mut model = self.sim.machine();
        let now = Timestamp::now();
        model.tick(now, now);
        model
    }

    /// The next `times` requests that match are answered with `reply`, and nothing happens. `pattern` is the beginning
    /// of the request line, or its beginning and its end with a `*` in between; the query does not count.
    pub fn spoil(&self, pattern: &str, times: usize, reply: Reply) {
        self.sim.server.fault(pattern, times, How::Instead(reply));
    }

    /// The next `times` requests that match have their effect, and then `reply` is answered.
    pub fn lose(&self, pattern: &str, times: usize, reply: Reply) {
        self.sim.server.fault(pattern, times, How::After(reply));
    }

    /// The next `times` requests that match take a while.
    pub fn slow(&self, pattern: &str, times: usize, by: Duration) {
        self.sim.server.fault(pattern, times, How::Late(by));
    }

    /// Nothing is spoiled any more.
    pub fn heal(&self) {
        self.sim.server.heal();
    }

    /// How many requests so far match.
    pub fn count(&self, pattern: &str) -> usize {
        self.sim.server.count(pattern)
    }

    /// All requests so far, as they came.
    pub fn requests(&self) -> Vec<Asked> {
        self.sim.server.asked("")
    }

    /// All requests so far that match, without their queries.
    pub fn asked(&self, pattern: &str) -> Vec<String> {
        let all = self.sim.server.asked(pattern);
        all.iter().map(|asked| asked.target().to_owned()).collect()
    }

    /// How many endless answers the client has closed.
    pub fn closed(&self) -> usize {
        self.sim.server.closed()
    }

    /// The changes so far, in order, without queries, reads, pings and checks.
    pub fn changes(&self) -> Vec<String> {
        let all = self.requests().into_iter();
        let changes = all.filter(|asked| !asked.is("GET") && !asked.target().contains("exec"));
        changes
            .map(|asked| match asked.query("name") {
                Some(name) => format!("{} {name}", asked.target()),
                None => asked.target().to_owned(),
            })
            .collect()
    }

    /// Adds a line to a container's log, as of second `n`.
    pub fn print(&self, name: &str, n: u32, text: &str) {
        self.model().containers[name].print(&line_of(n, text));
    }

    /// Somebody else changes a limit.
    pub fn change_pids(&self, name: &str, pids: u32) {
        let mut model = self.model();
        let container = model.containers.get_mut(name).expect("a container");
        container.body["HostConfig"]["PidsLimit"] = pids.into();
        model.tell(name, "update");
    }
}

/// A line that was printed in second `n` of a certain minute.
pub fn line_of(n: u32, text: &str) -> Spoken {
    Spoken {
        at: crate::fake_engine::stamp(n)
            .trim_end()
            .parse()
            .expect("a stamp"),
        stream: LogStream::Out,
        text: text.to_owned(),
    }
}
