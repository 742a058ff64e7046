//! What an operation would do, in words, without doing it: from the project's entry and from what is there now. Pure.

use super::{Again, Request, snapshot::ServiceSnapshot};
use crate::{
    domain::{PerService, Phase, ServiceKind, State},
    stack::ProjectEntry,
};

/// What is there of the four services.
pub type Now = PerService<ServiceSnapshot>;

/// What `request` would do to the project of `entry`, a line per step.
#[must_use]
pub fn plan(request: &Request, entry: &ProjectEntry, now: &Now) -> Vec<String> {
    match request {
        Request::Start(target) => {
            let kinds = target
                .service
                .map_or(ServiceKind::ALL.to_vec(), ServiceKind::with_needs);
            kinds.into_iter().map(|kind| start(kind, now)).collect()
        }
        Request::Stop { target, .. } => match target.service {
            Some(kind) => stop_one(kind, now),
            None => stop_all(now),
        },
        Request::Restart { target, how, .. } => match target.service {
            Some(kind) => restart_one(kind, *how, now),
            None => restart_all(*how, now),
        },
        Request::Limits {
            service,
            change,
            below_use,
            ..
        } => {
            let snapshot = &now[service.kind];
            let in_force = snapshot.container.as_ref().map(|c| c.limits());
            let before = in_force.unwrap_or(entry.limits(service.kind));
            let difference = before.difference(before.with(*change));
            let used = snapshot.usage.map(|usage| usage.memory);
            let below = change.memory.zip(used).filter(|(new, used)| new < used);
            limits(
                service.kind,
                &difference,
                in_force.is_some(),
                below.is_some() && !below_use,
            )
        }
        Request::ReapplyLimits { service, .. } => {
            let wished = entry.limits(service.kind);
            let in_force = now[service.kind].container.as_ref().map(|c| c.limits());
            let difference = in_force.map_or_else(String::new, |limits| limits.difference(wished));
            limits(service.kind, &difference, true, false)
        }
        Request::KeepLimits(service) => {
            vec![format!(
                "{}: the limits in force are written into the hub file",
                service.kind
            )]
        }
        Request::Add(_) | Request::Import(_) | Request::Protect { .. } | Request::Remove { .. } => {
            Vec::new()
        }
    }
}

fn phase(kind: ServiceKind, now: &Now) -> Option<Phase> {
    now[kind]
        .container
        .as_ref()
        .map(|container| container.phase)
}

fn runs(kind: ServiceKind, now: &Now) -> bool {
    matches!(
        phase(kind, now),
        Some(Phase::Running | Phase::Restarting | Phase::Paused)
    )
}

fn is_healthy(kind: ServiceKind, now: &Now) -> bool {
    matches!(now[kind].health.state, State::Healthy | State::Degraded)
}

fn start(kind: ServiceKind, now: &Now) -> String {
    let drifted = now[kind].health.drift;
    let what = match phase(kind, now) {
        Some(Phase::Paused) => "is paused: the start would fail; `docker unpause` first",
        Some(_) if runs(kind, now) && drifted => {
            "runs from an older spec and stays; a restart makes it anew"
        }
        Some(_) if runs(kind, now) && is_healthy(kind, now) => {
            "runs and is healthy: stays as it is"
        }
        Some(_) if runs(kind, now) => {
            "runs and is not healthy: waited for, and begun afresh if it ended"
        }
        Some(Phase::Created | Phase::Exited) if !drifted => {
            "its container is started, until it is healthy"
        }
        Some(_) => "a new container is made from its changed spec and started, until it is healthy",
        None => "a container is made and started, until it is healthy",
    };
    format!("{kind}: {what}")
}

fn stop_all(now: &Now) -> Vec<String> {
    let there = ServiceKind::ALL.into_iter().rev();
    let mut lines: Vec<String> = there
        .filter(|kind| phase(*kind, now).is_some())
        .map(|kind| match runs(kind, now) {
            true => format!("{kind}: stopped, its container removed"),
            false => format!("{kind}: does not run, its container removed"),
        })
        .collect();
    if lines.is_empty() {
        lines.push("nothing of it is there: nothing to stop".to_owned());
    }
    lines.push("its data is kept".to_owned());
    lines
}

fn stop_one(kind: ServiceKind, now: &Now) -> Vec<String> {
    if !runs(kind, now) {
        return vec![format!("{kind}: does not run: nothing to stop")];
    }
    let mut lines = vec![format!("{kind}: stopped, its container kept")];
    lines.extend(
        suffering(kind, now).map(|who| format!("{who}: unhealthy until it is started again")),
    );
    lines
}

fn suffering(kind: ServiceKind, now: &Now) -> Option<String> {
    let hit = kind.dependants().iter().filter(|other| runs(**other, now));
    let names: Vec<&str> = hit.map(|other| other.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn restart_one(kind: ServiceKind, how: Again, now: &Now) -> Vec<String> {
    if ServiceKind::ALL
        .into_iter()
        .all(|kind| phase(kind, now).is_none())
    {
        return vec!["nothing of it is there: there is nothing to restart; start it".to_owned()];
    }
    let mut lines = vec![again(kind, how, now)];
    match how {
        Again::WithDependants => {
            let along = kind.dependants().iter().filter(|other| runs(**other, now));
            lines.extend(along.map(|other| again(*other, how, now)));
        }
        Again::InPlace | Again::Anew => {
            lines.extend(
                suffering(kind, now).map(|who| format!("{who}: unhealthy until it is back")),
            );
        }
    }
    lines
}

fn again(kind: ServiceKind, how: Again, now: &Now) -> String {
    let what = match (phase(kind, now), how) {
        (None, _) => "a container is made and started, until it is healthy",
        (_, Again::Anew) => "a new container; the old one comes back if that does not get healthy",
        _ if now[kind].health.drift => {
            "a new container from its changed spec; the old one comes back if that does not get healthy"
        }
        _ => "the same container, restarted until it is healthy",
    };
    format!("{kind}: {what}")
}

fn restart_all(how: Again, now: &Now) -> Vec<String> {
    let there: Vec<ServiceKind> = ServiceKind::ALL
        .into_iter()
        .filter(|kind| phase(*kind, now).is_some())
        .collect();
    if there.is_empty() {
        return vec!["nothing of it is there: there is nothing to restart; start it".to_owned()];
    }
    let gone = how == Again::Anew;
    let stopped = there.iter().rev().map(|kind| match gone {
        true => format!("{kind}: stopped, its container removed"),
        false => format!("{kind}: stopped"),
    });
    let started = ServiceKind::ALL.into_iter().map(|kind| {
        let is_new = gone || phase(kind, now).is_none() || now[kind].health.drift;
        match is_new {
            true => format!("{kind}: a container is made and started, until it is healthy"),
            false => format!("{kind}: its container is started, until it is healthy"),
        }
    });
    stopped.chain(started).collect()
}

fn limits(kind: ServiceKind, difference: &str, is_there: bool, is_below: bool) -> Vec<String> {
    if difference.is_empty() {
        return vec![format!("{kind}: these limits are in force already")];
    }
    let when = match is_there {
        true => "at once, without a restart",
        false => "for the next start: it has no container",
    };
    let mut lines = vec![format!(
        "{kind}: {difference}, {when}; written into the hub file"
    )];
    lines.extend(is_below.then(|| {
        format!("{kind}: uses more memory than that now: it would be refused without --below-use")
    }));
    lines
}
