//! How fast a log is taken in, step by step, and searched. `benches/shares.rs` prints the steps side by side.
#![allow(missing_docs, clippy::expect_used)]

mod corpus;
mod steps;

use cchub::{
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
        let mut ring = steps::full(&pieces);
        let mut group = criterion.benchmark_group(log.name);
        group
            .sample_size(10)
            .throughput(Throughput::ElementsAndBytes {
                elements: log.count as u64,
                bytes: log.bytes() as u64,
            });
        group.bench_function("frames", |b| b.iter(|| steps::frames(&pieces)));
        group.bench_function("frames, sanitised", |b| b.iter(|| steps::sanitise(&pieces)));
        group.bench_function("lines", |b| b.iter(|| steps::lines(&pieces)));
        group.bench_function("lines with levels", |b| b.iter(|| steps::place(&pieces)));
        group.bench_function("stored", |b| b.iter(|| steps::store(&pieces, &mut ring)));
        group.bench_function("stored, frame by frame", |b| {
            b.iter(|| steps::store(&single, &mut ring));
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
        let mut lines: Vec<LogText> = Vec::new();
        bench::lines(&log.pieces(), |line| lines.push(line.text));
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
