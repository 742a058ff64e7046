//! From the bytes of a hub file to a hub, or to one line about the first thing that is wrong.

use super::{
    Settings,
    error::{FILE_MAX, HubFileError, shown, unreadable},
    hub_file::Hub,
    locate::{key_at, line_at, line_of},
    raw::{self, RawHub},
};
use crate::{
    domain::{
        LimitsChange, PerService, ProjectName, Safe, ServiceKind,
        limits::{
            Preset,
            preset::{NAME_MAX, PRESETS_MAX},
        },
        safe::one_line,
    },
    stack::{ProjectEntry, ServiceEntry},
};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{ErrorKind, Read},
    path::Path,
};
use toml_edit::{Document, DocumentMut};

/// Format of the file that this program reads and writes.
const VERSION: i64 = 1;

/// The text of the file; `None` where there is no file.
pub fn text_of(path: &Path) -> Result<Option<String>, HubFileError> {
    // Looked at before it is opened: opening a pipe would wait for a writer.
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => return Err(HubFileError::NotAFile(shown(path))),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => return Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(HubFileError::Dangling(shown(path)));
        }
        Err(error) => return Err(unreadable(path, &error)),
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let length = file.take(FILE_MAX + 1).read_to_end(&mut bytes);
    if length.map_err(|error| unreadable(path, &error))? as u64 > FILE_MAX {
        return Err(HubFileError::TooLong(shown(path)));
    }
    as_text(path, bytes).map(Some)
}

fn as_text(path: &Path, bytes: Vec<u8>) -> Result<String, HubFileError> {
    if bytes.trim_ascii().is_empty() {
        return Err(HubFileError::Empty(shown(path)));
    }
    let invalid = |bytes: &[u8], offset: usize, reason: &str| HubFileError::Invalid {
        file: shown(path),
        line: 1 + bytes
            .iter()
            .take(offset)
            .filter(|byte| **byte == b'\n')
            .count(),
        key: Safe::default(),
        reason: Safe::new(reason),
    };
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        let reason = "there is a NUL byte: the file is damaged, put it back from a backup";
        return Err(invalid(&bytes, offset, reason));
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let reason = "there is text that is not UTF-8: save the file as UTF-8";
        invalid(error.as_bytes(), offset, reason)
    })
}

/// Reads the text of the hub file `path`.
pub fn parse(path: &Path, text: &str) -> Result<Hub, HubFileError> {
    let document = Document::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        invalid(path, line_of(text, offset), "", error.message())
    })?;
    check_version(path, &document)?;
    let raw: RawHub = toml_edit::de::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let key = key_at(&document, &span);
        invalid(path, line_of(text, span.start), &key, error.message())
    })?;
    let place = Place {
        path,
        document: &document,
    };
    place.check(raw)
}

/// The same text for changes that keep comments and order.
pub fn editable(path: &Path, text: &str) -> Result<DocumentMut, HubFileError> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let offset = error.span().map_or(0, |span| span.start);
        invalid(path, line_of(text, offset), "", error.message())
    })
}

fn check_version(path: &Path, document: &Document<&str>) -> Result<(), HubFileError> {
    let line = line_at(document, &["version"]);
    let Some(version) = document.get("version") else {
        let reason = "missing: the first line of a hub file is 'version = 1'";
        return Err(invalid(path, 1, "version", reason));
    };
    match version.as_integer() {
        Some(VERSION) => Ok(()),
        Some(found) if found > VERSION => Err(HubFileError::Newer {
            file: shown(path),
            line,
            found,
        }),
        _ => Err(invalid(
            path,
            line,
            "version",
            "not a known format: write 'version = 1'",
        )),
    }
}

fn invalid(path: &Path, line: usize, key: &str, reason: &str) -> HubFileError {
    HubFileError::Invalid {
        file: shown(path),
        line,
        key: Safe::new(key),
        // The parsers' words have several lines.
        reason: Safe::from(reason.replace('\n', ", ")),
    }
}

/// Where the hub was read from, for messages about more than one value.
struct Place<'a> {
    path: &'a Path,
    document: &'a Document<&'a str>,
}

impl Place<'_> {
    fn invalid(&self, key: &[&str], reason: &str) -> HubFileError {
        invalid(
            self.path,
            line_at(self.document, key),
            &key.join("."),
            reason,
        )
    }

    fn check(&self, raw: RawHub) -> Result<Hub, HubFileError> {
        let (mut settings, all, projects) = raw.into_parts();
        self.add_lines(&mut settings);
        self.check_theme(&settings.ui.theme)?;
        self.check_presets(&settings.presets)?;
        self.check_services(&["services"], &all)?;
        let mut hub = Hub {
            settings,
            projects: BTreeMap::new(),
            imported: BTreeMap::new(),
        };
        for (name, raw) in projects {
            let wrong = |(key, reason): raw::Wrong| {
                self.invalid(
                    &[&["projects", name.as_str()], key.as_slice()].concat(),
                    reason,
                )
            };
            if raw.is_compose() {
                let imported = raw.into_imported().map_err(wrong)?;
                hub.imported.insert(name, imported);
                continue;
            }
            let mut entry = raw.into_entry(name.clone()).map_err(wrong)?;
            self.check_path(&entry)?;
            let above = ["projects", name.as_str(), "services"];
            self.check_services(&above, &entry.services)?;
            entry.services = raw::merge(&all, &entry.services);
            hub.projects.insert(name, entry);
        }
        self.check_numbers(&hub)?;
        self.check_ports(&hub)?;
        Ok(hub)
    }

    /// Where those settings stand whose words only the screen understands.
    fn add_lines(&self, settings: &mut Settings) {
        let theme = self.document.get("ui").and_then(|ui| ui.get("theme"));
        if theme.is_some() {
            settings.ui.theme_line = line_at(self.document, &["ui", "theme"]);
        }
        let line = |name: &str| line_at(self.document, &["keys", name]);
        if let Some(preset) = &mut settings.keys.preset {
            preset.line = line(raw::PRESET);
        }
        for (name, wish) in &mut settings.keys.actions {
            wish.line = line(name);
        }
    }

    /// A theme is a file's name without its end: no way to any other file.
    fn check_theme(&self, theme: &str) -> Result<(), HubFileError> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if !theme.is_empty() && theme.bytes().all(plain) {
            return Ok(());
        }
        let theme = one_line(theme);
        let reason = format!("'{theme}' cannot name a theme: use letters, digits, - and _");
        Err(self.invalid(&["ui", "theme"], &reason))
    }

    fn check_presets(&self, presets: &[Preset]) -> Result<(), HubFileError> {
        let path = ["limits", "presets"];
        if presets.len() > PRESETS_MAX {
            let reason = format!("{} presets: at most {PRESETS_MAX} allowed", presets.len());
            return Err(self.invalid(&path, &reason));
        }
        presets.iter().try_for_each(|preset| {
            let reason = wrong_preset(preset);
            let key = [path[0], path[1], &preset.name];
            reason.map_or(Ok(()), |reason| Err(self.invalid(&key, &reason)))
        })
    }

    fn check_services(
        &self,
        above: &[&str],
        services: &PerService<ServiceEntry>,
    ) -> Result<(), HubFileError> {
        services.iter().try_for_each(|(kind, entry)| {
            entry.check(kind).map_err(|error| {
                let key = [above, &[kind.as_str(), error.field]].concat();
                self.invalid(&key, &error.reason.to_string())
            })
        })
    }

    fn check_path(&self, entry: &ProjectEntry) -> Result<(), HubFileError> {
        let plain = |text: &str| !text.contains(|c: char| c.is_control() || c == ':' || c == ',');
        if entry.path.is_absolute() && entry.path.to_str().is_some_and(plain) {
            return Ok(());
        }
        let reason = "not the path of a folder: write it in full, from /, without , and :";
        Err(self.invalid(&["projects", entry.name.as_str(), "path"], reason))
    }

    fn check_numbers(&self, hub: &Hub) -> Result<(), HubFileError> {
        let mut taken: BTreeMap<u16, &ProjectName> = BTreeMap::new();
        for (name, entry) in &hub.projects {
            let Some(other) = taken.insert(entry.number, name) else {
                continue;
            };
            let number = entry.number;
            let reason =
                format!("{number} is the number of '{other}', too: give one another number");
            return Err(self.invalid(&["projects", name.as_str(), "number"], &reason));
        }
        Ok(())
    }

    fn check_ports(&self, hub: &Hub) -> Result<(), HubFileError> {
        let mut taken: BTreeMap<u16, (&ProjectName, ServiceKind)> = BTreeMap::new();
        for (name, entry) in &hub.projects {
            for kind in ServiceKind::ALL {
                let port = entry.port(kind);
                let Some((other, service)) = taken.insert(port, (name, kind)) else {
                    continue;
                };
                let reason = format!(
                    "{port} is the port of {service} of '{other}', too: give one another port"
                );
                return Err(self.invalid(
                    &["projects", name.as_str(), "ports", kind.as_str()],
                    &reason,
                ));
            }
        }
        Ok(())
    }
}

fn wrong_preset(preset: &Preset) -> Option<String> {
    if !Preset::can_be_named(&preset.name) {
        let name = one_line(&preset.name);
        return Some(format!(
            "'{name}' cannot name a preset: use 1 to {NAME_MAX} letters, digits, - and _"
        ));
    }
    let is_empty = preset.values.0.iter().all(LimitsChange::is_empty);
    is_empty.then(|| "it names no limit: write cpus, memory or pids".to_owned())
}
