//! Whose lines of a merged log are shown: a muted service is followed as before, and its lines come back with it.

use super::LogPane;
use crate::{
    app::{Action, Effect, Model, overlay::Overlay, pane::Tab, toasts::Mood},
    domain::ServiceId,
};

impl LogPane {
    /// True if the lines of a service are hidden.
    #[must_use]
    pub fn is_muted(&self, service: &ServiceId) -> bool {
        self.muted.contains(service)
    }

    /// How many services are muted.
    #[must_use]
    pub fn muted_count(&self) -> usize {
        self.buffer.lanes().iter().filter(|lane| lane.muted).count()
    }

    /// Mutes a service, or lets it be heard again.
    ///
    /// # Errors
    ///
    /// Fails with a word for the operator if it is the last one that is heard.
    pub fn toggle_mute(&mut self, service: &ServiceId) -> Result<(), &'static str> {
        if !self.muted.remove(service) {
            if self.muted.len() + 1 >= self.services.len() {
                return Err("it is the only service that is shown: unmute another one first");
            }
            self.muted.insert(service.clone());
        }
        self.hear();
        Ok(())
    }

    /// Shows one service alone; all of them if it is alone already.
    pub fn solo(&mut self, service: &ServiceId) {
        let others = self.services.iter().filter(|other| *other != service);
        let others = others.cloned().collect();
        self.muted = if self.muted == others {
            Default::default()
        } else {
            others
        };
        self.hear();
    }

    /// Brings the buffer in line. What is not followed any more is forgotten, and somebody is always heard.
    pub(super) fn hear(&mut self) {
        if self.services.is_empty() {
            return;
        }
        self.muted.retain(|service| self.services.contains(service));
        if self.muted.len() >= self.services.len() {
            self.muted.clear();
        }
        self.buffer.mute(|service| self.muted.contains(service));
    }
}

impl Model {
    /// Opens the list of the services whose lines are merged.
    pub(in crate::app) fn list_services(&mut self) {
        self.show(Tab::Logs);
        if self.services_to_follow().len() > 1 {
            self.overlay = Some(Overlay::Services(0));
        } else {
            let text = "the log of one service: there is nothing to mute beside it";
            self.say(Mood::Info, text.to_owned());
        }
    }

    pub(in crate::app) fn press_in_services(
        &mut self,
        index: usize,
        action: Option<Action>,
    ) -> Vec<Effect> {
        let last = self.logs.services.len().saturating_sub(1);
        let index = index.min(last);
        let service = self.logs.services.get(index).cloned();
        match (action, service) {
            (Some(Action::Open), Some(service)) => self.logs.solo(&service),
            (Some(Action::Mute), Some(service)) => {
                self.overlay = Some(Overlay::Services(index));
                self.mute(&service);
            }
            _ => self.overlay = self.moved(index, last, action).map(Overlay::Services),
        }
        Vec::new()
    }

    /// Mutes a service, or lets it be heard again; says why it cannot.
    pub(in crate::app) fn mute(&mut self, service: &ServiceId) {
        if let Err(why) = self.logs.toggle_mute(service) {
            self.say(Mood::Info, why.to_owned());
        }
    }
}
