//! `limits --presets`: which presets there are, and what each says for every service.

use super::super::{
    Context,
    output::{CliError, Code, print, print_json, table},
};
use crate::domain::{LimitsChange, ServiceKind, limits::Preset};
use serde::Serialize;
use std::collections::BTreeMap;

/// One preset; the JSON of `limits --presets --json`.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    /// CPUs, bytes and processes by service; null is what it leaves as it is.
    services: BTreeMap<ServiceKind, LimitsChange>,
}

/// Lists the presets, built-in ones first.
pub(super) fn list(context: &Context, json: bool) -> Result<Code, CliError> {
    let all = Preset::all(&context.hub()?.settings.presets);
    if json {
        print_json(&all.iter().map(row).collect::<Vec<_>>())?;
    } else {
        let heads = ["PRESET", "POSTGRES", "REDIS", "BACKEND", "FRONTEND"];
        print(table(&heads, &all.iter().map(cells).collect::<Vec<_>>()))?;
    }
    Ok(Code::Done)
}

fn row(preset: &Preset) -> Row {
    let values = preset.values.iter();
    Row {
        name: preset.name.clone(),
        services: values.map(|(kind, change)| (kind, *change)).collect(),
    }
}

fn cells(preset: &Preset) -> Vec<String> {
    let words = ServiceKind::ALL.map(|kind| preset.words(kind));
    std::iter::once(preset.name.clone()).chain(words).collect()
}
