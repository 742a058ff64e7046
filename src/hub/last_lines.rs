//! The last lines of a service's log, read once: what it said before it turned red.

use crate::{
    domain::{
        Container, LogLine, ProjectName, ServiceId, Timestamp,
        log::{LastWord, Masker, last_words},
    },
    engine::{Engine, LogQuery},
    stack::{hardening::env_secrets, secrets::Secrets},
};
use futures_util::StreamExt;
use std::{path::Path, time::Duration};
use tokio::time::timeout;

/// So many are read.
const LAST_LINES: u32 = 200;
/// They may take this long.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// The last lines of a container, oldest first; `None` if they cannot be read in time.
pub(super) async fn last_lines(
    engine: &Engine,
    container: &str,
    since: Option<Timestamp>,
) -> Option<Vec<LogLine>> {
    let query = LogQuery {
        tail: Some(LAST_LINES),
        since,
        ..LogQuery::default()
    };
    let lines = engine.logs(container, query);
    let lines = lines.take_while(|line| std::future::ready(line.is_ok()));
    let lines: Vec<_> = timeout(LAST_WAIT, lines.collect()).await.ok()?;
    Some(lines.into_iter().flatten().collect())
}

/// Those of them that say what is wrong, as they may be shown.
pub(super) async fn read_last_words(
    engine: &Engine,
    service: &ServiceId,
    container: &str,
    masker: &Masker,
) -> Option<Vec<LastWord>> {
    let lines = last_lines(engine, container, None).await?;
    Some(last_words(service.kind, &lines, masker))
}

/// What hides the secrets of a project and those that its container was told; without them, what looks like one.
pub(super) fn masker_of(
    secrets: &Path,
    project: &ProjectName,
    container: Option<&Container>,
) -> Masker {
    let mut known = Secrets::known(secrets, project).unwrap_or_default();
    known.extend(container.into_iter().flat_map(|c| env_secrets(&c.settings)));
    Masker::new(&known)
}
