//! What others do to a running stack on the real engine: containers and networks that go, memory that ends, limits that
//! somebody else changed.

use crate::{
    hub_world::named,
    sim_world::{Front, service},
    support::{
        block_on, exec_text, raw_delete, raw_get, raw_post, require_engine, sandbox::Sandbox,
    },
};
use cchub::{
    config::HubFile,
    domain::{
        Bytes, LimitsChange, PerService, ServiceId,
        ServiceKind::{self, Redis},
        State, Timestamp, cause,
    },
    hub::{Command, HubConfig, JobState, Request, Timing, journal::Journal},
};
use serde_json::json;
use std::{thread, time::Duration};

/// A project that runs, and the hub on it.
pub async fn running() -> (Sandbox, Front) {
    let sandbox = Sandbox::new();
    sandbox.run(&["start", &sandbox.project]).expect(0);
    let mut front = Front::new(cchub::hub::open(HubConfig {
        hub_file: HubFile::new(sandbox.hub_file()),
        endpoint: require_engine().await.endpoint().clone(),
        timing: Timing::default(),
        journal: Journal::none(),
    }));
    front.looked(4).await;
    let project = sandbox.project.clone();
    let healthy = |front: &Front, kind| {
        let health = front.of(&project, kind);
        health.is_some_and(|h| h.state == State::Healthy)
    };
    let all = |front: &Front| ServiceKind::ALL.iter().all(|kind| healthy(front, *kind));
    front.until("all four are healthy", all).await;
    (sandbox, front)
}

fn redis(sandbox: &Sandbox) -> ServiceId {
    ServiceId::new(&named(&sandbox.project), Redis)
}

#[tokio::test(flavor = "multi_thread")]
async fn p13_a_container_that_somebody_removes_is_missing_at_once_and_its_log_ends() {
    let (sandbox, mut front) = running().await;
    front.follow(service(&sandbox.project, Redis)).await;
    let lines = |front: &Front| !front.lines(&sandbox.project, Redis).is_empty();
    front.until("its log is read", lines).await;

    let name = sandbox.container(Redis);
    raw_delete(&format!("/containers/{name}?force=1&v=1"));
    let limit = Duration::from_secs(10);
    let state = |front: &Front| front.of(&sandbox.project, Redis).map(|h| h.state);
    let missing = |front: &Front| state(front) == Some(State::Missing);
    let took = front.within(limit, "missing", missing).await;
    eprintln!("missing after {took:?}");
    let ended = |front: &Front| front.notices.iter().any(|n| n.starts_with("removed"));
    front.within(limit, "the log has an end", ended).await;
}

#[test]
fn p13_a_network_that_somebody_removes_under_a_stopped_stack_is_made_again() {
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    sandbox.run(&["start", project]).expect(0);
    for kind in ServiceKind::ALL {
        let grace = Duration::from_secs(10);
        block_on(async {
            let engine = require_engine().await;
            engine.stop(&sandbox.container(kind), grace).await.unwrap();
        });
    }
    raw_delete(&format!("/networks/cchub-{project}"));
    let gone = raw_get(&format!("/networks/cchub-{project}"));
    assert!(gone["message"].is_string(), "{gone}");

    sandbox.run(&["start", project]).expect(0);
    sandbox.run(&["health", project]).expect(0);
    let ping = exec_text(&sandbox.container(Redis), "redis-cli -h redis ping");
    assert!(ping.contains("PONG"), "by its name: {ping}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p62_a_service_that_the_kernel_kills_for_memory_is_told_as_that() {
    let (sandbox, mut front) = running().await;
    let change = LimitsChange {
        memory: Some(Bytes::mib(40)),
        ..LimitsChange::default()
    };
    let request = Request::Limits {
        service: redis(&sandbox),
        change,
        seen: None,
        below_use: false,
    };
    front.send(Command::Run(request)).await;
    front
        .until("the limits are lower", |front| front.ended(1).is_some())
        .await;
    let state = &front.ended(1).unwrap().state;
    assert!(matches!(state, JobState::Done(_)), "{state:?}");

    let (name, fill) = (sandbox.container(Redis), FILL);
    // It ends with the process that it fills.
    let filled = thread::spawn(move || exec_text(&name, fill));
    let killed = |front: &Front| {
        let health = front.of(&sandbox.project, Redis);
        health.is_some_and(|health| health.oom_killed)
    };
    front.until("killed for memory", killed).await;
    let died = died(&sandbox);
    let took = Timestamp::now().duration_since(died);
    eprintln!("told {took:#} after its end");
    assert!(took.as_secs() <= 10, "{took:#}");

    let health = |kind| front.of(&sandbox.project, kind).cloned();
    let states = PerService::from_fn(|kind| health(kind).unwrap_or_default());
    let why = cause::why(Redis, &states, Timestamp::now());
    assert!(why.contains("the kernel killed it for memory"), "{why}");
    drop(filled);
}

/// Three hundred megabytes in one piece: in small ones the kernel looks for other memory for minutes.
const FILL: &str = "redis-cli config set maxmemory 0; redis-cli setrange big 300000000 x";

/// When redis last ended.
fn died(sandbox: &Sandbox) -> Timestamp {
    let container = raw_get(&format!("/containers/{}/json", sandbox.container(Redis)));
    let at = container["State"]["FinishedAt"].as_str().unwrap();
    at.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn p63_limits_that_somebody_changed_are_told_and_a_restart_brings_the_wanted_ones_back() {
    let (sandbox, mut front) = running().await;
    let (name, id) = (sandbox.container(Redis), redis(&sandbox));
    let wanted = front.limits[&id];
    assert!(!front.health[&id].drift);

    let memory = 100 << 20;
    let other = json!({ "Memory": memory, "MemorySwap": memory });
    raw_post(&format!("/containers/{name}/update"), &other);
    let limit = Duration::from_secs(35);
    let told = |front: &Front| front.health[&id].drift && front.limits[&id] != wanted;
    let took = front.within(limit, "told", told).await;
    eprintln!("told after {took:?}");
    assert_eq!(front.limits[&id].memory, Bytes(memory));

    let restart = Request::restart(id.clone());
    front.send(Command::Run(restart)).await;
    front
        .until("the restart ends", |front| front.ended(1).is_some())
        .await;
    let state = &front.ended(1).unwrap().state;
    assert!(matches!(state, JobState::Done(_)), "{state:?}");
    let back = |front: &Front| !front.health[&id].drift && front.limits[&id] == wanted;
    front.within(limit, "the wanted ones are back", back).await;
}
