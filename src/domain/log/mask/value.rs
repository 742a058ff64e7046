//! Where a value ends, and whether it is one.

use std::ops::Range;

/// Words that say something about a secret and are none.
const PLAIN: [&str; 24] = [
    "null",
    "none",
    "nil",
    "undefined",
    "true",
    "false",
    "not",
    "no",
    "yes",
    "is",
    "was",
    "must",
    "has",
    "expired",
    "invalid",
    "incorrect",
    "missing",
    "required",
    "wrong",
    "empty",
    "unset",
    "set",
    "enabled",
    "disabled",
];
/// Signs that end what stands in brackets or quotes rather than a value.
const CLOSERS: [char; 9] = [')', ']', '}', '>', '"', '\'', '\\', ',', ';'];
/// Longest number of a port, in digits.
const PORT_DIGITS: usize = 5;
/// Longest password with signs in it that do not belong into a URL, in bytes.
const ODD_PASSWORD_MAX: usize = 1024;
/// Signs alone are no value if they are fewer.
const SIGNS_MIN: usize = 4;

/// The value at the beginning of `rest` that `name` announces, without its quotes.
pub(super) fn named(name: &str, rest: &str) -> Option<Range<usize>> {
    let is_module = name.ends_with(':') && rest.starts_with(':');
    let is_folder = name.to_ascii_lowercase().starts_with("pwd") && rest.starts_with('/');
    if is_module || is_folder {
        return None;
    }
    let slashes = rest.len() - rest.trim_start_matches('\\').len();
    let quote = rest.split_at(slashes).1.chars().next();
    let span = match quote.filter(|c| matches!(c, '"' | '\'')) {
        Some(_) => quoted(rest, slashes + 1),
        None => 0..bare(rest),
    };
    let value = rest.get(span.clone())?;
    (!is_plain(value)).then_some(span)
}

/// From behind the opening quote, which is so many bytes long with the backslashes before it, to the closing one.
fn quoted(rest: &str, opening: usize) -> Range<usize> {
    let (quote, inner) = rest.split_at(opening);
    let end = if opening > 1 {
        inner.find(quote)
    } else {
        unescaped(inner, quote)
    };
    opening..opening + end.unwrap_or(inner.len())
}

fn unescaped(inner: &str, quote: &str) -> Option<usize> {
    let mut is_escaped = false;
    let closing = |(at, c): (usize, char)| {
        let closes = !is_escaped && quote.starts_with(c);
        is_escaped = c == '\\' && !is_escaped;
        closes.then_some(at)
    };
    inner.char_indices().find_map(closing)
}

/// Bytes of a value without quotes: up to white space, or a separator that a new name or nothing follows.
fn bare(rest: &str) -> usize {
    let word = rest.split(char::is_whitespace).next().unwrap_or_default();
    let separators = word.match_indices([',', ';', '&']);
    let end = separators
        .map(|(at, _)| at)
        .find(|at| begins_name(word.split_at(at + 1).1));
    let value = word.split_at(end.unwrap_or(word.len())).0;
    value.trim_end_matches(CLOSERS).len()
}

/// True for `user=…`, `"user":…`.
fn begins_name(text: &str) -> bool {
    let text = text.trim_start_matches(['"', '\'']);
    let name = text.trim_start_matches(|c: char| c.is_alphanumeric() || "_.-".contains(c));
    let after = name.trim_start_matches(['"', '\'']);
    name.len() < text.len() && after.starts_with(['=', ':'])
}

fn is_plain(value: &str) -> bool {
    let word = value.trim_end_matches(['.', '!', '?', ':']);
    let is_sign = word.len() < SIGNS_MIN && !word.contains(char::is_alphanumeric);
    is_sign || PLAIN.iter().any(|plain| word.eq_ignore_ascii_case(plain))
}

/// The password at the beginning of `rest`, which goes on after `scheme://user:`.
pub(super) fn password_of_login(rest: &str) -> Option<Range<usize>> {
    let ends = |c: char| c.is_whitespace() || "\"'<>".contains(c);
    let ends_authority = |c: char| ends(c) || "/?#".contains(c);
    let authority = rest.split(ends_authority).next().unwrap_or_default();
    let end = match authority.rfind('@') {
        Some(end) => end,
        None if is_port(authority) => return None,
        // A password that is not encoded as it should be.
        None => {
            let near = rest.split_at(rest.floor_char_boundary(ODD_PASSWORD_MAX)).0;
            near.split(ends).next().unwrap_or_default().rfind('@')?
        }
    };
    (end > 0).then_some(0..end)
}

fn is_port(text: &str) -> bool {
    text.len() <= PORT_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// True for what nobody would write as a word: digits or capitals in the middle, or padding.
pub(super) fn looks_random(text: &str) -> bool {
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let inner = text.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
    let has_small = text.bytes().any(|byte| byte.is_ascii_lowercase());
    has_digit || text.ends_with('=') || inner && has_small
}

/// True for a line of base64 that is no digest in hexadecimal.
pub(super) fn is_key_body(text: &str) -> bool {
    looks_random(text) && !text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
