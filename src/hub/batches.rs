//! Batches that are under way: which job is which operation of which batch. Decides; the supervisor does.

use super::{
    JobId, JobState, Request,
    report::Reporter,
    sequence::{Batch, Sequence},
};
use crate::domain::Safe;
use std::collections::BTreeMap;

/// Batches at once; more are refused.
const BATCHES_MAX: usize = 8;
/// Operations of one batch at once.
const AT_ONCE: usize = 8;

/// An operation of a batch whose turn has not come, or that runs.
#[derive(Debug, Clone)]
pub(super) struct Booked {
    pub(super) id: JobId,
    pub(super) report: Reporter,
}

#[derive(Debug)]
struct Open {
    sequence: Sequence,
    jobs: Vec<Booked>,
}

/// All batches that are not over.
#[derive(Debug, Default)]
pub(super) struct Batches(Vec<Open>);

/// What is to be done now.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// Begin these.
    pub(super) begin: Vec<(Booked, Request)>,
    /// Say that these will not be tried, and why.
    pub(super) not_tried: Vec<(Reporter, Safe)>,
    /// Say what became of batches that are over.
    pub(super) summaries: Vec<Safe>,
}

impl Batches {
    /// True if one more may be taken.
    pub(super) fn has_room(&self) -> bool {
        self.0.len() < BATCHES_MAX
    }

    /// Takes a batch in, whose operations have been booked in its order.
    pub(super) fn take(&mut self, batch: Batch, jobs: Vec<Booked>) {
        let sequence = Sequence::new(batch);
        self.0.push(Open { sequence, jobs });
    }

    /// Takes in how jobs ended, and says what follows.
    pub(super) fn go_on(&mut self, ended: &BTreeMap<JobId, JobState>) -> Turn {
        let mut turn = Turn::default();
        for open in &mut self.0 {
            open.go_on(ended, &mut turn);
        }
        self.0.retain(|open| !open.sequence.is_over());
        turn
    }

    /// The operator cancels an operation whose turn has not come; gives who says so, if there is one of that name.
    pub(super) fn cancel(&mut self, id: JobId) -> Option<Reporter> {
        self.0.iter_mut().find_map(|open| open.cancel(id))
    }
}

impl Open {
    fn go_on(&mut self, ended: &BTreeMap<JobId, JobState>, turn: &mut Turn) {
        for (n, job) in self.jobs.iter().enumerate() {
            if let Some(state) = ended.get(&job.id) {
                self.sequence.ended(n, state);
            }
        }
        for (n, request) in self.sequence.due(AT_ONCE) {
            if let Some(job) = self.jobs.get(n) {
                turn.begin.push((job.clone(), request));
            }
        }
        if self.sequence.is_over() {
            let jobs = self.sequence.not_tried().filter_map(|n| self.jobs.get(n));
            let why = self.sequence.why_not();
            turn.not_tried
                .extend(jobs.map(|job| (job.report.clone(), why.clone())));
            turn.summaries.push(self.sequence.summary());
        }
    }

    fn cancel(&mut self, id: JobId) -> Option<Reporter> {
        let n = self.jobs.iter().position(|job| job.id == id)?;
        let is_next = self.sequence.is_waiting(n);
        is_next.then(|| {
            self.sequence.ended(n, &JobState::Cancelled);
            self.jobs.get(n).map(|job| job.report.clone())
        })?
    }
}
