//! The timeline pane: what happened to the selection, the newest first. What is chosen is an entry, never a row: entries
//! that come above it do not move it.

use super::{
    Effect, Model,
    overlay::{
        Overlay,
        save::{Of, SaveForm, Which},
    },
    pane::{Focus, Tab},
    save::Saving,
    text,
    toasts::Mood,
};
use crate::{
    domain::{
        ServiceKind, Target, Timestamp,
        timeline::{Entry, markdown},
        units::age,
    },
    hub::Command,
};
use jiff::civil::Date;
use std::sync::Arc;

/// Columns of a line before its text: an edge, the sign, the time, the service.
const BEFORE: usize = 23;
/// Columns of an age with the blanks behind it.
pub const AGE: usize = 6;
/// Fewer columns than this have no room for ages.
const AGES_MIN: usize = 76;
/// Rows of the chosen entry at most.
const UNFOLDED_MAX: usize = 6;

/// Which entries are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shows {
    /// All.
    #[default]
    All,
    /// What an operator should look at.
    Problems,
    /// What somebody did, and limits.
    Operations,
}

impl Shows {
    /// The next way.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::All => Self::Problems,
            Self::Problems => Self::Operations,
            Self::Operations => Self::All,
        }
    }

    /// The words for it, where not all are shown.
    #[must_use]
    pub const fn words(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Problems => Some("problems only"),
            Self::Operations => Some("operations only"),
        }
    }

    /// True if an entry is shown.
    #[must_use]
    pub fn takes(self, entry: &Entry) -> bool {
        match self {
            Self::All => true,
            Self::Problems => entry.verdict().is_problem(),
            Self::Operations => entry.is_deed(),
        }
    }
}

/// The pane.
#[derive(Debug, Clone, Default)]
pub struct TimelinePane {
    /// Which entries are shown.
    pub shows: Shows,
    /// The chosen one; without one the newest stands at the top.
    chosen: Option<Arc<Entry>>,
    /// How many newer ones there are than the chosen one.
    place: usize,
    /// How many are above the pane.
    offset: usize,
}

impl TimelinePane {
    /// True if an entry is chosen.
    #[must_use]
    pub const fn is_chosen(&self) -> bool {
        self.chosen.is_some()
    }

    /// Back to the newest; nothing is chosen.
    pub fn to_newest(&mut self) {
        (self.chosen, self.place, self.offset) = (None, 0, 0);
    }
}

/// One entry as it is shown.
#[derive(Debug, Clone)]
pub struct Shown<'a> {
    /// The day, where it is another one than that of the entry above; today needs no word.
    pub day: Option<String>,
    /// The entry.
    pub entry: &'a Arc<Entry>,
    /// The time of day.
    pub time: String,
    /// How long ago that was; empty where there is no room.
    pub age: String,
    /// Its words: a line that is cut, or all of them if it is chosen.
    pub text: Vec<String>,
    /// It is chosen.
    pub chosen: bool,
}

impl Shown<'_> {
    fn rows(&self) -> usize {
        usize::from(self.day.is_some()) + self.text.len()
    }
}

/// Where the words of entries begin on a screen of so many columns.
#[must_use]
pub const fn text_at(columns: usize) -> usize {
    if has_ages(columns) {
        BEFORE + AGE
    } else {
        BEFORE
    }
}

const fn has_ages(columns: usize) -> bool {
    columns >= AGES_MIN
}

impl Model {
    /// True if the timeline has the keys.
    #[must_use]
    pub fn is_in_timeline(&self) -> bool {
        self.focus == Focus::Pane && self.tab == Tab::Timeline
    }

    /// The entries of the selection that are to be shown, the newest first.
    pub fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        let shows = self.timeline.shows;
        let all = self.entries_of_selection().rev();
        all.filter(move |entry| shows.takes(entry))
    }

    /// All entries of the selection, the oldest first.
    pub fn entries_of_selection(&self) -> impl DoubleEndedIterator<Item = &Arc<Entry>> {
        let project = self.fleet.project.as_ref();
        let row = project.and_then(|name| self.known.rows.get(name));
        let all = row.map_or(&[][..], |row| row.timeline.as_slice());
        let service = self.fleet.column;
        all.iter().filter(move |entry| entry.concerns(service))
    }

    /// What the pane shows: no more entries than fit in.
    #[must_use]
    pub fn visible_entries(&self) -> Vec<Shown<'_>> {
        let (room, mut used) = (self.pane_rows(), 0);
        let mut shown = Vec::new();
        for line in self.entries_from(self.timeline.offset) {
            if used >= room {
                break;
            }
            used += line.rows();
            shown.push(line);
        }
        shown
    }

    /// The entries below `offset` as they are shown. The first of another day than today names it, so that the pane's
    /// first row always says which day it is.
    fn entries_from(&self, offset: usize) -> impl Iterator<Item = Shown<'_>> {
        let mut day = self.day_of(self.now);
        let columns = usize::from(self.screen.0);
        let room = columns.saturating_sub(text_at(columns) + 1).max(8);
        let numbered = self.entries().enumerate().skip(offset);
        numbered.map(move |(n, entry)| {
            let its_day = self.day_of(entry.at);
            let is_new = std::mem::replace(&mut day, its_day) != its_day;
            let chosen = self.timeline.is_chosen() && n == self.timeline.place;
            Shown {
                day: is_new.then(|| its_day.strftime("%A, %-d %B %Y").to_string()),
                entry,
                time: self.time_of(entry.at),
                age: self.age_of_entry(entry, columns),
                text: words(entry, chosen, room),
                chosen,
            }
        })
    }

    fn age_of_entry(&self, entry: &Entry, columns: usize) -> String {
        if !has_ages(columns) {
            return String::new();
        }
        age(self.now.duration_since(entry.at).as_secs().max(0))
    }

    fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.settings.zone.clone()).date()
    }

    fn time_of(&self, at: Timestamp) -> String {
        let zoned = at.to_zoned(self.settings.zone.clone());
        zoned.strftime("%H:%M:%S").to_string()
    }

    /// Chooses another entry, so many rows below the chosen one.
    pub(super) fn choose_by(&mut self, rows: isize) {
        let from = match self.timeline.chosen {
            Some(_) => self.timeline.place.saturating_add_signed(rows),
            None => rows.saturating_sub(1).max(0).unsigned_abs(),
        };
        let last = self.entries().count().saturating_sub(1);
        let place = from.min(last);
        let chosen = self.entries().nth(place).cloned();
        (self.timeline.chosen, self.timeline.place) = (chosen, place);
    }

    /// Everything, problems or operations.
    pub(super) fn next_entries(&mut self) {
        self.show(Tab::Timeline);
        self.timeline.to_newest();
        self.timeline.shows = self.timeline.shows.next();
    }

    /// A click chooses an entry, a second one shows its log.
    pub(super) fn click_entry(&mut self, entry: Arc<Entry>) -> Vec<Effect> {
        self.focus = Focus::Pane;
        if self.timeline.chosen.as_ref() == Some(&entry) {
            return self.open_entry();
        }
        let place = self.entries().position(|other| *other == entry);
        if let Some(place) = place {
            (self.timeline.chosen, self.timeline.place) = (Some(entry), place);
        }
        Vec::new()
    }

    /// Shows the log of what the chosen entry is about, at its moment; without one that of the newest.
    pub(super) fn open_entry(&mut self) -> Vec<Effect> {
        let chosen = self.timeline.chosen.clone();
        let entry = chosen.or_else(|| self.entries().next().cloned());
        let (Some(entry), Some(project)) = (entry, self.fleet.project.clone()) else {
            return Vec::new();
        };
        let target = Target {
            project,
            service: entry.service.or(self.fleet.column),
        };
        let services = target.services();
        if !self.fleet.marks.is_empty() {
            // The log would be about them.
            self.fleet.marks.clear();
            self.say(Mood::Info, "the marks were taken away".to_owned());
        }
        self.go_to(target);
        self.show(Tab::Logs);
        self.focus = Focus::Pane;
        let old = self.logs.turn_to(services);
        self.logs.seek(entry.at);
        let unfollow = old.map(|id| Effect::Hub(Command::Unfollow(id)));
        unfollow.into_iter().collect()
    }

    /// The chosen entry, else those that are visible, a line each, the newest first; or why there is none.
    pub(super) fn timeline_text(&self) -> Result<String, String> {
        let shown = self.visible_entries();
        let chosen = shown.iter().filter(|shown| shown.chosen);
        let wanted: Vec<_> = match self.timeline.is_chosen() {
            true => chosen.collect(),
            false => shown.iter().collect(),
        };
        if wanted.is_empty() {
            return Err("there is no entry to copy".to_owned());
        }
        let lines = wanted.iter().map(|shown| self.line_of(shown.entry));
        Ok(lines.collect::<Vec<_>>().join("\n"))
    }

    /// `2026-07-21 14:01:58  postgres  ended with exit code 137`.
    fn line_of(&self, entry: &Entry) -> String {
        let at = entry.at.to_zoned(self.settings.zone.clone());
        let at = at.strftime("%Y-%m-%d %H:%M:%S");
        let service = entry.service.map_or("", ServiceKind::as_str);
        format!("{at}  {service:8}  {}", entry.words())
    }

    /// Opens the form that saves it.
    pub(super) fn open_save_of_timeline(&mut self) {
        if self.entries_of_selection().next().is_none() {
            return self.say(Mood::Info, "there is no entry to save".to_owned());
        }
        let is_part = self.timeline.shows != Shows::All;
        let mut choices = Vec::new();
        choices.extend(is_part.then_some(Which::Shown));
        choices.push(Which::All);
        let subject = match self.fleet.selected() {
            Some(Target {
                project,
                service: Some(kind),
            }) => format!("{project}-{kind}"),
            Some(target) => target.project.to_string(),
            None => return,
        };
        let name = format!("{subject}-timeline-{}.md", self.moment_for_a_name());
        let form = SaveForm::new(Of::Timeline, &name, choices);
        self.overlay = Some(Overlay::Save(Box::new(form)));
    }

    /// The entries as Markdown, as they are now. What is kept of a project is a few hundred kilobytes: one piece.
    pub(super) fn timeline_to_save(&self, which: Which) -> Saving {
        let shows = match which {
            Which::All => Shows::All,
            Which::Chosen | Which::Shown => self.timeline.shows,
        };
        let entries = || self.entries_of_selection().filter(|e| shows.takes(e));
        let text = self.fleet.selected().map(|target| {
            let entries = entries().map(|entry| entry.as_ref());
            markdown(&target, entries)
        });
        let what = counted(entries().count());
        Saving::Text { rest: text, what }
    }

    /// The chosen entry may have counted on, moved, or gone: then the next older one is chosen. It stays at its place on
    /// the screen, and in sight.
    pub(super) fn settle_timeline(&mut self) {
        if self.tab != Tab::Timeline {
            return;
        }
        let Some(chosen) = self.timeline.chosen.clone() else {
            return self.timeline.to_newest();
        };
        let Some((place, entry)) = self.find(&chosen) else {
            return self.timeline.to_newest();
        };
        let entry = entry.clone();
        let above = self.timeline.place.saturating_sub(self.timeline.offset);
        self.timeline.chosen = Some(entry);
        self.timeline.place = place;
        self.timeline.offset = self.offset_for(place, place.saturating_sub(above));
    }

    fn find(&self, wanted: &Entry) -> Option<(usize, &Arc<Entry>)> {
        let is_same = |entry: &Entry| {
            entry.says_same(wanted) && entry.at <= wanted.at && wanted.at <= entry.last
        };
        let all = || self.entries().enumerate();
        all()
            .find(|(_, entry)| is_same(entry))
            .or_else(|| all().find(|(_, entry)| entry.at <= wanted.at))
            .or_else(|| all().last())
    }

    /// How many entries must be above the pane so that the one at `place` is seen; `wished` if that will do.
    fn offset_for(&self, place: usize, wished: usize) -> usize {
        let rows = self.pane_rows().max(1);
        let most = self.entries().count().saturating_sub(rows);
        let mut offset = wished
            .min(most)
            .min(place)
            .max((place + 1).saturating_sub(rows));
        while offset < place && self.rows_of_entries(offset, place) > rows {
            offset += 1;
        }
        offset
    }

    fn rows_of_entries(&self, from: usize, to: usize) -> usize {
        let entries = self.entries_from(from).take(to + 1 - from);
        entries.map(|shown| shown.rows()).sum()
    }
}

fn words(entry: &Entry, chosen: bool, room: usize) -> Vec<String> {
    let words = entry.words();
    if !chosen {
        return vec![text::cut(&words, room)];
    }
    let mut lines = text::wrap(&words, room);
    lines.truncate(UNFOLDED_MAX);
    lines
}

/// `1 entry`, `21 entries`.
#[must_use]
pub fn counted(entries: usize) -> String {
    match entries {
        1 => "1 entry".to_owned(),
        n => format!("{n} entries"),
    }
}
