//! Every rule of the verdict, as stories: what is seen, and what it is called afterwards.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::domain::{Container, Phase};

const START: Duration = Duration::from_secs(30);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn container(phase: Phase) -> Container {
    Container {
        id: "a".to_owned(),
        phase,
        started_at: Some(at(0)),
        ..Container::default()
    }
}

/// A tracker with a clock of its own that moves five seconds with every check.
struct Story {
    tracker: Tracker,
    container: Container,
    now: i64,
}

impl Story {
    /// A container was seen starting at second 0.
    fn new() -> Self {
        let mut story = Self {
            tracker: Tracker::new(SLOW, START),
            container: container(Phase::Running),
            now: 0,
        };
        story
            .tracker
            .see_container(Some(&container(Phase::Created)), true, at(0));
        story.look();
        story
    }

    /// Running, started long ago, healthy.
    fn healthy() -> Self {
        let mut story = Self::new();
        story.pass(100);
        story.good();
        assert_eq!(story.state(), State::Healthy);
        story
    }

    fn pass(&mut self, seconds: i64) {
        self.now += seconds;
    }

    fn look(&mut self) -> State {
        self.tracker
            .see_container(Some(&self.container), false, at(self.now));
        self.state()
    }

    fn check(&mut self, millis: u64, result: Result<Safe, Safe>) -> State {
        self.now += 5;
        let latency = Duration::from_millis(millis);
        self.tracker
            .see_check(Check { latency, result }, at(self.now));
        self.state()
    }

    fn good(&mut self) -> State {
        self.check(3, Ok("PONG".into()))
    }

    fn bad(&mut self) -> State {
        self.check(5_000, Err("connection refused".into()))
    }

    /// The process ended with `code`; the engine waits before it starts it again.
    fn crash(&mut self, code: i64) -> State {
        self.pass(1);
        self.container.phase = Phase::Restarting;
        self.container.exit_code = code;
        self.container.restart_count += 1;
        self.look()
    }

    /// The process was started (again).
    fn start(&mut self) -> State {
        self.pass(1);
        self.container.phase = Phase::Running;
        self.container.exit_code = 0;
        self.container.started_at = Some(at(self.now));
        self.look()
    }

    fn state(&self) -> State {
        self.health().state
    }

    fn health(&self) -> &Health {
        self.tracker.health()
    }
}

#[test]
fn what_does_not_run_is_named_by_its_phase() {
    for (phase, state) in [
        (Phase::Created, State::Stopped),
        (Phase::Exited, State::Stopped),
        (Phase::Dead, State::Stopped),
        (Phase::Removing, State::Stopped),
        (Phase::Restarting, State::Restarting),
        (Phase::Paused, State::Unhealthy),
        (Phase::Other, State::Unknown),
        (Phase::Running, State::Starting),
    ] {
        let mut tracker = Tracker::new(SLOW, START);
        tracker.see_container(Some(&container(phase)), false, at(1));
        assert_eq!(tracker.health().state, state, "{phase:?}");
        tracker.see_container(None, false, at(2));
        assert_eq!(tracker.health().state, State::Missing);
        if state != State::Unknown {
            assert_eq!(tracker.health().since, Some(at(2)), "{phase:?}");
        }
    }
}

#[test]
fn what_was_so_before_we_looked_has_the_engines_moment() {
    let now = at(86_400);
    let mut up = Tracker::new(SLOW, START);
    up.see_container(Some(&container(Phase::Running)), false, now);
    let (latency, result) = (Duration::from_millis(2), Ok("PONG".into()));
    up.see_check(Check { latency, result }, now);
    assert_eq!(up.health().state, State::Healthy);
    assert_eq!(up.health().since, Some(at(0)), "since its start");

    let mut down = Tracker::new(SLOW, START);
    let ended = Container {
        finished_at: Some(at(500)),
        ..container(Phase::Exited)
    };
    down.see_container(Some(&ended), false, now);
    assert_eq!(down.health().since, Some(at(500)), "since its end");

    let mut absent = Tracker::new(SLOW, START);
    absent.see_container(None, false, now);
    assert_eq!(absent.health().since, None, "nobody knows since when");
    absent.see_container(Some(&ended), false, at(90_000));
    assert_eq!(absent.health().since, Some(at(90_000)), "seen by ourselves");

    let mut ahead = Tracker::new(SLOW, START);
    ahead.see_container(Some(&container(Phase::Running)), false, at(-60));
    assert_eq!(ahead.health().since, Some(at(-60)), "never in the future");
}

#[test]
fn nothing_is_known_before_anything_was_seen() {
    let tracker = Tracker::new(SLOW, START);
    assert_eq!(tracker.health(), &Health::default());
    let mut tracker = Tracker::new(SLOW, START);
    // Up for a day, and nobody asked it yet: neither starting nor sick.
    tracker.see_container(Some(&container(Phase::Running)), false, at(86_400));
    assert_eq!(tracker.health().state, State::Unknown);
}

#[test]
fn checks_alone_are_enough_for_a_verdict() {
    let mut tracker = Tracker::new(SLOW, START);
    let good = Check {
        latency: Duration::ZERO,
        result: Ok("PONG".into()),
    };
    tracker.see_check(good, at(0));
    assert_eq!(tracker.health().state, State::Healthy);
    tracker.see_container(Some(&container(Phase::Running)), false, at(1));
    assert_eq!(tracker.health().state, State::Healthy);
}

#[test]
fn failures_within_the_start_timeout_are_part_of_starting() {
    let mut story = Story::new();
    for _ in 0..5 {
        assert_eq!(story.bad(), State::Starting);
    }
    assert_eq!(story.health().message.as_str(), "connection refused");
    assert_eq!(story.health().since, Some(at(0)));
    // The sixth ends at second 30, when the timeout is over: it never answered.
    assert_eq!(story.bad(), State::Unhealthy);
    assert_eq!(story.health().since, Some(at(30)));
    assert_eq!(story.good(), State::Healthy);
}

#[test]
fn other_bounds_count_at_once() {
    let mut story = Story::healthy();
    let slower = Duration::from_millis(1);
    story.tracker.set_bounds(slower, START, at(story.now));
    assert_eq!(story.state(), State::Degraded);
    assert_eq!(story.health().since, Some(at(story.now)));
    story.tracker.set_bounds(SLOW, START, at(story.now));
    assert_eq!(story.state(), State::Healthy);

    let mut story = Story::new();
    story.pass(40);
    assert_eq!(story.bad(), State::Unhealthy);
    story.tracker.set_bounds(SLOW, START * 2, at(story.now));
    assert_eq!(story.state(), State::Starting);
}

#[test]
fn after_its_first_answer_three_failures_make_it_unhealthy_even_within_the_start_timeout() {
    let mut story = Story::new();
    assert_eq!(story.good(), State::Healthy);
    assert_eq!(story.bad(), State::Degraded);
    assert!(!story.health().serves());
    assert_eq!(story.bad(), State::Degraded);
    assert_eq!(story.bad(), State::Unhealthy);
    assert_eq!(story.health().failures, 3);
    assert_eq!(story.good(), State::Healthy);
    assert_eq!(story.health().failures, 0);
}

#[test]
fn slow_answers_degrade_and_still_serve() {
    let mut story = Story::healthy();
    assert_eq!(story.check(1_000, Ok("PONG".into())), State::Healthy);
    assert_eq!(story.check(1_001, Ok("PONG".into())), State::Degraded);
    assert!(story.health().serves());
    assert_eq!(story.health().latency, Some(Duration::from_millis(1_001)));
    assert_eq!(story.bad(), State::Degraded);
    assert_eq!(story.health().latency, Some(Duration::from_millis(1_001)));
    assert_eq!(story.good(), State::Healthy);
}

#[test]
fn since_moves_only_with_the_state() {
    let mut story = Story::healthy();
    let since = story.health().since;
    story.good();
    story.look();
    assert_eq!(story.health().since, since);
    story.bad();
    let degraded = story.health().since;
    assert_eq!(degraded, Some(at(story.now)));
    story.bad();
    assert_eq!(story.health().since, degraded);
}

#[test]
fn history_keeps_the_last_checks_in_order() {
    let mut story = Story::healthy();
    for _ in 0..HISTORY_MAX {
        story.good();
    }
    story.check(2_000, Ok("PONG".into()));
    story.bad();
    let history = &story.health().history;
    assert_eq!(history.len(), HISTORY_MAX);
    assert_eq!(history[HISTORY_MAX - 1], Tick::Failed);
    assert_eq!(history[HISTORY_MAX - 2], Tick::Slow(Duration::from_secs(2)));
    assert_eq!(history[0], Tick::Ok(Duration::from_millis(3)));
}

#[test]
fn p52_a_flapping_service_needs_two_answers_to_be_trusted() {
    let mut story = Story::healthy();
    story.bad();
    assert_eq!(story.good(), State::Healthy, "one failure is not flapping");
    assert_eq!(story.bad(), State::Degraded);
    assert_eq!(story.good(), State::Degraded, "it is now");
    assert_eq!(story.good(), State::Healthy);
    for _ in 0..3 {
        story.bad();
    }
    assert_eq!(story.state(), State::Unhealthy);
    assert_eq!(story.good(), State::Unhealthy);
    assert!(!story.health().serves());
    assert_eq!(
        story.bad(),
        State::Unhealthy,
        "one answer did not make it healthy"
    );
    story.good();
    assert_eq!(story.good(), State::Healthy);
    for _ in 0..10 {
        story.good();
    }
    story.bad();
    assert_eq!(story.good(), State::Healthy, "it has calmed down");
}

#[test]
fn p52_three_failures_in_a_row_and_no_fewer_make_it_unhealthy() {
    let mut story = Story::healthy();
    for _ in 0..20 {
        story.bad();
        assert_eq!(story.bad(), State::Degraded);
        story.good();
        story.good();
    }
    assert_eq!(story.state(), State::Healthy);
}

#[test]
fn a_restart_begins_anew() {
    let mut story = Story::healthy();
    for _ in 0..3 {
        story.bad();
    }
    assert_eq!(story.start(), State::Starting);
    let health = story.health();
    assert_eq!(
        (health.failures, health.latency, health.message.as_str()),
        (0, None, "")
    );
    assert_eq!(health.started_at, Some(at(story.now)));
    assert_eq!(story.bad(), State::Starting);
    assert_eq!(story.good(), State::Healthy);
    story.container.id = "b".to_owned();
    assert_eq!(
        story.look(),
        State::Starting,
        "another container is another start"
    );
}

#[test]
fn p31_a_start_that_was_seen_is_timed_by_our_own_clock() {
    for skew in [-600, 600] {
        let mut story = Story::healthy();
        story.container.started_at = Some(at(story.now + skew));
        assert_eq!(story.look(), State::Starting);
        story.pass(20);
        assert_eq!(story.bad(), State::Starting, "{skew}");
        assert_eq!(story.bad(), State::Unhealthy, "{skew}");
    }
}

#[test]
fn p30_a_clock_that_is_set_back_does_not_prolong_a_start() {
    let mut story = Story::new();
    story.now = -3_600;
    assert_eq!(story.bad(), State::Starting);
    story.pass(30);
    assert_eq!(story.bad(), State::Unhealthy);
}

#[test]
fn late_results_of_what_no_longer_runs_are_ignored() {
    let mut story = Story::healthy();
    story.container.phase = Phase::Exited;
    story.look();
    assert_eq!(story.good(), State::Stopped);
    story.container.phase = Phase::Paused;
    story.look();
    assert_eq!(story.bad(), State::Unhealthy);
    assert_eq!(story.health().message.as_str(), "paused");
    story.tracker.see_container(None, false, at(story.now));
    assert_eq!(story.good(), State::Missing);
}

#[test]
fn after_a_pause_it_is_what_it_was() {
    let mut story = Story::healthy();
    story.container.phase = Phase::Paused;
    assert_eq!(story.look(), State::Unhealthy);
    story.container.phase = Phase::Running;
    assert_eq!(story.look(), State::Healthy);
    assert_eq!(story.health().message.as_str(), "");
}

#[test]
fn the_third_unexpected_exit_in_five_minutes_is_a_crash_loop() {
    let mut story = Story::healthy();
    assert_eq!(story.crash(7), State::Restarting);
    assert_eq!(
        (story.health().exit_code, story.health().restarts),
        (Some(7), 1)
    );
    assert_eq!(story.start(), State::Starting);
    assert_eq!(story.crash(7), State::Restarting);
    story.start();
    assert_eq!(story.crash(7), State::CrashLooping);
    assert_eq!(
        story.start(),
        State::CrashLooping,
        "running for a moment changes nothing"
    );
    assert_eq!(story.health().exit_code, Some(7));
}

#[test]
fn exits_between_two_looks_count_by_the_restart_count() {
    let mut story = Story::healthy();
    story.container.restart_count = 3;
    assert_eq!(story.start(), State::CrashLooping);
    assert_eq!(
        story.health().exit_code,
        None,
        "the engine no longer says with what"
    );
}

#[test]
fn exits_spread_over_more_than_five_minutes_are_no_loop() {
    let mut story = Story::healthy();
    for _ in 0..10 {
        assert_eq!(story.crash(1), State::Restarting);
        story.start();
        story.good();
        story.pass(150);
    }
}

#[test]
fn restarts_from_before_we_looked_are_no_loop() {
    let mut tracker = Tracker::new(SLOW, START);
    let mut seen = container(Phase::Running);
    seen.restart_count = 9;
    tracker.see_container(Some(&seen), false, at(10));
    assert_eq!(tracker.health().state, State::Starting);
    assert_eq!(tracker.health().restarts, 9);
}

#[test]
fn a_crash_loop_turns_green_only_after_a_minute_of_peace_and_two_answers() {
    let mut story = Story::healthy();
    for _ in 0..3 {
        story.crash(1);
        story.start();
    }
    for _ in 0..11 {
        assert_eq!(story.good(), State::CrashLooping);
    }
    assert_eq!(story.good(), State::Healthy);
    assert_eq!(
        story.bad(),
        State::Degraded,
        "it does not become a loop again without an exit"
    );
    story.good();
    assert_eq!(
        story.crash(1),
        State::CrashLooping,
        "one more exit within the window does"
    );
}

#[test]
fn a_crash_loop_that_never_answers_is_judged_by_its_checks_once_the_window_is_over() {
    let mut story = Story::healthy();
    for _ in 0..3 {
        story.crash(1);
        story.start();
    }
    story.pass(200);
    assert_eq!(story.bad(), State::CrashLooping);
    story.pass(100);
    assert_eq!(story.bad(), State::Unhealthy);
}

#[test]
fn exits_that_an_operation_of_ours_caused_are_no_surprise() {
    let mut story = Story::healthy();
    for _ in 0..5 {
        story.container.phase = Phase::Exited;
        story.container.exit_code = 137;
        story
            .tracker
            .see_container(Some(&story.container), true, at(story.now));
        assert_eq!(story.state(), State::Stopped);
        story.pass(1);
        story.container.phase = Phase::Running;
        story.container.started_at = Some(at(story.now));
        story
            .tracker
            .see_container(Some(&story.container), true, at(story.now));
        assert_eq!(story.state(), State::Starting);
    }
}

#[test]
fn a_planned_restart_gives_a_crash_loop_a_new_chance() {
    let mut story = Story::healthy();
    for _ in 0..3 {
        story.crash(1);
        story.start();
    }
    story.pass(1);
    story.container.started_at = Some(at(story.now));
    story.container.restart_count = 0;
    story
        .tracker
        .see_container(Some(&story.container), true, at(story.now));
    assert_eq!(story.state(), State::Starting);
    assert_eq!(story.good(), State::Healthy);
}

#[test]
fn ends_that_nobody_planned_count_unless_somebody_asked_for_them() {
    for (code, state) in [
        (1, State::CrashLooping),
        (137, State::CrashLooping),
        (0, State::Starting),
        (143, State::Starting),
    ] {
        let mut story = Story::healthy();
        for _ in 0..3 {
            story.pass(1);
            story.container.phase = Phase::Exited;
            story.container.exit_code = code;
            assert_eq!(story.look(), State::Stopped);
            assert_eq!(story.health().exit_code, Some(code));
            story.start();
        }
        assert_eq!(story.state(), state, "{code}");
    }
}

#[test]
fn p62_an_oom_event_before_the_end_is_told_with_it() {
    let mut story = Story::healthy();
    story.tracker.see_oom(at(story.now));
    assert!(!story.health().oom_killed, "its process still runs");
    story.crash(137);
    assert!(story.health().oom_killed);
    story.start();
    assert!(story.health().oom_killed, "the last end stays known");
    story.crash(1);
    assert!(!story.health().oom_killed, "the next one had another cause");
}

#[test]
fn p62_an_oom_event_after_the_end_is_told_too() {
    let mut story = Story::healthy();
    story.container.restart_count = 1;
    story.start();
    assert_eq!(
        (story.health().oom_killed, story.health().exit_code),
        (false, None)
    );
    story.tracker.see_oom(at(story.now + 1));
    assert_eq!(
        (story.health().oom_killed, story.health().exit_code),
        (true, Some(137))
    );
}

#[test]
fn an_oom_event_of_a_child_is_not_held_against_a_later_end() {
    let mut story = Story::healthy();
    story.tracker.see_oom(at(story.now));
    story.pass(60);
    story.crash(137);
    assert!(!story.health().oom_killed);
}

#[test]
fn the_engines_sticky_oom_flag_counts_only_for_a_fresh_kill_that_was_not_ours() {
    for (phase, code, planned, told) in [
        (Phase::Exited, 137, false, true),
        (Phase::Restarting, 137, false, true),
        (Phase::Exited, 137, true, false),
        (Phase::Exited, 0, false, false),
        (Phase::Running, 0, false, false),
    ] {
        let mut story = Story::healthy();
        story.container.phase = phase;
        story.container.exit_code = code;
        story.container.oom_killed = true;
        story
            .tracker
            .see_container(Some(&story.container), planned, at(story.now));
        assert_eq!(
            story.health().oom_killed,
            told,
            "{phase:?} {code} {planned}"
        );
    }
}

#[test]
fn an_end_from_before_we_looked_is_told() {
    let mut tracker = Tracker::new(SLOW, START);
    let mut seen = container(Phase::Exited);
    seen.exit_code = 137;
    seen.oom_killed = true;
    tracker.see_container(Some(&seen), false, at(1_000));
    let health = tracker.health();
    assert_eq!((health.exit_code, health.oom_killed), (Some(137), true));
    assert!(health.is_problem());
}

#[test]
fn a_start_that_the_engine_refused_keeps_its_words() {
    let mut tracker = Tracker::new(SLOW, START);
    let mut seen = container(Phase::Created);
    seen.started_at = None;
    seen.exit_code = 128;
    seen.error = "port is already allocated".into();
    tracker.see_container(Some(&seen), true, at(1));
    let health = tracker.health();
    assert_eq!(health.state, State::Stopped);
    assert_eq!(health.message.as_str(), "port is already allocated");
    assert!(health.is_problem());
}

#[test]
fn p54_when_the_engine_is_lost_nothing_is_known() {
    let mut story = Story::healthy();
    story.tracker.lose("engine out of reach".into(), at(200));
    assert_eq!(story.state(), State::Unknown);
    assert_eq!(story.health().since, Some(at(200)));
    assert_eq!(story.health().message.as_str(), "engine out of reach");
    assert!(!story.health().serves());
    story.tracker.lose("still".into(), at(201));
    assert_eq!(story.health().since, Some(at(200)));
    // The engine answers again, but an old answer of the service is no news of it.
    story.now = 202;
    assert_eq!(story.look(), State::Unknown);
    assert_eq!(story.good(), State::Healthy);
}

#[test]
fn p54_what_does_not_run_is_known_again_with_the_first_look() {
    let mut story = Story::healthy();
    story.tracker.lose("engine out of reach".into(), at(200));
    story.tracker.see_container(None, false, at(201));
    assert_eq!(
        (story.state(), story.health().message.as_str()),
        (State::Missing, "")
    );
    story.tracker.lose("engine out of reach".into(), at(202));
    story.tracker.see_container(None, false, at(203));
    assert_eq!(
        (story.state(), story.health().message.as_str()),
        (State::Missing, "")
    );
    story.tracker.lose("engine out of reach".into(), at(204));
    story.container.phase = Phase::Exited;
    assert_eq!(story.look(), State::Stopped);
}

#[test]
fn drift_is_told_beside_the_state() {
    let mut story = Story::healthy();
    story.tracker.set_drift(true);
    story.good();
    assert!(story.health().drift);
    assert_eq!(story.state(), State::Healthy);
}

#[test]
fn problems_are_what_an_operator_should_look_at() {
    let health = |state, exit_code, oom_killed| Health {
        state,
        exit_code,
        oom_killed,
        ..Health::default()
    };
    for (state, code, oom, problem) in [
        (State::Unhealthy, None, false, true),
        (State::Degraded, None, false, true),
        (State::Restarting, Some(0), false, true),
        (State::CrashLooping, Some(1), false, true),
        (State::Stopped, None, false, false),
        (State::Stopped, Some(0), false, false),
        (State::Stopped, Some(143), false, false),
        (State::Stopped, Some(137), false, false),
        (State::Stopped, Some(137), true, true),
        (State::Stopped, Some(1), false, true),
        (State::Missing, None, false, false),
        (State::Starting, None, false, false),
        (State::Healthy, Some(1), true, false),
        (State::Unknown, None, false, false),
    ] {
        assert_eq!(
            health(state, code, oom).is_problem(),
            problem,
            "{state:?} {code:?} {oom}"
        );
    }
}

#[test]
fn the_worst_comes_first() {
    let order = [
        State::CrashLooping,
        State::Unhealthy,
        State::Restarting,
        State::Degraded,
        State::Unknown,
        State::Starting,
        State::Stopped,
        State::Healthy,
    ];
    let severity = |state| {
        Health {
            state,
            ..Health::default()
        }
        .severity()
    };
    assert!(order.is_sorted_by(|a, b| severity(*a) > severity(*b)));
    let crashed = Health {
        state: State::Stopped,
        exit_code: Some(1),
        ..Health::default()
    };
    assert!(crashed.severity() > severity(State::Degraded));
}
