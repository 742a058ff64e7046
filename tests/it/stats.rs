//! What it costs to know what services use: how often the engine is asked.

use crate::{
    hub_world::named,
    sim_world::{Front, SimWorld},
};
use cchub::{hub::Command, sim::Settings};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const PROJECTS: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
const STATS: &str = "GET /containers/*/stats";

/// How many samples the engine is asked for in a minute.
async fn in_a_minute(world: &SimWorld, front: &mut Front) -> usize {
    let before = world.count(STATS);
    front.read_for(MINUTE).await;
    world.count(STATS) - before
}

#[tokio::test(start_paused = true)]
async fn forty_services_cost_the_engine_two_samples_in_three_seconds_at_most() {
    let world = SimWorld::with(Settings::default(), &PROJECTS);
    world.write_hub(&PROJECTS, "5s");
    world.start(&PROJECTS).await;
    let mut front = world.open();
    front
        .until("all are seen", |front| front.limits.len() == 40)
        .await;
    front.send(Command::Watch(None)).await;
    front.read_for(MINUTE).await;
    let rest = in_a_minute(&world, &mut front).await;
    assert!((36..=44).contains(&rest), "each once a minute: {rest}");
    front.send(Command::Watch(Some(named("c")))).await;
    let looked_at = in_a_minute(&world, &mut front).await;
    // 36 once a minute; four every five seconds and the time that the engine takes.
    assert!(
        (36 + 4 * 8..=36 + 4 * 13).contains(&looked_at),
        "{looked_at}"
    );
    let one_shot = world.sim.server.asked(STATS);
    assert!(
        one_shot
            .iter()
            .all(|asked| asked.line.contains("stream=false&one-shot=true")),
        "nothing is streamed"
    );
}
