//! What is measured with: an image and containers of the bench's own, a hub file that names them, and the way they all go again.

use super::{Result, engine::Engine};
use cchub::domain::{
    ServiceKind,
    container::{LABEL_PROJECT, LABEL_SERVICE},
};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{self, Command},
    sync::{Mutex, PoisonError},
    thread::{sleep, spawn},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

/// The stand-in for every service.
const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/stand_in.rs");
/// Names the run to which something belongs: the process's id.
const LABEL_RUN: &str = "io.cchub.bench";
/// The image's repository; the tag is the run.
const REPOSITORY: &str = "cchub-bench";
/// Bytes of a line.
pub const LINE: u64 = 120;
/// More than this a second no engine takes: the bound of a flood's log, which is kept whole so that no reader can miss a part.
pub const FLOOD_MOST: u64 = 250_000;
/// The log of a container has its last line within this time.
const PATIENCE: Duration = Duration::from_secs(300);
/// Between two looks at it.
const LOOK: Duration = Duration::from_millis(100);
/// Exit code after a signal.
const INTERRUPTED: i32 = 130;

/// Nothing is made any more once the cleaning has begun.
static MAKING: Mutex<()> = Mutex::new(());

/// What a service does.
#[derive(Debug, Clone, Copy)]
pub struct Prints {
    /// Lines a second; 0: as fast as it can.
    pub rate: u64,
    /// How many in all.
    pub lines: u64,
}

/// A service that prints nothing.
pub const QUIET: Prints = Prints { rate: 1, lines: 0 };

/// All that a run has made; gone when this is dropped.
#[derive(Debug)]
pub struct World {
    /// The engine.
    pub engine: Engine,
    run: String,
    folder: TempDir,
}

impl World {
    /// Makes the image, after what killed runs have left is gone.
    pub fn new() -> Result<Self> {
        let engine = Engine::from_environment()?;
        sweep(&engine)?;
        let world = Self {
            engine,
            run: process::id().to_string(),
            folder: tempfile::Builder::new().prefix("cchub-bench-").tempdir()?,
        };
        world.clean_on_signals();
        world.make_image()?;
        Ok(world)
    }

    /// A folder of its own for a program's files.
    pub fn home(&self) -> &Path {
        self.folder.path()
    }

    /// Name of the container of a service.
    pub fn container(&self, project: &str, kind: ServiceKind) -> String {
        format!("cchub-bench-{}-{project}-{kind}", self.run)
    }

    /// Makes a project; its services wait to be started.
    pub fn project<'a>(&'a self, name: &'a str, services: [Prints; 4]) -> Result<Project<'a>> {
        let project = Project { world: self, name };
        for (kind, prints) in ServiceKind::ALL.into_iter().zip(services) {
            self.make_container(name, kind, prints)?;
        }
        Ok(project)
    }

    /// Writes a hub file with these projects only.
    pub fn hub_file(&self, projects: &[&Project<'_>]) -> Result<PathBuf> {
        let path = self.folder.path().join("hub.toml");
        let mut text = "version = 1\n".to_owned();
        for (number, project) in projects.iter().enumerate() {
            let name = format!("bench-{}-{}", self.run, project.name);
            let folder = self.folder.path().display();
            text += &format!(
                "[projects.{name}]\npath = \"{folder}\"\nnumber = {}\n",
                number + 1
            );
            for kind in ServiceKind::ALL {
                text += &format!(
                    "[projects.{name}.services.{kind}]\nimage = \"{}\"\n",
                    self.image()
                );
            }
        }
        fs::write(&path, text)?;
        Ok(path)
    }

    fn image(&self) -> String {
        format!("{REPOSITORY}:{}", self.run)
    }

    /// The stand-in alone, static: the smallest image there can be.
    fn make_image(&self) -> Result<()> {
        let binary = self.folder.path().join("stand-in");
        let built = Command::new("rustc")
            .args(["--edition=2024", "-O", "-C", "strip=symbols"])
            .args(["-C", "target-feature=+crt-static", "-o"])
            .args([&binary, Path::new(SOURCE)])
            .output()?;
        if !built.status.success() {
            let why = String::from_utf8_lossy(&built.stderr);
            return Err(format!("rustc cannot make a static program of {SOURCE}: {why}").into());
        }
        let mut tar = tar::Builder::new(Vec::new());
        tar.append_path_with_name(&binary, "stand-in")?;
        let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let label = format!("LABEL%20{LABEL_RUN}={}", self.run);
        let target = format!(
            "/images/create?fromSrc=-&repo={REPOSITORY}&tag={}&changes={label}",
            self.run
        );
        self.engine.post_tar(&target, &tar.into_inner()?)
    }

    fn make_container(&self, project: &str, kind: ServiceKind, prints: Prints) -> Result<()> {
        let words = [prints.rate, LINE, prints.lines].map(|number| number.to_string());
        let body = json!({
            "Image": self.image(),
            "Entrypoint": ["/stand-in"],
            "Cmd": words,
            "Labels": {
                LABEL_PROJECT: format!("bench-{}-{project}", self.run),
                LABEL_SERVICE: kind.as_str(),
                LABEL_RUN: self.run,
            },
            // The engine rotates logs under a reader that is slower than the writer, who then misses files: every
            // reader would seem to be as fast as the writer.
            "HostConfig": {
                "NetworkMode": "none",
                "LogConfig": { "Type": "json-file", "Config": { "max-size": "1000g" } },
            },
        });
        let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let name = self.container(project, kind);
        self.engine
            .post(&format!("/containers/create?name={name}"), Some(&body))
            .map(|_| ())
    }

    /// An interrupt removes everything before it ends the program.
    fn clean_on_signals(&self) {
        let (engine, run, folder) = (
            self.engine.clone(),
            self.run.clone(),
            self.folder.path().to_owned(),
        );
        spawn(move || {
            if wait_for_signal().is_err() {
                return;
            }
            let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
            clean(&engine, &run);
            // What cannot be removed now is in the system's folder for such things.
            let _ = fs::remove_dir_all(folder);
            process::exit(INTERRUPTED);
        });
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        clean(&self.engine, &self.run);
    }
}

/// A project of four containers; they are removed when this is dropped, to leave the engine in peace.
#[derive(Debug)]
pub struct Project<'a> {
    world: &'a World,
    name: &'a str,
}

impl Project<'_> {
    /// Starts all four.
    pub fn start(&self) -> Result<()> {
        for kind in ServiceKind::ALL {
            let name = self.world.container(self.name, kind);
            let target = format!("/containers/{name}/start");
            self.world.engine.post(&target, None)?;
        }
        Ok(())
    }

    /// Name of the container of a service.
    pub fn container(&self, kind: ServiceKind) -> String {
        self.world.container(self.name, kind)
    }

    /// Waits until the log of a service has the line with this number.
    pub fn wait_for_line(&self, kind: ServiceKind, number: u64) -> Result<()> {
        let (name, began) = (self.container(kind), Instant::now());
        while self.world.engine.last_number(&name)? < number {
            if began.elapsed() > PATIENCE {
                return Err(format!("{name} never printed line {number}").into());
            }
            sleep(LOOK);
        }
        Ok(())
    }
}

impl Drop for Project<'_> {
    fn drop(&mut self) {
        for kind in ServiceKind::ALL {
            remove_container(&self.world.engine, &self.container(kind));
        }
    }
}

fn wait_for_signal() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
        Ok(())
    })
}

/// Removes what runs have left whose process is gone.
fn sweep(engine: &Engine) -> Result<()> {
    let images = engine.get(&format!(
        "/images/json?filters=%7B%22label%22:%5B%22{LABEL_RUN}%22%5D%7D"
    ))?;
    let runs = images.as_array().into_iter().flatten();
    for run in runs.filter_map(|image| image["Labels"][LABEL_RUN].as_str()) {
        if !Path::new("/proc").join(run).exists() {
            clean(engine, run);
        }
    }
    Ok(())
}

/// Removes everything of a run. What cannot be removed is said, and the rest goes on.
fn clean(engine: &Engine, run: &str) {
    let by = format!("%7B%22label%22:%5B%22{LABEL_RUN}={run}%22%5D%7D");
    let found = engine.get(&format!("/containers/json?all=true&filters={by}"));
    let found = found.unwrap_or_default();
    let rows = found.as_array().into_iter().flatten();
    for id in rows.filter_map(|row| row["Id"].as_str()) {
        remove_container(engine, id);
    }
    if let Err(error) = engine.delete(&format!("/images/{REPOSITORY}:{run}?force=true")) {
        eprintln!("bench: {error}");
    }
}

fn remove_container(engine: &Engine, name: &str) {
    if let Err(error) = engine.delete(&format!("/containers/{name}?force=true&v=true")) {
        eprintln!("bench: {error}");
    }
}
