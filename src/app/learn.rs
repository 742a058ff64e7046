//! Facts: what they change besides what is known: messages, the limits editor, the form.

use super::{
    Effect, Model,
    limits::Outcome,
    overlay::{
        Overlay,
        confirm::{Confirm, below_use_text},
        form::Try,
    },
    toasts::Mood,
};
use crate::{
    domain::ServiceId,
    hub::{Command, Fact, Failure, FailureKind, Job, JobState, Request, Verb},
};

impl Model {
    pub(super) fn learn(&mut self, fact: Fact) -> Vec<Effect> {
        match &fact {
            Fact::Notice(text) => self.say(Mood::Info, text.to_string()),
            Fact::Job(job) => self.learn_job(job),
            Fact::HubFile(None) if self.known.hub_file.is_some() => {
                self.say(Mood::Good, "the hub file can be used again".to_owned());
            }
            _ => {}
        }
        self.known.learn(fact, self.now);
        Vec::new()
    }

    fn learn_job(&mut self, job: &Job) {
        self.learn_limits_job(job);
        self.learn_add_job(job);
        let what = format!("{} {}", job.verb.as_str(), job.target);
        match &job.state {
            JobState::Waiting | JobState::Running => {}
            JobState::Done(text) if text.is_empty() => {
                self.say(Mood::Good, format!("{what}: done"))
            }
            JobState::Done(text) => self.say(Mood::Good, text.to_string()),
            JobState::Cancelled => self.say(Mood::Info, format!("{what}: cancelled")),
            JobState::Failed(failure) if self.is_asked_elsewhere(job, failure) => {}
            JobState::Failed(failure) => {
                let text = super::detail::failure_text(failure);
                self.say(Mood::Bad, format!("{what}: {text}"));
            }
        }
    }

    /// True if a dialog or a form says it already, at the place where it belongs.
    fn is_asked_elsewhere(&self, job: &Job, failure: &Failure) -> bool {
        if job.verb == Verb::Add {
            return matches!(&self.overlay, Some(Overlay::Add(_)));
        }
        let shown = self.limits.as_ref().is_some_and(|editor| {
            matches!(editor.outcome, Outcome::Failed(_))
                && job.target == editor.service.clone().into()
        });
        let asked = failure.kind == FailureKind::NeedsConfirm;
        job.verb == Verb::Limits && (shown || (asked && self.overlay.is_some()))
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

    fn learn_limits_job(&mut self, job: &Job) {
        let Some(editor) = &mut self.limits else {
            return;
        };
        let mine = job.target == editor.service.clone().into() && job.verb == Verb::Limits;
        let Outcome::Sent(wished) = editor.outcome else {
            return;
        };
        if !mine || editor.job.is_some_and(|id| id != job.id) {
            return;
        }
        editor.job = Some(job.id);
        match &job.state {
            JobState::Waiting | JobState::Running => return,
            JobState::Done(text) => {
                editor.outcome = Outcome::Done(text.to_string());
                editor.touched = false;
            }
            JobState::Cancelled => editor.outcome = Outcome::None,
            JobState::Failed(failure) => {
                editor.outcome = Outcome::Failed(failure.clone());
                editor.undo.pop();
                let id = editor.service.clone();
                self.ask_below_use(&id, wished, failure);
            }
        }
        if let Some(editor) = &mut self.limits {
            editor.job = None;
        }
    }

    /// The hub found memory below what is in use when it looked: the question comes now.
    fn ask_below_use(&mut self, id: &ServiceId, wished: crate::domain::Limits, failure: &Failure) {
        let Some(row) = self.known.rows.get(&id.project) else {
            return;
        };
        if failure.kind != FailureKind::NeedsConfirm || self.overlay.is_some() {
            return;
        }
        let used = row.usage[id.kind].map(|usage| usage.memory);
        let text = used.map_or_else(
            || failure.message.to_string(),
            |used| below_use_text(id, wished.memory, used),
        );
        let command = Command::Run(Request::Limits {
            service: id.clone(),
            change: super::limits::change(row.limits_of(id.kind), wished),
            seen: self.limits.as_ref().map(|editor| editor.seen),
            below_use: true,
        });
        let confirm = Confirm::below_use(&self.known, id, command, text);
        self.ask(confirm);
    }
}
