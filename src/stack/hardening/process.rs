//! What the processes of a container may do: user, capabilities, profiles, environment, terminal.

use super::{ANEW, CAP_DROP, Check, Finding};
use crate::domain::{Secret, container::Settings};

/// The worst come first.
#[rustfmt::skip] // a table: one point a line
pub(super) const CHECKS: [Check; 9] = [
    Check::new(user, false, r#"user: "1000:1000""#, r#"user = "1000:1000" under [projects.PROJECT.services.SERVICE]"#),
    Check::new(cap_add, true, "take out: cap_add", ANEW),
    Check::new(cap_drop, false, "cap_drop: [ALL]", ANEW),
    Check::new(new_privileges, false, r#"security_opt: ["no-new-privileges:true"]"#, ANEW),
    Check::new(profiles, true, "security_opt: take out what ends in unconfined", ANEW),
    Check::new(root_file_system, false, "read_only: true, with tmpfs: [/tmp] for what is written", "read_only = true under [projects.PROJECT.services.SERVICE]"),
    Check::new(environment, false, "environment: NAME_FILE: /run/secrets/name, and secrets: [name]", "env under [projects.PROJECT.services.SERVICE]: X_FILE instead of X"),
    Check::new(tty, false, "take out: tty: true", ANEW),
    Check::new(stdin, false, "take out: stdin_open: true", ANEW),
];

/// Parts of names that announce a secret. `KEY` alone is too common: images publish `GPG_KEY`.
const SECRET_NAMES: [&str; 7] = [
    "PASSWORD",
    "PASSWD",
    "SECRET",
    "TOKEN",
    "API_KEY",
    "ACCESS_KEY",
    "PRIVATE_KEY",
];

fn user(settings: &Settings) -> Option<Finding> {
    let name = settings.user.split(':').next().unwrap_or_default().trim();
    let is_root = name.is_empty() || name == "root" || name.parse() == Ok(0);
    is_root.then(|| {
        Finding::new(
            "runs as root",
            "whoever breaks out of it is root on the host",
            "give it a user id other than 0",
        )
    })
}

fn cap_add(settings: &Settings) -> Option<Finding> {
    (!settings.cap_add.is_empty()).then(|| {
        Finding::new(
            format!("capabilities added: {}", settings.cap_add.join(", ")),
            "each is a part of root's power",
            "make it again without cap_add",
        )
    })
}

fn cap_drop(settings: &Settings) -> Option<Finding> {
    let all = settings
        .cap_drop
        .iter()
        .any(|cap| cap.eq_ignore_ascii_case(CAP_DROP));
    (!all).then(|| {
        Finding::new(
            "keeps the engine's default capabilities",
            "it can open raw sockets, change owners and more, which no service here needs",
            "make it again with cap_drop ALL",
        )
    })
}

/// An option's name and value; engines take both `name=value` and the older `name:value`.
fn options(settings: &Settings) -> impl Iterator<Item = (&str, &str)> {
    let options = settings.security_opt.iter();
    options.map(|option| option.split_once(['=', ':']).unwrap_or((option, "")))
}

fn new_privileges(settings: &Settings) -> Option<Finding> {
    let denied = options(settings)
        .any(|(name, value)| name == "no-new-privileges" && matches!(value, "" | "true"));
    (!denied).then(|| {
        Finding::new(
            "may gain new privileges",
            "a set-user-id file makes root of its user",
            "make it again with security_opt no-new-privileges:true",
        )
    })
}

fn profiles(settings: &Settings) -> Option<Finding> {
    let off: Vec<&str> = options(settings)
        .filter(|&(name, value)| value == "unconfined" || (name, value) == ("label", "disable"))
        .map(|(name, _)| name)
        .collect();
    (!off.is_empty()).then(|| {
        Finding::new(
            format!("protection switched off: {}", off.join(", ")),
            "it may make every system call or touch every file that its user may",
            "make it again with the engine's default profiles",
        )
    })
}

fn root_file_system(settings: &Settings) -> Option<Finding> {
    (!settings.read_only).then(|| {
        Finding::new(
            "writable root file system",
            "an intruder can change its programs, and they stay changed until it is made again",
            "set read_only = true and name what has to be written as tmpfs",
        )
    })
}

fn environment(settings: &Settings) -> Option<Finding> {
    let names: Vec<&str> = settings
        .env
        .iter()
        .filter_map(|entry| entry.split_once('='))
        .filter(|(name, value)| holds_secret(name, value))
        .map(|(name, _)| name)
        .collect();
    (!names.is_empty()).then(|| {
        // Names only: the values are what must not be shown.
        Finding::new(
            format!("secrets in the environment: {}", names.join(", ")),
            "whoever may inspect the container reads them, and so do all its processes",
            "hand them over as files, for example with a name that ends in _FILE",
        )
    })
}

/// The values in the environment that look like secrets: what a container prints may hold them.
#[must_use]
pub fn env_secrets(settings: &Settings) -> Vec<Secret> {
    let pairs = settings
        .env
        .iter()
        .filter_map(|entry| entry.split_once('='));
    let secret = |(name, value): (&str, &str)| {
        let password = password_of(value).map(str::to_owned);
        let all = || holds_secret(name, value).then(|| value.to_owned());
        password.or_else(all).map(Secret::new)
    };
    pairs.filter_map(secret).collect()
}

fn holds_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let announced = SECRET_NAMES.iter().any(|part| name.contains(part));
    !value.is_empty() && ((announced && !name.ends_with("_FILE")) || password_of(value).is_some())
}

/// The password of `scheme://user:password@host`.
fn password_of(value: &str) -> Option<&str> {
    let (_, rest) = value.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (login, _) = authority.rsplit_once('@')?;
    let (_, password) = login.split_once(':')?;
    (!password.is_empty()).then_some(password)
}

fn tty(settings: &Settings) -> Option<Finding> {
    settings.tty.then(|| {
        Finding::new(
            "has a terminal",
            "its output is not told apart by stream, and log lines can be forged",
            "make it again without a terminal",
        )
    })
}

fn stdin(settings: &Settings) -> Option<Finding> {
    settings.open_stdin.then(|| {
        Finding::new(
            "its standard input is open",
            "whoever may attach can type into it",
            "make it again without an open standard input",
        )
    })
}
