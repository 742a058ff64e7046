//! Undo in the list: what was done last to the selection, the other way round. Shown first, and asked.

use super::{Effect, Model, overlay::confirm::Confirm, toasts::Mood};
use crate::{
    domain::Target,
    hub::{Job, JobState, Verb},
};

impl Model {
    /// Asks whether what was done last to the selection is to be undone.
    pub(super) fn undo(&mut self) -> Vec<Effect> {
        let Some(target) = self.fleet.selected() else {
            self.say(Mood::Info, "no project is selected".to_owned());
            return Vec::new();
        };
        let Some(job) = self.last_done(&target).cloned() else {
            let text = format!("nothing was done to {target} from here that could be undone");
            self.say(Mood::Info, text);
            return Vec::new();
        };
        if !self.may_change("undo anything") {
            return Vec::new();
        }
        match job.verb {
            Verb::Start => self.ask(undoing(Confirm::stop(&self.known, &job.target), &job)),
            Verb::Stop => self.ask(undoing(Confirm::start(&self.known, &job.target), &job)),
            Verb::Limits => self.undo_limits(&job.target),
            Verb::Add => {
                let text = format!("{} was added: `remove` takes it out again", job.target);
                self.say(Mood::Info, text);
            }
            _ => {
                let text = format!("{} of {} cannot be undone", job.did, job.target);
                self.say(Mood::Info, text);
            }
        }
        Vec::new()
    }

    /// The newest operation that did what was asked with `target`, or with the project that it belongs to.
    fn last_done(&self, target: &Target) -> Option<&Job> {
        let mine = |job: &&Job| {
            let same = job.target.project == target.project;
            let kind = target.service.is_none() || job.target.service.is_none();
            same && (kind || job.target.service == target.service)
        };
        let done = |job: &&Job| matches!(job.state, JobState::Done(_));
        self.known.jobs.values().rev().filter(mine).find(done)
    }
}

fn undoing(confirm: Confirm, job: &Job) -> Confirm {
    let title = format!("Undo {} of {}: {}", job.did, job.target, confirm.title);
    Confirm { title, ..confirm }
}
