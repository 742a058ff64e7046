//! What the Stats pane says of a service: each resource now, beside its limit, at its highest, and what that means.

use super::{
    Model,
    known::{Known, Row},
    limits::{promised, rough},
    pane::{Focus, Tab},
};
use crate::domain::{
    Bytes, Cpus, ServiceKind, Usage,
    usage::{Point, memory_words, throttle_words},
};

/// One resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gauge {
    /// CPU time per time.
    Cpu,
    /// Memory.
    Memory,
    /// Bytes per second over the network.
    Network,
    /// Bytes per second from and to disks.
    Disk,
    /// Processes and threads.
    Pids,
}

impl Gauge {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 5] = [
        Self::Cpu,
        Self::Memory,
        Self::Network,
        Self::Disk,
        Self::Pids,
    ];

    /// Its name.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Cpu => "CPUs",
            Self::Memory => "memory",
            Self::Network => "network/s",
            Self::Disk => "disk/s",
            Self::Pids => "processes",
        }
    }

    /// Its value in a sample.
    #[must_use]
    pub const fn of(self, point: &Point) -> u64 {
        match self {
            Self::Cpu => point.cpus,
            Self::Memory => point.memory,
            Self::Network => point.network,
            Self::Disk => point.disk,
            Self::Pids => point.pids,
        }
    }

    /// A value of it in words.
    #[must_use]
    pub fn words(self, value: u64) -> String {
        match self {
            Self::Cpu => rough(Cpus(value)),
            Self::Memory => Bytes(value).to_string(),
            Self::Network | Self::Disk => Bytes(value).short(),
            Self::Pids => value.to_string(),
        }
    }

    /// What is used now: the value, where it is known.
    #[must_use]
    pub fn now(self, usage: Option<Usage>) -> Option<u64> {
        let usage = usage?;
        match self {
            Self::Cpu => usage.cpus.map(|cpus| cpus.0),
            Self::Memory => Some(usage.memory.0),
            Self::Network => usage
                .network
                .map(|it| it.received.0.saturating_add(it.sent.0)),
            Self::Disk => usage.disk.map(|it| it.read.0.saturating_add(it.written.0)),
            Self::Pids => Some(u64::from(usage.pids)),
        }
    }

    /// The two ways of what is counted both ways: `in 12K  out 3K`.
    #[must_use]
    pub fn both_ways(self, usage: Option<Usage>) -> Option<String> {
        let usage = usage?;
        match self {
            Self::Network => usage.network.map(|it| {
                let (received, sent) = (it.received.short(), it.sent.short());
                format!("in {received:>4}  out   {sent:>4}")
            }),
            Self::Disk => usage.disk.map(|it| {
                let (read, written) = (it.read.short(), it.written.short());
                format!("read {read:>4}  wrote {written:>4}")
            }),
            Self::Cpu | Self::Memory | Self::Pids => None,
        }
    }

    /// Its limit, where there is one.
    #[must_use]
    pub fn limit(self, row: &Row, kind: ServiceKind) -> Option<u64> {
        let limits = row.limits_of(kind);
        let limit = match self {
            Self::Cpu => limits.cpus.0,
            Self::Memory => limits.memory.0,
            Self::Pids => u64::from(limits.pids),
            Self::Network | Self::Disk => 0,
        };
        (limit > 0).then_some(limit)
    }

    /// The highest that is known: of the samples, and of memory what is known of the whole run.
    #[must_use]
    pub fn peak(self, row: &Row, kind: ServiceKind) -> Option<u64> {
        let sampled = row.used[kind].peak(|point| self.of(point));
        let run = row.usage[kind].map(|usage| usage.most.0);
        match self {
            Self::Memory => sampled.max(run),
            _ => sampled,
        }
    }
}

/// What the figures of a service mean, the worst first; nothing if all is well.
#[must_use]
pub fn findings(row: &Row, kind: ServiceKind) -> Vec<String> {
    let Some(usage) = row.usage[kind] else {
        return Vec::new();
    };
    let limits = row.limits_of(kind);
    let memory = memory_words(&usage, limits).map(|(_, words)| words);
    memory
        .into_iter()
        .chain(throttle_words(&usage, limits))
        .collect()
}

/// What the engine's host has, what of it is used, and what all limits promise of it: a sentence each.
#[must_use]
pub fn host_words(known: &Known) -> Vec<String> {
    let host = known.capacity();
    if host.is_unknown() {
        return vec!["What the engine's host has is not known.".to_owned()];
    }
    let mut words = vec![match known.host_use {
        Some(used) => {
            let cpus = used.cpus.map_or_else(|| "?".to_owned(), rough);
            let disk = used.disk.map_or_else(String::new, |disk| {
                let short = if disk.is_short() {
                    ", which is little"
                } else {
                    ""
                };
                format!(
                    "; {} of {} of its disk are free{short}",
                    disk.free, disk.all
                )
            });
            format!(
                "Host: {cpus} of {} CPUs and {} of {} of memory in use{disk}.",
                rough(host.cpus),
                used.memory,
                host.memory
            )
        }
        None => format!(
            "Host: {} CPUs, {} of memory; what of it is in use is not seen from here.",
            rough(host.cpus),
            host.memory
        ),
    }];
    let all = promised(known, |_| None);
    let over = match (all.cpus > host.cpus, all.memory > host.memory) {
        (true, true) => ": more of both than the host has",
        (true, false) => ": more CPUs than the host has",
        (false, true) => ": more memory than the host has",
        (false, false) => "",
    };
    words.push(format!(
        "All limits together: {} CPUs, {} of memory{over}.",
        rough(all.cpus),
        all.memory
    ));
    words
}

impl Model {
    /// Rows that the Stats pane wants while it has the keys.
    pub(super) fn rows_for_stats(&self) -> u16 {
        match (self.focus, self.tab) {
            (Focus::Pane, Tab::Stats) => 10,
            _ => 0,
        }
    }
}
