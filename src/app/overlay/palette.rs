//! The command palette: actions, projects and services by a few letters of their names.

use crate::{
    app::{
        action::{Action, TABLE},
        field::Field,
        keymap::{KeyMap, Mode},
        known::Known,
        logs::LogPane,
    },
    domain::{ServiceId, ServiceKind, Target, limits::Preset},
};
use nucleo_matcher::{
    Config, Matcher, Utf32Str,
    pattern::{CaseMatching, Normalization, Pattern},
};

/// Entries that are offered at most: nobody reads further, typing another letter is quicker.
const FOUND_MAX: usize = 100;

/// What an entry does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// An action on the selection.
    Act(Action),
    /// Show this service of a merged log alone, or all again.
    Solo(ServiceId),
    /// Mute this service of a merged log, or show it again.
    Mute(ServiceId),
    /// Put the preset of this name into the limits editor of the selection.
    Preset(String),
    /// Select this.
    Go(Target),
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name, which is searched.
    pub name: String,
    /// What it does, in a few words.
    pub about: String,
    /// Its key, if it has one.
    pub key: String,
    /// What it does.
    pub deed: Deed,
}

/// The palette.
#[derive(Debug, Clone)]
pub struct Palette {
    /// What is typed.
    pub field: Field,
    /// What fits, best first.
    pub found: Vec<Entry>,
    /// The selected one.
    pub index: usize,
    all: Vec<Entry>,
}

impl Palette {
    /// A palette of everything that there is now.
    #[must_use]
    pub fn new(known: &Known, logs: &LogPane, keys: &KeyMap, mode: Mode) -> Self {
        let mut palette = Self {
            field: Field::new(""),
            found: Vec::new(),
            index: 0,
            all: entries(known, logs, keys, mode),
        };
        palette.search();
        palette
    }

    /// Looks for what is typed.
    pub fn search(&mut self) {
        self.index = 0;
        let typed = self.field.text().trim().trim_start_matches(':');
        let word = match typed {
            "q" | "q!" | "quit!" => "quit",
            other => other,
        };
        if word.is_empty() {
            self.found = self.all.iter().take(FOUND_MAX).cloned().collect();
            return;
        }
        self.found = ranked(&self.all, word);
    }

    /// The selected entry.
    #[must_use]
    pub fn chosen(&self) -> Option<&Entry> {
        self.found.get(self.index)
    }
}

fn ranked(all: &[Entry], word: &str) -> Vec<Entry> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(word, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, &Entry)> = Vec::new();
    for entry in all {
        let name = pattern.score(Utf32Str::new(&entry.name, &mut buffer), &mut matcher);
        // What it does counts, too, but a hit in the name is what people mean.
        let about = pattern.score(Utf32Str::new(&entry.about, &mut buffer), &mut matcher);
        let best = name.map(|score| score * 4).max(about);
        scored.extend(best.map(|score| (score, entry)));
    }
    scored.sort_by_key(|(score, entry)| (std::cmp::Reverse(*score), entry.name.len()));
    scored
        .into_iter()
        .take(FOUND_MAX)
        .map(|(_, entry)| entry.clone())
        .collect()
}

fn entries(known: &Known, logs: &LogPane, keys: &KeyMap, mode: Mode) -> Vec<Entry> {
    let actions = TABLE
        .iter()
        .filter(|spec| spec.palette && spec.action != Action::Palette)
        .map(|spec| Entry {
            name: spec.name.to_owned(),
            about: spec.help.to_owned(),
            key: keys.hint(mode, spec.action).unwrap_or_default(),
            deed: Deed::Act(spec.action),
        });
    let projects = known.rows.keys().flat_map(|name| {
        let project = Entry {
            name: name.to_string(),
            about: "project".to_owned(),
            key: String::new(),
            deed: Deed::Go(Target::project(name)),
        };
        let services = ServiceKind::ALL.map(|kind| Entry {
            name: format!("{name}/{kind}"),
            about: "service".to_owned(),
            key: String::new(),
            deed: Deed::Go(Target {
                project: name.clone(),
                service: Some(kind),
            }),
        });
        std::iter::once(project).chain(services)
    });
    actions
        .chain(voices(logs))
        .chain(presets(known))
        .chain(projects)
        .collect()
}

fn presets(known: &Known) -> impl Iterator<Item = Entry> {
    let presets = Preset::all(&known.presets).into_iter();
    presets.map(|preset| Entry {
        name: format!("preset {}", preset.name),
        about: "limits: into the editor of what is selected or marked".to_owned(),
        key: String::new(),
        deed: Deed::Preset(preset.name),
    })
}

/// What can be done with each service of a merged log.
fn voices(logs: &LogPane) -> impl Iterator<Item = Entry> {
    let services = logs.services.iter().filter(|_| logs.is_merged());
    services.flat_map(|service| {
        let name = logs.name_of(service);
        let entry = |verb: &str, about: &str, deed| Entry {
            name: format!("{verb} {name}"),
            about: about.to_owned(),
            key: String::new(),
            deed,
        };
        let (solo, mute) = (Deed::Solo(service.clone()), Deed::Mute(service.clone()));
        [
            entry("solo", "logs: this service alone, or all again", solo),
            entry("mute", "logs: hide this service, or show it again", mute),
        ]
    })
}
