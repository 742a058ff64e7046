//! What several tests share: the real engine, and a run that cleans up after itself.

use bollard::{
    Docker,
    query_parameters::{
        ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder,
        ListVolumesOptionsBuilder, RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder,
        RemoveVolumeOptions,
    },
};
use cchub::{
    domain::{ProjectName, container::LABEL_PROJECT},
    engine::{Endpoint, Engine, Environment},
};
use std::{
    collections::HashMap,
    sync::atomic::{AtomicU32, Ordering},
};

/// The real engine. Where `CCHUB_TEST_ENGINE=none` is set these tests are left out by name (`--skip engine_`), so that
/// they count as skipped and never as passed.
pub async fn require_engine() -> Engine {
    let endpoint = Endpoint::resolve(None, &Environment::from_process()).expect("an endpoint");
    match Engine::connect(&endpoint).await {
        Ok(engine) => engine,
        Err(error) => panic!(
            "these tests need a Docker Engine: {error}; {}; or run scripts/test with CCHUB_TEST_ENGINE=none",
            error.hint()
        ),
    }
}

/// A project name that no other run has; everything labelled with it is removed when this is dropped.
#[derive(Debug)]
pub struct Run {
    /// The name.
    pub project: ProjectName,
}

impl Run {
    /// A new name.
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let (process, next) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let name = format!("it-{process}-{next}");
        Self {
            project: name.parse().expect("a name"),
        }
    }

    /// A name of something of this run.
    pub fn name(&self, of: &str) -> String {
        format!("cchub-{}-{of}", self.project)
    }
}

impl Drop for Run {
    /// A thread of its own: a runtime cannot block inside another one.
    fn drop(&mut self) {
        let label = format!("{LABEL_PROJECT}={}", self.project);
        let cleaned = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(clean(&label));
        });
        if cleaned.join().is_err() {
            eprintln!("the run {} could not be cleaned up", self.project);
        }
    }
}

/// Removes all that carries `label`: what is in use goes first.
async fn clean(label: &str) {
    let docker = Docker::connect_with_defaults().expect("an engine");
    let by = HashMap::from([("label", vec![label])]);
    let list = ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&by)
        .build();
    for found in docker.list_containers(Some(list)).await.unwrap_or_default() {
        let options = RemoveContainerOptionsBuilder::new()
            .force(true)
            .v(true)
            .build();
        let id = found.id.unwrap_or_default();
        // Already gone is what is wanted.
        let _ = docker.remove_container(&id, Some(options)).await;
    }
    let list = ListNetworksOptionsBuilder::new().filters(&by).build();
    for found in docker.list_networks(Some(list)).await.unwrap_or_default() {
        // As above.
        let _ = docker.remove_network(&found.id.unwrap_or_default()).await;
    }
    let list = ListVolumesOptionsBuilder::new().filters(&by).build();
    let volumes = docker.list_volumes(Some(list)).await.unwrap_or_default();
    for found in volumes.volumes.unwrap_or_default() {
        // As above.
        let _ = docker
            .remove_volume(&found.name, None::<RemoveVolumeOptions>)
            .await;
    }
    let list = ListImagesOptionsBuilder::new().filters(&by).build();
    for found in docker.list_images(Some(list)).await.unwrap_or_default() {
        let options = RemoveImageOptionsBuilder::new().force(true).build();
        // As above.
        let _ = docker.remove_image(&found.id, Some(options), None).await;
    }
}
