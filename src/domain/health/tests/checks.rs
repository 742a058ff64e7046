//! What checks make of a service that runs: answers, failures, slowness, and a start that is still under way.
use super::*;

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
