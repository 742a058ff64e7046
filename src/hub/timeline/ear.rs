//! Listens for bursts of errors in logs that are read anyway, and in the last lines of a service that turned red.

use super::Seen;
use crate::{
    domain::{
        LogLine, ServiceId, Timestamp,
        log::{Burst, Bursts},
    },
    engine::{Engine, LogQuery},
    hub::LogEvent,
};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::{sync::mpsc, time::timeout};

/// Lines of one piece of a log that are looked at: in a flood some, and the count is a lower bound.
const LOOK_MAX: usize = 64;
/// Lines that were printed longer ago are history: they were heard then, or nobody listened.
const RECENT: Duration = Duration::from_mins(10);
/// The last lines of a service that turned red.
const LAST_LINES: u32 = 200;
/// They may take this long to be read.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// An ear at the log of one service.
#[derive(Debug)]
pub(in crate::hub) struct Ear {
    service: ServiceId,
    bursts: Bursts,
    /// Nobody wants to know where there is no timeline.
    seen: Option<mpsc::Sender<Seen>>,
}

impl Ear {
    pub(in crate::hub) fn new(service: ServiceId, seen: Option<mpsc::Sender<Seen>>) -> Self {
        Self {
            bursts: Bursts::new(service.kind),
            service,
            seen,
        }
    }

    /// Hears what a followed log brings.
    pub(in crate::hub) fn hear(&mut self, events: &[LogEvent]) {
        let Some(seen) = &self.seen else { return };
        let since = Timestamp::now()
            .checked_sub(RECENT)
            .unwrap_or(Timestamp::MIN);
        let lines = events.iter().filter_map(|event| match event {
            LogEvent::Line(line) if line.at >= since => Some(line),
            _ => None,
        });
        if let Some(burst) = last_burst(&mut self.bursts, lines.take(LOOK_MAX)) {
            // The next error of the same burst tells again.
            let _ = seen.try_send(Seen::Burst(self.service.clone(), burst));
        }
    }
}

/// The burst as it stands after `lines`, if one of them belongs to one.
fn last_burst<'a>(bursts: &mut Bursts, lines: impl Iterator<Item = &'a LogLine>) -> Option<Burst> {
    let mut last = None;
    for line in lines {
        if let Some(burst) = bursts.take(line) {
            last = Some(burst.clone());
        }
    }
    last
}

/// Reads the last lines of a service from its container; gives the burst of errors that they end in, if they do.
pub(super) async fn hear_last(
    engine: Engine,
    service: ServiceId,
    container: String,
) -> Option<(ServiceId, Burst)> {
    let query = LogQuery {
        tail: Some(LAST_LINES),
        since: Timestamp::now().checked_sub(RECENT).ok(),
        ..LogQuery::default()
    };
    let lines = engine.logs(&container, query);
    let lines = lines.take_while(|line| std::future::ready(line.is_ok()));
    let lines: Vec<_> = timeout(LAST_WAIT, lines.collect()).await.ok()?;
    let lines = lines.iter().flatten();
    let burst = last_burst(&mut Bursts::new(service.kind), lines)?;
    Some((service, burst))
}
