//! The field for the name of the file that lines are saved to, and the choice of lines.

use crate::app::field::Field;

/// Which lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that are chosen.
    Chosen,
    /// Those that the filter shows.
    Shown,
    /// All that are there.
    All,
}

/// Where they come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The log: lines as they are shown.
    Log,
    /// The timeline: entries, as Markdown.
    Timeline,
}

/// The form.
#[derive(Debug, Clone)]
pub struct SaveForm {
    /// What is saved.
    pub of: Of,
    /// The path.
    pub field: Field,
    /// The lines that can be saved, the likeliest first.
    pub choices: Vec<Which>,
    /// Index of the choice.
    pub choice: usize,
    /// Why it did not work.
    pub error: Option<String>,
    /// The file is being made.
    pub sent: bool,
}

impl SaveForm {
    /// A form that proposes a name.
    #[must_use]
    pub fn new(of: Of, name: &str, choices: Vec<Which>) -> Self {
        Self {
            of,
            field: Field::new(name),
            choices,
            choice: 0,
            error: None,
            sent: false,
        }
    }

    /// The lines to save.
    #[must_use]
    pub fn which(&self) -> Which {
        self.choices.get(self.choice).copied().unwrap_or(Which::All)
    }

    /// To the next choice.
    pub fn next_choice(&mut self) {
        self.choice = (self.choice + 1) % self.choices.len().max(1);
    }

    /// It did not work; `free` is a name that may.
    pub fn fail(&mut self, reason: &str, free: Option<&str>) {
        self.sent = false;
        self.error = Some(match free {
            Some(_) => format!("{reason}; here is a name that is free"),
            None => reason.to_owned(),
        });
        if let Some(free) = free {
            self.field.set(free);
        }
    }
}
