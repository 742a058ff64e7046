//! Runs the program on its demo fleet for a while, in a pseudo-terminal, with an engine that goes wrong all the time and an
//! operator who is never idle; every minute it looks at what the process holds. `scripts/soak` starts it.

use std::{
    env,
    error::Error,
    process::ExitCode,
    thread::sleep,
    time::{Duration, Instant},
};

#[path = "soak/census.rs"]
mod census;
#[path = "soak/operator.rs"]
mod operator;
#[path = "soak/terminal.rs"]
mod terminal;

use census::Census;
use operator::Operator;
use terminal::Terminal;

const USAGE: &str = "usage: soak MINUTES SEED PROGRAM";
/// What is used only once is in use after this long.
const WARM_UP: Duration = Duration::from_mins(1);
const MINUTE: Duration = Duration::from_mins(1);
/// The simulated engine is part of the process: its logs grow until they have their full length, and so does the screen's.
const MEMORY_GROWTH_KB: i64 = 8 << 10;
/// Descriptors that may be more at the end: both ends of requests that hang and are not given up yet. What leaks with each
/// fault or restart is far beyond that after a few minutes.
const DESCRIPTOR_GROWTH: i64 = 6;
/// The threads are those of the runtime, and of what was used in the first minute.
const THREAD_GROWTH: i64 = 0;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

/// True if everything stayed within its bounds.
fn run() -> Result<bool> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [minutes, seed, program] = args.as_slice() else {
        return Err(USAGE.into());
    };
    let (minutes, number): (u32, u64) = (minutes.parse()?, seed.parse()?);
    let mut terminal = Terminal::open(&[program, "--demo", "--demo-faults", "--demo-seed", seed])?;
    terminal.wait_for("DEMO")?;
    let mut operator = Operator::new(number);
    operator.work(&mut terminal, WARM_UP)?;
    let first = look("start", &mut operator, &mut terminal)?;
    let began = Instant::now();
    let mut last = first;
    for minute in 1..=minutes {
        let end = began + MINUTE * minute;
        operator.work(&mut terminal, end.saturating_duration_since(Instant::now()))?;
        last = look(&format!("{minute} min"), &mut operator, &mut terminal)?;
    }
    println!("{:>8}  {}", "growth", last.since(&first));
    println!("the operator: {operator}");
    println!("the program:  {}", terminal.leave()?);
    Ok(verdict(&last.since(&first)))
}

/// Comes to rest and counts, and sees whether a key still has its effect.
fn look(when: &str, operator: &mut Operator, terminal: &mut Terminal) -> Result<Census> {
    operator.rest(terminal)?;
    // The clients of the last keys go away.
    sleep(Duration::from_secs(2));
    let census = Census::at_rest(terminal.pid())?;
    let took = operator.ask_for_help(terminal)?;
    println!("{when:>8}  {census}  answers in {} ms", took.as_millis());
    Ok(census)
}

fn verdict(growth: &Census) -> bool {
    let bounds = [
        ("memory", growth.memory_kb, MEMORY_GROWTH_KB),
        ("descriptors", growth.descriptors, DESCRIPTOR_GROWTH),
        ("threads", growth.threads, THREAD_GROWTH),
    ];
    for (what, grown, most) in bounds.iter().filter(|(_, grown, most)| grown > most) {
        println!("LEAK: {what} grew by {grown}, at most {most} was expected");
    }
    bounds.iter().all(|(_, grown, most)| grown <= most)
}
