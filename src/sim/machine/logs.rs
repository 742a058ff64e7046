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

    /// As the engine does it: `tail` is counted from the end first; of these, all from the first one on that is not before
    /// `since`, and none from the first one on that is after `until`.
    pub(super) fn logs(&mut self, name: &str, asked: &Asked) -> Reply {
        let Some(container) = self.key(name).and_then(|key| self.containers.get(&key)) else {
            return no_container(name);
        };
        let moment = |name: &str| moment_of(&asked.query(name)?);
        let (since, until) = (moment("since"), moment("until"));
        let tape = container.log.borrow().clone();
        let all = tape.since(tape.first());
        let tail = asked.query("tail").and_then(|tail| tail.parse().ok());
        let past = all.len() - tail.unwrap_or(all.len()).min(all.len());
        let is_old = |chunk: &&Vec<u8>| stamp_of(chunk) < since;
        let old = all.iter().skip(past).take_while(is_old).count();
        let from = past + old;
        let wanted = all.iter().skip(from);
        let wanted =
            wanted.take_while(|chunk| until.is_none_or(|end| stamp_of(chunk) <= Some(end)));
        let wanted: Vec<_> = wanted.cloned().collect();
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

/// A moment as a query has it: seconds since 1970, with or without a fraction. None for 0, which means none.
pub(super) fn moment_of(word: &str) -> Option<Timestamp> {
    let (second, fraction) = word.split_once('.').unwrap_or((word, ""));
    let nanos = format!("{fraction:0<9}").parse().ok()?;
    let second = second.parse().ok().filter(|second| *second != 0)?;
    Timestamp::new(second, nanos).ok()
}

/// The moment that a log frame is of; none, which is before all others, for a piece without one.
fn stamp_of(chunk: &[u8]) -> Option<Timestamp> {
    let stamp = chunk.get(8..).unwrap_or_default();
    let stamp: Vec<u8> = stamp.iter().copied().take_while(|b| *b != b' ').collect();
    String::from_utf8_lossy(&stamp).parse().ok()
}
