//! What answers the model later: work for a folder, the clipboard or a file, one of each at a time, and never in the way
//! of the keys.

use super::{
    Run,
    browser::{self, Browser},
    clipboard, folder,
    save::Saving,
    terminal::Stage,
};
use crate::app::{
    Msg,
    msg::{Clipboard, Save},
};
use std::{fmt, future::Future, path::PathBuf, pin::Pin};

/// What came out of it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Something for the model.
    Msg(Msg),
    /// tmux did not take this text.
    NoTmux(String),
}

/// Everything that is under way.
#[derive(Debug, Default)]
pub(super) struct Answers {
    listing: Answer,
    copying: Answer,
    browsing: Answer,
    saving: Saving,
}

impl Answers {
    pub(super) fn is_busy(&self) -> bool {
        let answers = [&self.listing, &self.copying, &self.browsing];
        answers.iter().any(|answer| answer.is_busy()) || self.saving.is_busy()
    }

    /// Lists a folder; a newer wish replaces the one under way.
    pub(super) fn list(&mut self, of: String, home: Option<PathBuf>) {
        self.listing
            .begin(async { Outcome::Msg(folder::list(of, home).await) });
    }

    /// Gives a text to tmux; a newer one replaces the one under way.
    pub(super) fn copy_to_tmux(&mut self, text: String) {
        self.copying.begin(async {
            let lines = text.lines().count();
            let to = Clipboard::Tmux;
            match clipboard::to_tmux(text).await {
                Ok(()) => Outcome::Msg(Msg::Copied { lines, to }),
                Err(text) => Outcome::NoTmux(text),
            }
        });
    }

    /// Asks a browser to show a URL; a newer wish replaces the one under way.
    pub(super) fn browse(&mut self, url: String) {
        self.browsing
            .begin(async { Outcome::Msg(browser::show(Browser::from_env(), url).await) });
    }

    /// Goes on with the file that lines are saved to.
    pub(super) fn save(&mut self, step: Save, home: Option<PathBuf>) {
        self.saving.take(step, home);
    }

    /// The next answer; waits for ever if nothing is under way.
    pub(super) async fn next(&mut self) -> Outcome {
        tokio::select! {
            outcome = self.listing.next(), if self.listing.is_busy() => outcome,
            outcome = self.copying.next(), if self.copying.is_busy() => outcome,
            outcome = self.browsing.next(), if self.browsing.is_busy() => outcome,
            msg = self.saving.next(), if self.saving.is_busy() => Outcome::Msg(msg),
            else => std::future::pending().await,
        }
    }
}

/// One piece of work, if there is one.
#[derive(Default)]
struct Answer(Option<Pin<Box<dyn Future<Output = Outcome> + Send>>>);

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Answer").field(&self.0.is_some()).finish()
    }
}

impl Answer {
    fn is_busy(&self) -> bool {
        self.0.is_some()
    }

    fn begin(&mut self, work: impl Future<Output = Outcome> + Send + 'static) {
        self.0 = Some(Box::pin(work));
    }

    async fn next(&mut self) -> Outcome {
        let Some(work) = &mut self.0 else {
            return std::future::pending().await;
        };
        let outcome = work.await;
        self.0 = None;
        outcome
    }
}

impl<B> Run<'_, B>
where
    B: Stage,
    B::Error: Send + Sync + 'static,
{
    pub(super) fn answered(&mut self, outcome: Outcome) -> anyhow::Result<()> {
        match outcome {
            Outcome::Msg(msg) => self.take(msg),
            Outcome::NoTmux(text) => self.ask_terminal(&text),
        }
    }

    /// Asks the terminal to take a text into its clipboard, once the frame before is written.
    pub(super) fn ask_terminal(&mut self, text: &str) -> anyhow::Result<()> {
        self.request = Some(clipboard::request(text, self.between));
        let (lines, to) = (text.lines().count(), Clipboard::Terminal);
        self.take(Msg::Copied { lines, to })
    }
}
