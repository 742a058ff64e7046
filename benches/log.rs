//! How fast a log is taken in, step by step, and searched. `benches/shares.rs` prints the steps side by side.
#![allow(missing_docs, clippy::expect_used)]

mod corpus;
mod steps;

use cchub::{
    app::ring::Ring,
    domain::{
        log::{Query, Syntax},
        safe::LogText,
    },
    engine::bench,
};
use corpus::Log;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use steps::BUFFER;

fn ingest(criterion: &mut Criterion) {
    for log in Log::all() {
        let (pieces, single) = (log.pieces(), log.single_frames());
        let mut lines = Vec::new();
        bench::lines(&pieces, |line| lines.push(line));
        let mut ring = Ring::new(BUFFER);
        let mut group = criterion.benchmark_group(log.name);
        group
            .sample_size(10)
            .throughput(Throughput::ElementsAndBytes {
                elements: log.texts.len() as u64,
                bytes: log.bytes() as u64,
            });
        group.bench_function("frames", |b| b.iter(|| steps::frames(&pieces)));
        group.bench_function("frames to lines", |b| b.iter(|| steps::lines(&pieces)));
        group.bench_function("sanitise", |b| b.iter(|| steps::sanitise(&log)));
        group.bench_function("levels and entries", |b| b.iter(|| steps::place(&lines)));
        group.bench_function("all", |b| b.iter(|| steps::take_in(&pieces, &mut ring)));
        group.bench_function("all, frame by frame", |b| {
            b.iter(|| steps::take_in(&single, &mut ring));
        });
        group.finish();
    }
}

fn search(criterion: &mut Criterion) {
    for (name, templates) in [
        ("search a full buffer, plain", &corpus::PLAIN[..]),
        ("search a full buffer, coloured", &corpus::COLOURED),
    ] {
        let log = Log::new(name, corpus::SHORT, templates);
        let texts = log.texts.iter().map(|text| LogText::from_bytes(text));
        let lines: Vec<LogText> = texts.collect();
        let rounds = BUFFER / log.bytes();
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        group.throughput(Throughput::Bytes((log.bytes() * rounds) as u64));
        for (what, text, syntax) in [
            ("what is nowhere", "checkpoint failed", Syntax::Plain),
            ("a word with capitals", "Saving", Syntax::Plain),
            ("a regular expression", r"order \d+[05]\b", Syntax::Regex),
        ] {
            let query = Query::new(text, syntax).expect("a query");
            let count = || lines.iter().filter(|line| query.matches(line)).count();
            group.bench_function(what, |b| {
                b.iter(|| (0..rounds).map(|_| count()).sum::<usize>());
            });
        }
        group.finish();
    }
}

criterion_group!(benches, ingest, search);
criterion_main!(benches);
