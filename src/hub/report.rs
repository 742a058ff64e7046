//! How an operation tells how far it is: one reporter per job, shared by the services that start side by side.

use super::{Fact, Failure, Job, JobState, Progress, retry::Attempt};
use crate::domain::Safe;
use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};
use tokio::sync::mpsc;

/// Sends the state of one job as facts. Clones report about the same job.
#[derive(Debug, Clone)]
pub struct Reporter {
    job: Arc<Job>,
    done: Arc<AtomicU8>,
    steps: Arc<AtomicU8>,
    facts: mpsc::Sender<Fact>,
}

impl Reporter {
    /// A reporter for `job` that sends to `facts`.
    #[must_use]
    pub fn new(job: Job, facts: mpsc::Sender<Fact>) -> Self {
        Self {
            job: Arc::new(job),
            done: Arc::new(AtomicU8::new(0)),
            steps: Arc::new(AtomicU8::new(0)),
            facts,
        }
    }

    /// Sets how many steps there will be.
    pub fn expect_steps(&self, steps: usize) {
        let steps = u8::try_from(steps).unwrap_or(u8::MAX);
        self.steps.store(steps, Ordering::Relaxed);
    }

    /// Says what is being done now.
    pub fn say(&self, text: impl AsRef<str>) {
        self.send(JobState::Running, Safe::new(text));
    }

    /// Counts one step as done and says what it was.
    pub fn step_done(&self, text: impl AsRef<str>) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.say(text);
    }

    /// Says that an attempt failed and when the next one comes.
    pub fn attempt(&self, what: impl std::fmt::Display, attempt: &Attempt) {
        self.say(format!("{what}: {attempt}"));
    }

    /// Says that another operation runs first.
    pub fn wait(&self, text: impl AsRef<str>) {
        self.send(JobState::Waiting, Safe::new(text));
    }

    /// Says something that is not about this job alone.
    pub fn notice(&self, text: impl AsRef<str>) {
        // Nobody waits for it: where there is no room, there is more to read already.
        let _ = self.facts.try_send(Fact::Notice(Safe::new(text)));
    }

    /// Says how the job ended. Awaits room: the end of a job is never lost.
    pub async fn end(&self, outcome: Result<Safe, Failure>) {
        let state = outcome.map_or_else(JobState::Failed, JobState::Done);
        self.finish(state).await;
    }

    /// Says that the operator cancelled the job.
    pub async fn cancelled(&self) {
        self.finish(JobState::Cancelled).await;
    }

    /// Says that the job was not tried, and why.
    pub async fn not_tried(&self, why: Safe) {
        // As below.
        let _ = self.facts.send(self.fact(JobState::Cancelled, why)).await;
    }

    async fn finish(&self, state: JobState) {
        // A front end that is gone has no use for the end of a job.
        let _ = self.facts.send(self.fact(state, Safe::default())).await;
    }

    fn send(&self, state: JobState, text: Safe) {
        // Progress is worth nothing later: what does not fit is superseded by the next report.
        let _ = self.facts.try_send(self.fact(state, text));
    }

    fn fact(&self, state: JobState, text: Safe) -> Fact {
        let progress = Progress {
            done: self.done.load(Ordering::Relaxed),
            steps: self.steps.load(Ordering::Relaxed),
            text,
        };
        Fact::Job(Job {
            progress,
            state,
            ..Job::clone(&self.job)
        })
    }
}
