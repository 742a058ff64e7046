//! A program under strace: which calls it makes on some paths, and what it does when one of them fails or is its last.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

/// One system call on one of the paths.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// Which one of this name it is, from 1: what `when=` counts.
    pub nth: usize,
    /// It gave an error.
    pub failed: bool,
    /// The path of its descriptor, where it has one.
    pub descriptor: Option<String>,
    /// Texts in quotes: paths, for a call that takes paths.
    pub quoted: Vec<String>,
    /// All of it, for messages.
    pub line: String,
}

/// Fails, and does not skip, where programs cannot be traced: without a trace nothing of this is shown.
fn require_strace() {
    static WORKS: OnceLock<bool> = OnceLock::new();
    let works = *WORKS.get_or_init(|| {
        let traced = Command::new("strace")
            .args(["-o", "/dev/null", "true"])
            .output();
        traced.is_ok_and(|ran| ran.status.success())
    });
    assert!(
        works,
        "these tests need strace and the right to trace: install the package strace (scripts/test does, as root)"
    );
}

fn strace(paths: &[PathBuf], more: &[&str], program: &Command) -> Command {
    require_strace();
    let mut command = Command::new("strace");
    command.args(["-f", "-y"]).args(more);
    for path in paths {
        command.arg("-P").arg(path);
    }
    command.arg("--").arg(program.get_program());
    command.args(program.get_args());
    for (key, value) in program.get_envs() {
        command.env(key, value.unwrap_or_default());
    }
    command.stdin(Stdio::null());
    command
}

/// Runs `program` to its good end and gives its calls on `paths`, in order.
pub fn calls(paths: &[PathBuf], program: &Command, log: &Path) -> Vec<Call> {
    let more = ["-o", log.to_str().unwrap()];
    let ran = strace(paths, &more, program).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    let mut calls: Vec<Call> = Vec::new();
    for line in fs::read_to_string(log).unwrap().lines() {
        // `PID name(arguments) = result`, or `PID +++ exited with 0 +++`.
        let text = line.trim_start_matches(|c: char| c.is_ascii_digit()).trim();
        assert!(!text.contains(" unfinished "), "calls are mixed: {line}");
        if let Some((name, rest)) = text.split_once('(').filter(|_| !text.starts_with("+++")) {
            let nth = 1 + calls.iter().filter(|call| call.name == name).count();
            calls.push(call(name, rest, nth));
        }
    }
    calls
}

fn call(name: &str, rest: &str, nth: usize) -> Call {
    let descriptor = rest
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .strip_prefix('<')
        .and_then(|rest| rest.split_once('>'))
        .map(|(path, _)| path.to_owned());
    let (_, result) = rest.rsplit_once(" = ").unwrap();
    Call {
        name: name.to_owned(),
        nth,
        failed: result.starts_with('-'),
        descriptor,
        quoted: rest.split('"').skip(1).step_by(2).map(Into::into).collect(),
        line: format!("{name}({rest}"),
    }
}

/// Runs `program` and does `fault` (`signal=KILL`, `error=EIO`) to it at this call.
pub fn run_with(fault: &str, at: &Call, paths: &[PathBuf], program: &Command) -> Output {
    let inject = format!("inject={}:{fault}:when={}", at.name, at.nth);
    let more = ["-o", "/dev/null", "-e", &inject];
    strace(paths, &more, program).output().unwrap()
}
