//! Facts: what they change besides what is known: messages, changes of limits, the form.

use super::{
    Effect, Model,
    overlay::{Overlay, form::Try},
    toasts::Mood,
};
use crate::hub::{Fact, Job, JobState, Verb};

impl Model {
    pub(super) fn learn(&mut self, fact: Fact) -> Vec<Effect> {
        let mut effects = Vec::new();
        match &fact {
            Fact::Notice(text) => self.say(Mood::Info, text.to_string()),
            Fact::Job(job) => effects = self.learn_job(job),
            Fact::Alarm(alarm) => effects = self.learn_alarm(alarm),
            Fact::HubFile(None) if self.known.hub_file.is_some() => {
                self.say(Mood::Good, "the hub file can be used again".to_owned());
            }
            _ => {}
        }
        self.known.learn(fact, self.now);
        effects
    }

    fn learn_job(&mut self, job: &Job) -> Vec<Effect> {
        let (is_said, effects) = self.learn_limits(job);
        self.learn_add_job(job);
        if !is_said {
            self.say_job(job);
        }
        effects
    }

    fn say_job(&mut self, job: &Job) {
        let what = format!("{} {}", job.did, job.target);
        match &job.state {
            JobState::Waiting | JobState::Running => {}
            JobState::Done(text) if text.is_empty() => {
                self.say(Mood::Good, format!("{what}: done"))
            }
            JobState::Done(text) => self.say(Mood::Good, text.to_string()),
            // Not tried: what is said about all of them together tells that.
            JobState::Cancelled if !job.progress.text.is_empty() => {}
            JobState::Cancelled => self.say(Mood::Info, format!("{what}: cancelled")),
            JobState::Failed(_) if self.is_said_by_form(job) => {}
            JobState::Failed(failure) => {
                let text = super::detail::failure_text(failure);
                self.say(Mood::Bad, format!("{what}: {text}"));
            }
        }
    }

    /// True if the form says it already, at the place where it belongs.
    fn is_said_by_form(&self, job: &Job) -> bool {
        job.verb == Verb::Add && matches!(&self.overlay, Some(Overlay::Add(_)))
    }

    fn learn_add_job(&mut self, job: &Job) {
        let Some(Overlay::Add(form)) = &mut self.overlay else {
            return;
        };
        let Try::Sent(name) = &form.tried else {
            return;
        };
        if job.verb != Verb::Add || job.target.project != *name {
            return;
        }
        match &job.state {
            JobState::Waiting | JobState::Running => {}
            JobState::Failed(failure) => form.tried = Try::Failed(failure.clone()),
            JobState::Cancelled => form.tried = Try::None,
            JobState::Done(_) => {
                self.fleet.project = Some(name.clone());
                self.fleet.column = None;
                self.overlay = None;
            }
        }
    }
}
