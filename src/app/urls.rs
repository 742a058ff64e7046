//! How the selection is reached: opens the dialog with its URLs, ports and ssh line, and answers keys in it.

use super::{
    Action, Effect, Model,
    overlay::{Overlay, urls::Urls},
    toasts::Mood,
};
use crate::stack::reach;

impl Model {
    pub(super) fn open_urls(&mut self) {
        let Some(target) = self.fleet.selected() else {
            self.say(Mood::Info, "no project is selected".to_owned());
            return;
        };
        let Some(row) = self.known.rows.get(&target.project) else {
            return;
        };
        let remote = self.known.remote_host();
        let login = &self.settings.login;
        let login = remote.as_ref().map_or(login.clone(), |host| login.at(host));
        let lines = reach::lines(&row.project, target.service, &login);
        if lines.is_empty() {
            self.say(Mood::Info, format!("{target} publishes no port"));
            return;
        }
        self.overlay = Some(Overlay::Urls(Box::new(Urls {
            title: format!("{target} on {}", self.known.host()),
            lines,
            index: 0,
            can_browse: self.settings.browser && !login.is_remote && remote.is_none(),
        })));
    }

    pub(super) fn press_in_urls(
        &mut self,
        mut urls: Box<Urls>,
        action: Option<Action>,
    ) -> Vec<Effect> {
        if matches!(action, Some(Action::Copy | Action::Open)) {
            let effect = match urls.browsable() {
                Some(line) if action == Some(Action::Open) => {
                    Some(Effect::Browse(line.text.clone()))
                }
                _ => urls.chosen().map(|line| Effect::Copy(line.text.clone())),
            };
            self.overlay = Some(Overlay::Urls(urls));
            return effect.into_iter().collect();
        }
        let last = urls.lines.len().saturating_sub(1);
        if let Some(index) = self.moved(urls.index, last, action) {
            urls.index = index;
            self.overlay = Some(Overlay::Urls(urls));
        }
        Vec::new()
    }

    /// A click selects a line, a second one does what Enter does.
    pub(super) fn click_url(&mut self, mut urls: Box<Urls>, index: usize) -> Vec<Effect> {
        if urls.index == index {
            return self.press_in_urls(urls, Some(Action::Open));
        }
        urls.index = index;
        self.overlay = Some(Overlay::Urls(urls));
        Vec::new()
    }
}
