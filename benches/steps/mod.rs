//! The steps of taking a log in, each by itself, and all of them.

use crate::corpus::Log;
use cchub::{
    app::ring::Ring,
    domain::{LogLine, ServiceId, ServiceKind, log::Entries, safe::LogText},
    engine::bench,
    hub::{Arrival, FollowId, LogBatch, LogEvent},
};
use std::hint::black_box;

/// Lines that are handed over at once.
const BATCH: usize = 256;
/// The screen's own bound.
pub const BUFFER: usize = 64 << 20;

/// From bytes to frames.
pub fn frames(pieces: &[&[u8]]) -> usize {
    bench::frames(pieces)
}

/// From bytes to lines, which go at once.
pub fn lines(pieces: &[&[u8]]) {
    bench::lines(pieces, |line| drop(black_box(line)));
}

/// Only the sanitiser, and the memory that its lines take.
pub fn sanitise(log: &Log) {
    for text in &log.texts {
        black_box(LogText::from_bytes(text));
    }
}

/// Only levels and entries.
pub fn place(lines: &[LogLine]) {
    let mut entries = Entries::default();
    for (number, line) in (0..).zip(lines) {
        black_box(entries.place(number, ServiceKind::Backend, line));
    }
}

/// The whole way, as the program goes it: lines are stored in batches.
pub fn take_in(pieces: &[&[u8]], ring: &mut Ring) {
    let mut events = Vec::with_capacity(BATCH);
    bench::lines(pieces, |line| {
        events.push(LogEvent::Line(line));
        if events.len() == BATCH {
            let full = std::mem::replace(&mut events, Vec::with_capacity(BATCH));
            ring.add(batch(full));
        }
    });
    ring.add(batch(events));
}

fn batch(events: Vec<LogEvent>) -> LogBatch {
    LogBatch {
        follow: FollowId(1),
        arrival: Arrival::New,
        service: ServiceId::new(&"shop".parse().expect("a name"), ServiceKind::Backend),
        events,
    }
}
