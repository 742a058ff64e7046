//! The list of projects with their four services: what is selected, what is shown, in which order, and the totals.

mod marks;
mod sort;

use super::{
    field::Field,
    known::{Known, Row},
};
use crate::{
    domain::{
        self, Other, ProjectName, ServiceId, ServiceKind, Target, Timestamp, verdict::Course,
    },
    hub::Verb,
};
use std::collections::BTreeSet;

pub use crate::domain::Verdict;
pub use sort::{Sort, cpus, memory, memory_limit, restarts};

/// Where an operation takes a project.
#[must_use]
pub fn course(row: &Row) -> Course {
    match row.busy {
        Some(Verb::Start | Verb::Restart) => Course::Up,
        Some(Verb::Stop | Verb::Remove) => Course::Down,
        Some(Verb::Limits | Verb::Add | Verb::Protect | Verb::Check) | None => Course::None,
    }
}

/// The verdict on `kind` among its siblings.
#[must_use]
pub fn verdict(kind: ServiceKind, row: &Row) -> Verdict {
    domain::verdict::verdict(kind, &row.health, course(row))
}

/// The verdict on a project: that of its worst service, or of what else belongs to it.
#[must_use]
pub fn worst(row: &Row) -> Verdict {
    let four = ServiceKind::ALL.map(|kind| verdict(kind, row));
    let all = four
        .into_iter()
        .chain(others(row).map(|(verdict, _)| verdict));
    all.min().unwrap_or(Verdict::Unseen)
}

/// What else belongs to a project, each with its verdict. What was stopped or is done is no news while the rest runs.
pub fn others(row: &Row) -> impl Iterator<Item = (Verdict, &Other)> {
    let all = row.others.iter();
    all.map(|other| (domain::verdict::alone(&other.health), other))
}

/// Since when the project is what it is: in trouble since the first of its worst services is, well since the last one
/// is.
#[must_use]
pub fn since(row: &Row) -> Option<Timestamp> {
    let worst = worst(row);
    let its = |(kind, _): &(ServiceKind, _)| verdict(*kind, row) == worst;
    let of_four = row.health.iter().filter(its).filter_map(|(_, h)| h.since);
    let of_others = others(row).filter(|(verdict, _)| *verdict == worst);
    let moments = of_four.chain(of_others.filter_map(|(_, other)| other.health.since));
    match worst.is_problem() {
        true => moments.min(),
        false => moments.max(),
    }
}

/// For sorting: the worst first, then the longest; what nobody knows the beginning of comes last.
#[must_use]
pub fn rank(verdict: Verdict, since: Option<Timestamp>) -> (Verdict, bool, Option<Timestamp>) {
    (verdict, since.is_none(), since)
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
    /// The other way round.
    pub reversed: bool,
    /// Only problems, the worst first.
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
        match self.problems {
            true => Sort::State.sort(false, &mut shown),
            false => self.sort.sort(self.reversed, &mut shown),
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
            let four = ServiceKind::ALL.into_iter().filter(has).count();
            four + others(row)
                .filter(|(verdict, _)| *verdict == wanted)
                .count()
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
