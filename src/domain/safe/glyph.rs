//! Which characters hide, override or pile up (Unicode Standard Annex 9 and 29, Technical Report 36).

use unicode_segmentation::UnicodeSegmentation;

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

/// True if `cell`, which was one cell before its last character, still is: combining marks, letters that join.
pub(super) fn is_one_cell(cell: &str) -> bool {
    let mut last = cell.chars().rev();
    // Asked first, because the question below is slow for a flood of lines.
    let apart = last.next().is_some_and(stands_alone) && last.next().is_some_and(stands_alone);
    !apart && has_one_grapheme(cell)
}

/// True if whatever follows `cell` may be drawn into it: signs that go before a number or letter, and those that bind
/// two consonants.
pub(super) fn joins_what_follows(cell: &str) -> bool {
    ['a', '\u{915}']
        .into_iter()
        .any(|base| has_one_grapheme(&format!("{cell}{base}")))
}

/// Scripts and symbols of which no two share a cell.
#[must_use]
pub fn stands_alone(c: char) -> bool {
    matches!(
        c,
        ..'\u{300}'
            | '\u{370}'..='\u{482}'
            | '\u{2000}'..='\u{20cf}'
            | '\u{2100}'..='\u{2bff}'
            | '\u{3031}'..='\u{3098}'
            | '\u{309b}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{e000}'..='\u{f8ff}'
            | '\u{fffd}'
    )
}

fn has_one_grapheme(text: &str) -> bool {
    text.graphemes(true).nth(1).is_none()
}
