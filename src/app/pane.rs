//! Which pane is below the list, who has the keys, and how many rows each part of the screen gets.

/// What the lower pane shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tab {
    /// Why, and all that is known.
    #[default]
    Why,
    /// The log.
    Logs,
    /// The limits editor.
    Limits,
    /// What it uses.
    Stats,
    /// What happened.
    Timeline,
}

impl Tab {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Why,
        Self::Logs,
        Self::Limits,
        Self::Stats,
        Self::Timeline,
    ];

    /// Its name in the rule.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Why => "Why",
            Self::Logs => "Logs",
            Self::Limits => "Limits",
            Self::Stats => "Stats",
            Self::Timeline => "Timeline",
        }
    }

    /// The number that stands before it: the key that shows it.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Why => 1,
            Self::Logs => 2,
            Self::Limits => 3,
            Self::Stats => 4,
            Self::Timeline => 5,
        }
    }
}

/// Who has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// The list of projects.
    #[default]
    List,
    /// The lower pane.
    Pane,
}

/// How much of the screen the lower pane gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PaneSize {
    /// The list first, the pane gets what is left, at least two fifths.
    #[default]
    Normal,
    /// The larger half.
    Large,
    /// Everything.
    Full,
}

impl PaneSize {
    /// The next larger one.
    #[must_use]
    pub const fn larger(self) -> Self {
        match self {
            Self::Normal => Self::Large,
            Self::Large | Self::Full => Self::Full,
        }
    }

    /// The next smaller one.
    #[must_use]
    pub const fn smaller(self) -> Self {
        match self {
            Self::Full => Self::Large,
            Self::Large | Self::Normal => Self::Normal,
        }
    }
}

/// Columns below which the screen says that it needs more.
pub const WIDTH_MIN: u16 = 40;
/// Rows below which the screen says that it needs more.
pub const HEIGHT_MIN: u16 = 10;
/// Below this many rows list and pane take turns.
const BOTH_HEIGHT_MIN: u16 = 16;
/// Rows of an empty list: they say what to do.
const EMPTY_ROWS: u16 = 6;
/// Operations that are shown above the footer.
const JOB_ROWS_MAX: u16 = 3;

/// What decides how the rows are shared out.
#[derive(Debug, Clone, Copy)]
pub struct Demand {
    /// Rows of the screen.
    pub height: u16,
    /// Projects in the list.
    pub projects: usize,
    /// Rows of the message between header and list.
    pub banner: u16,
    /// Operations that run.
    pub jobs: usize,
    /// Who has the keys.
    pub focus: Focus,
    /// Size of the pane.
    pub size: PaneSize,
    /// Rows that the pane wants while it has the keys: with fewer it takes them all.
    pub wants: u16,
}

/// Rows of each part, from top to bottom; 0 where it is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rows {
    /// The one line about everything.
    pub header: u16,
    /// Engine or hub file trouble.
    pub banner: u16,
    /// Heads of the columns.
    pub heads: u16,
    /// Projects.
    pub list: u16,
    /// Blank row between list and pane.
    pub gap: u16,
    /// The rule that names what the pane is about.
    pub rule: u16,
    /// The pane.
    pub pane: u16,
    /// Running operations.
    pub jobs: u16,
    /// Hints.
    pub footer: u16,
}

impl Demand {
    /// Shares the rows out.
    #[must_use]
    pub fn rows(self) -> Rows {
        let jobs = u16::try_from(self.jobs)
            .unwrap_or(JOB_ROWS_MAX)
            .min(JOB_ROWS_MAX);
        let mut rows = Rows {
            header: self.height.min(1),
            footer: u16::from(self.height > 1),
            jobs: jobs.min(self.height / 5),
            banner: self.banner.min(self.height / 3),
            ..Rows::default()
        };
        let taken = rows.header + rows.footer + rows.jobs + rows.banner;
        let room = self.height.saturating_sub(taken);
        let short = self.height < BOTH_HEIGHT_MIN;
        if self.size == PaneSize::Full || (short && self.focus == Focus::Pane) {
            rows.rule = room.min(1);
            rows.pane = room.saturating_sub(1);
        } else if short {
            rows.heads = room.min(1);
            rows.list = room.saturating_sub(1);
        } else {
            self.share(room, &mut rows);
        }
        if self.focus == Focus::Pane && rows.list > 0 && rows.pane < self.wants {
            let size = PaneSize::Full;
            return Self { size, ..self }.rows();
        }
        rows
    }

    fn share(self, room: u16, rows: &mut Rows) {
        rows.heads = 1;
        rows.rule = 1;
        let room = room.saturating_sub(2);
        let most = match self.size {
            PaneSize::Normal => room * 3 / 5,
            PaneSize::Large | PaneSize::Full => room * 3 / 10,
        };
        let wished = match self.projects {
            0 => EMPTY_ROWS,
            n => u16::try_from(n).unwrap_or(u16::MAX),
        };
        rows.list = wished.min(most.max(3));
        rows.gap = u16::from(room > 12 && rows.list == wished);
        rows.pane = room.saturating_sub(rows.list + rows.gap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_always_add_up_to_the_screen() {
        for height in 0..120 {
            for projects in [0, 1, 8, 500] {
                for jobs in [0, 1, 9] {
                    for (focus, size) in [
                        (Focus::List, PaneSize::Normal),
                        (Focus::Pane, PaneSize::Large),
                        (Focus::Pane, PaneSize::Full),
                    ] {
                        let demand = Demand {
                            height,
                            projects,
                            banner: 3,
                            jobs,
                            focus,
                            size,
                            wants: 9,
                        };
                        let r = demand.rows();
                        let sum = r.header + r.banner + r.heads + r.list + r.gap;
                        let sum = sum + r.rule + r.pane + r.jobs + r.footer;
                        assert_eq!(sum, height, "{demand:?} {r:?}");
                    }
                }
            }
        }
    }
}
