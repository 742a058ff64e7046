//! The list of what can be done with the selection: the same actions as the keys, and those without a key.

use crate::{app::action::Action, domain::Target};

/// A list of actions for what is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menu {
    /// What it is about.
    pub target: Target,
    /// The entries.
    pub actions: Vec<Action>,
    /// The selected one.
    pub index: usize,
}

/// What can be done, what one looks for most often first.
const ACTIONS: &[Action] = &[
    Action::ShowLogs,
    Action::Restart,
    Action::Ways,
    Action::Start,
    Action::Stop,
    Action::ShowLimits,
    Action::ShowWhy,
    Action::ShowTimeline,
    Action::Urls,
    Action::Audit,
    Action::Console,
    Action::CheckNow,
    Action::Remove,
    Action::RemoveData,
];

impl Menu {
    /// The menu of `target`; `busy` adds the way to cancel what runs on it.
    #[must_use]
    pub fn new(target: Target, busy: bool) -> Self {
        let cancel = busy.then_some(Action::Cancel);
        Self {
            target,
            actions: cancel.into_iter().chain(ACTIONS.iter().copied()).collect(),
            index: 0,
        }
    }
}
