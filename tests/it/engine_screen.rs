//! The daily job on the screen: the real program in a pseudo-terminal, the real engine, the four real services.

use crate::support::{block_on, http_get, require_engine, sandbox::Sandbox, terminal::Terminal};
use cchub::domain::{Container, ServiceKind};

fn inspect(sandbox: &Sandbox, kind: ServiceKind) -> Option<Container> {
    let name = sandbox.container(kind);
    block_on(async { require_engine().await.inspect(&name).await.unwrap() })
}

#[test]
fn start_tail_restart_limit_stop_and_quit_from_the_keyboard() {
    let sandbox = Sandbox::new();
    let mut screen = Terminal::open(&sandbox.hub_file(), (100, 30), &[]);
    screen.see("▪ stopped");

    screen.keys("S");
    screen.see("all four are healthy");
    screen.see("● 4 ok");

    // Right to redis and on to the backend, its log, a line that is printed while we look.
    screen.keys("\x1b[C\x1b[C\x1b[C");
    screen.keys("l");
    screen.see("/ backend");
    http_get(sandbox.ports[2], "/log?lines=3&kind=plain&stream=stdout");
    screen.see("line 3 of 3");

    let before = inspect(&sandbox, ServiceKind::Backend).unwrap();
    let redis = inspect(&sandbox, ServiceKind::Redis).unwrap();
    screen.keys("\x1b");
    screen.answer("r");
    let dialog = screen.see("Restart backend of");
    assert!(
        dialog.contains(&sandbox.project) && dialog.contains("frontend"),
        "{dialog}"
    );
    screen.answer("y");
    screen.see("is restarted and healthy");
    let after = inspect(&sandbox, ServiceKind::Backend).unwrap();
    assert_eq!(before.id, after.id);
    assert!(before.started_at < after.started_at);
    assert_eq!(
        redis.started_at,
        inspect(&sandbox, ServiceKind::Redis).unwrap().started_at
    );

    screen.keys("L");
    screen.see("in use");
    // To the memory field; its text goes, a wrong value says what is allowed, then a right one.
    screen.keys("\t");
    screen.keys(&"\x7f".repeat(8));
    screen.keys("5m");
    screen.see("6 MB");
    screen.keys("\x7f\x7f300m\r");
    screen.see("memory 1 GB → 300 MB");
    assert_eq!(
        inspect(&sandbox, ServiceKind::Backend)
            .unwrap()
            .limits()
            .memory
            .0,
        300 << 20
    );
    assert!(
        std::fs::read_to_string(sandbox.hub_file())
            .unwrap()
            .contains("300m")
    );
    screen.keys("\x1b");
    std::thread::sleep(std::time::Duration::from_millis(300));

    // Back to the project itself, then stop: Cancel has the focus, so Enter does nothing.
    screen.keys("\x1b[D\x1b[D\x1b[D\x1b[D");
    screen.keys("s");
    screen.see("Stop");
    screen.answer("\r");
    assert!(inspect(&sandbox, ServiceKind::Backend).is_some());
    screen.keys("s");
    screen.see("Stop");
    screen.answer("y");
    screen.see("is stopped; its data is kept");
    assert!(inspect(&sandbox, ServiceKind::Backend).is_none());

    screen.keys("q");
    assert_eq!(screen.end(), 0);
    screen.expect_restored();
}

#[test]
fn a_project_is_added_with_the_form_and_removed_with_its_name_typed() {
    let sandbox = Sandbox::empty();
    let mut screen = Terminal::open(&sandbox.hub_file(), (80, 24), &[]);
    screen.see("no projects");
    screen.keys("a");
    screen.answer(&sandbox.project);
    // With pauses as a person makes them: all at once would be a paste.
    screen.answer("\t");
    screen.answer(sandbox.workspace().to_str().unwrap());
    screen.answer("\r");
    screen.see("added");
    assert!(
        std::fs::read_to_string(sandbox.hub_file())
            .unwrap()
            .contains(&sandbox.project)
    );

    screen.keys(":");
    screen.answer("remove data");
    screen.see("emove");
    screen.keys("\r");
    screen.see("Type");
    screen.answer("wrong\r");
    assert!(
        std::fs::read_to_string(sandbox.hub_file())
            .unwrap()
            .contains(&sandbox.project)
    );
    screen.keys(&"\x7f".repeat(5));
    screen.keys(&format!("{}\r", sandbox.project));
    screen.see("is forgotten");
    screen.see("no projects");
    assert!(
        !std::fs::read_to_string(sandbox.hub_file())
            .unwrap()
            .contains(&sandbox.project)
    );
    screen.keys("q");
    assert_eq!(screen.end(), 0);
}

#[test]
fn what_another_program_does_appears_on_the_screen() {
    let sandbox = Sandbox::new();
    let screen = Terminal::open(&sandbox.hub_file(), (100, 30), &[]);
    screen.see("▪ stopped");
    sandbox.run(&["start", &sandbox.project]).expect(0);
    screen.see("● 4 ok");
    let redis = sandbox.container(ServiceKind::Redis);
    block_on(async { require_engine().await.remove(&redis).await.unwrap() });
    screen.until("a missing redis", |s| !s.contents().contains("● 4 ok"));
}
