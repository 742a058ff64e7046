//! The timeline of the whole hub on a simulated engine: what happens becomes entries, they outlive the program, and who is
//! called for what. The real clock runs: processes take their time to start and end.

use crate::{
    hub_world::{eventually, named, shop},
    sim_world::{Front, SimWorld, service},
};
use cchub::{
    domain::{
        Bytes, Limits, LimitsChange, ServiceId,
        ServiceKind::{self, Backend, Frontend, Postgres, Redis},
        State, Timestamp,
        timeline::{ENTRIES_MAX, Entry, What},
    },
    hub::{
        Command, Request,
        journal::Origin,
        timeline::past::{self, Past},
    },
    sim::{Conduct, Settings},
};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    sync::Arc,
    time::Duration,
};

const REDIS: &str = "cchub-shop-redis";
const SECOND: Duration = Duration::from_secs(1);

fn lively() -> Settings {
    Settings {
        lively: true,
        memory: 24 << 30,
        cpus: 8,
        ..Settings::default()
    }
}

/// `shop` runs on an engine where processes live.
async fn running() -> SimWorld {
    let world = SimWorld::with(lively(), &["shop"]);
    world.start(&["shop"]).await;
    world
}

fn all_healthy(front: &Front) -> bool {
    let is_healthy = |kind| {
        let health = front.of("shop", kind);
        health.is_some_and(|health| health.state == State::Healthy)
    };
    ServiceKind::ALL.into_iter().all(is_healthy)
}

/// Waits until all four are healthy, and the timeline says so.
async fn settled(front: &mut Front) {
    front.until("all healthy", all_healthy).await;
    front
        .until("that is noted", |front| {
            let seen = |entry: &&Arc<Entry>| {
                matches!(
                    entry.what,
                    What::Health {
                        to: State::Healthy,
                        ..
                    }
                )
            };
            entries(front).iter().filter(seen).count() >= 4
        })
        .await;
    // The engine tells moments of its last tick.
    front.read_for(SECOND).await;
}

fn entries(front: &Front) -> Vec<Arc<Entry>> {
    front.timelines.get(&shop()).cloned().unwrap_or_default()
}

/// The words of the entries of a service, oldest first, without how often in how long.
fn words(front: &Front, kind: ServiceKind) -> Vec<String> {
    let all = entries(front).into_iter();
    let mine = all.filter(|entry| entry.service == Some(kind));
    mine.map(|entry| said(&entry)).collect()
}

fn said(entry: &Entry) -> String {
    if entry.text.is_empty() {
        return entry.headline();
    }
    format!("{}: {}", entry.headline(), entry.text)
}

/// Waits until the words of a service end like this.
async fn ends_with(front: &mut Front, kind: ServiceKind, end: &[&str]) {
    let has = |front: &Front| {
        let words = words(front, kind);
        words.len() >= end.len() && words[words.len() - end.len()..] == *end
    };
    for _ in 0..400 {
        if has(front) {
            return;
        }
        front.read_for(SECOND / 10).await;
    }
    panic!("{end:?} is not the end of {:#?}", words(front, kind));
}

fn called(front: &Front) -> Vec<(ServiceKind, State)> {
    let alarms = front.alarms.iter();
    alarms
        .map(|alarm| (alarm.service.kind, alarm.state))
        .collect()
}

fn read(world: &SimWorld) -> Past {
    past::read(&world.state_dir(), None, ENTRIES_MAX).unwrap()
}

fn timeline_file(world: &SimWorld) -> std::path::PathBuf {
    world.state_dir().join("timeline.jsonl")
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_a_process_that_is_killed_is_an_end_and_a_start_and_one_call() {
    let world = running().await;
    let mut front = world.open_noting();
    settled(&mut front).await;
    assert_eq!(words(&front, Redis), ["started", "healthy, first seen"]);
    assert_eq!(called(&front), []);
    world.sim.machine().end(REDIS, 137);
    let end = [
        "started",
        "healthy, first seen",
        "ended with exit code 137 (killed, SIGKILL)",
        "started again",
    ];
    ends_with(&mut front, Redis, &end).await;
    front.until("it is back", all_healthy).await;
    front.read_for(SECOND * 3).await;
    assert_eq!(words(&front, Redis), end);
    assert_eq!(called(&front).len(), 1, "{:?}", called(&front));
    assert_eq!(front.alarms[0].service.kind, Redis);
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_who_is_killed_for_memory_is_told_apart() {
    let world = running().await;
    let mut front = world.open_noting();
    settled(&mut front).await;
    world.sim.machine().kill_for_memory(REDIS);
    let end = [
        "the kernel killed a process for memory",
        "ended with exit code 137 (killed, SIGKILL)",
        "started again",
    ];
    ends_with(&mut front, Redis, &end).await;
    assert_eq!(called(&front).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_a_crash_loop_is_a_few_entries_that_count_and_one_call() {
    let world = running().await;
    let mut front = world.open_noting();
    settled(&mut front).await;
    let before = entries(&front).len();
    let conduct = Conduct::CrashLoop {
        after: SECOND / 10,
        code: 3,
    };
    world
        .sim
        .machine()
        .containers
        .get_mut(REDIS)
        .unwrap()
        .conduct = conduct;
    front
        .until("it has ended five times", |front| {
            let often = |entry: &Arc<Entry>| {
                entry.what == What::Ended { code: Some(3) } && entry.times >= 5
            };
            entries(front).iter().any(often)
        })
        .await;
    front
        .until("it is noted", |front| {
            words(front, Redis)
                .iter()
                .any(|words| words.starts_with("crash-looping, was healthy"))
        })
        .await;
    let of_redis: Vec<_> = words(&front, Redis).split_off(2);
    let of_redis: Vec<_> = of_redis
        .iter()
        .map(|words| words.split(':').next().unwrap())
        .collect();
    assert_eq!(
        of_redis,
        [
            "ended with exit code 3",
            "started again",
            "crash-looping, was healthy"
        ],
        "{before} before"
    );
    let of_redis = called(&front)
        .into_iter()
        .filter(|(kind, _)| *kind == Redis);
    assert_eq!(of_redis.count(), 1, "{:?}", called(&front));
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_m5_an_operation_of_ours_is_begun_and_done_and_calls_nobody() {
    let world = running().await;
    let mut front = world.open_noting();
    settled(&mut front).await;
    let request = Request::restart(service("shop", Redis));
    front.send(Command::Run(request)).await;
    front
        .until("it is done", |front| front.ended(1).is_some())
        .await;
    front.until("all healthy", all_healthy).await;
    front.read_for(SECOND * 3).await;
    let words: Vec<String> = words(&front, Redis)
        .split_off(2)
        .iter()
        .map(|words| words.split(" in ").next().unwrap().to_owned())
        .collect();
    let user = std::env::var("SUDO_USER").or_else(|_| std::env::var("USER"));
    let by = user.or_else(|_| std::env::var("LOGNAME"));
    let by = by.map_or_else(|_| String::new(), |user| format!(" by {user}"));
    let expected = [
        format!("restart begun{by}"),
        "ended with exit code 0 (ended without an error)".to_owned(),
        "started again".to_owned(),
        "restart done".to_owned(),
    ];
    assert_eq!(words, expected);
    assert_eq!(called(&front), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_m5_what_another_program_does_is_noted_from_the_journal_and_calls_nobody() {
    let world = running().await;
    let mut front = world.open_noting();
    settled(&mut front).await;
    let program = tokio::process::Command::new(env!("CARGO_BIN_EXE_cchub-tui"))
        .arg("--config")
        .arg(world.hub_file().path())
        .args(["--host", &format!("unix://{}", world.socket().display())])
        .args(["stop", "shop"])
        .env("XDG_STATE_HOME", world.folder.path().join("state"))
        .output();
    let output = program.await.unwrap();
    assert!(output.status.success(), "{output:?}");
    front
        .until("all are gone", |front| {
            let is_gone = |kind| {
                front
                    .of("shop", kind)
                    .is_some_and(|h| h.state == State::Missing)
            };
            ServiceKind::ALL.into_iter().all(is_gone)
        })
        .await;
    front
        .until("that is noted", |front| {
            let of_shop = |entry: &&Arc<Entry>| entry.service.is_none();
            let words: Vec<_> = entries(front)
                .iter()
                .filter(of_shop)
                .map(|e| said(e))
                .collect();
            words.len() == 2
                && words[0].starts_with("stop begun")
                && words[1].starts_with("stop done")
        })
        .await;
    front.read_for(SECOND * 20).await;
    assert_eq!(called(&front), []);
    for kind in ServiceKind::ALL {
        let words = words(&front, kind);
        assert!(
            words.last().unwrap().starts_with("missing, was "),
            "{words:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn m5_the_unexpected_consequence_of_an_operation_calls() {
    let world = running().await;
    let mut front = world.open_noting();
    settled(&mut front).await;
    // Lower a limit, and the kernel kills the service for it: nobody asked for that.
    let request = Request::Limits {
        service: ServiceId::new(&shop(), Redis),
        change: LimitsChange {
            memory: Some(Bytes::mib(8)),
            ..LimitsChange::default()
        },
        below_use: true,
        seen: None,
    };
    front.send(Command::Run(request)).await;
    front
        .until("it is called for", |front| {
            called(front).iter().any(|(kind, _)| *kind == Redis)
        })
        .await;
    let limits = Limits::default_of(Redis);
    let change = What::Limits {
        from: limits,
        to: Limits {
            memory: Bytes::mib(8),
            ..limits
        },
    };
    front
        .until("the change is noted", |front| {
            entries(front).iter().any(|entry| entry.what == change)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn m5_one_outage_of_the_database_is_one_call_and_says_who_waits() {
    let world = running().await;
    let mut front = world.open_noting();
    settled(&mut front).await;
    world
        .sim
        .machine()
        .containers
        .get_mut("cchub-shop-postgres")
        .unwrap()
        .conduct = Conduct::Refuses;
    front
        .until("the backend waits for it", |front| {
            let waits = |words: &String| {
                words.starts_with("unhealthy, was ")
                    && words.ends_with(": it needs postgres, which is unhealthy")
            };
            words(front, Backend).iter().any(waits)
        })
        .await;
    front.read_for(SECOND * 15).await;
    assert_eq!(called(&front), [(Postgres, State::Unhealthy)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_entries_outlive_the_program_and_two_programs_do_not_double_them() {
    let world = running().await;
    let (mut one, mut two) = (world.open_noting(), world.open_noting());
    settled(&mut one).await;
    settled(&mut two).await;
    world.sim.machine().end(REDIS, 9);
    let end = ["ended with exit code 9", "started again"];
    ends_with(&mut one, Redis, &end).await;
    ends_with(&mut two, Redis, &end).await;
    let before = words(&one, Redis);
    assert_eq!(before.len(), 4);
    drop((one, two));
    let mut again = world.open_noting();
    settled(&mut again).await;
    again.read_for(SECOND * 2).await;
    assert_eq!(words(&again, Redis), before);
    let mode = fs::metadata(timeline_file(&world)).unwrap().mode();
    assert_eq!(mode & 0o7777, 0o600);
    assert_eq!(read(&world).damaged, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_what_happened_while_nobody_looked_is_asked_of_the_engine() {
    let world = running().await;
    let mut front = world.open_noting();
    settled(&mut front).await;
    drop(front);
    world.sim.machine().end(REDIS, 9);
    tokio::time::sleep(SECOND * 2).await;
    let mut again = world.open_noting();
    let end = ["ended with exit code 9", "started again"];
    ends_with(&mut again, Redis, &end).await;
    assert_eq!(words(&again, Redis).len(), 4, "{:?}", words(&again, Redis));
    assert_eq!(called(&again), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_an_engine_that_goes_away_is_one_entry_for_all_and_no_service_changes() {
    let mut world = running().await;
    let mut front = world.open_noting();
    settled(&mut front).await;
    let before = entries(&front).len();
    world.sim.server.stop();
    front.until("it is lost", Front::is_lost).await;
    front.read_for(SECOND * 3).await;
    world.sim.server.resume().unwrap();
    front.until("it is back", Front::is_live).await;
    front.until("all healthy", all_healthy).await;
    front.read_for(SECOND * 3).await;
    let new = entries(&front).split_off(before);
    let new: Vec<_> = new.iter().map(|entry| entry.headline()).collect();
    assert_eq!(
        new,
        ["the engine is out of reach", "the engine answers again"]
    );
    assert_eq!(called(&front), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_a_burst_of_errors_is_noted_where_a_log_is_read_and_secrets_are_not() {
    let world = running().await;
    let secret = fs::read_dir(world.hub_file().secrets_dir())
        .unwrap()
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .find_map(|text| {
            text.split('"')
                .find(|word| word.len() >= 32)
                .map(str::to_owned)
        })
        .unwrap();
    let mut front = world.open_noting();
    settled(&mut front).await;
    for _ in 0..6 {
        world.print("cchub-shop-frontend", "ERROR: nobody follows it");
    }
    front.follow(service("shop", Backend)).await;
    front
        .until("it is followed", |front| {
            !front.lines("shop", Backend).is_empty()
        })
        .await;
    for n in 0..7 {
        let text = format!("ERROR: number {n}, password is {secret}");
        world.print("cchub-shop-backend", &text);
    }
    front
        .until("they are noted", |front| {
            let errors = |entry: &Arc<Entry>| entry.what == What::Errors && entry.times == 7;
            entries(front).iter().any(errors)
        })
        .await;
    let noted: Vec<_> = entries(&front)
        .into_iter()
        .filter(|entry| entry.what == What::Errors)
        .collect();
    assert_eq!(noted.len(), 1);
    assert_eq!(noted[0].service, Some(Backend));
    assert_eq!(
        noted[0].text.as_str(),
        "ERROR: number 0, password is ******"
    );
    // A service that turns red is listened to once.
    world
        .sim
        .machine()
        .containers
        .get_mut("cchub-shop-frontend")
        .unwrap()
        .conduct = Conduct::Refuses;
    front
        .until("its last lines are", |front| {
            let errors = |entry: &Arc<Entry>| {
                entry.what == What::Errors && entry.service == Some(Frontend) && entry.times == 6
            };
            entries(front).iter().any(errors)
        })
        .await;
    eventually("it is written", || {
        let text = fs::read_to_string(timeline_file(&world)).unwrap();
        assert!(!text.contains(&secret));
        text.contains("ERROR: number 0")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_a_disk_that_cannot_be_written_is_told_once_and_nothing_else_changes() {
    let world = running().await;
    fs::create_dir_all(world.state_dir().join("timeline.jsonl")).unwrap();
    fs::set_permissions(world.state_dir(), fs::Permissions::from_mode(0o700)).unwrap();
    let mut front = world.open_noting();
    settled(&mut front).await;
    for code in [3, 4] {
        world.sim.machine().end(REDIS, code);
        let ended = format!("ended with exit code {code}");
        front
            .until("it is noted", |front| words(front, Redis).contains(&ended))
            .await;
        front.until("it is back", all_healthy).await;
    }
    let told: Vec<_> = front
        .said
        .iter()
        .filter(|text| text.contains("cannot be written"))
        .collect();
    assert_eq!(told.len(), 1, "{:?}", front.said);
}

fn size(folder: &Path) -> u64 {
    let files = fs::read_dir(folder).unwrap();
    files
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn m4_bounds_hold_with_100_000_entries() {
    let world = running().await;
    fs::create_dir_all(world.state_dir()).unwrap();
    let now = Timestamp::now().as_second();
    let engine = format!("unix://{}", world.socket().display());
    let mut text = String::new();
    for n in 0..100_000_i64 {
        let at = Timestamp::from_second(now - 100_000 * 60 + n * 60).unwrap();
        let ended = What::Ended { code: Some(n) };
        let entry = Entry::once(at, ended, "").of(&shop(), Some(Redis));
        let line = serde_json::to_string(&entry).unwrap();
        text.push_str(&line.replacen('{', &format!("{{\"engine\":\"{engine}\","), 1));
        text.push('\n');
    }
    fs::write(timeline_file(&world), &text).unwrap();
    let mut front = world.open_noting();
    settled(&mut front).await;
    front
        .until("the newest are kept", |front| {
            entries(front).len() == ENTRIES_MAX
        })
        .await;
    drop(front);
    // The file was too long already: what was in it is put aside, and goes as more comes.
    assert!(text.len() > 12 << 20);
    let files = fs::read_dir(world.state_dir()).unwrap().count();
    assert!(files <= 8, "{files} files");
    assert!(fs::metadata(timeline_file(&world)).unwrap().len() < 4 << 20);
    assert!(size(&world.state_dir()) < text.len() as u64 + (1 << 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_seen_on_another_engine_is_not_shown() {
    let world = running().await;
    fs::create_dir_all(world.state_dir()).unwrap();
    let entry = Entry::once(Timestamp::now(), What::Paused, "").of(&named("shop"), Some(Redis));
    let line = serde_json::to_string(&entry).unwrap();
    let line = line.replacen('{', "{\"engine\":\"tcp://elsewhere:2375\",", 1);
    fs::write(timeline_file(&world), line + "\n").unwrap();
    let mut front = world.open_noting();
    settled(&mut front).await;
    assert_eq!(words(&front, Redis), ["started", "healthy, first seen"]);
    assert_eq!(read(&world).pages[&Some(shop())].entries().len(), 9);
    drop(world.journal(Origin::Command));
}
