//! Makes lines of log frames. A frame is not a line: it may hold several, and a long line comes in chunks of 16 KiB,
//! each with the same stamp in front, with frames of the other stream in between.

use super::{
    frames::Frame,
    stamp::{STAMP_MAX, stamp},
};
use crate::domain::{
    LogLine, LogStream, Timestamp,
    log::{LINE_MAX, Part},
    safe::LogText,
};
use memchr::{memchr, memrchr_iter};

/// The unfinished lines of both streams of one container.
#[derive(Debug)]
pub(super) struct LineAssembler {
    out: Partial,
    err: Partial,
    /// Moment of the line before, for one that carries none.
    last: Timestamp,
}

impl Default for LineAssembler {
    fn default() -> Self {
        Self {
            out: Partial::default(),
            err: Partial::default(),
            last: Timestamp::UNIX_EPOCH,
        }
    }
}

/// A line that has not ended yet.
#[derive(Debug, Default)]
struct Partial {
    /// Stamp and text as they came, at most [`LINE_MAX`] and a stamp.
    bytes: Vec<u8>,
    cut: usize,
    /// Ended with `\r`: what follows decides whether the line ends or starts over.
    returned: bool,
    open: bool,
    /// A beginning of it was handed out; what is here is the rest.
    begun: bool,
}

impl LineAssembler {
    /// Takes a frame and hands out the lines that it completes.
    pub(super) fn push(&mut self, frame: &Frame<'_>, mut each: impl FnMut(LogLine)) {
        let mut rest = frame.payload;
        let mut first = true;
        while !rest.is_empty() {
            let length = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
            let (piece, after) = rest.split_at(length);
            if let Some(line) = self.piece(frame.stream, piece, first) {
                each(line);
            }
            (rest, first) = (after, false);
        }
    }

    /// Takes what a frame has of one line, which may be all of it; `first` in its frame.
    fn piece(&mut self, stream: LogStream, piece: &[u8], first: bool) -> Option<LogLine> {
        let part = self.part(stream);
        if !part.open && is_whole(piece) {
            return Some(self.line(stream, piece, 0, Part::Whole));
        }
        let repeated = first && part.open && stamp(&part.bytes).is_some();
        part.take(if repeated {
            without_stamp(piece)
        } else {
            piece
        });
        let ends = piece.ends_with(b"\n");
        ends.then(|| self.finish(stream)).flatten()
    }

    /// Hands out what is left of both streams when the log has ended without a line end.
    pub(super) fn flush(&mut self) -> Vec<LogLine> {
        let streams = [LogStream::Out, LogStream::Err];
        streams
            .into_iter()
            .filter_map(|stream| self.finish(stream))
            .collect()
    }

    /// Bytes that are taken up.
    #[cfg(any(test, fuzzing))]
    pub(super) fn held(&self) -> usize {
        self.out.bytes.capacity() + self.err.bytes.capacity()
    }

    /// Hands out what has come of lines that have not ended, as begun; what comes of them later is the rest.
    pub(super) fn pause(&mut self) -> Vec<LogLine> {
        let streams = [LogStream::Out, LogStream::Err];
        streams
            .into_iter()
            .filter_map(|stream| self.pause_one(stream))
            .collect()
    }

    /// True if [`Self::pause`] has something to hand out.
    pub(super) fn holds_text(&self) -> bool {
        self.out.has_text() || self.err.has_text()
    }

    fn pause_one(&mut self, stream: LogStream) -> Option<LogLine> {
        let part = self.part(stream);
        if !part.has_text() {
            return None;
        }
        let (_, length) = stamp(&part.bytes)?;
        let rest = Partial {
            bytes: part.bytes.get(..length)?.to_vec(),
            cut: 0,
            returned: part.returned,
            open: true,
            begun: true,
        };
        let line = self.finish(stream)?;
        *self.part(stream) = rest;
        let part = Part::Begun;
        Some(LogLine { part, ..line })
    }

    fn part(&mut self, stream: LogStream) -> &mut Partial {
        match stream {
            LogStream::Out => &mut self.out,
            LogStream::Err => &mut self.err,
        }
    }

    fn finish(&mut self, stream: LogStream) -> Option<LogLine> {
        let part = std::mem::take(self.part(stream));
        let kind = if part.begun { Part::Rest } else { Part::Whole };
        part.open
            .then(|| self.line(stream, &part.bytes, part.cut, kind))
    }

    /// The line of `bytes`, a stamp and text; `cut` bytes were dropped before.
    fn line(&mut self, stream: LogStream, bytes: &[u8], cut: usize, part: Part) -> LogLine {
        let (at, begin) = stamp(bytes).unwrap_or((self.last, 0));
        self.last = at;
        let text = without_end(bytes.get(begin..).unwrap_or_default());
        let (text, over) = text.split_at_checked(LINE_MAX).unwrap_or((text, &[]));
        LogLine {
            at,
            stream,
            text: LogText::from_bytes(text),
            cut: u32::try_from(cut + over.len()).unwrap_or(u32::MAX),
            part,
        }
    }
}

impl Partial {
    /// Text after a whole stamp: half a stamp is nothing to show.
    fn has_text(&self) -> bool {
        stamp(&self.bytes).is_some_and(|(_, length)| {
            let mut text = self.bytes.iter().skip(length);
            text.any(|byte| !matches!(byte, b'\r' | b'\n'))
        })
    }

    fn take(&mut self, piece: &[u8]) {
        self.open = true;
        let starts_over = |byte: &u8| !matches!(byte, b'\r' | b'\n');
        if self.returned && piece.first().is_some_and(starts_over) {
            self.start_over();
        }
        let mut rest = piece;
        if let Some(at) = last_bare_return(piece) {
            // A stamp in front of the dropped text must stay.
            let (dropped, kept) = piece.split_at_checked(at + 1).unwrap_or((piece, &[]));
            if self.bytes.is_empty() {
                self.append(dropped);
            }
            self.start_over();
            rest = kept;
        }
        self.append(rest);
        self.returned = piece.last().map_or(self.returned, |byte| *byte == b'\r');
    }

    /// Keeps the stamp only: a progress bar goes back to the line's beginning.
    fn start_over(&mut self) {
        let length = stamp(&self.bytes).map_or(0, |(_, length)| length);
        self.bytes.truncate(length);
        self.cut = 0;
    }

    fn append(&mut self, piece: &[u8]) {
        let room = (LINE_MAX + STAMP_MAX).saturating_sub(self.bytes.len());
        let (kept, over) = piece.split_at_checked(room).unwrap_or((piece, &[]));
        self.bytes.extend_from_slice(kept);
        self.cut += over
            .iter()
            .filter(|byte| !matches!(byte, b'\n' | b'\r'))
            .count();
    }
}

/// True for a line with its end in which nothing starts over and nothing has to be cut.
fn is_whole(piece: &[u8]) -> bool {
    piece.len() <= LINE_MAX && piece.ends_with(b"\n") && last_bare_return(piece).is_none()
}

/// `text` without the line ends behind it.
fn without_end(text: &[u8]) -> &[u8] {
    let last = text.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r'));
    let end = last.map_or(0, |last| last + 1);
    text.get(..end).unwrap_or_default()
}

/// Where the last `\r` is that something other than the line's end follows.
fn last_bare_return(piece: &[u8]) -> Option<usize> {
    let is_text = |byte: &u8| !matches!(byte, b'\r' | b'\n');
    memrchr_iter(b'\r', piece).find(|at| piece.get(at + 1).is_some_and(is_text))
}

/// `piece` without the stamp that the engine repeats in front of every chunk of a long line.
fn without_stamp(piece: &[u8]) -> &[u8] {
    let length = stamp(piece).map_or(0, |(_, length)| length);
    piece.get(length..).unwrap_or(piece)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const STAMP: &str = "2026-11-21T01:42:38.156571886Z ";

    /// A frame and what it holds.
    type Sent = (LogStream, Vec<u8>);

    fn frame(stream: LogStream, payload: &[u8]) -> Sent {
        (stream, payload.to_vec())
    }

    fn out(payload: &str) -> Sent {
        frame(LogStream::Out, format!("{STAMP}{payload}").as_bytes())
    }

    fn push(assembler: &mut LineAssembler, (stream, payload): &Sent) -> Vec<LogLine> {
        let (stream, mut lines) = (*stream, Vec::new());
        assembler.push(&Frame { stream, payload }, |line| lines.push(line));
        lines
    }

    fn all(frames: &[Sent]) -> Vec<LogLine> {
        let mut assembler = LineAssembler::default();
        let mut lines: Vec<_> = frames
            .iter()
            .flat_map(|frame| push(&mut assembler, frame))
            .collect();
        lines.extend(assembler.flush());
        lines
    }

    fn texts(frames: &[Sent]) -> Vec<String> {
        let text = |line: LogLine| line.text.as_str().to_owned();
        all(frames).into_iter().map(text).collect()
    }

    #[test]
    fn a_long_line_comes_back_as_one_with_the_other_stream_in_between() {
        let oops = frame(LogStream::Err, format!("{STAMP}oops\n").as_bytes());
        let lines = all(&[out("aaa"), oops, out("bbb\n")]);
        let got: Vec<_> = lines.iter().map(|l| (l.stream, l.text.as_str())).collect();
        assert_eq!(got, [(LogStream::Err, "oops"), (LogStream::Out, "aaabbb")]);
        let at: Timestamp = STAMP.trim().parse().unwrap();
        assert!(lines.iter().all(|line| line.at == at && line.cut == 0));
    }

    #[test]
    fn one_frame_may_hold_several_lines_and_bad_utf8() {
        let body = [
            STAMP.as_bytes(),
            b"one\n",
            STAMP.as_bytes(),
            b"two\r\n",
            STAMP.as_bytes(),
            b"b\xffd\n",
        ]
        .concat();
        assert_eq!(
            texts(&[frame(LogStream::Out, &body)]),
            ["one", "two", "b\u{fffd}d"]
        );
    }

    #[test]
    fn empty_lines_stay_and_a_last_line_without_an_end_is_flushed() {
        assert_eq!(texts(&[out("\n"), out("prompt> ")]), ["", "prompt> "]);
        assert!(texts(&[]).is_empty());
    }

    #[test]
    fn p41_a_line_is_kept_up_to_its_limit_and_the_rest_is_counted() {
        let chunk = "x".repeat(16 * 1024);
        let mut frames: Vec<_> = (0..640).map(|_| out(&chunk)).collect();
        frames.push(out("\n"));
        let lines = all(&frames);
        let [line] = lines.as_slice() else {
            panic!("{} lines", lines.len());
        };
        assert_eq!(line.cut as usize, 640 * 16 * 1024 - LINE_MAX);
    }

    #[test]
    fn a_progress_bar_keeps_what_follows_the_last_return() {
        assert_eq!(texts(&[out("10%\r50%\r100%\r\n")]), ["100%"]);
        assert_eq!(texts(&[out("10%\r"), out("50%\r"), out("\n")]), ["50%"]);
        assert_eq!(texts(&[out("10%\r"), out("50%\n")]), ["50%"]);
        assert_eq!(texts(&[out("text\r\r\n")]), ["text"]);
        let long = "y".repeat(100 * 1024);
        let lines = all(&[out(&long), out("\rdone\n")]);
        assert_eq!(
            lines.first().map(|l| (l.text.as_str(), l.cut)),
            Some(("done", 0))
        );
        let at: Timestamp = STAMP.trim().parse().unwrap();
        assert!(all(&[out("10%\r50%\n")]).iter().all(|line| line.at == at));
    }

    #[test]
    fn p41_what_was_handed_out_of_a_line_does_not_come_again_with_its_rest() {
        let mut assembler = LineAssembler::default();
        let mut parts = Vec::new();
        for text in ["name", "? ", "ann\n", "next\n"] {
            parts.extend(push(&mut assembler, &out(text)));
            parts.extend(assembler.pause());
        }
        assert!(assembler.pause().is_empty() && !assembler.holds_text());
        let got: Vec<_> = parts.iter().map(|l| (l.part, l.text.as_str())).collect();
        assert_eq!(
            got,
            [
                (Part::Begun, "name"),
                (Part::Begun, "? "),
                (Part::Rest, "ann"),
                (Part::Whole, "next")
            ]
        );
        assert!(parts.iter().all(|line| line.at == parts[0].at));
    }

    #[test]
    fn p41_a_progress_bar_that_was_handed_out_goes_on_with_what_follows_the_last_return() {
        let mut assembler = LineAssembler::default();
        assert!(push(&mut assembler, &out("10%\r20%\r")).is_empty());
        assert_eq!(assembler.pause()[0].text.as_str(), "20%");
        let rest = push(&mut assembler, &out("30%\r40%\n"));
        assert_eq!((rest[0].part, rest[0].text.as_str()), (Part::Rest, "40%"));
        let half = frame(LogStream::Out, b"2026-11-2");
        assert!(push(&mut assembler, &half).is_empty());
        assert!(assembler.pause().is_empty(), "half a stamp");
    }

    #[test]
    fn a_line_without_a_stamp_takes_the_moment_before() {
        let lines = all(&[out("one\n"), frame(LogStream::Err, b"bare words here\n")]);
        assert_eq!(
            lines.iter().map(|l| l.at).collect::<Vec<_>>(),
            [lines[0].at; 2]
        );
        assert_eq!(lines[1].text.as_str(), "bare words here");
    }

    #[test]
    fn a_line_in_one_frame_is_the_same_as_one_that_is_put_together() {
        let mut dice = fastrand::Rng::with_seed(7);
        let words = [
            STAMP,
            "\r",
            "\r\r",
            "\n",
            "x",
            "10%",
            " ",
            "\t",
            "ü",
            "2026-11-21T",
            "",
        ];
        for _ in 0..20_000 {
            let words: String = (0..dice.usize(..9))
                .map(|_| words[dice.usize(..words.len())])
                .collect();
            let text = format!("{}{words}\n", ["", STAMP][usize::from(dice.bool())]);
            let (mut whole, mut pieced) = (LineAssembler::default(), LineAssembler::default());
            let lines = push(&mut whole, &frame(LogStream::Out, text.as_bytes()));
            // As for lines that come in several frames.
            let mut expected = Vec::new();
            for piece in text.as_bytes().split_inclusive(|byte| *byte == b'\n') {
                pieced.part(LogStream::Out).take(piece);
                expected.extend(pieced.finish(LogStream::Out));
            }
            assert_eq!(lines, expected, "{text:?}");
        }
    }
}
