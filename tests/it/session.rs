//! The real program in a pseudo-terminal without an engine: it opens, says what is wrong, and always gives the terminal back.

use crate::support::{sandbox::sample_project, terminal::Terminal};
use std::{fs, path::PathBuf, time::Duration};
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
    let text = screen.see("/nonexistent/engine.sock");
    assert!(text.contains("Docker"), "{text}");
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
