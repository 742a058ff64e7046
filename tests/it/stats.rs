//! What it costs to know what services use: how often the engine is asked.

use crate::{
    hub_world::named,
    limits_cli::{ran, running},
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

#[tokio::test]
async fn the_command_tells_what_services_use_beside_their_limits() {
    let world = running().await;
    let said = ran(&world, "stats shop blog/redis --json").await.expect(0);
    let rows = said.json();
    let rows = rows.as_array().unwrap();
    let names = |row: &serde_json::Value| {
        let word = |key: &str| row[key].as_str().unwrap().to_owned();
        word("project") + "/" + &word("service")
    };
    let named: Vec<String> = rows.iter().map(names).collect();
    let all = [
        "shop/postgres",
        "shop/redis",
        "shop/backend",
        "shop/frontend",
        "blog/redis",
    ];
    assert_eq!(named, all);
    for row in rows {
        assert!(row["usage"]["memory"].as_u64().unwrap() > 0, "{row}");
        assert!(
            row["usage"]["cpus"].is_number(),
            "two readings make a rate: {row}"
        );
        assert!(row["limits"]["memory"].as_u64().unwrap() > 0, "{row}");
    }
    let table = ran(&world, "stats shop/redis").await.expect(0).stdout;
    assert!(
        table.starts_with("SERVICE ") && table.contains("shop/redis"),
        "{table}"
    );
    let wrong = ran(&world, "stats shop nonsense").await.expect(2);
    assert!(wrong.stderr.contains("nonsense"), "{}", wrong.stderr);
}

#[tokio::test]
async fn status_is_sorted_by_a_column() {
    let world = running().await;
    let ports = async |more: &str| {
        let said = ran(&world, &format!("status --json --sort port{more}")).await;
        let rows = said.expect(0).json();
        let each = rows.as_array().unwrap().iter();
        each.map(|row| row["port"].as_u64().unwrap())
            .collect::<Vec<u64>>()
    };
    let lowest_first = ports("").await;
    assert_eq!(lowest_first.len(), 8);
    assert!(lowest_first.is_sorted_by(|a, b| a < b), "{lowest_first:?}");
    let highest_first = ports(" --reverse").await;
    assert!(
        highest_first.is_sorted_by(|a, b| a > b),
        "{highest_first:?}"
    );
    ran(&world, "status --sort nonsense").await.expect(2);
}
