//! Changes of limits that were asked for: what waits, what is under way, and what became of each.

use crate::{
    domain::{ServiceId, Target},
    hub::{Command, Failure, Job, JobId, JobState, Request, Verb},
};

/// Operations that are asked for at once: a fleet that is changed must not fill the hub's queues.
const AT_ONCE: usize = 8;
/// Changes that are remembered; the oldest ended ones go first.
const ITEMS_MAX: usize = 256;

/// How far a change is.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemState {
    /// Others go first.
    Waiting,
    /// It is under way.
    Sent,
    /// It is in force; the words of the hub.
    Done(String),
    /// The old values stand.
    Failed(Failure),
    /// It was cancelled, or never sent.
    Cancelled,
}

/// One change of one service.
#[derive(Debug, Clone)]
pub struct Item {
    /// The service.
    pub service: ServiceId,
    /// How far it is.
    pub state: ItemState,
    /// What was asked for.
    pub request: Request,
    /// Changes that were asked for together have the same number.
    pub batch: u32,
    /// Batches that it undoes.
    pub undoes: Vec<u32>,
    job: Option<JobId>,
}

impl Item {
    /// True if something may still happen.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, ItemState::Waiting | ItemState::Sent)
    }
}

/// All changes that were asked for.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    items: Vec<Item>,
    batches: u32,
}

impl Changes {
    /// Takes requests of one batch in, which undoes others; gives its number. [`Self::due`] sends them.
    pub fn begin(&mut self, requests: Vec<(ServiceId, Request)>, undoes: &[u32]) -> u32 {
        self.batches = self.batches.wrapping_add(1);
        for (service, request) in requests {
            self.items.retain(|item| item.service != service);
            self.items.push(Item {
                service,
                state: ItemState::Waiting,
                request,
                batch: self.batches,
                undoes: undoes.to_vec(),
                job: None,
            });
        }
        self.drop_oldest();
        self.batches
    }

    fn drop_oldest(&mut self) {
        while self.items.len() > ITEMS_MAX {
            let Some(at) = self.items.iter().position(|item| !item.is_open()) else {
                return;
            };
            self.items.remove(at);
        }
    }

    /// What may be sent now.
    pub fn due(&mut self) -> Vec<Command> {
        let sent = |item: &&Item| item.state == ItemState::Sent;
        let room = AT_ONCE.saturating_sub(self.items.iter().filter(sent).count());
        let waiting = self.items.iter_mut();
        let waiting = waiting.filter(|item| item.state == ItemState::Waiting);
        waiting
            .take(room)
            .map(|item| {
                item.state = ItemState::Sent;
                Command::Run(item.request.clone())
            })
            .collect()
    }

    /// Takes the state of a job in; gives the change that it is, once that is over.
    pub fn learn(&mut self, job: &Job) -> Option<Item> {
        let mine = |item: &&mut Item| {
            item.state == ItemState::Sent
                && job.verb == Verb::Limits
                && job.target == Target::from(item.service.clone())
                && item.job.is_none_or(|id| id == job.id)
        };
        let item = self.items.iter_mut().find(mine)?;
        item.job = Some(job.id);
        item.state = match &job.state {
            JobState::Waiting | JobState::Running => return None,
            JobState::Done(text) => ItemState::Done(text.to_string()),
            JobState::Failed(failure) => ItemState::Failed(failure.clone()),
            JobState::Cancelled => ItemState::Cancelled,
        };
        Some(item.clone())
    }

    /// A command was not sent after all; gives the change that it is.
    pub fn unsent(&mut self, command: &Command) -> Option<Item> {
        let Command::Run(request) = command else {
            return None;
        };
        let mine = |item: &&mut Item| item.state == ItemState::Sent && item.request == *request;
        let item = self.items.iter_mut().find(mine)?;
        item.state = ItemState::Cancelled;
        Some(item.clone())
    }

    /// The newest change of a service.
    #[must_use]
    pub fn of(&self, service: &ServiceId) -> Option<&Item> {
        self.items.iter().find(|item| item.service == *service)
    }

    /// True if a change of a service is not over.
    #[must_use]
    pub fn is_open(&self, service: &ServiceId) -> bool {
        self.of(service).is_some_and(Item::is_open)
    }

    /// Forgets what became of these services.
    pub fn forget(&mut self, services: &[ServiceId]) {
        let stays = |item: &Item| item.is_open() || !services.contains(&item.service);
        self.items.retain(stays);
    }

    /// The changes of a batch.
    pub fn batch(&self, batch: u32) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.batch == batch)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{ServiceKind, Timestamp};

    fn requests(projects: usize) -> Vec<(ServiceId, Request)> {
        let all = (0..projects).flat_map(|n| {
            let project = format!("p{n}").parse().unwrap();
            ServiceKind::ALL.map(|kind| ServiceId::new(&project, kind))
        });
        all.map(|id| (id.clone(), Request::KeepLimits(id)))
            .collect()
    }

    fn end(changes: &mut Changes, command: &Command, id: u64) -> Option<Item> {
        let Command::Run(request) = command else {
            panic!("{command:?}")
        };
        let mut job = request.job(JobId(id), Timestamp::UNIX_EPOCH);
        assert!(changes.learn(&job).is_none(), "it only began");
        job.state = JobState::Cancelled;
        changes.learn(&job)
    }

    #[test]
    fn a_large_batch_goes_out_a_few_at_a_time_and_completely() {
        let mut changes = Changes::default();
        let batch = changes.begin(requests(16), &[]);
        let mut under_way = changes.due();
        let mut sent = 0;
        while !under_way.is_empty() {
            assert!(under_way.len() <= AT_ONCE);
            sent += 1;
            let command = under_way.remove(0);
            assert!(end(&mut changes, &command, sent).is_some());
            under_way.extend(changes.due());
        }
        assert_eq!(sent, 64);
        assert!(!changes.batch(batch).any(Item::is_open));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_nothing_open_is_forgotten() {
        let mut changes = Changes::default();
        changes.begin(requests(10), &[]);
        let first = changes.due().remove(0);
        end(&mut changes, &first, 1);
        changes.begin(requests(100).split_off(40), &[]);
        assert_eq!(
            changes.items.len(),
            399,
            "only what is open stays above the bound"
        );
    }

    #[test]
    fn a_job_of_somebody_elses_is_not_taken_for_ours() {
        let mut changes = Changes::default();
        changes.begin(requests(1), &[]);
        let command = changes.due().remove(0);
        end(&mut changes, &command, 7);
        assert!(end_again(&mut changes, &command).is_none());
    }

    fn end_again(changes: &mut Changes, command: &Command) -> Option<Item> {
        end(changes, command, 8)
    }
}
