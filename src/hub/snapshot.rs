//! What is true now, asked once: for subcommands and whoever wants no stream of facts.

use super::{Failure, round, watched::Means};
use crate::{
    domain::{
        Container, Health, PerService, Phase, Sample, ServiceKind, Timestamp, Usage,
        health::{Check, Tracker},
    },
    engine::Engine,
    stack::{ProjectEntry, ServiceSpec, StackSpec},
};
use futures_util::future::join_all;
use std::time::Duration;

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

/// Checks all four services now, inside their containers, side by side.
///
/// # Errors
/// The engine's, if it cannot be asked at all; a service that fails its check is no error.
pub async fn check_project(
    engine: &Engine,
    entry: &ProjectEntry,
    timeout: Duration,
    slow: Duration,
) -> Result<PerService<ServiceSnapshot>, Failure> {
    let stack = StackSpec::resolve(entry)?;
    let all =
        ServiceKind::ALL.map(|kind| check_service(engine, &stack.services[kind], timeout, slow));
    gather(join_all(all).await)
}

/// Reads state, limits and use of all four services without checking them from inside.
///
/// # Errors
/// The engine's, if it cannot be asked at all.
pub async fn status_project(
    engine: &Engine,
    entry: &ProjectEntry,
    timeout: Duration,
    slow: Duration,
) -> Result<PerService<ServiceSnapshot>, Failure> {
    let mut snapshots = check_project(engine, entry, timeout, slow).await?;
    let samples = ServiceKind::ALL.map(|kind| sample(engine, snapshots[kind].container.as_ref()));
    let samples = join_all(samples).await;
    for (kind, usage) in ServiceKind::ALL.into_iter().zip(samples) {
        snapshots[kind].usage = usage;
    }
    Ok(snapshots)
}

fn gather(
    results: Vec<Result<ServiceSnapshot, Failure>>,
) -> Result<PerService<ServiceSnapshot>, Failure> {
    let all = results.into_iter().collect::<Result<Vec<_>, _>>()?;
    let all: [ServiceSnapshot; 4] = all
        .try_into()
        .map_err(|_wrong_length| Failure::operation("a service was not asked"))?;
    Ok(PerService(all))
}

async fn check_service(
    engine: &Engine,
    spec: &ServiceSpec,
    timeout: Duration,
    slow: Duration,
) -> Result<ServiceSnapshot, Failure> {
    let container = engine.inspect(&spec.container).await?;
    let mut tracker = Tracker::new(slow, spec.start_timeout);
    tracker.see_container(container.as_ref(), false, Timestamp::now());
    if container
        .as_ref()
        .is_some_and(|c| c.phase == Phase::Running)
    {
        let means = Means::Exec(spec.exec.clone());
        let check: Check = round::check(engine, &spec.container, &means, timeout).await;
        tracker.see_check(check, Timestamp::now());
    }
    let drifted =
        |c: &Container| c.spec_hash() != Some(spec.hash().as_str()) || c.limits() != spec.limits;
    tracker.set_drift(container.as_ref().is_some_and(drifted));
    Ok(ServiceSnapshot {
        health: tracker.health().clone(),
        container,
        usage: None,
    })
}

async fn sample(engine: &Engine, container: Option<&Container>) -> Option<Usage> {
    let container = container.filter(|c| c.phase == Phase::Running)?;
    let before: Option<Sample> = engine.sample(&container.id).await.ok().flatten();
    let now = engine.sample(&container.id).await.ok().flatten()?;
    Some(Usage::between(before.as_ref(), &now, now.memory))
}
