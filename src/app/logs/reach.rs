//! Which part of the logs is asked for: the last or the first lines, the last minutes, a moment; and what is older.

use super::{Key, LogPane, Place, Top, moment};
use crate::{
    app::{
        Action, Effect, Model,
        pane::{Focus, Tab},
    },
    domain::{Timestamp, log::Window},
    hub::{Command, FollowId, Older},
};
use jiff::{SignedDuration, tz::TimeZone};
use std::time::Duration;

/// Lines of each service from the beginning of its log.
const HEAD_LINES: u32 = 1_000;
/// Lines of each service from a moment on.
const FROM_LINES: u32 = 10_000;

/// Which part of the logs is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// The last lines, and all that come.
    #[default]
    Tail,
    /// The first lines that the engine has.
    Head,
    /// What was printed in so many minutes, and all that comes.
    Last(u32),
    /// What was printed from then on.
    From(Timestamp),
}

/// What each key asks for.
pub const CHOICES: [(Action, Reach); 7] = [
    (Action::Tail, Reach::Tail),
    (Action::Head, Reach::Head),
    (Action::LastMinute, Reach::Last(1)),
    (Action::Last5Minutes, Reach::Last(5)),
    (Action::Last15Minutes, Reach::Last(15)),
    (Action::Last30Minutes, Reach::Last(30)),
    (Action::LastHour, Reach::Last(60)),
];

impl Reach {
    /// What an action asks for, if it does.
    #[must_use]
    pub fn of(action: Action) -> Option<Self> {
        let choice = CHOICES.iter().find(|(key, _)| *key == action);
        choice.map(|(_, reach)| *reach)
    }

    /// What is asked of the hub now; `tail` is the usual number of lines.
    #[must_use]
    pub fn window(self, now: Timestamp, tail: u32) -> Window {
        match self {
            Self::Tail => Window::Tail(tail),
            Self::Head => Window::Head(HEAD_LINES),
            Self::From(at) => Window::From {
                at,
                lines: FROM_LINES,
            },
            Self::Last(minutes) => {
                let ago = SignedDuration::from_mins(minutes.into());
                Window::Since(now.checked_sub(ago).unwrap_or(Timestamp::MIN))
            }
        }
    }

    /// True if it does not go on for ever: its end need not be the log's.
    #[must_use]
    pub const fn ends(self) -> bool {
        matches!(self, Self::Head | Self::From(_))
    }

    /// What the title says of it; nothing of the usual one.
    #[must_use]
    pub fn words(self, zone: &TimeZone) -> Option<String> {
        match self {
            Self::Tail => None,
            Self::Head => Some("first lines".to_owned()),
            Self::Last(60) => Some("last 1h".to_owned()),
            Self::Last(minutes) => Some(format!("last {minutes}m")),
            Self::From(at) => {
                let at = at.to_zoned(zone.clone());
                Some(format!("from {}", at.strftime("%H:%M:%S")))
            }
        }
    }
}

impl LogPane {
    /// Asks for another part of the logs; gives the stream that is no longer needed.
    fn reach_for(&mut self, reach: Reach) -> Option<FollowId> {
        self.reach = reach;
        self.begin()
    }

    /// Where the reader stands in a log that begins now.
    pub(super) fn first_place(&self) -> Place {
        if self.reach.ends() {
            return Place::Paused {
                top: Top::FIRST,
                fresh: 0,
            };
        }
        Place::Live
    }

    /// Nothing that comes before all rows moves the reader.
    pub(super) fn hold_place(&mut self) {
        let first = self.buffer.walk(Key::FIRST).next().map(|s| s.row.key);
        if let (Place::Paused { top, .. }, Some(first)) = (&mut self.place, first) {
            top.key = top.key.max(first);
        }
    }

    /// Goes to the first row of that moment or later; false if it is not among what is there.
    fn go_to_moment(&mut self, at: Timestamp) -> bool {
        let key = Key::at(at);
        let covers = |lane: &super::Lane| {
            let begins = lane.rows().front().map(|row| row.key <= key);
            begins.unwrap_or(true) || (lane.complete && lane.dropped() == 0)
        };
        let is_after_end = self.buffer.walk(key).next().is_none();
        let is_there = !self.buffer.is_empty() && self.buffer.heard().all(covers);
        if !is_there || (is_after_end && self.reach.ends()) {
            return false;
        }
        let first = self.buffer.walk(key).next();
        let key = first.map_or(Key::LAST, |shown| shown.row.key);
        self.stay(Top { key, skip: 0 }.min(self.top_of_end()));
        true
    }

    /// What to ask for, if the reader has just looked for more at the top: one page of each service that has no row
    /// above. `up` is the time since the program began.
    pub fn older(&mut self, up: Duration) -> Vec<Older> {
        let looks_back = std::mem::take(&mut self.looks_back);
        let Some(follow) = self.follow.filter(|_| looks_back) else {
            return Vec::new();
        };
        if self.reach == Reach::Head {
            return Vec::new();
        }
        let nothing = self.buffer.walk(Key::FIRST).next().is_none();
        let top = if nothing { Key::FIRST } else { self.top().key };
        self.buffer.older(follow, top, self.window.since(), up)
    }
}

impl Model {
    /// Another part of the logs, wherever the keys are.
    pub(in crate::app) fn reach_for(&mut self, reach: Reach) -> Vec<Effect> {
        if self.fleet.project.is_none() {
            return Vec::new();
        }
        self.show(Tab::Logs);
        self.focus = Focus::Pane;
        let old = self.logs.reach_for(reach);
        let old = old.map(|id| Effect::Hub(Command::Unfollow(id)));
        old.into_iter().collect()
    }

    /// Follows or stays; a log that has an end is left for one that goes on.
    pub(in crate::app) fn toggle_follow(&mut self) -> Vec<Effect> {
        if self.logs.reach.ends() {
            return self.reach_for(Reach::Tail);
        }
        self.logs.toggle_follow();
        Vec::new()
    }

    /// Goes to the moment that was typed, or asks for it; says what may be typed.
    pub(in crate::app) fn jump(&mut self) -> Vec<Effect> {
        let Some(asking) = &mut self.logs.asking else {
            return Vec::new();
        };
        let at = moment::parse(asking.field.text(), self.now, &self.settings.zone);
        match at {
            Ok(at) => {
                self.logs.asking = None;
                if self.logs.go_to_moment(at) {
                    return Vec::new();
                }
                self.reach_for(Reach::From(at))
            }
            Err(why) => {
                asking.error = Some(why.to_owned());
                Vec::new()
            }
        }
    }
}
