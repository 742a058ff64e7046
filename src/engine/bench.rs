//! The way from bytes to lines without a connection, for `benches/`.

use super::{frames::FrameReader, streams::LogReader, streams::Reader};
use crate::domain::LogLine;

/// Reads the answer of a log, as it comes in `pieces`, up to its frames; gives the bytes within them.
#[must_use]
pub fn frames(pieces: &[&[u8]]) -> usize {
    let mut reader = FrameReader::default();
    let frames = pieces.iter().flat_map(|piece| reader.push(piece));
    frames.flatten().map(|frame| frame.payload.len()).sum()
}

/// Reads the answer of a log, as it comes in `pieces`, up to its lines.
pub fn lines(pieces: &[&[u8]], mut each: impl FnMut(LogLine)) {
    let mut reader = LogReader::default();
    for piece in pieces {
        reader.take(piece).into_iter().flatten().for_each(&mut each);
    }
}
