//! Cuts the body of a log answer into frames (Engine API, "Stream format"): eight bytes of header, then the payload.

use super::EngineError;
use crate::domain::{LogStream, Safe};

/// Largest frame that is believed. The engine writes at most 16 KiB of text with a stamp; a header that claims more is
/// damaged or forged, and waiting for its end would eat memory.
const FRAME_MAX: usize = 1 << 20;
/// Type, three zeroes, four bytes of length.
const HEADER: usize = 8;
const CALL: &str = "read logs";

/// A whole frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// Where the container printed it to.
    pub(super) stream: LogStream,
    /// What it printed, with a stamp in front.
    pub(super) payload: &'a [u8],
}

/// What has come of a frame so far.
#[derive(Debug, Default)]
pub(super) struct FrameReader {
    buffer: Vec<u8>,
}

impl FrameReader {
    /// Takes bytes as they come and hands out the frames that they complete. An error is the last one: nothing that
    /// follows it can be trusted.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(Result<Frame<'_>, EngineError>),
    ) {
        let Some(mut rest) = self.complete(bytes, &mut each) else {
            return;
        };
        // Frames that came whole are not copied.
        loop {
            match first_frame(rest) {
                Ok(Some(frame)) => {
                    let next = HEADER + frame.payload.len();
                    each(Ok(frame));
                    rest = rest.get(next..).unwrap_or_default();
                }
                Ok(None) => return self.buffer.extend_from_slice(rest),
                Err(error) => return each(Err(error)),
            }
        }
    }

    /// Puts a frame together of which a part came before. Gives what follows it, or nothing if nothing more can be
    /// read.
    fn complete<'a>(
        &mut self,
        bytes: &'a [u8],
        each: &mut impl FnMut(Result<Frame<'_>, EngineError>),
    ) -> Option<&'a [u8]> {
        let mut rest = bytes;
        while !self.buffer.is_empty() {
            let missing = missing(&self.buffer);
            let (next, after) = rest.split_at_checked(missing).unwrap_or((rest, &[]));
            self.buffer.extend_from_slice(next);
            rest = after;
            match first_frame(&self.buffer) {
                Ok(None) if rest.is_empty() => return None,
                Ok(None) => continue,
                Ok(Some(frame)) => each(Ok(frame)),
                Err(error) => {
                    self.buffer.clear();
                    each(Err(error));
                    return None;
                }
            }
            self.buffer.clear();
        }
        Some(rest)
    }

    /// True if the bytes ended inside a frame.
    pub(super) fn is_cut(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Bytes that are taken up.
    #[cfg(any(test, fuzzing))]
    pub(super) fn held(&self) -> usize {
        self.buffer.capacity()
    }

    /// What has come of the payload of a frame whose end will not come.
    pub(super) fn cut(&self) -> Option<Frame<'_>> {
        let (header, payload) = self.buffer.split_first_chunk::<HEADER>()?;
        let stream = kind_of(header[0]).ok()??;
        Some(Frame { stream, payload })
    }
}

/// Bytes of the frame that `begun` begins that are still to come: up to the end of its header, then up to its own.
fn missing(begun: &[u8]) -> usize {
    let whole = begun
        .first_chunk()
        .map_or(HEADER, |header| HEADER.saturating_add(length(header)));
    whole.saturating_sub(begun.len())
}

/// Bytes of the payload, by the header.
fn length(header: &[u8; HEADER]) -> usize {
    let [_, _, _, _, length @ ..] = *header;
    usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX)
}

fn first_frame(bytes: &[u8]) -> Result<Option<Frame<'_>>, EngineError> {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else {
        // A first byte that begins no frame is told at once: eight bytes may never come.
        return bytes
            .first()
            .map_or(Ok(None), |kind| kind_of(*kind).map(|_known| None));
    };
    let kind = kind_of(header[0])?;
    let length = length(header);
    if length > FRAME_MAX {
        return Err(malformed(format!("a frame of {length} bytes")));
    }
    let Some(payload) = rest.get(..length) else {
        return Ok(None);
    };
    match kind {
        Some(stream) => Ok(Some(Frame { stream, payload })),
        None => Err(EngineError::refused(500, &String::from_utf8_lossy(payload))),
    }
}

/// The stream of a frame's type; `None` for the engine's own error. Standard input never occurs in logs; it counts as
/// output, as the docker client does it.
fn kind_of(kind: u8) -> Result<Option<LogStream>, EngineError> {
    match kind {
        0 | 1 => Ok(Some(LogStream::Out)),
        2 => Ok(Some(LogStream::Err)),
        3 => Ok(None),
        _ => Err(malformed(
            "no log frame: has the container a terminal?".to_owned(),
        )),
    }
}

fn malformed(reason: String) -> EngineError {
    EngineError::Malformed {
        call: CALL,
        reason: Safe::new(reason),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&[kind, 0, 0, 0][..], &length, payload].concat()
    }

    /// Frames and the words of errors.
    type Pushed = Vec<Result<(LogStream, Vec<u8>), String>>;

    fn pushed(reader: &mut FrameReader, bytes: &[u8]) -> Pushed {
        let mut frames = Vec::new();
        reader.push(bytes, |frame| {
            let frame = frame.map(|frame| (frame.stream, frame.payload.to_vec()));
            frames.push(frame.map_err(|error| error.to_string()));
        });
        frames
    }

    fn assert_refused(frames: &Pushed) {
        let [Err(words)] = frames.as_slice() else {
            panic!("{frames:?}");
        };
        assert!(words.contains("frame"), "{words}");
    }

    #[test]
    fn frames_come_back_whole_however_they_are_cut() {
        let wire = [frame(1, b"one"), frame(2, b""), frame(0, b"two")].concat();
        for cut in 0..=wire.len() {
            let (head, tail) = wire.split_at(cut);
            let mut reader = FrameReader::default();
            let mut got = pushed(&mut reader, head);
            got.extend(pushed(&mut reader, tail));
            let expected = [
                (LogStream::Out, b"one".to_vec()),
                (LogStream::Err, Vec::new()),
                (LogStream::Out, b"two".to_vec()),
            ];
            assert_eq!(got, expected.map(Ok), "cut at {cut}");
            assert!(!reader.is_cut());
        }
    }

    #[test]
    fn p07_a_frame_that_claims_too_much_or_has_no_known_type_is_refused_before_it_is_read() {
        for header in [[1, 0, 0, 0, 0, 16, 0, 1], [1, 0, 0, 0, 255, 255, 255, 255]] {
            let mut reader = FrameReader::default();
            assert_refused(&pushed(&mut reader, &header));
            assert!(!reader.is_cut());
        }
        for kind in 4..=255 {
            assert_refused(&pushed(&mut FrameReader::default(), &[kind]));
        }
    }

    #[test]
    fn the_engines_own_error_is_an_error_and_not_a_line() {
        let wire = frame(3, b"error grabbing logs: EOF\n");
        let told = pushed(&mut FrameReader::default(), &wire);
        assert_eq!(told, [Err("error grabbing logs: EOF".to_owned())]);
    }
}
