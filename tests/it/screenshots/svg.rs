//! A screen as an SVG: compact, without fonts of its own, and right in every monospace font.

use super::cell::{CELL, INK, colours, paper, row_of, shapes};
use vt100::{Cell, Screen};

/// From the top of a row to the line on which its letters stand.
const BASELINE: usize = 15;
/// At 16.6 units the characters of most of these fonts are 10 wide; `textLength` mends the rest.
const FONT: &str = "font:16.6px ui-monospace,'SF Mono','Cascadia Mono','DejaVu Sans Mono',\
    'Liberation Mono',Menlo,Consolas,monospace;font-variant-emoji:text";
/// How the character of a cell looks, in CSS.
fn css(cell: &Cell) -> String {
    let style = |wanted: bool, css| if wanted { css } else { "" };
    let bold = style(cell.bold(), ";font-weight:bold");
    let italic = style(cell.italic(), ";font-style:italic");
    let line = style(cell.underline(), ";text-decoration:underline");
    format!("fill:#{:06x}{bold}{italic}{line}", colours(cell).0)
}

/// Neighbouring cells that are drawn as one: a phrase, a rule, or a single sign.
struct Run {
    column: usize,
    cells: usize,
    text: String,
    css: String,
}

impl Run {
    /// Whether the text is of a script whose letters fonts agree about; other signs are placed one by one.
    fn is_phrase(text: &str) -> bool {
        text.chars()
            .all(|c| c.is_ascii() || ('\u{a1}'..'\u{2000}').contains(&c))
    }

    /// Takes up what follows if it looks the same and can be drawn with this; says whether it did.
    fn join(&mut self, next: &Self) -> bool {
        let gap = next.column - self.column - self.cells;
        let phrase = Self::is_phrase(&self.text) && Self::is_phrase(&next.text) && gap < 2;
        let rule = self.text == "─" && next.text == "─" && gap == 0;
        if self.css != next.css || !(phrase || rule) {
            return false;
        }
        self.cells += gap + next.cells;
        if phrase {
            self.text += &format!("{:gap$}{}", "", next.text);
        }
        true
    }

    fn draw(&self, row: usize, class: usize) -> String {
        let (x, y, width) = (self.column * CELL.0, row * CELL.1, self.cells * CELL.0);
        let rest = width - CELL.0; // a rule of many cells is one shape
        let shape = |&(left, top, w, h): &(usize, usize, usize, usize)| {
            let wide = w + rest;
            format!("M{} {}h{wide}v{h}h-{wide}z", x + left, y + top)
        };
        let path: String = shapes(&self.text).iter().map(shape).collect();
        if !path.is_empty() {
            return format!("<path class=\"c{class}\" d=\"{path}\"/>\n");
        }
        let (y, text) = (y + BASELINE, escaped(&self.text));
        if Self::is_phrase(&self.text) && self.cells > 1 {
            let exactly = format!("textLength=\"{width}\" lengthAdjust=\"spacingAndGlyphs\"");
            return format!(
                "<text class=\"c{class}\" x=\"{x}\" y=\"{y}\" {exactly}>{text}</text>\n"
            );
        }
        let x = x + width / 2;
        format!("<text class=\"m c{class}\" x=\"{x}\" y=\"{y}\">{text}</text>\n")
    }
}

/// The words that a picture was made of.
pub fn words(picture: &str) -> Option<String> {
    let (_, rest) = picture.split_once("<desc>")?;
    let (words, _) = rest.split_once("</desc>")?;
    let plain = words.replace("&lt;", "<").replace("&gt;", ">");
    Some(plain.replace("&amp;", "&"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn runs(screen: &Screen, row: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (column, cell) in row_of(screen, row).enumerate() {
        let (text, cells) = (cell.contents().to_owned(), 1 + usize::from(cell.is_wide()));
        let run = Run {
            column,
            cells,
            text,
            css: css(cell),
        };
        if !run.text.trim().is_empty() && !runs.last_mut().is_some_and(|last| last.join(&run)) {
            runs.push(run);
        }
    }
    runs
}

fn rect(x: usize, y: usize, width: usize, height: usize, fill: u32) -> String {
    format!(
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"#{fill:06x}\"/>\n"
    )
}

/// Where the paper is another than that of the window.
fn papers(screen: &Screen, row: u16, window: u32) -> String {
    let papers: Vec<u32> = row_of(screen, row).map(|cell| colours(cell).1).collect();
    let (mut x, mut out) = (0, String::new());
    for run in papers.chunk_by(|a, b| a == b) {
        let width = run.len() * CELL.0;
        if run[0] != window {
            out += &rect(x, usize::from(row) * CELL.1, width, CELL.1, run[0]);
        }
        x += width;
    }
    out
}

/// The screen in a window.
pub fn draw(screen: &Screen, title: &str, words: &str) -> String {
    let (rows, columns) = screen.size();
    let (width, height) = (
        usize::from(columns) * CELL.0 + 28,
        usize::from(rows) * CELL.1 + 50,
    );
    let window = paper(screen);
    let (mut classes, mut body): (Vec<String>, String) = (Vec::new(), String::new());
    for row in 0..rows {
        body += &papers(screen, row, window);
        for run in runs(screen, row) {
            let known = classes.iter().position(|css| *css == run.css);
            let class = known.unwrap_or(classes.len());
            body += &run.draw(usize::from(row), class);
            if known.is_none() {
                classes.push(run.css);
            }
        }
    }
    if !screen.hide_cursor() {
        let (row, column) = screen.cursor_position();
        let (x, y) = (usize::from(column) * CELL.0, usize::from(row) * CELL.1);
        body += &rect(x, y + 17, CELL.0, 2, INK);
    }
    let css: String = (0..)
        .zip(&classes)
        .map(|(class, css): (usize, _)| format!(".c{class}{{{css}}}"))
        .collect();
    let dots = [(20, "ec6a5e"), (40, "f4bf4f"), (60, "61c554")];
    let dots = dots
        .map(|(x, fill)| format!("<circle cx=\"{x}\" cy=\"17\" r=\"6\" fill=\"#{fill}\"/>"))
        .concat();
    let (title, words) = (escaped(title), escaped(words));
    let (middle, inner, low) = (width / 2, width - 2, height - 43);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">
<title>{title}</title>
<desc>{words}</desc>
<style>text{{{FONT}}}.m{{text-anchor:middle}}{css}</style>
<rect width=\"{width}\" height=\"{height}\" rx=\"9\" fill=\"#2b313c\"/>{dots}
<text x=\"{middle}\" y=\"22\" class=\"m\" fill=\"#9aa1ad\">{title}</text>
<path d=\"M1 34h{inner}v{low}a8 8 0 0 1-8 8H9a8 8 0 0 1-8-8z\" fill=\"#{window:06x}\"/>
<g transform=\"translate(14 40)\">
{body}</g>
</svg>
"
    )
}
