//! What happens when one of the hub's own tasks breaks down.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::hub::{FollowId, Job, JobState};

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

/// A task that panics in the place of one that reads a log.
fn break_a_log(supervisor: &mut Supervisor, followed: Followed) {
    let task = supervisor.tasks.spawn(async { panic!("odd line") });
    supervisor.tails.begun(task, followed);
}

fn of_redis() -> Followed {
    let shop = "shop".parse().unwrap();
    let service = crate::domain::ServiceId::new(&shop, crate::domain::ServiceKind::Redis);
    Followed::new(FollowId(1), service, crate::domain::log::Window::Tail(10))
}

#[tokio::test]
async fn p23_a_log_stream_that_panics_begins_again_at_its_place_and_ends_the_fourth_time() {
    let mut hub = opened();
    let followed = of_redis();
    let place = followed.place.subscribe();
    break_a_log(&mut hub.supervisor, followed);
    for times in 1..=4 {
        loop {
            let ended = hub.supervisor.tasks.join_next_with_id().await.unwrap();
            let panicked = matches!(&ended, Err(error) if error.is_panic());
            assert!(hub.supervisor.take_end(ended).await.is_ok());
            if panicked {
                break;
            }
        }
        let told = until(&mut hub.facts, |fact| matches!(fact, Fact::Notice(_))).await;
        let Fact::Notice(text) = told else {
            unreachable!()
        };
        let again = text.contains("was opened again");
        assert_eq!(again, times <= 3, "{times}: {text}");
        assert_eq!(text.contains("stays closed"), !again, "{text}");
        if let Some(followed) = hub.supervisor.tails.take() {
            assert!(place.same_channel(&followed.place.subscribe()));
            break_a_log(&mut hub.supervisor, followed);
        }
    }
}

#[tokio::test]
async fn p23_a_log_stream_that_panics_is_told_and_the_hub_goes_on() {
    let mut hub = opened();
    std::fs::create_dir(hub.folder.path().join("work")).unwrap();
    break_a_log(&mut hub.supervisor, of_redis());
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
        .submit(Request::stop(shop.clone()))
        .await;
    let next = hub
        .supervisor
        .jobs
        .submit(Request::stop(shop.clone()))
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
