//! What to do next about a service that is not well, where that is sure to be right. Who shows it knows the key or the
//! command for it.

use super::{Case, blocked_by};
use crate::domain::{Bytes, Health, ServiceKind, State, Verdict};

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The trouble is another service's.
    LookAt(ServiceKind),
    /// Its memory limit is too low; twice the one that it was killed at.
    Memory(Option<Bytes>),
    /// Its log says more.
    Logs,
    /// It does not run.
    Start,
    /// It runs and does not answer.
    Restart,
}

impl Step {
    /// What to do, in a few words.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::LookAt(root) => format!("look at {root} first"),
            Self::Memory(_) => "raise its memory limit".to_owned(),
            Self::Logs => "read its log".to_owned(),
            Self::Start => "start it".to_owned(),
            Self::Restart => "restart it".to_owned(),
        }
    }
}

impl Case<'_> {
    /// The next steps, the first one first; none for what is well, on its way, or not known.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let health = &self.health[self.kind];
        match self.verdict_of(self.kind) {
            Verdict::Blocked => {
                let root = blocked_by(self.kind, self.health);
                root.into_iter().map(Step::LookAt).collect()
            }
            Verdict::Down | Verdict::Loop if health.oom_killed => {
                let twice = health.limit.map(|limit| Bytes(limit.0.saturating_mul(2)));
                vec![Step::Memory(twice), Step::Logs]
            }
            Verdict::Down => of_down(health),
            Verdict::Loop | Verdict::Slow => vec![Step::Logs],
            _ => Vec::new(),
        }
    }
}

fn of_down(health: &Health) -> Vec<Step> {
    match health.state {
        State::Missing => vec![Step::Start],
        State::Stopped if matches!(health.exit_code, None | Some(0 | 143)) => vec![Step::Start],
        State::Stopped => vec![Step::Logs, Step::Start],
        _ => vec![Step::Logs, Step::Restart],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{PerService, Timestamp, verdict::Course};
    use ServiceKind::{Backend, Postgres};
    use Step::{Logs, LookAt, Memory, Restart, Start};

    /// The steps about the database when it is like that and the others are well.
    fn steps(state: State, change: impl FnOnce(&mut Health)) -> Vec<Step> {
        steps_of(Postgres, state, change)
    }

    fn steps_of(kind: ServiceKind, state: State, change: impl FnOnce(&mut Health)) -> Vec<Step> {
        let mut health = PerService::from_fn(|_| Health {
            state: State::Healthy,
            ..Health::default()
        });
        health[Postgres].state = state;
        change(&mut health[Postgres]);
        health[Backend].state = State::Unhealthy;
        let case = Case {
            kind,
            health: &health,
            course: Course::None,
            last_words: &[],
            now: Timestamp::UNIX_EPOCH,
        };
        case.steps()
    }

    #[test]
    fn each_cause_has_its_next_step() {
        let killed = |health: &mut Health| {
            health.oom_killed = true;
            health.exit_code = Some(137);
            health.limit = Some(Bytes::mib(256));
        };
        let twice = Memory(Some(Bytes::mib(512)));
        assert_eq!(steps(State::CrashLooping, killed), [twice, Logs]);
        assert_eq!(steps(State::Stopped, killed), [twice, Logs]);
        assert_eq!(steps(State::CrashLooping, |_| {}), [Logs]);
        assert_eq!(steps(State::Unhealthy, |_| {}), [Logs, Restart]);
        assert_eq!(steps(State::Missing, |_| {}), [Start]);
        assert_eq!(steps(State::Stopped, |h| h.exit_code = Some(0)), [Start]);
        assert_eq!(
            steps(State::Stopped, |h| h.exit_code = Some(1)),
            [Logs, Start]
        );
        assert_eq!(steps(State::Degraded, |h| h.failures = 1), [Logs]);
        assert_eq!(
            steps_of(Backend, State::Missing, |_| {}),
            [LookAt(Postgres)]
        );
        for calm in [
            State::Healthy,
            State::Starting,
            State::Unknown,
            State::Unchecked,
        ] {
            assert_eq!(steps(calm, |_| {}), [], "{calm:?}");
        }
    }
}
