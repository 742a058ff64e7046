//! What is sent again and what is not: counted at the engine, for every kind of call that an operation makes.

use crate::hub_world::{HubWorld, of_shop, shop, target};
use cchub::{
    domain::{Bytes, LimitsChange, ServiceKind::Redis},
    hub::{FailureKind, Request},
    sim::{Phase, Reply},
};
use std::time::Duration;

/// One kind of call: what brings it about, and how it looks on the wire.
struct Call {
    /// `shop` runs before; if not, the engine is empty.
    runs: bool,
    /// What is done to redis before.
    redis: Redo,
    request: Request,
    pattern: &'static str,
    /// Status 404 is an answer, not an error.
    may_be_absent: bool,
}

#[derive(Clone, Copy)]
enum Redo {
    Leave,
    Remove,
    End,
    Change,
}

fn call(runs: bool, redis: Redo, request: Request, pattern: &'static str) -> Call {
    Call {
        runs,
        redis,
        request,
        pattern,
        may_be_absent: false,
    }
}

fn found(call: Call) -> Call {
    Call {
        may_be_absent: true,
        ..call
    }
}

fn limits(mib: u64) -> Request {
    Request::Limits {
        service: of_shop(Redis),
        change: LimitsChange {
            memory: Some(Bytes::mib(mib)),
            ..LimitsChange::default()
        },
        seen: None,
        below_use: false,
    }
}

fn calls() -> Vec<Call> {
    let start = || Request::start(shop());
    let stop = || Request::stop(shop());
    let restart = || Request::restart(target(Some(Redis)));
    let (redis, leave) = ("GET /containers/cchub-shop-redis/json", Redo::Leave);
    vec![
        call(false, leave, start(), "GET /containers/json"),
        found(call(false, leave, start(), "GET /images/b:1/json")),
        call(false, leave, start(), "GET /networks"),
        call(false, leave, start(), "POST /networks/create"),
        found(call(
            false,
            leave,
            start(),
            "GET /volumes/cchub-shop-postgres-data",
        )),
        call(false, leave, start(), "POST /volumes/create"),
        found(call(true, Redo::End, start(), redis)),
        call(true, Redo::Remove, start(), "POST /containers/create"),
        call(
            true,
            Redo::End,
            start(),
            "POST /containers/cchub-shop-redis/start",
        ),
        call(true, leave, stop(), "GET /containers/json"),
        found(call(true, leave, stop(), "POST /containers/*/stop")),
        found(call(true, leave, stop(), "DELETE /containers/")),
        call(true, leave, restart(), "GET /containers/json"),
        found(call(true, leave, restart(), redis)),
        call(
            true,
            leave,
            restart(),
            "POST /containers/cchub-shop-redis/restart",
        ),
        call(
            true,
            Redo::Change,
            restart(),
            "POST /containers/cchub-shop-redis/rename",
        ),
        found(call(true, leave, limits(300), redis)),
        found(call(
            true,
            leave,
            limits(300),
            "GET /containers/cchub-shop-redis/stats",
        )),
        call(
            true,
            leave,
            limits(300),
            "POST /containers/cchub-shop-redis/update",
        ),
    ]
}

impl Call {
    async fn world(&self) -> HubWorld {
        let world = HubWorld::new();
        if self.runs {
            world.start_shop().await;
        }
        let name = "cchub-shop-redis";
        match self.redis {
            Redo::Leave => {}
            Redo::Remove => drop(world.engine.model().containers.remove(name)),
            Redo::End => drop(world.engine.model().end(name, 0)),
            Redo::Change => {
                world.write_hub(
                    &["shop"],
                    "[projects.shop.services.redis]\nenv = { A = \"1\" }\n",
                );
            }
        }
        world
    }

    /// How often it is sent while every attempt is answered with `reply`, and the failure's words.
    async fn attempts(&self, world: &HubWorld, reply: Reply) -> (usize, String) {
        let before = world.engine.count(self.pattern);
        world.engine.spoil(self.pattern, usize::MAX, reply);
        let (outcome, _) = world.run(self.request.clone()).await;
        world.engine.heal();
        let words = outcome.map_or_else(|failure| failure.to_string(), |_| "done".to_owned());
        (world.engine.count(self.pattern) - before, words)
    }
}

#[tokio::test]
async fn p09_a_permanent_no_is_one_attempt_of_every_call() {
    for call in calls() {
        let world = call.world().await;
        for status in [400, 401, 403, 404, 405, 500, 501] {
            if call.may_be_absent && status == 404 {
                continue;
            }
            let text = format!("it says no with {status}");
            let (sent, words) = call.attempts(&world, Reply::refuse(status, &text)).await;
            assert_eq!(sent, 1, "{} {status}: {words}", call.pattern);
            assert!(words.contains(&text), "{}: {words}", call.pattern);
        }
    }
}

#[tokio::test]
async fn p09_what_may_pass_is_tried_four_times_and_the_last_error_comes_back() {
    for call in calls() {
        let world = call.world().await;
        for status in [408, 429, 502, 503, 504] {
            let text = format!("busy with {status}");
            let (sent, words) = call.attempts(&world, Reply::refuse(status, &text)).await;
            assert_eq!(sent, 4, "{} {status}: {words}", call.pattern);
            assert!(words.contains(&text), "{}: {words}", call.pattern);
        }
        let (sent, words) = call.attempts(&world, Reply::HangUp).await;
        assert_eq!(sent, 4, "{} cut: {words}", call.pattern);
        assert!(
            words.contains("connection lost"),
            "{}: {words}",
            call.pattern
        );
    }
}

#[tokio::test]
async fn p09_what_passes_does_not_fail_the_operation() {
    for call in calls() {
        let world = call.world().await;
        world
            .engine
            .spoil(call.pattern, 3, Reply::refuse(503, "busy"));
        let (outcome, said) = world.run(call.request.clone()).await;
        outcome.unwrap_or_else(|failure| panic!("{}: {failure}", call.pattern));
        let told = said
            .iter()
            .any(|line| line.contains("attempt 4 of 4 in 0.0 s: busy"));
        assert!(told, "{}: {said:#?}", call.pattern);
    }
}

#[tokio::test]
async fn p09_a_taken_port_is_a_conflict_named_and_not_tried_again() {
    let world = HubWorld::new();
    let busy = "driver failed programming external connectivity: Bind for 127.0.0.1:1 failed: port is already allocated";
    world.engine.spoil(
        "POST /containers/cchub-shop-redis/start",
        9,
        Reply::refuse(500, busy),
    );
    let failure = world.run(Request::start(shop())).await.0.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Operation);
    assert!(
        failure.message.contains("for redis of shop is taken"),
        "{failure}"
    );
    assert!(failure.message.contains(busy), "{failure}");
    assert!(failure.hint.unwrap().contains("[projects.shop.ports]"));
    assert_eq!(
        world
            .engine
            .count("POST /containers/cchub-shop-redis/start"),
        1
    );
    assert!(
        !world
            .engine
            .model()
            .containers
            .contains_key("cchub-shop-redis")
    );
}

#[tokio::test]
async fn p09_a_conflict_that_is_not_about_a_port_removes_nothing() {
    let world = HubWorld::new();
    let words = "cannot start a paused container, try unpause instead";
    world.engine.spoil(
        "POST /containers/cchub-shop-redis/start",
        9,
        Reply::refuse(409, words),
    );
    let failure = world.run(Request::start(shop())).await.0.unwrap_err();
    assert!(
        failure.message.contains(words) && !failure.message.contains("taken"),
        "{failure}"
    );
    assert_eq!(
        world
            .engine
            .count("POST /containers/cchub-shop-redis/start"),
        1
    );
    assert!(
        world
            .engine
            .model()
            .containers
            .contains_key("cchub-shop-redis")
    );
}

#[tokio::test]
async fn the_same_port_of_another_loopback_address_is_not_taken() {
    let world = HubWorld::new();
    {
        let mut model = world.engine.model();
        let bound = serde_json::json!([{"HostIp": "127.0.0.9", "HostPort": "6389"}]);
        let ports = serde_json::json!({"HostConfig": {"PortBindings": {"6379/tcp": bound}}});
        model.put("somebodys-redis", ports);
        model.begin("somebodys-redis");
    }
    world.start_shop().await;
}

#[tokio::test]
async fn a_port_that_another_container_publishes_is_named_before_anything_is_made() {
    let world = HubWorld::new();
    {
        let mut model = world.engine.model();
        let ports = serde_json::json!({"HostConfig": {"PortBindings": {"6379/tcp": [{"HostPort": "6389"}]}}});
        model.put("somebodys-redis", ports);
        model.begin("somebodys-redis");
    }
    let failure = world.run(Request::start(shop())).await.0.unwrap_err();
    assert!(
        failure
            .message
            .contains("port 6389 for redis of shop is taken by container somebodys-redis"),
        "{failure}"
    );
    assert_eq!(world.engine.changes(), Vec::<String>::new());
}

/// The answer to a change is lost after it happened: it is looked at, and not sent again.
async fn sent_once(world: &HubWorld, request: Request, pattern: &str) {
    for reply in [Reply::HangUp, Reply::refuse(504, "gateway timeout")] {
        let before = world.engine.count(pattern);
        world.engine.lose(pattern, 1, reply);
        let (outcome, said) = world.run(request.clone()).await;
        outcome.unwrap_or_else(|failure| panic!("{pattern}: {failure}"));
        assert!(
            said.iter().any(|line| line.contains("attempt 2 of 4")),
            "{pattern}: {said:#?}"
        );
        assert_eq!(world.engine.count(pattern) - before, 1, "{pattern}");
        world.engine.heal();
        reset(world).await;
    }
}

async fn reset(world: &HubWorld) {
    world.write_hub(&["shop"], "");
    world.run(Request::stop(shop())).await.0.unwrap();
    world.start_shop().await;
}

#[tokio::test]
async fn p18_a_change_whose_answer_is_lost_is_looked_at_and_not_sent_again() {
    let world = HubWorld::new();
    world.start_shop().await;
    let redis = |verb: &str| format!("POST /containers/cchub-shop-redis/{verb}");
    sent_once(
        &world,
        Request::restart(target(Some(Redis))),
        &redis("restart"),
    )
    .await;
    sent_once(&world, limits(300), &redis("update")).await;
}

#[tokio::test]
async fn p18_a_start_whose_answers_are_lost_makes_and_starts_each_thing_once() {
    for (pattern, times) in [
        ("POST /containers/create", 6),
        ("POST /containers/cchub-shop-postgres/start", 1),
        ("POST /networks/create", 1),
        ("POST /volumes/create", 4),
    ] {
        for reply in [Reply::HangUp, Reply::refuse(504, "gateway timeout")] {
            let world = HubWorld::new();
            world.engine.lose(pattern, 1, reply);
            world.start_shop().await;
            let model = world.engine.model();
            assert_eq!(
                model.containers.len(),
                4,
                "{pattern}: {:?}",
                model.containers.keys()
            );
            assert_eq!((model.networks.len(), model.volumes.len()), (1, 4));
            drop(model);
            let sent = world.engine.count(pattern);
            // A helper whose making was lost is made under another name.
            assert!(
                sent == times || (times == 6 && sent == 7),
                "{pattern}: {sent}"
            );
        }
    }
}

#[tokio::test]
async fn p18_a_stop_whose_answers_are_lost_stops_each_container_once() {
    for (pattern, times) in [
        ("POST /containers/*/stop", 4),
        // Not there is what a removal wants: it may be asked again.
        ("DELETE /containers/", 5),
        ("DELETE /networks/cchub-shop", 1),
        ("DELETE /volumes/cchub-shop-postgres-secrets", 1),
    ] {
        let world = HubWorld::new();
        world.start_shop().await;
        let before = world.engine.count(pattern);
        world.engine.lose(pattern, 1, Reply::HangUp);
        let (outcome, _) = world.run(Request::stop(shop())).await;
        outcome.unwrap_or_else(|failure| panic!("{pattern}: {failure}"));
        assert_eq!(world.engine.count(pattern) - before, times, "{pattern}");
    }
}

#[tokio::test]
async fn p13_a_container_that_somebody_removes_during_a_stop_counts_as_stopped() {
    let world = HubWorld::new();
    world.start_shop().await;
    world
        .engine
        .model()
        .containers
        .remove("cchub-shop-frontend");
    world.start_shop().await;
    // The list shows it, and then it is gone.
    let id = world.engine.model().containers["cchub-shop-frontend"]
        .id
        .clone();
    for pattern in [
        format!("POST /containers/{id}/stop"),
        format!("DELETE /containers/{id}"),
    ] {
        world
            .engine
            .spoil(&pattern, 1, Reply::refuse(404, "No such container"));
    }
    world.run(Request::stop(shop())).await.0.unwrap();
}

#[tokio::test]
async fn p18_a_lost_answer_while_a_container_is_replaced_leaves_four_containers() {
    for pattern in [
        "POST /containers/cchub-shop-redis/rename",
        "POST /containers/*/stop",
        "DELETE /containers/",
        "POST /containers/cchub-shop-redis/start",
    ] {
        let world = HubWorld::new();
        world.start_shop().await;
        world.write_hub(
            &["shop"],
            "[projects.shop.services.redis]\nenv = { A = \"1\" }\n",
        );
        world.engine.lose(pattern, 1, Reply::HangUp);
        let (outcome, _) = world.run(Request::restart(target(Some(Redis)))).await;
        outcome.unwrap_or_else(|failure| panic!("{pattern}: {failure}"));
        let names: Vec<_> = world.engine.model().containers.keys().cloned().collect();
        assert_eq!(names.len(), 4, "{pattern}: {names:?}");
        assert!(names.contains(&"cchub-shop-redis".to_owned()));
    }
}

#[tokio::test]
async fn a_replacement_whose_old_container_cannot_be_stopped_gives_it_its_name_back() {
    let world = HubWorld::new();
    world.start_shop().await;
    world.write_hub(
        &["shop"],
        "[projects.shop.services.redis]\nenv = { A = \"1\" }\n",
    );
    world.engine.spoil(
        "POST /containers/*/stop",
        9,
        Reply::refuse(500, "it will not end"),
    );
    let failure = world
        .run(Request::restart(target(Some(Redis))))
        .await
        .0
        .unwrap_err();
    assert!(failure.message.contains("it will not end"), "{failure}");
    assert!(
        failure.message.contains("the old container runs again"),
        "{failure}"
    );
    assert_eq!(
        world.engine.model().containers["cchub-shop-redis"].phase,
        Phase::Running
    );
}

#[tokio::test]
async fn a_replacement_that_was_interrupted_is_completed_by_the_next_restart() {
    let world = HubWorld::new();
    world.start_shop().await;
    world.write_hub(
        &["shop"],
        "[projects.shop.services.redis]\nenv = { A = \"1\" }\n",
    );
    let id = {
        let mut model = world.engine.model();
        let old = model.containers.remove("cchub-shop-redis").unwrap();
        let id = old.id.clone();
        model
            .containers
            .insert("cchub-shop-redis-old-5".into(), old);
        id
    };
    let (outcome, _) = world.run(Request::restart(target(Some(Redis)))).await;
    outcome.unwrap();
    let model = world.engine.model();
    assert_eq!(model.containers.len(), 4);
    assert_ne!(
        model.containers["cchub-shop-redis"].id, id,
        "the old spec does not run on"
    );
}

#[tokio::test]
async fn the_gate_waits_through_an_engine_that_is_busy() {
    let world = HubWorld::new();
    world.engine.spoil(
        "POST /containers/cchub-shop-redis/exec",
        2,
        Reply::refuse(503, "busy"),
    );
    world.engine.slow(
        "POST /containers/cchub-shop-postgres/exec",
        1,
        Duration::from_millis(300),
    );
    let (outcome, said) = world.run(Request::start(shop())).await;
    outcome.unwrap();
    assert!(
        said.iter()
            .any(|line| line.starts_with("redis: waiting for health") && line.ends_with("busy")),
        "{said:#?}"
    );
}

#[tokio::test]
async fn a_service_that_is_removed_while_it_is_waited_for_is_named() {
    let world = HubWorld::new();
    world
        .engine
        .model()
        .quirks
        .sick
        .insert("cchub-shop-redis".into());
    let start = Request::start(shop());
    let (outcome, ()) = tokio::join!(world.run(start), async {
        crate::hub_world::eventually("redis is checked", || {
            world.engine.count("POST /containers/cchub-shop-redis/exec") > 0
        })
        .await;
        world.engine.model().containers.remove("cchub-shop-redis");
    });
    let failure = outcome.0.unwrap_err();
    assert!(
        failure.message.contains("redis of shop is gone"),
        "{failure}"
    );
}

/// Names that this program wants, held by somebody else, are left alone.
mod foreign {
    use super::*;
    use serde_json::json;

    #[tokio::test]
    async fn p16_a_foreign_container_is_named_and_not_touched() {
        let world = HubWorld::new();
        let id = world
            .engine
            .model()
            .put("cchub-shop-redis", json!({"Labels": {}}));
        let failure = world.run(Request::start(shop())).await.0.unwrap_err();
        assert!(
            failure
                .message
                .contains("container cchub-shop-redis exists and is not this program's"),
            "{failure}"
        );
        for request in [Request::stop(shop()), limits(300)] {
            let _ = world.run(request).await;
            assert_eq!(world.engine.model().containers["cchub-shop-redis"].id, id);
        }
        assert!(
            !world
                .engine
                .changes()
                .iter()
                .any(|c| c.contains(&id) || c.contains("cchub-shop-redis/"))
        );
    }

    #[tokio::test]
    async fn p16_a_foreign_network_is_named_and_survives_a_stop() {
        let world = HubWorld::new();
        world
            .engine
            .model()
            .networks
            .insert("cchub-shop".into(), json!({}));
        let failure = world.run(Request::start(shop())).await.0.unwrap_err();
        assert!(
            failure
                .message
                .contains("a network named cchub-shop exists and does not belong"),
            "{failure}"
        );
        world.run(Request::stop(shop())).await.0.unwrap();
        assert!(world.engine.model().networks.contains_key("cchub-shop"));
    }

    #[tokio::test]
    async fn p16_foreign_volumes_are_named_and_survive_even_a_removal_with_data() {
        for volume in [
            "postgres-data",
            "redis-data",
            "postgres-secrets",
            "backend-secrets",
        ] {
            let world = HubWorld::new();
            let name = format!("cchub-shop-{volume}");
            world
                .engine
                .model()
                .volumes
                .insert(name.clone(), json!({"whose": "mine"}));
            let failure = world.run(Request::start(shop())).await.0.unwrap_err();
            let words = format!("volume {name} exists and is not this program's");
            assert!(failure.message.contains(&words), "{failure}");
            world.run(Request::stop(shop())).await.0.unwrap();
            let remove = Request::Remove {
                project: shop(),
                data: true,
            };
            world.run(remove).await.0.unwrap();
            assert_eq!(
                world.engine.model().volumes[&name],
                json!({"whose": "mine"})
            );
        }
    }

    #[tokio::test]
    async fn data_that_was_made_with_other_secrets_stops_the_start_before_anything_is_made() {
        let world = HubWorld::new();
        world.start_shop().await;
        world.run(Request::stop(shop())).await.0.unwrap();
        let name = "cchub-shop-postgres-data";
        world.engine.model().volumes.get_mut(name).unwrap()["io.cchub.secrets"] = json!("other");
        let before = world.engine.count("POST /containers/create");
        let failure = world.run(Request::start(shop())).await.0.unwrap_err();
        assert!(
            failure
                .message
                .contains(&format!("volume {name} holds data")),
            "{failure}"
        );
        assert!(failure.hint.unwrap().contains("bring that file back"));
        assert_eq!(world.engine.count("POST /containers/create"), before);
    }

    #[tokio::test]
    async fn lost_secrets_are_not_replaced_while_their_data_lives() {
        let world = HubWorld::new();
        world.start_shop().await;
        world.run(Request::stop(shop())).await.0.unwrap();
        let file = world.hub_file().secrets_dir().join("shop.toml");
        std::fs::remove_file(&file).unwrap();
        world.run(Request::start(shop())).await.0.unwrap_err();
        assert!(!file.exists());
    }
}
