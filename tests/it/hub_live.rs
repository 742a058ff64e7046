//! The hub as a front end sees it: commands in, facts out, whatever the engine does.

use crate::hub_world::{
    HubWorld, end_of, eventually, failure_of, named, of_shop, quick, send, shop, target, until,
};
use cchub::{
    domain::{
        ServiceKind::{self, Backend, Redis},
        State,
    },
    engine::Endpoint,
    hub::{
        Command, EngineState, Fact, FailureKind, HubHandle, JobId, JobState, NewProject, Request,
        Timing,
    },
    sim::Reply,
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

async fn live(hub: &mut HubHandle) {
    until(hub, |fact| {
        matches!(fact, Fact::Engine(EngineState::Live { .. })).then_some(())
    })
    .await;
}

async fn lost(hub: &mut HubHandle) -> u32 {
    until(hub, |fact| match fact {
        Fact::Engine(EngineState::Lost { attempt, .. }) => Some(*attempt),
        _ => None,
    })
    .await
}

/// Reads facts until each service of shop is in `state`.
async fn all_are(hub: &mut HubHandle, state: State) {
    let mut states = BTreeMap::new();
    until(hub, |fact| {
        if let Fact::Health(id, health) = fact {
            states.insert(id.clone(), health.state);
        }
        let all = ServiceKind::ALL.map(|kind| states.get(&of_shop(kind)) == Some(&state));
        all.iter().all(|is| *is).then_some(())
    })
    .await;
}

async fn becomes(hub: &mut HubHandle, kind: ServiceKind, state: State) {
    until(hub, |fact| match fact {
        Fact::Health(id, health) if *id == of_shop(kind) && health.state == state => Some(()),
        _ => None,
    })
    .await;
}

mod jobs {
    use super::*;

    #[tokio::test]
    async fn a_cancelled_start_answers_at_once_and_the_next_start_completes_it() {
        let world = HubWorld::new();
        let mut hub = world.open();
        live(&mut hub).await;
        world.engine.slow(
            "POST /containers/cchub-shop-redis/start",
            1,
            Duration::from_secs(15),
        );
        send(&hub, Command::Run(Request::start(shop()))).await;
        eventually("redis is being started", || {
            world
                .engine
                .count("POST /containers/cchub-shop-redis/start")
                > 0
        })
        .await;
        send(&hub, Command::Cancel(JobId(1))).await;
        let began = Instant::now();
        assert_eq!(end_of(&mut hub, 1).await.state, JobState::Cancelled);
        assert!(
            began.elapsed() < Duration::from_secs(5),
            "it does not wait for the engine"
        );
        send(&hub, Command::Run(Request::start(shop()))).await;
        assert!(matches!(end_of(&mut hub, 2).await.state, JobState::Done(_)));
        assert_eq!(world.engine.model().containers.len(), 4);
    }

    #[tokio::test]
    async fn a_second_operation_on_a_project_waits_and_another_project_does_not() {
        let world = HubWorld::with(&["shop", "blog"]);
        let mut hub = world.open();
        live(&mut hub).await;
        world
            .engine
            .model()
            .quirks
            .sick
            .insert("cchub-shop-redis".into());
        send(&hub, Command::Run(Request::start(shop()))).await;
        send(&hub, Command::Run(Request::stop(shop()))).await;
        send(&hub, Command::Run(Request::start(named("blog")))).await;
        let waits = until(&mut hub, |fact| match fact {
            Fact::Job(job) if job.id == JobId(2) => Some(job.clone()),
            _ => None,
        })
        .await;
        assert_eq!(waits.state, JobState::Waiting);
        assert!(waits.progress.text.contains("waits for start of shop"));
        assert!(matches!(end_of(&mut hub, 3).await.state, JobState::Done(_)));
        assert_eq!(world.engine.count("POST /containers/*/stop"), 0);
        world.engine.model().quirks.sick.clear();
        assert!(matches!(end_of(&mut hub, 1).await.state, JobState::Done(_)));
        assert!(matches!(end_of(&mut hub, 2).await.state, JobState::Done(_)));
        assert_eq!(world.engine.model().containers.len(), 4, "those of blog");
    }

    #[tokio::test]
    async fn a_waiting_operation_that_is_cancelled_says_so_at_once_and_never_begins() {
        let world = HubWorld::new();
        let mut hub = world.open();
        live(&mut hub).await;
        world
            .engine
            .model()
            .quirks
            .sick
            .insert("cchub-shop-redis".into());
        send(&hub, Command::Run(Request::start(shop()))).await;
        send(&hub, Command::Run(Request::stop(shop()))).await;
        send(&hub, Command::Cancel(JobId(2))).await;
        // The first one is still under way.
        assert_eq!(end_of(&mut hub, 2).await.state, JobState::Cancelled);
        world.engine.model().quirks.sick.clear();
        assert!(matches!(end_of(&mut hub, 1).await.state, JobState::Done(_)));
        assert_eq!(world.engine.count("POST /containers/*/stop"), 0);
    }

    #[tokio::test]
    async fn a_full_queue_says_so_and_cancelled_operations_make_room() {
        let world = HubWorld::new();
        let mut hub = world.open();
        live(&mut hub).await;
        world
            .engine
            .model()
            .quirks
            .sick
            .insert("cchub-shop-redis".into());
        for _ in 0..9 {
            send(&hub, Command::Run(Request::start(shop()))).await;
        }
        let failure = failure_of(end_of(&mut hub, 9).await);
        assert!(failure.message.contains("8 operations"), "{failure}");
        send(&hub, Command::Cancel(JobId(5))).await;
        assert_eq!(end_of(&mut hub, 5).await.state, JobState::Cancelled);
        send(&hub, Command::Run(Request::start(shop()))).await;
        let state = until(&mut hub, |fact| match fact {
            Fact::Job(job) if job.id == JobId(10) => Some(job.state.clone()),
            _ => None,
        })
        .await;
        assert_eq!(state, JobState::Waiting);
    }

    #[tokio::test]
    async fn every_command_reaches_its_operation() {
        let world = HubWorld::new();
        let mut hub = world.open();
        live(&mut hub).await;
        let change = cchub::domain::LimitsChange {
            pids: Some(99),
            ..Default::default()
        };
        let service = of_shop(Redis);
        for (id, command) in [
            (1, Command::Run(Request::start(shop()))),
            (2, Command::Run(Request::restart(target(Some(Redis))))),
            (
                3,
                Command::Run(Request::Limits {
                    service,
                    change,
                    seen: None,
                    below_use: false,
                }),
            ),
            (4, Command::Run(Request::stop(shop()))),
            (
                5,
                Command::Run(Request::Remove {
                    project: shop(),
                    data: true,
                }),
            ),
        ] {
            send(&hub, command).await;
            let job = end_of(&mut hub, id).await;
            assert!(matches!(job.state, JobState::Done(_)), "{job:?}");
        }
        until(&mut hub, |fact| {
            (*fact == Fact::Projects(Vec::new())).then_some(())
        })
        .await;
        send(&hub, Command::Run(Request::start(shop()))).await;
        let failure = failure_of(end_of(&mut hub, 6).await);
        assert_eq!(failure.kind, FailureKind::Input);
    }
}

mod connection {
    use super::*;

    #[tokio::test]
    async fn p01_an_absent_engine_is_told_with_each_try_and_found_when_it_comes() {
        let world = HubWorld::new();
        world.start_shop().await;
        let place = world.folder.path().join("docker.sock");
        let mut hub = world.open_at(Endpoint::Unix(place.clone()));
        let first = until(&mut hub, |fact| match fact {
            Fact::Engine(state) => Some(state.clone()),
            _ => None,
        })
        .await;
        assert!(matches!(
            first,
            EngineState::Connecting { .. } | EngineState::Lost { attempt: 1, .. }
        ));
        while lost(&mut hub).await < 3 {}
        let Endpoint::Unix(socket) = world.engine.endpoint() else {
            unreachable!()
        };
        std::os::unix::fs::symlink(socket, place).unwrap();
        live(&mut hub).await;
        until(&mut hub, |fact| match fact {
            Fact::Limits(id, _) if *id == of_shop(Backend) => Some(()),
            _ => None,
        })
        .await;
    }

    #[tokio::test]
    async fn p01_an_unreachable_engine_stops_no_command_that_needs_none() {
        let world = HubWorld::new();
        let mut hub = world.open_at(Endpoint::Unix(world.folder.path().join("none")));
        let path = world.folder.path().join("wiki");
        std::fs::create_dir(&path).unwrap();
        send(&hub, Command::Run(Request::start(shop()))).await;
        let failure = failure_of(end_of(&mut hub, 1).await);
        assert_eq!(failure.kind, FailureKind::Engine);
        assert!(failure.message.contains("nothing was sent"));
        let new = NewProject {
            name: named("wiki"),
            path,
            images: Vec::new(),
        };
        send(&hub, Command::Run(Request::Add(new))).await;
        assert!(matches!(end_of(&mut hub, 2).await.state, JobState::Done(_)));
        until(&mut hub, |fact| match fact {
            Fact::Projects(all) if all.len() == 2 => Some(()),
            _ => None,
        })
        .await;
    }

    #[tokio::test]
    async fn p54_a_lost_engine_makes_all_unknown_and_its_return_lists_anew() {
        let world = HubWorld::new();
        world.start_shop().await;
        let mut hub = world.open();
        until(&mut hub, |fact| match fact {
            Fact::Limits(id, _) if *id == of_shop(Backend) => Some(()),
            _ => None,
        })
        .await;
        world.engine.spoil("GET /_ping", usize::MAX, Reply::HangUp);
        all_are(&mut hub, State::Unknown).await;
        world.engine.model().containers.remove("cchub-shop-redis");
        let lists = world.engine.count("GET /containers/json");
        world.engine.heal();
        live(&mut hub).await;
        becomes(&mut hub, Redis, State::Missing).await;
        assert!(world.engine.count("GET /containers/json") > lists);
    }

    #[tokio::test]
    async fn p04_one_slow_ping_is_no_loss_and_two_are() {
        let world = HubWorld::new();
        let mut hub = world.open();
        live(&mut hub).await;
        let closed = world.engine.closed();
        world.engine.spoil("GET /_ping", 1, Reply::Hang);
        eventually("it hung once", || world.engine.closed() > closed).await;
        while let Ok(fact) = hub.facts.try_recv() {
            assert!(!matches!(fact, Fact::Engine(EngineState::Lost { .. })));
        }
        live(&mut hub).await;
        world.engine.spoil("GET /_ping", 2, Reply::Hang);
        let began = Instant::now();
        lost(&mut hub).await;
        assert!(
            began.elapsed() < Duration::from_secs(9),
            "{:?}",
            began.elapsed()
        );
    }

    #[tokio::test]
    async fn reconnect_tries_at_once_instead_of_after_the_wait() {
        let world = HubWorld::new();
        let place = world.folder.path().join("docker.sock");
        let hour = Duration::from_secs(3600);
        let timing = Timing {
            reconnect_first: hour,
            reconnect_longest: hour,
            ..quick()
        };
        let mut hub = cchub::hub::open(cchub::hub::HubConfig {
            hub_file: world.hub_file(),
            endpoint: Endpoint::Unix(place.clone()),
            timing,
            journal: world.journal(),
        });
        assert_eq!(lost(&mut hub).await, 1);
        send(&hub, Command::Reconnect).await;
        assert_eq!(lost(&mut hub).await, 2);
        let Endpoint::Unix(socket) = world.engine.endpoint() else {
            unreachable!()
        };
        std::os::unix::fs::symlink(socket, place).unwrap();
        send(&hub, Command::Reconnect).await;
        live(&mut hub).await;
    }

    #[tokio::test]
    async fn an_engine_that_is_lost_during_a_start_fails_it_as_an_engine_failure() {
        let world = HubWorld::new();
        let mut hub = world.open();
        live(&mut hub).await;
        world.engine.spoil("", usize::MAX, Reply::HangUp);
        send(&hub, Command::Run(Request::start(shop()))).await;
        let failure = failure_of(end_of(&mut hub, 1).await);
        assert_eq!(failure.kind, FailureKind::Engine, "{failure}");
    }
}

mod refresh {
    use super::*;
    use tokio::net::TcpListener;

    /// Answers every connection as a redis does.
    fn redis_at(address: &str, port: u16) {
        redis_after(address, port, Duration::ZERO);
    }

    /// The same, but it takes a while.
    fn redis_after(address: &str, port: u16, wait: Duration) {
        let address = format!("{address}:{port}");
        tokio::spawn(async move {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let listener = TcpListener::bind(address).await.unwrap();
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut ignored = [0; 64];
                if socket.read(&mut ignored).await.is_ok() {
                    tokio::time::sleep(wait).await;
                    let _ = socket.write_all(b"+PONG\r\n").await;
                }
            }
        });
    }

    /// Replaces words of the hub file.
    fn rewrite(world: &HubWorld, from: &str, to: &str) {
        let text = std::fs::read_to_string(world.hub_path()).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(world.hub_path(), text.replace(from, to)).unwrap();
    }

    #[tokio::test]
    async fn other_bounds_in_the_hub_file_count_at_once() {
        let world = HubWorld::new();
        rewrite(&world, "interval = \"1s\"", "interval = \"5m\"");
        world.start_shop().await;
        redis_after(&world.address, 6389, Duration::from_millis(200));
        let mut hub = world.open();
        becomes(&mut hub, Redis, State::Healthy).await;
        rewrite(
            &world,
            "interval = \"5m\"",
            "interval = \"5m\"\nslow = \"50ms\"",
        );
        becomes(&mut hub, Redis, State::Degraded).await;
        rewrite(&world, "interval = \"5m\"", "interval = \"1s\"");
        until(&mut hub, |fact| match fact {
            Fact::Health(id, health) if *id == of_shop(Redis) && health.history.len() > 3 => {
                Some(())
            }
            _ => None,
        })
        .await;
    }

    fn is_open(socket: &tokio::net::TcpStream) -> bool {
        loop {
            match socket.try_read(&mut [0; 512]) {
                Ok(0) => return false,
                Ok(_request) => {}
                Err(_nothing_yet) => return true,
            }
        }
    }

    #[tokio::test]
    async fn p51_a_service_that_hangs_delays_no_other_and_is_not_asked_twice_at_once() {
        let world = HubWorld::new();
        world.start_shop().await;
        let hanging = TcpListener::bind(format!("{}:8010", world.address))
            .await
            .unwrap();
        redis_at(&world.address, 6389);
        let mut hub = world.open();
        becomes(&mut hub, Redis, State::Healthy).await;
        let mut open = Vec::new();
        let deadline = Instant::now() + Duration::from_secs(4);
        let (mut most, mut redis) = (0, 0);
        while Instant::now() < deadline {
            tokio::select! {
                Ok((socket, _)) = hanging.accept() => {
                    open.push(socket);
                    // What the hub has given up is closed.
                    open.retain(is_open);
                    most = most.max(open.len());
                }
                Some(fact) = hub.facts.recv() => if let Fact::Health(id, health) = fact
                    && id == of_shop(Redis) {
                    assert_eq!(health.state, State::Healthy);
                    redis += 1;
                },
                () = tokio::time::sleep(Duration::from_millis(50)) => {}
            }
        }
        assert_eq!(most, 1, "one check of one service at a time");
        assert!(redis >= 2, "{redis} results of the healthy one");
    }

    #[tokio::test]
    async fn p50_sixty_services_are_checked_by_at_most_sixteen_at_once() {
        let names: Vec<_> = (0..15).map(|n| format!("p{n}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let world = HubWorld::with(&names);
        let (mut open, (tell, mut told)) = (0_i32, tokio::sync::mpsc::unbounded_channel());
        for (_, entry) in world.hub_file().load().unwrap().projects {
            let stack = cchub::stack::StackSpec::resolve(&entry).unwrap();
            for spec in stack.services.0 {
                let labels = serde_json::json!({"io.cchub.project": entry.name.as_str(),
                    "io.cchub.service": spec.id.kind.as_str()});
                {
                    let mut model = world.engine.model();
                    model.put(&spec.container, serde_json::json!({"Labels": labels}));
                    model.begin(&spec.container);
                }
                let listener = TcpListener::bind((spec.address, spec.host_port))
                    .await
                    .unwrap();
                let tell = tell.clone();
                tokio::spawn(async move {
                    use tokio::io::AsyncReadExt;
                    while let Ok((mut socket, _)) = listener.accept().await {
                        let tell = tell.clone();
                        let _ = tell.send(1);
                        tokio::spawn(async move {
                            let mut ignored = [0; 512];
                            while socket.read(&mut ignored).await.is_ok_and(|n| n > 0) {}
                            let _ = tell.send(-1);
                        });
                    }
                });
            }
        }
        let hub = world.open();
        let (mut most, mut all) = (0, 0);
        while all < 60 {
            let step = tokio::time::timeout(Duration::from_secs(20), told.recv()).await;
            let step = step.expect("all are checked").unwrap();
            open += step;
            all += step.max(0);
            most = most.max(open);
        }
        assert!((8..=16).contains(&most), "{most}");
        drop(hub);
    }

    #[tokio::test]
    async fn p13_a_container_that_somebody_removes_is_missing() {
        let world = HubWorld::new();
        world.start_shop().await;
        redis_at(&world.address, 6389);
        let mut hub = world.open();
        becomes(&mut hub, Redis, State::Healthy).await;
        let began = Instant::now();
        world.engine.model().remove("cchub-shop-redis");
        becomes(&mut hub, Redis, State::Missing).await;
        assert!(
            began.elapsed() < Duration::from_secs(2),
            "{:?}",
            began.elapsed()
        );
    }

    #[tokio::test]
    async fn p12_without_events_the_list_and_a_look_at_each_make_it_right() {
        let world = HubWorld::new();
        world.start_shop().await;
        world
            .engine
            .spoil("GET /events", usize::MAX, Reply::ThenHang(Vec::new()));
        let mut hub = world.open();
        until(&mut hub, |fact| {
            matches!(fact, Fact::Limits(..)).then_some(())
        })
        .await;
        // No list shows these two: the limits were changed by hand, and one was restarted in between.
        {
            let mut model = world.engine.model();
            let made = model.containers.get_mut("cchub-shop-backend").unwrap();
            made.body["HostConfig"]["PidsLimit"] = serde_json::json!(77);
            model.end("cchub-shop-redis", 1);
            model.begin("cchub-shop-redis");
            model
                .containers
                .get_mut("cchub-shop-redis")
                .unwrap()
                .restarts = 5;
            model.end("cchub-shop-postgres", 1);
        }
        let (mut limits, mut restarts, mut ended) = (false, false, false);
        until(&mut hub, |fact| {
            match fact {
                Fact::Limits(id, now) if *id == of_shop(Backend) => limits |= now.pids == 77,
                Fact::Health(id, health) if *id == of_shop(Redis) => {
                    restarts |= health.restarts == 5
                }
                Fact::Health(id, health) if *id == of_shop(ServiceKind::Postgres) => {
                    ended |= health.exit_code == Some(1);
                }
                _ => {}
            }
            (limits && restarts && ended).then_some(())
        })
        .await;
    }

    #[tokio::test]
    async fn an_event_stream_that_ends_at_once_is_not_asked_in_a_loop() {
        let world = HubWorld::new();
        world.start_shop().await;
        world
            .engine
            .spoil("GET /events", usize::MAX, Reply::Chunks(Vec::new()));
        let before = world.engine.count("GET /events");
        let mut hub = world.open();
        live(&mut hub).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        // One for what comes, one for what was.
        assert_eq!(world.engine.count("GET /events") - before, 2);
        assert!(world.engine.count("GET /containers/json") < 20);
    }

    #[tokio::test]
    async fn an_inspect_that_fails_is_asked_again() {
        let world = HubWorld::new();
        world.start_shop().await;
        let mut hub = world.open();
        until(&mut hub, |fact| match fact {
            Fact::Limits(id, _) if *id == of_shop(Redis) => Some(()),
            _ => None,
        })
        .await;
        world.engine.spoil(
            "GET /containers/cchub-shop-redis/json",
            1,
            Reply::refuse(500, "no"),
        );
        world.engine.change_pids("cchub-shop-redis", 77);
        until(&mut hub, |fact| match fact {
            Fact::Limits(id, now) if *id == of_shop(Redis) && now.pids == 77 => Some(()),
            _ => None,
        })
        .await;
    }

    #[tokio::test]
    async fn a_hub_file_that_vanishes_leaves_what_was_known_and_says_so() {
        let world = HubWorld::with(&["shop"]);
        let mut hub = world.open();
        until(&mut hub, |fact| match fact {
            Fact::Projects(all) if all.len() == 1 => Some(()),
            _ => None,
        })
        .await;
        let path = world.hub_file().path().to_owned();
        let aside = path.with_extension("aside");
        std::fs::rename(&path, &aside).unwrap();
        let told = until(&mut hub, |fact| match fact {
            Fact::HubFile(Some(problem)) => Some(problem.clone()),
            Fact::Projects(all) => panic!("{} projects", all.len()),
            _ => None,
        })
        .await;
        assert!(
            told.contains("is gone") && told.contains("1 projects"),
            "{told}"
        );
        std::fs::rename(&aside, &path).unwrap();
        until(&mut hub, |fact| {
            (*fact == Fact::HubFile(None)).then_some(())
        })
        .await;
    }

    #[tokio::test]
    async fn what_somebody_else_writes_into_the_hub_file_appears() {
        let world = HubWorld::new();
        let mut hub = world.open();
        live(&mut hub).await;
        world.write_hub(&["shop", "blog"], "");
        until(&mut hub, |fact| match fact {
            Fact::Projects(all) if all.len() == 2 => Some(()),
            _ => None,
        })
        .await;
        std::fs::write(world.hub_path(), "version = 1\nnonsense").unwrap();
        until(&mut hub, |fact| {
            matches!(fact, Fact::HubFile(Some(_))).then_some(())
        })
        .await;
        world.write_hub(&["blog"], "");
        until(&mut hub, |fact| {
            (*fact == Fact::HubFile(None)).then_some(())
        })
        .await;
    }

    #[tokio::test]
    async fn keys_and_theme_of_the_hub_file_are_told_when_they_change() {
        let world = HubWorld::new();
        let mut hub = world.open();
        live(&mut hub).await;
        let text = std::fs::read_to_string(world.hub_path()).unwrap();
        let more = "[ui]\ntheme = \"paper\"\n[keys]\nmenu = \"B\"\n";
        std::fs::write(world.hub_path(), format!("{text}\n{more}")).unwrap();
        let wishes = until(&mut hub, |fact| match fact {
            Fact::Keys(wishes) => Some(wishes.clone()),
            _ => None,
        })
        .await;
        assert_eq!(wishes.actions["menu"].words, ["B"]);
        assert!(wishes.actions["menu"].line > 3);
        let wish = until(&mut hub, |fact| match fact {
            Fact::Theme(wish) => Some(wish.clone()),
            _ => None,
        })
        .await;
        assert_eq!(wish.name, "paper");
        assert!(wish.line > 1);
        std::fs::write(world.hub_path(), text).unwrap();
        until(&mut hub, |fact| match fact {
            Fact::Theme(wish) if wish.name == "auto" => Some(()),
            _ => None,
        })
        .await;
    }

    #[tokio::test]
    async fn a_project_without_a_usable_spec_stays_listed_with_the_reason_until_it_is_mended() {
        let world = HubWorld::new();
        rewrite(&world, "image = \"b:1\"\n", "");
        let list = world.folder.path().join("shop/requirements.txt");
        std::fs::create_dir(&list).unwrap();
        let mut hub = world.open();
        until(&mut hub, |fact| match fact {
            Fact::Projects(all) if all.len() == 1 => Some(()),
            _ => None,
        })
        .await;
        let mut told = BTreeMap::new();
        until(&mut hub, |fact| {
            if let Fact::Health(id, health) = fact {
                assert_eq!(health.state, State::Unknown);
                told.insert(id.clone(), health.message.clone());
            }
            (told.len() == 4).then_some(())
        })
        .await;
        for message in told.values() {
            assert!(
                message.contains("requirements.txt is not a file"),
                "{message}"
            );
        }
        std::fs::remove_dir(&list).unwrap();
        becomes(&mut hub, Backend, State::Missing).await;
    }

    #[tokio::test]
    async fn a_check_on_request_runs_inside_the_container() {
        let world = HubWorld::new();
        world.start_shop().await;
        let mut hub = world.open();
        until(&mut hub, |fact| match fact {
            Fact::Limits(id, _) if *id == of_shop(Redis) => Some(()),
            _ => None,
        })
        .await;
        let before = world.engine.count("POST /containers/cchub-shop-redis/exec");
        send(&hub, Command::CheckNow(target(Some(Redis)))).await;
        eventually("it is checked", || {
            world.engine.count("POST /containers/cchub-shop-redis/exec") > before
        })
        .await;
        send(&hub, Command::Watch(Some(shop()))).await;
        until(&mut hub, |fact| {
            matches!(fact, Fact::Usage(..)).then_some(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_service_with_a_check_of_its_own_is_checked_by_that() {
        let world = HubWorld::new();
        world.write_hub(
            &["shop"],
            "[projects.shop.services.redis]\nhealth = [\"/app/check\"]\n",
        );
        world.start_shop().await;
        let mut hub = world.open();
        becomes(&mut hub, Redis, State::Healthy).await;
        let asked = world.engine.requests();
        let check = asked
            .iter()
            .rfind(|asked| asked.is("POST /containers/cchub-shop-redis/exec"));
        assert_eq!(
            check.unwrap().json()["Cmd"],
            serde_json::json!(["/app/check"])
        );
    }
}

#[tokio::test]
async fn a_front_end_that_goes_away_ends_every_task() {
    let world = HubWorld::new();
    world.start_shop().await;
    let mut hub = world.open();
    live(&mut hub).await;
    eventually("events are heard", || world.engine.count("GET /events") > 0).await;
    let closed = world.engine.closed();
    drop(hub);
    eventually("the event stream is closed", || {
        world.engine.closed() > closed
    })
    .await;
    let asked = world.engine.requests().len();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(world.engine.requests().len(), asked);
}
