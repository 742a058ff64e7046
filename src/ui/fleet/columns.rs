//! Which columns of the list there is room for, and how wide each is.

use super::cell;
use crate::{
    app::{Model, fleet::Sort},
    domain::{Column, ServiceKind},
};

/// Columns before the names: marker, sign, blank.
pub(super) const LEAD: u16 = 3;
/// A cell narrower than this says less than a dropped column would …
const CELL_MIN: u16 = 11;
/// … and one of this width has room for the last checks.
const CELL_ROOMY: u16 = 15;

/// A column behind the four services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sum {
    /// CPU of all services.
    Cpu,
    /// Memory of all services …
    Memory,
    /// … beside its limit …
    MemoryOf,
    /// … and with a bar.
    MemoryBar,
    /// Restarts of all services.
    Restarts,
    /// Since when it is what it is.
    Since,
}

impl Sum {
    pub(super) const fn head(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Memory => "MEM",
            Self::MemoryOf | Self::MemoryBar => "MEM/LIMIT",
            Self::Restarts => "RESTARTS",
            Self::Since => "SINCE",
        }
    }

    /// Its columns with the blanks before them.
    pub(super) const fn width(self) -> u16 {
        match self {
            Self::Cpu | Self::Memory => 6,
            Self::MemoryOf => 12,
            Self::MemoryBar => 18,
            Self::Restarts => 10,
            Self::Since => 8,
        }
    }

    const fn column(self) -> Column {
        match self {
            Self::Cpu => Column::Cpu,
            Self::Memory | Self::MemoryOf | Self::MemoryBar => Column::Memory,
            Self::Restarts => Column::Restarts,
            Self::Since => Column::Since,
        }
    }

    pub(super) const fn sort(self) -> Sort {
        match self {
            Self::Cpu => Sort::Cpu,
            Self::Memory | Self::MemoryOf | Self::MemoryBar => Sort::Memory,
            Self::Restarts => Sort::Restarts,
            Self::Since => Sort::Since,
        }
    }
}

/// What may stand behind the services, and how wide their cells must be for it: the first that fits is taken. SINCE is the
/// first to go, then RESTARTS, MEM and CPU; before them the last checks are worth more than RESTARTS.
const LAYOUTS: [(u16, &[Sum]); 9] = [
    (
        CELL_ROOMY,
        &[Sum::Cpu, Sum::MemoryBar, Sum::Restarts, Sum::Since],
    ),
    (
        CELL_ROOMY,
        &[Sum::Cpu, Sum::MemoryOf, Sum::Restarts, Sum::Since],
    ),
    (CELL_ROOMY, &[Sum::Cpu, Sum::MemoryOf, Sum::Since]),
    (CELL_ROOMY, &[Sum::Cpu, Sum::Memory, Sum::Since]),
    (
        CELL_MIN,
        &[Sum::Cpu, Sum::MemoryOf, Sum::Restarts, Sum::Since],
    ),
    (CELL_MIN, &[Sum::Cpu, Sum::Memory, Sum::Restarts]),
    (CELL_MIN, &[Sum::Cpu, Sum::Memory]),
    (CELL_MIN, &[Sum::Cpu]),
    (CELL_MIN, &[]),
];

/// The columns of a list.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub(super) name: u16,
    pub(super) cell: u16,
    /// Columns of the history within a cell.
    pub(super) strip: u16,
    /// What stands behind the services.
    pub(super) sums: Vec<Sum>,
}

impl Columns {
    pub(super) fn new(model: &Model, width: u16) -> Self {
        let longest = model.known.rows.values().map(|row| {
            let name = row.project.name.as_str().len();
            name + 2 * super::signs_of(row)
        });
        let most = match width {
            0..100 => 16,
            100..140 => 24,
            _ => 39,
        };
        let longest = u16::try_from(longest.max().unwrap_or(0)).unwrap_or(u16::MAX);
        let mut columns = Self {
            name: longest.clamp(8, most),
            cell: 0,
            strip: 0,
            sums: Vec::new(),
        };
        columns.fit(width, &model.settings.columns);
        columns
    }

    /// Drops what does not fit, at last the end of the names.
    fn fit(&mut self, width: u16, wishes: &[Column]) {
        let cell = |sums: &[Sum], name: u16| {
            let sums: u16 = sums.iter().map(|sum| sum.width()).sum();
            width.saturating_sub(LEAD + name + 1 + sums) / 4
        };
        let chosen = |(least, sums): &(u16, &[Sum])| {
            let chosen = chosen(sums, wishes);
            (cell(&chosen, self.name) >= *least).then_some(chosen)
        };
        self.sums = LAYOUTS.iter().find_map(chosen).unwrap_or_default();
        while cell(&self.sums, self.name) < CELL_MIN && self.name > 8 {
            self.name -= 1;
        }
        self.cell = cell(&self.sums, self.name);
        let spare = self.cell.saturating_sub(2 + cell::WORD + 2);
        let history = u16::try_from(crate::domain::health::HISTORY_MAX).unwrap_or(30);
        self.strip = if width >= 100 && spare >= 3 {
            spare.min(history)
        } else {
            0
        };
    }

    pub(super) fn cell_at(&self, kind: ServiceKind) -> u16 {
        LEAD + self.name + 1 + self.cell * u16::try_from(kind.index()).unwrap_or(0)
    }
}

/// Those of `sums` that are wished for, in the order of the wishes.
fn chosen(sums: &[Sum], wishes: &[Column]) -> Vec<Sum> {
    let of = |wish: &Column| sums.iter().find(|sum| sum.column() == *wish).copied();
    wishes.iter().filter_map(of).collect()
}
