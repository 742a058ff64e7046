//! Three files of lines: whole lines at the end of the newest, also from several programs at once. Nothing is written
//! through a link, nor where other users could read it.

use rustix::fs::{CWD, Mode, OFlags, openat, renameat};
use std::{
    fs::{DirBuilder, File, Permissions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// What is written down in three files.
#[derive(Debug, Clone, Copy)]
pub struct Shelf {
    /// The files, the newest first.
    names: [&'static str; 3],
    /// A file of its own, because the others change their names.
    lock: &'static str,
    /// A file that would grow beyond this many bytes is put aside, and the oldest goes.
    file_max: u64,
}

/// Operations.
pub const JOURNAL: Shelf = Shelf {
    names: ["journal.jsonl", "journal.jsonl.1", "journal.jsonl.2"],
    lock: "journal.lock",
    file_max: 10 << 20,
};
/// What happened to projects.
pub const TIMELINE: Shelf = Shelf {
    names: ["timeline.jsonl", "timeline.jsonl.1", "timeline.jsonl.2"],
    lock: "timeline.lock",
    file_max: 4 << 20,
};
/// How long another program may hold the lock; a line takes microseconds.
const LOCK_WAIT: Duration = Duration::from_millis(500);
/// Time between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(2);
/// Nobody else may read it.
const PRIVATE: u32 = 0o600;
/// As above, for the folder.
const PRIVATE_FOLDER: u32 = 0o700;

/// The files of one folder.
#[derive(Debug)]
pub(in crate::hub) struct Files {
    folder: PathBuf,
    shelf: Shelf,
}

impl Files {
    pub(in crate::hub) fn in_folder(folder: PathBuf, shelf: Shelf) -> Self {
        Self { folder, shelf }
    }

    /// Appends a line that ends as a line does, in one write. Makes what is missing.
    pub(in crate::hub) fn append(&self, line: &str) -> io::Result<()> {
        let folder = self.open_folder()?;
        // Whoever holds the lock for so long is stopped or hung. The line is whole without it; only rotation is not safe.
        let Shelf {
            names,
            lock,
            file_max,
        } = self.shelf;
        let lock = take_lock(&folder, lock)?;
        let mut file = open(&folder, names[0])?;
        if lock.is_some() && file.metadata()?.len() + line.len() as u64 > file_max {
            rotate(&folder, names)?;
            file = open(&folder, names[0])?;
        }
        write(&file, line)
    }

    fn open_folder(&self) -> io::Result<File> {
        let mut builder = DirBuilder::new();
        builder
            .recursive(true)
            .mode(PRIVATE_FOLDER)
            .create(&self.folder)?;
        let folder = open_folder(&self.folder)?;
        if folder.metadata()?.uid() != rustix::process::getuid().as_raw() {
            return Err(io::Error::other("the folder belongs to another user"));
        }
        make_private(&folder, PRIVATE_FOLDER)?;
        Ok(folder)
    }
}

/// All files that are there, the oldest first.
///
/// # Errors
/// One that is there cannot be read.
pub fn open_all(folder: &Path, shelf: Shelf) -> io::Result<Vec<File>> {
    let Some(folder) = found(open_folder(folder))? else {
        return Ok(Vec::new());
    };
    let open = |name| found(open_as(&folder, name, OFlags::RDONLY));
    // The newest first: a rotation in between shows a file twice, the other way round it would hide one.
    let newest_first: io::Result<Vec<_>> = shelf.names.into_iter().map(open).collect();
    Ok(newest_first?.into_iter().flatten().rev().collect())
}

fn found(opened: io::Result<File>) -> io::Result<Option<File>> {
    match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

fn open_folder(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(openat(CWD, path, flags, Mode::empty())?.into())
}

fn open(folder: &File, name: &str) -> io::Result<File> {
    let file = open_as(folder, name, OFlags::RDWR | OFlags::APPEND | OFlags::CREATE)?;
    make_private(&file, PRIVATE)?;
    Ok(file)
}

fn open_as(folder: &File, name: &str, how: OFlags) -> io::Result<File> {
    // A pipe in the place of the file would wait for its other end.
    let never = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(PRIVATE);
    let opened = openat(folder, name, how | never, mode);
    let file = File::from(opened.map_err(|error| match error {
        rustix::io::Errno::LOOP => io::Error::other(format!("{name} is a link")),
        error => error.into(),
    })?);
    if !file.metadata()?.is_file() {
        return Err(io::Error::other(format!("{name} is not a file")));
    }
    Ok(file)
}

fn make_private(file: &File, mode: u32) -> io::Result<()> {
    if file.metadata()?.mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// The lock, or nothing if it could not be had in time.
fn take_lock(folder: &File, name: &str) -> io::Result<Option<File>> {
    let file = open(folder, name)?;
    let asked = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) if asked.elapsed() < LOCK_WAIT => {
                thread::sleep(LOCK_PAUSE);
            }
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

fn rotate(folder: &File, names: [&str; 3]) -> io::Result<()> {
    for pair in names.windows(2).rev() {
        if let [newer, older] = pair {
            match renameat(folder, *newer, folder, *older) {
                Ok(()) | Err(rustix::io::Errno::NOENT) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

fn write(mut file: &File, line: &str) -> io::Result<()> {
    // What a full disk cut off stays a damaged line of its own and takes no other one along.
    let text = if ends_in_a_line(file)? {
        line.to_owned()
    } else {
        format!("\n{line}")
    };
    let written = file.write(text.as_bytes())?;
    if written < text.len() {
        return Err(io::ErrorKind::StorageFull.into());
    }
    Ok(())
}

fn ends_in_a_line(file: &File) -> io::Result<bool> {
    let Some(last) = file.metadata()?.len().checked_sub(1) else {
        return Ok(true);
    };
    let mut byte = [0];
    let read = file.read_at(&mut byte, last)?;
    Ok(read == 0 || byte == *b"\n")
}

#[cfg(test)]
mod tests;
