//! Every rule of the verdict, as stories: what is seen, and what it is called afterwards.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::domain::{Container, Phase};

mod checks;
mod crashes;
mod ends;

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
