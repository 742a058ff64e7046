//! Operations in order: one at a time per project, the next waits its turn, each can be cancelled.

use super::{
    Fact, Failure, JobId, JobState, Request,
    batches::Booked,
    journal::{Ending, Journal},
    operation::{World, perform},
    report::Reporter,
};
use crate::domain::{ProjectName, Timestamp};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Operations that may wait for one project; more are refused, nobody queues so many on purpose.
const QUEUE_MAX: usize = 8;

/// One operation that waits or runs.
#[derive(Debug)]
struct Queued {
    id: JobId,
    request: Request,
    report: Reporter,
    cancel: CancellationToken,
}

/// A job that may begin.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) project: ProjectName,
    request: Request,
    report: Reporter,
    cancel: CancellationToken,
}

/// All queues. Decides; [`Ready::run`] does.
#[derive(Debug)]
pub(super) struct Jobs {
    queues: BTreeMap<ProjectName, VecDeque<Queued>>,
    last_id: u64,
    /// How jobs ended since that was last asked for.
    over: BTreeMap<JobId, JobState>,
    facts: mpsc::Sender<Fact>,
    journal: Journal,
}

impl Jobs {
    pub(super) fn new(facts: mpsc::Sender<Fact>, journal: Journal) -> Self {
        Self {
            queues: BTreeMap::new(),
            last_id: 0,
            over: BTreeMap::new(),
            facts,
            journal,
        }
    }

    /// Projects that an operation runs on.
    pub(super) fn busy(&self) -> BTreeSet<ProjectName> {
        self.queues.keys().cloned().collect()
    }

    /// Puts an operation in line; gives it back if it may begin at once.
    pub(super) async fn submit(&mut self, request: Request) -> Option<Ready> {
        let booked = self.book(&request);
        self.line_up(booked, request).await
    }

    /// Gives an operation its name; it is in no line yet.
    pub(super) fn book(&mut self, request: &Request) -> Booked {
        self.last_id += 1;
        let id = JobId(self.last_id);
        let report = Reporter::new(request.job(id, Timestamp::now()), self.facts.clone());
        Booked { id, report }
    }

    /// How jobs ended since this was last asked.
    pub(super) fn take_ended(&mut self) -> BTreeMap<JobId, JobState> {
        std::mem::take(&mut self.over)
    }

    /// Puts an operation that has a name in line; gives it back if it may begin at once.
    pub(super) async fn line_up(&mut self, booked: Booked, request: Request) -> Option<Ready> {
        let Booked { id, report } = booked;
        let project = request.target().project;
        let queue = self.queues.entry(project.clone()).or_default();
        if queue.len() >= QUEUE_MAX {
            let full = format!("{QUEUE_MAX} operations wait for {project} already");
            let failure = Failure::operation(full);
            let record = self.journal.record(&request, &report);
            record.end(Ending::refused(&failure)).await;
            report.end(Err(failure.clone())).await;
            self.over.insert(id, JobState::Failed(failure));
            return None;
        }
        if let Some(first) = queue.front() {
            let verb = first.request.verb().as_str();
            report.wait(format!("waits for {verb} of {project}; x cancels"));
        }
        queue.push_back(Queued {
            id,
            request,
            report,
            cancel: CancellationToken::new(),
        });
        let begins = queue.len() == 1;
        begins.then(|| self.first(&project)).flatten()
    }

    /// The operation at the head of a project's queue ended: gives the next one that may begin.
    pub(super) fn ended(&mut self, project: &ProjectName, state: JobState) -> Option<Ready> {
        let queue = self.queues.get_mut(project)?;
        if let Some(first) = queue.pop_front() {
            self.over.insert(first.id, state);
        }
        if queue.is_empty() {
            self.queues.remove(project);
            return None;
        }
        self.first(project)
    }

    /// Cancels a job: a running one is dropped where it is, a waiting one leaves the queue.
    pub(super) async fn cancel(&mut self, id: JobId) {
        let over = &mut self.over;
        for queue in self.queues.values_mut() {
            match queue.iter().position(|queued| queued.id == id) {
                None => {}
                Some(0) => return queue[0].cancel.cancel(),
                Some(at) => {
                    if let Some(queued) = queue.remove(at) {
                        let record = self.journal.record(&queued.request, &queued.report);
                        record.end(Ending::cancelled()).await;
                        queued.report.cancelled().await;
                        over.insert(id, JobState::Cancelled);
                    }
                    return;
                }
            }
        }
    }

    /// The task of the operation at the head of a project's queue broke down: says so in its place.
    pub(super) async fn broke_down(&self, project: &ProjectName, why: &str) -> JobState {
        let failure = Failure::operation(format!("a mistake in this program ended it: {why}"));
        let hint = "start or stop the project again: both work from whatever is there";
        let failure = failure.with_hint(hint);
        if let Some(first) = self.queues.get(project).and_then(VecDeque::front) {
            first.report.end(Err(failure.clone())).await;
        }
        JobState::Failed(failure)
    }

    /// Cancels everything.
    pub(super) fn cancel_all(&mut self) {
        for queued in self.queues.values().flatten() {
            queued.cancel.cancel();
        }
    }

    fn first(&self, project: &ProjectName) -> Option<Ready> {
        let queued = self.queues.get(project)?.front()?;
        Some(Ready {
            project: project.clone(),
            request: queued.request.clone(),
            report: queued.report.clone(),
            cancel: queued.cancel.clone(),
        })
    }
}

impl Ready {
    /// Runs the operation to its end or until it is cancelled; gives its project and how it ended.
    pub(super) async fn run(self, world: World) -> (ProjectName, JobState) {
        self.report.say("begins");
        let state = tokio::select! {
            biased;
            () = self.cancel.cancelled() => {
                self.report.cancelled().await;
                JobState::Cancelled
            }
            outcome = perform(&world, &self.request, &self.report) => {
                self.report.end(outcome.clone()).await;
                outcome.map_or_else(JobState::Failed, JobState::Done)
            }
        };
        (self.project, state)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::hub::Job;

    fn start(project: &str) -> Request {
        Request::start(project.parse::<ProjectName>().unwrap())
    }

    fn jobs() -> (Jobs, mpsc::Receiver<Fact>) {
        let (facts, inbox) = mpsc::channel(64);
        (Jobs::new(facts, Journal::none()), inbox)
    }

    #[tokio::test]
    async fn one_operation_at_a_time_per_project_and_other_projects_do_not_wait() {
        let (mut jobs, mut facts) = jobs();
        assert!(jobs.submit(start("shop")).await.is_some());
        assert!(jobs.submit(start("shop")).await.is_none());
        assert!(jobs.submit(start("blog")).await.is_some());
        let Some(Fact::Job(Job { state, .. })) = facts.recv().await else {
            panic!("no fact")
        };
        assert_eq!(state, JobState::Waiting);
        assert_eq!(jobs.busy().len(), 2);
        assert!(
            jobs.ended(&"shop".parse().unwrap(), JobState::Cancelled)
                .is_some()
        );
        assert!(
            jobs.ended(&"shop".parse().unwrap(), JobState::Cancelled)
                .is_none()
        );
        assert_eq!(jobs.busy().len(), 1);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_with_a_reason() {
        let (mut jobs, mut facts) = jobs();
        for _ in 0..=QUEUE_MAX {
            jobs.submit(start("shop")).await;
        }
        let mut last = None;
        while let Ok(fact) = facts.try_recv() {
            last = Some(fact);
        }
        assert!(matches!(
            last,
            Some(Fact::Job(Job {
                state: JobState::Failed(_),
                ..
            }))
        ));
    }

    #[tokio::test]
    async fn a_cancelled_waiting_job_says_so_at_once_and_leaves_the_queue() {
        let (mut jobs, mut facts) = jobs();
        let first = jobs.submit(start("shop")).await.unwrap();
        jobs.submit(start("shop")).await;
        jobs.cancel(JobId(2)).await;
        let mut states = Vec::new();
        while let Ok(Fact::Job(job)) = facts.try_recv() {
            states.push((job.id, job.state));
        }
        assert_eq!(states.last(), Some(&(JobId(2), JobState::Cancelled)));
        assert!(!first.cancel.is_cancelled());
        assert!(
            jobs.ended(&"shop".parse().unwrap(), JobState::Cancelled)
                .is_none()
        );
    }
}
