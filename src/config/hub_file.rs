//! The hub file: read whole, changed one step at a time under a lock. Calls block for as long as a disk takes, and a
//! change up to 5 s where another program holds the lock.

use super::{
    Settings, edit,
    error::{HubFileError, shown, unreadable},
    read,
};
use crate::{
    domain::{Limits, LimitsChange, PerService, ProjectName, Safe, ServiceKind},
    stack::{
        ProjectEntry, ServiceEntry,
        durable::{self, WriteError},
        entry::ImportedEntry,
        folder::check_folder,
        overrides::check_image,
        ports::{default_port, lowest_free_number},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fs, io,
    net::{IpAddr, Ipv4Addr},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    time::SystemTime,
};
use toml_edit::DocumentMut;

/// All that a hub file says, with defaults for what it does not say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hub {
    /// Settings of the program.
    pub settings: Settings,
    /// Projects by name; the overrides for all projects are merged into each.
    pub projects: BTreeMap<ProjectName, ProjectEntry>,
    /// Projects that Compose made, by the name that they have here.
    pub imported: BTreeMap<ProjectName, ImportedEntry>,
}

impl Hub {
    /// True for a project that the operator protects.
    #[must_use]
    pub fn is_protected(&self, name: &ProjectName) -> bool {
        let own = self.projects.get(name).is_some_and(|entry| entry.protected);
        own || self.imported.get(name).is_some_and(|entry| entry.protected)
    }
}

/// Tells cheaply whether a file is still the one that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
    device: u64,
}

/// A hub file by its path; nothing is kept open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubFile {
    path: PathBuf,
}

impl HubFile {
    /// The hub file at `path`, whether it exists or not.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder for the secrets of its projects: beside the name that was given, also where that is a link (its
    /// target may be shared, or kept under version control).
    #[must_use]
    pub fn secrets_dir(&self) -> PathBuf {
        self.path.with_file_name("secrets")
    }

    /// The folder for locks on its projects.
    #[must_use]
    pub fn lock_dir(&self) -> PathBuf {
        self.path.with_file_name("locks")
    }

    /// Which state of the file this is; `None` where there is no file. Other than before: read it again.
    #[must_use]
    pub fn stamp(&self) -> Option<Stamp> {
        let found = fs::metadata(&self.path).ok()?;
        Some(Stamp {
            modified: found.modified().ok(),
            length: found.len(),
            inode: found.ino(),
            device: found.dev(),
        })
    }

    /// Reads it. No file is an empty hub.
    ///
    /// # Errors
    /// The first thing that is wrong, with its line.
    pub fn load(&self) -> Result<Hub, HubFileError> {
        match read::text_of(&self.path)? {
            Some(text) => read::parse(&self.path, &text),
            None => Ok(Hub::default()),
        }
    }

    /// Adds a project under the lowest free number whose ports no other project has, and returns it as it is now.
    ///
    /// # Errors
    /// A folder, name or image that cannot be used, or a file that cannot be read or written; nothing is changed then.
    pub fn add(
        &self,
        name: &ProjectName,
        path: &Path,
        images: &[(ServiceKind, String)],
    ) -> Result<ProjectEntry, HubFileError> {
        let folder = self.check_folder(path)?;
        let services = services_of(images)?;
        let changed = self.change(|hub, document| {
            if hub.projects.contains_key(name) || hub.imported.contains_key(name) {
                return Err(HubFileError::Duplicate(name.clone()));
            }
            let entry = ProjectEntry {
                name: name.clone(),
                path: folder,
                number: free_number(hub).ok_or(HubFileError::Full)?,
                address: IpAddr::V4(Ipv4Addr::LOCALHOST),
                protected: false,
                ports: PerService::default(),
                engine_health: None,
                services,
            };
            Ok(edit::add(document, &entry))
        })?;
        find(&changed, name).cloned()
    }

    /// Takes in a project that Compose made.
    ///
    /// # Errors
    /// A name that is taken, or a file that cannot be read or written; nothing is changed then.
    pub fn import(&self, name: &ProjectName, entry: &ImportedEntry) -> Result<(), HubFileError> {
        self.change(|hub, document| {
            if hub.projects.contains_key(name) || hub.imported.contains_key(name) {
                return Err(HubFileError::Duplicate(name.clone()));
            }
            Ok(edit::import(document, name, entry))
        })
        .map(drop)
    }

    /// What [`Self::import`] writes.
    ///
    /// # Errors
    /// None that is known: an empty file has a place for everything.
    pub fn import_text(name: &ProjectName, entry: &ImportedEntry) -> Result<String, HubFileError> {
        let mut document = DocumentMut::new();
        let here = Self::new(PathBuf::new());
        edit::import(&mut document, name, entry).ok_or_else(|| here.no_place())?;
        Ok(document.to_string().trim_start().to_owned())
    }

    /// Takes a project out. Its folder, data and secrets are not touched.
    ///
    /// # Errors
    /// No such project, or a file that cannot be read or written; nothing is changed then.
    pub fn remove(&self, name: &ProjectName) -> Result<(), HubFileError> {
        self.change(|hub, document| {
            if !hub.imported.contains_key(name) {
                find(hub, name)?;
            }
            Ok(edit::remove(document, name))
        })
        .map(drop)
    }

    /// Protects a project, or no longer.
    ///
    /// # Errors
    /// No such project, or a file that cannot be read or written; nothing is changed then.
    pub fn set_protected(&self, name: &ProjectName, on: bool) -> Result<(), HubFileError> {
        self.change(|hub, document| {
            if !hub.imported.contains_key(name) {
                find(hub, name)?;
            }
            Ok(edit::set_protected(document, name, on))
        })
        .map(drop)
    }

    /// Writes limits of one service. Where `seen` says which ones the change is based on, nobody else's change of the
    /// same ones is overwritten.
    ///
    /// # Errors
    /// No such project, limits below what any engine takes, others than were seen, or a file that cannot be read or
    /// written; nothing is changed then.
    pub fn set_limits(
        &self,
        project: &ProjectName,
        kind: ServiceKind,
        change: LimitsChange,
        seen: Option<Limits>,
    ) -> Result<(), HubFileError> {
        self.change(|hub, document| {
            match hub.imported.get(project) {
                Some(imported) => {
                    let now = Limits::NONE.with(imported.limits(kind));
                    check_overtaken(project, kind, change, seen, now)?;
                }
                None => check_seen(find(hub, project)?, kind, change, seen)?,
            }
            Ok(edit::set_limits(document, project, kind, change))
        })
        .map(drop)
    }

    /// Reads, edits and writes under the lock, so that two programs never lose each other's change. What would not be
    /// read again is not written.
    fn change(
        &self,
        edit: impl FnOnce(&Hub, &mut DocumentMut) -> Result<Option<()>, HubFileError>,
    ) -> Result<Hub, HubFileError> {
        let target = target_of(&self.path)?;
        let lock = durable::lock(&target, lock_name(&target))?;
        let text = read::text_of(&target)?.unwrap_or_else(|| edit::NEW.to_owned());
        let hub = read::parse(&self.path, &text)?;
        let mut document = read::editable(&self.path, &text)?;
        edit(&hub, &mut document)?.ok_or_else(|| self.no_place())?;
        let text = document.to_string();
        let changed = read::parse(&self.path, &text)?;
        lock.replace(&target, &text)?;
        Ok(changed)
    }

    fn no_place(&self) -> HubFileError {
        HubFileError::Write(WriteError::Failed {
            file: shown(&self.path),
            reason: Safe::from("there is no place for the change in it"),
            mend: "make it by hand",
        })
    }

    fn check_folder(&self, path: &Path) -> Result<PathBuf, HubFileError> {
        let folder = check_folder(path)?;
        let secrets = self.real_secrets_dir()?;
        if secrets.starts_with(&folder) || folder.starts_with(&secrets) {
            return Err(HubFileError::HoldsSecrets(shown(&folder)));
        }
        Ok(folder)
    }

    /// With its links resolved. It may not be there yet: its parent is what can be compared.
    fn real_secrets_dir(&self) -> Result<PathBuf, HubFileError> {
        let secrets = self.secrets_dir();
        let Some(above) = secrets.parent() else {
            return Ok(secrets);
        };
        match above.canonicalize() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(secrets),
            Err(error) => Err(unreadable(above, &error)),
            Ok(above) => Ok(above.join("secrets")),
        }
    }
}

/// Refuses a change that is based on limits which `entry` does not have any more.
///
/// # Errors
/// [`HubFileError::Overtaken`].
pub fn check_seen(
    entry: &ProjectEntry,
    kind: ServiceKind,
    change: LimitsChange,
    seen: Option<Limits>,
) -> Result<(), HubFileError> {
    check_overtaken(&entry.name, kind, change, seen, entry.limits(kind))
}

fn check_overtaken(
    project: &ProjectName,
    service: ServiceKind,
    change: LimitsChange,
    seen: Option<Limits>,
    now: Limits,
) -> Result<(), HubFileError> {
    match seen {
        Some(seen) if change.overwrites(seen, now) => Err(HubFileError::Overtaken {
            project: project.clone(),
            service,
        }),
        _ => Ok(()),
    }
}

/// The file that is really written: a link stays a link, what it points to is replaced.
fn target_of(path: &Path) -> Result<PathBuf, HubFileError> {
    match path.canonicalize() {
        Ok(target) => Ok(target),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
            Ok(path.to_owned())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(HubFileError::Dangling(shown(path)))
        }
        Err(error) => Err(WriteError::failed(path, &error).into()),
    }
}

fn lock_name(target: &Path) -> OsString {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    name
}

fn services_of(images: &[(ServiceKind, String)]) -> Result<PerService<ServiceEntry>, HubFileError> {
    let mut services = PerService::<ServiceEntry>::default();
    for (service, image) in images {
        let service = *service;
        check_image(image).map_err(|reason| HubFileError::Image { service, reason })?;
        services[service].image = Some(image.clone());
    }
    Ok(services)
}

fn find<'a>(hub: &'a Hub, name: &ProjectName) -> Result<&'a ProjectEntry, HubFileError> {
    hub.projects.get(name).ok_or_else(|| HubFileError::Unknown {
        name: name.clone(),
        known_names: hub.projects.keys().cloned().collect(),
    })
}

/// Numbers are 10 ports apart and the services' ports are not a multiple of that apart, but for 3000 and 8000: numbers
/// far apart can mean the same port, and so can ports that a project has of its own.
fn free_number(hub: &Hub) -> Option<u16> {
    let projects = || hub.projects.values();
    let ports: BTreeSet<u16> = projects()
        .flat_map(|entry| ServiceKind::ALL.map(|kind| entry.port(kind)))
        .collect();
    let mut taken: BTreeSet<u16> = projects().map(|entry| entry.number).collect();
    loop {
        let number = lowest_free_number(taken.iter().copied())?;
        let collides = |kind| ports.contains(&default_port(kind, number));
        if !ServiceKind::ALL.into_iter().any(collides) {
            return Some(number);
        }
        taken.insert(number);
    }
}
