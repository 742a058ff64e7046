//! Limits: what is in force and what the hub file says never differ because an operation stopped half-way.

use crate::hub_world::{HubWorld, of_shop, shop, target};
use cchub::{
    domain::{Bytes, Cpus, Limits, LimitsChange, ServiceKind::Redis},
    hub::{Failure, FailureKind, Request},
    sim::Reply,
};
use std::fs;

/// The container of the service that is changed here.
const NAME: &str = "cchub-shop-redis";

fn memory(mib: u64) -> LimitsChange {
    LimitsChange {
        memory: Some(Bytes::mib(mib)),
        ..LimitsChange::default()
    }
}

async fn change(
    world: &HubWorld,
    change: LimitsChange,
    below_use: bool,
) -> Result<String, Failure> {
    let service = of_shop(Redis);
    let request = Request::Limits {
        service,
        change,
        seen: None,
        below_use,
    };
    world.run(request).await.0.map(|said| said.to_string())
}

fn in_force(world: &HubWorld) -> u64 {
    let model = world.engine.model();
    let host = &model.containers[NAME].body["HostConfig"];
    assert_eq!(host["Memory"], host["MemorySwap"], "always together");
    host["Memory"].as_u64().unwrap() >> 20
}

fn saved(world: &HubWorld) -> Option<Bytes> {
    let hub = world.hub_file().load().unwrap();
    hub.projects[&shop()].services[Redis].memory
}

#[tokio::test]
async fn p60_a_change_is_sent_once_read_back_and_then_saved() {
    let world = HubWorld::new();
    world.start_shop().await;
    let before = world.engine.changes().len();
    let said = change(&world, memory(300), false).await.unwrap();
    assert_eq!(said, "redis of shop: memory 512 MB → 300 MB");
    assert_eq!(
        (in_force(&world), saved(&world)),
        (300, Some(Bytes::mib(300)))
    );
    let changes = world.engine.changes().split_off(before);
    assert_eq!(changes, ["POST /containers/cchub-shop-redis/update"]);
    let said = change(&world, memory(300), false).await.unwrap();
    assert!(said.contains("unchanged"), "{said}");
    assert_eq!(world.engine.count("POST /containers/*/update"), 1);
}

#[tokio::test]
async fn p60_what_the_engine_ignores_is_told_and_nothing_is_saved() {
    let world = HubWorld::new();
    world.start_shop().await;
    let file = fs::read(world.hub_path()).unwrap();
    world
        .engine
        .model()
        .quirks
        .ignores
        .extend(["Memory", "MemorySwap"]);
    let failure = change(&world, memory(300), false).await.unwrap_err();
    let words = "limit not applied: the engine kept 0.50 CPUs, 512 MB of memory, 64 processes";
    assert_eq!(failure.message.as_str(), words);
    assert_eq!(fs::read(world.hub_path()).unwrap(), file);
}

#[tokio::test]
async fn p60_what_the_engine_does_by_half_is_taken_back() {
    let world = HubWorld::new();
    world.start_shop().await;
    world.engine.model().quirks.ignores.insert("PidsLimit");
    let both = LimitsChange {
        pids: Some(99),
        ..memory(300)
    };
    let failure = change(&world, both, false).await.unwrap_err();
    assert!(
        failure
            .message
            .contains("the engine kept 0.50 CPUs, 300 MB of memory, 64 processes"),
        "{failure}"
    );
    assert!(
        failure
            .message
            .contains("the old limits are in force again"),
        "{failure}"
    );
    assert_eq!((in_force(&world), saved(&world)), (512, None));
}

#[tokio::test]
async fn p60_the_engines_own_no_is_passed_on_and_nothing_is_saved() {
    let world = HubWorld::new();
    world.start_shop().await;
    let words = "Memory limit should be smaller than already set memoryswap limit";
    world
        .engine
        .spoil("POST /containers/*/update", 1, Reply::refuse(409, words));
    let failure = change(&world, memory(300), false).await.unwrap_err();
    assert_eq!(
        failure.message.as_str(),
        format!("limit not applied: {words}")
    );
    assert_eq!((in_force(&world), saved(&world)), (512, None));
}

#[tokio::test]
async fn p60_a_hub_file_that_cannot_be_written_brings_the_old_limits_back() {
    let world = HubWorld::new();
    world.start_shop().await;
    // Something else stands where the lock of the hub file would be.
    let lock = world.folder.path().join("hub/hub.toml.lock");
    let _ = fs::remove_file(&lock);
    fs::create_dir(lock).unwrap();
    let failure = change(&world, memory(300), false).await.unwrap_err();
    assert!(failure.message.starts_with("not saved: "), "{failure}");
    assert!(
        failure
            .message
            .contains("the old limits are in force again"),
        "{failure}"
    );
    assert_eq!((in_force(&world), saved(&world)), (512, None));
}

#[tokio::test]
async fn p62_memory_below_what_is_in_use_asks_first_and_sends_nothing() {
    let world = HubWorld::new();
    world.start_shop().await;
    let failure = change(&world, memory(64), false).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NeedsConfirm);
    assert!(failure.message.contains("uses 100 MB now"), "{failure}");
    assert_eq!(world.engine.count("POST /containers/*/update"), 0);
    change(&world, memory(64), true).await.unwrap();
    assert_eq!(in_force(&world), 64);
}

#[tokio::test]
async fn p61_what_is_out_of_range_sends_nothing() {
    let world = HubWorld::new();
    world.start_shop().await;
    let cpus = |millis| LimitsChange {
        cpus: Some(Cpus::millis(millis)),
        ..LimitsChange::default()
    };
    let pids = |pids| LimitsChange {
        pids: Some(pids),
        ..LimitsChange::default()
    };
    let huge = LimitsChange {
        memory: Some(Bytes(1 << 63)),
        ..LimitsChange::default()
    };
    for wrong in [
        cpus(0),
        cpus(2001),
        memory(5),
        memory(4097),
        huge,
        pids(0),
        pids(7),
    ] {
        let before = world.engine.requests().len();
        let failure = change(&world, wrong, true).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Input);
        assert!(failure.message.contains("allowed is"), "{failure}");
        let asked = world.engine.requests().split_off(before);
        // Reaching the engine takes three questions; none is about a container.
        assert!(
            asked.iter().all(|asked| !asked.line.contains("containers")),
            "{asked:?}"
        );
        assert_eq!(saved(&world), None);
    }
}

#[tokio::test]
async fn limits_of_what_does_not_run_are_saved_for_its_next_start() {
    let world = HubWorld::new();
    let said = change(&world, memory(300), false).await.unwrap();
    assert!(said.contains("its next start uses them"), "{said}");
    world.start_shop().await;
    assert_eq!(in_force(&world), 300);
    let limits = world.hub_file().load().unwrap().projects[&shop()].limits(Redis);
    assert_eq!(limits, Limits::default_of(Redis).with(memory(300)));
}

fn based_on(change: LimitsChange, seen: Limits) -> Request {
    Request::Limits {
        service: of_shop(Redis),
        change,
        seen: Some(seen),
        below_use: false,
    }
}

#[tokio::test]
async fn p35_what_was_changed_since_it_was_shown_is_not_overwritten() {
    let world = HubWorld::new();
    world.start_shop().await;
    let shown = Limits::default_of(Redis);
    // Another program is faster.
    change(&world, memory(300), false).await.unwrap();
    let file = fs::read(world.hub_path()).unwrap();
    let failure = world.run(based_on(memory(400), shown)).await.0.unwrap_err();
    assert!(failure.message.contains("changed on disk"), "{failure}");
    assert_eq!(fs::read(world.hub_path()).unwrap(), file);
    assert_eq!(in_force(&world), 300);
    assert_eq!(world.engine.count("POST /containers/*/update"), 1);
    // With the new limits on the screen it works.
    let shown = shown.with(memory(300));
    world.run(based_on(memory(400), shown)).await.0.unwrap();
    assert_eq!(
        (in_force(&world), saved(&world)),
        (400, Some(Bytes::mib(400)))
    );
}

#[tokio::test]
async fn p35_an_operation_that_waited_works_with_what_the_one_before_it_wrote() {
    let world = HubWorld::new();
    let locks = world.hub_file().lock_dir();
    fs::create_dir(&locks).unwrap();
    let lock = fs::File::create(locks.join("shop.lock")).unwrap();
    lock.lock().unwrap();
    let other = async {
        // The other one has begun to wait: it has read the hub file.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        world
            .hub_file()
            .set_limits(&shop(), Redis, memory(300), None)
            .unwrap();
        drop(lock);
    };
    tokio::join!(world.start_shop(), other);
    assert_eq!(in_force(&world), 300);
}

/// Somebody else changed limits of a redis that runs or has ended; the engine gives `answer` a few times when `request`
/// brings them back. What was said meanwhile, and how many containers were made.
async fn brought_back(
    (runs, request): (bool, Request),
    (times, answer): (usize, Reply),
) -> (Vec<String>, usize) {
    let world = HubWorld::new();
    world.start_shop().await;
    world.engine.change_pids(NAME, 77);
    if !runs {
        world.engine.model().end(NAME, 0);
    }
    world
        .engine
        .spoil("POST /containers/*/update", times, answer);
    let before = world.engine.count("POST /containers/create");
    let (outcome, said) = world.run(request).await;
    outcome.unwrap();
    let pids = &world.engine.model().containers[NAME].body["HostConfig"]["PidsLimit"];
    assert_eq!(*pids, Limits::default_of(Redis).pids);
    (said, world.engine.count("POST /containers/create") - before)
}

/// What brings limits back: the start of a service that has ended, the restart of one that runs.
fn ways_back() -> [(bool, Request); 2] {
    let restart = Request::restart(target(Some(Redis)));
    [(false, Request::start(shop())), (true, restart)]
}

#[tokio::test]
async fn p63_limits_that_cannot_be_brought_back_cost_the_container_and_the_engines_words_are_told()
{
    for way in ways_back() {
        let no = Reply::refuse(500, "cannot write pids.max");
        let (said, made) = brought_back(way, (1, no)).await;
        assert_eq!(made, 1);
        let words = "redis: limits not applied: cannot write pids.max; making it anew";
        assert!(said.iter().any(|line| line == words), "{said:#?}");
    }
}

#[tokio::test]
async fn p63_an_engine_that_is_busy_is_asked_again_for_the_limits_and_keeps_the_container() {
    for way in ways_back() {
        let (said, made) = brought_back(way, (2, Reply::refuse(503, "busy"))).await;
        assert_eq!(made, 0, "{said:#?}");
        let attempts = said.iter().filter(|line| line.contains(": busy"));
        assert_eq!(attempts.count(), 2, "{said:#?}");
    }
}
