//! Reads a stream on while what came of it before is handed over: a front end that takes its time gets more at once, and the
//! engine, whose connection holds some hundred lines, does not wait for it.

use futures_util::{Stream, StreamExt, stream::ReadyChunks};
use std::pin::pin;

/// Items that are made ready together.
const CHUNK_MAX: usize = 256;
/// Items that wait at most, besides one such chunk.
const WAITING_MAX: usize = 1024;
/// What they weigh at most, besides.
const WEIGHT_MAX: usize = 256 << 10;

/// A stream and what was read ahead of it.
#[derive(Debug)]
pub(super) struct Ahead<S: Stream> {
    items: ReadyChunks<S>,
    weigh: fn(&S::Item) -> usize,
    waiting: Vec<S::Item>,
    weight: usize,
    ended: bool,
}

impl<S: Stream + Unpin> Ahead<S> {
    /// Nothing is read yet. `weigh` says how many bytes an item keeps.
    pub(super) fn new(items: S, weigh: fn(&S::Item) -> usize) -> Self {
        Self {
            items: items.ready_chunks(CHUNK_MAX),
            weigh,
            waiting: Vec::new(),
            weight: 0,
            ended: false,
        }
    }

    /// All that has come since, at least one; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Vec<S::Item>> {
        if self.waiting.is_empty() && !self.ended {
            self.read().await;
        }
        self.weight = 0;
        Some(std::mem::take(&mut self.waiting)).filter(|items| !items.is_empty())
    }

    /// Does `work`, and reads meanwhile.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = self.read(), if self.has_room() => {}
            }
        }
    }

    fn has_room(&self) -> bool {
        !self.ended && self.waiting.len() < WAITING_MAX && self.weight < WEIGHT_MAX
    }

    /// Nothing is lost when it is dropped while it waits.
    async fn read(&mut self) {
        match self.items.next().await {
            Some(items) => {
                self.weight += items.iter().map(self.weigh).sum::<usize>();
                self.waiting.extend(items);
            }
            None => self.ended = true,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use futures_util::stream;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn what_comes_during_work_comes_together_in_its_order_and_within_bounds() {
        let mut ahead = Ahead::new(stream::iter(0..10_000), |_| 1);
        assert_eq!(ahead.next().await.unwrap(), (0..256).collect::<Vec<_>>());
        let (done, work) = oneshot::channel();
        tokio::spawn(async move {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            done.send(()).unwrap();
        });
        ahead.during(work).await.unwrap();
        let waiting = ahead.next().await.unwrap();
        assert_eq!(waiting, (256..256 + 1024).collect::<Vec<_>>());
        let mut rest = Vec::new();
        while let Some(items) = ahead.next().await {
            rest.extend(items);
        }
        assert_eq!(rest, (1280..10_000).collect::<Vec<_>>());
        assert!(ahead.next().await.is_none());
    }

    #[tokio::test]
    async fn heavy_items_are_not_read_far_ahead() {
        let mut ahead = Ahead::new(stream::iter(0..10_000), |_| 64 << 10);
        let pause = async {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        };
        ahead.during(pause).await;
        assert_eq!(ahead.next().await.unwrap().len(), 256);
    }
}
