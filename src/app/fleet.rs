//! The list of projects with their four services: what is selected, what is shown, in which order, and the totals.

mod marks;

use super::{
    field::Field,
    known::{Known, Row},
};
use crate::{
    domain::{
        Health, PerService, ProjectName, ServiceId, ServiceKind, Target, Timestamp, cause,
        health::State,
    },
    hub::Verb,
};
use std::collections::BTreeSet;

/// A service's state as one cell shows it: what the engine and the probes say, and whom it waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Runs and does not answer, was killed, or is missing among running ones.
    Down,
    /// Exits again and again, or is between two tries.
    Loop,
    /// Waits for another service that is down.
    Blocked,
    /// Answers, too slowly or not every time.
    Slow,
    /// On its way up.
    Starting,
    /// Nobody knows: the engine is away or the last check is too old.
    Stale,
    /// Answers in time.
    Ok,
    /// Runs, and nobody can check it.
    Unchecked,
    /// Stopped with the whole project.
    Stopped,
    /// Nothing has been said of it yet.
    Unseen,
    /// The project has no such service.
    Absent,
}

impl Verdict {
    /// Every verdict, worst first.
    pub const ALL: [Self; 11] = [
        Self::Down,
        Self::Loop,
        Self::Blocked,
        Self::Slow,
        Self::Starting,
        Self::Stale,
        Self::Ok,
        Self::Unchecked,
        Self::Stopped,
        Self::Unseen,
        Self::Absent,
    ];

    /// True if an operator should look.
    #[must_use]
    pub fn is_problem(self) -> bool {
        self < Self::Starting || self == Self::Stale
    }

    /// The word for totals.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Loop => "looping",
            Self::Blocked => "blocked",
            Self::Slow => "slow",
            Self::Starting => "starting",
            Self::Stale => "stale",
            Self::Ok => "ok",
            Self::Unchecked => "no check",
            Self::Stopped => "stopped",
            Self::Unseen => "unseen",
            Self::Absent => "absent",
        }
    }
}

/// The verdict on `kind` among its siblings.
#[must_use]
pub fn verdict(kind: ServiceKind, row: &Row) -> Verdict {
    let all = &row.health;
    let health = &all[kind];
    if let Some(cause) = cause::blocked_by(kind, all) {
        // What waits for something that is on its way is on its way, too.
        return match all[cause].state {
            State::Starting => Verdict::Starting,
            State::Stopped | State::Missing if at_rest(cause, row) == Verdict::Starting => {
                Verdict::Starting
            }
            _ => Verdict::Blocked,
        };
    }
    match health.state {
        State::Healthy => Verdict::Ok,
        State::Degraded => Verdict::Slow,
        State::Starting => Verdict::Starting,
        State::Unhealthy => Verdict::Down,
        State::Restarting | State::CrashLooping => Verdict::Loop,
        State::Stopped | State::Missing => at_rest(kind, row),
        State::Unchecked => Verdict::Unchecked,
        State::Absent => Verdict::Absent,
        State::Unknown if *health == Health::default() => Verdict::Unseen,
        State::Unknown => Verdict::Stale,
    }
}

/// A service that does not run is a problem if it died, or if the others run and nobody is starting or stopping them.
fn at_rest(kind: ServiceKind, row: &Row) -> Verdict {
    let needs_starting = |need: &ServiceKind| row.health[*need].state == State::Starting;
    match row.busy {
        Some(Verb::Start | Verb::Restart) => Verdict::Starting,
        Some(Verb::Stop | Verb::Remove) => Verdict::Stopped,
        _ if row.health[kind].is_problem() => Verdict::Down,
        _ if is_at_rest(&row.health) => Verdict::Stopped,
        _ if kind.needs().iter().any(needs_starting) => Verdict::Starting,
        _ => Verdict::Down,
    }
}

/// True if none of the four runs: the project is stopped as a whole.
fn is_at_rest(all: &PerService<Health>) -> bool {
    let resting = |health: &Health| {
        matches!(
            health.state,
            State::Stopped | State::Missing | State::Absent
        )
    };
    all.0.iter().all(resting)
}

/// The verdict on a project: that of its worst service.
#[must_use]
pub fn worst(row: &Row) -> Verdict {
    ServiceKind::ALL
        .into_iter()
        .map(|kind| verdict(kind, row))
        .min()
        .unwrap_or(Verdict::Unseen)
}

/// Since when the project is what it is: its worst service's own moment, the latest where several are the same.
#[must_use]
pub fn since(row: &Row) -> Option<Timestamp> {
    let worst = worst(row);
    row.health
        .iter()
        .filter(|(kind, _)| verdict(*kind, row) == worst)
        .filter_map(|(_, health)| health.since)
        .max()
}

/// The order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// By name.
    #[default]
    Name,
    /// Worst first, then the longest.
    State,
}

/// The list. The selection is an identity, never a row number: rows move, what the operator looks at does not.
#[derive(Debug, Clone, Default)]
pub struct Fleet {
    /// The selected project.
    pub project: Option<ProjectName>,
    /// The selected service; `None` selects the project as a whole.
    pub column: Option<ServiceKind>,
    /// First visible row.
    pub offset: usize,
    /// The order.
    pub sort: Sort,
    /// Only problems.
    pub problems: bool,
    /// Only names that contain this; empty shows all.
    pub filter: String,
    /// The filter while it is typed.
    pub typing: Option<Field>,
    /// What is shown, in order.
    pub shown: Vec<ProjectName>,
    /// Services that are meant together; at most all that there are.
    pub marks: BTreeSet<ServiceId>,
    /// Where a range of marks begins.
    marked_last: Option<Target>,
}

impl Fleet {
    /// What the next key acts on.
    #[must_use]
    pub fn selected(&self) -> Option<Target> {
        self.project.clone().map(|project| Target {
            project,
            service: self.column,
        })
    }

    /// Row number of the selection among the shown ones.
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        let name = self.project.as_ref()?;
        self.shown.iter().position(|shown| shown == name)
    }

    /// True if not everything is shown.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        self.problems || !self.filter.is_empty()
    }

    /// Makes the list anew from what is known, keeps the selection where it can, scrolls it into `rows` rows.
    pub fn arrange(&mut self, known: &Known, rows: usize) {
        self.forget_gone(known);
        let before = self.index().unwrap_or(0);
        let shows = |row: &&Row| {
            let fits = row.project.name.as_str().contains(&self.filter);
            fits && (!self.problems || worst(row).is_problem())
        };
        let mut shown: Vec<&Row> = known.rows.values().filter(shows).collect();
        if self.sort == Sort::State {
            // A stable sort: rows that are equally bad stay in the order of their names.
            shown.sort_by_key(|row| (worst(row), since(row)));
        }
        self.shown = shown.iter().map(|row| row.project.name.clone()).collect();
        if self.index().is_none() {
            let last = self.shown.len().saturating_sub(1);
            self.project = self.shown.get(before.min(last)).cloned();
        }
        self.scroll_to_selection(rows);
    }

    fn scroll_to_selection(&mut self, rows: usize) {
        let rows = rows.max(1);
        let index = self.index().unwrap_or(0);
        let most = self.shown.len().saturating_sub(rows);
        let low = (index + 1).saturating_sub(rows);
        self.offset = self.offset.clamp(low, index.max(low)).min(most);
    }

    /// Moves the selection by rows; stops at both ends.
    pub fn step(&mut self, rows: isize) {
        let last = self.shown.len().saturating_sub(1);
        let index = self.index().unwrap_or(0);
        let next = index.saturating_add_signed(rows).min(last);
        self.project = self.shown.get(next).cloned();
    }

    /// Moves the selection to the service on the left, or to the project.
    pub fn left(&mut self) {
        self.column = self.column.and_then(|kind| {
            let left = kind.index().checked_sub(1)?;
            ServiceKind::ALL.get(left).copied()
        });
    }

    /// Moves the selection to the service on the right.
    pub fn right(&mut self) {
        let next = self.column.map_or(0, |kind| kind.index() + 1);
        self.column = ServiceKind::ALL.get(next).copied().or(self.column);
    }
}

/// How many services are in each state, worst first; states that nobody is in are left out.
#[must_use]
pub fn totals(known: &Known) -> Vec<(Verdict, usize)> {
    let count = |wanted: Verdict| {
        let of_row = |row: &Row| {
            let has = |kind: &ServiceKind| verdict(*kind, row) == wanted;
            ServiceKind::ALL.into_iter().filter(has).count()
        };
        known.rows.values().map(of_row).sum::<usize>()
    };
    Verdict::ALL
        .into_iter()
        .filter(|verdict| *verdict != Verdict::Absent)
        .map(|wanted| (wanted, count(wanted)))
        .filter(|(_, n)| *n > 0)
        .collect()
}
