//! Control groups of version 1: a tree for each controller.

use super::file::{number, text, value};
use crate::domain::{
    Bytes, Sample, Timestamp,
    usage::{Disk, Shortage, Throttling},
};
use std::path::{Path, PathBuf};

/// Where the kernel counts bytes from and to disks: which of them is there depends on the kernel and its scheduler.
const DISK_FILES: [&str; 3] = [
    "blkio.throttle.io_service_bytes_recursive",
    "blkio.throttle.io_service_bytes",
    "blkio.io_service_bytes_recursive",
];

/// The folders of one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folders {
    memory: PathBuf,
    usage: PathBuf,
    cpu: Option<PathBuf>,
    pids: Option<PathBuf>,
    disk: Option<PathBuf>,
}

impl Folders {
    /// The folders, by what gives that of a controller; `None` without memory and CPU time.
    pub(super) fn find(folder: impl Fn(&str) -> Option<PathBuf>) -> Option<Self> {
        Some(Self {
            memory: folder("memory")?,
            usage: folder("cpuacct")?,
            cpu: folder("cpu"),
            pids: folder("pids"),
            disk: folder("blkio"),
        })
    }
}

pub(super) fn sample(folders: &Folders) -> Option<Sample> {
    let cpu_ns = number(&folders.usage.join("cpuacct.usage"))?;
    let read = Timestamp::now();
    let memory = |name: &str| number(&folders.memory.join(name));
    let used = memory("memory.usage_in_bytes")?;
    let stat = text(&folders.memory.join("memory.stat")).unwrap_or_default();
    let droppable = value(&stat, "total_inactive_file").filter(|bytes| *bytes < used);
    let pids = folders.pids.as_ref();
    let pids = pids.and_then(|folder| number(&folder.join("pids.current")));
    Some(Sample {
        cpu_ns,
        read_ns: read.as_nanosecond(),
        memory: Bytes(used.saturating_sub(droppable.unwrap_or_default())),
        peak: memory("memory.max_usage_in_bytes").map(Bytes),
        pids: u32::try_from(pids.unwrap_or_default()).unwrap_or(u32::MAX),
        network: None,
        disk: folders.disk.as_deref().and_then(disk),
        throttling: folders.cpu.as_deref().and_then(throttling),
        shortage: memory("memory.failcnt").map(|hits| Shortage {
            hits,
            kills: kills(&folders.memory),
            stalled_us: None,
        }),
    })
}

/// Kernels before 4.13 do not count these.
fn kills(folder: &Path) -> u64 {
    let control = text(&folder.join("memory.oom_control"));
    let kills = control.and_then(|text| value(&text, "oom_kill"));
    kills.unwrap_or_default()
}

fn throttling(folder: &Path) -> Option<Throttling> {
    let stat = text(&folder.join("cpu.stat"))?;
    Some(Throttling {
        periods: value(&stat, "nr_periods")?,
        held_up: value(&stat, "nr_throttled")?,
    })
}

/// Lines such as `8:0 Read 4096`.
fn disk(folder: &Path) -> Option<Disk> {
    let counts = DISK_FILES
        .iter()
        .find_map(|name| text(&folder.join(name)))?;
    let sum = |wanted: &str| {
        let rows = counts.lines().filter_map(|line| {
            let mut words = line.split_whitespace().skip(1);
            (words.next()? == wanted).then(|| words.next()?.parse::<u64>().ok())?
        });
        Bytes(rows.fold(0, u64::saturating_add))
    };
    Some(Disk {
        read: sum("Read"),
        written: sum("Write"),
    })
}
