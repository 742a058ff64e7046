//! Where a cut log stream goes on, so that each line is shown once. No I/O.

use crate::domain::{LogLine, Timestamp};

/// Where a stream goes on: after so many lines of the last second that any line was of. Counted, not compared by time:
/// the engine writes the two streams of a container in the order in which it takes them, and their times may cross.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Resume {
    latest: Option<Timestamp>,
    /// Lines so far of the second of `latest`.
    seen: u32,
}

/// Lines of a reopened stream that were seen before, by [`Resume`].
#[derive(Debug, Clone)]
pub(super) struct Skip {
    point: Resume,
    passed: u32,
}

impl Resume {
    /// What has to be skipped when the stream is opened again from [`Self::since`].
    pub(super) fn skip(self) -> Skip {
        Skip {
            point: self,
            passed: 0,
        }
    }

    /// The moment from which to ask again; the engine knows whole seconds only.
    pub(super) fn since(self) -> Option<Timestamp> {
        self.latest
    }

    /// A line of that moment was read.
    pub(super) fn note(&mut self, at: Timestamp) {
        let second = |at: Timestamp| at.as_second();
        match self.latest.map(second) {
            Some(last) if second(at) == last => self.seen += 1,
            // Asked again from a later second, the engine leaves it out.
            Some(last) if second(at) < last => {}
            _ => self.seen = 1,
        }
        self.latest = self.latest.max(Some(at));
    }
}

impl Skip {
    /// True if `line` was seen before the stream was reopened.
    pub(super) fn is_old(&mut self, line: &LogLine) -> bool {
        let Some(latest) = self.point.latest else {
            return false;
        };
        if line.at.as_second() < latest.as_second() {
            return true;
        }
        // Nothing that is later was seen, also if the engine has dropped the beginning of its log meanwhile.
        let old = line.at <= latest && self.passed < self.point.seen;
        self.passed += u32::from(old);
        old
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{LogStream, log::Part, safe::LogText};

    fn line(second: i64, text: &str) -> LogLine {
        LogLine {
            at: Timestamp::from_second(second).unwrap(),
            stream: LogStream::Out,
            text: LogText::from_bytes(text.as_bytes()),
            cut: 0,
            part: Part::Whole,
        }
    }

    #[test]
    fn p06_a_resumed_stream_shows_each_line_once_also_with_equal_times() {
        let all = [
            line(1, "a"),
            line(2, "b"),
            line(2, "c"),
            line(2, "d"),
            line(3, "e"),
        ];
        for cut in 0..=all.len() {
            let (mut resume, mut shown) = (Resume::default(), Vec::new());
            for line in &all[..cut] {
                resume.note(line.at);
                shown.push(line.text.plain());
            }
            let mut skip = resume.skip();
            for line in all.iter().filter(|line| !skip.is_old(line)) {
                shown.push(line.text.plain());
            }
            assert_eq!(shown.concat(), "abcde", "cut after {cut}");
        }
    }

    #[test]
    fn lines_whose_times_cross_are_neither_lost_nor_repeated() {
        let at = |nanos: i32, text: &str| LogLine {
            at: Timestamp::new(9, nanos).unwrap(),
            ..line(9, text)
        };
        let all = [
            at(5, "a"),
            at(9, "b"),
            at(7, "c"),
            at(8, "d"),
            line(10, "e"),
        ];
        for cut in 0..=all.len() {
            let (mut resume, mut shown) = (Resume::default(), String::new());
            for line in &all[..cut] {
                resume.note(line.at);
                shown += &line.text.plain();
            }
            let since = resume.since().map_or(0, Timestamp::as_second);
            let mut skip = resume.skip();
            for line in all.iter().filter(|line| line.at.as_second() >= since) {
                if !skip.is_old(line) {
                    shown += &line.text.plain();
                }
            }
            assert_eq!(shown, "abcde", "cut after {cut}");
        }
    }

    #[test]
    fn what_the_engine_dropped_meanwhile_makes_no_new_line_old() {
        let mut resume = Resume::default();
        for _ in 0..3 {
            resume.note(line(9, "dropped").at);
        }
        let mut skip = resume.skip();
        let later = LogLine {
            at: Timestamp::new(9, 5).unwrap(),
            ..line(9, "new")
        };
        assert!(!skip.is_old(&later));
    }
}
