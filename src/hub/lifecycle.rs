//! Start, stop, restart of a project, and remove: the order of the steps. What a step does is in [`super::ensure`],
//! [`super::bring_up`] and [`super::gate`]; one service alone is in [`super::one_service`] and [`super::restart`].

use super::{
    Again, Failure,
    ensure::Ensured,
    report::Reporter,
    retry::{Policy, retry},
};
use crate::{
    config::HubFile,
    domain::{PerService, Phase, ProjectName, Safe, ServiceKind, container::Summary},
    engine::{Engine, EngineError, ErrorClass, ImageInfo},
    stack::{ProjectEntry, StackSpec, names, secrets::Secrets},
};
use futures_util::future::try_join_all;
use std::time::Duration;

/// Grace for a container whose service is not known any more.
const ORPHAN_GRACE: Duration = Duration::from_secs(10);

/// Everything one operation on one project works with.
#[derive(Debug, Clone)]
pub(super) struct Lifecycle {
    pub(super) engine: Engine,
    pub(super) entry: ProjectEntry,
    pub(super) hub_file: HubFile,
    pub(super) report: Reporter,
    pub(super) policy: Policy,
    /// How long what is stopped has to end, where the operator says so.
    pub(super) grace: Option<Duration>,
    /// In the names of what it makes for a moment: two operators do not meet there, and what an attempt left is known
    /// to the next one.
    pub(super) sign: u32,
}

/// What all four services share once it is there.
pub(super) struct Ground {
    pub(super) images: PerService<ImageInfo>,
    pub(super) network: String,
    pub(super) secrets: Secrets,
}

impl Lifecycle {
    /// Checks, makes what is missing, and starts in order, each wave gated on health.
    pub(super) async fn start(&self) -> Result<Safe, Failure> {
        self.report.expect_steps(2 + ServiceKind::ALL.len());
        self.check_folder()?;
        let stack = StackSpec::resolve(&self.entry)?;
        self.report.say("checking the ports");
        let kinds = &ServiceKind::ALL;
        self.check_ports(&stack, kinds).await?;
        self.report.step_done("folder and ports are fine");
        let ground = self.prepare(&stack).await?;
        self.report.step_done("images, network and data are there");
        let done = self.start_waves(&stack, &ground, kinds).await?;
        Ok(Safe::new(if done.iter().all(|(_, d)| *d == Ensured::Ran) {
            format!(
                "{} was running already; all four are healthy",
                self.entry.name
            )
        } else {
            format!("{} is up; all four are healthy", self.entry.name)
        }))
    }

    pub(super) async fn prepare(&self, stack: &StackSpec) -> Result<Ground, Failure> {
        self.remove_leftovers().await?;
        self.report.say("looking for the images");
        let images = self.ensure_images(stack).await?;
        let network = self.ensure_network(stack).await?;
        let secrets = self.ensure_data(stack).await?;
        Ok(Ground {
            images,
            network,
            secrets,
        })
    }

    /// Brings `kinds` up in order; gives what was done to each.
    pub(super) async fn start_waves(
        &self,
        stack: &StackSpec,
        ground: &Ground,
        kinds: &[ServiceKind],
    ) -> Result<Vec<(ServiceKind, Ensured)>, Failure> {
        let mut done = Vec::new();
        for wave in ServiceKind::WAVES {
            let meant = wave.iter().filter(|kind| kinds.contains(kind));
            let side_by_side = meant.map(|kind| async move {
                let done = self.bring_up(&stack.services[*kind], ground).await?;
                Ok::<_, Failure>((*kind, done))
            });
            done.extend(try_join_all(side_by_side).await?);
        }
        Ok(done)
    }

    /// Stops in reverse order and removes containers, network and secret volumes; data volumes stay.
    pub(super) async fn stop(&self) -> Result<Safe, Failure> {
        let containers = self.own_containers().await?;
        self.report.expect_steps(containers.len() + 1);
        for wave in ServiceKind::WAVES.iter().rev() {
            let in_wave = |c: &&Summary| c.service.is_some_and(|kind| wave.contains(&kind));
            let side_by_side = containers.iter().filter(in_wave);
            try_join_all(side_by_side.map(|c| self.stop_and_remove(c))).await?;
        }
        self.remove_leftovers().await?;
        self.remove_network().await?;
        self.remove_secret_volumes().await?;
        self.report.step_done("network removed");
        Ok(Safe::new(if containers.is_empty() {
            format!("{} was not running; its data is kept", self.entry.name)
        } else {
            format!("{} is stopped; its data is kept", self.entry.name)
        }))
    }

    /// Our service containers of this project, whatever state they are in.
    pub(super) async fn own_containers(&self) -> Result<Vec<Summary>, Failure> {
        let mine = |c: &Summary| c.project.as_ref() == Some(&self.entry.name);
        let mut all = self.list().await?;
        all.retain(|c| mine(c) && c.service.is_some());
        Ok(all)
    }

    async fn stop_and_remove(&self, container: &Summary) -> Result<(), Failure> {
        let what = container.service.map_or("container", ServiceKind::as_str);
        self.report.say(format!("{what}: stopping"));
        let grace = self.grace_of(container.service);
        self.retried(what, || self.stop_once(&container.id, grace))
            .await?;
        self.retried(what, || self.engine.remove(&container.id))
            .await?;
        self.report.step_done(format!("{what}: stopped"));
        Ok(())
    }

    /// Stops what may still run. What somebody else removed meanwhile is stopped, too.
    pub(super) async fn stop_once(&self, name: &str, grace: Duration) -> Result<(), EngineError> {
        let found = self.engine.inspect(name).await?;
        if found.is_none_or(|container| is_over(container.phase)) {
            return Ok(());
        }
        match self.engine.stop(name, grace).await {
            Err(error) if error.class() == ErrorClass::NotFound => Ok(()),
            outcome => outcome,
        }
    }

    /// How long a service has to end: what the operator says, else what its entry says.
    pub(super) fn grace_of(&self, kind: Option<ServiceKind>) -> Duration {
        let entry = kind.and_then(|kind| self.entry.services[kind].stop_grace);
        self.grace.or(entry).unwrap_or(ORPHAN_GRACE)
    }

    /// Removes what an interrupted operation left: containers that only filled a volume, and set-aside old ones
    /// whose successor is there.
    pub(super) async fn remove_leftovers(&self) -> Result<(), Failure> {
        let all = self.list().await?;
        let mine = all
            .iter()
            .filter(|c| c.project.as_ref() == Some(&self.entry.name));
        for container in mine {
            let expected = container
                .service
                .map(|kind| names::container(&self.entry.name, kind));
            match expected {
                Some(name) if name == container.name.as_str() => {}
                Some(name) if !all.iter().any(|c| c.name.as_str() == name) => {
                    self.report
                        .say(format!("{name}: taking back the one that was set aside"));
                    self.retried(&name, || self.engine.rename(&container.id, &name))
                        .await?;
                }
                _ => {
                    let what = container.name.as_str();
                    self.retried(what, || self.engine.remove(&container.id))
                        .await?;
                }
            }
        }
        Ok(())
    }

    async fn list(&self) -> Result<Vec<Summary>, Failure> {
        self.retried("list", || self.engine.list()).await
    }

    /// Runs a step under the retry rules; what failed and when it is tried again is reported as `what`.
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

    /// By its label: a network of somebody else that has our name stays.
    async fn remove_network(&self) -> Result<(), Failure> {
        self.retried("network", || async move {
            for network in self.engine.networks(&self.entry.name).await? {
                self.engine.remove_network(&network).await?;
            }
            Ok(())
        })
        .await
    }

    async fn remove_secret_volumes(&self) -> Result<(), Failure> {
        for kind in ServiceKind::ALL {
            self.remove_own_volume(&names::secrets_volume(&self.entry.name, kind))
                .await?;
        }
        Ok(())
    }

    /// A volume of somebody else that has our name stays.
    async fn remove_own_volume(&self, volume: &str) -> Result<(), Failure> {
        self.retried(volume, || async move {
            match self.engine.volume(volume).await? {
                Some(labels) if self.owns(&labels) => self.engine.remove_volume(volume).await,
                _ => Ok(()),
            }
        })
        .await
    }

    /// Stops, then forgets the project; with `data` also its volumes and secrets.
    pub(super) async fn remove(&self, data: bool) -> Result<Safe, Failure> {
        self.stop().await?;
        if data {
            for kind in ServiceKind::ALL {
                self.remove_own_volume(&names::data_volume(&self.entry.name, kind))
                    .await?;
            }
            Secrets::forget(&self.hub_file.secrets_dir(), &self.entry.name)?;
        }
        self.hub_file.remove(&self.entry.name)?;
        let name = &self.entry.name;
        Ok(Safe::new(if data {
            format!("{name} is forgotten and its data is deleted")
        } else {
            format!("{name} is forgotten; its data volumes and secrets are kept")
        }))
    }

    /// Stops all four in reverse order and starts them in order; their containers stay, unless they are to be made anew.
    pub(super) async fn restart_all(&self, how: Again) -> Result<Safe, Failure> {
        self.check_folder()?;
        let containers = self.own_containers().await?;
        if containers.is_empty() {
            return Err(nothing_to_restart(&self.entry.name));
        }
        let done = match how {
            Again::Anew => {
                self.stop().await?;
                "made anew"
            }
            Again::InPlace | Again::WithDependants => {
                self.stop_waves(&containers).await?;
                "restarted"
            }
        };
        self.start().await?;
        Ok(Safe::new(format!(
            "{} is {done}; all four are healthy",
            self.entry.name
        )))
    }

    async fn stop_waves(&self, containers: &[Summary]) -> Result<(), Failure> {
        for wave in ServiceKind::WAVES.iter().rev() {
            let in_wave = |c: &&Summary| c.service.is_some_and(|kind| wave.contains(&kind));
            let side_by_side = containers.iter().filter(in_wave);
            try_join_all(side_by_side.map(|c| self.stop_only(c))).await?;
        }
        Ok(())
    }

    pub(super) async fn stop_only(&self, container: &Summary) -> Result<(), Failure> {
        let what = container.service.map_or("container", ServiceKind::as_str);
        self.report.say(format!("{what}: stopping"));
        let grace = self.grace_of(container.service);
        self.retried(what, || self.stop_once(&container.id, grace))
            .await
    }
}

/// True if the process of a container in this phase has ended for good, or never began.
pub(super) fn is_over(phase: Phase) -> bool {
    matches!(
        phase,
        Phase::Created | Phase::Exited | Phase::Dead | Phase::Removing
    )
}

pub(super) fn nothing_to_restart(project: &ProjectName) -> Failure {
    Failure::operation(format!(
        "{project} does not run: there is nothing to restart"
    ))
    .with_hint(format!("`cchub-tui start {project}`"))
}

/// `backend and frontend`.
pub(super) fn listed(kinds: &[ServiceKind]) -> String {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
