//! What speaks for a verdict: the facts under the sentence, one a line, the same on the screen and on the command line.

use super::{
    blocked_by, exit_meaning,
    sentence::{codes, numbers_of_kill, root_reason, why},
};
use crate::domain::{
    Health, PerService, ServiceKind, State, Timestamp, Verdict,
    health::Tick,
    log::LastWord,
    units::long_age,
    verdict::{Course, verdict},
};
use serde::Serialize;

/// How much a fact weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// As it should be, or neither here nor there.
    Plain,
    /// Deserves a look.
    Warn,
    /// Wrong.
    Bad,
    /// Background.
    Dim,
    /// A line of its log.
    Log,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// What it is about, in one or two words.
    pub about: &'static str,
    /// What it says, in one line.
    pub says: String,
    /// How much it weighs.
    pub weight: Weight,
}

fn fact(about: &'static str, says: impl Into<String>, weight: Weight) -> Evidence {
    Evidence {
        about,
        says: says.into(),
        weight,
    }
}

/// One service among its siblings, at a moment.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The service.
    pub kind: ServiceKind,
    /// The health of all four.
    pub health: &'a PerService<Health>,
    /// Where an operation of ours takes the project.
    pub course: Course,
    /// What it said last, oldest first; shown of who is not well.
    pub last_words: &'a [LastWord],
    /// The moment.
    pub now: Timestamp,
}

impl Case<'_> {
    fn own(&self) -> &Health {
        &self.health[self.kind]
    }

    pub(super) fn verdict_of(&self, kind: ServiceKind) -> Verdict {
        verdict(kind, self.health, self.course)
    }

    fn ago(&self, at: Timestamp) -> String {
        long_age(at, self.now)
    }

    /// The answer in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        if self.verdict_of(self.kind) == Verdict::Unseen {
            return "Nothing is known yet.".to_owned();
        }
        why(self.kind, self.health, self.now) + "."
    }

    /// Who suffers because of it, in one sentence.
    #[must_use]
    pub fn victims(&self) -> Option<String> {
        let ill = self.verdict_of(self.kind).is_problem() || self.own().state == State::Starting;
        let waits = |other: &&ServiceKind| self.verdict_of(**other) == Verdict::Blocked;
        let waiting = self.kind.dependants().iter().filter(waits);
        let waiting: Vec<&str> = waiting.map(|other| other.as_str()).collect();
        let verb = if waiting.len() == 1 { "waits" } else { "wait" };
        (ill && !waiting.is_empty()).then(|| format!("{} {verb} for it.", waiting.join(" and ")))
    }

    /// All facts, most telling first.
    #[must_use]
    pub fn evidence(&self) -> Vec<Evidence> {
        let own = [
            self.state(),
            self.check(),
            self.past_checks(),
            self.last_exit(),
            self.memory(),
            self.ends(),
            self.restarts(),
        ];
        let own = own.into_iter().flatten();
        own.chain(self.needs()).chain(self.log()).collect()
    }

    fn log(&self) -> impl Iterator<Item = Evidence> {
        let is_ill = self.own().is_problem();
        let said = self.last_words.iter().filter(move |_| is_ill);
        said.map(|word| {
            let text = format!("{} ago: {}", self.ago(word.at), word.text);
            fact("log", text, Weight::Log)
        })
    }

    fn state(&self) -> Option<Evidence> {
        let health = self.own();
        let since = health.since.map(|at| format!(" for {}", self.ago(at)));
        let up = health.started_at.filter(|_| health.state.is_up());
        let up = up.map(|at| format!(", up {}", self.ago(at)));
        let [since, up] = [since, up].map(Option::unwrap_or_default);
        let text = format!("{}{since}{up}", health.state.word());
        Some(fact("state", text, Weight::Plain))
    }

    /// The last check: what was asked, what was answered, when.
    fn check(&self) -> Option<Evidence> {
        let health = self.own();
        let at = health.checked.filter(|_| health.state.is_up())?;
        let answer = match (health.failures, health.latency) {
            (0, Some(took)) => format!("answered in {} ms", took.as_millis()),
            (0, None) if health.message.is_empty() => "no answer since it started".to_owned(),
            (0, None) => health.message.to_string(),
            (1, _) => format!("failed: {}", health.message),
            (many, _) => format!("failed {many} in a row: {}", health.message),
        };
        let asked = match health.asked.as_str() {
            "" => String::new(),
            asked => format!("{asked} "),
        };
        let weight = if health.failures == 0 {
            Weight::Plain
        } else {
            Weight::Bad
        };
        let text = format!("{asked}{answer}, {} ago", self.ago(at));
        Some(fact("check", text, weight))
    }

    /// What the strip in the cell shows, in numbers.
    fn past_checks(&self) -> Option<Evidence> {
        let health = self.own();
        let count = |wanted: fn(&Tick) -> bool| health.history.iter().filter(|t| wanted(t)).count();
        let failed = count(|tick| *tick == Tick::Failed);
        let slow = count(|tick| matches!(tick, Tick::Slow(_)));
        if failed + slow == 0 {
            return None;
        }
        let flaps = match health.flaps() {
            0 => String::new(),
            1 => ", changed once".to_owned(),
            many => format!(", changed {many} times between good and failed"),
        };
        let weight = if health.flaps() > 1 {
            Weight::Warn
        } else {
            Weight::Plain
        };
        let all = health.history.len();
        let text = format!("{failed} of the last {all} failed, {slow} slow{flaps}");
        Some(fact("checks", text, weight))
    }

    fn last_exit(&self) -> Option<Evidence> {
        let health = self.own();
        let code = health.exit_code?;
        let meaning = match exit_meaning(code) {
            _ if health.oom_killed => "killed by the kernel: out of memory",
            Some(meaning) => meaning,
            None => "ended with an error",
        };
        let ago = health.ended_at.map(|at| format!(", {} ago", self.ago(at)));
        let weight = if code == 0 {
            Weight::Plain
        } else {
            Weight::Warn
        };
        let text = format!("{code}: {meaning}{}", ago.unwrap_or_default());
        Some(fact("last exit", text, weight))
    }

    /// What the kernel killed it at.
    fn memory(&self) -> Option<Evidence> {
        let health = self.own();
        let numbers = numbers_of_kill(health).filter(|_| health.oom_killed)?;
        Some(fact("memory", numbers + " when it was killed", Weight::Bad))
    }

    /// The unexpected ends of the last minutes, with what they ended with.
    fn ends(&self) -> Option<Evidence> {
        let crashes = &self.own().crashes;
        let first = crashes.front().filter(|_| crashes.len() > 1)?;
        let within = self.ago(first.at);
        let text = format!("{} times within {within}{}", crashes.len(), codes(crashes));
        Some(fact("ended", text, Weight::Bad))
    }

    fn restarts(&self) -> Option<Evidence> {
        let text = match self.own().restarts {
            0 => return None,
            1 => "once by the engine".to_owned(),
            many => format!("{many} times by the engine"),
        };
        Some(fact("restarted", text, Weight::Plain))
    }

    /// What it depends on, and how that is.
    fn needs(&self) -> Vec<Evidence> {
        let root = blocked_by(self.kind, self.health);
        let mut needs = self.kind.needs().to_vec();
        if let Some(root) = root.filter(|root| !needs.contains(root)) {
            needs.push(root);
        }
        let of = |need: ServiceKind| {
            let health = &self.health[need];
            let since = health.since.map(|at| format!(" for {}", self.ago(at)));
            let reason = match health.oom_killed && !health.serves() {
                true => format!(", {}", root_reason(health, self.now)),
                false => String::new(),
            };
            let said = match health.message.as_str() {
                message if !health.serves() && !message.is_empty() => format!(": {message}"),
                _ => String::new(),
            };
            let since = since.unwrap_or_default();
            let text = format!("{need} is {}{since}{reason}{said}", health.state.word());
            let weight = match self.verdict_of(need) {
                Verdict::Down | Verdict::Loop => Weight::Bad,
                Verdict::Slow | Verdict::Blocked | Verdict::Starting => Weight::Warn,
                _ => Weight::Dim,
            };
            fact("needs", text, weight)
        };
        let is_part = |need: &ServiceKind| self.health[*need].state != State::Absent;
        needs.into_iter().filter(is_part).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{Bytes, health::Crash};
    use ServiceKind::{Backend, Frontend, Postgres, Redis};
    use std::time::Duration;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn healthy() -> PerService<Health> {
        PerService::from_fn(|_| Health {
            state: State::Healthy,
            since: Some(at(0)),
            ..Health::default()
        })
    }

    fn case(kind: ServiceKind, health: &PerService<Health>) -> Case<'_> {
        Case {
            kind,
            health,
            course: Course::None,
            last_words: &[],
            now: at(1_000),
        }
    }

    /// The facts as `about: says`.
    fn facts(kind: ServiceKind, health: &PerService<Health>) -> Vec<String> {
        let facts = case(kind, health).evidence().into_iter();
        facts
            .map(|fact| format!("{}: {}", fact.about, fact.says))
            .collect()
    }

    fn failing(health: &mut Health) {
        health.state = State::Unhealthy;
        health.since = Some(at(808));
        health.checked = Some(at(998));
        health.started_at = Some(at(400));
        health.asked = "GET http://127.0.0.1:8010/health".into();
        health.message = "HTTP 503".into();
        health.failures = 37;
    }

    #[test]
    fn a_failing_check_says_what_was_asked_what_was_answered_when_and_how_often() {
        let mut all = healthy();
        failing(&mut all[Backend]);
        let found = facts(Backend, &all);
        assert_eq!(found[0], "state: unhealthy for 3m12s, up 10m00s");
        assert_eq!(
            found[1],
            "check: GET http://127.0.0.1:8010/health failed 37 in a row: HTTP 503, 2s ago"
        );
        all[Backend].failures = 0;
        all[Backend].latency = Some(Duration::from_millis(7));
        assert!(facts(Backend, &all)[1].ends_with("/health answered in 7 ms, 2s ago"));
    }

    #[test]
    fn a_kill_for_memory_tells_when_at_which_limit_and_how_much_was_seen() {
        let mut all = healthy();
        let killed = &mut all[Postgres];
        killed.state = State::Restarting;
        killed.since = Some(at(995));
        killed.oom_killed = true;
        killed.exit_code = Some(137);
        killed.ended_at = Some(at(990));
        killed.limit = Some(Bytes::mib(256));
        killed.peak = Some(Bytes::mib(255));
        killed.restarts = 4;
        assert_eq!(
            facts(Postgres, &all),
            [
                "state: restarting for 5s",
                "last exit: 137: killed by the kernel: out of memory, 10s ago",
                "memory: limit 256 MB, peak 255 MB when it was killed",
                "restarted: 4 times by the engine",
            ]
        );
        // Without a kill the limit of the last end is no news.
        all[Postgres].oom_killed = false;
        assert!(
            !facts(Postgres, &all)
                .iter()
                .any(|fact| fact.starts_with("memory"))
        );
    }

    #[test]
    fn several_ends_are_counted_with_their_codes() {
        let mut all = healthy();
        all[Redis].state = State::CrashLooping;
        let crash = |(second, code)| Crash {
            at: at(second),
            code: Some(code),
        };
        all[Redis].crashes = [(880, 1), (930, 1), (990, 7)].map(crash).into();
        let ended = "ended: 3 times within 2m00s, with exit codes 1 (2 times), 7 (once)";
        assert!(facts(Redis, &all).contains(&ended.to_owned()));
        all[Redis].crashes.truncate(1);
        assert!(
            !facts(Redis, &all)
                .iter()
                .any(|fact| fact.starts_with("ended"))
        );
    }

    #[test]
    fn the_strip_of_checks_is_told_in_numbers_with_its_flaps() {
        let (ok, slow) = (
            Tick::Ok(Duration::from_millis(3)),
            Tick::Slow(Duration::from_secs(2)),
        );
        let mut all = healthy();
        let told = |all: &PerService<Health>| {
            let facts = case(Redis, all).evidence().into_iter();
            facts
                .filter(|fact| fact.about == "checks")
                .map(|fact| fact.says)
                .next()
        };
        for (ticks, expected) in [
            (vec![ok; 5], None),
            (vec![ok, slow, ok], Some("0 of the last 3 failed, 1 slow")),
            (
                vec![ok, Tick::Failed, Tick::Failed],
                Some("2 of the last 3 failed, 0 slow, changed once"),
            ),
            (
                vec![ok, Tick::Failed, slow, Tick::Failed],
                Some("2 of the last 4 failed, 1 slow, changed 3 times between good and failed"),
            ),
        ] {
            all[Redis].history = ticks.into();
            assert_eq!(told(&all).as_deref(), expected);
        }
    }

    #[test]
    fn what_it_needs_is_named_with_its_own_reason_down_to_the_root() {
        let mut all = healthy();
        all[Postgres].state = State::Stopped;
        all[Postgres].since = Some(at(940));
        all[Postgres].oom_killed = true;
        all[Postgres].exit_code = Some(137);
        all[Postgres].ended_at = Some(at(940));
        all[Postgres].limit = Some(Bytes::mib(256));
        failing(&mut all[Backend]);
        failing(&mut all[Frontend]);
        let needs = |kind| {
            let facts = case(kind, &all).evidence().into_iter();
            let needs = facts.filter(|fact| fact.about == "needs");
            needs
                .map(|fact| (fact.says, fact.weight))
                .collect::<Vec<_>>()
        };
        let killed = "postgres is stopped for 1m00s, was killed for memory 1m ago (limit 256 MB)";
        assert_eq!(
            needs(Backend),
            [
                (killed.to_owned(), Weight::Bad),
                ("redis is healthy for 16m40s".to_owned(), Weight::Dim),
            ]
        );
        assert_eq!(
            needs(Frontend),
            [
                (
                    "backend is unhealthy for 3m12s: HTTP 503".to_owned(),
                    Weight::Warn
                ),
                (killed.to_owned(), Weight::Bad),
            ]
        );
    }

    #[test]
    fn what_the_sick_said_last_comes_last_and_the_well_have_said_nothing() {
        let mut all = healthy();
        let said = [LastWord {
            at: at(995),
            text: "FATAL: out of disk".into(),
        }];
        let last = |all: &PerService<Health>| {
            let case = Case {
                last_words: &said,
                ..case(Postgres, all)
            };
            case.evidence().pop().map(|fact| (fact.about, fact.says))
        };
        assert_eq!(last(&all).unwrap().0, "state");
        failing(&mut all[Postgres]);
        let line = "5s ago: FATAL: out of disk".to_owned();
        assert_eq!(last(&all), Some(("log", line)));
    }

    #[test]
    fn who_waits_for_it_is_named_and_nobody_where_nobody_waits() {
        let mut all = healthy();
        assert_eq!(case(Postgres, &all).victims(), None);
        failing(&mut all[Postgres]);
        failing(&mut all[Backend]);
        let victims = |all: &PerService<Health>, kind| case(kind, all).victims();
        assert_eq!(victims(&all, Postgres).unwrap(), "backend waits for it.");
        failing(&mut all[Frontend]);
        assert_eq!(
            victims(&all, Postgres).unwrap(),
            "backend and frontend wait for it."
        );
        assert_eq!(victims(&all, Frontend), None);
    }
}
