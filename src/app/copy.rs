//! Text out of the log pane and the timeline: into the clipboard, alone on the screen, or a line as a whole.

use super::{
    Effect, Model,
    logs::{Key, plain::Moments},
    msg::Clipboard,
    overlay::{Overlay, line::WholeLine},
    pane::{Focus, Tab},
    text::grouped,
    toasts::Mood,
};
use crate::{domain::Target, hub::Command};

/// Longest text in bytes that can be copied. Longer ones are dropped by widespread terminals without a word: with the
/// encoding and its frame these are 100,000 bytes.
pub const TEXT_MAX: usize = 74_994;

impl Model {
    /// Puts the cursor on a line of the log; begins or ends a range if it stands on one already.
    pub(super) fn select_line(&mut self) {
        if self.logs.picked.is_some() {
            self.logs.toggle_range();
        } else {
            self.pick_line(None);
        }
    }

    /// Puts the cursor on a line of the log, and the keys into the pane.
    pub(super) fn pick_line(&mut self, wanted: Option<Key>) {
        if self.tab == Tab::Logs && self.logs.pick(wanted) {
            self.focus = Focus::Pane;
        } else {
            self.say(Mood::Info, "there is no line to choose".to_owned());
        }
    }

    /// What is chosen, else what is visible, as it is shown; or why that cannot be had.
    fn chosen_text(&self) -> Result<String, String> {
        if self.tab == Tab::Timeline {
            return self.timeline_text().and_then(|text| self.fitting(text));
        }
        let logs = &self.logs;
        let visible = || logs.top().key..=logs.last_visible();
        let rows = logs.chosen().unwrap_or_else(visible);
        let zone = logs.zone(&self.settings.zone);
        let moments = zone.map_or(Moments::None, Moments::Day);
        let walk = logs.buffer.walk(*rows.start());
        let plain = logs.plain(walk, *rows.end(), &moments, TEXT_MAX);
        if plain.lines == 0 || self.tab != Tab::Logs {
            return Err("there is no line to copy".to_owned());
        }
        let text = plain.text.trim_end_matches('\n').to_owned();
        if plain.next.is_some() {
            return Err(self.too_long());
        }
        self.fitting(text)
    }

    fn fitting(&self, text: String) -> Result<String, String> {
        if text.len() > TEXT_MAX {
            return Err(self.too_long());
        }
        Ok(text)
    }

    fn too_long(&self) -> String {
        let key = self
            .keys
            .hint(super::keymap::Mode::Log, super::Action::Save)
            .unwrap_or_default();
        let most = grouped(TEXT_MAX as u64);
        format!("more than {most} bytes, which terminals drop: nothing was copied; {key} saves it")
    }

    /// Copies what is chosen, else what is visible.
    pub(super) fn copy(&mut self) -> Vec<Effect> {
        let text = self.chosen_text();
        if text.is_ok() && self.logs.has_range() {
            self.logs.unpick();
        }
        self.effect_or_words(text.map(Effect::Copy))
    }

    /// Shows the same text alone on the screen.
    pub(super) fn show_plain(&mut self) -> Vec<Effect> {
        let text = self.chosen_text();
        self.effect_or_words(text.map(Effect::ShowPlain))
    }

    /// Copies a line that is shown as a whole.
    pub(super) fn copy_line(&mut self, line: &WholeLine) -> Vec<Effect> {
        let text = self.fitting(line.plain());
        self.effect_or_words(text.map(Effect::Copy))
    }

    fn effect_or_words(&mut self, effect: Result<Effect, String>) -> Vec<Effect> {
        match effect {
            Ok(effect) => vec![effect],
            Err(why) => {
                self.say(Mood::Info, why);
                Vec::new()
            }
        }
    }

    /// Opens the line under the cursor as a whole; chooses one first if none is chosen.
    pub(super) fn open_line(&mut self) {
        let line = self
            .logs
            .cursor()
            .map(|shown| WholeLine::new(&self.logs, &shown, &self.settings.zone));
        match line {
            Some(line) => self.overlay = Some(Overlay::Line(Box::new(line))),
            None => self.pick_line(None),
        }
    }

    /// Shows all four services, without filters, around the line under the cursor.
    pub(super) fn look_around(&mut self) -> Vec<Effect> {
        let Some(shown) = self.logs.cursor() else {
            return Vec::new();
        };
        let target = Target::project(&shown.lane.service.project);
        let (key, at) = (shown.row.key, shown.row.at());
        self.logs.show_around(key);
        let services = target.services();
        if services.iter().all(|s| self.logs.services.contains(s)) {
            return Vec::new();
        }
        self.go_to(target);
        let old = self.logs.turn_to(services);
        self.logs.seek(at);
        let unfollow = old.map(|id| Effect::Hub(Command::Unfollow(id)));
        unfollow.into_iter().collect()
    }

    /// Text was copied.
    pub(super) fn copied(&mut self, lines: usize, to: Clipboard) {
        let lines = counted(lines as u64);
        match to {
            Clipboard::Terminal => {
                // Many terminals have it switched off, and none says so.
                let key = self
                    .keys
                    .hint(super::keymap::Mode::Log, super::Action::Plain);
                let text = format!(
                    "{lines} sent to the terminal's clipboard; if nothing arrives, {} shows plain text",
                    key.unwrap_or_default()
                );
                self.say(Mood::Info, text);
            }
            Clipboard::Tmux => {
                let text = format!("{lines} in tmux's buffer, and in its clipboard if it has one");
                self.say(Mood::Good, text);
            }
        }
    }
}

/// `1 line`, `1,240 lines`.
pub(super) fn counted(lines: u64) -> String {
    match lines {
        1 => "1 line".to_owned(),
        n => format!("{} lines", grouped(n)),
    }
}
