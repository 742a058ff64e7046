//! The timeline of a real project: a crash, a restart by the operator and a change of limits, seen on the screen, after a
//! new start of the program, on the command line and in the file that is saved.

use crate::support::{raw_post, require_engine, sandbox::Sandbox, terminal::Terminal};
use cchub::domain::ServiceKind::Redis;
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt};

const CRASH: &str = "ended with exit code 137";
const RESTART: &str = "restart done";
const LIMITS: &str = "limits are memory 300 MB (was 512 MB)";

#[tokio::test(flavor = "multi_thread")]
async fn m4_a_crash_a_restart_and_a_change_of_limits_stay_in_the_timeline() {
    require_engine().await;
    let sandbox = Sandbox::new();
    let project = sandbox.project.as_str();
    // Whatever else runs on this engine is not on the screen.
    sandbox.append("[hub]\nadopt = false\n");
    sandbox.run(&["start", project]).expect(0);
    let screen = open(&sandbox);
    screen.see("healthy, first seen");

    let kill = format!("/containers/{}/kill?signal=KILL", sandbox.container(Redis));
    raw_post(&kill, &json!({}));
    screen.see(CRASH);
    screen.see(&format!("redis of {project} ended unexpectedly"));
    sandbox.run(&["restart", project, "redis"]).expect(0);
    screen.see(RESTART);
    let change = ["limits", project, "redis", "--memory", "300m"];
    sandbox.run(&change).expect(0);
    screen.see(LIMITS);
    leave(screen);

    let mut again = open(&sandbox);
    for words in [CRASH, RESTART, LIMITS] {
        again.see(words);
    }
    // The same, on the command line.
    let text = sandbox.run(&["timeline", project]).expect(0).stdout;
    let report = sandbox.run(&["timeline", project, "--markdown"]).expect(0);
    again.keys("\t");
    again.keys("\x13");
    again.see("Save the timeline as Markdown");
    let file = sandbox.folder().join("what happened.md");
    again.keys("\x15");
    again.answer(file.to_str().unwrap());
    again.answer("\r");
    again.see("saved to");
    let saved = fs::read_to_string(&file).unwrap();
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    for text in [&text, &report.stdout, &saved] {
        for words in [CRASH, RESTART, LIMITS] {
            assert!(text.contains(words), "{words} is not in {text}");
        }
    }
    assert!(
        saved.starts_with(&format!("# Timeline of {project}\n")),
        "{saved}"
    );
}

fn open(sandbox: &Sandbox) -> Terminal {
    let mut screen = Terminal::open(&sandbox.hub_file(), (120, 40), &[]);
    screen.see("● 4 ok");
    screen.keys("H");
    screen.see("5 Timeline");
    screen
}

fn leave(mut screen: Terminal) {
    screen.keys("q");
    assert_eq!(screen.end(), 0);
}
