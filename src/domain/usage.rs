//! CPU and memory use from two samples of the engine's counters.

use super::units::{Bytes, Cpus};
use serde::Serialize;

/// One reading of the engine's counters of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sample {
    /// CPU time used so far, in nanoseconds.
    pub cpu_ns: u64,
    /// When it was read, by the engine's clock, in nanoseconds since the epoch.
    pub read_ns: i128,
    /// Memory in use without the page cache that can be dropped, as `docker stats` counts it.
    pub memory: Bytes,
    /// The highest memory use that the kernel recorded, where it does.
    pub peak: Option<Bytes>,
    /// Processes and threads.
    pub pids: u32,
}

/// What a service uses now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// CPU time per time between the last two samples; `None` before there are two.
    pub cpus: Option<Cpus>,
    /// Memory.
    pub memory: Bytes,
    /// The highest memory seen.
    pub peak: Bytes,
    /// Processes and threads.
    pub pids: u32,
}
