//! The list of presets over the editor: one is chosen into the fields, and nothing is sent before Enter there.

use crate::{
    app::{Action, Effect, Model, overlay::Overlay, toasts::Mood},
    domain::{Limits, limits::Preset},
};

use super::Limit;

impl Model {
    /// The presets that can be chosen.
    #[must_use]
    pub fn presets(&self) -> Vec<Preset> {
        Preset::all(&self.known.presets)
    }

    /// Opens the editor of the selection with the list of presets.
    pub(in crate::app) fn list_presets(&mut self) {
        if self.open_editor() {
            self.overlay = Some(Overlay::Presets(0));
        }
    }

    /// Opens the editor of the selection with a preset in its fields.
    pub(in crate::app) fn choose_preset(&mut self, name: &str) {
        if self.open_editor() {
            self.put_preset(name);
        }
    }

    /// False, with a message, if no service is meant.
    fn open_editor(&mut self) -> bool {
        self.show_limits();
        self.settle_limits();
        if self.limits.is_none() {
            let text = "select a service or mark some: presets are for services";
            self.say(Mood::Info, text.to_owned());
        }
        self.limits.is_some()
    }

    pub(in crate::app) fn press_in_presets(
        &mut self,
        index: usize,
        action: Option<Action>,
    ) -> Vec<Effect> {
        let presets = self.presets();
        let last = presets.len().saturating_sub(1);
        if let (Some(Action::Open), Some(preset)) = (action, presets.get(index)) {
            self.put_preset(&preset.name);
        } else {
            self.overlay = self.moved(index, last, action).map(Overlay::Presets);
        }
        Vec::new()
    }

    /// Puts what a preset says into the fields.
    fn put_preset(&mut self, name: &str) {
        let now = self.limits_in_force();
        let preset = self
            .presets()
            .into_iter()
            .find(|preset| preset.name == name);
        let (Some(preset), Some(editor)) = (preset, &mut self.limits) else {
            return;
        };
        let changes = editor.services.iter().map(|id| preset.values[id.kind]);
        let changes: Vec<_> = changes.collect();
        let values = now.iter().zip(&changes);
        let values: Vec<Limits> = values.map(|(now, change)| now.with(*change)).collect();
        editor.back = 0;
        for (n, limit) in Limit::ALL.into_iter().enumerate() {
            if changes.iter().any(|change| limit.is_in(*change)) {
                editor.put(n, &preset.name, values.clone());
            }
        }
    }
}
