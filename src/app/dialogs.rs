//! Keys while something lies over the screen.

use super::{
    Action, Chord, Effect, Model,
    overlay::{
        Overlay,
        confirm::{self, Confirm, GUARD},
        form::{AddForm, Try},
        line::WholeLine,
        menu::Menu,
        palette::{self, Palette},
    },
    pane::{Focus, Tab},
    toasts::Mood,
};
use crate::hub::{Command, Request};

impl Model {
    /// Asks a question; keys within the next moment are not meant for it.
    pub(super) fn ask(&mut self, confirm: Confirm) {
        match self.guarded(confirm) {
            Ok(confirm) => {
                self.overlay = Some(Overlay::Confirm(Confirm {
                    opened: self.up,
                    ..confirm
                }));
            }
            Err(why) => self.say(Mood::Bad, why),
        }
    }

    pub(super) fn press_in_overlay(&mut self, chord: Chord, action: Option<Action>) -> Vec<Effect> {
        // Taken out while it is worked on; each handler puts back what stays.
        let Some(overlay) = self.overlay.take() else {
            return Vec::new();
        };
        match overlay {
            Overlay::Confirm(confirm) => self.press_in_confirm(confirm, chord, action),
            Overlay::Palette(palette) => self.press_in_palette(palette, chord, action),
            Overlay::Add(form) => self.press_in_form(form, chord, action),
            Overlay::Menu(menu) => self.press_in_menu(menu, chord, action),
            Overlay::Ways(ways) => self.press_in_ways(ways, action),
            Overlay::Jobs(index) => self.press_in_jobs(index, action),
            Overlay::Line(line) => self.press_in_line(line, action),
            Overlay::Save(form) => self.press_in_save(form, chord, action),
            Overlay::Services(index) => self.press_in_services(index, action),
            Overlay::Presets(index) => self.press_in_presets(index, action),
            Overlay::Audit(audit) => self.press_in_audit(audit, action),
            Overlay::Urls(urls) => self.press_in_urls(urls, action),
            Overlay::Help(mode, top) => {
                let moved = self.moved(top, self.help(mode).len().saturating_sub(1), action);
                self.overlay = moved.map(|top| Overlay::Help(mode, top));
                Vec::new()
            }
        }
    }

    /// Where a motion leads from `index` among `0..=last`; `None` closes.
    pub(super) fn moved(&self, index: usize, last: usize, action: Option<Action>) -> Option<usize> {
        let page = usize::from(self.screen.1 / 2).max(1);
        let index = match action {
            Some(Action::Back | Action::Open) => return None,
            Some(Action::Up) => index.saturating_sub(1),
            Some(Action::Down) => index + 1,
            Some(Action::PageUp | Action::HalfUp) => index.saturating_sub(page),
            Some(Action::PageDown | Action::HalfDown) => index + page,
            Some(Action::Top) => 0,
            Some(Action::Bottom) => last,
            _ => index,
        };
        Some(index.min(last))
    }

    fn press_in_confirm(
        &mut self,
        mut confirm: Confirm,
        chord: Chord,
        action: Option<Action>,
    ) -> Vec<Effect> {
        if self.up < confirm.opened + GUARD {
            // A paste into a terminal that does not mark it may take longer than that: the moment begins anew.
            confirm.opened = self.up;
            self.overlay = Some(Overlay::Confirm(confirm));
            return Vec::new();
        }
        let typing = confirm.typed.is_some();
        match action {
            Some(Action::Back | Action::No) => return Vec::new(),
            Some(Action::Yes) => return self.accept(confirm),
            Some(Action::Apply) if typing || confirm.accept => return self.accept(confirm),
            Some(Action::Apply) => return Vec::new(),
            Some(Action::Left | Action::Right | Action::NextField | Action::PreviousField) => {
                confirm.accept = !confirm.accept;
            }
            _ => {
                if let Some((_, field)) = &mut confirm.typed {
                    field.input(chord);
                }
            }
        }
        self.overlay = Some(Overlay::Confirm(confirm));
        Vec::new()
    }

    /// The operator means it.
    pub(super) fn accept(&mut self, confirm: Confirm) -> Vec<Effect> {
        if !confirm.is_complete() {
            self.say(
                Mood::Info,
                "type the name of the project to go on".to_owned(),
            );
            self.overlay = Some(Overlay::Confirm(confirm));
            return Vec::new();
        }
        match confirm.deed {
            confirm::Deed::Quit => vec![Effect::Quit],
            confirm::Deed::ShowSecrets(services) => {
                self.logs.guard.set_open(self.logs.services == services);
                Vec::new()
            }
            confirm::Deed::Send(command) => vec![Effect::Hub(command)],
            confirm::Deed::Limits(wishes, undoes) => self.send_limits(wishes, &undoes),
        }
    }

    fn press_in_palette(
        &mut self,
        mut palette: Palette,
        chord: Chord,
        action: Option<Action>,
    ) -> Vec<Effect> {
        let last = palette.found.len().saturating_sub(1);
        match action {
            Some(Action::Back) => return Vec::new(),
            Some(Action::Apply) => return self.choose(&palette),
            Some(Action::Up) => palette.index = palette.index.saturating_sub(1),
            Some(Action::Down) => palette.index = (palette.index + 1).min(last),
            _ => {
                if palette.field.input(chord) {
                    palette.search();
                }
            }
        }
        self.overlay = Some(Overlay::Palette(palette));
        Vec::new()
    }

    /// Does what the selected entry of the palette says.
    pub(super) fn choose(&mut self, palette: &Palette) -> Vec<Effect> {
        match palette.chosen().map(|entry| entry.deed.clone()) {
            None => Vec::new(),
            Some(palette::Deed::Act(Action::Quit)) => {
                self.focus = Focus::List;
                self.size = super::pane::PaneSize::Normal;
                self.act(Action::Quit)
            }
            Some(palette::Deed::Act(action)) => self.act(action),
            Some(palette::Deed::Solo(service)) => {
                self.logs.solo(&service);
                Vec::new()
            }
            Some(palette::Deed::Mute(service)) => {
                self.mute(&service);
                Vec::new()
            }
            Some(palette::Deed::Preset(name)) => {
                self.choose_preset(&name);
                Vec::new()
            }
            Some(palette::Deed::Go(target)) => {
                self.go_to(target);
                Vec::new()
            }
        }
    }

    fn press_in_menu(
        &mut self,
        mut menu: Menu,
        chord: Chord,
        action: Option<Action>,
    ) -> Vec<Effect> {
        if action == Some(Action::Open) {
            return self.choose_in_menu(&menu);
        }
        let last = menu.actions.len().saturating_sub(1);
        // The keys of the list work here, too: the menu teaches them.
        let direct = self.keys.action(super::keymap::Mode::List, chord);
        if let Some(direct) = direct.filter(|d| action.is_none() && menu.actions.contains(d)) {
            return self.act(direct);
        }
        if let Some(index) = self.moved(menu.index, last, action) {
            menu.index = index;
            self.overlay = Some(Overlay::Menu(menu));
        }
        Vec::new()
    }

    /// Does the selected entry of the menu.
    pub(super) fn choose_in_menu(&mut self, menu: &Menu) -> Vec<Effect> {
        self.go_to(menu.target.clone());
        let action = menu.actions.get(menu.index).copied();
        action.map_or_else(Vec::new, |action| self.act(action))
    }

    fn press_in_jobs(&mut self, index: usize, action: Option<Action>) -> Vec<Effect> {
        let job = self.known.jobs.values().rev().nth(index);
        if action == Some(Action::Cancel) {
            let open = job.filter(|job| !job.state.is_over()).map(|job| job.id);
            self.overlay = Some(Overlay::Jobs(index));
            if open.is_none() {
                self.say(Mood::Info, "this operation is over".to_owned());
            }
            return open
                .map(|id| Effect::Hub(Command::Cancel(id)))
                .into_iter()
                .collect();
        }
        if action == Some(Action::Open) {
            if let Some(target) = job.map(|job| job.target.clone()) {
                self.go_to(target);
                self.show(Tab::Why);
            }
            return Vec::new();
        }
        let last = self.known.jobs.len().saturating_sub(1);
        self.overlay = self.moved(index, last, action).map(Overlay::Jobs);
        Vec::new()
    }

    fn press_in_line(&mut self, mut line: Box<WholeLine>, action: Option<Action>) -> Vec<Effect> {
        if action == Some(Action::Copy) {
            let effects = self.copy_line(&line);
            self.overlay = Some(Overlay::Line(line));
            return effects;
        }
        let last = line.last_top(self.screen);
        if let Some(top) = self.moved(line.top.min(last), last, action) {
            line.top = top;
            self.overlay = Some(Overlay::Line(line));
        }
        Vec::new()
    }

    fn press_in_form(
        &mut self,
        mut form: Box<AddForm>,
        chord: Chord,
        action: Option<Action>,
    ) -> Vec<Effect> {
        match action {
            Some(Action::Back) => return Vec::new(),
            Some(Action::Apply) => return self.submit(form),
            Some(Action::NextField) if form.complete() => {}
            Some(Action::NextField | Action::PreviousField | Action::Up | Action::Down) => {
                form.focus = 1 - form.focus.min(1);
            }
            _ => {
                form.input(chord);
                form.checked = form.checked || form.focus == 1;
            }
        }
        self.overlay = Some(Overlay::Add(form));
        self.list_folder()
    }

    /// Asks for the content of the folder that is being typed.
    pub(super) fn list_folder(&mut self) -> Vec<Effect> {
        let Some(Overlay::Add(form)) = &mut self.overlay else {
            return Vec::new();
        };
        let wish = form.folder_to_list();
        wish.map(Effect::ListFolder).into_iter().collect()
    }

    fn submit(&mut self, mut form: Box<AddForm>) -> Vec<Effect> {
        form.checked = true;
        let errors = form.errors(&self.known);
        let project = form.project(&self.known, self.settings.home.as_deref());
        let effects = match project {
            Some(project) if !matches!(form.tried, Try::Sent(_)) => {
                form.tried = Try::Sent(project.name.clone());
                vec![Effect::Hub(Command::Run(Request::Add(project)))]
            }
            Some(_) => Vec::new(),
            None => {
                // Enter in the name goes on to the folder; with a bad field it goes there.
                form.focus = usize::from(errors[0].is_none());
                Vec::new()
            }
        };
        self.overlay = Some(Overlay::Add(form));
        effects
    }
}
