//! What a limit means for a service that runs: the risk in a few words, before anything is sent.

use super::Limits;
use crate::domain::{Bytes, Cpus, Health, Usage, usage};

// How the engine says that there is no limit.
const NO_CPUS: Cpus = Cpus(0);
const NO_MEMORY: Bytes = Bytes(0);
const NO_PIDS: u32 = 0;

/// What is known of a service that a limit is chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// The limits in force.
    pub now: Limits,
    /// What it uses; `None` if it does not run, or nobody measured.
    pub usage: Option<Usage>,
    /// The limit under which the kernel last killed it for memory, if that was its last end.
    pub killed_with: Option<Bytes>,
    /// How often the kernel killed it within the last five minutes.
    pub kills: usize,
}

/// What speaks against a limit, or for another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// In words, without a full stop.
    pub text: String,
    /// The service may be killed at once.
    pub is_grave: bool,
}

impl Risk {
    fn note(text: String) -> Option<Self> {
        let is_grave = false;
        Some(Self { text, is_grave })
    }
}

/// The exit code of what the kernel killed.
const KILLED: i64 = 137;

impl Evidence {
    /// What health and use tell of a service with these limits.
    #[must_use]
    pub fn of_service(now: Limits, usage: Option<Usage>, health: &Health) -> Self {
        let kills = health.crashes.iter().filter(|c| c.code == Some(KILLED));
        Self {
            now,
            usage,
            killed_with: health.limit.filter(|_| health.oom_killed),
            kills: kills.count(),
        }
    }

    /// Only the limits in force are known.
    #[must_use]
    pub fn none(now: Limits) -> Self {
        Self {
            now,
            usage: None,
            killed_with: None,
            kills: 0,
        }
    }

    /// What `new` means for the CPU time.
    #[must_use]
    pub fn of_cpus(&self, new: Cpus) -> Option<Risk> {
        let usage = self.usage.filter(|_| new != NO_CPUS)?;
        if let Some(used) = usage.cpus.filter(|used| new < *used) {
            let used = used.as_f64();
            return Risk::note(format!(
                "below what is in use ({used:.2}): it will be slowed down"
            ));
        }
        let share = usage.throttled.filter(|_| usage.is_throttled());
        if let Some(share) = share.filter(|_| new <= self.now.cpus) {
            return Risk::note(format!("throttled {share} of the time: more CPU helps"));
        }
        None
    }

    /// What `new` means for the memory. A limit that stays is told about only if it presses.
    #[must_use]
    pub fn of_memory(&self, new: Bytes) -> Option<Risk> {
        let used = self.usage.map(|usage| usage.memory);
        if new == NO_MEMORY {
            return None;
        }
        if let Some(used) = used.filter(|used| new < *used) {
            return Some(Risk {
                text: format!("below what is in use ({used}): the kernel may kill it at once"),
                is_grave: true,
            });
        }
        let kills = self.of_kills(new);
        kills.or_else(|| match new == self.now.memory {
            true => self.of_strain(),
            false => self.of_peak(new),
        })
    }

    fn of_strain(&self) -> Option<Risk> {
        let (_, words) = usage::memory_words(&self.usage?, self.now)?;
        Risk::note(words)
    }

    fn of_kills(&self, new: Bytes) -> Option<Risk> {
        let limit = self.killed_with.filter(|limit| new <= *limit)?;
        let times = match self.kills {
            0 | 1 => String::new(),
            kills => format!(" {kills} times in 5 minutes"),
        };
        let more = twice(limit);
        Risk::note(format!(
            "killed for memory{times} with {limit}: {more} is worth a try"
        ))
    }

    fn of_peak(&self, new: Bytes) -> Option<Risk> {
        let peak = self.usage.map(|usage| usage.most)?;
        if new <= peak {
            return Risk::note(format!("no headroom over the peak of {peak}"));
        }
        let is_close = new.0 - peak.0 < peak.0 / 10;
        is_close
            .then(|| format!("little headroom over the peak of {peak}"))
            .and_then(Risk::note)
    }

    /// What `new` means for the number of processes.
    #[must_use]
    pub fn of_pids(&self, new: u32) -> Option<Risk> {
        let used = self.usage.filter(|_| new != NO_PIDS)?.pids;
        if new <= used {
            return Risk::note(format!("{used} run: it cannot start another one"));
        }
        let is_close = new - used < used.div_ceil(4) && new != self.now.pids;
        is_close
            .then(|| format!("little headroom over the {used} that run"))
            .and_then(Risk::note)
    }

    /// Every risk of `new`, in the order of CPUs, memory and processes.
    #[must_use]
    pub fn of(&self, new: Limits) -> [Option<Risk>; 3] {
        [
            self.of_cpus(new.cpus),
            self.of_memory(new.memory),
            self.of_pids(new.pids),
        ]
    }
}

/// What is worth a try after a kill for memory under `limit`.
#[must_use]
pub fn twice(limit: Bytes) -> Bytes {
    Bytes(limit.0.saturating_mul(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ServiceKind, usage::Share};

    /// A backend (1 CPU, 1 GB, 256 processes) that uses 0.82 CPUs, 211 MB (250 MB once) and 14 processes.
    fn busy() -> Evidence {
        Evidence {
            usage: Some(Usage {
                cpus: Some(Cpus::millis(820)),
                memory: Bytes::mib(211),
                most: Bytes::mib(250),
                // What the kernel saw: page cache counts here.
                peak: Bytes::mib(900),
                pids: 14,
                ..Usage::default()
            }),
            ..Evidence::none(Limits::default_of(ServiceKind::Backend))
        }
    }

    fn text(risk: Option<Risk>) -> String {
        risk.map_or_else(String::new, |risk| risk.text)
    }

    #[test]
    fn p62_memory_is_held_against_use_and_peak() {
        for (mib, words) in [
            (
                100,
                "below what is in use (211 MB): the kernel may kill it at once",
            ),
            (211, "no headroom over the peak of 250 MB"),
            (250, "no headroom over the peak of 250 MB"),
            (274, "little headroom over the peak of 250 MB"),
            (275, ""),
            (2048, ""),
        ] {
            let risk = busy().of_memory(Bytes::mib(mib));
            let is_grave = risk.as_ref().is_some_and(|risk| risk.is_grave);
            assert_eq!((text(risk).as_str(), is_grave), (words, mib < 211));
        }
    }

    #[test]
    fn memory_that_stays_is_told_about_only_if_it_presses() {
        let mut known = busy();
        known.now.memory = Bytes::mib(250);
        assert_eq!(known.of_memory(Bytes::mib(250)), None);
        known.now.memory = Bytes::mib(220);
        let words = "memory is tight: 96 % of 220 MB is in use";
        assert_eq!(text(known.of_memory(Bytes::mib(220))), words);
        known.now.memory = Bytes::mib(250);
        known.killed_with = Some(Bytes::mib(250));
        let words = "killed for memory with 250 MB: 500 MB is worth a try";
        assert_eq!(text(known.of_memory(Bytes::mib(250))), words);
        known.kills = 3;
        let words = "killed for memory 3 times in 5 minutes with 250 MB: 500 MB is worth a try";
        assert_eq!(text(known.of_memory(Bytes::mib(240))), words);
        assert_eq!(known.of_memory(Bytes::mib(500)), None);
        // What is in use counts more than what was.
        assert!(known.of_memory(Bytes::mib(200)).is_some_and(|r| r.is_grave));
    }

    #[test]
    fn cpus_are_held_against_use_and_what_is_there_now() {
        let mut known = busy();
        for (millis, words) in [
            (500, "below what is in use (0.82): it will be slowed down"),
            (820, ""),
            (1000, ""),
        ] {
            assert_eq!(text(known.of_cpus(Cpus::millis(millis))), words);
        }
        let usage = known.usage.as_mut();
        usage
            .into_iter()
            .for_each(|usage| usage.throttled = Some(Share::thousandths(300)));
        let words = "throttled 30 % of the time: more CPU helps";
        assert_eq!(text(known.of_cpus(Cpus::millis(1000))), words);
        assert_eq!(known.of_cpus(Cpus::millis(1001)), None);
    }

    #[test]
    fn processes_are_held_against_those_that_run() {
        for (pids, words) in [
            (8, "14 run: it cannot start another one"),
            (14, "14 run: it cannot start another one"),
            (17, "little headroom over the 14 that run"),
            (18, ""),
        ] {
            assert_eq!(text(busy().of_pids(pids)), words);
        }
    }

    #[test]
    fn what_has_no_limit_runs_no_risk() {
        let none = Limits {
            cpus: NO_CPUS,
            memory: NO_MEMORY,
            pids: NO_PIDS,
        };
        let known = Evidence {
            now: none,
            ..busy()
        };
        assert_eq!(known.of(none), [None, None, None]);
        assert!(known.of_memory(Bytes::mib(100)).is_some_and(|r| r.is_grave));
    }

    #[test]
    fn without_a_measurement_there_is_no_risk_to_tell() {
        let limits = Limits::default_of(ServiceKind::Redis);
        let smallest = Limits {
            cpus: super::super::CPUS_MIN,
            memory: super::super::MEMORY_MIN,
            pids: super::super::PIDS_MIN,
        };
        assert_eq!(Evidence::none(limits).of(smallest), [None, None, None]);
    }
}
