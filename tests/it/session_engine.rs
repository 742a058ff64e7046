//! The real program in a pseudo-terminal on a simulated engine: what it leaves undone, and what a burst of keys cannot do.

use crate::{
    hub_world::{HubWorld, eventually},
    support::terminal::Terminal,
};
use cchub::sim::Reply;

/// The program on this world's engine.
fn open(world: &HubWorld) -> Terminal {
    let cchub::engine::Endpoint::Unix(socket) = world.engine.endpoint() else {
        panic!("a socket")
    };
    let host = format!("unix://{}", socket.display());
    Terminal::open(&world.hub_path(), (100, 30), &[("DOCKER_HOST", &host)])
}

#[tokio::test(flavor = "multi_thread")]
async fn p21_a_signal_during_an_operation_ends_and_says_what_was_under_way() {
    for (signal, code) in [("TERM", 143), ("INT", 130), ("QUIT", 131)] {
        let world = HubWorld::new();
        world
            .engine
            .spoil("POST /containers/create", 100, Reply::Hang);
        let mut screen = open(&world);
        screen.see("stopped");
        screen.keys("S");
        eventually("it hangs", || {
            world.engine.count("POST /containers/create") > 0
        })
        .await;
        screen.signal(signal);
        assert_eq!(screen.end(), code);
        screen.expect_restored();
        screen.see("start of shop was under way: start it again to complete it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p26_a_burst_of_500_unmarked_keys_stops_and_removes_nothing() {
    let world = HubWorld::new();
    world.start_shop().await;
    let before = world.engine.changes();
    let mut screen = open(&world);
    screen.see("shop");
    screen.keys(&"rysyjk\ty\rXyDy".repeat(36));
    std::thread::sleep(std::time::Duration::from_millis(600));
    for _ in 0..4 {
        screen.answer("\x1b");
    }
    screen.answer("?");
    screen.see("Keys");
    assert_eq!(world.engine.changes(), before);
    screen.signal("TERM");
    assert_eq!(screen.end(), 143);
}

#[tokio::test(flavor = "multi_thread")]
async fn p26_a_slow_burst_answers_no_question_either() {
    let world = HubWorld::new();
    world.start_shop().await;
    let before = world.engine.changes();
    let mut screen = open(&world);
    screen.see("shop");
    // One key each 20 ms, as a paste over a slow line: longer than the moment in which a question ignores keys.
    screen.keys("s");
    for _ in 0..30 {
        screen.keys("y");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    screen.see("Stop shop");
    assert_eq!(world.engine.changes(), before);
    screen.signal("TERM");
    assert_eq!(screen.end(), 143);
}

/// Keys as a terminal sends a paste that it does not mark: they would set limits, start, stop and restart.
fn unmarked_paste() -> String {
    "SL\t5\t300m\rrysy\nL\t\t1\r".repeat(25)
}

#[tokio::test(flavor = "multi_thread")]
async fn p26_a_burst_of_500_unmarked_keys_starts_nothing() {
    let world = HubWorld::new();
    let mut screen = open(&world);
    screen.see("stopped");
    let before = world.engine.changes();
    screen.keys(&unmarked_paste());
    screen.see("pasted text is ignored here");
    screen.answer("?");
    screen.see("Keys");
    assert_eq!(world.engine.changes(), before);
    screen.signal("TERM");
    assert_eq!(screen.end(), 143);
}

#[tokio::test(flavor = "multi_thread")]
async fn p26_a_burst_of_500_unmarked_keys_sets_no_limits() {
    let world = HubWorld::new();
    world.start_shop().await;
    let before = world.engine.changes();
    let file = std::fs::read_to_string(world.hub_path()).unwrap();
    let mut screen = open(&world);
    screen.see("2 down");
    screen.keys("\x1b[C");
    screen.answer(&unmarked_paste());
    screen.see("pasted text is ignored here");
    screen.answer("?");
    screen.see("Keys");
    assert_eq!(world.engine.changes(), before);
    assert_eq!(std::fs::read_to_string(world.hub_path()).unwrap(), file);
    screen.signal("TERM");
    assert_eq!(screen.end(), 143);
}

#[tokio::test(flavor = "multi_thread")]
async fn p25_operations_and_looks_go_on_while_the_terminal_does_not_read() {
    let world = HubWorld::new();
    let mut screen = open(&world);
    screen.see("stopped");
    screen.pause(true);
    for _ in 0..400 {
        screen.keys("\x0c");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let unread = screen.bytes().len();
    screen.keys("S");
    eventually("the project is started", || {
        world.engine.count("POST /containers/") >= 8
    })
    .await;
    let before = world.engine.count("GET /");
    eventually("it is looked at", || {
        world.engine.count("GET /") > before + 2
    })
    .await;
    assert_eq!(screen.bytes().len(), unread, "nothing was read");
    screen.pause(false);
    screen.see("starting");
    screen.answer("q");
    assert_eq!(screen.end(), 0);
    screen.expect_restored();
}
