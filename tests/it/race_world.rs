//! A hub on a simulated engine for one run of many: operators with homes of their own, an engine that answers when it
//! likes, the real program, and what must be there at the end.

use crate::{
    hub_world::{quick, reporter, shop},
    support::random_input::Numbers,
};
use cchub::{
    config::HubFile,
    domain::{Safe, ServiceKind},
    engine::{Endpoint, Engine},
    hub::{
        Failure, Request,
        journal::Journal,
        operation::{World, perform},
    },
    sim::{How, Machine, Reply, Settings, Sim},
    stack::names,
};
use futures_util::{StreamExt, stream};
use std::{
    collections::BTreeMap,
    env, fs,
    path::PathBuf,
    process::{Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use tokio::{process::Command, time::timeout};

/// Runs side by side, each on an engine of its own.
const LANES: usize = 16;
/// No operation takes longer than this (P15).
pub const BOUND: Duration = Duration::from_secs(120);
/// Most answers take less than so many microseconds …
const LATE: u64 = 3_000;
/// … and some less than so many: one of …
const LONG: u64 = 40_000;
/// … so many.
const SELDOM: u64 = 8;
/// Requests that a run may send; more are not delayed.
const UNSETTLED: u64 = 600;
/// Among so many first ones are those that get lost.
const LOSSES_AMONG: u64 = 200;
/// All are remembered.
const REMEMBERED: usize = 4096;
/// Every world has a loopback address of its own, and other tests have others.
static WORLDS: AtomicU32 = AtomicU32::new(0);

/// How many runs instead of `runs`: `CCHUB_RUNS=10` makes ten times as many.
pub fn more(runs: u64) -> u64 {
    runs * number("CCHUB_RUNS").unwrap_or(1)
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

/// Does `run` with each of `seeds`, some at once; `CCHUB_SEED=7` does only that one.
pub async fn many<F>(seeds: impl IntoIterator<Item = u64>, run: impl Fn(u64) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let only = number("CCHUB_SEED");
    let seeds = seeds.into_iter();
    let ended: Vec<_> = stream::iter(seeds.filter(|seed| only.is_none_or(|only| only == *seed)))
        .map(|seed| tokio::spawn(run(seed)))
        .buffer_unordered(LANES)
        .collect()
        .await;
    // What went wrong in each is printed above.
    let failed = ended.iter().filter(|ended| ended.is_err()).count();
    assert_eq!(failed, 0, "so many of {} runs failed", ended.len());
}

/// A simulated engine, and the homes of those who use it for the project `shop`.
#[derive(Debug)]
pub struct SimWorld {
    pub sim: Sim,
    folder: tempfile::TempDir,
    address: String,
}

impl SimWorld {
    /// An empty engine.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("cchub-sim-")
            .tempdir()
            .unwrap();
        let socket = folder.path().join("engine.sock");
        fs::create_dir(folder.path().join("shop")).unwrap();
        let (pid, n) = (
            std::process::id(),
            WORLDS.fetch_add(1, Ordering::Relaxed) % 250,
        );
        Self {
            sim: Sim::start(&socket, Machine::new(Settings::default()), REMEMBERED).unwrap(),
            folder,
            address: format!("127.{}.{}.{}", 10 + pid / 250 % 40, pid % 250, n + 1),
        }
    }

    /// Writes the hub file of an operator, with more lines at its end.
    pub fn write_hub(&self, home: &str, more: &str) {
        let path = self.folder.path().join("shop");
        let text = format!(
            "version = 1\n[projects.shop]\npath = {path:?}\nnumber = 1\naddress = {:?}\n\
             [projects.shop.services.backend]\nimage = \"b:1\"\n\
             [projects.shop.services.frontend]\nimage = \"f:1\"\n{more}",
            self.address
        );
        fs::create_dir_all(self.folder.path().join(home)).unwrap();
        fs::write(self.hub_path(home), text).unwrap();
    }

    fn hub_path(&self, home: &str) -> PathBuf {
        self.folder.path().join(home).join("hub.toml")
    }

    /// Where the secrets are of the operator who lives there.
    pub fn secrets_path(&self, home: &str) -> PathBuf {
        self.folder.path().join(home).join("secrets/shop.toml")
    }

    /// What these are; `None` before they are made.
    pub fn secrets(&self, home: &str) -> Option<String> {
        fs::read_to_string(self.secrets_path(home)).ok()
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Unix(self.sim.server.path().to_owned())
    }

    /// What the operations of an operator work on.
    pub async fn operator(&self, home: &str) -> World {
        World {
            engine: Some(Engine::connect(&self.endpoint()).await.unwrap()),
            hub_file: HubFile::new(self.hub_path(home)),
            policy: quick().policy,
            journal: Journal::none(),
        }
    }

    /// The real program of an operator. Ends with its handle.
    pub fn program(&self, home: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cchub-tui"));
        command
            .arg("--config")
            .arg(self.hub_path(home))
            .args(args)
            .env("DOCKER_HOST", self.endpoint().to_string())
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env("XDG_CONFIG_HOME", self.folder.path().join("config"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// From now on every answer takes its own time, and `lost` of them never come: of every other one the request was
    /// not seen either.
    pub fn unsettle(&self, numbers: &mut Numbers, lost: u64) {
        let losses: Vec<_> = (0..lost).map(|_| numbers.below(LOSSES_AMONG)).collect();
        for n in 0..UNSETTLED {
            let longest = if numbers.below(SELDOM) == 0 {
                LONG
            } else {
                LATE
            };
            let late = Duration::from_micros(numbers.below(longest));
            let how = match losses.iter().position(|loss| *loss == n) {
                None => How::Late(late),
                Some(loss) if loss % 2 == 0 => How::Cut(0),
                Some(_) => How::Instead(Reply::HangUp),
            };
            self.sim.server.fault("", 1, how);
        }
    }

    /// What is there, in words: all that must be there when `shop` runs, or nothing but its data.
    pub fn expect(&self, up: bool, context: &str) {
        let machine = self.sim.machine();
        let found: BTreeMap<_, _> = machine
            .containers
            .iter()
            .map(|(name, container)| (name.clone(), container.phase.word()))
            .collect();
        let wanted = ServiceKind::ALL.map(|kind| (names::container(&shop(), kind), "running"));
        let wanted = wanted.into_iter().filter(|_| up).collect();
        assert_eq!(found, wanted, "{context}");
        assert_eq!(machine.networks.len(), usize::from(up), "{context}");
        let secret = |name: &&String| name.ends_with("-secrets");
        let volumes = machine.volumes.keys().filter(secret).count();
        assert_eq!(volumes, if up { 2 } else { 0 }, "{context}");
    }

    /// True if anything of `shop` runs.
    pub fn is_up(&self) -> bool {
        let machine = self.sim.machine();
        machine.containers.values().any(|c| c.runs())
    }

    /// The secrets that the database was made with, by the mark on its volume; `None` without one.
    pub fn data_mark(&self) -> Option<String> {
        let name = names::data_volume(&shop(), ServiceKind::Postgres);
        let machine = self.sim.machine();
        let labels = machine.volumes.get(&name)?;
        labels["io.cchub.secrets"].as_str().map(str::to_owned)
    }
}

/// Does what an operator asks for, within the bound.
pub async fn ask(world: &World, request: Request) -> Result<Safe, Failure> {
    let (report, _progress) = reporter(&request);
    timeout(BOUND, Box::pin(perform(world, &request, &report)))
        .await
        .expect("it ends within the bound")
}

/// Runs the program to its end, within the bound.
pub async fn run(mut command: Command) -> Output {
    timeout(BOUND, command.output())
        .await
        .expect("it ends within the bound")
        .unwrap()
}

/// What a run of the program said.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
