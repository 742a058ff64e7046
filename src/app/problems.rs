//! From one problem to the next: what an operator should look at, over all projects, the worst and longest first.

use super::{
    Model,
    fleet::{self, Verdict, verdict},
    known::{Known, Row},
    pane::Tab,
    toasts::Mood,
};
use crate::domain::{ServiceKind, Target, Timestamp};

/// A problem and what it is sorted by.
type Ranked = ((Verdict, bool, Option<Timestamp>), Target);

/// Everything that is wrong by itself, the worst and longest first: what only waits for another service is no problem of
/// its own, and a project that nothing is known of is one, not four.
#[must_use]
pub fn problems(known: &Known) -> Vec<Target> {
    let mut all: Vec<Ranked> = known.rows.values().flat_map(of_project).collect();
    all.sort_by_key(|(rank, _)| *rank);
    all.into_iter().map(|(_, target)| target).collect()
}

fn of_project(row: &Row) -> Vec<Ranked> {
    if fleet::worst(row) == Verdict::Stale {
        let rank = fleet::rank(Verdict::Stale, fleet::since(row));
        return vec![(rank, Target::project(&row.project.name))];
    }
    let of_service = |kind: ServiceKind| {
        let verdict = verdict(kind, row);
        let own = verdict.is_problem() && verdict != Verdict::Blocked;
        let target = Target {
            project: row.project.name.clone(),
            service: Some(kind),
        };
        own.then(|| (fleet::rank(verdict, row.health[kind].since), target))
    };
    let mut all: Vec<Ranked> = ServiceKind::ALL
        .into_iter()
        .filter_map(of_service)
        .collect();
    // What plays none of the four parts has no cell to go to: its project says the rest.
    if all.is_empty() && fleet::worst(row).is_problem() {
        let rank = fleet::rank(fleet::worst(row), fleet::since(row));
        all.push((rank, Target::project(&row.project.name)));
    }
    all
}

impl Model {
    /// Shows problems only, with the worst selected and its sentence below, or everything again.
    pub(super) fn toggle_problems(&mut self) {
        self.fleet.problems = !self.fleet.problems;
        if !self.fleet.problems {
            return;
        }
        self.tab = Tab::Why;
        let fits = |problem: &Target| problem.project.as_str().contains(&self.fleet.filter);
        if let Some(worst) = problems(&self.known).into_iter().find(fits) {
            self.turn_to(worst);
        }
    }

    /// Selects the next problem after the selected one, wherever it is; after the last one comes the first.
    pub(super) fn next_problem(&mut self) {
        let all = problems(&self.known);
        let selected = self.fleet.selected();
        let here = all.iter().position(|p| selected.as_ref() == Some(p));
        let next = here.map_or(0, |at| (at + 1) % all.len().max(1));
        match all.into_iter().nth(next) {
            None => self.say(Mood::Good, "no problems: all is well or stopped".to_owned()),
            Some(_) if here == Some(next) => {
                self.say(Mood::Info, "this is the only problem".to_owned());
            }
            Some(problem) => self.turn_to(problem),
        }
    }

    fn turn_to(&mut self, target: Target) {
        if !target.project.as_str().contains(&self.fleet.filter) {
            self.fleet.filter.clear();
        }
        self.fleet.project = Some(target.project);
        self.fleet.column = target.service;
    }
}
