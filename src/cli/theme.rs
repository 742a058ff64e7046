//! `theme`: which themes there are, and what is wrong with one.

use super::{
    args::ThemeCommand,
    output::{CliError, Code, print, print_json, table},
};
use crate::{
    config::paths,
    domain::Safe,
    hub::Failure,
    tui::{
        look::{self, Faint, Looks},
        themes::{name_of, own, read},
    },
};
use serde::Serialize;
use std::path::Path;

/// One theme; the JSON of `theme list --json`.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    /// It is a file of the operator's, maybe in the place of a shipped one.
    own: bool,
    /// Why it cannot be used.
    error: Option<Safe>,
}

pub(super) async fn theme(command: &ThemeCommand) -> Result<Code, CliError> {
    match command {
        ThemeCommand::List { json } => list(*json).await,
        ThemeCommand::Check { file } => check(file).await,
    }
}

async fn list(json: bool) -> Result<Code, CliError> {
    let own = own(&paths::themes_dir()).await;
    let shipped = Looks::shipped().into_iter();
    let shipped = shipped.filter(|name| own.iter().all(|(known, _)| known != name));
    let shipped = shipped.map(|name| Row {
        name,
        own: false,
        error: None,
    });
    let mine = own.iter().map(|(name, text)| Row {
        name: name.clone(),
        own: true,
        error: look::check(name, text)
            .err()
            .map(|error| Safe::new(error.to_string())),
    });
    let rows: Vec<Row> = shipped.chain(mine).collect();
    if json {
        print_json(&rows)?;
    } else {
        print(as_table(&rows))?;
    }
    Ok(Code::Done)
}

fn as_table(rows: &[Row]) -> String {
    let row = |row: &Row| {
        let from = if row.own { "own" } else { "shipped" };
        let error = row.error.as_ref().map_or("", Safe::as_str);
        vec![row.name.clone(), from.to_owned(), error.to_owned()]
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    table(&["THEME", "FROM", "WRONG"], &rows)
}

/// Says what is wrong in a theme file: exit code 2 if it cannot be used, 1 if some of its texts are hard to read.
async fn check(file: &Path) -> Result<Code, CliError> {
    let refuse = |why: String| Failure::input(format!("{}: {why}", file.display()));
    let text = read(file)
        .await
        .map_err(|error| refuse(error.to_string()))?;
    let name = name_of(file).unwrap_or_default();
    let faint = look::check(&name, &text).map_err(|error| refuse(error.to_string()))?;
    if faint.is_empty() {
        print("good: every text has a contrast of at least 4.5:1")?;
        return Ok(Code::Done);
    }
    let row = |faint: &Faint| {
        let contrast = format!("{:.1}:1", faint.contrast);
        vec![faint.role.to_owned(), faint.colours.to_owned(), contrast]
    };
    let rows: Vec<_> = faint.iter().map(row).collect();
    print(table(&["ROLE", "COLOURS", "CONTRAST"], &rows))?;
    super::output::note("a text needs a contrast of 4.5:1 to be read by all eyes");
    Ok(Code::Failed)
}
