//! `keys`: which key does what, as the hub file or a preset has it, and what of the wishes cannot be had.

use super::{
    Context,
    output::{CliError, Code, note, print, print_json, table},
};
use crate::{
    domain::{KeyWish, KeyWishes},
    tui::{KeyRow, key_table},
};
use serde_json::json;

/// Prints the keys in force; those of `preset` alone if one is named.
pub(super) fn keys(
    context: &Context,
    preset: Option<String>,
    as_json: bool,
) -> Result<Code, CliError> {
    let wishes = match preset {
        Some(name) => KeyWishes {
            preset: Some(KeyWish {
                words: vec![name],
                line: 0,
            }),
            ..KeyWishes::default()
        },
        None => context.hub()?.settings.keys,
    };
    let (rows, notices) = key_table(&wishes);
    if as_json {
        print_json(&rows.iter().map(as_value).collect::<Vec<_>>())?;
    } else {
        print(as_table(&rows))?;
    }
    for notice in &notices {
        note(notice);
    }
    Ok(match notices.is_empty() {
        true => Code::Done,
        false => Code::Failed,
    })
}

fn as_value(row: &KeyRow) -> serde_json::Value {
    let keys: serde_json::Map<_, _> = row
        .keys
        .iter()
        .map(|(place, words)| ((*place).to_owned(), json!(words)))
        .collect();
    json!({"action": row.name, "help": row.help, "keys": keys})
}

fn as_table(rows: &[KeyRow]) -> String {
    let cells = |row: &KeyRow| vec![row.name.to_owned(), row.text(), row.help.to_owned()];
    let cells: Vec<_> = rows.iter().map(cells).collect();
    table(&["ACTION", "KEYS", ""], &cells)
}
