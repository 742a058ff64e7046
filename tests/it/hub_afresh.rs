//! What a start makes of services that run already: what runs well stays, and what does not is begun afresh where its
//! entry or its folder may have been mended.

use crate::{
    hub_world::{HubWorld, shop},
    race_world::{SimWorld, ask, many, more},
    support::random_input::Numbers,
};
use cchub::{
    hub::{Failure, Request},
    sim::{Container, Machine, Phase, Readiness, Reply},
};
use std::{future::pending, time::Duration};
use tokio::time::sleep;

const REDIS: &str = "cchub-shop-redis";
/// A line of the hub file that makes another spec of it …
const CHANGED: &str =
    "[projects.shop.services.redis]\nstart_timeout = \"1s\"\nenv = { A = \"1\" }\n";
/// … and one that does not.
const UNCHANGED: &str = "[projects.shop.services.redis]\nstart_timeout = \"1s\"\n";
/// Starts in the middle of a crash loop.
const RUNS: u64 = 48;
/// Pauses of such a loop are shorter than so many milliseconds.
const PAUSES: u64 = 40;

/// `shop` as it was started, and the hub file as it is now.
async fn started(hub: &str) -> HubWorld {
    let world = HubWorld::new();
    world.start_shop().await;
    world.write_hub(&["shop"], hub);
    world
}

/// What a start says, and the changes that it makes.
async fn start(world: &HubWorld) -> (Result<String, Failure>, Vec<String>) {
    let before = world.engine.changes().len();
    let (outcome, _) = world.run(Request::start(shop())).await;
    let changes = world.engine.changes().split_off(before);
    (outcome.map(|said| said.to_string()), changes)
}

fn id(world: &HubWorld) -> String {
    world.engine.model().containers[REDIS].id.clone()
}

/// The engine is about to start it again.
fn fall(machine: &mut Machine, name: &str) {
    machine.end(name, 7);
    if let Some(container) = machine.containers.get_mut(name) {
        container.phase = Phase::Restarting;
        container.restarts += 1;
    }
}

/// Its check says no, until it is started by somebody.
fn sicken(machine: &Machine, name: &str) {
    machine.containers[name]
        .manner
        .send_modify(|manner| manner.readiness = Readiness::Refusing("no"));
}

#[tokio::test]
async fn p17_a_mended_entry_is_completed_by_a_start_while_the_old_container_crashes() {
    let world = started(CHANGED).await;
    let old = id(&world);
    fall(&mut world.engine.model(), REDIS);
    let (outcome, _) = start(&world).await;
    assert_eq!(outcome.unwrap(), "shop is up; all four are healthy");
    assert_ne!(id(&world), old);
    assert_eq!(world.engine.model().containers.len(), 4);
}

#[tokio::test]
async fn p17_a_mended_entry_is_completed_by_a_start_while_the_old_container_is_unhealthy() {
    let world = started(CHANGED).await;
    let old = id(&world);
    sicken(&world.engine.model(), REDIS);
    start(&world).await.0.unwrap();
    assert_ne!(id(&world), old);
    let gently = format!("POST /containers/{old}/stop");
    assert_eq!(world.engine.count(&gently), 1);
}

#[tokio::test]
async fn p17_a_start_completes_whatever_the_crashing_container_is_doing_just_then() {
    many(1..=more(RUNS), |seed| async move {
        let world = SimWorld::new();
        world.write_hub("home", "");
        let operator = world.operator("home").await;
        let request = || Request::start(shop());
        ask(&operator, request()).await.unwrap();
        let old = world.sim.machine().containers[REDIS].id.clone();
        let mended = "[projects.shop.services.redis]\nenv = { A = \"1\" }\n";
        // Every other mend is in the folder: the spec stays what it is.
        let in_entry = seed % 2 == 0;
        world.write_hub("home", if in_entry { mended } else { "" });
        fall(&mut world.sim.machine(), REDIS);
        let ended = tokio::select! {
            ended = crash_on(&world, &old, Numbers::new(seed)) => ended,
            ended = ask(&operator, request()) => ended,
        };
        ended.unwrap_or_else(|failure| panic!("seed {seed}: {failure}"));
        world.expect(true, &format!("seed {seed}"));
        let now = world.sim.machine().containers[REDIS].id.clone();
        assert_eq!(now != old, in_entry, "seed {seed}");
    })
    .await;
}

/// Lets it end and be started again by the engine, until somebody else starts, stops or removes it.
async fn crash_on<T>(world: &SimWorld, id: &str, mut numbers: Numbers) -> T {
    while crash(&mut world.sim.machine(), id) {
        sleep(Duration::from_millis(numbers.below(PAUSES))).await;
    }
    pending().await
}

/// One turn of a crash loop; false once it is over.
fn crash(machine: &mut Machine, id: &str) -> bool {
    let looping = |c: &&mut Container| c.id == id && c.restarts > 0;
    let Some(container) = machine.containers.get_mut(REDIS).filter(looping) else {
        return false;
    };
    match container.phase {
        Phase::Running => fall(machine, REDIS),
        Phase::Restarting => {
            container.phase = Phase::Running;
            sicken(machine, REDIS);
            machine.tell(REDIS, "start");
        }
        _ => return false,
    }
    true
}

#[tokio::test]
async fn what_runs_well_from_another_spec_stays_as_it_is() {
    let world = started(CHANGED).await;
    let (outcome, changes) = start(&world).await;
    assert_eq!(
        outcome.unwrap(),
        "shop was running already; all four are healthy"
    );
    assert!(changes.is_empty(), "{changes:#?}");
}

#[tokio::test]
async fn what_nobody_can_ask_stays_as_it_is_whatever_its_spec() {
    let world = started(CHANGED).await;
    let busy = Reply::refuse(503, "busy");
    let check = "POST /containers/cchub-shop-redis/exec";
    world.engine.spoil(check, usize::MAX, busy);
    let (outcome, changes) = start(&world).await;
    assert!(outcome.unwrap_err().message.contains("busy"));
    assert!(changes.is_empty(), "{changes:#?}");
}

#[tokio::test]
async fn what_is_unhealthy_from_an_unchanged_spec_stays_for_a_look() {
    let world = started(UNCHANGED).await;
    sicken(&world.engine.model(), REDIS);
    let (outcome, changes) = start(&world).await;
    let failure = outcome.unwrap_err();
    assert!(
        failure.message.contains("not healthy after 1s"),
        "{failure}"
    );
    assert!(changes.is_empty(), "{changes:#?}");
}

#[tokio::test]
async fn p17_what_crashes_from_an_unchanged_spec_is_restarted_once() {
    let world = started(UNCHANGED).await;
    fall(&mut world.engine.model(), REDIS);
    let restart = "POST /containers/cchub-shop-redis/restart";
    let (outcome, changes) = start(&world).await;
    outcome.unwrap();
    assert_eq!(changes, [restart]);

    fall(&mut world.engine.model(), REDIS);
    world.engine.model().quirks.dies.insert(REDIS.into(), 9);
    let (outcome, changes) = start(&world).await;
    let failure = outcome.unwrap_err();
    assert!(failure.message.contains("exit code 9"), "{failure}");
    assert_eq!(changes, [restart]);
}

#[tokio::test]
async fn p17_mended_limits_are_brought_to_what_crashes_before_it_is_restarted() {
    let world = started("[projects.shop.services.redis]\nmemory = \"200m\"\n").await;
    fall(&mut world.engine.model(), REDIS);
    let (outcome, changes) = start(&world).await;
    outcome.unwrap();
    let wanted = ["update", "restart"].map(|what| format!("POST /containers/{REDIS}/{what}"));
    assert_eq!(changes, wanted);
}
