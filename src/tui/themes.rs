//! The operator's own theme files: read, and watched so that the screen shows a change as soon as it is saved.

use super::input::Input;
use futures_util::{Stream, stream};
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{task::spawn_blocking, time::sleep};

/// Theme files of the operator that are read; nobody cycles through more.
const OWN_MAX: usize = 32;
/// A theme is a few lines; whatever is larger is something else.
const BYTES_MAX: u64 = 64 << 10;
/// Pause between two looks at the folder.
const LOOK: Duration = Duration::from_secs(1);

/// Names of theme files, and what is in them.
pub type Files = Vec<(String, String)>;

/// The operator's own theme files, by name. One that cannot be read is left out, `theme check` says why.
#[must_use]
pub fn own(folder: &Path) -> Vec<(String, String)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    let named = |path: &Path| Some((name_of(path)?, read(path).ok()?));
    let themes = paths.iter().filter_map(|path| named(path));
    themes.take(OWN_MAX).collect()
}

/// The name of the theme in a file.
#[must_use]
pub fn name_of(file: &Path) -> Option<String> {
    Some(file.file_stem()?.to_string_lossy().into_owned())
}

/// The text of a theme file, which is a plain file of bounded size.
///
/// # Errors
/// It is something else, or cannot be read.
pub fn read(file: &Path) -> std::io::Result<String> {
    use std::io::{Error, ErrorKind::InvalidData};
    let about = fs::metadata(file)?;
    if !about.is_file() || about.len() > BYTES_MAX {
        return Err(Error::new(InvalidData, "it is no file of at most 64 KiB"));
    }
    let mut text = String::new();
    fs::File::open(file)?
        .take(BYTES_MAX)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// The theme files, whenever they are others than before; without a folder never.
pub(super) fn watch(
    folder: Option<PathBuf>,
    known: Files,
) -> impl Stream<Item = io::Result<Input>> {
    stream::unfold((folder, known), |(folder, known)| async move {
        let folder = folder?;
        let now = next(&folder, &known).await?;
        Some((Ok(Input::Themes(now.clone())), (Some(folder), now)))
    })
}

/// Waits until the files are others than those that are known.
async fn next(folder: &Path, known: &Files) -> Option<Files> {
    loop {
        sleep(LOOK).await;
        let folder = folder.to_owned();
        let now = spawn_blocking(move || own(&folder)).await.ok()?;
        if now != *known {
            return Some(now);
        }
    }
}
