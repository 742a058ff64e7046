//! `why` on the command line: the sentence, what speaks for it, and the exit code.

use crate::limits_cli::{ran, running};
use cchub::sim::Spoken;

/// Lets the kernel kill the database of `shop` after its last words.
fn kill(world: &crate::hub_world::HubWorld) {
    let mut machine = world.engine.model();
    let at = machine.clock();
    let text = "FATAL: out of memory, password=hunter2-of-shop".to_owned();
    let stream = cchub::domain::LogStream::Err;
    machine.containers["cchub-shop-postgres"].print(&Spoken { at, stream, text });
    machine.kill_for_memory("cchub-shop-postgres");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sentence_and_the_evidence_of_the_pane_are_printed() {
    let world = running().await;
    let well = ran(&world, "why shop/redis").await.expect(0);
    assert!(
        well.stdout.starts_with("shop: redis has been healthy"),
        "{}",
        well.stdout
    );
    assert!(!well.stdout.contains("FATAL"));

    kill(&world);
    let one = ran(&world, "why shop postgres").await.expect(1);
    let text = &one.stdout;
    assert!(text.starts_with("shop: postgres has been "), "{text}");
    assert!(text.contains("the kernel killed it for memory"), "{text}");
    for line in [
        "  next: raise its memory limit: cchub-tui limits shop/postgres --memory 4194304k",
        "  next: read its log: cchub-tui logs shop/postgres",
        "  last exit  137: killed by the kernel: out of memory",
        "  memory     limit 2 GB when it was killed",
        "ago: FATAL: out of memory, password=******",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("redis"), "it was not asked for: {text}");
    assert!(!text.contains("hunter2"), "{text}");

    let all = ran(&world, "why shop blog --json").await.expect(1).json();
    let told = all.as_array().unwrap().iter();
    let services: Vec<_> = told.map(|one| (&one["project"], &one["service"])).collect();
    assert_eq!(
        services.len(),
        1,
        "what is well needs no answer: {services:?}"
    );
    assert_eq!(all[0]["service"], "postgres");
    assert_eq!(all[0]["healthy"], false);
    let facts = all[0]["evidence"].as_array().unwrap();
    let memory = facts.iter().find(|fact| fact["about"] == "memory").unwrap();
    assert_eq!(memory["weight"], "bad");
    ran(&world, "why blog").await.expect(0);
    ran(&world, "why nothere").await.expect(2);
}
