//! Presets: named limits that can be chosen as a whole, for any service.

use super::{Limits, LimitsChange, PIDS_MAX};
use crate::domain::{Bytes, Cpus, PerService, ServiceKind};

/// Presets of one's own that a hub file may have.
pub const PRESETS_MAX: usize = 20;
/// Longest name of a preset, in characters.
pub const NAME_MAX: usize = 16;

/// Named limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// Its name: letters, digits, `-` and `_`.
    pub name: String,
    /// What each service gets; parts that it does not name stay as they are.
    pub values: PerService<LimitsChange>,
}

impl Preset {
    /// The presets that are always there, the smallest first: what is the default, halved, doubled and fourfold.
    #[must_use]
    pub fn built_in() -> Vec<Self> {
        [
            ("small", 1, 2),
            ("default", 1, 1),
            ("large", 2, 1),
            ("huge", 4, 1),
        ]
        .into_iter()
        .map(|(name, times, parts)| Self {
            name: name.to_owned(),
            values: PerService::from_fn(|kind| scaled(kind, times, parts)),
        })
        .collect()
    }

    /// The built-in ones and `own`, which win where the names are the same.
    #[must_use]
    pub fn all(own: &[Self]) -> Vec<Self> {
        let mut all = Self::built_in();
        for preset in own {
            match all.iter_mut().find(|other| other.name == preset.name) {
                Some(other) => *other = preset.clone(),
                None => all.push(preset.clone()),
            }
        }
        all
    }

    /// True if `name` can name a preset.
    #[must_use]
    pub fn can_be_named(name: &str) -> bool {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(plain)
    }

    /// What it says for a service, in words: `1.00 CPUs, 2 GB, 200 pids`.
    #[must_use]
    pub fn words(&self, kind: ServiceKind) -> String {
        let change = self.values[kind];
        let parts = [
            change.cpus.map(|cpus| format!("{cpus} CPUs")),
            change.memory.map(|memory| memory.to_string()),
            change.pids.map(|pids| format!("{pids} pids")),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// The default of a service, `times` as much, divided by `parts`. Processes are never fewer: a service that cannot fork
/// does not get slower, it breaks.
fn scaled(kind: ServiceKind, times: u32, parts: u32) -> LimitsChange {
    let default = Limits::default_of(kind);
    let scale = |n: u64| n.saturating_mul(times.into()) / u64::from(parts.max(1));
    LimitsChange {
        cpus: Some(Cpus(scale(default.cpus.0))),
        memory: Some(Bytes(scale(default.memory.0))),
        pids: Some(default.pids.saturating_mul(times).min(PIDS_MAX)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::limits::Capacity;
    use ServiceKind::{Postgres, Redis};

    fn named<'a>(all: &'a [Preset], name: &str) -> &'a Preset {
        all.iter().find(|preset| preset.name == name).unwrap()
    }

    #[test]
    fn the_built_in_presets_are_multiples_of_the_defaults_and_allowed() {
        let all = Preset::built_in();
        let words = |name: &str| named(&all, name).words(Postgres);
        assert_eq!(words("small"), "0.50 CPUs, 1 GB, 200 pids");
        assert_eq!(words("default"), "1.00 CPUs, 2 GB, 200 pids");
        assert_eq!(words("large"), "2.00 CPUs, 4 GB, 400 pids");
        for preset in &all {
            for kind in ServiceKind::ALL {
                let checked = preset.values[kind].validate(Capacity::UNKNOWN);
                assert_eq!(checked, Ok(()), "{} {kind}", preset.name);
                assert!(Preset::can_be_named(&preset.name));
            }
        }
        for kind in ServiceKind::ALL {
            let default = Limits::default_of(kind);
            let change = named(&all, "default").values[kind];
            assert_eq!(default.with(change), default);
        }
    }

    #[test]
    fn a_preset_of_ones_own_takes_the_place_of_a_built_in_one() {
        let only_memory = LimitsChange {
            memory: Some(Bytes::mib(700)),
            ..LimitsChange::default()
        };
        let own = |name: &str| Preset {
            name: name.to_owned(),
            values: PerService::from_fn(|_| only_memory),
        };
        let all = Preset::all(&[own("small"), own("batch")]);
        let names: Vec<&str> = all.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["small", "default", "large", "huge", "batch"]);
        assert_eq!(named(&all, "small").words(Redis), "700 MB");
    }

    #[test]
    fn names_are_short_and_plain() {
        for bad in ["", "a b", "ä", "a/b", &"x".repeat(NAME_MAX + 1)] {
            assert!(!Preset::can_be_named(bad), "{bad}");
        }
        assert!(Preset::can_be_named("Night_batch-2"));
    }
}
