//! `--demo`: a fleet of simulated projects on a simulated engine. Needs no Docker and no hub file, and leaves nothing
//! behind: its socket and its own hub file live in a private folder, in memory where the system has such a place.

mod fleet;
mod place;
mod story;
mod trouble;

pub use trouble::Tally;

use crate::{
    config::HubFile,
    domain::{ProjectName, Safe, Timestamp},
    engine::{Endpoint, Engine, EngineError},
    hub::{
        Failure, Job, JobId, Request,
        journal::Journal,
        operation::{World, perform},
        report::Reporter,
        retry::Policy,
    },
    sim::{Machine, Settings, Sim},
};
use futures_util::future::try_join_all;
use place::Place;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tokio::sync::mpsc;

/// The seed when nobody names one.
pub const SEED: u64 = 7;
/// Name of the simulated engine's version.
const VERSION: &str = "28.5.2 simulated";
/// Memory of the simulated host, in bytes.
const HOST_MEMORY: u64 = 64 << 30;
/// CPUs of the simulated host.
const HOST_CPUS: u32 = 16;
/// Requests that the simulated engine remembers; nobody counts them here.
const REMEMBERED: usize = 16;

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Its folder or its socket cannot be made.
    #[error(
        "the demo needs a place for its socket: {0}; set TMPDIR to a folder that you may write to"
    )]
    Place(#[from] io::Error),
    /// The simulated engine does not do what it should.
    #[error("the simulated engine cannot be reached: {0}")]
    Engine(#[from] EngineError),
    /// A simulated project does not start.
    #[error("a simulated project does not start: {0}")]
    Start(Safe),
}

impl From<Failure> for DemoError {
    fn from(failure: Failure) -> Self {
        Self::Start(failure.message)
    }
}

/// A fleet that lives until it is dropped.
#[derive(Debug)]
pub struct Demo {
    /// Dropped before its folder.
    sim: Sim,
    folder: Place,
}

impl Demo {
    /// Makes the fleet of `seed`: the same seed tells the same story. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// There is no place for a socket.
    pub async fn open(seed: u64) -> Result<Self, DemoError> {
        let folder = Place::new()?;
        let fleet = fleet::cast(seed);
        fs::write(
            folder.path().join("hub.toml"),
            fleet::hub_file(&fleet, folder.path())?,
        )?;
        let settings = Settings {
            version: VERSION.to_owned(),
            cpus: HOST_CPUS,
            memory: HOST_MEMORY,
            seed,
            ..Settings::default()
        };
        let sim = Sim::start(&socket(folder.path()), Machine::new(settings), REMEMBERED)?;
        let demo = Self { sim, folder };
        demo.start(fleet.iter().filter(|role| role.runs())).await?;
        story::begin(&mut demo.sim.machine(), &fleet, seed, Timestamp::now());
        demo.sim.settled().await;
        Ok(demo)
    }

    /// Its hub file.
    #[must_use]
    pub fn hub_file(&self) -> HubFile {
        HubFile::new(self.folder.path().join("hub.toml"))
    }

    /// Where its engine listens.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::Unix(socket(self.folder.path()))
    }

    /// Its engine, to look at or to disturb.
    #[must_use]
    pub const fn sim(&self) -> &Sim {
        &self.sim
    }

    /// Starts projects as an operator would: the same operation, side by side.
    async fn start(&self, roles: impl Iterator<Item = &fleet::Role>) -> Result<(), DemoError> {
        let world = World {
            engine: Some(Engine::connect(&self.endpoint()).await?),
            hub_file: self.hub_file(),
            policy: Policy::CHANGE,
            journal: Journal::none(),
        };
        let starts = roles.map(|role| start(&world, role.project.clone()));
        try_join_all(starts).await?;
        Ok(())
    }
}

async fn start(world: &World, project: ProjectName) -> Result<(), DemoError> {
    let request = Request::start(project);
    // Nobody reads the progress of what is done before the screen opens.
    let (facts, _unread) = mpsc::channel(1);
    let job: Job = request.job(JobId(0), Timestamp::now());
    perform(world, &request, &Reporter::new(job, facts)).await?;
    Ok(())
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("docker.sock")
}
