//! Control groups of version 2: one tree for all controllers.

use super::file::{named, number, text, value};
use crate::domain::{
    Bytes, Sample, Timestamp,
    usage::{Disk, Shortage, Throttling},
};
use std::path::Path;

pub(super) fn sample(folder: &Path) -> Option<Sample> {
    let cpu = text(&folder.join("cpu.stat"))?;
    let read = Timestamp::now();
    let used = number(&folder.join("memory.current"))?;
    let stat = text(&folder.join("memory.stat")).unwrap_or_default();
    let droppable = value(&stat, "inactive_file").filter(|bytes| *bytes < used);
    let pids = number(&folder.join("pids.current")).unwrap_or_default();
    Some(Sample {
        cpu_ns: value(&cpu, "usage_usec")?.saturating_mul(1_000),
        read_ns: read.as_nanosecond(),
        memory: Bytes(used.saturating_sub(droppable.unwrap_or_default())),
        peak: number(&folder.join("memory.peak")).map(Bytes),
        pids: u32::try_from(pids).unwrap_or(u32::MAX),
        network: None,
        disk: text(&folder.join("io.stat")).map(|text| disk(&text)),
        throttling: throttling(&cpu),
        shortage: shortage(folder),
    })
}

/// Counted from the first limit on.
fn throttling(stat: &str) -> Option<Throttling> {
    Some(Throttling {
        periods: value(stat, "nr_periods")?,
        held_up: value(stat, "nr_throttled")?,
    })
}

fn shortage(folder: &Path) -> Option<Shortage> {
    let events = text(&folder.join("memory.events"))?;
    let count = |key| value(&events, key).unwrap_or_default();
    let pressure = text(&folder.join("memory.pressure"));
    Some(Shortage {
        hits: count("max").saturating_add(count("high")),
        kills: count("oom_kill"),
        stalled_us: pressure.as_deref().and_then(stalled),
    })
}

/// `some avg10=0.00 avg60=0.00 avg300=0.00 total=2094209`
fn stalled(pressure: &str) -> Option<u64> {
    let mut lines = pressure.lines();
    let some = lines.find_map(|line| line.strip_prefix("some "))?;
    named(some, "total")
}

/// Lines such as `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0`.
fn disk(text: &str) -> Disk {
    let sum = |key: &str| {
        let counts = text.lines().filter_map(|line| named(line, key));
        Bytes(counts.fold(0, u64::saturating_add))
    };
    Disk {
        read: sum("rbytes"),
        written: sum("wbytes"),
    }
}
