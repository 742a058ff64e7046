//! What happens by itself as time goes by: processes come up, print, run out of memory, end, and are started again.

use super::{
    Conduct, Machine, Phase, Readiness,
    conduct::{kind_of, project_of},
    lifecycle::since,
};
use crate::{
    domain::{ServiceKind, Timestamp},
    sim::voice::Moment,
};
use std::{collections::BTreeMap, time::Duration};

/// A backend without its database.
const NO_DATABASE: &str = "database unreachable";
/// A backend without its cache.
const NO_CACHE: &str = "cache unreachable";
/// A process that refuses to work.
const OUT_OF_ORDER: &str = "the database system is in recovery mode";
/// Share of its memory limit from which a process complains, in percent.
const TIGHT: u64 = 88;

impl Machine {
    /// Lets the time from `before` to `now` pass for every container. Nothing happens by itself unless the engine is
    /// lively.
    pub fn tick(&mut self, before: Timestamp, now: Timestamp) {
        let now = self.by_its_clock(now);
        let before = self.by_its_clock(before);
        self.now = now;
        if !self.settings.lively {
            return;
        }
        self.befall();
        let names: Vec<String> = self.containers.keys().cloned().collect();
        for name in &names {
            self.start_again(name);
            self.use_resources(name, since(before, now));
            self.suffer(name);
        }
        self.learn_of_each_other(&names);
        for name in &names {
            self.chat(name, since(before, now));
        }
    }

    fn start_again(&mut self, name: &str) {
        let container = self.containers.get(name);
        let due = container
            .and_then(|c| c.again_at)
            .is_some_and(|at| at <= self.now);
        if due {
            self.run(name);
        }
    }

    /// What its conduct does to a process.
    fn suffer(&mut self, name: &str) {
        let Some(c) = self.containers.get(name).filter(|c| c.runs()) else {
            return;
        };
        let limit = c.memory_limit().unwrap_or(u64::MAX);
        let (uses, conduct) = (c.uses, c.conduct);
        let up = c.started.map_or(Duration::ZERO, |at| since(at, self.now));
        if uses > limit {
            self.kill_for_memory(name);
            return;
        }
        if uses > limit / 100 * TIGHT && self.rng.u8(..4) == 0 {
            self.speak(name, Moment::MemoryTight);
        }
        if let Conduct::CrashLoop { after, code } = conduct
            && up >= after
        {
            self.speak(name, Moment::Crash);
            self.end(name, code);
        }
    }

    /// Each process learns whether it is up, and whether those that it needs are.
    fn learn_of_each_other(&mut self, names: &[String]) {
        let mut works = BTreeMap::new();
        for name in names {
            let readiness = self.own_readiness(name);
            if let Some(c) = self.containers.get(name)
                && let (Some(project), Some(kind)) = (project_of(&c.body), kind_of(&c.body))
            {
                let key = (project.to_owned(), kind);
                works.insert(key, readiness == Readiness::Ready);
            }
        }
        for name in names {
            let readiness = self.with_others(name, self.own_readiness(name), &works);
            self.become_ready(name, readiness);
        }
    }

    fn own_readiness(&self, name: &str) -> Readiness {
        let Some(c) = self
            .containers
            .get(name)
            .filter(|c| c.phase == Phase::Running)
        else {
            return Readiness::Starting;
        };
        match c.conduct {
            _ if !self.has_booted(name) => Readiness::Starting,
            // It ends before it is ready.
            Conduct::CrashLoop { .. } => Readiness::Starting,
            Conduct::Refuses => Readiness::Refusing(OUT_OF_ORDER),
            Conduct::Hangs => Readiness::Silent,
            _ => Readiness::Ready,
        }
    }

    fn with_others(
        &self,
        name: &str,
        own: Readiness,
        works: &BTreeMap<(String, ServiceKind), bool>,
    ) -> Readiness {
        let body = self.containers.get(name).map(|c| &c.body);
        let project = body.and_then(project_of).unwrap_or_default();
        let is_backend = body.and_then(kind_of) == Some(ServiceKind::Backend);
        let lacks = |kind| works.get(&(project.to_owned(), kind)) != Some(&true);
        match own {
            Readiness::Ready if is_backend && lacks(ServiceKind::Postgres) => {
                Readiness::Refusing(NO_DATABASE)
            }
            Readiness::Ready if is_backend && lacks(ServiceKind::Redis) => {
                Readiness::Refusing(NO_CACHE)
            }
            own => own,
        }
    }

    /// Takes on `readiness`, and says so where it changed.
    fn become_ready(&mut self, name: &str, readiness: Readiness) {
        let Some(c) = self.containers.get(name) else {
            return;
        };
        let before = c.manner.borrow().readiness;
        let delay = match c.conduct {
            Conduct::Slow { by } => by,
            _ => Duration::ZERO,
        };
        if before != readiness || c.manner.borrow().delay != delay {
            c.manner.send_modify(|manner| {
                manner.readiness = readiness;
                manner.delay = delay;
            });
        }
        let moment = match (before, readiness) {
            (before, after) if before == after => return,
            (Readiness::Starting, Readiness::Ready) => Moment::Ready,
            (Readiness::Refusing(NO_DATABASE), Readiness::Ready) => {
                Moment::Back(ServiceKind::Postgres)
            }
            (Readiness::Refusing(NO_CACHE), Readiness::Ready) => Moment::Back(ServiceKind::Redis),
            (_, Readiness::Refusing(NO_CACHE)) => Moment::Lost(ServiceKind::Redis),
            (_, Readiness::Refusing(NO_DATABASE)) => Moment::Lost(ServiceKind::Postgres),
            _ => return,
        };
        self.speak(name, moment);
    }

    /// Now and then a process prints something.
    fn chat(&mut self, name: &str, span: Duration) {
        let dice = self.rng.u64(..100_000);
        let Some(c) = self.containers.get(name).filter(|c| c.runs()) else {
            return;
        };
        let per_minute = match kind_of(&c.body) {
            Some(ServiceKind::Backend) => 100,
            Some(ServiceKind::Frontend) => 20,
            _ => 8,
        };
        // Chances in 100 000 that it prints in this span.
        let chance = per_minute * u64::try_from(span.as_millis()).unwrap_or_default() * 10 / 6;
        if dice >= chance {
            return;
        }
        let lost = match c.manner.borrow().readiness {
            Readiness::Refusing(NO_DATABASE) => Some(ServiceKind::Postgres),
            Readiness::Refusing(NO_CACHE) => Some(ServiceKind::Redis),
            Readiness::Starting | Readiness::Silent => return,
            _ => None,
        };
        let moment = match (lost, c.conduct) {
            (Some(kind), _) => Moment::Lost(kind),
            (None, Conduct::Slow { .. }) => Moment::Slow,
            (None, _) => Moment::Ordinary,
        };
        self.speak(name, moment);
    }
}
