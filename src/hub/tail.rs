//! One followed service: history, then live lines, through restarts of the container, of the engine and cut connections. It
//! follows the service, not the container, and resumes after the last line it saw: none twice, none lost that the engine
//! still has.

use super::{
    Arrival, FollowId, LogBatch, LogEvent,
    resume::{Resume, Skip},
    retry::Waits,
};
use crate::{
    domain::{
        Container, LogLine, Phase, Safe, Secret, ServiceId, Timestamp, cause,
        log::{Part, Window},
    },
    engine::{Engine, EngineError, LogQuery},
    stack::{
        names,
        secrets::{Secrets, SecretsError},
    },
};
use futures_util::StreamExt;
use std::{path::PathBuf, pin::pin, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::sleep,
};

/// Lines that travel together.
const BATCH_MAX: usize = 256;
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
    /// The engine, whenever there is one.
    pub engine: watch::Receiver<Option<Engine>>,
    /// Where batches go; bounded: a slow reader makes the engine wait, which reads logs from disk.
    pub batches: mpsc::Sender<LogBatch>,
    /// How far it was read, by another task before this one perhaps.
    pub(super) place: watch::Sender<Resume>,
}

/// What is known of the log between two streams of it.
#[derive(Debug, Default)]
struct Past {
    /// The container whose log was read last.
    container: Option<Container>,
    resume: Resume,
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
}

impl Tail {
    /// Follows until nobody reads any more.
    pub async fn run(mut self) {
        let mut past = Past {
            resume: *self.place.borrow(),
            ..Past::default()
        };
        let mut waits = Waits::new(REOPEN, REOPEN_LONGEST);
        let mut told: Option<Safe> = None;
        let mut secrets = Ok(Vec::new());
        loop {
            let Ok(engine) = self.next_engine().await else {
                return;
            };
            let before = past.container.as_ref().and_then(|c| c.started_at);
            let Some(container) = self.await_running(&engine, &mut past).await else {
                continue;
            };
            let (same_run, point) = (container.started_at == before, past.resume);
            past.container = Some(container);
            self.tell_secrets(&mut secrets).await;
            let end = self.stream(&engine, &mut past).await;
            past.was_cut = matches!(end, End::Cut(_));
            if matches!(end, End::Over) && self.engine.borrow().is_some() {
                self.give_up(&mut past.held).await;
            }
            if past.resume != point || !same_run {
                waits.reset();
                told = None;
            }
            if let End::Cut(why) = &end
                && told.as_ref() != Some(why)
                && self.say(Some(why.to_string())).await.is_some()
            {
                told = Some(why.clone());
            }
            if matches!(end, End::Unread) {
                return;
            }
            sleep(waits.next_wait()).await;
        }
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
        let name = names::container(&self.service.project, self.service.kind);
        let mut said = false;
        while self.engine.borrow().is_some() {
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
                // What ended may go, too: that is news, once.
                News::Nothing(notice) if !said || (found.is_none() && past.container.is_some()) => {
                    said = true;
                    self.say(notice).await?;
                }
                News::Nothing(_) => {}
            }
            if found.is_none() {
                *past = Past::default();
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
        let resume = &mut past.resume;
        let name = names::container(&self.service.project, self.service.kind);
        let query = LogQuery {
            tail: match (resume.since(), self.window) {
                (None, Window::Tail(lines)) => Some(lines),
                _ => None,
            },
            since: resume.since().or(match self.window {
                Window::Since(at) => Some(at),
                Window::Tail(_) => None,
            }),
            follow: true,
        };
        let mut skip = resume.skip();
        let mut lines = pin!(engine.logs(&name, query).ready_chunks(BATCH_MAX));
        let mut engine_watch = self.engine.clone();
        loop {
            let chunk = tokio::select! {
                chunk = lines.next() => chunk,
                // A lost engine may leave the socket open and silent.
                _ = engine_watch.wait_for(Option::is_none) => return End::Over,
                () = self.batches.closed() => return End::Unread,
            };
            let Some(chunk) = chunk else { return End::Over };
            let (events, cut) = fresh(chunk, &mut skip, resume, &mut past.held);
            if !events.is_empty() && self.send(events).await.is_none() {
                return End::Unread;
            }
            self.place.send_replace(*resume);
            if let Some(error) = cut {
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

/// The lines of `chunk` that are new, and the error that ended it. What is only begun when the error comes is held.
fn fresh(
    chunk: Vec<Result<LogLine, EngineError>>,
    skip: &mut Skip,
    resume: &mut Resume,
    held: &mut Vec<LogLine>,
) -> (Vec<LogEvent>, Option<EngineError>) {
    let mut events = Vec::with_capacity(chunk.len());
    for line in chunk {
        match line {
            // A line counts once, when it ends.
            Ok(line) if line.part == Part::Begun => {
                if !skip.clone().is_old(&line) {
                    events.push(LogEvent::Line(line));
                }
            }
            Ok(line) if skip.is_old(&line) => {}
            Ok(line) => {
                resume.note(line.at);
                held.retain(|begun| (begun.at, begun.stream) != (line.at, line.stream));
                // All of it was shown before its end came.
                let nothing = line.part == Part::Rest && line.text.is_empty() && line.cut == 0;
                events.extend((!nothing).then_some(LogEvent::Line(line)));
            }
            Err(error) => {
                let new = take_begun(&mut events);
                if !new.is_empty() {
                    *held = new;
                }
                return (events, Some(error));
            }
        }
    }
    (events, None)
}

/// Takes the lines off the end that are only begun.
fn take_begun(events: &mut Vec<LogEvent>) -> Vec<LogLine> {
    let begun =
        |event: &LogEvent| matches!(event, LogEvent::Line(line) if line.part == Part::Begun);
    let whole = events
        .iter()
        .rposition(|event| !begun(event))
        .map_or(0, |at| at + 1);
    let lines = events.drain(whole..).filter_map(|event| match event {
        LogEvent::Line(line) => Some(line),
        LogEvent::Notice(..) | LogEvent::Secrets(_) => None,
    });
    lines.collect()
}

fn is_same_run(last: Option<&Container>, now: Option<&Container>) -> bool {
    let run = |c: &Container| (c.id.clone(), c.started_at);
    last.map(run) == now.map(run)
}

/// What a look at a service without an open stream means for its reader.
#[derive(Debug, PartialEq)]
enum News {
    /// There is something to read, with a word in front of it.
    Read(Option<String>),
    /// There is not, and why.
    Nothing(Option<String>),
}

fn news(last: Option<&Container>, now: Option<&Container>) -> News {
    let Some(now) = now else {
        let gone = if last.is_some() {
            "removed"
        } else {
            "no container yet"
        };
        return News::Nothing(Some(format!("{gone}: its log shows here once it starts")));
    };
    let runs = matches!(now.phase, Phase::Running | Phase::Paused);
    let Some(last) = last else {
        return if now.started_at.is_some() {
            News::Read((!runs).then(|| ended(now)))
        } else {
            News::Nothing(Some("not started yet".to_owned()))
        };
    };
    match (last.id == now.id, last.started_at == now.started_at) {
        (true, true) if runs => News::Read(None),
        (true, true) => News::Nothing(Some(ended(now))),
        (true, false) => News::Read(Some(format!("restarted{}", after(now)))),
        (false, _) if now.started_at.is_some() => News::Read(Some("new container".to_owned())),
        (false, _) => News::Nothing(None),
    }
}

fn ended(container: &Container) -> String {
    let code = container.exit_code;
    let meaning = cause::exit_meaning(code).map_or_else(String::new, |m| format!(" ({m})"));
    let memory = if container.oom_killed {
        ", out of memory"
    } else {
        ""
    };
    format!("ended: exit {code}{meaning}{memory}")
}

fn after(container: &Container) -> String {
    if container.restart_count > 0 && container.exit_code != 0 {
        format!(" after exit {}", container.exit_code)
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn container(id: &str, phase: Phase, started: i64) -> Container {
        Container {
            id: id.to_owned(),
            phase,
            started_at: Some(Timestamp::from_second(started).unwrap()),
            ..Container::default()
        }
    }

    #[test]
    fn a_reader_is_told_what_happened_to_the_service() {
        let up = container("a", Phase::Running, 1);
        let down = container("a", Phase::Exited, 1);
        let again = container("a", Phase::Running, 2);
        let other = container("b", Phase::Running, 3);
        assert_eq!(news(None, Some(&up)), News::Read(None));
        assert!(matches!(news(None, Some(&down)), News::Read(Some(_))));
        assert!(matches!(
            news(Some(&up), Some(&down)),
            News::Nothing(Some(_))
        ));
        assert_eq!(
            news(Some(&up), Some(&again)),
            News::Read(Some("restarted".into()))
        );
        assert_eq!(
            news(Some(&up), Some(&other)),
            News::Read(Some("new container".into()))
        );
        assert!(matches!(news(Some(&up), None), News::Nothing(Some(_))));
        assert!(matches!(news(None, None), News::Nothing(Some(_))));
    }
}
