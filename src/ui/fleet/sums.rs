//! The columns behind the services: what a project uses, how often it was restarted, since when it is what it is.

use super::columns::{Columns, Sum};
use crate::{
    app::{Model, fleet, known::Row},
    domain::{
        Bytes,
        usage::{Share, TIGHT},
    },
    ui::{canvas::Canvas, gauge, theme::Role},
};
use ratatui::layout::Rect;

/// Columns of the bar beside the memory.
const BAR: u16 = 5;
/// Columns of an amount beside its limit: `3.1G/4.0G`.
const AMOUNT: usize = 4;

pub(super) fn draw(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    columns: &Columns,
    row: &Row,
) {
    let mut right = area.width.saturating_sub(1);
    for sum in columns.sums.iter().rev() {
        draw_sum(model, canvas, area, (right, y), *sum, row);
        right = right.saturating_sub(sum.width());
    }
}

fn draw_sum(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    (right, y): (u16, u16),
    sum: Sum,
    row: &Row,
) {
    let none = || canvas.look.glyphs.none().to_owned();
    let text = match sum {
        Sum::Cpu => fleet::cpus(row).map_or_else(none, percent),
        Sum::Memory => fleet::memory(row).map_or_else(none, |bytes| Bytes(bytes).short()),
        Sum::MemoryOf | Sum::MemoryBar => fleet::memory(row).map_or_else(none, |bytes| {
            let limit = fleet::memory_limit(row).map_or_else(none, |limit| Bytes(limit).short());
            format!("{}/{limit:>AMOUNT$}", Bytes(bytes).short())
        }),
        Sum::Restarts => fleet::restarts(row).to_string(),
        Sum::Since => model.age_of(&row.project.name),
    };
    let is_loud = match sum {
        Sum::Since => fleet::worst(row).is_problem(),
        Sum::Restarts => fleet::restarts(row) > 0,
        _ => false,
    };
    let role = if is_loud { Role::Text } else { Role::Dim };
    let amount_right = match sum {
        Sum::MemoryBar => right.saturating_sub(BAR + 1),
        _ => right,
    };
    canvas.put_right(area, amount_right, y, &text, canvas.style(role));
    if sum == Sum::MemoryBar
        && let Some((used, limit)) = fleet::memory(row).zip(fleet::memory_limit(row))
    {
        let share = Share::of(used, limit);
        let role = if share >= TIGHT {
            Role::Warn
        } else {
            Role::Dim
        };
        gauge::bar(
            canvas,
            area,
            (right.saturating_sub(BAR), y),
            BAR,
            share,
            role,
        );
    }
}

/// `82%` of one CPU.
fn percent(cpus: u64) -> String {
    format!("{:.0}%", (cpus as f64 / 1e7).min(9999.0))
}
