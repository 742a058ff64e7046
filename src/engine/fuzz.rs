//! What must hold whatever an engine sends. Built for tests and for cargo-fuzz only.

use super::{
    Answer, EngineError, EngineInfo, check_api, convert,
    events::EventReader,
    frames::FrameReader,
    lines::LineAssembler,
    progress::{BuildProgress, JsonLines, PullProgress},
    sample,
    streams::{Made, Reader},
};
use crate::{
    domain::{LogLine, LogStream, Safe, limits::Capacity, log::LINE_MAX},
    stack::hardening,
};

const CALL: &str = "fuzz";
/// Most bytes that the reader of one log may hold: a frame of 1 MiB in a buffer that doubles, and two lines.
const HELD_MAX: usize = 4 << 20;
/// Characters of the longest text made of bytes: six for each.
const GROWTH_MAX: usize = 6;

/// Reads the answer of a log in pieces of the lengths that `next_length` gives, and checks that how it was cut makes no
/// difference, that every payload comes out whole and nothing else does, and that little is held.
///
/// # Panics
/// When that does not hold.
pub fn frames(wire: &[u8], mut next_length: impl FnMut() -> usize) {
    let whole = read_log(&[wire]);
    let mut pieces = Vec::new();
    let mut rest = wire;
    while !rest.is_empty() {
        let length = next_length().clamp(1, rest.len());
        let (piece, after) = rest.split_at(length);
        pieces.push(piece);
        rest = after;
    }
    let cut = read_log(&pieces);
    assert_eq!(whole.frames, expected(wire), "frames");
    assert_eq!(cut.frames, whole.frames, "cut into {} pieces", pieces.len());
    assert_eq!(cut.lines, whole.lines, "cut into {} pieces", pieces.len());
    assert_eq!(cut.failed, whole.failed, "cut into {} pieces", pieces.len());
    for line in &whole.lines {
        assert!(line.text.as_str().len() <= LINE_MAX * GROWTH_MAX);
    }
}

#[derive(Debug, Default)]
struct Log {
    frames: Vec<(LogStream, Vec<u8>)>,
    lines: Vec<LogLine>,
    failed: bool,
}

fn read_log(pieces: &[&[u8]]) -> Log {
    let (mut frames, mut lines) = (FrameReader::default(), LineAssembler::default());
    let mut log = Log::default();
    for piece in pieces {
        frames.push(piece, |frame| match frame {
            Ok(frame) => {
                log.frames.push((frame.stream, frame.payload.to_vec()));
                lines.push(&frame, |line| log.lines.push(line));
            }
            Err(_) => log.failed = true,
        });
        // The stream is reset here.
        if log.failed {
            return log;
        }
        let held = frames.held() + lines.held();
        assert!(held <= HELD_MAX + 2 * piece.len(), "{held} bytes are held");
    }
    log.lines.extend(lines.flush());
    log
}

/// The frames of `wire` up to the first that is cut, too long, an error or none, read in another way.
fn expected(wire: &[u8]) -> Vec<(LogStream, Vec<u8>)> {
    let mut frames = Vec::new();
    let mut rest = wire;
    while let [kind @ 0..=2, _, _, _, a, b, c, d, after @ ..] = rest {
        let length = [a, b, c, d]
            .iter()
            .fold(0, |sum, byte| (sum << 8) + usize::from(**byte));
        if length > 1 << 20 || after.len() < length {
            break;
        }
        let (payload, next) = after.split_at(length);
        let stream = if *kind == 2 {
            LogStream::Err
        } else {
            LogStream::Out
        };
        frames.push((stream, payload.to_vec()));
        rest = next;
    }
    frames
}

/// Takes `body` for the answer of every call, and for every stream of JSON lines. Gives the texts for people that come
/// of it.
#[must_use]
pub fn answers(body: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    match Answer::parse(CALL, body) {
        Ok(answer) => read_answer(&answer, &mut texts),
        Err(error) => texts.push(told(&error)),
    }
    let (half, rest) = body.split_at(body.len() / 2);
    let mut lines = JsonLines::default();
    let answers = lines
        .push(CALL, half)
        .into_iter()
        .chain(lines.push(CALL, rest));
    let answers: Vec<_> = answers.chain(lines.end(CALL)).collect();
    read_progress(answers.iter().flatten(), &mut texts);
    let mut events = EventReader::default();
    let mut made = Made::new();
    for piece in [half, rest, b"\n"] {
        events.take(piece, &mut made);
    }
    for event in made {
        texts.push(match event {
            Ok(event) => event.name.to_string(),
            Err(error) => told(&error),
        });
    }
    texts
}

fn told(error: &EngineError) -> String {
    // Both are shown together.
    format!("{error} {}", error.hint())
}

fn read_answer(answer: &Answer, texts: &mut Vec<String>) {
    let rows = super::answer::listed(CALL, answer, "").unwrap_or_default();
    for row in rows.iter().chain([answer]) {
        if let Some(summary) = convert::summary(row) {
            texts.extend([summary.name, summary.status].map(|text| text.to_string()));
        }
    }
    let container = convert::container(answer);
    let _findings = hardening::audit(&container);
    let _sample = sample::sample(answer);
    texts.extend([container.name, container.error].map(|text| text.to_string()));
    texts.extend(container.engine_health.map(|text| text.to_string()));
    let mut info = EngineInfo {
        version: answer.safe("/Version"),
        api: Safe::default(),
        host: Capacity::UNKNOWN,
        data: None,
        warnings: Vec::new(),
    };
    info.learn(answer);
    texts.extend(info.warnings.iter().map(Safe::to_string));
    let api = answer
        .required(CALL, "/ApiVersion")
        .and_then(|api| check_api(&api));
    texts.extend(api.err().as_ref().map(told));
}

fn read_progress<'a>(messages: impl Iterator<Item = &'a Answer>, texts: &mut Vec<String>) {
    let (mut pull, mut build) = (PullProgress::default(), BuildProgress::default());
    for message in messages {
        match pull.line(message) {
            Ok(line) => texts.extend(line.map(|line| line.to_string())),
            Err(error) => texts.push(told(&error)),
        }
        match build.lines(message) {
            Ok(lines) => texts.extend(lines.iter().map(Safe::to_string)),
            Err(error) => texts.push(told(&error)),
        }
    }
}
