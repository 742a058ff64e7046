//! The image recipes of backend and frontend: a Dockerfile of ours on the project's base, with curl for the health
//! check and the project's dependencies, installed at build time because the container itself cannot write.

use super::{names, overrides::Owner, spec::Recipe};
use crate::domain::{Safe, ServiceId, ServiceKind};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Longest dependency file that is taken into a build context; real lock files stay well below.
const FILE_MAX: u64 = 4 << 20;
/// Hex digits of the recipe's hash in the tag: 48 bits tell a project's few recipes apart.
const TAG_DIGITS: usize = 12;

/// Adds curl where the base has none: the health command needs it.
const CURL: &str = "\
RUN if command -v curl >/dev/null; then true; \\
    elif command -v apk >/dev/null; then apk add --no-cache curl; \\
    elif command -v apt-get >/dev/null; then apt-get update \\
      && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*; \\
    else echo 'the base image has neither curl nor apk nor apt-get' >&2; exit 1; fi
";
/// pip keeps no cache and asks for no newer self; Debian's marker against installs as root is meant for hosts.
const PIP: &str = "\
COPY requirements.txt /opt/cchub/requirements.txt
RUN PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_BREAK_SYSTEM_PACKAGES=1 \\
    python3 -m pip install -r /opt/cchub/requirements.txt
";
/// npm cannot install in `/` itself, so the result is moved there: Node finds `/node_modules` from anywhere below.
const NPM: &str = "\
WORKDIR /opt/cchub
COPY package*.json ./
RUN npm_config_update_notifier=false npm {install} --include=dev --no-audit --no-fund \\
    && mkdir -p node_modules && rm -rf /node_modules && mv node_modules / && npm cache clean --force
";

/// Why a recipe cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecipeError {
    /// The file cannot be read.
    #[error("{file} cannot be read: {reason}")]
    Unreadable {
        /// Which.
        file: Safe,
        /// The system's words.
        reason: Safe,
    },
    /// A link to somewhere else: what is there was never meant to get into an image.
    #[error("{0} is a link out of the project's folder: put the file itself there")]
    Outside(Safe),
    /// A folder, pipe or device.
    #[error("{0} is not a file: put the list of dependencies there, or nothing")]
    NotAFile(Safe),
    /// Too long to be a list of dependencies.
    #[error("{0} is longer than 4 MB: no list of dependencies is")]
    TooLong(Safe),
}

impl Recipe {
    /// The recipe of backend or frontend, from the project's folder as it is now.
    ///
    /// # Errors
    /// A dependency file that is there and cannot be used.
    pub fn of(
        id: &ServiceId,
        folder: &Path,
        base: &str,
        owner: Owner,
    ) -> Result<Self, RecipeError> {
        let files = dependencies(id.kind, folder)?;
        let dockerfile = dockerfile(id.kind, base, owner, &files);
        let hash = hash(base, &dockerfile, &files);
        let repository = names::image_repository(&id.project, id.kind);
        Ok(Self {
            tag: format!("{repository}:{hash}"),
            base: base.to_owned(),
            dockerfile,
            files,
        })
    }
}

fn dockerfile(
    kind: ServiceKind,
    base: &str,
    owner: Owner,
    files: &BTreeMap<String, Vec<u8>>,
) -> String {
    // A base may end as any user; packages are installed as root, and the last line steps down again.
    let mut text = format!("FROM {base}\nUSER 0:0\n{CURL}");
    if files.contains_key("requirements.txt") {
        text.push_str(PIP);
    }
    if files.contains_key("package.json") {
        let locked = files.contains_key("package-lock.json");
        text.push_str(&NPM.replace("{install}", if locked { "ci" } else { "install" }));
    }
    let port = super::ports::container_port(kind);
    // Writing to a String cannot fail.
    let _ = write!(text, "WORKDIR /workspace\nUSER {owner}\nEXPOSE {port}\n");
    text
}

/// The project's dependency files under the names that the Dockerfile copies.
fn dependencies(
    kind: ServiceKind,
    folder: &Path,
) -> Result<BTreeMap<String, Vec<u8>>, RecipeError> {
    let (main, lock) = match kind {
        ServiceKind::Backend => ("requirements.txt", None),
        ServiceKind::Frontend => ("package.json", Some("package-lock.json")),
        ServiceKind::Postgres | ServiceKind::Redis => return Ok(BTreeMap::new()),
    };
    let mut files = BTreeMap::new();
    for place in [PathBuf::from(kind.as_str()), PathBuf::new()] {
        let Some(content) = read(folder, &place.join(main))? else {
            continue;
        };
        files.insert(main.to_owned(), content);
        if let Some(lock) = lock {
            let content = read(folder, &place.join(lock))?;
            files.extend(content.map(|content| (lock.to_owned(), content)));
        }
        break;
    }
    Ok(files)
}

/// Reads a file of the project; `None` where there is none.
fn read(folder: &Path, relative: &Path) -> Result<Option<Vec<u8>>, RecipeError> {
    let path = folder.join(relative);
    let shown = || Safe::from(path.to_string_lossy().into_owned());
    let unreadable = |error: io::Error| RecipeError::Unreadable {
        file: shown(),
        reason: Safe::from(error.to_string()),
    };
    match path.symlink_metadata() {
        Err(error) if is_absent(&error) => return Ok(None),
        found => found.map_err(unreadable)?,
    };
    let real = path.canonicalize().map_err(unreadable)?;
    if !real.starts_with(folder.canonicalize().map_err(unreadable)?) {
        return Err(RecipeError::Outside(shown()));
    }
    // Looked at before it is opened: opening a pipe would wait for a writer.
    if !fs::metadata(&real).map_err(unreadable)?.is_file() {
        return Err(RecipeError::NotAFile(shown()));
    }
    let mut content = Vec::new();
    let file = File::open(&real).map_err(unreadable)?;
    let length = file.take(FILE_MAX + 1).read_to_end(&mut content);
    if length.map_err(unreadable)? as u64 > FILE_MAX {
        return Err(RecipeError::TooLong(shown()));
    }
    Ok(Some(content))
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Covers everything that the image depends on; lengths keep neighbouring parts apart.
fn hash(base: &str, dockerfile: &str, files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut sha = Sha256::new();
    let mut part = |bytes: &[u8]| {
        sha.update((bytes.len() as u64).to_be_bytes());
        sha.update(bytes);
    };
    part(base.as_bytes());
    part(dockerfile.as_bytes());
    for (name, content) in files {
        part(name.as_bytes());
        part(content);
    }
    let mut hex = format!("{:x}", sha.finalize());
    hex.truncate(TAG_DIGITS);
    hex
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::symlink;
    use tempfile::TempDir;

    fn recipe(kind: ServiceKind, folder: &Path) -> Result<Recipe, RecipeError> {
        let id = ServiceId::new(&"shop".parse().unwrap(), kind);
        Recipe::of(&id, folder, "python:3.11-slim", Owner::same(1000))
    }

    fn folder(files: &[(&str, &str)]) -> TempDir {
        let temp = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let path = temp.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        temp
    }

    #[test]
    fn without_dependencies_only_curl_is_added() {
        let temp = folder(&[]);
        let recipe = recipe(ServiceKind::Backend, temp.path()).unwrap();
        assert!(recipe.files.is_empty());
        assert!(
            recipe
                .dockerfile
                .starts_with("FROM python:3.11-slim\nUSER 0:0\nRUN if command -v curl")
        );
        assert!(
            recipe
                .dockerfile
                .ends_with("WORKDIR /workspace\nUSER 1000:1000\nEXPOSE 8000\n")
        );
        assert!(!recipe.dockerfile.contains("COPY"));
        assert!(recipe.tag.starts_with("cchub/shop-backend:"));
    }

    #[test]
    fn requirements_beside_the_backend_come_first() {
        let temp = folder(&[
            ("requirements.txt", "outer"),
            ("backend/requirements.txt", "inner"),
        ]);
        let recipe = recipe(ServiceKind::Backend, temp.path()).unwrap();
        assert_eq!(recipe.files["requirements.txt"], b"inner");
        assert!(
            recipe
                .dockerfile
                .contains("pip install -r /opt/cchub/requirements.txt")
        );
    }

    #[test]
    fn a_lock_file_is_taken_only_from_beside_its_package() {
        let temp = folder(&[("package.json", "{}"), ("frontend/package-lock.json", "{}")]);
        let free = recipe(ServiceKind::Frontend, temp.path()).unwrap();
        assert!(free.dockerfile.contains("npm install "));
        fs::write(temp.path().join("package-lock.json"), "{}").unwrap();
        let locked = recipe(ServiceKind::Frontend, temp.path()).unwrap();
        assert!(locked.dockerfile.contains("npm ci "));
        assert!(locked.dockerfile.contains("mv node_modules / "));
        assert_ne!(free.tag, locked.tag);
    }

    #[test]
    fn another_dependency_is_another_tag_and_the_same_is_the_same() {
        let temp = folder(&[("requirements.txt", "fastapi")]);
        let before = recipe(ServiceKind::Backend, temp.path()).unwrap();
        assert_eq!(before, recipe(ServiceKind::Backend, temp.path()).unwrap());
        fs::write(temp.path().join("requirements.txt"), "flask").unwrap();
        assert_ne!(
            before.tag,
            recipe(ServiceKind::Backend, temp.path()).unwrap().tag
        );
        fs::remove_file(temp.path().join("requirements.txt")).unwrap();
        assert_ne!(
            before.tag,
            recipe(ServiceKind::Backend, temp.path()).unwrap().tag
        );
    }

    #[test]
    fn a_link_out_of_the_folder_never_gets_into_an_image() {
        let secret = folder(&[("id", "private")]);
        let temp = folder(&[("elsewhere.txt", "fastapi")]);
        let link = temp.path().join("requirements.txt");
        symlink(secret.path().join("id"), &link).unwrap();
        let error = recipe(ServiceKind::Backend, temp.path()).unwrap_err();
        assert!(matches!(error, RecipeError::Outside(_)), "{error}");
        fs::remove_file(&link).unwrap();
        symlink("elsewhere.txt", &link).unwrap();
        assert!(recipe(ServiceKind::Backend, temp.path()).is_ok());
    }

    #[test]
    fn what_is_no_usable_file_is_said() {
        let temp = folder(&[]);
        let path = temp.path().join("requirements.txt");
        fs::create_dir(&path).unwrap();
        let error = recipe(ServiceKind::Backend, temp.path()).unwrap_err();
        assert!(matches!(error, RecipeError::NotAFile(_)), "{error}");
        fs::remove_dir(&path).unwrap();
        File::create(&path).unwrap().set_len(FILE_MAX + 1).unwrap();
        let error = recipe(ServiceKind::Backend, temp.path()).unwrap_err();
        assert!(matches!(error, RecipeError::TooLong(_)), "{error}");
        fs::remove_file(&path).unwrap();
        symlink("gone", &path).unwrap();
        let error = recipe(ServiceKind::Backend, temp.path()).unwrap_err();
        assert!(matches!(error, RecipeError::Unreadable { .. }), "{error}");
    }

    #[test]
    fn a_folder_that_is_gone_counts_as_one_without_dependencies() {
        let recipe = recipe(ServiceKind::Frontend, Path::new("/nowhere/at/all")).unwrap();
        assert!(recipe.files.is_empty());
    }
}
