//! A stand-in for a service, as small as a process can be: prints numbered log lines at a given rate. `scripts/bench` runs it
//! in containers; it uses nothing but the standard library, so that one call of the compiler makes a static program of it.

use std::{
    env,
    error::Error,
    io::{self, Write},
    thread::{park, sleep},
    time::{Duration, Instant},
};

const USAGE: &str =
    "usage: stand_in LINES_A_SECOND BYTES_A_LINE LINES (0 lines a second: as fast as it can)";
/// At a given rate, lines are printed so often.
const TICK: Duration = Duration::from_millis(10);
/// Lines that are written at once where there is no rate: what a pipe holds.
const BURST: u64 = 500;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [rate, bytes, lines] = args.as_slice() else {
        return Err(USAGE.into());
    };
    print(rate.parse()?, bytes.parse()?, lines.parse()?)?;
    loop {
        park();
    }
}

/// Prints lines 1 to `lines`, `rate` of them a second.
fn print(rate: u64, bytes: usize, lines: u64) -> io::Result<()> {
    let (began, mut out, mut printed) = (Instant::now(), io::stdout().lock(), 0);
    let mut text = Vec::new();
    while printed < lines {
        let due = if rate == 0 {
            printed + BURST
        } else {
            sleep(TICK);
            u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX) * rate / 1000
        };
        text.clear();
        for number in printed + 1..=due.min(lines) {
            write_line(&mut text, number, bytes)?;
        }
        printed = due.min(lines);
        out.write_all(&text)?;
        out.flush()?;
    }
    Ok(())
}

/// A line as a web service prints it: mostly information, a warning in a hundred, an error in a thousand.
fn write_line(text: &mut Vec<u8>, number: u64, bytes: usize) -> io::Result<()> {
    let (level, status) = match number {
        n if n.is_multiple_of(1000) => ("ERROR", 500),
        n if n.is_multiple_of(100) => ("WARNING", 404),
        _ => ("INFO", 200),
    };
    let begin = text.len();
    let (item, took) = (number % 997, number % 89);
    write!(
        text,
        "n={number:010} {level} request handled method=GET path=/api/items/{item} status={status} duration_ms={took} "
    )?;
    text.resize((begin + bytes).max(text.len()), b'.');
    text.push(b'\n');
    Ok(())
}
