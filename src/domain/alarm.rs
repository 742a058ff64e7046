//! When to call the operator: a service turns red that does not merely wait for another, and nobody asked for it.

mod intent;
#[cfg(test)]
mod tests;
mod watch;

pub use intent::{Deed, GRACE, INTENT_MAX, Intents};

use super::{Health, PerService, ProjectName, ServiceId, ServiceKind, State, Target};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use watch::Watch;

/// A service turned red.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// Which.
    pub service: ServiceId,
    /// What it is now.
    pub state: State,
}

/// Follows all projects. `up` is the time since the program began, by a clock that never jumps.
#[derive(Debug, Default)]
pub struct Alarms {
    projects: BTreeMap<ProjectName, Four>,
    intents: Intents,
}

/// The services of one project.
#[derive(Debug, Default)]
struct Four {
    health: PerService<Health>,
    watch: PerService<Watch>,
    /// Something is other than when they were last looked at.
    stirred: bool,
}

impl Alarms {
    /// The health of a service is this now.
    pub fn see(&mut self, service: &ServiceId, health: Health) {
        let four = self.projects.entry(service.project.clone()).or_default();
        let before = std::mem::replace(&mut four.health[service.kind], health);
        let after = &four.health[service.kind];
        // Each check tells the health anew; what decides seldom changes.
        four.stirred |= before.state != after.state
            || before.serves() != after.serves()
            || before.crashes.back() != after.crashes.back()
            || before.exit_code != after.exit_code
            || (before.failures > 0) != (after.failures > 0);
    }

    /// These are all projects that there are.
    pub fn keep(&mut self, projects: &BTreeSet<ProjectName>) {
        self.projects.retain(|name, _| projects.contains(name));
    }

    /// An operation begins that takes `target` up or down; it may be told more than once.
    pub fn begin(&mut self, id: &str, target: &Target, deed: Deed, up: Duration) {
        self.intents.begin(id, target, deed, up);
        self.stir(&target.project);
    }

    /// An operation ended; `done` if it did what was asked.
    pub fn end(&mut self, id: &str, done: bool, up: Duration) {
        if let Some(project) = self.intents.end(id, done, up) {
            self.stir(&project);
        }
    }

    fn stir(&mut self, project: &ProjectName) {
        if let Some(four) = self.projects.get_mut(project) {
            four.stirred = true;
        }
    }

    /// What operations are under way, or were a moment ago.
    #[must_use]
    pub const fn intents(&self) -> &Intents {
        &self.intents
    }

    /// True if an alarm may be due: whoever can learn of more operations does so before [`Self::due`] is asked.
    #[must_use]
    pub fn is_stirred(&self, up: Duration) -> bool {
        self.projects.values().any(|four| four.wants_look(up))
    }

    /// The alarms that are due. Each is given once, and again only after the service was well in between.
    pub fn due(&mut self, up: Duration) -> Vec<Alarm> {
        self.intents.forget_old(up);
        let mut alarms = Vec::new();
        for (project, four) in &mut self.projects {
            if four.wants_look(up) {
                alarms.extend(four.look(project, &self.intents, up));
            }
        }
        alarms
    }

    /// When one of those may be due that are held back for a while.
    #[must_use]
    pub fn next_due(&self) -> Option<Duration> {
        let all = self.projects.values().filter_map(Four::next_due);
        all.min()
    }
}

impl Four {
    fn next_due(&self) -> Option<Duration> {
        self.watch.0.iter().filter_map(Watch::due).min()
    }

    fn wants_look(&self, up: Duration) -> bool {
        self.stirred || self.next_due().is_some_and(|due| due <= up)
    }

    fn look(&mut self, project: &ProjectName, intents: &Intents, up: Duration) -> Vec<Alarm> {
        self.stirred = false;
        let mut alarms = Vec::new();
        for kind in ServiceKind::ALL {
            let service = ServiceId::new(project, kind);
            let plan = intents.plan(&service, up);
            if self.watch[kind].look(kind, &self.health, plan, up) {
                let state = self.health[kind].state;
                alarms.push(Alarm { service, state });
            }
        }
        alarms
    }
}
