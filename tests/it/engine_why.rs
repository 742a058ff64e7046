//! An outage on the real engine: how soon the matrix knows, who is blocked, how often the operator is called, and which
//! keys lead to the sentence.

use crate::{
    engine_faults::running,
    fixture::{play, screen},
    sim_world::Front,
    support::raw_post,
};
use cchub::domain::{
    ServiceKind::{Backend, Postgres},
    Verdict,
};
use serde_json::json;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
/// What this test allows for what is promised within a second: the machine has other things to do.
const MERCY: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_database_is_down_at_once_blocks_its_backend_and_calls_once() {
    let (sandbox, mut front) = running().await;
    let project = sandbox.project.clone();
    let path = format!("/containers/{}/kill", sandbox.container(Postgres));
    let began = Instant::now();
    raw_post(&path, &json!({}));
    eprintln!("the engine took {:?} to kill it", began.elapsed());
    let is = |kind, wanted| {
        let project = project.clone();
        move |front: &Front| front.verdict(&project, kind) == wanted
    };
    let is_down = is(Postgres, Verdict::Down);
    let down = front.within(MERCY, "down", is_down).await;
    let is_blocked = is(Backend, Verdict::Blocked);
    let blocked = front.within(MERCY, "blocked", is_blocked).await;
    eprintln!("down after {down:?}, the backend blocked {blocked:?} later");

    // Longer than anything that is held back for a while.
    front.read_for(SECOND * 16).await;
    assert_eq!(front.called(), [Postgres]);
    assert_eq!(front.verdict(&project, Backend), Verdict::Blocked);

    let mut model = front.screen();
    play(&mut model, "! enter");
    let text = screen(&mut model, 120, 40);
    eprintln!("{text}");
    assert!(text.contains("postgres has been stopped for "), "{text}");
    assert!(text.contains("137 (killed, SIGKILL)"), "{text}");
    assert!(text.contains("for it."), "who waits: {text}");
}
