//! Just enough Rust to read paths out of it: without comments, quoted text and test code.

use std::path::{Path, PathBuf};

const TEST_ONLY: &str = "#[cfg(test)]";

/// `text` without comments, the content of strings, and items that exist in tests only.
pub fn code_of(text: &str) -> String {
    let code = without_words(text);
    let mut parts = code.split(TEST_ONLY);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(&part.chars().skip(item_length(part)).collect::<String>());
    }
    kept
}

/// The files or folders (without ending) of `#[cfg(test)] mod name;` in the file `path`.
pub fn test_modules(path: &Path, text: &str) -> Vec<PathBuf> {
    let stem = path.with_extension("");
    let folder = match path.file_name().and_then(|name| name.to_str()) {
        Some("mod.rs" | "main.rs" | "lib.rs") => path.parent().unwrap_or(path).to_owned(),
        _ => stem,
    };
    let code = without_words(text);
    let items = code.split(TEST_ONLY).skip(1);
    items
        .filter_map(|item| item.trim_start().strip_prefix("mod "))
        .filter_map(|rest| rest.split_once(';'))
        .filter(|(name, _)| name.chars().all(|c| c.is_alphanumeric() || c == '_'))
        .map(|(name, _)| folder.join(name))
        .collect()
}

/// Characters up to the end of the item that `code` begins with: its `;` or its closing brace.
fn item_length(code: &str) -> usize {
    let mut depth = 0_i32;
    for (index, c) in code.chars().enumerate() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(c, ';' | '}') {
            return index + 1;
        }
    }
    code.chars().count()
}

/// Blanks comments and the content of string and character literals.
fn without_words(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = comment(rest).or_else(|| literal(rest, code.chars().last()));
        code.push(if skipped.is_some() { ' ' } else { first });
        rest = rest.split_at(skipped.unwrap_or(first.len_utf8())).1;
    }
    code
}

fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    let body = rest.strip_prefix("/*")?;
    Some(body.find("*/").map_or(rest.len(), |end| end + 4))
}

/// The length of the string or character literal that `rest` begins with.
fn literal(rest: &str, before: Option<char>) -> Option<usize> {
    let in_name = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with('r') && !in_name {
        return raw_string(rest);
    }
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let is_escape = rest.chars().nth(1) == Some('\\');
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            _ if c == quote => return Some(at + 1),
            // A lifetime has no second quote: `'a` is followed by something else.
            _ if quote == '\'' && at > 1 && !is_escape => return None,
            _ => {}
        }
    }
    None
}

fn raw_string(rest: &str) -> Option<usize> {
    let hashes = rest.strip_prefix('r')?;
    let quoted = hashes.trim_start_matches('#');
    let end = format!("\"{}", "#".repeat(hashes.len() - quoted.len()));
    let body = quoted.strip_prefix('"')?;
    let opening = rest.len() - body.len();
    Some(
        body.find(&end)
            .map_or(rest.len(), |at| opening + at + end.len()),
    )
}

/// All paths of our own crate in `code`, which stands `depth` modules below its root, with groups spelled out: `a::b`
/// for `crate::{a::b}`.
pub fn crate_paths(code: &str, depth: usize) -> Vec<String> {
    let mut found = Vec::new();
    for prefix in ["crate::", "cchub::", &"super::".repeat(depth)] {
        for (at, _) in code.match_indices(prefix) {
            let (before, path) = code.split_at(at);
            let is_longer = before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$');
            if !is_longer {
                tree(
                    path.strip_prefix(prefix).unwrap_or_default(),
                    "",
                    &mut found,
                );
            }
        }
    }
    found
}

/// How many modules the file `path` (below `src/`) is deep.
pub fn depth_of(path: &Path) -> usize {
    let stem = path.with_extension("");
    let is_folder = stem.file_name().is_some_and(|name| name == "mod");
    stem.iter().count() - usize::from(is_folder)
}

/// Reads one path or group; returns what comes after it.
fn tree<'a>(code: &'a str, parent: &str, found: &mut Vec<String>) -> &'a str {
    let code = code.trim_start();
    if let Some(mut rest) = code.strip_prefix('{') {
        loop {
            rest = tree(rest, parent, found).trim_start();
            match rest.strip_prefix(',') {
                Some(next) if !next.trim_start().starts_with('}') => rest = next,
                _ => break,
            }
        }
        let rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
        return rest.strip_prefix('}').unwrap_or(rest);
    }
    let end = code.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '*'));
    let (name, rest) = code.split_at(end.unwrap_or(code.len()));
    let path = if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}::{name}")
    };
    if let Some(deeper) = rest.strip_prefix("::") {
        return tree(deeper, &path, found);
    }
    found.push(path);
    // A renaming belongs to the path.
    match rest.trim_start().strip_prefix("as ") {
        Some(alias) => alias
            .trim_start()
            .trim_start_matches(|c: char| c.is_alphanumeric() || c == '_'),
        None => rest,
    }
}
