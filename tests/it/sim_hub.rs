//! The hub against an engine that is away, stalls, lies or forgets: what a front end is told, and what it costs.

use crate::{
    event_loop::{keys, play_loop},
    hub_world::named,
    sim_world::{Front, PATIENCE, SimWorld, whole},
};
use cchub::{
    domain::{
        ServiceKind::{self, Backend, Frontend, Postgres, Redis},
        State,
    },
    hub::Request,
    sim::{Conduct, Disorder, Garble, How, Machine, Reply, Settings},
    tui::Ended,
};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::{Instant, sleep, timeout};

const EVER: usize = usize::MAX;
const SECOND: Duration = Duration::from_secs(1);
/// The list is read this often, and all containers are looked at.
const RESYNC: Duration = Duration::from_secs(30);

async fn running() -> SimWorld {
    let world = SimWorld::new();
    world.start(&["shop"]).await;
    world
}

mod connection {
    use super::*;

    /// Waits grow from half a second to half a minute, each a quarter more or less.
    fn assert_growing(losses: &[(u32, Duration)]) {
        for (attempt, wait) in losses {
            let ideal = 0.5 * 2_f64.powi(i32::try_from(*attempt).unwrap() - 1);
            let (least, most) = ((ideal * 0.75).min(22.5), (ideal * 1.25).min(30.0));
            let wait = wait.as_secs_f64();
            assert!(
                (least - 0.001..=most + 0.001).contains(&wait),
                "{attempt}: {wait} s"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn p01_an_absent_engine_is_tried_for_ever_with_waits_up_to_half_a_minute() {
        let mut world = running().await;
        world.sim.server.stop();
        let mut front = world.open();
        let first = front.until("it is told", Front::is_lost).await;
        assert!(first <= SECOND, "{first:?}");
        assert!(front.loss().contains("systemctl"), "{}", front.loss());
        // Longer than any library's idea of having tried enough.
        front.read_for(SECOND * 3600 * 3).await;
        let tries = front.losses.last().unwrap().0;
        assert!((360..=490).contains(&tries), "{tries} tries in three hours");
        assert_growing(&front.losses);
        world.sim.server.resume().unwrap();
        let back = front.until("it is found", Front::is_live).await;
        assert!(back <= SECOND * 5, "{back:?}");
        // What is found and lost again is tried at once again.
        world.sim.server.stop();
        front.losses.clear();
        front.until("it is lost", Front::is_lost).await;
        assert_eq!(front.losses[0].0, 1);
        assert_growing(&front.losses);
    }

    #[tokio::test(start_paused = true)]
    async fn p01_an_engine_that_hangs_up_is_asked_once_per_try_and_nothing_else() {
        let world = running().await;
        let mut front = world.open();
        front.looked(4).await;
        world
            .sim
            .server
            .fault("", EVER, How::Instead(Reply::HangUp));
        front.until("it is lost", Front::is_lost).await;
        let before = world.sim.server.total();
        front.read_for(SECOND * 600).await;
        let asked = world.sim.server.total() - before;
        assert!(
            (20..=40).contains(&asked),
            "{asked} requests in ten minutes"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn p03_whatever_is_where_the_socket_should_be_is_told_and_the_socket_is_found_again() {
        use std::fs;
        let mut world = running().await;
        let mut front = world.open();
        front.looked(4).await;
        let place = world.socket();
        let told = |words: &'static str| move |front: &Front| front.loss().contains(words);
        world.sim.server.stop();
        front.until("no file", told("No such file")).await;
        fs::write(&place, "").unwrap();
        front.until("no socket", told("it is not a socket")).await;
        assert!(front.loss().contains("--host"), "{}", front.loss());
        fs::remove_file(&place).unwrap();
        fs::create_dir(&place).unwrap();
        front.read_for(SECOND * 40).await;
        assert!(told("it is not a socket")(&front), "{}", front.loss());
        fs::remove_dir(&place).unwrap();
        // Bound, and nobody listens any more.
        drop(std::os::unix::net::UnixListener::bind(&place).unwrap());
        front
            .until("refused", |front| front.loss().contains("refused"))
            .await;
        fs::remove_file(&place).unwrap();
        world.sim.server.resume().unwrap();
        front.until("it is back", Front::is_live).await;
        // Taken away under an open connection and put back at once, it is found within five seconds.
        world.sim.server.stop();
        front.until("it is lost", Front::is_lost).await;
        world.sim.server.resume().unwrap();
        let back = front.until("it is back", Front::is_live).await;
        assert!(back <= SECOND * 5, "{back:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn p03_an_engine_that_was_away_for_long_is_found_within_five_seconds() {
        use std::{fs, os::unix::fs::PermissionsExt};
        let mut world = running().await;
        let mut front = world.open();
        front.looked(4).await;
        for away in [20, 600, 7200] {
            world.sim.server.stop();
            front.read_for(SECOND * away).await;
            assert!(front.is_lost());
            // It makes its socket first and answers a little later.
            world.sim.server.fault("", 2, How::Silent);
            world.sim.server.resume().unwrap();
            front.read_for(SECOND * 4).await;
            world.sim.server.heal();
            let back = front.until("it is back", Front::is_live).await;
            assert!(back <= SECOND * 5, "after {away} s: {back:?}");
        }
        // One that becomes readable is tried again, too.
        world.sim.server.stop();
        fs::write(world.socket(), "").unwrap();
        front.read_for(SECOND * 600).await;
        let tries = front.losses.len();
        fs::set_permissions(world.socket(), fs::Permissions::from_mode(0o600)).unwrap();
        let again = front
            .until("it is tried", |front| front.losses.len() > tries)
            .await;
        assert!(again <= SECOND * 2, "{again:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn p04_a_stalled_engine_is_noticed_holds_little_open_and_is_found_again() {
        let names: Vec<_> = (0..12).map(|n| format!("p{n}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let world = SimWorld::with(Settings::default(), &names);
        world.start(&names).await;
        let mut front = world.open();
        front.looked(48).await;
        front.follow(whole("p0")).await;
        front.read_for(SECOND * 5).await;
        let open = world.sim.server.open();
        world.sim.server.fault("", EVER, How::Silent);
        // Everything is looked at again, all at once.
        {
            let machine = world.sim.machine();
            let all = machine.containers.keys();
            all.for_each(|name| machine.tell(name, "update"));
        }
        let began = Instant::now();
        let (mut most, mut noticed) = (open, None);
        while began.elapsed() < SECOND * 60 {
            front.read_for(SECOND / 20).await;
            most = most.max(world.sim.server.open());
            assert_single_flight(&world);
            if front.is_lost() {
                noticed.get_or_insert(began.elapsed());
            }
        }
        let noticed = noticed.expect("it is noticed");
        assert!(noticed <= SECOND * 8, "{noticed:?}");
        assert!(most <= 64, "{most} connections");
        assert!(world.sim.server.open() <= 2, "a lost engine is only pinged");
        world.sim.server.heal();
        let back = front.until("it is back", Front::is_live).await;
        assert!(back <= SECOND * 5, "{back:?}");
        front
            .until("the logs are back", |_| {
                world
                    .sim
                    .server
                    .under_way()
                    .iter()
                    .filter(|asked| asked.ends_with("/logs"))
                    .count()
                    == 4
            })
            .await;
    }

    /// No question is under way twice; the logs and the look before them are another task's than the matrix.
    fn assert_single_flight(world: &SimWorld) {
        let mut each: BTreeMap<String, usize> = BTreeMap::new();
        for asked in world.sim.server.under_way() {
            *each.entry(asked).or_default() += 1;
        }
        for (asked, times) in each {
            let limit = if asked.contains("cchub-p0-") { 2 } else { 1 };
            assert!(times <= limit, "{asked}: {times} at once");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn p04_the_loop_takes_keys_and_draws_while_the_engine_stalls() {
        let world = running().await;
        let mut front = world.open();
        front.looked(4).await;
        world.sim.server.fault("", EVER, How::Silent);
        let hub = front.hub;
        // Start, stop, logs, limits, reconnect: whatever they do, the last one leaves.
        let input = keys(vec![
            (5000, 'j'),
            (5000, 'l'),
            (5000, 'S'),
            (5000, 'j'),
            (30_000, 'q'),
        ]);
        let real = std::time::Instant::now();
        let played = play_loop(input, hub.facts, hub.logs, hub.commands);
        let outcome = timeout(SECOND * 52, Box::pin(played)).await;
        let outcome = outcome.expect("keys are taken when they come");
        assert_eq!(outcome.ended.unwrap(), Ended::Quit);
        assert!(outcome.frames >= 5, "{} frames", outcome.frames);
        assert!(real.elapsed() < SECOND * 20, "nothing blocked the thread");
    }

    #[tokio::test(start_paused = true)]
    async fn p54_a_lost_engine_leaves_every_cell_unknown_with_its_age_and_no_project_healthy() {
        use cchub::domain::{PerService, cause};
        let mut world = running().await;
        let mut front = world.open();
        front.looked(4).await;
        front
            .until("all are checked", |front| {
                ServiceKind::ALL
                    .iter()
                    .all(|kind| front.of("shop", *kind).is_some_and(|h| h.checked.is_some()))
            })
            .await;
        world.sim.server.stop();
        let took = front
            .until("all are unknown", |front| {
                ServiceKind::ALL
                    .iter()
                    .all(|kind| front.of("shop", *kind).unwrap().state == State::Unknown)
            })
            .await;
        assert!(took <= SECOND * 3, "three intervals: {took:?}");
        for kind in ServiceKind::ALL {
            let health = front.of("shop", kind).unwrap();
            assert!(health.checked.is_some(), "{kind} was last seen some time");
            assert!(health.since.is_some() && !health.serves(), "{kind}");
        }
        let states = PerService::from_fn(|kind| front.of("shop", kind).unwrap().clone());
        assert!(!cause::overall_healthy(&states));
    }
}

mod matrix {
    use super::*;

    /// Things happen of which no list tells all, and some without an event.
    fn disturb(machine: &mut Machine) {
        machine.end("cchub-shop-postgres", 7);
        machine.remove("cchub-shop-redis");
        let backend = machine.containers.get_mut("cchub-shop-backend").unwrap();
        backend.body["HostConfig"]["PidsLimit"] = serde_json::json!(77);
        machine.end("cchub-shop-frontend", 1);
        machine.begin("cchub-shop-frontend");
        machine
            .containers
            .get_mut("cchub-shop-frontend")
            .unwrap()
            .restarts = 4;
    }

    /// All of it is known.
    fn is_right(front: &Front) -> bool {
        let of = |kind| front.of("shop", kind).unwrap();
        let pids = front.limits.iter().find(|(id, _)| id.kind == Backend);
        of(Postgres).exit_code == Some(7)
            && of(Redis).state == State::Missing
            && of(Frontend).restarts == 4
            && pids.is_some_and(|(_, limits)| limits.pids == 77)
    }

    fn all_inspects(world: &SimWorld) -> usize {
        world.count("GET /containers/cchub-*/json")
    }

    #[tokio::test(start_paused = true)]
    async fn p12_whatever_happens_to_the_events_the_matrix_is_right_within_the_resync() {
        let away = Reply::refuse(403, "events are not for you");
        for how in [
            How::Instead(away),
            How::Instead(Reply::Hang),
            How::Instead(Reply::Chunks(Vec::new())),
            How::HeadOnly,
            How::Stream(Disorder::Deaf),
            How::Stream(Disorder::Doubled),
            How::Stream(Disorder::Swapped),
            How::Garbled(Garble::Nulls),
        ] {
            let world = running().await;
            world.sim.server.fault("GET /events", EVER, how.clone());
            let mut front = world.open();
            front.looked(4).await;
            disturb(&mut world.sim.machine());
            let took = front.until("the matrix is right", is_right).await;
            assert!(took <= RESYNC + SECOND, "{how:?}: {took:?}");
            let heard = world.count("GET /events");
            front.read_for(SECOND * 60).await;
            let again = world.count("GET /events") - heard;
            assert!(again <= 13, "{how:?}: {again} times in a minute");
            assert!(is_right(&front), "{how:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn p12_events_that_come_twice_or_crosswise_change_nothing_and_cost_little() {
        let mut inspects = Vec::new();
        for how in [None, Some(Disorder::Doubled), Some(Disorder::Swapped)] {
            let world = running().await;
            if let Some(how) = how {
                world
                    .sim
                    .server
                    .fault("GET /events", EVER, How::Stream(how));
            }
            let mut front = world.open();
            front.looked(4).await;
            front.read_for(SECOND * 5).await;
            let before = all_inspects(&world);
            for _ in 0..25 {
                {
                    let mut machine = world.sim.machine();
                    machine.end("cchub-shop-backend", 1);
                    machine.begin("cchub-shop-backend");
                }
                front.read_for(SECOND / 10).await;
            }
            front.read_for(SECOND * 3).await;
            inspects.push(all_inspects(&world) - before);
            let end = front.of("shop", Backend).unwrap();
            assert_ne!(end.state, State::Stopped, "{how:?}");
            assert_eq!(
                front.of("shop", Redis).unwrap().state,
                front.of("shop", Frontend).unwrap().state
            );
        }
        let [plain, doubled, swapped] = inspects[..] else {
            unreachable!()
        };
        assert!(plain >= 20, "{inspects:?}");
        assert!(
            doubled <= plain * 2 + 5 && swapped <= plain + 10,
            "{inspects:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn p08_garbled_answers_spoil_nothing_that_outlives_them() {
        for garble in [Garble::WrongTypes, Garble::Nulls, Garble::UnknownWords] {
            let world = running().await;
            let mut front = world.open();
            front.looked(4).await;
            world
                .sim
                .server
                .fault("GET /containers", EVER, How::Garbled(garble));
            disturb(&mut world.sim.machine());
            front.read_for(SECOND * 60).await;
            assert!(front.is_live(), "{garble:?}: the engine answers pings");
            world.sim.server.heal();
            let took = front.until("it is right again", is_right).await;
            assert!(took <= RESYNC + SECOND, "{garble:?}: {took:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn p08_answers_that_end_early_spoil_nothing_that_outlives_them() {
        for at in [0, 1, 2, 30, 200] {
            let world = running().await;
            let mut front = world.open();
            front.looked(4).await;
            world
                .sim
                .server
                .fault("GET /containers", EVER, How::Truncated(at));
            disturb(&mut world.sim.machine());
            front.read_for(SECOND * 45).await;
            let before = world.sim.server.total();
            front.read_for(SECOND * 60).await;
            let asked = world.sim.server.total() - before;
            assert!(asked < 400, "cut at {at}: {asked} requests in a minute");
            world.sim.server.heal();
            front.until("it is right again", is_right).await;
        }
    }

    #[tokio::test]
    async fn p50_two_hundred_services_are_checked_while_forty_of_them_hang() {
        let names: Vec<_> = (0..50).map(|n| format!("p{n}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let world = SimWorld::with(Settings::default(), &names);
        // Those who hang share eight slots: in three intervals each must have had its turn.
        world.write_hub(&names, "2s");
        for name in &names {
            world.start(&[name]).await;
        }
        {
            let mut machine = world.sim.machine();
            machine.enliven();
            // They have been up for a while: who does not answer is not just starting.
            let long_ago = machine.clock() - SECOND * 3600;
            for container in machine.containers.values_mut() {
                container.started = Some(long_ago);
            }
            for name in names.iter().step_by(5) {
                for kind in ServiceKind::ALL {
                    let container = format!("cchub-{name}-{kind}");
                    machine.containers.get_mut(&container).unwrap().conduct = Conduct::Hangs;
                }
            }
        }
        let hangs = |project: &str| names.iter().step_by(5).any(|name| *name == project);
        let mut front = world.open();
        let all_as_they_are = |front: &Front| {
            front.health.len() == 200
                && front
                    .health
                    .iter()
                    .all(|(id, health)| match hangs(id.project.as_str()) {
                        true => health.state == State::Unhealthy,
                        false => health.state == State::Healthy,
                    })
        };
        let wrong = |front: &Front| {
            let all = front.health.iter().filter(|(id, health)| {
                let hangs = hangs(id.project.as_str());
                !matches!(
                    (health.state, hangs),
                    (State::Unhealthy, true) | (State::Healthy, false)
                )
            });
            let all =
                all.map(|(id, health)| format!("{id}: {:?} {}", health.state, health.message));
            all.collect::<Vec<_>>()
        };
        let end = Instant::now() + PATIENCE;
        while !all_as_they_are(&front) {
            assert!(Instant::now() < end, "{:?}", wrong(&front));
            front.read_for(SECOND / 10).await;
        }
        let now = cchub::domain::Timestamp::now();
        // From here on a whole cycle takes at most ten seconds, and nobody healthy suffers.
        front
            .within(SECOND * 10, "all are checked again", |front| {
                front.health.iter().all(|(id, health)| {
                    hangs(id.project.as_str()) || health.checked.is_some_and(|at| at > now)
                })
            })
            .await;
        assert!(all_as_they_are(&front));
    }
}

mod operations {
    use super::*;

    /// Something that somebody else takes away while `during` is under way.
    type Theft = (&'static str, fn(&mut Machine));

    const REDIS: fn(&mut Machine) = |machine| drop(machine.remove("cchub-shop-redis"));
    const NETWORKS: fn(&mut Machine) = |machine| machine.networks.clear();
    const VOLUMES: fn(&mut Machine) = |machine| machine.volumes.clear();

    const STARTING: [Theft; 10] = [
        ("POST /networks/create", NETWORKS),
        ("POST /volumes/create", NETWORKS),
        ("POST /volumes/create", VOLUMES),
        ("POST /containers/create", NETWORKS),
        ("POST /containers/create", VOLUMES),
        ("POST /containers/create", REDIS),
        ("POST /containers/cchub-shop-redis/start", REDIS),
        ("POST /containers/cchub-shop-redis/start", NETWORKS),
        ("POST /containers/cchub-shop-redis/exec", REDIS),
        ("POST /containers/cchub-shop-backend/start", REDIS),
    ];
    const STOPPING: [Theft; 8] = [
        ("GET /containers/json", REDIS),
        ("POST /containers/*/stop", REDIS),
        ("POST /containers/*/stop", NETWORKS),
        ("POST /containers/*/stop", VOLUMES),
        ("DELETE /containers/", REDIS),
        ("DELETE /containers/", VOLUMES),
        ("DELETE /networks/", NETWORKS),
        ("DELETE /volumes/", VOLUMES),
    ];

    /// Runs `request` while a theft happens at that step: what was asked has its effect, then the thing goes.
    async fn robbed(world: &SimWorld, request: Request, theft: Theft) -> Result<String, String> {
        let (during, take) = theft;
        let before = world.count(during);
        world.sim.server.fault(during, 1, How::Late(SECOND));
        let stolen = async {
            while world.count(during) == before {
                sleep(SECOND / 100).await;
            }
            sleep(SECOND / 10).await;
            take(&mut world.sim.machine());
        };
        let work = world.run(request);
        let (outcome, ()) = tokio::join!(work, async {
            timeout(PATIENCE, stolen).await.expect("that step is taken");
        });
        world.sim.server.heal();
        outcome
            .map(|done| done.to_string())
            .map_err(|failure| failure.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn p13_what_is_taken_away_during_a_start_leaves_a_project_that_starts_and_stops() {
        for (at, theft) in STARTING.into_iter().enumerate() {
            let world = SimWorld::new();
            let shop = named("shop");
            let began = Instant::now();
            let outcome = robbed(&world, Request::start(shop.clone()), theft).await;
            let name = theft.0;
            // It ends with a word about it, or nobody misses the thing; no step is tried for ever.
            assert!(
                began.elapsed() < SECOND * 60,
                "{at} {name}: {:?}",
                began.elapsed()
            );
            if let Err(why) = outcome {
                let told = ["gone", "o such", "not found", "ended", "removed"];
                assert!(
                    told.iter().any(|word| why.contains(word)),
                    "{at} {name}: {why}"
                );
            }
            let again = world.run(Request::start(shop.clone())).await;
            again.unwrap_or_else(|why| panic!("{at} {name}: {why}"));
            {
                let machine = world.sim.machine();
                let running = machine.containers.values().filter(|c| c.runs()).count();
                assert_eq!((running, machine.containers.len()), (4, 4), "{at} {name}");
                assert_eq!(machine.networks.len(), 1, "{at} {name}");
            }
            world.run(Request::stop(shop)).await.unwrap();
            assert!(world.sim.machine().containers.is_empty(), "{at} {name}");
            assert!(world.sim.machine().networks.is_empty(), "{at} {name}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn p13_what_is_taken_away_during_a_stop_is_as_gone_as_it_should_be() {
        for (at, theft) in STOPPING.into_iter().enumerate() {
            let world = running().await;
            let outcome = robbed(&world, Request::stop(named("shop")), theft).await;
            outcome.unwrap_or_else(|why| panic!("{at} {}: {why}", theft.0));
            let machine = world.sim.machine();
            assert!(
                machine.containers.is_empty() && machine.networks.is_empty(),
                "{at} {}",
                theft.0
            );
        }
    }
}
