//! Paths as they are typed, and the folders in a folder for their completion: bounded, and never waited for long.

use crate::{app::Msg, domain::safe::is_safe};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::time::timeout;

/// Entries that are looked at: completion of a larger folder needs more letters first.
const ENTRIES_MAX: usize = 2_000;
/// A folder on a network that is away must not be waited for.
const DEADLINE: Duration = Duration::from_secs(2);

/// The folders in `of`, which may begin with `~/`.
pub(super) async fn list(of: String, home: Option<PathBuf>) -> Msg {
    let path = resolve(&of, home.as_deref());
    let entries = timeout(DEADLINE, folders(&path)).await.unwrap_or_default();
    Msg::Folder { of, entries }
}

/// A path as it was typed: `~/` is the operator's home folder.
pub(super) fn resolve(typed: &str, home: Option<&Path>) -> PathBuf {
    match (typed.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(typed),
    }
}

/// Names of the folders in `path`, sorted; none if it cannot be read: then the path itself is what is wrong, and the
/// form says so when it is sent.
async fn folders(path: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let Ok(mut entries) = tokio::fs::read_dir(path).await else {
        return names;
    };
    for _ in 0..ENTRIES_MAX {
        let Ok(Some(entry)) = entries.next_entry().await else {
            break;
        };
        let is_folder = tokio::fs::metadata(entry.path())
            .await
            .is_ok_and(|data| data.is_dir());
        // A name that is not UTF-8 cannot be typed, and one that is not safe to draw would become another one.
        let name = entry.file_name().into_string().ok();
        names.extend(name.filter(|name| is_folder && is_safe(name)));
    }
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt};

    #[tokio::test]
    async fn p43_folders_whose_names_are_not_safe_to_draw_are_not_offered() {
        let temp = tempfile::tempdir().unwrap();
        for name in [
            "shop",
            "größer 日本",
            "a\u{1b}[2J",
            "b\u{202e}c",
            "d\u{200b}",
            "e\u{9b}1m",
        ] {
            fs::create_dir(temp.path().join(name)).unwrap();
        }
        fs::create_dir(temp.path().join(OsStr::from_bytes(b"no\xffutf8"))).unwrap();
        assert_eq!(folders(temp.path()).await, ["größer 日本", "shop"]);
    }
}
