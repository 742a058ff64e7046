//! Clocks that differ and jump: the engine's runs ahead or behind, or is set while logs and states are watched.

use crate::{
    hub_world::named,
    sim_world::{Front, SimWorld, service},
};
use cchub::{
    domain::{ServiceKind, ServiceKind::Redis, State, Timestamp},
    sim::{Settings, Sim},
    stack::StackSpec,
};
use jiff::SignedDuration;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::net::TcpListener;

const NAME: &str = "cchub-shop-redis";
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn set_ahead(sim: &Sim, seconds: i64) {
    sim.machine().quirks.ahead = SignedDuration::from_secs(seconds);
}

async fn following(world: &SimWorld) -> Front {
    let mut front = world.open();
    front.looked(4).await;
    front.follow(service("shop", Redis)).await;
    front
}

async fn shows(front: &mut Front, lines: usize) {
    front
        .until("all lines", |front| {
            front.lines("shop", Redis).len() >= lines
        })
        .await;
}

/// The engine goes away and comes back.
async fn away(world: &mut SimWorld, front: &mut Front) {
    world.sim.server.stop();
    front.until("it is lost", Front::is_lost).await;
    world.sim.server.resume().unwrap();
    front.until("it is back", Front::is_live).await;
}

#[tokio::test(start_paused = true)]
async fn p31_logs_resume_by_the_engines_clock_however_far_it_is_off() {
    for ahead in [-10 * MINUTE, 10 * MINUTE, -DAY, DAY] {
        let mut world = SimWorld::new();
        set_ahead(&world.sim, ahead);
        world.start(&["shop"]).await;
        let mut front = following(&world).await;
        let mut expected = Vec::new();
        for n in 0..5 {
            expected.push(format!("line {n}"));
            world.print(NAME, &expected[n]);
            shows(&mut front, n + 1).await;
            away(&mut world, &mut front).await;
        }
        expected.push("last".to_owned());
        world.print(NAME, "last");
        shows(&mut front, 6).await;
        front.read_for(SECOND * 5).await;
        assert_eq!(front.lines("shop", Redis), expected, "{ahead} s");
    }
}

#[tokio::test(start_paused = true)]
async fn p30_a_clock_that_is_set_costs_no_line_and_repeats_none() {
    for jump in [-DAY, -HOUR, -MINUTE, MINUTE, HOUR] {
        // The engine is away before the jump, after it, both, or twice after it.
        for (before, after) in [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)] {
            let mut world = SimWorld::new();
            world.start(&["shop"]).await;
            let now = Timestamp::now();
            for n in 0..20 {
                // An hour and a half of history that the jump goes back into.
                let at = now - SignedDuration::from_secs((20 - n) * 300);
                world.print_at(NAME, at, &format!("old {n}"));
            }
            let mut front = following(&world).await;
            shows(&mut front, 20).await;
            for _ in 0..before {
                away(&mut world, &mut front).await;
            }
            set_ahead(&world.sim, jump);
            let mut expected = 20;
            for n in 0..=after {
                world.print(NAME, &format!("new {n}"));
                expected += 1;
                shows(&mut front, expected).await;
                if n < after {
                    away(&mut world, &mut front).await;
                }
            }
            front.read_for(SECOND * 5).await;
            let lines = front.lines("shop", Redis);
            assert_eq!(
                lines.len(),
                expected,
                "{jump} s, {before} {after}: {lines:?}"
            );
        }
    }
}

/// Counts the checks that knock at the port of redis from now on.
async fn checks_of_redis(world: &SimWorld) -> Arc<AtomicUsize> {
    let hub = world.hub_file().load().unwrap();
    let stack = StackSpec::resolve(&hub.projects[&named("shop")]).unwrap();
    let spec = &stack.services[Redis];
    let port = TcpListener::bind((spec.address, spec.host_port));
    let (port, count) = (port.await.unwrap(), Arc::<AtomicUsize>::default());
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while port.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    count
}

#[tokio::test(start_paused = true)]
async fn p30_a_clock_that_is_set_causes_no_burst_of_questions() {
    for jump in [-DAY, -HOUR, HOUR] {
        let world = SimWorld::new();
        world.start(&["shop"]).await;
        let mut front = world.open();
        front.looked(4).await;
        front.read_for(SECOND * 30).await;
        let checks = checks_of_redis(&world).await;
        let asked = || (world.sim.server.total(), checks.load(Ordering::Relaxed));
        let before = asked();
        front.read_for(SECOND * 60).await;
        let usual = (asked().0 - before.0, asked().1 - before.1);
        set_ahead(&world.sim, jump);
        let before = asked();
        front.read_for(SECOND * 60).await;
        let then = (asked().0 - before.0, asked().1 - before.1);
        let few = then.0 <= usual.0 + 10 && then.1 <= usual.1 + 1;
        assert!(few, "{jump} s: {then:?} instead of {usual:?}");
        assert!(usual.1 > 50, "a check each second: {usual:?}");
        assert!(front.is_live());
    }
}

#[tokio::test]
async fn p31_services_on_a_host_whose_clock_is_off_are_healthy_all_the_same() {
    let mut worlds = Vec::new();
    for ahead in [-10 * MINUTE, 10 * MINUTE] {
        let settings = Settings {
            lively: true,
            ..Settings::default()
        };
        let world = SimWorld::with(settings, &["shop"]);
        set_ahead(&world.sim, ahead);
        world.start(&["shop"]).await;
        worlds.push(world);
    }
    for world in &worlds {
        let mut front = world.open();
        front
            .until("all are healthy", |front| {
                ServiceKind::ALL.iter().all(|kind| {
                    front
                        .of("shop", *kind)
                        .is_some_and(|health| health.state == State::Healthy)
                })
            })
            .await;
        let now = Timestamp::now();
        for kind in ServiceKind::ALL {
            let since = front.of("shop", kind).unwrap().since.unwrap();
            assert!(since <= now, "{kind}: ages are by our clock");
        }
    }
}
