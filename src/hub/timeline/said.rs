//! What the engine, the journal and our own operations say, as entries.

use crate::{
    domain::{
        ProjectName, Safe, ServiceId, Timestamp,
        alarm::Deed,
        timeline::{self, Entry, Step, What},
    },
    engine::{ContainerEvent, EventAction},
    hub::{
        Job, JobState, Verb,
        journal::{self, Outcome},
    },
};
use std::{collections::BTreeMap, time::Duration};

/// When the process of each service last ended.
#[derive(Debug, Default)]
pub(super) struct Ends(BTreeMap<ServiceId, Timestamp>);

impl Ends {
    /// As [`of_event`], with what is known of the event before. Events come in their order.
    pub(super) fn of_event(&mut self, service: ServiceId, event: &ContainerEvent) -> Option<Entry> {
        let mut entry = of_event(&service, event)?;
        match &mut entry.what {
            What::Ended { .. } => drop(self.0.insert(service, entry.at)),
            What::Started { again } => {
                let ended = self.0.remove(&service);
                *again = ended
                    .is_some_and(|at| entry.at.duration_since(at).unsigned_abs() < timeline::GAP);
            }
            _ => {}
        }
        Some(entry)
    }

    /// Nothing is remembered of projects that are not `named`.
    pub(super) fn keep(&mut self, named: impl Fn(&ProjectName) -> bool) {
        self.0.retain(|service, _| named(&service.project));
    }
}

/// An event of a service that is worth an entry. Limits and health are learnt by looking, and
/// what a signal or a stop brings about comes as an event of its own.
fn of_event(service: &ServiceId, event: &ContainerEvent) -> Option<Entry> {
    let what = match event.action {
        EventAction::Start => What::Started { again: false },
        EventAction::Die { exit_code } => What::Ended { code: exit_code },
        EventAction::Oom => What::OutOfMemory,
        EventAction::Pause => What::Paused,
        EventAction::Unpause => What::Resumed,
        EventAction::Create
        | EventAction::Health(_)
        | EventAction::Destroy
        | EventAction::Rename
        | EventAction::Update
        | EventAction::Kill
        | EventAction::Stop
        | EventAction::Other(_) => return None,
    };
    Some(Entry::once(event.at, what, "").of(&service.project, Some(service.kind)))
}

/// The entries of one line of the journal: that the operation began, and how it ended if it did.
pub(super) fn of_journal(line: &journal::Entry) -> Vec<Entry> {
    let user = line.user.clone();
    let entry = |at, step, took_ms, text: &str| {
        let what = What::Operation {
            id: line.id.clone(),
            did: line.what.clone(),
            step,
            by: Some(user.clone().unwrap_or_else(|| line.uid.to_string().into())),
            took_ms,
        };
        Entry::once(at, what, text).of(&line.project, line.service)
    };
    let mut entries = vec![entry(line.time, Step::Begun, None, "")];
    if let Some(step) = step_of(line.result) {
        let took = Duration::from_millis(line.duration_ms.unwrap_or_default());
        let end = line.time.saturating_add(took).unwrap_or(line.time);
        entries.push(entry(end, step, line.duration_ms, &line.message));
    }
    entries
}

const fn step_of(result: Outcome) -> Option<Step> {
    Some(match result {
        Outcome::Begun => return None,
        Outcome::Done => Step::Done,
        Outcome::Refused => Step::Refused,
        Outcome::Failed | Outcome::Panicked => Step::Failed,
        Outcome::Cancelled => Step::Cancelled,
        Outcome::Unknown => Step::Unknown,
    })
}

/// The entry of a job of our own as far as it has come; none while it waits. `began` is when it stopped waiting.
pub(super) fn of_job(
    job: &Job,
    by: Option<Safe>,
    began: Timestamp,
    now: Timestamp,
) -> Option<Entry> {
    let (at, step, text) = match &job.state {
        JobState::Waiting => return None,
        JobState::Running => (began, Step::Begun, Safe::default()),
        JobState::Done(text) => (now, Step::Done, text.clone()),
        JobState::Failed(failure) => (now, Step::Failed, failure.message.clone()),
        JobState::Cancelled => (now, Step::Cancelled, job.progress.text.clone()),
    };
    let took = now.duration_since(began).as_millis();
    let what = What::Operation {
        id: id_of(job),
        did: job.did.clone(),
        step,
        by,
        took_ms: (step != Step::Begun).then(|| took.max(0).unsigned_abs() as u64),
    };
    let target = &job.target;
    Some(Entry::once(at, what, text.as_str()).of(&target.project, target.service))
}

/// A job's name among operations.
pub(super) fn id_of(job: &Job) -> Safe {
    Safe::new(format!("job {}", job.id.0))
}

/// Where a job takes its services, if it takes them anywhere.
pub(super) const fn deed_of(verb: Verb) -> Option<Deed> {
    match verb {
        Verb::Start | Verb::Restart => Some(Deed::Up),
        Verb::Stop | Verb::Remove => Some(Deed::Down),
        Verb::Limits | Verb::Add | Verb::Protect | Verb::Check => None,
    }
}

/// The same of what the journal says that was asked for.
pub(super) fn deed_of_words(what: &str) -> Option<Deed> {
    match what.split(' ').next()? {
        "start" | "restart" => Some(Deed::Up),
        "stop" | "remove" => Some(Deed::Down),
        _ => None,
    }
}
