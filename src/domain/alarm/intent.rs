//! What operators do right now, here or with another program: what their operations bring about is no surprise.

use super::{ServiceId, ServiceKind, Target};
use crate::domain::{ProjectName, timeline::SETTLE};
use std::{collections::BTreeMap, time::Duration};

/// After an operation a service has this long to be well; what is not well then was not meant.
pub const GRACE: Duration = Duration::from_secs(30);
/// An operation whose end nobody learns of is over after this.
pub const INTENT_MAX: Duration = Duration::from_mins(15);

/// Where an operation takes its services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Up: start, restart.
    Up,
    /// Down: stop, remove.
    Down,
}

/// What is meant with a service now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Plan {
    /// Nothing: whatever happens is a surprise.
    None,
    /// An operation works on it.
    Running(Deed),
    /// One has done so, and there is some time left for it to be well.
    Until(Duration, Deed),
}

#[derive(Debug)]
struct Intent {
    target: Target,
    deed: Deed,
    began: Duration,
    /// When it ended, and whether it did what was asked.
    ended: Option<(Duration, bool)>,
}

impl Intent {
    /// True if the operation works on `service`, or on something that it cannot do without: it is restarted, too, or
    /// misses it for a while.
    fn concerns(&self, service: &ServiceId) -> bool {
        let is_meant = |kind: ServiceKind| {
            let waits = self.deed == Deed::Up && kind.dependants().contains(&service.kind);
            kind == service.kind || waits
        };
        self.target.project == service.project && self.target.service.is_none_or(is_meant)
    }
}

/// Operations by their names.
#[derive(Debug, Default)]
pub struct Intents(BTreeMap<String, Intent>);

impl Intents {
    pub(super) fn begin(&mut self, id: &str, target: &Target, deed: Deed, up: Duration) {
        self.0.entry(id.to_owned()).or_insert_with(|| Intent {
            target: target.clone(),
            deed,
            began: up,
            ended: None,
        });
    }

    /// Gives its project, if it was known.
    pub(super) fn end(&mut self, id: &str, done: bool, up: Duration) -> Option<ProjectName> {
        let intent = self.0.get_mut(id)?;
        intent.ended.get_or_insert((up, done));
        Some(intent.target.project.clone())
    }

    pub(super) fn forget_old(&mut self, up: Duration) {
        self.0.retain(|_, intent| match intent.ended {
            Some((at, _)) => up < at + GRACE,
            None => up < intent.began + INTENT_MAX,
        });
    }

    /// True while an operation works on `service`, and a moment longer: what it did is learnt a little later.
    #[must_use]
    pub fn hold(&self, service: &ServiceId, up: Duration) -> bool {
        let holds = |intent: &Intent| match intent.ended {
            Some((at, _)) => up < at + SETTLE,
            None => up < intent.began + INTENT_MAX,
        };
        self.of(service).any(holds)
    }

    fn of<'a>(&'a self, service: &'a ServiceId) -> impl Iterator<Item = &'a Intent> {
        self.0.values().filter(|intent| intent.concerns(service))
    }

    pub(super) fn plan(&self, service: &ServiceId, up: Duration) -> Plan {
        let running = self.of(service).find(|intent| intent.ended.is_none());
        if let Some(intent) = running {
            return Plan::Running(intent.deed);
        }
        let done = self.of(service).filter_map(|intent| {
            let (at, done) = intent.ended?;
            (done && up < at + GRACE).then_some((at + GRACE, intent.deed))
        });
        let last = done.max_by_key(|(until, _)| *until);
        last.map_or(Plan::None, |(until, deed)| Plan::Until(until, deed))
    }
}

impl Plan {
    /// Until when an operation that is over excuses what is not well.
    pub(super) const fn until(self) -> Option<Duration> {
        match self {
            Self::Until(until, _) => Some(until),
            Self::None | Self::Running(_) => None,
        }
    }
}
