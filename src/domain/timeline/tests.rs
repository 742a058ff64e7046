//! Entries: what counts as one, how many are kept, what is written down, and their words.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::domain::{Bytes, Health, PerService, Target};
use ServiceKind::{Backend, Frontend, Postgres, Redis};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn shop() -> ProjectName {
    "shop".parse().unwrap()
}

fn entry(second: i64, what: What) -> Entry {
    Entry::once(at(second), what, "").of(&shop(), Some(Backend))
}

fn ended(second: i64, code: i64) -> Entry {
    entry(second, What::Ended { code: Some(code) })
}

/// Kind, first and last second, and count of each entry.
fn shown(timeline: &Timeline) -> Vec<(i64, i64, u32)> {
    let second = |moment: Timestamp| moment.as_second() - at(0).as_second();
    let entries = timeline.entries().iter();
    entries
        .map(|e| (second(e.at), second(e.last), e.times))
        .collect()
}

#[test]
fn a_crash_loop_is_one_entry_for_its_ends_and_one_for_its_starts_every_ten_minutes() {
    let mut timeline = Timeline::default();
    for n in 0..40 {
        timeline.add(ended(n * 30, 1));
        timeline.add(entry(n * 30 + 1, What::Started { again: true }));
    }
    let expected = [(0, 570, 20), (1, 571, 20), (600, 1170, 20), (601, 1171, 20)];
    assert_eq!(shown(&timeline), expected);
}

#[test]
fn what_happens_again_after_three_minutes_is_another_entry() {
    let mut timeline = Timeline::default();
    for second in [0, 179, 358, 538] {
        timeline.add(ended(second, 1));
    }
    assert_eq!(shown(&timeline), [(0, 358, 3), (538, 538, 1)]);
}

#[test]
fn only_what_says_exactly_the_same_is_counted_together() {
    let mut timeline = Timeline::default();
    timeline.add(ended(0, 1));
    timeline.add(ended(1, 137));
    timeline.add(Entry {
        service: Some(Redis),
        ..ended(2, 1)
    });
    timeline.add(Entry {
        project: Some("blog".parse().unwrap()),
        ..ended(3, 1)
    });
    timeline.add(ended(4, 1));
    assert_eq!(
        shown(&timeline),
        [(0, 4, 2), (1, 1, 1), (2, 2, 1), (3, 3, 1)]
    );
}

#[test]
fn what_the_engine_tells_twice_counts_once() {
    let mut timeline = Timeline::default();
    assert!(timeline.add(ended(0, 1)).is_some());
    assert!(timeline.add(ended(0, 1)).is_none());
    timeline.add(ended(9, 1));
    assert!(timeline.add(ended(5, 1)).is_none());
    assert_eq!(shown(&timeline), [(0, 9, 2)]);
}

#[test]
fn what_two_programs_wrote_down_is_one_entry_as_often_as_who_saw_more() {
    let counted = |first, last, times| Entry {
        last: at(last),
        times,
        ..ended(first, 1)
    };
    // The second program was started in the middle.
    let written = [
        counted(0, 0, 1),
        counted(0, 30, 2),
        counted(90, 90, 1),
        counted(0, 90, 4),
        counted(90, 120, 2),
    ];
    let mut timeline = Timeline::default();
    for entry in &written {
        timeline.join(entry.clone());
    }
    assert_eq!(shown(&timeline), [(0, 120, 4)]);
    // In whatever order.
    let mut backwards = Timeline::default();
    for entry in written.iter().rev() {
        backwards.join(entry.clone());
    }
    assert_eq!(shown(&backwards), [(0, 120, 4)]);
    assert!(backwards.join(counted(0, 30, 2)).is_none());
}

#[test]
fn entries_stand_in_order_whenever_they_are_learnt_and_the_oldest_go() {
    let mut timeline = Timeline::of_at_most(3);
    for (second, code) in [(50, 5), (10, 1), (30, 3), (40, 4), (20, 2)] {
        timeline.join(ended(second, code));
    }
    assert_eq!(shown(&timeline), [(30, 30, 1), (40, 40, 1), (50, 50, 1)]);
    let mut long = Timeline::default();
    for n in 0..100_000 {
        long.add(ended(n * 60, n));
    }
    assert_eq!(long.entries().len(), ENTRIES_MAX);
    assert_eq!(long.entries()[0].at, at(99_500 * 60));
}

#[test]
fn entries_read_back_as_they_were_and_words_of_tomorrow_are_no_error() {
    let limits = Limits::default_of(Postgres);
    let all = [
        What::Health {
            from: State::Healthy,
            to: State::CrashLooping,
            blocked_by: Some(Postgres),
        },
        What::Started { again: true },
        What::Ended { code: None },
        What::Ended { code: Some(-1) },
        What::OutOfMemory,
        What::Paused,
        What::Resumed,
        What::Operation {
            id: "1-2-3".into(),
            did: "restart".into(),
            step: Step::Failed,
            by: Some("ann".into()),
            took_ms: Some(1234),
        },
        What::Limits {
            from: limits,
            to: Limits {
                cpus: crate::domain::Cpus::millis(125),
                ..limits
            },
        },
        What::Errors,
        What::Engine { answers: false },
    ];
    for what in all {
        let entry = Entry {
            text: "a \"quoted\" reason".into(),
            ..entry(0, what)
        };
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(
            serde_json::from_str::<Entry>(&text).unwrap(),
            entry,
            "{text}"
        );
    }
    let tomorrow = serde_json::to_string(&entry(0, What::Started { again: true })).unwrap();
    let tomorrow = tomorrow.replace("\"started\"", "\"beamed-up\"");
    let read: Entry = serde_json::from_str(&tomorrow).unwrap();
    assert_eq!(read.what, What::Other);
}

#[test]
fn an_entry_says_what_happened_why_and_how_often() {
    let limits = Limits::default_of(Redis);
    let operation = |step, took_ms| What::Operation {
        id: "x".into(),
        did: "restart".into(),
        step,
        by: Some("ann".into()),
        took_ms,
    };
    for (what, text, words) in [
        (
            What::Health {
                from: State::Healthy,
                to: State::Unhealthy,
                blocked_by: None,
            },
            "HTTP status 503",
            "unhealthy, was healthy: HTTP status 503",
        ),
        (
            What::Health {
                from: State::Unknown,
                to: State::Healthy,
                blocked_by: None,
            },
            "",
            "healthy, first seen",
        ),
        (
            What::Ended { code: Some(137) },
            "",
            "ended with exit code 137 (killed, SIGKILL)",
        ),
        (operation(Step::Begun, None), "", "restart begun by ann"),
        (
            operation(Step::Done, Some(4_149)),
            "redis is healthy",
            "restart done in 4.1s by ann: redis is healthy",
        ),
        (
            operation(Step::Failed, Some(60_000)),
            "no luck",
            "restart failed after 60.0s by ann: no luck",
        ),
        (
            What::Limits {
                from: limits,
                to: Limits {
                    memory: Bytes::mib(256),
                    pids: 8,
                    ..limits
                },
            },
            "",
            "limits are memory 256 MB (was 512 MB), 8 processes (was 64)",
        ),
        (
            What::Engine { answers: false },
            "",
            "the engine is out of reach",
        ),
    ] {
        let entry = Entry {
            text: text.into(),
            ..entry(0, what)
        };
        assert_eq!(entry.words(), words);
    }
    let often = Entry {
        last: at(134),
        times: 5,
        ..ended(0, 1)
    };
    assert_eq!(often.words(), "ended with exit code 1, 5 times in 2m");
    let errors = Entry {
        what: What::Errors,
        text: "ERROR: first".into(),
        ..often
    };
    assert_eq!(
        errors.words(),
        "5 errors in its log within 2m: ERROR: first"
    );
}

#[test]
fn as_markdown_an_entry_is_a_row_and_its_text_marks_nothing_up() {
    let entries = [
        Entry {
            text: "a|b `c` <img> [x](http://y) *z*".into(),
            ..ended(0, 1)
        },
        entry(61, What::Engine { answers: true }).of(&shop(), None),
    ];
    let text = markdown(&Target::project(&shop()), &entries);
    let expected = "# Timeline of shop\n\nTimes are UTC.\n\n| time | service | what |\n| --- | --- | --- |\n\
        | 2027-01-15T08:00:00Z | backend | ended with exit code 1: a\\|b \\`c\\` \\<img\\> \\[x\\](http://y) \\*z\\* |\n\
        | 2027-01-15T08:01:01Z |  | the engine answers again |\n";
    assert_eq!(text, expected);
}

mod noting {
    use super::*;

    fn up(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn is(state: State) -> Health {
        Health {
            state,
            since: Some(at(7)),
            ..Health::default()
        }
    }

    fn change(entries: &[Entry]) -> Vec<(ServiceKind, State, State)> {
        let one = |entry: &Entry| match entry.what {
            What::Health { from, to, .. } => (entry.service.unwrap(), from, to),
            _ => panic!("{entry:?}"),
        };
        entries.iter().map(one).collect()
    }

    const FREE: fn(ServiceKind) -> bool = |_| false;

    #[test]
    fn a_state_counts_once_it_has_lasted_for_a_second() {
        let mut notes = Notes::new(shop(), &Timeline::default());
        notes.see_health(Backend, is(State::Healthy), up(0));
        assert_eq!(notes.next_due(), Some(up(1)));
        assert_eq!(notes.due(FREE, up(0), at(20)), []);
        let first = notes.due(FREE, up(1), at(20));
        assert_eq!(change(&first), [(Backend, State::Unknown, State::Healthy)]);
        assert_eq!(
            first[0].at,
            at(20),
            "since when it was healthy was not seen"
        );
        // A process that ends and is back at once: its end and its start say so.
        notes.see_health(Backend, is(State::Restarting), up(10));
        notes.see_health(Backend, is(State::Starting), up(10));
        assert_eq!(notes.due(FREE, up(15), at(30)), []);
        notes.see_health(Backend, is(State::Healthy), up(16));
        assert_eq!(notes.due(FREE, up(20), at(30)), []);
        assert_eq!(notes.next_due(), None);
        notes.see_health(Backend, is(State::CrashLooping), up(30));
        let second = notes.due(FREE, up(31), at(40));
        let expected = [(Backend, State::Healthy, State::CrashLooping)];
        assert_eq!(change(&second), expected);
        assert_eq!(second[0].at, at(7), "when it became so");
    }

    #[test]
    fn what_an_operation_does_to_its_services_is_said_when_it_is_over() {
        let mut notes = Notes::new(shop(), &Timeline::default());
        for kind in ServiceKind::ALL {
            notes.see_health(kind, is(State::Healthy), up(0));
        }
        notes.due(FREE, up(1), at(10));
        for kind in [Postgres, Backend] {
            notes.see_health(kind, is(State::Stopped), up(5));
        }
        let of_postgres = |kind| kind == Postgres;
        let during = notes.due(of_postgres, up(9), at(20));
        assert_eq!(change(&during), [(Backend, State::Healthy, State::Stopped)]);
        notes.see_health(Postgres, is(State::Healthy), up(10));
        assert_eq!(notes.due(FREE, up(12), at(30)), [], "as it was before");
    }

    #[test]
    fn it_goes_on_where_the_program_before_ended() {
        let mut timeline = Timeline::default();
        for (second, to) in [(0, State::Healthy), (5, State::Stopped)] {
            let from = State::Unknown;
            timeline.join(entry(
                second,
                What::Health {
                    from,
                    to,
                    blocked_by: None,
                },
            ));
        }
        let mut notes = Notes::new(shop(), &timeline);
        notes.see_health(Backend, is(State::Stopped), up(0));
        assert_eq!(notes.due(FREE, up(9), at(9)), []);
        notes.see_health(Backend, is(State::Unhealthy), up(10));
        let seen = notes.due(FREE, up(11), at(20));
        assert_eq!(change(&seen), [(Backend, State::Stopped, State::Unhealthy)]);
    }

    #[test]
    fn who_waits_for_another_says_for_whom() {
        let mut notes = Notes::new(shop(), &Timeline::default());
        let mut all = PerService([
            State::Stopped,
            State::Healthy,
            State::Unhealthy,
            State::Healthy,
        ]);
        all[Frontend] = State::Unhealthy;
        for (kind, state) in all.iter() {
            let mut health = is(*state);
            health.exit_code = (kind == Postgres).then_some(137);
            health.message = "HTTP status 503".into();
            notes.see_health(kind, health, up(0));
        }
        let texts: Vec<_> = notes
            .due(FREE, up(1), at(9))
            .into_iter()
            .map(|entry| entry.text.to_string())
            .collect();
        let expected = [
            "exit code 137 (killed, SIGKILL)",
            "",
            "it needs postgres, which is stopped",
            "it needs postgres, which is stopped",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn limits_are_noted_when_they_change_and_not_when_they_are_first_seen() {
        let mut notes = Notes::new(shop(), &Timeline::default());
        let (old, new) = (Limits::default_of(Redis), Limits::default_of(Postgres));
        assert_eq!(notes.see_limits(Redis, old, at(0)), None);
        assert_eq!(notes.see_limits(Redis, old, at(1)), None);
        let entry = notes.see_limits(Redis, new, at(2)).unwrap();
        assert_eq!(entry.what, What::Limits { from: old, to: new });
    }
}
