//! Several operations that were asked for together: which may begin, what becomes of each, and when it is enough. Decides;
//! the supervisor and the command line do.

use super::{JobState, Request, Verb};
use crate::domain::{Safe, Target};

/// Operations that one wish may hold: more than a fleet has services that anybody marks by hand.
pub const REQUESTS_MAX: usize = 256;
/// Names that a summary lists.
const NAMES_MAX: usize = 6;

/// In which order operations that were asked for together are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Pace {
    /// Side by side, and each whatever becomes of the others.
    #[default]
    Together,
    /// One after the other: the next begins when the one before is done and healthy. After the first that is not, none.
    Rolling,
}

/// Operations that were asked for together.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Batch {
    /// What is to be done, in order.
    pub requests: Vec<Request>,
    /// How.
    pub pace: Pace,
}

/// What became of one of them.
#[derive(Debug, Clone, PartialEq)]
enum Fate {
    Waiting,
    Running,
    Done,
    Failed,
    Cancelled,
    NotTried,
}

/// How far a batch is.
#[derive(Debug, Clone)]
pub struct Sequence {
    items: Vec<(Request, Fate)>,
    pace: Pace,
    /// The target whose failure or end by the operator stopped the rest.
    stopped_by: Option<Target>,
}

impl Sequence {
    /// Nothing of it has begun.
    #[must_use]
    pub fn new(batch: Batch) -> Self {
        let requests = batch.requests.into_iter().take(REQUESTS_MAX);
        Self {
            items: requests.map(|request| (request, Fate::Waiting)).collect(),
            pace: batch.pace,
            stopped_by: None,
        }
    }

    /// What may begin now, with `room` for so many at once; it counts as running from here on.
    pub fn due(&mut self, room: usize) -> Vec<(usize, Request)> {
        let at_once = match self.pace {
            Pace::Together => room,
            Pace::Rolling => room.min(1),
        };
        let running = self.count(&Fate::Running);
        let items = self.items.iter_mut().enumerate();
        let waiting = items.filter(|(_, (_, fate))| *fate == Fate::Waiting);
        waiting
            .take(at_once.saturating_sub(running))
            .map(|(n, (request, fate))| {
                *fate = Fate::Running;
                (n, request.clone())
            })
            .collect()
    }

    /// Takes in how the one of that number ended.
    pub fn ended(&mut self, n: usize, state: &JobState) {
        let Some((request, fate)) = self.items.get_mut(n) else {
            return;
        };
        *fate = match state {
            JobState::Waiting | JobState::Running => return,
            JobState::Done(_) => Fate::Done,
            JobState::Failed(_) => Fate::Failed,
            JobState::Cancelled => Fate::Cancelled,
        };
        if *fate != Fate::Done && self.pace == Pace::Rolling {
            let target = request.target();
            self.stop(target);
        }
    }

    /// Nothing more begins.
    pub fn stop(&mut self, because_of: Target) {
        self.stopped_by.get_or_insert(because_of);
        for (_, fate) in &mut self.items {
            if *fate == Fate::Waiting {
                *fate = Fate::NotTried;
            }
        }
    }

    /// True if the one of that number has not had its turn.
    #[must_use]
    pub fn is_waiting(&self, n: usize) -> bool {
        self.items
            .get(n)
            .is_some_and(|(_, fate)| *fate == Fate::Waiting)
    }

    /// True once nothing more will happen.
    #[must_use]
    pub fn is_over(&self) -> bool {
        let is_open = |fate: &Fate| matches!(fate, Fate::Waiting | Fate::Running);
        !self.items.iter().any(|(_, fate)| is_open(fate))
    }

    /// True if all of it was done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.count(&Fate::Done) == self.items.len()
    }

    /// The numbers of those that will not be tried.
    pub fn not_tried(&self) -> impl Iterator<Item = usize> {
        let items = self.items.iter().enumerate();
        items.filter_map(|(n, (_, fate))| (*fate == Fate::NotTried).then_some(n))
    }

    /// Why they will not be.
    #[must_use]
    pub fn why_not(&self) -> Safe {
        match &self.stopped_by {
            Some(target) => Safe::new(format!("not tried: {target} did not get there")),
            None => Safe::default(),
        }
    }

    /// What became of them all: `rolling restart: 1 of 3 done, 1 failed: blog; not tried: crm`.
    #[must_use]
    pub fn summary(&self) -> Safe {
        let (done, all) = (self.count(&Fate::Done), self.items.len());
        let mut words = format!("{}: {done} of {all} done", self.name());
        for (fate, word) in [
            (Fate::Failed, "failed"),
            (Fate::Cancelled, "cancelled"),
            (Fate::NotTried, "not tried"),
        ] {
            let named = self.names(&fate);
            if !named.is_empty() {
                words += &format!("; {word}: {named}");
            }
        }
        Safe::new(words)
    }

    fn name(&self) -> String {
        let verb = self.items.first().map(|(request, _)| request.verb());
        let verb = verb.unwrap_or(Verb::Restart).as_str();
        match self.pace {
            Pace::Together => verb.to_owned(),
            Pace::Rolling => format!("rolling {verb}"),
        }
    }

    fn names(&self, wanted: &Fate) -> String {
        let mine = self.items.iter().filter(|(_, fate)| fate == wanted);
        let names: Vec<String> = mine.map(|(r, _)| r.target().to_string()).collect();
        let shown = names.len().min(NAMES_MAX);
        let first = names.get(..shown).unwrap_or_default().join(", ");
        match names.len() - shown {
            0 => first,
            more => format!("{first} and {more} more"),
        }
    }

    fn count(&self, wanted: &Fate) -> usize {
        self.items.iter().filter(|(_, fate)| fate == wanted).count()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{domain::ProjectName, hub::Failure};

    fn of(names: &[&str], pace: Pace) -> Sequence {
        let restart = |name: &&str| Request::restart(name.parse::<ProjectName>().unwrap());
        Sequence::new(Batch {
            requests: names.iter().map(restart).collect(),
            pace,
        })
    }

    fn due(sequence: &mut Sequence) -> Vec<usize> {
        let due = sequence.due(8).into_iter();
        due.map(|(n, _)| n).collect()
    }

    fn done() -> JobState {
        JobState::Done(Safe::default())
    }

    fn failed() -> JobState {
        JobState::Failed(Failure::operation("no"))
    }

    #[test]
    fn rolling_goes_one_by_one_and_stops_at_the_first_that_fails() {
        let mut rolling = of(&["shop", "blog", "crm", "docs"], Pace::Rolling);
        assert_eq!(due(&mut rolling), [0]);
        assert_eq!(due(&mut rolling), [0; 0]);
        rolling.ended(0, &JobState::Running);
        assert_eq!(due(&mut rolling), [0; 0]);
        rolling.ended(0, &done());
        assert_eq!(due(&mut rolling), [1]);
        rolling.ended(1, &failed());
        assert_eq!(due(&mut rolling), [0; 0]);
        assert!(rolling.is_over() && !rolling.is_done());
        assert_eq!(rolling.not_tried().collect::<Vec<_>>(), [2, 3]);
        let words = "rolling restart: 1 of 4 done; failed: blog; not tried: crm, docs";
        assert_eq!(rolling.summary().as_str(), words);
        let why = "not tried: blog did not get there";
        assert_eq!(rolling.why_not().as_str(), why);
    }

    #[test]
    fn what_is_cancelled_stops_a_rolling_one_too() {
        let mut rolling = of(&["shop", "blog"], Pace::Rolling);
        due(&mut rolling);
        rolling.ended(0, &JobState::Cancelled);
        let words = "rolling restart: 0 of 2 done; cancelled: shop; not tried: blog";
        assert_eq!(rolling.summary().as_str(), words);
    }

    #[test]
    fn together_so_many_at_once_and_a_failed_one_keeps_no_other_back() {
        let mut together = of(&["shop", "blog", "crm"], Pace::Together);
        let first: Vec<usize> = together.due(2).into_iter().map(|(n, _)| n).collect();
        assert_eq!(first, [0, 1]);
        together.ended(0, &failed());
        assert_eq!(due(&mut together), [2]);
        together.ended(1, &done());
        assert!(!together.is_over());
        together.ended(2, &done());
        assert!(together.is_over() && !together.is_done());
        let words = "restart: 2 of 3 done; failed: shop";
        assert_eq!(together.summary().as_str(), words);
    }

    #[test]
    fn a_long_list_of_names_is_cut() {
        let names: Vec<String> = (0..300).map(|n| format!("p{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut rolling = of(&names, Pace::Rolling);
        due(&mut rolling);
        rolling.ended(0, &failed());
        let words = "rolling restart: 0 of 256 done; failed: p0; not tried: p1, p2, p3, p4, p5, p6 and 249 more";
        assert_eq!(rolling.summary().as_str(), words);
    }
}
