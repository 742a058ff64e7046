//! Drawing text at places, cut by display width and never outside the screen; remembers what was drawn where.

use super::{Look, theme::Role};
use crate::{
    app::{Hit, text},
    domain::Safe,
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use unicode_width::UnicodeWidthStr;

/// What was drawn where: the mouse asks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hits(Vec<(Rect, Hit)>);

impl Hits {
    /// What is at a place; what was drawn last lies on top.
    #[must_use]
    pub fn at(&self, x: u16, y: u16) -> Hit {
        let covers = |(area, _): &&(Rect, Hit)| area.contains((x, y).into());
        let top = self.0.iter().rev().find(covers);
        top.map_or(Hit::Nothing, |(_, hit)| hit.clone())
    }
}

/// The frame while it is drawn.
#[derive(Debug)]
pub struct Canvas<'a> {
    /// Cells.
    pub buf: &'a mut Buffer,
    /// Theme and signs.
    pub look: &'a Look,
    /// What was drawn where.
    pub hits: Hits,
}

impl Canvas<'_> {
    /// Draws text on row `y` of `area`, from its column `x`; gives the column after it. What does not fit is cut.
    /// All text of a frame comes through here, and none of it gets past the sanitiser, whoever put it together.
    pub fn put(&mut self, area: Rect, x: u16, y: u16, text: &str, style: Style) -> u16 {
        let area = area.intersection(self.buf.area);
        if y >= area.height || x >= area.width {
            return x;
        }
        let width = usize::from(area.width - x);
        let text = Safe::new(text);
        let plain = (self.look.glyphs.is_ascii() && !text.is_ascii()).then(|| to_ascii(&text));
        let text = plain.as_deref().unwrap_or(text.as_str());
        let (end, _) = self
            .buf
            .set_stringn(area.x + x, area.y + y, text, width, style);
        end - area.x
    }

    /// Draws text that ends before column `right`; gives the column where it begins.
    pub fn put_right(&mut self, area: Rect, right: u16, y: u16, text: &str, style: Style) -> u16 {
        let width = width(text);
        let x = right.saturating_sub(width);
        self.put(area, x, y, text, style);
        x
    }

    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.look.theme.style(role)
    }

    /// Draws a rule over row `y`.
    pub fn rule(&mut self, area: Rect, y: u16) {
        let line = self.look.glyphs.rule().repeat(usize::from(area.width));
        self.put(area, 0, y, &line, self.style(Role::Rule));
    }

    /// Remembers what is at a place of `area`.
    pub fn hit(&mut self, area: Rect, x: u16, y: u16, width: u16, hit: Hit) {
        let place = Rect::new(area.x.saturating_add(x), area.y.saturating_add(y), width, 1);
        self.hits.0.push((place.intersection(self.buf.area), hit));
    }

    /// Remembers what fills `area`.
    pub fn hit_area(&mut self, area: Rect, hit: Hit) {
        self.hits.0.push((area, hit));
    }

    /// Restyles cells of row `y` of `area`.
    pub fn restyle(&mut self, area: Rect, x: u16, y: u16, width: u16, style: Style) {
        let place = Rect::new(area.x.saturating_add(x), area.y.saturating_add(y), width, 1);
        self.buf
            .set_style(place.intersection(area).intersection(self.buf.area), style);
    }

    /// An empty place for a dialog in the middle of `area`, with a border and a title; gives its inside.
    pub fn dialog(&mut self, area: Rect, width: u16, height: u16, title: &str) -> Rect {
        let outer = area.centered(
            ratatui::layout::Constraint::Length(width.min(area.width)),
            ratatui::layout::Constraint::Length(height.min(area.height)),
        );
        self.blank(outer);
        self.hit_area(area, Hit::Nothing);
        if outer.width < 2 || outer.height < 2 {
            return outer;
        }
        self.border(outer);
        let room = usize::from(outer.width.saturating_sub(4));
        let title = format!(" {} ", text::cut(title, room.saturating_sub(2)));
        self.put(outer, 1, 0, &title, self.style(Role::Accent));
        Rect::new(outer.x + 1, outer.y + 1, outer.width - 2, outer.height - 2)
    }

    fn border(&mut self, outer: Rect) {
        let style = self.style(Role::Rule);
        let [across, down, corners] = if self.look.glyphs.is_ascii() {
            ["-", "|", "++++"]
        } else {
            ["─", "│", "┌┐└┘"]
        };
        let line = across.repeat(usize::from(outer.width));
        let (right, bottom) = (outer.width - 1, outer.height - 1);
        for y in [0, bottom] {
            self.put(outer, 0, y, &line, style);
        }
        for y in 1..bottom {
            self.put(outer, 0, y, down, style);
            self.put(outer, right, y, down, style);
        }
        let places = [(0, 0), (right, 0), (0, bottom), (right, bottom)];
        for (corner, (x, y)) in corners.chars().zip(places) {
            self.put(outer, x, y, &corner.to_string(), style);
        }
    }

    /// Clears a place.
    pub fn blank(&mut self, area: Rect) {
        let area = area.intersection(self.buf.area);
        let line = " ".repeat(usize::from(area.width));
        for y in 0..area.height {
            self.put(
                area,
                0,
                y,
                &line,
                Style::reset().patch(self.look.theme.base()),
            );
        }
    }
}

/// What a terminal without UTF-8 can show of a text, in as many columns.
fn to_ascii(text: &str) -> String {
    let one = |c: char| match c {
        '…' => ".".to_owned(),
        '×' => "x".to_owned(),
        '–' => "-".to_owned(),
        c if c.is_ascii() => c.to_string(),
        c => "?".repeat(unicode_width::UnicodeWidthChar::width(c).unwrap_or(0)),
    };
    text.chars().map(one).collect()
}

/// Columns of a text, as a coordinate.
#[must_use]
pub fn width(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}
