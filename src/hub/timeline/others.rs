//! What is done to our projects by other programs of this user, as the journal tells it: looked at as it grows.

use crate::hub::journal::{Entry, JOURNAL, open_all, read_lines};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::MetadataExt,
    path::PathBuf,
    process,
};

/// Bytes that are read at one look; more comes with the next.
const READ_MAX: u64 = 1 << 20;

/// How far the journal was read.
#[derive(Debug)]
pub(super) struct Others {
    folder: PathBuf,
    /// The newest file, by its number on the disk, and how many bytes of it were read.
    at: Option<(u64, u64)>,
}

impl Others {
    /// From the end of what is there now.
    pub(super) fn new(folder: PathBuf) -> Self {
        let mut others = Self { folder, at: None };
        // What cannot be looked at now is tried again later.
        let newest = others.files().ok().and_then(|mut files| files.pop());
        let end = |file: &File| file.metadata().map(|found| (found.ino(), found.len()));
        others.at = newest.as_ref().and_then(|file| end(file).ok());
        others
    }

    fn files(&self) -> io::Result<Vec<File>> {
        open_all(&self.folder, JOURNAL)
    }

    /// The lines that other programs have written since the last look.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(super) fn look(&mut self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        let mut files = Vec::new();
        for file in self.files()? {
            files.push((file.metadata()?.ino(), file));
        }
        // The one that is read may have been put aside since. If it is gone, it was older than all that are there.
        let known = |(number, _): &(u64, File)| self.at.is_some_and(|(at, _)| at == *number);
        let first = files.iter().position(known).unwrap_or(0);
        for (number, file) in files.into_iter().skip(first) {
            let read = self.at.filter(|(at, _)| *at == number);
            let begin = read.map_or(0, |(_, read)| read);
            let (bytes, is_all) = read_on(file, begin, &mut entries)?;
            self.at = Some((number, begin + bytes));
            if !is_all {
                break;
            }
        }
        entries.retain(|entry| entry.pid != process::id());
        Ok(entries)
    }
}

/// Reads whole lines from `begin` on; gives how many bytes they have, and whether nothing more was there.
fn read_on(mut file: File, begin: u64, entries: &mut Vec<Entry>) -> io::Result<(u64, bool)> {
    file.seek(SeekFrom::Start(begin))?;
    let mut bytes = Vec::new();
    file.take(READ_MAX).read_to_end(&mut bytes)?;
    let is_all = (bytes.len() as u64) < READ_MAX;
    let end = bytes.iter().rposition(|byte| *byte == b'\n');
    // A line that is longer than all that may be read is nobody's.
    let beyond = if is_all { 0 } else { bytes.len() };
    bytes.truncate(end.map_or(beyond, |at| at + 1));
    read_lines(bytes.as_slice(), |line| {
        entries.extend(serde_json::from_slice::<Entry>(line));
    })?;
    Ok((bytes.len() as u64, is_all))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::{fs, io::Write, path::Path};

    fn line(n: u32, pid: u32) -> String {
        format!(
            "{{\"id\":\"{n}\",\"time\":\"2026-01-31T14:00:00Z\",\"user\":null,\"uid\":1,\"ssh\":null,\"pid\":{pid},\
             \"from\":\"command\",\"project\":\"shop\",\"service\":null,\"what\":\"stop\",\"result\":\"begun\",\
             \"message\":\"\",\"duration_ms\":null}}\n"
        )
    }

    fn append(folder: &Path, text: &str) {
        let path = folder.join("journal.jsonl");
        let mut options = fs::OpenOptions::new();
        let mut file = options.append(true).create(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn ids(others: &mut Others) -> Vec<String> {
        let entries = others.look().unwrap().into_iter();
        entries.map(|entry| entry.id.to_string()).collect()
    }

    #[test]
    fn what_others_write_is_told_once_also_while_the_files_change_their_names() {
        let temp = tempfile::tempdir().unwrap();
        let mut early = Others::new(temp.path().to_owned());
        assert_eq!(ids(&mut early), [""; 0]);
        append(temp.path(), &line(1, 7));
        let mut others = Others::new(temp.path().to_owned());
        assert_eq!(ids(&mut early), ["1"]);
        append(temp.path(), &line(2, 7));
        append(temp.path(), &line(3, process::id()));
        let (half, rest) = (line(4, 7), line(5, 7));
        let (begin, end) = half.split_at(20);
        append(temp.path(), begin);
        assert_eq!(ids(&mut others), ["2"]);
        append(temp.path(), end);
        let newest = temp.path().join("journal.jsonl");
        fs::rename(&newest, temp.path().join("journal.jsonl.1")).unwrap();
        append(temp.path(), &rest);
        assert_eq!(ids(&mut others), ["4", "5"]);
        assert_eq!(ids(&mut others), [""; 0]);
        assert_eq!(ids(&mut early), ["2", "4", "5"]);
    }
}
