//! What taking a log in costs in allocations, counted by the allocator. In a binary of its own, with one test: what
//! another test allocates meanwhile would be counted, too.
#![allow(missing_docs, clippy::expect_used)]

use cchub::{
    app::logs::Buffer,
    domain::{LogLine, ServiceId, ServiceKind, log::Entries},
    engine::bench,
    hub::{Arrival, FollowId, LogBatch, LogEvent},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const LINES: usize = 10_000;
/// For buffers that grow.
const BESIDES: usize = 50;

/// A log of [`LINES`] lines as it comes over the wire, frame by frame.
fn frames(text: &str) -> Vec<Vec<u8>> {
    let frame = |number| {
        let payload = format!("2026-11-21T06:06:21.{number:09}Z {text} {number}\n");
        let length = u32::try_from(payload.len()).expect("a short line");
        [&[1, 0, 0, 0], &length.to_be_bytes()[..], payload.as_bytes()].concat()
    };
    (0..LINES).map(frame).collect()
}

/// Allocations on the way from `pieces` to lines with levels, kept in `lines`.
fn count(pieces: &[&[u8]], lines: &mut Vec<LogLine>) -> usize {
    lines.clear();
    let mut entries = Entries::default();
    let region = Region::new(ALLOCATOR);
    bench::lines(pieces, |line| {
        entries.place(lines.len() as u64, ServiceKind::Backend, &line);
        lines.push(line);
    });
    let change = region.change();
    change.allocations + change.reallocations
}

/// Bytes that the screen's buffer says it takes for some lines, and bytes that it asked the allocator for.
fn stored(text: &str) -> (usize, usize) {
    let service = ServiceId::new(&"shop".parse().expect("a name"), ServiceKind::Backend);
    let frames = frames(text);
    let pieces: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
    let mut buffer = Buffer::new(64 << 20);
    buffer.begin(std::slice::from_ref(&service));
    let region = Region::new(ALLOCATOR);
    bench::lines(&pieces, |line| {
        buffer.add(LogBatch {
            follow: FollowId(1),
            service: service.clone(),
            events: vec![LogEvent::Line(line)],
            arrival: Arrival::New,
        });
    });
    let change = region.change();
    let asked = change.bytes_allocated - change.bytes_deallocated;
    (buffer.bytes(), asked)
}

#[test]
fn p40_a_line_costs_one_allocation_and_the_bytes_that_are_counted() {
    one_allocation();
    for text in [
        "x",
        "INFO: \"GET /api/orders HTTP/1.1\" 200 OK",
        &"long ".repeat(200),
    ] {
        let (counted, asked) = stored(text);
        // The allocator's own headers, and what a filter and a search would keep, are counted as well.
        let most = asked + 48 * LINES;
        assert!(
            (asked..most).contains(&counted),
            "{counted} counted, {asked} asked for"
        );
    }
}

fn one_allocation() {
    let mut lines = Vec::with_capacity(LINES);
    for text in [
        "INFO:     172.20.0.5:4711 - \"GET /api/orders HTTP/1.1\" 200 OK\tx",
        "\x1b[32mINFO\x1b[0m:     \"GET /api/orders HTTP/1.1\" \x1b[32m200 OK\x1b[0m",
        "信息: 订单已付款，下一步：通知仓库并安排发货",
    ] {
        let frames = frames(text);
        let single: Vec<&[u8]> = frames.iter().map(Vec::as_slice).collect();
        let made = count(&single, &mut lines);
        assert_eq!(lines.len(), LINES);
        assert!((LINES..LINES + BESIDES).contains(&made), "{made}: {text}");
        let wire = frames.concat();
        let pieces: Vec<&[u8]> = wire.chunks(64 << 10).collect();
        let made = count(&pieces, &mut lines);
        assert_eq!(lines.len(), LINES);
        // What is cut at the end of a piece is put together.
        let most = LINES + BESIDES + 2 * pieces.len();
        assert!((LINES..most).contains(&made), "{made}: {text}");
    }
}
