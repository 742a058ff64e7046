//! Containers: list, inspect, make, start, stop, restart, remove, rename, limits read back, samples, files.

use super::{
    Engine, EngineError, ImageInfo,
    answer::listed,
    body::create_body,
    client::{CHANGE, READ, Request, STOP_EXTRA, UPLOAD, encoded, filters},
    convert, sample,
};
use crate::{
    domain::{
        Container, Limits, LimitsChange, Safe, Sample,
        container::{LABEL_PROJECT, Summary},
    },
    stack::ServiceSpec,
};
use bollard::{
    models::{ContainerCreateBody, ContainerUpdateBody},
    query_parameters::{
        CreateContainerOptionsBuilder, RemoveContainerOptionsBuilder,
        RenameContainerOptionsBuilder, RestartContainerOptionsBuilder, StartContainerOptions,
        StopContainerOptionsBuilder, UploadToContainerOptionsBuilder,
    },
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often a container on its way out is looked at.
const GONE_POLL: Duration = Duration::from_millis(200);

/// A container that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The engine's id.
    pub id: String,
    /// What the engine left out or finds odd: limits that it discards, for one.
    pub warnings: Vec<Safe>,
}

impl Engine {
    /// All containers with our project label, whatever they are doing (`GET /containers/json`).
    ///
    /// # Errors
    /// The engine cannot be reached, or refuses.
    pub async fn list(&self) -> Result<Vec<Summary>, EngineError> {
        let ours = filters(&[("label", &[LABEL_PROJECT])]);
        self.summaries(&format!("&{ours}")).await
    }

    /// All containers of the engine, whoever made them.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn list_all(&self) -> Result<Vec<Summary>, EngineError> {
        self.summaries("").await
    }

    async fn summaries(&self, filter: &str) -> Result<Vec<Summary>, EngineError> {
        let request = Request::get(format!("/containers/json?all=true{filter}"));
        let answer = self.client.answer("list containers", READ, request).await?;
        let rows = listed("list containers", &answer, "")?;
        Ok(rows.iter().filter_map(convert::summary).collect())
    }

    /// Everything about one container, by name or id; `None` if there is none.
    ///
    /// # Errors
    /// The engine cannot be reached, refuses, or answers without an id and a state.
    pub async fn inspect(&self, name: &str) -> Result<Option<Container>, EngineError> {
        const CALL: &str = "inspect container";
        let target = format!("/containers/{}/json", encoded(name));
        let Some(answer) = self.client.find(CALL, target).await? else {
            return Ok(None);
        };
        answer.required(CALL, "/Id")?;
        answer.required(CALL, "/State/Status")?;
        Ok(Some(convert::container(&answer)))
    }

    /// Makes the container of `spec` on `network` (name or id) without starting it. `hash` is the spec's hash.
    ///
    /// # Errors
    /// Conflict: the name is taken. Not found: the image is not there. Otherwise what the engine refuses.
    pub async fn create(
        &self,
        spec: &ServiceSpec,
        image: &ImageInfo,
        network: &str,
        hash: &str,
    ) -> Result<Created, EngineError> {
        let body = create_body(spec, image, network, hash);
        self.create_from(&spec.container, body).await
    }

    pub(super) async fn create_from(
        &self,
        name: &str,
        body: ContainerCreateBody,
    ) -> Result<Created, EngineError> {
        let options = CreateContainerOptionsBuilder::new().name(name).build();
        let docker = &self.client.docker;
        let work = Box::pin(docker.create_container(Some(options), body));
        let made = self.client.within("create container", CHANGE, work).await?;
        Ok(Created {
            id: made.id,
            warnings: made.warnings.into_iter().map(Safe::new).collect(),
        })
    }

    /// Starts a container; one that runs stays as it is.
    ///
    /// # Errors
    /// Conflict: a port is taken (the container stays, never started). Otherwise what the engine says.
    pub async fn start(&self, name: &str) -> Result<(), EngineError> {
        let docker = &self.client.docker;
        let work = docker.start_container(name, None::<StartContainerOptions>);
        self.client.within("start container", CHANGE, work).await
    }

    /// Stops a container: asks it, and kills it after `grace`. One that does not run stays as it is.
    ///
    /// # Errors
    /// Not found, or what the engine says.
    pub async fn stop(&self, name: &str, grace: Duration) -> Result<(), EngineError> {
        let options = StopContainerOptionsBuilder::new().t(seconds(grace)).build();
        let work = self.client.docker.stop_container(name, Some(options));
        self.client
            .within("stop container", grace.saturating_add(STOP_EXTRA), work)
            .await
    }

    /// Restarts a container: it keeps id, logs, volumes and limits.
    ///
    /// # Errors
    /// As [`Self::stop`] and [`Self::start`].
    pub async fn restart(&self, name: &str, grace: Duration) -> Result<(), EngineError> {
        let options = RestartContainerOptionsBuilder::new()
            .t(seconds(grace))
            .build();
        let work = self.client.docker.restart_container(name, Some(options));
        self.client
            .within("restart container", grace.saturating_add(STOP_EXTRA), work)
            .await
    }

    /// Removes a container, running or not, and its anonymous volumes; waits until it is gone.
    ///
    /// # Errors
    /// It is not gone after 30 s, or what the engine says. That it was not there is none.
    pub async fn remove(&self, name: &str) -> Result<(), EngineError> {
        let options = RemoveContainerOptionsBuilder::new()
            .force(true)
            .v(true)
            .build();
        let work = self.client.docker.remove_container(name, Some(options));
        match self.client.within("remove container", CHANGE, work).await {
            Err(EngineError::Refused { code: 404, .. }) => Ok(()),
            Err(EngineError::Refused { code: 409, message }) if message.contains("in progress") => {
                self.wait_until_gone(name).await
            }
            other => other,
        }
    }

    async fn wait_until_gone(&self, name: &str) -> Result<(), EngineError> {
        let end = Instant::now() + CHANGE;
        while self.inspect(name).await?.is_some() {
            if Instant::now() >= end {
                let (call, after) = ("remove container", CHANGE);
                return Err(EngineError::TimedOut { call, after });
            }
            sleep(GONE_POLL).await;
        }
        Ok(())
    }

    /// Gives a container another name.
    ///
    /// # Errors
    /// Conflict: the name is taken. Not found.
    pub async fn rename(&self, from: &str, to: &str) -> Result<(), EngineError> {
        let options = RenameContainerOptionsBuilder::new().name(to).build();
        let work = self.client.docker.rename_container(from, options);
        self.client.within("rename container", CHANGE, work).await
    }

    /// Changes limits of a container while it runs, and reads back what is in force afterwards: the engine says yes to
    /// some changes that it ignores.
    ///
    /// # Errors
    /// Not found, or the engine's reason; the old limits then stand.
    pub async fn update_limits(&self, name: &str, limits: Limits) -> Result<Limits, EngineError> {
        let change = LimitsChange {
            cpus: Some(limits.cpus),
            memory: Some(limits.memory),
            pids: Some(limits.pids),
        };
        self.change_limits(name, change).await
    }

    /// The same for some of them; the others are not sent, and stay whatever they are.
    ///
    /// # Errors
    /// As [`Self::update_limits`].
    pub async fn change_limits(
        &self,
        name: &str,
        change: LimitsChange,
    ) -> Result<Limits, EngineError> {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let memory = change.memory.map(|memory| number(memory.0));
        let body = ContainerUpdateBody {
            memory,
            // Together, or the engine refuses memory above the old swap limit.
            memory_swap: memory,
            nano_cpus: change.cpus.map(|cpus| number(cpus.0)),
            pids_limit: change.pids.map(i64::from),
            ..ContainerUpdateBody::default()
        };
        let work = Box::pin(self.client.docker.update_container(name, body));
        self.client.within("update limits", CHANGE, work).await?;
        let now = self.inspect(name).await?;
        let gone = || {
            EngineError::refused(
                404,
                &format!("{name} went away while its limits were changed"),
            )
        };
        now.map(|container| container.limits()).ok_or_else(gone)
    }

    /// Reads the counters of a running container once; `None` if it does not run or is not there. Takes about a second.
    ///
    /// # Errors
    /// The engine cannot be reached, or refuses.
    pub async fn sample(&self, name: &str) -> Result<Option<Sample>, EngineError> {
        let target = format!(
            "/containers/{}/stats?stream=false&one-shot=true",
            encoded(name)
        );
        let answer = self.client.find("read usage", target).await?;
        Ok(answer.as_ref().and_then(sample::sample))
    }

    /// Unpacks `tar` at `path` in a container, running or not.
    ///
    /// # Errors
    /// Not found: the container or the path is not there. Otherwise what the engine says.
    pub async fn upload(&self, name: &str, path: &str, tar: Vec<u8>) -> Result<(), EngineError> {
        let options = UploadToContainerOptionsBuilder::new().path(path).build();
        let body = bollard::body_full(tar.into());
        let work = self
            .client
            .docker
            .upload_to_container(name, Some(options), body);
        self.client.within("upload files", UPLOAD, work).await
    }
}

/// Whole seconds for the engine, rounded up: a grace must not become shorter.
fn seconds(grace: Duration) -> i32 {
    let up = grace
        .as_secs()
        .saturating_add(u64::from(grace.subsec_nanos() > 0));
    i32::try_from(up).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grace_is_never_shortened() {
        for (grace, sent) in [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (10_000, 10)] {
            assert_eq!(seconds(Duration::from_millis(grace)), sent, "{grace} ms");
        }
        assert_eq!(seconds(Duration::MAX), i32::MAX);
    }
}
