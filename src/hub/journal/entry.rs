//! One line of the journal: what it holds and how it is written.

use super::Origin;
use crate::{
    domain::{LimitsChange, ProjectName, Safe, ServiceKind, Timestamp},
    hub::{Again, Failure, FailureKind, NewProject, Request},
};
use serde::{Deserialize, Serialize, Serializer};
use std::time::Duration;

/// One operation. Its first and its last line differ in result, message and duration only, so the last one can stand for
/// both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Names the operation: the same in both of its lines, in no other.
    pub id: Safe,
    /// When it began.
    #[serde(serialize_with = "to_the_millisecond")]
    pub time: Timestamp,
    /// The login name, as the environment says.
    pub user: Option<Safe>,
    /// The user id, as the kernel says.
    pub uid: u32,
    /// `SSH_CONNECTION`: address and port of either end.
    pub ssh: Option<Safe>,
    /// The program's process id.
    pub pid: u32,
    /// Where it was asked for.
    pub from: Origin,
    /// The project.
    pub project: ProjectName,
    /// One service of it; none: the whole project.
    pub service: Option<ServiceKind>,
    /// The verb and its parameters in short: `limits memory 300m`.
    pub what: Safe,
    /// How it ended.
    pub result: Outcome,
    /// That in one line; empty at the beginning.
    pub message: Safe,
    /// Milliseconds from beginning to end; none before the end.
    pub duration_ms: Option<u64>,
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It did not yet: the line that is written first.
    Begun,
    /// It did what was asked.
    Done,
    /// What was asked for is wrong or wants to be confirmed: nothing was sent.
    Refused,
    /// It was tried and did not work.
    Failed,
    /// The operator cancelled it, or the program was asked to end while it ran.
    Cancelled,
    /// A mistake in this program ended it.
    Panicked,
    /// Never written: how an operation without an end is shown, and a word of a newer version.
    #[serde(other)]
    Unknown,
}

impl Outcome {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Panicked => "panicked",
            Self::Unknown => "unknown",
        }
    }
}

/// The end of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// How it ended.
    pub result: Outcome,
    /// That in one line.
    pub message: Safe,
}

impl Ending {
    /// Nothing was tried.
    #[must_use]
    pub fn refused(failure: &Failure) -> Self {
        Self {
            result: Outcome::Refused,
            message: failure.message.clone(),
        }
    }

    /// It was dropped where it was.
    #[must_use]
    pub fn cancelled() -> Self {
        Self {
            result: Outcome::Cancelled,
            message: Safe::new("what was reached stays"),
        }
    }

    pub(super) fn panicked() -> Self {
        Self {
            result: Outcome::Panicked,
            message: Safe::new("a mistake in this program ended it"),
        }
    }
}

impl From<&Failure> for Ending {
    fn from(failure: &Failure) -> Self {
        let result = match failure.kind {
            FailureKind::Input | FailureKind::NeedsConfirm => Outcome::Refused,
            FailureKind::Engine | FailureKind::Operation => Outcome::Failed,
        };
        Self {
            result,
            message: failure.message.clone(),
        }
    }
}

impl From<&Result<Safe, Failure>> for Ending {
    fn from(outcome: &Result<Safe, Failure>) -> Self {
        match outcome {
            Err(failure) => failure.into(),
            Ok(message) => Self {
                result: Outcome::Done,
                message: message.clone(),
            },
        }
    }
}

impl Entry {
    /// The line, with its end.
    pub(super) fn to_line(&self) -> String {
        // Texts, numbers and words: there is nothing in it that JSON cannot hold.
        let text = serde_json::to_string(self).unwrap_or_default();
        text + "\n"
    }
}

fn to_the_millisecond<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&format_args!("{time:.3}"))
}

/// The verb and its parameters in short.
pub(in crate::hub) fn what(request: &Request) -> Safe {
    let mut words = vec![request.verb().as_str().to_owned()];
    match request {
        Request::Start(_) => {}
        Request::Stop { grace, .. } => words.extend(grace.map(grace_words)),
        Request::Restart { how, grace, .. } => {
            words.extend(how_word(*how).map(str::to_owned));
            words.extend(grace.map(grace_words));
        }
        Request::Limits {
            change, below_use, ..
        } => {
            words.extend(parts(change));
            words.extend(below_use.then(|| "below-use".to_owned()));
        }
        Request::ReapplyLimits { below_use, .. } => {
            words.push("reapply".to_owned());
            words.extend(below_use.then(|| "below-use".to_owned()));
        }
        Request::KeepLimits(_) => words.push("keep".to_owned()),
        Request::Import(_) => words.push("import".to_owned()),
        Request::Add(NewProject { path, images, .. }) => {
            words.push(path.display().to_string());
            let image = |(kind, image): &(ServiceKind, String)| format!("image {kind}={image}");
            words.extend(images.iter().map(image));
        }
        Request::Protect { on, .. } => words.extend((!on).then(|| "off".to_owned())),
        Request::Remove { data, .. } => words.extend(data.then(|| "data".to_owned())),
    }
    Safe::new(words.join(" "))
}

const fn how_word(how: Again) -> Option<&'static str> {
    match how {
        Again::InPlace => None,
        Again::WithDependants => Some("dependants"),
        Again::Anew => Some("recreate"),
    }
}

/// Last among the words: it changes how long something takes, not what is done.
fn grace_words(grace: Duration) -> String {
    format!("grace {}s", grace.as_secs())
}

fn parts(change: &LimitsChange) -> impl Iterator<Item = String> {
    let parts = [
        change.cpus.map(|cpus| format!("cpus {}", cpus.as_f64())),
        change
            .memory
            .map(|memory| format!("memory {}", memory.to_arg())),
        change.pids.map(|pids| format!("pids {pids}")),
    ];
    parts.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{Bytes, Cpus, ServiceId};

    #[test]
    fn what_is_asked_for_is_told_in_the_words_that_ask_for_it() {
        let shop: ProjectName = "shop".parse().unwrap();
        let limits = |change, below_use| Request::Limits {
            service: ServiceId::new(&shop, ServiceKind::Redis),
            change,
            below_use,
            seen: None,
        };
        let memory = |bytes| LimitsChange {
            memory: Some(Bytes(bytes)),
            ..LimitsChange::default()
        };
        let all = LimitsChange {
            cpus: Some(Cpus::millis(1500)),
            memory: Some(Bytes::mib(2048)),
            pids: Some(64),
        };
        for (request, words) in [
            (Request::stop(shop.clone()), "stop"),
            (
                Request::Stop {
                    target: shop.clone().into(),
                    grace: Some(Duration::from_secs(90)),
                },
                "stop grace 90s",
            ),
            (
                Request::Restart {
                    target: shop.clone().into(),
                    how: Again::Anew,
                    grace: None,
                },
                "restart recreate",
            ),
            (limits(memory(300 << 20), false), "limits memory 300m"),
            (limits(memory(6_291_457), false), "limits memory 6291457"),
            (
                limits(all, true),
                "limits cpus 1.5 memory 2g pids 64 below-use",
            ),
            (
                Request::ReapplyLimits {
                    service: ServiceId::new(&shop, ServiceKind::Redis),
                    below_use: false,
                },
                "limits reapply",
            ),
            (
                Request::KeepLimits(ServiceId::new(&shop, ServiceKind::Redis)),
                "limits keep",
            ),
            (
                Request::Add(NewProject {
                    name: shop.clone(),
                    path: "/srv/shop".into(),
                    images: vec![(ServiceKind::Redis, "r:1".to_owned())],
                }),
                "add /srv/shop image redis=r:1",
            ),
            (
                Request::Remove {
                    project: shop.clone(),
                    data: true,
                },
                "remove data",
            ),
        ] {
            assert_eq!(what(&request).as_str(), words);
        }
    }
}
