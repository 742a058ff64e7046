//! What a terminal may send, in any order: keys, mouse, pastes, broken sequences. Seeded, so that a failure comes back.

/// Sequences that terminals send.
const SEQUENCES: [&str; 26] = [
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[H",
    "\x1b[F",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[3~",
    "\x1b[Z",
    "\x1bOP",
    "\x1bOQ",
    "\x1b[15~",
    "\x1b[24~",
    "\x1b[1;5C",
    "\x1b[1;2A",
    "\x1b",
    "\x1b\x1b",
    "\r",
    "\t",
    "\x7f",
    "\x1bb",
    "\x1b[I",
    "\x1b[O",
    "\x1b[999;999R",
    "ä漢🙂",
];
/// Control keys that neither end nor stop the program.
const CONTROLS: [u8; 8] = [0x01, 0x02, 0x05, 0x06, 0x0b, 0x0c, 0x15, 0x17];
/// Coordinates that no terminal has.
const EDGES: [u64; 5] = [0, 1, 65_535, 65_536, 99_999_999];
/// Letters that would end it.
const LEAVES: [u8; 2] = *b"qQ";

/// A small generator of its own (xorshift): the same numbers on every machine and with every library.
#[derive(Debug, Clone)]
pub struct Numbers(u64);

impl Numbers {
    /// `seed` may be anything.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }
}

/// `count` inputs as a terminal sends them. None of them quits on purpose.
pub fn random_input(seed: u64, count: usize) -> impl Iterator<Item = Vec<u8>> {
    let mut numbers = Numbers::new(seed);
    (0..count).map(move |_| one(&mut numbers))
}

fn one(numbers: &mut Numbers) -> Vec<u8> {
    match numbers.below(20) {
        0..9 => {
            let letter = 0x20 + numbers.below(95) as u8;
            vec![if LEAVES.contains(&letter) {
                b'j'
            } else {
                letter
            }]
        }
        9..14 => numbers.of(&SEQUENCES).as_bytes().to_vec(),
        14 => vec![numbers.of(&CONTROLS)],
        15..19 => mouse(numbers).into_bytes(),
        _ => paste(numbers),
    }
}

/// SGR: any button, also where no cell is and where none can be. Terminals count from 1.
fn mouse(numbers: &mut Numbers) -> String {
    let button = numbers.of(&[0, 1, 2, 32, 35, 64, 65, 4, 16]);
    let (x, y) = match numbers.below(10) {
        0 => (numbers.of(&EDGES), numbers.of(&EDGES)),
        _ => (numbers.below(300), numbers.below(120)),
    };
    let end = numbers.of(&['M', 'm']);
    format!("\x1b[<{button};{x};{y}{end}")
}

/// Bracketed, with control characters in it.
fn paste(numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = b"\x1b[200~".to_vec();
    for _ in 0..numbers.below(40) {
        bytes.push(numbers.of(b"qsyX \n\r\t\x1b\x07\x00a"));
    }
    bytes.extend(b"\x1b[201~");
    bytes
}
