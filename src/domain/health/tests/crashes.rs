//! Exits that nobody asked for, and the loops that they make.
use super::*;

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
fn ends_that_the_engine_remembers_from_before_we_looked_make_a_loop() {
    let mut tracker = Tracker::new(SLOW, START);
    let mut seen = container(Phase::Running);
    seen.restart_count = 9;
    tracker.see_container(Some(&seen), false, at(1000));
    let end = |second| Crash {
        at: at(second),
        code: Some(3),
    };
    let ends = [end(600), end(800), end(900), end(990)];
    tracker.see_past(&ends, true, at(1001));
    let health = tracker.health();
    assert_eq!(health.state, State::CrashLooping);
    assert_eq!((health.exit_code, health.oom_killed), (Some(3), true));
    assert_eq!(health.crashes.len(), 3, "one is older than the window");
    tracker.see_past(&ends, true, at(1002));
    assert_eq!(
        tracker.health().crashes.len(),
        3,
        "told twice, counted once"
    );
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
fn each_crash_keeps_its_exit_code_whether_the_engine_says_it_before_the_look_or_after() {
    let mut story = Story::healthy();
    story.tracker.see_exit(3, at(story.now));
    story.container.restart_count = 1;
    story.start();
    assert_eq!(story.health().exit_code, Some(3));
    story.container.restart_count = 2;
    story.pass(60);
    story.start();
    assert_eq!(story.health().exit_code, None, "nobody said it yet");
    story.tracker.see_exit(4, at(story.now + 1));
    story.pass(60);
    assert_eq!(story.crash(5), State::CrashLooping);
    let codes: Vec<_> = story.health().crashes.iter().map(|c| c.code).collect();
    assert_eq!(codes, [Some(3), Some(4), Some(5)]);
    assert_eq!(story.health().ended_at, Some(at(story.now)));
}

#[test]
fn an_exit_that_was_said_long_ago_is_not_that_of_a_later_end() {
    let mut story = Story::healthy();
    story.tracker.see_exit(3, at(story.now));
    story.pass(60);
    story.container.restart_count = 1;
    story.start();
    assert_eq!(story.health().exit_code, None);
}
