//! How a service ended: killed for memory, ended before anybody looked, or never begun.
use super::*;

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
fn an_end_keeps_the_limit_and_the_peak_of_its_run() {
    let mut story = Story::healthy();
    story.container.settings.memory = Bytes::mib(256);
    story.tracker.see_peak(Bytes::mib(250));
    story.look();
    story.tracker.see_oom(at(story.now));
    story.crash(137);
    let health = story.health();
    assert!(health.oom_killed);
    assert_eq!(
        (health.limit, health.peak),
        (Some(Bytes::mib(256)), Some(Bytes::mib(250)))
    );
    story.start();
    story.crash(1);
    assert_eq!(story.health().peak, None, "nobody looked at this run");
}
