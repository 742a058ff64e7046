//! Resource limits of one service: ranges, validation, and what a change means in words.

pub mod preset;
pub mod promise;
pub mod risk;

use super::{
    service::ServiceKind,
    units::{Bytes, Cpus, UnitError},
};
use serde::{Deserialize, Serialize};

pub use preset::Preset;
pub use promise::Promise;
pub use risk::{Evidence, Risk};

/// The engine refuses less ("Minimum memory limit allowed is 6MB").
pub const MEMORY_MIN: Bytes = Bytes::mib(6);
/// The engine refuses less ("Range of CPUs is from 0.01").
pub const CPUS_MIN: Cpus = Cpus::millis(10);
/// Fewer would not even start the four services' own processes.
pub const PIDS_MIN: u32 = 8;
/// The kernel's own highest process id on 64-bit machines (`PID_MAX_LIMIT`).
pub const PIDS_MAX: u32 = 4_194_304;

/// What one service may use at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// CPU time per time.
    pub cpus: Cpus,
    /// Memory; swap is always the same value, so none is used.
    pub memory: Bytes,
    /// Processes and threads.
    pub pids: u32,
}

impl Limits {
    /// No limits at all.
    pub const NONE: Self = Self {
        cpus: Cpus(0),
        memory: Bytes(0),
        pids: 0,
    };

    /// The limits that `kind` gets when nobody says otherwise.
    #[must_use]
    pub const fn default_of(kind: ServiceKind) -> Self {
        let (millis, mib, pids) = match kind {
            ServiceKind::Postgres => (1000, 2048, 200),
            ServiceKind::Redis => (500, 512, 64),
            ServiceKind::Backend => (1000, 1024, 256),
            ServiceKind::Frontend => (500, 512, 512),
        };
        Self {
            cpus: Cpus::millis(millis),
            memory: Bytes::mib(mib),
            pids,
        }
    }

    /// These limits with the parts of `change` that it names.
    #[must_use]
    pub fn with(self, change: LimitsChange) -> Self {
        Self {
            cpus: change.cpus.unwrap_or(self.cpus),
            memory: change.memory.unwrap_or(self.memory),
            pids: change.pids.unwrap_or(self.pids),
        }
    }

    /// These limits, and those of `other` where there is none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            cpus: if self.cpus.0 == 0 {
                other.cpus
            } else {
                self.cpus
            },
            memory: if self.memory.0 == 0 {
                other.memory
            } else {
                self.memory
            },
            pids: if self.pids == 0 {
                other.pids
            } else {
                self.pids
            },
        }
    }

    /// What has to change for these limits to become `wished`.
    #[must_use]
    pub fn change_to(self, wished: Self) -> LimitsChange {
        LimitsChange {
            cpus: (wished.cpus != self.cpus).then_some(wished.cpus),
            memory: (wished.memory != self.memory).then_some(wished.memory),
            pids: (wished.pids != self.pids).then_some(wished.pids),
        }
    }

    /// What becomes different on the way from these limits to `after`, in words: `memory 1 GB → 300 MB`. Empty if
    /// nothing does.
    #[must_use]
    pub fn difference(self, after: Self) -> String {
        let change = self.change_to(after);
        let cpus = |cpus| format!("CPUs {} → {cpus}", self.cpus);
        let memory = |memory| format!("memory {} → {memory}", self.memory);
        let pids = |pids| format!("processes {} → {pids}", self.pids);
        let parts = [
            change.cpus.map(cpus),
            change.memory.map(memory),
            change.pids.map(pids),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// The parts of [`Limits`] that are to become something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LimitsChange {
    /// New CPUs, if they change.
    pub cpus: Option<Cpus>,
    /// New memory, if it changes.
    pub memory: Option<Bytes>,
    /// New number of processes, if it changes.
    pub pids: Option<u32>,
}

impl LimitsChange {
    /// True if nothing is to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These parts, and those of `other` where this one has none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            cpus: self.cpus.or(other.cpus),
            memory: self.memory.or(other.memory),
            pids: self.pids.or(other.pids),
        }
    }

    /// True if a part that it changes is not as it was `seen`, but was changed to what it is `now`.
    #[must_use]
    pub fn overwrites(&self, seen: Limits, now: Limits) -> bool {
        self.cpus.is_some() && seen.cpus != now.cpus
            || self.memory.is_some() && seen.memory != now.memory
            || self.pids.is_some() && seen.pids != now.pids
    }

    /// Checks every part against what `host` has.
    ///
    /// # Errors
    /// The first part that is out of range, with the range.
    pub fn validate(&self, host: Capacity) -> Result<(), LimitsError> {
        self.cpus.map_or(Ok(()), |cpus| check_cpus(cpus, host))?;
        self.memory
            .map_or(Ok(()), |memory| check_memory(memory, host))?;
        self.pids.map_or(Ok(()), check_pids)
    }
}

/// What the engine's host has to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Capacity {
    /// All CPUs.
    pub cpus: Cpus,
    /// All memory.
    pub memory: Bytes,
}

impl Capacity {
    /// For the time when the engine has not told yet: only the lower bounds count.
    pub const UNKNOWN: Self = Self {
        cpus: Cpus::millis(1_000_000),
        memory: Bytes(1 << 53),
    };

    /// True for [`Self::UNKNOWN`].
    #[must_use]
    pub fn is_unknown(self) -> bool {
        self == Self::UNKNOWN
    }
}

/// Why a limit is refused before anything is sent. The text says what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// Out of range.
    #[error("{given} CPUs is out of range: allowed is {}", range(CPUS_MIN.to_string(), (!host.is_unknown()).then(|| host.cpus.to_string())))]
    Cpus {
        /// What was asked for.
        given: Cpus,
        /// What the host has.
        host: Capacity,
    },
    /// Out of range.
    #[error("{given} of memory is out of range: allowed is {}", range(MEMORY_MIN.to_string(), (!host.is_unknown()).then(|| host.memory.to_string())))]
    Memory {
        /// What was asked for.
        given: Bytes,
        /// What the host has.
        host: Capacity,
    },
    /// Out of range.
    #[error("{0} processes is out of range: allowed is {PIDS_MIN} to {PIDS_MAX}")]
    Pids(u32),
    /// Not an amount at all.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// Not a number of processes.
    #[error("'{0}' is not a number of processes: {PIDS_MIN} to {PIDS_MAX} allowed")]
    NotPids(String),
}

fn range(from: String, to: Option<String>) -> String {
    match to {
        Some(to) => format!("{from} to {to}"),
        None => format!("{from} up to what the host has"),
    }
}

/// Reads CPUs as typed and checks them against the host.
///
/// # Errors
/// What is wrong and what is allowed.
pub fn parse_cpus(word: &str, host: Capacity) -> Result<Cpus, LimitsError> {
    let cpus = word.parse()?;
    check_cpus(cpus, host).map(|()| cpus)
}

/// Reads memory as typed and checks it against the host.
///
/// # Errors
/// What is wrong and what is allowed.
pub fn parse_memory(word: &str, host: Capacity) -> Result<Bytes, LimitsError> {
    let memory = word.parse()?;
    check_memory(memory, host).map(|()| memory)
}

/// Reads a number of processes as typed and checks its range.
///
/// # Errors
/// What is wrong and what is allowed.
pub fn parse_pids(word: &str) -> Result<u32, LimitsError> {
    let bad = |_not_a_number| LimitsError::NotPids(super::safe::one_line(word));
    let pids = word.trim().parse().map_err(bad)?;
    check_pids(pids).map(|()| pids)
}

fn check_cpus(given: Cpus, host: Capacity) -> Result<(), LimitsError> {
    let fits = (CPUS_MIN..=host.cpus).contains(&given);
    fits.then_some(()).ok_or(LimitsError::Cpus { given, host })
}

fn check_memory(given: Bytes, host: Capacity) -> Result<(), LimitsError> {
    let fits = (MEMORY_MIN..=host.memory).contains(&given);
    fits.then_some(())
        .ok_or(LimitsError::Memory { given, host })
}

fn check_pids(given: u32) -> Result<(), LimitsError> {
    let fits = (PIDS_MIN..=PIDS_MAX).contains(&given);
    fits.then_some(()).ok_or(LimitsError::Pids(given))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const HOST: Capacity = Capacity {
        cpus: Cpus::millis(2000),
        memory: Bytes::mib(24 * 1024),
    };

    #[test]
    fn p61_limits_out_of_range_are_refused_with_the_range() {
        for word in ["0", "0.001", "3", "-1", "NaN", "1e9", "1,5", ""] {
            assert!(parse_cpus(word, HOST).is_err(), "{word}");
        }
        for word in ["5", "5m", "9223372036854775808", "25g", "-1", ""] {
            assert!(parse_memory(word, HOST).is_err(), "{word}");
        }
        for word in ["0", "7", "-1", "4194305", "many"] {
            assert!(parse_pids(word).is_err(), "{word}");
        }
        assert_eq!(
            parse_cpus("3", HOST).unwrap_err().to_string(),
            "3.00 CPUs is out of range: allowed is 0.01 to 2.00"
        );
        assert_eq!(
            parse_memory("5m", HOST).unwrap_err().to_string(),
            "5 MB of memory is out of range: allowed is 6 MB to 24 GB"
        );
        assert_eq!(
            parse_memory("5m", Capacity::UNKNOWN)
                .unwrap_err()
                .to_string(),
            "5 MB of memory is out of range: allowed is 6 MB up to what the host has"
        );
    }

    #[test]
    fn the_bounds_themselves_are_allowed() {
        assert!(parse_cpus("0.01", HOST).is_ok() && parse_cpus("2", HOST).is_ok());
        assert!(parse_memory("6m", HOST).is_ok() && parse_memory("24g", HOST).is_ok());
        assert!(parse_pids("8").is_ok() && parse_pids("4194304").is_ok());
    }

    #[test]
    fn a_change_touches_only_what_it_names() {
        let before = Limits::default_of(ServiceKind::Backend);
        let change = LimitsChange {
            memory: Some(Bytes::mib(300)),
            ..LimitsChange::default()
        };
        let after = before.with(change);
        assert_eq!((after.cpus, after.pids), (before.cpus, before.pids));
        assert_eq!(after.memory, Bytes::mib(300));
        assert!(!change.is_empty() && LimitsChange::default().is_empty());
        assert_eq!(before.change_to(after), change);
    }

    #[test]
    fn a_difference_is_told_in_words() {
        let before = Limits::default_of(ServiceKind::Backend);
        let after = Limits {
            cpus: Cpus::millis(500),
            memory: Bytes::mib(300),
            ..before
        };
        let words = "CPUs 1.00 → 0.50, memory 1 GB → 300 MB";
        assert_eq!(before.difference(after), words);
        assert_eq!(before.difference(before), "");
    }
}
