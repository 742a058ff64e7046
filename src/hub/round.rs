//! The questions that the refresh asks, each as one future with an answer: it never waits for one before asking another.

use super::{gate::exec_verdict, last_lines::read_last_words, refresh::Count, subject::Means};
use crate::{
    domain::{
        Container, Safe, Sample, ServiceId, Timestamp,
        container::Summary,
        health::{CRASH_WINDOW, Check},
        log::{LastWord, Masker},
    },
    engine::{Engine, EngineError, PastEnd},
    probe,
    stack::spec::WireCheck,
};
use std::time::{Duration, Instant};

/// An answer.
#[derive(Debug)]
pub(super) enum Answer {
    /// The list of all containers, or of all of ours.
    Listed(Result<Vec<Summary>, EngineError>),
    /// One container.
    Inspected(ServiceId, Result<Option<Box<Container>>, EngineError>),
    /// One container of a Compose project that plays no part, by its id.
    Other(String, Result<Option<Box<Container>>, EngineError>),
    /// A check.
    Checked {
        service: ServiceId,
        check: Check,
        /// What was asked, and where.
        asked: Safe,
        /// It had to be cut off.
        hung: bool,
        /// Of an HTTP service that nobody has told us about: its `/health` is not known.
        root: bool,
    },
    /// A usage sample; `None` if it does not run.
    Sampled(ServiceId, Result<Option<Sample>, EngineError>),
    /// What a sick service said last; `None` if that cannot be read.
    LastWords(ServiceId, Option<Vec<LastWord>>),
    /// How a container ended again and again before anybody looked.
    Past(ServiceId, Vec<PastEnd>),
    /// What this machine's kernel counts.
    Counted(Count),
}

pub(super) async fn list(engine: Engine, all: bool) -> Answer {
    Answer::Listed(match all {
        true => engine.list_all().await,
        false => engine.list().await,
    })
}

pub(super) async fn inspect(engine: Engine, service: ServiceId, name: String) -> Answer {
    let container = engine.inspect(&name).await;
    Answer::Inspected(service, container.map(|c| c.map(Box::new)))
}

pub(super) async fn inspect_other(engine: Engine, id: String) -> Answer {
    let container = engine.inspect(&id).await;
    Answer::Other(id, container.map(|c| c.map(Box::new)))
}

pub(super) async fn sample(engine: Engine, service: ServiceId, name: String) -> Answer {
    let sample = engine.sample(&name).await;
    Answer::Sampled(service, sample)
}

pub(super) async fn last_words(
    engine: Engine,
    service: ServiceId,
    name: String,
    masker: Masker,
) -> Answer {
    let words = read_last_words(&engine, &service, &name, &masker).await;
    Answer::LastWords(service, words)
}

pub(super) async fn past(engine: Engine, service: ServiceId, id: String) -> Answer {
    let now = Timestamp::now();
    let ends = engine.past_ends(&id, now - CRASH_WINDOW, now).await;
    Answer::Past(service, ends)
}

pub(super) async fn ask(
    engine: Engine,
    service: ServiceId,
    name: String,
    means: Means,
    timeout: Duration,
) -> Answer {
    let asked = means.words();
    let (check, root) = match &means {
        Means::Wire(WireCheck::AnyHttp { root }, address) => {
            probe::check_any_http(*root, *address, timeout).await
        }
        means => (check(&engine, &name, means, timeout).await, false),
    };
    let hung = check.result.is_err() && check.latency >= timeout;
    Answer::Checked {
        service,
        check,
        asked,
        hung,
        root,
    }
}

/// One check of one service, by either means, bounded by `timeout`.
pub(super) async fn check(engine: &Engine, name: &str, means: &Means, timeout: Duration) -> Check {
    match means {
        Means::Wire(wire, address) => probe::check(wire, *address, timeout).await,
        Means::Exec(exec) => {
            let began = Instant::now();
            let result = match engine.exec(name, &exec.argv, timeout).await {
                Ok(outcome) => exec_verdict(exec, &outcome)
                    .map_err(Safe::from)
                    .map(Safe::from),
                Err(error) => Err(Safe::new(error.to_string())),
            };
            Check {
                latency: began.elapsed(),
                result,
            }
        }
    }
}
