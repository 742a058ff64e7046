//! How the program fares with logs: one that never ends, a long one, a calm one, and eight at once.

use super::{
    Result,
    engine::{BareReader, newest_in},
    screen::Screen,
    settings::Settings,
    table::{Row, Table, Target::AtMost, Unit},
    window::{Window, quantiles, tell_latency, tell_memory},
    world::{FLOOD_MOST, Prints, Project, QUIET, World},
};
use cchub::domain::ServiceKind;
use std::{thread::sleep, time::Duration};

/// The service whose log is shown: the first in the list.
const SHOWN: ServiceKind = ServiceKind::ALL[0];
/// What comes before a measure, so that all is under way.
const WARM_UP: Duration = Duration::from_secs(1);
/// How often the long log is opened.
const OPENINGS: usize = 9;
/// Time that one may take, in milliseconds.
const OPENING_MOST: f64 = 150.0;
/// Between two openings.
const REST: Duration = Duration::from_millis(400);

/// A measure fills its table.
type Measure = fn(&Settings, &World, &mut Table) -> Result<()>;

/// All of them, by name.
const MEASURES: [(&str, Measure); 4] = [
    ("flood", flood),
    ("open", opening),
    ("paced", paced),
    ("eight", eight),
];

/// Everything that is asked for, table by table.
pub fn measure(settings: &Settings, world: &World) -> impl Iterator<Item = Result<Vec<Row>>> {
    let wanted = MEASURES.iter().filter(|(name, _)| settings.wants(name));
    wanted.map(|(name, measure)| {
        let mut table = Table::new(name);
        measure(settings, world, &mut table)?;
        Ok(table.into_rows())
    })
}

/// One container prints as fast as it can.
fn flood(settings: &Settings, world: &World, table: &mut Table) -> Result<()> {
    let lines = FLOOD_MOST * (settings.span() * 2 + WARM_UP * 5).as_secs();
    let project = world.project("flood", first(Prints { rate: 0, lines }))?;
    project.start()?;
    let mut screen = open(settings, world, &[&project], true)?;
    let bare = BareReader::follow(&world.engine, &project.container(SHOWN))?;
    sleep(WARM_UP);
    let seen = Window::watch(&screen, &bare, settings.span())?;
    seen.tell_speed(table);
    seen.tell_cost(table, Some(40.0), None);
    tell_latency(settings, &mut screen, table)?;
    tell_memory(&screen, table)
}

/// A log with a million lines behind it is opened: the keys for that are known of this program only.
fn opening(settings: &Settings, world: &World, table: &mut Table) -> Result<()> {
    if !settings.is_ours() {
        return Ok(());
    }
    let lines = settings.lines();
    let project = world.project("open", first(Prints { rate: 0, lines }))?;
    project.start()?;
    project.wait_for_line(SHOWN, lines)?;
    let mut screen = open(settings, world, &[&project], true)?;
    let mut times = Vec::new();
    for _ in 0..OPENINGS {
        screen.react("1", |text| newest_in(text) == 0)?;
        sleep(REST);
        times.push(screen.react("2", |text| newest_in(text) == lines)?);
    }
    let [median, most] = quantiles(&mut times, [0.5, 1.0]);
    let (unit, bound) = (Unit::Milliseconds, AtMost(OPENING_MOST));
    table.want("key to last page, median", unit, median, bound);
    table.tell("key to last page, slowest", unit, most);
    Ok(())
}

/// One container prints 5,000 lines a second.
fn paced(settings: &Settings, world: &World, table: &mut Table) -> Result<()> {
    let prints = Prints {
        rate: 5_000,
        lines: u64::MAX,
    };
    let project = world.project("paced", first(prints))?;
    project.start()?;
    let mut screen = open(settings, world, &[&project], true)?;
    let bare = BareReader::follow(&world.engine, &project.container(SHOWN))?;
    sleep(WARM_UP);
    let seen = Window::watch(&screen, &bare, settings.span())?;
    seen.tell_speed(table);
    seen.tell_cost(table, Some(4.0), Some(20_000.0));
    tell_latency(settings, &mut screen, table)
}

/// Eight containers print 10,000 lines a second each; the program shows the four of a project.
fn eight(settings: &Settings, world: &World, table: &mut Table) -> Result<()> {
    let prints = Prints {
        rate: 10_000,
        lines: u64::MAX,
    };
    let one = world.project("eight-a", [prints; 4])?;
    let other = world.project("eight-b", [prints; 4])?;
    one.start()?;
    other.start()?;
    let mut screen = open(settings, world, &[&one, &other], false)?;
    let bare = BareReader::follow(&world.engine, &one.container(SHOWN))?;
    sleep(WARM_UP);
    let seen = Window::watch(&screen, &bare, settings.span())?;
    seen.tell_speed(table);
    seen.tell_cost(table, None, None);
    tell_latency(settings, &mut screen, table)?;
    tell_memory(&screen, table)
}

/// Only the first service prints.
const fn first(prints: Prints) -> [Prints; 4] {
    [prints, QUIET, QUIET, QUIET]
}

/// Starts the program and opens the log.
fn open(
    settings: &Settings,
    world: &World,
    projects: &[&Project<'_>],
    single: bool,
) -> Result<Screen> {
    let hub_file = world.hub_file(projects)?;
    let shown = projects.first().map(|project| project.container(SHOWN));
    let words = settings.words(&hub_file);
    let mut screen = Screen::open(&words, world.home(), &shown.unwrap_or_default())?;
    if settings.is_ours() {
        screen.wait_until("a project", |text| text.contains("bench-"))?;
    }
    sleep(REST);
    screen.type_keys(&settings.open_keys(single))?;
    screen.wait_until("a line", |text| newest_in(text) > 0)?;
    Ok(screen)
}
