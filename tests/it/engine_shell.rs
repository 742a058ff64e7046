//! A shell in real containers: psql answers without a password, a pipe goes through, and the container's death is told.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::support::{sandbox::Sandbox, terminal::Terminal};
use cchub::domain::ServiceKind;
use std::{
    io::Write,
    process::{Command, Stdio},
};

/// Runs `shell` with `typed` on its standard input; gives exit code, output and errors.
fn piped(sandbox: &Sandbox, words: &[&str], typed: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cchub-tui"))
        .arg("--config")
        .arg(sandbox.hub_file())
        .arg("shell")
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(typed.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap_or(-1);
    (code, text(&output.stdout), text(&output.stderr))
}

#[test]
fn psql_redis_and_sh_answer_on_the_screen_and_in_a_pipe() {
    let sandbox = Sandbox::new();
    let postgres = format!("{}/postgres", sandbox.project);
    let (code, _, error) = piped(&sandbox, &[&postgres], "select 1;\n");
    assert_eq!(code, 1);
    assert!(
        error.contains("has no container") && error.contains("start it first"),
        "{error}"
    );

    let mut screen = Terminal::open(&sandbox.hub_file(), (100, 30), &[]);
    screen.see("▪ stopped");
    screen.keys("S");
    screen.see("all four are healthy");

    let (code, out, error) = piped(&sandbox, &[&postgres], "select 40+2 as sum;\n");
    assert!(code == 0 && out.contains("42"), "{code} {out} {error}");
    assert!(!(out + &error).to_lowercase().contains("password"));
    let redis = format!("{}/redis", sandbox.project);
    let (code, out, error) = piped(&sandbox, &[&redis], "ping\n");
    assert!(code == 0 && out.contains("PONG"), "{code} {out} {error}");
    let large = "x".repeat(1 << 20);
    let backend = format!("{}/backend", sandbox.project);
    let (code, out, error) = piped(&sandbox, &[&backend, "--", "cat"], &large);
    assert!(code == 0 && out == large, "{code} {} {error}", out.len());
    let (code, out, error) = piped(
        &sandbox,
        &[&backend, "--", "sh", "-c", "id -u; echo apart >&2; exit 7"],
        "",
    );
    assert_eq!((code, out.trim(), error.trim()), (7, "1000", "apart"));

    screen.keys("\x1b[C");
    screen.see("/ postgres");
    screen.keys("e");
    screen.see("commandcenter=#");
    screen.see("ctrl-d ends the shell");
    screen.keys("select 1+1 as two;\r");
    screen.until("the answer of psql", |now| {
        now.contents().lines().any(|line| line.trim() == "2")
    });
    screen.keys("\x04");
    screen.until("the screen", |now| now.alternate_screen());
    screen.see("/ postgres ─");

    // The container dies while somebody is in it.
    screen.keys("E");
    screen.see("$ ");
    let killed = Command::new("docker")
        .args(["kill", &sandbox.container(ServiceKind::Postgres)])
        .output()
        .unwrap();
    assert!(killed.status.success());
    screen.see("and the shell with it");
    screen.keys("q");
    assert_eq!(screen.end(), 0);
    screen.expect_restored();
}
