//! One service as the refresh sees it: what it is, its tracker, and what is due when. No I/O.

use super::{
    refresh::{RESYNC, Words},
    subject::{Means, Subject},
};
use crate::{
    cgroup::Place,
    config::HealthSettings,
    domain::{
        Container, Health, Phase, Sample, State, Timestamp, Usage,
        health::{Check, Tracker},
        usage::Peaks,
    },
};
use std::time::Duration;
use tokio::time::Instant;

/// Exec checks cost the engine some 50 ms of CPU each and leak a little in old ones: no more often than this.
const EXEC_INTERVAL_MIN: Duration = Duration::from_secs(30);
/// A service that has just started is looked at this often, if that costs no process.
const STARTING_INTERVAL: Duration = Duration::from_secs(1);
/// Its answer may be the old one for a moment after what it needs went away or came back: it is asked so often until it is
/// another, if that costs no process.
const HURRIES: u8 = 5;
/// A result older than this many intervals is no result.
const STALE_INTERVALS: u32 = 3;

/// Where a run of a container is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Counted {
    /// Nobody has looked yet.
    Unknown,
    /// By this machine's kernel.
    Here(Place),
    /// Only the engine can tell.
    Elsewhere,
}

/// Something that it needs went away or came back, and its answer has not changed yet.
#[derive(Debug, Clone, Copy)]
struct Hurry {
    /// It did its work then.
    served: bool,
    /// Checks that are left before it has its ordinary turns again.
    left: u8,
}

/// One service of the matrix.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) subject: Subject,
    pub(super) tracker: Tracker,
    /// The container as it was last inspected.
    pub(super) container: Option<Container>,
    /// When the next check is due; meaningful while it runs.
    pub(super) due: Instant,
    /// A check is under way.
    pub(super) checking: bool,
    /// What it needs went away or came back.
    hurry: Option<Hurry>,
    /// The last check did not end by itself.
    pub(super) hangs: bool,
    /// An inspect is under way.
    pub(super) inspecting: bool,
    /// Something happened since that inspect was sent.
    pub(super) inspect_again: bool,
    /// A usage sample is under way.
    pub(super) sampling: bool,
    /// When the next usage sample is due.
    pub(super) sample_due: Instant,
    /// What it said last, if it is sick.
    pub(super) words: Words,
    /// Where the kernel of this machine counts what it uses.
    pub(super) counted: Counted,
    /// When the container was last inspected; `None` if that failed.
    sighted: Option<Instant>,
    last_result: Instant,
    interval: Duration,
    sample: Option<Sample>,
    peaks: Peaks,
    told: Option<Health>,
}

impl Watched {
    pub(super) fn new(subject: Subject, settings: &HealthSettings) -> Self {
        let now = Instant::now();
        Self {
            tracker: Tracker::new(settings.slow, subject.start_timeout),
            subject,
            container: None,
            due: now,
            checking: false,
            hurry: None,
            hangs: false,
            inspecting: false,
            inspect_again: false,
            sampling: false,
            sample_due: now,
            words: Words::default(),
            counted: Counted::Unknown,
            sighted: None,
            last_result: now,
            interval: settings.interval,
            sample: None,
            peaks: Peaks::default(),
            told: None,
        }
    }

    /// The name of its container, if it is known.
    pub(super) fn name(&self) -> Option<String> {
        self.subject.container.clone()
    }

    /// True if its process runs, so that a check makes sense.
    pub(super) fn runs(&self) -> bool {
        self.container
            .as_ref()
            .is_some_and(|c| c.phase == Phase::Running)
    }

    /// How it is checked, if the engine is on this machine (`local`) or not; `None`: only by the engine, if at all.
    pub(super) fn means(&self, local: bool) -> Option<Means> {
        self.subject.means(self.container.as_ref(), local)
    }

    /// How it is checked when somebody asks for it.
    pub(super) fn means_now(&self, local: bool) -> Option<Means> {
        self.subject.means_now(self.container.as_ref(), local)
    }

    /// How long until the next regular check.
    fn pause(&self, local: bool) -> Duration {
        match self.means(local) {
            Some(Means::Exec(_)) => self.interval.max(EXEC_INTERVAL_MIN),
            // It comes with each look at the container.
            None => self.interval.max(RESYNC),
            Some(Means::Wire(..)) if self.tracker.health().state == State::Starting => {
                self.interval.min(STARTING_INTERVAL)
            }
            Some(Means::Wire(..)) => self.interval,
        }
    }

    /// Takes the result of a check. `phase` (0 to 1) spreads services over the interval after their first check.
    pub(super) fn checked(&mut self, check: Check, hung: bool, local: bool, phase: f64) {
        let first = self.tracker.health().checked.is_none();
        self.checking = false;
        self.hangs = hung;
        self.last_result = Instant::now();
        self.tracker.see_check(check, Timestamp::now());
        let pause = self.pause(local).min(self.hurried(local));
        self.due = Instant::now() + if first { pause.mul_f64(phase) } else { pause };
    }

    /// What it needs went away or came back: what it said before may hold no longer.
    pub(super) fn hurry(&mut self) {
        let served = self.tracker.health().serves();
        let left = HURRIES;
        self.hurry = Some(Hurry { served, left });
        self.due = Instant::now();
    }

    /// The longest that may pass until its next check while it is in a hurry.
    fn hurried(&mut self, local: bool) -> Duration {
        let hurry = self.hurry.take();
        let serves = self.tracker.health().serves();
        let may_repeat = matches!(self.means(local), Some(Means::Wire(..)));
        match hurry.filter(|h| may_repeat && h.served == serves && h.left > 1) {
            Some(Hurry { served, left }) => {
                let left = left - 1;
                self.hurry = Some(Hurry { served, left });
                STARTING_INTERVAL
            }
            None => Duration::MAX,
        }
    }

    /// Takes what an inspect said.
    pub(super) fn inspected(&mut self, container: Option<Container>, planned: bool, local: bool) {
        self.sighted = Some(Instant::now());
        let started = |c: &Option<Container>| c.as_ref().and_then(|c| c.started_at);
        if started(&self.container) != started(&container) {
            self.due = Instant::now();
            self.last_result = Instant::now();
            self.sample = None;
            self.counted = Counted::Unknown;
            self.peaks = Peaks::default();
        }
        self.tracker
            .see_container(container.as_ref(), planned, Timestamp::now());
        self.tracker
            .set_drift(container.as_ref().is_some_and(|c| self.subject.is_drift(c)));
        self.container = container;
        if self.means(local).is_none() {
            self.hear_engine();
        }
    }

    /// Nobody asks the service itself: what the engine says of it is the result.
    fn hear_engine(&mut self) {
        self.last_result = Instant::now();
        let said = self
            .container
            .as_ref()
            .and_then(|c| c.engine_health.as_ref());
        self.tracker.see_engine_health(said, Timestamp::now());
    }

    /// What was asked of the container was not answered: what is known of it may be wrong.
    pub(super) fn doubt(&mut self) {
        self.sighted = None;
    }

    /// True if the container was not inspected for `age`.
    pub(super) fn is_doubtful(&self, age: Duration) -> bool {
        self.sighted.is_none_or(|at| at.elapsed() >= age)
    }

    /// Who counts what it uses, if the engine is on this machine (`local`) or not.
    pub(super) fn counted_by(&self, local: bool) -> &Counted {
        match local {
            true => &self.counted,
            false => &Counted::Elsewhere,
        }
    }

    /// True if there is a sample of this run of its process already.
    pub(super) fn was_sampled(&self) -> bool {
        self.sample.is_some()
    }

    /// Takes a usage sample.
    pub(super) fn sampled(&mut self, sample: &Sample) -> Usage {
        let usage = Usage::between(self.sample.as_ref(), sample, self.peaks);
        self.sample = Some(*sample);
        self.peaks = usage.peaks();
        self.tracker.see_peak(usage.peak);
        usage
    }

    /// Forgets what is too old to be true.
    pub(super) fn expire(&mut self, local: bool) {
        let limit = self.pause(local) * STALE_INTERVALS;
        if self.runs() && self.last_result.elapsed() > limit {
            let why = format!("no result for {}s", self.last_result.elapsed().as_secs());
            self.tracker.lose(why.into(), Timestamp::now());
        }
    }

    /// The engine is out of reach: nothing is known.
    pub(super) fn lose(&mut self) {
        self.container = None;
        self.sample = None;
        self.tracker
            .lose("the engine is out of reach".into(), Timestamp::now());
    }

    /// The health, if it differs from what was last taken.
    pub(super) fn news(&mut self) -> Option<Health> {
        let health = self.tracker.health();
        if self.told.as_ref() == Some(health) {
            return None;
        }
        self.told = Some(health.clone());
        self.told.clone()
    }

    /// Takes another version of its subject, and settings that the hub file changed: they count from now on, not from
    /// the next start of this program.
    pub(super) fn resubject(&mut self, subject: Subject, settings: &HealthSettings, local: bool) {
        self.tracker
            .set_bounds(settings.slow, subject.start_timeout, Timestamp::now());
        self.inspect_again |= self.subject.container != subject.container;
        self.subject.replace(subject);
        self.interval = settings.interval;
        self.due = self.due.min(Instant::now() + self.pause(local));
        let drift = self
            .container
            .as_ref()
            .is_some_and(|c| self.subject.is_drift(c));
        self.tracker.set_drift(drift);
    }
}
