//! One service under watch: whether it is in trouble, whether that is its own trouble, and whether it was told.

use super::intent::{Deed, Plan};
use crate::domain::{Health, PerService, ServiceKind, State, Timestamp, cause::blocked_by};
use std::time::Duration;

/// A need that just missed a check may turn out to be the cause: it gets this long to.
const DOUBT: Duration = Duration::from_secs(12);
/// Who waited for another has this long to be well once the other one is: its next check has to come first.
const RECOVERY: Duration = Duration::from_secs(20);
/// Who ended without an error or was removed was stopped by somebody, perhaps with all of its project: that takes so long.
const STOPPING: Duration = Duration::from_secs(15);
/// The same service calls no sooner again, however often it comes and goes.
const AGAIN: Duration = Duration::from_mins(5);
/// 128 + SIGTERM: what a stop leaves.
const TERMINATED: i64 = 143;

/// What is remembered of one service.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch {
    /// Something was known of it.
    known: bool,
    /// It ran, and nobody took it down since.
    ran: bool,
    /// The last unexpected end that was seen.
    crash: Option<Timestamp>,
    /// There was one that nobody was told of.
    crashed: bool,
    /// The trouble it is in was told, or was there before anybody looked.
    told: bool,
    /// When it was last told.
    told_at: Option<Duration>,
    /// It was waiting for another when it was last looked at.
    waits: bool,
    /// When it was found that it no longer did.
    waited: Option<Duration>,
    /// Since when it has been in trouble of its own.
    since: Option<Duration>,
    /// When that is to be told.
    due: Option<Duration>,
    /// It was well since the operation whose time would go on until then.
    well_until: Option<Duration>,
}

impl Watch {
    pub(super) const fn due(&self) -> Option<Duration> {
        self.due
    }

    /// Looks at it among its siblings; true if the operator is to be called now.
    pub(super) fn look(
        &mut self,
        kind: ServiceKind,
        all: &PerService<Health>,
        plan: Plan,
        up: Duration,
    ) -> bool {
        let health = &all[kind];
        self.due = None;
        if matches!(health.state, State::Unknown | State::Absent) {
            return false;
        }
        self.learn(health, plan);
        let in_trouble = self.is_red(kind, all) || self.crashed;
        if !std::mem::replace(&mut self.known, true) {
            self.told = in_trouble;
        }
        if !in_trouble {
            self.be_calm(health, plan);
            return false;
        }
        if self.told || matches!(plan, Plan::Running(_)) {
            self.forget_trouble();
            return false;
        }
        if blocked_by(kind, all).is_some() {
            self.waits = true;
            self.forget_trouble();
            return false;
        }
        if std::mem::take(&mut self.waits) {
            self.waited = Some(up);
        }
        self.call(kind, all, plan, up)
    }

    fn learn(&mut self, health: &Health, plan: Plan) {
        let crash = health.crashes.back().map(|crash| crash.at);
        let is_new = self.known && crash.is_some() && crash != self.crash;
        self.crash = crash;
        self.crashed |= is_new && !matches!(plan, Plan::Running(_));
        if is_well(health) {
            self.crashed = false;
        }
        let taken_down = matches!(plan, Plan::Running(Deed::Down) | Plan::Until(_, Deed::Down));
        if health.state.is_up() {
            self.ran = true;
        } else if taken_down {
            self.ran = false;
        }
    }

    /// True if it does not do its work, and should.
    fn is_red(&self, kind: ServiceKind, all: &PerService<Health>) -> bool {
        let others_run = || all.iter().any(|(k, h)| k != kind && h.state.is_up());
        match all[kind].state {
            State::Unhealthy | State::Restarting | State::CrashLooping => true,
            State::Stopped | State::Missing => self.ran && others_run(),
            State::Starting
            | State::Healthy
            | State::Degraded
            | State::Unchecked
            | State::Absent
            | State::Unknown => false,
        }
    }

    fn be_calm(&mut self, health: &Health, plan: Plan) {
        // On its way up it has not proved anything yet.
        if health.state != State::Starting {
            self.told = false;
        }
        if is_well(health) {
            self.well_until = plan.until().or(self.well_until);
        }
        self.since = None;
        self.waits = false;
    }

    fn forget_trouble(&mut self) {
        self.crashed = false;
        self.since = None;
    }

    fn call(
        &mut self,
        kind: ServiceKind,
        all: &PerService<Health>,
        plan: Plan,
        up: Duration,
    ) -> bool {
        let since = *self.since.get_or_insert(up);
        let due = self.due_of(kind, all, plan, since);
        if up < due {
            self.due = Some(due);
            return false;
        }
        self.forget_trouble();
        self.told = true;
        let recently = self.told_at.is_some_and(|at| up < at + AGAIN);
        if !recently {
            self.told_at = Some(up);
        }
        !recently
    }

    /// When trouble that began at `since` is to be told.
    fn due_of(
        &self,
        kind: ServiceKind,
        all: &PerService<Health>,
        plan: Plan,
        since: Duration,
    ) -> Duration {
        let doubt = has_doubtful_need(kind, all).then_some(since + DOUBT);
        let recovery = self.waited.map(|at| at + RECOVERY);
        let stopping = was_stopped(&all[kind]).then_some(since + STOPPING);
        let grace = plan.until().filter(|until| self.well_until != Some(*until));
        let all = [doubt, recovery, stopping, grace];
        all.into_iter()
            .flatten()
            .max()
            .map_or(since, |due| due.max(since))
    }
}

/// True if it does its work, as far as anybody asks it.
fn is_well(health: &Health) -> bool {
    health.serves() || health.state == State::Unchecked
}

/// True if something that it needs, directly or not, did not answer the last time.
fn has_doubtful_need(kind: ServiceKind, all: &PerService<Health>) -> bool {
    let mut needs = kind.needs().iter();
    needs.any(|need| all[*need].failures > 0 || has_doubtful_need(*need, all))
}

/// True if it looks as if somebody had stopped or removed it.
fn was_stopped(health: &Health) -> bool {
    match health.state {
        State::Stopped => {
            !health.oom_killed && matches!(health.exit_code, None | Some(0 | TERMINATED))
        }
        State::Missing => true,
        _ => false,
    }
}
