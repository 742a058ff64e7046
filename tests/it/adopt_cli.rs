//! Projects that Compose made, on the command line: listed after the hub's own, found by name, and left as they are.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::{
    adopt::{service, shop, up},
    hub_world::named,
    sim_world::SimWorld,
    support::sandbox::Ran,
};
use cchub::{
    hub::Request,
    sim::{Phase, Settings},
};
use serde_json::Value;
use std::{fs, process::Stdio};
use tokio::process::Command;

/// `store` is Compose's, `blog` is the hub's own and has never been started.
fn world() -> SimWorld {
    let world = SimWorld::with(Settings::default(), &["blog"]);
    up(&world, "store", "127.0.0.1", &shop());
    world
}

/// Runs the program with what was typed after its name.
async fn ran_on(world: &SimWorld, socket: &str, typed: &str) -> Ran {
    let output = Command::new(env!("CARGO_BIN_EXE_cchub-tui"))
        .arg("--config")
        .arg(world.hub_file().path())
        .args(["--host", socket])
        .args(typed.split_whitespace())
        .stdin(Stdio::null())
        .env("NO_COLOR", "1")
        .env("XDG_STATE_HOME", world.folder.path().join("state"))
        .output();
    output.await.unwrap().into()
}

async fn ran(world: &SimWorld, typed: &str) -> Ran {
    let socket = format!("unix://{}", world.socket().display());
    ran_on(world, &socket, typed).await
}

fn changes(world: &SimWorld) -> usize {
    let all = ["POST /containers", "PUT ", "DELETE "];
    all.iter().map(|method| world.count(method)).sum()
}

/// What `of` says of each row, without quotes.
fn column(rows: &Value, of: &str) -> Vec<String> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row[of].to_string().replace('"', ""))
        .collect()
}

#[tokio::test]
async fn status_and_health_list_them_after_the_hubs_own_and_find_them_by_name() {
    let world = world();
    let rows = ran(&world, "status --json").await.expect(0).json();
    let blog = ["blog"; 4].into_iter();
    let expected: Vec<&str> = blog.chain(["store"; 4]).collect();
    assert_eq!(column(&rows, "project"), expected);
    assert_eq!(
        column(&rows, "compose")[3..],
        ["null", "db", "cache", "api", "web"]
    );
    assert_eq!(
        column(&rows, "state")[4..],
        ["healthy", "unchecked", "healthy", "unchecked"]
    );
    let said = ran(&world, "status store").await.expect(0).stdout;
    assert!(
        said.contains("Compose's api") && said.contains("no limit"),
        "{said}"
    );
    assert!(!said.contains("blog"), "{said}");

    let one = ran(&world, "health store --json").await.expect(0).json();
    assert_eq!(
        (&one["compose"], &one["overall_healthy"]),
        (&true.into(), &true.into())
    );
    assert_eq!(one["services"]["postgres"]["healthy"], true);
    let said = ran(&world, "health store").await.expect(0).stdout;
    assert!(said.contains("Compose's"), "{said}");
    // The hub's own is down, so all together are not well.
    let all = ran(&world, "health --json").await.expect(1).json();
    assert_eq!(column(&all, "project"), ["blog", "store"]);
    assert_eq!(changes(&world), 0, "nothing is changed by looking");
}

#[tokio::test]
async fn health_of_all_fails_for_what_is_in_the_hub_file_and_by_name_for_any() {
    let world = SimWorld::with(Settings::default(), &[]);
    up(&world, "store", "127.0.0.1", &shop());
    world.sim.machine().end("store-db-1", 1);
    ran(&world, "health").await.expect(0);
    ran(&world, "health store").await.expect(1);
    let why = ran(&world, "why store").await.expect(1).stdout;
    assert!(why.contains("store: postgres"), "{why}");
    assert!(!why.contains("store: redis"), "nobody can check it: {why}");
    ran(&world, "project import store").await.expect(0);
    ran(&world, "health").await.expect(1);
}

#[tokio::test]
async fn logs_of_theirs_are_read_and_what_their_containers_were_told_is_hidden() {
    let world = world();
    world.print("store-api-1", "INFO: logged in with hunter2");
    world.print("store-db-1", "LOG: ready");
    let all = ran(&world, "logs store").await.expect(0).stdout;
    assert!(
        all.contains("backend  INFO: logged in with ******"),
        "{all}"
    );
    assert!(all.contains("postgres LOG: ready"), "{all}");
    let one = ran(&world, "logs store/backend --reveal").await.expect(0);
    assert_eq!(one.stdout, "INFO: logged in with hunter2\n");
}

#[tokio::test]
async fn limits_stats_and_ports_know_them_too() {
    let world = SimWorld::with(Settings::default(), &["blog"]);
    let services = [
        service("db", "postgres:15").at(5432, 15999),
        service("api", "x"),
    ];
    up(&world, "store", "127.0.0.1", &services);
    let limits = ran(&world, "limits store").await.expect(0).stdout;
    assert!(
        limits.contains("no limit") && limits.contains("Compose's db"),
        "{limits}"
    );
    assert!(!limits.contains('≠'), "{limits}");
    ran(&world, "limits store/postgres --memory 300m")
        .await
        .expect(0);
    let rows = ran(&world, "limits store --json").await.expect(0).json();
    assert_eq!(rows[0]["in_force"]["memory"], 300 << 20);
    let rows = ran(&world, "stats --json").await.expect(0).json();
    assert_eq!(column(&rows, "project")[3..5], ["blog", "store"]);
    assert!(rows[4]["usage"]["memory"].as_u64().unwrap() > 0, "{rows}");
    let ports = ran(&world, "ports store").await.expect(0).stdout;
    assert!(ports.contains("15999"), "{ports}");
}

#[tokio::test]
async fn several_are_stopped_by_name_also_without_any_of_the_four() {
    let world = world();
    up(&world, "jobs", "127.0.0.1", &[service("worker", "busybox")]);
    let none = ran(&world, "logs jobs").await.expect(1).stderr;
    assert!(none.contains("none of its containers"), "{none}");
    ran(&world, "stop jobs store/redis").await.expect(0);
    let runs = |name: &str| world.sim.machine().containers[name].phase == Phase::Running;
    assert_eq!(
        ["jobs-worker-1", "store-cache-1", "store-db-1"].map(runs),
        [false, false, true]
    );
}

#[tokio::test]
async fn what_nobody_plays_or_knows_is_refused_with_the_next_step() {
    let world = SimWorld::with(Settings::default(), &["blog"]);
    up(
        &world,
        "store",
        "127.0.0.1",
        &[service("db", "postgres:15")],
    );
    let lacks = ran(&world, "logs store/redis").await.expect(2).stderr;
    assert!(lacks.contains("store has no redis"), "{lacks}");
    assert!(lacks.contains("it has postgres"), "{lacks}");
    let neither = ran(&world, "logs store nothing").await.expect(2).stderr;
    assert!(neither.contains("neither a project nor"), "{neither}");
    for command in ["status", "health", "logs", "limits", "stats", "ports"] {
        let typed = format!("{command} stoer");
        let said = ran(&world, &typed).await.expect(2).stderr;
        assert!(said.contains("no project 'stoer'"), "{typed}: {said}");
    }
}

#[tokio::test]
async fn switched_off_or_without_an_engine_all_is_as_before() {
    let world = world();
    // The engine is not asked where the hub file knows the name.
    ran_on(&world, "unix:///nowhere", "ports blog")
        .await
        .expect(0);
    let away = ran_on(&world, "unix:///nowhere", "ports store").await;
    assert!(away.expect(2).stderr.contains("no project 'store'"));
    ran_on(&world, "unix:///nowhere", "status").await.expect(3);
    let text = fs::read_to_string(world.hub_file().path()).unwrap();
    let off = text.replace("version = 1", "version = 1\n[hub]\nadopt = false");
    fs::write(world.hub_file().path(), off).unwrap();
    let rows = ran(&world, "status --json").await.expect(0).json();
    assert_eq!(column(&rows, "project"), ["blog"; 4]);
    ran(&world, "logs store").await.expect(2);
    // Its own start works as ever.
    world.run(Request::start(named("blog"))).await.unwrap();
}
