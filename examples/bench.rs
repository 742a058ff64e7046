//! Measures the whole program: it runs in a pseudo-terminal on a real engine, with containers that are made for it, and prints
//! a table. `scripts/bench` starts it.

use clap::Parser;
use std::{error::Error, process::ExitCode};

#[path = "bench/engine.rs"]
mod engine;
#[path = "bench/logs.rs"]
mod logs;
#[path = "bench/process.rs"]
mod process;
#[path = "bench/screen.rs"]
mod screen;
#[path = "bench/settings.rs"]
mod settings;
#[path = "bench/table.rs"]
mod table;
#[path = "bench/window.rs"]
mod window;
#[path = "bench/world.rs"]
mod world;

use settings::Settings;
use world::World;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    match run(&Settings::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(settings: &Settings) -> Result<()> {
    let world = World::new()?;
    let mut all = Vec::new();
    for rows in logs::measure(settings, &world) {
        let rows = rows?;
        if !settings.json {
            rows.iter().for_each(|row| println!("{row}"));
        }
        all.extend(rows);
    }
    if settings.json {
        println!("{}", serde_json::to_string_pretty(&all)?);
    }
    Ok(())
}
