//! What a Compose project is called here. Compose allows more than this program does, and its names may be taken: the
//! name that is shown depends only on Compose's own and on the hub file, never on what else runs, so that a name in a
//! script keeps its meaning.

use crate::domain::{ProjectName, project::NAME_MAX};
use sha2::{Digest, Sha256};

/// Digits that tell names apart which would be the same here.
const DIGITS: usize = 4;
/// With more of them, if even these are the same.
const DIGITS_MAX: usize = 16;

/// The name for Compose's `compose`: the same if it is a name here and not `taken`, else made from it, with some digits
/// of its hash. `None` if all of these are taken, too.
#[must_use]
pub fn shown_name(compose: &str, taken: impl Fn(&ProjectName) -> bool) -> Option<ProjectName> {
    let free = |name: &ProjectName| !taken(name);
    if let Some(name) = compose.parse().ok().filter(free) {
        return Some(name);
    }
    let hash = format!("{:x}", Sha256::digest(compose));
    let mut lengths = (DIGITS..=DIGITS_MAX).step_by(DIGITS);
    lengths.find_map(|digits| {
        let hash: String = hash.chars().take(digits).collect();
        let stem = stem(compose, NAME_MAX - digits - 1);
        let name = format!("{stem}-{hash}");
        name.parse().ok().filter(free)
    })
}

/// What can be kept of `compose`, at most `longest` characters.
fn stem(compose: &str, longest: usize) -> String {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let letters = compose.chars().map(|c| c.to_ascii_lowercase());
    let mut stem = String::new();
    for letter in letters {
        match letter {
            letter if fits(letter) => stem.push(letter),
            _ if !stem.is_empty() && !stem.ends_with('-') => stem.push('-'),
            _ => {}
        }
        if stem.len() == longest {
            break;
        }
    }
    let stem = stem.trim_end_matches('-');
    if stem.is_empty() { "compose" } else { stem }.to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::BTreeSet;

    fn shown(compose: &str) -> String {
        shown_name(compose, |_| false).unwrap().to_string()
    }

    #[test]
    fn a_name_that_is_one_here_stays_and_any_other_becomes_one() {
        assert_eq!(shown("shop"), "shop");
        assert_eq!(shown("shop-2"), "shop-2");
        for (compose, stem) in [
            ("my_app", "my-app"),
            ("Shop", "shop"),
            ("_x__y_", "x-y"),
            ("", "compose"),
            ("ä\u{1b}[31m/../", "31m"),
            ("日本", "compose"),
            ("-a", "a"),
            (&"x".repeat(80), &"x".repeat(34)),
        ] {
            let name = shown(compose);
            assert_eq!(name.rsplit_once('-').unwrap().0, stem, "{compose}");
        }
    }

    #[test]
    fn names_that_look_alike_here_are_told_apart() {
        let names = ["my_app", "my-app", "my.app", "My_App", "my__app"];
        let shown: BTreeSet<String> = names.iter().map(|name| shown(name)).collect();
        assert_eq!(shown.len(), names.len());
    }

    #[test]
    fn a_name_that_the_hub_has_already_gets_digits_and_more_if_need_be() {
        let hub: ProjectName = "shop".parse().unwrap();
        let first = shown_name("shop", |name| *name == hub).unwrap();
        assert_eq!(first.as_str(), "shop-8d90");
        let second = shown_name("shop", |name| *name == hub || *name == first).unwrap();
        assert!(second.as_str().starts_with(first.as_str()) && second.as_str().len() == 13);
        assert_eq!(shown_name("shop", |_| true), None);
    }
}
