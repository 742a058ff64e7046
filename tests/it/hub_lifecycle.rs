//! Start, stop, restart and remove on an engine that remembers: what is sent, in which order, and what is not.

use crate::hub_world::{HubWorld, shop, target};
use cchub::{
    domain::ServiceKind::{Backend, Frontend, Postgres, Redis},
    hub::{Again, Request},
    sim::Phase,
    sim::Reply,
};

/// Where in `changes` the first one is that ends so.
fn at(changes: &[String], end: &str) -> usize {
    let found = changes.iter().position(|change| change.ends_with(end));
    found.unwrap_or_else(|| panic!("no {end} in {changes:#?}"))
}

#[tokio::test]
async fn a_start_makes_what_is_missing_in_waves_and_gates_each() {
    let world = HubWorld::new();
    let (outcome, said) = world.run(Request::start(shop())).await;
    assert_eq!(
        outcome.unwrap().as_str(),
        "shop is up; all four are healthy"
    );
    let changes = world.engine.changes();
    let order = [
        "/networks/create",
        "/volumes/create",
        "/containers/cchub-shop-postgres/start",
        "/containers/cchub-shop-backend/start",
        "/containers/cchub-shop-frontend/start",
    ];
    let places = order.map(|end| at(&changes, end));
    assert!(places.is_sorted(), "{changes:#?}");
    for kind in ["postgres", "redis", "backend", "frontend"] {
        let start = format!("/containers/cchub-shop-{kind}/start");
        assert!(at(&changes, &format!("cchub-shop-{kind}")) < at(&changes, &start));
        assert_eq!(world.engine.count(&format!("POST {start}")), 1);
        assert!(said.contains(&format!("{kind}: healthy")), "{said:#?}");
    }
    // No wave begins before the one before it has been found healthy.
    let all: Vec<_> = world
        .engine
        .requests()
        .into_iter()
        .map(|a| a.line)
        .collect();
    for (gate, next) in [
        ("postgres", "backend"),
        ("redis", "backend"),
        ("backend", "frontend"),
    ] {
        let gated = all
            .iter()
            .position(|line| line.contains(&format!("cchub-shop-{gate}/exec")));
        let made = all.iter().position(|line| {
            line.contains(&format!("name=cchub-shop-{next}&"))
                || line.ends_with(&format!("name=cchub-shop-{next}"))
        });
        assert!(
            gated.unwrap() < made.unwrap(),
            "{gate} before {next}: {all:#?}"
        );
    }
    assert!(
        !world
            .engine
            .model()
            .containers
            .keys()
            .any(|name| name.contains("fill"))
    );
}

#[tokio::test]
async fn starting_what_is_started_sends_no_change() {
    let world = HubWorld::new();
    world.start_shop().await;
    let before = world.engine.changes();
    let (outcome, _) = world.run(Request::start(shop())).await;
    assert_eq!(
        outcome.unwrap().as_str(),
        "shop was running already; all four are healthy"
    );
    assert_eq!(world.engine.changes(), before);
}

#[tokio::test]
async fn p18_a_start_completes_what_is_there_by_half() {
    let world = HubWorld::new();
    world.start_shop().await;
    {
        let mut model = world.engine.model();
        model.containers.remove("cchub-shop-frontend");
        model.end("cchub-shop-backend", 137);
    }
    let before = world.engine.changes().len();
    world.start_shop().await;
    let changes = world.engine.changes().split_off(before);
    assert_eq!(
        changes,
        [
            "POST /containers/cchub-shop-backend/start",
            "POST /containers/create cchub-shop-frontend",
            "POST /containers/cchub-shop-frontend/start"
        ]
    );
}

#[tokio::test]
async fn a_stop_goes_in_reverse_order_and_keeps_the_data() {
    let world = HubWorld::new();
    world.start_shop().await;
    let ids = [Frontend, Backend, Postgres, Redis].map(|kind| {
        let model = world.engine.model();
        model.containers[&format!("cchub-shop-{kind}")].id.clone()
    });
    let (outcome, _) = world.run(Request::stop(shop())).await;
    assert_eq!(
        outcome.unwrap().as_str(),
        "shop is stopped; its data is kept"
    );
    let stops = world.engine.asked("POST /containers/*/stop");
    assert_eq!(stops.len(), 4);
    assert!(
        stops[0].contains(&ids[0]) && stops[1].contains(&ids[1]),
        "{stops:#?}"
    );
    let model = world.engine.model();
    assert!(model.containers.is_empty() && model.networks.is_empty());
    let volumes: Vec<_> = model.volumes.keys().collect();
    assert_eq!(
        volumes,
        ["cchub-shop-postgres-data", "cchub-shop-redis-data"]
    );
}

#[tokio::test]
async fn stopping_what_does_not_run_says_so() {
    let world = HubWorld::new();
    let (outcome, _) = world.run(Request::stop(shop())).await;
    assert_eq!(
        outcome.unwrap().as_str(),
        "shop was not running; its data is kept"
    );
}

#[tokio::test]
async fn a_restart_of_one_service_touches_only_that_one() {
    let world = HubWorld::new();
    world.start_shop().await;
    let before = world.engine.changes().len();
    let (outcome, _) = world.run(Request::restart(target(Some(Redis)))).await;
    assert_eq!(
        outcome.unwrap().as_str(),
        "redis of shop is restarted and healthy"
    );
    let changes = world.engine.changes().split_off(before);
    assert_eq!(changes, ["POST /containers/cchub-shop-redis/restart"]);
}

#[tokio::test]
async fn a_restart_of_a_project_stops_and_starts_all_in_order_and_keeps_the_containers() {
    let world = HubWorld::new();
    world.start_shop().await;
    let ids = |world: &HubWorld| -> Vec<_> {
        let model = world.engine.model();
        model
            .containers
            .values()
            .map(|made| made.id.clone())
            .collect()
    };
    let (before, count) = (ids(&world), world.engine.changes().len());
    let (outcome, _) = world.run(Request::restart(target(None))).await;
    assert_eq!(
        outcome.unwrap().as_str(),
        "shop is restarted; all four are healthy"
    );
    assert_eq!(ids(&world), before);
    let changes = world.engine.changes().split_off(count);
    assert_eq!(changes.len(), 8, "{changes:#?}");
    assert!(changes[..4].iter().all(|change| change.ends_with("/stop")));
    assert!(changes[4..].iter().all(|change| change.ends_with("/start")));
}

#[tokio::test]
async fn a_restart_of_what_is_not_there_says_how_to_start_it() {
    let world = HubWorld::new();
    for kind in [None, Some(Redis)] {
        let failure = world
            .run(Request::restart(target(kind)))
            .await
            .0
            .unwrap_err();
        assert_eq!(
            failure.message.as_str(),
            "shop does not run: there is nothing to restart"
        );
        assert!(failure.hint.unwrap().contains("cchub-tui start shop"));
    }
}

#[tokio::test]
async fn a_changed_spec_makes_a_new_container_and_removes_the_old_one() {
    let world = HubWorld::new();
    world.start_shop().await;
    let old = world.engine.model().containers["cchub-shop-redis"]
        .id
        .clone();
    world.write_hub(
        &["shop"],
        "[projects.shop.services.redis]\nenv = { A = \"1\" }\n",
    );
    let (outcome, _) = world.run(Request::restart(target(Some(Redis)))).await;
    assert!(outcome.unwrap().contains("made anew from its changed spec"));
    let model = world.engine.model();
    assert_eq!(model.containers.len(), 4);
    assert_ne!(model.containers["cchub-shop-redis"].id, old);
}

#[tokio::test]
async fn p63_a_restart_brings_limits_back_that_somebody_else_changed() {
    let world = HubWorld::new();
    world.start_shop().await;
    let pids = || {
        world.engine.model().containers["cchub-shop-redis"].body["HostConfig"]["PidsLimit"].clone()
    };
    let wanted = pids();
    world.engine.change_pids("cchub-shop-redis", 77);
    assert_ne!(pids(), wanted);
    let made = world.engine.count("POST /containers/create");
    let request = Request::restart(target(Some(Redis)));
    world.run(request).await.0.unwrap();
    assert_eq!(pids(), wanted);
    // A new container would lose the log of the old one.
    assert_eq!(world.engine.count("POST /containers/create"), made);
}

#[tokio::test]
async fn p13_a_container_whose_network_is_gone_is_made_anew() {
    let world = HubWorld::new();
    world.start_shop().await;
    world.engine.model().end("cchub-shop-redis", 0);
    let before = world.engine.count("POST /containers/create");
    let gone = Reply::refuse(404, "network 0f8df51f not found");
    world
        .engine
        .spoil("POST /containers/cchub-shop-redis/start", 1, gone);
    world.start_shop().await;
    assert!(world.engine.count("POST /containers/create") > before);
}

#[tokio::test]
async fn a_replacement_that_does_not_get_healthy_brings_the_old_container_back() {
    let world = HubWorld::new();
    world.start_shop().await;
    let old = world.engine.model().containers["cchub-shop-redis"]
        .id
        .clone();
    world.write_hub(
        &["shop"],
        "[projects.shop.services.redis]\nenv = { A = \"1\" }\n",
    );
    world
        .engine
        .model()
        .quirks
        .dies
        .insert("cchub-shop-redis".into(), 3);
    let failure = world
        .run(Request::restart(target(Some(Redis))))
        .await
        .0
        .unwrap_err();
    assert!(failure.message.contains("exit code 3"), "{failure}");
    assert!(
        failure.message.contains("the old container runs again"),
        "{failure}"
    );
    let model = world.engine.model();
    assert_eq!(model.containers.len(), 4);
    assert_eq!(model.containers["cchub-shop-redis"].id, old);
}

#[tokio::test]
async fn a_remove_with_data_leaves_nothing_and_one_without_keeps_the_data() {
    for data in [false, true] {
        let world = HubWorld::new();
        world.start_shop().await;
        let remove = Request::Remove {
            project: shop(),
            data,
        };
        world.run(remove).await.0.unwrap();
        assert_eq!(world.engine.model().volumes.is_empty(), data);
        assert!(world.hub_file().load().unwrap().projects.is_empty());
        let secrets = world.hub_file().secrets_dir().join("shop.toml");
        assert_eq!(secrets.exists(), !data);
    }
}

#[tokio::test]
async fn p17_a_service_that_ends_fails_the_start_at_once_and_the_next_start_completes_it() {
    let world = HubWorld::new();
    world
        .engine
        .model()
        .quirks
        .dies
        .insert("cchub-shop-backend".into(), 127);
    let failure = world.run(Request::start(shop())).await.0.unwrap_err();
    let words = "backend of shop ended instead of getting healthy: exit code 127";
    assert!(failure.message.contains(words), "{failure}");
    assert_eq!(
        world.engine.model().containers["cchub-shop-redis"].phase,
        Phase::Running
    );
    assert_eq!(
        world
            .engine
            .count("POST /containers/cchub-shop-backend/start"),
        1
    );
    world.engine.model().quirks.dies.clear();
    world.start_shop().await;
}

#[tokio::test]
async fn a_service_that_never_gets_healthy_fails_after_its_time_with_what_the_check_said() {
    let world = HubWorld::new();
    world.write_hub(
        &["shop"],
        "[projects.shop.services.redis]\nstart_timeout = \"1s\"\n",
    );
    world
        .engine
        .model()
        .quirks
        .sick
        .insert("cchub-shop-redis".into());
    let failure = world.run(Request::start(shop())).await.0.unwrap_err();
    let words = "redis of shop runs but is not healthy after 1s: no (exit 1)";
    assert_eq!(failure.message.as_str(), words);
    assert!(failure.hint.unwrap().contains("cchub-tui logs shop redis"));
    assert_eq!(
        world.engine.model().containers["cchub-shop-redis"].phase,
        Phase::Running
    );
}

#[tokio::test]
async fn images_that_are_not_there_are_pulled() {
    let world = HubWorld::new();
    world
        .engine
        .model()
        .quirks
        .absent_images
        .insert("b:1".into());
    let (outcome, said) = world.run(Request::start(shop())).await;
    outcome.unwrap();
    assert_eq!(world.engine.count("POST /images/create"), 1);
    assert!(
        said.iter().any(|line| line.starts_with("backend: pulling")),
        "{said:#?}"
    );
}

#[tokio::test]
async fn leftovers_of_interrupted_operations_go_away_at_the_next_start() {
    let world = HubWorld::new();
    world.start_shop().await;
    {
        let mut model = world.engine.model();
        let labels =
            serde_json::json!({"Labels": {"io.cchub.project": "shop", "io.cchub.fill": "1"}});
        model.put("cchub-shop-fill-0a", labels);
        let mut old = model.containers.remove("cchub-shop-redis").unwrap();
        old.phase = Phase::Exited;
        model
            .containers
            .insert("cchub-shop-redis-old-5".into(), old);
    }
    world.start_shop().await;
    let model = world.engine.model();
    assert_eq!(model.containers.len(), 4);
    assert_eq!(model.containers["cchub-shop-redis"].phase, Phase::Running);
}

#[tokio::test]
async fn a_start_of_one_service_brings_up_what_it_needs_and_nothing_else() {
    let world = HubWorld::new();
    let (outcome, _) = world.run(Request::start(target(Some(Backend)))).await;
    assert_eq!(
        outcome.unwrap().as_str(),
        "backend of shop is up and healthy, and so is what it needs: postgres and redis"
    );
    let there = || {
        world
            .engine
            .model()
            .containers
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        there(),
        [
            "cchub-shop-backend",
            "cchub-shop-postgres",
            "cchub-shop-redis"
        ]
    );
    let before = world.engine.changes();
    let (outcome, _) = world.run(Request::start(target(Some(Backend)))).await;
    assert_eq!(
        outcome.unwrap().as_str(),
        "backend of shop was running already and is healthy"
    );
    assert_eq!(world.engine.changes(), before);
}

#[tokio::test]
async fn a_stop_of_one_service_keeps_its_container_and_a_start_goes_on_with_it() {
    let world = HubWorld::new();
    world.start_shop().await;
    let before = world.engine.changes().len();
    let (outcome, _) = world.run(Request::stop(target(Some(Redis)))).await;
    assert_eq!(
        outcome.unwrap().as_str(),
        "redis of shop is stopped; its container is kept"
    );
    let id = world.engine.model().containers["cchub-shop-redis"]
        .id
        .clone();
    world
        .run(Request::start(target(Some(Redis))))
        .await
        .0
        .unwrap();
    let changes = world.engine.changes().split_off(before);
    assert_eq!(
        changes,
        [
            format!("POST /containers/{id}/stop"),
            "POST /containers/cchub-shop-redis/start".to_owned()
        ]
    );
    let (again, _) = world.run(Request::stop(target(None))).await;
    assert!(again.unwrap().contains("is stopped"));
    let (none, _) = world.run(Request::stop(target(Some(Redis)))).await;
    assert_eq!(none.unwrap().as_str(), "redis of shop was not running");
}

#[tokio::test]
async fn the_grace_that_the_operator_gives_goes_to_the_engine() {
    let world = HubWorld::new();
    world.start_shop().await;
    let asked = |end: &str| {
        let all = world.engine.requests();
        let last = all.iter().rev().find(|asked| asked.target().ends_with(end));
        last.and_then(|asked| asked.query("t"))
    };
    let grace = Some(std::time::Duration::from_secs(45));
    let restart = Request::Restart {
        target: target(Some(Redis)),
        how: Again::InPlace,
        grace,
    };
    world.run(restart).await.0.unwrap();
    assert_eq!(asked("/restart").as_deref(), Some("45"));
    for target in [target(Some(Redis)), target(None)] {
        world.run(Request::Stop { target, grace }).await.0.unwrap();
        assert_eq!(asked("/stop").as_deref(), Some("45"));
    }
}

#[tokio::test]
async fn a_restart_with_dependants_restarts_those_that_run_after_the_service() {
    let world = HubWorld::new();
    world.start_shop().await;
    let restart = || Request::Restart {
        target: target(Some(Postgres)),
        how: Again::WithDependants,
        grace: None,
    };
    let before = world.engine.changes().len();
    let (outcome, _) = world.run(restart()).await;
    assert_eq!(
        outcome.unwrap().as_str(),
        "postgres of shop is restarted and healthy; backend and frontend came along"
    );
    let order = ["postgres", "backend", "frontend"];
    assert_eq!(
        world.engine.changes().split_off(before),
        order.map(|kind| format!("POST /containers/cchub-shop-{kind}/restart"))
    );
    // What somebody stopped on purpose stays so.
    world
        .run(Request::stop(target(Some(Frontend))))
        .await
        .0
        .unwrap();
    let outcome = world.run(restart()).await.0.unwrap();
    assert!(
        outcome.ends_with("healthy; backend came along"),
        "{outcome}"
    );
}

#[tokio::test]
async fn a_restart_anew_makes_a_new_container_of_an_unchanged_spec() {
    let world = HubWorld::new();
    world.start_shop().await;
    let ids = || {
        let model = world.engine.model();
        let all = model.containers.iter();
        all.map(|(name, made)| (name.clone(), made.id.clone()))
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let restart = |kind| Request::Restart {
        target: target(kind),
        how: Again::Anew,
        grace: None,
    };
    let before = ids();
    let (outcome, _) = world.run(restart(Some(Redis))).await;
    assert_eq!(
        outcome.unwrap().as_str(),
        "redis of shop is made anew and healthy"
    );
    let after = ids();
    for (name, id) in &after {
        assert_eq!(*id == before[name], name != "cchub-shop-redis", "{name}");
    }
    let (outcome, _) = world.run(restart(None)).await;
    assert_eq!(
        outcome.unwrap().as_str(),
        "shop is made anew; all four are healthy"
    );
    assert!(ids().iter().all(|(name, id)| *id != after[name]));
}
