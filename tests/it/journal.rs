//! The journal of the whole program: every operation leaves its line, whatever becomes of it, and `journal` reads them back.

use crate::{
    hub_world::{
        HubWorld, PATIENCE, end_of, eventually, named, of_shop, reporter, send, shop, until,
    },
    support::{sandbox::Ran, terminal::Terminal},
};
use cchub::{
    domain::{Bytes, LimitsChange, ServiceKind, Target},
    engine::Endpoint,
    hub::{
        Command as Ask, EngineState, Fact, HubHandle, JobId, JobState, NewProject, Request,
        journal::{Journal, Origin},
        operation::{World, perform},
    },
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::time::timeout;

/// Longest journal file.
const FILE_MAX: usize = 10 << 20;

/// The lines of all files in a folder, the oldest file first.
fn lines(folder: &Path) -> Vec<Value> {
    let names = ["journal.jsonl.2", "journal.jsonl.1", "journal.jsonl"];
    let texts = names.map(|name| fs::read_to_string(folder.join(name)).unwrap_or_default());
    let lines = texts.iter().flat_map(|text| text.lines());
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect()
}

/// What was done and how it ended, of every line but the first ones.
fn ends(folder: &Path) -> Vec<(String, String)> {
    let word = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
    lines(folder)
        .iter()
        .map(|line| (word(line, "what"), word(line, "result")))
        .filter(|(_, result)| result != "begun")
        .collect()
}

fn both(what: &str, result: &str) -> (String, String) {
    (what.to_owned(), result.to_owned())
}

async fn live(hub: &mut HubHandle) {
    until(hub, |fact| {
        matches!(fact, Fact::Engine(EngineState::Live { .. })).then_some(())
    })
    .await;
}

/// The program on the engine and the hub file of `world`.
fn program(world: &HubWorld, args: &[&str]) -> Command {
    let Endpoint::Unix(socket) = world.engine.endpoint() else {
        unreachable!()
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_cchub-tui"));
    command
        .arg("--config")
        .arg(world.hub_path())
        .arg("--host")
        .arg(format!("unix://{}", socket.display()))
        .args(args)
        .env("XDG_STATE_HOME", world.folder.path().join("state"))
        .stdin(Stdio::null());
    command
}

async fn ran(command: Command) -> Ran {
    let mut command = tokio::process::Command::from(command);
    let output = timeout(PATIENCE, command.output()).await.expect("it ends");
    output.unwrap().into()
}

/// The operations that `journal --json` prints.
async fn printed(world: &HubWorld, args: &[&str]) -> Vec<Value> {
    let args = [&["journal", "--json"], args].concat();
    let ran = ran(program(world, &args)).await.expect(0);
    let lines = ran.stdout.lines();
    lines.map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[tokio::test]
async fn p36_every_end_of_an_operation_is_written_and_no_secret() {
    let world = HubWorld::new();
    world.start_shop().await;
    let request = Request::Limits {
        service: of_shop(ServiceKind::Redis),
        change: LimitsChange {
            memory: Some(Bytes::mib(300)),
            ..LimitsChange::default()
        },
        below_use: false,
        seen: None,
    };
    world.run(request).await.0.unwrap();
    let unknown = Request::restart(Target::project(&named("other")));
    world.run(unknown).await.0.unwrap_err();
    world.engine.spoil(
        "DELETE",
        usize::MAX,
        cchub::sim::Reply::refuse(500, "no such luck"),
    );
    world.run(Request::stop(shop())).await.0.unwrap_err();
    world.engine.heal();
    assert_eq!(
        ends(&world.state_dir()),
        [
            both("start", "done"),
            both("limits memory 300m", "done"),
            both("restart", "refused"),
            both("stop", "failed"),
        ]
    );
    let all = lines(&world.state_dir());
    assert_eq!(all.len(), 8, "two lines each");
    let limits = &all[3];
    assert_eq!(limits["project"], "shop");
    assert_eq!(limits["service"], "redis");
    assert_eq!(limits["from"], "screen");
    assert_eq!(limits["uid"], rustix::process::getuid().as_raw());
    let time = limits["time"].as_str().unwrap();
    assert!(
        time.len() == "2026-01-31T14:00:00.000Z".len() && time.ends_with('Z'),
        "{time}"
    );
    assert!(all[7]["message"].as_str().unwrap().contains("no such luck"));
    let text = fs::read_to_string(world.state_dir().join("journal.jsonl")).unwrap();
    let secrets = fs::read_dir(world.hub_file().secrets_dir()).unwrap();
    let secrets: Vec<_> = secrets
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .flat_map(|text| {
            let words = text.split('"').filter(|word| word.len() >= 32);
            words.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    assert!(secrets.len() >= 2, "the password and the key");
    assert!(secrets.iter().all(|secret| !text.contains(secret.as_str())));
}

#[tokio::test]
async fn p36_what_the_operator_cancels_is_written_also_if_it_never_began() {
    let world = HubWorld::new();
    let mut hub = world.open();
    live(&mut hub).await;
    let start = "POST /containers/cchub-shop-redis/start";
    world.engine.slow(start, 1, Duration::from_secs(15));
    send(&hub, Ask::Run(Request::start(shop()))).await;
    send(&hub, Ask::Run(Request::stop(shop()))).await;
    eventually("redis is being started", || world.engine.count(start) > 0).await;
    send(&hub, Ask::Cancel(JobId(2))).await;
    assert_eq!(end_of(&mut hub, 2).await.state, JobState::Cancelled);
    assert_eq!(ends(&world.state_dir()), [both("stop", "cancelled")]);
    send(&hub, Ask::Cancel(JobId(1))).await;
    assert_eq!(end_of(&mut hub, 1).await.state, JobState::Cancelled);
    let all = [both("stop", "cancelled"), both("start", "cancelled")];
    assert_eq!(ends(&world.state_dir()), all);
}

#[tokio::test]
async fn p36_what_runs_when_the_screen_ends_is_written_as_cancelled() {
    let world = HubWorld::new();
    let mut hub = world.open();
    live(&mut hub).await;
    let start = "POST /containers/cchub-shop-redis/start";
    world.engine.slow(start, 1, Duration::from_secs(15));
    send(&hub, Ask::Run(Request::start(shop()))).await;
    eventually("redis is being started", || world.engine.count(start) > 0).await;
    drop(hub);
    let folder = world.state_dir();
    eventually("its end is written", || {
        ends(&folder) == [both("start", "cancelled")]
    })
    .await;
}

#[tokio::test]
async fn p36_one_operation_too_many_is_written_as_refused() {
    let world = HubWorld::new();
    let mut hub = world.open();
    live(&mut hub).await;
    let start = "POST /containers/cchub-shop-redis/start";
    world.engine.slow(start, 1, Duration::from_secs(15));
    for _ in 0..9 {
        send(&hub, Ask::Run(Request::start(shop()))).await;
    }
    assert!(matches!(
        end_of(&mut hub, 9).await.state,
        JobState::Failed(_)
    ));
    assert_eq!(ends(&world.state_dir()), [both("start", "refused")]);
}

#[tokio::test]
async fn p36_two_programs_lose_no_line_across_a_rotation() {
    const EACH: usize = 300;
    let world = HubWorld::new();
    let folder = world.state_dir();
    fs::create_dir_all(&folder).unwrap();
    // Full but for a third of what will be written.
    let filler = format!("{{\"filler\":\"{}\"}}\n", "x".repeat(1000));
    let full = filler.repeat((FILE_MAX - 100 * 1024) / filler.len());
    fs::write(folder.join("journal.jsonl"), full).unwrap();
    let programs = [Origin::Screen, Origin::Command].map(|origin| {
        let world = World {
            engine: None,
            hub_file: world.hub_file(),
            policy: crate::hub_world::quick().policy,
            journal: Journal::open(folder.clone(), origin),
        };
        tokio::spawn(async move {
            let request = Request::Add(NewProject {
                name: named("blog"),
                path: "/nowhere/at/all".into(),
                images: Vec::new(),
            });
            let (report, mut facts) = reporter(&request);
            for _ in 0..EACH {
                perform(&world, &request, &report).await.unwrap_err();
            }
            assert!(facts.try_recv().is_err(), "every line was written");
        })
    });
    for program in programs {
        program.await.unwrap();
    }
    assert!(folder.join("journal.jsonl.1").exists());
    assert!(!folder.join("journal.jsonl.2").exists());
    let all = lines(&folder);
    let ours = all.iter().filter(|line| line["what"].is_string());
    let key = |line: &Value| format!("{} {}", line["id"], line["result"]);
    let different: BTreeSet<_> = ours.clone().map(key).collect();
    assert_eq!((ours.count(), different.len()), (4 * EACH, 4 * EACH));
    for name in ["journal.jsonl", "journal.jsonl.1"] {
        let size = fs::metadata(folder.join(name)).unwrap().len();
        assert!(size as usize <= FILE_MAX, "{name}: {size}");
    }
}

/// `start shop` that waits for another program, as the test is one.
async fn started_and_waiting(world: &HubWorld) -> (Child, File) {
    fs::create_dir_all(world.hub_file().lock_dir()).unwrap();
    let held = File::create(world.hub_file().lock_dir().join("shop.lock")).unwrap();
    held.lock().unwrap();
    let mut command = program(world, &["start", "shop"]);
    let child = command.stderr(Stdio::null()).spawn().unwrap();
    let folder = world.state_dir();
    eventually("it begins", || lines(&folder).len() == 1).await;
    (child, held)
}

#[tokio::test]
async fn p36_an_operation_whose_program_is_killed_is_unknown() {
    let world = HubWorld::new();
    let (mut child, _held) = started_and_waiting(&world).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let all = printed(&world, &[]).await;
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["result"], "unknown");
    assert_eq!(all[0]["pid"], child.id());
    assert_eq!(all[0]["from"], "command");
    let table = ran(program(&world, &["journal"])).await.expect(0).stdout;
    assert!(
        table.contains("unknown") && table.contains("no end was written"),
        "{table}"
    );
}

#[tokio::test]
async fn p36_an_operation_whose_program_is_asked_to_end_is_cancelled() {
    let world = HubWorld::new();
    let (mut child, _held) = started_and_waiting(&world).await;
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    let folder = world.state_dir();
    eventually("it ends", || child.try_wait().unwrap().is_some()).await;
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert_eq!(ends(&folder), [both("start", "cancelled")]);
}

#[tokio::test]
async fn p36_an_unwritable_journal_fails_nothing_and_is_told_once() {
    let world = HubWorld::new();
    fs::write(world.folder.path().join("state"), "a file, not a folder").unwrap();
    let ran = ran(program(&world, &["start", "shop"])).await.expect(0);
    assert_eq!(ran.stderr.matches("journal").count(), 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot be written"), "{}", ran.stderr);
    assert_eq!(world.engine.model().containers.len(), 4);
    let mut hub = world.open();
    live(&mut hub).await;
    for _ in 0..2 {
        send(&hub, Ask::Run(Request::stop(shop()))).await;
    }
    let mut told = 0;
    until(&mut hub, |fact| match fact {
        Fact::Notice(text) => {
            told += usize::from(text.contains("journal"));
            None
        }
        Fact::Job(job) if job.id == JobId(2) && job.state.is_over() => Some(job.state.clone()),
        _ => None,
    })
    .await;
    assert_eq!(told, 1);
}

#[tokio::test]
async fn the_command_line_writes_what_it_refuses_and_prints_the_oldest_first() {
    let world = HubWorld::new();
    let path = world.folder.path().join("work");
    fs::create_dir(&path).unwrap();
    let path = path.to_str().unwrap();
    let add = ["project", "add", "blog", "--path", path];
    ran(program(&world, &add)).await.expect(0);
    ran(program(&world, &add)).await.expect(2);
    ran(program(&world, &["stop", "nothing"])).await.expect(2);
    ran(program(&world, &["project", "remove", "blog"]))
        .await
        .expect(0);
    let word = |line: &Value| {
        let word = |key: &str| line[key].as_str().unwrap().to_owned();
        (word("project"), word("result"))
    };
    let all: Vec<_> = printed(&world, &[]).await.iter().map(word).collect();
    let expected = [
        both("blog", "done"),
        both("blog", "refused"),
        both("nothing", "refused"),
        both("blog", "done"),
    ];
    assert_eq!(all, expected);
    let last: Vec<_> = printed(&world, &["--last", "2"])
        .await
        .iter()
        .map(word)
        .collect();
    assert_eq!(last, expected[2..]);
    let blog = printed(&world, &["--project", "blog"]).await;
    assert_eq!(blog.len(), 3);
    ran(program(&world, &["journal", "--last", "0"]))
        .await
        .expect(2);
}

#[tokio::test]
async fn damaged_lines_are_told_on_stderr_and_an_empty_journal_is_no_error() {
    let world = HubWorld::new();
    let empty = ran(program(&world, &["journal", "--json"])).await.expect(0);
    assert!(empty.stdout.is_empty());
    let mut command = program(&world, &["stop", "nothing"]);
    command
        .env("SUDO_USER", "ann\u{1b}[31m")
        .env("SSH_CONNECTION", "10.0.0.1 4711 10.0.0.2 22");
    ran(command).await.expect(2);
    let file = world.state_dir().join("journal.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{{\"id\":\n{text}")).unwrap();
    let ran = ran(program(&world, &["journal", "--json"])).await.expect(0);
    assert!(ran.stderr.contains("1 damaged"), "{}", ran.stderr);
    let line = ran.json();
    assert_eq!(line["user"], "ann");
    assert_eq!(line["ssh"], "10.0.0.1 4711 10.0.0.2 22");
}

// The test waits for the screen without letting go of its thread; the engine needs another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p36_a_signal_to_the_screen_leaves_no_operation_without_an_end() {
    let world = HubWorld::new();
    let Endpoint::Unix(socket) = world.engine.endpoint() else {
        unreachable!()
    };
    let start = "POST /containers/cchub-shop-redis/start";
    world.engine.slow(start, 1, Duration::from_secs(15));
    let host = format!("unix://{}", socket.display());
    let state = world.folder.path().join("state");
    let env = [
        ("DOCKER_HOST", host.as_str()),
        ("XDG_STATE_HOME", state.to_str().unwrap()),
    ];
    let mut screen = Terminal::open(&world.hub_path(), (100, 30), &env);
    screen.see("shop");
    screen.see("missing");
    screen.keys("S");
    eventually("redis is being started", || world.engine.count(start) > 0).await;
    screen.signal("TERM");
    assert_eq!(screen.end(), 143);
    assert_eq!(ends(&world.state_dir()), [both("start", "cancelled")]);
}
