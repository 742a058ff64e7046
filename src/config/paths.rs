//! Where files are looked for, after the XDG base directory specification: an unset, empty or relative variable counts
//! as not given.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// Folder of this program below each of the user's base folders.
const OURS: &str = "cchub";

/// The hub file: the flag, else `CCHUB_CONFIG`, else `$XDG_CONFIG_HOME/cchub/hub.toml`, else
/// `~/.config/cchub/hub.toml`. Absolute, as far as the working folder is known.
#[must_use]
pub fn hub_file(flag: Option<PathBuf>) -> PathBuf {
    let named = flag.or_else(|| filled(env::var_os("CCHUB_CONFIG")));
    let path = named.unwrap_or_else(|| config_dir().join("hub.toml"));
    std::path::absolute(&path).unwrap_or(path)
}

/// The folder for the user's own themes: `themes` in `$XDG_CONFIG_HOME/cchub` or `~/.config/cchub`.
#[must_use]
pub fn themes_dir() -> PathBuf {
    config_dir().join("themes")
}

/// The folder for what is kept between runs and is nobody's wish: `$XDG_STATE_HOME/cchub` or `~/.local/state/cchub`.
#[must_use]
pub fn state_dir() -> PathBuf {
    below(
        env::var_os("XDG_STATE_HOME"),
        env::home_dir(),
        ".local/state",
    )
}

fn config_dir() -> PathBuf {
    below(env::var_os("XDG_CONFIG_HOME"), env::home_dir(), ".config")
}

fn below(base: Option<OsString>, home: Option<PathBuf>, in_home: &str) -> PathBuf {
    let base = filled(base).filter(|path| path.is_absolute());
    // A user without a home is a service's; its working folder is the best guess, and the message will name it.
    let home = || home.unwrap_or_else(|| Path::new(".").to_owned());
    base.unwrap_or_else(|| home().join(in_home)).join(OURS)
}

fn filled(value: Option<OsString>) -> Option<PathBuf> {
    value.filter(|value| !value.is_empty()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_folder_counts_only_if_it_is_absolute() {
        let home = || Some(PathBuf::from("/home/ann"));
        for (base, path) in [
            (Some("/xdg"), "/xdg/cchub"),
            (Some("relative"), "/home/ann/.config/cchub"),
            (Some(""), "/home/ann/.config/cchub"),
            (None, "/home/ann/.config/cchub"),
        ] {
            assert_eq!(
                below(base.map(OsString::from), home(), ".config"),
                Path::new(path)
            );
        }
        assert_eq!(below(None, None, ".config"), Path::new("./.config/cchub"));
    }

    #[test]
    fn the_flag_comes_first_and_becomes_absolute() {
        assert_eq!(
            hub_file(Some("/srv/hub.toml".into())),
            Path::new("/srv/hub.toml")
        );
        let relative = hub_file(Some("hub.toml".into()));
        assert!(relative.is_absolute() && relative.ends_with("hub.toml"));
    }
}
