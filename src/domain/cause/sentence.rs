//! The health of one service in a sentence.

use super::{blocked_by, exit_meaning};
use crate::domain::{Health, PerService, ServiceKind, State, Timestamp, units::age};

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
        let state = states[root].state.word();
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
            let ends = [
                memory(health),
                said(health),
                done(health).or_else(|| exit(health)),
            ];
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

/// An operation of ours that stops also removes: what is there and has ended well, ended by itself or by other hands.
fn done(health: &Health) -> Option<String> {
    let text = "it ended with exit 0 without being asked from here";
    (health.exit_code == Some(0) && !health.oom_killed).then(|| text.to_owned())
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
    use ServiceKind::{Backend, Redis};
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
                said_of(State::Stopped, |h| h.exit_code = Some(0)),
                "backend has been stopped for 1m: it ended with exit 0 without being asked from here",
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
}
