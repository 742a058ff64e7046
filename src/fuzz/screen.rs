//! The screen, told hostile things from everywhere, with keys and pastes that are as likely as sensible ones: no cell
//! holds what a terminal would act on.
#![allow(clippy::expect_used)]

use super::{
    dice::Dice,
    hostile,
    sanitise::{assert_harmless, assert_nothing_forbidden},
};
use crate::{
    app::{
        Chord, Effect, Key, Model, Msg, ScreenSettings,
        msg::{Save, Saved},
    },
    domain::{
        Health, KeyWish, KeyWishes, LogLine, LogStream, Origin, PerService, Project, ProjectName,
        Safe, ServiceId, ServiceKind, State, Target, Timestamp,
        limits::{Capacity, Limits},
        log::Part,
        safe::LogText,
    },
    hub::{
        Arrival, EngineState, Fact, Failure, Job, JobId, JobState, LogBatch, LogEvent, Progress,
        Verb,
    },
    tui::convert::to_msg,
    ui::{self, ColourDepth, Glyphs, Hits, Look, Theme},
};
use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::{Terminal, backend::TestBackend};
use std::time::Duration;

/// Things that happen before a frame is looked at.
const EVENTS_MAX: usize = 24;
/// Keys that open something, or move in it.
const KEYS: [&str; 50] = [
    "u",
    "[",
    "]",
    "l",
    "L",
    "d",
    "a",
    "x",
    ":",
    "?",
    "/",
    "J",
    "T",
    "w",
    "t",
    "f",
    "F",
    "!",
    "o",
    "s",
    "r",
    "enter",
    "enter",
    "esc",
    "tab",
    "shift-tab",
    "up",
    "down",
    "left",
    "right",
    "g",
    "G",
    "1",
    "space",
    "backspace",
    "n",
    "N",
    "&",
    "e",
    "E",
    "ctrl-r",
    "ctrl-space",
    "ctrl-\\",
    "S",
    "[",
    "v",
    "v",
    "y",
    "Y",
    "ctrl-s",
];
const SIZES: [(u16, u16); 6] = [(80, 24), (100, 30), (200, 50), (40, 10), (61, 17), (1, 1)];

fn screen(dice: &mut Dice) {
    let mut screen = Screen::open(dice);
    for _ in 0..dice.below(EVENTS_MAX) {
        let msg = happening(dice, &screen);
        screen.take(msg);
    }
    // The selection rests: what it shows is followed.
    screen.pass(Duration::from_secs(1));
    if let Some(batch) = lines(dice, &screen.model) {
        screen.take(Some(batch));
    }
    screen.draw(dice.pick(&SIZES));
}

struct Screen {
    model: Model,
    look: Look,
    hits: Hits,
}

impl Screen {
    fn open(dice: &mut Dice) -> Self {
        let wish = |words| KeyWish { words, line: 1 };
        let actions = (0..dice.below(3))
            .map(|_| (action(dice), wish(vec![word(dice), word(dice)])))
            .collect();
        let keys = KeyWishes {
            preset: dice.one_in(3).then(|| wish(vec![preset(dice)])),
            actions,
        };
        let mut model = Model::new(ScreenSettings {
            themes: vec!["dark".to_owned(), hostile::text(dice)],
            keys,
            ..ScreenSettings::default()
        });
        model.update(Msg::Fact(live(dice)));
        model.update(Msg::Fact(Fact::Projects(vec![
            project(dice, "shop", 1),
            project(dice, "blog", 2),
        ])));
        let glyphs = if dice.one_in(4) {
            Glyphs::ascii()
        } else {
            Glyphs::unicode()
        };
        let depth = dice.pick(&[
            ColourDepth::None,
            ColourDepth::Ansi16,
            ColourDepth::Ansi256,
            ColourDepth::True,
        ]);
        let look = Look {
            theme: Theme::built_in("dark", depth).unwrap_or_default(),
            glyphs,
        };
        let hits = Hits::default();
        Self { model, look, hits }
    }

    fn take(&mut self, msg: Option<Msg>) {
        let effects = msg.map(|msg| self.model.update(msg));
        effects.iter().flatten().for_each(assert_plain);
    }

    fn pass(&mut self, time: Duration) {
        let up = self.model.up + time;
        self.take(Some(Msg::Clock {
            now: self.model.now,
            up,
        }));
    }

    fn draw(&mut self, (w, h): (u16, u16)) {
        self.model.update(Msg::Resized { w, h });
        let Ok(mut terminal) = Terminal::new(TestBackend::new(w, h));
        let Ok(_) = terminal.draw(|frame| self.hits = ui::draw(&self.model, &self.look, frame));
        for cell in terminal.backend().buffer().content() {
            assert_harmless(cell.symbol());
        }
    }
}

/// What leaves the program is lines of text, and nothing that acts.
fn assert_plain(effect: &Effect) {
    if let Effect::Copy(text) | Effect::ShowPlain(text) | Effect::Save(Save::Piece(text)) = effect {
        let lines = text.lines().map(|line| line.replace('\t', " "));
        lines.for_each(|line| assert_nothing_forbidden(&line));
    }
}

/// Something from the hub, the disk, or the terminal.
fn happening(dice: &mut Dice, screen: &Screen) -> Option<Msg> {
    Some(match dice.below(17) {
        0 => Msg::Fact(fact(dice)),
        1 => Msg::Notice(hostile::text(dice)),
        2 => Msg::Folder {
            of: "/srv/".to_owned(),
            entries: vec![hostile::text(dice), hostile::text(dice)],
        },
        3 => Msg::Paste(hostile::text(dice)),
        4 => Msg::Paste("/srv/".to_owned()),
        5 => lines(dice, &screen.model)?,
        6 => Msg::Clock {
            now: screen.model.now,
            up: screen.model.up + Duration::from_millis(dice.next() % 1000),
        },
        16 => Msg::Saved(saved(dice)),
        7..10 => to_msg(event(dice), &screen.hits)?,
        _ => Msg::Key(dice.pick(&KEYS).parse().ok()?),
    })
}

/// Any answer about a file.
fn saved(dice: &mut Dice) -> Saved {
    match dice.below(4) {
        0 => Saved::Done {
            path: hostile::text(dice).into(),
            bytes: dice.next(),
        },
        1 => Saved::Failed {
            reason: hostile::text(dice).into(),
            free: Some(hostile::text(dice)),
        },
        _ => Saved::Next,
    }
}

/// Anything that the terminal library can send.
fn event(dice: &mut Dice) -> Event {
    let modifiers = KeyModifiers::from_bits_truncate(dice.next().to_le_bytes()[0]);
    match dice.below(8) {
        0 => Event::Paste(hostile::text(dice)),
        1 => Event::Mouse(MouseEvent {
            kind: dice.pick(&[
                MouseEventKind::Down(MouseButton::Left),
                MouseEventKind::ScrollUp,
                MouseEventKind::ScrollDown,
                MouseEventKind::Moved,
            ]),
            column: dice.pick(&[0, 5, 40, 79, 65535]),
            row: dice.pick(&[0, 1, 12, 23, 65535]),
            modifiers,
        }),
        2 => Event::Resize(dice.pick(&[0, 1, 80, 200]), dice.pick(&[0, 1, 24, 50])),
        3 => Event::Key(KeyEvent::new(
            KeyCode::F(dice.next().to_le_bytes()[0]),
            modifiers,
        )),
        4 => Event::Key(KeyEvent::new(
            dice.pick(&[
                KeyCode::Enter,
                KeyCode::BackTab,
                KeyCode::Home,
                KeyCode::Null,
                KeyCode::Insert,
                KeyCode::End,
                KeyCode::Delete,
            ]),
            modifiers,
        )),
        _ => Event::Key(KeyEvent::new(
            KeyCode::Char(dice.char(0, 0x10_ffff)),
            modifiers,
        )),
    }
}

fn safe(dice: &mut Dice) -> Safe {
    Safe::new(hostile::text(dice))
}

/// The name of a key as it may stand in the hub file.
fn word(dice: &mut Dice) -> String {
    if dice.one_in(2) {
        return format!(
            "{}{}",
            dice.pick(&["ctrl-", "alt-", "shift-", ""]),
            dice.pick(&KEYS)
        );
    }
    hostile::text(dice)
}

fn action(dice: &mut Dice) -> String {
    if dice.one_in(4) {
        return hostile::text(dice);
    }
    dice.pick(&["restart", "stop", "help", "quit", "logs", "add"])
        .to_owned()
}

fn preset(dice: &mut Dice) -> String {
    if dice.one_in(2) {
        return hostile::text(dice);
    }
    dice.pick(&["default", "lazydocker", "k9s"]).to_owned()
}

fn name(word: &str) -> ProjectName {
    word.parse().expect("a valid name")
}

fn project(dice: &mut Dice, word: &str, number: u16) -> Project {
    Project {
        name: name(word),
        path: Some(hostile::text(dice).into()),
        number: Some(number),
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        ports: PerService([5432, 6379, 8000, 3000].map(|port| Some(port + 10 * number))),
        limits: PerService::from_fn(Limits::default_of),
        protected: false,
        origin: Origin::Hub,
    }
}

fn live(dice: &mut Dice) -> Fact {
    Fact::Engine(EngineState::Live {
        endpoint: safe(dice),
        version: safe(dice),
        rtt: Duration::from_millis(dice.next() % 100_000),
        host: Capacity::UNKNOWN,
    })
}

fn service(dice: &mut Dice) -> ServiceId {
    ServiceId::new(
        &name(dice.pick(&["shop", "blog"])),
        dice.pick(&ServiceKind::ALL),
    )
}

fn failure(dice: &mut Dice) -> Failure {
    let line = line(dice);
    Failure::operation(hostile::text(dice))
        .with_hint(hostile::text(dice))
        .with_log(vec![line])
}

fn fact(dice: &mut Dice) -> Fact {
    match dice.below(6) {
        0 => Fact::Engine(EngineState::Lost {
            endpoint: safe(dice),
            error: safe(dice),
            hint: safe(dice),
            attempt: 5,
            retry_in: Duration::from_secs(4),
        }),
        1 => Fact::HubFile(Some(safe(dice))),
        2 => Fact::Notice(safe(dice)),
        3 => Fact::Job(Job {
            id: JobId(dice.next() % 3),
            verb: Verb::Start,
            did: safe(dice),
            target: Target {
                project: name("shop"),
                service: None,
            },
            asked: Timestamp::UNIX_EPOCH,
            progress: Progress {
                done: 3,
                steps: 4,
                text: safe(dice),
            },
            state: match dice.below(3) {
                0 => JobState::Running,
                1 => JobState::Done(safe(dice)),
                _ => JobState::Failed(failure(dice)),
            },
        }),
        _ => Fact::Health(
            service(dice),
            Box::new(Health {
                state: dice.pick(&[
                    State::Unhealthy,
                    State::Stopped,
                    State::CrashLooping,
                    State::Healthy,
                ]),
                message: safe(dice),
                exit_code: Some(dice.next().cast_signed()),
                ..Health::default()
            }),
        ),
    }
}

fn line(dice: &mut Dice) -> LogLine {
    LogLine {
        part: dice.pick(&[Part::Whole, Part::Begun, Part::Rest]),
        at: Timestamp::UNIX_EPOCH,
        stream: dice.pick(&[LogStream::Out, LogStream::Err]),
        text: LogText::from_bytes(&hostile::bytes(dice)),
        cut: dice.pick(&[0, 0, 1, u32::MAX]),
    }
}

/// Lines for the log that is open.
fn lines(dice: &mut Dice, model: &Model) -> Option<Msg> {
    let follow = model.logs.follow?;
    let mut service = service(dice);
    service.project = model.fleet.project.clone()?;
    let events = (0..1 + dice.below(30)).map(|n| match n {
        7 => LogEvent::Notice(Timestamp::UNIX_EPOCH, safe(dice)),
        _ => LogEvent::Line(line(dice)),
    });
    let events = events.collect();
    Some(Msg::Logs(LogBatch {
        arrival: Arrival::New,
        follow,
        service,
        events,
    }))
}

/// What is written for a chord is read as the same chord again.
fn chord(dice: &mut Dice) {
    let Ok(chord) = word(dice).parse::<Chord>() else {
        return;
    };
    assert!(
        !matches!(chord.key, Key::Char(c) if c.is_control()),
        "{chord:?}"
    );
    assert_harmless(&chord.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::run::{Share, run};

    #[test]
    fn p43_p26_fuzz_screen() {
        let share = Share {
            usual: 400,
            one_of: 100,
        };
        run("screen", share, screen);
    }

    #[test]
    fn fuzz_chords() {
        let share = Share {
            usual: 2000,
            one_of: 100,
        };
        run("chords", share, chord);
    }
}
