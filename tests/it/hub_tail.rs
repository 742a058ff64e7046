//! Followed logs: each line once, whatever happens to the connection, the container and the reader.

use crate::{
    hub_engine::line_of,
    hub_world::{HubWorld, PATIENCE, eventually, named, quick, send, shop, target},
};
use cchub::{
    domain::{ServiceKind::Redis, log::Window},
    hub::{
        Command, Follow, FollowId, HubHandle, LogBatch, LogEvent, Request, containers::Containers,
        stream,
    },
    sim::{Reply, frame},
    stack::secrets::Secrets,
};
use futures_util::future::join_all;
use std::time::{Duration, Instant};
use tokio::{sync::mpsc, time::timeout};

pub const NAME: &str = "cchub-shop-redis";
pub const LOGS: &str = "GET /containers/cchub-shop-redis/logs";

fn follow(id: u64, tail: u32) -> Follow {
    Follow {
        id: FollowId(id),
        services: target(Some(Redis)).services(),
        window: Window::Tail(tail),
    }
}

/// Lines, and notices in brackets.
fn words(batch: &LogBatch) -> Vec<String> {
    let words = batch.events.iter().filter_map(|event| match event {
        LogEvent::Line(line) => Some(line.text.plain().to_string()),
        LogEvent::Notice(_, text) => Some(format!("[{text}]")),
        LogEvent::Secrets(_) => None,
    });
    words.collect()
}

/// Reads until a line or notice that begins so has come; gives all of them.
pub async fn read_until(logs: &mut mpsc::Receiver<LogBatch>, start: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let read = timeout(PATIENCE, async {
        while !all.iter().any(|word| word.starts_with(start)) {
            all.extend(words(&logs.recv().await.expect("it goes on")));
        }
    });
    if read.await.is_err() {
        panic!("never: {start}, only {all:?}");
    }
    all
}

pub fn lines_of(all: &[String]) -> Vec<&str> {
    let lines = all.iter().filter(|word| !word.starts_with('['));
    lines.map(String::as_str).collect()
}

pub fn notices_of(all: &[String]) -> Vec<&str> {
    let notices = all.iter().filter(|word| word.starts_with('['));
    notices.map(String::as_str).collect()
}

/// A frame with a line of that moment, from stream 1 or 2.
fn line(stream: u8, second: u32, nanos: u32, text: &str) -> Vec<u8> {
    frame(
        stream,
        format!("2026-11-21T01:42:{second:02}.{nanos:09}Z {text}\n"),
    )
}

async fn running() -> HubWorld {
    let world = HubWorld::new();
    world.start_shop().await;
    world
}

fn write(world: &HubWorld, frame: Vec<u8>) {
    world.engine.model().containers[NAME].write(frame);
}

async fn following(world: &HubWorld, tail: u32) -> HubHandle {
    let hub = world.open();
    send(&hub, Command::Follow(follow(1, tail))).await;
    hub
}

#[tokio::test]
async fn p06_a_stream_that_is_cut_anywhere_shows_each_line_once() {
    // Some in the same second, two at the same moment, and two streams whose times cross.
    let frames = [
        line(1, 1, 1, "a"),
        line(1, 2, 5, "b"),
        line(2, 2, 5, "c"),
        line(2, 2, 9, "d"),
        line(1, 2, 7, "e"),
        line(1, 3, 1, "f"),
    ];
    let mut cuts = vec![0];
    for end in 1..=frames.len() {
        let whole = frames[..end].concat().len();
        let begun = frames[..end - 1].concat().len();
        cuts.extend([begun + 4, begun + 20, whole - 1, whole]);
    }
    let each = cuts.into_iter().map(|cut| {
        let frames = frames.clone();
        async move {
            let world = running().await;
            for frame in &frames {
                write(&world, frame.clone());
            }
            // Cut there twice: what was read after the first is cut again.
            world.engine.model().quirks.log_cuts = vec![cut, cut];
            let secrets = world.hub_file().secrets_dir();
            let mut streams = stream::open(
                world.engine.endpoint(),
                quick(),
                &follow(1, 100),
                &secrets,
                Containers::default(),
            );
            eventually("it follows", || world.engine.count(LOGS) == 3).await;
            write(&world, line(1, 4, 1, "end"));
            let all = read_until(&mut streams.logs, "end").await;
            assert_eq!(
                lines_of(&all),
                ["a", "b", "c", "d", "e", "f", "end"],
                "cut at {cut}"
            );
            assert!(
                all.iter().any(|word| word.starts_with("[log stream cut")),
                "{all:?}"
            );
        }
    });
    join_all(each).await;
}

#[tokio::test]
async fn p70_what_must_not_be_shown_is_told_before_the_first_line_and_when_it_changes() {
    let world = running().await;
    write(&world, line(1, 1, 1, "first"));
    let mut hub = following(&world, 100).await;
    let mut events = Vec::new();
    let is_line = |event: &LogEvent| matches!(event, LogEvent::Line(_));
    while !events.iter().any(is_line) {
        events.extend(hub.logs.recv().await.unwrap().events);
    }
    let secrets = world.hub_file().secrets_dir();
    let known = Secrets::known(&secrets, &shop()).unwrap();
    assert_eq!(known.len(), 2);
    assert_eq!(events[0], LogEvent::Secrets(known.clone()));
    let told = format!("{events:?}");
    assert!(known.iter().all(|secret| !told.contains(secret.reveal())));
    assert_eq!(events.iter().filter(|event| !is_line(event)).count(), 1);

    // A look at them for each process, and a word if that fails.
    std::fs::remove_file(secrets.join("shop.toml")).unwrap();
    std::fs::create_dir(secrets.join("shop.toml")).unwrap();
    world.engine.model().end(NAME, 0);
    let _ended = read_until(&mut hub.logs, "[ended").await;
    world.engine.model().begin(NAME);
    let words = read_until(&mut hub.logs, "[not hidden here").await;
    assert!(words.last().unwrap().contains("shop.toml"), "{words:?}");
}

/// Half of a frame whose rest never comes.
fn half(text: &str) -> Vec<u8> {
    let mut frame = line(1, 2, 5, text);
    frame.truncate(frame.len() - 3);
    frame
}

#[tokio::test]
async fn p06_a_line_whose_rest_is_gone_with_its_container_is_shown_as_far_as_it_came() {
    let world = running().await;
    let wire = [line(1, 1, 1, "a"), half("half a line")].concat();
    world.engine.spoil(LOGS, 1, Reply::ThenHangUp(vec![wire]));
    world
        .engine
        .spoil(LOGS, 9, Reply::refuse(404, "no such container"));
    let mut hub = following(&world, 100).await;
    let mut all = read_until(&mut hub.logs, "[log stream cut").await;
    world.engine.model().remove(NAME);
    all.extend(read_until(&mut hub.logs, "[removed").await);
    assert_eq!(lines_of(&all), ["a", "half a li"]);
}

#[tokio::test]
async fn p06_a_stream_that_is_cut_before_its_container_ends_is_read_to_its_end() {
    let world = running().await;
    let wire = [line(1, 1, 1, "a"), half("half a line")].concat();
    world.engine.spoil(LOGS, 1, Reply::ThenHangUp(vec![wire]));
    world.engine.spoil(LOGS, 1, Reply::refuse(500, "not now"));
    let mut hub = following(&world, 100).await;
    let mut all = read_until(&mut hub.logs, "[log stream cut").await;
    {
        let mut model = world.engine.model();
        model.containers[NAME].write(line(1, 1, 1, "a"));
        model.containers[NAME].write(line(1, 2, 5, "half a line"));
        model.containers[NAME].write(line(1, 3, 1, "last words"));
        model.end(NAME, 1);
    }
    all.extend(read_until(&mut hub.logs, "[ended").await);
    assert_eq!(lines_of(&all), ["a", "half a line", "last words"]);
}

#[tokio::test]
async fn p41_a_line_without_an_end_shows_after_a_second_and_its_rest_goes_on() {
    let world = running().await;
    let mut hub = following(&world, 100).await;
    write(&world, frame(1, "2026-11-21T01:42:01.000000001Z name? "));
    let mut all = read_until(&mut hub.logs, "name? ").await;
    write(&world, frame(1, "2026-11-21T01:42:01.000000001Z ann\n"));
    write(&world, line(1, 2, 1, "next"));
    all.extend(read_until(&mut hub.logs, "next").await);
    assert_eq!(lines_of(&all), ["name? ", "ann", "next"]);
}

#[tokio::test]
async fn p02_a_lost_engine_costs_no_line_and_repeats_none() {
    let world = running().await;
    for n in 1..5 {
        world.engine.print(NAME, n, &format!("line {n}"));
    }
    let mut hub = following(&world, 100).await;
    let mut all = read_until(&mut hub.logs, "line 4").await;
    world.engine.spoil("GET /_ping", 2, Reply::HangUp);
    eventually("it is lost and found", || world.engine.count(LOGS) == 2).await;
    world.engine.print(NAME, 5, "line 5");
    all.extend(read_until(&mut hub.logs, "line 5").await);
    assert_eq!(
        lines_of(&all),
        ["line 1", "line 2", "line 3", "line 4", "line 5"]
    );
}

#[tokio::test]
async fn p44_the_history_has_as_many_lines_as_were_asked_for() {
    let world = running().await;
    for n in 1..50 {
        world.engine.print(NAME, n, &format!("line {n}"));
    }
    for (tail, first) in [(1, 49), (20, 30), (10000, 1)] {
        let mut hub = following(&world, tail).await;
        let all = read_until(&mut hub.logs, "line 49").await;
        assert_eq!(all.len(), 50 - first);
        assert_eq!(all[0], format!("line {first}"));
    }
}

#[tokio::test]
async fn p45_a_restart_is_marked_and_the_lines_go_on() {
    let world = running().await;
    world.engine.print(NAME, 1, "before");
    let mut hub = following(&world, 100).await;
    let mut all = read_until(&mut hub.logs, "before").await;
    world.engine.model().end(NAME, 137);
    all.extend(read_until(&mut hub.logs, "[ended").await);
    let began = Instant::now();
    {
        let mut model = world.engine.model();
        model.begin(NAME);
        model.containers[NAME].print(&line_of(2, "after"));
    }
    all.extend(read_until(&mut hub.logs, "after").await);
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(lines_of(&all), ["before", "after"]);
    let notices = notices_of(&all);
    assert!(notices[0].starts_with("[ended: exit 137"), "{notices:?}");
    assert_eq!(notices[1..], ["[restarted]"]);
}

#[tokio::test]
async fn p45_a_service_without_a_container_says_so_once_and_shows_its_lines_when_it_has_one() {
    let world = HubWorld::new();
    let mut hub = following(&world, 100).await;
    let mut all = read_until(&mut hub.logs, "[no container").await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    world.start_shop().await;
    world.engine.print(NAME, 1, "hello");
    all.extend(read_until(&mut hub.logs, "hello").await);
    assert_eq!(lines_of(&all), ["hello"]);
    assert_eq!(notices_of(&all).len(), 1, "{all:?}");
}

#[tokio::test]
async fn p45_a_container_that_is_made_anew_is_followed_from_its_first_line() {
    let world = running().await;
    world.engine.print(NAME, 1, "old");
    let mut hub = following(&world, 100).await;
    let mut all = read_until(&mut hub.logs, "old").await;
    world.run(Request::stop(shop())).await.0.unwrap();
    all.extend(read_until(&mut hub.logs, "[removed").await);
    world.start_shop().await;
    world.engine.print(NAME, 1, "new");
    all.extend(read_until(&mut hub.logs, "new").await);
    assert_eq!(lines_of(&all), ["old", "new"]);
}

#[tokio::test]
async fn p13_a_container_that_ends_and_then_goes_is_told_as_both() {
    let world = running().await;
    world.engine.print(NAME, 1, "old");
    let mut hub = following(&world, 100).await;
    let mut all = read_until(&mut hub.logs, "old").await;
    world.engine.model().end(NAME, 137);
    all.extend(read_until(&mut hub.logs, "[ended").await);
    world.engine.model().remove(NAME);
    all.extend(read_until(&mut hub.logs, "[removed").await);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    world.start_shop().await;
    world.engine.print(NAME, 1, "new");
    all.extend(read_until(&mut hub.logs, "new").await);
    let notices = notices_of(&all);
    assert_eq!(notices.len(), 2, "{notices:?}");
}

#[tokio::test]
async fn p45_a_log_that_cannot_be_read_is_told_once_and_not_asked_for_in_a_loop() {
    let world = running().await;
    world.engine.print(NAME, 1, "hello");
    let words = "configured logging driver does not support reading";
    world
        .engine
        .spoil(LOGS, usize::MAX, Reply::refuse(501, words));
    let mut hub = following(&world, 100).await;
    let mut all = read_until(&mut hub.logs, "[log stream cut: configured logging").await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(
        (3..=6).contains(&world.engine.count(LOGS)),
        "{}",
        world.engine.count(LOGS)
    );
    world.engine.heal();
    all.extend(read_until(&mut hub.logs, "hello").await);
    assert_eq!(all.len(), 2, "{all:?}");
}

#[tokio::test]
async fn a_stream_that_ends_at_once_while_its_container_runs_is_not_asked_for_in_a_loop() {
    let world = running().await;
    world
        .engine
        .spoil(LOGS, usize::MAX, Reply::Chunks(Vec::new()));
    let _hub = following(&world, 100).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(
        (3..=6).contains(&world.engine.count(LOGS)),
        "{}",
        world.engine.count(LOGS)
    );
}

#[tokio::test]
async fn unfollow_closes_the_connection_and_a_second_follow_replaces_the_first() {
    let world = running().await;
    world.engine.print(NAME, 1, "hello");
    let mut hub = following(&world, 100).await;
    read_until(&mut hub.logs, "hello").await;
    let closed = world.engine.closed();
    send(&hub, Command::Follow(follow(1, 100))).await;
    read_until(&mut hub.logs, "hello").await;
    eventually("the first is closed", || {
        world.engine.closed() == closed + 1
    })
    .await;
    send(&hub, Command::Unfollow(FollowId(1))).await;
    eventually("the second is closed", || {
        world.engine.closed() == closed + 2
    })
    .await;
    world.engine.print(NAME, 2, "unread");
    send(&hub, Command::Unfollow(FollowId(7))).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(hub.logs.try_recv().is_err());
}

#[tokio::test]
async fn a_reader_that_does_not_read_keeps_little_waiting_and_misses_nothing() {
    const LINES: usize = 20_000;
    let world = running().await;
    let text = "x".repeat(200);
    let frames: Vec<_> = (0..LINES)
        .map(|n| line(1, 1, u32::try_from(n).unwrap(), &format!("{n} {text}")))
        .collect();
    // A few big pieces, as an engine sends a history.
    for piece in frames.chunks(5000) {
        write(&world, piece.concat());
    }
    let mut hub = following(&world, 10_000).await;
    eventually("as much waits as may", || hub.logs.len() == 8).await;
    // The hub does what it is told meanwhile, and ends such a stream, too.
    send(
        &hub,
        Command::Follow(Follow {
            id: FollowId(2),
            ..follow(2, 10_000)
        }),
    )
    .await;
    let closed = world.engine.closed();
    send(&hub, Command::Unfollow(FollowId(2))).await;
    eventually("it is closed", || {
        world.engine.closed() > closed || world.engine.count(LOGS) == 1
    })
    .await;
    assert_eq!(hub.logs.len(), 8);
    let mut seen = 0;
    while seen < LINES {
        let batch = timeout(PATIENCE, hub.logs.recv()).await.unwrap().unwrap();
        // A chunk, and what was read ahead while the one before waited.
        assert!(batch.events.len() <= 256 + 1024);
        for word in words(&batch) {
            assert!(word.starts_with(&format!("{seen} ")), "{seen}: {word:.20}");
            seen += 1;
        }
    }
}

#[tokio::test]
async fn a_whole_project_is_followed_by_one_stream_per_service() {
    let world = HubWorld::with(&["shop", "blog"]);
    world.start_shop().await;
    world.run(Request::start(named("blog"))).await.0.unwrap();
    for kind in ["postgres", "redis", "backend", "frontend"] {
        world.engine.print(&format!("cchub-shop-{kind}"), 1, kind);
        world
            .engine
            .print(&format!("cchub-blog-{kind}"), 1, "not asked for");
    }
    let mut hub = world.open();
    let follow = Follow {
        id: FollowId(3),
        services: target(None).services(),
        window: Window::Tail(10),
    };
    send(&hub, Command::Follow(follow)).await;
    let mut seen = Vec::new();
    while seen.len() < 4 {
        let batch = timeout(PATIENCE, hub.logs.recv()).await.unwrap().unwrap();
        if matches!(batch.events[..], [LogEvent::Secrets(_)]) {
            continue;
        }
        assert_eq!(
            (batch.follow, words(&batch)),
            (FollowId(3), vec![batch.service.kind.to_string()])
        );
        seen.push(batch.service.kind);
    }
}
