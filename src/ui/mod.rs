//! Draws the model. Reads it, never changes it; gives back what is where, for the mouse.

pub mod ansi;
pub mod canvas;
pub mod glyphs;
pub mod theme;

mod audit;
mod detail;
mod dialog;
mod fleet;
mod footer;
mod gauge;
mod header;
mod limits;
mod lists;
mod logs;
mod rule;
mod stats;
mod take_out;
mod timeline;
mod urls;

pub use canvas::Hits;
pub use glyphs::Glyphs;
pub use theme::{ColourDepth, Role, Theme, ThemeError};

use crate::app::{
    Hit, Model,
    pane::{HEIGHT_MIN, Rows, Tab, WIDTH_MIN},
};
use canvas::Canvas;
use ratatui::{Frame, layout::Rect};

/// What everything looks like: the theme and the signs.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Styles by meaning.
    pub theme: Theme,
    /// The signs.
    pub glyphs: Glyphs,
}

/// Draws one frame.
pub fn draw(model: &Model, look: &Look, frame: &mut Frame<'_>) -> Hits {
    let area = frame.area();
    let buf = frame.buffer_mut();
    buf.set_style(area, look.theme.base());
    let mut canvas = Canvas {
        buf,
        look,
        hits: Hits::default(),
    };
    if area.width < WIDTH_MIN || area.height < HEIGHT_MIN {
        let text = format!(
            "needs {WIDTH_MIN}×{HEIGHT_MIN}, now {}×{}",
            area.width, area.height
        );
        canvas.put(area, 0, 0, &text, canvas.style(Role::Warn));
        return canvas.hits;
    }
    draw_parts(model, &mut canvas, area);
    footer::draw_toasts(model, &mut canvas, area);
    if let Some(overlay) = &model.overlay {
        // What lies behind steps back, so that the eye finds the question.
        let behind = Rect {
            height: area.height.saturating_sub(1),
            ..area
        };
        canvas.buf.set_style(behind, look.theme.behind());
        dialog::draw(model, overlay, &mut canvas, area);
    }
    canvas.hits
}

fn draw_parts(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let rows = model.rows();
    let mut rest = area;
    let mut take = |height: u16| {
        let part = Rect {
            height: height.min(rest.height),
            ..rest
        };
        rest.y += part.height;
        rest.height -= part.height;
        part
    };
    let Rows {
        header,
        banner,
        heads,
        list,
        gap,
        rule,
        pane,
        jobs,
        footer,
    } = rows;
    header::draw(model, canvas, take(header));
    header::draw_banner(model, canvas, take(banner));
    let (heads, list) = (take(heads), take(list));
    take(gap);
    fleet::draw(model, canvas, heads, list);
    let (rule, pane) = (take(rule), take(pane));
    if pane.height > 0 && model.fleet.project.is_some() {
        rule::draw(model, canvas, rule);
        canvas.hit_area(pane, Hit::Pane);
        match model.tab {
            Tab::Why => detail::draw(model, canvas, pane),
            Tab::Logs => logs::draw(model, canvas, pane),
            Tab::Limits => limits::draw(model, canvas, pane),
            Tab::Stats => stats::draw(model, canvas, pane),
            Tab::Timeline => timeline::draw(model, canvas, pane),
        }
    } else if pane.height > 0 && heads.height == 0 {
        fleet::draw_empty(model, canvas, pane);
    }
    footer::draw_jobs(model, canvas, take(jobs));
    footer::draw(model, canvas, take(footer));
}
