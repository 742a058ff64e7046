//! One followed service: history, then live lines, through restarts of the container, of the engine and cut connections. It
//! follows the service, not the container, and resumes after the last line it saw: none twice, none lost that the engine
//! still has.

use super::{
    Arrival, FollowId, LogBatch, LogEvent,
    ahead::Ahead,
    containers::Containers,
    news::{News, is_same_run, news, restarted},
    place::Place,
    retry::Waits,
    timeline::Ear,
};
use crate::{
    domain::{Container, LogLine, Safe, Secret, ServiceId, Timestamp, log::Window},
    engine::{Engine, EngineError, RunEnd},
    stack::secrets::{Secrets, SecretsError},
};
use std::{path::PathBuf, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};

/// How often a service without a running container is looked at: a start shows within this time.
const POLL: Duration = Duration::from_secs(1);
/// Pause before a stream that ended although the container runs is opened again …
const REOPEN: Duration = Duration::from_millis(200);
/// … doubling up to this while it brings nothing: a log that the engine cannot read, for one.
const REOPEN_LONGEST: Duration = Duration::from_secs(5);

/// What to follow and where to send it.
#[derive(Debug)]
pub struct Tail {
    /// The stream's id.
    pub follow: FollowId,
    /// The service.
    pub service: ServiceId,
    /// Where its log begins.
    pub window: Window,
    /// The folder with the projects' secrets.
    pub secrets: PathBuf,
    /// Where the containers are that Compose made.
    pub containers: watch::Receiver<Containers>,
    /// The engine, whenever there is one.
    pub engine: watch::Receiver<Option<Engine>>,
    /// Where batches go; bounded: a slow reader makes the engine wait, which reads logs from disk.
    pub batches: mpsc::Sender<LogBatch>,
    /// How far it was read, by another task before this one perhaps.
    pub(super) place: watch::Sender<Place>,
    /// Hears bursts of errors.
    pub(super) ear: Ear,
}

/// What is known of the log between two streams of it.
#[derive(Debug, Default)]
struct Past {
    /// The container whose log was read last.
    container: Option<Container>,
    place: Place,
    /// The last stream broke off: there may be more, also if the container has ended since.
    was_cut: bool,
    /// Lines that it was cut in, one per output at most. They come whole with the next stream; if not, this is all of
    /// them that there is.
    held: Vec<LogLine>,
}

/// How an open stream ended.
enum End {
    /// The container's process ended, or the engine is lost.
    Over,
    /// It broke off, and why.
    Cut(Safe),
    /// Nobody reads any more.
    Unread,
    /// All of the window was read.
    Full,
}

impl Tail {
    /// Follows until nobody reads any more; a window that has an end rests there.
    pub async fn run(mut self) {
        let mut past = Past {
            place: *self.place.borrow(),
            ..Past::default()
        };
        let mut waits = Waits::new(REOPEN, REOPEN_LONGEST);
        let mut told: Option<Safe> = None;
        let mut secrets = Ok(Vec::new());
        while !past.place.is_full(self.window) {
            let Ok(engine) = self.next_engine().await else {
                return;
            };
            let before = past.container.as_ref().and_then(|c| c.started_at);
            let Some(container) = self.await_running(&engine, &mut past).await else {
                continue;
            };
            let (same_run, point) = (container.started_at == before, past.place);
            past.container = Some(container);
            self.tell_secrets(&mut secrets).await;
            let end = self.stream(&engine, &mut past).await;
            past.was_cut = matches!(end, End::Cut(_));
            if matches!(end, End::Over) && self.engine.borrow().is_some() {
                self.give_up(&mut past.held).await;
            }
            if past.place != point || !same_run {
                waits.reset();
                told = None;
            }
            if let End::Cut(why) = &end
                && told.as_ref() != Some(why)
                && self.say(Some(why.to_string())).await.is_some()
            {
                told = Some(why.clone());
            }
            match end {
                End::Unread => return,
                End::Full => {
                    self.say(Some(end_of(self.window))).await;
                }
                End::Over | End::Cut(_) => sleep(waits.next_wait()).await,
            }
        }
        self.batches.closed().await;
    }

    /// What the container is called now: Compose may make another one.
    fn container(&self) -> String {
        self.containers.borrow().name(&self.service)
    }

    async fn next_engine(&mut self) -> Result<Engine, watch::error::RecvError> {
        loop {
            if let Some(engine) = self.engine.borrow_and_update().clone() {
                return Ok(engine);
            }
            self.engine.changed().await?;
        }
    }

    /// Waits until there is something to read: a running container, or the log of one that ended and was not read yet.
    /// `None` if the engine is lost meanwhile.
    async fn await_running(&self, engine: &Engine, past: &mut Past) -> Option<Container> {
        let mut said = false;
        while self.engine.borrow().is_some() {
            let name = self.container();
            let Ok(found) = engine.inspect(&name).await else {
                sleep(POLL).await;
                continue;
            };
            if !is_same_run(past.container.as_ref(), found.as_ref()) {
                self.give_up(&mut past.held).await?;
            }
            match news(past.container.as_ref(), found.as_ref()) {
                News::Nothing(_) if past.was_cut && found.is_some() => return found,
                News::Read(notice) => {
                    self.say(notice).await?;
                    return found;
                }
                News::Restarted => {
                    let end = match said {
                        true => None,
                        false => run_end(engine, past.container.as_ref(), found.as_ref()).await,
                    };
                    self.say(Some(restarted(end))).await?;
                    return found;
                }
                // What ended may go, too: that is news, once.
                News::Nothing(notice) if !said || (found.is_none() && past.container.is_some()) => {
                    said = true;
                    self.say(notice).await?;
                }
                News::Nothing(_) => {}
            }
            if found.is_none() {
                past.container = None;
                past.was_cut = false;
                past.place.forget_container();
            }
            sleep(POLL).await;
        }
        None
    }

    /// Tells what must not be shown, if that is not what was told before. Each container's process may have new ones.
    async fn tell_secrets(&self, told: &mut Result<Vec<Secret>, SecretsError>) {
        let found = Secrets::known(&self.secrets, &self.service.project);
        if found == *told {
            return;
        }
        let event = match &found {
            Ok(secrets) => LogEvent::Secrets(secrets.clone()),
            Err(error) => {
                let text = format!("not hidden here are the project's secrets: {error}");
                LogEvent::Notice(Timestamp::now(), Safe::new(text))
            }
        };
        *told = found;
        // If nobody reads any more, the first line notices, too.
        let _ = self.send(vec![event]).await;
    }

    async fn say(&self, notice: Option<String>) -> Option<()> {
        let Some(notice) = notice else {
            return Some(());
        };
        let notice = LogEvent::Notice(Timestamp::now(), Safe::new(notice));
        self.send(vec![notice]).await
    }

    /// Shows what there is of lines whose rest will not come.
    async fn give_up(&self, held: &mut Vec<LogLine>) -> Option<()> {
        if held.is_empty() {
            return Some(());
        }
        let events = held.drain(..).map(LogEvent::Line).collect();
        self.send(events).await
    }

    async fn stream(&mut self, engine: &Engine, past: &mut Past) -> End {
        let name = self.container();
        let mut skip = past.place.resume.skip();
        let lines = engine.logs(&name, past.place.query(self.window));
        let mut lines = Ahead::new(lines, kept);
        let mut engine_watch = self.engine.clone();
        loop {
            let chunk = tokio::select! {
                chunk = lines.next() => chunk,
                // A lost engine may leave the socket open and silent.
                _ = engine_watch.wait_for(Option::is_none) => return End::Over,
                () = self.batches.closed() => return End::Unread,
            };
            let Some(chunk) = chunk else { return End::Over };
            let place = &mut past.place;
            let fresh = place.take(self.window, chunk, &mut skip, &mut past.held);
            self.ear.hear(&fresh.events);
            if !fresh.events.is_empty() && lines.during(self.send(fresh.events)).await.is_none() {
                return End::Unread;
            }
            self.place.send_replace(*place);
            if place.is_full(self.window) {
                return End::Full;
            }
            if let Some(error) = fresh.cut {
                return End::Cut(Safe::new(format!("log stream cut: {error}")));
            }
        }
    }

    async fn send(&self, events: Vec<LogEvent>) -> Option<()> {
        let batch = LogBatch {
            follow: self.follow,
            service: self.service.clone(),
            events,
            arrival: Arrival::New,
        };
        self.batches.send(batch).await.ok()
    }
}

/// Bytes that a line keeps.
fn kept(line: &Result<LogLine, EngineError>) -> usize {
    line.as_ref().map_or(0, |line| line.text.as_str().len())
}

/// How the run of `last` ended, when `now` is a later one of the same container.
async fn run_end(
    engine: &Engine,
    last: Option<&Container>,
    now: Option<&Container>,
) -> Option<RunEnd> {
    let (last, now) = (last?, now?);
    engine
        .run_end(&now.id, last.started_at?, now.started_at?)
        .await
}

/// The word at the end of a window that has one.
fn end_of(window: Window) -> String {
    let lines = window.limit().unwrap_or_default();
    match window {
        Window::From { .. } => format!("{lines} lines from there, what came later is not shown"),
        _ => format!("the first {lines} lines, what came later is not shown"),
    }
}
