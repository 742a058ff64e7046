//! From what is learnt of a project to entries: a state counts once it has lasted for a moment, and what an operation of
//! ours does to its services is said when that is over.

use super::{Entry, Timeline, What};
use crate::domain::{
    Health, Limits, PerService, ProjectName, ServiceKind, State, Timestamp,
    cause::{blocked_by, exit_meaning},
};
use std::time::Duration;

/// A state that passes sooner is not worth an entry: the end and the start of the process are.
pub const SETTLE: Duration = Duration::from_secs(1);

/// What was noted of one project. `up` is the time since the program began, by a clock that never jumps.
#[derive(Debug, Clone)]
pub struct Notes {
    project: ProjectName,
    health: PerService<Health>,
    /// The state that was noted last.
    told: PerService<Option<State>>,
    /// Since when the state has been what it is.
    since: PerService<Duration>,
    limits: PerService<Option<Limits>>,
}

impl Notes {
    /// Goes on where `timeline` ends.
    #[must_use]
    pub fn new(project: ProjectName, timeline: &Timeline) -> Self {
        Self {
            project,
            health: PerService::from_fn(|_| Health::default()),
            told: PerService::from_fn(|kind| timeline.last_state(kind)),
            since: PerService::from_fn(|_| Duration::ZERO),
            limits: PerService::from_fn(|_| None),
        }
    }

    /// The health of a service is this now.
    pub fn see_health(&mut self, kind: ServiceKind, health: Health, up: Duration) {
        if self.health[kind].state != health.state {
            self.since[kind] = up;
        }
        self.health[kind] = health;
    }

    /// What is known of the four.
    #[must_use]
    pub const fn health(&self) -> &PerService<Health> {
        &self.health
    }

    /// The limits that the engine says are in force.
    pub fn see_limits(
        &mut self,
        kind: ServiceKind,
        limits: Limits,
        now: Timestamp,
    ) -> Option<Entry> {
        let from = self.limits[kind].replace(limits)?;
        let what = What::Limits { from, to: limits };
        (from != limits).then(|| Entry::once(now, what, "").of(&self.project, Some(kind)))
    }

    /// The changes of health that can be noted now. `held` are services that an operation works on.
    pub fn due(
        &mut self,
        held: impl Fn(ServiceKind) -> bool,
        up: Duration,
        now: Timestamp,
    ) -> Vec<Entry> {
        let due =
            |kind: &ServiceKind| self.is_news(*kind) && !held(*kind) && self.due_at(*kind) <= up;
        let kinds: Vec<ServiceKind> = ServiceKind::ALL.into_iter().filter(due).collect();
        kinds.into_iter().map(|kind| self.note(kind, now)).collect()
    }

    /// When the next change can be noted, unless an operation holds it back.
    #[must_use]
    pub fn next_due(&self) -> Option<Duration> {
        let news = ServiceKind::ALL
            .into_iter()
            .filter(|kind| self.is_news(*kind));
        news.map(|kind| self.due_at(kind)).min()
    }

    fn due_at(&self, kind: ServiceKind) -> Duration {
        self.since[kind] + SETTLE
    }

    /// True if there is a state to note. A service on its way is in none, and neither ignorance nor absence says anything of
    /// a service.
    fn is_news(&self, kind: ServiceKind) -> bool {
        match (self.told[kind], self.health[kind].state) {
            (_, State::Starting | State::Unknown | State::Absent) => false,
            (told, state) => told != Some(state),
        }
    }

    fn note(&mut self, kind: ServiceKind, now: Timestamp) -> Entry {
        let health = &self.health[kind];
        let told = self.told[kind].replace(health.state);
        let what = What::Health {
            from: told.unwrap_or_default(),
            to: health.state,
            blocked_by: blocked_by(kind, &self.health),
        };
        // What was so before anybody looked is noted when it was seen.
        let since = health.since.filter(|_| told.is_some());
        let at = since.map_or(now, |since| since.min(now));
        Entry::once(at, what, reason(kind, &self.health)).of(&self.project, Some(kind))
    }
}

/// Why a service is what it is, in a few words; empty where there is nothing to say.
fn reason(kind: ServiceKind, all: &PerService<Health>) -> String {
    let health = &all[kind];
    if let Some(root) = blocked_by(kind, all) {
        return format!("it needs {root}, which is {}", all[root].state.word());
    }
    match health.state {
        State::Degraded if health.failures == 0 => health
            .latency
            .map_or_else(String::new, |l| format!("answers in {} ms", l.as_millis())),
        State::Degraded | State::Unhealthy => health.message.to_string(),
        State::Stopped | State::Restarting | State::CrashLooping => end(health),
        State::Healthy
        | State::Starting
        | State::Missing
        | State::Unchecked
        | State::Absent
        | State::Unknown => String::new(),
    }
}

fn end(health: &Health) -> String {
    let code = health.exit_code.map(|code| match exit_meaning(code) {
        Some(meaning) => format!("exit code {code} ({meaning})"),
        None => format!("exit code {code}"),
    });
    let limit = health
        .limit
        .map_or_else(String::new, |limit| format!(" (limit {limit})"));
    let memory = health
        .oom_killed
        .then(|| format!("the kernel killed it for memory{limit}"));
    let all: Vec<String> = memory.into_iter().chain(code).collect();
    all.join(", ")
}
