//! The demo as an operator meets it: the real program in a terminal, and nothing of it is left afterwards.

use crate::support::{
    random_input::{Numbers, random_input},
    sandbox::sample_project,
    terminal::Terminal,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{sleep, spawn},
    time::{Duration, Instant},
};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cchub-tui");
const SIZE: (u16, u16) = (140, 40);
/// The fleet, in the order of the list.
const NAMES: [&str; 8] = [
    "atlas", "billing", "clinic", "harbor", "ledger", "mosaic", "orchid", "transit",
];
const NO_ENGINE: [(&str, &str); 1] = [("DOCKER_HOST", "unix:///nonexistent/engine.sock")];
const RIGHT: &str = "\x1b[C";
const LEFT: &str = "\x1b[D";

fn demo() -> Terminal {
    Terminal::run(vec![PROGRAM.into(), "--demo".into()], SIZE, &[])
}

/// The row of the list that begins with this project; empty if there is none.
fn row<'a>(text: &'a str, project: &str) -> &'a str {
    let of_it = |line: &&str| line.split_whitespace().any(|word| word == project);
    text.lines().skip(2).find(of_it).unwrap_or_default()
}

/// The project in whose row `words` appear.
#[track_caller]
fn project_with(screen: &Terminal, words: &str) -> &'static str {
    let has = |text: &str| {
        NAMES
            .into_iter()
            .find(|name| row(text, name).contains(words))
    };
    screen.until(&format!("a row with '{words}'"), |s| {
        has(&s.contents()).is_some()
    });
    has(&screen.text()).unwrap()
}

/// Waits until the row of a project is as wanted.
#[track_caller]
fn until_row(screen: &Terminal, project: &str, what: &str, wanted: impl Fn(&str) -> bool) {
    screen.until(&format!("{project} {what}"), |s| {
        let text = s.contents();
        !row(&text, project).is_empty() && wanted(row(&text, project))
    });
}

/// True if all four services of the row are well.
fn is_well(row: &str) -> bool {
    // One for the project, one each for its services.
    row.matches('●').count() == 5
}

/// Selects a project, or with `column` 1 to 4 one of its services.
fn select(screen: &mut Terminal, project: &str, column: usize) {
    let down = NAMES.iter().position(|name| *name == project).unwrap();
    let (down, left, right) = ("j".repeat(down), LEFT.repeat(4), RIGHT.repeat(column));
    screen.keys(&format!("g{down}{left}{right}"));
    let service = ["", " / postgres", " / redis", " / backend", " / frontend"][column];
    screen.see(&format!("─ {project}{service} ─"));
}

fn order(screen: &mut Terminal, key: &str) {
    screen.keys(key);
    screen.see("Cancel");
    screen.answer("y");
}

#[test]
fn the_fleet_is_alive_when_the_screen_opens() {
    let began = Instant::now();
    let mut screen = demo();
    screen.until("a living matrix", |s| {
        let text = s.contents();
        NAMES.iter().all(|name| !row(&text, name).is_empty()) && text.matches("● ").count() >= 20
    });
    let took = began.elapsed();
    println!("a living matrix after {} ms", took.as_millis());
    assert!(took < Duration::from_secs(5), "{took:?}");
    screen.keys("q");
    assert_eq!(screen.end(), 0);
    screen.expect_restored();
}

#[test]
fn who_crashed_again_and_again_before_the_screen_opened_is_in_a_loop_from_the_start() {
    let screen = demo();
    screen.until("both loops", |s| {
        let text = s.contents();
        let row_with = |words: &str| text.lines().any(|line| line.contains(words));
        row_with("↻ loop") && row_with("↻ oom loop")
    });
    // Nobody has been restarted yet since: both loops are known from the engine's memory.
    let raw = String::from_utf8_lossy(&screen.bytes()).into_owned();
    assert!(!raw.contains("starts again"), "{}", screen.text());
}

#[test]
fn an_outage_of_postgres_blocks_its_backend_until_it_is_restarted() {
    let mut screen = demo();
    let project = project_with(&screen, "↑ postgres");
    until_row(&screen, project, "down", |row| row.contains("✖ down"));
    select(&mut screen, project, 3);
    screen.keys("l");
    screen.see("database is away");
    screen.keys("d");
    screen.see("it needs postgres, which is unhealthy");
    select(&mut screen, project, 1);
    order(&mut screen, "r");
    until_row(&screen, project, "well again", is_well);
}

#[test]
fn a_slow_backend_is_well_after_a_restart() {
    let mut screen = demo();
    let project = project_with(&screen, "▲ 14");
    select(&mut screen, project, 3);
    order(&mut screen, "r");
    until_row(&screen, project, "well", is_well);
}

#[test]
fn a_crash_loop_is_called_one_and_ends_with_a_fresh_container() {
    let mut screen = demo();
    let project = project_with(&screen, "↻ loop");
    select(&mut screen, project, 0);
    screen.see("crashing again and again");
    order(&mut screen, "s");
    until_row(&screen, project, "stopped", |row| {
        row.matches("▪ stopped").count() == 4
    });
    screen.keys("S");
    until_row(&screen, project, "well", is_well);
}

#[test]
fn the_out_of_memory_loop_is_called_one_and_ends_with_a_higher_limit() {
    let mut screen = demo();
    let project = project_with(&screen, "↻ oom loop");
    select(&mut screen, project, 3);
    screen.see("the kernel killed it for memory");
    screen.keys("L");
    screen.see("in use");
    screen.answer("\t\x7f\x7f\x7f\x7f\x7f\x7f1g\r");
    screen.see("→ 1 GB");
    // Five checks in a row and the loop counts as over; no kill comes in between.
    until_row(&screen, project, "well", is_well);
}

/// Folders that a program may think of, all empty, and a folder to start it in.
struct Nowhere(TempDir);

const PLACES: [(&str, &str); 7] = [
    ("HOME", "home"),
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_STATE_HOME", "state"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_DATA_HOME", "data"),
    ("XDG_RUNTIME_DIR", "runtime"),
    ("TMPDIR", "tmp"),
];

impl Nowhere {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("here")).unwrap();
        for (_, name) in PLACES {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self(folder)
    }

    fn open(&self) -> Terminal {
        let at = |name: &str| self.0.path().join(name);
        let env = PLACES.map(|(variable, name)| (variable, at(name).to_str().unwrap().to_owned()));
        let env = env.each_ref().map(|(name, path)| (*name, path.as_str()));
        let here = at("here");
        let words = ["env", "-C", here.to_str().unwrap(), PROGRAM, "--demo"];
        Terminal::run(words.map(Into::into).to_vec(), SIZE, &env)
    }

    /// Everything below it that is not one of the folders.
    fn left(&self) -> Vec<PathBuf> {
        let folders = fs::read_dir(self.0.path()).unwrap().flatten();
        let entries = folders.flat_map(|folder| fs::read_dir(folder.path()).unwrap().flatten());
        entries.map(|entry| entry.path()).collect()
    }
}

#[test]
fn the_demo_leaves_nothing_behind() {
    type Way = fn(&mut Terminal);
    let ways: [(&str, u32, Way); 5] = [
        ("q", 0, |screen| screen.keys("q")),
        ("ctrl-c", 0, |screen| screen.keys("\x03")),
        ("SIGTERM", 143, |screen| screen.signal("TERM")),
        ("SIGHUP", 129, |screen| screen.signal("HUP")),
        ("hang-up", 129, Terminal::hang_up),
    ];
    for (way, code, leave) in ways {
        let nowhere = Nowhere::new();
        let mut screen = nowhere.open();
        let text = screen.see("/atlas");
        let folder = text.split_whitespace().find(|w| w.ends_with("/atlas"));
        let folder = Path::new(folder.unwrap()).parent().unwrap().to_owned();
        assert!(folder.exists(), "{folder:?}");
        // Something was done, too.
        screen.keys("r");
        screen.see("Cancel");
        screen.answer("y");
        screen.see("estart");
        screen.until("the end of it", |s| s.contents().contains("restarted"));
        leave(&mut screen);
        assert_eq!(screen.end(), code, "{way}");
        assert!(!folder.exists(), "{way} leaves {folder:?}");
        assert_eq!(nowhere.left(), Vec::<PathBuf>::new(), "{way}");
    }
}

#[test]
fn without_engine_and_project_the_screen_offers_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    let mut screen = Terminal::open(&folder.path().join("hub.toml"), SIZE, &NO_ENGINE);
    let text = screen.see("no projects");
    assert!(text.contains("simulated") && text.contains('D'), "{text}");
    screen.keys("D");
    screen.see("DEMO");
    project_with(&screen, "↑ postgres");
    screen.keys("q");
    assert_eq!(screen.end(), 0);
    screen.expect_restored();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn with_a_project_the_screen_does_not_leave_it_for_the_demo() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.toml");
    let project = sample_project();
    let text = format!("version = 1\n[projects.shop]\npath = {project:?}\nnumber = 1\n");
    fs::write(&path, text).unwrap();
    let mut screen = Terminal::open(&path, SIZE, &NO_ENGINE);
    screen.see("shop");
    screen.keys("D");
    let text = screen.see("cchub-tui --demo");
    assert!(text.contains("shop") && !text.contains("DEMO"), "{text}");
    screen.keys("q");
    assert_eq!(screen.end(), 0);
}

#[test]
fn a_burst_of_input_is_read_to_its_end() {
    let mut screen = demo();
    screen.see("DEMO");
    screen.keys(&"jk".repeat(3000));
    // So many at once are a paste, which means nothing here; what comes after it is a key.
    screen.see("pasted text");
    screen.answer("?");
    screen.see("Keys in the list");
}

/// Continues a program that suspends itself, as a shell does on `fg`.
struct Foreground(Arc<AtomicBool>);

impl Foreground {
    fn of(pid: u32) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let ended = over.clone();
        spawn(move || {
            while !ended.load(Ordering::SeqCst) {
                let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
                if stat.contains(") T ") {
                    let pid = pid.to_string();
                    let _ = std::process::Command::new("kill")
                        .args(["-CONT", &pid])
                        .status();
                }
                sleep(Duration::from_millis(100));
            }
        });
        Self(over)
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Inputs of the random operator, and how often the terminal gets another size.
const INPUTS: usize = 20_000;
const RESIZE_EVERY: usize = 400;

#[test]
fn the_demo_survives_whatever_a_terminal_sends() {
    let seed = 1;
    let mut sizes = Numbers::new(seed);
    let mut screen = demo();
    screen.see("DEMO");
    let mut foreground = Foreground::of(screen.pid());
    let mut left = 0;
    for (n, bytes) in random_input(seed, INPUTS).enumerate() {
        if n % RESIZE_EVERY == 0 {
            let (columns, rows) = (1 + sizes.below(250), 1 + sizes.below(80));
            screen.resize(columns.try_into().unwrap(), rows.try_into().unwrap());
        }
        if !screen.offer(&bytes) {
            // A click on the quit key or a word in the palette: that is an end, too, but an orderly one.
            assert_eq!(screen.end(), 0, "input {n}: {}", screen.text());
            left += 1;
            screen = demo();
            screen.see("DEMO");
            foreground = Foreground::of(screen.pid());
        }
    }
    println!("{INPUTS} inputs; the program was left {left} times");
    assert!(left < 40, "{left}");
    screen.resize(80, 24);
    screen.offer(b"\x1b[201~");
    for _ in 0..8 {
        screen.answer("\x1b");
    }
    screen.keys("?");
    screen.see("Keys in");
    screen.answer("\x1b");
    screen.answer("\x1b");
    screen.answer("\x03");
    assert_eq!(screen.end(), 0);
    drop(foreground);
}

/// The log of the selected project, paused, with the cursor on a line.
fn chosen_line() -> Terminal {
    // Whoever runs the tests may sit in tmux or screen.
    let alone = [("TMUX", ""), ("STY", "")];
    let mut screen = Terminal::run(vec![PROGRAM.into(), "--demo".into()], SIZE, &alone);
    screen.see("atlas");
    screen.answer("l");
    screen.see("LIVE");
    screen.answer("f");
    screen.until("lines", |s| s.contents().matches(" backend").count() > 5);
    screen.answer("v");
    screen.see("▶");
    screen
}

fn count(bytes: &[u8], words: &[u8]) -> usize {
    bytes
        .windows(words.len())
        .filter(|part| *part == words)
        .count()
}

#[test]
fn copied_lines_go_out_between_two_frames() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let mut screen = chosen_line();
    let (begin, end) = (b"\x1b[?2026h", b"\x1b[?2026l");
    screen.answer("y");
    screen.see("sent to the terminal's clipboard");
    let bytes = screen.bytes();
    let request = b"\x1b]52;c;";
    assert_eq!(count(&bytes, request), 1);
    let at = bytes
        .windows(request.len())
        .position(|part| part == request);
    let (before, after) = bytes.split_at(at.unwrap());
    assert_eq!(count(before, begin), count(before, end), "no frame is open");
    let rest = &after[request.len()..];
    let length = rest.iter().position(|byte| *byte == 7).unwrap();
    let text = String::from_utf8(STANDARD.decode(&rest[..length]).unwrap()).unwrap();
    let row = screen.text();
    let row = row.lines().find(|row| row.contains('▶')).unwrap();
    let moment = text.split(' ').next().unwrap();
    assert!(row.contains(moment), "{text:?} is the line in {row:?}");
}

#[test]
fn the_plain_screen_holds_nothing_but_text_until_a_key() {
    let mut screen = chosen_line();
    screen.answer("Y");
    screen.until("the shell's screen", |s| {
        !s.alternate_screen() && s.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    });
    let text = screen.see("any key goes back");
    assert!(!text.contains('▶') && !text.contains("DEMO"), "{text}");
    // Time passes and lines come: nothing is drawn over the text.
    let before = screen.bytes().len();
    sleep(Duration::from_millis(1500));
    assert_eq!(screen.bytes().len(), before);
    screen.answer("q");
    screen.until("our screen", vt100::Screen::alternate_screen);
    screen.see("▶");
    screen.answer("Y");
    screen.until("the shell's screen", |s| !s.alternate_screen());
    screen.signal("TERM");
    assert_eq!(screen.end(), 143);
    screen.expect_restored();
    assert!(
        screen.text().contains("any key goes back"),
        "it stays there"
    );
}
