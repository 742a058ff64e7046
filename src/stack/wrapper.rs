//! The small shell script that a container of backend or frontend begins with: it prepares the workspace, exports the
//! secrets from their files, goes to the working folder and becomes the real command.

/// Where the project's folder is seen.
pub const WORKSPACE: &str = "/workspace";
/// Where the read-only original of a snapshot is.
pub const WORKSPACE_SOURCE: &str = "/workspace-source";
/// Size of the snapshot's tmpfs; it counts as memory of the container. The script names it, too.
pub const SNAPSHOT_SIZE: &str = "256m";

const COPY: &str = include_str!("assets/copy.sh");
const SECRETS: &str = "\
DATABASE_URL=$(cat /run/secrets/database_url)
SECRET_KEY=$(cat /run/secrets/secret_key)
export DATABASE_URL SECRET_KEY
";

/// What a wrapper has to do before the command.
#[derive(Debug, Clone, Copy)]
pub struct Steps<'a> {
    /// Take a snapshot of the project.
    pub copy: bool,
    /// Export the secrets.
    pub secrets: bool,
    /// Folder to work in.
    pub workdir: &'a str,
}

/// Writes the script. It is run as `/bin/sh -c SCRIPT cchub COMMAND…` and ends by becoming the command.
#[must_use]
pub fn wrapper(steps: Steps<'_>) -> String {
    let copy = if steps.copy { COPY } else { "" };
    let secrets = if steps.secrets { SECRETS } else { "" };
    let workdir = quoted(steps.workdir);
    format!("set -eu\n{copy}{secrets}cd {workdir}\nexec \"$@\"\n")
}

/// The one way to hand any word to sh unchanged: in single quotes, with each single quote of its own outside of them.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::{
        fs,
        os::unix::fs::{PermissionsExt, symlink},
        path::Path,
        process::{Command, Output},
    };

    /// Runs a script as the container would, with `root` in the place of `/`.
    fn run(script: &str, root: &Path, command: &[&str]) -> Output {
        let at = root.to_str().unwrap();
        let script = script
            .replace(WORKSPACE_SOURCE, &format!("{at}/SOURCE"))
            .replace(WORKSPACE, &format!("{at}/workspace"))
            .replace("/run/secrets", &format!("{at}/secrets"))
            .replace("SOURCE", "workspace-source");
        let mut sh = Command::new("/bin/sh");
        sh.args(["-c", &script, "cchub"]).args(command);
        sh.output().unwrap()
    }

    fn write(path: impl AsRef<Path>, text: &str) {
        fs::create_dir_all(path.as_ref().parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn secrets_are_exported_and_the_command_replaces_the_shell() {
        let temp = tempfile::tempdir().unwrap();
        write(temp.path().join("secrets/database_url"), "postgresql://x");
        write(temp.path().join("secrets/secret_key"), "key");
        fs::create_dir_all(temp.path().join("workspace/it's here")).unwrap();
        let script = wrapper(Steps {
            copy: false,
            secrets: true,
            workdir: "/workspace/it's here",
        });
        let show = r#"echo "$DATABASE_URL $SECRET_KEY ${PWD##*/} $1""#;
        let output = run(&script, temp.path(), &["sh", "-c", show, "sh", "two words"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text, "postgresql://x key it's here two words\n");
    }

    #[test]
    fn a_missing_secret_ends_the_start() {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir_all(temp.path().join("workspace")).unwrap();
        let script = wrapper(Steps {
            copy: false,
            secrets: true,
            workdir: WORKSPACE,
        });
        assert!(!run(&script, temp.path(), &["true"]).status.success());
    }

    #[test]
    fn a_snapshot_has_all_sources_and_none_of_the_ballast() {
        let temp = tempfile::tempdir().unwrap();
        let source = temp.path().join("workspace-source");
        for path in [
            "frontend/index.html",
            "frontend/.env",
            "frontend/..odd",
            "a b/-n",
            "a\nb/*",
            "empty/.keep",
            ".git/HEAD",
            "frontend/node_modules/x/index.js",
            "backend/.venv/bin/python",
            "backend/__pycache__/a.pyc",
            "sub/.git",
        ] {
            write(source.join(path), path);
        }
        fs::create_dir(source.join("bare")).unwrap();
        symlink("index.html", source.join("frontend/link")).unwrap();
        symlink("nowhere", source.join("dangling")).unwrap();
        let tool = source.join("tool");
        write(&tool, "#!/bin/sh\n");
        fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
        let workspace = temp.path().join("workspace");
        fs::create_dir(&workspace).unwrap();

        let script = wrapper(Steps {
            copy: true,
            secrets: false,
            workdir: "/workspace/frontend",
        });
        let output = run(&script, temp.path(), &["cat", "link"]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        assert_eq!(output.stdout, b"frontend/index.html");
        for path in [
            "frontend/.env",
            "frontend/..odd",
            "a b/-n",
            "a\nb/*",
            "empty/.keep",
        ] {
            assert_eq!(fs::read_to_string(workspace.join(path)).unwrap(), path);
        }
        assert!(workspace.join("bare").is_dir());
        assert!(workspace.join("dangling").is_symlink());
        assert_eq!(
            fs::metadata(workspace.join("tool"))
                .unwrap()
                .permissions()
                .mode()
                & 0o111,
            0o111
        );
        for path in [
            ".git",
            "frontend/node_modules",
            "backend/.venv",
            "backend/__pycache__",
            "sub/.git",
        ] {
            assert!(!workspace.join(path).exists(), "{path}");
        }
    }

    #[test]
    fn what_stops_a_snapshot_is_said_in_one_line() {
        let temp = tempfile::tempdir().unwrap();
        write(temp.path().join("workspace-source/a/b"), "text");
        write(temp.path().join("workspace-source/c/d"), "text");
        // A file where the folder should be stops the copy as a full tmpfs does.
        write(temp.path().join("workspace/a"), "in the way");
        write(temp.path().join("workspace/c"), "in the way");
        let script = wrapper(Steps {
            copy: true,
            secrets: false,
            workdir: WORKSPACE,
        });
        let output = run(&script, temp.path(), &["echo", "never"]);
        assert_eq!((output.status.code(), output.stdout), (Some(1), vec![]));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(
            stderr.contains("cannot be copied (at most 256 MB"),
            "{stderr}"
        );
    }

    #[test]
    fn a_project_that_cannot_be_read_is_said() {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir(temp.path().join("workspace")).unwrap();
        let script = wrapper(Steps {
            copy: true,
            secrets: false,
            workdir: WORKSPACE,
        });
        let output = run(&script, temp.path(), &["echo", "never"]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("cannot be read by user"), "{stderr}");
        assert!(!output.status.success());
    }
}
