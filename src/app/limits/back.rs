//! The last change of limits, undone from the list.

use super::act::mean_below_use;
use crate::{
    app::{Model, overlay::confirm::Confirm, toasts::Mood},
    domain::{Limits, ServiceId, Target},
    hub::Request,
};

impl Model {
    /// Asks whether the last change of limits of `target` is to be undone.
    pub(in crate::app) fn undo_limits(&mut self, target: &Target) {
        let services = target.services();
        let back = services.iter().find_map(|service| self.past.last(service));
        let Some(back) = back else {
            let text = format!("there is no change of the limits of {target} to undo");
            return self.say(Mood::Info, text);
        };
        let mut wishes = Vec::new();
        let mut words = Vec::new();
        for (service, before) in back.limits {
            let Some((now, request)) = self.way_back(&service, before) else {
                continue;
            };
            words.push(format!("{service}: {}", now.difference(before)));
            wishes.push((service, request));
        }
        if wishes.is_empty() {
            let text = format!("the limits of {target} are as before already");
            return self.say(Mood::Info, text);
        }
        let warnings = self.below_use(&wishes);
        if !warnings.is_empty() {
            mean_below_use(&mut wishes);
        }
        words.extend(warnings);
        let confirm = Confirm::limits(&self.known, wishes, back.batches, words);
        let title = format!("Undo: {}", confirm.title);
        self.ask(Confirm { title, ..confirm });
    }

    fn way_back(&self, service: &ServiceId, before: Limits) -> Option<(Limits, Request)> {
        let row = self.known.rows.get(&service.project)?;
        let now = row.limits_of(service.kind);
        let change = now.change_to(before);
        let request = Request::Limits {
            service: service.clone(),
            change,
            seen: Some(row.project.limits[service.kind]),
            below_use: false,
        };
        (!change.is_empty()).then_some((now, request))
    }
}
