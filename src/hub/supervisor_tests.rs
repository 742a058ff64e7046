//! What happens when one of the hub's own tasks breaks down.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::hub::{Job, JobState};

struct Opened {
    supervisor: Supervisor,
    facts: mpsc::Receiver<Fact>,
    _logs: mpsc::Receiver<LogBatch>,
    folder: tempfile::TempDir,
}

fn opened() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let (out, facts) = mpsc::channel(FACTS_MAX);
    let (batches, logs) = mpsc::channel(BATCHES_MAX);
    let config = HubConfig {
        hub_file: HubFile::new(folder.path().join("hub.toml")),
        endpoint: Endpoint::Unix(folder.path().join("none")),
        timing: Timing::default(),
        journal: Journal::none(),
    };
    Opened {
        supervisor: Supervisor::start(config, out, batches),
        facts,
        _logs: logs,
        folder,
    }
}

async fn until(facts: &mut mpsc::Receiver<Fact>, wanted: impl Fn(&Fact) -> bool) -> Fact {
    loop {
        let fact = facts.recv().await.unwrap();
        if wanted(&fact) {
            return fact;
        }
    }
}

fn add(name: &str, folder: &std::path::Path) -> Command {
    Command::Run(Request::Add(crate::hub::NewProject {
        name: name.parse().unwrap(),
        path: folder.join("work"),
        images: Vec::new(),
    }))
}

#[tokio::test]
async fn p23_a_log_stream_that_panics_is_told_and_the_hub_goes_on() {
    let mut hub = opened();
    std::fs::create_dir(hub.folder.path().join("work")).unwrap();
    hub.supervisor.tasks.spawn(async { panic!("odd line") });
    let (commands, inbox) = mpsc::channel(1);
    tokio::spawn(hub.supervisor.run(inbox));
    let told = until(&mut hub.facts, |fact| matches!(fact, Fact::Notice(_))).await;
    assert!(matches!(told, Fact::Notice(text) if text.contains("odd line")));
    commands.send(add("shop", hub.folder.path())).await.unwrap();
    until(
        &mut hub.facts,
        |fact| matches!(fact, Fact::Projects(all) if all.len() == 1),
    )
    .await;
}

#[tokio::test]
async fn p23_an_operation_that_panics_ends_as_failed_and_the_next_one_begins() {
    let mut hub = opened();
    let shop: ProjectName = "shop".parse().unwrap();
    let first = hub
        .supervisor
        .jobs
        .submit(Request::Stop(shop.clone()))
        .await;
    let next = hub
        .supervisor
        .jobs
        .submit(Request::Stop(shop.clone()))
        .await;
    assert!(first.is_some() && next.is_none());
    let task = hub.supervisor.tasks.spawn(async { panic!("odd step") });
    hub.supervisor.job_tasks.insert(task.id(), shop);
    let (_commands, inbox) = mpsc::channel(1);
    tokio::spawn(hub.supervisor.run(inbox));
    let mut failures = Vec::new();
    while failures.len() < 2 {
        let ended = until(
            &mut hub.facts,
            |fact| matches!(fact, Fact::Job(job) if job.state.is_over()),
        );
        if let Fact::Job(Job {
            state: JobState::Failed(failure),
            ..
        }) = ended.await
        {
            failures.push(failure.message);
        }
    }
    assert!(failures[0].contains("odd step"), "{failures:?}");
    assert!(failures[1].contains("no project 'shop'"), "{failures:?}");
}

#[tokio::test]
async fn p23_the_last_word_of_a_hub_that_cannot_go_on_is_why() {
    let mut hub = opened();
    hub.supervisor.tasks.spawn(async { Ended::Core("refresh") });
    let (_commands, inbox) = mpsc::channel(1);
    tokio::spawn(hub.supervisor.run(inbox));
    let told = until(&mut hub.facts, |fact| matches!(fact, Fact::Notice(_))).await;
    assert!(matches!(told, Fact::Notice(text) if text.contains("refresh ended")));
    while hub.facts.recv().await.is_some() {}
}
