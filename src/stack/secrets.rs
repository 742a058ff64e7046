//! The secrets of a project: made once from the operating system's random source, kept in a file that only its owner
//! can read, and never printed. Reused as long as the data that they unlock lives.

use super::{
    durable::{self, WriteError},
    spec::{DATABASE, DATABASE_USER, SecretContent},
};
use crate::domain::{ProjectName, Safe, Secret};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    fs::{self, Metadata},
    io::{self, Read},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Random bytes of each value: 256 bits.
const VALUE_BYTES: usize = 32;
/// Random bytes of the id, which only tells sets apart.
const ID_BYTES: usize = 8;
/// A secrets file has some 200 bytes; anything much longer is not one.
const FILE_MAX: u64 = 16 * 1024;
/// Held while secrets are made; in their folder. No project can be called so.
const LOCK: &str = ".lock";
/// Format of the file.
const VERSION: u32 = 1;

/// The secrets of one project. Neither `Debug` nor any error shows a value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    version: u32,
    id: String,
    password: String,
    secret_key: String,
}

/// Why secrets cannot be had. Never contains a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// The file or its folder cannot be read or removed.
    #[error("the secrets {path} cannot be {verb}: {reason}: {mend}")]
    Io {
        /// Which file or folder.
        path: Safe,
        /// What was tried: `read`, `removed`.
        verb: &'static str,
        /// The system's words.
        reason: Safe,
        /// What helps.
        mend: &'static str,
    },
    /// They cannot be written, or not for sure.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Others could read or replace it.
    #[error(
        "{path} is open to other users: run chmod {mode} on it, and change the secrets if others may have read them"
    )]
    Open {
        /// Which file or folder.
        path: Safe,
        /// The mode that it should have.
        mode: &'static str,
    },
    /// Somebody else's.
    #[error("{path} belongs to user id {owner}, not to this user: run this program as its owner")]
    Foreign {
        /// Which file or folder.
        path: Safe,
        /// Its owner's user id.
        owner: u32,
    },
    /// It is not what this program wrote.
    #[error(
        "the secrets file {0} is damaged: put it back from a backup; without it the project's data stays locked"
    )]
    Damaged(Safe),
    /// It is from a newer version of this program.
    #[error("the secrets file {0} was written by a newer version of this program: use that one")]
    Newer(Safe),
    /// The operating system gives no random bytes.
    #[error("the operating system's random source failed: {0}")]
    Random(Safe),
}

impl Secrets {
    /// The secrets of `project`, if they have been made.
    ///
    /// # Errors
    /// A file that is there and cannot be trusted or read.
    pub fn load(dir: &Path, project: &ProjectName) -> Result<Option<Self>, SecretsError> {
        let path = file(dir, project);
        let opened = match durable::open_private(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if Errno::from_io_error(&error) == Some(Errno::LOOP) => {
                return Err(SecretsError::Damaged(shown(&path)));
            }
            opened => opened.map_err(|error| failed(&path, "read", &error))?,
        };
        let read = |error| failed(&path, "read", &error);
        // Asked of what is open and not of its name, which may stand for something else by now.
        let found = opened.metadata().map_err(read)?;
        if !found.is_file() {
            return Err(SecretsError::Damaged(shown(&path)));
        }
        check_folder(dir)?;
        check_access(&path, &found, 0o077, "600")?;
        let mut bytes = Vec::new();
        opened
            .take(FILE_MAX)
            .read_to_end(&mut bytes)
            .map_err(read)?;
        let text = String::from_utf8(bytes);
        let text = text.map_err(|_words_that_quote_it| SecretsError::Damaged(shown(&path)))?;
        Self::from_text(&text, &path).map(Some)
    }

    /// The secrets of `project`, made now if there are none; on disk for good before they are told. Of two programs that
    /// make them at once, one wins and both get the winner's.
    ///
    /// # Errors
    /// As [`Self::load`], and what can go wrong with making and writing them.
    pub fn ensure(dir: &Path, project: &ProjectName) -> Result<Self, SecretsError> {
        let path = file(dir, project);
        if let Some(secrets) = Self::load(dir, project)? {
            // Whoever wrote them may have died before the last step, and data locked by them lives on.
            durable::settle(&path)?;
            return Ok(secrets);
        }
        durable::make_folder(dir).map_err(|error| WriteError::failed(&path, &error))?;
        check_folder(dir)?;
        let lock = durable::lock(&path, LOCK)?;
        if let Some(theirs) = Self::load(dir, project)? {
            durable::settle(&path)?;
            return Ok(theirs);
        }
        let made = Self::random()?;
        lock.replace(&path, &made.to_text(&path)?)?;
        Ok(made)
    }

    /// Forgets the secrets of `project` for good. None there is fine.
    ///
    /// # Errors
    /// The file cannot be removed.
    pub fn forget(dir: &Path, project: &ProjectName) -> Result<(), SecretsError> {
        let path = file(dir, project);
        match fs::remove_file(&path).and_then(|()| durable::sync(dir)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(failed(&path, "removed", &error))
            }
            _ => Ok(()),
        }
    }

    /// What must not be shown of what `project` prints: the values of its secrets. None as long as they are not made.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn known(dir: &Path, project: &ProjectName) -> Result<Vec<Secret>, SecretsError> {
        let values = |secrets: Self| [secrets.password, secrets.secret_key].map(Secret::new);
        let found = Self::load(dir, project)?;
        Ok(found.into_iter().flat_map(values).collect())
    }

    /// Names this set of secrets without telling anything about it; data volumes carry it as a label.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// True if the data of a volume with this label was made with these secrets.
    #[must_use]
    pub fn matches(&self, volume_label: Option<&str>) -> bool {
        volume_label == Some(self.id())
    }

    /// The bytes of a secret file, without a line end.
    #[must_use]
    pub fn value(&self, content: SecretContent) -> Vec<u8> {
        match content {
            SecretContent::Password => self.password.clone().into_bytes(),
            SecretContent::SecretKey => self.secret_key.clone().into_bytes(),
            SecretContent::DatabaseUrl => format!(
                "postgresql://{DATABASE_USER}:{}@postgres:5432/{DATABASE}",
                self.password
            )
            .into_bytes(),
        }
    }

    fn random() -> Result<Self, SecretsError> {
        Ok(Self {
            version: VERSION,
            id: random_hex(ID_BYTES)?,
            password: random_hex(VALUE_BYTES)?,
            secret_key: random_hex(VALUE_BYTES)?,
        })
    }

    /// The parser's own words are dropped: they quote the line, and the line is a secret.
    fn from_text(text: &str, path: &Path) -> Result<Self, SecretsError> {
        #[derive(Deserialize)]
        struct Head {
            version: u32,
        }
        let damaged = |_words_that_quote_the_line| SecretsError::Damaged(shown(path));
        let head: Head = toml::from_str(text).map_err(damaged)?;
        if head.version > VERSION {
            return Err(SecretsError::Newer(shown(path)));
        }
        let secrets: Self = toml::from_str(text).map_err(damaged)?;
        let whole = is_hex(&secrets.id, ID_BYTES)
            && is_hex(&secrets.password, VALUE_BYTES)
            && is_hex(&secrets.secret_key, VALUE_BYTES);
        whole
            .then_some(secrets)
            .ok_or_else(|| SecretsError::Damaged(shown(path)))
    }

    fn to_text(&self, path: &Path) -> Result<String, WriteError> {
        toml::to_string(self).map_err(|error| WriteError::failed(path, &io::Error::other(error)))
    }
}

/// Values are left out, so that no log, panic or failed test shows them.
impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

fn file(dir: &Path, project: &ProjectName) -> PathBuf {
    dir.join(format!("{project}.toml"))
}

/// Refuses a folder in which others could put files of their own.
fn check_folder(dir: &Path) -> Result<(), SecretsError> {
    let found = fs::metadata(dir).map_err(|error| failed(dir, "read", &error))?;
    check_access(dir, &found, 0o022, "700")
}

/// Refuses what other users could have read or replaced, as ssh does with its keys.
fn check_access(
    path: &Path,
    found: &Metadata,
    forbidden: u32,
    mode: &'static str,
) -> Result<(), SecretsError> {
    if found.mode() & forbidden != 0 {
        let path = shown(path);
        return Err(SecretsError::Open { path, mode });
    }
    if found.uid() != rustix::process::geteuid().as_raw() {
        return Err(SecretsError::Foreign {
            path: shown(path),
            owner: found.uid(),
        });
    }
    Ok(())
}

fn random_hex(bytes: usize) -> Result<String, SecretsError> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random)
        .map_err(|error| SecretsError::Random(Safe::from(error.to_string())))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn is_hex(text: &str, bytes: usize) -> bool {
    text.len() == 2 * bytes && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn failed(path: &Path, verb: &'static str, error: &io::Error) -> SecretsError {
    SecretsError::Io {
        path: shown(path),
        verb,
        reason: Safe::from(error.to_string()),
        mend: durable::mend(error),
    }
}

fn shown(path: &Path) -> Safe {
    Safe::from(path.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn shop() -> ProjectName {
        "shop".parse().unwrap()
    }

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn made() -> (tempfile::TempDir, PathBuf, Secrets) {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("secrets");
        let secrets = Secrets::ensure(&dir, &shop()).unwrap();
        (temp, dir, secrets)
    }

    #[test]
    fn they_are_made_once_and_kept() {
        let (_temp, dir, secrets) = made();
        assert_eq!(Secrets::ensure(&dir, &shop()).unwrap(), secrets);
        assert_eq!(Secrets::load(&dir, &shop()).unwrap(), Some(secrets.clone()));
        let other = Secrets::ensure(&dir, &"other".parse().unwrap()).unwrap();
        assert_ne!(other.password, secrets.password);
        assert!(secrets.matches(Some(secrets.id())));
        assert!(!secrets.matches(Some(other.id())) && !secrets.matches(None));
    }

    #[test]
    fn what_is_known_are_the_values() {
        let (_temp, dir, secrets) = made();
        let known = Secrets::known(&dir, &shop()).unwrap();
        let values: Vec<_> = known.iter().map(Secret::reveal).collect();
        assert_eq!(values, [&secrets.password, &secrets.secret_key]);
        let other = "other".parse().unwrap();
        assert_eq!(Secrets::known(&dir, &other), Ok(Vec::new()));
        chmod(&dir.join("shop.toml"), 0o644);
        Secrets::known(&dir, &shop()).unwrap_err();
    }

    #[test]
    fn values_are_long_and_differ_from_each_other() {
        let (_temp, _dir, secrets) = made();
        let password = String::from_utf8(secrets.value(SecretContent::Password)).unwrap();
        let key = String::from_utf8(secrets.value(SecretContent::SecretKey)).unwrap();
        let url = String::from_utf8(secrets.value(SecretContent::DatabaseUrl)).unwrap();
        assert_eq!((password.len(), key.len()), (64, 64));
        assert_ne!(password, key);
        assert!(!password.contains(secrets.id()));
        assert_eq!(
            url,
            format!("postgresql://commandcenter:{password}@postgres:5432/commandcenter")
        );
    }

    #[test]
    fn nothing_is_there_before_and_after() {
        let (_temp, dir, _) = made();
        Secrets::forget(&dir, &shop()).unwrap();
        assert_eq!(Secrets::load(&dir, &shop()), Ok(None));
        Secrets::forget(&dir, &shop()).unwrap();
        Secrets::forget(&dir.join("never-made"), &shop()).unwrap();
        assert_eq!(Secrets::load(&dir.join("never-made"), &shop()), Ok(None));
    }

    #[test]
    fn p70_debug_shows_no_value() {
        let (_temp, _dir, secrets) = made();
        let shown = format!("{secrets:?} {secrets:#?}");
        assert!(shown.contains(&secrets.id));
        assert!(!shown.contains(&secrets.password) && !shown.contains(&secrets.secret_key));
    }

    #[test]
    fn p70_a_damaged_file_is_said_without_its_content() {
        let (_temp, dir, secrets) = made();
        let path = dir.join("shop.toml");
        for text in [
            String::new(),
            format!("version = 1\npassword = {}", secrets.password),
            format!(
                "version = 1\nid = \"{}\"\npassword = \"{}\"",
                secrets.id, secrets.password
            ),
            format!(
                "version = 1\nid = \"\"\npassword = \"{0}\"\nsecret_key = \"{0}\"",
                secrets.password
            ),
            format!("version = 1\n{} = 1", secrets.password),
        ] {
            fs::write(&path, text).unwrap();
            let error = Secrets::ensure(&dir, &shop()).unwrap_err();
            assert!(matches!(error, SecretsError::Damaged(_)), "{error}");
            assert!(!format!("{error} {error:?}").contains(&secrets.password));
        }
        fs::write(&path, "version = 2\nnew = true").unwrap();
        let error = Secrets::load(&dir, &shop()).unwrap_err();
        assert!(matches!(error, SecretsError::Newer(_)), "{error}");
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            "version = 2\nnew = true"
        );
    }

    #[test]
    fn only_the_owner_can_read_them_and_anything_wider_is_refused() {
        let (_temp, dir, _) = made();
        let path = dir.join("shop.toml");
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
        assert_eq!((mode(&dir), mode(&path)), (0o700, 0o600));
        for wide in [0o640, 0o604, 0o620] {
            chmod(&path, wide);
            let error = Secrets::load(&dir, &shop()).unwrap_err().to_string();
            assert!(error.contains("chmod 600"), "{error}");
        }
        chmod(&path, 0o600);
        chmod(&dir, 0o770);
        let error = Secrets::load(&dir, &shop()).unwrap_err().to_string();
        assert!(error.contains("chmod 700"), "{error}");
    }

    #[test]
    fn a_link_in_the_files_place_is_not_followed() {
        let (_temp, dir, _) = made();
        let link = dir.join("linked.toml");
        std::os::unix::fs::symlink("shop.toml", link).unwrap();
        let error = Secrets::load(&dir, &"linked".parse().unwrap()).unwrap_err();
        assert!(matches!(error, SecretsError::Damaged(_)), "{error}");
    }
}
