//! The timelines of all projects as they stand: what is new in them is written down, and told to the front end.

use super::{past::Pages, pen::Pen};
use crate::{
    domain::{
        ProjectName, Timestamp,
        log::Masker,
        timeline::{Entry, Notes, SPAN, Timeline, What},
    },
    hub::Fact,
    stack::secrets::Secrets,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

/// Entries that may count on; of more the oldest are taken for complete.
const COUNTING_MAX: usize = 1_000;

/// An entry that may count on, and the count that was written down last: not every count is worth a line.
#[derive(Debug)]
struct Counting {
    entry: Arc<Entry>,
    written: u32,
}

/// One project.
#[derive(Debug)]
pub(super) struct Page {
    timeline: Timeline,
    pub(super) notes: Notes,
    /// The front end does not know all of it.
    untold: bool,
}

/// All timelines. Dropped, it writes down what it has counted.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) pages: BTreeMap<ProjectName, Page>,
    /// What concerns all projects.
    common: Timeline,
    /// What was written down of projects that nobody has named yet.
    past: Pages,
    pen: Option<Pen>,
    counting: Vec<Counting>,
    /// The folder with the projects' secrets.
    secrets: PathBuf,
}

impl Book {
    pub(super) fn new(mut past: Pages, pen: Option<Pen>, secrets: PathBuf) -> Self {
        Self {
            pages: BTreeMap::new(),
            common: past.remove(&None).unwrap_or_default(),
            past,
            pen,
            counting: Vec::new(),
            secrets,
        }
    }

    /// These are all projects that there are.
    pub(super) fn keep(&mut self, projects: &BTreeSet<ProjectName>) {
        self.pages.retain(|name, _| projects.contains(name));
        for project in projects {
            if !self.pages.contains_key(project) {
                let page = self.page_of(project);
                self.pages.insert(project.clone(), page);
            }
        }
    }

    fn page_of(&mut self, name: &ProjectName) -> Page {
        let timeline = self.past.remove(&Some(name.clone())).unwrap_or_default();
        Page {
            notes: Notes::new(name.clone(), &timeline),
            timeline,
            untold: true,
        }
    }

    /// Something happened.
    pub(super) fn add(&mut self, entry: Entry) -> Option<Arc<Entry>> {
        let entry = self.masked(entry);
        let known = self.timeline_of(&entry)?.add(entry)?;
        self.put_down(&known);
        Some(known)
    }

    /// Something happened that may be known already, as often as it says.
    pub(super) fn join(&mut self, entry: Entry) {
        let entry = self.masked(entry);
        let known = self.timeline_of(&entry).and_then(|known| known.join(entry));
        if let Some(known) = known {
            self.put_down(&known);
        }
    }

    fn timeline_of(&mut self, entry: &Entry) -> Option<&mut Timeline> {
        match &entry.project {
            None => Some(&mut self.common),
            Some(name) => self.pages.get_mut(name).map(|page| &mut page.timeline),
        }
    }

    /// What is kept is what may be shown.
    fn masked(&self, entry: Entry) -> Entry {
        let Some(project) = entry.project.as_ref().filter(|_| !entry.text.is_empty()) else {
            return entry;
        };
        // Without the project's secrets it still hides what looks like one.
        let known = Secrets::known(&self.secrets, project).unwrap_or_default();
        let text = Masker::new(&known).text(&entry.text).into_owned();
        entry.because(&text)
    }

    fn put_down(&mut self, entry: &Arc<Entry>) {
        for (name, page) in &mut self.pages {
            page.untold |= entry.project.as_ref().is_none_or(|project| project == name);
        }
        // Operations are in the journal.
        if self.pen.is_none() || matches!(entry.what, What::Operation { .. }) {
            return;
        }
        let is_same =
            |known: &mut Counting| known.entry.at == entry.at && known.entry.says_same(entry);
        let before = self.counting.extract_if(.., is_same).next();
        let mut written = before.map_or(0, |known| known.written);
        if entry.times / 2 >= written {
            self.write(entry);
            written = entry.times;
        }
        let entry = entry.clone();
        self.counting.push(Counting { entry, written });
        if self.counting.len() > COUNTING_MAX {
            let oldest = self.counting.remove(0);
            self.write_last(&oldest);
        }
    }

    fn write_last(&mut self, counted: &Counting) {
        if counted.written != counted.entry.times {
            self.write(&counted.entry);
        }
    }

    fn write(&mut self, entry: &Entry) {
        if let Some(pen) = &mut self.pen {
            pen.write(entry);
        }
    }

    /// Writes down the last counts of what counts no further.
    pub(super) fn write_counted(&mut self, now: Timestamp) {
        let is_over =
            |known: &mut Counting| now.duration_since(known.entry.at).unsigned_abs() >= SPAN;
        let over: Vec<_> = self.counting.extract_if(.., is_over).collect();
        over.iter().for_each(|counted| self.write_last(counted));
    }

    /// What the front end does not know yet.
    pub(super) fn news(&mut self) -> Vec<Fact> {
        let common = self.common.entries();
        let pages = self.pages.iter_mut().filter(|(_, page)| page.untold);
        pages
            .map(|(name, page)| {
                page.untold = false;
                let entries = merged(page.timeline.entries(), common);
                Fact::Timeline(name.clone(), entries)
            })
            .collect()
    }

    /// True if there is something that the front end does not know.
    pub(super) fn has_news(&self) -> bool {
        self.pages.values().any(|page| page.untold)
    }
}

impl Drop for Book {
    fn drop(&mut self) {
        let counting = std::mem::take(&mut self.counting);
        counting.iter().for_each(|counted| self.write_last(counted));
    }
}

/// Both in one order; of what concerns all nothing is older than the rest.
fn merged(own: &[Arc<Entry>], common: &[Arc<Entry>]) -> Vec<Arc<Entry>> {
    let mut all: Vec<_> = own.iter().chain(common).cloned().collect();
    all.sort_by_key(|entry| entry.at);
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{domain::ServiceKind, hub::timeline::past};
    use std::fs;
    use tokio::sync::mpsc;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn shop() -> ProjectName {
        "shop".parse().unwrap()
    }

    fn ended(second: i64) -> Entry {
        let what = What::Ended { code: Some(1) };
        Entry::once(at(second), what, "").of(&shop(), Some(ServiceKind::Redis))
    }

    fn book(folder: &std::path::Path) -> Book {
        let past = past::read(folder, Some("here"), 500).unwrap();
        let pen = Pen::new(folder, "here".into(), mpsc::channel(1).0);
        let mut book = Book::new(past.pages, Some(pen), folder.join("secrets"));
        book.keep(&BTreeSet::from([shop()]));
        book
    }

    fn lines(folder: &std::path::Path) -> usize {
        let text = fs::read_to_string(folder.join("timeline.jsonl")).unwrap();
        text.lines().count()
    }

    #[test]
    fn of_what_repeats_few_counts_are_written_and_always_the_last() {
        let temp = tempfile::tempdir().unwrap();
        let mut counts = book(temp.path());
        for second in 0..500 {
            counts.add(ended(second));
        }
        drop(counts);
        assert_eq!(lines(temp.path()), 10, "1, 2, 4 … 256 and 500");
        let mut again = book(temp.path());
        let Some(Fact::Timeline(_, entries)) = again.news().pop() else {
            panic!("no timeline");
        };
        assert_eq!((entries.len(), entries[0].times), (1, 500));
        // It goes on where the program before ended.
        again.add(ended(501));
        again.write_counted(at(700));
        drop(again);
        assert_eq!(lines(temp.path()), 11);
        let past = past::read(temp.path(), Some("here"), 500).unwrap();
        assert_eq!(past.pages[&Some(shop())].entries()[0].times, 501);
    }

    #[test]
    fn what_concerns_all_is_told_with_each_and_nothing_is_told_twice() {
        let temp = tempfile::tempdir().unwrap();
        let mut told = book(temp.path());
        assert_eq!(told.news().len(), 1);
        assert!(!told.has_news());
        told.add(ended(5));
        let what = What::Engine { answers: false };
        told.add(Entry::once(at(3), what, "gone"));
        let Some(Fact::Timeline(_, entries)) = told.news().pop() else {
            panic!("no timeline");
        };
        let moments: Vec<_> = entries.iter().map(|entry| entry.at).collect();
        assert_eq!(moments, [at(3), at(5)]);
        assert_eq!(told.news(), []);
    }
}
