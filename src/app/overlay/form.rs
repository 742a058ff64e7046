//! The form that adds a project: a name and a folder, with the folder's path completed.

use crate::{
    app::{chord::Chord, field::Field, known::Known},
    domain::ProjectName,
    hub::{Failure, NewProject},
};
use std::path::{Path, PathBuf};

/// Folders that are offered at once.
pub const OFFERED_MAX: usize = 6;

/// What became of the last try.
#[derive(Debug, Clone, PartialEq)]
pub enum Try {
    /// Nothing was sent yet.
    None,
    /// It is under way.
    Sent(ProjectName),
    /// It did not work.
    Failed(Failure),
}

/// The form.
#[derive(Debug, Clone)]
pub struct AddForm {
    /// The name.
    pub name: Field,
    /// The folder.
    pub path: Field,
    /// 0 is the name, 1 the folder.
    pub focus: usize,
    /// Folders that complete the path.
    pub offered: Vec<String>,
    /// Errors are shown once something was typed or sent.
    pub checked: bool,
    /// What became of the last try.
    pub tried: Try,
    listed: Option<(String, Vec<String>)>,
    asked: Option<String>,
}

impl Default for AddForm {
    fn default() -> Self {
        Self {
            name: Field::new(""),
            path: Field::new(""),
            focus: 0,
            offered: Vec::new(),
            checked: false,
            tried: Try::None,
            listed: None,
            asked: None,
        }
    }
}

impl AddForm {
    /// Takes a key into the field.
    pub fn input(&mut self, chord: Chord) {
        self.focused().input(chord);
        self.offer();
    }

    /// Takes pasted text into the field.
    pub fn paste(&mut self, text: &str) {
        self.focused().paste(text);
        self.offer();
    }

    fn focused(&mut self) -> &mut Field {
        if self.focus == 0 {
            &mut self.name
        } else {
            &mut self.path
        }
    }

    /// The folder whose content would complete the path, if it was not asked for already.
    pub fn folder_to_list(&mut self) -> Option<String> {
        let (folder, _) = split(self.path.text())?;
        if self.focus != 1 || self.asked.as_ref() == Some(&folder) {
            return None;
        }
        self.asked = Some(folder.clone());
        Some(folder)
    }

    /// Takes in what is in a folder.
    pub fn take_folder(&mut self, of: String, entries: Vec<String>) {
        self.listed = Some((of, entries));
        self.offer();
    }

    fn offer(&mut self) {
        self.offered.clear();
        let (Some((of, entries)), Some((folder, start))) = (&self.listed, split(self.path.text()))
        else {
            return;
        };
        if self.focus == 1 && *of == folder {
            let fits = |name: &&String| {
                let hidden = name.starts_with('.') && !start.starts_with('.');
                name.starts_with(&start) && !hidden
            };
            self.offered = entries.iter().filter(fits).cloned().collect();
        }
    }

    /// Completes the path as far as it is clear; false if there is nothing to complete.
    pub fn complete(&mut self) -> bool {
        let Some((folder, start)) = split(self.path.text()) else {
            return false;
        };
        let common = common_start(&self.offered);
        let whole = self.offered.len() == 1;
        if self.focus != 1 || (common.len() <= start.len() && !whole) {
            return false;
        }
        let slash = if whole { "/" } else { "" };
        self.path.set(&format!("{folder}{common}{slash}"));
        self.offer();
        true
    }

    /// What is wrong with the two fields.
    #[must_use]
    pub fn errors(&self, known: &Known) -> [Option<String>; 2] {
        let name = match self.name.text().trim().parse::<ProjectName>() {
            Err(error) => Some(error.to_string()),
            Ok(name) if known.rows.contains_key(&name) => {
                Some(format!("there is already a project '{name}'"))
            }
            Ok(_) => None,
        };
        let path = self.path.text().trim();
        let path = (!Path::new(path).is_absolute() && !path.starts_with("~/"))
            .then(|| "a folder as an absolute path: /srv/shop or ~/shop".to_owned());
        [name, path]
    }

    /// The project that the fields describe, if they are valid.
    #[must_use]
    pub fn project(&self, known: &Known, home: Option<&Path>) -> Option<NewProject> {
        if self.errors(known).iter().any(Option::is_some) {
            return None;
        }
        let path = self.path.text().trim();
        let path = match (path.strip_prefix("~/"), home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => PathBuf::from(path),
        };
        Some(NewProject {
            name: self.name.text().trim().parse().ok()?,
            path,
            images: Vec::new(),
        })
    }
}

/// The folder of a path that is being typed, with its slash, and the beginning of the name in it.
fn split(path: &str) -> Option<(String, String)> {
    let (folder, start) = path.trim_start().rsplit_once('/')?;
    Some((format!("{folder}/"), start.to_owned()))
}

fn common_start(names: &[String]) -> String {
    let Some(first) = names.first() else {
        return String::new();
    };
    let all_have = |n: usize, c: char| names.iter().all(|name| name.chars().nth(n) == Some(c));
    first
        .chars()
        .enumerate()
        .take_while(|(n, c)| all_have(*n, *c))
        .map(|(_, c)| c)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(path: &str, entries: &[&str]) -> AddForm {
        let mut form = AddForm {
            focus: 1,
            ..AddForm::default()
        };
        form.paste(path);
        let names = entries.iter().map(|e| (*e).to_owned()).collect();
        form.take_folder("/srv/".to_owned(), names);
        form
    }

    #[test]
    fn a_path_is_completed_as_far_as_it_is_clear() {
        let mut clear = form("/srv/sh", &["blog", "shop-a", "shop-b"]);
        assert!(clear.complete());
        assert_eq!(clear.path.text(), "/srv/shop-");
        assert_eq!(clear.offered, ["shop-a", "shop-b"]);
        assert!(!clear.complete());
        let mut whole = form("/srv/b", &["blog", "shop-a"]);
        assert!(whole.complete());
        assert_eq!(whole.path.text(), "/srv/blog/");
        assert_eq!(whole.folder_to_list().as_deref(), Some("/srv/blog/"));
    }

    #[test]
    fn hidden_folders_are_offered_only_on_request() {
        assert_eq!(form("/srv/", &[".git", "shop"]).offered, ["shop"]);
        assert_eq!(form("/srv/.", &[".git", "shop"]).offered, [".git"]);
    }
}
