//! Typing: the filter of the list, and where pasted text goes.

use super::{
    Action, Chord, Effect, Model,
    field::Field,
    keymap::Mode,
    overlay::{Overlay, confirm::Confirm},
    pane::{Focus, Tab},
    toasts::Mood,
};

impl Model {
    pub(super) fn begin_filter(&mut self) {
        self.fleet.typing = Some(Field::new(&self.fleet.filter));
    }

    pub(super) fn press_in_filter(&mut self, chord: Chord, action: Option<Action>) -> Vec<Effect> {
        match action {
            Some(Action::Apply) => self.fleet.typing = None,
            Some(Action::Back) => {
                self.fleet.typing = None;
                self.fleet.filter.clear();
            }
            Some(Action::Up) => self.fleet.step(-1),
            Some(Action::Down) => self.fleet.step(1),
            _ => {
                if let Some(field) = &mut self.fleet.typing {
                    field.input(chord);
                }
                self.take_filter();
            }
        }
        Vec::new()
    }

    fn take_filter(&mut self) {
        if let Some(field) = &self.fleet.typing {
            self.fleet.filter = field.text().trim().to_ascii_lowercase();
        }
    }

    /// Text was pasted: it goes into the field that has the keys, else nowhere. It never acts.
    pub(super) fn paste(&mut self, text: &str) -> Vec<Effect> {
        if let Some(overlay) = &mut self.overlay {
            match overlay {
                Overlay::Add(form) => form.paste(text),
                Overlay::Palette(palette) => {
                    palette.field.paste(text);
                    palette.search();
                }
                Overlay::Confirm(Confirm {
                    typed: Some((_, field)),
                    ..
                }) => field.paste(text),
                Overlay::Save(form) if !form.sent => form.field.paste(text),
                Overlay::Confirm(_)
                | Overlay::Help(..)
                | Overlay::Menu(_)
                | Overlay::Ways(_)
                | Overlay::Jobs(_)
                | Overlay::Line(_)
                | Overlay::Services(_)
                | Overlay::Presets(_)
                | Overlay::Audit(_)
                | Overlay::Urls(_)
                | Overlay::Save(_) => {}
            }
            return self.list_folder();
        }
        if let Some(field) = &mut self.fleet.typing {
            field.paste(text);
            self.take_filter();
        } else if let (Mode::Query, Some(asking)) = (self.mode(), &mut self.logs.asking) {
            asking.field.paste(text);
            self.logs.take_text();
        } else if let (Focus::Pane, Tab::Limits, Some(editor)) =
            (self.focus, self.tab, &mut self.limits)
        {
            editor.paste(text);
        } else {
            let text = "pasted text is ignored here: there is no field";
            self.say(Mood::Info, text.to_owned());
        }
        Vec::new()
    }
}
