//! Lines of several services in the order of their times. Each service's own lines keep the engine's order.

use crate::{
    domain::{ServiceId, Timestamp},
    hub::{LogBatch, LogEvent},
};
use std::{collections::BTreeMap, time::Duration};
use tokio::time::Instant;

/// Lines that come later than this are not sorted in any more.
const QUIET: Duration = Duration::from_millis(150);
/// No line waits longer for others …
const WAIT_MAX: Duration = Duration::from_secs(1);
/// … nor do more than so many.
const EVENTS_MAX: usize = 20_000;

/// Events that wait for earlier ones of other services.
#[derive(Debug, Default)]
pub(super) struct Merge {
    waiting: Vec<(Timestamp, ServiceId, LogEvent)>,
    latest: BTreeMap<ServiceId, Timestamp>,
    /// When the first of those that wait came.
    first: Option<Instant>,
    /// When what waits is to be told.
    due: Option<Instant>,
}

impl Merge {
    /// Takes what came.
    pub fn take(&mut self, batch: LogBatch, now: Instant) {
        for event in batch.events {
            self.add(&batch.service, event);
        }
        let first = *self.first.get_or_insert(now);
        let due = (now + QUIET).min(first + WAIT_MAX);
        let full = self.waiting.len() >= EVENTS_MAX;
        self.due = Some(if full { now } else { due });
    }

    /// Adds one event of a service.
    pub fn add(&mut self, service: &ServiceId, event: LogEvent) {
        let Some(at) = event.at() else { return };
        let latest = self.latest.entry(service.clone()).or_insert(at);
        *latest = (*latest).max(at);
        self.waiting.push((*latest, service.clone(), event));
    }

    /// Returns at the time when what waits is to be told; never, if nothing waits.
    pub async fn due(&self) {
        match self.due {
            Some(due) => tokio::time::sleep_until(due).await,
            None => std::future::pending().await,
        }
    }

    /// All that waits, in order.
    pub fn flush(&mut self) -> impl Iterator<Item = (ServiceId, LogEvent)> + use<> {
        (self.first, self.due) = (None, None);
        let mut events = std::mem::take(&mut self.waiting);
        events.sort_by_key(|(at, ..)| *at);
        events
            .into_iter()
            .map(|(_, service, event)| (service, event))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{
        domain::{Safe, ServiceKind},
        hub::{Arrival, FollowId},
    };

    fn batch(kind: ServiceKind, moments: &[i64]) -> LogBatch {
        let event = |second: &i64| {
            let at = Timestamp::from_second(*second).unwrap();
            LogEvent::Notice(at, Safe::new(format!("{kind} {second}")))
        };
        LogBatch {
            follow: FollowId(1),
            service: ServiceId::new(&"shop".parse().unwrap(), kind),
            events: moments.iter().map(event).collect(),
            arrival: Arrival::New,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn lines_wait_for_earlier_ones_but_not_long_and_keep_their_services_order() {
        let mut merge = Merge::default();
        let began = Instant::now();
        merge.take(batch(ServiceKind::Redis, &[2, 5, 4]), began);
        merge.take(batch(ServiceKind::Backend, &[1, 3, 6]), began);
        merge.due().await;
        assert_eq!(began.elapsed().as_millis() / 10 * 10, 150);
        let words: Vec<_> = merge
            .flush()
            .map(|(_, event)| format!("{event:?}"))
            .collect();
        let order = [
            "backend 1",
            "redis 2",
            "backend 3",
            "redis 5",
            "redis 4",
            "backend 6",
        ];
        assert_eq!(words.len(), order.len());
        for (word, wanted) in words.iter().zip(order) {
            assert!(word.contains(wanted), "{words:?}");
        }
        let again = Instant::now();
        for _ in 0..30 {
            merge.take(batch(ServiceKind::Redis, &[7]), Instant::now());
            tokio::time::advance(Duration::from_millis(100)).await;
        }
        merge.due().await;
        assert!(again.elapsed() < Duration::from_millis(3010));
        merge.take(
            batch(ServiceKind::Redis, &vec![8; EVENTS_MAX]),
            Instant::now(),
        );
        let full = Instant::now();
        merge.due().await;
        assert!(full.elapsed() < Duration::from_millis(10));
    }
}
