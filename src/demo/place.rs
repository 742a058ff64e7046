//! The private folder of a demo: in memory where the system has such a place, gone when the demo ends, and swept by the
//! next demo if it was killed.

use rustix::process::geteuid;
use std::{
    env,
    fs::{self, File},
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Files here are never on a disk.
const MEMORY: &str = "/dev/shm";
/// How the folders of demos begin.
const PREFIX: &str = "cchub-demo-";
/// Held as long as its demo lives; the kernel lets go of it when that is killed.
const LOCK: &str = "lock";

/// A folder that only this user can look into; removed when dropped.
#[derive(Debug)]
pub(super) struct Place {
    folder: TempDir,
    _lock: File,
}

impl Place {
    /// Makes a folder, and removes those of demos that were killed.
    ///
    /// # Errors
    /// Neither memory nor the folder for temporary files can be written to.
    pub(super) fn new() -> io::Result<Self> {
        Self::within(Path::new(MEMORY)).or_else(|_no_such_place| Self::within(&env::temp_dir()))
    }

    fn within(base: &Path) -> io::Result<Self> {
        sweep(base);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(base)?;
        let lock = File::create(folder.path().join(LOCK))?;
        lock.try_lock()?;
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes what demos left that were killed. What cannot be removed harms nobody.
fn sweep(base: &Path) {
    let entries = fs::read_dir(base).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    for folder in ours.map(|entry| entry.path()).filter(is_left) {
        // As above.
        let _ = fs::remove_dir_all(folder);
    }
}

/// True for a folder of this user whose demo is dead. One without a lock is just being made.
fn is_left(folder: &PathBuf) -> bool {
    let is_mine = fs::symlink_metadata(folder)
        .is_ok_and(|found| found.is_dir() && found.uid() == geteuid().as_raw());
    is_mine && File::open(folder.join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_a_killed_demo_left_goes_and_what_lives_stays() {
        let base = tempfile::tempdir().unwrap();
        let killed = Place::within(base.path()).unwrap();
        let left = killed.folder.keep();
        drop(killed._lock);
        let begun = base.path().join("cchub-demo-begun");
        fs::create_dir(&begun).unwrap();
        let other = base.path().join("other");
        fs::create_dir(&other).unwrap();
        File::create(other.join(LOCK)).unwrap();

        let lives = Place::within(base.path()).unwrap();
        assert!(!left.exists());
        let second = Place::within(base.path()).unwrap();
        assert!(lives.path().exists() && second.path().exists());
        assert!(begun.exists() && other.exists());
        let path = second.path().to_owned();
        drop(second);
        assert!(!path.exists());
    }
}
