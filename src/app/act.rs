//! Keys and actions outside of dialogs: what each one does to the model, and what it asks for.

use super::{
    Action, Chord, Effect, Key, Model,
    fleet::{Fleet, Sort},
    keymap::Mode,
    logs::{Place, Reach, search::Purpose},
    overlay::{Overlay, confirm::Confirm, menu::Menu, palette::Palette},
    pane::{Focus, HEIGHT_MIN, PaneSize, Tab, WIDTH_MIN},
    toasts::Mood,
};
use crate::{
    domain::{ProjectName, Target},
    hub::Command,
};

/// The key after an escape that arrived together with it: over a slow line Esc and the next key come as one, and look
/// like alt. Fields keep their alt keys (by words).
fn without_escape(chord: Chord, mode: Mode) -> Option<Chord> {
    let typing = matches!(mode, Mode::Field | Mode::Query | Mode::Limits);
    (chord.alt && !typing).then_some(Chord {
        alt: false,
        ..chord
    })
}

impl Model {
    /// A key was pressed.
    pub(super) fn press(&mut self, chord: Chord) -> Vec<Effect> {
        let mode = self.mode();
        let action = self.keys.action(mode, chord);
        // A dialog that cannot be seen must not be answered.
        let small = self.screen.0 < WIDTH_MIN || self.screen.1 < HEIGHT_MIN;
        if small
            && !matches!(
                action,
                Some(Action::Quit | Action::QuitNow | Action::Redraw | Action::Suspend)
            )
        {
            return Vec::new();
        }
        if let Some(plain) = without_escape(chord, mode).filter(|_| action.is_none()) {
            let mut effects = self.press(Chord::plain(Key::Esc));
            effects.extend(self.press(plain));
            return effects;
        }
        if let Some(action @ (Action::QuitNow | Action::Redraw | Action::Suspend)) = action {
            return self.act(action);
        }
        if self.overlay.is_some() {
            return self.press_in_overlay(chord, action);
        }
        match (mode, action) {
            (Mode::Query, action) => self.press_in_query(chord, action),
            (Mode::Field, action) => self.press_in_filter(chord, action),
            (Mode::Limits, action) => self.press_in_limits(chord, action),
            (_, Some(action)) => self.act(action),
            (_, None) => {
                self.say_unbound(chord);
                Vec::new()
            }
        }
    }

    fn say_unbound(&mut self, chord: Chord) {
        let key = self.keys.hint(Mode::List, Action::Help).unwrap_or_default();
        self.say(
            Mood::Info,
            format!("{chord} does nothing here; {key} shows the keys"),
        );
    }

    /// Does an action.
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Up => self.step(-1),
            Action::Down => self.step(1),
            Action::PageUp => self.step(-self.page()),
            Action::PageDown => self.step(self.page()),
            Action::HalfUp => self.step(-(self.page() / 2).max(1)),
            Action::HalfDown => self.step((self.page() / 2).max(1)),
            Action::Top => self.go_to_end(false),
            Action::Bottom => self.go_to_end(true),
            Action::Left => self.sideways(false),
            Action::Right => self.sideways(true),
            Action::Open if self.is_in_log() => self.open_line(),
            Action::Open if self.is_in_timeline() => return self.open_entry(),
            Action::Open => self.open(),
            Action::Back => self.back(),
            Action::NextPane | Action::PreviousPane => self.other_pane(),
            Action::NextTab => self.turn_tab(1),
            Action::PreviousTab => self.turn_tab(Tab::ALL.len() - 1),
            Action::ShowWhy => self.show(Tab::Why),
            Action::ShowLogs if self.is_in_timeline() && self.timeline.is_chosen() => {
                return self.open_entry();
            }
            Action::ShowLogs => self.show(Tab::Logs),
            Action::ShowLimits => self.show_limits(),
            Action::ShowStats => self.show(Tab::Stats),
            Action::ShowTimeline => self.show(Tab::Timeline),
            Action::Entries => self.next_entries(),
            Action::LimitsPreset => self.list_presets(),
            Action::ReapplyLimits => return self.reapply_limits(),
            Action::KeepLimits => return self.keep_limits(),
            Action::FullScreen => self.toggle_full(),
            Action::Larger => self.size = self.size.larger(),
            Action::Smaller => self.size = self.size.smaller(),
            Action::Sort => self.next_sort(),
            Action::ReverseSort => self.sort_by(self.fleet.sort),
            Action::Problems => self.toggle_problems(),
            Action::NextProblem => self.next_problem(),
            Action::Filter => self.begin_filter(),
            Action::Mark => self.mark(Fleet::toggle_mark),
            Action::MarkRange => self.mark(Fleet::mark_range),
            Action::ClearMarks => self.mark(Fleet::clear_marks),
            Action::Search => self.ask_log(Purpose::Search),
            Action::FilterLines => self.ask_log(Purpose::Filter),
            Action::NextMatch => self.go_to_match(true),
            Action::PreviousMatch => self.go_to_match(false),
            Action::Level => self.logs.next_level(),
            Action::Stderr => self.logs.toggle_stderr(),
            Action::JumpToTime => self.ask_log(Purpose::Time),
            Action::Context => self.next_around(),
            Action::Services => self.list_services(),
            Action::Wrap => self.logs.toggle_wrap(),
            Action::Timestamps => self.logs.next_stamps(),
            Action::SelectLine => self.select_line(),
            Action::Copy => return self.copy(),
            Action::Plain => return self.show_plain(),
            Action::Save => self.open_save(),
            Action::Around => return self.look_around(),
            Action::ShowSecrets => self.toggle_secrets(),
            Action::Shape => self.logs.next_shape(),
            Action::Marker => self.put_mark(),
            Action::Help => self.overlay = Some(Overlay::Help(self.mode(), 0)),
            Action::Jobs => self.overlay = Some(Overlay::Jobs(0)),
            Action::Menu => self.open_menu(),
            Action::Palette => self.open_palette(),
            Action::Urls => self.open_urls(),
            Action::Audit => self.open_audit(),
            Action::Console => return self.open_shell(false),
            Action::Shell => return self.open_shell(true),
            Action::Add => self.open_form(),
            Action::Ways => self.list_ways(),
            Action::Undo => return self.undo(),
            Action::Start | Action::Stop | Action::Restart => return self.start_or_stop(action),
            Action::Import
            | Action::Remove
            | Action::RemoveData
            | Action::CheckNow
            | Action::Cancel => {
                return self.act_on_selection(action);
            }
            Action::Tail
            | Action::Head
            | Action::LastMinute
            | Action::Last5Minutes
            | Action::Last15Minutes
            | Action::Last30Minutes
            | Action::LastHour => {
                return Reach::of(action).map_or_else(Vec::new, |reach| self.reach_for(reach));
            }
            Action::Follow => return self.toggle_follow(),
            Action::Quit => return self.quit(),
            Action::Demo => return self.show_demo(),
            Action::QuitNow => return vec![Effect::Quit],
            Action::Redraw => return vec![Effect::Redraw],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Theme => return self.next_theme(),
            Action::TestCall => return self.test_call(),
            Action::Mouse => return self.toggle_mouse(),
            // These belong to fields and dialogs, which take them before they come here.
            Action::Apply
            | Action::NextField
            | Action::Regex
            | Action::Mute
            | Action::PreviousField
            | Action::Default
            | Action::Yes
            | Action::No => {}
        }
        Vec::new()
    }

    /// Rows of what has the keys.
    fn page(&self) -> isize {
        let rows = match self.focus {
            Focus::List => self.list_rows(),
            Focus::Pane => self.pane_rows(),
        };
        isize::try_from(rows.saturating_sub(1)).unwrap_or(0).max(1)
    }

    fn step(&mut self, rows: isize) {
        match self.focus {
            Focus::List => self.fleet.step(rows),
            Focus::Pane => self.scroll_pane(rows),
        }
    }

    /// Scrolls the pane; it is clamped afterwards.
    pub(super) fn scroll_pane(&mut self, rows: isize) {
        match self.tab {
            Tab::Logs => self.logs.scroll(rows),
            Tab::Why => self.detail_top = self.detail_top.saturating_add_signed(rows),
            Tab::Timeline => self.choose_by(rows),
            Tab::Limits | Tab::Stats => {}
        }
    }

    /// Who does not look at the end is told that the mark is there.
    fn put_mark(&mut self) {
        let text = match self.logs.mark(self.now) {
            None => "no log is open".to_owned(),
            Some(_) if self.logs.place == Place::Live => return,
            Some(number) => format!("mark {number} is at the end"),
        };
        self.say(Mood::Info, text);
    }

    fn go_to_end(&mut self, bottom: bool) {
        match (self.focus, self.tab) {
            (Focus::Pane, Tab::Logs) if bottom => self.logs.go_to_end(),
            (Focus::Pane, Tab::Logs) => self.logs.go_to_top(),
            (Focus::Pane, Tab::Timeline) if !bottom => self.timeline.to_newest(),
            _ => self.step(if bottom {
                isize::MAX / 2
            } else {
                isize::MIN / 2
            }),
        }
    }

    fn sideways(&mut self, right: bool) {
        match (self.focus, self.tab, right) {
            (Focus::List, _, true) => self.fleet.right(),
            (Focus::List, _, false) => self.fleet.left(),
            (Focus::Pane, Tab::Logs, right) => self.logs.sideways(right),
            (Focus::Pane, Tab::Why | Tab::Limits | Tab::Stats | Tab::Timeline, _) => {}
        }
    }

    fn open(&mut self) {
        if self.fleet.project.is_none() {
            return;
        }
        self.focus = Focus::Pane;
        if self.tab != Tab::Limits {
            self.size = PaneSize::Full;
        }
    }

    fn is_in_log(&self) -> bool {
        self.focus == Focus::Pane && self.tab == Tab::Logs
    }

    /// Back by one: the chosen lines, the search and the filter of a log, the chosen entry of the timeline, the full
    /// screen, the pane, the filter, the marks, the messages.
    fn back(&mut self) {
        if self.is_in_log() && (self.logs.unpick() || self.logs.clear_one()) {
            return;
        }
        if self.is_in_timeline() && self.timeline.is_chosen() {
            return self.timeline.to_newest();
        }
        self.leave_pane();
    }

    fn leave_pane(&mut self) {
        if self.focus == Focus::Pane || self.size == PaneSize::Full {
            self.focus = Focus::List;
            self.size = PaneSize::Normal;
        } else if !self.fleet.filter.is_empty() {
            self.fleet.filter.clear();
        } else if self.fleet.problems {
            self.fleet.problems = false;
        } else if !self.fleet.marks.is_empty() {
            self.mark(Fleet::clear_marks);
        } else {
            self.toasts.clear();
        }
    }

    /// The demo is for those who have nothing to look at: who has projects must not lose sight of them by a key.
    fn show_demo(&mut self) -> Vec<Effect> {
        if self.known.rows.is_empty() && !self.known.is_busy() {
            return vec![Effect::Demo];
        }
        let words =
            "there are projects here: leave, and run `cchub-tui --demo` for the simulated fleet";
        self.say(Mood::Info, words.to_owned());
        Vec::new()
    }

    fn quit(&mut self) -> Vec<Effect> {
        if self.focus == Focus::Pane || self.size == PaneSize::Full {
            self.leave_pane();
            return Vec::new();
        }
        let running = self.known.open_jobs().count();
        if running == 0 {
            return vec![Effect::Quit];
        }
        self.ask(Confirm::quit(running));
        Vec::new()
    }

    fn other_pane(&mut self) {
        self.focus = match self.focus {
            Focus::List if self.fleet.project.is_some() => Focus::Pane,
            Focus::List | Focus::Pane => Focus::List,
        };
        if self.focus == Focus::List && self.size == PaneSize::Full {
            self.size = PaneSize::Normal;
        }
    }

    pub(super) fn show(&mut self, tab: Tab) {
        self.tab = tab;
        // Asked for by name: no need to wait for the selection to rest.
        self.rests_at = self.up;
    }

    /// Shows the tab that stands so many to the right, round the corner.
    fn turn_tab(&mut self, right: usize) {
        let now = Tab::ALL.iter().position(|tab| *tab == self.tab);
        let next = (now.unwrap_or(0) + right) % Tab::ALL.len();
        self.show(Tab::ALL.get(next).copied().unwrap_or_default());
    }

    fn toggle_full(&mut self) {
        if self.size == PaneSize::Full {
            self.size = PaneSize::Normal;
        } else if self.fleet.project.is_some() {
            self.size = PaneSize::Full;
            self.focus = Focus::Pane;
        }
    }

    fn next_sort(&mut self) {
        self.sort_by(self.fleet.sort.next());
    }

    /// Sorts by a column; by the same once more: the other way round.
    pub(super) fn sort_by(&mut self, sort: Sort) {
        let same = self.fleet.sort == sort;
        (self.fleet.sort, self.fleet.reversed) = (sort, same && !self.fleet.reversed);
        let words = sort.words(self.fleet.reversed);
        self.say(Mood::Info, format!("sorted {words}"));
    }

    fn next_theme(&mut self) -> Vec<Effect> {
        self.theme = (self.theme + 1) % self.settings.themes.len().max(1);
        let Some(name) = self.settings.themes.get(self.theme).cloned() else {
            return Vec::new();
        };
        self.say(Mood::Info, format!("theme: {name}"));
        vec![Effect::SetTheme(name)]
    }

    fn toggle_mouse(&mut self) -> Vec<Effect> {
        self.mouse = !self.mouse;
        let word = if self.mouse {
            "mouse on; with Shift the terminal selects text"
        } else {
            "mouse off: the terminal selects text"
        };
        self.say(Mood::Info, word.to_owned());
        vec![Effect::SetMouse(self.mouse)]
    }

    fn open_menu(&mut self) {
        let Some(target) = self.fleet.selected() else {
            return;
        };
        let busy = self.known.open_job(&target.project).is_some();
        self.overlay = Some(Overlay::Menu(Menu::new(target, busy)));
    }

    pub(super) fn open_palette(&mut self) {
        let palette = Palette::new(&self.known, &self.logs, &self.keys, self.mode());
        self.overlay = Some(Overlay::Palette(palette));
    }

    fn open_form(&mut self) {
        if self.may_write_hub_file("add a project") {
            self.overlay = Some(Overlay::Add(Box::default()));
        }
    }

    /// False, with a message, if nothing may be changed at all.
    pub(super) fn may_change(&mut self, what: &str) -> bool {
        if self.settings.read_only {
            let why = match self.settings.why_read_only {
                "" => String::new(),
                why => format!(" ({why})"),
            };
            self.say(
                Mood::Bad,
                format!("read-only{why}: this program may not {what}"),
            );
        }
        !self.settings.read_only
    }

    /// False, with a message, if the hub file cannot be written.
    pub(super) fn may_write_hub_file(&mut self, what: &str) -> bool {
        if let Some(problem) = &self.known.hub_file {
            let text = format!("cannot {what}: the hub file cannot be used ({problem})");
            self.say(Mood::Bad, text);
            return false;
        }
        self.may_change(what)
    }

    fn act_on_selection(&mut self, action: Action) -> Vec<Effect> {
        if action == Action::CheckNow && !self.known.is_live() {
            return vec![Effect::Hub(Command::Reconnect)];
        }
        let Some(target) = self.fleet.selected() else {
            self.say(Mood::Info, "no project is selected".to_owned());
            return Vec::new();
        };
        let project = target.project.clone();
        if let Some(why) = self.refusal(action, &target) {
            self.say(Mood::Bad, why);
            return Vec::new();
        }
        match action {
            Action::CheckNow => return vec![Effect::Hub(Command::CheckNow(target))],
            Action::Cancel => return self.cancel(&project),
            Action::Import if !self.is_compose(&project) => {
                self.say(Mood::Info, format!("{project} is the hub's own already"));
            }
            Action::Import if self.may_write_hub_file("import a project") => {
                self.ask(Confirm::import(&self.known, &project));
            }
            Action::Remove
                if self.is_compose(&project) && self.may_write_hub_file("forget a project") =>
            {
                self.ask(Confirm::forget(&self.known, &project));
            }
            Action::Remove | Action::RemoveData if self.may_write_hub_file("remove a project") => {
                let data = action == Action::RemoveData;
                self.ask(Confirm::remove(&self.known, &project, data));
            }
            _ => {}
        }
        Vec::new()
    }

    fn is_compose(&self, project: &ProjectName) -> bool {
        let row = self.known.rows.get(project);
        row.is_some_and(|row| row.project.compose().is_some())
    }

    /// Why this cannot be done with what Compose made, and what to do instead.
    pub(super) fn refusal(&self, action: Action, target: &Target) -> Option<String> {
        let project = &self.known.rows.get(&target.project)?.project;
        let compose = project.compose()?;
        let acts = matches!(action, Action::Start | Action::Stop | Action::Restart);
        match (action, target.service) {
            (_, Some(kind)) if acts && !project.has(kind) => Some(format!(
                "{} has no {kind}: none of its containers plays that part",
                project.name
            )),
            (Action::Remove, _) if compose.imported => None,
            (Action::Import, _) if compose.imported => {
                Some(format!("{} is in the hub file already", project.name))
            }
            (Action::Remove | Action::RemoveData, _) => Some(format!(
                "{} is Compose's and not removed here: `docker compose -p {} down` in {}",
                project.name,
                compose.name,
                project.folder()
            )),
            _ => None,
        }
    }

    pub(super) fn cancel(&mut self, project: &ProjectName) -> Vec<Effect> {
        let Some(id) = self.known.open_job(project).map(|job| job.id) else {
            self.say(Mood::Info, format!("nothing runs on {project}"));
            return Vec::new();
        };
        vec![Effect::Hub(Command::Cancel(id))]
    }

    /// Selects `target`, through a filter if need be.
    pub(super) fn go_to(&mut self, target: Target) {
        if !self.fleet.shown.contains(&target.project) {
            self.fleet.filter.clear();
            self.fleet.problems = false;
        }
        self.fleet.project = Some(target.project);
        self.fleet.column = target.service;
    }
}
