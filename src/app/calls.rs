//! Services that turned red: one message for all that did within a few seconds, and a call to an operator who looks
//! elsewhere, if that is wished.

use super::{Action, Effect, Model, keymap::Mode, toasts::Mood};
use crate::domain::{Call, ServiceId, State, alarm::Alarm};
use std::time::Duration;

/// Nobody is called more often: a host that goes down takes many services with it.
pub const PAUSE: Duration = Duration::from_secs(5);
/// Services that a message names; of others it says how many there are.
const NAMED_MAX: usize = 3;

/// Alarms that are not told yet.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    /// The first ones.
    named: Vec<Alarm>,
    /// Of all.
    count: usize,
    /// When the next message may be.
    free_at: Duration,
}

impl Calls {
    fn add(&mut self, alarm: Alarm) {
        self.count += 1;
        if self.named.len() < NAMED_MAX {
            self.named.push(alarm);
        }
    }

    /// When something is to be told.
    #[must_use]
    pub fn due(&self) -> Option<Duration> {
        (self.count > 0).then_some(self.free_at)
    }

    fn take(&mut self, up: Duration) -> Option<String> {
        self.due().filter(|due| *due <= up)?;
        let (named, count) = (std::mem::take(&mut self.named), self.count);
        (self.count, self.free_at) = (0, up + PAUSE);
        Some(words(&named, count))
    }
}

fn words(named: &[Alarm], count: usize) -> String {
    if let ([alarm], 1) = (named, count) {
        return format!("{} {}", name(&alarm.service), what(alarm.state));
    }
    let names: Vec<String> = named.iter().map(|alarm| name(&alarm.service)).collect();
    let more = match count.saturating_sub(names.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{count} services turned red: {}{more}", names.join(", "))
}

fn name(service: &ServiceId) -> String {
    format!("{} of {}", service.kind, service.project)
}

const fn what(state: State) -> &'static str {
    match state {
        State::Starting | State::Restarting => "ended unexpectedly and starts again",
        State::CrashLooping => "crashes again and again",
        State::Stopped => "ended unexpectedly",
        State::Missing => "has no container any more",
        State::Unhealthy => "is unhealthy",
        State::Healthy | State::Degraded | State::Unchecked | State::Absent | State::Unknown => {
            "is not well"
        }
    }
}

impl Model {
    /// A service turned red.
    pub(super) fn learn_alarm(&mut self, alarm: &Alarm) -> Vec<Effect> {
        self.calls.add(alarm.clone());
        self.call()
    }

    /// Tells what is due.
    pub(super) fn call(&mut self) -> Vec<Effect> {
        let Some(text) = self.calls.take(self.up) else {
            return Vec::new();
        };
        self.dirty = true;
        let key = self.keys.hint(Mode::List, Action::NextProblem);
        let next = key.map_or_else(String::new, |key| format!("; {key}: the next problem"));
        self.toasts.push_alarm(format!("{text}{next}"), self.up);
        match self.settings.call {
            Call::Off => Vec::new(),
            way => vec![Effect::Call(way, format!("cchub: {text}"))],
        }
    }

    /// Shows what a call looks or sounds like here.
    pub(super) fn test_call(&mut self) -> Vec<Effect> {
        let way = self.settings.call;
        let words = match way {
            Call::Off => {
                "calls are off; notify = \"bell\" or \"osc9\" under [ui] of the hub file turns them on"
            }
            Call::Bell => "the terminal was asked to ring its bell",
            Call::Osc9 => {
                "the terminal was asked to show a notification; some know none: try \"bell\""
            }
        };
        self.say(Mood::Info, words.to_owned());
        let text = "cchub: a test; this is what you get when a service turns red";
        match way {
            Call::Off => Vec::new(),
            way => vec![Effect::Call(way, text.to_owned())],
        }
    }
}
