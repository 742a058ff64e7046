//! Operations that were asked for together: each has its turn, and what became of them is summed up.

use super::Supervisor;
use crate::hub::{
    Fact, JobId,
    sequence::{Batch, REQUESTS_MAX},
};

impl Supervisor {
    /// Every operation of it gets its name at once, so that all can be seen and cancelled.
    pub(super) async fn take_batch(&mut self, batch: Batch) {
        if !self.open_batches.has_room() {
            let text = "too many wait to be done one after the other: nothing was begun";
            return self.say(text.to_owned()).await;
        }
        let mut booked = Vec::new();
        for request in batch.requests.iter().take(REQUESTS_MAX) {
            let job = self.jobs.book(request);
            job.report.wait("waits for its turn; x cancels");
            booked.push(job);
        }
        self.open_batches.take(batch, booked);
        self.go_on().await;
    }

    pub(super) async fn cancel(&mut self, id: JobId) {
        match self.open_batches.cancel(id) {
            Some(report) => report.cancelled().await,
            None => self.jobs.cancel(id).await,
        }
        self.go_on().await;
    }

    /// What ended may let others begin, or be the last of several.
    pub(super) async fn go_on(&mut self) {
        loop {
            let turn = self.open_batches.go_on(&self.jobs.take_ended());
            for (report, why) in turn.not_tried {
                report.not_tried(why).await;
            }
            for text in turn.summaries {
                // As in [`Self::say`].
                let _ = self.facts.send(Fact::Notice(text)).await;
            }
            let is_calm = turn.begin.is_empty();
            for (booked, request) in turn.begin {
                if let Some(ready) = self.jobs.line_up(booked, request).await {
                    self.begin(ready);
                }
            }
            // Each round begins something that waited: there is a last one.
            if is_calm {
                break;
            }
        }
        self.busy.send_replace(self.jobs.busy());
    }
}
