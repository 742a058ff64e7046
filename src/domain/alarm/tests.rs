//! Who is called for what: causes, once, and never for what somebody just asked for.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::domain::{Timestamp, health::Crash};
use ServiceKind::{Backend, Frontend, Postgres, Redis};
use State::{CrashLooping, Degraded, Healthy, Missing, Restarting, Starting, Stopped, Unhealthy};

/// A project that an operator watches; moments are seconds.
struct Story {
    alarms: Alarms,
    health: PerService<Health>,
    up: u64,
}

fn is(state: State) -> Health {
    Health {
        state,
        ..Health::default()
    }
}

fn stopped(code: i64) -> Health {
    Health {
        exit_code: Some(code),
        ..is(Stopped)
    }
}

impl Story {
    /// All four are this.
    fn of(state: State) -> Self {
        let mut story = Self {
            alarms: Alarms::default(),
            health: PerService::from_fn(|_| is(state)),
            up: 1_000,
        };
        for kind in ServiceKind::ALL {
            assert_eq!(story.becomes(kind, is(state)), [], "{kind}");
        }
        story
    }

    fn shop() -> ProjectName {
        "shop".parse().unwrap()
    }

    fn up(&self) -> Duration {
        Duration::from_secs(self.up)
    }

    fn becomes(&mut self, kind: ServiceKind, health: Health) -> Vec<(ServiceKind, State)> {
        self.health[kind] = health.clone();
        self.alarms
            .see(&ServiceId::new(&Self::shop(), kind), health);
        self.called()
    }

    fn called(&mut self) -> Vec<(ServiceKind, State)> {
        let alarms = self.alarms.due(self.up());
        let one = |alarm: Alarm| (alarm.service.kind, alarm.state);
        alarms.into_iter().map(one).collect()
    }

    /// Lets time pass; gives the calls with the second after which they came.
    fn pass(&mut self, seconds: u64) -> Vec<(u64, ServiceKind)> {
        let begin = self.up;
        let mut calls = Vec::new();
        while self.up < begin + seconds {
            self.up += 1;
            let called = self.called();
            calls.extend(called.into_iter().map(|(kind, _)| (self.up - begin, kind)));
        }
        calls
    }

    fn begin(&mut self, service: Option<ServiceKind>, deed: Deed) {
        let target = Target {
            project: Self::shop(),
            service,
        };
        self.alarms.begin("op", &target, deed, self.up());
    }

    fn end(&mut self, done: bool) {
        self.alarms.end("op", done, self.up());
    }

    fn crashes(&mut self, kind: ServiceKind, state: State) -> Vec<(ServiceKind, State)> {
        let mut health = is(state);
        health.crashes = self.health[kind].crashes.clone();
        let at = Timestamp::from_second(i64::try_from(self.up).unwrap()).unwrap();
        health.crashes.push_back(Crash { at, code: Some(1) });
        self.becomes(kind, health)
    }
}

#[test]
fn a_cause_calls_at_once_and_only_once_and_its_victims_never() {
    let mut story = Story::of(Healthy);
    assert_eq!(story.becomes(Postgres, stopped(137)), [(Postgres, Stopped)]);
    assert_eq!(story.becomes(Backend, is(Degraded)), []);
    assert_eq!(story.becomes(Backend, is(Unhealthy)), []);
    assert_eq!(story.becomes(Frontend, is(Unhealthy)), []);
    assert_eq!(story.pass(3_600), []);
}

#[test]
fn who_waited_gets_time_to_recover_and_calls_if_it_does_not() {
    let mut story = Story::of(Healthy);
    story.becomes(Postgres, stopped(137));
    story.becomes(Backend, is(Unhealthy));
    story.becomes(Frontend, is(Unhealthy));
    story.pass(60);
    assert_eq!(story.becomes(Postgres, is(Healthy)), []);
    assert_eq!(story.pass(15), []);
    assert_eq!(story.becomes(Frontend, is(Healthy)), []);
    let late = story.pass(60);
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].1, Backend);
}

#[test]
fn a_victim_that_is_seen_before_its_cause_does_not_call() {
    let mut story = Story::of(Healthy);
    let doubtful = Health {
        failures: 2,
        ..is(Degraded)
    };
    assert_eq!(story.becomes(Postgres, doubtful.clone()), []);
    assert_eq!(story.becomes(Backend, is(Unhealthy)), []);
    assert_eq!(story.pass(5), []);
    assert_eq!(
        story.becomes(Postgres, is(Unhealthy)),
        [(Postgres, Unhealthy)]
    );
    assert_eq!(story.pass(600), []);
    // Where the need was well after all, it is the service itself.
    let mut story = Story::of(Healthy);
    story.becomes(Postgres, doubtful);
    story.becomes(Backend, is(Unhealthy));
    assert_eq!(story.becomes(Postgres, is(Healthy)), [(Backend, Unhealthy)]);
}

#[test]
fn what_is_red_when_the_program_starts_is_seen_and_does_not_call() {
    let mut story = Story::of(Unhealthy);
    assert_eq!(story.pass(600), []);
    story.becomes(Redis, is(Healthy));
    assert_eq!(story.becomes(Redis, is(Unhealthy)), [(Redis, Unhealthy)]);
}

#[test]
fn an_end_that_nobody_asked_for_calls_also_if_the_process_is_back_at_once() {
    let mut story = Story::of(Healthy);
    assert_eq!(story.crashes(Redis, Starting), [(Redis, Starting)]);
    assert_eq!(story.becomes(Redis, is(Healthy)), []);
    assert_eq!(story.pass(60), []);
}

#[test]
fn a_crash_loop_calls_once_and_flapping_once_in_five_minutes() {
    let mut story = Story::of(Healthy);
    let mut calls = Vec::new();
    for _ in 0..20 {
        calls.extend(story.crashes(Backend, Restarting));
        calls.extend(story.crashes(Backend, CrashLooping));
        story.pass(10);
    }
    assert_eq!(calls, [(Backend, Restarting)]);
    let mut story = Story::of(Healthy);
    let mut calls = 0;
    for _ in 0..60 {
        calls += story.becomes(Redis, is(Unhealthy)).len();
        story.pass(5);
        calls += story.becomes(Redis, is(Healthy)).len();
        story.pass(5);
    }
    assert_eq!(calls, 2, "in ten minutes");
}

#[test]
fn m5_a_restart_that_was_asked_for_does_not_call() {
    for service in [None, Some(Postgres)] {
        let mut story = Story::of(Healthy);
        story.begin(service, Deed::Up);
        for state in [Stopped, Starting] {
            assert_eq!(story.becomes(Postgres, is(state)), []);
            assert_eq!(story.becomes(Backend, is(Unhealthy)), []);
            assert_eq!(story.pass(10), []);
        }
        story.end(true);
        assert_eq!(story.becomes(Postgres, is(Healthy)), []);
        assert_eq!(story.pass(5), []);
        assert_eq!(story.becomes(Backend, is(Healthy)), []);
        assert_eq!(story.pass(600), []);
    }
}

#[test]
fn m5_what_does_not_come_back_in_time_calls() {
    let mut story = Story::of(Healthy);
    story.begin(Some(Redis), Deed::Up);
    story.becomes(Redis, is(Restarting));
    assert_eq!(story.pass(100), []);
    story.end(true);
    assert_eq!(story.pass(60), [(30, Redis)]);
    // If the operation itself says that it failed, there is nothing to wait for.
    let mut story = Story::of(Healthy);
    story.begin(Some(Redis), Deed::Up);
    story.becomes(Redis, is(Unhealthy));
    story.end(false);
    assert_eq!(story.called(), [(Redis, Unhealthy)]);
}

#[test]
fn m5_what_was_well_after_the_operation_has_no_excuse_any_more() {
    let mut story = Story::of(Healthy);
    story.begin(Some(Redis), Deed::Up);
    story.becomes(Redis, is(Starting));
    story.end(true);
    story.becomes(Redis, is(Healthy));
    story.pass(3);
    assert_eq!(story.crashes(Redis, Restarting), [(Redis, Restarting)]);
}

#[test]
fn m5_who_needs_what_is_restarted_may_be_restarted_too_and_calls_only_if_it_stays_away() {
    let mut story = Story::of(Healthy);
    story.begin(Some(Postgres), Deed::Up);
    story.becomes(Postgres, is(Starting));
    story.becomes(Postgres, is(Healthy));
    assert_eq!(story.becomes(Backend, stopped(137)), []);
    story.end(true);
    assert_eq!(story.pass(60), [(30, Backend)]);
}

#[test]
fn m5_another_service_that_turns_red_meanwhile_calls() {
    let mut story = Story::of(Healthy);
    story.begin(Some(Frontend), Deed::Up);
    story.becomes(Frontend, is(Starting));
    assert_eq!(story.becomes(Redis, is(Unhealthy)), [(Redis, Unhealthy)]);
}

#[test]
fn m5_a_stop_does_not_call_here_nor_where_others_stop_it_with_other_tools() {
    let mut story = Story::of(Healthy);
    story.begin(None, Deed::Down);
    for kind in [Frontend, Backend] {
        assert_eq!(story.becomes(kind, stopped(137)), []);
        assert_eq!(story.becomes(kind, is(Missing)), []);
    }
    // Cancelled half-way: what was taken down was meant.
    story.end(false);
    assert_eq!(story.pass(600), []);

    let mut story = Story::of(Healthy);
    for kind in ServiceKind::ALL.into_iter().rev() {
        assert_eq!(story.becomes(kind, stopped(143)), []);
        assert_eq!(story.pass(3), []);
    }
    assert_eq!(story.pass(600), []);
    // One that is stopped alone and stays so may have been a mistake.
    let mut story = Story::of(Healthy);
    story.becomes(Redis, stopped(0));
    assert_eq!(story.pass(60), [(15, Redis)]);
}

#[test]
fn m5_a_project_that_is_started_by_others_does_not_call_for_what_is_not_there_yet() {
    let mut story = Story::of(Missing);
    for kind in ServiceKind::ALL {
        assert_eq!(story.becomes(kind, is(Starting)), []);
        assert_eq!(story.pass(60), []);
        assert_eq!(story.becomes(kind, is(Healthy)), []);
    }
}

#[test]
fn an_operation_whose_end_nobody_hears_of_excuses_nothing_for_ever() {
    let mut story = Story::of(Healthy);
    story.begin(Some(Redis), Deed::Up);
    story.pass(INTENT_MAX.as_secs());
    assert_eq!(story.becomes(Redis, is(Unhealthy)), [(Redis, Unhealthy)]);
}

#[test]
fn an_engine_that_was_away_is_no_reason_and_no_excuse() {
    let mut story = Story::of(Healthy);
    for kind in ServiceKind::ALL {
        assert_eq!(story.becomes(kind, is(State::Unknown)), []);
    }
    assert_eq!(story.pass(60), []);
    for kind in [Postgres, Backend, Frontend] {
        assert_eq!(story.becomes(kind, is(Healthy)), []);
    }
    assert_eq!(story.becomes(Redis, is(Unhealthy)), [(Redis, Unhealthy)]);
}
