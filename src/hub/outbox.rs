//! Between the tasks and the front end: a front end that does not read (a blocked terminal) never stops a task, because
//! of each thing only the newest fact waits.

use super::{
    Fact, JobId,
    timeline::{Seen, overhear},
};
use crate::domain::{ProjectName, ServiceId};
use std::collections::{BTreeMap, VecDeque};
use tokio::sync::mpsc;

/// Notices and alarms that wait for a front end; older ones are dropped first.
const NOTICES_MAX: usize = 64;
/// Ended jobs that wait for a front end; a front end that misses more than these learns of the newest.
const JOBS_MAX: usize = 256;

/// What a fact is about: a newer fact with the same key replaces an older one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Engine,
    HubFile,
    Projects,
    Presets,
    Keys,
    Theme,
    Adopted,
    Others(ProjectName),
    Health(ServiceId),
    Usage(ServiceId),
    Host,
    Limits(ServiceId),
    Findings(ServiceId),
    LastWords(ServiceId),
    Job(JobId),
    Timeline(ProjectName),
}

/// Facts that wait, in the order in which their keys were first heard of.
#[derive(Debug, Default)]
struct Waiting {
    order: VecDeque<Key>,
    newest: BTreeMap<Key, Fact>,
    notices: VecDeque<Fact>,
}

impl Waiting {
    fn put(&mut self, fact: Fact) {
        let Some(key) = key_of(&fact) else {
            self.notices.push_back(fact);
            if self.notices.len() > NOTICES_MAX {
                self.notices.pop_front();
            }
            return;
        };
        if self.newest.insert(key.clone(), fact).is_none() {
            self.order.push_back(key);
            self.drop_oldest_job();
        }
    }

    fn drop_oldest_job(&mut self) {
        let is_job = |key: &Key| matches!(key, Key::Job(_));
        if self.order.iter().filter(|key| is_job(key)).count() <= JOBS_MAX {
            return;
        }
        if let Some(at) = self.order.iter().position(is_job)
            && let Some(key) = self.order.remove(at)
        {
            self.newest.remove(&key);
        }
    }

    fn take(&mut self) -> Option<Fact> {
        let keyed = self
            .order
            .pop_front()
            .and_then(|key| self.newest.remove(&key));
        keyed.or_else(|| self.notices.pop_front())
    }

    fn is_empty(&self) -> bool {
        self.order.is_empty() && self.notices.is_empty()
    }
}

fn key_of(fact: &Fact) -> Option<Key> {
    Some(match fact {
        Fact::Engine(_) => Key::Engine,
        Fact::HubFile(_) => Key::HubFile,
        Fact::Projects(_) => Key::Projects,
        Fact::Presets(_) => Key::Presets,
        Fact::Keys(_) => Key::Keys,
        Fact::Theme(_) => Key::Theme,
        Fact::Adopted(_) => Key::Adopted,
        Fact::Others(project, _) => Key::Others(project.clone()),
        Fact::Health(id, _) => Key::Health(id.clone()),
        Fact::Usage(id, _) => Key::Usage(id.clone()),
        Fact::Host(_) => Key::Host,
        Fact::Limits(id, _) => Key::Limits(id.clone()),
        Fact::Findings(id, _) => Key::Findings(id.clone()),
        Fact::LastWords(id, _) => Key::LastWords(id.clone()),
        Fact::Job(job) => Key::Job(job.id),
        Fact::Timeline(project, _) => Key::Timeline(project.clone()),
        Fact::Alarm(_) | Fact::Notice(_) => return None,
    })
}

/// Passes facts on until either side is gone; `seen` hears them, too.
pub(super) async fn forward(
    mut from: mpsc::Receiver<Fact>,
    to: mpsc::Sender<Fact>,
    seen: mpsc::Sender<Seen>,
) {
    let mut waiting = Waiting::default();
    loop {
        tokio::select! {
            fact = from.recv() => match fact {
                Some(fact) => {
                    overhear(&seen, &fact);
                    waiting.put(fact);
                }
                None => break,
            },
            room = to.reserve(), if !waiting.is_empty() => {
                let Ok(room) = room else { return };
                if let Some(fact) = waiting.take() {
                    room.send(fact);
                }
            }
        }
    }
    while let Some(fact) = waiting.take() {
        if to.send(fact).await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{Health, Safe, ServiceKind, State};

    fn health(kind: ServiceKind, state: State) -> Fact {
        let id = ServiceId::new(&"shop".parse().unwrap(), kind);
        let health = Health {
            state,
            ..Health::default()
        };
        Fact::Health(id, Box::new(health))
    }

    #[tokio::test]
    async fn a_front_end_that_does_not_read_gets_only_the_newest_of_each_thing() {
        let (from, inbox) = mpsc::channel(1);
        let (to, mut front_end) = mpsc::channel(1);
        let task = tokio::spawn(forward(inbox, to, mpsc::channel(1).0));
        for round in 0..1000 {
            let state = if round == 999 {
                State::Healthy
            } else {
                State::Starting
            };
            from.send(health(ServiceKind::Redis, state)).await.unwrap();
        }
        from.send(Fact::Notice(Safe::new("last"))).await.unwrap();
        drop(from);
        let mut got = Vec::new();
        while let Some(fact) = front_end.recv().await {
            got.push(fact);
        }
        task.await.unwrap();
        assert!(got.len() <= 4, "{} facts", got.len());
        assert!(got.contains(&health(ServiceKind::Redis, State::Healthy)));
        assert_eq!(got.last().unwrap(), &Fact::Notice(Safe::new("last")));
    }
}
