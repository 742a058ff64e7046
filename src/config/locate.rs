//! Where in the text of a hub file something stands: lines and keys for messages.

use toml_edit::{Document, Item, TableLike};

/// The line of a byte of the text, from 1.
pub fn line_of(text: &str, offset: usize) -> usize {
    let before = text.bytes().take(offset);
    1 + before.filter(|byte| *byte == b'\n').count()
}

/// The key that an error at `span` is about, with the tables above it: the last one that begins before the error ends
/// or its first line does (a table's header is an error's place, too).
pub fn key_at(document: &Document<&str>, span: &std::ops::Range<usize>) -> String {
    let text = document.raw().as_bytes();
    let rest = text.iter().skip(span.start);
    let line_end = span.start + rest.take_while(|byte| **byte != b'\n').count();
    let end = span.end.min(line_end).max(span.start);
    keys(document)
        .into_iter()
        .filter(|(offset, _)| *offset <= end)
        .max_by_key(|(offset, path)| (*offset, path.len()))
        .map_or_else(String::new, |(_, path)| path.join("."))
}

/// The line of the deepest key of `path` that is written.
pub fn line_at(document: &Document<&str>, path: &[&str]) -> usize {
    let found = keys(document)
        .into_iter()
        .filter(|(_, key)| path.iter().take(key.len()).eq(key))
        .max_by_key(|(_, key)| key.len());
    line_of(document.raw(), found.map_or(0, |(offset, _)| offset))
}

/// All keys with the byte that each begins at.
fn keys<'a>(document: &'a Document<&str>) -> Vec<(usize, Vec<&'a str>)> {
    let mut found = Vec::new();
    collect(document.as_table(), &[], &mut found);
    found
}

fn collect<'a>(
    table: &'a dyn TableLike,
    above: &[&'a str],
    found: &mut Vec<(usize, Vec<&'a str>)>,
) {
    for (key, item) in table.iter() {
        let path = [above, &[key]].concat();
        if let Some(span) = table.get_key_value(key).and_then(|(key, _)| key.span()) {
            found.push((span.start, path.clone()));
        }
        if let Some(below) = Item::as_table_like(item) {
            collect(below, &path, found);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str = "version = 1\n\n[ui]\ntheme = \"x\"\n[projects.shop]\npath = { a = 1 }\n";

    #[test]
    fn the_key_of_a_place_has_its_tables_above() {
        let document = Document::parse(TEXT).unwrap();
        let at = |word: &str| {
            let start = TEXT.find(word).unwrap();
            key_at(&document, &(start..start + word.len()))
        };
        assert_eq!(at("1\n"), "version");
        assert_eq!(at("theme"), "ui.theme");
        assert_eq!(at("\"x\""), "ui.theme");
        assert_eq!(at("[projects.shop]"), "projects.shop");
        assert_eq!(at("1 }"), "projects.shop.path.a");
    }

    #[test]
    fn the_line_of_a_path_is_that_of_its_deepest_written_key() {
        let document = Document::parse(TEXT).unwrap();
        assert_eq!(line_at(&document, &["ui", "theme"]), 4);
        assert_eq!(line_at(&document, &["ui", "mouse"]), 3);
        assert_eq!(line_at(&document, &["projects", "shop", "services"]), 5);
        assert_eq!(line_at(&document, &["nothing"]), 1);
    }
}
