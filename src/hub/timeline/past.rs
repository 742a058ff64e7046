//! What was written down before: the end of the timeline's files and of the journal's, read back within a bound.

use super::{pen::Line, said};
use crate::{
    domain::{ProjectName, timeline::Timeline},
    hub::journal::{self, JOURNAL, Shelf, TIMELINE, open_all, read_lines},
};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Seek, SeekFrom},
    path::Path,
};

/// Bytes of the timeline that are read back: all three files as long as they should be.
const TIMELINE_BYTES: u64 = 13 << 20;
/// Bytes of the journal: a few thousand operations.
const JOURNAL_BYTES: u64 = 4 << 20;

/// Entries by project; those of none concern all of them.
pub type Pages = BTreeMap<Option<ProjectName>, Timeline>;

/// What is in the files, and how many lines could not be read.
#[derive(Debug, Default)]
pub struct Past {
    /// The entries.
    pub pages: Pages,
    /// Lines that were cut off or are no entries.
    pub damaged: usize,
}

/// Reads back what was seen on `engine` (of any, if none is named) and who did what, at most `most` entries of each
/// project: the newest.
///
/// # Errors
/// A file that is there cannot be read.
pub fn read(folder: &Path, engine: Option<&str>, most: usize) -> io::Result<Past> {
    let mut past = Past::default();
    for file in ends(folder, TIMELINE, TIMELINE_BYTES)? {
        past.read_timeline(file, engine, most)?;
    }
    for file in ends(folder, JOURNAL, JOURNAL_BYTES)? {
        past.read_journal(file, most)?;
    }
    Ok(past)
}

impl Past {
    fn page(&mut self, project: Option<ProjectName>, most: usize) -> &mut Timeline {
        let page = self.pages.entry(project);
        page.or_insert_with(|| Timeline::of_at_most(most))
    }

    fn read_timeline(&mut self, file: File, engine: Option<&str>, most: usize) -> io::Result<()> {
        let mut damaged = 0;
        damaged += read_lines(file, |line| {
            match serde_json::from_slice::<Line<'_>>(line) {
                Ok(line) if engine.is_none_or(|engine| engine == line.engine) => {
                    let entry = line.entry.into_owned();
                    self.page(entry.project.clone(), most).join(entry);
                }
                Ok(_) => {}
                Err(_) => damaged += 1,
            }
        })?;
        self.damaged += damaged;
        Ok(())
    }

    /// What is damaged there is the journal's own to say.
    fn read_journal(&mut self, file: File, most: usize) -> io::Result<()> {
        read_lines(file, |line| {
            let entry = serde_json::from_slice::<journal::Entry>(line);
            for entry in entry.iter().flat_map(said::of_journal) {
                let text = entry.text.clone();
                let page = self.page(entry.project.clone(), most);
                page.join(entry.because(&text));
            }
        })?;
        Ok(())
    }
}

/// The files, oldest first, each at the place from which on all of them together are no longer than `bytes`. The line
/// that is cut there counts as damaged only where it is read.
fn ends(folder: &Path, shelf: Shelf, bytes: u64) -> io::Result<Vec<File>> {
    let mut left = bytes;
    let mut ends = Vec::new();
    for mut file in open_all(folder, shelf)?.into_iter().rev() {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(left)))?;
        left = left.saturating_sub(length);
        ends.push(file);
        if left == 0 {
            break;
        }
    }
    ends.reverse();
    Ok(ends)
}
