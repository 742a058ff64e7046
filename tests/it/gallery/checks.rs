//! What must hold in every scene at every size: the way out is seen, a state keeps its word, nothing lies over what must be
//! read, and a terminal without colours or UTF-8 gets none.

use super::{SIZES, scenes};
use crate::fixture::*;
use cchub::{
    app::{
        Hit, Model,
        fleet::verdict,
        pane::{Focus, Tab},
    },
    ui::{Glyphs, Hits, Look},
};
use ratatui::{
    buffer::{Buffer, Cell},
    style::Color,
};

/// A scene at a size, as it was drawn.
struct Sight {
    /// `name@80x24`
    name: String,
    model: Model,
    buffer: Buffer,
    hits: Hits,
}

impl Sight {
    /// The text of row `y`.
    fn row(&self, y: u16) -> String {
        self.part(y, 0, self.buffer.area.width)
    }

    /// The text of row `y` from column `from` to the one before `to`.
    fn part(&self, y: u16, from: u16, to: u16) -> String {
        (from..to).map(|x| self.buffer[(x, y)].symbol()).collect()
    }

    fn rows(&self) -> impl Iterator<Item = String> {
        (0..self.buffer.area.height).map(|y| self.row(y))
    }

    /// What can be clicked on in row `y`, with the text that stands there.
    fn hits_of(&self, y: u16) -> Vec<(Hit, String)> {
        let hits: Vec<Hit> = (0..self.buffer.area.width)
            .map(|x| self.hits.at(x, y))
            .collect();
        let mut x = 0;
        hits.chunk_by(|a, b| a == b)
            .map(|run| {
                let from = x;
                x += u16::try_from(run.len()).unwrap();
                (run[0].clone(), self.part(y, from, x))
            })
            .collect()
    }

    #[track_caller]
    fn holds(&self, condition: bool, what: &str) {
        if !condition {
            let rows: Vec<String> = self.rows().collect();
            panic!("{}: {what}\n{}", self.name, rows.join("\n"));
        }
    }

    /// Nothing lies over the list and the rule.
    fn is_clear(&self) -> bool {
        self.model.overlay.is_none() && self.model.toasts.iter().next().is_none()
    }
}

/// Every scene at every size.
fn sights(look: &Look) -> impl Iterator<Item = Sight> {
    let all = scenes().flat_map(|scene| SIZES.map(|size| (scene, size)));
    all.map(move |((name, make), (w, h))| {
        let mut model = make();
        let (backend, hits) = seen(&mut model, w, h, look);
        Sight {
            name: format!("{name}@{w}x{h}"),
            model,
            buffer: backend.buffer().clone(),
            hits,
        }
    })
}

#[test]
fn the_way_out_is_always_in_the_last_row() {
    for sight in sights(&look("dark")) {
        let last = sight.row(sight.buffer.area.height - 1);
        let (_, end) = sight.model.hints();
        let typing = sight.model.fleet.typing.is_some() || sight.model.logs.asking.is_some();
        // An error stands in the place of the hint for as long as what is typed is wrong.
        if typing && sight.model.overlay.is_none() {
            continue;
        }
        sight.holds(!end.is_empty(), "no way out");
        for hint in end {
            let whole = format!("{} {}", hint.key, hint.word);
            sight.holds(last.contains(&whole), &whole);
        }
    }
}

#[test]
fn the_header_says_where_how_the_engine_is_and_when() {
    for sight in sights(&look("dark")) {
        let header = sight.row(0);
        let known = ["ms", "connecting", "no engine"];
        sight.holds(header.starts_with(" cchub  "), "no name");
        sight.holds(known.iter().any(|word| header.contains(word)), "no engine");
        sight.holds(
            header.ends_with(&format!(" {} ", sight.model.clock())),
            "no clock",
        );
    }
}

#[test]
fn a_cell_always_keeps_its_sign_and_its_whole_word() {
    let mut cells = 0;
    for sight in sights(&look("dark")) {
        if !sight.is_clear() {
            continue;
        }
        for y in 1..sight.buffer.area.height {
            for (hit, text) in sight.hits_of(y) {
                let Hit::Cell(project, Some(kind)) = hit else {
                    continue;
                };
                let row = &sight.model.known.rows[&project];
                let sign = Glyphs::unicode().verdict(verdict(kind, row));
                let word = text.strip_prefix(sign).unwrap_or_default();
                let word = word.trim_end_matches('◆').trim();
                let what = format!("{project}/{kind}: {text:?}");
                sight.holds(!word.is_empty() && !word.contains('…'), &what);
                cells += 1;
            }
        }
    }
    assert!(cells > 3_000, "{cells}");
}

#[test]
fn every_tab_can_be_seen_beside_the_name_of_what_the_pane_is_about() {
    let mut rules = 0;
    for sight in sights(&look("dark")) {
        let is_log = sight.model.focus == Focus::Pane && sight.model.tab == Tab::Logs;
        let rows = sight.model.rows();
        let nothing = sight.model.fleet.project.is_none();
        if !sight.is_clear() || rows.rule == 0 || is_log || nothing {
            continue;
        }
        let y = rows.header + rows.banner + rows.heads + rows.list + rows.gap;
        let tabs = sight.hits_of(y);
        for tab in Tab::ALL {
            let found = tabs.iter().find(|(hit, _)| *hit == Hit::Tab(tab));
            let text = found.map_or("", |(_, text)| text.trim());
            let number = tab.number();
            let (short, long) = (number.to_string(), format!("{number} {}", tab.title()));
            let whole = text == long || (text == short && tab != sight.model.tab);
            sight.holds(whole, &format!("{tab:?}: {text:?}"));
        }
        let before = tabs
            .iter()
            .take_while(|(hit, _)| !matches!(hit, Hit::Tab(_)));
        let name: String = before.map(|(_, text)| text.as_str()).collect();
        sight.holds(name.starts_with("─ ") && name.ends_with('─'), &name);
        rules += 1;
    }
    assert!(rules > 100, "{rules}");
}

#[test]
fn nothing_breaks_the_border_of_a_dialog() {
    let mut dialogs = 0;
    for sight in sights(&look("dark")) {
        if sight.model.overlay.is_none() {
            continue;
        }
        let rows: Vec<Vec<char>> = sight.rows().map(|row| row.chars().collect()).collect();
        let corner = |sign: char| {
            let mut rows = rows.iter().enumerate();
            rows.find_map(|(y, row)| Some((row.iter().position(|c| *c == sign)?, y)))
        };
        let corners = ['┌', '┐', '└', '┘'].map(corner);
        let [
            Some((left, top)),
            Some((right, top2)),
            Some((left2, low)),
            Some((right2, low2)),
        ] = corners
        else {
            sight.holds(false, "a corner is missing");
            continue;
        };
        sight.holds(
            (left, top, right, low) == (left2, top2, right2, low2),
            "no box",
        );
        for row in rows.iter().take(low).skip(top + 1) {
            sight.holds((row[left], row[right]) == ('│', '│'), "a side is broken");
        }
        dialogs += 1;
    }
    assert!(dialogs > 80, "{dialogs}");
}

#[test]
fn without_colours_and_utf8_everything_is_ascii_and_nothing_is_coloured() {
    for sight in sights(&plain_look()) {
        for y in 0..sight.buffer.area.height {
            let row = sight.row(y);
            let plain = row.bytes().all(|byte| (0x20..=0x7e).contains(&byte));
            sight.holds(plain, &row);
        }
        let coloured = |cell: &&Cell| (cell.fg, cell.bg) != (Color::Reset, Color::Reset);
        let found = sight.buffer.content.iter().find(coloured);
        sight.holds(found.is_none(), &format!("a colour: {found:?}"));
    }
}

/// Signs are words as well: with ASCII alone each state still has one of its own.
#[test]
fn in_ascii_a_cell_still_says_its_state_in_a_word() {
    let mut model = fleet();
    let (backend, hits) = seen(&mut model, 80, 24, &plain_look());
    let sight = Sight {
        name: "fleet in ASCII".to_owned(),
        model,
        buffer: backend.buffer().clone(),
        hits,
    };
    let text: Vec<String> = sight.rows().collect();
    let text = text.join("\n");
    for word in [
        "X oom",
        "^ postgres",
        "! 1240ms",
        "~ starting",
        "@ loop 5x",
        "- stopped",
        "? stale",
    ] {
        assert!(text.contains(word), "{word}\n{text}");
    }
}
