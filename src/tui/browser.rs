//! A URL to the operator's browser: a program of the desktop, started with a fixed argument list and left alone.

use crate::app::Msg;
use std::{env, io, path::Path, process::Stdio, time::Duration};
use tokio::{process::Command, time::timeout};

/// What a desktop offers where nobody names a browser.
const DESKTOP: &str = "xdg-open";
/// Where the URL stands in a browser's words; without it, it comes last.
const URL: &str = "%s";
/// A program that says no says it within this time; one that still runs then shows something.
const VERDICT: Duration = Duration::from_secs(3);

/// What shows a URL: a program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Browser(Vec<String>);

impl Browser {
    /// `$BROWSER`, else what the desktop offers if there is one.
    #[must_use]
    pub fn from_env() -> Option<Self> {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        Self::of(variable, is_program)
    }

    fn of(
        variable: impl Fn(&str) -> Option<String>,
        is_program: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        let named = variable("BROWSER").unwrap_or_default();
        // Several of them, in the order in which they are tried.
        let named = named
            .split(':')
            .map(|words| words.split_whitespace().map(str::to_owned));
        let mut named = named.map(Iterator::collect::<Vec<_>>);
        let fits = |words: &Vec<String>| words.first().is_some_and(|program| is_program(program));
        if let Some(words) = named.find(fits) {
            return Some(Self(words));
        }
        let has_desktop = ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| variable(name).is_some());
        (has_desktop && is_program(DESKTOP)).then(|| Self(vec![DESKTOP.to_owned()]))
    }

    /// The words to start, with the URL among them; no shell looks at them.
    fn argv(&self, url: &str) -> Vec<String> {
        let has_place = self.0.iter().any(|word| word.contains(URL));
        let words = self.0.iter().map(|word| word.replace(URL, url));
        words.chain((!has_place).then(|| url.to_owned())).collect()
    }
}

/// True for the path of a file, or the name of one on the search path.
fn is_program(word: &str) -> bool {
    if word.contains('/') {
        return Path::new(word).is_file();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(word).is_file())
}

/// Asks a browser to show `url`; says what became of that.
pub(super) async fn show(browser: Option<Browser>, url: String) -> Msg {
    let Some(browser) = browser else {
        return Msg::Browsed(Err("there is no browser to ask here".to_owned()));
    };
    let argv = browser.argv(&url);
    let program = argv.first().cloned().unwrap_or_default();
    Msg::Browsed(match start(&argv).await {
        Ok(true) => Ok(format!("{program} was asked to show {url}")),
        Ok(false) => Err(format!("{program} cannot show {url}: y copies it")),
        Err(error) => Err(format!(
            "{program} cannot be started: {error}; y copies the URL"
        )),
    })
}

/// Starts it in a group of its own, away from this terminal and its signals. False if it soon ends with an error.
async fn start(argv: &[String]) -> io::Result<bool> {
    let [program, arguments @ ..] = argv else {
        return Ok(false);
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    match timeout(VERDICT, child.wait()).await {
        Ok(status) => Ok(status?.success()),
        Err(_still_runs) => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(variables: &[(&str, &str)], programs: &[&str]) -> Option<Vec<String>> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Browser::of(variable, |word| programs.contains(&word)).map(|browser| browser.argv("URL"))
    }

    #[test]
    fn the_operators_browser_comes_before_the_desktops() {
        let desktop = ("DISPLAY", ":0");
        assert_eq!(of(&[], &["xdg-open"]), None);
        assert_eq!(of(&[desktop], &[]), None);
        assert_eq!(of(&[desktop], &["xdg-open"]).unwrap(), ["xdg-open", "URL"]);
        let named = ("BROWSER", "none:my-browser --new-window %s;reboot:other");
        assert_eq!(
            of(&[desktop, named], &["xdg-open", "my-browser"]).unwrap(),
            ["my-browser", "--new-window", "URL;reboot"]
        );
    }

    #[tokio::test]
    async fn what_became_of_it_is_said() {
        let url = "http://127.0.0.1:3010/".to_owned();
        let said = async |words: &[&str]| {
            let words = words.iter().map(|word| (*word).to_owned()).collect();
            let Msg::Browsed(said) = show(Some(Browser(words)), url.clone()).await else {
                panic!("an answer")
            };
            said
        };
        assert!(said(&["true"]).await.unwrap().contains(&url));
        assert!(said(&["false"]).await.unwrap_err().contains("cannot show"));
        let missing = said(&["/nonexistent/browser"]).await.unwrap_err();
        assert!(missing.contains("cannot be started"), "{missing}");
    }
}
