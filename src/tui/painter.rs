//! What is written for a frame: one bracketed write if a cell has changed, and nothing at all if none has.

use super::ink;
use crossterm::{
    cursor::{Hide, MoveTo, Show},
    execute, queue,
    terminal::{self, BeginSynchronizedUpdate, Clear, EndSynchronizedUpdate},
};
use ratatui::{
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Size},
};
use std::io::{self, Write};

/// The terminal library's backend, quiet where nothing changes: a frame that looks like the one before hides no cursor
/// and flushes nothing, so that an idle screen over a slow line costs not a byte.
#[derive(Debug)]
pub struct Painter<W: Write> {
    pub(super) inner: CrosstermBackend<W>,
    pub(super) cursor_hidden: bool,
    /// A frame has begun: the terminal shows it once it is complete.
    open: bool,
}

impl<W: Write> Painter<W> {
    /// A painter that writes to `writer`, which should hold a whole frame.
    pub fn new(writer: W) -> Self {
        Self {
            inner: CrosstermBackend::new(writer),
            cursor_hidden: false,
            open: false,
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if !self.open {
            queue!(self.inner, BeginSynchronizedUpdate)?;
            self.open = true;
        }
        Ok(())
    }
}

impl<W: Write> Backend for Painter<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut cells: Vec<ink::Placed<'a>> = content.collect();
        if cells.is_empty() {
            return Ok(());
        }
        self.begin()?;
        ink::write(&mut self.inner, &mut cells)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.cursor_hidden {
            return Ok(());
        }
        self.cursor_hidden = true;
        self.begin()?;
        // Not the library's own call: that one flushes, and the frame would be two writes.
        queue!(self.inner, Hide)
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.cursor_hidden = false;
        self.begin()?;
        // As above.
        queue!(self.inner, Show)
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        self.begin()?;
        // As above.
        queue!(self.inner, MoveTo(x, y))
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    fn clear_region(&mut self, kind: ClearType) -> io::Result<()> {
        let what = match kind {
            ClearType::All => terminal::ClearType::All,
            ClearType::AfterCursor => terminal::ClearType::FromCursorDown,
            ClearType::BeforeCursor => terminal::ClearType::FromCursorUp,
            ClearType::CurrentLine => terminal::ClearType::CurrentLine,
            ClearType::UntilNewLine => terminal::ClearType::UntilNewLine,
        };
        self.begin()?;
        // As above.
        queue!(self.inner, Clear(what))
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.open) {
            return Ok(());
        }
        execute!(self.inner, EndSynchronizedUpdate)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ratatui::{Terminal, TerminalOptions, Viewport, layout::Rect};
    use std::{cell::RefCell, rc::Rc};

    #[derive(Clone, Default)]
    struct Sink(Rc<RefCell<Vec<Vec<u8>>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().push(bytes.to_vec());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_frame_is_one_write_and_an_equal_one_is_none() {
        let sink = Sink::default();
        let writer = io::BufWriter::with_capacity(1 << 16, sink.clone());
        let viewport = Viewport::Fixed(Rect::new(0, 0, 20, 3));
        let options = TerminalOptions { viewport };
        let mut terminal = Terminal::with_options(Painter::new(writer), options).unwrap();
        let mut draw = |text: &'static str| {
            terminal
                .draw(|frame| frame.render_widget(text, frame.area()))
                .unwrap();
            let writes: Vec<Vec<u8>> = sink.0.borrow_mut().drain(..).collect();
            writes
        };
        let first = draw("one");
        assert_eq!(first.len(), 1);
        let text = String::from_utf8(first[0].clone()).unwrap();
        assert!(text.starts_with("\u{1b}[?2026h") && text.ends_with("\u{1b}[?2026l"));
        assert_eq!(draw("one").len(), 0);
        assert_eq!(draw("two").len(), 1);
    }
}
