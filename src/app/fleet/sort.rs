//! The order of the list: by any of its columns, either way round.

use super::{Row, rank, since, verdict, worst};
use crate::domain::{ServiceKind, Timestamp, Usage};
use std::cmp::Ordering;

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// By name.
    #[default]
    Name,
    /// Worst first, then the longest.
    State,
    /// By the state of one service, worst first.
    Service(ServiceKind),
    /// Most CPU first.
    Cpu,
    /// Most memory first.
    Memory,
    /// Most restarts first.
    Restarts,
    /// What changed last first.
    Since,
}

impl Sort {
    /// All of them, in the order of the columns.
    pub const ALL: [Self; 10] = [
        Self::Name,
        Self::State,
        Self::Service(ServiceKind::Postgres),
        Self::Service(ServiceKind::Redis),
        Self::Service(ServiceKind::Backend),
        Self::Service(ServiceKind::Frontend),
        Self::Cpu,
        Self::Memory,
        Self::Restarts,
        Self::Since,
    ];

    /// The next one, round the corner.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|sort| *sort == self);
        let next = at.map_or(0, |at| at + 1) % Self::ALL.len();
        Self::ALL.get(next).copied().unwrap_or_default()
    }

    /// What it says of the list: `sorted …`.
    #[must_use]
    pub fn words(self, reversed: bool) -> String {
        let (what, usual, other) = match self {
            Self::Name => ("by name", "", ", z first"),
            Self::State => ("by state", ": worst first", ": worst last"),
            Self::Service(kind) => {
                let order = if reversed {
                    "worst last"
                } else {
                    "worst first"
                };
                return format!("by {kind}: {order}");
            }
            Self::Cpu => ("by CPU", ": most first", ": least first"),
            Self::Memory => ("by memory", ": most first", ": least first"),
            Self::Restarts => ("by restarts", ": most first", ": least first"),
            Self::Since => ("by age", ": youngest first", ": oldest first"),
        };
        format!("{what}{}", if reversed { other } else { usual })
    }

    /// Sorts rows that are in the order of their names; of what nobody knows comes last either way.
    pub fn sort(self, reversed: bool, rows: &mut [&Row]) {
        let turned = |order: Ordering| match reversed {
            true => order.reverse(),
            false => order,
        };
        // Stable: rows that are equal stay in the order of their names.
        match self {
            Self::Name => rows.sort_by(|a, b| turned(a.project.name.cmp(&b.project.name))),
            Self::State => by_key(rows, turned, |row| rank(worst(row), since(row))),
            Self::Service(kind) => by_key(rows, turned, |row| {
                rank(verdict(kind, row), row.health[kind].since)
            }),
            Self::Cpu => by_number(rows, turned, cpus),
            Self::Memory => by_number(rows, turned, memory),
            Self::Restarts => by_number(rows, turned, |row| Some(restarts(row))),
            Self::Since => by_number(rows, turned, |row| since(row).map(age_rank)),
        }
    }
}

/// The lowest first, or the highest.
fn by_key<K: Ord>(
    rows: &mut [&Row],
    turned: impl Fn(Ordering) -> Ordering,
    key: impl Fn(&Row) -> K,
) {
    rows.sort_by(|a, b| turned(key(a).cmp(&key(b))));
}

/// The highest first; unknown last, whichever way round.
fn by_number(
    rows: &mut [&Row],
    turned: impl Fn(Ordering) -> Ordering,
    number: impl Fn(&Row) -> Option<u64>,
) {
    rows.sort_by(|a, b| match (number(a), number(b)) {
        (Some(a), Some(b)) => turned(b.cmp(&a)),
        (a, b) => a.is_none().cmp(&b.is_none()),
    });
}

/// Moments as numbers that grow.
fn age_rank(at: Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or(0)
}

fn used(row: &Row) -> impl Iterator<Item = Usage> {
    row.usage.iter().filter_map(|(_, usage)| *usage)
}

/// CPU time per time of all services, in billionths of a CPU; `None` if nobody measured.
#[must_use]
pub fn cpus(row: &Row) -> Option<u64> {
    let each = used(row).filter_map(|usage| usage.cpus);
    each.map(|cpus| cpus.0).reduce(u64::saturating_add)
}

/// Memory of all services in bytes; `None` if nobody measured.
#[must_use]
pub fn memory(row: &Row) -> Option<u64> {
    let each = used(row).map(|usage| usage.memory.0);
    each.reduce(u64::saturating_add)
}

/// The memory limits of the services that are measured together; `None` if one of them has none.
#[must_use]
pub fn memory_limit(row: &Row) -> Option<u64> {
    let measured = ServiceKind::ALL
        .into_iter()
        .filter(|kind| row.usage[*kind].is_some());
    let limits = measured.map(|kind| row.limits_of(kind).memory.0);
    limits
        .map(|limit| (limit > 0).then_some(limit))
        .reduce(|a, b| Some(a?.saturating_add(b?)))
        .flatten()
}

/// Restarts of all services.
#[must_use]
pub fn restarts(row: &Row) -> u64 {
    let each = row
        .health
        .iter()
        .map(|(_, health)| u64::from(health.restarts));
    each.sum()
}
