//! Writes entries down, on a thread of its own: a disk that does not answer holds up nobody, and one that cannot be
//! written is told once.

use crate::{
    domain::{Safe, timeline::Entry},
    hub::{
        Fact,
        journal::{Files, TIMELINE},
    },
};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    path::Path,
    sync::mpsc::{self, Receiver, SyncSender},
    thread,
    time::Duration,
};

/// Lines that may wait for the disk; of a burst that is larger some are written with their next count, or not at all.
const LINES_MAX: usize = 512;
/// The last lines have this long to get to the disk when the program ends.
const FAREWELL: Duration = Duration::from_millis(500);

/// One line of the file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Line<'a> {
    /// Which engine it was seen on: projects of the same name on two engines have nothing in common.
    pub(super) engine: Cow<'a, str>,
    #[serde(flatten)]
    pub(super) entry: Cow<'a, Entry>,
}

/// Takes down entries. Dropped, it waits a moment for its last lines.
#[derive(Debug)]
pub(super) struct Pen {
    engine: Safe,
    lines: Option<SyncSender<String>>,
    over: Receiver<()>,
    facts: tokio::sync::mpsc::Sender<Fact>,
    /// That it cannot keep up has been said.
    told: bool,
}

impl Pen {
    /// Writes to the files in `folder` what is seen on `engine`; what goes wrong is told to `facts`.
    pub(super) fn new(folder: &Path, engine: Safe, facts: tokio::sync::mpsc::Sender<Fact>) -> Self {
        let (lines, inbox) = mpsc::sync_channel(LINES_MAX);
        let (ends, over) = mpsc::channel();
        let (folder, tell) = (folder.to_owned(), facts.clone());
        let thread = thread::Builder::new().name("timeline".to_owned());
        // Without a thread nobody takes the lines, and the first entry says so.
        let _ = thread.spawn(move || {
            write_lines(&folder, &inbox, &tell);
            // Nobody waits for it as a rule.
            let _ = ends.send(());
        });
        Self {
            engine,
            lines: Some(lines),
            over,
            facts,
            told: false,
        }
    }

    /// Writes an entry down as it is now.
    pub(super) fn write(&mut self, entry: &Entry) {
        let line = Line {
            engine: Cow::Borrowed(&self.engine),
            entry: Cow::Borrowed(entry),
        };
        // Texts, numbers and words: there is nothing in it that JSON cannot hold.
        let text = serde_json::to_string(&line).unwrap_or_default() + "\n";
        let taken = self.lines.as_ref().map(|lines| lines.try_send(text));
        if !matches!(taken, Some(Ok(()))) && !std::mem::replace(&mut self.told, true) {
            let text = "the timeline has gaps: its disk takes no more lines";
            // Where there is no room, there is more to read already.
            let _ = self.facts.try_send(Fact::Notice(text.into()));
        }
    }
}

impl Drop for Pen {
    fn drop(&mut self) {
        self.lines = None;
        // What is not there by then is lost, and the program ends all the same.
        let _ = self.over.recv_timeout(FAREWELL);
    }
}

fn write_lines(folder: &Path, inbox: &Receiver<String>, tell: &tokio::sync::mpsc::Sender<Fact>) {
    let files = Files::in_folder(folder.to_owned(), TIMELINE);
    let mut told = false;
    for line in inbox {
        let Err(why) = files.append(&line) else {
            continue;
        };
        if !std::mem::replace(&mut told, true) {
            let folder = folder.display();
            let text = format!(
                "the timeline in {folder} cannot be written, it is kept until this program ends: {why}"
            );
            // As above.
            let _ = tell.try_send(Fact::Notice(Safe::new(text)));
        }
    }
}
