//! The single steps of a start, where something is already there, on its way out, or does not come.

use crate::{
    hub_engine::line_of,
    hub_world::{HubWorld, eventually, quick, reporter, shop, target},
};
use cchub::{
    config::HealthSettings,
    domain::{
        PerService, Safe,
        ServiceKind::{self, Backend, Frontend, Postgres, Redis},
        State,
    },
    hub::{
        Failure, FailureKind, Request,
        known::Known,
        operation::{World, perform},
        snapshot::{Ask, ServiceSnapshot, read},
    },
    sim::{Phase, Reply},
};
use std::{fs, time::Duration};

const NAME: &str = "cchub-shop-redis";
const QUICKLY: &str = "[projects.shop.services.redis]\nstart_timeout = \"1s\"\n";

fn start() -> Request {
    Request::start(shop())
}

/// A chunk of a pull or build that failed after status 200.
fn in_stream(words: &str) -> Reply {
    let line = serde_json::json!({"errorDetail": {"message": words}, "error": words});
    Reply::Chunks(vec![format!("{line}\r\n").into_bytes()])
}

/// A project whose backend and frontend are built.
fn built() -> HubWorld {
    let world = HubWorld::new();
    let text = fs::read_to_string(world.hub_path()).unwrap();
    let text = text
        .replace("image = \"b:1\"\n", "")
        .replace("image = \"f:1\"\n", "");
    fs::write(world.hub_path(), text).unwrap();
    world
}

#[tokio::test]
async fn images_that_are_built_here_are_built_once() {
    let world = built();
    let (outcome, said) = world.run(start()).await;
    outcome.unwrap();
    let tags: Vec<_> = world.engine.model().built.iter().cloned().collect();
    assert!(
        tags[0].starts_with("cchub/shop-backend:") && tags[1].starts_with("cchub/shop-frontend:"),
        "{tags:?}"
    );
    assert!(
        said.iter()
            .any(|line| line.starts_with("backend: building: ")),
        "{said:#?}"
    );
    world.start_shop().await;
    assert_eq!(world.engine.count("POST /build"), 2);
}

#[tokio::test]
async fn a_build_that_fails_is_told_with_its_words_and_the_way_out() {
    let world = built();
    let words = "The command '/bin/sh -c pip install' returned a non-zero code: 1";
    world.engine.spoil("POST /build", 9, in_stream(words));
    let failure = world.run(start()).await.0.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Operation);
    assert!(
        failure.message.contains("cannot be built") && failure.message.contains(words),
        "{failure}"
    );
    assert!(failure.hint.unwrap().contains("name a ready image"));
    assert_eq!(world.engine.count("POST /containers/create"), 0);
}

#[tokio::test]
async fn p09_a_pull_is_tried_three_times_where_that_may_help_and_once_where_not() {
    for (words, times) in [
        ("manifest unknown", 1),
        ("denied: access forbidden", 1),
        ("toomanyrequests: slow down", 3),
    ] {
        let world = HubWorld::new();
        world
            .engine
            .model()
            .quirks
            .absent_images
            .insert("b:1".into());
        world
            .engine
            .spoil("POST /images/create", 9, in_stream(words));
        let failure = world.run(start()).await.0.unwrap_err();
        assert!(
            failure
                .message
                .contains("image b:1 for backend of shop is not here and cannot be pulled"),
            "{failure}"
        );
        assert!(failure.message.contains(words), "{failure}");
        assert!(failure.hint.unwrap().contains("docker pull b:1"));
        assert_eq!(world.engine.count("POST /images/create"), times, "{words}");
    }
}

#[tokio::test]
async fn a_frozen_container_is_named_with_the_way_to_thaw_it() {
    let world = HubWorld::new();
    world.start_shop().await;
    world.engine.model().containers.get_mut(NAME).unwrap().phase = Phase::Paused;
    let failure = world.run(start()).await.0.unwrap_err();
    assert!(
        failure.message.contains("redis of shop is paused"),
        "{failure}"
    );
    assert!(
        failure
            .hint
            .unwrap()
            .contains("docker unpause cchub-shop-redis")
    );
    world.run(Request::stop(shop())).await.0.unwrap();
    assert!(world.engine.model().containers.is_empty());
}

#[tokio::test]
async fn a_container_on_its_way_out_is_waited_for_and_a_dead_one_is_made_anew() {
    let world = HubWorld::new();
    world.start_shop().await;
    let id = {
        let mut model = world.engine.model();
        let made = model.containers.get_mut(NAME).unwrap();
        made.phase = Phase::Removing;
        made.id.clone()
    };
    let (outcome, ()) = tokio::join!(world.run(start()), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.engine.model().containers.remove(NAME);
    });
    outcome.0.unwrap();
    world.engine.model().containers.get_mut(NAME).unwrap().phase = Phase::Dead;
    let second = world.engine.model().containers[NAME].id.clone();
    world.start_shop().await;
    let third = world.engine.model().containers[NAME].id.clone();
    assert!(id != second && second != third);
}

#[tokio::test]
async fn p14_a_name_that_somebody_takes_in_between_is_looked_at_again_a_few_times() {
    let taken = Reply::refuse(
        409,
        "Conflict. The container name is already in use by container x",
    );
    for (times, works) in [(1, true), (9, false)] {
        let world = HubWorld::new();
        world.start_shop().await;
        world.engine.model().containers.remove(NAME);
        let before = world.engine.count("POST /containers/create");
        world
            .engine
            .spoil("POST /containers/create", times, taken.clone());
        assert_eq!(world.run(start()).await.0.is_ok(), works);
        let sent = world.engine.count("POST /containers/create") - before;
        assert_eq!(sent, if works { 2 } else { 4 });
    }
}

#[tokio::test]
async fn p14_two_programs_on_one_project_take_turns_and_make_everything_once() {
    let world = HubWorld::new();
    let run = || async {
        let (report, mut facts) = reporter(&start());
        let outcome = perform(&world.world().await, &start(), &report).await;
        let mut waited = false;
        while let Ok(fact) = facts.try_recv() {
            waited |= matches!(fact, cchub::hub::Fact::Job(job) if job.progress.text.contains("another program changes shop"));
        }
        (outcome.unwrap(), waited)
    };
    world.engine.slow(
        "POST /containers/cchub-shop-redis/start",
        1,
        Duration::from_millis(600),
    );
    let (one, two) = tokio::join!(run(), run());
    assert!(one.1 != two.1, "one waits for the other");
    assert!(one.0.contains("is up") != two.0.contains("is up"));
    for kind in ServiceKind::ALL {
        assert_eq!(
            world
                .engine
                .count(&format!("POST /containers/cchub-shop-{kind}/start")),
            1
        );
    }
}

#[tokio::test]
async fn a_lock_that_cannot_be_taken_is_told_and_nothing_is_sent() {
    let world = HubWorld::new();
    fs::write(world.hub_file().lock_dir(), "a file, not a folder").unwrap();
    let failure = world.run(start()).await.0.unwrap_err();
    assert!(failure.message.contains("cannot be taken"), "{failure}");
    assert!(failure.hint.unwrap().contains("writable"));
    assert_eq!(world.engine.changes(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_wrong_before_the_engine_is_asked_sends_nothing() {
    let world = HubWorld::new();
    let engine = world.world().await;
    let without = World {
        engine: None,
        hub_file: world.hub_file(),
        policy: quick().policy,
        journal: world.journal(),
    };
    let (report, _facts) = reporter(&start());
    let failure = perform(&without, &start(), &report).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Engine);
    fs::remove_dir(world.folder.path().join("shop")).unwrap();
    let failure = perform(&engine, &start(), &report).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Input);
    assert!(failure.message.contains("there is no folder"), "{failure}");
    // Only the engine knows what Compose made: nobody is asked where that is switched off.
    fs::write(world.hub_path(), "version = 1\n[hub]\nadopt = false\n").unwrap();
    let failure = perform(&engine, &start(), &report).await.unwrap_err();
    assert!(
        failure.message.contains("there is none yet: add one"),
        "{failure}"
    );
    assert_eq!(world.engine.count("GET /containers/"), 0);
}

#[tokio::test]
async fn a_service_whose_container_is_gone_is_made_anew_by_its_restart() {
    let world = HubWorld::new();
    world.start_shop().await;
    world.engine.model().containers.remove(NAME);
    let (outcome, _) = world.run(Request::restart(target(Some(Redis)))).await;
    assert_eq!(
        outcome.unwrap().as_str(),
        "redis of shop is made anew and healthy"
    );
    assert_eq!(world.engine.count("POST /containers/*/stop"), 0);
}

#[tokio::test]
async fn a_failed_gate_says_what_the_check_said() {
    for (code, words) in [
        (0, "said 'no' instead of PONG"),
        (1, "no (exit 1)"),
        (127, "the check timeout cannot run (exit 127): no"),
    ] {
        let world = HubWorld::new();
        world.write_hub(&["shop"], QUICKLY);
        world.engine.model().quirks.sick.insert(NAME.into());
        world.engine.model().quirks.says_no_with = Some(code);
        let failure = world.run(start()).await.0.unwrap_err();
        assert!(failure.message.ends_with(words), "{failure}");
    }
}

#[tokio::test]
async fn a_failed_gate_quotes_the_last_lines_and_says_if_it_was_memory() {
    let world = HubWorld::new();
    world.engine.model().quirks.sick.insert(NAME.into());
    let (outcome, ()) = tokio::join!(world.run(start()), async {
        eventually("it is checked", || {
            world.engine.count("POST /containers/cchub-shop-redis/exec") > 0
        })
        .await;
        let mut model = world.engine.model();
        for n in 1..=20 {
            model.containers[NAME].print(&line_of(n, &format!("line {n}")));
        }
        model.containers.get_mut(NAME).unwrap().oom = true;
        model.end(NAME, 137);
    });
    let failure = outcome.0.unwrap_err();
    assert!(
        failure.message.contains("exit code 137") && failure.message.contains("killed for memory"),
        "{failure}"
    );
    let quoted: Vec<_> = failure
        .log
        .iter()
        .map(|line| line.text.plain().to_string())
        .collect();
    assert_eq!(quoted.len(), 10);
    assert_eq!(quoted[9], "line 20");
}

/// Starts shop on an engine that tells no events, redis sick at first. Once it is waited for, its check says yes, and
/// the engine restarts it so many times, more often than anybody looks.
async fn start_with_restarts_unheard(times: u32) -> Result<Safe, Failure> {
    let world = HubWorld::new();
    world.write_hub(&["shop"], &QUICKLY.replace("1s", "3s"));
    let nothing = Reply::ThenHang(Vec::new());
    world.engine.spoil("GET /events", usize::MAX, nothing);
    world.engine.model().quirks.sick.insert(NAME.into());
    let restarts = async {
        eventually("it is checked", || {
            world.engine.count("POST /containers/cchub-shop-redis/exec") > 0
        })
        .await;
        let looks = || world.engine.count("GET /containers/cchub-shop-redis/json");
        let before = looks();
        let restart = || {
            let mut model = world.engine.model();
            model.containers.get_mut(NAME).unwrap().restarts += 1;
            // The check that was under way when it began is over with the next look.
            if looks() > before {
                model.quirks.sick.clear();
            }
        };
        for _ in 0..times {
            restart();
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        eventually("it is looked at again", || looks() > before).await;
        world.engine.model().quirks.sick.clear();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        // Asked first: between two looks there is always a restart, however slow the machine is.
        biased;
        () = restarts => unreachable!("they never end by themselves"),
        outcome = world.run(start()) => outcome.0,
    }
}

#[tokio::test]
async fn a_service_that_the_engine_restarted_unheard_passes_the_gate_once_it_is_healthy() {
    start_with_restarts_unheard(1).await.expect("it starts");
}

#[tokio::test]
async fn a_service_that_the_engine_starts_again_and_again_does_not_pass_the_gate_unseen() {
    let failure = start_with_restarts_unheard(u32::MAX).await.unwrap_err();
    assert!(
        failure
            .message
            .ends_with("it ended and the engine started it again"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_snapshot_tells_what_each_service_is_and_uses() {
    let world = HubWorld::new();
    world.start_shop().await;
    {
        let mut model = world.engine.model();
        model.quirks.sick.insert(NAME.into());
        model.end("cchub-shop-backend", 3);
        model.containers.remove("cchub-shop-frontend");
    }
    world.engine.change_pids("cchub-shop-postgres", 77);
    let engine = world.engine.engine().await;
    let hub = world.hub_file().load().unwrap();
    let entries = [Known::ours(&hub, &shop()).unwrap()];
    let settings = HealthSettings::default();
    let ask = |ask| read(&engine, &entries, &settings, ask);
    let checked = ask(Ask::Health).await.unwrap().remove(0);
    let is = |all: &PerService<ServiceSnapshot>, kind| all[kind].health.state;
    assert_eq!(is(&checked, Postgres), State::Healthy);
    assert!(
        checked[Postgres].health.drift,
        "its limits are not those of the hub file"
    );
    assert!(!matches!(is(&checked, Redis), State::Healthy));
    assert_eq!(is(&checked, Backend), State::Stopped);
    assert_eq!(is(&checked, Frontend), State::Missing);
    assert!(checked[Postgres].usage.is_none());
    let status = ask(Ask::HealthAndUse).await.unwrap().remove(0);
    assert!(status[Postgres].usage.is_some() && status[Redis].usage.is_some());
    assert!(status[Backend].usage.is_none() && status[Frontend].container.is_none());
    world
        .engine
        .spoil("GET /containers/*/json", 9, Reply::HangUp);
    let failure = ask(Ask::Health).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Engine);
}
