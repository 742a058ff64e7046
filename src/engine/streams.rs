//! Logs as streams of lines, and how any stream of bytes becomes one of items. Dropping a stream closes its connection.

use super::{
    Engine, EngineError,
    client::{READ, Request, encoded, patient},
    frames::FrameReader,
    lines::LineAssembler,
};
use crate::domain::{LogLine, Safe, Timestamp};
use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use std::{collections::VecDeque, time::Duration};
use tokio::time::timeout;

const LOGS: &str = "read logs";
/// Time between two pieces of a log that is read, not followed: the engine has it on disk.
const LOG_IDLE: Duration = READ;
/// Time for a log that is read, not followed, in all: three rotated files of 10 MB over a slow line.
const LOG_TOTAL: Duration = Duration::from_mins(5);

/// Which part of a log is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogQuery {
    /// Lines of history; `None` means all. Counted from the end, before `since` and `until` are looked at, and a line of
    /// more than 16 KiB counts once for each of its pieces.
    pub tail: Option<u32>,
    /// Only lines from this moment on, the moment included, in whole seconds of the engine's clock: lines of the
    /// same second come again. The engine looks through all of its log for the first such line, and gives all that
    /// follow it in its order, whatever their moment.
    pub since: Option<Timestamp>,
    /// Nothing from the first line on that is later than the second of this moment.
    pub until: Option<Timestamp>,
    /// Go on with new lines until the container ends.
    pub follow: bool,
}

impl LogQuery {
    fn target(self, name: &str) -> String {
        let tail = self
            .tail
            .map_or_else(|| "all".to_owned(), |lines| lines.to_string());
        let since = self.since.map_or(0, |at| at.as_second().max(0));
        let until = self.until.map_or_else(String::new, |at| {
            format!("&until={}.999999999", at.as_second().max(0))
        });
        let (name, follow) = (encoded(name), self.follow);
        format!(
            "/containers/{name}/logs?stdout=1&stderr=1&timestamps=1&follow={follow}&tail={tail}&since={since}{until}"
        )
    }
}

impl Engine {
    /// The log of a container, both streams, oldest first. The stream ends when the log does, when a followed
    /// container ends, or after the first error; a restart does not bring it back. While it is followed, a line that has
    /// not ended is given as begun after a second without more, and before the error that cut it: it comes whole when
    /// the reader resumes from the last line before.
    pub fn logs(
        &self,
        name: &str,
        query: LogQuery,
    ) -> impl Stream<Item = Result<LogLine, EngineError>> + Send + Unpin + 'static + use<> {
        let request = Request::get(query.target(name));
        let pieces = self.client.bytes(LOGS, READ, request);
        let pieces = pieces.map(|piece| piece.map(|piece| piece.as_ref().to_vec()));
        let pieces = if query.follow {
            pieces.left_stream()
        } else {
            Box::pin(patient(LOGS, LOG_IDLE, LOG_TOTAL, pieces)).right_stream()
        };
        decoded(
            pieces,
            LogReader {
                follow: query.follow,
                ..LogReader::default()
            },
        )
    }
}

/// A line that has not ended is handed out as begun after so long without more: a prompt waits for an answer.
const LINE_IDLE: Duration = Duration::from_secs(1);

/// Turns bytes into items; after an error there are none.
pub(super) trait Reader {
    /// What it makes.
    type Item;
    /// Takes bytes as they come.
    fn take(&mut self, bytes: &[u8]) -> Vec<Result<Self::Item, EngineError>>;
    /// The bytes have ended without an error.
    fn end(&mut self) -> Vec<Result<Self::Item, EngineError>>;
    /// True if [`Self::pause`] has something to make of what is there.
    fn waits(&self) -> bool {
        false
    }
    /// No more bytes have come for a while, or will come.
    fn pause(&mut self) -> Vec<Result<Self::Item, EngineError>> {
        Vec::new()
    }
    /// The bytes have ended with an error.
    fn cut(&mut self) -> Vec<Result<Self::Item, EngineError>> {
        Vec::new()
    }
}

/// A stream of bytes that is being turned into items.
struct Decoding<S, R: Reader> {
    /// `None` once it has ended: the connection is closed then.
    pieces: Option<S>,
    reader: R,
    made: VecDeque<Result<R::Item, EngineError>>,
}

/// `pieces` as the items that `reader` makes of them; an error is the last one.
pub(super) fn decoded<S, R>(
    pieces: S,
    reader: R,
) -> BoxStream<'static, Result<R::Item, EngineError>>
where
    S: Stream<Item = Result<Vec<u8>, EngineError>> + Send + Unpin + 'static,
    R: Reader + Send + 'static,
    R::Item: Send,
{
    let made = VecDeque::new();
    let pieces = Some(pieces);
    let decoding = Decoding {
        pieces,
        reader,
        made,
    };
    stream::unfold(decoding, |mut decoding| async move {
        let item = decoding.next().await?;
        Some((item, decoding))
    })
    .boxed()
}

impl<S, R> Decoding<S, R>
where
    S: Stream<Item = Result<Vec<u8>, EngineError>> + Unpin,
    R: Reader,
{
    /// The next item; an error is the last one, and nothing is waited for after it.
    async fn next(&mut self) -> Option<Result<R::Item, EngineError>> {
        while self.made.is_empty() {
            let next = self.pieces.as_mut()?.next();
            let piece = if self.reader.waits() {
                let Ok(piece) = timeout(LINE_IDLE, next).await else {
                    self.made.extend(self.reader.pause());
                    continue;
                };
                piece
            } else {
                next.await
            };
            match piece {
                Some(Ok(bytes)) => self.made.extend(self.reader.take(&bytes)),
                Some(Err(error)) => {
                    self.made.extend(self.reader.cut());
                    self.made.push_back(Err(error));
                }
                None => {
                    self.pieces = None;
                    self.made.extend(self.reader.end());
                }
            }
        }
        let item = self.made.pop_front()?;
        if item.is_err() {
            self.made.clear();
            self.pieces = None;
        }
        Some(item)
    }
}

#[derive(Debug, Default)]
struct LogReader {
    /// Unfinished lines are of use to whoever follows; the others get them in a moment.
    follow: bool,
    frames: FrameReader,
    lines: LineAssembler,
}

impl Reader for LogReader {
    type Item = LogLine;

    fn take(&mut self, bytes: &[u8]) -> Vec<Result<LogLine, EngineError>> {
        let mut items = Vec::new();
        for frame in self.frames.push(bytes) {
            match frame {
                Ok(frame) => items.extend(self.lines.push(&frame).into_iter().map(Ok)),
                Err(error) => items.push(Err(error)),
            }
        }
        items
    }

    fn end(&mut self) -> Vec<Result<LogLine, EngineError>> {
        if self.frames.is_cut() {
            let reason = Safe::from("it ended in the middle of a frame");
            let mut items = self.cut();
            items.push(Err(EngineError::Lost { call: LOGS, reason }));
            return items;
        }
        self.lines.flush().into_iter().map(Ok).collect()
    }

    fn waits(&self) -> bool {
        self.follow && self.lines.holds_text()
    }

    fn pause(&mut self) -> Vec<Result<LogLine, EngineError>> {
        self.lines.pause().into_iter().map(Ok).collect()
    }

    fn cut(&mut self) -> Vec<Result<LogLine, EngineError>> {
        if !self.follow {
            return Vec::new();
        }
        let frame = self.frames.take_cut();
        let whole = frame.map_or_else(Vec::new, |frame| self.lines.push(&frame));
        let begun = self.lines.pause();
        whole.into_iter().chain(begun).map(Ok).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_log_is_asked_for_with_both_streams_and_whole_seconds() {
        let since = Some(Timestamp::from_millisecond(12_999).unwrap());
        let query = LogQuery {
            tail: Some(5),
            since,
            until: None,
            follow: true,
        };
        assert_eq!(
            query.target("a b"),
            "/containers/a%20b/logs?stdout=1&stderr=1&timestamps=1&follow=true&tail=5&since=12"
        );
        let all = LogQuery::default().target("c");
        assert!(all.ends_with("&follow=false&tail=all&since=0"), "{all}");
        let to = LogQuery {
            until: since,
            ..LogQuery::default()
        };
        let to = to.target("c");
        assert!(to.ends_with("&since=0&until=12.999999999"), "{to}");
    }
}
