//! Several projects at once on the real engine.

use crate::support::{block_on, require_engine, sandbox::Sandbox};
use cchub::domain::ServiceKind::{self, Backend};
use std::fs;

/// When each of the project's services was started, and which container it is.
fn identities(sandbox: &Sandbox) -> Vec<(String, String)> {
    let inspect = |kind| {
        let name = sandbox.container(kind);
        block_on(async move {
            require_engine()
                .await
                .inspect(&name)
                .await
                .unwrap()
                .unwrap()
        })
    };
    let of = |kind| {
        let container = inspect(kind);
        (container.id, format!("{:?}", container.started_at))
    };
    ServiceKind::ALL.into_iter().map(of).collect()
}

/// Two projects in the hub of the first.
fn two() -> (Sandbox, Sandbox) {
    let (first, second) = (Sandbox::new(), Sandbox::new());
    let text = fs::read_to_string(second.hub_file()).unwrap();
    let (_, projects) = text.split_once("[projects").unwrap();
    let projects = projects.replace("number = 1\n", "number = 2\n");
    first.append(&format!("[projects{projects}"));
    (first, second)
}

#[test]
fn b15_a_rolling_restart_of_which_the_first_fails_leaves_the_second_untouched() {
    let (first, second) = two();
    let names = [first.project.as_str(), second.project.as_str()];
    first.run(&["start", names[0], names[1]]).expect(0);
    let (before, others) = (identities(&first), identities(&second));

    first.set(Backend, "command", r#"["sh", "-c", "exit 7"]"#);
    let said = first
        .run(&["restart", "--rolling", names[0], names[1]])
        .expect(1);
    let words = format!(
        "rolling restart: 0 of 2 done; failed: {}; not tried: {}",
        names[0], names[1]
    );
    assert!(said.stderr.contains(&words), "{}", said.stderr);
    assert!(said.stderr.contains("exit code 7"), "{}", said.stderr);
    assert_ne!(identities(&first), before, "the first was tried");
    assert_eq!(identities(&second), others, "the second is untouched");

    // Once it is mended, both are restarted, one after the other.
    first.set(
        Backend,
        "command",
        r#"["uvicorn", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]"#,
    );
    let said = first
        .run(&["restart", "--rolling", names[0], names[1]])
        .expect(0);
    assert!(
        said.stderr.contains("rolling restart: 2 of 2 done"),
        "{}",
        said.stderr
    );
    assert_ne!(identities(&second), others);
}
