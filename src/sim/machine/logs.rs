//! What simulated processes print, as the engine hands it out.

use super::{Container, Machine, no_container};
use crate::{
    domain::{LogStream, Timestamp},
    sim::{
        http::{Asked, Reply, frame},
        voice::Moment,
    },
};

/// A line that a process printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// When.
    pub at: Timestamp,
    /// Where to.
    pub stream: LogStream,
    /// The line without its end.
    pub text: String,
}

impl Container {
    /// Adds a line to the log.
    pub fn print(&self, line: &Spoken) {
        let number = match line.stream {
            LogStream::Out => 1,
            LogStream::Err => 2,
        };
        // The engine writes nine digits of the second, always.
        let (at, text) = (format!("{:.9}", line.at), &line.text);
        self.write(frame(number, format!("{at} {text}\n").as_bytes()));
    }

    /// Adds a frame to the log, whatever it holds.
    pub fn write(&self, frame: Vec<u8>) {
        self.log.send_modify(|tape| tape.push(frame));
    }
}

impl Machine {
    /// Lets a container say what it says at this moment.
    pub(super) fn speak(&mut self, name: &str, moment: Moment) {
        let now = self.now;
        let Some(container) = self.containers.get_mut(name) else {
            return;
        };
        let mut said = Vec::new();
        if let Some(voice) = &mut container.voice {
            voice.speak(moment, now, &mut said);
        }
        for utterance in said {
            container.print(&Spoken {
                at: now,
                stream: utterance.stream,
                text: utterance.text,
            });
        }
    }

    /// Only whole seconds of `since` count, as with the engine.
    pub(super) fn logs(&mut self, name: &str, asked: &Asked) -> Reply {
        let Some(container) = self.key(name).and_then(|key| self.containers.get(&key)) else {
            return no_container(name);
        };
        let number = |name: &str| asked.query(name)?.split('.').next()?.parse::<i64>().ok();
        let since = number("since").unwrap_or_default();
        let tape = container.log.borrow().clone();
        let all = tape.since(tape.first());
        let old = all
            .iter()
            .take_while(|chunk| second_of(chunk) < since)
            .count();
        let tail = number("tail").and_then(|tail| usize::try_from(tail).ok());
        let left = all.len() - old;
        let from = old + left - tail.unwrap_or(left).min(left);
        let wanted = all.get(from..).unwrap_or_default().to_vec();
        if !self.quirks.log_cuts.is_empty() {
            let cut = self.quirks.log_cuts.remove(0);
            let wire: Vec<u8> = wanted.concat().into_iter().take(cut).collect();
            return Reply::ThenHangUp(vec![wire]);
        }
        match asked.query("follow").as_deref() {
            Some("true" | "1") => Reply::Follow(container.log.subscribe(), tape.first() + from),
            _ => Reply::Chunks(wanted),
        }
    }
}

/// The second that a log frame is of; the earliest for a piece without one.
fn second_of(chunk: &[u8]) -> i64 {
    let stamp = chunk.get(8..).unwrap_or_default();
    let stamp: Vec<u8> = stamp.iter().copied().take_while(|b| *b != b' ').collect();
    let stamp = String::from_utf8_lossy(&stamp).parse::<Timestamp>();
    stamp.map_or(i64::MIN, Timestamp::as_second)
}
