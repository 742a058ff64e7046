//! What happens to the fleet: some minutes that went by before the screen opened, and incidents to come.

use super::fleet::{Part, Role};
use crate::{
    domain::{ProjectName, ServiceKind, Timestamp},
    sim::{Conduct, Incident, Machine},
    stack::names,
};
use std::time::Duration;

/// What is played before the screen opens.
const PAST: Duration = Duration::from_mins(6);
/// Its time goes by in steps of this length.
const STEP: Duration = Duration::from_millis(500);
/// The surprise comes this long after the screen opened.
const SURPRISE: Duration = Duration::from_secs(25);
/// Later incidents: how many, and the mean time between two.
const INCIDENTS: u64 = 100;
const BETWEEN: u64 = 240;
/// They pass by themselves after this long.
const PASSES: Duration = Duration::from_secs(75);

/// Bytes per second and in all that the greedy backend wants.
const LEAK: Conduct = Conduct::Leak {
    per_second: 14 << 20,
    to: 460 << 20,
};
const CRASH_LOOP: Conduct = Conduct::CrashLoop {
    after: Duration::from_secs(11),
    code: 1,
};
const SLOW: Conduct = Conduct::Slow {
    by: Duration::from_millis(1400),
};

/// Makes the fleet live: plays its past up to `now` and plans its future.
pub(super) fn begin(machine: &mut Machine, fleet: &[Role], seed: u64, now: Timestamp) {
    let mut rng = fastrand::Rng::with_seed(seed);
    machine.enliven();
    for container in machine.containers.values_mut() {
        let age = Duration::from_secs(rng.u64(3600..20 * 86_400));
        container.started = Some(now - PAST - age);
    }
    let at_first = now - PAST;
    for role in fleet {
        set(machine, role, at_first);
    }
    let mut then = at_first;
    while then < now {
        let next = then + STEP;
        machine.tick(then, next);
        then = next;
    }
    for role in fleet.iter().filter(|role| role.part == Part::Surprise) {
        let redis = name(&role.project, ServiceKind::Redis);
        machine.plan(now + SURPRISE, redis, Incident::Dies(139));
    }
    plan_incidents(machine, fleet, &mut rng, now);
}

/// What befalls a project in the past that is played.
fn set(machine: &mut Machine, role: &Role, at: Timestamp) {
    let (kind, conduct) = match role.part {
        Part::Outage => (ServiceKind::Postgres, Conduct::Refuses),
        Part::CrashLoop => (ServiceKind::Backend, CRASH_LOOP),
        Part::OutOfMemory => (ServiceKind::Backend, LEAK),
        Part::Slow => (ServiceKind::Backend, SLOW),
        Part::Well | Part::Surprise | Part::Asleep => return,
    };
    let when = match role.part {
        // An outage of three minutes: long enough to have been seen, short enough to be news.
        Part::Outage => at + PAST / 2,
        _ => at,
    };
    machine.plan(when, name(&role.project, kind), Incident::Becomes(conduct));
}

/// Now and then something happens to those who are well, and passes.
fn plan_incidents(machine: &mut Machine, fleet: &[Role], rng: &mut fastrand::Rng, now: Timestamp) {
    let well: Vec<_> = fleet
        .iter()
        .filter(|role| matches!(role.part, Part::Well | Part::Surprise))
        .collect();
    let mut at = now + SURPRISE * 2;
    for _ in 0..INCIDENTS {
        at += Duration::from_secs(rng.u64(BETWEEN / 2..BETWEEN * 3 / 2));
        let Some(role) = rng.choice(&well) else {
            return;
        };
        let (kind, incident) = match rng.u8(..5) {
            0 => (ServiceKind::Redis, Incident::Dies(137)),
            1 => (ServiceKind::Frontend, Incident::Dies(1)),
            2 => (ServiceKind::Postgres, Incident::Becomes(Conduct::Refuses)),
            3 => (ServiceKind::Frontend, Incident::Becomes(Conduct::Hangs)),
            _ => (ServiceKind::Backend, Incident::Becomes(SLOW)),
        };
        let name = name(&role.project, kind);
        machine.plan(at, name.clone(), incident);
        machine.plan(at + PASSES, name, Incident::Recovers);
    }
}

fn name(project: &ProjectName, kind: ServiceKind) -> String {
    names::container(project, kind)
}
