//! The real program, killed when one of its requests is at the engine: the next operation works from whatever is there,
//! without a step by hand.

use crate::{
    hub_world::shop,
    race_world::{BOUND, SimWorld, ask, many, more, run, said},
};
use cchub::{
    hub::Request,
    sim::{How, Reply},
};
use std::{process::ExitStatus, time::Duration};
use tokio::{
    process::Child,
    time::{Instant, sleep},
};

/// Moments of each operation at which the program is killed, evenly over its requests; twice each.
const MOMENTS: u64 = 50;
/// How often the engine's count of requests is looked at.
const LOOK: Duration = Duration::from_millis(2);
/// More requests than any operation sends.
const ALL_OTHERS: usize = 100_000;
/// What makes another container of postgres necessary.
const DRIFT: &str = "[projects.shop.services.postgres]\nenv = { COLOUR = \"red\" }\n";

/// An operation of the program, and what was there before it.
#[derive(Debug, Clone, Copy)]
struct Errand {
    args: &'static [&'static str],
    /// All four ran.
    up: bool,
    /// Added to the hub file since.
    since: &'static str,
}

const START: Errand = Errand {
    args: &["start", "shop"],
    up: false,
    since: "",
};
const STOP: Errand = Errand {
    args: &["stop", "shop"],
    up: true,
    since: "",
};
const RESTART: Errand = Errand {
    args: &["restart", "shop"],
    up: true,
    since: "",
};
const REPLACE: Errand = Errand {
    args: &["restart", "shop", "postgres"],
    up: true,
    since: DRIFT,
};

impl Errand {
    async fn world(self) -> SimWorld {
        let world = SimWorld::new();
        world.write_hub("ann", "");
        if self.up {
            let operator = world.operator("ann").await;
            ask(&operator, Request::start(shop())).await.unwrap();
        }
        world.write_hub("ann", self.since);
        world
    }

    /// How many requests it sends.
    async fn requests(self) -> u64 {
        let world = self.world().await;
        let before = world.sim.server.total();
        let output = run(world.program("ann", self.args)).await;
        assert!(output.status.success(), "{}", said(&output));
        world.sim.server.total() - before
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p18_a_start_killed_at_any_request_is_completed_or_cleaned_up() {
    kill_everywhere(START).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p18_a_stop_killed_at_any_request_is_completed_or_undone() {
    kill_everywhere(STOP).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p18_a_restart_killed_at_any_request_is_completed_or_cleaned_up() {
    kill_everywhere(RESTART).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p18_a_replacement_killed_at_any_request_is_completed_or_cleaned_up() {
    kill_everywhere(REPLACE).await;
}

/// After each kill comes a start, and another time a stop; every other request that it dies of has its effect.
async fn kill_everywhere(errand: Errand) {
    let requests = errand.requests().await;
    let moments = more(MOMENTS).min(requests);
    many(0..2 * moments, |n| async move {
        let (moment, start) = (n / 2, n % 2 == 0);
        let nth = 1 + moment * requests / moments;
        kill_once(errand, nth, moment % 2 == 0, start).await;
    })
    .await;
}

async fn kill_once(errand: Errand, nth: u64, effect: bool, start: bool) {
    let context = format!("{:?} killed at request {nth}, {effect}", errand.args);
    let world = errand.world().await;
    let ended = killed_at(&world, errand.args, nth, effect).await;
    assert!(
        ended.code().is_none_or(|code| code == 0),
        "{context}: {ended}"
    );
    let (mark, secrets) = (world.data_mark(), world.secrets("ann"));
    let args = [if start { "start" } else { "stop" }, "shop"];
    let output = run(world.program("ann", &args)).await;
    let context = format!("{context}, then {args:?}: {}", said(&output));
    assert!(output.status.success(), "{context}");
    world.expect(start, &context);
    if mark.is_some() {
        assert_eq!(world.data_mark(), mark, "{context}");
        assert_eq!(world.secrets("ann"), secrets, "{context}");
    }
    if let Some(mark) = world.data_mark() {
        let secrets = world.secrets("ann").unwrap_or_default();
        assert!(secrets.contains(&mark), "{context}");
    }
}

/// Runs the program until its request number `nth`, which it sees no answer to; the ones beside it neither.
async fn killed_at(world: &SimWorld, args: &[&str], nth: u64, effect: bool) -> ExitStatus {
    let server = &world.sim.server;
    let end = server.total() + nth;
    if let Some(before) = usize::try_from(nth - 1).ok().filter(|n| *n > 0) {
        server.fault("", before, How::Late(Duration::ZERO));
    }
    let how = match effect {
        true => How::Silent,
        false => How::Instead(Reply::Hang),
    };
    server.fault("", ALL_OTHERS, how);
    let mut child = world.program("ann", args).spawn().unwrap();
    let ended = kill_when(&mut child, || server.total() >= end).await;
    server.heal();
    ended
}

/// Kills the program as soon as `due`; it may end by itself before.
async fn kill_when(child: &mut Child, due: impl Fn() -> bool) -> ExitStatus {
    let began = Instant::now();
    while !due() {
        if let Some(ended) = child.try_wait().unwrap() {
            return ended;
        }
        assert!(began.elapsed() < BOUND, "it neither asks nor ends");
        sleep(LOOK).await;
    }
    child.kill().await.unwrap();
    child.wait().await.unwrap()
}
