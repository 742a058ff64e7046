//! Reading lines that programs wrote down, one after the other, whatever stands between them.

use std::io::{self, BufRead, BufReader, Read};

/// Longest line that is read: all its texts at their longest fit.
const LINE_MAX: u64 = 64 << 10;

/// Gives each line of `file` that is not empty to `take`; tells how many could not be read whole.
///
/// # Errors
/// The file cannot be read on.
pub fn read_lines(file: impl Read, mut take: impl FnMut(&[u8])) -> io::Result<usize> {
    let mut file = BufReader::new(file);
    let (mut line, mut damaged) = (Vec::new(), 0);
    loop {
        line.clear();
        if (&mut file).take(LINE_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(damaged);
        }
        if !line.ends_with(b"\n") {
            damaged += 1;
            file.skip_until(b'\n')?;
        } else if !line.trim_ascii().is_empty() {
            take(line.trim_ascii());
        }
    }
}
