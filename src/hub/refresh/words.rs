//! When a service's last words are read, and whether they are news. No I/O.

use crate::domain::log::LastWord;
use std::time::Duration;
use tokio::time::Instant;

/// Who turned red has this long to say why: a log is often slower than an event.
const SETTLE: Duration = Duration::from_millis(500);
/// While somebody looks at it, a sick service is asked this often.
const AGAIN: Duration = Duration::from_secs(15);

/// What a service said last, as far as it was asked.
#[derive(Debug, Default)]
pub(in crate::hub) struct Words {
    /// Since when it has been red.
    red: Option<Instant>,
    asked: Option<Instant>,
    asking: bool,
    told: Vec<LastWord>,
}

impl Words {
    /// True while the question is under way.
    pub(in crate::hub) const fn asking(&self) -> bool {
        self.asking
    }

    /// True if it is to be asked now.
    pub(super) fn is_due(&mut self, is_red: bool, is_seen: bool, now: Instant) -> bool {
        if !is_red {
            // The front end forgets them, too.
            self.red = None;
            self.asked = None;
            self.told.clear();
            return false;
        }
        let since = *self.red.get_or_insert(now);
        let due = match self.asked {
            None => since + SETTLE,
            Some(asked) if is_seen => asked + AGAIN,
            Some(_) => return false,
        };
        !self.asking && due <= now
    }

    /// The question is sent.
    pub(super) const fn ask(&mut self, now: Instant) {
        self.asking = true;
        self.asked = Some(now);
    }

    /// The question was dropped together with its engine.
    pub(in crate::hub) const fn forget_question(&mut self) {
        self.asking = false;
        self.asked = None;
    }

    /// Takes the answer; gives it if it is news about a service that is still red.
    pub(super) fn heard(&mut self, words: Option<Vec<LastWord>>) -> Option<Vec<LastWord>> {
        self.asking = false;
        let words = words.filter(|words| self.red.is_some() && *words != self.told)?;
        self.told.clone_from(&words);
        Some(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn said(text: &str) -> Option<Vec<LastWord>> {
        let at = Timestamp::UNIX_EPOCH;
        Some(vec![LastWord {
            at,
            text: text.into(),
        }])
    }

    #[test]
    fn who_turns_red_is_asked_once_and_again_only_while_somebody_looks() {
        let (began, mut words) = (Instant::now(), Words::default());
        let after = |ms| began + Duration::from_millis(ms);
        assert!(
            !words.is_due(false, true, began),
            "what is well is not asked"
        );
        assert!(
            !words.is_due(true, false, after(0)),
            "it may not have said it yet"
        );
        assert!(words.is_due(true, false, after(500)));
        words.ask(after(500));
        assert!(
            !words.is_due(true, true, after(60_000)),
            "one question at a time"
        );
        assert_eq!(words.heard(said("a")), said("a"));
        assert!(!words.is_due(true, false, after(3_600_000)), "nobody looks");
        assert!(!words.is_due(true, true, after(15_499)));
        assert!(words.is_due(true, true, after(15_500)));
        words.ask(after(15_500));
        assert_eq!(words.heard(said("a")), None, "no news");
        assert!(!words.is_due(false, true, after(16_000)));
        assert!(
            !words.is_due(true, true, after(17_000)),
            "red again, asked anew"
        );
        assert!(words.is_due(true, true, after(17_500)));
        words.ask(after(17_500));
        assert_eq!(words.heard(said("a")), said("a"));
    }

    #[test]
    fn words_of_what_is_well_again_are_not_told() {
        let (now, mut words) = (Instant::now(), Words::default());
        words.is_due(true, true, now);
        words.ask(now + SETTLE);
        words.is_due(false, true, now + SETTLE);
        assert_eq!(words.heard(said("late")), None);
    }
}
