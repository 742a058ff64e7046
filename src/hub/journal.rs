//! The journal: who changed what, when, and how it ended. One line when an operation begins and one when it ends, written
//! by a thread of its own, so that a disk that does not answer holds up nobody: every wait here is bounded, and a journal
//! that cannot be written is told once and otherwise changes nothing.

mod entry;
mod file;
mod lines;

pub use entry::{Ending, Entry, Outcome};
pub(in crate::hub) use file::Files;
pub use file::{JOURNAL, Shelf, TIMELINE, open_all};
pub use lines::read_lines;

use super::{Request, report::Reporter};
use crate::domain::{Safe, Timestamp, safe::one_line};
pub(in crate::hub) use entry::what;
use serde::{Deserialize, Serialize};
use std::{
    env, io,
    path::{Path, PathBuf},
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::{sync::oneshot, time::timeout};

/// Lines that may wait for the disk: more than operations can run at once.
const LINES_MAX: usize = 256;
/// An operation waits this long until a line of its own is on the disk, then it goes on without.
const WRITE_WAIT: Duration = Duration::from_secs(1);
/// Who asked, in the order in which it is believed: after `sudo` the person behind it.
const LOGIN_NAMES: [&str; 3] = ["SUDO_USER", "USER", "LOGNAME"];

/// Counts the operations of this process.
static OPERATIONS: AtomicU64 = AtomicU64::new(1);

/// Where an operation was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// With a key on the screen.
    Screen,
    /// With a subcommand.
    Command,
}

/// Takes down operations. Clones write to the same files.
#[derive(Debug, Clone, Default)]
pub struct Journal(Option<Arc<Desk>>);

#[derive(Debug)]
struct Desk {
    folder: PathBuf,
    origin: Origin,
    user: Option<Safe>,
    ssh: Option<Safe>,
    lines: SyncSender<Line>,
    /// That it cannot be written has been said.
    told: AtomicBool,
}

/// A line on its way to the disk, and who wants to know how that went.
struct Line {
    text: String,
    written: Box<dyn FnOnce(io::Result<()>) + Send>,
}

impl Journal {
    /// The journal in `folder`, which is made when the first line is written.
    #[must_use]
    pub fn open(folder: PathBuf, origin: Origin) -> Self {
        let (lines, inbox) = mpsc::sync_channel(LINES_MAX);
        let files = Files::in_folder(folder.clone(), JOURNAL);
        let thread = thread::Builder::new().name("journal".to_owned());
        // Without a thread nobody takes the lines, and the first operation says so.
        let _ = thread.spawn(move || write_lines(&files, &inbox));
        let word = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let safe = |value: String| Safe::new(one_line(&value));
        Self(Some(Arc::new(Desk {
            folder,
            origin,
            user: LOGIN_NAMES.into_iter().find_map(word).map(safe),
            ssh: word("SSH_CONNECTION").map(safe),
            lines,
            told: AtomicBool::new(false),
        })))
    }

    /// No journal: nothing is written anywhere.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// The folder that it is in.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.0.as_ref().map(|desk| desk.folder.as_path())
    }

    /// Whose operations it takes down.
    pub(super) fn user(&self) -> Option<Safe> {
        self.0.as_ref()?.user.clone()
    }

    /// A record of `request`. Dropped before [`Record::end`] it says that the operation was cancelled, or that it panicked.
    #[must_use]
    pub fn record(&self, request: &Request, report: &Reporter) -> Record {
        let open = self.0.as_ref().map(|desk| Open {
            entry: desk.entry(request),
            desk: desk.clone(),
            report: report.clone(),
            since: Instant::now(),
        });
        Record(open)
    }
}

fn write_lines(files: &Files, inbox: &Receiver<Line>) {
    for Line { text, written } in inbox {
        written(files.append(&text));
    }
}

impl Desk {
    fn entry(&self, request: &Request) -> Entry {
        let (time, pid) = (Timestamp::now(), process::id());
        let number = OPERATIONS.fetch_add(1, Ordering::Relaxed);
        let target = request.target();
        Entry {
            id: Safe::new(format!("{}-{pid}-{number}", time.as_millisecond())),
            time,
            user: self.user.clone(),
            uid: rustix::process::getuid().as_raw(),
            ssh: self.ssh.clone(),
            pid,
            from: self.origin,
            project: target.project,
            service: target.service,
            what: what(request),
            result: Outcome::Begun,
            message: Safe::default(),
            duration_ms: None,
        }
    }

    /// Hands a line to the thread. Where that has too much to do or is gone, `written` is dropped.
    fn post(&self, text: String, written: impl FnOnce(io::Result<()>) + Send + 'static) {
        let written = Box::new(written);
        // Whoever waits for `written` learns it.
        let _ = self.lines.try_send(Line { text, written });
    }

    /// Says the first time that the journal cannot be written.
    fn take(&self, written: Result<(), String>, report: &Reporter) {
        let Err(why) = written else { return };
        if !self.told.swap(true, Ordering::Relaxed) {
            let folder = self.folder.display();
            report.notice(format!(
                "the journal in {folder} cannot be written, operations go on without it: {why}"
            ));
        }
    }
}

/// One operation in the journal.
#[derive(Debug)]
pub struct Record(Option<Open>);

/// A record whose end is not written yet.
#[derive(Debug)]
struct Open {
    desk: Arc<Desk>,
    entry: Entry,
    report: Reporter,
    since: Instant,
}

impl Record {
    /// Writes that the operation begins, so that a program that is killed leaves a trace. Waits at most a second.
    pub async fn begin(&self) {
        if let Some(open) = &self.0 {
            open.write(open.entry.to_line()).await;
        }
    }

    /// The operation is recorded elsewhere.
    pub fn withdraw(mut self) {
        self.0 = None;
    }

    /// Writes how the operation ended. Waits at most a second.
    pub async fn end(mut self, ending: impl Into<Ending>) {
        if let Some(open) = self.0.take() {
            open.write(open.last_line(ending.into())).await;
        }
    }
}

impl Drop for Record {
    /// The future of a cancelled operation is dropped, that of one that panics, too, and all of them when the program ends:
    /// only here they have one place in common.
    fn drop(&mut self) {
        if let Some(open) = self.0.take() {
            open.write_now(if thread::panicking() {
                Ending::panicked()
            } else {
                Ending::cancelled()
            });
        }
    }
}

impl Open {
    fn last_line(&self, ending: Ending) -> String {
        let entry = Entry {
            result: ending.result,
            message: ending.message,
            duration_ms: u64::try_from(self.since.elapsed().as_millis()).ok(),
            ..self.entry.clone()
        };
        entry.to_line()
    }

    async fn write(&self, line: String) {
        let (answer, written) = oneshot::channel();
        // Nobody waits any more: nobody wants to know.
        self.desk.post(line, |result| drop(answer.send(result)));
        let written = match timeout(WRITE_WAIT, written).await {
            Ok(Ok(result)) => result.map_err(|error| error.to_string()),
            Ok(Err(_dropped)) => Err(not_taken()),
            Err(_elapsed) => Err(late()),
        };
        self.desk.take(written, &self.report);
    }

    /// As [`Self::write`] where nothing can be awaited. The thread that waits is one of the hub's, never the screen's.
    fn write_now(&self, ending: Ending) {
        let (answer, written) = mpsc::sync_channel(1);
        // As above.
        let post = move |result| drop(answer.send(result));
        self.desk.post(self.last_line(ending), post);
        let written = match written.recv_timeout(WRITE_WAIT) {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(RecvTimeoutError::Disconnected) => Err(not_taken()),
            Err(RecvTimeoutError::Timeout) => Err(late()),
        };
        self.desk.take(written, &self.report);
    }
}

fn late() -> String {
    "its disk does not answer".to_owned()
}

fn not_taken() -> String {
    "nothing takes its lines".to_owned()
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Line").field(&self.text).finish()
    }
}

#[cfg(test)]
mod tests;
