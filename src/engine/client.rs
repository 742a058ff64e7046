//! The way to the engine: every call under a deadline of ours, every answer bounded in size, every failure typed.
//!
//! The client library waits for ever once the headers are there, and reads bodies and log frames of any size. What this
//! program reads in bulk (lists, events, progress) therefore comes as plain bytes ([`Client::bytes`]), and logs without the
//! library ([`Client::pieces`]).

use super::{Answer, Endpoint, EngineError};
use crate::domain::Safe;
use bollard::{API_DEFAULT_VERSION, Docker, errors::Error};
use futures_util::{Stream, StreamExt, stream};
use std::{io, time::Duration};
use tokio::time::{Instant, timeout};

/// A ping; three seconds of silence are noticed.
pub(super) const PING: Duration = Duration::from_secs(3);
/// List, inspect and other questions.
pub(super) const READ: Duration = Duration::from_secs(5);
/// Create, start, update, remove.
pub(super) const CHANGE: Duration = Duration::from_secs(30);
/// Files into a container or volume.
pub(super) const UPLOAD: Duration = Duration::from_secs(30);
/// What a stop may take beyond the grace of the container.
pub(super) const STOP_EXTRA: Duration = Duration::from_secs(10);
/// The library's own limit until headers: above every deadline of ours, which count.
const HEADERS: Duration = Duration::from_hours(1);
/// Largest answer that is read. The list of a thousand containers has about 2 MB.
const BODY_MAX: usize = 16 << 20;
/// The request that [`Client::bytes`] turns into another one: the library hands out only its body untouched.
const PLACEHOLDER: &str = "/containers/-/export";

/// A way to one engine. Cheap to clone; each call opens a connection of its own.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// The library's client.
    pub(super) docker: Docker,
    pub(super) endpoint: Endpoint,
    label: Safe,
}

/// A request whose answer is read as bytes.
#[derive(Debug, Clone)]
pub(super) struct Request {
    method: &'static str,
    target: String,
    content: &'static str,
    body: Vec<u8>,
}

impl Request {
    /// Asks for `target`: path and query, already encoded.
    pub(super) fn get(target: impl Into<String>) -> Self {
        Self {
            method: "GET",
            target: target.into(),
            content: "application/json",
            body: Vec::new(),
        }
    }

    /// Sends `body` of the type `content` to `target`.
    pub(super) fn post(target: impl Into<String>, content: &'static str, body: Vec<u8>) -> Self {
        Self {
            method: "POST",
            target: target.into(),
            content,
            body,
        }
    }
}

impl Client {
    /// Prepares the way to `endpoint`. Nothing is sent yet.
    pub(super) async fn new(endpoint: &Endpoint) -> Result<Self, EngineError> {
        let docker = match endpoint {
            Endpoint::Unix(path) => {
                check_socket(endpoint, path).await?;
                let path = path.to_string_lossy();
                Docker::connect_with_unix(&path, HEADERS.as_secs(), API_DEFAULT_VERSION)
            }
            Endpoint::Tcp { .. } => {
                let address = endpoint.to_string();
                Docker::connect_with_http(&address, HEADERS.as_secs(), API_DEFAULT_VERSION)
            }
        };
        let label = endpoint.label();
        docker
            .map(|docker| Self {
                docker,
                endpoint: endpoint.clone(),
                label: label.clone(),
            })
            .map_err(|error| EngineError::from_library(&label, "connect", HEADERS, &error))
    }

    /// Runs one call of the library under a deadline.
    pub(super) async fn within<T>(
        &self,
        call: &'static str,
        after: Duration,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, EngineError> {
        match timeout(after, work).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.failure(call, after, &error)),
            Err(_elapsed) => Err(EngineError::TimedOut { call, after }),
        }
    }

    /// Sends `request` and reads its JSON answer, all under a deadline and at most [`BODY_MAX`] bytes.
    pub(super) async fn answer(
        &self,
        call: &'static str,
        after: Duration,
        request: Request,
    ) -> Result<Answer, EngineError> {
        let body = timeout(after, self.body(call, after, request));
        match body.await {
            Ok(body) => Answer::parse(call, &body?),
            Err(_elapsed) => Err(EngineError::TimedOut { call, after }),
        }
    }

    /// [`Self::answer`] to a question where "not found" is an answer, too.
    pub(super) async fn find(
        &self,
        call: &'static str,
        target: String,
    ) -> Result<Option<Answer>, EngineError> {
        match self.answer(call, READ, Request::get(target)).await {
            Ok(answer) => Ok(Some(answer)),
            Err(EngineError::Refused { code: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn body(
        &self,
        call: &'static str,
        after: Duration,
        request: Request,
    ) -> Result<Vec<u8>, EngineError> {
        let mut pieces = self.bytes(call, after, request);
        let mut body = Vec::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            if body.len() + piece.as_ref().len() > BODY_MAX {
                let reason = Safe::new(format!("it is larger than {} MB", BODY_MAX >> 20));
                return Err(EngineError::Malformed { call, reason });
            }
            body.extend_from_slice(piece.as_ref());
        }
        Ok(body)
    }

    /// Sends `request` and hands out the answer's body as it comes. `headers` is the time until it begins; after that
    /// only the caller's patience counts. Dropping the stream closes the connection.
    pub(super) fn bytes(
        &self,
        call: &'static str,
        headers: Duration,
        request: Request,
    ) -> impl Stream<Item = Result<impl AsRef<[u8]> + Send + use<>, EngineError>> + Send + Unpin + use<>
    {
        let client = self.clone();
        let docker = self.docker.clone().with_timeout(headers);
        let docker = docker.with_request_modifier(move |mut sent| {
            let base = sent.uri().to_string();
            let base = base.strip_suffix(PLACEHOLDER).unwrap_or(&base);
            // An address that cannot be read leaves the placeholder: the engine then knows no such container.
            if let Ok(uri) = format!("{base}{}", request.target).parse() {
                *sent.uri_mut() = uri;
            }
            if let (Ok(method), Ok(content)) = (request.method.parse(), request.content.parse()) {
                *sent.method_mut() = method;
                sent.headers_mut().insert("content-type", content);
            }
            *sent.body_mut() = bollard::body_full(request.body.clone().into());
            sent
        });
        docker
            .export_container("-")
            .map(move |piece| piece.map_err(|error| client.failure(call, headers, &error)))
    }

    /// What an error of the library means.
    pub(super) fn failure(
        &self,
        call: &'static str,
        after: Duration,
        error: &Error,
    ) -> EngineError {
        EngineError::from_library(&self.label, call, after, error)
    }
}

/// Tells a missing socket, a forbidden one and a file that is none apart: connecting would not.
async fn check_socket(endpoint: &Endpoint, path: &std::path::Path) -> Result<(), EngineError> {
    use std::os::unix::fs::FileTypeExt;
    match tokio::fs::metadata(path).await {
        Ok(found) if found.file_type().is_socket() => Ok(()),
        Ok(_other_file) => Err(EngineError::Denied {
            endpoint: endpoint.label(),
            reason: Safe::from(super::error::NOT_A_SOCKET),
        }),
        Err(error) => Err(EngineError::from_io(&endpoint.label(), &error)),
    }
}

/// Ends `items` with [`EngineError::TimedOut`] when nothing comes for `idle`, or when `total` is over. An error is the
/// last item.
pub(super) fn patient<T: Send + 'static>(
    call: &'static str,
    idle: Duration,
    total: Duration,
    items: impl Stream<Item = Result<T, EngineError>> + Send + Unpin + 'static,
) -> impl Stream<Item = Result<T, EngineError>> + Send + 'static {
    let end = Instant::now() + total;
    stream::unfold(Some(items), move |items| async move {
        let mut items = items?;
        let after = idle.min(end.saturating_duration_since(Instant::now()));
        match timeout(after, items.next()).await {
            Ok(Some(Ok(item))) => Some((Ok(item), Some(items))),
            Ok(Some(Err(error))) => Some((Err(error), None)),
            Ok(None) => None,
            Err(_elapsed) => {
                let after = if after < idle { total } else { idle };
                Some((Err(EngineError::TimedOut { call, after }), None))
            }
        }
    })
}

/// `text` as one part of a path or query: everything but letters, digits and a few harmless signs as `%XX`.
pub(super) fn encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'/');
    text.bytes()
        .map(|b| match plain(b) {
            true => char::from(b).to_string(),
            false => format!("%{b:02X}"),
        })
        .collect()
}

/// A `filters=` query: the engine takes a JSON map of lists.
pub(super) fn filters(by: &[(&str, &[&str])]) -> String {
    let map: serde_json::Map<_, _> = by
        .iter()
        .map(|(key, words)| ((*key).to_owned(), serde_json::json!(words)))
        .collect();
    format!(
        "filters={}",
        encoded(&serde_json::Value::Object(map).to_string())
    )
}

/// The system's error at the bottom of `error`, if there is one.
pub(super) fn io_source<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a io::Error> {
    let mut next = Some(error);
    let mut found = None;
    while let Some(error) = next {
        found = error.downcast_ref::<io::Error>().or(found);
        next = error.source();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_reach_another_path_or_query() {
        assert_eq!(encoded("a b?c&d=ä%"), "a%20b%3Fc%26d%3D%C3%A4%25");
        assert_eq!(encoded("cchub/shop-1:x.y_z"), "cchub/shop-1:x.y_z");
    }

    #[test]
    fn filters_are_json_in_a_query() {
        let query = filters(&[("label", &["a", "b=c"])]);
        assert_eq!(
            query,
            "filters=%7B%22label%22:%5B%22a%22%2C%22b%3Dc%22%5D%7D"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends_when_nothing_comes_and_when_it_never_ends() {
        let silent = stream::pending::<Result<(), EngineError>>();
        let (idle, total) = (Duration::from_secs(60), Duration::from_secs(600));
        let got: Vec<_> = patient("pull", idle, total, silent).collect().await;
        assert_eq!(
            got,
            [Err(EngineError::TimedOut {
                call: "pull",
                after: idle
            })]
        );
        let dripping = Box::pin(stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(55)).await;
            Some((Ok(()), ()))
        }));
        let got: Vec<_> = patient("pull", idle, total, dripping).collect().await;
        assert_eq!(got.len(), 11);
        assert_eq!(
            got.last(),
            Some(&Err(EngineError::TimedOut {
                call: "pull",
                after: total
            }))
        );
    }
}
