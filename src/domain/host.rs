//! What the machine of the engine has left, from two readings of its counters.

use super::units::{Bytes, Cpus};
use serde::Serialize;

/// One reading of a machine's counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HostSample {
    /// CPU time that was used so far, over all CPUs, in any unit.
    pub busy: u64,
    /// CPU time that there was, in the same unit.
    pub all: u64,
    /// Memory that is used and cannot be had by dropping caches.
    pub memory: Bytes,
    /// The disk with the engine's data, where it can be looked at.
    pub disk: Option<Space>,
}

/// Room on a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Space {
    /// All of it.
    pub all: Bytes,
    /// What can still be written.
    pub free: Bytes,
}

impl Space {
    /// Less than a tenth is free.
    #[must_use]
    pub const fn is_short(self) -> bool {
        self.free.0 < self.all.0 / 10
    }
}

/// What a machine uses now, whoever uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct HostUse {
    /// CPU time per time; `None` before there are two samples.
    pub cpus: Option<Cpus>,
    /// Memory that is used and cannot be had by dropping caches.
    pub memory: Bytes,
    /// The disk with the engine's data, where it can be looked at.
    pub disk: Option<Space>,
}

impl HostUse {
    /// Use at `now` of a machine with so many CPUs.
    #[must_use]
    pub fn between(before: Option<&HostSample>, now: &HostSample, cpus: Cpus) -> Self {
        Self {
            cpus: before.and_then(|before| busy(before, now, cpus)),
            memory: now.memory,
            disk: now.disk,
        }
    }
}

fn busy(before: &HostSample, now: &HostSample, cpus: Cpus) -> Option<Cpus> {
    let busy = u128::from(now.busy.checked_sub(before.busy)?);
    let all = u128::from(now.all.checked_sub(before.all)?);
    let used = (busy * u128::from(cpus.0)).checked_div(all)?;
    u64::try_from(used).ok().map(Cpus)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(busy: u64, all: u64) -> HostSample {
        HostSample {
            busy,
            all,
            ..HostSample::default()
        }
    }

    #[test]
    fn a_quarter_of_eight_cpus_is_two() {
        let eight = Cpus::millis(8000);
        let used = |before, now| HostUse::between(Some(&before), &now, eight).cpus;
        assert_eq!(
            used(sample(10, 100), sample(35, 200)),
            Some(Cpus::millis(2000))
        );
        assert_eq!(used(sample(10, 100), sample(10, 200)), Some(Cpus(0)));
        // No time passed, or the machine was started anew.
        assert_eq!(used(sample(10, 100), sample(10, 100)), None);
        assert_eq!(used(sample(10, 100), sample(5, 50)), None);
        assert_eq!(HostUse::between(None, &sample(1, 2), eight).cpus, None);
    }

    #[test]
    fn a_disk_is_short_when_less_than_a_tenth_is_free() {
        let space = |free| Space {
            all: Bytes(1000),
            free: Bytes(free),
        };
        assert!(space(99).is_short() && !space(100).is_short());
    }
}
