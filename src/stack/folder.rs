//! Whether a folder can be a project's: it ends up inside containers, so it must be the folder that was meant and must
//! not hold what belongs to the host.

use super::hardening::belongs_to_host;
use crate::domain::Safe;
use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

/// Why a folder cannot be a project's. One line each, with the mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// Not absolute.
    #[error("'{0}' is a relative path: write the folder's full path, from /")]
    Relative(Safe),
    /// Characters that engines and tools read as separators, or that no line can hold.
    #[error("'{0}' has {1} in it: rename the folder")]
    Character(Safe, &'static str),
    /// Nothing there.
    #[error("there is no folder {0}: make it or correct the path")]
    Missing(Safe),
    /// There is something else.
    #[error("{0} is not a folder: name the folder that holds the project")]
    NotAFolder(Safe),
    /// It cannot be opened.
    #[error("the folder {folder} cannot be read: {reason}: give this user read access to it")]
    Unreadable {
        /// Which.
        folder: Safe,
        /// The system's words.
        reason: Safe,
    },
    /// It belongs to the host.
    #[error("{0} belongs to the host and cannot be a project: use a folder of its own")]
    Denied(Safe),
}

/// Checks a project's folder and resolves its symlinks, so that what is mounted later is what was checked.
///
/// # Errors
/// What is wrong with it and how to mend it.
pub fn check_folder(path: &Path) -> Result<PathBuf, FolderError> {
    check_characters(path)?;
    if !path.is_absolute() {
        return Err(FolderError::Relative(shown(path)));
    }
    let real = path.canonicalize().map_err(|error| from_io(path, &error))?;
    check_characters(&real)?;
    if is_denied(&real, env::home_dir().as_deref()) {
        return Err(FolderError::Denied(shown(&real)));
    }
    fs::read_dir(&real).map_err(|error| from_io(&real, &error))?;
    Ok(real)
}

/// The hub file and the engine's requests are text, and `:` and `,` separate fields in the engine's own clients.
fn check_characters(path: &Path) -> Result<(), FolderError> {
    let found = match path.to_str() {
        None => Some("bytes that are not UTF-8"),
        Some(text) if text.contains(char::is_control) => Some("a control character"),
        Some(text) if text.contains(',') => Some("a comma"),
        Some(text) if text.contains(':') => Some("a colon"),
        Some(_) => None,
    };
    match found {
        Some(what) => Err(FolderError::Character(shown(path), what)),
        None => Ok(()),
    }
}

fn from_io(path: &Path, error: &io::Error) -> FolderError {
    match error.kind() {
        io::ErrorKind::NotFound => FolderError::Missing(shown(path)),
        io::ErrorKind::NotADirectory => FolderError::NotAFolder(shown(path)),
        _ => FolderError::Unreadable {
            folder: shown(path),
            reason: Safe::from(error.to_string()),
        },
    }
}

fn is_denied(real: &Path, home: Option<&Path>) -> bool {
    home == Some(real) || belongs_to_host(real)
}

fn shown(path: &Path) -> Safe {
    Safe::from(path.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt, os::unix::fs::symlink};

    #[test]
    fn a_good_folder_comes_back_without_its_symlinks() {
        let temp = tempfile::tempdir().unwrap();
        let real = temp.path().canonicalize().unwrap().join("real");
        fs::create_dir(&real).unwrap();
        let link = temp.path().join("link");
        symlink(&real, &link).unwrap();
        assert_eq!(check_folder(&link).unwrap(), real);
    }

    #[test]
    fn what_cannot_be_a_folder_is_said_with_the_mend() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("file");
        fs::write(&file, "").unwrap();
        let gone = temp.path().join("gone");
        for (path, words) in [
            (
                Path::new("shop"),
                "relative path: write the folder's full path",
            ),
            (Path::new(""), "relative path"),
            (gone.as_path(), "there is no folder"),
            (file.as_path(), "is not a folder"),
            (file.join("below").as_path(), "is not a folder"),
            (Path::new("/srv/a:b"), "a colon"),
            (Path::new("/srv/a,b"), "a comma"),
            (Path::new("/srv/a\nb"), "a control character"),
            (Path::new("/srv/a\0b"), "a control character"),
            (Path::new(OsStr::from_bytes(b"/srv/\xff")), "not UTF-8"),
        ] {
            let error = check_folder(path).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
            assert!(!error.contains(char::is_control), "{error}");
        }
    }

    #[test]
    fn folders_of_the_host_are_denied_also_behind_a_symlink() {
        let temp = tempfile::tempdir().unwrap();
        let link = temp.path().join("innocent");
        symlink("/etc", &link).unwrap();
        for path in [
            Path::new("/"),
            Path::new("/etc"),
            Path::new("/proc/self"),
            &link,
        ] {
            let error = check_folder(path).unwrap_err();
            assert!(matches!(error, FolderError::Denied(_)), "{error}");
        }
    }

    #[test]
    fn a_symlink_to_itself_is_unreadable_not_a_hang() {
        let temp = tempfile::tempdir().unwrap();
        let link = temp.path().join("loop");
        symlink(&link, &link).unwrap();
        assert!(matches!(
            check_folder(&link),
            Err(FolderError::Unreadable { .. })
        ));
    }

    #[test]
    fn homes_are_too_wide_and_projects_in_them_are_fine() {
        let home = Path::new("/users/ann");
        for denied in [
            "/home/ann",
            "/root",
            "/users/ann",
            "/var",
            "/var/lib/docker/volumes",
        ] {
            assert!(is_denied(Path::new(denied), Some(home)), "{denied}");
        }
        for fine in [
            "/home/ann/shop",
            "/root/shop",
            "/users/ann/shop",
            "/var/www/shop",
            "/srv/shop",
            "/etcetera",
        ] {
            assert!(!is_denied(Path::new(fine), Some(home)), "{fine}");
        }
    }
}
