//! The ways in which something can be restarted, to choose from.

use crate::{
    domain::Target,
    hub::{Again, Pace},
};

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Choice {
    /// What becomes of containers and dependants.
    pub how: Again,
    /// In which order, if there are several.
    pub pace: Pace,
}

/// The list of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ways {
    /// What is to be restarted.
    pub targets: Vec<Target>,
    /// The ways, with a word and what it means.
    pub choices: Vec<(Choice, &'static str, &'static str)>,
    /// The selected one.
    pub index: usize,
}

const fn way(how: Again, pace: Pace) -> Choice {
    Choice { how, pace }
}

const ONE_SERVICE: &[(Choice, &str, &str)] = &[
    (
        way(Again::InPlace, Pace::Together),
        "only this",
        "the same container",
    ),
    (
        way(Again::WithDependants, Pace::Together),
        "with dependants",
        "it, then those that need it",
    ),
    (
        way(Again::Anew, Pace::Together),
        "recreate",
        "a new one; its data is kept",
    ),
];

const ONE_PROJECT: &[(Choice, &str, &str)] = &[
    (
        way(Again::InPlace, Pace::Together),
        "restart",
        "all four, one after the other",
    ),
    (
        way(Again::Anew, Pace::Together),
        "recreate",
        "new containers; data is kept",
    ),
];

const SEVERAL: &[(Choice, &str, &str)] = &[
    (
        way(Again::InPlace, Pace::Rolling),
        "rolling",
        "one by one until one fails",
    ),
    (
        way(Again::InPlace, Pace::Together),
        "side by side",
        "all at once",
    ),
    (
        way(Again::Anew, Pace::Rolling),
        "rolling, recreate",
        "one by one, new containers",
    ),
    (
        way(Again::WithDependants, Pace::Rolling),
        "rolling, dependants",
        "each with what depends on it",
    ),
];

impl Ways {
    /// The ways for `targets`, of which there is one at least.
    #[must_use]
    pub fn new(targets: Vec<Target>) -> Self {
        let choices = match targets.as_slice() {
            [one] if one.service.is_some() => ONE_SERVICE,
            [_] => ONE_PROJECT,
            _ => SEVERAL,
        };
        Self {
            targets,
            choices: choices.to_vec(),
            index: 0,
        }
    }

    /// The selected way.
    #[must_use]
    pub fn chosen(&self) -> Option<Choice> {
        self.choices.get(self.index).map(|(choice, ..)| *choice)
    }
}
