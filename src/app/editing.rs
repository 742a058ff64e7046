//! Typing: the filter of the list and the limits editor.

use super::{
    Action, Chord, Effect, Model,
    field::Field,
    keymap::Mode,
    limits::{self, LimitsEditor, Outcome},
    overlay::{
        Overlay,
        confirm::{Confirm, below_use_text},
    },
    pane::{Focus, Tab},
    toasts::Mood,
};
use crate::{
    domain::{Limits, ServiceId, Target},
    hub::{Command, Request},
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
                | Overlay::Jobs(_)
                | Overlay::Line(_)
                | Overlay::Services(_)
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

    /// The editor is about the selected service, and shows what is in force until something is typed.
    pub(super) fn settle_limits(&mut self, selected: Option<&Target>) {
        let service = selected
            .filter(|_| self.tab == Tab::Limits)
            .and_then(|target| Some(ServiceId::new(&target.project, target.service?)));
        let shown = service.and_then(|id| {
            let row = self.known.rows.get(&id.project)?;
            let limits = (row.limits_of(id.kind), row.project.limits[id.kind]);
            Some((id, limits))
        });
        let Some((id, (now, saved))) = shown else {
            self.limits = None;
            return;
        };
        match &mut self.limits {
            Some(editor) if editor.service == id => {
                if editor.touched || matches!(editor.outcome, Outcome::Sent(_)) {
                    return;
                }
                editor.seen = saved;
                if editor.wished(self.known.capacity()) != Some(now) {
                    editor.show(now);
                }
            }
            other => *other = Some(LimitsEditor::new(id, now, saved)),
        }
    }

    /// The limits that `id` has now.
    #[must_use]
    pub fn limits_in_force(&self, id: &ServiceId) -> Option<Limits> {
        let row = self.known.rows.get(&id.project)?;
        Some(row.limits_of(id.kind))
    }

    pub(super) fn press_in_limits(&mut self, chord: Chord, action: Option<Action>) -> Vec<Effect> {
        match action {
            Some(Action::Apply) => return self.apply_limits(),
            Some(Action::Undo) => return self.undo_limits(),
            Some(Action::Back) => self.leave_limits(),
            Some(action @ (Action::Palette | Action::Help)) => return self.act(action),
            Some(Action::NextProblem) => {
                self.leave_limits();
                self.next_problem();
            }
            _ => {}
        }
        let Some(editor) = &mut self.limits else {
            return Vec::new();
        };
        match action {
            Some(Action::NextField) => editor.move_focus(1),
            Some(Action::PreviousField) => editor.move_focus(2),
            Some(Action::Default) => editor.put_default(),
            Some(_) => {}
            None => editor.input(chord),
        }
        Vec::new()
    }

    /// Back to the list; what was typed and not applied is forgotten.
    fn leave_limits(&mut self) {
        self.focus = Focus::List;
        self.size = super::pane::PaneSize::Normal;
        if let Some(editor) = &mut self.limits {
            editor.touched = false;
        }
    }

    fn apply_limits(&mut self) -> Vec<Effect> {
        let host = self.known.capacity();
        let Some(editor) = &mut self.limits else {
            return Vec::new();
        };
        if matches!(editor.outcome, Outcome::Sent(_)) {
            self.say(
                Mood::Info,
                "the change before this one is still under way".to_owned(),
            );
            return Vec::new();
        }
        if let Some(bad) = editor.errors(host).iter().position(Option::is_some) {
            editor.focus = bad;
            editor.touched = true;
            return Vec::new();
        }
        let (id, wished) = (editor.service.clone(), editor.wished(host));
        wished.map_or_else(Vec::new, |wished| self.send_limits(&id, wished))
    }

    fn undo_limits(&mut self) -> Vec<Effect> {
        let before = self.limits.as_ref().and_then(|e| e.undo.last().copied());
        let Some((before, editor)) = before.zip(self.limits.as_mut()) else {
            let text = "there is no change to undo";
            self.say(Mood::Info, text.to_owned());
            return Vec::new();
        };
        editor.undo.pop();
        editor.show(before);
        editor.touched = true;
        Vec::new()
    }

    fn send_limits(&mut self, id: &ServiceId, wished: Limits) -> Vec<Effect> {
        let Some(now) = self.limits_in_force(id) else {
            return Vec::new();
        };
        let change = limits::change(now, wished);
        if change.is_empty() {
            self.say(Mood::Info, "these limits are in force already".to_owned());
            return Vec::new();
        }
        if !self.may_write_hub_file("change limits") {
            return Vec::new();
        }
        let used = self
            .known
            .rows
            .get(&id.project)
            .and_then(|row| row.usage[id.kind])
            .map(|usage| usage.memory);
        let seen = self.limits.as_ref().map(|editor| editor.seen);
        let command = |below_use| {
            Command::Run(Request::Limits {
                service: id.clone(),
                change,
                seen,
                below_use,
            })
        };
        match (change.memory, used) {
            (Some(limit), Some(used)) if limit < used => {
                let text = below_use_text(id, limit, used);
                let confirm = Confirm::below_use(&self.known, id, command(true), text);
                self.ask(confirm);
                Vec::new()
            }
            _ => {
                self.limits_sent(id);
                vec![Effect::Hub(command(false))]
            }
        }
    }

    /// The change is on its way: the editor waits for what becomes of it.
    pub(super) fn limits_sent(&mut self, id: &ServiceId) {
        let (now, host) = (self.limits_in_force(id), self.known.capacity());
        let Some(editor) = self.limits.as_mut().filter(|e| e.service == *id) else {
            return;
        };
        if let Some((now, wished)) = now.zip(editor.wished(host)) {
            editor.remember(now);
            editor.outcome = Outcome::Sent(wished);
            editor.job = None;
        }
    }
}
