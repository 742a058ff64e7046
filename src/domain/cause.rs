//! Why a service is not healthy: what it is blocked by, and one sentence for people.

use super::{Health, PerService, ServiceKind, State};
use std::cmp::Reverse;

mod advice;
mod evidence;
mod sentence;

pub use advice::Step;
pub use evidence::{Case, Evidence, Weight};
pub use sentence::{why, why_alone};

/// The service at the root of it when `kind` does not serve because something that it needs, directly or not, is down.
#[must_use]
pub fn blocked_by(kind: ServiceKind, states: &PerService<Health>) -> Option<ServiceKind> {
    let waiting = &states[kind];
    let affected = match waiting.state {
        State::Starting | State::Unhealthy | State::Restarting | State::CrashLooping => true,
        State::Degraded => waiting.failures > 0,
        // What is off is off by itself, unless it died.
        State::Stopped => waiting.is_problem(),
        State::Healthy | State::Missing | State::Unchecked | State::Absent | State::Unknown => {
            false
        }
    };
    affected.then(|| root_below(kind, states)).flatten()
}

/// The first need that is down while everything below it is not.
fn root_below(kind: ServiceKind, states: &PerService<Health>) -> Option<ServiceKind> {
    kind.needs().iter().find_map(|&need| {
        root_below(need, states).or_else(|| is_down(&states[need]).then_some(need))
    })
}

/// Known not to serve. One missed check is not enough, and unknown accuses nobody.
fn is_down(health: &Health) -> bool {
    match health.state {
        State::Starting
        | State::Unhealthy
        | State::Restarting
        | State::CrashLooping
        | State::Stopped
        | State::Missing => true,
        State::Healthy | State::Degraded | State::Unchecked | State::Absent | State::Unknown => {
            false
        }
    }
}

/// True only if all that the project has answer their clients; slowly is still an answer. What nobody can check does not
/// speak against it, but one at least must have answered.
#[must_use]
pub fn overall_healthy(states: &PerService<Health>) -> bool {
    let is_silent = |health: &Health| matches!(health.state, State::Unchecked | State::Absent);
    let answers = |health: &Health| health.serves();
    let all = || states.iter().map(|(_, health)| health);
    all().any(answers) && all().all(|health| answers(health) || is_silent(health))
}

/// The state of the service that is worst off; the first of equals in stack order.
#[must_use]
pub fn worst(states: &PerService<Health>) -> State {
    states
        .iter()
        .min_by_key(|(_, health)| Reverse(health.severity()))
        .map_or(State::Unknown, |(_, health)| health.state)
}

/// What an exit code means where there is a convention: 126 and 127 of shells, 128 of engines, 128 + a signal's number.
#[must_use]
pub fn exit_meaning(code: i64) -> Option<&'static str> {
    match code {
        0 => Some("ended without an error"),
        126 => Some("the command cannot be executed"),
        127 => Some("the command was not found"),
        128 => Some("the engine could not start it"),
        129 => Some("hung up, SIGHUP"),
        130 => Some("interrupted, SIGINT"),
        132 => Some("illegal instruction, SIGILL"),
        134 => Some("aborted itself, SIGABRT"),
        135 => Some("bad memory access, SIGBUS"),
        136 => Some("bad arithmetic, SIGFPE"),
        137 => Some("killed, SIGKILL"),
        139 => Some("bad memory access, SIGSEGV"),
        141 => Some("wrote to a closed pipe, SIGPIPE"),
        143 => Some("asked to end, SIGTERM"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ServiceKind::{Backend, Frontend, Postgres, Redis};

    fn states(words: [State; 4]) -> PerService<Health> {
        PerService(words.map(|state| Health {
            state,
            ..Health::default()
        }))
    }

    #[test]
    fn the_root_is_named_not_the_next_in_the_chain() {
        use State::{
            Degraded, Healthy, Missing, Restarting, Starting, Stopped, Unhealthy, Unknown,
        };
        for (words, kind, root) in [
            ([Healthy, Healthy, Healthy, Healthy], Frontend, None),
            (
                [Unhealthy, Healthy, Unhealthy, Unhealthy],
                Backend,
                Some(Postgres),
            ),
            (
                [Unhealthy, Healthy, Unhealthy, Unhealthy],
                Frontend,
                Some(Postgres),
            ),
            ([Unhealthy, Healthy, Unhealthy, Unhealthy], Postgres, None),
            (
                [Healthy, Restarting, Restarting, Healthy],
                Backend,
                Some(Redis),
            ),
            (
                [Healthy, Healthy, Unhealthy, Unhealthy],
                Frontend,
                Some(Backend),
            ),
            ([Healthy, Healthy, Unhealthy, Unhealthy], Backend, None),
            (
                [Missing, Missing, Unhealthy, Healthy],
                Backend,
                Some(Postgres),
            ),
            (
                [Starting, Healthy, Starting, Missing],
                Backend,
                Some(Postgres),
            ),
            // One that serves is not blocked, and one that is off is off by itself.
            ([Unhealthy, Healthy, Healthy, Healthy], Backend, None),
            ([Stopped, Stopped, Stopped, Stopped], Frontend, None),
            ([Missing, Missing, Missing, Missing], Frontend, None),
            // Neither one missed check nor ignorance accuses anybody.
            ([Degraded, Unknown, Unhealthy, Healthy], Backend, None),
        ] {
            assert_eq!(blocked_by(kind, &states(words)), root, "{words:?} {kind}");
        }
    }

    #[test]
    fn what_died_because_of_another_is_blocked_too() {
        let mut states = states([
            State::Missing,
            State::Healthy,
            State::Stopped,
            State::Healthy,
        ]);
        assert_eq!(blocked_by(Backend, &states), None);
        states[Backend].exit_code = Some(1);
        assert_eq!(blocked_by(Backend, &states), Some(Postgres));
    }

    #[test]
    fn a_project_is_healthy_only_if_all_four_are() {
        let all = states([State::Healthy; 4]);
        assert!(overall_healthy(&all));
        for kind in ServiceKind::ALL {
            for state in [
                State::Unhealthy,
                State::Unknown,
                State::Starting,
                State::Missing,
            ] {
                let mut one_off = all.clone();
                one_off[kind].state = state;
                assert!(!overall_healthy(&one_off), "{kind} {state:?}");
                assert_eq!(worst(&one_off), state);
            }
        }
        assert_eq!(worst(&all), State::Healthy);
    }

    #[test]
    fn a_slow_answer_is_an_answer_and_a_missed_check_is_none() {
        let mut all = states([State::Healthy; 4]);
        all[ServiceKind::Redis].state = State::Degraded;
        assert!(overall_healthy(&all));
        all[ServiceKind::Redis].failures = 1;
        assert!(!overall_healthy(&all));
    }

    #[test]
    fn exit_codes_with_a_convention_are_explained() {
        for code in [126, 127, 137, 139, 143] {
            assert!(exit_meaning(code).is_some(), "{code}");
        }
        assert_eq!(exit_meaning(1), None);
        assert_eq!(exit_meaning(-1), None);
    }
}
