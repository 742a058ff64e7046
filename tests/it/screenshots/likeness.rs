//! What of a screen must be the same each time that the demo is seen: everything but what is measured and what is logged.

/// Begins the lines of a log, after their time.
const SERVICES: [&str; 4] = ["postgres", "redis", "backend", "frontend"];

/// The lines of a screen without what differs from run to run: numbers and bars are `#`, lines of a log one line.
pub fn likeness(words: &str) -> Vec<String> {
    let mut lines: Vec<String> = words.lines().map(line).collect();
    lines.dedup_by(|a, b| a == b && a == "log");
    lines
}

fn line(text: &str) -> String {
    // How many lines and which services have errors is the log's business.
    let text = text.split_once(" LIVE ").map_or(text, |(before, _)| before);
    let mut words: Vec<&str> = Vec::new();
    for word in text.split_whitespace().map(word) {
        if !(word == "#" && words.last() == Some(&"#")) {
            words.push(word);
        }
    }
    if is_log(&words) {
        "log".into()
    } else {
        words.join(" ")
    }
}

/// A level if there is one, a time, a service.
fn is_log(words: &[&str]) -> bool {
    let words = words
        .strip_prefix(&["E"])
        .or(words.strip_prefix(&["W"]))
        .unwrap_or(words);
    words.first() == Some(&"#") && words.get(1).is_some_and(|word| SERVICES.contains(word))
}

fn word(word: &str) -> &str {
    if word.contains(|c: char| c.is_ascii_digit() || ('▁'..='█').contains(&c)) {
        "#"
    } else if word.chars().all(|c| c == '─') {
        "─"
    } else {
        word
    }
}
