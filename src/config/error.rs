//! What can be wrong with a hub file: one line each, with the file, the line, the reason and the mend.

use crate::{
    domain::{ProjectName, Safe, ServiceKind},
    stack::{
        durable::{WriteError, mend},
        folder::FolderError,
        overrides::OverrideReason,
        ports::NUMBER_MAX,
    },
};
use std::{io, path::Path};

/// Longest hub file, in bytes: a project takes some hundred, so this is thousands of them.
pub const FILE_MAX: u64 = 4 << 20;

/// Why a hub file cannot be used or changed. The file is as it was, unless [`HubFileError::is_written`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HubFileError {
    /// Something in it is not as it should be.
    #[error("{file} line {line}: {}{reason}", prefix(key))]
    Invalid {
        /// The file.
        file: Safe,
        /// Line, from 1.
        line: usize,
        /// The key with the tables above it; empty where no key is concerned.
        key: Safe,
        /// What is wrong, and what would be right.
        reason: Safe,
    },
    /// It is from a newer version of this program.
    #[error(
        "{file} line {line}: version: the file has format {found} and this program knows format 1: use a newer cchub-tui"
    )]
    Newer {
        /// The file.
        file: Safe,
        /// Line, from 1.
        line: usize,
        /// Its format.
        found: i64,
    },
    /// Nothing in it, as after a power cut.
    #[error("{0} is empty: put it back from a backup, or delete it to begin anew")]
    Empty(Safe),
    /// No hub file is that long.
    #[error(
        "{0} is longer than 4 MB and no hub file: correct --config, or put it back from a backup"
    )]
    TooLong(Safe),
    /// A folder, pipe, socket or device.
    #[error("{0} is not a file: correct --config or CCHUB_CONFIG")]
    NotAFile(Safe),
    /// A symlink to nothing.
    #[error("{0} is a link to a file that is not there: put the file there or delete the link")]
    Dangling(Safe),
    /// It cannot be read.
    #[error("{file} cannot be read: {reason}: {mend}")]
    Unreadable {
        /// The file.
        file: Safe,
        /// The system's words.
        reason: Safe,
        /// What helps.
        mend: &'static str,
    },
    /// It cannot be written, or not for sure.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Somebody else was faster.
    #[error(
        "the limits of {service} of {project} were changed on disk since they were shown: nothing was changed: leave the editor to reload them, then change them again"
    )]
    Overtaken {
        /// The project.
        project: ProjectName,
        /// The service.
        service: ServiceKind,
    },
    /// A project of that name is there.
    #[error("there is a project '{0}' already: choose another name, or remove that one first")]
    Duplicate(ProjectName),
    /// No project of that name is there.
    #[error("there is no project '{name}': {}", known(known_names))]
    Unknown {
        /// The name.
        name: ProjectName,
        /// Those that are there.
        known_names: Vec<ProjectName>,
    },
    /// The folder cannot be a project's.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The containers of the project would see the secrets of all.
    #[error(
        "{0} holds this program's own secrets and cannot be a project: use a folder of its own"
    )]
    HoldsSecrets(Safe),
    /// The image cannot be one.
    #[error("{service}: {reason}")]
    Image {
        /// The service.
        service: ServiceKind,
        /// Why.
        reason: OverrideReason,
    },
    /// Every number is taken.
    #[error("all {NUMBER_MAX} project numbers are taken: remove a project first")]
    Full,
}

impl HubFileError {
    /// True if the file has the change in spite of the error.
    #[must_use]
    pub fn is_written(&self) -> bool {
        matches!(self, Self::Write(WriteError::Unsure { .. }))
    }
}

fn prefix(key: &Safe) -> String {
    if key.is_empty() {
        return String::new();
    }
    format!("{key}: ")
}

/// Names that are listed before the rest is only counted.
const NAMES_SHOWN: usize = 10;

fn known(names: &[ProjectName]) -> String {
    if names.is_empty() {
        return "there is none yet, add one with 'project add'".to_owned();
    }
    let shown: Vec<&str> = names
        .iter()
        .take(NAMES_SHOWN)
        .map(ProjectName::as_str)
        .collect();
    match names.len().saturating_sub(NAMES_SHOWN) {
        0 => format!("use {}", shown.join(", ")),
        more => format!("use {} or one of {more} more", shown.join(", ")),
    }
}

pub(super) fn shown(path: &Path) -> Safe {
    Safe::from(path.to_string_lossy().into_owned())
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> HubFileError {
    let mend = match error.kind() {
        io::ErrorKind::PermissionDenied => "give this user access to it",
        _ => mend(error),
    };
    HubFileError::Unreadable {
        file: shown(path),
        reason: Safe::from(error.to_string()),
        mend,
    }
}
