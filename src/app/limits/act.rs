//! Keys of the limits editor, and the changes that they ask for.

use super::{LimitsEditor, changes::ItemState, evidence, promised};
use crate::{
    app::{
        Action, Chord, Effect, Model,
        overlay::confirm::Confirm,
        pane::{Focus, PaneSize, Tab},
        toasts::Mood,
    },
    domain::{Limits, ServiceId, Target, compose::snippet, limits::Promise},
    hub::{Command, Failure, FailureKind, Job, Request},
};
use std::collections::BTreeMap;

/// Rows in which the editor has all that it has to say of one service.
const ROWS: u16 = 9;
/// Services of many that it wants to list.
const LINES_WANTED: usize = 8;

/// A service and what is asked for it.
pub type Wish = (ServiceId, Request);

impl Model {
    /// The editor is about what is marked, else about the selected service, and shows what is in force where nothing is
    /// chosen.
    pub(in crate::app) fn settle_limits(&mut self) {
        let services = self.services_to_limit();
        if services.is_empty() {
            self.limits = None;
            return;
        }
        if self
            .limits
            .as_ref()
            .is_none_or(|editor| editor.services != services)
        {
            self.changes.forget(&services);
            self.limits = Some(LimitsEditor::new(services));
        }
        let (now, saved) = self.edited().into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
        if let Some(editor) = &mut self.limits {
            editor.follow(&now, saved);
        }
    }

    /// Whose limits the pane is about: what is marked, else the selected service; nobody's if it is not open.
    fn services_to_limit(&self) -> Vec<ServiceId> {
        let selected = self.fleet.selected().filter(|_| self.tab == Tab::Limits);
        let services: Vec<ServiceId> = match selected {
            None => Vec::new(),
            Some(_) if self.is_too_much_marked() => Vec::new(),
            Some(_) if !self.fleet.marks.is_empty() => self.fleet.marks.iter().cloned().collect(),
            Some(target) => target
                .service
                .map(|_| target.services())
                .unwrap_or_default(),
        };
        let is_there = |id: &ServiceId| {
            let row = self.known.rows.get(&id.project);
            row.is_some_and(|row| row.project.has(id.kind))
        };
        services.into_iter().filter(is_there).collect()
    }

    /// Limits in force and in the hub file of each edited service.
    fn edited(&self) -> Vec<(Limits, Limits)> {
        let services = self.limits.iter().flat_map(|editor| &editor.services);
        let limits = services.filter_map(|id| {
            let row = self.known.rows.get(&id.project)?;
            Some((row.limits_of(id.kind), row.project.limits[id.kind]))
        });
        limits.collect()
    }

    /// The limits in force of each edited service, in their order.
    #[must_use]
    pub fn limits_in_force(&self) -> Vec<Limits> {
        self.edited().into_iter().map(|(now, _)| now).collect()
    }

    /// What each edited service is to get; nothing where a field is wrong.
    #[must_use]
    pub fn limits_wished(&self) -> BTreeMap<ServiceId, Limits> {
        let host = self.known.capacity();
        let Some(editor) = &self.limits else {
            return BTreeMap::new();
        };
        let wished = |(at, (id, now)): (usize, (&ServiceId, Limits))| {
            let wished = editor.wished(at, now, host)?;
            Some((id.clone(), wished))
        };
        let services = editor.services.iter().zip(self.limits_in_force());
        services.enumerate().filter_map(wished).collect()
    }

    /// True if the fields have the keys, or will have them again.
    #[must_use]
    pub fn is_editing_limits(&self) -> bool {
        self.focus == Focus::Pane && self.tab == Tab::Limits && self.limits.is_some()
    }

    /// Rows that the editor wants while it has the keys.
    pub(in crate::app) fn rows_for_limits(&self) -> u16 {
        let editor = self.limits.as_ref().filter(|_| self.is_editing_limits());
        let lines = editor.map(|editor| match editor.services.len() {
            1 => 0,
            many => many.min(LINES_WANTED),
        });
        let lines = lines.map(|lines| u16::try_from(lines).unwrap_or_default());
        lines.map_or(0, |lines| ROWS + lines)
    }

    /// What all services may use together, now and with what the editor wishes.
    #[must_use]
    pub fn promises(&self) -> (Promise, Promise) {
        let wished = self.limits_wished();
        (
            promised(&self.known, |_| None),
            promised(&self.known, |id| wished.get(id).copied()),
        )
    }

    pub(in crate::app) fn press_in_limits(
        &mut self,
        chord: Chord,
        action: Option<Action>,
    ) -> Vec<Effect> {
        match action {
            Some(Action::Apply) => return self.apply_limits(),
            Some(Action::Undo) => self.show_earlier_limits(),
            Some(Action::Back) => self.leave_limits(),
            Some(Action::NextProblem) => {
                self.leave_limits();
                self.next_problem();
            }
            Some(
                action @ (Action::Palette
                | Action::Help
                | Action::ReapplyLimits
                | Action::KeepLimits
                | Action::LimitsPreset),
            ) => return self.act(action),
            _ => {}
        }
        let Some(editor) = &mut self.limits else {
            return Vec::new();
        };
        match action {
            Some(Action::NextField) => editor.move_focus(1),
            Some(Action::PreviousField) => editor.move_focus(2),
            Some(Action::Default) => editor.put_default(),
            Some(_) => {}
            None => editor.input(chord),
        }
        Vec::new()
    }

    /// Back to the list; what was chosen and not applied is forgotten.
    fn leave_limits(&mut self) {
        self.focus = Focus::List;
        self.size = PaneSize::Normal;
        if let Some(editor) = &mut self.limits {
            editor.take_back();
        }
    }

    fn apply_limits(&mut self) -> Vec<Effect> {
        let host = self.known.capacity();
        let Some(editor) = &mut self.limits else {
            return Vec::new();
        };
        if let Some(bad) = editor.errors(host).iter().position(Option::is_some) {
            editor.focus = bad;
            return Vec::new();
        }
        let back = editor.back;
        let services = editor.services.clone();
        if services.iter().any(|id| self.changes.is_open(id)) {
            return self.say_nothing_done("the change before this one is still under way");
        }
        let wishes = self.wishes();
        if wishes.is_empty() {
            return self.say_nothing_done("these limits are in force already");
        }
        if !self.may_write_hub_file("change limits") {
            return Vec::new();
        }
        let undoes = self.past.back(&services, back).batches;
        let mut warnings = self.below_use(&wishes);
        let (before, after) = self.promises();
        // Where more is promised than there is already, once more is no news.
        let excess = after.excess(before, host);
        warnings.extend(excess.filter(|_| after.crosses(before, host)));
        warnings.extend(self.not_in_composes_file(&wishes));
        self.ask_or_send(wishes, undoes, warnings)
    }

    pub(super) fn say_nothing_done(&mut self, why: &str) -> Vec<Effect> {
        self.say(Mood::Info, why.to_owned());
        Vec::new()
    }

    /// The changes that the fields mean.
    fn wishes(&self) -> Vec<Wish> {
        let wished = self.limits_wished();
        let Some(editor) = &self.limits else {
            return Vec::new();
        };
        let now = self.limits_in_force();
        let services = editor.services.iter().zip(now).zip(&editor.seen);
        let wish = |((id, now), seen): ((&ServiceId, Limits), &Limits)| {
            let change = now.change_to(*wished.get(id)?);
            let request = Request::Limits {
                service: id.clone(),
                change,
                seen: Some(*seen),
                below_use: false,
            };
            (!change.is_empty()).then(|| (id.clone(), request))
        };
        services.filter_map(wish).collect()
    }

    /// A sentence for each wish that gives a service less memory than it uses.
    pub(super) fn below_use(&self, wishes: &[Wish]) -> Vec<String> {
        let sentence = |(id, request): &Wish| {
            let row = self.known.rows.get(&id.project)?;
            let memory = match request {
                Request::Limits { change, .. } => change.memory?,
                Request::ReapplyLimits { .. } => row.project.limits[id.kind].memory,
                _ => return None,
            };
            let used = evidence(row, id.kind).usage?.memory;
            let text = format!("{id} uses {used} now, more than the new limit of {memory}.");
            (memory < used && memory.0 > 0).then_some(text)
        };
        wishes.iter().filter_map(sentence).collect()
    }

    /// For each wish on what Compose made: its file does not know of it, and how it would.
    fn not_in_composes_file(&self, wishes: &[Wish]) -> Vec<String> {
        let sentence = |(id, request): &Wish| {
            let Request::Limits { change, .. } = request else {
                return None;
            };
            let row = self.known.rows.get(&id.project)?;
            let compose = row.project.compose()?;
            let service = compose.services[id.kind].as_ref()?;
            let keys = snippet(service, *change);
            Some(format!(
                "Compose's file does not know it, and `docker compose up` may undo it. To keep it, under services: {keys}"
            ))
        };
        wishes.iter().filter_map(sentence).collect()
    }

    /// Asks first if there is something to be warned of; who says yes knows that memory may be below use.
    pub(super) fn ask_or_send(
        &mut self,
        mut wishes: Vec<Wish>,
        undoes: Vec<u32>,
        warnings: Vec<String>,
    ) -> Vec<Effect> {
        if warnings.is_empty() {
            return self.send_limits(wishes, &undoes);
        }
        mean_below_use(&mut wishes);
        let confirm = Confirm::limits(&self.known, wishes, undoes, warnings);
        self.ask(confirm);
        Vec::new()
    }

    /// Sends changes, a few at a time; what they change can be undone.
    pub(in crate::app) fn send_limits(&mut self, wishes: Vec<Wish>, undoes: &[u32]) -> Vec<Effect> {
        let before = self.before(&wishes);
        let batch = self.changes.begin(wishes, undoes);
        if undoes.is_empty() && !before.is_empty() {
            self.past.remember(batch, before);
        }
        self.send_due_limits()
    }

    fn send_due_limits(&mut self) -> Vec<Effect> {
        self.changes.due().into_iter().map(Effect::Hub).collect()
    }

    /// The limits before a change. What is brought back or kept is no change of the operator's that could be undone.
    fn before(&self, wishes: &[Wish]) -> BTreeMap<ServiceId, Limits> {
        let is_change = |wish: &&Wish| matches!(wish.1, Request::Limits { .. });
        let limits = wishes.iter().filter(is_change).filter_map(|(id, _)| {
            let row = self.known.rows.get(&id.project)?;
            Some((id.clone(), row.limits_of(id.kind)))
        });
        limits.collect()
    }

    /// Takes the state of a job in. True if what became of it is said in its own place, and in no message.
    pub(in crate::app) fn learn_limits(&mut self, job: &Job) -> (bool, Vec<Effect>) {
        let Some(item) = self.changes.learn(job) else {
            return (false, Vec::new());
        };
        let is_done = matches!(item.state, ItemState::Done(_));
        match is_done {
            true => item
                .undoes
                .iter()
                .for_each(|batch| self.past.forget(*batch, &item.service)),
            false => self.past.forget(item.batch, &item.service),
        }
        let is_one = self.changes.batch(item.batch).count() == 1;
        let is_shown = self.is_edited(&item.service);
        let effects = self.send_due_limits();
        let is_asked = self.end_batch(item.batch);
        let is_failed = matches!(item.state, ItemState::Failed(_));
        (is_asked || (is_shown && is_failed) || !is_one, effects)
    }

    fn is_edited(&self, service: &ServiceId) -> bool {
        let editor = self.limits.as_ref();
        editor.is_some_and(|editor| editor.services.contains(service))
    }

    /// Sums a batch up once all of it is over. True if a question was asked.
    fn end_batch(&mut self, batch: u32) -> bool {
        if self.changes.batch(batch).any(super::Item::is_open) {
            return false;
        }
        let items: Vec<_> = self.changes.batch(batch).cloned().collect();
        let all_done = items.iter().all(|i| matches!(i.state, ItemState::Done(_)));
        if let Some(editor) = &mut self.limits
            && items
                .iter()
                .any(|item| editor.services.contains(&item.service))
        {
            // What is left of an undo that did not work everywhere is a change like any other.
            editor.back = 0;
            if all_done {
                editor.take_back();
            }
        }
        if items.len() > 1 {
            let (mood, text) = super::words::sum(&items);
            self.say(mood, text);
        }
        self.ask_again(&items)
    }

    /// What the hub found below use when it looked is asked about once, for all of a batch.
    fn ask_again(&mut self, items: &[super::Item]) -> bool {
        let unsure: Vec<(&super::Item, &Failure)> = items
            .iter()
            .filter_map(|item| match &item.state {
                ItemState::Failed(failure) if failure.kind == FailureKind::NeedsConfirm => {
                    Some((item, failure))
                }
                _ => None,
            })
            .collect();
        if unsure.is_empty() || self.overlay.is_some() {
            return false;
        }
        let wish =
            |(item, _): &(&super::Item, &Failure)| (item.service.clone(), item.request.clone());
        let mut wishes: Vec<Wish> = unsure.iter().map(wish).collect();
        let known = self.below_use(&wishes);
        let words = if known.len() == wishes.len() {
            known
        } else {
            unsure
                .iter()
                .map(|(_, f)| format!("{}.", f.message))
                .collect()
        };
        let undoes = unsure.first().map(|(item, _)| item.undoes.clone());
        mean_below_use(&mut wishes);
        let confirm = Confirm::limits(&self.known, wishes, undoes.unwrap_or_default(), words);
        self.ask(confirm);
        true
    }

    /// A change did not fit into the hub's queue.
    pub(in crate::app) fn limits_unsent(&mut self, command: &Command) {
        if let Some(item) = self.changes.unsent(command) {
            self.past.forget(item.batch, &item.service);
        }
    }

    /// One step further back: first what was chosen and not applied, then the changes, the newest first.
    fn show_earlier_limits(&mut self) {
        let Some(editor) = &mut self.limits else {
            return;
        };
        if editor.is_touched() && editor.back == 0 {
            editor.take_back();
            let text = "what was not applied is taken back; once more undoes the last change";
            return self.say(Mood::Info, text.to_owned());
        }
        let services = editor.services.clone();
        if editor.back >= self.past.count(&services) {
            let text = match editor.back {
                0 => "there is no change to undo",
                _ => "there is no earlier change",
            };
            return self.say(Mood::Info, text.to_owned());
        }
        let back = editor.back + 1;
        let earlier = self.past.back(&services, back).limits;
        let now = services.iter().zip(self.limits_in_force());
        let values: Vec<Limits> = now
            .map(|(id, now)| earlier.get(id).copied().unwrap_or(now))
            .collect();
        if let Some(editor) = &mut self.limits {
            editor.back = back;
            for n in 0..editor.fields.len() {
                editor.put(n, "earlier", values.clone());
            }
        }
    }

    /// Opens the editor of the selection.
    pub(in crate::app) fn show_limits(&mut self) {
        self.tab = Tab::Limits;
        if self.fleet.column.is_some() || !self.fleet.marks.is_empty() {
            self.focus = Focus::Pane;
        }
    }

    /// What the limits keys of the list act on: what is marked, else what is selected.
    pub(super) fn limited(&self) -> Vec<ServiceId> {
        if let Some(editor) = self.limits.as_ref().filter(|_| self.focus == Focus::Pane) {
            return editor.services.clone();
        }
        match self.fleet.selected() {
            None => Vec::new(),
            Some(_) if !self.fleet.marks.is_empty() => self.fleet.marks.iter().cloned().collect(),
            Some(target) => Target::services(&target),
        }
    }
}

/// Memory may be below what is in use.
pub(super) fn mean_below_use(wishes: &mut [Wish]) {
    for (_, request) in wishes {
        if let Request::Limits { below_use, .. } | Request::ReapplyLimits { below_use, .. } =
            request
        {
            *below_use = true;
        }
    }
}
