//! What can go wrong with an answer, by request: the vocabulary of the tests and of `scripts/soak`.

use super::http::{Asked, Reply, Tape, frame};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::watch;

/// What happens to a request that a fault meets.
#[derive(Debug, Clone)]
pub enum How {
    /// It has no effect, and this is answered.
    Instead(Reply),
    /// It has its effect, and this is answered.
    After(Reply),
    /// It has its effect, and the answer takes a while.
    Late(Duration),
    /// It has its effect, and not even a status is answered.
    Silent,
    /// It has its effect, and after the headers nothing comes.
    HeadOnly,
    /// It has its effect, and the answer comes byte by byte, one each time this long.
    Dripping(Duration),
    /// It has its effect, and the connection breaks after so many bytes of the answer, headers included.
    Cut(usize),
    /// It has its effect, and the JSON of the answer ends after so many bytes, as if that were all.
    Truncated(usize),
    /// It has its effect, and the JSON of the answer holds what nobody expects.
    Garbled(Garble),
    /// It has its effect, and the stream that it opens goes wrong.
    Stream(Disorder),
}

/// How JSON is spoiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Garble {
    /// Numbers are strings, strings are numbers, lists are objects.
    WrongTypes,
    /// Every value is null.
    Nulls,
    /// States and actions are words that no engine says today.
    UnknownWords,
}

/// How a stream goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disorder {
    /// Every piece comes twice.
    Doubled,
    /// Pieces come in pairs, the later one first.
    Swapped,
    /// After what is there comes the header of a frame of 4 GiB.
    HugeFrame,
    /// What is there comes, and nothing ever after.
    Deaf,
}

/// A fault and the requests that it meets.
#[derive(Debug, Clone)]
pub struct Fault {
    pattern: Pattern,
    /// Requests that it still meets.
    left: usize,
    how: How,
}

/// The beginning of a request line (`GET /containers/`), or its beginning and its end with a `*` in between. The query
/// does not count.
#[derive(Debug, Clone)]
pub struct Pattern {
    start: String,
    end: String,
}

impl Pattern {
    /// Reads a pattern as written.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        let (start, end) = pattern.split_once('*').unwrap_or((pattern, ""));
        Self {
            start: start.to_owned(),
            end: end.to_owned(),
        }
    }

    /// True if it names this request.
    #[must_use]
    pub fn meets(&self, asked: &Asked) -> bool {
        let target = asked.target();
        target.starts_with(&self.start) && target.ends_with(&self.end)
    }
}

/// All faults that wait for their requests; the oldest that fits is taken.
#[derive(Debug, Clone, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// The next `times` requests that `pattern` names go wrong.
    pub fn add(&mut self, pattern: &str, times: usize, how: How) {
        self.0.push(Fault {
            pattern: Pattern::new(pattern),
            left: times,
            how,
        });
    }

    /// Nothing goes wrong any more.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// What goes wrong with this request.
    pub fn take(&mut self, asked: &Asked) -> Option<How> {
        let at = self.0.iter().position(|fault| fault.pattern.meets(asked))?;
        let fault = self.0.get_mut(at)?;
        fault.left -= 1;
        let how = fault.how.clone();
        self.0.retain(|fault| fault.left > 0);
        Some(how)
    }
}

/// `reply` with its JSON cut short.
pub(super) fn truncated(reply: Reply, at: usize) -> Reply {
    match reply {
        Reply::Json(status, body) => Reply::Json(status, body.chars().take(at).collect()),
        other => other,
    }
}

/// `reply` with its JSON spoiled.
pub(super) fn garbled(reply: Reply, how: Garble) -> Reply {
    let Reply::Json(status, body) = reply else {
        return reply;
    };
    let value = serde_json::from_str(&body).unwrap_or_default();
    Reply::Json(status, spoiled(value, how).to_string())
}

fn spoiled(value: Value, how: Garble) -> Value {
    match value {
        Value::Object(fields) => {
            let spoil = |(key, value): (String, Value)| match (how, &value) {
                (Garble::UnknownWords, Value::String(_)) if is_word(&key) => {
                    (key, json!("quantum"))
                }
                _ => (key, spoiled(value, how)),
            };
            Value::Object(fields.into_iter().map(spoil).collect())
        }
        Value::Array(all) if how == Garble::WrongTypes && !all.iter().any(Value::is_object) => {
            json!({ "0": all })
        }
        Value::Array(all) => all.into_iter().map(|value| spoiled(value, how)).collect(),
        other => leaf(other, how),
    }
}

/// Fields that hold one of a few words.
fn is_word(key: &str) -> bool {
    matches!(
        key,
        "Status" | "State" | "Action" | "Type" | "Driver" | "Scope"
    )
}

fn leaf(value: Value, how: Garble) -> Value {
    match (how, value) {
        (Garble::UnknownWords, value) => value,
        (Garble::Nulls, _) => Value::Null,
        (Garble::WrongTypes, Value::String(text)) => json!(text.len()),
        (Garble::WrongTypes, Value::Number(number)) => json!(number.to_string()),
        (Garble::WrongTypes, Value::Bool(yes)) => json!([yes]),
        (Garble::WrongTypes, value) => value,
    }
}

/// A stream in disorder: pieces that are there now are passed on as `how` says, later ones not at all.
pub(super) fn disordered(reply: Reply, how: Disorder) -> Reply {
    match reply {
        Reply::Follow(tape, from) => match how {
            Disorder::Doubled | Disorder::Swapped => Reply::Follow(relay(tape, from, how), 0),
            Disorder::HugeFrame => Reply::ThenHang(with_huge_frame(tape.borrow().since(from))),
            Disorder::Deaf => Reply::ThenHang(tape.borrow().since(from)),
        },
        Reply::Chunks(chunks) if how == Disorder::HugeFrame => {
            Reply::ThenHang(with_huge_frame(chunks))
        }
        Reply::Chunks(chunks) => Reply::Chunks(shuffled(chunks, how)),
        other => other,
    }
}

fn with_huge_frame(mut chunks: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut header = frame(1, b"");
    if let Some(length) = header.get_mut(4..8) {
        length.fill(0xff);
    }
    chunks.push(header);
    chunks
}

fn shuffled(chunks: Vec<Vec<u8>>, how: Disorder) -> Vec<Vec<u8>> {
    match how {
        Disorder::Doubled => chunks.into_iter().flat_map(|c| [c.clone(), c]).collect(),
        Disorder::Swapped => chunks
            .chunks(2)
            .flat_map(|pair| pair.iter().rev().cloned())
            .collect(),
        Disorder::HugeFrame | Disorder::Deaf => chunks,
    }
}

/// A tape that copies another one in disorder, as long as somebody reads it.
fn relay(mut from: watch::Receiver<Tape>, at: usize, how: Disorder) -> watch::Receiver<Tape> {
    let (out, tape) = watch::channel(Tape::default());
    let mut next = at;
    tokio::spawn(async move {
        let mut held = None;
        loop {
            let (fresh, ended) = {
                let from = from.borrow_and_update();
                let fresh = from.since(next);
                next = from.len();
                (fresh, from.ended)
            };
            for chunk in fresh {
                let now = match (how, held.take()) {
                    (Disorder::Swapped, None) => {
                        held = Some(chunk);
                        Vec::new()
                    }
                    (Disorder::Swapped, Some(earlier)) => vec![chunk, earlier],
                    _ => vec![chunk.clone(), chunk],
                };
                out.send_modify(|tape| now.into_iter().for_each(|chunk| tape.push(chunk)));
            }
            if ended {
                out.send_modify(|tape| tape.ended = true);
            }
            tokio::select! {
                changed = from.changed() => if changed.is_err() { return },
                () = out.closed() => return,
            }
        }
    });
    tape
}
