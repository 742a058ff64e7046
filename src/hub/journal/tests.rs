//! Records: what is written when an operation ends in a way that no code of its own sees.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::{
    domain::ProjectName,
    hub::{Fact, JobId},
};
use std::{fs, path::Path};

fn reporter() -> (Request, Reporter, tokio::sync::mpsc::Receiver<Fact>) {
    let request = Request::stop("shop".parse::<ProjectName>().unwrap());
    let (facts, inbox) = tokio::sync::mpsc::channel(64);
    let job = request.job(JobId(1), Timestamp::now());
    (request, Reporter::new(job, facts), inbox)
}

fn written(folder: &Path) -> Vec<Entry> {
    let text = fs::read_to_string(folder.join("journal.jsonl")).unwrap_or_default();
    let entries = text.lines().map(|line| serde_json::from_str(line).unwrap());
    entries.collect()
}

fn results(folder: &Path) -> Vec<Outcome> {
    written(folder).iter().map(|entry| entry.result).collect()
}

#[tokio::test]
async fn both_lines_of_an_operation_carry_its_id_and_its_beginning() {
    let temp = tempfile::tempdir().unwrap();
    let journal = Journal::open(temp.path().to_owned(), Origin::Screen);
    let (request, report, _facts) = reporter();
    let record = journal.record(&request, &report);
    record.begin().await;
    record.end(&Ok(Safe::new("stopped"))).await;
    let all = written(temp.path());
    let [begun, done] = all.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!((&begun.id, begun.time), (&done.id, done.time));
    assert_eq!(begun.result, Outcome::Begun);
    assert_eq!(
        (done.result, done.message.as_str()),
        (Outcome::Done, "stopped")
    );
    assert!(begun.duration_ms.is_none() && done.duration_ms.is_some());
    assert_eq!((done.pid, done.from), (process::id(), Origin::Screen));
}

#[tokio::test]
async fn p36_an_operation_that_is_dropped_was_cancelled_and_one_that_panics_panicked() {
    let temp = tempfile::tempdir().unwrap();
    let journal = Journal::open(temp.path().to_owned(), Origin::Screen);
    let (request, report, _facts) = reporter();
    let record = journal.record(&request, &report);
    record.begin().await;
    drop(record);
    let record = journal.record(&request, &report);
    let broken = tokio::spawn(async move {
        record.begin().await;
        panic!("odd step");
    });
    assert!(broken.await.unwrap_err().is_panic());
    journal.record(&request, &report).withdraw();
    assert_eq!(
        results(temp.path()),
        [
            Outcome::Begun,
            Outcome::Cancelled,
            Outcome::Begun,
            Outcome::Panicked
        ]
    );
}

#[tokio::test]
async fn p36_a_journal_that_cannot_be_written_is_told_once() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("file");
    fs::write(&file, "").unwrap();
    let journal = Journal::open(file.join("state"), Origin::Screen);
    let (request, report, mut facts) = reporter();
    for _ in 0..3 {
        let record = journal.clone().record(&request, &report);
        record.begin().await;
        record.end(Ending::cancelled()).await;
    }
    drop(journal.record(&request, &report));
    let Ok(Fact::Notice(told)) = facts.try_recv() else {
        panic!("nothing was told")
    };
    assert!(told.contains("cannot be written"), "{told}");
    assert!(told.contains("file/state"), "{told}");
    assert!(facts.try_recv().is_err(), "told twice");
}

#[tokio::test]
async fn p36_a_disk_that_does_not_answer_holds_nobody_up() {
    // Nobody takes the lines, as a thread does not that hangs in the kernel.
    let (lines, inbox) = mpsc::sync_channel(1);
    let journal = Journal(Some(Arc::new(Desk {
        folder: "/gone".into(),
        origin: Origin::Screen,
        user: None,
        ssh: None,
        lines,
        told: AtomicBool::new(false),
    })));
    let (request, report, mut facts) = reporter();
    let record = journal.record(&request, &report);
    record.begin().await;
    drop(record);
    let Ok(Fact::Notice(told)) = facts.try_recv() else {
        panic!("nothing was told")
    };
    assert!(told.contains("does not answer"), "{told}");
    drop(inbox);
}

#[tokio::test]
async fn without_a_journal_nothing_is_written_or_told() {
    let (request, report, mut facts) = reporter();
    let record = Journal::none().record(&request, &report);
    record.begin().await;
    record.end(Ending::cancelled()).await;
    assert!(facts.try_recv().is_err());
}
