//! What passes by itself: ages, spinners, messages that go away. Says when the clock must be looked at again, so that
//! nothing is drawn while nothing changes.

use super::{
    Model,
    fleet::{self, Verdict},
    logs::Stamps,
    pane::Tab,
};
use crate::{
    domain::{Timestamp, units::long_age},
    hub::EngineState,
};
use std::time::Duration;

/// One step of the spinner.
pub const SPIN: Duration = Duration::from_millis(125);
const SECOND: Duration = Duration::from_secs(1);

impl Model {
    /// Takes the time in; marks the model as changed only if something on the screen looks different now.
    pub(super) fn tick(&mut self, now: Timestamp, up: Duration) {
        let before = (now.as_second() != self.now.as_second()).then(|| self.timely());
        let spun = spin(up) != spin(self.up) && self.known.is_busy();
        self.now = now;
        self.up = up;
        self.dirty |= spun | self.toasts.expire(up);
        self.dirty |= before.is_some_and(|before| before != self.timely());
    }

    /// Everything on the screen that depends on the time, as text.
    fn timely(&self) -> Vec<String> {
        let mut all = vec![self.clock()];
        all.extend(self.banner());
        let rows = self.fleet.shown.iter().skip(self.fleet.offset);
        all.extend(rows.take(self.list_rows()).map(|name| self.age_of(name)));
        if self.tab == Tab::Why {
            all.extend(self.detail().into_iter().map(|line| line.text));
        }
        if self.tab == Tab::Timeline {
            let shown = self.visible_entries().into_iter();
            all.extend(shown.map(|shown| shown.age));
        }
        if self.shows_passed() {
            let rows = self.logs.visible().map(|shown| shown.row.at());
            let zone = &self.settings.zone;
            all.extend(rows.filter_map(|at| self.logs.moment(at, self.now, zone)));
        }
        all
    }

    /// True if lines of a log say how long ago they happened.
    fn shows_passed(&self) -> bool {
        self.tab == Tab::Logs && self.logs.stamps == Stamps::Relative
    }

    /// The time of day for the header.
    #[must_use]
    pub fn clock(&self) -> String {
        let zoned = self.now.to_zoned(self.settings.zone.clone());
        zoned.strftime("%H:%M").to_string()
    }

    /// Since when a project is what it is. A calm one in whole minutes: what is well should not move.
    #[must_use]
    pub fn age_of(&self, name: &crate::domain::ProjectName) -> String {
        let Some(row) = self.known.rows.get(name) else {
            return String::new();
        };
        let Some(since) = fleet::since(row) else {
            return String::new();
        };
        match fleet::worst(row) {
            Verdict::Ok | Verdict::Unchecked | Verdict::Stopped => {
                let seconds = self.now.duration_since(since).as_secs();
                crate::domain::units::age(seconds)
            }
            _ => long_age(since, self.now),
        }
    }

    /// The step of the spinner.
    #[must_use]
    pub fn spin(&self) -> usize {
        spin(self.up)
    }

    /// When time must be looked at again, at the latest, on the clock that [`super::Msg::Clock`] calls `up`.
    #[must_use]
    pub fn wake_at(&self) -> Duration {
        let to_second = 1_000 - self.now.subsec_millisecond().clamp(0, 999).unsigned_abs();
        let next_second = self.up + Duration::from_millis(u64::from(to_second));
        let ages = if self.shows_seconds() {
            next_second
        } else {
            self.up + SECOND * 10
        };
        let resting = (self.rests_at > self.up).then_some(self.rests_at);
        let spinning = self.known.is_busy().then(|| self.up + SPIN);
        // A search through what is there goes on at once, after keys and frames.
        let working = (self.tab == Tab::Logs && !self.logs.is_sifted()).then_some(self.up);
        [
            Some(ages),
            resting,
            spinning,
            self.toasts.next_end(),
            self.calls.due(),
            working,
        ]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(ages)
    }

    /// True if something younger than an hour may be on the screen, or a countdown.
    fn shows_seconds(&self) -> bool {
        let lost = matches!(self.known.engine, Some((EngineState::Lost { .. }, _)));
        lost || self.shows_passed() || (!self.fleet.shown.is_empty() && self.known.is_live())
    }
}

fn spin(up: Duration) -> usize {
    usize::try_from(up.as_millis() / SPIN.as_millis()).unwrap_or(0)
}
