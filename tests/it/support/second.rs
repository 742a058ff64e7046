//! A second Docker Engine that a test may stop, kill and freeze: what it does to it, the machine's own does not notice.

use super::sandbox::IMAGES;
use cchub::{domain::ServiceKind, engine::Endpoint};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// An engine of its own with the image for redis; gone with all that it has when this is dropped.
#[derive(Debug)]
pub struct Second {
    folder: TempDir,
}

impl Second {
    /// Starts it.
    pub fn start() -> Self {
        // The name of the folder becomes that of a network namespace.
        let folder = tempfile::Builder::new().prefix("second-").tempdir();
        let second = Self {
            folder: folder.unwrap(),
        };
        second.run("start", "").unwrap_or_else(|error| {
            panic!("these tests start a Docker Engine of their own: {error}; run them as root, or leave them out with --skip engine_second")
        });
        let (image, socket) = (second.image(), second.socket());
        let load = format!(
            "docker save {image} | docker -H unix://{} load",
            socket.display()
        );
        said(Command::new("sh").args(["-c", &load])).unwrap();
        second
    }

    /// Starts it again. Containers that live are ended, or with `--live-restore` as `options` taken over.
    #[track_caller]
    pub fn start_again(&self, options: &str) {
        self.run("start", options).unwrap();
    }

    /// SIGTERM, and waits for its end.
    #[track_caller]
    pub fn stop(&self) {
        self.run("stop", "").unwrap();
    }

    /// SIGKILL, and waits for its end. Its containers live on.
    #[track_caller]
    pub fn kill(&self) {
        self.run("kill", "").unwrap();
    }

    /// It does nothing any more, and holds its socket.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// It goes on.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    /// The image that it has.
    pub fn image(&self) -> &'static str {
        IMAGES[ServiceKind::Redis.index()].1
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("docker.sock")
    }

    /// Its address.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::Unix(self.socket())
    }

    /// Runs the docker client on it; gives what it printed.
    #[track_caller]
    pub fn docker(&self, args: &[&str]) -> String {
        let host = format!("unix://{}", self.socket().display());
        said(Command::new("docker").args(["-H", &host]).args(args)).unwrap()
    }

    fn run(&self, verb: &str, options: &str) -> Result<String, String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/engine");
        let mut command = Command::new(script);
        command.arg(verb).arg(self.folder.path());
        said(command.env("ENGINE_OPTIONS", options))
    }

    fn signal(&self, name: &str) {
        let pid = fs::read_to_string(self.folder.path().join("docker.pid")).unwrap_or_default();
        let sent = said(Command::new("kill").args(["-s", name, pid.trim()]));
        if let Err(error) = sent {
            eprintln!("SIG{name}: {error}");
        }
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // It may be frozen, and would not end then.
            self.thaw();
        }
        if let Err(error) = self.run("remove", "") {
            eprintln!("the second engine could not be removed: {error}");
        }
    }
}

/// What `command` printed, or why it failed.
fn said(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}
