//! Listens for bursts of errors in logs that are read anyway, and in the last lines of a service that turned red.

use super::Seen;
use crate::{
    domain::{
        LogLine, ServiceId, Timestamp,
        log::{Burst, Bursts},
    },
    engine::Engine,
    hub::{LogEvent, last_lines::last_lines},
};
use std::time::Duration;
use tokio::sync::mpsc;

/// Lines of one piece of a log that are looked at: in a flood some, and the count is a lower bound.
const LOOK_MAX: usize = 64;
/// Lines that were printed longer ago are history: they were heard then, or nobody listened.
const RECENT: Duration = Duration::from_mins(10);

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
    let since = Timestamp::now().checked_sub(RECENT).ok();
    let lines = last_lines(&engine, &container, since).await?;
    let burst = last_burst(&mut Bursts::new(service.kind), lines.iter())?;
    Some((service, burst))
}
