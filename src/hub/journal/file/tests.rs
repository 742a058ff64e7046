//! The files alone: bounds, access, and what is found in their place.
#![allow(clippy::unwrap_used)]
use super::*;
use std::{collections::BTreeSet, fs, os::unix::fs::symlink};

const NAMES: [&str; 3] = JOURNAL.names;
const LOCK: &str = JOURNAL.lock;

fn files(folder: &Path, file_max: u64) -> Files {
    Files {
        folder: folder.join("cchub"),
        shelf: Shelf {
            file_max,
            ..JOURNAL
        },
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn read(files: &Files, name: &str) -> String {
    fs::read_to_string(files.folder.join(name)).unwrap()
}

#[test]
fn p36_it_is_rotated_at_its_bound_and_three_files_are_kept() {
    let temp = tempfile::tempdir().unwrap();
    let files = files(temp.path(), 20);
    for n in 0..7 {
        files.append(&format!("line {n:02} \n")).unwrap();
    }
    assert_eq!(read(&files, NAMES[0]), "line 06 \n");
    assert_eq!(read(&files, NAMES[1]), "line 04 \nline 05 \n");
    assert_eq!(read(&files, NAMES[2]), "line 02 \nline 03 \n");
    let names = fs::read_dir(&files.folder).unwrap().count();
    assert_eq!(names, 4, "three files and the lock");
    let oldest_first: Vec<_> = open_all(&files.folder, JOURNAL)
        .unwrap()
        .into_iter()
        .map(|file| io::read_to_string(file).unwrap().len())
        .collect();
    assert_eq!(oldest_first, [18, 18, 9]);
}

#[test]
fn p36_nobody_else_may_read_it() {
    let temp = tempfile::tempdir().unwrap();
    let files = files(&temp.path().join("deep"), 20);
    for _ in 0..5 {
        files.append("0123456789\n").unwrap();
    }
    assert_eq!(mode(&files.folder), 0o700);
    for name in NAMES.into_iter().chain([LOCK]) {
        assert_eq!(mode(&files.folder.join(name)), 0o600, "{name}");
    }
    fs::set_permissions(&files.folder, Permissions::from_mode(0o755)).unwrap();
    let newest = files.folder.join(NAMES[0]);
    fs::set_permissions(&newest, Permissions::from_mode(0o644)).unwrap();
    files.append("x\n").unwrap();
    assert_eq!((mode(&files.folder), mode(&newest)), (0o700, 0o600));
}

#[test]
fn p36_no_link_is_followed_and_nothing_else_written_to() {
    let temp = tempfile::tempdir().unwrap();
    let elsewhere = temp.path().join("elsewhere");
    fs::write(&elsewhere, "theirs").unwrap();
    for name in [NAMES[0], LOCK] {
        let files = files(&temp.path().join(name), 20);
        fs::create_dir_all(&files.folder).unwrap();
        let place = files.folder.join(name);
        symlink(&elsewhere, &place).unwrap();
        let error = files.append("x\n").unwrap_err();
        assert!(error.to_string().contains("is a link"), "{error}");
        fs::remove_file(&place).unwrap();
        rustix::fs::mknodat(
            CWD,
            &place,
            rustix::fs::FileType::Fifo,
            Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        let error = files.append("x\n").unwrap_err();
        assert!(error.to_string().contains("is not a file"), "{error}");
    }
    let linked = files(temp.path(), 20);
    symlink(temp.path(), &linked.folder).unwrap();
    linked.append("x\n").unwrap_err();
    assert!(open_all(&linked.folder, JOURNAL).is_err());
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "theirs");
}

#[test]
fn a_line_that_was_cut_takes_no_other_along() {
    let temp = tempfile::tempdir().unwrap();
    let files = files(temp.path(), 1000);
    files.append("whole\n").unwrap();
    fs::write(files.folder.join(NAMES[0]), "whole\nha").unwrap();
    files.append("next\n").unwrap();
    assert_eq!(read(&files, NAMES[0]), "whole\nha\nnext\n");
}

#[test]
fn a_lock_that_is_never_let_go_keeps_only_rotation_waiting() {
    let temp = tempfile::tempdir().unwrap();
    let files = files(temp.path(), 10);
    files.append("0123456789\n").unwrap();
    let folder = open_folder(&files.folder).unwrap();
    let held = take_lock(&folder, LOCK).unwrap();
    assert!(held.is_some());
    files.append("0123456789\n").unwrap();
    assert_eq!(read(&files, NAMES[0]).len(), 22);
    drop(held);
    files.append("0123456789\n").unwrap();
    assert_eq!(read(&files, NAMES[0]).len(), 11);
}

#[test]
fn p36_many_writers_lose_no_line_across_rotations() {
    let temp = tempfile::tempdir().unwrap();
    let (writers, lines) = (4, 400);
    // Two rotations: more would throw lines away, as they should.
    let file_max = writers * lines * 16 * 4 / 10;
    std::thread::scope(|scope| {
        for writer in 0..writers {
            let files = files(temp.path(), file_max);
            scope.spawn(move || {
                for n in 0..lines {
                    files.append(&format!("line {writer:04}-{n:05}\n")).unwrap();
                }
            });
        }
    });
    let files = files(temp.path(), file_max);
    assert!(files.folder.join(NAMES[2]).exists(), "it was rotated twice");
    let text = NAMES.map(|name| read(&files, name)).concat();
    let all: Vec<_> = text.lines().collect();
    assert!(all.iter().all(|line| line.len() == 15), "whole lines only");
    let different: BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), different.len()), (1600, 1600));
}
