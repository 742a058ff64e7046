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
pub(super) struct Frame {
    /// Where the container printed it to.
    pub(super) stream: LogStream,
    /// What it printed, with a stamp in front.
    pub(super) payload: Vec<u8>,
}

/// What has come of a frame so far.
#[derive(Debug, Default)]
pub(super) struct FrameReader {
    buffer: Vec<u8>,
}

impl FrameReader {
    /// Takes bytes as they come and hands out the frames that they complete. The last item may be an error; nothing
    /// that follows it can be trusted.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<Result<Frame, EngineError>> {
        self.buffer.extend_from_slice(bytes);
        let mut frames = Vec::new();
        let mut used = 0;
        while let Some(rest) = self.buffer.get(used..) {
            match first_frame(rest) {
                Ok(Some(frame)) => {
                    used += HEADER + frame.payload.len();
                    frames.push(Ok(frame));
                }
                Ok(None) => break,
                Err(error) => {
                    frames.push(Err(error));
                    used = self.buffer.len();
                    break;
                }
            }
        }
        self.buffer.drain(..used);
        frames
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
    pub(super) fn take_cut(&mut self) -> Option<Frame> {
        let bytes = std::mem::take(&mut self.buffer);
        let (header, payload) = bytes.split_first_chunk::<HEADER>()?;
        let stream = kind_of(header[0]).ok()??;
        let payload = payload.to_vec();
        Some(Frame { stream, payload })
    }
}

fn first_frame(bytes: &[u8]) -> Result<Option<Frame>, EngineError> {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else {
        // A first byte that begins no frame is told at once: eight bytes may never come.
        return bytes
            .first()
            .map_or(Ok(None), |kind| kind_of(*kind).map(|_known| None));
    };
    let [kind, _, _, _, length @ ..] = *header;
    let kind = kind_of(kind)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > FRAME_MAX {
        return Err(malformed(format!("a frame of {length} bytes")));
    }
    let Some(payload) = rest.get(..length) else {
        return Ok(None);
    };
    match kind {
        Some(stream) => Ok(Some(Frame {
            stream,
            payload: payload.to_vec(),
        })),
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

    #[test]
    fn frames_come_back_whole_however_they_are_cut() {
        let wire = [frame(1, b"one"), frame(2, b""), frame(0, b"two")].concat();
        for cut in 0..=wire.len() {
            let (head, tail) = wire.split_at(cut);
            let mut reader = FrameReader::default();
            let mut frames = reader.push(head);
            frames.extend(reader.push(tail));
            let got: Vec<_> = frames.into_iter().map(Result::unwrap).collect();
            let payloads: Vec<_> = got.iter().map(|frame| frame.payload.as_slice()).collect();
            assert_eq!(payloads, [&b"one"[..], b"", b"two"], "cut at {cut}");
            assert_eq!(got[1].stream, LogStream::Err);
            assert!(!reader.is_cut());
        }
    }

    #[test]
    fn p07_a_frame_that_claims_too_much_or_has_no_known_type_is_refused_before_it_is_read() {
        for header in [[1, 0, 0, 0, 0, 16, 0, 1], [1, 0, 0, 0, 255, 255, 255, 255]] {
            let mut reader = FrameReader::default();
            let frames = reader.push(&header);
            assert!(matches!(
                frames.as_slice(),
                [Err(EngineError::Malformed { .. })]
            ));
            assert!(!reader.is_cut());
        }
        for kind in 4..=255 {
            let frames = FrameReader::default().push(&[kind]);
            assert!(
                matches!(frames.as_slice(), [Err(EngineError::Malformed { .. })]),
                "{kind}"
            );
        }
    }

    #[test]
    fn the_engines_own_error_is_an_error_and_not_a_line() {
        let frames = FrameReader::default().push(&frame(3, b"error grabbing logs: EOF\n"));
        let [Err(error)] = frames.as_slice() else {
            panic!("{frames:?}");
        };
        assert_eq!(error.to_string(), "error grabbing logs: EOF");
    }
}
