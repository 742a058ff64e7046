//! Limits that somebody else changed: brought back with one key, or kept by another.

use super::act::Wish;
use crate::{
    app::{Effect, Model},
    domain::ServiceId,
    hub::Request,
};

impl Model {
    /// Brings the limits of the hub file back where others are in force.
    pub(in crate::app) fn reapply_limits(&mut self) -> Vec<Effect> {
        let wishes = self.drifted(|service| Request::ReapplyLimits {
            service,
            below_use: false,
        });
        if wishes.is_empty() {
            return self.say_no_drift();
        }
        if !self.may_change("change limits") {
            return Vec::new();
        }
        let warnings = self.below_use(&wishes);
        self.ask_or_send(wishes, Vec::new(), warnings)
    }

    /// Writes the limits in force into the hub file where it says others.
    pub(in crate::app) fn keep_limits(&mut self) -> Vec<Effect> {
        let wishes = self.drifted(Request::KeepLimits);
        if wishes.is_empty() {
            return self.say_no_drift();
        }
        if !self.may_write_hub_file("keep limits") {
            return Vec::new();
        }
        self.send_limits(wishes, &[])
    }

    /// True if somebody else changed limits of what is edited.
    #[must_use]
    pub fn has_drifted(&self) -> bool {
        let services = self.limits.iter().flat_map(|editor| &editor.services);
        let mut rows = services.filter_map(|id| Some((self.known.rows.get(&id.project)?, id.kind)));
        rows.any(|(row, kind)| row.drift(kind).is_some())
    }

    fn say_no_drift(&mut self) -> Vec<Effect> {
        self.say_nothing_done("nothing to do: the limits in force are those of the hub file")
    }

    /// A request for each service of what is meant whose limits somebody else changed, if nothing is under way there.
    fn drifted(&self, request: impl Fn(ServiceId) -> Request) -> Vec<Wish> {
        let has_drifted = |id: &ServiceId| {
            let row = self.known.rows.get(&id.project);
            row.is_some_and(|row| row.drift(id.kind).is_some()) && !self.changes.is_open(id)
        };
        let services = self.limited().into_iter().filter(has_drifted);
        services.map(|id| (id.clone(), request(id))).collect()
    }
}
