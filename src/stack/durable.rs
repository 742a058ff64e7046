//! Files that are the old one or the new one at every moment, also after a power cut, and that only their owner can read.
//!
//! A change is made under a lock: to a new file beside the old one, on disk before it takes the old one's name, and done
//! once the folder is on disk, too. Every step is a file of a fixed name: what a program that died has left behind is
//! swept by the next change. Calls block for as long as a disk takes, [`lock`] up to 5 s.

use crate::domain::Safe;
use rustix::{fs::OFlags, io::Errno};
use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// Time between two tries to take a lock: short for a person, long for a processor.
const LOCK_PAUSE: Duration = Duration::from_millis(10);
/// Tries to take a lock that another program holds: for 5 s. A change takes milliseconds.
const LOCK_TRIES: u32 = 500;
/// Mode of every file, whatever the umask says.
const FILE_MODE: u32 = 0o600;
/// Mode of every folder that is made.
const FOLDER_MODE: u32 = 0o700;

/// Why a file was not changed, or perhaps was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// It is as it was.
    #[error("{file} cannot be written: {reason}: nothing was changed: {mend}")]
    Failed {
        /// The file that was to be written.
        file: Safe,
        /// The system's words.
        reason: Safe,
        /// What helps.
        mend: &'static str,
    },
    /// It is the new one for everybody who reads it, but nobody knows whether a power cut brings the old one back.
    #[error("{file} is changed, but a power cut may undo that: {reason}: {mend}")]
    Unsure {
        /// The file that was written.
        file: Safe,
        /// The system's words.
        reason: Safe,
        /// What helps.
        mend: &'static str,
    },
    /// Another program holds the lock.
    #[error("another program has been changing {0} for 5s: nothing was changed, try again")]
    Locked(Safe),
}

impl WriteError {
    /// Nothing was changed, by this error.
    #[must_use]
    pub fn failed(file: &Path, error: &io::Error) -> Self {
        Self::Failed {
            file: shown(file),
            reason: Safe::from(error.to_string()),
            mend: mend(error),
        }
    }

    fn unsure(file: &Path, error: &io::Error) -> Self {
        Self::Unsure {
            file: shown(file),
            reason: Safe::from(error.to_string()),
            mend: mend(error),
        }
    }
}

/// What helps against an error of the disk.
#[must_use]
pub fn mend(error: &io::Error) -> &'static str {
    match Errno::from_io_error(error) {
        Some(Errno::NOSPC) => "free some space on its disk",
        Some(Errno::DQUOT) => "free some of this user's disk quota",
        Some(Errno::ROFS) => "make its file system writable",
        Some(Errno::IO) => "check its disk, the kernel's log says more",
        Some(Errno::LOOP) => "a link stands in its place, delete it",
        Some(Errno::ACCESS | Errno::PERM) => "give this user write access to its folder",
        _ => "look at what stands in its place, and at its folder",
    }
}

/// The right to change the files that a lock is for. It ends when this is dropped, or its program ends, however that ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Waits for the lock `name` in the folder of `target`: a file of its own, because the target itself is replaced. Makes
/// the folder where there is none.
///
/// # Errors
/// The lock cannot be had, or not in 5 s.
pub fn lock(target: &Path, name: impl AsRef<Path>) -> Result<Lock, WriteError> {
    lock_tried(target, name.as_ref(), LOCK_TRIES)
}

fn lock_tried(target: &Path, name: &Path, tries: u32) -> Result<Lock, WriteError> {
    let dir = folder_of(target);
    make_folder(dir).map_err(|error| WriteError::failed(target, &error))?;
    let path = dir.join(name);
    let file = open_lock(&path).map_err(|error| WriteError::failed(&path, &error))?;
    for _ in 0..tries {
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => return Err(WriteError::failed(&path, &error)),
        }
    }
    Err(WriteError::Locked(shown(target)))
}

/// Opens the file of a lock, made where there is none. It is never followed to somewhere else, never emptied, and a pipe
/// in its place is an error instead of a wait.
///
/// # Errors
/// The system's.
pub fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let options = options.create(true).write(true).truncate(false);
    options.mode(FILE_MODE).custom_flags(careful()).open(path)
}

/// Opens a file to read it, but not what a link in its place points to, and without waiting where it is a pipe.
///
/// # Errors
/// The system's; for a link it says that there are too many.
pub fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(careful()).open(path)
}

fn careful() -> i32 {
    (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed()
}

impl Lock {
    /// Puts `text` in the place of `target`, with mode 0600. Until that is done, the old file is untouched.
    ///
    /// # Errors
    /// What the disk says, and whether the change was made.
    pub fn replace(&self, target: &Path, text: &str) -> Result<(), WriteError> {
        let new = new_beside(target);
        let placed = write(&new, text).and_then(|()| fs::rename(&new, target));
        if let Err(error) = placed {
            // What cannot be removed now is swept by the next change.
            let _ = fs::remove_file(&new);
            return Err(WriteError::failed(target, &error));
        }
        settle(target)
    }
}

fn write(new: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // New means new: nothing that stands there is opened, and no link is followed.
    let mut options = OpenOptions::new();
    let options = options.write(true).create_new(true).mode(FILE_MODE);
    let mut file = options.open(new)?;
    file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes sure that the name `target` outlives a power cut.
///
/// # Errors
/// It may not.
pub fn settle(target: &Path) -> Result<(), WriteError> {
    sync(folder_of(target)).map_err(|error| WriteError::unsure(target, &error))
}

/// Makes the folder and those above it, for their owner alone, and each on disk before anything is put into it.
///
/// # Errors
/// The system's.
pub fn make_folder(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let above = folder_of(dir);
    make_folder(above)?;
    match DirBuilder::new().mode(FOLDER_MODE).create(dir) {
        Err(_) if dir.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync(above),
    }
}

/// Puts the names in `dir` on disk.
///
/// # Errors
/// The disk's.
pub fn sync(dir: &Path) -> io::Result<()> {
    match File::open(dir)?.sync_all() {
        // Some network file systems have no such call for folders; their names are on disk at once.
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        done => done,
    }
}

fn new_beside(target: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".new");
    target.with_file_name(name)
}

fn folder_of(target: &Path) -> &Path {
    target
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn shown(path: &Path) -> Safe {
    Safe::from(path.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::{MetadataExt, symlink};

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn p32_a_replacement_that_fails_leaves_nothing_behind() {
        let temp = tempfile::tempdir().unwrap();
        // No file can take the name of a folder, not even root's.
        let target = temp.path().join("hub.toml");
        fs::create_dir(&target).unwrap();
        let held = lock(&target, "lock").unwrap();
        let error = held.replace(&target, "new").unwrap_err();
        assert!(matches!(error, WriteError::Failed { .. }), "{error}");
        assert!(target.is_dir());
        assert_eq!(names(temp.path()), ["hub.toml", "lock"]);
    }

    #[test]
    fn p33_what_a_dead_program_left_is_swept_and_never_followed() {
        let temp = tempfile::tempdir().unwrap();
        let target = temp.path().join("hub.toml");
        let other = temp.path().join("other");
        let left = temp.path().join(".hub.toml.new");
        fs::write(&other, "other").unwrap();
        let held = lock(&target, "lock").unwrap();
        fs::write(&left, "half a fi").unwrap();
        held.replace(&target, "one").unwrap();
        symlink(&other, &left).unwrap();
        held.replace(&target, "two").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "two");
        assert_eq!(fs::read_to_string(&other).unwrap(), "other");
        assert_eq!(names(temp.path()), ["hub.toml", "lock", "other"]);
    }

    #[test]
    fn a_link_or_a_pipe_in_the_place_of_a_lock_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        let target = temp.path().join("hub.toml");
        symlink("elsewhere", temp.path().join("link")).unwrap();
        let error = lock(&target, "link").unwrap_err().to_string();
        assert!(error.ends_with("a link stands in its place, delete it"));
        assert!(!temp.path().join("elsewhere").exists());
        let pipe = temp.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(pipe).status();
        assert!(made.unwrap().success());
        assert!(lock(&target, "pipe").is_err());
    }

    #[test]
    fn folders_and_files_are_made_for_their_owner() {
        let temp = tempfile::tempdir().unwrap();
        let target = temp.path().join("a/b/hub.toml");
        lock(&target, "lock")
            .unwrap()
            .replace(&target, "x")
            .unwrap();
        let mode = |path: &str| fs::metadata(temp.path().join(path)).unwrap().mode() & 0o7777;
        assert_eq!((mode("a"), mode("a/b")), (0o700, 0o700));
        assert_eq!((mode("a/b/lock"), mode("a/b/hub.toml")), (0o600, 0o600));
    }

    #[test]
    fn a_lock_that_is_held_is_waited_for_and_then_given_up() {
        let temp = tempfile::tempdir().unwrap();
        let target = temp.path().join("hub.toml");
        let held = lock_tried(&target, Path::new("lock"), 5).unwrap();
        let error = lock_tried(&target, Path::new("lock"), 5).unwrap_err();
        assert!(matches!(error, WriteError::Locked(_)), "{error}");
        drop(held);
        assert!(lock_tried(&target, Path::new("lock"), 5).is_ok());
    }
}
