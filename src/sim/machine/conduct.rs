//! How a simulated process behaves: what it does wrong, and what its port answers.

use super::super::voice::{Style, Voice};
use crate::domain::{
    ServiceKind,
    container::{COMPOSE_PROJECT, COMPOSE_SERVICE, LABEL_PROJECT, LABEL_SERVICE},
};
use serde_json::Value;
use std::time::Duration;

/// What a process does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Conduct {
    /// Nothing.
    #[default]
    Well,
    /// It ends this long after each start.
    CrashLoop {
        /// Time from start to end.
        after: Duration,
        /// Exit code.
        code: i64,
    },
    /// Its memory grows.
    Leak {
        /// Bytes per second.
        per_second: u64,
        /// Where it stops growing, in bytes.
        to: u64,
    },
    /// It answers late.
    Slow {
        /// How late.
        by: Duration,
    },
    /// It runs and refuses to work.
    Refuses,
    /// It runs and does not answer.
    Hangs,
}

impl Conduct {
    /// True for what passes when the process is started again.
    #[must_use]
    pub const fn passes_with_a_restart(self) -> bool {
        matches!(self, Self::Slow { .. } | Self::Refuses | Self::Hangs)
    }
}

/// What a published port speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protocol {
    /// The start-up handshake of PostgreSQL.
    Postgres,
    /// `PING`.
    Redis,
    /// HTTP.
    #[default]
    Http,
}

/// Whether a process does its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Readiness {
    /// Its process is not up yet.
    #[default]
    Starting,
    /// It works.
    Ready,
    /// It says no, for this reason.
    Refusing(&'static str),
    /// It takes connections and does not answer.
    Silent,
}

/// What a client meets at the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Manner {
    /// The language.
    pub protocol: Protocol,
    /// The answer.
    pub readiness: Readiness,
    /// How late it comes.
    pub delay: Duration,
}

/// The service that a container's label names; of what Compose made, the one that its service is by its name.
pub(super) fn kind_of(body: &Value) -> Option<ServiceKind> {
    let labels = &body["Labels"];
    if let Some(service) = labels[LABEL_SERVICE].as_str() {
        return service.parse().ok();
    }
    match labels[COMPOSE_SERVICE].as_str()? {
        "db" => Some(ServiceKind::Postgres),
        "cache" => Some(ServiceKind::Redis),
        "api" => Some(ServiceKind::Backend),
        "web" => Some(ServiceKind::Frontend),
        other => other.parse().ok(),
    }
}

/// The project that a container's label names, ours or Compose's.
pub(super) fn project_of(body: &Value) -> Option<&str> {
    let labels = &body["Labels"];
    let ours = labels[LABEL_PROJECT].as_str();
    ours.or_else(|| labels[COMPOSE_PROJECT].as_str())
}

pub(super) fn protocol_of(kind: Option<ServiceKind>) -> Protocol {
    match kind {
        Some(ServiceKind::Postgres) => Protocol::Postgres,
        Some(ServiceKind::Redis) => Protocol::Redis,
        _ => Protocol::Http,
    }
}

/// Every project has a style of its own, the same in every run.
pub(super) fn voice_of(body: &Value, seed: u64) -> Option<Voice> {
    let sum = project_of(body)?.bytes().map(usize::from).sum();
    Some(Voice::new(kind_of(body)?, Style::of(sum), seed))
}

/// How long a process takes until it works.
pub(super) const fn boot_time(kind: Option<ServiceKind>) -> Duration {
    Duration::from_millis(match kind {
        Some(ServiceKind::Postgres) => 1800,
        Some(ServiceKind::Redis) => 300,
        Some(ServiceKind::Backend) => 1500,
        _ => 2200,
    })
}

/// Bytes that a process uses once it is warm.
pub(super) const fn base_memory(kind: Option<ServiceKind>) -> u64 {
    (match kind {
        Some(ServiceKind::Postgres) => 96,
        Some(ServiceKind::Redis) => 24,
        Some(ServiceKind::Backend) => 148,
        _ => 210,
    }) << 20
}

/// CPUs that a process uses on average, in thousandths.
pub(super) const fn base_cpu(kind: Option<ServiceKind>) -> u64 {
    match kind {
        Some(ServiceKind::Postgres) => 30,
        Some(ServiceKind::Redis) => 8,
        Some(ServiceKind::Backend) => 90,
        _ => 25,
    }
}

/// Processes and threads.
pub(super) const fn base_pids(kind: Option<ServiceKind>) -> u32 {
    match kind {
        Some(ServiceKind::Postgres) => 9,
        Some(ServiceKind::Redis) => 6,
        Some(ServiceKind::Backend) => 5,
        _ => 23,
    }
}

/// Bytes per second that a process moves on average.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traffic {
    pub(super) received: u64,
    pub(super) sent: u64,
    pub(super) read: u64,
    pub(super) written: u64,
}

/// What a process moves over the network and from and to its disk.
pub(super) const fn base_traffic(kind: Option<ServiceKind>) -> Traffic {
    let [received, sent, read, written] = match kind {
        Some(ServiceKind::Postgres) => [28_000, 190_000, 12_000, 64_000],
        Some(ServiceKind::Redis) => [21_000, 44_000, 0, 3_000],
        Some(ServiceKind::Backend) => [260_000, 410_000, 1_000, 5_000],
        _ => [9_000, 120_000, 2_000, 0],
    };
    Traffic {
        received,
        sent,
        read,
        written,
    }
}
