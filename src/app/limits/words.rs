//! What the editor says in words: what a change means for each service, for the host, and what became of it.

use super::{Item, ItemState, evidence};
use crate::{
    app::{Model, detail::failure_text, toasts::Mood},
    domain::{
        Bytes, Limits, ServiceId,
        limits::{Capacity, Promise, Risk},
    },
};

/// One row of an editor of many services.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// `shop/backend`.
    pub name: String,
    /// What it becomes, or what became of it.
    pub text: String,
    /// What speaks against it.
    pub risk: Option<Risk>,
    /// How its change went.
    pub state: Option<ItemState>,
}

impl Model {
    /// The rows of an editor of many services: what failed and what is in danger first.
    #[must_use]
    pub fn limits_lines(&self) -> Vec<Line> {
        let wished = self.limits_wished();
        let services = self.limits.iter().flat_map(|editor| &editor.services);
        let now = self.limits_in_force();
        let mut lines: Vec<Line> = services
            .zip(now)
            .map(|(id, now)| self.limits_line(id, now, wished.get(id).copied()))
            .collect();
        lines.sort_by_key(|line| {
            let is_failed = matches!(line.state, Some(ItemState::Failed(_)));
            let is_grave = line.risk.as_ref().is_some_and(|risk| risk.is_grave);
            (!is_failed, !is_grave)
        });
        lines
    }

    fn limits_line(&self, id: &ServiceId, now: Limits, wished: Option<Limits>) -> Line {
        let wished = wished.unwrap_or(now);
        let difference = now.difference(wished);
        let item = self.changes.of(id);
        let state = item.map(|item| item.state.clone());
        let text = match &state {
            Some(ItemState::Waiting) => "waits".to_owned(),
            Some(ItemState::Sent) => "applying …".to_owned(),
            Some(ItemState::Failed(failure)) => failure_text(failure),
            Some(ItemState::Cancelled) => "cancelled".to_owned(),
            Some(ItemState::Done(text)) if difference.is_empty() => without_name(text, id),
            _ if difference.is_empty() => {
                self.drift_words(id).unwrap_or("stays as it is".to_owned())
            }
            _ => difference,
        };
        Line {
            name: format!("{}/{}", id.project, id.kind),
            text,
            risk: self.worst_risk(id, wished),
            state,
        }
    }

    /// What speaks against limits of a service, the gravest first.
    fn worst_risk(&self, id: &ServiceId, wished: Limits) -> Option<Risk> {
        let row = self.known.rows.get(&id.project)?;
        let risks = evidence(row, id.kind).of(wished).into_iter().flatten();
        let mut risks: Vec<Risk> = risks.collect();
        risks.sort_by_key(|risk| !risk.is_grave);
        risks.into_iter().next()
    }

    /// What each field's new value risks: of one service in words, of many how many of them.
    #[must_use]
    pub fn limits_risks(&self) -> [Option<Risk>; 3] {
        let wished = self.limits_wished();
        let all: Vec<[Option<Risk>; 3]> = wished
            .iter()
            .filter_map(|(id, wished)| {
                let row = self.known.rows.get(&id.project)?;
                Some(evidence(row, id.kind).of(*wished))
            })
            .collect();
        match all.as_slice() {
            [one] => one.clone(),
            many => [0, 1, 2].map(|n| counted(many, n)),
        }
    }

    /// What somebody else changed, in words: `by the hub file memory 300 MB → 512 MB`.
    #[must_use]
    pub fn drift_words(&self, id: &ServiceId) -> Option<String> {
        let row = self.known.rows.get(&id.project)?;
        let (now, wished) = row.drift(id.kind)?;
        Some(format!("by the hub file {}", now.difference(wished)))
    }

    /// What the next Enter would undo.
    #[must_use]
    pub fn undo_words(&self) -> Option<String> {
        let editor = self.limits.as_ref().filter(|editor| editor.back > 0)?;
        let all = self.past.count(&editor.services);
        let what = match (
            editor.services.as_slice(),
            self.limits_in_force().as_slice(),
        ) {
            ([id], [now]) => self
                .limits_wished()
                .get(id)
                .map(|wished| now.difference(*wished)),
            _ => None,
        };
        let what = what.filter(|what| !what.is_empty());
        let what = what.unwrap_or_else(|| "see below".to_owned());
        Some(format!("Undo {} of {all}: {what}.", editor.back))
    }
}

/// One field of many services: how many of them run a risk with it.
fn counted(all: &[[Option<Risk>; 3]], n: usize) -> Option<Risk> {
    let risks: Vec<&Risk> = all
        .iter()
        .filter_map(|risks| risks.get(n)?.as_ref())
        .collect();
    let grave = risks.iter().filter(|risk| risk.is_grave).count();
    let of = all.len();
    let (count, what) = match (grave, risks.len()) {
        (0, 0) => return None,
        (0, count) => (count, "at risk"),
        (grave, _) => (grave, "below what is in use"),
    };
    Some(Risk {
        text: format!("{count} of {of} {what}"),
        is_grave: grave > 0,
    })
}

/// The hub's words without the name that stands in front of them already.
fn without_name(text: &str, id: &ServiceId) -> String {
    let name = format!("{id}: ");
    text.strip_prefix(&name).unwrap_or(text).to_owned()
}

/// What became of a batch, in one message.
pub(super) fn sum(items: &[Item]) -> (Mood, String) {
    let done = |item: &&Item| matches!(item.state, ItemState::Done(_));
    let (done, all) = (items.iter().filter(done).count(), items.len());
    let failed = items.iter().find_map(|item| match &item.state {
        ItemState::Failed(failure) => Some((&item.service, failure)),
        _ => None,
    });
    match failed {
        None => (Mood::Good, format!("limits: {done} of {all} done")),
        Some((id, failure)) => {
            let message = without_name(&failure.message, id);
            let text = format!("limits: {done} of {all} done; {id}: {message}");
            (Mood::Bad, text)
        }
    }
}

/// What is promised to all services, in one sentence, and whether that is more than the host has.
#[must_use]
pub fn promise(before: Promise, after: Promise, host: Capacity) -> (String, bool) {
    let unlimited = match after.unlimited {
        0 => String::new(),
        n => format!(", and {n} services have no limit"),
    };
    if host.is_unknown() {
        let (cpus, memory) = (after.cpus, after.memory);
        return (
            format!("promised: {memory} of memory, {cpus} CPUs{unlimited}"),
            false,
        );
    }
    let grows = |delta: i128, text: String| match delta {
        0 => String::new(),
        d if d > 0 => format!("+ {text}: "),
        _ => format!("- {text}: "),
    };
    let memory = i128::from(after.memory.0) - i128::from(before.memory.0);
    let memory = grows(memory, amount(memory));
    let cpus = i128::from(after.cpus.0) - i128::from(before.cpus.0);
    let cpus = grows(cpus, crate::domain::Cpus(magnitude(cpus)).to_string());
    let text = format!(
        "memory {memory}{} of {} promised, CPUs {cpus}{} of {}{unlimited}",
        after.memory, host.memory, after.cpus, host.cpus
    );
    (text, after.is_over(host))
}

fn amount(delta: i128) -> String {
    Bytes(magnitude(delta)).to_string()
}

fn magnitude(delta: i128) -> u64 {
    u64::try_from(delta.unsigned_abs()).unwrap_or(u64::MAX)
}
