//! The few signs that are drawn, in Unicode and in ASCII. All are one column wide.

use crate::{
    app::fleet::Verdict,
    domain::health::{SLOW, Tick},
};

/// A set of signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glyphs {
    unicode: bool,
}

impl Glyphs {
    /// For terminals that speak UTF-8.
    #[must_use]
    pub const fn unicode() -> Self {
        Self { unicode: true }
    }

    /// For all others.
    #[must_use]
    pub const fn ascii() -> Self {
        Self { unicode: false }
    }

    /// True if only ASCII may be drawn.
    #[must_use]
    pub const fn is_ascii(self) -> bool {
        !self.unicode
    }

    const fn pick(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    /// The sign of a verdict.
    #[must_use]
    pub const fn verdict(self, verdict: Verdict) -> &'static str {
        match verdict {
            Verdict::Ok => self.pick("●", "o"),
            Verdict::Starting => self.pick("◐", "~"),
            Verdict::Slow => self.pick("▲", "!"),
            Verdict::Down => self.pick("✖", "X"),
            Verdict::Loop => self.pick("↻", "@"),
            Verdict::Stopped => self.pick("▪", "-"),
            Verdict::Blocked => self.pick("↑", "^"),
            Verdict::Stale => "?",
            Verdict::Unchecked => self.pick("○", "u"),
            Verdict::Unseen => self.pick("·", "."),
            Verdict::Absent => self.none(),
        }
    }

    /// One past check.
    #[must_use]
    pub fn tick(self, tick: Tick) -> &'static str {
        match tick {
            Tick::Ok(took) if took * 4 < SLOW => self.pick("▁", "."),
            Tick::Ok(took) if took * 2 < SLOW => self.pick("▂", "."),
            Tick::Ok(_) => self.pick("▃", "-"),
            Tick::Slow(_) => self.pick("▅", "="),
            Tick::Failed => self.pick("█", "X"),
        }
    }

    /// A step of the spinner.
    #[must_use]
    pub fn spinner(self, step: usize) -> &'static str {
        const DOTS: [&str; 8] = ["⠋", "⠙", "⠸", "⠴", "⠦", "⠇", "⠏", "⠹"];
        const STICKS: [&str; 4] = ["|", "/", "-", "\\"];
        if self.unicode {
            DOTS[step % DOTS.len()]
        } else {
            STICKS[step % STICKS.len()]
        }
    }

    /// A horizontal rule.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        self.pick("─", "-")
    }

    /// What a number is that nobody knows.
    #[must_use]
    pub const fn none(self) -> &'static str {
        self.pick("–", "-")
    }

    /// Beside the selected row.
    #[must_use]
    pub const fn marker(self) -> &'static str {
        self.pick("▶", ">")
    }

    /// Behind the head of the column that the list is sorted by.
    #[must_use]
    pub const fn sorted(self, reversed: bool) -> &'static str {
        if reversed {
            self.pick("▴", "^")
        } else {
            self.pick("▾", "v")
        }
    }

    /// Before a marked cell.
    #[must_use]
    pub const fn mark(self) -> &'static str {
        self.pick("◆", "*")
    }

    /// Behind the name of a protected project.
    #[must_use]
    pub const fn lock(self) -> &'static str {
        self.pick("§", "p")
    }

    /// What runs is not what the hub file asks for.
    #[must_use]
    pub const fn drift(self) -> &'static str {
        self.pick("≠", "#")
    }

    /// After the name of a project that Compose made.
    #[must_use]
    pub const fn compose(self) -> &'static str {
        self.pick("∷", "c")
    }

    /// Before a line that was printed to standard error.
    #[must_use]
    pub const fn stderr(self) -> &'static str {
        self.pick("▏", "|")
    }

    /// This or worse.
    #[must_use]
    pub const fn at_least(self) -> &'static str {
        self.pick("≥", ">=")
    }

    /// So many before and after.
    #[must_use]
    pub const fn around(self) -> &'static str {
        self.pick("±", "+-")
    }

    /// At the edge of a message.
    #[must_use]
    pub const fn edge(self) -> &'static str {
        self.pick("▌", "|")
    }

    /// Around things that stand in a place of their own.
    #[must_use]
    pub const fn dot(self) -> &'static str {
        self.pick("·", "*")
    }
}
