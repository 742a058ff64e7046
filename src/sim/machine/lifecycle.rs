//! Start, stop, restart and the end of a simulated process.

use super::{
    Machine, Phase, Readiness,
    conduct::{boot_time, kind_of},
    no_container,
};
use crate::{
    domain::Timestamp,
    sim::{http::Reply, voice::Moment},
};
use std::time::Duration;

/// How long the engine waits before the first restart; doubled each time
/// (<https://docs.docker.com/engine/containers/start-containers-automatically/>).
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause between two restarts.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// After so long in good order the pause begins anew.
const GOOD_ORDER: Duration = Duration::from_secs(10);
/// A lively process takes this long to end.
const STOPPING: Duration = Duration::from_millis(250);
/// Exit code of a process that the kernel killed.
pub(super) const KILLED: i64 = 137;

impl Machine {
    pub(super) fn start(&mut self, name: &str) -> Reply {
        match self.key(name) {
            None => no_container(name),
            Some(key) if self.runs(&key) => Reply::json(304, ""),
            Some(key) => self.port_conflict(&key).unwrap_or_else(|| self.begin(&key)),
        }
    }

    /// What the engine says if another container that runs publishes one of its ports.
    fn port_conflict(&self, key: &str) -> Option<Reply> {
        let wanted = self.containers.get(key)?.published();
        let others = self.containers.values().filter(|c| c.runs());
        let mut taken = others.flat_map(super::Container::published);
        let (address, port) = taken.find(|port| wanted.contains(port))?;
        Some(Reply::refuse(
            500,
            &format!(
                "driver failed programming external connectivity on endpoint {key}: Bind for {address}:{port} failed: port is already allocated"
            ),
        ))
    }

    pub(super) fn stop(&mut self, name: &str) -> Reply {
        let Some(key) = self.key(name) else {
            return no_container(name);
        };
        if let Some(container) = self.containers.get_mut(&key) {
            container.stopped = true;
            container.again_at = None;
        }
        if !self.runs(&key) {
            self.set_phase(&key, Phase::Exited);
            return Reply::json(304, "");
        }
        self.speak(&key, Moment::Stop);
        self.end(&key, 0);
        self.tell(&key, "stop");
        self.after_a_moment(Reply::json(204, ""))
    }

    pub(super) fn restart(&mut self, name: &str) -> Reply {
        let Some(key) = self.key(name) else {
            return no_container(name);
        };
        if self.runs(&key) {
            self.speak(&key, Moment::Stop);
            self.end(&key, 0);
        }
        let reply = self.begin(&key);
        self.after_a_moment(reply)
    }

    fn after_a_moment(&self, reply: Reply) -> Reply {
        match self.settings.lively {
            true => Reply::Later(STOPPING, Box::new(reply)),
            false => reply,
        }
    }

    fn runs(&self, key: &str) -> bool {
        self.containers.get(key).is_some_and(super::Container::runs)
    }

    fn set_phase(&mut self, key: &str, phase: Phase) {
        if let Some(container) = self.containers.get_mut(key)
            && container.phase != Phase::Created
        {
            container.phase = phase;
        }
    }

    /// Starts a container because somebody wants it; one that dies does so at once.
    pub fn begin(&mut self, name: &str) -> Reply {
        if let Some(container) = self.containers.get_mut(name) {
            container.stopped = false;
            container.restarts = 0;
            container.pause = FIRST_PAUSE;
            if container.conduct.passes_with_a_restart() {
                container.conduct = super::Conduct::Well;
            }
        }
        self.run(name);
        if let Some(code) = self.quirks.dies.get(name).copied() {
            self.end(name, code);
        }
        Reply::json(204, "")
    }

    pub(super) fn run(&mut self, name: &str) {
        let now = self.now;
        let lively = self.settings.lively;
        if let Some(container) = self.containers.get_mut(name) {
            container.phase = Phase::Running;
            container.count_anew(now);
            container.again_at = None;
            container.oom = false;
            container.log.send_modify(|tape| tape.ended = false);
            let readiness = match lively {
                true => Readiness::Starting,
                false => Readiness::Ready,
            };
            container
                .manner
                .send_modify(|manner| manner.readiness = readiness);
        }
        self.tell(name, "start");
        self.speak(name, Moment::Boot);
    }

    /// Ends a container's process.
    pub fn end(&mut self, name: &str, code: i64) -> Reply {
        let now = self.now;
        let lively = self.settings.lively;
        if let Some(container) = self.containers.get_mut(name) {
            let lived = container
                .started
                .map_or(Duration::ZERO, |at| since(at, now));
            if lived > GOOD_ORDER {
                container.pause = FIRST_PAUSE;
            }
            container.phase = Phase::Exited;
            container.exit_code = code;
            container.finished = Some(now);
            if lively && !container.stopped && code != 0 {
                container.phase = Phase::Restarting;
                // A real engine counts at the end, too: with the next start the count stays what it is.
                container.restarts += 1;
                container.again_at = Some(now + container.pause);
                container.pause = (container.pause * 2).min(LONGEST_PAUSE);
            }
            container.log.send_modify(|tape| tape.ended = true);
            container
                .manner
                .send_modify(|manner| manner.readiness = Readiness::Starting);
        }
        self.tell(name, "die");
        Reply::json(204, "")
    }

    /// Somebody kills it: the engine does not start it again.
    pub fn kill(&mut self, name: &str) {
        if let Some(container) = self.containers.get_mut(name) {
            container.stopped = true;
            container.again_at = None;
        }
        self.tell(name, "kill");
        self.end(name, KILLED);
    }

    /// The kernel kills it for memory.
    pub fn kill_for_memory(&mut self, name: &str) {
        if let Some(container) = self.containers.get_mut(name) {
            container.oom = true;
        }
        self.tell(name, "oom");
        self.end(name, KILLED);
    }

    /// True once a process has had the time that it takes to start.
    pub(super) fn has_booted(&self, key: &str) -> bool {
        let Some(container) = self.containers.get(key) else {
            return false;
        };
        let up = container
            .started
            .map_or(Duration::ZERO, |at| since(at, self.now));
        up >= boot_time(kind_of(&container.body))
    }
}

/// Time from `at` to `now`; zero if the clock was set back.
pub(super) fn since(at: Timestamp, now: Timestamp) -> Duration {
    now.duration_since(at).try_into().unwrap_or_default()
}
