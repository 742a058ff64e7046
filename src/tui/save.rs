//! The file that lines are saved to: new, for its owner alone, written piece by piece beside the keys, and gone again if
//! it cannot be completed.

use super::folder::resolve;
use crate::{
    app::{
        Msg,
        msg::{Save, Saved},
    },
    domain::Safe,
};
use rustix::io::Errno;
use std::{
    fmt,
    future::Future,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    pin::Pin,
    time::Duration,
};
use tokio::{
    fs::{File, OpenOptions, symlink_metadata},
    io::AsyncWriteExt,
    time::timeout,
};

/// Mode of the file: logs hold what is nobody else's business.
const MODE: u32 = 0o600;
/// A disk that does not take a piece in this time is not waited for.
const DEADLINE: Duration = Duration::from_secs(20);
/// Names that are tried for a proposal.
const PROPOSALS_MAX: u32 = 99;

type Step = Pin<Box<dyn Future<Output = (Option<Writer>, Saved)> + Send>>;

/// The file under way, if there is one.
#[derive(Default)]
pub(super) struct Saving {
    writer: Option<Writer>,
    step: Option<Step>,
}

impl fmt::Debug for Saving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = self.step.is_some();
        f.debug_tuple("Saving")
            .field(&self.writer)
            .field(&step)
            .finish()
    }
}

impl Saving {
    pub(super) fn is_busy(&self) -> bool {
        self.step.is_some()
    }

    /// The next step; each one follows the answer to the one before.
    pub(super) fn take(&mut self, step: Save, home: Option<PathBuf>) {
        self.step = match (step, self.writer.take()) {
            (Save::Begin(typed), _) => Some(Box::pin(begin(typed, home))),
            (Save::Piece(text), Some(writer)) => Some(Box::pin(writer.add(text))),
            (Save::End, Some(writer)) => Some(Box::pin(writer.end())),
            // A writer that is dropped takes its file along.
            (Save::GiveUp | Save::Piece(_) | Save::End, _) => None,
        };
    }

    pub(super) async fn next(&mut self) -> Msg {
        let Some(step) = &mut self.step else {
            return std::future::pending().await;
        };
        let (writer, saved) = step.await;
        (self.writer, self.step) = (writer, None);
        Msg::Saved(saved)
    }
}

/// A file that is not complete yet: it goes when this is dropped.
#[derive(Debug)]
struct Writer {
    file: File,
    path: PathBuf,
    bytes: u64,
    complete: bool,
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.complete {
            // Somebody else may have been faster.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

async fn begin(typed: String, home: Option<PathBuf>) -> (Option<Writer>, Saved) {
    let path = resolve(&typed, home.as_deref());
    match within(Writer::new(&path)).await {
        Ok(writer) => (Some(writer), Saved::Next),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let free = within(async { Ok(free_name(&typed, home.as_deref()).await) }).await;
            let reason = format!(
                "{} exists already, nothing is written over it",
                path.display()
            );
            (None, failed(reason, free.ok().flatten()))
        }
        Err(error) => (None, failed(words(&path, &error), None)),
    }
}

impl Writer {
    async fn new(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        // New means new: nothing that stands there is opened, and no link is followed.
        let options = options.write(true).create_new(true).mode(MODE);
        let file = options.open(path).await?;
        Ok(Self {
            file,
            path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
            bytes: 0,
            complete: false,
        })
    }

    async fn add(mut self, text: String) -> (Option<Self>, Saved) {
        match within(self.file.write_all(text.as_bytes())).await {
            Ok(()) => {
                self.bytes += text.len() as u64;
                (Some(self), Saved::Next)
            }
            Err(error) => (None, failed(words(&self.path, &error), None)),
        }
    }

    async fn end(mut self) -> (Option<Self>, Saved) {
        let settled = async {
            self.file.flush().await?;
            self.file.sync_all().await
        };
        if let Err(error) = within(settled).await {
            return (None, failed(words(&self.path, &error), None));
        }
        self.complete = true;
        let (path, bytes) = (Safe::new(self.path.to_string_lossy()), self.bytes);
        (None, Saved::Done { path, bytes })
    }
}

async fn within<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = |_elapsed| Err(io::Error::from(ErrorKind::TimedOut));
    timeout(DEADLINE, work).await.unwrap_or_else(late)
}

fn failed(reason: String, free: Option<String>) -> Saved {
    let reason = Safe::new(reason);
    Saved::Failed { reason, free }
}

/// The system's words, and what helps.
fn words(path: &Path, error: &io::Error) -> String {
    let mend = match Errno::from_io_error(error) {
        Some(Errno::NOENT | Errno::NOTDIR) => "its folder must be there, name another one",
        Some(Errno::ACCESS | Errno::PERM | Errno::ROFS) => "name a folder that you may write to",
        Some(Errno::NOSPC | Errno::DQUOT) => "free some space there, or name another disk",
        Some(Errno::NAMETOOLONG) => "name a shorter one",
        _ if error.kind() == ErrorKind::TimedOut => "its disk does not answer, name another one",
        _ => "name another place",
    };
    format!("{} cannot be saved: {error}: {mend}", path.display())
}

/// A name beside the one that was typed that nothing has yet: `shop.log` becomes `shop-2.log`.
async fn free_name(typed: &str, home: Option<&Path>) -> Option<String> {
    for number in 2..=PROPOSALS_MAX {
        let name = numbered(typed, number);
        let taken = symlink_metadata(resolve(&name, home)).await;
        if taken.is_err_and(|error| error.kind() == ErrorKind::NotFound) {
            return Some(name);
        }
    }
    None
}

fn numbered(typed: &str, number: u32) -> String {
    let name = typed.rsplit('/').next().unwrap_or_default();
    match typed.rsplit_once('.') {
        // A dot that begins a name, or stands in a folder's, is no ending.
        Some((stem, ending)) if name.trim_start_matches('.').contains('.') => {
            format!("{stem}-{number}.{ending}")
        }
        _ => format!("{typed}-{number}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::{
        fs,
        os::unix::fs::{MetadataExt, symlink},
    };

    async fn play(steps: Vec<Save>) -> Vec<Saved> {
        let mut saving = Saving::default();
        let mut all = Vec::new();
        for step in steps {
            saving.take(step, None);
            if !saving.is_busy() {
                break;
            }
            let Msg::Saved(saved) = saving.next().await else {
                panic!("no answer");
            };
            all.push(saved);
        }
        all
    }

    fn begin_at(path: &Path) -> Save {
        Save::Begin(path.to_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn pieces_make_a_file_that_only_its_owner_can_read() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("shop.log");
        let pieces = ["one\n", "two\n"].map(|text| Save::Piece(text.to_owned()));
        let steps = [vec![begin_at(&path)], pieces.to_vec(), vec![Save::End]].concat();
        let saved = play(steps).await;
        let done = Saved::Done {
            path: path.to_str().unwrap().into(),
            bytes: 8,
        };
        assert_eq!(saved, [Saved::Next, Saved::Next, Saved::Next, done]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
    }

    #[tokio::test]
    async fn what_is_there_is_never_written_over_and_a_free_name_is_proposed() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("shop.log");
        symlink("nowhere", &path).unwrap();
        fs::write(temp.path().join("shop-2.log"), "old").unwrap();
        let saved = play(vec![begin_at(&path), Save::Piece("x".to_owned())]).await;
        let [Saved::Failed { reason, free }] = saved.as_slice() else {
            panic!("{saved:?}");
        };
        assert!(reason.contains("exists already"), "{reason}");
        let free = free.as_deref().unwrap();
        assert!(free.ends_with("/shop-3.log"), "{free}");
        assert!(!temp.path().join("nowhere").exists());
    }

    #[tokio::test]
    async fn a_file_that_is_given_up_or_left_is_gone() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("shop.log");
        let begun = || vec![begin_at(&path), Save::Piece("half".to_owned())];
        play(begun()).await;
        assert!(!path.exists());
        play([begun(), vec![Save::GiveUp]].concat()).await;
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_said_with_what_helps() {
        let temp = tempfile::tempdir().unwrap();
        let saved = play(vec![begin_at(&temp.path().join("no/shop.log"))]).await;
        let [Saved::Failed { reason, free: None }] = saved.as_slice() else {
            panic!("{saved:?}");
        };
        assert!(reason.contains("No such file"), "{reason}");
        assert!(reason.ends_with("its folder must be there, name another one"));
    }

    #[test]
    fn a_number_stands_before_the_ending() {
        for (typed, proposed) in [
            ("shop.log", "shop-2.log"),
            ("~/a.b/shop", "~/a.b/shop-2"),
            ("/tmp/.hidden", "/tmp/.hidden-2"),
            ("../x.tar.gz", "../x.tar-2.gz"),
        ] {
            assert_eq!(numbered(typed, 2), proposed);
        }
    }
}
