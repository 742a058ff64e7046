//! A shell in a service, against the simulated engine: what is typed goes in, what is printed comes out, and whatever ends
//! it is told in one line.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::{fixture::*, support::terminal::Terminal};
use cchub::{
    app::{Effect, Model, Msg, ScreenSettings},
    domain::{ServiceId, ServiceKind::Postgres},
    hub::Fact,
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cchub-tui");

fn with(settings: ScreenSettings) -> Model {
    let mut model = Model::new(settings);
    model.update(clock(0));
    model.update(Msg::Fact(live()));
    model.update(Msg::Fact(Fact::Projects(vec![project(1, "shop")])));
    model
}

fn toast(model: &Model) -> String {
    let last = model.toasts.iter().next_back();
    last.map_or_else(String::new, |toast| toast.text.clone())
}

#[test]
fn a_shell_is_asked_for_in_a_service_and_never_where_nothing_may_be_changed() {
    let mut model = with(ScreenSettings::default());
    select(&mut model, "shop", None);
    assert_eq!(play(&mut model, "e"), []);
    assert!(toast(&model).contains("which service"));
    select(&mut model, "shop", Some(Postgres));
    let shell = |plain| Effect::Shell {
        service: ServiceId::new(&"shop".parse().unwrap(), Postgres),
        plain,
    };
    assert_eq!(play(&mut model, "e"), [shell(false)]);
    assert_eq!(play(&mut model, "E"), [shell(true)]);
    model.update(Msg::ShellEnded(Err(
        "shop/postgres has no container".to_owned()
    )));
    assert_eq!(toast(&model), "shop/postgres has no container");

    let mut model = with(ScreenSettings {
        read_only: true,
        ..ScreenSettings::default()
    });
    select(&mut model, "shop", Some(Postgres));
    assert_eq!(play(&mut model, "e"), []);
    assert!(toast(&model).contains("read-only"));
}

#[test]
fn in_the_demo_the_screen_steps_aside_for_psql_and_comes_back() {
    let mut screen = Terminal::run(vec![PROGRAM.into(), "--demo".into()], (100, 30), &[]);
    screen.see("─ atlas ─");
    screen.keys("\x1b[C");
    screen.see("/ postgres");
    let before = screen.look();
    screen.keys("e");
    screen.see("commandcenter=#");
    assert!(!screen.look().alternate_screen());
    // Keys of the screen are text for psql.
    screen.keys("select 40+2;\r");
    screen.see("42");
    screen.resize(90, 28);
    screen.keys("\\q\r");
    screen.see("/ postgres");
    screen.until("the screen as it was", |now| {
        now.alternate_screen()
            && now.hide_cursor() == before.hide_cursor()
            && now.bracketed_paste() == before.bracketed_paste()
            && now.mouse_protocol_mode() == before.mouse_protocol_mode()
    });
    screen.keys("?");
    screen.see("psql, redis-cli or a shell");
    screen.keys("\x1bq");
    assert_eq!(screen.end(), 0);
    screen.expect_restored();
}

#[test]
fn three_times_the_key_lets_go_of_a_shell_and_a_signal_gives_the_terminal_back() {
    let mut screen = Terminal::run(vec![PROGRAM.into(), "--demo".into()], (100, 30), &[]);
    screen.see("─ atlas ─");
    screen.keys("\x1b[C");
    screen.see("/ postgres");
    screen.keys("E");
    screen.see("/app $");
    screen.keys("\x1d\x1d\x1d");
    screen.until("the screen", |now| now.alternate_screen());
    screen.see("let go of the shell");
    screen.keys("e");
    screen.see("commandcenter=#");
    screen.signal("TERM");
    assert_eq!(screen.end(), 143);
    screen.expect_restored();
}
