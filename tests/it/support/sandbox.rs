//! A hub of its own for one test: a temporary hub file, a copy of the sample project, ports that are free, and everything
//! removed at the end, whatever happened.

use super::{Run, http_get};
use cchub::domain::ServiceKind;
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};
use tempfile::TempDir;

/// The stand-ins for the real images, made by `tests/images/build`.
pub const IMAGES: [(ServiceKind, &str); 4] = [
    (ServiceKind::Postgres, "cchub-test/postgres:15"),
    (ServiceKind::Redis, "cchub-test/redis:7"),
    (ServiceKind::Backend, "cchub-test/backend:py3.11"),
    (ServiceKind::Frontend, "cchub-test/frontend:node"),
];

/// One project in a hub of its own.
#[derive(Debug)]
pub struct Sandbox {
    folder: TempDir,
    _run: Run,
    /// The project's name, unique on this machine.
    pub project: String,
    /// Its host ports, in stack order.
    pub ports: [u16; 4],
}

/// What a run of the program printed and how it ended.
#[derive(Debug)]
pub struct Ran {
    /// Exit code.
    pub code: i32,
    /// Data.
    pub stdout: String,
    /// Prose.
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// The run, if it ended with `code`; else the test fails with what it printed.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout: {}\nstderr: {}",
            self.stdout, self.stderr
        );
        self
    }

    /// Its stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}", self.stdout))
    }
}

/// The folder with this project's own sample project.
pub fn sample_project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sample-project")
}

impl Sandbox {
    /// A hub whose only project is the sample project on the test images, added through the command line.
    pub fn new() -> Self {
        let sandbox = Self::empty();
        sandbox.add_project();
        sandbox
    }

    /// A hub without a project yet; [`Self::workspace`] is there.
    pub fn empty() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("cchub-test-")
            .tempdir()
            .unwrap();
        let run = Run::new();
        let sandbox = Self {
            project: run.project.to_string(),
            _run: run,
            ports: free_ports(),
            folder,
        };
        copy_folder(&sample_project(), &sandbox.workspace());
        sandbox
    }

    /// Adds the project through the command line and pins its ports to free ones.
    pub fn add_project(&self) {
        let path = self.workspace();
        let mut args = vec![
            "project",
            "add",
            &self.project,
            "--path",
            path.to_str().unwrap(),
        ];
        let images = IMAGES.map(|(kind, image)| format!("{kind}={image}"));
        for image in &images {
            args.extend(["--image", image]);
        }
        self.run(&args).expect(0);
        self.pin_ports();
    }

    /// Writes this sandbox's ports into the hub file.
    pub fn pin_ports(&self) {
        let ports = ServiceKind::ALL.iter().zip(self.ports);
        let lines: Vec<_> = ports
            .map(|(kind, port)| format!("{kind} = {port}"))
            .collect();
        self.append(&format!(
            "[projects.{}.ports]\n{}\n",
            self.project,
            lines.join("\n")
        ));
    }

    /// Appends TOML to the hub file.
    pub fn append(&self, toml: &str) {
        let before = fs::read_to_string(self.hub_file()).unwrap_or_default();
        fs::write(self.hub_file(), format!("{before}\n{toml}")).unwrap();
    }

    /// Sets a key of one service of the project, as TOML.
    pub fn set(&self, kind: ServiceKind, key: &str, value: &str) {
        let text = fs::read_to_string(self.hub_file()).unwrap();
        let mut document: toml_edit::DocumentMut = text.parse().unwrap();
        let value: toml_edit::Value = value.parse().unwrap();
        document["projects"][&self.project]["services"][kind.as_str()][key] = value.into();
        fs::write(self.hub_file(), document.to_string()).unwrap();
    }

    /// The project's folder.
    pub fn workspace(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// The hub file.
    pub fn hub_file(&self) -> PathBuf {
        self.folder.path().join("hub.toml")
    }

    /// The folder that holds everything of this sandbox.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program with this hub.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cchub-tui"));
        command
            .arg("--config")
            .arg(self.hub_file())
            .args(args)
            .env("XDG_STATE_HOME", self.folder().join("state"))
            .stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.command(args).output().unwrap().into()
    }

    /// Starts the program and goes on.
    pub fn spawn(&self, args: &[&str]) -> Child {
        let mut command = self.command(args);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Name of a service's container.
    pub fn container(&self, kind: ServiceKind) -> String {
        format!("cchub-{}-{kind}", self.project)
    }

    /// Sends GET to the backend and gives the status line and the body.
    pub fn get(&self, kind: ServiceKind, path: &str) -> (u16, String) {
        http_get(self.ports[kind.index()], path)
    }
}

/// Four ports that nobody listens on now, distinct among themselves.
fn free_ports() -> [u16; 4] {
    let listeners = [(); 4].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners
        .each_ref()
        .map(|listener| listener.local_addr().unwrap().port())
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
