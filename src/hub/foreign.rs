//! Operations on projects that Compose made: their containers are started, stopped, restarted and limited where they are.
//! None is ever made, made anew or removed here: that is Compose's.

mod import;
mod limits;

pub(super) use import::not_composes;
pub use import::preview;

use super::{
    Again, Failure, Request,
    lifecycle::is_over,
    report::Reporter,
    retry::{Policy, retry},
};
use crate::{
    config::{Hub, HubFile},
    domain::{Phase, ProjectName, Safe, ServiceKind, Target},
    engine::{Engine, EngineError},
    stack::adopt::{self, Adopted, AdoptedContainer, AdoptedService},
};
use futures_util::future::try_join_all;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Pause between two looks at a container that is on its way up.
const PAUSE: Duration = Duration::from_millis(400);
/// What has no check of its own counts as up once it has run for so long.
const STEADY: Duration = Duration::from_secs(1);

/// Everything that an operation on a project of Compose's works with.
#[derive(Debug, Clone)]
pub(super) struct Foreign {
    pub(super) engine: Engine,
    pub(super) project: Adopted,
    pub(super) hub_file: HubFile,
    pub(super) report: Reporter,
    pub(super) policy: Policy,
    /// How long what is stopped has to end, where the operator says so.
    pub(super) grace: Option<Duration>,
}

/// The project of that name that Compose made, as the engine's list and the hub file tell it now.
pub(super) async fn find(
    engine: &Engine,
    hub: &Hub,
    name: &ProjectName,
) -> Result<Option<Adopted>, EngineError> {
    if !hub.settings.hub.adopt && !hub.imported.contains_key(name) {
        return Ok(None);
    }
    let list = engine.list_all().await?;
    let mut found = adopt::discover(&list, hub.projects.keys(), &hub.imported);
    Ok(found.projects.remove(name))
}

impl Foreign {
    /// Does what `request` says, if that can be done without making or removing anything.
    pub(super) async fn carry_out(&self, request: &Request) -> Result<Safe, Failure> {
        match request {
            Request::Start(target) => self.start(target).await,
            Request::Stop { target, .. } => self.stop(target).await,
            Request::Restart { how, .. } if *how == Again::Anew => Err(self.refuse_anew()),
            Request::Restart { target, how, .. } => self.restart(target, *how).await,
            Request::Limits {
                service,
                change,
                seen,
                below_use,
            } => {
                self.set_limits(service.kind, *change, *seen, *below_use)
                    .await
            }
            Request::ReapplyLimits { service, below_use } => {
                self.reapply_limits(service.kind, *below_use).await
            }
            Request::KeepLimits(service) => self.keep_limits(service.kind).await,
            Request::Import(_) => self.import().await,
            Request::Remove { data: false, .. } if self.project.entry.is_some() => self.forget(),
            Request::Remove { .. } | Request::Add(_) | Request::Protect { .. } => {
                Err(self.refuse_removal())
            }
        }
    }

    /// What Compose is called with, for next steps.
    fn compose(&self, words: &str) -> String {
        let folder = self.project.folder.as_ref();
        let place = folder.map_or_else(String::new, |f| format!(" in {}", f.display()));
        format!("`docker compose {words}`{place}")
    }

    fn refuse_anew(&self) -> Failure {
        let name = &self.project.name;
        let text = format!("{name} is Compose's: its containers are not made anew here");
        Failure::input(text).with_hint(self.compose("up -d --force-recreate"))
    }

    fn refuse_removal(&self) -> Failure {
        let name = &self.project.name;
        let text = format!("{name} is Compose's: it is not removed here");
        Failure::input(text).with_hint(self.compose("down"))
    }

    /// Takes it out of the hub file. Its containers stay as they are.
    fn forget(&self) -> Result<Safe, Failure> {
        let name = &self.project.name;
        self.hub_file.remove(name)?;
        let text = format!("{name} is out of the hub file; its containers stay as they are");
        Ok(Safe::new(text))
    }

    /// The services that are meant: one, or all in the order of a start, wave by wave.
    fn meant(&self, target: &Target) -> Result<Vec<Vec<&AdoptedService>>, Failure> {
        let waves = match target.service {
            Some(kind) => vec![vec![self.service(kind)?]],
            None => {
                let services = &self.project.services;
                let wave =
                    |wave: Vec<usize>| wave.iter().filter_map(|at| services.get(*at)).collect();
                self.project.waves().into_iter().map(wave).collect()
            }
        };
        let waves: Vec<Vec<&AdoptedService>> = waves;
        match waves
            .iter()
            .flatten()
            .any(|service| service.container().is_some())
        {
            true => Ok(waves),
            false => Err(self.nothing_there(target)),
        }
    }

    pub(super) fn service(&self, kind: ServiceKind) -> Result<&AdoptedService, Failure> {
        self.project.service(kind).ok_or_else(|| {
            let name = &self.project.name;
            let played: Vec<&str> = ServiceKind::ALL
                .into_iter()
                .filter(|kind| self.project.service(*kind).is_some())
                .map(ServiceKind::as_str)
                .collect();
            let text = format!("{name} has no {kind}: none of its containers plays that part");
            Failure::input(text).with_hint(format!("it has {}", played.join(", ")))
        })
    }

    fn nothing_there(&self, target: &Target) -> Failure {
        let text = format!("{target} has no container, and only Compose makes them");
        Failure::operation(text).with_hint(self.compose("up -d"))
    }

    /// Starts what does not run, in the order of Compose's labels; what is done and has only to be done once stays so.
    async fn start(&self, target: &Target) -> Result<Safe, Failure> {
        let waves = self.meant(target)?;
        self.report.expect_steps(waves.iter().flatten().count());
        let mut began = 0;
        for wave in &waves {
            let services = wave.iter().filter(|service| !self.is_errand(service));
            let done = try_join_all(services.map(|service| self.start_service(service)));
            began += done.await?.into_iter().sum::<usize>();
        }
        Ok(Safe::new(match began {
            0 => format!("{target} was running already"),
            _ => format!("{target} runs again; nothing was made anew"),
        }))
    }

    /// True for a migration and the like: others wait for its end, not for its service.
    fn is_errand(&self, service: &AdoptedService) -> bool {
        let needs = self.project.services.iter().flat_map(|other| &other.needs);
        let mut of_it = needs.filter(|need| need.service == service.service);
        service.kind.is_none() && of_it.any(|need| need.completed)
    }

    /// Starts the containers of a service that do not run; tells how many.
    async fn start_service(&self, service: &AdoptedService) -> Result<usize, Failure> {
        let what = &service.service;
        let asleep = service
            .containers
            .iter()
            .filter(|c| c.phase != Phase::Running);
        let asleep: Vec<&AdoptedContainer> = asleep.collect();
        for container in &asleep {
            self.report.say(format!("{what}: starting"));
            self.retried(what, || self.engine.start(&container.id))
                .await?;
            self.wait_until_up(service, container).await?;
        }
        self.report.step_done(format!("{what}: runs"));
        Ok(asleep.len())
    }

    /// Until its own check says that it is well, or, without one, until it has run for a moment.
    async fn wait_until_up(
        &self,
        service: &AdoptedService,
        container: &AdoptedContainer,
    ) -> Result<(), Failure> {
        let what = &service.service;
        let limit = service
            .kind
            .map_or(STEADY * 60, |kind| self.project.start_timeout(kind));
        let began = Instant::now();
        loop {
            sleep(PAUSE).await;
            let found = self
                .retried(what, || self.engine.inspect(&container.id))
                .await?;
            let found = found
                .ok_or_else(|| Failure::operation(format!("{what}: its container is gone")))?;
            let said = found.engine_health.as_ref().map(Safe::as_str);
            match (found.phase, said) {
                (phase, _) if is_over(phase) => {
                    let text = format!("{what} ended with exit code {}", found.exit_code);
                    let hint = "its log says why; the other containers stay as they are";
                    return Err(Failure::operation(text).with_hint(hint));
                }
                (Phase::Running, Some("healthy")) => return Ok(()),
                (Phase::Running, None) if began.elapsed() >= STEADY => return Ok(()),
                _ if began.elapsed() >= limit => {
                    let text = format!("{what} is not healthy after {} s", limit.as_secs());
                    return Err(
                        Failure::operation(text).with_hint("its own check says no: see its log")
                    );
                }
                _ => self
                    .report
                    .say(format!("{what}: waiting for its own check")),
            }
        }
    }

    /// Stops in the reverse order. Nothing is removed.
    async fn stop(&self, target: &Target) -> Result<Safe, Failure> {
        let waves = self.meant(target)?;
        self.report.expect_steps(waves.iter().flatten().count());
        self.stop_waves(&waves).await?;
        Ok(Safe::new(format!(
            "{target} is stopped; its containers are kept"
        )))
    }

    async fn stop_waves(&self, waves: &[Vec<&AdoptedService>]) -> Result<(), Failure> {
        for wave in waves.iter().rev() {
            try_join_all(wave.iter().map(|service| self.stop_service(service))).await?;
        }
        Ok(())
    }

    async fn stop_service(&self, service: &AdoptedService) -> Result<(), Failure> {
        let what = &service.service;
        let grace = self.grace_of(service);
        self.report.say(format!("{what}: stopping"));
        let awake = service.containers.iter().filter(|c| !is_over(c.phase));
        let stops = awake.map(|c| self.retried(what, || self.engine.stop(&c.id, grace)));
        try_join_all(stops).await?;
        self.report.step_done(format!("{what}: stopped"));
        Ok(())
    }

    fn grace_of(&self, service: &AdoptedService) -> Duration {
        self.grace.unwrap_or(self.project.stop_grace(service.kind))
    }

    /// Restarts the same containers: one service, with those that depend on it if that is meant; or all in order.
    async fn restart(&self, target: &Target, how: Again) -> Result<Safe, Failure> {
        let Some(kind) = target.service else {
            let waves = self.meant(target)?;
            self.report.expect_steps(2 * waves.iter().flatten().count());
            self.stop_waves(&waves).await?;
            // What was stopped a moment ago is in no list yet.
            let stopped = self.as_stopped();
            stopped.start(target).await?;
            return Ok(Safe::new(format!(
                "{target} is restarted; nothing was made anew"
            )));
        };
        self.meant(target)?;
        let mut services = vec![self.service(kind)?];
        if how == Again::WithDependants {
            services.extend(self.dependants(kind));
        }
        self.report.expect_steps(services.len());
        for service in &services {
            self.restart_service(service).await?;
        }
        let along = match services.len() {
            1 => String::new(),
            _ => format!(
                "; {} came along",
                names(services.get(1..).unwrap_or_default())
            ),
        };
        Ok(Safe::new(format!("{target} is restarted{along}")))
    }

    fn as_stopped(&self) -> Self {
        let mut stopped = self.clone();
        let containers = stopped
            .project
            .services
            .iter_mut()
            .flat_map(|s| &mut s.containers);
        containers.for_each(|container| container.phase = Phase::Exited);
        stopped
    }

    /// The parts that need `kind` and have a container that runs.
    fn dependants(&self, kind: ServiceKind) -> Vec<&AdoptedService> {
        let needs = self.project.project().needs();
        let waits = |other: &ServiceKind| needs.of(*other).any(|need| need == kind);
        let services = ServiceKind::ALL.into_iter().filter(waits);
        let services = services.filter_map(|kind| self.project.service(kind));
        let runs = |s: &&AdoptedService| s.container().is_some_and(|c| !is_over(c.phase));
        services.filter(runs).collect()
    }

    async fn restart_service(&self, service: &AdoptedService) -> Result<(), Failure> {
        let what = &service.service;
        for container in &service.containers {
            self.report.say(format!("{what}: restarting"));
            self.restart_once(service, container).await?;
            self.wait_until_up(service, container).await?;
        }
        self.report.step_done(format!("{what}: restarted"));
        Ok(())
    }

    /// Once also when answers get lost: a new start time tells that it happened.
    async fn restart_once(
        &self,
        service: &AdoptedService,
        container: &AdoptedContainer,
    ) -> Result<(), Failure> {
        let (what, grace) = (&service.service, self.grace_of(service));
        let started = || async {
            let found = self.engine.inspect(&container.id).await?;
            Ok::<_, EngineError>(found.and_then(|c| c.started_at))
        };
        let before = self.retried(what, started).await?;
        self.retried(what, || async {
            if started().await? > before {
                return Ok(());
            }
            self.engine.restart(&container.id, grace).await
        })
        .await
    }

    /// Runs a step under the retry rules.
    pub(super) async fn retried<T, F>(
        &self,
        what: &str,
        step: impl FnMut() -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, EngineError>>,
    {
        let failed = |attempt| self.report.attempt(what, &attempt);
        let outcome = retry(self.policy, failed, step).await;
        outcome.map_err(|error| Failure::from(error).about(what))
    }
}

fn names(services: &[&AdoptedService]) -> String {
    let names: Vec<&str> = services.iter().map(|s| s.service.as_str()).collect();
    names.join(" and ")
}
