//! Steps that make something be there, whatever was there before: images, network, secrets, volumes, containers. Each looks
//! before it acts, so it may be repeated after a time-out, a crash of this program or a cancel.

use super::{
    Failure, failure::StepError, lifecycle::Lifecycle, preflight::port_conflict, retry::retry,
};
use crate::{
    domain::{
        Container, PerService, Phase, Safe, ServiceKind,
        container::{LABEL_PROJECT, LABEL_SECRETS},
    },
    engine::{EngineError, ErrorClass, ImageInfo, VolumeFile},
    stack::{
        ServiceSpec, StackSpec, names,
        secrets::Secrets,
        spec::{ImageSource, Mount},
    },
};
use futures_util::{Stream, StreamExt, future::try_join_all};
use std::{collections::BTreeMap, pin::pin, time::Duration};

/// A container on its way out is waited for this often …
const REMOVAL_POLLS: u32 = 50;
/// … this long each time.
const REMOVAL_POLL: Duration = Duration::from_millis(200);
/// Another operator may make or remove a container between our look and our call: look again this often.
const RACES_MAX: u32 = 3;

/// Labels of a volume.
type Labels = BTreeMap<String, String>;

/// What was done so that a service runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ensured {
    /// It ran already.
    Ran,
    /// Its container was there and was started.
    Started,
    /// Its container was made and started.
    Created,
}

impl Lifecycle {
    /// Makes sure that all images are there; pulls and builds side by side.
    pub(super) async fn ensure_images(
        &self,
        stack: &StackSpec,
    ) -> Result<PerService<ImageInfo>, Failure> {
        let all = ServiceKind::ALL.map(|kind| self.ensure_image(&stack.services[kind]));
        let images = try_join_all(all).await?;
        let mut images = images.into_iter();
        Ok(PerService::from_fn(|_| images.next().unwrap_or_default()))
    }

    pub(super) async fn ensure_image(&self, spec: &ServiceSpec) -> Result<ImageInfo, Failure> {
        let reference = spec.image.reference();
        if let Some(image) = self
            .retried(reference, || self.engine.image(reference))
            .await?
        {
            return Ok(image);
        }
        match &spec.image {
            ImageSource::Ready(reference) => self.pull(spec, reference).await?,
            ImageSource::Built(recipe) => {
                let lines = self.engine.build(recipe, &spec.id.project);
                self.tell(spec, "building", lines)
                    .await
                    .map_err(|error| not_built(spec, error))?;
            }
        }
        let image = self
            .retried(reference, || self.engine.image(reference))
            .await?;
        image.ok_or_else(|| Failure::operation(format!("image {reference} is still not there")))
    }

    async fn pull(&self, spec: &ServiceSpec, reference: &str) -> Result<(), Failure> {
        let what = format!("{}: pull", spec.id.kind);
        let failed = |attempt| self.report.attempt(&what, &attempt);
        let pulled = retry(self.policy.for_pulls(), failed, || {
            self.tell(spec, "pulling", self.engine.pull(reference))
        });
        pulled
            .await
            .map_err(|error| not_pulled(spec, reference, &error))
    }

    /// Reports the lines of a pull or a build until it ends.
    async fn tell(
        &self,
        spec: &ServiceSpec,
        doing: &str,
        lines: impl Stream<Item = Result<Safe, EngineError>>,
    ) -> Result<(), EngineError> {
        let mut lines = pin!(lines);
        while let Some(line) = lines.next().await {
            self.report
                .say(format!("{}: {doing}: {}", spec.id.kind, line?));
        }
        Ok(())
    }

    /// Makes sure that the project's network is there; gives its id.
    pub(super) async fn ensure_network(&self, stack: &StackSpec) -> Result<String, Failure> {
        self.retried("network", || {
            self.engine.ensure_network(&stack.network, &stack.project)
        })
        .await
    }

    /// Makes sure that secrets exist and fit the data that is there, then that the data volumes are.
    pub(super) async fn ensure_data(&self, stack: &StackSpec) -> Result<Secrets, Failure> {
        let folder = self.hub_file.secrets_dir();
        let mut secrets = None;
        for volume in stack.services.0.iter().flat_map(data_volumes) {
            let found = self.retried(volume, || self.engine.volume(volume)).await?;
            if let Some(labels) = &found {
                self.refuse_foreign_volume(volume, labels)?;
            }
            let secrets = match &secrets {
                Some(known) => known,
                None => secrets.insert(self.secrets_for(volume, found.as_ref())?),
            };
            if found.is_none() {
                self.ensure_volume(volume, secrets).await?;
            }
        }
        secrets.map_or_else(|| Ok(Secrets::ensure(&folder, &stack.project)?), Ok)
    }

    /// The secrets that `volume`'s data was made with; new ones only if there is no such volume yet.
    fn secrets_for(&self, volume: &str, found: Option<&Labels>) -> Result<Secrets, Failure> {
        let (folder, project) = (self.hub_file.secrets_dir(), &self.entry.name);
        let Some(labels) = found else {
            return Ok(Secrets::ensure(&folder, project)?);
        };
        let secrets = Secrets::load(&folder, project)?;
        let label = labels.get(LABEL_SECRETS).map(String::as_str);
        secrets
            .filter(|secrets| secrets.matches(label))
            .ok_or_else(|| lost_secrets(volume, &folder, project.as_str()))
    }

    /// True if these are the labels of something of this project.
    pub(super) fn owns(&self, labels: &Labels) -> bool {
        labels.get(LABEL_PROJECT).map(String::as_str) == Some(self.entry.name.as_str())
    }

    fn refuse_foreign_volume(&self, volume: &str, labels: &Labels) -> Result<(), Failure> {
        if self.owns(labels) {
            return Ok(());
        }
        Err(Failure::operation(format!(
            "volume {volume} exists and is not this program's: it is left alone"
        ))
        .with_hint("remove it by hand if nobody needs it (`docker volume rm`), then start again"))
    }

    async fn ensure_volume(&self, volume: &str, secrets: &Secrets) -> Result<(), Failure> {
        let labels = BTreeMap::from([
            (LABEL_PROJECT.to_owned(), self.entry.name.to_string()),
            (LABEL_SECRETS.to_owned(), secrets.id().to_owned()),
        ]);
        let labels = &labels;
        let made = self.retried(volume, || async move {
            if let Some(found) = self.engine.volume(volume).await? {
                return Ok(found);
            }
            // If another operator was faster, it is marked with their secrets.
            self.engine.create_volume(volume, labels).await
        });
        let made = made.await?;
        self.refuse_foreign_volume(volume, &made)?;
        self.refuse_other_secrets(volume, &made, secrets)
    }

    fn refuse_other_secrets(
        &self,
        volume: &str,
        labels: &Labels,
        secrets: &Secrets,
    ) -> Result<(), Failure> {
        if secrets.matches(labels.get(LABEL_SECRETS).map(String::as_str)) {
            return Ok(());
        }
        let folder = self.hub_file.secrets_dir();
        Err(lost_secrets(volume, &folder, self.entry.name.as_str()))
    }

    /// Makes sure that the service's process runs, from the right spec.
    pub(super) async fn ensure_running(
        &self,
        spec: &ServiceSpec,
        image: &ImageInfo,
        network: &str,
        secrets: &Secrets,
    ) -> Result<Ensured, Failure> {
        let failed = |attempt| self.report.attempt(spec.id.kind, &attempt);
        let mut races = 0;
        loop {
            let step = retry(self.policy, failed, || {
                self.run_once(spec, image, network, secrets)
            });
            match step.await {
                // Somebody made or removed it between our look and our call: look again.
                Err(StepError::Engine(error)) if is_race(&error) && races < RACES_MAX => {
                    races += 1;
                }
                outcome => return outcome.map_err(|error| Failure::from(error).about(&spec.id)),
            }
        }
    }

    async fn run_once(
        &self,
        spec: &ServiceSpec,
        image: &ImageInfo,
        network: &str,
        secrets: &Secrets,
    ) -> Result<Ensured, StepError> {
        let existing = self.engine.inspect(&spec.container).await?;
        if let Some(container) = &existing {
            self.refuse_foreign(spec, container)?;
            match container.phase {
                Phase::Running | Phase::Restarting => return Ok(Ensured::Ran),
                Phase::Paused => return Err(paused(spec).into()),
                Phase::Removing => self.wait_removed(spec).await?,
                Phase::Created | Phase::Exited
                    if is_same(spec, container) && self.bring_limits(spec, container).await? =>
                {
                    match self.start_container(spec).await {
                        // A container knows its network by an id that does not come back.
                        Err(StepError::Engine(error)) if is_network_gone(&error) => {
                            self.engine.remove(&spec.container).await?;
                        }
                        outcome => return outcome.map(|()| Ensured::Started),
                    }
                }
                _ => self.engine.remove(&spec.container).await?,
            }
        }
        self.create_container(spec, image, network, secrets).await?;
        self.start_container(spec).await?;
        Ok(Ensured::Created)
    }

    /// Makes the container; its secrets volume is filled first.
    pub(super) async fn create_container(
        &self,
        spec: &ServiceSpec,
        image: &ImageInfo,
        network: &str,
        secrets: &Secrets,
    ) -> Result<(), StepError> {
        self.report.say(format!("{}: creating", spec.id.kind));
        self.fill_secrets(spec, secrets).await?;
        let created = self
            .engine
            .create(spec, image, network, &spec.hash())
            .await?;
        for warning in created.warnings {
            self.report
                .say(format!("{}: the engine warns: {warning}", spec.id.kind));
        }
        Ok(())
    }

    async fn fill_secrets(&self, spec: &ServiceSpec, secrets: &Secrets) -> Result<(), StepError> {
        let Some(volume) = secrets_volume(spec) else {
            return Ok(());
        };
        match self.engine.volume(volume).await? {
            Some(labels) => self.refuse_foreign_volume(volume, &labels)?,
            None => {
                let project = spec.id.project.to_string();
                let labels = BTreeMap::from([(LABEL_PROJECT.to_owned(), project)]);
                self.engine.create_volume(volume, &labels).await?;
            }
        }
        let (uid, gid) = owner(&spec.user);
        let files: Vec<_> = spec
            .secret_files
            .iter()
            .map(|file| VolumeFile {
                name: file.name.clone(),
                bytes: secrets.value(file.content),
                uid,
                gid,
                mode: 0o400,
            })
            .collect();
        let image = spec.image.reference();
        let helper = names::helper(&spec.id.project, spec.id.kind, self.sign);
        Ok(self
            .engine
            .fill_volume(volume, &helper, image, &spec.id.project, &files)
            .await?)
    }

    pub(super) async fn start_container(&self, spec: &ServiceSpec) -> Result<(), StepError> {
        self.report.say(format!("{}: starting", spec.id.kind));
        match self.engine.start(&spec.container).await {
            Err(error) if is_port_taken(&error) => {
                // The engine leaves a container that never ran; what is not there cannot confuse the next start.
                self.engine.remove(&spec.container).await?;
                Err(port_conflict(spec, &error).into())
            }
            Err(error) if is_network_ambiguous(&error) => {
                // What a killed program asked for was made after we had looked.
                let network = names::network(&spec.id.project);
                self.engine
                    .ensure_network(&network, &spec.id.project)
                    .await?;
                Ok(self.engine.start(&spec.container).await?)
            }
            outcome => Ok(outcome?),
        }
    }

    pub(super) fn refuse_foreign(
        &self,
        spec: &ServiceSpec,
        container: &Container,
    ) -> Result<(), Failure> {
        if container.belongs_to(&spec.id.project, spec.id.kind) {
            return Ok(());
        }
        Err(Failure::operation(format!(
            "container {} exists and is not this program's: it is left alone",
            spec.container
        ))
        .with_hint("rename or remove it by hand, then start again"))
    }

    async fn wait_removed(&self, spec: &ServiceSpec) -> Result<(), StepError> {
        for _ in 0..REMOVAL_POLLS {
            if self.engine.inspect(&spec.container).await?.is_none() {
                return Ok(());
            }
            tokio::time::sleep(REMOVAL_POLL).await;
        }
        Err(Failure::operation(format!(
            "{} is still being removed by the engine",
            spec.container
        ))
        .into())
    }
}

/// True if `container` was made from `spec`; its limits may be others.
pub(super) fn is_same(spec: &ServiceSpec, container: &Container) -> bool {
    container.spec_hash() == Some(spec.hash().as_str())
}

fn data_volumes(spec: &ServiceSpec) -> impl Iterator<Item = &str> {
    spec.mounts.iter().filter_map(|mount| match mount {
        Mount::Data { volume, .. } => Some(volume.as_str()),
        Mount::Secrets { .. } | Mount::Bind { .. } => None,
    })
}

pub(super) fn secrets_volume(spec: &ServiceSpec) -> Option<&str> {
    spec.mounts.iter().find_map(|mount| match mount {
        Mount::Secrets { volume, .. } => Some(volume.as_str()),
        Mount::Data { .. } | Mount::Bind { .. } => None,
    })
}

fn owner(user: &str) -> (u32, u32) {
    let (uid, gid) = user.split_once(':').unwrap_or((user, user));
    let uid = uid.parse().unwrap_or_default();
    (uid, gid.parse().unwrap_or(uid))
}

/// A name that is taken by now, or a container that is gone: a start on another machine takes our helper for what an
/// interrupted one left.
fn is_race(error: &EngineError) -> bool {
    match error {
        EngineError::Refused { code: 409, message } => message.contains("already in use"),
        EngineError::Refused { code: 404, message } => message.contains("No such container"),
        _ => false,
    }
}

/// Status 500 is the engine's for a port that somebody else has; a 409 is about the container itself.
fn is_port_taken(error: &EngineError) -> bool {
    matches!(error, EngineError::Refused { code: 500, .. }) && error.class() == ErrorClass::Conflict
}

/// The engine's words when it has several networks of one name.
fn is_network_ambiguous(error: &EngineError) -> bool {
    matches!(error, EngineError::Refused { message, .. } if message.contains("is ambiguous"))
}

/// The engine's words when a container's network was removed.
fn is_network_gone(error: &EngineError) -> bool {
    let words = |message: &str| message.contains("network") && message.contains("not found");
    matches!(error, EngineError::Refused { code: 404, message } if words(message.as_str()))
}

fn paused(spec: &ServiceSpec) -> Failure {
    Failure::operation(format!("{} is paused: somebody froze it", spec.id)).with_hint(format!(
        "`docker unpause {}`, or stop the project",
        spec.container
    ))
}

fn not_built(spec: &ServiceSpec, error: EngineError) -> Failure {
    let failure = Failure::from(error);
    let failure = failure.about(format!("the image of {} cannot be built", spec.id));
    failure.with_hint(format!(
        "mend the build, or name a ready image: image = \"…\" under [projects.{}.services.{}]",
        spec.id.project, spec.id.kind
    ))
}

fn not_pulled(spec: &ServiceSpec, reference: &str, error: &EngineError) -> Failure {
    Failure::operation(format!(
        "image {reference} for {} is not here and cannot be pulled: {error}",
        spec.id
    ))
    .with_hint(format!(
        "`docker pull {reference}`, or name another: image = \"…\" under [projects.{}.services.{}]",
        spec.id.project, spec.id.kind
    ))
}

fn lost_secrets(volume: &str, folder: &std::path::Path, project: &str) -> Failure {
    let file = folder.join(format!("{project}.toml"));
    Failure::operation(format!(
        "volume {volume} holds data that was made with another password than the one in {}: nothing was changed",
        file.display()
    ))
    .with_hint(format!(
        "bring that file back, use the hub of the operator who made the data, or give the data up with `cchub-tui project remove {project} --data`"
    ))
}
