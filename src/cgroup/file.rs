//! Files of the kernel, read whole and never far: the largest has a few kilobytes.

use std::{fs::File, io::Read, path::Path};

/// Nothing longer is read.
const LENGTH_MAX: u64 = 64 << 10;

/// The text of a file; `None` if it is not there or not to be read.
pub(super) fn text(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(LENGTH_MAX).read_to_end(&mut bytes).ok()?;
    String::from_utf8(bytes).ok()
}

/// A file that holds one number.
pub(super) fn number(path: &Path) -> Option<u64> {
    text(path)?.trim().parse().ok()
}

/// The number after `key` in lines of `key number`.
pub(super) fn value(text: &str, key: &str) -> Option<u64> {
    let mut lines = text.lines().filter_map(|line| line.split_once(' '));
    let (_, number) = lines.find(|(name, _)| *name == key)?;
    number.trim().parse().ok()
}

/// The number after `key=` among words.
pub(super) fn named(words: &str, key: &str) -> Option<u64> {
    let mut pairs = words
        .split_whitespace()
        .filter_map(|word| word.split_once('='));
    let (_, number) = pairs.find(|(name, _)| *name == key)?;
    number.parse().ok()
}
