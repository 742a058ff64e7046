//! Why a service is not healthy: what it is blocked by, and one sentence for people.

use super::{Health, PerService, ServiceKind, State, Timestamp, units::age};
use std::cmp::Reverse;

/// The service at the root of it when `kind` does not serve because something that it needs, directly or not, is down.
#[must_use]
pub fn blocked_by(kind: ServiceKind, states: &PerService<Health>) -> Option<ServiceKind> {
    let waiting = &states[kind];
    let affected = match waiting.state {
        State::Starting | State::Unhealthy | State::Restarting | State::CrashLooping => true,
        State::Degraded => waiting.failures > 0,
        // What is off is off by itself, unless it died.
        State::Stopped => waiting.is_problem(),
        State::Healthy | State::Missing | State::Unknown => false,
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
        State::Healthy | State::Degraded | State::Unknown => false,
    }
}

/// True only if all four are healthy.
#[must_use]
pub fn overall_healthy(states: &PerService<Health>) -> bool {
    states
        .iter()
        .all(|(_, health)| health.state == State::Healthy)
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
        0 => Some("ended by itself without an error"),
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

/// One plain sentence: what state `kind` is in, since when, and why as far as it is known.
#[must_use]
pub fn why(kind: ServiceKind, states: &PerService<Health>, now: Timestamp) -> String {
    let health = &states[kind];
    let seconds = health
        .since
        .map(|since| now.as_second() - since.as_second());
    let since = seconds.map_or_else(String::new, |seconds| format!(" for {}", age(seconds)));
    let mut sentence = format!("{kind} {}{since}", has_been(health.state));
    let evidence = evidence(health);
    if !evidence.is_empty() {
        sentence.push_str(": ");
        sentence.push_str(&evidence.join(", "));
    }
    if let Some(root) = blocked_by(kind, states) {
        let state = word(states[root].state);
        sentence.push_str(&format!("; it needs {root}, which is {state}"));
    }
    sentence
}

fn has_been(state: State) -> &'static str {
    match state {
        State::Starting => "has been starting",
        State::Healthy => "has been healthy",
        State::Degraded => "has been degraded",
        State::Unhealthy => "has been unhealthy",
        State::Restarting => "has been restarting",
        State::CrashLooping => "has been crashing again and again",
        State::Stopped => "has been stopped",
        State::Missing => "has had no container",
        State::Unknown => "has been unknown",
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Starting => "starting",
        State::Healthy => "healthy",
        State::Degraded => "degraded",
        State::Unhealthy => "unhealthy",
        State::Restarting => "restarting",
        State::CrashLooping => "crash-looping",
        State::Stopped => "stopped",
        State::Missing => "missing",
        State::Unknown => "unknown",
    }
}

/// What speaks for the state, most telling first.
fn evidence(health: &Health) -> Vec<String> {
    match health.state {
        State::Healthy => answer(health).into_iter().collect(),
        State::Degraded if health.failures == 0 => answer(health).into_iter().collect(),
        State::Degraded | State::Unhealthy | State::Starting => {
            let failed = failures(health).or_else(|| said(health));
            failed.into_iter().chain(memory(health)).collect()
        }
        State::Restarting | State::CrashLooping => {
            let ends = [memory(health), exit(health), restarts(health)];
            ends.into_iter().flatten().chain(said(health)).collect()
        }
        State::Stopped => {
            let ends = [memory(health), said(health), exit(health)];
            ends.into_iter().flatten().collect()
        }
        State::Missing => said(health).into_iter().collect(),
        State::Unknown => vec![said(health).unwrap_or_else(|| "not checked yet".to_owned())],
    }
}

fn said(health: &Health) -> Option<String> {
    (!health.message.is_empty()).then(|| health.message.to_string())
}

fn answer(health: &Health) -> Option<String> {
    let latency = health.latency?.as_millis();
    let said = said(health).map_or_else(String::new, |said| format!(" ({said})"));
    Some(format!("answers in {latency} ms{said}"))
}

fn failures(health: &Health) -> Option<String> {
    let last = said(health).unwrap_or_else(|| "no reason given".to_owned());
    match health.failures {
        0 => None,
        1 => Some(format!("one check failed ({last})")),
        many => Some(format!(
            "{many} checks in a row failed, the last with: {last}"
        )),
    }
}

fn exit(health: &Health) -> Option<String> {
    let code = health.exit_code?;
    let meaning = exit_meaning(code).map_or_else(String::new, |meaning| format!(" ({meaning})"));
    Some(format!("exit code {code}{meaning}"))
}

fn memory(health: &Health) -> Option<String> {
    let text = "the kernel killed it for memory at its last end";
    health.oom_killed.then(|| text.to_owned())
}

fn restarts(health: &Health) -> Option<String> {
    match health.restarts {
        0 => None,
        1 => Some("restarted once".to_owned()),
        many => Some(format!("restarted {many} times")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ServiceKind::{Backend, Frontend, Postgres, Redis};
    use std::time::Duration;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn health(state: State) -> Health {
        Health {
            state,
            since: Some(at(1_000)),
            ..Health::default()
        }
    }

    fn states(words: [State; 4]) -> PerService<Health> {
        PerService(words.map(health))
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
                State::Degraded,
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

    /// A health with one field changed, and what is said of it 65 seconds later.
    fn said_of(state: State, change: impl FnOnce(&mut Health)) -> String {
        let mut all = states([State::Healthy; 4]);
        all[Backend] = health(state);
        change(&mut all[Backend]);
        why(Backend, &all, at(1_065))
    }

    #[test]
    fn every_state_has_its_sentence() {
        for (sentence, expected) in [
            (
                said_of(State::Healthy, |h| {
                    h.latency = Some(Duration::from_millis(3));
                    h.message = "HTTP 200".into();
                }),
                "backend has been healthy for 1m: answers in 3 ms (HTTP 200)",
            ),
            (
                said_of(State::Degraded, |h| {
                    h.latency = Some(Duration::from_millis(1_800))
                }),
                "backend has been degraded for 1m: answers in 1800 ms",
            ),
            (
                said_of(State::Degraded, |h| {
                    h.failures = 1;
                    h.message = "HTTP 503".into();
                }),
                "backend has been degraded for 1m: one check failed (HTTP 503)",
            ),
            (
                said_of(State::Unhealthy, |h| {
                    h.failures = 12;
                    h.message = "connection refused".into();
                }),
                "backend has been unhealthy for 1m: 12 checks in a row failed, the last with: connection refused",
            ),
            (
                said_of(State::Unhealthy, |h| h.message = "paused".into()),
                "backend has been unhealthy for 1m: paused",
            ),
            (
                said_of(State::Starting, |_| {}),
                "backend has been starting for 1m",
            ),
            (
                said_of(State::Restarting, |h| {
                    h.exit_code = Some(7);
                    h.restarts = 1;
                }),
                "backend has been restarting for 1m: exit code 7, restarted once",
            ),
            (
                said_of(State::CrashLooping, |h| {
                    h.exit_code = Some(137);
                    h.oom_killed = true;
                    h.restarts = 5;
                }),
                "backend has been crashing again and again for 1m: the kernel killed it for memory at its last end, \
                 exit code 137 (killed, SIGKILL), restarted 5 times",
            ),
            (
                said_of(State::Stopped, |h| h.exit_code = Some(127)),
                "backend has been stopped for 1m: exit code 127 (the command was not found)",
            ),
            (
                said_of(State::Missing, |_| {}),
                "backend has had no container for 1m",
            ),
            (
                said_of(State::Unknown, |h| h.message = "engine out of reach".into()),
                "backend has been unknown for 1m: engine out of reach",
            ),
            (
                said_of(State::Unknown, |h| h.since = None),
                "backend has been unknown: not checked yet",
            ),
        ] {
            assert_eq!(sentence, expected);
        }
    }

    #[test]
    fn the_sentence_names_what_blocks() {
        let mut all = states([
            State::Missing,
            State::Healthy,
            State::Unhealthy,
            State::Healthy,
        ]);
        all[Backend].failures = 4;
        all[Backend].message = "HTTP 503".into();
        assert_eq!(
            why(Backend, &all, at(1_003)),
            "backend has been unhealthy for 3s: 4 checks in a row failed, the last with: HTTP 503; \
             it needs postgres, which is missing"
        );
    }

    #[test]
    fn p30_an_age_is_never_negative() {
        let all = states([State::Healthy; 4]);
        assert_eq!(why(Redis, &all, at(5)), "redis has been healthy for 0s");
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
