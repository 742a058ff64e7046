//! The state machine of one service: sightings of its container and results of its checks become one [`Health`].

use super::{
    Crash, FAILURES_MAX, HISTORY_MAX, Health, State, Tick,
    change::{Change, is_over},
    crash::{ANSWERS_TO_TRUST, Crashes, Flaps},
};
use crate::domain::{Bytes, Container, Phase, Safe, Timestamp};
use std::time::Duration;

/// An out-of-memory event belongs to an end that is noticed at most so long before or after it. Without an end it was
/// a child of the container's process, and says nothing of later ends.
const OOM_MATCH: Duration = Duration::from_secs(10);
/// 128 + SIGKILL: what the kernel's out-of-memory killer leaves.
const KILLED: i64 = 137;

/// The result of one check, from outside or inside the container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// How long the answer (or the failure) took.
    pub latency: Duration,
    /// What it said, or why the service does not count as up.
    pub result: Result<Safe, Safe>,
}

/// Follows the health of one service. Pure: the caller brings the moments.
#[derive(Debug, Clone)]
pub struct Tracker {
    slow: Duration,
    start_timeout: Duration,
    health: Health,
    seen: Seen,
    /// Why nothing is known, while nothing is.
    lost: Option<Safe>,
    run: Run,
    crashes: Crashes,
    /// The last out-of-memory event that no end has claimed.
    oom: Option<Timestamp>,
    /// What the engine said that the process ended with, and when: no look has found that end yet.
    exit: Option<(i64, Timestamp)>,
    /// The highest memory use that was seen of this run.
    peak: Option<Bytes>,
    /// When the engine says that the container last ended.
    finished_at: Option<Timestamp>,
    /// There has been a verdict: from here on `since` is what we saw ourselves.
    told: bool,
}

/// What the engine last said of the container.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// Nothing yet.
    Nothing,
    /// There is none.
    Absent,
    /// There is this one.
    Present { id: String, phase: Phase },
}

/// What is known of one run of the container's process, from start to end.
#[derive(Debug, Clone, Default)]
struct Run {
    /// When it began, by our clock if we saw it begin.
    began: Option<Timestamp>,
    /// It has answered at least once.
    answered: bool,
    /// A check has ended since it began, or since nothing was known.
    checked: bool,
    /// Good checks in a row.
    answers: u32,
    /// It was found unhealthy, and has not been trusted again since.
    sick: bool,
    flaps: Flaps,
    /// Nobody checks it from here: what the engine's own check makes of it.
    by_engine: Option<State>,
}

impl Tracker {
    /// Knows nothing yet. Answers slower than `slow` are degraded; within `start_timeout` of its start a service that
    /// does not answer is starting, not unhealthy.
    #[must_use]
    pub fn new(slow: Duration, start_timeout: Duration) -> Self {
        Self {
            slow,
            start_timeout,
            health: Health::default(),
            seen: Seen::Nothing,
            lost: None,
            run: Run::default(),
            crashes: Crashes::default(),
            oom: None,
            exit: None,
            peak: None,
            finished_at: None,
            told: false,
        }
    }

    /// The verdict so far.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// The engine was asked for the container. `planned`: an operation of ours on it is under way, so its exits and
    /// its absence are no surprise.
    pub fn see_container(&mut self, container: Option<&Container>, planned: bool, now: Timestamp) {
        if self.lost.take().is_some() {
            self.health.message = Safe::default();
        }
        match container {
            None => self.forget_container(),
            Some(container) => self.see_present(container, planned, now),
        }
        self.settle(now);
    }

    /// A check ended. Ignored unless the container runs: a late result says nothing of what came after.
    pub fn see_check(&mut self, check: Check, now: Timestamp) {
        if !matches!(self.phase(), None | Some(Phase::Running)) || self.seen == Seen::Absent {
            return;
        }
        self.lost = None;
        self.health.checked = Some(now);
        self.run.checked = true;
        self.run.by_engine = None;
        match check.result {
            Ok(said) => self.succeed(check.latency, said),
            Err(why) => self.fail(why),
        }
        self.crashes.settle(self.run.answers, now);
        self.settle(now);
    }

    /// It is asked in this way.
    pub fn see_question(&mut self, asked: Safe) {
        self.health.asked = asked;
    }

    /// Nobody checks it from here, and the engine says this of its own check; `None`: it has none either.
    pub fn see_engine_health(&mut self, said: Option<&Safe>, now: Timestamp) {
        if self.phase() != Some(Phase::Running) {
            return;
        }
        let state = match said.map(Safe::as_str) {
            None => State::Unchecked,
            Some("healthy") => State::Healthy,
            Some("unhealthy") => State::Unhealthy,
            Some(_) => State::Starting,
        };
        let text = |word: &Safe| Safe::new(format!("{word}, says the container's own check"));
        self.health.message = said.map(text).unwrap_or_default();
        self.health.checked = said.map(|_| now);
        let peace = if state == State::Healthy {
            ANSWERS_TO_TRUST
        } else {
            0
        };
        self.crashes.settle(peace, now);
        self.run.by_engine = Some(state);
        self.settle(now);
    }

    /// The engine said that the kernel killed a process of the container for memory. That becomes part of the verdict
    /// when the container's own process ended of it; events and inspection may come in either order.
    pub fn see_oom(&mut self, now: Timestamp) {
        if is_near(self.health.ended_at, now) {
            self.blame_memory();
        } else {
            self.oom = Some(now);
        }
    }

    /// The engine said what the container's process ended with. A look at a container that runs again no longer finds
    /// that; events and inspection may come in either order.
    pub fn see_exit(&mut self, code: i64, now: Timestamp) {
        let is_told = is_near(self.health.ended_at, now) && self.health.exit_code.is_none();
        if is_told {
            self.health.exit_code = Some(code);
            self.crashes.tell(code);
            self.settle(now);
        } else {
            self.exit = Some((code, now));
        }
    }

    /// How the container ended again and again before anybody looked, as the engine remembers it, oldest first; `oom`:
    /// the last time for memory.
    pub fn see_past(&mut self, ends: &[Crash], oom: bool, now: Timestamp) {
        self.crashes.precede(ends);
        if let (Some(last), None) = (ends.last(), self.health.ended_at) {
            self.health.ended_at = Some(last.at.min(now));
            self.health.exit_code = last.code;
            self.health.oom_killed = oom;
        }
        self.settle(now);
    }

    /// So much memory was in use at most, as far as anybody looked, since its process started.
    pub fn see_peak(&mut self, peak: Bytes) {
        self.peak = Some(peak);
    }

    /// Nothing is known any more: the engine is out of reach, or the last result is too old. What a running service
    /// answers has to be found out anew; everything else is known again with the next sighting of the container.
    pub fn lose(&mut self, why: Safe, now: Timestamp) {
        self.lost = Some(why);
        self.run.checked = false;
        self.settle(now);
    }

    /// The hub file has other bounds than at [`Self::new`]: they count for what is known already, too.
    pub fn set_bounds(&mut self, slow: Duration, start_timeout: Duration, now: Timestamp) {
        self.slow = slow;
        self.start_timeout = start_timeout;
        self.settle(now);
    }

    /// The container runs from another spec than is wished, or not.
    pub fn set_drift(&mut self, drift: bool) {
        self.health.drift = drift;
    }

    fn phase(&self) -> Option<Phase> {
        match &self.seen {
            Seen::Present { phase, .. } => Some(*phase),
            Seen::Nothing | Seen::Absent => None,
        }
    }

    fn forget_container(&mut self) {
        if self.seen == Seen::Absent {
            return;
        }
        self.seen = Seen::Absent;
        self.forget_run();
        self.health.restarts = 0;
        self.health.exit_code = None;
        self.health.oom_killed = false;
        self.health.started_at = None;
        self.health.asked = Safe::default();
        self.health.ended_at = None;
        self.health.limit = None;
        self.health.peak = None;
        self.peak = None;
        self.exit = None;
        self.oom = None;
        self.crashes = Crashes::default();
    }

    fn forget_run(&mut self) {
        self.run = Run::default();
        self.health.failures = 0;
        self.health.latency = None;
        self.health.message = Safe::default();
    }

    fn see_present(&mut self, container: &Container, planned: bool, now: Timestamp) {
        let first = self.seen == Seen::Nothing;
        if !matches!(&self.seen, Seen::Present { id, .. } if *id == container.id) {
            self.meet(container, first);
        }
        let before = self.phase();
        let change = Change::between(before, &self.health, container);
        if change.ended {
            self.note_end(container, planned, now);
        }
        if planned && change.began {
            // Somebody tries again on purpose: what went before no longer counts against it.
            self.crashes = Crashes::default();
        }
        if !planned {
            self.crashes.add(change.crashes, self.health.exit_code, now);
        }
        if change.began {
            self.begin_run(container, first, now);
        }
        if before == Some(Phase::Paused) {
            self.health.message = Safe::default();
        }
        self.health.restarts = container.restart_count;
        self.health.started_at = container.started_at;
        self.finished_at = container.finished_at;
        self.seen = Seen::Present {
            id: container.id.clone(),
            phase: container.phase,
        };
        self.read_phase(container);
    }

    /// Another container than before, or the first: nothing of the old one holds for it.
    fn meet(&mut self, container: &Container, first: bool) {
        let crashes = std::mem::take(&mut self.crashes);
        if !first {
            self.forget_container();
        }
        // Whoever makes a container anew each time it dies has a crash loop all the same.
        self.crashes = crashes;
        self.health.restarts = container.restart_count;
        self.health.started_at = container.started_at;
    }

    /// The process has ended since the last look: with what, and was it for memory?
    fn note_end(&mut self, container: &Container, planned: bool, now: Timestamp) {
        let before = container.finished_at.filter(|_| !self.told);
        self.health.ended_at = Some(before.map_or(now, |at| at.min(now)));
        self.health.peak = self.peak.take();
        let limit = container.settings.memory;
        self.health.limit = (limit > Bytes(0)).then_some(limit);
        // While it runs again, a look at it no longer says how the last run ended.
        let known = is_over(container.phase);
        let told = self.exit.take().filter(|(_, at)| is_near(Some(*at), now));
        let told = told.map(|(code, _)| code);
        self.health.exit_code = known.then_some(container.exit_code).or(told);
        // The flag outlives the run that it is about, and a stop of ours may end in a kill, too.
        let flagged = known && !planned && container.oom_killed && container.exit_code == KILLED;
        self.health.oom_killed = flagged;
        if is_near(self.oom.take(), now) {
            self.blame_memory();
        }
    }

    fn blame_memory(&mut self) {
        self.oom = None;
        self.health.oom_killed = true;
        self.health.exit_code.get_or_insert(KILLED);
    }

    /// Engines and hosts disagree about the time, so the engine's moment counts only if we did not see the start.
    fn begin_run(&mut self, container: &Container, first: bool, now: Timestamp) {
        // A check may have come before the first sighting: it was of this run.
        if !first {
            self.forget_run();
        }
        let told = container.started_at.filter(|_| first);
        self.run.began = Some(told.map_or(now, |at| at.min(now)));
    }

    /// What the phase alone says.
    fn read_phase(&mut self, container: &Container) {
        match container.phase {
            Phase::Running => {}
            Phase::Paused => self.health.message = "paused".into(),
            Phase::Other => {
                self.health.message = "in a state that this program does not know".into()
            }
            Phase::Created | Phase::Restarting | Phase::Removing | Phase::Exited | Phase::Dead => {
                self.forget_run();
                self.health.message = container.error.clone();
            }
        }
        // A start that failed leaves its exit code on a container that never ran.
        if container.phase == Phase::Created && container.exit_code != 0 {
            self.health.exit_code = Some(container.exit_code);
        }
    }

    fn succeed(&mut self, latency: Duration, said: Safe) {
        self.health.latency = Some(latency);
        self.health.message = said;
        self.health.failures = 0;
        self.run.answered = true;
        self.run.answers = self.run.answers.saturating_add(1);
        self.run.flaps.push(true);
        self.run.sick &= self.run.answers < self.answers_needed();
        let slow = latency > self.slow;
        self.remember(if slow {
            Tick::Slow(latency)
        } else {
            Tick::Ok(latency)
        });
    }

    fn fail(&mut self, why: Safe) {
        self.health.message = why;
        self.health.failures = self.health.failures.saturating_add(1);
        self.run.answers = 0;
        if self.run.answered {
            self.run.flaps.push(false);
            self.run.sick |= self.health.failures >= FAILURES_MAX;
        }
        self.remember(Tick::Failed);
    }

    fn remember(&mut self, tick: Tick) {
        let history = &mut self.health.history;
        if history.len() >= HISTORY_MAX {
            history.pop_front();
        }
        history.push_back(tick);
    }

    fn answers_needed(&self) -> u32 {
        if self.run.flaps.are_many() {
            ANSWERS_TO_TRUST
        } else {
            1
        }
    }

    /// Draws the verdict; `since` moves only with it.
    fn settle(&mut self, now: Timestamp) {
        self.crashes.prune(now);
        self.health.crashes.clone_from(self.crashes.all());
        // The clock was set back: the start timeout begins again instead of lasting for hours.
        self.run.began = self.run.began.map(|began| began.min(now));
        let state = self.verdict(now);
        if let Some(why) = &self.lost {
            self.health.message = why.clone();
        }
        if self.health.state == state {
            return;
        }
        self.health.state = state;
        self.health.since = if self.told {
            Some(now)
        } else {
            self.engines_moment(state, now)
        };
        self.told |= state != State::Unknown;
    }

    /// Since when a state holds that was there before we looked, as far as the engine's times tell.
    fn engines_moment(&self, state: State, now: Timestamp) -> Option<Timestamp> {
        match state {
            State::Starting | State::Healthy | State::Degraded | State::Unchecked => {
                self.health.started_at
            }
            State::Stopped => self.finished_at,
            State::Unhealthy | State::Restarting | State::CrashLooping => Some(now),
            State::Missing | State::Absent | State::Unknown => None,
        }
        .map(|moment| moment.min(now))
    }

    fn verdict(&self, now: Timestamp) -> State {
        if self.lost.is_some() {
            return State::Unknown;
        }
        match &self.seen {
            Seen::Absent => State::Missing,
            Seen::Nothing => self.judge_run(now),
            Seen::Present { phase, .. } => match phase {
                Phase::Running | Phase::Restarting if self.crashes.are_a_loop() => {
                    State::CrashLooping
                }
                Phase::Running => self.judge_run(now),
                Phase::Restarting => State::Restarting,
                Phase::Paused => State::Unhealthy,
                Phase::Created | Phase::Removing | Phase::Exited | Phase::Dead => State::Stopped,
                Phase::Other => State::Unknown,
            },
        }
    }

    /// What the checks say of a process that runs.
    fn judge_run(&self, now: Timestamp) -> State {
        let run = &self.run;
        if let Some(state) = run.by_engine {
            return state;
        }
        if !run.answered {
            return self.judge_start(now);
        }
        if !run.checked {
            return State::Unknown;
        }
        let slow = self
            .health
            .latency
            .is_some_and(|latency| latency > self.slow);
        let missed = self.health.failures > 0;
        match () {
            () if run.sick => State::Unhealthy,
            () if missed || slow || run.answers < self.answers_needed() => State::Degraded,
            () => State::Healthy,
        }
    }

    /// What to say of a process that has not answered yet.
    fn judge_start(&self, now: Timestamp) -> State {
        let within =
            |began: Timestamp| now.duration_since(began).unsigned_abs() < self.start_timeout;
        match self.run.began {
            Some(began) if within(began) => State::Starting,
            _ if self.run.checked => State::Unhealthy,
            _ => State::Unknown,
        }
    }
}

fn is_near(event: Option<Timestamp>, now: Timestamp) -> bool {
    event.is_some_and(|at| now.duration_since(at).unsigned_abs() <= OOM_MATCH)
}
