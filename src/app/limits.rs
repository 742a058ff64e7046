//! The limits editor: three fields, checked while they are typed, and what became of the last change.

use super::{chord::Chord, field::Field, known::Known};
use crate::{
    domain::{
        Bytes, Cpus, Limits, LimitsChange, ServiceId, Usage,
        limits::{Capacity, parse_cpus, parse_memory, parse_pids},
    },
    hub::{Failure, JobId},
};

/// Changes that can be undone, one after the other.
const UNDO_MAX: usize = 20;

/// One of the three limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// CPU time.
    Cpus,
    /// Memory.
    Memory,
    /// Processes.
    Pids,
}

impl Limit {
    /// All three, in the order in which they stand.
    pub const ALL: [Self; 3] = [Self::Cpus, Self::Memory, Self::Pids];

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Cpus => "CPUs",
            Self::Memory => "memory",
            Self::Pids => "pids",
        }
    }

    /// Its value in `limits`, as it is typed.
    #[must_use]
    pub fn typed(self, limits: Limits) -> String {
        match self {
            Self::Cpus => limits.cpus.to_string(),
            Self::Memory => limits.memory.to_arg(),
            Self::Pids => limits.pids.to_string(),
        }
    }

    /// Its value in `limits`, for people.
    #[must_use]
    pub fn shown(self, limits: Limits) -> String {
        match self {
            Self::Memory => limits.memory.to_string(),
            Self::Cpus | Self::Pids => self.typed(limits),
        }
    }

    /// What is used of it.
    #[must_use]
    pub fn used(self, usage: Option<Usage>) -> Option<String> {
        match self {
            Self::Cpus => usage?.cpus.map(rough),
            Self::Memory => Some(usage?.memory.to_string()),
            Self::Pids => Some(usage?.pids.to_string()),
        }
    }

    /// The most that was used of it, where that is known.
    #[must_use]
    pub fn peak(self, usage: Option<Usage>) -> Option<String> {
        match self {
            Self::Memory => Some(usage?.peak.to_string()),
            Self::Cpus | Self::Pids => None,
        }
    }
}

/// Two decimals: a measurement is not more exact than that.
fn rough(cpus: Cpus) -> String {
    format!("{:.2}", cpus.as_f64())
}

/// What became of the last change.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Outcome {
    /// Nothing was asked for yet.
    #[default]
    None,
    /// It is under way.
    Sent(Limits),
    /// It is in force; the words of the hub.
    Done(String),
    /// The old value stands.
    Failed(Failure),
}

/// The editor of one service's limits.
#[derive(Debug, Clone)]
pub struct LimitsEditor {
    /// The service.
    pub service: ServiceId,
    /// The fields, in the order of [`Limit::ALL`].
    pub fields: [Field; 3],
    /// Which field has the keys.
    pub focus: usize,
    /// What became of the last change.
    pub outcome: Outcome,
    /// The operation that applies it.
    pub job: Option<JobId>,
    /// Something was typed that is not applied.
    pub touched: bool,
    /// What the hub file said when the fields were filled.
    pub seen: Limits,
    /// Values before each change, the last one last.
    pub undo: Vec<Limits>,
}

impl LimitsEditor {
    /// An editor that shows the limits `now`, while the hub file says `saved`.
    #[must_use]
    pub fn new(service: ServiceId, now: Limits, saved: Limits) -> Self {
        Self {
            service,
            fields: Limit::ALL.map(|limit| Field::new(&limit.typed(now))),
            focus: 0,
            outcome: Outcome::None,
            job: None,
            touched: false,
            seen: saved,
            undo: Vec::new(),
        }
    }

    /// Shows `limits` in the fields.
    pub fn show(&mut self, limits: Limits) {
        for (field, limit) in self.fields.iter_mut().zip(Limit::ALL) {
            field.set(&limit.typed(limits));
        }
    }

    /// Takes a key into the field.
    pub fn input(&mut self, chord: Chord) {
        let before = self.field().text().to_owned();
        if let Some(field) = self.fields.get_mut(self.focus) {
            field.input(chord);
        }
        self.touched |= self.field().text() != before;
    }

    /// Takes pasted text into the field.
    pub fn paste(&mut self, text: &str) {
        if let Some(field) = self.fields.get_mut(self.focus) {
            field.paste(text);
            self.touched = true;
        }
    }

    fn field(&self) -> &Field {
        &self.fields[self.focus.min(2)]
    }

    /// Moves on by `step` fields, around the ends.
    pub fn move_focus(&mut self, step: usize) {
        self.focus = (self.focus + step) % self.fields.len();
    }

    /// Puts the default into the field.
    pub fn put_default(&mut self) {
        let default = Limits::default_of(self.service.kind);
        let limit = Limit::ALL[self.focus.min(2)];
        self.fields[self.focus.min(2)].set(&limit.typed(default));
        self.touched = true;
    }

    /// What is wrong with each field, with what is allowed.
    #[must_use]
    pub fn errors(&self, host: Capacity) -> [Option<String>; 3] {
        let [cpus, memory, pids] = self.fields.each_ref().map(Field::text);
        [
            parse_cpus(cpus, host).err().map(|e| e.to_string()),
            parse_memory(memory, host).err().map(|e| e.to_string()),
            parse_pids(pids).err().map(|e| e.to_string()),
        ]
    }

    /// The values in the fields, if all of them are valid.
    #[must_use]
    pub fn wished(&self, host: Capacity) -> Option<Limits> {
        let [cpus, memory, pids] = self.fields.each_ref().map(Field::text);
        Some(Limits {
            cpus: parse_cpus(cpus, host).ok()?,
            memory: parse_memory(memory, host).ok()?,
            pids: parse_pids(pids).ok()?,
        })
    }

    /// Remembers `before` for undo.
    pub fn remember(&mut self, before: Limits) {
        self.undo.push(before);
        if self.undo.len() > UNDO_MAX {
            self.undo.remove(0);
        }
    }
}

/// The parts of `wished` that differ from `now`.
#[must_use]
pub fn change(now: Limits, wished: Limits) -> LimitsChange {
    LimitsChange {
        cpus: (wished.cpus != now.cpus).then_some(wished.cpus),
        memory: (wished.memory != now.memory).then_some(wished.memory),
        pids: (wished.pids != now.pids).then_some(wished.pids),
    }
}

/// What all services of all projects may use together, with `new` instead of what `service` has now.
#[must_use]
pub fn promised(known: &Known, service: &ServiceId, new: Option<Limits>) -> (Cpus, Bytes) {
    let (mut cpus, mut memory) = (0_u64, 0_u64);
    for (name, row) in &known.rows {
        for kind in crate::domain::ServiceKind::ALL {
            let edited = *name == service.project && kind == service.kind;
            let limits = new
                .filter(|_| edited)
                .unwrap_or_else(|| row.limits_of(kind));
            cpus = cpus.saturating_add(limits.cpus.0);
            memory = memory.saturating_add(limits.memory.0);
        }
    }
    (Cpus(cpus), Bytes(memory))
}
