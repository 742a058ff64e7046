//! The matrix: a row per project, a cell per service. What is well stays quiet, what is not is seen at once.

mod cell;
mod columns;
mod sums;

use super::{canvas::Canvas, theme::Role};
use crate::{
    app::{
        Action, Hit, Model,
        fleet::{Sort, Verdict, verdict, worst},
        keymap::Mode,
        known::Row,
        pane::Focus,
        text,
    },
    domain::{ServiceKind, Target},
};
use columns::{Columns, LEAD};
use ratatui::{
    layout::Rect,
    style::{Modifier, Style},
};

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>, heads: Rect, list: Rect) {
    if list.height == 0 {
        return;
    }
    if model.fleet.shown.is_empty() {
        return draw_empty(
            model,
            canvas,
            Rect {
                height: list.height + 1,
                ..heads
            },
        );
    }
    let columns = Columns::new(model, list.width);
    draw_heads(model, &columns, canvas, heads);
    let visible = model.fleet.shown.iter().skip(model.fleet.offset);
    for (y, name) in (0..list.height).zip(visible) {
        if let Some(row) = model.known.rows.get(name) {
            draw_row(model, canvas, list, y, &columns, row);
        }
    }
    draw_more(model, canvas, list);
}

fn draw_heads(model: &Model, columns: &Columns, canvas: &mut Canvas<'_>, area: Rect) {
    let style = canvas.style(Role::Faint);
    let name = head(model, canvas, "PROJECT", Sort::Name);
    canvas.put(area, LEAD, 0, &name, style);
    canvas.hit(area, 0, 0, LEAD + columns.name, Hit::Head(Sort::Name));
    for kind in ServiceKind::ALL {
        let (at, sort) = (columns.cell_at(kind), Sort::Service(kind));
        let word = head(model, canvas, &kind.as_str().to_uppercase(), sort);
        let word = text::cut(&word, usize::from(columns.cell.saturating_sub(1)));
        canvas.put(area, at, 0, &word, style);
        canvas.hit(area, at, 0, columns.cell, Hit::Head(sort));
    }
    let mut right = area.width.saturating_sub(1);
    for sum in columns.sums.iter().rev() {
        let word = head(model, canvas, sum.head(), sum.sort());
        canvas.put_right(area, right, 0, &word, style);
        let left = right.saturating_sub(sum.width());
        canvas.hit(area, left + 1, 0, sum.width(), Hit::Head(sum.sort()));
        right = left;
    }
}

/// The head of a column, with a sign if the list is sorted by it.
fn head(model: &Model, canvas: &Canvas<'_>, word: &str, sort: Sort) -> String {
    let fleet = &model.fleet;
    if fleet.sort != sort || fleet.problems {
        return word.to_owned();
    }
    // The usual order needs no sign as long as nobody asked for another one.
    if sort == Sort::Name && !fleet.reversed {
        return word.to_owned();
    }
    format!("{word}{}", canvas.look.glyphs.sorted(fleet.reversed))
}

fn draw_row(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    columns: &Columns,
    row: &Row,
) {
    let name = &row.project.name;
    let verdict = worst(row);
    let selected = model.fleet.project.as_ref() == Some(name);
    if selected {
        canvas.put(
            area,
            0,
            y,
            canvas.look.glyphs.marker(),
            canvas.style(Role::Accent),
        );
    }
    let sign = canvas.look.theme.verdict(verdict);
    canvas.put(area, 1, y, canvas.look.glyphs.verdict(verdict), sign);
    let role = match verdict {
        Verdict::Ok | Verdict::Unchecked | Verdict::Stopped | Verdict::Unseen | Verdict::Absent => {
            Role::Dim
        }
        _ => Role::Text,
    };
    draw_name(canvas, area, y, columns, row, role);
    canvas.hit(area, 0, y, area.width, Hit::Cell(name.clone(), None));
    for kind in ServiceKind::ALL {
        cell::draw(model, canvas, area, y, columns, row, kind);
    }
    sums::draw(model, canvas, area, y, columns, row);
    if selected {
        draw_selection(model, canvas, area, y, columns);
    }
}

/// The name; of a project that Compose made, or that is protected, with its sign, which is there however short the name
/// is cut.
fn draw_name(
    canvas: &mut Canvas<'_>,
    area: Rect,
    y: u16,
    columns: &Columns,
    row: &Row,
    role: Role,
) {
    let room = usize::from(columns.name).saturating_sub(2 * signs_of(row));
    let short = text::cut(row.project.name.as_str(), room);
    let mut x = canvas.put(area, LEAD, y, &short, canvas.style(role));
    let glyphs = canvas.look.glyphs;
    let compose = row.project.compose().map(|_| glyphs.compose());
    let lock = row.project.protected.then(|| glyphs.lock());
    for sign in compose.into_iter().chain(lock) {
        x = canvas.put(area, x + 1, y, sign, canvas.style(Role::Faint));
    }
}

/// Signs behind a project's name.
fn signs_of(row: &Row) -> usize {
    usize::from(row.project.compose().is_some()) + usize::from(row.project.protected)
}

/// Reverse on what the next key acts on; while the pane has the keys, only underlined.
fn draw_selection(model: &Model, canvas: &mut Canvas<'_>, area: Rect, y: u16, columns: &Columns) {
    let (x, width) = match model.fleet.column {
        None => (LEAD - 1, columns.name + 2),
        Some(kind) => (columns.cell_at(kind).saturating_sub(1), columns.cell),
    };
    let style = match model.focus {
        Focus::List => canvas.style(Role::Selection),
        Focus::Pane => Style::new().add_modifier(Modifier::UNDERLINED),
    };
    canvas.restyle(area, x, y, width, style);
}

/// Says in the last row that there is more above or below.
fn draw_more(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let above = model.fleet.offset;
    let below = model
        .fleet
        .shown
        .len()
        .saturating_sub(above + usize::from(area.height));
    let (up, down) = if canvas.look.glyphs.is_ascii() {
        ("^", "v")
    } else {
        ("▴", "▾")
    };
    let edge = area.width.saturating_sub(1);
    if above > 0 {
        canvas.put(area, edge, 0, up, canvas.style(Role::Accent));
    }
    if below > 0 {
        canvas.put(
            area,
            edge,
            area.height.saturating_sub(1),
            down,
            canvas.style(Role::Accent),
        );
    }
}

/// Nothing to show: why, and what to do about it.
pub(super) fn draw_empty(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let key = |action| model.keys.hint(Mode::List, action).unwrap_or_default();
    let fleet = &model.fleet;
    let lines: Vec<(String, String)> = if !model.known.projects_read {
        let reading = if model.known.hub_file.is_some() {
            ""
        } else {
            "reading the hub file"
        };
        vec![(String::new(), reading.to_owned())]
    } else if model.known.rows.is_empty() {
        vec![
            (
                key(Action::Add),
                "add a project: a folder with a backend and a frontend".to_owned(),
            ),
            (
                key(Action::Demo),
                "see a simulated fleet: it needs no Docker and changes nothing".to_owned(),
            ),
            (key(Action::Help), "all keys".to_owned()),
            (key(Action::Quit), "quit".to_owned()),
        ]
    } else if fleet.filter.is_empty() {
        let text = format!(
            "No problems: all {} projects are well or stopped.",
            model.known.rows.len()
        );
        vec![
            (String::new(), text),
            (key(Action::Problems), "show all again".to_owned()),
        ]
    } else {
        let text = format!("No project has '{}' in its name.", fleet.filter);
        vec![
            (String::new(), text),
            (key(Action::Back), "show all again".to_owned()),
        ]
    };
    for (y, (key, text)) in (1..area.height).zip(lines) {
        let mut x = 3;
        if !key.is_empty() {
            x = canvas.put(area, x, y, &key, canvas.style(Role::Accent)) + 2;
        }
        canvas.put(area, x, y, &text, canvas.style(Role::Text));
    }
}

/// The state of a target in one sign and word, for menus and lists.
pub(super) fn sign_of(model: &Model, target: &Target) -> Verdict {
    let Some(row) = model.known.rows.get(&target.project) else {
        return Verdict::Unseen;
    };
    target
        .service
        .map_or_else(|| worst(row), |kind| verdict(kind, row))
}
