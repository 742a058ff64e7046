//! What the refresh asks and when: how much may be under way at once, and who has to wait.

use super::{RESYNC, Refresh};
use crate::{
    domain::{ServiceId, Target},
    engine::Engine,
    hub::{last_lines::masker_of, round, watched::Counted},
};
use futures_util::FutureExt;
use std::time::Duration;
use tokio::time::Instant;

/// Checks that may be under way at once: a burst must not look like an attack on the host.
const CHECKS_MAX: usize = 16;
/// Of these, services that hung the last time may hold so many: a sick fleet must not starve the healthy part.
const HANGING_MAX: usize = 8;
/// Inspects that may be under way at once.
const INSPECTS_MAX: usize = 8;
/// Two samples make a rate: the second one comes this soon, and no service is asked about more often.
pub(super) const SAMPLE_SECOND: Duration = Duration::from_secs(3);
/// What the operator does not look at is asked about this often: a sample costs the engine about a second of waiting.
pub(super) const SAMPLE_REST: Duration = Duration::from_secs(60);
/// Samples that may be under way at once.
const SAMPLES_MAX: usize = 4;
/// Logs of sick services that may be read at once: each is one question, with an end.
const WORDS_MAX: usize = 4;
/// The longest sleep between two looks at what is due.
const NAP: Duration = Duration::from_secs(1);

impl Refresh {
    /// Checks `target` at once, whatever is due: in its containers, or as the engine does.
    pub(super) fn check_now(&mut self, target: &Target) {
        let Some(engine) = self.engine() else { return };
        let (local, timeout) = (engine.endpoint().is_local(), self.settings.timeout);
        for kind in target.kinds() {
            let id = ServiceId::new(&target.project, kind);
            let Some(watched) = self
                .services
                .get_mut(&id)
                .filter(|w| w.runs() && !w.checking)
            else {
                continue;
            };
            let Some((name, means)) = watched.name().zip(watched.means_now(local)) else {
                watched.inspect_again = true;
                continue;
            };
            watched.checking = true;
            let ask = round::ask(engine.clone(), id, name, means, timeout);
            self.work.push(ask.boxed());
        }
        self.list_due = Instant::now();
    }

    /// Where in the interval a service's checks fall, 0 to 1: neighbours are far apart.
    pub(super) fn phase(&self, id: &ServiceId) -> f64 {
        let position = self.services.keys().position(|key| key == id).unwrap_or(0);
        (position as f64 * 0.618_034).fract()
    }

    /// When to wake up at the latest.
    pub(super) fn next_due(&self) -> Instant {
        let now = Instant::now();
        let checks = self.services.values().filter(|w| w.runs() && !w.checking);
        let due = checks
            .map(|w| w.due)
            .chain([self.list_due, now + NAP])
            .chain(self.counters.due());
        // Never at once: what is due and still not asked waits for a free slot, whose answer wakes us.
        due.filter(|due| *due > now).min().unwrap_or(now + NAP)
    }

    /// Asks what is due, as far as there is room.
    pub(super) fn ask_what_is_due(&mut self) {
        let Some(engine) = self.engine() else { return };
        let now = Instant::now();
        if !self.listing && self.list_due <= now {
            self.listing = true;
            self.work
                .push(round::list(engine.clone(), self.lists_all()).boxed());
        }
        self.ask_inspects(&engine);
        self.ask_checks(&engine, now);
        self.ask_counters(&engine, now);
        self.ask_samples(&engine, now);
        self.ask_last_words(&engine, now);
    }

    fn ask_inspects(&mut self, engine: &Engine) {
        let running = self.services.values().filter(|w| w.inspecting).count();
        let running = running + self.compose.others.under_way();
        let due = self
            .services
            .iter_mut()
            .filter(|(_, w)| w.inspect_again && !w.inspecting);
        for (id, watched) in due.take(INSPECTS_MAX.saturating_sub(running)) {
            watched.inspect_again = false;
            let Some(name) = watched.name() else { continue };
            watched.inspecting = true;
            let ask = round::inspect(engine.clone(), id.clone(), name);
            self.work.push(ask.boxed());
        }
        let running = self.services.values().filter(|w| w.inspecting).count();
        let running = running + self.compose.others.under_way();
        for id in self
            .compose
            .others
            .due(INSPECTS_MAX.saturating_sub(running))
        {
            let ask = round::inspect_other(engine.clone(), id);
            self.work.push(ask.boxed());
        }
    }

    fn ask_checks(&mut self, engine: &Engine, now: Instant) {
        let (local, timeout) = (engine.endpoint().is_local(), self.settings.timeout);
        let mut running = self.services.values().filter(|w| w.checking).count();
        let mut hanging = self
            .services
            .values()
            .filter(|w| w.checking && w.hangs)
            .count();
        for (id, watched) in &mut self.services {
            watched.expire(local);
            let due = watched.runs() && !watched.checking && watched.due <= now;
            if !due || running >= CHECKS_MAX || (watched.hangs && hanging >= HANGING_MAX) {
                continue;
            }
            let Some((name, means)) = watched.name().zip(watched.means(local)) else {
                // Each look at its container tells.
                watched.due = now + RESYNC;
                continue;
            };
            running += 1;
            hanging += usize::from(watched.hangs);
            watched.checking = true;
            let ask = round::ask(engine.clone(), id.clone(), name, means, timeout);
            self.work.push(ask.boxed());
        }
    }

    fn ask_samples(&mut self, engine: &Engine, now: Instant) {
        let (local, pace) = (
            engine.endpoint().is_local(),
            self.settings.interval.max(SAMPLE_SECOND),
        );
        let looked_at = self.links.watched.borrow_and_update().clone();
        let mut running = self.services.values().filter(|w| w.sampling).count();
        for (id, watched) in &mut self.services {
            if *watched.counted_by(local) != Counted::Elsewhere {
                continue;
            }
            if looked_at.as_ref() == Some(&id.project) && watched.sample_due > now + pace {
                watched.sample_due = now;
            }
            let due = watched.runs() && !watched.sampling && watched.sample_due <= now;
            if !due || running >= SAMPLES_MAX {
                continue;
            }
            let Some(name) = watched.name() else { continue };
            running += 1;
            watched.sampling = true;
            self.work
                .push(round::sample(engine.clone(), id.clone(), name).boxed());
        }
    }

    /// Reads what sick services said last: when they turn red, and now and then while somebody looks at their project.
    fn ask_last_words(&mut self, engine: &Engine, now: Instant) {
        let looked_at = self.links.watched.borrow().clone();
        let mut running = self.services.values().filter(|w| w.words.asking()).count();
        for (id, watched) in &mut self.services {
            let is_red = watched.tracker.health().is_problem();
            let is_seen = looked_at.as_ref() == Some(&id.project);
            let is_due = watched.words.is_due(is_red, is_seen, now);
            let Some(name) = watched.name().filter(|_| is_due && running < WORDS_MAX) else {
                continue;
            };
            running += 1;
            watched.words.ask(now);
            let container = watched.container.as_ref();
            let masker = masker_of(&self.links.secrets, &id.project, container);
            let ask = round::last_words(engine.clone(), id.clone(), name, masker);
            self.work.push(ask.boxed());
        }
    }
}
