//! Changes to the text of a hub file that leave everything else as people wrote it: comments, order, blank lines.
//!
//! Each gives `None` where something else stands in the place of a table; a file that was read before has no such place.

use crate::{
    domain::{LimitsChange, ProjectName, ServiceKind},
    stack::{
        ProjectEntry,
        entry::{ImportedEntry, ImportedService},
    },
};
use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

/// What a hub file begins with.
pub const NEW: &str = "\
# Projects and settings of cchub-tui. The program keeps comments and order when it changes this file.
version = 1
";

/// Writes a project of which only path, number and images are said.
pub fn add(document: &mut DocumentMut, entry: &ProjectEntry) -> Option<()> {
    let projects = below(document.as_table_mut(), "projects")?;
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    let path = entry.path.to_string_lossy().into_owned();
    table.insert("path", Item::Value(path.into()));
    table.insert("number", Item::Value(i64::from(entry.number).into()));
    projects.insert(entry.name.as_str(), Item::Table(table));
    for (kind, service) in entry.services.iter() {
        if let Some(image) = &service.image {
            let table = service_table(document, &entry.name, kind)?;
            set(table, "image", image.as_str().into());
        }
    }
    Some(())
}

/// Writes what is known of a project that Compose made.
pub fn import(document: &mut DocumentMut, name: &ProjectName, entry: &ImportedEntry) -> Option<()> {
    let projects = below(document.as_table_mut(), "projects")?;
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table.insert("compose", Item::Value(entry.compose.as_str().into()));
    if let Some(path) = &entry.path {
        let path = path.to_string_lossy().into_owned();
        table.insert("path", Item::Value(path.into()));
    }
    projects.insert(name.as_str(), Item::Table(table));
    for (kind, port) in entry.ports.iter() {
        if let Some(port) = port {
            let project = below(below(document.as_table_mut(), "projects")?, name.as_str())?;
            set(
                below(project, "ports")?,
                kind.as_str(),
                i64::from(*port).into(),
            );
        }
    }
    for (kind, service) in entry.services.iter() {
        import_service(document, name, kind, service)?;
    }
    Some(())
}

fn import_service(
    document: &mut DocumentMut,
    name: &ProjectName,
    kind: ServiceKind,
    service: &ImportedService,
) -> Option<()> {
    let Some(word) = &service.service else {
        return Some(());
    };
    let table = service_table(document, name, kind)?;
    set(table, "service", word.as_str().into());
    if let Some(image) = &service.image {
        set(table, "image", image.as_str().into());
    }
    let limits = LimitsChange {
        cpus: service.cpus,
        memory: service.memory,
        pids: service.pids,
    };
    set_limits(document, name, kind, limits)
}

/// Takes a project out.
pub fn remove(document: &mut DocumentMut, name: &ProjectName) -> Option<()> {
    let projects = below(document.as_table_mut(), "projects")?;
    projects.remove(name.as_str()).map(drop)
}

/// Protects a project, or no longer.
pub fn set_protected(document: &mut DocumentMut, name: &ProjectName, on: bool) -> Option<()> {
    let projects = below(document.as_table_mut(), "projects")?;
    set(below(projects, name.as_str())?, "protected", on.into());
    Some(())
}

/// Writes the limits that change.
pub fn set_limits(
    document: &mut DocumentMut,
    name: &ProjectName,
    kind: ServiceKind,
    change: LimitsChange,
) -> Option<()> {
    let table = service_table(document, name, kind)?;
    if let Some(cpus) = change.cpus {
        set(table, "cpus", cpus.as_f64().into());
    }
    if let Some(memory) = change.memory {
        set(table, "memory", memory.to_arg().into());
    }
    if let Some(pids) = change.pids {
        set(table, "pids", i64::from(pids).into());
    }
    Some(())
}

fn service_table<'a>(
    document: &'a mut DocumentMut,
    name: &ProjectName,
    kind: ServiceKind,
) -> Option<&'a mut dyn TableLike> {
    let projects = below(document.as_table_mut(), "projects")?;
    let project = below(projects, name.as_str())?;
    below(below(project, "services")?, kind.as_str())
}

/// The table `key` below `table`, made where there is nothing. A new one gets a header line only once it holds a value.
fn below<'a>(table: &'a mut dyn TableLike, key: &str) -> Option<&'a mut dyn TableLike> {
    if table.get(key).is_none() {
        let mut made = Table::new();
        made.set_implicit(true);
        table.insert(key, Item::Table(made));
    }
    table.get_mut(key)?.as_table_like_mut()
}

/// Sets a value and keeps the comment that stands behind the old one.
fn set(table: &mut dyn TableLike, key: &str, mut value: Value) {
    if let Some(old) = table.get_mut(key).and_then(Item::as_value_mut) {
        *value.decor_mut() = old.decor().clone();
        *old = value;
        return;
    }
    table.insert(key, Item::Value(value));
}
