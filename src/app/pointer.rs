//! The mouse: a click does what the key for the thing under it does.

use super::{
    Action, Effect, Model,
    logs::Key,
    msg::{Hit, Mouse},
    overlay::{Overlay, confirm::GUARD},
    pane::{Focus, Tab},
};

impl Model {
    pub(super) fn point(&mut self, mouse: Mouse) -> Vec<Effect> {
        match mouse {
            Mouse::Click(hit) if self.overlay.is_some() => self.click_overlay(hit),
            Mouse::Click(hit) => self.click(hit),
            Mouse::Wheel(hit, rows) => self.turn_wheel(&hit, rows),
        }
    }

    fn click(&mut self, hit: Hit) -> Vec<Effect> {
        match hit {
            Hit::Cell(project, service) => {
                self.focus = Focus::List;
                self.fleet.project = Some(project);
                self.fleet.column = service;
            }
            Hit::Head(sort) => self.sort_by(sort),
            Hit::Tab(Tab::Limits) => self.show_limits(),
            Hit::Tab(tab) => self.show(tab),
            Hit::Solo(service) => self.logs.solo(&service),
            Hit::Mute(service) => self.mute(&service),
            Hit::Chip(chip) => self.logs.take_away(chip),
            Hit::Pane if self.fleet.project.is_some() => self.focus = Focus::Pane,
            Hit::Action(action) if self.fleet.typing.is_none() => {
                // Hints of fields are keys for the field, not actions of their own.
                return match self.mode() {
                    super::keymap::Mode::Limits => {
                        let key = self.keys.chords(self.mode(), action).first().copied();
                        key.map_or_else(Vec::new, |chord| self.press(chord))
                    }
                    _ => self.act(action),
                };
            }
            Hit::Line(key) => self.click_line(key),
            Hit::Entry(entry) => return self.click_entry(entry),
            Hit::Pane
            | Hit::Action(_)
            | Hit::Item(_)
            | Hit::Cancel
            | Hit::Accept
            | Hit::Nothing => {}
        }
        Vec::new()
    }

    /// A click chooses a line, a second one opens it.
    fn click_line(&mut self, key: Key) {
        if self.logs.cursor().is_some_and(|shown| shown.row.key == key) {
            self.open_line();
        } else {
            self.pick_line(Some(key));
        }
    }

    fn click_overlay(&mut self, hit: Hit) -> Vec<Effect> {
        match (self.overlay.take(), hit) {
            (Some(Overlay::Confirm(confirm)), Hit::Accept) if self.up >= confirm.opened + GUARD => {
                self.accept(confirm)
            }
            (Some(Overlay::Palette(mut palette)), Hit::Item(index)) => {
                palette.index = index;
                self.choose(&palette)
            }
            (Some(Overlay::Menu(mut menu)), Hit::Item(index)) => {
                menu.index = index;
                self.choose_in_menu(&menu)
            }
            (Some(Overlay::Ways(mut ways)), Hit::Item(index)) => {
                ways.index = index;
                self.choose_way(&ways);
                Vec::new()
            }
            (Some(Overlay::Jobs(_)), Hit::Item(index)) => {
                self.overlay = Some(Overlay::Jobs(index));
                Vec::new()
            }
            (Some(Overlay::Audit(audit)), Hit::Item(index)) => self.click_finding(audit, index),
            (Some(Overlay::Urls(urls)), Hit::Item(index)) => self.click_url(urls, index),
            (Some(Overlay::Services(_)), Hit::Item(index)) => {
                self.press_in_services(index, Some(Action::Mute))
            }
            (Some(Overlay::Presets(_)), Hit::Item(index)) => {
                self.press_in_presets(index, Some(Action::Open))
            }
            // A click beside a dialog never answers it.
            (overlay @ Some(Overlay::Confirm(_) | Overlay::Add(_) | Overlay::Save(_)), hit)
                if hit != Hit::Cancel =>
            {
                self.overlay = overlay;
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn turn_wheel(&mut self, hit: &Hit, rows: i32) -> Vec<Effect> {
        let rows = isize::try_from(rows).unwrap_or(0);
        if self.overlay.is_some() {
            let action = if rows < 0 { Action::Up } else { Action::Down };
            let keys = self.keys.chords(self.mode(), action);
            let Some(chord) = keys.last().copied() else {
                return Vec::new();
            };
            return self.press(chord);
        }
        match hit {
            Hit::Pane | Hit::Line(_) | Hit::Entry(_) => self.scroll_pane(rows),
            Hit::Cell(..) | Hit::Head(_) => self.fleet.step(rows.signum()),
            _ => {}
        }
        Vec::new()
    }
}
