//! The loop: keys first, few frames, nothing blocks.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::fixture::*;
use cchub::{
    app::{Model, ScreenSettings},
    domain::{LogStream::Out, ServiceKind::Postgres},
    hub::{Arrival, Command, Fact, FollowId, LogBatch},
    tui::{
        Ended, Inbox, OpenSettings, input::Input, look::Looks, run, signals::Signal,
        terminal::Stage,
    },
};
use crossterm::event::{Event, KeyCode, KeyEvent};
use futures_util::{Stream, StreamExt, stream};
use ratatui::{
    Terminal,
    backend::{Backend, ClearType, TestBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};
use std::{
    convert::Infallible,
    io,
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, time::sleep};

/// A test terminal that counts frames.
struct Counting {
    inner: TestBackend,
    frames: usize,
}

impl Backend for Counting {
    type Error = Infallible;
    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(
        &mut self,
        content: I,
    ) -> Result<(), Infallible> {
        self.frames += 1;
        self.inner.draw(content)
    }
    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.inner.hide_cursor()
    }
    fn show_cursor(&mut self) -> Result<(), Infallible> {
        self.inner.show_cursor()
    }
    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        self.inner.get_cursor_position()
    }
    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        self.inner.set_cursor_position(position)
    }
    fn clear(&mut self) -> Result<(), Infallible> {
        self.inner.clear()
    }
    fn clear_region(&mut self, kind: ClearType) -> Result<(), Infallible> {
        self.inner.clear_region(kind)
    }
    fn size(&self) -> Result<Size, Infallible> {
        self.inner.size()
    }
    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        self.inner.window_size()
    }
    fn flush(&mut self) -> Result<(), Infallible> {
        self.inner.flush()
    }
}

impl Stage for Counting {
    fn catch_mouse(&mut self, _on: bool) -> Result<(), Infallible> {
        Ok(())
    }
    fn send(&mut self, _bytes: &[u8]) -> Result<(), Infallible> {
        Ok(())
    }
    fn show_plain(&mut self, _bytes: &[u8]) -> Result<(), Infallible> {
        Ok(())
    }
    fn suspend(&mut self, _mouse: bool) -> Result<(), Infallible> {
        Ok(())
    }
    fn resume(&mut self, _mouse: bool) -> Result<(), Infallible> {
        Ok(())
    }
}

fn key(c: char) -> io::Result<Input> {
    Ok(Input::Event(Event::Key(KeyEvent::from(KeyCode::Char(c)))))
}

/// Keys with a pause before each.
pub fn keys(pauses: Vec<(u64, char)>) -> impl Stream<Item = io::Result<Input>> + Unpin {
    let each = stream::iter(pauses).then(|(ms, c)| async move {
        sleep(Duration::from_millis(ms)).await;
        key(c)
    });
    Box::pin(each.chain(stream::pending()))
}

pub struct Outcome {
    pub ended: anyhow::Result<Ended>,
    pub frames: usize,
    pub model: Model,
    pub text: String,
}

pub async fn play_loop(
    input: impl Stream<Item = io::Result<Input>> + Unpin,
    facts: mpsc::Receiver<Fact>,
    logs: mpsc::Receiver<LogBatch>,
    commands: mpsc::Sender<Command>,
) -> Outcome {
    let backend = Counting {
        inner: TestBackend::new(80, 24),
        frames: 0,
    };
    let mut terminal = Terminal::new(backend).unwrap();
    let mut model = Model::new(ScreenSettings::default());
    let mut looks = Looks::new(&OpenSettings::default());
    let inbox = Inbox { input, facts, logs };
    let ended = run(&mut terminal, &mut model, &mut looks, inbox, &commands).await;
    Outcome {
        ended,
        frames: terminal.backend().frames,
        model,
        text: terminal.backend().inner.to_string(),
    }
}

#[tokio::test]
async fn p40_a_flood_of_lines_costs_few_frames_and_never_blocks_keys() {
    let (facts_tx, facts) = mpsc::channel(8);
    let (logs_tx, logs) = mpsc::channel(8);
    let (hub, mut commands) = mpsc::channel(8);
    facts_tx
        .send(Fact::Projects(vec![project(1, "shop")]))
        .await
        .unwrap();
    let producer = tokio::spawn(async move {
        let mut sent = 0_u64;
        loop {
            let events = (0..100)
                .map(|_| line(10, "a line of about forty characters, no more", Out))
                .collect();
            let batch = LogBatch {
                follow: FollowId(1),
                arrival: Arrival::New,
                service: id("shop", Postgres),
                events,
            };
            if logs_tx.send(batch).await.is_err() {
                return sent;
            }
            sent += 100;
        }
    });
    let started = Instant::now();
    let outcome = play_loop(keys(vec![(100, 'l'), (1000, 'q')]), facts, logs, hub).await;
    let took = started.elapsed();
    let sent = producer.await.unwrap();
    assert_eq!(outcome.ended.unwrap(), Ended::Quit);
    assert!(took < Duration::from_millis(1_600), "quit after {took:?}");
    assert!(
        outcome.frames >= 6 && outcome.frames <= 18,
        "{} frames",
        outcome.frames
    );
    let buffer = &outcome.model.logs.buffer;
    assert!(
        sent > 10_000 && buffer.received() > 5_000,
        "{sent} sent, {} received",
        buffer.received()
    );
    let kept = buffer.lines() as u64;
    assert_eq!(buffer.received(), kept + buffer.dropped());
    let mut asked = Vec::new();
    while let Ok(command) = commands.try_recv() {
        asked.push(command);
    }
    assert!(
        asked
            .iter()
            .any(|command| matches!(command, Command::Follow(_))),
        "{asked:?}"
    );
    drop(facts_tx);
}

#[tokio::test]
async fn nothing_new_costs_no_frame() {
    let (_facts_tx, facts) = mpsc::channel::<Fact>(8);
    let (_logs_tx, logs) = mpsc::channel(8);
    let (hub, _commands) = mpsc::channel(8);
    let outcome = play_loop(keys(vec![(1_200, 'q')]), facts, logs, hub).await;
    assert_eq!(outcome.ended.unwrap(), Ended::Quit);
    assert!(outcome.frames <= 2, "{} frames", outcome.frames);
}

#[tokio::test]
async fn the_last_change_is_always_drawn() {
    let (facts_tx, facts) = mpsc::channel::<Fact>(256);
    let (_logs_tx, logs) = mpsc::channel(8);
    let (hub, _commands) = mpsc::channel(8);
    let names: Vec<String> = (0..100).map(|n| format!("p{n}")).collect();
    for word in &names {
        facts_tx
            .send(Fact::Projects(vec![project(1, word)]))
            .await
            .unwrap();
    }
    // An input that ends half a second later, without a key that would draw by itself.
    let end = stream::once(async {
        sleep(Duration::from_millis(500)).await;
        Err(io::ErrorKind::UnexpectedEof.into())
    });
    let outcome = play_loop(Box::pin(end), facts, logs, hub).await;
    assert_eq!(outcome.ended.unwrap(), Ended::Gone);
    assert!(outcome.text.contains("p99"), "{}", outcome.text);
    assert!(outcome.frames <= 6, "{} frames", outcome.frames);
}

#[tokio::test]
async fn p21_a_signal_ends_the_loop_with_its_number() {
    let (_facts_tx, facts) = mpsc::channel::<Fact>(8);
    let (_logs_tx, logs) = mpsc::channel(8);
    let (hub, _commands) = mpsc::channel(8);
    let input = stream::iter([Ok(Input::Signal(Signal::Leave(15)))]);
    let outcome = play_loop(Box::pin(input), facts, logs, hub).await;
    assert_eq!(outcome.ended.unwrap().code(), 143);
}

#[tokio::test]
async fn a_hub_that_takes_nothing_never_holds_up_the_keys() {
    let (facts_tx, facts) = mpsc::channel::<Fact>(8);
    let (_logs_tx, logs) = mpsc::channel(8);
    let (hub, _commands) = mpsc::channel(1);
    facts_tx
        .send(Fact::Projects(vec![project(1, "shop")]))
        .await
        .unwrap();
    let started = Instant::now();
    let outcome = play_loop(
        keys(vec![(50, 'S'), (0, 'S'), (0, 'S'), (300, 'q')]),
        facts,
        logs,
        hub,
    )
    .await;
    assert_eq!(outcome.ended.unwrap(), Ended::Quit);
    assert!(started.elapsed() < Duration::from_secs(1));
    assert!(
        outcome.text.contains("nothing was sent"),
        "{}",
        outcome.text
    );
}

#[tokio::test]
async fn a_hub_that_ends_is_an_error_with_a_next_step() {
    let (facts_tx, facts) = mpsc::channel::<Fact>(8);
    let (logs_tx, logs) = mpsc::channel(8);
    let (hub, _commands) = mpsc::channel(8);
    drop((facts_tx, logs_tx));
    let outcome = play_loop(keys(vec![]), facts, logs, hub).await;
    assert!(
        outcome
            .ended
            .unwrap_err()
            .to_string()
            .contains("start the program again")
    );
}
