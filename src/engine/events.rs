//! What happens to containers, as the engine tells it.

use super::{
    Answer, Engine, EngineError,
    client::{READ, Request, filters, patient},
    convert,
    streams::{Made, Reader, decoded},
};
use crate::domain::{
    ProjectName, Safe, ServiceKind, Timestamp,
    container::{ComposeLabels, LABEL_PROJECT},
};
use futures_util::{Stream, StreamExt};

const EVENTS: &str = "listen to events";
/// Longest event that is read. They have under 2 KB; labels make them longer.
const EVENT_MAX: usize = 1 << 20;
/// Events that are read of what an engine remembers: real ones remember 256.
const EVENTS_MAX: usize = 4_096;
/// The events that change what is shown; each health check by the engine makes three others.
const EVENT_WORDS: [&str; 12] = [
    "create",
    "start",
    "die",
    "health_status",
    "destroy",
    "rename",
    "update",
    "pause",
    "unpause",
    "oom",
    "kill",
    "stop",
];

/// Something happened to a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerEvent {
    /// When, by the engine's clock.
    pub at: Timestamp,
    /// The container's id.
    pub container: String,
    /// Its name.
    pub name: Safe,
    /// Its project label, if it is valid.
    pub project: Option<ProjectName>,
    /// Its service label, if it is valid.
    pub service: Option<ServiceKind>,
    /// Compose's name of its project, if Compose made it.
    pub compose: Option<String>,
    /// What happened.
    pub action: EventAction,
}

/// What happened to a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventAction {
    /// It was made.
    Create,
    /// Its process started.
    Start,
    /// Its process ended.
    Die {
        /// Exit code, if the engine says it.
        exit_code: Option<i64>,
    },
    /// The engine's own health check changed its mind: `healthy`, `unhealthy`.
    Health(Safe),
    /// It was removed.
    Destroy,
    /// It has another name.
    Rename,
    /// Its limits or restart policy changed.
    Update,
    /// It was frozen.
    Pause,
    /// It goes on.
    Unpause,
    /// The kernel killed one of its processes for memory.
    Oom,
    /// It was sent a signal.
    Kill,
    /// A stop ended.
    Stop,
    /// A word this program does not know.
    Other(Safe),
}

/// How a container's process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunEnd {
    /// Its exit code, if the engine says it.
    pub exit_code: Option<i64>,
    /// The kernel killed one of its processes for memory.
    pub oom: bool,
}

/// An end of a container's process that the engine remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastEnd {
    /// When, by the engine's clock.
    pub at: Timestamp,
    /// How.
    pub end: RunEnd,
}

impl Engine {
    /// How the container `id` last ended between two of its starts: once it runs again, it has forgotten. The engine
    /// remembers its last few hundred events only: `None` if this is not among them, or cannot be read.
    pub async fn run_end(&self, id: &str, start: Timestamp, next: Timestamp) -> Option<RunEnd> {
        let ends = self.past_ends(id, start, next).await;
        ends.last().map(|past| past.end)
    }

    /// How the container `id` ended between two moments, oldest first, as far as the engine remembers it.
    pub async fn past_ends(&self, id: &str, since: Timestamp, until: Timestamp) -> Vec<PastEnd> {
        let wanted = filters(&[("container", &[id]), ("event", &["die", "oom"])]);
        let mut ends = Vec::new();
        let mut oom = false;
        for event in self.remembered(since, until, &wanted).await {
            match event.action {
                _ if event.at < since => {}
                EventAction::Oom => oom = true,
                EventAction::Die { exit_code } => {
                    let end = RunEnd { exit_code, oom };
                    ends.push(PastEnd { at: event.at, end });
                    oom = false;
                }
                _ => {}
            }
        }
        ends
    }

    /// What has happened to containers of ours between two moments, as far as the engine remembers it: its last few
    /// hundred events, oldest first.
    pub async fn past_events(&self, since: Timestamp, until: Timestamp) -> Vec<ContainerEvent> {
        let wanted = worth_knowing(&[("label", &[LABEL_PROJECT])]);
        self.remembered(since, until, &wanted).await
    }

    async fn remembered(
        &self,
        since: Timestamp,
        until: Timestamp,
        wanted: &str,
    ) -> Vec<ContainerEvent> {
        let (since, until, nanos) = (
            since.as_second(),
            until.as_second(),
            until.subsec_nanosecond(),
        );
        let target = format!("/events?since={since}&until={until}.{nanos:09}&{wanted}");
        let pieces = self.client.bytes(EVENTS, READ, Request::get(target));
        let pieces = pieces.map(|piece| piece.map(|piece| piece.as_ref().to_vec()));
        // An engine whose clock is behind would wait for that moment.
        let pieces = Box::pin(patient(EVENTS, READ, READ, pieces));
        let events = decoded(pieces, EventReader::default());
        // An answer that has an end looks to the reader like a stream that was cut.
        let events = events.take_while(|event| std::future::ready(event.is_ok()));
        let events: Vec<_> = events.take(EVENTS_MAX).collect().await;
        events.into_iter().flatten().collect()
    }

    /// What happens to containers of ours from now on. After the first error the stream ends: subscribe again and list
    /// again, because what happened in between is lost.
    pub fn events(
        &self,
    ) -> impl Stream<Item = Result<ContainerEvent, EngineError>> + Send + Unpin + 'static + use<>
    {
        self.listen(&[("label", &[LABEL_PROJECT])])
    }

    /// What happens to any container from now on, as [`Self::events`].
    pub fn all_events(
        &self,
    ) -> impl Stream<Item = Result<ContainerEvent, EngineError>> + Send + Unpin + 'static + use<>
    {
        self.listen(&[])
    }

    fn listen(
        &self,
        whose: &[(&str, &[&str])],
    ) -> impl Stream<Item = Result<ContainerEvent, EngineError>> + Send + Unpin + 'static + use<>
    {
        let request = Request::get(format!("/events?{}", worth_knowing(whose)));
        let pieces = self.client.bytes(EVENTS, READ, request);
        decoded(pieces, EventReader::default())
    }
}

/// Asks for events that change what is shown, of containers of these.
fn worth_knowing(whose: &[(&str, &[&str])]) -> String {
    let what: [(&str, &[&str]); 2] = [("type", &["container"]), ("event", &EVENT_WORDS)];
    filters(&[&what, whose].concat())
}

/// Events come as one JSON object per line.
#[derive(Debug, Default)]
pub(super) struct EventReader {
    buffer: Vec<u8>,
}

impl Reader for EventReader {
    type Item = ContainerEvent;

    fn take(&mut self, bytes: &[u8], made: &mut Made<ContainerEvent>) {
        self.buffer.extend_from_slice(bytes);
        let Some(end) = self.buffer.iter().rposition(|byte| *byte == b'\n') else {
            return made.extend(too_long(&self.buffer));
        };
        let whole: Vec<u8> = self.buffer.drain(..=end).collect();
        let lines = whole
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        made.extend(lines.filter_map(|line| event(line).transpose()));
    }

    /// The engine never ends this stream by itself.
    fn end(&mut self) -> Vec<Result<ContainerEvent, EngineError>> {
        let reason = Safe::from("the engine ended the stream");
        vec![Err(EngineError::Lost {
            call: EVENTS,
            reason,
        })]
    }
}

fn too_long<T>(buffer: &[u8]) -> Vec<Result<T, EngineError>> {
    if buffer.len() <= EVENT_MAX {
        return Vec::new();
    }
    let reason = Safe::new(format!("an event of more than {EVENT_MAX} bytes"));
    vec![Err(EngineError::Malformed {
        call: EVENTS,
        reason,
    })]
}

/// Reads one event; `None` for what is not about a container: filters of a proxy or another engine may let it through.
fn event(line: &[u8]) -> Result<Option<ContainerEvent>, EngineError> {
    let answer = Answer::parse(EVENTS, line)?;
    let kind = answer.text("/Type");
    if !kind.is_empty() && kind != "container" {
        return Ok(None);
    }
    let labels = answer.texts("/Actor/Attributes");
    let (project, service) = convert::owner(&labels);
    let compose = ComposeLabels::read(&labels);
    Ok(Some(ContainerEvent {
        at: moment(&answer),
        container: answer.required(EVENTS, "/Actor/ID")?,
        name: answer.safe("/Actor/Attributes/name"),
        project,
        service,
        compose: compose.map(|labels| labels.project),
        action: action(&answer),
    }))
}

fn moment(answer: &Answer) -> Timestamp {
    let nanos = answer.number("/timeNano").map(i128::from);
    let at = nanos.and_then(|nanos| Timestamp::from_nanosecond(nanos).ok());
    let seconds = || Timestamp::from_second(answer.number("/time")?).ok();
    at.or_else(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn action(answer: &Answer) -> EventAction {
    let word = answer.text("/Action");
    match word.as_str() {
        "create" => EventAction::Create,
        "start" => EventAction::Start,
        "die" => EventAction::Die {
            exit_code: answer.text("/Actor/Attributes/exitCode").parse().ok(),
        },
        "destroy" => EventAction::Destroy,
        "rename" => EventAction::Rename,
        "update" => EventAction::Update,
        "pause" => EventAction::Pause,
        "unpause" => EventAction::Unpause,
        "oom" => EventAction::Oom,
        "kill" => EventAction::Kill,
        "stop" => EventAction::Stop,
        other => match other.strip_prefix("health_status:") {
            Some(status) => EventAction::Health(Safe::new(status.trim())),
            None => EventAction::Other(Safe::new(other)),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn read(line: &str) -> Option<ContainerEvent> {
        event(line.as_bytes()).unwrap()
    }

    #[test]
    fn an_event_is_read_with_its_owner_and_exit_code() {
        let line = r#"{"status":"die","id":"abc","Type":"container","Action":"die","Actor":{"ID":"abc","Attributes":
            {"exitCode":"137","io.cchub.project":"shop","io.cchub.service":"redis","name":"cchub-shop-redis"}},
            "scope":"local","time":1,"timeNano":1500000000}"#;
        let event = read(line).unwrap();
        assert_eq!(event.container, "abc");
        assert_eq!(event.name.as_str(), "cchub-shop-redis");
        assert_eq!(event.project.unwrap().as_str(), "shop");
        assert_eq!(event.service, Some(ServiceKind::Redis));
        assert_eq!(
            event.action,
            EventAction::Die {
                exit_code: Some(137)
            }
        );
        assert_eq!(event.at.as_millisecond(), 1500);
    }

    #[test]
    fn every_word_that_is_asked_for_is_known_and_others_are_kept() {
        let of = |word: &str| {
            let line = format!(r#"{{"Type":"container","Action":"{word}","Actor":{{"ID":"a"}}}}"#);
            read(&line).unwrap().action
        };
        for word in EVENT_WORDS
            .into_iter()
            .filter(|word| *word != "health_status")
        {
            assert!(!matches!(of(word), EventAction::Other(_)), "{word}");
        }
        assert_eq!(
            of("health_status: healthy"),
            EventAction::Health("healthy".into())
        );
        assert_eq!(of("brandnew"), EventAction::Other("brandnew".into()));
    }

    #[test]
    fn foreign_events_are_skipped_and_unreadable_ones_are_errors() {
        assert_eq!(read(r#"{"Type":"weirdnew","Action":"x"}"#), None);
        assert!(event(b"{\"Type\":").is_err());
        assert!(event(b"{\"Type\":\"container\"}").is_err());
        let (mut reader, mut made) = (EventReader::default(), Made::new());
        reader.take(&vec![b'x'; EVENT_MAX], &mut made);
        assert!(made.is_empty());
        reader.take(b"x", &mut made);
        let refused = matches!(made.pop_front(), Some(Err(EngineError::Malformed { .. })));
        assert!(refused && made.is_empty());
    }
}
