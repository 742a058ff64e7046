//! Why a service is not healthy: what it is blocked by, and one sentence for people.

use super::{Health, PerService, ServiceKind, Timestamp, health::State, units::age};

/// The service that `kind` waits for: the first of those it needs that does not serve, if `kind` itself is not well.
#[must_use]
pub fn blocked_by(kind: ServiceKind, all: &PerService<Health>) -> Option<ServiceKind> {
    let sick = matches!(
        all[kind].state,
        State::Unhealthy | State::Restarting | State::CrashLooping | State::Starting
    );
    let down = |need: &ServiceKind| {
        !matches!(
            all[*need].state,
            State::Healthy | State::Degraded | State::Unknown
        )
    };
    kind.needs()
        .iter()
        .copied()
        .find(|need| sick && (down(need) || blocked_by(*need, all).is_some()))
}

/// One sentence on the state of `kind`.
#[must_use]
pub fn why(kind: ServiceKind, all: &PerService<Health>, now: Timestamp) -> String {
    let health = &all[kind];
    let word = match health.state {
        State::Healthy => "healthy",
        State::Degraded => "degraded",
        State::Starting => "starting",
        State::Unhealthy => "unhealthy",
        State::Restarting => "restarting",
        State::CrashLooping => "crash-looping",
        State::Stopped => "stopped",
        State::Missing => "not there",
        State::Unknown => "unknown",
    };
    let since = health.since.map_or_else(String::new, |since| {
        format!(" for {}", age(now.duration_since(since).as_secs()))
    });
    let cause = blocked_by(kind, all).map_or_else(
        || health.message.to_string(),
        |need| format!("waits for {need}"),
    );
    if cause.is_empty() {
        format!("{kind} is {word}{since}.")
    } else {
        format!("{kind} is {word}{since}: {cause}.")
    }
}
