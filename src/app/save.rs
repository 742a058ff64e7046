//! Saving lines of a log, or a timeline, to a file: a form asks for its name, then it grows piece by piece between keys and
//! frames.

use super::{
    Action, Chord, Effect, Model,
    copy::counted,
    logs::{Key, plain::Moments},
    msg::{Save, Saved},
    overlay::{
        Overlay,
        save::{Of, SaveForm, Which},
    },
    pane::Tab,
    toasts::Mood,
};
use crate::{domain::Bytes, hub::FollowId};
use jiff::tz::TimeZone;

/// Bytes of one piece: some milliseconds of work, and what is held of the log a second time.
const PIECE: usize = 256 * 1024;

/// What is being saved.
#[derive(Debug, Clone)]
pub enum Saving {
    /// Lines of the log.
    Log(Lines),
    /// A text that is whole already.
    Text {
        /// As long as it is not handed over.
        rest: Option<String>,
        /// What is in it: `21 entries`.
        what: String,
    },
}

/// Lines of the log that are being saved.
#[derive(Debug, Clone)]
pub struct Lines {
    which: Which,
    next: Option<Key>,
    last: Key,
    lines: u64,
    /// The stream that the lines come from …
    follow: Option<FollowId>,
    /// … and how often it was changed what of them is shown. If that changes, the file would be of two minds.
    changes: u64,
}

impl Model {
    /// Opens the form.
    pub(super) fn open_save(&mut self) {
        if self.saving.is_some() {
            self.say(
                Mood::Info,
                "the lines before are still being saved".to_owned(),
            );
        } else if self.tab == Tab::Timeline {
            self.open_save_of_timeline();
        } else if self.tab != Tab::Logs || self.logs.buffer.is_empty() {
            self.say(Mood::Info, "there is no line to save".to_owned());
        } else {
            let mut choices = Vec::new();
            choices.extend(self.logs.has_range().then_some(Which::Chosen));
            let hides = self.logs.buffer.hides_something();
            choices.extend(hides.then_some(Which::Shown));
            choices.push(Which::All);
            let form = SaveForm::new(Of::Log, &self.proposed_name(), choices);
            self.overlay = Some(Overlay::Save(Box::new(form)));
        }
    }

    /// `shop-postgres-20260721-140158.log`.
    fn proposed_name(&self) -> String {
        let services = &self.logs.services;
        let subject = match services.as_slice() {
            [one] => format!("{}-{}", one.project, one.kind),
            [first, rest @ ..] if rest.iter().all(|s| s.project == first.project) => {
                first.project.to_string()
            }
            _ => "logs".to_owned(),
        };
        format!("{subject}-{}.log", self.moment_for_a_name())
    }

    /// The time as a part of a file's name.
    pub(super) fn moment_for_a_name(&self) -> String {
        let zone: TimeZone = self.settings.zone.clone();
        let now = self.now.to_zoned(zone);
        now.strftime("%Y%m%d-%H%M%S").to_string()
    }

    pub(super) fn press_in_save(
        &mut self,
        mut form: Box<SaveForm>,
        chord: Chord,
        action: Option<Action>,
    ) -> Vec<Effect> {
        let effects = match action {
            Some(Action::Back) => return self.give_up(form.sent),
            _ if form.sent => Vec::new(),
            Some(Action::Apply) => self.begin_saving(&mut form),
            Some(Action::NextField | Action::PreviousField | Action::Up | Action::Down) => {
                form.next_choice();
                Vec::new()
            }
            _ => {
                form.field.input(chord);
                form.error = None;
                Vec::new()
            }
        };
        self.overlay = Some(Overlay::Save(form));
        effects
    }

    fn give_up(&mut self, sent: bool) -> Vec<Effect> {
        if !sent {
            return Vec::new();
        }
        self.saving = None;
        vec![Effect::Save(Save::GiveUp)]
    }

    fn begin_saving(&mut self, form: &mut SaveForm) -> Vec<Effect> {
        let (which, path) = (form.which(), form.field.text().trim().to_owned());
        if path.is_empty() {
            form.fail("type a name", None);
            return Vec::new();
        }
        if form.of == Of::Timeline {
            self.saving = Some(self.timeline_to_save(which));
            form.sent = true;
            return vec![Effect::Save(Save::Begin(path))];
        }
        if which == Which::Shown && !self.logs.is_sifted() {
            form.fail(
                "the filter still looks through older lines: try again in a moment",
                None,
            );
            return Vec::new();
        }
        let chosen = self.logs.chosen().filter(|_| which == Which::Chosen);
        let (first, last) =
            chosen.map_or((Key::FIRST, Key::LAST), |rows| (*rows.start(), *rows.end()));
        self.saving = Some(Saving::Log(Lines {
            which,
            next: Some(first),
            // What comes while it is saved does not belong to it.
            last: self.logs.buffer.last_key().min(last),
            lines: 0,
            follow: self.logs.follow,
            changes: self.logs.buffer.changes(),
        }));
        form.sent = true;
        vec![Effect::Save(Save::Begin(path))]
    }

    /// Something about the file.
    pub(super) fn saved(&mut self, saved: Saved) -> Vec<Effect> {
        let Some(saving) = self.saving.take() else {
            return Vec::new();
        };
        match saved {
            Saved::Next => return vec![Effect::Save(self.next_piece(saving))],
            Saved::Done { path, bytes } => {
                let what = match saving {
                    Saving::Log(lines) => counted(lines.lines),
                    Saving::Text { what, .. } => what,
                };
                let bytes = Bytes(bytes);
                self.say(Mood::Good, format!("{what} ({bytes}) saved to {path}"));
            }
            Saved::Failed { reason, free } => self.save_failed(&reason, free.as_deref()),
        }
        Vec::new()
    }

    fn save_failed(&mut self, reason: &str, free: Option<&str>) {
        match &mut self.overlay {
            Some(Overlay::Save(form)) if form.sent => form.fail(reason, free),
            _ => self.say(Mood::Bad, reason.to_owned()),
        }
    }

    fn next_piece(&mut self, saving: Saving) -> Save {
        if matches!(&self.overlay, Some(Overlay::Save(form)) if form.sent) {
            self.overlay = None;
        }
        match saving {
            Saving::Log(lines) => self.next_lines(lines),
            Saving::Text { rest, what } => {
                self.saving = Some(Saving::Text { rest: None, what });
                rest.map_or(Save::End, Save::Piece)
            }
        }
    }

    fn next_lines(&mut self, mut saving: Lines) -> Save {
        let is_shown_same =
            saving.which == Which::All || saving.changes == self.logs.buffer.changes();
        let is_same = is_shown_same && saving.follow == self.logs.follow;
        if !is_same {
            let words = "the log or its filter was changed: nothing was saved";
            self.say(Mood::Bad, words.to_owned());
            return Save::GiveUp;
        }
        let Some(next) = saving.next else {
            self.saving = Some(Saving::Log(saving));
            return Save::End;
        };
        let rows = match saving.which {
            Which::All => self.logs.buffer.walk_all(next),
            Which::Chosen | Which::Shown => self.logs.buffer.walk(next),
        };
        let plain = self.logs.plain(rows, saving.last, &Moments::Whole, PIECE);
        saving.next = plain.next;
        saving.lines += plain.lines;
        self.saving = Some(Saving::Log(saving));
        Save::Piece(plain.text)
    }
}
