//! The real program in a pseudo-terminal without an engine: it opens, says what is wrong, and always gives the terminal back.

use crate::support::{
    random_input::{Numbers, random_input},
    sandbox::sample_project,
    terminal::Terminal,
};
use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

fn hub(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.toml");
    if !text.is_empty() {
        fs::write(&path, text).unwrap();
    }
    (folder, path)
}

const NO_ENGINE: [(&str, &str); 1] = [("DOCKER_HOST", "unix:///nonexistent/engine.sock")];

fn with_shop() -> (TempDir, PathBuf) {
    let path = sample_project();
    hub(&format!(
        "version = 1\n[projects.shop]\npath = {path:?}\nnumber = 1\n"
    ))
}

#[test]
fn p01_without_an_engine_the_screen_opens_and_says_what_to_do() {
    let (_folder, path) = with_shop();
    let mut screen = Terminal::open(&path, (80, 24), &NO_ENGINE);
    screen.see("/nonexistent/engine.sock");
    screen.see("installed and running");
    screen.see("attempt 2");
    screen.keys("q");
    assert_eq!(screen.end(), 0);
    screen.expect_restored();
}

#[test]
fn p21_signals_give_the_terminal_back_and_end_with_128_and_their_number() {
    for (signal, code) in [("TERM", 143), ("INT", 130), ("HUP", 129), ("QUIT", 131)] {
        let (_folder, path) = with_shop();
        let mut screen = Terminal::open(&path, (80, 24), &NO_ENGINE);
        screen.see("engine");
        screen.signal(signal);
        assert_eq!(screen.end(), code, "{signal}");
        screen.expect_restored();
    }
}

#[test]
fn p20_a_terminal_that_goes_away_ends_the_program() {
    let (_folder, path) = with_shop();
    let mut screen = Terminal::open(&path, (80, 24), &NO_ENGINE);
    screen.see("engine");
    screen.hang_up();
    screen.end();
}

#[test]
fn p24_any_size_is_drawn_and_a_tiny_one_says_so() {
    let (_folder, path) = with_shop();
    let mut screen = Terminal::open(&path, (80, 24), &NO_ENGINE);
    screen.see("engine");
    for (columns, rows) in [(1, 1), (2, 1), (500, 200), (10, 3), (200, 50), (39, 9)] {
        screen.resize(columns, rows);
        std::thread::sleep(Duration::from_millis(60));
    }
    screen.see("39×9");
    screen.resize(80, 24);
    screen.see("engine.sock");
    screen.keys("q");
    assert_eq!(screen.end(), 0);
}

#[test]
fn p34_a_hub_file_that_cannot_be_used_opens_the_screen_read_only() {
    let broken = "version = 1\n[projects.shop\n";
    let (_folder, path) = hub(broken);
    let mut screen = Terminal::open(&path, (100, 30), &NO_ENGINE);
    screen.see("line 2");
    screen.keys("a");
    std::thread::sleep(Duration::from_millis(300));
    screen.keys("\x1b");
    screen.answer("q");
    assert_eq!(screen.end(), 0);
    assert_eq!(fs::read_to_string(path).unwrap(), broken);
}

#[test]
fn p26_pasted_text_triggers_nothing() {
    let (_folder, path) = with_shop();
    let mut screen = Terminal::open(&path, (80, 24), &NO_ENGINE);
    screen.see("engine");
    screen.keys("\x1b[200~qqq\x1bsSr\ny\x1b[201~");
    std::thread::sleep(Duration::from_millis(400));
    assert!(
        screen.text().contains("engine"),
        "still open: {}",
        screen.text()
    );
    screen.keys("q");
    assert_eq!(screen.end(), 0);
}

#[test]
fn nothing_is_written_while_nothing_changes() {
    let (_folder, path) = hub("");
    let mut screen = Terminal::open(&path, (80, 24), &[("DOCKER_HOST", "tcp://127.0.0.1:1")]);
    screen.see("engine");
    // Between two tries (the waits grow) only the countdown may move: far less than a frame.
    std::thread::sleep(Duration::from_secs(2));
    let before = screen.bytes().len();
    std::thread::sleep(Duration::from_secs(3));
    let written = screen.bytes().len() - before;
    assert!(written < 4000, "{written} bytes in 3 s");
    screen.keys("q");
    assert_eq!(screen.end(), 0);
}

#[test]
fn p27_a_dumb_terminal_is_refused_with_2_and_nothing_is_drawn() {
    let (_folder, path) = with_shop();
    let env = [NO_ENGINE[0], ("TERM", "dumb")];
    let mut screen = Terminal::open(&path, (80, 24), &env);
    assert_eq!(screen.end(), 2);
    let text = screen.see("dumb");
    assert!(text.contains("cchub-tui status"), "{text}");
    assert!(!screen.bytes().contains(&0x1b), "no escape sequence");
}

/// The words of `/proc/PID/stat` after the name: the state first; none if there is no such process.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    Some(rest.split(' ').map(str::to_owned).collect())
}

fn state(pid: u32) -> String {
    stat(pid).map_or("gone".to_owned(), |words| words[0].clone())
}

/// Hundredths of a second of CPU time.
fn ticks(pid: u32) -> u64 {
    stat(pid).map_or(0, |words| {
        words[11].parse::<u64>().unwrap() + words[12].parse::<u64>().unwrap()
    })
}

/// Resident memory in KiB.
fn resident(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[track_caller]
fn within(what: &str, patience: Duration, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + patience;
    while !holds() {
        assert!(Instant::now() < end, "never: {what}");
        sleep(Duration::from_millis(10));
    }
}

const SOON: Duration = Duration::from_secs(5);
/// KiB of memory that a few hundred frames would take if they waited in a queue, less a good margin.
const GROWTH_MAX: u64 = 2 << 10;
/// For what has work to do first.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn p20_a_terminal_that_goes_away_without_a_signal_ends_the_program_and_nothing_spins() {
    let (_folder, path) = with_shop();
    // In a session of its own the program has no controlling terminal: nobody sends it a SIGHUP.
    let mut screen = Terminal::open_with(&["setsid", "-w"], &path, (80, 24), &NO_ENGINE);
    screen.see("attempt");
    let above = screen.pid();
    let below = format!("/proc/{above}/task/{above}/children");
    let pid: u32 = fs::read_to_string(below).unwrap().trim().parse().unwrap();
    let before = ticks(pid);
    // Only the plug is pulled: the outer program is told nothing that it would pass on.
    screen.hang_up();
    let mut spent = 0;
    within("the end", SOON, || {
        spent = spent.max(ticks(pid).saturating_sub(before));
        ["gone", "Z"].contains(&state(pid).as_str())
    });
    assert!(spent < 50, "{spent} hundredths of a second of CPU time");
}

#[test]
fn p22_stopped_and_continued_the_terminal_is_given_back_and_taken_again() {
    let (_folder, path) = with_shop();
    let mut screen = Terminal::open(&path, (80, 24), &NO_ENGINE);
    screen.see("engine.sock");
    for turn in 0..20 {
        if turn % 2 == 0 {
            screen.signal("TSTP");
        } else {
            screen.keys("\x1a");
        }
        within("a stop", SOON, || state(screen.pid()) == "T");
        screen.expect_restored();
        assert!(!screen.text().contains("engine.sock"));
        screen.signal("CONT");
        screen.until("the whole screen again", |s| {
            s.alternate_screen() && s.bracketed_paste() && s.contents().contains("engine.sock")
        });
    }
    screen.keys("q");
    assert_eq!(screen.end(), 0);
    screen.expect_restored();
}

/// Not a test by itself: what [`p23_a_panic_gives_the_terminal_back_and_leaves_a_report`] runs in a terminal.
#[test]
#[ignore = "breaks down on purpose"]
fn a_screen_that_breaks_down() {
    if std::env::var_os("CCHUB_TEST_PANIC").is_none() {
        return;
    }
    let (mut screen, _guard) = cchub::tui::terminal::enter(true).unwrap();
    screen
        .draw(|frame| frame.render_widget("before", frame.area()))
        .unwrap();
    screen.draw(|_| panic!("no token: {}", "hunter2")).unwrap();
}

#[test]
fn p23_a_panic_gives_the_terminal_back_and_leaves_a_report() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().to_str().unwrap();
    let us = std::env::current_exe().unwrap();
    let name = "session::a_screen_that_breaks_down";
    let mut words = vec![us.into_os_string()];
    words.extend(["--exact", name, "--ignored", "--nocapture"].map(Into::into));
    let env = [("CCHUB_TEST_PANIC", "1"), ("XDG_STATE_HOME", state)];
    let mut screen = Terminal::run(words, (200, 24), &env);
    // This is the code of the test runner around it. The program itself has nothing that makes its drawing panic on
    // request, and shall have nothing; it ends with the same code because it neither catches a panic of its main thread
    // nor is built to abort: the code is the standard library's for any Rust program.
    assert_eq!(screen.end(), 101);
    screen.expect_restored();
    screen.see("ended the screen at tests/it/session.rs");
    let entries: Vec<_> = fs::read_dir(folder.path().join("cchub"))
        .unwrap()
        .flatten()
        .collect();
    assert_eq!(entries.len(), 1);
    assert!(
        screen
            .text()
            .contains(entries[0].file_name().to_str().unwrap()),
        "{}",
        screen.text()
    );
    assert_eq!(
        entries[0].metadata().unwrap().permissions().mode() & 0o777,
        0o600
    );
    let report = fs::read_to_string(entries[0].path()).unwrap();
    assert!(
        report.contains("no token") && report.contains("session.rs"),
        "{report}"
    );
    assert!(!report.contains("hunter2"));
    assert!(!String::from_utf8_lossy(&screen.bytes()).contains("hunter2"));
}

/// Opens the program, sends `bytes`, and fails unless it rests afterwards and still answers a key.
#[track_caller]
fn answers_after(what: &str, bytes: &[u8]) {
    let (_folder, path) = with_shop();
    let mut screen = Terminal::open(&path, (80, 24), &NO_ENGINE);
    screen.see("attempt");
    screen.send(bytes);
    within("rest", PATIENCE, || {
        let before = ticks(screen.pid());
        sleep(Duration::from_millis(500));
        ticks(screen.pid()) - before < 20
    });
    // What may be open is left first.
    screen.answer("\x1b");
    screen.answer("?");
    screen.until(what, |s| s.contents().contains("Keys"));
    screen.keys("\x1b");
    screen.answer("q");
    assert_eq!(screen.end(), 0, "{what}");
}

#[test]
fn p24_positions_and_reports_that_nobody_asked_for_hold_nothing_up() {
    answers_after("cursor reports", &b"\x1b[999;999R".repeat(300));
    answers_after("answers", &b"\x1b[?1;2c\x1b[?0u".repeat(300));
}

#[test]
fn p24_more_keys_at_once_than_one_read_takes_hold_nothing_up() {
    answers_after("arrows", &b"\x1b[B".repeat(4000));
}

#[test]
fn p24_mouse_positions_where_no_cell_is_hold_nothing_up() {
    answers_after(
        "mouse",
        b"\x1b[<0;0;0M\x1b[<64;0;0M\x1b[M   \x1b[0;0R\x1b[35;0;0M",
    );
    answers_after("far mouse", b"\x1b[<0;65535;65535M\x1b[<0;99999999;1M");
}

#[test]
fn p24_a_sequence_without_its_end_holds_nothing_up() {
    for open in ["\x1b[", "\x1b[<0;1", "\x1bO", "\x1b[1;", "\u{fd}"] {
        answers_after(open, open.as_bytes());
    }
}

#[test]
fn p24_fifty_random_sizes_in_a_terminal() {
    let (_folder, path) = with_shop();
    let mut screen = Terminal::open(&path, (80, 24), &NO_ENGINE);
    screen.see("engine");
    let mut numbers = Numbers::new(24);
    for key in [":", "\x1b", "?", "\x1b", "a"].iter().cycle().take(50) {
        screen.keys(key);
        screen.resize(1 + numbers.below(500) as u16, 1 + numbers.below(200) as u16);
        // An escape that something follows at once is another key.
        sleep(Duration::from_millis(60));
    }
    screen.resize(80, 24);
    screen.keys("\x1b");
    screen.see("engine.sock");
    screen.answer("q");
    assert_eq!(screen.end(), 0);
    screen.expect_restored();
}

#[test]
fn p25_a_terminal_that_does_not_read_costs_no_memory_and_sees_the_newest_state_at_last() {
    let (_folder, path) = with_shop();
    let mut screen = Terminal::open(&path, (200, 50), &NO_ENGINE);
    screen.see("attempt 2");
    screen.pause(true);
    let before = resident(screen.pid());
    // Each of these paints the whole screen: far more than the line between us holds.
    for _ in 0..600 {
        screen.keys("\x0c");
        sleep(Duration::from_millis(5));
    }
    let grown = resident(screen.pid()).saturating_sub(before);
    assert!(grown < GROWTH_MAX, "{grown} KiB more");
    screen.keys("?");
    screen.pause(false);
    screen.see("Keys");
    screen.keys("\x1b");
    screen.answer("q");
    assert_eq!(screen.end(), 0);
    screen.expect_restored();
}

#[test]
fn p25_keys_and_signals_end_the_program_although_its_terminal_does_not_read() {
    for (how, code) in [("q", 0), ("TERM", 143)] {
        let (_folder, path) = with_shop();
        let mut screen = Terminal::open(&path, (200, 50), &NO_ENGINE);
        screen.see("attempt");
        screen.pause(true);
        for _ in 0..200 {
            screen.keys("\x0c");
            sleep(Duration::from_millis(5));
        }
        if code == 0 {
            screen.keys("q");
        } else {
            screen.signal(how);
        }
        within("the end", SOON, || {
            ["gone", "Z"].contains(&state(screen.pid()).as_str())
        });
        screen.pause(false);
        assert_eq!(screen.end(), code, "{how}");
    }
}

#[test]
fn p26_a_paste_of_500_keys_triggers_nothing() {
    let (_folder, path) = with_shop();
    let mut screen = Terminal::open(&path, (80, 24), &NO_ENGINE);
    screen.see("engine");
    let text = "q\x1bs\nyS\rr\x03".repeat(50);
    screen.keys(&format!("\x1b[200~{text}\x1b[201~"));
    screen.see("pasted text is ignored here");
    screen.keys("q");
    assert_eq!(screen.end(), 0);
}

#[test]
fn p27_without_a_terminal_on_either_side_it_refuses_and_sends_no_escape() {
    let (_folder, path) = with_shop();
    let ours = env!("CARGO_BIN_EXE_cchub-tui");
    let none = Command::new(ours)
        .arg("--config")
        .arg(&path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(none.status.code(), Some(2));
    assert!(none.stdout.is_empty());
    assert!(String::from_utf8_lossy(&none.stderr).contains("cchub-tui status"));
    for pipe in ["\"$@\" < /dev/null", "\"$@\" | cat"] {
        let shell = ["sh", "-c", &format!("stty -a; {pipe}; stty -a"), "sh"];
        let mut screen = Terminal::open_with(&shell, &path, (120, 40), &NO_ENGINE);
        screen.end();
        let text = screen.see("needs a terminal");
        let modes = String::from_utf8_lossy(&screen.bytes())
            .matches(" icanon")
            .count();
        assert_eq!(modes, 2, "never raw, {pipe}: {text}");
        assert!(!screen.bytes().contains(&0x1b), "{pipe}");
    }
}

#[test]
fn p27_no_color_and_the_c_locale_mean_no_colours_and_ascii_only() {
    let (_folder, path) = with_shop();
    let env = [NO_ENGINE[0], ("NO_COLOR", "1"), ("LC_ALL", "C")];
    let mut screen = Terminal::open(&path, (80, 24), &env);
    screen.see("attempt 2");
    screen.keys("q");
    assert_eq!(screen.end(), 0);
    let bytes = screen.bytes();
    assert!(bytes.is_ascii(), "{}", String::from_utf8_lossy(&bytes));
    let text = String::from_utf8(bytes).unwrap();
    for colour in ["\x1b[38;", "\x1b[48;", "\x1b[31m", "\x1b[32m", "\x1b[33m"] {
        assert!(!text.contains(colour), "{colour:?}");
    }
}

#[test]
fn p24_twenty_thousand_random_inputs_and_it_still_answers() {
    let (_folder, path) = with_shop();
    let mut screen = Terminal::open(&path, (80, 24), &NO_ENGINE);
    screen.see("engine");
    let mut numbers = Numbers::new(20);
    for (n, input) in random_input(20, 20_000).enumerate() {
        // A click on the hint of `q`, or an entry of the palette, may leave or stop the program: that is no fault.
        if n % 50 == 0 {
            match state(screen.pid()).as_str() {
                "Z" => {
                    assert_eq!(screen.end(), 0, "after {n} inputs");
                    screen = Terminal::open(&path, (80, 24), &NO_ENGINE);
                    screen.see("engine");
                }
                "T" => screen.signal("CONT"),
                _ => {}
            }
        }
        screen.send(&input);
        // One at a time: what comes all at once is taken for a paste, and most of it would be ignored.
        sleep(Duration::from_micros(500));
        if n % 400 == 0 {
            screen.resize(1 + numbers.below(200) as u16, 1 + numbers.below(60) as u16);
        }
    }
    // Whatever is open is left: the end of a paste that may be open, then escapes, each read on its own.
    screen.resize(120, 40);
    screen.keys("\x1b[201~");
    for _ in 0..8 {
        screen.answer("\x1b");
    }
    screen.answer("?");
    screen.see("Keys");
    screen.keys("\x1b");
    screen.answer("q");
    assert_eq!(screen.end(), 0);
    screen.expect_restored();
}

/// Lines in the log pane.
fn log_lines(screen: &vt100::Screen) -> Option<u64> {
    let text = screen.contents();
    let (_, rest) = text.split_once("LIVE · ")?;
    rest.split(' ').next()?.parse().ok()
}

#[test]
fn p25_a_busy_fleet_goes_on_behind_a_terminal_that_does_not_read() {
    let words = vec![env!("CARGO_BIN_EXE_cchub-tui").into(), "--demo".into()];
    let mut screen = Terminal::run(words, (150, 40), &[]);
    screen.see("PROJECT");
    screen.keys("l");
    screen.until("log lines", |s| log_lines(s).is_some_and(|n| n > 100));
    screen.pause(true);
    for _ in 0..100 {
        screen.keys("\x0c");
        sleep(Duration::from_millis(20));
    }
    // The line between us is full now: whatever is drawn from here on waits.
    let before = (log_lines(&screen.look()), resident(screen.pid()));
    for _ in 0..600 {
        screen.keys("\x0c");
        sleep(Duration::from_millis(10));
    }
    let grown = resident(screen.pid()).saturating_sub(before.1);
    assert!(grown < GROWTH_MAX, "{grown} KiB more");
    screen.pause(false);
    screen.until("the lines of the meantime", |s| {
        log_lines(s) > before.0.map(|n| n + 4)
    });
    screen.answer("q");
    assert_eq!(screen.end(), 0);
    screen.expect_restored();
}

#[test]
fn the_first_key_after_a_change_of_screens_counts() {
    for _ in 0..5 {
        let (_folder, path) = hub("");
        let mut screen = Terminal::open(&path, (100, 30), &NO_ENGINE);
        screen.see("attempt");
        screen.keys("D");
        screen.see("DEMO");
        screen.answer("?");
        screen.until("help", |s| s.contents().contains("Keys"));
        screen.signal("TERM");
        assert_eq!(screen.end(), 143);
    }
}
