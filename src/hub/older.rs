//! Lines that were printed before those that a reader has. The engine counts from a log's end only, so it is asked for more
//! than what is there, and only what lies before that is kept; the rest is not waited for.

use super::{Arrival, LogBatch, LogEvent, Older};
use crate::{
    domain::{LogLine, Safe, Timestamp},
    engine::{Engine, EngineError, LogQuery},
};
use futures_util::StreamExt;
use std::{collections::VecDeque, pin::pin, time::Duration};
use tokio::{sync::watch, time::timeout};

/// Lines that come at once.
const PAGE: usize = 1000;
/// Their bytes, about.
const PAGE_BYTES: usize = 4 << 20;
/// Pieces beyond a page that are asked for: the first ones may be the end of a long line, which comes in pieces of 16 KiB.
const SPARE: u64 = 128;
/// Lines that are read after one of the wanted moment, because there may be more of it: the two streams of a container
/// cross by a few lines.
const LOOK_AHEAD: usize = 256;
/// So many at most, however many are of that moment.
const LOOK_AHEAD_MAX: usize = 10_000;
/// Times that the engine is asked for a request: lines may be longer, or come faster, than was known.
const ATTEMPTS_MAX: u32 = 5;
/// Each time for so many times more.
const GROWTH: u64 = 4;
/// All of it takes at most so long.
const DEADLINE: Duration = Duration::from_secs(10);

/// Answers `wish`, which is about `container`, whatever happens, in [`DEADLINE`].
pub(super) async fn answer(
    mut engine: watch::Receiver<Option<Engine>>,
    container: &str,
    wish: &Older,
) -> LogBatch {
    let read = async {
        let engine = engine.wait_for(Option::is_some).await;
        match engine.ok().and_then(|engine| engine.clone()) {
            Some(engine) => read(&engine, container, wish)
                .await
                .map_err(|e| e.to_string()),
            None => Err("the program ends".to_owned()),
        }
    };
    let late = |_elapsed| format!("not within {} s", DEADLINE.as_secs());
    let read = timeout(DEADLINE, read).await.map_err(late);
    let (events, all) = match read.and_then(|read| read) {
        Ok((lines, all)) => (lines.into_iter().map(LogEvent::Line).collect(), all),
        Err(why) => (vec![refusal(wish.before, &why)], false),
    };
    LogBatch {
        follow: wish.follow,
        service: wish.service.clone(),
        events,
        arrival: Arrival::Older { all },
    }
}

fn refusal(at: Timestamp, why: &str) -> LogEvent {
    LogEvent::Notice(at, Safe::new(format!("older lines did not come: {why}")))
}

/// The lines directly before, and whether there is nothing before these.
async fn read(
    engine: &Engine,
    container: &str,
    wish: &Older,
) -> Result<(Vec<LogLine>, bool), EngineError> {
    let mut tail = wish.kept.saturating_add(PAGE as u64 + SPARE);
    let mut last = None;
    for _ in 0..ATTEMPTS_MAX {
        let page = page(engine, container, wish, tail).await?;
        if page.dropped {
            return Ok((page.lines.into(), false));
        }
        // What was asked for is more than there is if asking for more brings the same.
        let found = Some((page.lines.len(), page.first));
        if last == found {
            return Ok((page.lines.into(), true));
        }
        last = found;
        tail = tail.saturating_mul(GROWTH);
    }
    Ok((Vec::new(), false))
}

async fn page(
    engine: &Engine,
    container: &str,
    wish: &Older,
    tail: u64,
) -> Result<Page, EngineError> {
    let query = LogQuery {
        tail: Some(u32::try_from(tail).unwrap_or(u32::MAX)),
        ..LogQuery::default()
    };
    let mut search = Search::new(wish.before, wish.same);
    let mut lines = pin!(engine.logs(container, query));
    while let Some(line) = lines.next().await {
        let more = match line {
            Ok(line) => search.take(line),
            // Its container is gone, and its log with it.
            Err(EngineError::Refused { code: 404, .. }) => false,
            Err(error) => return Err(error),
        };
        if !more {
            break;
        }
    }
    Ok(search.end())
}

/// Lines directly before a moment.
#[derive(Debug, Default)]
struct Page {
    lines: VecDeque<LogLine>,
    /// What the engine began with.
    first: Option<LogLine>,
    /// There were more before them.
    dropped: bool,
}

/// Looks for the place in a log before which everything is older. Found by its moment and counted, because moments may be
/// equal, and need not be in order.
#[derive(Debug)]
struct Search {
    before: Timestamp,
    same: usize,
    page: Page,
    bytes: usize,
    /// Lines that went by.
    taken: usize,
    /// Numbers of the lines of exactly that moment.
    found: VecDeque<usize>,
}

impl Search {
    fn new(before: Timestamp, same: u32) -> Self {
        Self {
            before,
            same: same as usize,
            page: Page::default(),
            bytes: 0,
            taken: 0,
            found: VecDeque::new(),
        }
    }

    /// Takes the next line; false if no more are needed.
    fn take(&mut self, line: LogLine) -> bool {
        self.page.first.get_or_insert_with(|| line.clone());
        // Where nothing is there yet, the window begins with the first line that is not before its second.
        if self.same == 0 && line.at.as_second() >= self.before.as_second() {
            return false;
        }
        if line.at == self.before {
            self.found.push_back(self.taken);
        }
        self.taken += 1;
        self.bytes += line.text.as_str().len();
        self.page.lines.push_back(line);
        self.keep_to_bounds();
        self.is_open()
    }

    /// There may be more lines of the wanted moment.
    fn is_open(&self) -> bool {
        let (Some(first), Some(last)) = (self.found.front(), self.found.back()) else {
            return true;
        };
        self.taken - last <= LOOK_AHEAD && self.taken - first <= LOOK_AHEAD_MAX
    }

    fn keep_to_bounds(&mut self) {
        // Once the moment is found, what follows must not push out what lies before.
        while self.found.is_empty() && (self.page.lines.len() > PAGE || self.bytes > PAGE_BYTES) {
            self.drop_first();
        }
    }

    fn drop_first(&mut self) {
        if let Some(line) = self.page.lines.pop_front() {
            self.bytes -= line.text.as_str().len();
            self.page.dropped = true;
        }
    }

    /// The lines before the place.
    fn end(mut self) -> Page {
        let first = self.taken - self.page.lines.len();
        let end = match self.same {
            0 => self.taken,
            same => match self.nth_from_end(same) {
                Some(end) => end,
                // Not there: the engine has dropped it, and everything before. Or it was not asked for enough.
                None => {
                    return Page {
                        first: self.page.first,
                        ..Page::default()
                    };
                }
            },
        };
        self.page.lines.truncate(end.saturating_sub(first));
        while self.page.lines.len() > PAGE {
            self.drop_first();
        }
        self.page
    }

    /// The number of the first of the last `same` lines of the moment.
    fn nth_from_end(&self, same: usize) -> Option<usize> {
        let nth = self.found.len().saturating_sub(same);
        self.found.get(nth).copied()
    }
}
