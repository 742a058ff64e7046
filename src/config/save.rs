//! Writing a file so that it is the old one or the new one at every moment, and never two at once.

use super::error::{HubFileError, shown, unwritable};
use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// How long another program may hold the lock; a change takes milliseconds.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// Time between two tries: short for a person, long for a processor.
const LOCK_PAUSE: Duration = Duration::from_millis(10);

/// Holds the lock until it is dropped, or its program ends, however that ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// The file that is really written: a link stays a link, what it points to is replaced.
pub fn target_of(path: &Path) -> Result<PathBuf, HubFileError> {
    match path.canonicalize() {
        Ok(target) => Ok(target),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
            Ok(path.to_owned())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(HubFileError::Dangling(shown(path)))
        }
        Err(error) => Err(unwritable(path, &error)),
    }
}

/// Waits for the lock beside `target`, a file of its own because the target itself is replaced. Makes the folder where
/// there is none.
pub fn lock(target: &Path) -> Result<Lock, HubFileError> {
    lock_within(target, LOCK_WAIT)
}

fn lock_within(target: &Path, wait: Duration) -> Result<Lock, HubFileError> {
    let dir = folder_of(target);
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|error| unwritable(target, &error))?;
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    let path = dir.join(name);
    let mut options = OpenOptions::new();
    let options = options.create(true).write(true).truncate(false).mode(0o600);
    let file = options
        .open(&path)
        .map_err(|error| unwritable(&path, &error))?;
    let asked = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) if asked.elapsed() < wait => thread::sleep(LOCK_PAUSE),
            Err(TryLockError::WouldBlock) => return Err(HubFileError::Locked(shown(target))),
            Err(TryLockError::Error(error)) => return Err(unwritable(&path, &error)),
        }
    }
}

/// Puts `text` in the place of `target`: a new file beside it, durable before it takes the name. On any error the old
/// file is untouched and the new one gone.
pub fn replace(target: &Path, text: &str) -> Result<(), HubFileError> {
    write(target, text).map_err(|error| unwritable(target, &error))
}

fn write(target: &Path, text: &str) -> io::Result<()> {
    let dir = folder_of(target);
    // A temporary file is made with mode 0600.
    let mut temp = tempfile::Builder::new().prefix(".hub-").tempfile_in(dir)?;
    temp.write_all(text.as_bytes())?;
    temp.as_file().sync_all()?;
    temp.persist(target).map_err(|error| error.error)?;
    // The new name is durable once the folder is.
    fs::File::open(dir)?.sync_all()
}

fn folder_of(target: &Path) -> &Path {
    target
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn p32_a_replacement_that_fails_leaves_nothing_behind() {
        let temp = tempfile::tempdir().unwrap();
        // No file can take the name of a folder, not even root's.
        let target = temp.path().join("hub.toml");
        fs::create_dir(&target).unwrap();
        let error = replace(&target, "new").unwrap_err();
        assert!(matches!(error, HubFileError::Unwritable { .. }), "{error}");
        assert!(target.is_dir());
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_lock_that_is_held_is_waited_for_and_then_given_up() {
        let temp = tempfile::tempdir().unwrap();
        let target = temp.path().join("hub.toml");
        let wait = Duration::from_millis(50);
        let held = lock_within(&target, wait).unwrap();
        let error = lock_within(&target, wait).unwrap_err();
        assert!(matches!(error, HubFileError::Locked(_)), "{error}");
        drop(held);
        assert!(lock_within(&target, wait).is_ok());
    }
}
