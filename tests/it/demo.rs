//! The demo from the inside: orders given through the same operations as the screen's have their consequences, and the same
//! seed tells the same story. Moments are made up: nobody waits for minutes.

use cchub::{
    demo::{Demo, SEED},
    domain::{Bytes, LimitsChange, ProjectName, ServiceId, ServiceKind, Target, Timestamp},
    engine::Engine,
    hub::{
        JobId, Request,
        journal::Journal,
        operation::{World, perform},
        report::Reporter,
        retry::Policy,
    },
    sim::{Conduct, Machine, Phase, TICK},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
    time::Duration,
};
use tokio::sync::mpsc;

/// Does what a key on the screen would do.
async fn order(demo: &Demo, request: Request) -> String {
    let world = World {
        engine: Some(Engine::connect(&demo.endpoint()).await.unwrap()),
        hub_file: demo.hub_file(),
        policy: Policy::CHANGE,
        journal: Journal::none(),
    };
    let (facts, _unread) = mpsc::channel(1);
    let job = request.job(JobId(0), Timestamp::now());
    let done = perform(&world, &request, &Reporter::new(job, facts)).await;
    done.unwrap_or_else(|failure| panic!("{failure}"))
        .to_string()
}

/// Lets time go by for the simulated engine, as fast as it can: gives how often the engine started `name` again.
fn wait(machine: &mut Machine, name: &str, span: Duration) -> u32 {
    let before = machine.containers[name].restarts;
    let mut now = Timestamp::now();
    let end = now + span;
    while now < end {
        machine.tick(now, now + TICK);
        now += TICK;
    }
    machine.containers[name].restarts - before
}

/// The container of which `what` holds, its project and its service.
fn find(demo: &Demo, what: impl Fn(Conduct) -> bool) -> (String, ProjectName, ServiceKind) {
    let machine = demo.sim().machine();
    let mut all = machine.containers.iter();
    let (name, _) = all.find(|(_, c)| what(c.conduct)).expect("somebody");
    let (project, kind) = name
        .trim_start_matches("cchub-")
        .rsplit_once('-')
        .expect("two words");
    (
        name.clone(),
        project.parse().unwrap(),
        kind.parse().unwrap(),
    )
}

/// Log texts of a container, numbers left out: times are made of them.
fn texts(machine: &Machine, name: &str) -> Vec<String> {
    let tape = machine.containers[name].log.borrow().clone();
    let frames = tape.since(tape.first());
    let said = frames.iter().map(|frame| {
        let text = String::from_utf8_lossy(frame.get(8..).unwrap_or_default()).into_owned();
        let (_time, text) = text.split_once(' ').unwrap_or_default();
        text.replace(|c: char| c.is_ascii_digit(), "")
    });
    said.collect()
}

fn stories(demo: &Demo) -> BTreeMap<String, (Conduct, Vec<String>)> {
    let machine = demo.sim().machine();
    let all = machine.containers.iter();
    all.map(|(name, c)| (name.clone(), (c.conduct, texts(&machine, name))))
        .collect()
}

fn conducts(stories: &BTreeMap<String, (Conduct, Vec<String>)>) -> BTreeMap<&String, Conduct> {
    stories.iter().map(|(name, (c, _))| (name, *c)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_tells_the_same_story_and_another_one_another() {
    // All three live at the same time: each finds ports that are free.
    let first = Demo::open(3).await.unwrap();
    let second = Demo::open(3).await.unwrap();
    let third = Demo::open(4).await.unwrap();
    let (once, again, other) = (stories(&first), stories(&second), stories(&third));
    assert_eq!(conducts(&once), conducts(&again));
    assert_ne!(conducts(&once), conducts(&other));
    let mut compared = 0;
    for (name, (_, texts)) in &once {
        let others = &again[name].1;
        // One of the two has been open for longer.
        let both = texts.len().min(others.len());
        assert_eq!(texts[..both], others[..both], "{name}");
        compared += both;
    }
    assert!(compared > 1000, "{compared} lines of the past");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_engine_counts_a_restart_when_the_process_ends() {
    let demo = Demo::open(SEED).await.unwrap();
    let (name, ..) = find(&demo, |c| matches!(c, Conduct::CrashLoop { .. }));
    let mut machine = demo.sim().machine();
    let mut now = Timestamp::now();
    let (mut ends, mut starts) = (0, 0);
    while ends < 2 || starts < 2 {
        let before = (
            machine.containers[&name].phase,
            machine.containers[&name].restarts,
        );
        machine.tick(now, now + TICK);
        now += TICK;
        let after = (
            machine.containers[&name].phase,
            machine.containers[&name].restarts,
        );
        match (before.0, after.0) {
            (Phase::Running, Phase::Restarting) => {
                assert_eq!(after.1, before.1 + 1);
                ends += 1;
            }
            (Phase::Restarting, Phase::Running) => {
                assert_eq!(after.1, before.1);
                starts += 1;
            }
            _ => assert_eq!(after.1, before.1),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_memory_ends_the_out_of_memory_loop() {
    let five_minutes = Duration::from_mins(5);
    let leaks = |c| matches!(c, Conduct::Leak { .. });
    let left_alone = Demo::open(SEED).await.unwrap();
    let (name, project, kind) = find(&left_alone, leaks);
    let kills = wait(&mut left_alone.sim().machine(), &name, five_minutes);
    assert!(kills >= 3, "without help it is killed: {kills}");

    let demo = Demo::open(SEED).await.unwrap();
    let change = LimitsChange {
        memory: Some(Bytes::mib(1024)),
        ..LimitsChange::default()
    };
    let service = ServiceId::new(&project, kind);
    let raise = Request::Limits {
        service,
        change,
        below_use: false,
        seen: None,
    };
    let said = order(&demo, raise).await;
    assert!(said.contains("→ 1 GB"), "{said}");
    // Held, so that the engine's own clock does not set it back in between.
    let mut machine = demo.sim().machine();
    assert_eq!(wait(&mut machine, &name, five_minutes), 0);
    let backend = &machine.containers[&name];
    assert_eq!(backend.phase, Phase::Running);
    assert!(backend.uses > 384 << 20, "it got what it wanted");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_backend_says_when_its_database_went() {
    let demo = Demo::open(SEED).await.unwrap();
    let (_, project, _) = find(&demo, |c| c == Conduct::Refuses);
    let backend = format!("cchub-{project}-backend");
    let lost = |texts: &[String]| {
        texts
            .iter()
            .filter(|t| t.contains("database is away"))
            .count()
    };
    let before = texts(&demo.sim().machine(), &backend);
    assert!(lost(&before) > 10, "{before:#?}");
    assert!(
        lost(&before[..before.len() / 4]) == 0,
        "all was well in the beginning"
    );
    let restart = Request::restart(Target::from(ServiceId::new(
        &project,
        ServiceKind::Postgres,
    )));
    order(&demo, restart).await;
    let mut machine = demo.sim().machine();
    wait(&mut machine, &backend, Duration::from_secs(10));
    let back = texts(&machine, &backend);
    wait(&mut machine, &backend, Duration::from_mins(2));
    let after = texts(&machine, &backend);
    assert!(after.len() > back.len(), "it goes on");
    assert_eq!(lost(&after), lost(&back), "and complains no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_takes_the_containers_and_a_start_brings_them_in_order() {
    let demo = Demo::open(SEED).await.unwrap();
    let (_, project, _) = find(&demo, |c| matches!(c, Conduct::Slow { .. }));
    let prefix = format!("cchub-{project}-");
    let there = || -> BTreeSet<String> {
        let machine = demo.sim().machine();
        let names = machine.containers.keys();
        names.filter(|n| n.starts_with(&prefix)).cloned().collect()
    };
    let (all, everybody) = (there(), demo.sim().machine().containers.len());
    assert_eq!(all.len(), 4);
    order(&demo, Request::stop(project.clone())).await;
    assert_eq!(there(), BTreeSet::new());
    assert_eq!(demo.sim().machine().containers.len(), everybody - 4);
    order(&demo, Request::start(project.clone())).await;
    assert_eq!(there(), all);
    let machine = demo.sim().machine();
    let started = |kind| {
        let container = &machine.containers[&format!("{prefix}{kind}")];
        assert!(container.runs());
        container.started.unwrap()
    };
    let needs = |kind, need, boot: i64| {
        let ready = started(need) + Duration::from_millis(boot.unsigned_abs());
        assert!(started(kind) >= ready, "{kind} waits until {need} works");
    };
    needs(ServiceKind::Backend, ServiceKind::Postgres, 1800);
    needs(ServiceKind::Backend, ServiceKind::Redis, 300);
    needs(ServiceKind::Frontend, ServiceKind::Backend, 1500);
}

#[test]
fn the_demo_takes_neither_a_subcommand_nor_another_engine() {
    for (args, word) in [
        (&["--demo", "status"][..], "leave out the subcommand"),
        (
            &["--demo", "--host", "tcp://127.0.0.1:1"],
            "leave out --host",
        ),
        (
            &["--host", "tcp://127.0.0.1:1", "--demo"],
            "leave out --host",
        ),
    ] {
        let ran = Command::new(env!("CARGO_BIN_EXE_cchub-tui"))
            .args(args)
            .output()
            .unwrap();
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(2), "{args:?}: {said}");
        assert!(ran.stdout.is_empty());
        assert!(said.contains(word), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    }
}
