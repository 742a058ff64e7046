//! Whoever needs a service is asked as soon as that one goes away or comes back, not when its own turn comes: what an outage
//! hits is part of what the operator has to see.

use super::Refresh;
use crate::domain::{ServiceId, State};

impl Refresh {
    /// Whether a service does its work; `None` while nobody knows.
    pub(super) fn serves(&self, id: &ServiceId) -> Option<bool> {
        let health = self.services.get(id)?.tracker.health();
        (health.state != State::Unknown).then(|| health.serves())
    }

    /// `id` is not what it was when it `served`, or did not: those that need it and whose last answer is from then are
    /// asked now. The others keep their turns.
    pub(super) fn ask_who_needs(&mut self, id: &ServiceId, served: Option<bool>) {
        let serves = self.serves(id);
        if served.is_none() || serves.is_none() || served == serves {
            return;
        }
        for kind in id.kind.dependants() {
            let dependant = ServiceId::new(&id.project, *kind);
            if self.serves(&dependant) != served {
                continue;
            }
            if let Some(watched) = self.services.get_mut(&dependant) {
                watched.hurry();
            }
        }
    }
}
