//! What limits were before each change, so that it can be undone step by step.

use crate::domain::{Limits, ServiceId};
use std::collections::BTreeMap;

/// Changes that can be undone.
const STEPS_MAX: usize = 50;

/// One change: the limits before it.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    batch: u32,
    before: BTreeMap<ServiceId, Limits>,
}

/// Changes that can be undone, oldest first.
#[derive(Debug, Clone, Default)]
pub struct Past {
    steps: Vec<Step>,
}

/// Where some changes back lead.
#[derive(Debug, Clone, PartialEq)]
pub struct Back {
    /// Their batches.
    pub batches: Vec<u32>,
    /// The limits before the oldest of them, of those services that they changed.
    pub limits: BTreeMap<ServiceId, Limits>,
}

impl Past {
    /// Remembers the limits before a batch.
    pub fn remember(&mut self, batch: u32, before: BTreeMap<ServiceId, Limits>) {
        self.steps.push(Step { batch, before });
        if self.steps.len() > STEPS_MAX {
            self.steps.remove(0);
        }
    }

    /// That service was not changed by that batch, or is as before again.
    pub fn forget(&mut self, batch: u32, service: &ServiceId) {
        for step in self.steps.iter_mut().filter(|step| step.batch == batch) {
            step.before.remove(service);
        }
        self.steps.retain(|step| !step.before.is_empty());
    }

    /// The last change of which `service` was a part, as a whole.
    #[must_use]
    pub fn last(&self, service: &ServiceId) -> Option<Back> {
        let has = |step: &&Step| step.before.contains_key(service);
        let step = self.steps.iter().rev().find(has)?;
        Some(Back {
            batches: vec![step.batch],
            limits: step.before.clone(),
        })
    }

    fn of<'a>(&'a self, services: &'a [ServiceId]) -> impl Iterator<Item = &'a Step> {
        let inside = |step: &&Step| step.before.keys().all(|id| services.contains(id));
        self.steps.iter().rev().filter(inside)
    }

    /// How many changes there are of these services and no others.
    #[must_use]
    pub fn count(&self, services: &[ServiceId]) -> usize {
        self.of(services).count()
    }

    /// Where the last `back` changes of these services lead back to.
    #[must_use]
    pub fn back(&self, services: &[ServiceId], back: usize) -> Back {
        let steps: Vec<&Step> = self.of(services).take(back).collect();
        let limits = steps.iter().flat_map(|step| &step.before);
        Back {
            batches: steps.iter().map(|step| step.batch).collect(),
            limits: limits.map(|(id, limits)| (id.clone(), *limits)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{Bytes, ServiceKind};
    use ServiceKind::{Postgres, Redis};

    fn id(kind: ServiceKind) -> ServiceId {
        ServiceId::new(&"shop".parse().unwrap(), kind)
    }

    fn before(kind: ServiceKind, mib: u64) -> BTreeMap<ServiceId, Limits> {
        let limits = Limits {
            memory: Bytes::mib(mib),
            ..Limits::default_of(kind)
        };
        BTreeMap::from([(id(kind), limits)])
    }

    #[test]
    fn the_way_back_goes_step_by_step_and_over_ones_own_services_only() {
        let mut past = Past::default();
        past.remember(1, before(Redis, 100));
        past.remember(2, before(Redis, 200));
        past.remember(3, before(Postgres, 300));
        let redis = [id(Redis)];
        let memory = |back| past.back(&redis, back).limits[&id(Redis)].memory;
        assert_eq!((memory(1), memory(2)), (Bytes::mib(200), Bytes::mib(100)));
        assert_eq!(past.back(&redis, 2).batches, [2, 1]);
        assert_eq!(
            (past.count(&redis), past.count(&[id(Redis), id(Postgres)])),
            (2, 3)
        );
        past.forget(2, &id(Redis));
        assert_eq!(past.back(&redis, 1).limits, before(Redis, 100));
    }

    #[test]
    fn it_is_bounded() {
        let mut past = Past::default();
        for batch in 0..200 {
            past.remember(batch, before(Redis, 100));
        }
        assert_eq!(past.count(&[id(Redis)]), STEPS_MAX);
        assert_eq!(past.back(&[id(Redis)], 1).batches, [199]);
    }
}
