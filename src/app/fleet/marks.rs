//! Marks in the matrix: services of any projects that are meant together, whatever is selected.

use super::Fleet;
use crate::{
    app::{Model, REST, known::Known, logs::SERVICES_MAX, pane::Tab, toasts::Mood},
    domain::{ServiceId, ServiceKind, Target},
};
use std::{collections::BTreeSet, ops::RangeInclusive};

impl Fleet {
    /// Marks what is selected: a cell, or all four of a project. What is marked already loses its mark.
    pub fn toggle_mark(&mut self) {
        let Some(here) = self.selected() else {
            return;
        };
        let services = here.services();
        if services.iter().all(|service| self.marks.contains(service)) {
            services.iter().for_each(|service| {
                self.marks.remove(service);
            });
        } else {
            self.marks.extend(services);
        }
        self.marked_last = Some(here);
    }

    /// Marks all cells between what was marked last and what is selected, both included.
    pub fn mark_range(&mut self) {
        let Some(here) = self.selected() else {
            return;
        };
        let last = self.marked_last.clone();
        let from = last.filter(|target| self.shown.contains(&target.project));
        let from = from.unwrap_or_else(|| here.clone());
        if let Some(cells) = self.between(&from, &here) {
            self.marks.extend(cells);
            self.marked_last = Some(from);
        }
    }

    /// Marks all cells between two, besides those that were marked before; the next range begins where this one did.
    pub fn mark_between(&mut self, from: Target, to: &Target, before: BTreeSet<ServiceId>) {
        if let Some(cells) = self.between(&from, to) {
            self.marks = before;
            self.marks.extend(cells);
            self.marked_last = Some(from);
        }
    }

    /// All cells between two, both included; none if one is not shown.
    fn between(&self, from: &Target, to: &Target) -> Option<Vec<ServiceId>> {
        let place = |target: &Target| self.shown.iter().position(|name| *name == target.project);
        let (a, b) = place(from).zip(place(to))?;
        let rows = self.shown.iter().take(a.max(b) + 1).skip(a.min(b));
        let columns = spanned(from, to);
        let cells = rows.flat_map(|project| {
            let kinds = ServiceKind::ALL.into_iter();
            let between = kinds.filter(|kind| columns.contains(&kind.index()));
            between.map(|kind| ServiceId::new(project, kind))
        });
        Some(cells.collect())
    }

    /// Takes all marks away.
    pub fn clear_marks(&mut self) {
        self.marks.clear();
        self.marked_last = None;
    }

    /// A project that is gone takes its marks along.
    pub(super) fn forget_gone(&mut self, known: &Known) {
        let is_there = |service: &ServiceId| known.rows.contains_key(&service.project);
        self.marks.retain(is_there);
    }

    /// What is marked, in words: `backend of shop`, `3 services of shop`, `5 services of 3 projects`.
    #[must_use]
    pub fn marked(&self) -> Option<String> {
        let first = self.marks.first()?;
        let mut projects: Vec<_> = self.marks.iter().map(|mark| &mark.project).collect();
        projects.dedup();
        Some(match (self.marks.len(), projects.len()) {
            (1, _) => first.to_string(),
            (count, 1) => format!("{count} services of {}", first.project),
            (count, projects) => format!("{count} services of {projects} projects"),
        })
    }
}

/// The columns from one target to another; a whole project is all four.
fn spanned(from: &Target, to: &Target) -> RangeInclusive<usize> {
    let columns = |target: &Target| match target.service {
        Some(kind) => (kind.index(), kind.index()),
        None => (0, ServiceKind::ALL.len() - 1),
    };
    let ((a, b), (c, d)) = (columns(from), columns(to));
    a.min(c)..=b.max(d)
}

impl Model {
    /// Changes the marks; the log of what is marked waits until they rest.
    pub(in crate::app) fn mark(&mut self, change: fn(&mut Fleet)) {
        if self.fleet.project.is_none() {
            return self.say(Mood::Info, "no project is selected".to_owned());
        }
        change(&mut self.fleet);
        self.rests_at = self.up + REST;
    }

    /// Whose logs the pane is about: what is marked, else what is selected; nobody's if it is not open.
    pub(in crate::app) fn services_to_follow(&self) -> Vec<ServiceId> {
        let selected = self.fleet.selected().filter(|_| self.tab == Tab::Logs);
        match selected {
            None => Vec::new(),
            Some(_) if self.is_too_much_marked() => Vec::new(),
            Some(_) if !self.fleet.marks.is_empty() => self.fleet.marks.iter().cloned().collect(),
            Some(target) => target.services(),
        }
    }

    /// True if more is marked than a log can follow.
    #[must_use]
    pub fn is_too_much_marked(&self) -> bool {
        self.fleet.marks.len() > SERVICES_MAX
    }

    /// What the lower pane is about, in words.
    #[must_use]
    pub fn subject(&self) -> String {
        let about_marks = matches!(self.tab, Tab::Logs | Tab::Limits);
        let marked = self.fleet.marked().filter(|_| about_marks);
        let selected = || {
            self.fleet.selected().map(|target| {
                let row = self.known.rows.get(&target.project);
                let maker = row.and_then(|row| row.project.compose());
                let maker = maker.map_or("", |_| " (Compose)");
                match target.service {
                    Some(kind) => format!("{} / {kind}{maker}", target.project),
                    None => format!("{}{maker}", target.project),
                }
            })
        };
        marked.or_else(selected).unwrap_or_default()
    }
}
