//! What many services may use together, held against what their host has.

use super::{Capacity, Limits};
use crate::domain::{Bytes, Cpus};

/// The sum of limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Promise {
    /// All CPUs.
    pub cpus: Cpus,
    /// All memory.
    pub memory: Bytes,
    /// Services without a limit of memory: they may use all that there is, and are in no sum.
    pub unlimited: usize,
}

impl FromIterator<Limits> for Promise {
    fn from_iter<I: IntoIterator<Item = Limits>>(all: I) -> Self {
        all.into_iter().fold(Self::default(), |sum, limits| Self {
            cpus: Cpus(sum.cpus.0.saturating_add(limits.cpus.0)),
            memory: Bytes(sum.memory.0.saturating_add(limits.memory.0)),
            unlimited: sum.unlimited + usize::from(limits.memory == Bytes(0)),
        })
    }
}

impl Promise {
    /// True if it is more than `host` has.
    #[must_use]
    pub fn is_over(&self, host: Capacity) -> bool {
        self.cpus > host.cpus || self.memory > host.memory
    }

    /// True if it is more than it was `before`.
    #[must_use]
    pub fn grows(&self, before: Self) -> bool {
        self.cpus > before.cpus || self.memory > before.memory
    }

    /// What of it is more than `host` has and more than it was `before`, in a sentence that names the sums.
    #[must_use]
    pub fn excess(&self, before: Self, host: Capacity) -> Option<String> {
        let cpus = (self.cpus > host.cpus.max(before.cpus))
            .then(|| format!("{} CPUs where the host has {}", self.cpus, host.cpus));
        let memory = (self.memory > host.memory.max(before.memory)).then(|| {
            let (sum, all) = (self.memory, host.memory);
            format!("{sum} of memory where the host has {all}")
        });
        let parts: Vec<String> = cpus.into_iter().chain(memory).collect();
        let text = format!(
            "All projects together may then use {}.",
            parts.join(", and ")
        );
        (!parts.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: Capacity = Capacity {
        cpus: Cpus::millis(2000),
        memory: Bytes::mib(4096),
    };

    fn promise(millis: u64, mib: u64) -> Promise {
        Promise {
            cpus: Cpus::millis(millis),
            memory: Bytes::mib(mib),
            unlimited: 0,
        }
    }

    #[test]
    fn limits_add_up_and_those_without_are_counted() {
        let limits = |mib| Limits {
            cpus: Cpus::millis(500),
            memory: Bytes::mib(mib),
            pids: 8,
        };
        let sum: Promise = [limits(100), limits(0), limits(200)].into_iter().collect();
        let expected = Promise {
            unlimited: 1,
            ..promise(1500, 300)
        };
        assert_eq!(sum, expected);
        assert!(!sum.is_over(HOST) && promise(2001, 1).is_over(HOST));
    }

    #[test]
    fn only_what_grows_beyond_the_host_is_named() {
        let before = promise(2500, 4000);
        assert_eq!(promise(2500, 4096).excess(before, HOST), None);
        assert_eq!(promise(2400, 4000).excess(before, HOST), None);
        let words = promise(2500, 5120).excess(before, HOST);
        let expected = "All projects together may then use 5 GB of memory where the host has 4 GB.";
        assert_eq!(words.as_deref(), Some(expected));
        let words = promise(3000, 5120).excess(before, HOST).unwrap_or_default();
        assert!(
            words.contains("3.00 CPUs where the host has 2.00, and 5 GB"),
            "{words}"
        );
    }
}
