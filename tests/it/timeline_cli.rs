//! The timeline on the command line, and what the real program does when a service turns red.

use crate::{hub_world::eventually, sim_world::SimWorld, support::terminal::Terminal};
use cchub::sim::Settings;
use std::time::Duration;

const REDIS: &str = "cchub-shop-redis";

/// `shop` and `blog` run on an engine where processes live.
async fn running() -> SimWorld {
    let settings = Settings {
        lively: true,
        memory: 24 << 30,
        cpus: 8,
        ..Settings::default()
    };
    let world = SimWorld::with(settings, &["blog", "shop"]);
    world.start(&["blog", "shop"]).await;
    world
}

fn host(world: &SimWorld) -> String {
    format!("unix://{}", world.socket().display())
}

/// Runs the program; gives what it printed.
async fn run(world: &SimWorld, args: &[&str]) -> String {
    let program = tokio::process::Command::new(env!("CARGO_BIN_EXE_cchub-tui"))
        .arg("--config")
        .arg(world.hub_file().path())
        .args(["--host", &host(world)])
        .args(args)
        .env("XDG_STATE_HOME", world.state_dir().parent().unwrap())
        .output();
    let output = program.await.unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The screen of the real program on this world.
fn open(world: &SimWorld) -> Terminal {
    let state = world.state_dir();
    let env = [
        ("DOCKER_HOST", host(world)),
        (
            "XDG_STATE_HOME",
            state.parent().unwrap().display().to_string(),
        ),
    ];
    let env: Vec<_> = env
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    Terminal::open(world.hub_file().path(), (120, 40), &env)
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_what_one_run_of_the_screen_saw_is_told_by_the_command_line_and_by_the_next() {
    let world = running().await;
    let mut first = open(&world);
    first.see("● 8 ok");
    world.sim.machine().end(REDIS, 9);
    first.keys("GH");
    first.see("5 Timeline");
    first.see("ended with exit code 9");
    first.see("started again");
    first.keys("q");
    assert_eq!(first.end(), 0);

    let table = run(&world, &["timeline", "shop"]).await;
    assert!(table.starts_with("TIME"), "{table}");
    let line = |words: &str| table.lines().position(|line| line.contains(words));
    assert!(
        line("ended with exit code 9") < line("started again"),
        "{table}"
    );
    assert!(!table.contains("blog"), "{table}");
    let redis = run(&world, &["timeline", "shop", "redis", "--last", "2"]).await;
    assert_eq!(redis.lines().count(), 3, "{redis}");
    assert!(run(&world, &["timeline"]).await.contains("blog"));
    assert_eq!(
        run(
            &world,
            &["timeline", "shop", "--since", "2030-01-01T00:00:00Z"]
        )
        .await,
        ""
    );

    let json = run(&world, &["timeline", "shop/redis", "--json"]).await;
    let lines: Vec<serde_json::Value> = json
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ended = lines.iter().find(|line| line["kind"] == "ended").unwrap();
    assert_eq!(
        (&ended["code"], &ended["service"]),
        (&9.into(), &"redis".into())
    );
    assert_eq!(ended["words"], "ended with exit code 9");

    let markdown = run(&world, &["timeline", "--markdown"]).await;
    assert!(markdown.contains("# Timeline of blog\n") && markdown.contains("# Timeline of shop\n"));
    assert!(
        markdown.contains("| redis | ended with exit code 9 |"),
        "{markdown}"
    );

    // The second run shows what the first one recorded.
    let mut second = open(&world);
    second.see("● 8 ok");
    second.keys("GH");
    second.see("ended with exit code 9");
    second.keys("q");
    assert_eq!(second.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn m2_the_terminal_is_called_when_a_service_turns_red_and_only_if_that_is_wished() {
    let call = |text: &str| format!("\x1b]9;cchub: {text}\x07");
    for (notify, calls) in [("osc9", true), ("off", false)] {
        let world = running().await;
        let path = world.hub_file().path().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}\n[ui]\nnotify = \"{notify}\"\n")).unwrap();
        let mut screen = open(&world);
        screen.see("● 8 ok");
        // A restart that was asked for calls nobody; an end that nobody asked for does.
        run(&world, &["restart", "blog", "redis"]).await;
        world.sim.machine().end(REDIS, 9);
        screen.see("redis of shop ended unexpectedly");
        let called = || String::from_utf8_lossy(&screen.bytes()).contains("\x1b]9;");
        match calls {
            true => eventually("it is called", called).await,
            false => tokio::time::sleep(Duration::from_millis(300)).await,
        }
        let bytes = String::from_utf8_lossy(&screen.bytes()).into_owned();
        let wanted = call("redis of shop ended unexpectedly and starts again");
        assert_eq!(bytes.matches(&wanted).count(), usize::from(calls));
        assert_eq!(bytes.matches("\x1b]9;").count(), usize::from(calls));
        screen.keys("q");
        assert_eq!(screen.end(), 0);
    }
}
