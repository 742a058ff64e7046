//! What is true now, asked once: for subcommands and whoever wants no stream of facts.

use super::{
    Failure,
    known::Known,
    last_lines::{masker_of, read_last_words},
    round,
    subject::Subject,
};
use crate::{
    config::HealthSettings,
    domain::{
        Container, Health, PerService, Phase, Sample, ServiceId, Timestamp, Usage,
        health::{Check, Tracker},
        log::LastWord,
        usage::Peaks,
    },
    engine::Engine,
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

impl ServiceSnapshot {
    /// What a project has that lacks the service.
    fn absent() -> Self {
        Self {
            container: None,
            health: Health::absent(),
            usage: None,
        }
    }
}

/// What is asked beside the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// Nothing else.
    Health,
    /// What each service uses: two samples, about two seconds.
    HealthAndUse,
}

/// Reads all `projects` now, some side by side, in their order; each service is checked inside its container, and one that
/// Compose made as its maker checks it or through its port: nothing is run there.
///
/// # Errors
/// The engine's, if it cannot be asked at all; a service that fails its check is no error.
pub async fn read(
    engine: &Engine,
    projects: &[Known],
    settings: &HealthSettings,
    ask: Ask,
) -> Result<Vec<PerService<ServiceSnapshot>>, Failure> {
    let projects = projects
        .iter()
        .map(|project| read_project(engine, project, settings, ask));
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
    project: &Known,
    settings: &HealthSettings,
    ask: Ask,
) -> Result<PerService<ServiceSnapshot>, Failure> {
    let subjects = project.subjects()?;
    let all = subjects.map(|subject| read_service(engine, subject, settings, ask));
    let all = join_all(all).await.into_iter();
    let all: Vec<_> = all.collect::<Result<_, Failure>>()?;
    let all: [ServiceSnapshot; 4] = all
        .try_into()
        .map_err(|_wrong_length| Failure::operation("a service was not asked"))?;
    Ok(PerService(all))
}

async fn read_service(
    engine: &Engine,
    subject: Option<Subject>,
    settings: &HealthSettings,
    ask: Ask,
) -> Result<ServiceSnapshot, Failure> {
    let Some(subject) = subject else {
        return Ok(ServiceSnapshot::absent());
    };
    let container = match &subject.container {
        Some(name) => engine.inspect(name).await?,
        None => None,
    };
    let mut tracker = Tracker::new(settings.slow, subject.start_timeout);
    tracker.see_container(container.as_ref(), false, Timestamp::now());
    if let Some(container) = container.as_ref().filter(|c| c.phase == Phase::Running) {
        ask_it(engine, &subject, container, settings, &mut tracker).await;
    }
    tracker.set_drift(container.as_ref().is_some_and(|c| subject.is_drift(c)));
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

/// Checks a service that runs; what nobody can ask is as the engine says.
async fn ask_it(
    engine: &Engine,
    subject: &Subject,
    container: &Container,
    settings: &HealthSettings,
    tracker: &mut Tracker,
) {
    let local = engine.endpoint().is_local();
    let Some(means) = subject.means_now(Some(container), local) else {
        tracker.see_engine_health(container.engine_health.as_ref(), Timestamp::now());
        return;
    };
    let name = subject.container.as_deref().unwrap_or(&container.id);
    let check: Check = round::check(engine, name, &means, settings.timeout).await;
    tracker.see_question(means.words());
    tracker.see_check(check, Timestamp::now());
}

async fn sample(engine: &Engine, container: Option<&Container>) -> Option<Usage> {
    let container = container.filter(|c| c.phase == Phase::Running)?;
    let before: Option<Sample> = engine.sample(&container.id).await.ok().flatten();
    let now = engine.sample(&container.id).await.ok().flatten()?;
    Some(Usage::between(before.as_ref(), &now, Peaks::default()))
}
