//! The way from bytes to lines without a connection, for `benches/`.

use super::{
    frames::FrameReader,
    streams::{LogReader, Made, Reader},
};
use crate::domain::LogLine;

/// Reads the answer of a log, as it comes in `pieces`, up to the payloads of its frames.
pub fn frames(pieces: &[&[u8]], mut each: impl FnMut(&[u8])) {
    let mut reader = FrameReader::default();
    for piece in pieces {
        reader.push(piece, |frame| {
            if let Ok(frame) = frame {
                each(frame.payload);
            }
        });
    }
}

/// Reads the answer of a log, as it comes in `pieces`, up to its lines.
pub fn lines(pieces: &[&[u8]], mut each: impl FnMut(LogLine)) {
    let (mut reader, mut made) = (LogReader::default(), Made::new());
    for piece in pieces {
        reader.take(piece, &mut made);
        made.drain(..).flatten().for_each(&mut each);
    }
}
