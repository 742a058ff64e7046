//! Start, stop and restart of what is marked, else of what is selected, and the ways of a restart.

use super::{
    Action, Effect, Model,
    overlay::{
        Overlay,
        again::{Choice, Ways},
        confirm::Confirm,
    },
    toasts::Mood,
};
use crate::{
    domain::{ProjectName, ServiceKind, Target},
    hub::{Command, Request, Verb},
};

impl Model {
    /// What start, stop and restart are about: what is marked, else what is selected.
    #[must_use]
    pub fn meant(&self) -> Vec<Target> {
        if self.fleet.marks.is_empty() {
            return self.fleet.selected().into_iter().collect();
        }
        let mut projects: Vec<&ProjectName> = self.fleet.marks.iter().map(|m| &m.project).collect();
        projects.dedup();
        let all = projects.into_iter();
        all.flat_map(|name| self.marked_of(name)).collect()
    }

    /// The marked services of a project; all that it has are the project itself.
    fn marked_of(&self, name: &ProjectName) -> Vec<Target> {
        let row = self.known.rows.get(name);
        let has = |kind: &ServiceKind| row.is_none_or(|row| row.project.has(*kind));
        let there: Vec<ServiceKind> = ServiceKind::ALL.into_iter().filter(has).collect();
        let of = |kind| Target {
            project: name.clone(),
            service: Some(kind),
        };
        let marks = self.fleet.marks.iter().filter(|mark| mark.project == *name);
        let marked: Vec<ServiceKind> = marks.map(|mark| mark.kind).filter(has).collect();
        match marked == there {
            true => vec![Target::project(name)],
            false => marked.into_iter().map(of).collect(),
        }
    }

    /// Start, stop or restart.
    pub(super) fn start_or_stop(&mut self, action: Action) -> Vec<Effect> {
        let (verb, what) = match action {
            Action::Start => (Verb::Start, "start a project"),
            Action::Stop => (Verb::Stop, "stop a project"),
            _ => (Verb::Restart, "restart a service"),
        };
        let targets = self.meant();
        if targets.is_empty() {
            self.say(Mood::Info, "no project is selected".to_owned());
            return Vec::new();
        }
        if let Some(why) = self.refusal_of_all(action, &targets) {
            self.say(Mood::Bad, why);
            return Vec::new();
        }
        if !self.may_change(what) {
            return Vec::new();
        }
        let are_marked = !self.fleet.marks.is_empty();
        match (verb, targets.as_slice()) {
            (Verb::Start, [target]) if !are_marked => {
                return vec![Effect::Hub(Command::Run(Request::Start(target.clone())))];
            }
            (Verb::Stop, [target]) => self.ask(Confirm::stop(&self.known, target)),
            (Verb::Restart, [target]) => self.ask(Confirm::restart(&self.known, target)),
            (verb, all) => self.ask(Confirm::many(&self.known, verb, all, Choice::default())),
        }
        Vec::new()
    }

    /// Why something cannot be done with one of `targets`.
    fn refusal_of_all(&self, action: Action, targets: &[Target]) -> Option<String> {
        targets
            .iter()
            .find_map(|target| self.refusal(action, target))
    }

    /// Opens the list of the ways of a restart.
    pub(super) fn list_ways(&mut self) {
        let targets = self.meant();
        if targets.is_empty() {
            self.say(Mood::Info, "no project is selected".to_owned());
        } else if let Some(why) = self.refusal_of_all(Action::Restart, &targets) {
            self.say(Mood::Bad, why);
        } else if self.may_change("restart a service") {
            self.overlay = Some(Overlay::Ways(Ways::new(targets)));
        }
    }

    pub(super) fn press_in_ways(&mut self, mut ways: Ways, action: Option<Action>) -> Vec<Effect> {
        if action == Some(Action::Open) {
            self.choose_way(&ways);
            return Vec::new();
        }
        let last = ways.choices.len().saturating_sub(1);
        if let Some(index) = self.moved(ways.index, last, action) {
            ways.index = index;
            self.overlay = Some(Overlay::Ways(ways));
        }
        Vec::new()
    }

    /// Asks whether the selected way is meant.
    pub(super) fn choose_way(&mut self, ways: &Ways) {
        if let Some(choice) = ways.chosen() {
            let confirm = Confirm::many(&self.known, Verb::Restart, &ways.targets, choice);
            self.ask(confirm);
        }
    }
}
