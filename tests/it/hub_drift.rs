//! Limits that somebody else changed: told, brought back by one operation, or kept by another.

use crate::{
    hub_world::{HubWorld, of_shop, shop},
    sim_world::{Front, SimWorld},
};
use cchub::{
    domain::{Bytes, Limits, LimitsChange, ServiceKind::Redis},
    hub::{Command, Failure, FailureKind, JobState, Request},
    sim::{Machine, Reply},
};
use serde_json::json;
use std::{fs, time::Duration};

/// The container whose limits are changed.
const NAME: &str = "cchub-shop-redis";

/// `docker update` by somebody else.
fn update(machine: &mut Machine, memory_mib: u64) {
    let container = machine.containers.get_mut(NAME).unwrap();
    let host = &mut container.body["HostConfig"];
    host["Memory"] = json!(memory_mib << 20);
    host["MemorySwap"] = json!(memory_mib << 20);
    machine.tell(NAME, "update");
}

fn in_force(world: &HubWorld) -> u64 {
    let model = world.engine.model();
    let host = &model.containers[NAME].body["HostConfig"];
    assert_eq!(host["Memory"], host["MemorySwap"], "always together");
    host["Memory"].as_u64().unwrap() >> 20
}

async fn run(world: &HubWorld, request: Request) -> Result<String, Failure> {
    let said = world.run(request).await.0;
    said.map(|said| said.to_string())
}

fn reapply(below_use: bool) -> Request {
    let service = of_shop(Redis);
    Request::ReapplyLimits { service, below_use }
}

/// `shop` runs, and its redis has 300 MB instead of 512.
async fn drifted() -> HubWorld {
    let world = HubWorld::new();
    world.start_shop().await;
    update(&mut world.engine.model(), 300);
    world
}

#[tokio::test]
async fn p63_reapplying_brings_the_hub_files_limits_back_and_leaves_the_file_alone() {
    let world = drifted().await;
    let file = fs::read(world.hub_path()).unwrap();
    let before = world.engine.changes().len();
    let said = run(&world, reapply(false)).await.unwrap();
    let words = "redis of shop: as the hub file says again, memory 300 MB → 512 MB";
    assert_eq!((said.as_str(), in_force(&world)), (words, 512));
    assert_eq!(fs::read(world.hub_path()).unwrap(), file);
    let changes = world.engine.changes().split_off(before);
    assert_eq!(changes, ["POST /containers/cchub-shop-redis/update"]);
    let said = run(&world, reapply(false)).await.unwrap();
    assert!(said.contains("unchanged"), "{said}");
    assert_eq!(world.engine.count("POST /containers/*/update"), 1);
}

#[tokio::test]
async fn p63_keeping_writes_what_runs_into_the_hub_file_and_sends_nothing() {
    let world = drifted().await;
    let before = world.engine.changes().len();
    let keep = || Request::KeepLimits(of_shop(Redis));
    let said = run(&world, keep()).await.unwrap();
    let words = "redis of shop: kept in the hub file, memory 512 MB → 300 MB";
    assert_eq!((said.as_str(), in_force(&world)), (words, 300));
    assert_eq!(world.engine.changes().len(), before);
    let wished =
        |world: &HubWorld| world.hub_file().load().unwrap().projects[&shop()].limits(Redis);
    let expected = Limits {
        memory: Bytes::mib(300),
        ..Limits::default_of(Redis)
    };
    assert_eq!(wished(&world), expected);
    // Only what differs is written.
    let text = fs::read_to_string(world.hub_path()).unwrap();
    assert!(
        text.contains("memory = \"300m\"") && !text.contains("pids"),
        "{text}"
    );
    let said = run(&world, keep()).await.unwrap();
    assert!(said.contains("unchanged"), "{said}");
}

#[tokio::test]
async fn p62_reapplying_less_memory_than_is_in_use_asks_first() {
    let world = HubWorld::new();
    let change = LimitsChange {
        memory: Some(Bytes::mib(64)),
        ..LimitsChange::default()
    };
    world.start_shop().await;
    world
        .hub_file()
        .set_limits(&shop(), Redis, change, None)
        .unwrap();
    let failure = run(&world, reapply(false)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NeedsConfirm);
    assert!(failure.message.contains("uses 100 MB now"), "{failure}");
    assert_eq!(in_force(&world), 512);
    run(&world, reapply(true)).await.unwrap();
    assert_eq!(in_force(&world), 64);
}

#[tokio::test]
async fn p63_what_the_engine_refuses_to_bring_back_stays_and_its_words_are_told() {
    let world = drifted().await;
    let words = "cannot write memory.max";
    world
        .engine
        .spoil("POST /containers/*/update", 1, Reply::refuse(400, words));
    let failure = run(&world, reapply(false)).await.unwrap_err();
    let said = format!("limit not applied: {words}");
    assert_eq!(
        (failure.message.as_str(), in_force(&world)),
        (said.as_str(), 300)
    );
}

#[tokio::test]
async fn without_a_container_there_is_nothing_to_keep_and_nothing_to_bring_back() {
    let world = HubWorld::new();
    let said = run(&world, reapply(false)).await.unwrap();
    assert!(said.contains("its next start uses"), "{said}");
    let failure = run(&world, Request::KeepLimits(of_shop(Redis))).await;
    let failure = failure.unwrap_err();
    assert!(failure.message.contains("no limits to keep"), "{failure}");
    assert_eq!(world.engine.changes(), [""; 0]);
}

fn is_told(front: &Front, memory_mib: u64, drift: bool) -> bool {
    let id = of_shop(Redis);
    let limits = front.limits.get(&id);
    let health = front.health.get(&id);
    limits.is_some_and(|limits| limits.memory == Bytes::mib(memory_mib))
        && health.is_some_and(|health| health.drift == drift)
}

#[tokio::test(start_paused = true)]
async fn p63_drift_is_told_within_two_seconds_and_one_operation_ends_it() {
    let world = SimWorld::new();
    world.start(&["shop"]).await;
    let mut front = world.open();
    front.looked(4).await;
    front
        .until("as wished", |front| is_told(front, 512, false))
        .await;
    update(&mut world.sim.machine(), 300);
    let told = |front: &Front| is_told(front, 300, true);
    let limit = Duration::from_secs(2);
    front.within(limit, "drift", told).await;
    front.send(Command::Run(reapply(false))).await;
    let over = |front: &Front| is_told(front, 512, false) && front.ended(1).is_some();
    front.within(limit, "as wished again", over).await;
    let state = &front.ended(1).unwrap().state;
    assert!(matches!(state, JobState::Done(_)), "{state:?}");
}

#[tokio::test(start_paused = true)]
async fn p63_drift_is_told_within_half_a_minute_where_the_event_is_lost() {
    let world = SimWorld::new();
    world.start(&["shop"]).await;
    let mut front = world.open();
    front.looked(4).await;
    let host = |machine: &mut Machine| {
        let container = machine.containers.get_mut(NAME).unwrap();
        container.body["HostConfig"]["Memory"] = json!(300_u64 << 20);
    };
    host(&mut world.sim.machine());
    let told = |front: &Front| is_told(front, 300, true);
    front.within(Duration::from_secs(31), "drift", told).await;
}
