//! Followed logs through everything that happens to a stream: cut anywhere, silent, forged, away with the engine.

use crate::sim_world::{Front, SimWorld, service, whole};
use cchub::{
    domain::{
        ServiceKind::{self, Backend, Redis},
        log::Window,
    },
    hub::{Follow, FollowId, LogEvent, Timing, containers::Containers, stream},
    sim::{Disorder, How, Reply, frame},
};
use std::{path::Path, time::Duration};
use tokio::time::timeout;

const NAME: &str = "cchub-shop-redis";
const LOGS: &str = "GET /containers/cchub-shop-redis/logs";
const HOUR: Duration = Duration::from_secs(3600);

async fn running() -> SimWorld {
    let world = SimWorld::new();
    world.start(&["shop"]).await;
    world
}

fn container(kind: ServiceKind) -> String {
    format!("cchub-shop-{kind}")
}

/// Prints a line of each service.
fn print_all(world: &SimWorld, text: &str) {
    for kind in ServiceKind::ALL {
        world.print(&container(kind), text);
    }
}

/// True once each service has shown so many lines.
fn all_have(front: &Front, lines: usize) -> bool {
    ServiceKind::ALL
        .iter()
        .all(|kind| front.lines("shop", *kind).len() >= lines)
}

/// A frame with a piece of a line of that moment.
fn piece(stream: u8, second: u32, nanos: u32, text: &str) -> Vec<u8> {
    let stamp = format!("2026-11-21T01:42:{second:02}.{nanos:09}Z ");
    frame(stream, format!("{stamp}{text}").as_bytes())
}

/// Follows redis while its first stream is cut after `cut` bytes of the answer, HTTP and all; gives its lines up to `end`.
async fn lines_when_cut(world: &SimWorld, cut: usize, end: &str) -> Vec<String> {
    world.sim.server.heal();
    world.sim.server.fault(LOGS, 1, How::Cut(cut));
    let follow = Follow {
        id: FollowId(1),
        services: service("shop", Redis).services(),
        window: Window::Tail(1000),
    };
    let nowhere = Path::new("/nowhere");
    let mut streams = stream::open(
        world.endpoint(),
        Timing::default(),
        &follow,
        nowhere,
        Containers::default(),
    );
    let mut lines = Vec::new();
    while lines.last().is_none_or(|last| last != end) {
        let read = timeout(Duration::from_secs(60), streams.logs.recv()).await;
        let batch = read.unwrap_or_else(|_| panic!("cut at {cut}: only {lines:?}"));
        for event in batch.unwrap().events {
            if let LogEvent::Line(line) = event {
                lines.push(line.text.plain().to_string());
            }
        }
    }
    lines
}

#[tokio::test(start_paused = true)]
async fn p06_a_stream_that_is_cut_at_any_byte_shows_each_line_once() {
    let world = running().await;
    // Equal times, times that cross, both streams, and an empty line.
    let frames = [
        piece(1, 1, 1, "a\n"),
        piece(2, 2, 5, "b\n"),
        piece(1, 2, 5, "c\n"),
        piece(2, 2, 4, "\n"),
        piece(1, 3, 9, "end\n"),
    ];
    for frame in &frames {
        world.sim.machine().containers[NAME].write(frame.clone());
    }
    let answer = 60 + frames.iter().map(|frame| frame.len() + 8).sum::<usize>();
    for cut in 0..answer {
        let lines = lines_when_cut(&world, cut, "end").await;
        assert_eq!(lines, ["a", "b", "c", "", "end"], "cut at {cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn p06_a_long_line_that_is_cut_between_or_within_its_pieces_comes_once_and_whole() {
    const PIECE: usize = 16 << 10;
    let world = running().await;
    let text: String = ('a'..='z').cycle().take(PIECE * 2 + 100).collect();
    let (one, rest) = text.split_at(PIECE);
    let (two, three) = rest.split_at(PIECE);
    for frame in [
        piece(1, 1, 1, "first\n"),
        piece(1, 2, 1, one),
        piece(2, 2, 2, "between\n"),
        piece(1, 2, 1, two),
        piece(1, 2, 1, &format!("{three}\n")),
        piece(1, 3, 1, "end\n"),
    ] {
        world.sim.machine().containers[NAME].write(frame);
    }
    // Around the headers every few bytes, in the middle of the text now and then.
    let edges = [130, 130 + PIECE, 250 + PIECE, 250 + 2 * PIECE];
    let near = edges
        .into_iter()
        .flat_map(|edge| (edge - 60..edge + 180).step_by(7));
    for cut in near.chain((0..2 * PIECE).step_by(1999)) {
        let lines = lines_when_cut(&world, cut, "end").await;
        let short: Vec<_> = lines.iter().map(|line| line.len()).collect();
        assert_eq!(short, [5, 7, text.len(), 3], "cut at {cut}");
        assert_eq!(lines[2], text, "cut at {cut}");
    }
}

#[tokio::test(start_paused = true)]
async fn p02_an_engine_that_is_stopped_and_comes_back_costs_no_line_and_repeats_none() {
    let mut world = running().await;
    let mut front = world.open();
    front.looked(4).await;
    front.follow(whole("shop")).await;
    let mut expected = Vec::new();
    let mut say = |world: &SimWorld, text: String| {
        print_all(world, &text);
        expected.push(text);
        expected.len()
    };
    for round in 0..4 {
        let count = say(&world, format!("before {round}"));
        front
            .until("lines before", |front| all_have(front, count))
            .await;
        let heard = world.count("GET /events");
        world.sim.server.stop();
        let noticed = front.until("it is lost", Front::is_lost).await;
        assert!(noticed <= Duration::from_secs(3), "{noticed:?}");
        for n in 0..3 {
            say(&world, format!("away {round} {n}"));
        }
        front.read_for(Duration::from_secs(3)).await;
        world.sim.server.resume().unwrap();
        let back = front.until("it is back", Front::is_live).await;
        assert!(back <= Duration::from_secs(5), "{back:?}");
        let count = say(&world, format!("after {round}"));
        let all = front
            .until("all lines", |front| all_have(front, count))
            .await;
        assert!(back + all <= Duration::from_secs(5), "{:?}", back + all);
        assert_eq!(
            world.count("GET /events"),
            heard + 2,
            "events are heard again, and asked for those that were missed"
        );
    }
    for kind in ServiceKind::ALL {
        assert_eq!(front.lines("shop", kind), expected, "{kind}");
    }
    // Events are heard, not only asked for.
    world.sim.machine().remove(NAME);
    let seen = front
        .until("redis is missing", |front| {
            front.of("shop", Redis).unwrap().state == cchub::domain::State::Missing
        })
        .await;
    assert!(seen <= Duration::from_secs(2), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn p02_what_happened_while_the_engine_was_away_is_known_when_it_is_back() {
    let mut world = running().await;
    let mut front = world.open();
    front.looked(4).await;
    world.sim.server.stop();
    front.until("it is lost", Front::is_lost).await;
    {
        let mut machine = world.sim.machine();
        machine.end("cchub-shop-backend", 3);
        machine.remove(NAME);
    }
    world.sim.server.resume().unwrap();
    front
        .until("both are told", |front| {
            let code = front.of("shop", Backend).unwrap().exit_code;
            let redis = front.of("shop", Redis).unwrap().state;
            code == Some(3) && redis == cchub::domain::State::Missing
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn p11_a_stream_that_is_quiet_for_hours_is_not_opened_again() {
    let world = running().await;
    let mut front = world.open();
    front.looked(4).await;
    front.follow(service("shop", Redis)).await;
    world.print(NAME, "early");
    front
        .until("it shows", |front| front.lines("shop", Redis).len() == 1)
        .await;
    let heard = world.count("GET /events");
    front.read_for(HOUR).await;
    world.print(NAME, "late");
    front
        .until("it shows", |front| front.lines("shop", Redis).len() == 2)
        .await;
    // What a service says last is read without following, should a check be late on a busy machine.
    let asked = world.sim.server.asked(LOGS).into_iter();
    let followed = asked.filter(|asked| asked.line.contains("follow=true"));
    assert_eq!(followed.count(), 1);
    assert_eq!(world.count("GET /events"), heard);
    assert_eq!(front.notices, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn p11_a_stream_whose_engine_is_silent_is_opened_again() {
    let world = running().await;
    let mut front = world.open();
    front.looked(4).await;
    world.print(NAME, "early");
    world.sim.server.fault(LOGS, 1, How::Stream(Disorder::Deaf));
    front.follow(service("shop", Redis)).await;
    front
        .until("it shows", |front| front.lines("shop", Redis).len() == 1)
        .await;
    world.sim.server.fault("GET /_ping", 2, How::Silent);
    world.print(NAME, "unheard");
    front.until("it is lost", Front::is_lost).await;
    front
        .until("it shows", |front| front.lines("shop", Redis).len() == 2)
        .await;
    world.print(NAME, "late");
    front
        .until("it shows", |front| front.lines("shop", Redis).len() == 3)
        .await;
    assert_eq!(front.lines("shop", Redis), ["early", "unheard", "late"]);
    assert_eq!(world.count(LOGS), 2);
}

#[tokio::test(start_paused = true)]
async fn p07_a_forged_frame_resets_its_own_stream_with_one_word_and_no_other() {
    let world = running().await;
    let mut front = world.open();
    front.looked(4).await;
    world
        .sim
        .server
        .fault(LOGS, 20, How::Stream(Disorder::HugeFrame));
    world.print(NAME, "before");
    front.follow(whole("shop")).await;
    for n in 0..60 {
        world.print("cchub-shop-backend", &format!("line {n}"));
        front.read_for(Duration::from_secs(2)).await;
    }
    let expected: Vec<_> = (0..60).map(|n| format!("line {n}")).collect();
    assert_eq!(front.lines("shop", Backend), expected);
    world.print(NAME, "after");
    front
        .until("it is well again", |front| {
            front.lines("shop", Redis).len() == 2
        })
        .await;
    assert_eq!(front.lines("shop", Redis), ["before", "after"]);
    let told: Vec<_> = front
        .notices
        .iter()
        .filter(|text| text.contains("4294967295"))
        .collect();
    assert!((1..=2).contains(&told.len()), "{:?}", front.notices);
    assert_eq!(world.count("GET /containers/cchub-shop-backend/logs"), 1);
}

#[tokio::test(start_paused = true)]
async fn p45_a_service_that_does_not_run_shows_its_log_and_goes_on_when_it_starts() {
    let world = running().await;
    world.print(NAME, "old");
    world.sim.machine().end(NAME, 1);
    let mut front = world.open();
    front.looked(4).await;
    front.follow(service("shop", Redis)).await;
    front
        .until("old lines", |front| front.lines("shop", Redis).len() == 1)
        .await;
    front.read_for(HOUR).await;
    // What it said last is read because it is red, once for its sentence and once for its timeline: these are no streams.
    let asked = world.sim.server.asked(LOGS).into_iter();
    let (read, streams): (Vec<_>, Vec<_>) =
        asked.partition(|asked| asked.line.contains("follow=false&tail=200&since="));
    assert!(streams.len() <= 1, "{streams:?}");
    assert!(read.len() <= 2, "{read:?}");
    // In front of its lines and behind them.
    assert!(front.notices.len() <= 2, "{:?}", front.notices);
    world.sim.machine().begin(NAME);
    world.print(NAME, "new");
    let took = front
        .until("new lines", |front| front.lines("shop", Redis).len() == 2)
        .await;
    assert!(took <= Duration::from_secs(2), "{took:?}");
    assert_eq!(front.lines("shop", Redis), ["old", "new"]);
}

#[tokio::test(start_paused = true)]
async fn p45_a_log_driver_that_keeps_nothing_is_told_once_in_an_hour() {
    let world = running().await;
    let words = "configured logging driver does not support reading";
    let how = How::Instead(Reply::refuse(501, words));
    world.sim.server.fault(LOGS, usize::MAX, how);
    let mut front = world.open();
    front.follow(service("shop", Redis)).await;
    front.read_for(HOUR).await;
    assert_eq!(front.notices.len(), 1, "{:?}", front.notices);
    assert!(front.notices[0].contains(words));
    // Every five seconds at most, after a few quick tries.
    assert!(world.count(LOGS) < 1000, "{}", world.count(LOGS));
}

#[tokio::test(start_paused = true)]
async fn p02_many_restarts_of_the_engine_leave_no_connection_behind() {
    let mut world = running().await;
    let mut front = world.open();
    front.looked(4).await;
    front.follow(whole("shop")).await;
    for _ in 0..10 {
        world.sim.server.stop();
        front.until("it is lost", Front::is_lost).await;
        world.sim.server.resume().unwrap();
        front.until("it is back", Front::is_live).await;
        front.read_for(Duration::from_secs(10)).await;
    }
    // Four logs and the events; a question or two may be under way.
    let open = world.sim.server.open();
    assert!(
        (5..=8).contains(&open),
        "{open}: {:?}",
        world.sim.server.under_way()
    );
}
