//! A shell in the selected service: what has to hold before the screen steps aside for it.

use super::{Effect, Model, toasts::Mood};
use crate::domain::ServiceId;

impl Model {
    /// `plain` is a shell also where there is a client of what the service serves.
    pub(super) fn open_shell(&mut self, plain: bool) -> Vec<Effect> {
        let Some(target) = self.fleet.selected() else {
            self.say(Mood::Info, "no project is selected".to_owned());
            return Vec::new();
        };
        let Some(kind) = target.service else {
            let words = format!("a shell in which service of {target}? choose one with the arrows");
            self.say(Mood::Info, words);
            return Vec::new();
        };
        if !self.may_change("open a shell") {
            return Vec::new();
        }
        if !self.known.is_live() {
            let words = "no shell: the engine is out of reach, see the top line";
            self.say(Mood::Bad, words.to_owned());
            return Vec::new();
        }
        let service = ServiceId::new(&target.project, kind);
        vec![Effect::Shell { service, plain }]
    }
}
