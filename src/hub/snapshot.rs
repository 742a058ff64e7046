//! What is true now, asked once: for subcommands and whoever wants no stream of facts.

use super::{
    Failure,
    last_lines::{masker_of, read_last_words},
    round,
    subject::Means,
};
use crate::{
    config::HealthSettings,
    domain::{
        Container, Health, PerService, Phase, Sample, ServiceId, ServiceKind, Timestamp, Usage,
        health::{Check, Tracker},
        log::LastWord,
        usage::Peaks,
    },
    engine::Engine,
    stack::{ProjectEntry, ServiceSpec, StackSpec},
};
use futures_util::{StreamExt, TryStreamExt, future::join_all, stream};
use std::path::Path;

/// Projects that are read side by side: each costs the engine four checks at once.
const PROJECTS_AT_ONCE: usize = 4;

/// Everything about one service, read once.
#[derive(Debug, Clone)]
pub struct ServiceSnapshot {
    /// Its container, if there is one.
    pub container: Option<Container>,
    /// The verdict.
    pub health: Health,
    /// What it uses, if it runs and was asked for.
    pub usage: Option<Usage>,
}

/// What is asked beside the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Nothing else.
    Health,
    /// What each service uses: two samples, about two seconds.
    HealthAndUse,
}

/// Reads all `entries` now, some side by side, in their order; each service is checked inside its container.
///
/// # Errors
/// The engine's, if it cannot be asked at all; a service that fails its check is no error.
pub async fn read(
    engine: &Engine,
    entries: &[ProjectEntry],
    settings: &HealthSettings,
    ask: Ask,
) -> Result<Vec<PerService<ServiceSnapshot>>, Failure> {
    let projects = entries
        .iter()
        .map(|entry| read_project(engine, entry, settings, ask));
    stream::iter(projects)
        .buffered(PROJECTS_AT_ONCE)
        .try_collect()
        .await
}

/// What a service that is not well said last, without secrets; nothing of one that is well or has no container.
pub async fn last_words(
    engine: &Engine,
    secrets: &Path,
    service: &ServiceId,
    snapshot: &ServiceSnapshot,
) -> Vec<LastWord> {
    let container = snapshot.container.as_ref();
    let Some(id) = container
        .map(|c| &c.id)
        .filter(|_| snapshot.health.is_problem())
    else {
        return Vec::new();
    };
    let masker = masker_of(secrets, &service.project, container);
    let words = read_last_words(engine, service, id, &masker).await;
    words.unwrap_or_default()
}

async fn read_project(
    engine: &Engine,
    entry: &ProjectEntry,
    settings: &HealthSettings,
    ask: Ask,
) -> Result<PerService<ServiceSnapshot>, Failure> {
    let stack = StackSpec::resolve(entry)?;
    let all =
        ServiceKind::ALL.map(|kind| read_service(engine, &stack.services[kind], settings, ask));
    let all = join_all(all).await.into_iter();
    let all: Vec<_> = all.collect::<Result<_, Failure>>()?;
    let all: [ServiceSnapshot; 4] = all
        .try_into()
        .map_err(|_wrong_length| Failure::operation("a service was not asked"))?;
    Ok(PerService(all))
}

async fn read_service(
    engine: &Engine,
    spec: &ServiceSpec,
    settings: &HealthSettings,
    ask: Ask,
) -> Result<ServiceSnapshot, Failure> {
    let container = engine.inspect(&spec.container).await?;
    let mut tracker = Tracker::new(settings.slow, spec.start_timeout);
    tracker.see_container(container.as_ref(), false, Timestamp::now());
    if container
        .as_ref()
        .is_some_and(|c| c.phase == Phase::Running)
    {
        let means = Means::Exec(spec.exec.clone());
        let check: Check = round::check(engine, &spec.container, &means, settings.timeout).await;
        tracker.see_question(means.words());
        tracker.see_check(check, Timestamp::now());
    }
    let drifted =
        |c: &Container| c.spec_hash() != Some(spec.hash().as_str()) || c.limits() != spec.limits;
    tracker.set_drift(container.as_ref().is_some_and(drifted));
    let usage = match ask {
        Ask::Health => None,
        Ask::HealthAndUse => sample(engine, container.as_ref()).await,
    };
    Ok(ServiceSnapshot {
        health: tracker.health().clone(),
        container,
        usage,
    })
}

async fn sample(engine: &Engine, container: Option<&Container>) -> Option<Usage> {
    let container = container.filter(|c| c.phase == Phase::Running)?;
    let before: Option<Sample> = engine.sample(&container.id).await.ok().flatten();
    let now = engine.sample(&container.id).await.ok().flatten()?;
    Some(Usage::between(before.as_ref(), &now, Peaks::default()))
}
