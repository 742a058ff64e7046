//! The machine as a whole: its CPUs, its memory, and the disk with the engine's data.

use super::file::text;
use crate::domain::{
    Bytes,
    host::{HostSample, Space},
};
use std::path::Path;

/// Times in the first line of `/proc/stat`; two more repeat what is in the first two.
const TIMES: usize = 8;
/// Of these: idle, and idle while a disk is waited for.
const IDLE: [usize; 2] = [3, 4];

/// The engine says how much memory its host has: another amount is another machine.
pub(super) fn sample(root: &Path, memory: Bytes, disk: &Path) -> Option<HostSample> {
    let info = text(&root.join("proc/meminfo"))?;
    let amount = |name: &str| Some(Bytes(kilobytes(&info, name)?.saturating_mul(1024)));
    if amount("MemTotal:")? != memory {
        return None;
    }
    let stat = text(&root.join("proc/stat"))?;
    let (busy, all) = times(&stat)?;
    let available = amount("MemAvailable:")?;
    Some(HostSample {
        busy,
        all,
        memory: Bytes(memory.0.saturating_sub(available.0)),
        disk: space(disk),
    })
}

/// `MemTotal:       24571284 kB`
fn kilobytes(info: &str, name: &str) -> Option<u64> {
    let line = info.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// `cpu  2255 34 2290 22625563 6290 127 456 0 0 0`
fn times(stat: &str) -> Option<(u64, u64)> {
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu "))?;
    let times: Vec<u64> = line
        .split_whitespace()
        .take(TIMES)
        .map_while(|word| word.parse().ok())
        .collect();
    let idle: u64 = IDLE.iter().filter_map(|n| times.get(*n)).sum();
    let all: u64 = times.iter().sum();
    (all > 0).then_some((all.saturating_sub(idle), all))
}

fn space(path: &Path) -> Option<Space> {
    let found = rustix::fs::statvfs(path).ok()?;
    let bytes = |blocks: u64| Bytes(blocks.saturating_mul(found.f_frsize));
    Some(Space {
        all: bytes(found.f_blocks),
        free: bytes(found.f_bavail),
    })
}
