//! Limits on the screen: the editor of one service or of many, changes that are under way, what can be undone, and what
//! somebody else changed.

mod act;
mod back;
pub mod changes;
mod drift;
pub mod editor;
pub mod past;
mod presets;
pub mod words;

pub use changes::{Changes, Item, ItemState};
pub use editor::LimitsEditor;
pub use past::Past;

use super::known::{Known, Row};
use crate::domain::{
    Cpus, Limits, LimitsChange, ServiceId, ServiceKind, Usage,
    limits::{Capacity, Evidence, LimitsError, Promise, parse_cpus, parse_memory, parse_pids},
};

/// One of the three limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// CPU time.
    Cpus,
    /// Memory.
    Memory,
    /// Processes.
    Pids,
}

impl Limit {
    /// All three, in the order in which they stand.
    pub const ALL: [Self; 3] = [Self::Cpus, Self::Memory, Self::Pids];

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cpus => "CPUs",
            Self::Memory => "memory",
            Self::Pids => "pids",
        }
    }

    /// True if `limits` has none of this kind: the engine says so by a zero.
    #[must_use]
    pub const fn is_none(self, limits: Limits) -> bool {
        match self {
            Self::Cpus => limits.cpus.0 == 0,
            Self::Memory => limits.memory.0 == 0,
            Self::Pids => limits.pids == 0,
        }
    }

    /// Its value in `limits`, as it is typed; empty if there is none.
    #[must_use]
    pub fn typed(self, limits: Limits) -> String {
        match self {
            _ if self.is_none(limits) => String::new(),
            Self::Cpus => limits.cpus.to_string(),
            Self::Memory => limits.memory.to_arg(),
            Self::Pids => limits.pids.to_string(),
        }
    }

    /// Its value in `limits`, for people.
    #[must_use]
    pub fn shown(self, limits: Limits) -> String {
        match self {
            _ if self.is_none(limits) => "none".to_owned(),
            Self::Memory => limits.memory.to_string(),
            Self::Cpus | Self::Pids => self.typed(limits),
        }
    }

    /// What is used of it.
    #[must_use]
    pub fn used(self, usage: Option<Usage>) -> Option<String> {
        match self {
            Self::Cpus => usage?.cpus.map(rough),
            Self::Memory => Some(usage?.memory.to_string()),
            Self::Pids => Some(usage?.pids.to_string()),
        }
    }

    /// The most that was used of it, where that is known.
    #[must_use]
    pub fn peak(self, usage: Option<Usage>) -> Option<String> {
        match self {
            Self::Memory => Some(usage?.peak.to_string()),
            Self::Cpus | Self::Pids => None,
        }
    }

    /// True if `change` names it.
    #[must_use]
    pub const fn is_in(self, change: LimitsChange) -> bool {
        match self {
            Self::Cpus => change.cpus.is_some(),
            Self::Memory => change.memory.is_some(),
            Self::Pids => change.pids.is_some(),
        }
    }

    /// `limits` with its value from `other`.
    #[must_use]
    pub const fn put(self, limits: Limits, other: Limits) -> Limits {
        let mut limits = limits;
        match self {
            Self::Cpus => limits.cpus = other.cpus,
            Self::Memory => limits.memory = other.memory,
            Self::Pids => limits.pids = other.pids,
        }
        limits
    }

    /// `limits` with the value that is typed.
    ///
    /// # Errors
    /// What is wrong with it, and what is allowed.
    pub fn parse(self, limits: Limits, typed: &str, host: Capacity) -> Result<Limits, LimitsError> {
        let mut limits = limits;
        match self {
            Self::Cpus => limits.cpus = parse_cpus(typed, host)?,
            Self::Memory => limits.memory = parse_memory(typed, host)?,
            Self::Pids => limits.pids = parse_pids(typed)?,
        }
        Ok(limits)
    }
}

/// Two decimals: a measurement is not more exact than that.
pub(super) fn rough(cpus: Cpus) -> String {
    format!("{:.2}", cpus.as_f64())
}

/// What all services of all projects may use together, where `new` says what some of them are to get.
#[must_use]
pub fn promised(known: &Known, new: impl Fn(&ServiceId) -> Option<Limits>) -> Promise {
    let services = known.rows.iter().flat_map(|(name, row)| {
        ServiceKind::ALL.map(|kind| (ServiceId::new(name, kind), row.limits_of(kind)))
    });
    services
        .map(|(id, limits)| new(&id).unwrap_or(limits))
        .collect()
}

/// What is known of a service that limits are chosen for.
#[must_use]
pub fn evidence(row: &Row, kind: ServiceKind) -> Evidence {
    Evidence::of_service(row.limits_of(kind), row.usage[kind], &row.health[kind])
}
