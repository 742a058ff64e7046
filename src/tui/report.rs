//! The report of a panic of the screen: a private file for whoever mends it, and one line that says where it is.
//!
//! It holds places in the code and nothing that this program works with: a panic's message may quote a text, and the
//! text may be a secret, so that a message is cut where it begins to quote.

use crate::config::paths;
use std::{
    backtrace::Backtrace,
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    panic::PanicHookInfo,
    path::{Path, PathBuf},
};

/// Reports that are kept; the oldest go first.
const REPORTS_MAX: usize = 10;
/// How their names begin.
const PREFIX: &str = "panic-";

/// Writes the report; gives the line for the operator.
pub(super) fn write(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map(ToString::to_string);
    let place = place.unwrap_or_else(|| "an unknown place".to_owned());
    let text = format!(
        "cchub-tui {} broke down at {place}\n{}\n\n{}\n",
        env!("CARGO_PKG_VERSION"),
        without_quotes(info.payload_as_str().unwrap_or_default()),
        Backtrace::force_capture()
    );
    let folder = paths::state_dir();
    let told = match keep(&folder, &text) {
        Ok(path) => format!("the report is in {}", path.display()),
        Err(error) => format!(
            "no report could be written to {}: {error}",
            folder.display()
        ),
    };
    format!("a mistake in this program ended the screen at {place}; {told}; start it again")
}

/// The words of a message before anything that it quotes.
fn without_quotes(message: &str) -> &str {
    let begins_quote = |c: char| matches!(c, '`' | '"' | '\'' | ':' | '\n');
    message.split(begins_quote).next().unwrap_or_default()
}

/// Puts a report into `folder`, and removes the oldest ones beyond the bound.
fn keep(folder: &Path, text: &str) -> io::Result<PathBuf> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let now = jiff::Timestamp::now().as_millisecond();
    let path = folder.join(format!("{PREFIX}{now:015}-{}.txt", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    file.write_all(text.as_bytes())?;
    forget_oldest(folder)?;
    Ok(path)
}

fn forget_oldest(folder: &Path) -> io::Result<()> {
    let ours = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with(PREFIX))
    };
    let entries = fs::read_dir(folder)?.flatten().map(|entry| entry.path());
    let mut reports: Vec<_> = entries.filter(ours).collect();
    reports.sort();
    let beyond = reports.len().saturating_sub(REPORTS_MAX);
    reports.iter().take(beyond).try_for_each(fs::remove_file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn p70_a_message_is_cut_before_what_it_quotes() {
        for (message, kept) in [
            ("index out of bounds: the len is 3", "index out of bounds"),
            (
                "byte index 1 is not a char boundary; it is inside 'é' of `é-secret`",
                "byte index 1 is not a char boundary; it is inside ",
            ),
            ("no token: hunter2", "no token"),
            ("plain words", "plain words"),
        ] {
            assert_eq!(without_quotes(message), kept);
        }
    }

    #[test]
    fn p23_reports_are_private_and_bounded() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..REPORTS_MAX + 5 {
            fs::write(folder.path().join(format!("{PREFIX}{n:015}-1.txt")), "old").unwrap();
        }
        fs::write(folder.path().join("hub.toml"), "not ours").unwrap();
        let path = keep(folder.path(), "text").unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "text");
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            REPORTS_MAX + 1
        );
    }
}
