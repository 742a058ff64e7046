//! Which task follows which service, and whether one that broke down is begun again.

use super::{FollowId, Older, place::Place};
use crate::domain::{ServiceId, log::Window};
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    sync::watch,
    task::{AbortHandle, Id},
    time::Instant,
};

/// A stream that breaks down is begun again so many times within [`BREAKDOWN_WINDOW`]: what breaks it may come again.
const BREAKDOWNS_MAX: usize = 3;
/// See [`BREAKDOWNS_MAX`].
const BREAKDOWN_WINDOW: Duration = Duration::from_mins(1);

/// One service that is followed, and how far.
#[derive(Debug, Clone)]
pub(super) struct Followed {
    pub(super) follow: FollowId,
    pub(super) service: ServiceId,
    /// Where its log begins.
    pub(super) window: Window,
    /// How far it was read: outlives the task that reads.
    pub(super) place: watch::Sender<Place>,
    /// When it broke down, at most [`BREAKDOWNS_MAX`] times.
    breakdowns: Vec<Instant>,
}

impl Followed {
    pub(super) fn new(follow: FollowId, service: ServiceId, window: Window) -> Self {
        Self {
            follow,
            service,
            window,
            place: watch::Sender::default(),
            breakdowns: Vec::new(),
        }
    }

    /// Notes that its task broke down; true if it may begin again.
    fn may_go_on(&mut self, now: Instant) -> bool {
        let recent = |at: &Instant| now.duration_since(*at) < BREAKDOWN_WINDOW;
        self.breakdowns.retain(recent);
        let may = self.breakdowns.len() < BREAKDOWNS_MAX;
        if may {
            self.breakdowns.push(now);
        }
        may
    }
}

/// What becomes of a stream whose task broke down.
#[derive(Debug)]
pub(super) enum Broken {
    /// It is to begin again.
    Again(Followed),
    /// It broke down too often, and stays ended.
    Ended(ServiceId),
}

/// The streams that are open, by their tasks.
#[derive(Debug, Default)]
pub(super) struct Tails(BTreeMap<Id, Open>);

/// A stream that is open.
#[derive(Debug)]
struct Open {
    task: AbortHandle,
    followed: Followed,
    /// Who looks for older lines, or did last.
    older: Option<AbortHandle>,
}

impl Open {
    fn abort(&self) {
        self.task.abort();
        if let Some(older) = &self.older {
            older.abort();
        }
    }
}

impl Tails {
    /// `task` reads `followed` from now on.
    pub(super) fn begun(&mut self, task: AbortHandle, followed: Followed) {
        let open = Open {
            task,
            followed,
            older: None,
        };
        self.0.insert(open.task.id(), open);
    }

    /// Ends all streams of `follow`. Dropping one closes its connection at once.
    pub(super) fn end(&mut self, follow: FollowId) {
        let its = |open: &Open| {
            let its = open.followed.follow == follow;
            if its {
                open.abort();
            }
            its
        };
        self.0.retain(|_, open| !its(open));
    }

    /// Where to put the task that answers `wish`; `None` if its stream is not open, or one is under way.
    pub(super) fn free_for_older(&mut self, wish: &Older) -> Option<&mut Option<AbortHandle>> {
        let its = |open: &&mut Open| {
            open.followed.follow == wish.follow && open.followed.service == wish.service
        };
        let open = self.0.values_mut().find(its)?;
        let busy = open.older.as_ref().is_some_and(|task| !task.is_finished());
        (!busy).then_some(&mut open.older)
    }

    /// The task ended by itself.
    pub(super) fn ended(&mut self, task: Id) {
        self.0.remove(&task);
    }

    /// The only stream, without its task.
    #[cfg(test)]
    pub(super) fn take(&mut self) -> Option<Followed> {
        let (_, open) = self.0.pop_first()?;
        open.abort();
        Some(open.followed)
    }

    /// The task broke down; `None` if it was none of these.
    pub(super) fn broke_down(&mut self, task: Id) -> Option<Broken> {
        let mut followed = self.0.remove(&task)?.followed;
        Some(if followed.may_go_on(Instant::now()) {
            Broken::Again(followed)
        } else {
            Broken::Ended(followed.service)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::ServiceKind;

    #[test]
    fn p23_a_stream_begins_again_three_times_a_minute() {
        let service = ServiceId::new(&"shop".parse().unwrap(), ServiceKind::Redis);
        let mut followed = Followed::new(FollowId(1), service, Window::Tail(10));
        let began = Instant::now();
        let mut at = |seconds| followed.may_go_on(began + Duration::from_secs(seconds));
        assert_eq!([0, 20, 40, 59].map(&mut at), [true, true, true, false]);
        assert_eq!([61, 62, 81].map(&mut at), [true, false, true]);
    }
}
