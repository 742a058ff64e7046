//! The pictures of the README: the real program on the demo fleet, drawn as SVG and PNG. The tests play the same keys
//! again and compare, so that no picture shows what is no longer so. `scripts/screenshots` makes them anew.

mod cell;
mod likeness;
mod png;
mod svg;

use crate::support::terminal::Terminal;
use likeness::likeness;
use std::{
    env, fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cchub-tui");
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/screenshots");
/// Set, the pictures are made anew.
const WRITE: &str = "CCHUB_SCREENSHOTS";
/// After that long the demo's first surprise is near.
const CALM: Duration = Duration::from_secs(20);
/// The demo is opened so often before a picture counts as wrong.
const TRIES: usize = 3;
/// So long a screen must rest before it is drawn.
const STILL: Duration = Duration::from_millis(400);

/// Where a picture comes from.
struct Shot {
    /// Its file, without the ending.
    name: &'static str,
    title: &'static str,
    size: (u16, u16),
    /// Words in the row of the project that is selected, and which service of it: 0 is the project.
    on: (&'static str, usize),
    /// What is typed then; `|` waits until the screen rests.
    keys: &'static str,
    /// A message that has to be gone.
    gone: &'static str,
    /// It is finished when the screen shows this.
    shows: &'static [&'static str],
}

const OUTAGE: &str = "↑ postgres";
const LOOP: &str = "↻ loop";
const MEMORY: &str = "↻ oom loop";

const SHOTS: &[Shot] = &[
    Shot {
        name: "fleet",
        title: "cchub-tui: eight projects, one database down and what waits for it",
        size: (100, 30),
        on: (OUTAGE, 3),
        keys: "",
        gone: "",
        shows: &[OUTAGE, LOOP, MEMORY, "▲"],
    },
    Shot {
        name: "fleet-80x24",
        title: "cchub-tui at 80×24",
        size: (80, 24),
        on: (LOOP, 3),
        keys: "",
        gone: "",
        shows: &[OUTAGE, "↻", "▲"],
    },
    Shot {
        name: "problems",
        title: "cchub-tui: only problems, worst first, and why",
        size: (100, 30),
        on: (MEMORY, 3),
        keys: "!",
        gone: "",
        shows: &["4 of 8 projects !"],
    },
    Shot {
        name: "light",
        title: "cchub-tui with a light theme",
        size: (100, 30),
        on: (OUTAGE, 1),
        keys: "T",
        gone: "theme",
        shows: &[OUTAGE, LOOP, MEMORY, "▲"],
    },
    Shot {
        name: "logs",
        title: "cchub-tui: a merged log of four services",
        size: (100, 30),
        on: (MEMORY, 0),
        keys: "lf",
        gone: "",
        shows: &["LIVE", "backend", "frontend"],
    },
    Shot {
        name: "limits",
        title: "cchub-tui: limits, what is in use, and what a change risks",
        size: (100, 30),
        on: (MEMORY, 3),
        keys: "L|\t\x7f\x7f\x7f\x7f\x7f\x7f768m",
        gone: "",
        shows: &["768m"],
    },
    Shot {
        name: "confirm",
        title: "cchub-tui: a question names who else is hit",
        size: (100, 30),
        on: (OUTAGE, 1),
        keys: "r",
        gone: "",
        shows: &["Cancel"],
    },
];

impl Shot {
    fn file(&self, ending: &str) -> PathBuf {
        Path::new(FOLDER).join(format!("{}.{ending}", self.name))
    }

    /// Opens the demo and brings it to where the picture is taken.
    fn play(&self, state: &Path) -> Terminal {
        let words = vec![PROGRAM.into(), "--demo".into()];
        let state = state.to_str().unwrap();
        let env = [
            ("COLORTERM", "truecolor"),
            ("XDG_STATE_HOME", state),
            ("XDG_CONFIG_HOME", state),
        ];
        let mut screen = Terminal::run(words, self.size, &env);
        screen.until("the fleet with all its troubles", |s| {
            s.contents().contains(self.on.0) && s.contents().contains('▲')
        });
        let text = screen.text();
        let is_row = |line: &&str| line.contains('●') || line.contains('▪') || line.contains('✖');
        let mut rows = text.lines().skip(2).filter(is_row);
        let down = rows.position(|row| row.contains(self.on.0)).unwrap();
        screen.keys(&format!(
            "g{}{}",
            "j".repeat(down),
            "\x1b[C".repeat(self.on.1)
        ));
        for part in self.keys.split('|') {
            rest(&screen);
            screen.keys(part);
        }
        screen.until(self.name, |s| self.is_finished(&s.contents()));
        screen
    }

    fn is_finished(&self, text: &str) -> bool {
        let is_alarmed = text.contains("the next problem");
        let is_gone = !is_alarmed && (self.gone.is_empty() || !text.contains(self.gone));
        is_gone && self.shows.iter().all(|words| text.contains(words))
    }

    fn write(&self, screen: &Terminal) {
        rest(screen);
        let screen = screen.look();
        let words = screen.contents();
        fs::write(self.file("svg"), svg::draw(&screen, self.title, &words)).unwrap();
        fs::write(self.file("png"), png::draw(&screen, &words)).unwrap();
    }

    /// What the pictures show, which must be the same for both.
    fn shown(&self) -> String {
        let hint = format!("{}: make it with scripts/screenshots", self.name);
        let svg = fs::read_to_string(self.file("svg")).expect(&hint);
        let png = fs::read(self.file("png")).expect(&hint);
        let (svg, png) = (
            svg::words(&svg).expect(&hint),
            png::words(&png).expect(&hint),
        );
        assert_eq!(svg, png, "{hint}");
        svg
    }

    fn check(&self) {
        let state = tempfile::tempdir().unwrap();
        if env::var_os(WRITE).is_some() {
            self.write(&self.play(state.path()));
            return;
        }
        let wanted = likeness(&self.shown());
        let mut seen = Vec::new();
        for _ in 0..TRIES {
            let screen = self.play(state.path());
            let end = Instant::now() + CALM;
            while Instant::now() < end {
                seen = likeness(&screen.text());
                if seen == wanted {
                    return;
                }
                sleep(Duration::from_millis(50));
            }
        }
        panic!(
            "{}: the program shows something else than the picture: look at it, then scripts/screenshots\n{}",
            self.name,
            difference(&wanted, &seen)
        );
    }
}

/// Waits until nothing moves, for a while at most: latencies always do.
fn rest(screen: &Terminal) {
    let end = Instant::now() + STILL * 5;
    let mut last = screen.text();
    loop {
        sleep(STILL);
        let now = screen.text();
        if now == last || Instant::now() > end {
            return;
        }
        last = now;
    }
}

fn difference(picture: &[String], screen: &[String]) -> String {
    let side = |here: &[String], there: &[String], sign: &str| -> String {
        let only = here.iter().filter(|line| !there.contains(line));
        only.map(|line| format!("{sign} {line}\n")).collect()
    };
    side(picture, screen, "picture:") + &side(screen, picture, "program:")
}

/// One test a picture, so that they are made side by side.
macro_rules! pictures {
    ($($test:ident: $name:literal),* $(,)?) => {
        $(#[test]
        fn $test() {
            shot($name).check();
        })*
        const TESTED: &[&str] = &[$($name),*];
    };
}

pictures! {
    picture_of_the_fleet: "fleet",
    picture_of_the_fleet_at_80x24: "fleet-80x24",
    picture_of_problems_only: "problems",
    picture_of_a_light_theme: "light",
    picture_of_a_log: "logs",
    picture_of_limits: "limits",
    picture_of_a_question: "confirm",
}

fn shot(name: &str) -> &'static Shot {
    SHOTS.iter().find(|shot| shot.name == name).unwrap()
}

#[test]
fn no_picture_is_left_over_and_all_are_shown_in_the_readme() {
    let readme = include_str!("../../README.md");
    let gallery = include_str!("../../screenshots/README.md");
    for file in fs::read_dir(FOLDER).unwrap().flatten() {
        let file = file.file_name().into_string().unwrap();
        let Some((name, "svg" | "png")) = file.rsplit_once('.') else {
            continue;
        };
        assert!(
            SHOTS.iter().any(|shot| shot.name == name),
            "{file} is nobody's picture"
        );
    }
    for shot in SHOTS {
        assert!(TESTED.contains(&shot.name), "{} has no test", shot.name);
        let file = format!("{}.svg", shot.name);
        assert!(
            readme.contains(&file) || gallery.contains(&file),
            "{file} is shown nowhere"
        );
    }
}

#[test]
fn a_likeness_forgets_numbers_and_nothing_else() {
    let likeness = |text| likeness(text).join("\n");
    assert_eq!(likeness("● shop ▁▂█ 12 ms  3.1/4.0G x"), "● shop # ms # x");
    assert_eq!(likeness("──── shop ──"), "─ shop ─");
    assert_eq!(
        likeness("10:00:01 redis a\n10:00:02 redis b\nend"),
        "log\nend"
    );
    assert_ne!(likeness("✖ down"), likeness("● ok"));
}
