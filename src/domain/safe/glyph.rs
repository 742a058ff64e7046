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

/// True if `c` is drawn into the same cell as `before`: combining marks, and letters that join.
pub(super) fn joins(before: char, c: char) -> bool {
    match c {
        // Scripts and symbols without any: asked first, because the question below is slow for a flood of lines.
        ..'\u{300}'
        | '\u{370}'..='\u{482}'
        | '\u{2000}'..='\u{20cf}'
        | '\u{2100}'..='\u{2bff}'
        | '\u{3031}'..='\u{3098}'
        | '\u{309b}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{fffd}'
        // Flags: a third indicator begins a new flag, which a look at two characters cannot tell.
        | '\u{1f1e6}'..='\u{1f1ff}' => false,
        _ => one_cell(before, c),
    }
}

/// True if whatever follows `c` is drawn into its cell (signs that go before a number or letter).
pub(super) fn joins_what_follows(c: char) -> bool {
    one_cell(c, 'a')
}

fn one_cell(a: char, b: char) -> bool {
    let mut buffer = [0; 8];
    let length = a.encode_utf8(&mut buffer).len();
    let (_, rest) = buffer.split_at_mut(length);
    let both = length + b.encode_utf8(rest).len();
    let pair = std::str::from_utf8(&buffer[..both]).unwrap_or_default();
    pair.graphemes(true).nth(1).is_none()
}
