//! The operator's own theme files: read, and watched so that the screen shows a change as soon as it is saved.

use super::input::Input;
use futures_util::{Stream, stream};
use std::{
    io::{self, Error, ErrorKind::InvalidData},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::{
    fs,
    io::AsyncReadExt,
    time::{sleep, timeout},
};

/// Theme files of the operator that are read; nobody cycles through more.
const OWN_MAX: usize = 32;
/// Entries of the folder that are looked at.
const ENTRIES_MAX: usize = 2_000;
/// A theme is a few lines; whatever is larger is something else.
const BYTES_MAX: u64 = 64 << 10;
/// Pause between two looks at the folder.
const LOOK: Duration = Duration::from_secs(1);
/// A folder on a network that is away must not be waited for.
const DEADLINE: Duration = Duration::from_secs(2);

/// Names of theme files, and what is in them.
pub type Files = Vec<(String, String)>;

/// The operator's own theme files, by name. One that cannot be read is left out, `theme check` says why.
pub async fn own(folder: &Path) -> Files {
    timeout(DEADLINE, all(folder)).await.unwrap_or_default()
}

async fn all(folder: &Path) -> Files {
    let mut themes = Files::new();
    for path in paths(folder).await {
        let (name, text) = (name_of(&path), read(&path).await.ok());
        themes.extend(name.zip(text).filter(|_| themes.len() < OWN_MAX));
    }
    themes
}

/// The files in `folder` that may be themes, sorted; none without a folder.
async fn paths(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    let Ok(mut entries) = fs::read_dir(folder).await else {
        return paths;
    };
    for _ in 0..ENTRIES_MAX {
        let Ok(Some(entry)) = entries.next_entry().await else {
            break;
        };
        let path = Some(entry.path());
        paths.extend(path.filter(|path| path.extension().is_some_and(|e| e == "toml")));
    }
    paths.sort();
    paths
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
pub async fn read(file: &Path) -> io::Result<String> {
    let about = fs::metadata(file).await?;
    if !about.is_file() || about.len() > BYTES_MAX {
        return Err(Error::new(InvalidData, "it is no file of at most 64 KiB"));
    }
    let mut text = String::new();
    let file = fs::File::open(file).await?;
    file.take(BYTES_MAX).read_to_string(&mut text).await?;
    Ok(text)
}

/// The theme files, whenever they are others than those that are known; without a folder never.
pub(super) fn watch(
    folder: Option<PathBuf>,
    known: Files,
) -> impl Stream<Item = io::Result<Input>> {
    stream::unfold((folder, known), |(folder, known)| async move {
        let folder = folder?;
        let now = next(&folder, &known).await;
        Some((Ok(Input::Themes(now.clone())), (Some(folder), now)))
    })
}

/// Waits until the files are others than those that are known.
async fn next(folder: &Path, known: &Files) -> Files {
    loop {
        sleep(LOOK).await;
        match timeout(DEADLINE, all(folder)).await {
            Ok(now) if now != *known => return now,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use futures_util::StreamExt;
    use std::fs;

    #[tokio::test]
    async fn a_theme_file_that_is_saved_is_told_with_its_new_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.toml");
        fs::write(&path, "one").unwrap();
        let known = own(folder.path()).await;
        let watch = watch(Some(folder.path().to_owned()), known);
        fs::write(&path, "another").unwrap();
        let told = Box::pin(watch).next().await.unwrap().unwrap();
        let files = vec![("mine".to_owned(), "another".to_owned())];
        assert_eq!(told, Input::Themes(files));
    }
}
