//! The operator's own theme files: read, and watched so that the screen shows a change as soon as it is saved.

use super::input::Input;
use futures_util::{Stream, stream};
use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};
use tokio::sync::mpsc;

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

/// The theme files, whenever they are others than those that are known; without a folder never. They are looked at on a
/// thread of their own: a folder on a network that is away must not hold up anything.
///
/// # Errors
/// The thread cannot be started.
pub(super) fn watch(
    folder: Option<PathBuf>,
    known: Files,
) -> io::Result<impl Stream<Item = io::Result<Input>>> {
    let (sender, receiver) = mpsc::channel(1);
    if let Some(folder) = folder {
        let thread = thread::Builder::new().name("themes".to_owned());
        thread.spawn(move || look(&folder, known, &sender))?;
    }
    Ok(stream::unfold(receiver, |mut receiver| async {
        let files = receiver.recv().await?;
        Some((Ok(Input::Themes(files)), receiver))
    }))
}

/// Looks again and again until nobody wants to know.
fn look(folder: &Path, mut known: Files, sender: &mpsc::Sender<Files>) {
    while !sender.is_closed() {
        thread::sleep(LOOK);
        let now = own(folder);
        if now != known {
            known.clone_from(&now);
            // As above.
            let _ = sender.blocking_send(now);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use futures_util::StreamExt;

    #[tokio::test]
    async fn a_theme_file_that_is_saved_is_told_with_its_new_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.toml");
        fs::write(&path, "one").unwrap();
        let known = own(folder.path());
        let watch = watch(Some(folder.path().to_owned()), known).unwrap();
        fs::write(&path, "another").unwrap();
        let told = Box::pin(watch).next().await.unwrap().unwrap();
        let files = vec![("mine".to_owned(), "another".to_owned())];
        assert_eq!(told, Input::Themes(files));
    }
}
