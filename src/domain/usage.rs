//! What a container uses, from two readings of the counters that the kernel keeps of it.

mod history;
mod share;
#[cfg(test)]
mod tests;
mod words;

pub use history::{HISTORY_MAX, History, Point};
pub use share::Share;
pub use words::{Strain, TIGHT, memory_words, throttle_words};

use super::units::{Bytes, Cpus};
use serde::Serialize;

/// Fewer periods than this say nothing about how often a limit is met.
const PERIODS_MIN: u64 = 5;
const MINUTE_NS: u128 = 60_000_000_000;
const SECOND_NS: u128 = 1_000_000_000;

/// One reading of the counters of a container. What nobody counts is `None`, which is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sample {
    /// CPU time used so far, in nanoseconds.
    pub cpu_ns: u64,
    /// When it was read, by the wall clock of the engine's host, in nanoseconds since the epoch.
    pub read_ns: i128,
    /// Memory in use without the page cache that can be dropped, as `docker stats` counts it.
    pub memory: Bytes,
    /// The highest memory use that the kernel recorded, page cache included, where it does.
    pub peak: Option<Bytes>,
    /// Processes and threads.
    pub pids: u32,
    /// Bytes that came and went so far, over all interfaces but the loopback.
    pub network: Option<Network>,
    /// Bytes that were read from and written to disks so far.
    pub disk: Option<Disk>,
    /// How often its CPU limit was met so far.
    pub throttling: Option<Throttling>,
    /// How often its memory limit was met so far.
    pub shortage: Option<Shortage>,
}

/// Bytes over the network: so far in a [`Sample`], per second in a [`Usage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Network {
    /// Received.
    pub received: Bytes,
    /// Sent.
    pub sent: Bytes,
}

/// Bytes from and to disks: so far in a [`Sample`], per second in a [`Usage`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Disk {
    /// Read.
    pub read: Bytes,
    /// Written.
    pub written: Bytes,
}

/// The scheduler's periods in which something of the container wanted to run, so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Throttling {
    /// All of them.
    pub periods: u64,
    /// Those in which it was held up, because its CPU limit was used up.
    pub held_up: u64,
}

/// What the kernel counted of a memory limit, so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shortage {
    /// Times that the limit was met and something had to go: page cache as a rule, which does no harm.
    pub hits: u64,
    /// Processes that were killed for it.
    pub kills: u64,
    /// Time that processes waited for memory, in microseconds, where the kernel counts it (PSI).
    pub stalled_us: Option<u64>,
}

/// What a service uses now. Rates need two samples that fit; before there are two, they are `None`, which is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Usage {
    /// CPU time per time between the last two samples.
    pub cpus: Option<Cpus>,
    /// Memory, as `docker stats` counts it.
    pub memory: Bytes,
    /// The highest memory that anybody saw. The kernel counts page cache here, so it meets the limit of whoever reads
    /// many files, and no harm is done.
    pub peak: Bytes,
    /// The highest of the samples, counted like `memory`.
    pub most: Bytes,
    /// Processes and threads.
    pub pids: u32,
    /// Bytes per second over the network.
    pub network: Option<Network>,
    /// Bytes per second from and to disks.
    pub disk: Option<Disk>,
    /// Share of the time in which it wanted to run and was held up by its CPU limit.
    pub throttled: Option<Share>,
    /// How hard its memory limit presses.
    pub pressure: Option<Pressure>,
}

/// How hard a memory limit presses, between two samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Pressure {
    /// Times per minute that the limit was met.
    pub hits: u64,
    /// Processes that the kernel killed for it.
    pub kills: u64,
    /// Share of the time in which something waited for memory.
    pub stalled: Option<Share>,
}

impl Usage {
    /// Use at `now`. Rates need an earlier sample of the same container; a clock that went back or a counter that began
    /// again gives none. `seen` is what was known of the highest use so far.
    #[must_use]
    pub fn between(before: Option<&Sample>, now: &Sample, seen: Peaks) -> Self {
        let peaks = seen.with(now);
        let usage = Self {
            memory: now.memory,
            peak: peaks.peak,
            most: peaks.most,
            pids: now.pids,
            ..Self::default()
        };
        match before.and_then(|before| Interval::new(before, now)) {
            Some(interval) => interval.rates(usage),
            None => usage,
        }
    }

    /// True if its CPU limit holds it up so often that it hurts.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.throttled.is_some_and(Share::is_loud)
    }

    /// The highest use so far, for the next [`Usage::between`].
    #[must_use]
    pub const fn peaks(&self) -> Peaks {
        Peaks {
            peak: self.peak,
            most: self.most,
        }
    }
}

/// The highest memory use of one run of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Peaks {
    /// See [`Usage::peak`].
    pub peak: Bytes,
    /// See [`Usage::most`].
    pub most: Bytes,
}

impl Peaks {
    fn with(self, now: &Sample) -> Self {
        let most = self.most.max(now.memory);
        Self {
            peak: now.peak.unwrap_or_default().max(self.peak).max(most),
            most,
        }
    }
}

/// Two samples of one container and the time between them.
struct Interval<'a> {
    before: &'a Sample,
    now: &'a Sample,
    /// Nanoseconds, more than none.
    passed: u128,
}

impl<'a> Interval<'a> {
    fn new(before: &'a Sample, now: &'a Sample) -> Option<Self> {
        let passed = u128::try_from(now.read_ns.checked_sub(before.read_ns)?).ok()?;
        (passed > 0).then_some(Self {
            before,
            now,
            passed,
        })
    }

    fn rates(&self, usage: Usage) -> Usage {
        Usage {
            // Nanoseconds over nanoseconds: a billion is one CPU.
            cpus: self
                .per(SECOND_NS, self.before.cpu_ns, self.now.cpu_ns)
                .map(Cpus),
            network: self.network(),
            disk: self.disk(),
            throttled: self.throttled(),
            pressure: self.pressure(),
            ..usage
        }
    }

    /// How much a counter grew per `unit` nanoseconds; `None` if it began again.
    fn per(&self, unit: u128, before: u64, now: u64) -> Option<u64> {
        let grown = u128::from(now.checked_sub(before)?);
        u64::try_from(grown * unit / self.passed).ok()
    }

    fn bytes(&self, before: Bytes, now: Bytes) -> Option<Bytes> {
        self.per(SECOND_NS, before.0, now.0).map(Bytes)
    }

    fn network(&self) -> Option<Network> {
        let (before, now) = (self.before.network?, self.now.network?);
        Some(Network {
            received: self.bytes(before.received, now.received)?,
            sent: self.bytes(before.sent, now.sent)?,
        })
    }

    fn disk(&self) -> Option<Disk> {
        let (before, now) = (self.before.disk?, self.now.disk?);
        Some(Disk {
            read: self.bytes(before.read, now.read)?,
            written: self.bytes(before.written, now.written)?,
        })
    }

    /// A process that hardly ran was hardly held up, whatever the few periods say.
    fn throttled(&self) -> Option<Share> {
        let (before, now) = (self.before.throttling?, self.now.throttling?);
        let periods = now.periods.checked_sub(before.periods)?;
        let held_up = now.held_up.checked_sub(before.held_up)?;
        match periods {
            0..PERIODS_MIN => Some(Share::default()),
            _ => Some(Share::of(held_up, periods)),
        }
    }

    fn pressure(&self) -> Option<Pressure> {
        let (before, now) = (self.before.shortage?, self.now.shortage?);
        let passed_us = u64::try_from(self.passed / 1_000).unwrap_or(u64::MAX);
        let stalled = before.stalled_us.zip(now.stalled_us);
        let stalled = stalled.and_then(|(before, now)| now.checked_sub(before));
        Some(Pressure {
            hits: self.per(MINUTE_NS, before.hits, now.hits)?,
            kills: now.kills.checked_sub(before.kills)?,
            stalled: stalled.map(|us| Share::of(us, passed_us)),
        })
    }
}
