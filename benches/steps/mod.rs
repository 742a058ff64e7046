//! The way of a log from bytes to a stored line, up to each of its steps.

use crate::corpus::STAMP;
use cchub::{
    app::logs::Buffer,
    domain::{ServiceId, ServiceKind, log::Entries, safe::LogText},
    engine::bench,
    hub::{Arrival, FollowId, LogBatch, LogEvent},
};
use std::hint::black_box;

/// Lines that are handed over at once.
const BATCH: usize = 256;
/// The screen's own bound.
pub const BUFFER: usize = 64 << 20;

/// From bytes to frames.
pub fn frames(pieces: &[&[u8]]) {
    bench::frames(pieces, |payload| {
        black_box(payload);
    });
}

/// The frames of one line each, their text sanitised.
pub fn sanitise(pieces: &[&[u8]]) {
    bench::frames(pieces, |payload| {
        let text = payload.get(STAMP..payload.len() - 1);
        black_box(text.map(LogText::from_bytes));
    });
}

/// From bytes to lines, which are let go in batches.
pub fn lines(pieces: &[&[u8]]) {
    in_batches(pieces, |lines| drop(black_box(lines)));
}

/// From bytes to lines with levels and entries.
pub fn place(pieces: &[&[u8]]) {
    let (mut entries, mut number) = (Entries::default(), 0);
    in_batches(pieces, |events| {
        for event in &events {
            if let LogEvent::Line(line) = event {
                black_box(entries.place(number, ServiceKind::Backend, line));
                number += 1;
            }
        }
    });
}

/// The whole way, as the program goes it: lines are stored in batches.
pub fn store(pieces: &[&[u8]], buffer: &mut Buffer) {
    in_batches(pieces, |events| {
        buffer.add(batch(events));
    });
}

/// A buffer that is full of these lines: each that comes makes another go.
pub fn full(pieces: &[&[u8]]) -> Buffer {
    let mut buffer = Buffer::new(BUFFER);
    buffer.begin(&[service()]);
    while buffer.dropped() == 0 {
        store(pieces, &mut buffer);
    }
    buffer
}

fn in_batches(pieces: &[&[u8]], mut take: impl FnMut(Vec<LogEvent>)) {
    let mut events = Vec::with_capacity(BATCH);
    bench::lines(pieces, |line| {
        events.push(LogEvent::Line(line));
        if events.len() == BATCH {
            take(std::mem::replace(&mut events, Vec::with_capacity(BATCH)));
        }
    });
    take(events);
}

fn batch(events: Vec<LogEvent>) -> LogBatch {
    LogBatch {
        follow: FollowId(1),
        arrival: Arrival::New,
        service: service(),
        events,
    }
}

fn service() -> ServiceId {
    ServiceId::new(&"shop".parse().expect("a name"), ServiceKind::Backend)
}
