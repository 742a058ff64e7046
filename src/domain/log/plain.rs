//! The beginning of a log line without its colours, on the stack.

/// Bytes of a line that are looked at.
const HEAD: usize = 1024;

/// The first bytes of a line, colours left out.
#[derive(Debug)]
pub(super) struct Head {
    bytes: [u8; HEAD],
    length: usize,
}

impl Head {
    /// Of a line whose only escape sequences are complete SGR sequences.
    pub fn of(text: &str) -> Self {
        let mut head = Self {
            bytes: [0; HEAD],
            length: 0,
        };
        let mut within = false;
        for byte in text.bytes().take(HEAD) {
            match (within, byte) {
                (false, 0x1b) => within = true,
                (true, b'm') => within = false,
                (true, _) => {}
                (false, byte) => head.push(byte),
            }
        }
        head
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}
