//! The dialog with what the selection's containers lack in hardening: opened, and keys in it.

use super::{
    Action, Effect, Model,
    overlay::{
        Overlay,
        audit::{Audit, items},
    },
    toasts::Mood,
};

impl Model {
    pub(super) fn open_audit(&mut self) {
        let Some(target) = self.fleet.selected() else {
            self.say(Mood::Info, "no project is selected".to_owned());
            return;
        };
        let row = self.known.rows.get(&target.project);
        let found = row.and_then(|row| items(row, &target));
        match found {
            None => self.say(Mood::Info, format!("{target} has no container to look at")),
            Some(items) if items.is_empty() => {
                self.say(Mood::Good, format!("{target}: every check passes"));
            }
            Some(items) => {
                let host = self.known.host();
                self.overlay = Some(Overlay::Audit(Box::new(Audit {
                    title: format!("{} findings of {target} on {host}", items.len()),
                    items,
                    index: 0,
                })));
            }
        }
    }

    pub(super) fn press_in_audit(
        &mut self,
        mut audit: Box<Audit>,
        action: Option<Action>,
    ) -> Vec<Effect> {
        if action == Some(Action::Copy) {
            let effect = audit.chosen().map(|item| Effect::Copy(item.mend.clone()));
            self.overlay = Some(Overlay::Audit(audit));
            return effect.into_iter().collect();
        }
        let last = audit.items.len().saturating_sub(1);
        if let Some(index) = self.moved(audit.index, last, action) {
            audit.index = index;
            self.overlay = Some(Overlay::Audit(audit));
        }
        Vec::new()
    }

    /// A click selects a finding.
    pub(super) fn click_finding(&mut self, mut audit: Box<Audit>, index: usize) -> Vec<Effect> {
        audit.index = index.min(audit.items.len().saturating_sub(1));
        self.overlay = Some(Overlay::Audit(audit));
        Vec::new()
    }
}
