//! The model of the screen and its one writer, [`Model::update`]: messages in, effects out. No clock, no channel, no I/O.

pub mod action;
pub mod calls;
pub mod chord;
pub mod copy;
pub mod detail;
pub mod field;
pub mod fleet;
pub mod help;
pub mod hints;
pub mod keymap;
pub mod known;
pub mod limits;
pub mod logs;
pub mod msg;
pub mod overlay;
pub mod pane;
pub mod problems;
pub mod save;
pub mod stats;
pub mod text;
pub mod timeline;
pub mod toasts;

mod act;
mod audit;
mod bulk;
mod dialogs;
mod drag;
mod editing;
mod learn;
mod pointer;
mod protect;
mod shell;
mod time;
mod undo;
mod urls;

pub use action::Action;
pub use chord::{Chord, Key};
pub use msg::{Effect, Hit, Mouse, Msg};

use crate::{
    domain::{Call, Column, KeyWishes, ProjectName, Target, Timestamp},
    hub::{Command, Request},
    stack::reach::Login,
};
use calls::Calls;
use drag::Drag;
use fleet::Fleet;
use jiff::tz::TimeZone;
use keymap::{KeyMap, Mode};
use known::Known;
use limits::{Changes, LimitsEditor, Past};
use logs::{Extent, LogPane};
use overlay::{Overlay, form::Try};
use pane::{Demand, Focus, PaneSize, Rows, Tab};
use save::Saving;
use std::{ffi::OsString, path::PathBuf, time::Duration};
use timeline::TimelinePane;
use toasts::{Mood, Toasts};

/// How long the selection must rest before logs are followed and usage is measured for it: moving through the list
/// with the key held down must not open a stream per row.
pub const REST: Duration = Duration::from_millis(150);

/// What the screen is opened with.
#[derive(Debug, Clone)]
pub struct ScreenSettings {
    /// Names of the themes; the first one is used.
    pub themes: Vec<String>,
    /// `[keys]` of the hub file.
    pub keys: KeyWishes,
    /// Lines of history per service, 1 to 10000.
    pub tail: u32,
    /// Bound of the log buffer in bytes.
    pub log_bytes: usize,
    /// Nothing may be changed.
    pub read_only: bool,
    /// Because of what; empty if that is said elsewhere.
    pub why_read_only: &'static str,
    /// What is shown is simulated; the header says so.
    pub demo: bool,
    /// The columns of the list behind the services, in their order.
    pub columns: Vec<Column>,
    /// The mouse is caught from the beginning.
    pub mouse: bool,
    /// The operator's time zone.
    pub zone: TimeZone,
    /// The operator's home folder, for `~/`.
    pub home: Option<PathBuf>,
    /// How this host is logged in to.
    pub login: Login,
    /// A browser can be asked to show something.
    pub browser: bool,
    /// How this program was started: itself and the arguments before a subcommand. Nothing where it cannot be started
    /// once more.
    pub program: Vec<OsString>,
    /// How the operator is called when a service turns red.
    pub call: Call,
}

/// Default bound of the log buffer in bytes.
pub const LOG_BYTES: usize = 64 << 20;

impl Default for ScreenSettings {
    fn default() -> Self {
        Self {
            themes: vec!["dark".to_owned(), "light".to_owned()],
            keys: KeyWishes::default(),
            tail: crate::domain::log::TAIL_DEFAULT,
            log_bytes: LOG_BYTES,
            read_only: false,
            why_read_only: "",
            demo: false,
            columns: Column::ALL.to_vec(),
            mouse: true,
            zone: TimeZone::UTC,
            home: None,
            login: Login::default(),
            browser: false,
            program: Vec::new(),
            call: Call::Off,
        }
    }
}

/// Everything that the screen shows.
#[derive(Debug)]
pub struct Model {
    /// What it was opened with.
    pub settings: ScreenSettings,
    /// The keys in force.
    pub keys: KeyMap,
    /// What the facts have told.
    pub known: Known,
    /// The list.
    pub fleet: Fleet,
    /// What the lower pane shows.
    pub tab: Tab,
    /// Who has the keys.
    pub focus: Focus,
    /// Size of the lower pane.
    pub size: PaneSize,
    /// The log pane.
    pub logs: LogPane,
    /// The lines that are being saved to a file.
    pub saving: Option<Saving>,
    /// The timeline pane.
    pub timeline: TimelinePane,
    /// The limits editor, if a service is selected or marked and the tab is open.
    pub limits: Option<LimitsEditor>,
    /// Changes of limits that were asked for.
    pub changes: Changes,
    /// What limits were before.
    pub past: Past,
    /// First visible line of the Why pane.
    pub detail_top: usize,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// Short messages.
    pub toasts: Toasts,
    /// Services that turned red, until that is told.
    pub calls: Calls,
    /// The wall clock.
    pub now: Timestamp,
    /// Time since the program began.
    pub up: Duration,
    /// The mouse is caught.
    pub mouse: bool,
    /// Index of the theme in use.
    pub theme: usize,
    /// Columns and rows of the terminal.
    pub screen: (u16, u16),
    drag: Drag,
    watched: Option<ProjectName>,
    /// When the selection has rested.
    rests_at: Duration,
    dirty: bool,
}

/// So many of `notices` as there is room for, and where the others are.
fn few(notices: Vec<String>) -> Vec<String> {
    let room = toasts::TOASTS_MAX - 1;
    let rest = match notices.len().saturating_sub(room) {
        0 => None,
        more => Some(format!(
            "keys: {more} more of this kind: cchub-tui keys says all"
        )),
    };
    // Of messages the newest is the lowest: what is read first says the least.
    let first = notices.into_iter().take(room);
    rest.into_iter().chain(first).collect()
}

impl Model {
    /// A model that knows nothing yet.
    #[must_use]
    pub fn new(settings: ScreenSettings) -> Self {
        let (keys, notices) = KeyMap::new(&settings.keys);
        let mut toasts = Toasts::default();
        for notice in few(notices) {
            toasts.push(Mood::Bad, notice, Duration::ZERO);
        }
        Self {
            logs: LogPane::new(settings.log_bytes, settings.tail),
            keys,
            known: Known::default(),
            fleet: Fleet::default(),
            tab: Tab::Why,
            focus: Focus::List,
            size: PaneSize::Normal,
            saving: None,
            timeline: TimelinePane::default(),
            limits: None,
            changes: Changes::default(),
            past: Past::default(),
            detail_top: 0,
            overlay: None,
            toasts,
            calls: Calls::default(),
            now: Timestamp::UNIX_EPOCH,
            up: Duration::ZERO,
            mouse: settings.mouse,
            theme: 0,
            screen: (80, 24),
            drag: Drag::default(),
            watched: None,
            rests_at: Duration::ZERO,
            dirty: true,
            settings,
        }
    }

    /// Takes a message in; gives what is to be done about it.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let before = self.fleet.selected();
        let mut effects = match msg {
            Msg::Logs(batch) => {
                self.dirty |= self.logs.take(batch) && self.tab == Tab::Logs;
                return Vec::new();
            }
            Msg::Clock { now, up } => {
                self.tick(now, up);
                self.dirty |= self.tab == Tab::Logs && self.logs.work();
                self.call()
            }
            other => {
                self.dirty = true;
                self.handle(other)
            }
        };
        self.settle(before.as_ref(), &mut effects);
        effects
    }

    fn handle(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Key(chord) => return self.press(chord),
            Msg::Mouse(mouse) => return self.point(mouse),
            Msg::Fact(fact) => return self.learn(fact),
            Msg::Paste(text) => return self.paste(&text),
            Msg::Resized { w, h } => self.screen = (w, h),
            Msg::Folder { of, entries } => {
                if let Some(Overlay::Add(form)) = &mut self.overlay {
                    form.take_folder(of, entries);
                }
            }
            Msg::Copied { lines, to } => self.copied(lines, to),
            Msg::Browsed(Ok(text)) => self.say(Mood::Info, text),
            Msg::Browsed(Err(why)) => self.say(Mood::Bad, why),
            Msg::ShellEnded(Ok(())) => {}
            Msg::ShellEnded(Err(why)) => self.say(Mood::Bad, why),
            Msg::Saved(saved) => return self.saved(saved),
            Msg::Unsent(command) => self.say_unsent(&command),
            Msg::Themes { names, current } => (self.settings.themes, self.theme) = (names, current),
            Msg::Notice(text) => self.say(Mood::Info, text),
            Msg::Logs(_) | Msg::Clock { .. } => {}
        }
        Vec::new()
    }

    fn say_unsent(&mut self, command: &Command) {
        // A log that could not be opened is asked for again when the selection moves.
        if matches!(command, Command::Follow(_)) {
            self.logs.follow = None;
            self.rests_at = self.up + REST;
        }
        if let Command::Older(wish) = command {
            self.logs.buffer.forget_wish(wish);
        }
        if matches!(command, Command::Watch(_)) {
            self.watched = None;
            self.rests_at = self.up + REST;
        }
        self.limits_unsent(command);
        if let (Command::Run(Request::Add(_)), Some(Overlay::Add(form))) =
            (command, &mut self.overlay)
        {
            form.tried = Try::None;
        }
        self.say(
            Mood::Bad,
            "too much at once: nothing was sent, try again".to_owned(),
        );
    }

    /// Shows a short message.
    pub(crate) fn say(&mut self, mood: Mood, text: String) {
        self.toasts.push(mood, text, self.up);
    }

    /// True if the screen does not show everything yet.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// The screen shows everything now; gives whether it did not before.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// What keys mean now.
    #[must_use]
    pub fn mode(&self) -> Mode {
        if let Some(overlay) = &self.overlay {
            return overlay.mode();
        }
        if self.fleet.typing.is_some() {
            return Mode::Field;
        }
        match (self.focus, self.tab) {
            (Focus::List, _) => Mode::List,
            (Focus::Pane, Tab::Limits) if self.limits.is_some() => Mode::Limits,
            (Focus::Pane, Tab::Logs) if self.logs.asking.is_some() => Mode::Query,
            (Focus::Pane, Tab::Logs) if self.logs.picked.is_some() => Mode::Pick,
            (Focus::Pane, Tab::Logs) => Mode::Log,
            (Focus::Pane, Tab::Why | Tab::Limits | Tab::Stats | Tab::Timeline) => Mode::Text,
        }
    }

    /// How the rows of the screen are shared out.
    #[must_use]
    pub fn rows(&self) -> Rows {
        Demand {
            height: self.screen.1,
            projects: self.fleet.shown.len(),
            banner: u16::try_from(self.banner().len()).unwrap_or(u16::MAX),
            jobs: self.known.open_jobs().count(),
            focus: self.focus,
            size: self.size,
            wants: self.rows_for_limits().max(self.rows_for_stats()),
        }
        .rows()
    }

    /// Rows of the list that are visible.
    fn list_rows(&self) -> usize {
        usize::from(self.rows().list)
    }

    /// Rows of the pane that are visible.
    fn pane_rows(&self) -> usize {
        usize::from(self.rows().pane)
    }

    /// Brings everything that follows the selection in line with it.
    fn settle(&mut self, before: Option<&Target>, effects: &mut Vec<Effect>) {
        let rows = self.list_rows();
        self.fleet.arrange(&self.known, rows);
        let selected = self.fleet.selected();
        if selected.as_ref() != before {
            self.rests_at = self.up + REST;
            self.detail_top = 0;
            self.timeline.to_newest();
        }
        self.logs.extent = Extent {
            width: usize::from(self.screen.0),
            rows: self.pane_rows(),
        };
        self.logs.settle();
        self.settle_limits();
        self.settle_timeline();
        self.settle_logs(effects);
        self.settle_watch(selected, effects);
        self.clamp_detail();
    }

    fn settle_logs(&mut self, effects: &mut Vec<Effect>) {
        let wanted = self.services_to_follow();
        if self.logs.services != wanted {
            let old = self.logs.turn_to(wanted);
            effects.extend(old.map(|id| Effect::Hub(Command::Unfollow(id))));
        }
        if self.focus != Focus::Pane {
            (self.logs.asking, self.logs.picked) = (None, None);
        }
        self.logs.show_cursor();
        if self.up >= self.rests_at {
            let follow = self.logs.open(self.now);
            effects.extend(follow.map(|wish| Effect::Hub(Command::Follow(wish))));
            let older = self.logs.older(self.up).into_iter().map(Command::Older);
            effects.extend(older.map(Effect::Hub));
        }
    }

    fn settle_watch(&mut self, selected: Option<Target>, effects: &mut Vec<Effect>) {
        let wanted = selected.map(|target| target.project);
        if wanted == self.watched || self.up < self.rests_at {
            return;
        }
        self.watched.clone_from(&wanted);
        effects.push(Effect::Hub(Command::Watch(wanted)));
    }

    fn clamp_detail(&mut self) {
        if self.tab != Tab::Why || self.detail_top == 0 {
            return;
        }
        let most = self.detail_rows().saturating_sub(self.pane_rows());
        self.detail_top = self.detail_top.min(most);
    }

    /// The lines of the Why pane.
    #[must_use]
    pub fn detail(&self) -> Vec<detail::Line> {
        let selected = self.fleet.selected();
        selected.map_or_else(Vec::new, |target| {
            let key = |action| self.key_for(action);
            detail::lines(&self.known, &target, self.now, &key)
        })
    }

    /// The key of an action as it can be pressed from here.
    fn key_for(&self, action: Action) -> String {
        let here = self.keys.chords(self.mode(), action).first();
        let in_list = || self.keys.hint(Mode::List, action);
        match (here, in_list()) {
            (Some(chord), _) => chord.to_string(),
            (None, Some(chord)) => format!("{chord} in the list"),
            (None, None) => "see the palette".to_owned(),
        }
    }

    /// Rows that they take on the screen.
    fn detail_rows(&self) -> usize {
        let width = usize::from(self.screen.0);
        let rows = |line: &detail::Line| hints::wrapped(line, width).len();
        self.detail().iter().map(rows).sum()
    }
}
