//! Dragging with the mouse: what lies between the click and here is marked in the list, or chosen in the log.

use super::{
    Model, REST,
    logs::Key,
    msg::Hit,
    pane::{Focus, Tab},
};
use crate::domain::{ServiceId, Target};
use std::collections::BTreeSet;

/// Where the mouse was pressed, if dragging means something there.
#[derive(Debug, Clone, Default)]
pub(super) enum Drag {
    /// It means nothing.
    #[default]
    Nothing,
    /// On a cell of the list; what was marked before stays marked.
    List(Target, BTreeSet<ServiceId>),
    /// On a line of the log.
    Log(Key),
}

impl Model {
    /// Remembers where the mouse was pressed.
    pub(super) fn begin_drag(&mut self, hit: &Hit) {
        self.drag = match hit {
            _ if self.overlay.is_some() => Drag::Nothing,
            Hit::Cell(project, service) => {
                let (project, service) = (project.clone(), *service);
                let marks = self.fleet.marks.clone();
                Drag::List(Target { project, service }, marks)
            }
            Hit::Line(key) => Drag::Log(*key),
            _ => Drag::Nothing,
        };
    }

    pub(super) fn drag_to(&mut self, hit: Hit) {
        match (&self.drag, hit) {
            (Drag::Log(from), Hit::Line(at)) => self.drag_lines(*from, at),
            (Drag::List(from, before), Hit::Cell(project, service)) if self.overlay.is_none() => {
                let (from, before) = (from.clone(), before.clone());
                self.drag_marks(from, before, Target { project, service });
            }
            _ => {}
        }
    }

    /// The range may shrink again: what it has left is as before. A hand that shakes within one cell marks nothing.
    fn drag_marks(&mut self, from: Target, before: BTreeSet<ServiceId>, to: Target) {
        if self.fleet.selected().as_ref() == Some(&to) {
            return;
        }
        self.fleet.mark_between(from, &to, before);
        (self.fleet.project, self.fleet.column) = (Some(to.project), to.service);
        self.rests_at = self.up + REST;
    }

    fn drag_lines(&mut self, from: Key, at: Key) {
        // A click on the line that is chosen has opened it: there is nothing to drag over.
        let is_hidden = self.tab != Tab::Logs || self.overlay.is_some();
        if is_hidden || (from == at && !self.logs.has_range()) {
            return;
        }
        self.focus = Focus::Pane;
        self.logs.pick_range(from, at);
    }
}
