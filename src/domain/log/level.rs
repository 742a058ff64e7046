//! How bad a log line says it is: recognised in the formats that people and programs write, at its beginning only.

use super::plain::with_head;
use memchr::{memchr, memchr2};

/// How bad a line is, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Step by step.
    Trace,
    /// For developers.
    Debug,
    /// Ordinary life.
    Info,
    /// It deserves a look.
    Warning,
    /// Something failed, or worse.
    Error,
}

/// What the beginning of a line says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// How bad it is.
    Level(Level),
    /// It belongs to the line before it, as PostgreSQL's `DETAIL:` does.
    GoesOn,
    /// Nothing.
    None,
}

/// Words before the level that are looked at: `http proxy error:`.
const WORDS_MAX: usize = 3;
/// Words and stamps that are looked at.
const TOKENS_MAX: usize = 12;

/// The words for levels; they are compared without case.
const WORDS: [(&str, Level); 27] = [
    ("error", Level::Error),
    ("err", Level::Error),
    ("fatal", Level::Error),
    ("panic", Level::Error),
    ("critical", Level::Error),
    ("crit", Level::Error),
    ("severe", Level::Error),
    ("alert", Level::Error),
    ("emerg", Level::Error),
    ("emergency", Level::Error),
    ("ftl", Level::Error),
    ("warning", Level::Warning),
    ("warn", Level::Warning),
    ("wrn", Level::Warning),
    ("info", Level::Info),
    ("information", Level::Info),
    ("informational", Level::Info),
    ("notice", Level::Info),
    ("inf", Level::Info),
    ("debug", Level::Debug),
    ("dbg", Level::Debug),
    ("verbose", Level::Debug),
    ("fine", Level::Debug),
    ("trace", Level::Trace),
    ("trc", Level::Trace),
    ("finer", Level::Trace),
    ("finest", Level::Trace),
];
/// Keys whose value is the level, in JSON and logfmt.
const KEYS: [&[u8]; 7] = [
    b"level",
    b"lvl",
    b"severity",
    b"loglevel",
    b"levelname",
    b"log.level",
    b"log_level",
];
/// Bytes of the longest of them.
const KEY_MAX: usize = 9;
/// PostgreSQL's words for what belongs to the line before.
const GOES_ON: [&[u8]; 6] = [
    b"DETAIL:",
    b"HINT:",
    b"STATEMENT:",
    b"CONTEXT:",
    b"QUERY:",
    b"LOCATION:",
];

impl Level {
    /// The level of a log line (colours do not matter), if it says one. Looks at its first bytes only.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        match with_head(text, mark) {
            Mark::Level(level) => Some(level),
            Mark::GoesOn | Mark::None => None,
        }
    }

    /// Reads a level as typed: `error`, `warn`, `info`, `debug`, `trace` and their longer names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        word_level(word.trim().as_bytes())
    }

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

fn word_level(word: &[u8]) -> Option<Level> {
    let found = WORDS
        .iter()
        .find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word));
    found.map(|(_, level)| *level)
}

/// pino's and bunyan's numbers.
fn number_level(digits: &[u8]) -> Option<Level> {
    let number: u16 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    match number {
        10..20 => Some(Level::Trace),
        20..30 => Some(Level::Debug),
        30..40 => Some(Level::Info),
        40..50 => Some(Level::Warning),
        50..=60 => Some(Level::Error),
        _ => None,
    }
}

/// What the beginning of a line says, colours left out.
pub(super) fn mark(head: &[u8]) -> Mark {
    let head = head.trim_ascii_start();
    let level = match head.first() {
        None => None,
        Some(b'{') => json(head),
        Some(_) => {
            let found = redis(head).or_else(|| klog(head)).or_else(|| logfmt(head));
            match found {
                Some(level) => Some(level),
                None => return prose(head),
            }
        }
    };
    level.map_or(Mark::None, Mark::Level)
}

/// `{"level":"error"}`, `{"level":50}`: a key of the outermost object.
fn json(head: &[u8]) -> Option<Level> {
    let (mut depth, mut at) = (0_usize, 0);
    let mut key: Option<&[u8]> = None;
    while let Some(byte) = head.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let (string, end) = quoted(head, at)?;
                let is_key = head.get(end..)?.trim_ascii_start().first() == Some(&b':');
                match key.take().filter(|_| !is_key) {
                    Some(_) => return word_level(string),
                    None if is_key && depth == 1 && is_level_key(string) => key = Some(string),
                    None => {}
                }
                at = end;
                continue;
            }
            b'0'..=b'9' if key.is_some() => {
                let rest = head.get(at..)?;
                let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
                return number_level(rest.get(..digits)?);
            }
            b',' => key = None,
            _ => {}
        }
        at += 1;
    }
    None
}

fn is_level_key(word: &[u8]) -> bool {
    KEYS.iter().any(|key| key.eq_ignore_ascii_case(word))
}

/// The text of the string that begins at `at`, and where it ends.
fn quoted(head: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let mut end = at + 1;
    loop {
        end += memchr2(b'"', b'\\', head.get(end..)?)?;
        match head.get(end)? {
            b'"' => return Some((head.get(at + 1..end)?, end + 1)),
            _ => end += 2,
        }
    }
}

/// `ts=… level=warn msg="…"`: the key stands at the beginning of a word, outside of quotes.
fn logfmt(head: &[u8]) -> Option<Level> {
    let mut at = 0;
    loop {
        at += memchr2(b'=', b'"', head.get(at..)?)?;
        let (before, rest) = head.split_at_checked(at)?;
        if rest.first() == Some(&b'"') {
            at = quoted(head, at)?.1;
            continue;
        }
        at += 1;
        // No key is longer: a line of nothing but signs must not be looked at again and again.
        let near = before.get(before.len().saturating_sub(KEY_MAX + 1)..)?;
        let key = near.rsplit(|byte| *byte == b' ').next()?;
        if is_level_key(key)
            && let Some(level) = level_value(head.get(at..)?)
        {
            return Some(level);
        }
    }
}

/// The level that a value begins with.
fn level_value(value: &[u8]) -> Option<Level> {
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let word = value.iter().take_while(|b| b.is_ascii_alphanumeric());
    let word = value.get(..word.count())?;
    word_level(word).or_else(|| number_level(word))
}

/// `1:M 21 Nov 2026 06:06:21.065 * text`: the sign is the level.
fn redis(head: &[u8]) -> Option<Level> {
    let mut words = head.split(|b| *b == b' ');
    let who = words.next()?;
    let (role, pid) = who.split_last()?;
    let pid = pid.strip_suffix(b":")?;
    let is_redis = b"MSCX".contains(role) && !pid.is_empty() && pid.iter().all(u8::is_ascii_digit);
    let is_time =
        |time: &[u8]| time.first().is_some_and(u8::is_ascii_digit) && time.contains(&b':');
    let time = words.nth(3).filter(|time| is_redis && is_time(time));
    match (time, words.next()?) {
        (Some(_), b"#") => Some(Level::Warning),
        (Some(_), b"*") => Some(Level::Info),
        (Some(_), b"-" | b".") => Some(Level::Debug),
        _ => None,
    }
}

/// `E1121 06:06:21.065  1 file.go:10] text`.
fn klog(head: &[u8]) -> Option<Level> {
    let day = head.get(1..5)?;
    let rest = head.get(5..)?;
    if !day.iter().all(u8::is_ascii_digit) || !matches!(rest, [b' ', b'0'..=b'2', ..]) {
        return None;
    }
    match head.first()? {
        b'E' | b'F' => Some(Level::Error),
        b'W' => Some(Level::Warning),
        b'I' => Some(Level::Info),
        _ => None,
    }
}

/// A line for people: the level stands before the message, after stamps, process numbers and names in brackets.
fn prose(head: &[u8]) -> Mark {
    let (mut words, mut before): (usize, &[u8]) = (0, b"|");
    let tokens = head
        .split(u8::is_ascii_whitespace)
        .filter(|t| !t.is_empty());
    for token in tokens.take(TOKENS_MAX) {
        if token.ends_with(b":") && GOES_ON.contains(&token) {
            return Mark::GoesOn;
        }
        // A bare word is a level only where nothing but stamps came before it, or one name and a bar.
        let bare = words == 0 || (words == 1 && matches!(before, b"-" | b"|"));
        if let Some(level) = sign(token)
            .or_else(|| labelled(token))
            .or_else(|| bracketed(token).filter(|_| words == 0))
            .or_else(|| upper(token).filter(|_| bare))
        {
            return Mark::Level(level);
        }
        words += usize::from(!is_stamp(token));
        if words > WORDS_MAX {
            break;
        }
        before = token;
    }
    idiom(head).map_or(Mark::None, Mark::Level)
}

/// The signs of build tools and dev servers.
fn sign(token: &[u8]) -> Option<Level> {
    const SIGN_MAX: usize = 6;
    if token.len() > SIGN_MAX || token.first().is_none_or(u8::is_ascii) {
        return None;
    }
    match std::str::from_utf8(token).ok()? {
        "⨯" | "✖" | "✘" | "✗" | "❌" => Some(Level::Error),
        "⚠" | "⚠️" => Some(Level::Warning),
        _ => None,
    }
}

/// `error:`, `Warning:`, `TypeError:`, `ERROR:root:text`.
fn labelled(token: &[u8]) -> Option<Level> {
    let colon = memchr(b':', token)?;
    let (word, rest) = (token.get(..colon)?, token.get(colon + 1..)?);
    if !rest.is_empty() {
        // Python's default format has no blanks; lower-case words with a colon may be anything: `error:0`.
        return upper(word);
    }
    if word == b"LOG" {
        return Some(Level::Info);
    }
    let ends = |end: &[u8]| word.ends_with(end) && is_name(word);
    if ends(b"Error") || ends(b"Exception") {
        Some(Level::Error)
    } else if ends(b"Warning") {
        Some(Level::Warning)
    } else {
        word_level(word)
    }
}

/// A name of a class: `ValueError`, `sqlalchemy.exc.OperationalError`.
fn is_name(word: &[u8]) -> bool {
    word.iter()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'))
}

/// `[error]`, `<warn>`, `[ERROR    ]`, `(info)`.
fn bracketed(token: &[u8]) -> Option<Level> {
    let is_bracket = |b: &u8| b"[]()<>".contains(b);
    let is_open = token.first().is_some_and(is_bracket) || token.last().is_some_and(is_bracket);
    if !is_open {
        return None;
    }
    let begin = token.iter().position(|b| !is_bracket(b))?;
    let word = token.get(begin..)?;
    let length = word.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let (word, rest) = word.split_at_checked(length)?;
    let closes = rest.iter().all(|b| is_bracket(b) || *b == b':');
    closes.then(|| word_level(word)).flatten()
}

/// `ERROR`, `WARN`, `ERR!`: upper case only, everything else is a word of a sentence.
fn upper(token: &[u8]) -> Option<Level> {
    let word = token.strip_suffix(b"!").unwrap_or(token);
    let is_upper = word.iter().all(u8::is_ascii_uppercase);
    is_upper.then(|| word_level(word)).flatten()
}

/// Times, process numbers, zones, brackets and bars: what stands before a message without being one.
fn is_stamp(token: &[u8]) -> bool {
    let first = token.first().copied().unwrap_or(b' ');
    first.is_ascii_digit()
        || b"[(<|-+".contains(&first)
        || token.last() == Some(&b']')
        || matches!(token, b"UTC" | b"GMT" | b"AM" | b"PM" | b"npm")
}

/// Beginnings that are no level but mean one.
fn idiom(head: &[u8]) -> Option<Level> {
    const BEGINNINGS: [(&[u8], Level); 8] = [
        (b"Traceback (most recent call last)", Level::Error),
        (b"Exception in thread ", Level::Error),
        (b"Exception ignored in", Level::Error),
        (b"npm error ", Level::Error),
        (b"npm warn ", Level::Warning),
        (b"fatal error: ", Level::Error),
        (b"Segmentation fault", Level::Error),
        (b"Unhandled exception", Level::Error),
    ];
    let found = BEGINNINGS.iter().find(|(words, _)| head.starts_with(words));
    let says = |words: &[u8]| head.windows(words.len()).any(|window| window == words);
    let panicked = head.starts_with(b"thread '") && says(b"' panicked at");
    found
        .map(|(_, level)| *level)
        .or(panicked.then_some(Level::Error))
}

#[cfg(test)]
mod tests;
