//! Which characters hide, override or pile up (Unicode Standard Annex 9 and 29, Technical Report 36).

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// What becomes of one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Drawn as it is.
    Keep,
    /// Nothing of it is left.
    Drop,
    /// A space: line ends of all kinds.
    Space,
    /// Its code point is spelled out.
    Spell,
}

/// Decides on `c`; escape introducers and tabs have been dealt with before.
pub(super) fn fate(c: char) -> Fate {
    match c {
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Fate::Space,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' => Fate::Drop,
        ' '..='~' => Fate::Keep,
        // Variation selectors and tags: they carry no text, and hide data in what looks like one character.
        '\u{180b}'..='\u{180d}'
        | '\u{180f}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{e0000}'..='\u{e0fff}' => Fate::Drop,
        // Bidi controls, zero-width characters, invisible operators, annotation marks, blank letters.
        '\u{61c}'
        | '\u{115f}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}' => Fate::Spell,
        _ => Fate::Keep,
    }
}

/// True if `c`, the last character of `text`, is drawn into the cell before it: combining marks, letters that join.
pub(super) fn joins_before(text: &str, c: char) -> bool {
    let place = text.len() - c.len_utf8();
    let boundary = GraphemeCursor::new(place, text.len(), true).is_boundary(text, 0);
    boundary == Ok(false)
}

/// True if whatever follows `cell` may be drawn into it: signs that go before a number or letter, and those that bind
/// two consonants.
pub(super) fn joins_what_follows(cell: &str) -> bool {
    ['a', '\u{915}']
        .into_iter()
        .any(|base| has_one_grapheme(&format!("{cell}{base}")))
}

/// Bytes of text at the beginning of `text` of which each character is kept, and a cell if the one before it is one.
pub(super) fn cells(text: &str) -> usize {
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        at += match c {
            ' '..='~' => printable(text.as_bytes().get(at..).unwrap_or_default()),
            _ if is_cell(c) => c.len_utf8(),
            _ => break,
        };
    }
    at
}

fn is_cell(c: char) -> bool {
    // Asked first: most of what is not ASCII is one of these.
    let is_usual =
        matches!(c, '\u{3041}'..='\u{3096}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}');
    is_usual || stands_alone(c) && fate(c) == Fate::Keep
}

/// Printable ASCII characters at the beginning of `bytes`.
pub(super) fn printable(bytes: &[u8]) -> usize {
    const AT_ONCE: usize = 16;
    let is_printable = |byte: &u8| matches!(byte, b' '..=b'~');
    let (chunks, _) = bytes.as_chunks::<AT_ONCE>();
    // Without a branch for each byte.
    let all = |chunk: &[u8; AT_ONCE]| {
        chunk
            .iter()
            .fold(true, |all, byte| all & is_printable(byte))
    };
    let whole = AT_ONCE * chunks.iter().take_while(|chunk| all(chunk)).count();
    let rest = bytes.get(whole..).unwrap_or_default();
    whole + rest.iter().take_while(|byte| is_printable(byte)).count()
}

/// Scripts and symbols of which no two share a cell.
#[must_use]
pub fn stands_alone(c: char) -> bool {
    matches!(
        c,
        ..'\u{300}'
            | '\u{370}'..='\u{482}'
            | '\u{48a}'..='\u{52f}'
            | '\u{5d0}'..='\u{5ea}'
            | '\u{620}'..='\u{64a}'
            | '\u{904}'..='\u{939}'
            | '\u{e01}'..='\u{e30}'
            | '\u{1e00}'..='\u{20cf}'
            | '\u{2100}'..='\u{2bff}'
            | '\u{3000}'..='\u{3029}'
            | '\u{3031}'..='\u{3098}'
            | '\u{309b}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{ff01}'..='\u{ff9d}'
            | '\u{fffd}'
            | '\u{1f300}'..='\u{1f3fa}'
            | '\u{1f400}'..='\u{1faff}'
    )
}

fn has_one_grapheme(text: &str) -> bool {
    text.graphemes(true).nth(1).is_none()
}
