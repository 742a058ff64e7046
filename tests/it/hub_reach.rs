//! Which part of a log is followed, what is loaded from before it, and what a restart says: on the simulated engine.

use crate::{
    hub_engine::line_of,
    hub_tail::{LOGS, NAME, lines_of, notices_of, read_until},
    hub_world::{HubWorld, PATIENCE, eventually, of_shop, send},
};
use cchub::{
    domain::{LogLine, ServiceKind::Redis, Timestamp, log::Window},
    hub::{Arrival, Command, Follow, FollowId, HubHandle, LogBatch, LogEvent, Older, Request},
    sim::{Machine, Reply, frame},
};
use std::{collections::VecDeque, time::Duration};
use tokio::time::timeout;

const INSPECT: &str = "GET /containers/cchub-shop-redis/json";
const STREAM: FollowId = FollowId(1);

async fn running() -> HubWorld {
    let world = HubWorld::new();
    world.start_shop().await;
    world
}

async fn following(world: &HubWorld, window: Window) -> HubHandle {
    let hub = world.open();
    let follow = Follow {
        id: STREAM,
        services: vec![of_shop(Redis)],
        window,
    };
    send(&hub, Command::Follow(follow)).await;
    hub
}

fn at(second: u32) -> Timestamp {
    line_of(second, "").at
}

/// What a front end keeps of one service.
#[derive(Debug, Default)]
struct Reader {
    lines: VecDeque<LogLine>,
    notices: Vec<String>,
}

impl Reader {
    fn wish(&self) -> Older {
        let before = self.lines.front().map_or(at(0), |line| line.at);
        let same = self.lines.iter().filter(|line| line.at == before).count();
        Older {
            follow: STREAM,
            service: of_shop(Redis),
            before,
            same: u32::try_from(same).unwrap(),
            kept: self.lines.len() as u64,
        }
    }

    fn texts(&self) -> Vec<String> {
        let text = |line: &LogLine| line.text.plain().to_string();
        self.lines.iter().map(text).collect()
    }

    /// Takes a batch in; says whether it was the answer to a wish, and then whether that was all.
    fn take(&mut self, batch: LogBatch) -> Option<bool> {
        let mut lines = Vec::new();
        for event in batch.events {
            match event {
                LogEvent::Line(line) => lines.push(line),
                LogEvent::Notice(_, text) => self.notices.push(text.to_string()),
                LogEvent::Secrets(_) => {}
            }
        }
        match batch.arrival {
            Arrival::New => {
                self.lines.extend(lines);
                None
            }
            Arrival::Older { all } => {
                lines
                    .into_iter()
                    .rev()
                    .for_each(|line| self.lines.push_front(line));
                Some(all)
            }
        }
    }

    async fn read_until(&mut self, hub: &mut HubHandle, lines: usize) {
        while self.lines.len() < lines {
            let batch = timeout(PATIENCE, hub.logs.recv()).await;
            let batch =
                batch.unwrap_or_else(|_| panic!("only {}, {:?}", self.lines.len(), self.notices));
            self.take(batch.unwrap());
        }
    }

    /// Asks for older lines and waits for the answer.
    async fn ask(&mut self, hub: &mut HubHandle) -> bool {
        send(hub, Command::Older(self.wish())).await;
        loop {
            let batch = timeout(PATIENCE, hub.logs.recv()).await.unwrap().unwrap();
            if let Some(all) = self.take(batch) {
                return all;
            }
        }
    }
}

/// Lines of both streams: some of the same moment, some whose times cross.
fn print_many(world: &HubWorld, count: u32) -> Vec<String> {
    let model = world.engine.model();
    let text = |n: u32| format!("line {n}");
    for n in 0..count {
        // Pairs of equal times, and each 7th earlier than those before it.
        let nanos = n / 2 * 1000 + 5000 - if n % 7 == 0 { 4000 } else { 0 };
        let stream = 1 + u8::from(n % 3 == 0);
        let stamp = format!("2026-11-21T01:42:{:02}.{nanos:09}Z", n / 900 + 1);
        let words = format!("{stamp} {}\n", text(n));
        model.containers[NAME].write(frame(stream, words));
    }
    (0..count).map(text).collect()
}

#[tokio::test]
async fn older_lines_come_page_by_page_none_twice_and_none_left_out() {
    let world = running().await;
    let all = print_many(&world, 3501);
    for tail in [1, 2, 7, 100, 2501] {
        let mut hub = following(&world, Window::Tail(tail)).await;
        let mut reader = Reader::default();
        reader.read_until(&mut hub, tail as usize).await;
        let mut pages = 0;
        while !reader.ask(&mut hub).await {
            pages += 1;
            let left = all.len() - tail as usize;
            assert_eq!(reader.lines.len(), tail as usize + left.min(pages * 1000));
        }
        assert_eq!(reader.texts(), all, "from the last {tail}");
        assert!(reader.notices.is_empty(), "{:?}", reader.notices);
    }
}

#[tokio::test]
async fn what_comes_meanwhile_is_neither_waited_for_nor_counted_as_older() {
    let world = running().await;
    let mut all = print_many(&world, 3000);
    let mut hub = following(&world, Window::Tail(10)).await;
    let mut reader = Reader::default();
    reader.read_until(&mut hub, 10).await;
    // Asked as of now, answered when the log has four times as many lines: these are not known to the reader yet.
    let wish = reader.wish();
    for n in 0..9000 {
        world.engine.print(NAME, 30, &format!("late {n}"));
        all.push(format!("late {n}"));
    }
    send(&hub, Command::Older(wish)).await;
    reader.read_until(&mut hub, 10 + 9000 + 1000).await;
    assert_eq!(reader.texts(), all[2990 - 1000..]);
}

#[tokio::test]
async fn an_engine_that_does_not_answer_holds_up_no_live_line_and_is_asked_once() {
    let world = running().await;
    print_many(&world, 300);
    let mut hub = following(&world, Window::Tail(10)).await;
    let mut reader = Reader::default();
    reader.read_until(&mut hub, 10).await;
    world.engine.spoil(LOGS, 1, Reply::ThenHang(Vec::new()));
    let asked = world.engine.count(LOGS);
    for _ in 0..3 {
        send(&hub, Command::Older(reader.wish())).await;
    }
    eventually("it is asked", || world.engine.count(LOGS) == asked + 1).await;
    world.engine.print(NAME, 30, "live");
    reader.read_until(&mut hub, 11).await;
    assert_eq!(reader.texts()[10], "live");
    // The answer says that there was none.
    let batch = timeout(PATIENCE, hub.logs.recv()).await.unwrap().unwrap();
    assert_eq!(reader.take(batch), Some(false));
    assert!(reader.notices[0].starts_with("older lines did not come: "));
    assert_eq!(world.engine.count(LOGS), asked + 1);
    assert!(reader.ask(&mut hub).await);
    assert_eq!(reader.lines.len(), 301);
}

#[tokio::test]
async fn what_a_container_that_is_gone_had_printed_is_not_older_than_anything() {
    let world = running().await;
    print_many(&world, 50);
    let mut hub = following(&world, Window::Tail(10)).await;
    let mut reader = Reader::default();
    reader.read_until(&mut hub, 10).await;
    world
        .run(Request::stop(crate::hub_world::shop()))
        .await
        .0
        .unwrap();
    assert!(reader.ask(&mut hub).await, "no container");
    world.start_shop().await;
    world.engine.print(NAME, 40, "new");
    reader.read_until(&mut hub, 11).await;
    assert!(reader.ask(&mut hub).await, "another container");
    assert_eq!(reader.lines.len(), 11);
    // A stream that is not open is not answered.
    send(&hub, Command::Unfollow(STREAM)).await;
    send(&hub, Command::Older(reader.wish())).await;
    assert!(
        timeout(Duration::from_millis(300), hub.logs.recv())
            .await
            .is_err()
    );
}

#[tokio::test]
async fn before_a_window_without_lines_is_what_was_printed_before_it_begins() {
    let world = running().await;
    for n in 1..=6 {
        world.engine.print(NAME, n, &format!("line {n}"));
    }
    let mut hub = following(&world, Window::Since(at(30))).await;
    let mut reader = Reader::default();
    let wish = Older {
        before: at(5),
        ..reader.wish()
    };
    send(&hub, Command::Older(wish)).await;
    reader.read_until(&mut hub, 4).await;
    assert_eq!(reader.texts(), ["line 1", "line 2", "line 3", "line 4"]);
}

#[tokio::test]
async fn a_window_begins_at_its_moment_and_goes_on() {
    let world = running().await;
    for n in 1..=9 {
        world.engine.print(NAME, n, &format!("line {n}"));
    }
    let mut hub = following(&world, Window::Since(at(7))).await;
    let mut all = read_until(&mut hub.logs, "line 9").await;
    world.engine.print(NAME, 10, "end");
    all.extend(read_until(&mut hub.logs, "end").await);
    assert_eq!(all, ["line 7", "line 8", "line 9", "end"]);
}

#[tokio::test]
async fn a_window_that_ends_says_so_and_stays_for_what_is_older() {
    let world = running().await;
    for n in 1..=9 {
        world.engine.print(NAME, n, &format!("line {n}"));
    }
    let windows = [
        (Window::Head(3), 1),
        (
            Window::From {
                at: at(4),
                lines: 3,
            },
            4,
        ),
    ];
    for (window, first) in windows {
        let mut hub = following(&world, window).await;
        let mut reader = Reader::default();
        reader.read_until(&mut hub, 3).await;
        let batch = timeout(PATIENCE, hub.logs.recv()).await.unwrap().unwrap();
        reader.take(batch);
        assert!(
            reader.notices[0].contains("3 lines"),
            "{:?}",
            reader.notices
        );
        world.engine.print(NAME, 10, "not shown");
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(hub.logs.try_recv().is_err());
        assert!(reader.ask(&mut hub).await);
        let expected: Vec<_> = (1..first + 3).map(|n| format!("line {n}")).collect();
        assert_eq!(reader.texts(), expected);
    }
}

#[tokio::test]
async fn a_window_that_ends_goes_on_to_its_end_through_cuts_and_a_restart() {
    let world = running().await;
    for n in 1..=4 {
        world.engine.print(NAME, n, &format!("line {n}"));
    }
    let whole = line_of(1, "line 1").text.len() + 8 + 32;
    world.engine.model().quirks.log_cuts = vec![whole * 2, whole + 5];
    let mut hub = following(&world, Window::Head(6)).await;
    let mut all = read_until(&mut hub.logs, "line 4").await;
    {
        let mut model = world.engine.model();
        model.end(NAME, 3);
        model.begin(NAME);
        for n in 5..=9 {
            model.containers[NAME].print(&line_of(n, &format!("line {n}")));
        }
    }
    all.extend(read_until(&mut hub.logs, "[the first 6 lines").await);
    let expected: Vec<_> = (1..=6).map(|n| format!("line {n}")).collect();
    assert_eq!(lines_of(&all), expected);
}

/// Ends it and starts it again before anybody has seen that it had ended.
async fn restart_unseen(world: &HubWorld, end: impl Fn(&mut Machine), words: &str) {
    let looks = world.engine.count(INSPECT);
    world.engine.spoil(INSPECT, 1, Reply::refuse(500, "busy"));
    end(&mut world.engine.model());
    eventually("it was looked at", || world.engine.count(INSPECT) > looks).await;
    let mut model = world.engine.model();
    model.begin(NAME);
    model.containers[NAME].print(&line_of(2, words));
}

#[tokio::test]
async fn p45_a_restart_that_nobody_saw_says_how_it_ended() {
    let world = running().await;
    world.engine.print(NAME, 1, "before");
    let mut hub = following(&world, Window::Tail(10)).await;
    let mut all = read_until(&mut hub.logs, "before").await;
    restart_unseen(&world, |model| model.kill_for_memory(NAME), "after").await;
    all.extend(read_until(&mut hub.logs, "after").await);
    restart_unseen(&world, |model| drop(model.end(NAME, 3)), "and again").await;
    all.extend(read_until(&mut hub.logs, "and again").await);
    let words = [
        "[restarted: exit 137 (killed, SIGKILL), out of memory]",
        "[restarted: exit 3]",
    ];
    assert_eq!(notices_of(&all), words);
    assert_eq!(lines_of(&all), ["before", "after", "and again"]);
    // What the engine no longer remembers is not made up.
    world
        .engine
        .spoil("GET /events", 9, Reply::refuse(500, "no"));
    restart_unseen(&world, |model| drop(model.end(NAME, 4)), "once more").await;
    let all = read_until(&mut hub.logs, "[restarted").await;
    assert_eq!(notices_of(&all), ["[restarted]"]);
}
