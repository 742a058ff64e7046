//! The body of an HTTP answer, out of what it was packed in.

/// Longest line between two chunks: a size and what a proxy may add.
const LINE_MAX: usize = 4 << 10;

/// How a body is packed, and how far it was read.
#[derive(Debug)]
pub(super) enum Body {
    /// It ends with the connection.
    Open,
    /// So many bytes are still to come.
    Sized(u64),
    /// It comes in chunks, and ends with an empty one.
    Chunked(Chunks),
}

/// A body in chunks.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    next: Next,
    /// The line between two chunks, as far as it came.
    line: Vec<u8>,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Next {
    /// The size of a chunk.
    #[default]
    Size,
    /// So many bytes of it.
    Data(u64),
    /// The end of its last line.
    DataEnd,
    /// Headers after the last chunk, or the empty line that ends it all.
    Trailer,
    /// Nothing.
    Over,
}

impl Body {
    /// True if all of it was read.
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Open => false,
            Self::Sized(left) => *left == 0,
            Self::Chunked(chunks) => chunks.next == Next::Over,
        }
    }

    /// True if it may end when the connection does.
    pub(super) fn may_end(&self) -> bool {
        matches!(self, Self::Open) || self.is_over()
    }

    /// What `bytes` bring of it. `None` if they are no such body.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Open => Some(bytes.to_vec()),
            Self::Sized(left) => {
                let (now, _) = split(bytes, *left);
                *left -= now.len() as u64;
                Some(now.to_vec())
            }
            Self::Chunked(chunks) => chunks.take(bytes),
        }
    }
}

impl Chunks {
    fn take(&mut self, mut bytes: &[u8]) -> Option<Vec<u8>> {
        let mut data = Vec::with_capacity(bytes.len());
        while !bytes.is_empty() && self.next != Next::Over {
            if let Next::Data(left) = self.next {
                let (now, rest) = split(bytes, left);
                data.extend_from_slice(now);
                bytes = rest;
                self.next = match left - now.len() as u64 {
                    0 => Next::DataEnd,
                    left => Next::Data(left),
                };
                continue;
            }
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let (line, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
            self.line.extend_from_slice(line);
            bytes = rest;
            if self.line.len() > LINE_MAX {
                return None;
            }
            if end.is_some() {
                self.next = self.after_line()?;
                self.line.clear();
            }
        }
        Some(data)
    }

    fn after_line(&self) -> Option<Next> {
        let line = self.line.trim_ascii();
        match self.next {
            Next::Size => match size(line)? {
                0 => Some(Next::Trailer),
                size => Some(Next::Data(size)),
            },
            Next::DataEnd => line.is_empty().then_some(Next::Size),
            Next::Trailer if line.is_empty() => Some(Next::Over),
            next => Some(next),
        }
    }
}

/// The first `left` of `bytes`, and the rest.
fn split(bytes: &[u8], left: u64) -> (&[u8], &[u8]) {
    let left = usize::try_from(left).unwrap_or(usize::MAX);
    bytes.split_at(left.min(bytes.len()))
}

/// `1f4;what=else` as 500.
fn size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii();
    let is_number = digits.first().is_some_and(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_number)?;
    u64::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn chunked() -> Body {
        Body::Chunked(Chunks::default())
    }

    #[test]
    fn chunks_are_put_together_however_they_are_torn() {
        let sent = b"5\r\nhello\r\n10;x=y\r\n, chunked world!\r\n0\r\nTrailer: z\r\n\r\nbeyond";
        for size in 1..=sent.len() {
            let (mut body, mut got) = (chunked(), Vec::new());
            for piece in sent.chunks(size) {
                got.extend(body.take(piece).unwrap());
            }
            assert_eq!(String::from_utf8(got).unwrap(), "hello, chunked world!");
            assert!(body.is_over(), "pieces of {size}");
        }
    }

    #[test]
    fn a_body_that_stops_early_is_not_over() {
        for sent in ["5\r\nhel", "5\r\nhello", "5\r\nhello\r\n", "0\r\n", ""] {
            let mut body = chunked();
            body.take(sent.as_bytes()).unwrap();
            assert!(!body.may_end(), "{sent:?}");
        }
        assert!(Body::Open.may_end() && !Body::Sized(1).may_end());
    }

    #[test]
    fn what_is_no_chunk_is_refused() {
        let long = format!("5;{}", "x".repeat(LINE_MAX));
        for sent in [
            "\r\n",
            "xyz\r\n",
            "-1\r\n",
            "+1\r\n",
            "11111111111111111\r\n",
            "1\r\nab\r\n",
            &long,
        ] {
            assert_eq!(chunked().take(sent.as_bytes()), None, "{sent:?}");
        }
    }

    #[test]
    fn a_body_of_known_length_ends_there() {
        let mut body = Body::Sized(5);
        assert_eq!(body.take(b"hel").unwrap(), b"hel");
        assert_eq!(body.take(b"lo and more").unwrap(), b"lo");
        assert!(body.is_over());
    }
}
