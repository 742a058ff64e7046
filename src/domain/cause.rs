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

/// What an exit code means where there is a convention: the shell's 126 and 127, and 128 + a signal's number.
#[must_use]
pub fn exit_meaning(code: i64) -> Option<&'static str> {
    match code {
        0 => Some("ended by itself without an error"),
        125 => Some("the engine could not start it"),
        126 => Some("the command is not executable"),
        127 => Some("the command was not found"),
        128 => Some("the engine could not start it"),
        129 => Some("hung up (SIGHUP)"),
        130 => Some("interrupted (SIGINT)"),
        134 => Some("aborted itself (SIGABRT)"),
        137 => Some("killed (SIGKILL)"),
        139 => Some("crashed on a memory access (SIGSEGV)"),
        143 => Some("asked to end (SIGTERM)"),
        _ => None,
    }
}

/// One plain sentence: what state `kind` is in, since when, and why as far as it is known.
#[must_use]
pub fn why(kind: ServiceKind, states: &PerService<Health>, now: Timestamp) -> String {
    let health = &states[kind];
    let since = health
        .since
        .map_or(0, |since| now.as_second() - since.as_second());
    format!("{kind}: {:?} for {}", health.state, age(since))
}
