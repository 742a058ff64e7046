//! One operation at a time per project, also between two programs on one hub: a file lock that the kernel lets go of
//! when its holder dies.

use super::{Failure, FailureKind, report::Reporter};
use crate::{
    domain::{ProjectName, Safe},
    stack::durable,
};
use std::{
    fs::{File, TryLockError},
    path::Path,
    time::Duration,
};

/// How often a taken lock is tried again.
const POLL: Duration = Duration::from_millis(200);
/// The longest operation (a start with image builds) ends within this; who waits longer is told.
const WAIT_MAX: Duration = Duration::from_mins(40);

/// The right to change one project; let go when dropped.
#[derive(Debug)]
pub(super) struct ProjectLock {
    _file: File,
}

impl ProjectLock {
    /// Waits until no other program changes `project`; cancelled by dropping the future.
    pub(super) async fn acquire(
        folder: &Path,
        project: &ProjectName,
        report: &Reporter,
    ) -> Result<Self, Failure> {
        let file = open(folder, project)?;
        let began = tokio::time::Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(error)) => return Err(unusable(folder, &error)),
                Err(TryLockError::WouldBlock) if began.elapsed() > WAIT_MAX => {
                    return Err(still_busy(project));
                }
                Err(TryLockError::WouldBlock) => {
                    report.wait(format!(
                        "another program changes {project}: waiting {}s, Ctrl-C or x cancels",
                        began.elapsed().as_secs()
                    ));
                    tokio::time::sleep(POLL).await;
                }
            }
        }
    }
}

fn open(folder: &Path, project: &ProjectName) -> Result<File, Failure> {
    durable::make_folder(folder).map_err(|error| unusable(folder, &error))?;
    let path = folder.join(format!("{project}.lock"));
    durable::open_lock(&path).map_err(|error| unusable(&path, &error))
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure {
        kind: FailureKind::Operation,
        message: Safe::new(format!(
            "the lock {} cannot be taken: {error}",
            path.display()
        )),
        hint: Some(Safe::new(
            "make the hub file's folder writable for this user",
        )),
        log: Vec::new(),
    }
}

fn still_busy(project: &ProjectName) -> Failure {
    Failure {
        kind: FailureKind::Operation,
        message: Safe::new(format!("another program still changes {project}")),
        hint: Some(Safe::new("look at the other session, then try again")),
        log: Vec::new(),
    }
}
