//! What a hub file may say about a service, checked word by word before anything is made of it.

use super::entry::ServiceEntry;
use crate::domain::{ServiceKind, safe::one_line};
use std::{fmt, str::FromStr};

/// Variables that hold secrets: they come from files, so that no inspect shows them.
const SECRET_VARIABLES: [&str; 3] = ["POSTGRES_PASSWORD", "DATABASE_URL", "SECRET_KEY"];
/// Variables that health checks and other services' addresses rely on.
const POSTGRES_VARIABLES: [&str; 4] = [
    "POSTGRES_USER",
    "POSTGRES_DB",
    "POSTGRES_PASSWORD_FILE",
    "PGDATA",
];
/// Longest image reference; the engine's own bound for a name is 255.
const IMAGE_MAX: usize = 255;

/// The user that a service runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// User id, never 0.
    pub uid: u32,
    /// Group id, never 0.
    pub gid: u32,
}

impl Owner {
    /// The same number for user and group.
    #[must_use]
    pub const fn same(id: u32) -> Self {
        Self { uid: id, gid: id }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.uid, self.gid)
    }
}

impl FromStr for Owner {
    type Err = OverrideReason;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let (uid, gid) = word.split_once(':').unwrap_or((word, word));
        let id = |digits: &str| {
            let plain = digits.bytes().all(|b| b.is_ascii_digit());
            // The highest number means "no change" to the kernel.
            let id = digits.parse().ok().filter(|id| (1..u32::MAX).contains(id));
            id.filter(|_| plain)
                .ok_or_else(|| OverrideReason::User(one_line(word)))
        };
        Ok(Self {
            uid: id(uid)?,
            gid: id(gid)?,
        })
    }
}

/// A part of a service's entry that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct OverrideError {
    /// Key of the entry.
    pub field: &'static str,
    /// Why not.
    pub reason: OverrideReason,
}

/// Why a part of an entry cannot be used, with what can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverrideReason {
    /// Not an image reference.
    #[error("'{0}' is not an image: write a name such as python:3.11-slim")]
    Image(String),
    /// Not a user, or root.
    #[error(
        "'{0}' cannot be the user: write a numeric uid or uid:gid, neither of them 0 (no container runs as root)"
    )]
    User(String),
    /// No words, or words that no process can be given.
    #[error("this cannot be a command: write its words as a list, the first one not empty")]
    Command,
    /// Not a variable's name.
    #[error("'{0}' cannot name a variable: use letters, digits and _, not beginning with a digit")]
    VariableName(String),
    /// The value cannot be passed on.
    #[error("the value of {0} has a NUL character in it: take it out")]
    VariableValue(String),
    /// The stack sets it.
    #[error("{0} cannot be set here: secrets reach the service as files under /run/secrets")]
    Secret(String),
    /// The stack relies on it.
    #[error("{0} cannot be set here: the stack's checks and addresses rely on its own value")]
    Reserved(String),
    /// Not a folder in the container.
    #[error("'{0}' is not a folder in the container: write a full path such as /var/cache/app")]
    Folder(String),
    /// A folder of the stack's own, or of the kernel.
    #[error("'{0}' cannot be a tmpfs: the container needs what is there")]
    Occupied(String),
    /// Only backend and frontend are built and see the project's folder.
    #[error("only backend and frontend have this: take it out")]
    NotForService,
}

impl ServiceEntry {
    /// Checks every part for a service of this kind. Limits and times are checked where they are read.
    ///
    /// # Errors
    /// The first part that cannot be used.
    pub fn check(&self, kind: ServiceKind) -> Result<(), OverrideError> {
        let at = |field| move |reason| OverrideError { field, reason };
        self.check_kind(kind)?;
        check_all(&self.image, |image| check_image(image)).map_err(at("image"))?;
        check_all(&self.base, |base| check_image(base)).map_err(at("base"))?;
        check_all(&self.user, |user| user.parse::<Owner>().map(drop)).map_err(at("user"))?;
        check_all(&self.command, |words| check_command(words)).map_err(at("command"))?;
        check_all(&self.health, |words| check_command(words)).map_err(at("health"))?;
        check_all(&self.workdir, |folder| check_folder(folder)).map_err(at("workdir"))?;
        check_all(&self.tmpfs, |folder| check_tmpfs(folder)).map_err(at("tmpfs"))?;
        check_all(&self.env, |(name, value)| check_variable(kind, name, value)).map_err(at("env"))
    }

    fn check_kind(&self, kind: ServiceKind) -> Result<(), OverrideError> {
        let reason = OverrideReason::NotForService;
        match kind {
            ServiceKind::Backend | ServiceKind::Frontend => Ok(()),
            _ if self.base.is_some() => Err(OverrideError {
                field: "base",
                reason,
            }),
            _ if self.workspace.is_some() => Err(OverrideError {
                field: "workspace",
                reason,
            }),
            ServiceKind::Postgres | ServiceKind::Redis => Ok(()),
        }
    }
}

fn check_all<T>(
    parts: impl IntoIterator<Item = T>,
    check: impl FnMut(T) -> Result<(), OverrideReason>,
) -> Result<(), OverrideReason> {
    parts.into_iter().try_for_each(check)
}

/// The engine has the last word on a reference; what would change the meaning of a Dockerfile's line is refused here.
///
/// # Errors
/// Empty, too long, or with characters that no reference has.
pub fn check_image(image: &str) -> Result<(), OverrideReason> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"./:@_-[]".contains(&b);
    let begins = image.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
    let fits = begins && image.len() <= IMAGE_MAX && image.bytes().all(allowed);
    fits.then_some(())
        .ok_or_else(|| OverrideReason::Image(one_line(image)))
}

fn check_command(words: &[String]) -> Result<(), OverrideReason> {
    let first = words.first().is_some_and(|word| !word.trim().is_empty());
    let fits = first && words.iter().all(|word| !word.contains('\0'));
    fits.then_some(()).ok_or(OverrideReason::Command)
}

fn check_folder(folder: &str) -> Result<(), OverrideReason> {
    let plain = |c: char| !c.is_control() && c != ',' && c != ':';
    let fits = folder.starts_with('/') && folder.chars().all(plain);
    let stays = folder.split('/').all(|part| part != "..");
    (fits && stays)
        .then_some(())
        .ok_or_else(|| OverrideReason::Folder(one_line(folder)))
}

fn check_tmpfs(folder: &str) -> Result<(), OverrideReason> {
    check_folder(folder)?;
    let parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    let occupied = matches!(
        parts.as_slice(),
        [] | [
            "proc" | "sys" | "dev" | "workspace" | "workspace-source",
            ..
        ] | ["run"]
            | ["run", "secrets", ..]
    );
    if occupied {
        return Err(OverrideReason::Occupied(one_line(folder)));
    }
    Ok(())
}

fn check_variable(kind: ServiceKind, name: &str, value: &str) -> Result<(), OverrideReason> {
    let body = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !begins || !name.bytes().all(body) {
        return Err(OverrideReason::VariableName(one_line(name)));
    }
    if SECRET_VARIABLES.contains(&name) {
        return Err(OverrideReason::Secret(name.to_owned()));
    }
    if kind == ServiceKind::Postgres && POSTGRES_VARIABLES.contains(&name) {
        return Err(OverrideReason::Reserved(name.to_owned()));
    }
    if value.contains('\0') {
        return Err(OverrideReason::VariableValue(name.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn refused(kind: ServiceKind, entry: &ServiceEntry) -> &'static str {
        entry.check(kind).unwrap_err().field
    }

    #[test]
    fn users_are_numbers_and_never_root() {
        assert_eq!("1000".parse(), Ok(Owner::same(1000)));
        assert_eq!("70:71".parse(), Ok(Owner { uid: 70, gid: 71 }));
        for bad in [
            "",
            "0",
            "root",
            "0:0",
            "0:1000",
            "1000:0",
            "00",
            "1000:",
            ":5",
            "+5",
            "-1",
            "1:2:3",
            "4294967295",
        ] {
            assert!(bad.parse::<Owner>().is_err(), "{bad}");
        }
    }

    #[test]
    fn p70_variables_that_hold_secrets_are_refused() {
        for name in SECRET_VARIABLES {
            let env = [(name.to_owned(), "x".to_owned())].into();
            let entry = ServiceEntry {
                env,
                ..ServiceEntry::default()
            };
            for kind in ServiceKind::ALL {
                let error = entry.check(kind).unwrap_err();
                assert_eq!(error.reason, OverrideReason::Secret(name.to_owned()));
            }
        }
    }

    #[test]
    fn every_part_is_checked() {
        let none = ServiceEntry::default;
        let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let word = |w: &str| Some(w.to_owned());
        let kind = ServiceKind::Backend;
        for image in ["", "a b", "a\nRUN x", "-x", "ä", &"x".repeat(256)] {
            assert_eq!(
                refused(
                    kind,
                    &ServiceEntry {
                        image: word(image),
                        ..none()
                    }
                ),
                "image"
            );
            assert_eq!(
                refused(
                    kind,
                    &ServiceEntry {
                        base: word(image),
                        ..none()
                    }
                ),
                "base"
            );
        }
        assert_eq!(
            refused(
                kind,
                &ServiceEntry {
                    user: word("0"),
                    ..none()
                }
            ),
            "user"
        );
        for words in [list(&[]), list(&[" "]), list(&["a", "b\0"])] {
            assert_eq!(
                refused(
                    kind,
                    &ServiceEntry {
                        command: Some(words.clone()),
                        ..none()
                    }
                ),
                "command"
            );
            assert_eq!(
                refused(
                    kind,
                    &ServiceEntry {
                        health: Some(words),
                        ..none()
                    }
                ),
                "health"
            );
        }
        assert_eq!(
            refused(
                kind,
                &ServiceEntry {
                    workdir: word("app"),
                    ..none()
                }
            ),
            "workdir"
        );
        for folder in [
            "cache",
            "/",
            "//",
            "/a/../b",
            "/proc/x",
            "/run/secrets",
            "/workspace/x",
            "/a:b",
            "/a,b",
        ] {
            assert_eq!(
                refused(
                    kind,
                    &ServiceEntry {
                        tmpfs: list(&[folder]),
                        ..none()
                    }
                ),
                "tmpfs",
                "{folder}"
            );
        }
        for (name, value) in [
            ("", "x"),
            ("1A", "x"),
            ("A-B", "x"),
            ("A=B", "x"),
            ("A", "\0"),
        ] {
            let env = [(name.to_owned(), value.to_owned())].into();
            assert_eq!(
                refused(kind, &ServiceEntry { env, ..none() }),
                "env",
                "{name}"
            );
        }
    }

    #[test]
    fn what_only_the_built_services_have_is_refused_elsewhere() {
        let base = ServiceEntry {
            base: Some("alpine:3".into()),
            ..ServiceEntry::default()
        };
        assert_eq!(refused(ServiceKind::Redis, &base), "base");
        assert!(base.check(ServiceKind::Frontend).is_ok());
    }

    #[test]
    fn an_entry_that_says_much_is_fine() {
        let entry = ServiceEntry {
            image: Some("registry.example:5000/team/app@sha256:00ff".into()),
            user: Some("1001:1001".into()),
            command: Some(vec!["serve".into(), String::new()]),
            env: [("REDIS_URL".into(), "redis://other:6379/1".into())].into(),
            tmpfs: vec!["/var/cache/app".into(), "/run/app".into()],
            workdir: Some("/app".into()),
            ..ServiceEntry::default()
        };
        assert_eq!(entry.check(ServiceKind::Backend), Ok(()));
    }
}
