//! Finds what gives a secret away by where it stands or how it looks: `password=…`, logins in URLs, tokens, keys.

use super::value;
use regex::{Captures, Regex};
use std::{ops::Range, sync::LazyLock};

/// What every line with something to hide holds. One pass, and most lines are through.
const HINT: &str = r"(?x)
    (?i-u: passw | passphrase | [_-]pass | pwd | secret | token | authorization | bearer | basic | identified
        | (?: api | access | private | signing | encryption | account | master | auth ) [_-]? key | amz-signature )
    | :// [^\s/?\#@:]* : [^\s]* @
    | eyJ | AKIA | ASIA | gh[pousr]_ | github_pat_ | glpat- | xox[abprs]- | PRIVATE\ KEY
    | ^ \s* [A-Za-z0-9+/]{60,} ={0,2} \s* $";

/// A name that announces a value, up to where that begins: `DB_PASSWORD=`, `"apiKey": "`, `--token `.
const NAMED: &str = r#"(?x)
    (?i-u: passwords?[0-9]? | passwd | passphrase | pwd | [_-]pass | token | amz-signature
        | secret (?: [_-]? access )? (?: [_-]? key )?
        | (?: api | access | private | signing | encryption | account | master | auth ) [_-]? key (?: [_-]? id )? )
    \]? \\* ["']? \s* (?: => | := | ==? | : | %3[Dd] ) \s*"#;

/// A credential in a header; the scheme stays.
const HEADER: &str = r#"(?x)
    (?i-u:authorization) \\* ["']? \s* (?: => | = | : ) \s* \\* ["']?
    (?i-u: (?: basic | bearer | digest | token | negotiate | apikey ) \s+ )?"#;

const FLAG: &str = r"(?x)
    -- [A-Za-z0-9-]* (?i-u: password | passwd | passphrase | secret | token | api-?key ) \s+";

/// How a rule says what is hidden.
#[derive(Debug, Clone, Copy)]
enum Hides {
    /// The value that begins where the expression ends.
    Named,
    /// As above, unless it is another flag or a placeholder.
    Flag,
    /// The password between there and the `@`.
    Login,
    /// The first group, or all if there is none.
    Group,
    /// The first group if nobody would write it as a word.
    Random,
    /// As above, and no digest.
    Body,
}

/// Every rule.
const RULES: [(&str, Hides); 9] = [
    (NAMED, Hides::Named),
    (HEADER, Hides::Named),
    (FLAG, Hides::Flag),
    (r#"://[^\s/?#@:\[\]"'<>]*:"#, Hides::Login),
    // SQL: … IDENTIFIED BY 'x', … WITH PASSWORD 'x'
    (
        r"(?i-u:\bpassword|\bidentified\s+by)\s+'((?:[^']|'')+)",
        Hides::Group,
    ),
    (
        r"(?i-u:\b(?:bearer|basic))\s+([A-Za-z0-9._~+/=-]{8,})",
        Hides::Random,
    ),
    (
        r"(?x) (?-u:\b) (?: eyJ[A-Za-z0-9_-]{8,} (?: \.[A-Za-z0-9_-]* ){1,4}
            | (?: AKIA | ASIA ) [A-Z0-9]{16} | gh[pousr]_[A-Za-z0-9]{36,} | github_pat_[A-Za-z0-9_]{36,}
            | glpat-[A-Za-z0-9_-]{20,} | xox[abprs]-[A-Za-z0-9-]{10,} )",
        Hides::Group,
    ),
    (
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----(.+?)(?:-----END|$)",
        Hides::Group,
    ),
    // A line of a key in several lines.
    (r"^\s*([A-Za-z0-9+/]{60,}={0,2})\s*$", Hides::Body),
];

static HINTS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(HINT).ok());
static COMPILED: LazyLock<Vec<(Regex, Hides)>> = LazyLock::new(|| {
    let compiled = |(rule, hides): (&str, Hides)| Some((Regex::new(rule).ok()?, hides));
    RULES.into_iter().filter_map(compiled).collect()
});

/// What is to be hidden of `plain`.
pub(super) fn spans(plain: &str) -> Vec<Range<usize>> {
    let has_hint = HINTS.as_ref().is_none_or(|hints| hints.is_match(plain));
    if !has_hint {
        return Vec::new();
    }
    let mut spans = Vec::new();
    for (rule, hides) in COMPILED.iter() {
        add(&mut spans, plain, rule, *hides);
    }
    spans
}

fn add(spans: &mut Vec<Range<usize>>, plain: &str, rule: &Regex, hides: Hides) {
    let mut end = 0;
    for found in rule.captures_iter(plain) {
        // What is hidden already is not read again: a line full of names would take its length squared.
        let is_hidden = found.get(0).is_some_and(|all| all.start() < end);
        let span = (!is_hidden).then(|| hidden(plain, &found, hides));
        if let Some(span) = span.flatten() {
            end = span.end;
            spans.push(span);
        }
    }
}

fn hidden(plain: &str, found: &Captures<'_>, hides: Hides) -> Option<Range<usize>> {
    let all = found.get(0)?;
    let rest = plain.split_at(all.end()).1;
    let from_here = |span: Range<usize>| all.end() + span.start..all.end() + span.end;
    let group = found.get(1).unwrap_or(all);
    match hides {
        Hides::Named => value::named(all.as_str(), rest).map(from_here),
        Hides::Flag if rest.starts_with(['-', '<', '[']) => None,
        Hides::Flag => value::named("", rest).map(from_here),
        Hides::Login => value::password_of_login(rest).map(from_here),
        Hides::Group => Some(group.range()),
        Hides::Random => value::looks_random(group.as_str()).then(|| group.range()),
        Hides::Body => value::is_key_body(group.as_str()).then(|| group.range()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expression_is_one() {
        assert!(HINTS.is_some());
        assert_eq!(COMPILED.len(), RULES.len());
    }
}
