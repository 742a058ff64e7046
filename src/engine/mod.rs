//! The only module that knows the engine's client library.
//!
//! An [`Engine`] is a way to one Docker Engine that has answered at least once. All its calls have a deadline of their
//! own, and every failure is an [`EngineError`] that says what it means for the caller.

mod answer;
#[doc(hidden)]
pub mod bench;
mod body;
mod chunks;
mod client;
mod containers;
mod convert;
pub mod endpoint;
pub mod error;
mod events;
mod exec;
mod frames;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod images;
mod lines;
mod networks;
mod progress;
mod sample;
mod session;
mod stamp;
mod streams;
mod volumes;
mod wire;

use crate::domain::{Bytes, Cpus, Safe, limits::Capacity};
use answer::Answer;
use client::{Client, PING, READ, Request};
use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

pub use containers::Created;
pub use endpoint::{Endpoint, Environment};
pub use error::{EngineError, ErrorClass};
pub use events::{ContainerEvent, EventAction, PastEnd, RunEnd};
pub use exec::ExecOutcome;
pub use images::ImageInfo;
pub use session::{SessionControl, SessionInput, SessionOutput, SessionWish};
pub use streams::LogQuery;
pub use volumes::{FILL_LABEL, VolumeFile};

/// The oldest API that this program speaks: Docker 20.10.
const API_MIN: (u32, u32) = (1, 41);

/// A Docker Engine that has answered. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    client: Client,
    endpoint: Endpoint,
    info: Arc<EngineInfo>,
}

/// What an engine says of itself when it is first reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineInfo {
    /// Its version: `20.10.24`.
    pub version: Safe,
    /// The newest API that it speaks: `1.41`.
    pub api: Safe,
    /// What its host has.
    pub host: Capacity,
    /// The folder with its data, on its host.
    pub data: Option<PathBuf>,
    /// What it cannot do and the operator should know, a sentence each.
    pub warnings: Vec<Safe>,
}

impl Engine {
    /// Reaches the engine and finds out what it speaks and what its host has.
    ///
    /// # Errors
    /// [`EngineError::Absent`] or [`EngineError::Denied`] if nobody can be talked to there, [`EngineError::TooOld`]
    /// below API 1.41, otherwise what went wrong with the first calls.
    pub async fn connect(endpoint: &Endpoint) -> Result<Self, EngineError> {
        let client = Client::new(endpoint).await?;
        client.within("ping", PING, client.docker.ping()).await?;
        let version = client
            .answer("version", READ, Request::get("/version"))
            .await?;
        let api = version.required("version", "/ApiVersion")?;
        check_api(&api)?;
        let mut info = EngineInfo {
            version: version.safe("/Version"),
            api: Safe::new(api),
            host: Capacity::UNKNOWN,
            data: None,
            warnings: tcp_warning(endpoint),
        };
        match client.answer("info", READ, Request::get("/info")).await {
            Ok(answer) => info.learn(&answer),
            // A proxy in front of the socket may forbid it; everything else works without.
            Err(EngineError::Refused { message, .. }) => info.warnings.push(Safe::new(format!(
                "CPUs and memory of the host are not known: {message}"
            ))),
            Err(error) => return Err(error),
        }
        Ok(Self {
            client,
            endpoint: endpoint.clone(),
            info: Arc::new(info),
        })
    }

    /// What the engine said of itself.
    #[must_use]
    pub fn info(&self) -> &EngineInfo {
        &self.info
    }

    /// Where it listens.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Asks for a sign of life and measures how long it takes.
    ///
    /// # Errors
    /// No answer within three seconds, or none at all.
    pub async fn ping(&self) -> Result<Duration, EngineError> {
        let began = Instant::now();
        self.client
            .within("ping", PING, self.client.docker.ping())
            .await?;
        Ok(began.elapsed())
    }
}

impl EngineInfo {
    fn learn(&mut self, answer: &Answer) {
        let cpus = answer.count("/NCPU").filter(|n| *n > 0);
        let memory = answer.count("/MemTotal").filter(|n| *n > 0);
        self.host = Capacity {
            cpus: cpus.map_or(self.host.cpus, |n| Cpus(n.saturating_mul(1_000_000_000))),
            memory: memory.map_or(self.host.memory, Bytes),
        };
        let data = answer.text("/DockerRootDir");
        self.data = (!data.is_empty()).then(|| PathBuf::from(data));
        self.warnings.extend(warnings(answer));
    }
}

fn check_api(api: &str) -> Result<(), EngineError> {
    let parts = api.split_once('.');
    let parsed = parts.and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    match parsed {
        Some(found) if found >= API_MIN => Ok(()),
        _ => Err(EngineError::TooOld {
            found: Safe::new(api),
        }),
    }
}

/// What the engine cannot do, from its answer to `/info`.
fn warnings(answer: &Answer) -> Vec<Safe> {
    let options = answer.words("/SecurityOptions");
    let has = |name: &str| options.iter().any(|option| option.contains(name));
    let lacks = |place: &str| answer.flag(place) == Some(false);
    let rootless = has("name=rootless");
    let ours = [
        (
            !has("name=seccomp"),
            "seccomp is off: containers may use every system call",
        ),
        (
            lacks("/MemoryLimit"),
            "the engine cannot enforce memory limits",
        ),
        (
            lacks("/CpuCfsQuota"),
            "the engine cannot enforce CPU limits",
        ),
        (
            lacks("/PidsLimit"),
            "the engine cannot enforce limits of processes",
        ),
        (
            rootless,
            "the engine runs rootless: limits count only with cgroup v2 delegation",
        ),
    ];
    let ours = ours
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, text)| Safe::from(text));
    let theirs = answer.words("/Warnings").into_iter();
    let theirs = theirs.map(|text| Safe::new(text.trim_start_matches("WARNING: ")));
    ours.chain(theirs).collect()
}

fn tcp_warning(endpoint: &Endpoint) -> Vec<Safe> {
    if endpoint.is_local() {
        return Vec::new();
    }
    vec![Safe::from(
        "the engine is reached over plain TCP: anyone on the way can read and change everything",
    )]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn p10_an_engine_below_1_41_is_too_old_and_any_newer_one_is_not() {
        for api in ["1.41", "1.50", "1.100", "2.0"] {
            assert!(check_api(api).is_ok(), "{api}");
        }
        for api in ["1.40", "1.9", "0.99", "", "new"] {
            assert!(check_api(api).is_err(), "{api}");
        }
        let error = check_api("1.40").unwrap_err().to_string();
        assert_eq!(
            error,
            "the engine speaks API 1.40; 1.41 (Docker 20.10) or newer is needed"
        );
    }

    #[test]
    fn what_the_engine_lacks_is_said() {
        let body = br#"{"SecurityOptions":["name=apparmor"],"MemoryLimit":false,"PidsLimit":true,"Warnings":["WARNING: No swap limit support"]}"#;
        let warnings = warnings(&Answer::parse("info", body).unwrap());
        let texts: Vec<_> = warnings.iter().map(Safe::as_str).collect();
        assert_eq!(
            texts,
            [
                "seccomp is off: containers may use every system call",
                "the engine cannot enforce memory limits",
                "No swap limit support"
            ]
        );
    }
}
