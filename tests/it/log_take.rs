//! Out of the log pane: lines are chosen, copied, opened as a whole and saved, by keys and by mouse.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::fixture::*;
use cchub::{
    app::{
        Effect, Hit, Model, Mouse, Msg, ScreenSettings,
        copy::TEXT_MAX,
        logs::Place,
        msg::{Clipboard, Save, Saved},
        overlay::Overlay,
    },
    domain::{
        LogStream::{Err, Out},
        ServiceKind::{Backend, Postgres, Redis},
        log::Window,
    },
    hub::Command,
    tui::convert,
    ui,
};
use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::{Terminal, backend::TestBackend};

/// `backend` of `crm` on the full screen with so many numbered lines.
pub fn numbered(n: i64) -> Model {
    let mut model = fleet();
    open(&mut model);
    for from in (0..n).step_by(250) {
        more(&mut model, from, (n - from).min(250));
    }
    model
}

fn open(model: &mut Model) {
    select(model, "crm", Some(Backend));
    play(model, "l f");
    screen(model, 80, 24);
}

fn more(model: &mut Model, from: i64, n: i64) {
    let lines = (from..from + n).map(|n| line(900_000 - n, &format!("line {n}"), Out));
    let id = model.logs.follow.unwrap().0;
    model.update(batch(id, "crm", Backend, lines.collect()));
}

/// The rows of the pane, without the title and the footer.
fn body(model: &mut Model) -> Vec<String> {
    let text = screen(model, 80, 24);
    text.lines().skip(2).take(21).map(str::to_owned).collect()
}

/// The text of the row that the cursor is on.
#[track_caller]
fn cursor(model: &mut Model) -> String {
    let body = body(model);
    let row = body.iter().find(|row| row.contains('▶'));
    let row = row.unwrap_or_else(|| panic!("no cursor:\n{}", body.join("\n")));
    row.split_once("line")
        .map_or(String::new(), |(_, n)| format!("line{n}"))
}

/// What the keys copy.
#[track_caller]
fn copied(model: &mut Model, keys: &str) -> String {
    match play(model, keys).as_slice() {
        [Effect::Copy(text)] => text.clone(),
        other => panic!("{other:?}"),
    }
}

/// The last message on the screen.
fn words(model: &Model) -> String {
    let last = model.toasts.iter().next_back();
    last.map_or(String::new(), |toast| toast.text.clone())
}

#[test]
fn the_cursor_begins_at_the_last_line_and_nothing_moves_whatever_comes() {
    let mut model = numbered(100);
    play(&mut model, "v");
    assert_eq!(cursor(&mut model), "line 99");
    play(&mut model, "k k k v k k");
    let before = body(&mut model);
    more(&mut model, 100, 200);
    assert_eq!(body(&mut model), before);
    assert_eq!(cursor(&mut model), "line 94");
    let rows = before.iter().filter(|row| row.contains('▌'));
    assert_eq!(rows.count(), 2, "the range has a sign as well");
    play(&mut model, "esc esc");
    assert_eq!(body(&mut model).concat().matches(['▶', '▌']).count(), 0);
    assert!(matches!(model.logs.place, Place::Paused { .. }));
}

#[test]
fn the_cursor_scrolls_by_as_little_as_it_takes() {
    let mut model = numbered(300);
    play(&mut model, "v ctrl-b");
    assert_eq!(cursor(&mut model), "line 279");
    assert!(body(&mut model)[0].ends_with("line 279"), "it is in view");
    play(&mut model, "k");
    assert!(body(&mut model)[0].ends_with("line 278"));
    play(&mut model, "j j");
    assert!(body(&mut model)[0].ends_with("line 278"), "nothing scrolls");
    play(&mut model, "g");
    assert_eq!(cursor(&mut model), "line 0");
    play(&mut model, "pagedown");
    assert_eq!(cursor(&mut model), "line 20");
    play(&mut model, "pagedown");
    assert!(
        body(&mut model)[20].ends_with("line 40"),
        "at the lower edge"
    );
    play(&mut model, "G");
    assert_eq!(cursor(&mut model), "line 299");
    more(&mut model, 300, 5);
    assert_eq!(cursor(&mut model), "line 299", "the end is not followed");
}

#[test]
fn a_cursor_whose_line_had_to_go_stands_on_the_next_one() {
    let settings = ScreenSettings {
        log_bytes: 64 * 1024,
        ..ScreenSettings::default()
    };
    let mut model = fleet();
    model.logs = Model::new(settings).logs;
    open(&mut model);
    more(&mut model, 0, 50);
    play(&mut model, "v g");
    let first = cursor(&mut model);
    more(&mut model, 50, 2000);
    let stands = cursor(&mut model);
    assert_ne!(first, stands);
    play(&mut model, "j");
    assert!(cursor(&mut model).starts_with("line "), "it can be moved");
}

#[test]
fn the_cursor_begins_at_the_match_and_goes_along_with_the_search() {
    let mut model = numbered(300);
    play(&mut model, "/ 2 7 enter N v");
    let at = cursor(&mut model);
    assert!(at.contains("27"), "{at}");
    play(&mut model, "N");
    assert_ne!(cursor(&mut model), at);
    assert!(cursor(&mut model).contains("27"));
}

#[test]
fn what_is_chosen_is_copied_as_it_is_shown() {
    let mut model = numbered(100);
    let visible = copied(&mut model, "y");
    assert_eq!(visible.lines().count(), 21);
    assert!(visible.ends_with("line 99"));
    assert_eq!(copied(&mut model, "v k c"), "15:48:17.203 line 98");
    let range = copied(&mut model, "v k y");
    assert_eq!(range, "15:48:16.203 line 97\n15:48:17.203 line 98");
    assert_eq!(
        copied(&mut model, "y"),
        "15:48:16.203 line 97",
        "the range ends"
    );
    play(&mut model, "t t t");
    assert_eq!(copied(&mut model, "y"), "line 97");
}

#[test]
fn services_stand_before_merged_lines_and_nothing_that_acts_is_copied() {
    let mut model = fleet();
    select(&mut model, "crm", None);
    play(&mut model, "l f");
    let id = model.logs.follow.unwrap().0;
    let hostile = "\u{1b}[31mred\u{1b}[0m \u{1b}]52;c;eA==\u{7}end\u{9b}2J";
    model.update(batch(id, "crm", Redis, vec![line(5, hostile, Err)]));
    screen(&mut model, 80, 24);
    let text = copied(&mut model, "v y");
    assert!(text.contains(" redis    red "), "{text:?}");
    assert!(!text.contains(char::is_control), "{text:?}");
}

#[test]
fn where_copied_text_went_is_said() {
    let mut model = numbered(3);
    for (to, words_of_it) in [
        (Clipboard::Tmux, "tmux's buffer"),
        (Clipboard::Terminal, "Y shows plain text"),
    ] {
        model.update(Msg::Copied { lines: 1240, to });
        assert!(words(&model).starts_with("1,240 lines "));
        assert!(words(&model).contains(words_of_it), "{}", words(&model));
    }
}

#[test]
fn what_no_terminal_takes_is_not_copied_and_saving_is_proposed() {
    let mut model = numbered(5000);
    assert_eq!(play(&mut model, "v v g y"), []);
    assert!(words(&model).contains("74,994 bytes"), "{}", words(&model));
    assert!(words(&model).ends_with("^S saves it"), "{}", words(&model));
    play(&mut model, "ctrl-s");
    let screen = screen(&mut model, 80, 24);
    assert!(screen.contains("(*) the chosen lines"), "{screen}");
    play(&mut model, "esc");
    let id = model.logs.follow.unwrap().0;
    let long = vec![
        line(1, &"x".repeat(TEXT_MAX - 13), Out),
        line(0, &"x".repeat(TEXT_MAX - 12), Out),
    ];
    model.update(batch(id, "crm", Backend, long));
    assert_eq!(copied(&mut model, "esc G k y").len(), TEXT_MAX);
    assert_eq!(play(&mut model, "j y"), []);
}

#[test]
fn the_plain_screen_gets_the_same_text() {
    let mut model = numbered(100);
    let copy = copied(&mut model, "v k v k y");
    play(&mut model, "v j");
    assert_eq!(play(&mut model, "Y"), [Effect::ShowPlain(copy)]);
}

/// The message of a click where these words are.
fn click(model: &Model, words: &str) -> Msg {
    mouse(model, words, MouseEventKind::Down(MouseButton::Left))
}

fn mouse(model: &Model, words: &str, kind: MouseEventKind) -> Msg {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut hits = ui::Hits::default();
    terminal
        .draw(|frame| hits = ui::draw(model, &look("dark"), frame))
        .unwrap();
    let text = terminal.backend().to_string();
    let row = text.lines().position(|line| line.contains(words)).unwrap();
    let event = MouseEvent {
        kind,
        column: 30,
        row: u16::try_from(row).unwrap(),
        modifiers: KeyModifiers::NONE,
    };
    convert::to_msg(Event::Mouse(event), &hits).unwrap()
}

#[test]
fn a_click_chooses_a_line_and_pauses_and_a_second_one_opens_it() {
    let mut model = numbered(100);
    let msg = click(&model, "line 90");
    assert!(matches!(msg, Msg::Mouse(Mouse::Click(Hit::Line(_)))));
    model.update(msg);
    assert_eq!(cursor(&mut model), "line 90");
    more(&mut model, 100, 50);
    assert_eq!(cursor(&mut model), "line 90");
    let msg = click(&model, "line 95");
    model.update(msg);
    assert_eq!(cursor(&mut model), "line 95");
    let msg = click(&model, "line 95");
    model.update(msg);
    assert!(matches!(model.overlay, Some(Overlay::Line(_))));
}

#[test]
fn dragging_chooses_all_lines_from_the_click_to_here_both_ways() {
    let mut model = numbered(100);
    let drag = |model: &mut Model, words| {
        let msg = mouse(model, words, MouseEventKind::Drag(MouseButton::Left));
        model.update(msg);
    };
    let first = click(&model, "line 92");
    model.update(first.clone());
    drag(&mut model, "line 92");
    assert!(!model.logs.has_range(), "a hand that shakes");
    drag(&mut model, "line 95");
    drag(&mut model, "line 94");
    assert!(model.logs.has_range() && model.overlay.is_none());
    assert_eq!(copied(&mut model, "y").lines().count(), 3);
}

/// An error that needs many rows, and a line after it.
fn long_text() -> String {
    let words: String = (0..900).map(|n| format!("word{n} ")).collect();
    format!("ERROR: {words}")
}

pub fn long_line() -> Model {
    let mut model = numbered(30);
    let id = model.logs.follow.unwrap().0;
    let error = vec![line(2, &long_text(), Err)];
    model.update(batch(id, "crm", Backend, error));
    more(&mut model, 30, 1);
    screen(&mut model, 80, 24);
    model
}

#[test]
fn a_long_line_opens_as_a_whole() {
    let mut model = long_line();
    play(&mut model, "enter k enter");
    let first = screen(&mut model, 80, 24);
    play(&mut model, "j");
    assert_ne!(screen(&mut model, 80, 24), first);
    play(&mut model, "G");
    assert!(screen(&mut model, 80, 24).contains("word899"));
    // It stays even when the log has let go of it.
    more(&mut model, 31, 4000);
    assert!(screen(&mut model, 80, 24).contains("word899"));
    assert_eq!(copied(&mut model, "y"), long_text());
    play(&mut model, "esc");
    assert!(model.overlay.is_none() && cursor(&mut model).is_empty());
}

#[test]
fn around_a_line_of_a_merged_log_everything_is_shown() {
    let mut model = fleet();
    select(&mut model, "crm", None);
    play(&mut model, "l f");
    let id = model.logs.follow.unwrap().0;
    for n in 0..60 {
        let text = if n == 30 {
            "line of interest"
        } else {
            "other line"
        };
        model.update(batch(id, "crm", Backend, vec![line(90 - n, text, Out)]));
        model.update(batch(
            id,
            "crm",
            Postgres,
            vec![line(90 - n, "line of postgres", Out)],
        ));
    }
    screen(&mut model, 80, 24);
    play(&mut model, "& i n t e r e s t enter v");
    assert_eq!(cursor(&mut model), "line of interest");
    play(&mut model, "a");
    assert_eq!(cursor(&mut model), "line of interest");
    let body = body(&mut model);
    assert!(body[9].contains("postgres") && body[11].contains("postgres"));
    assert!(body[10].contains("interest"), "in the middle: {body:#?}");
}

#[test]
fn around_a_line_of_one_service_the_project_is_opened_at_its_moment() {
    let mut model = numbered(100);
    let effects = play(&mut model, "v k a");
    assert!(matches!(
        effects.as_slice(),
        [Effect::Hub(Command::Unfollow(_))]
    ));
    let Some(Effect::Hub(Command::Follow(follow))) = rest(&mut model).pop() else {
        panic!("nothing is followed");
    };
    assert_eq!(follow.services, target("crm", None).services());
    let before = Window::Since(at(900_000 - 98 + 30) + std::time::Duration::from_millis(203));
    assert_eq!(follow.window, before);
    let id = follow.id.0;
    more(&mut model, 69, 20);
    model.update(batch(
        id,
        "crm",
        Redis,
        vec![line(900_000 - 97, "line of redis", Out)],
    ));
    more(&mut model, 89, 60);
    assert_eq!(cursor(&mut model), "line 98");
    assert!(body(&mut model)[10].contains("line 98"), "in the middle");
    play(&mut model, "k");
    let before = body(&mut model);
    model.update(batch(id, "crm", Redis, vec![line(800_000, "later", Out)]));
    assert_eq!(body(&mut model), before);
}

/// Answers every step of saving; gives the pieces, and the last step.
fn save(model: &mut Model, keys: &str, mut between: impl FnMut(&mut Model)) -> (Vec<String>, Save) {
    let mut effects = play(model, keys);
    let mut pieces = Vec::new();
    loop {
        match effects.pop() {
            Some(Effect::Save(Save::Begin(_))) => {}
            Some(Effect::Save(Save::Piece(text))) => {
                pieces.push(text);
                between(model);
            }
            Some(Effect::Save(last)) => return (pieces, last),
            other => panic!("{other:?}"),
        }
        effects = model.update(Msg::Saved(Saved::Next));
    }
}

#[test]
fn everything_is_saved_in_pieces_as_it_was_when_it_began() {
    let mut model = numbered(20_000);
    let mut came = 20_000;
    let (pieces, last) = save(&mut model, "ctrl-s enter", |model| {
        more(model, came, 100);
        came += 100;
    });
    assert_eq!(last, Save::End);
    assert!(pieces.len() > 2 && pieces.iter().all(|piece| piece.len() <= 257 * 1024));
    let text = pieces.concat();
    assert_eq!(text.lines().count(), 20_000);
    let at = text.lines().nth(1).unwrap();
    assert_eq!(at, "2001-08-29T15:46:40.203000000Z line 1");
    assert!(text.ends_with("line 19999\n"));
    let done = Saved::Done {
        path: "/tmp/crm.log".into(),
        bytes: 5_000_000,
    };
    model.update(Msg::Saved(done));
    assert!(
        words(&model).starts_with("20,000 lines ("),
        "{}",
        words(&model)
    );
    assert!(words(&model).ends_with("saved to /tmp/crm.log"));
    assert!(model.saving.is_none());
}

#[test]
fn what_is_shown_or_chosen_is_saved_first() {
    let mut model = numbered(1000);
    play(&mut model, "& 9 9 enter");
    let (pieces, _) = save(&mut model, "ctrl-s enter", |_| {});
    assert_eq!(pieces.concat().lines().count(), 19);
    model.saving = None;
    let (pieces, _) = save(&mut model, "ctrl-s tab enter", |_| {});
    assert_eq!(pieces.concat().lines().count(), 1000);
    model.saving = None;
    let (pieces, _) = save(&mut model, "v v k k ctrl-s enter", |_| {});
    assert_eq!(pieces.concat().lines().count(), 3);
}

#[test]
fn a_filter_that_changes_on_the_way_saves_nothing() {
    let mut model = numbered(20_000);
    play(&mut model, "& l i n e enter");
    rest(&mut model);
    while !model.logs.is_sifted() {
        rest(&mut model);
    }
    let (_, last) = save(&mut model, "ctrl-s enter", |model| {
        play(model, "E");
    });
    assert_eq!(last, Save::GiveUp);
    assert!(words(&model).ends_with("nothing was saved"));
}

/// The file is there already, another name would be free.
pub fn name_taken() -> Msg {
    Msg::Saved(Saved::Failed {
        reason: "crm.log exists already, nothing is written over it".into(),
        free: Some("crm-2.log".to_owned()),
    })
}

#[test]
fn a_name_that_is_taken_is_said_and_a_free_one_is_in_the_field() {
    let mut model = numbered(10);
    let effects = play(&mut model, "ctrl-s");
    assert_eq!(effects, []);
    let [Effect::Save(Save::Begin(name))] = &play(&mut model, "enter")[..] else {
        panic!("nothing begins");
    };
    assert!(
        name.starts_with("crm-backend-2") && name.ends_with(".log"),
        "{name}"
    );
    model.update(name_taken());
    let again = play(&mut model, "enter");
    assert_eq!(again, [Effect::Save(Save::Begin("crm-2.log".to_owned()))]);
    assert_eq!(play(&mut model, "esc"), [Effect::Save(Save::GiveUp)]);
    assert!(model.overlay.is_none() && model.saving.is_none());
    assert_eq!(model.update(Msg::Saved(Saved::Next)), [], "a late answer");
}
