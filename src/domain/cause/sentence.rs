//! The health of one service in a sentence.

use super::{blocked_by, exit_meaning};
use crate::domain::{Health, PerService, ServiceKind, State, Timestamp, health::Crash, units::age};

/// One plain sentence: what state `kind` is in, since when, and why as far as it is known.
#[must_use]
pub fn why(kind: ServiceKind, states: &PerService<Health>, now: Timestamp) -> String {
    let mut sentence = why_alone(kind.as_str(), &states[kind], now);
    if let Some(root) = blocked_by(kind, states) {
        let reason = root_reason(&states[root], now);
        sentence.push_str(&format!("; it needs {root}, which {reason}"));
    }
    sentence
}

/// The same of a container that plays none of the four parts: `name` is what it is called.
#[must_use]
pub fn why_alone(name: &str, health: &Health, now: Timestamp) -> String {
    let seconds = health
        .since
        .map(|since| now.as_second() - since.as_second());
    let since = seconds.map_or_else(String::new, |seconds| format!(" for {}", age(seconds)));
    let mut sentence = format!("{name} {}{since}", has_been(health.state));
    let evidence = evidence(health, now);
    if !evidence.is_empty() {
        sentence.push_str(": ");
        sentence.push_str(&evidence.join(", "));
    }
    sentence
}

/// Of what runs and cannot be asked.
const UNCHECKED: &str =
    "nobody checks it: no published port whose protocol is known, no health check of its own";

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
        State::Unchecked => "has been running",
        State::Absent => "is not part of this project",
        State::Unknown => "has been unknown",
    }
}

/// What is wrong with a service that others wait for, in a few words.
pub(super) fn root_reason(root: &Health, now: Timestamp) -> String {
    if root.oom_killed && !root.serves() {
        return format!("was killed for memory{}", of_kill(root, now));
    }
    let state = root.state.word();
    match root.exit_code {
        Some(code) if code != 0 && root.state == State::Stopped => {
            format!("is {state} with exit code {code}")
        }
        _ => format!("is {state}"),
    }
}

/// What speaks for the state, most telling first.
fn evidence(health: &Health, now: Timestamp) -> Vec<String> {
    let memory = memory(health, now);
    match health.state {
        State::Healthy => answer(health).into_iter().collect(),
        State::Degraded if health.failures == 0 => answer(health).into_iter().collect(),
        State::Degraded | State::Unhealthy | State::Starting => {
            let failed = failures(health).or_else(|| said(health));
            failed.into_iter().chain(memory).collect()
        }
        State::CrashLooping => {
            let ends = [memory, pace(health, now).or_else(|| exit(health))];
            ends.into_iter().flatten().chain(said(health)).collect()
        }
        State::Restarting => {
            let ends = [memory, exit(health), restarts(health)];
            ends.into_iter().flatten().chain(said(health)).collect()
        }
        State::Stopped => {
            let ends = [memory, said(health), done(health).or_else(|| exit(health))];
            ends.into_iter().flatten().collect()
        }
        State::Missing => said(health).into_iter().collect(),
        State::Unchecked => vec![UNCHECKED.to_owned()],
        State::Absent => Vec::new(),
        State::Unknown => vec![said(health).unwrap_or_else(|| "not checked yet".to_owned())],
    }
}

/// How often it ended within how long, and what with: `it ended 5 times within 2m, each time with exit code 1`.
fn pace(health: &Health, now: Timestamp) -> Option<String> {
    let first = health
        .crashes
        .front()
        .filter(|_| health.crashes.len() > 1)?;
    let within = age(now.as_second() - first.at.as_second());
    let times = health.crashes.len();
    Some(format!(
        "it ended {times} times within {within}{}",
        codes(&health.crashes)
    ))
}

/// What the ends had in common, or each code that the engine told with how often it came.
pub(super) fn codes<'a>(crashes: impl IntoIterator<Item = &'a Crash>) -> String {
    let mut counts: Vec<(i64, usize)> = Vec::new();
    for code in crashes.into_iter().filter_map(|crash| crash.code) {
        match counts.iter_mut().find(|(known, _)| *known == code) {
            Some((_, count)) => *count += 1,
            None => counts.push((code, 1)),
        }
    }
    match counts.as_slice() {
        [] => String::new(),
        [(code, _)] => {
            let meaning = exit_meaning(*code).map_or_else(String::new, |text| format!(" ({text})"));
            format!(", each time with exit code {code}{meaning}")
        }
        several => {
            let one = |(code, count): &(i64, usize)| match count {
                1 => format!("{code} (once)"),
                many => format!("{code} ({many} times)"),
            };
            let all: Vec<String> = several.iter().map(one).collect();
            format!(", with exit codes {}", all.join(", "))
        }
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

/// Of what ended well nobody can tell whether it was asked to.
fn done(health: &Health) -> Option<String> {
    let text = "it ended with exit 0: it was stopped, or was done";
    (health.exit_code == Some(0) && !health.oom_killed).then(|| text.to_owned())
}

fn memory(health: &Health, now: Timestamp) -> Option<String> {
    let text = || format!("the kernel killed it for memory{}", of_kill(health, now));
    health.oom_killed.then(text)
}

/// When the kernel killed it, the limit then, and what was seen of its use: ` 3m ago (limit 256 MB, peak 255 MB)`.
fn of_kill(health: &Health, now: Timestamp) -> String {
    let ended = health.ended_at.map(|at| now.as_second() - at.as_second());
    let ago = ended.map_or_else(String::new, |seconds| format!(" {} ago", age(seconds)));
    match numbers_of_kill(health) {
        Some(numbers) => format!("{ago} ({numbers})"),
        None => ago,
    }
}

/// `limit 256 MB, peak 255 MB`, as far as they are known.
pub(super) fn numbers_of_kill(health: &Health) -> Option<String> {
    let limit = health.limit.map(|bytes| format!("limit {bytes}"));
    let peak = health.peak.map(|bytes| format!("peak {bytes}"));
    let numbers: Vec<String> = limit.into_iter().chain(peak).collect();
    (!numbers.is_empty()).then(|| numbers.join(", "))
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
    use crate::domain::Bytes;
    use ServiceKind::{Backend, Postgres, Redis};
    use std::{collections::VecDeque, time::Duration};

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

    fn crashes(ends: &[(i64, i64)]) -> VecDeque<Crash> {
        let crash = |(second, code): &(i64, i64)| Crash {
            at: at(*second),
            code: Some(*code),
        };
        ends.iter().map(crash).collect()
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
                    h.ended_at = Some(at(1_061));
                    h.limit = Some(Bytes::mib(256));
                    h.peak = Some(Bytes::mib(255));
                    h.crashes = crashes(&[(1_005, 137), (1_030, 137), (1_061, 137)]);
                }),
                "backend has been crashing again and again for 1m: the kernel killed it for memory 4s ago \
                 (limit 256 MB, peak 255 MB), it ended 3 times within 1m, each time with exit code 137 (killed, SIGKILL)",
            ),
            (
                said_of(State::CrashLooping, |h| {
                    h.crashes = crashes(&[(1_005, 1), (1_030, 7), (1_061, 1)]);
                }),
                "backend has been crashing again and again for 1m: it ended 3 times within 1m, \
                 with exit codes 1 (2 times), 7 (once)",
            ),
            (
                said_of(State::Stopped, |h| h.exit_code = Some(127)),
                "backend has been stopped for 1m: exit code 127 (the command was not found)",
            ),
            (
                said_of(State::Stopped, |h| h.exit_code = Some(0)),
                "backend has been stopped for 1m: it ended with exit 0: it was stopped, or was done",
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
    fn the_sentence_says_what_became_of_what_blocks() {
        let mut all = states([
            State::Stopped,
            State::Healthy,
            State::Unhealthy,
            State::Healthy,
        ]);
        all[Postgres].oom_killed = true;
        all[Postgres].exit_code = Some(137);
        all[Postgres].ended_at = Some(at(1_000));
        all[Postgres].limit = Some(Bytes::mib(256));
        all[Backend].message = "HTTP 503".into();
        assert_eq!(
            why(Backend, &all, at(1_200)),
            "backend has been unhealthy for 3m: HTTP 503; it needs postgres, which was killed for memory 3m ago \
             (limit 256 MB)"
        );
        all[Postgres].oom_killed = false;
        assert!(why(Backend, &all, at(1_200)).ends_with("which is stopped with exit code 137"));
    }

    #[test]
    fn p30_an_age_is_never_negative() {
        let all = states([State::Healthy; 4]);
        assert_eq!(why(Redis, &all, at(5)), "redis has been healthy for 0s");
    }
}
