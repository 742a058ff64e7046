//! What hands do beside the panes: URLs to copy, tabs, presets, the palette, help, the mouse.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::fixture::*;
use cchub::{
    app::{Effect, Hit, Model, Mouse, Msg, ScreenSettings, overlay::Overlay, pane::Tab},
    domain::{
        KeyWish, KeyWishes,
        ServiceKind::{Backend, Redis},
    },
    hub::Fact,
    stack::reach::Login,
};

fn toast(model: &Model) -> String {
    let last = model.toasts.iter().next_back();
    last.map_or_else(String::new, |toast| toast.text.clone())
}

fn with(settings: ScreenSettings) -> Model {
    let mut model = Model::new(settings);
    model.update(clock(0));
    model.update(Msg::Fact(live()));
    let projects = vec![project(1, "shop"), project(2, "blog")];
    model.update(Msg::Fact(Fact::Projects(projects)));
    model
}

fn at_a_desktop() -> ScreenSettings {
    ScreenSettings {
        login: Login::new(Some("ann"), Some("hub-1"), None),
        browser: true,
        ..ScreenSettings::default()
    }
}

#[test]
fn urls_are_copied_line_by_line() {
    let mut model = with(ScreenSettings {
        login: Login::new(
            Some("ann"),
            Some("hub-1"),
            Some("203.0.113.9 1 192.0.2.7 22"),
        ),
        browser: true,
        ..ScreenSettings::default()
    });
    select(&mut model, "shop", Some(Backend));
    play(&mut model, "u");
    let copy = |text: &str| [Effect::Copy(text.to_owned())];
    assert_eq!(play(&mut model, "y"), copy("http://127.0.0.1:8010/"));
    // An ssh session has no browser of the operator's: Enter copies, too.
    assert_eq!(play(&mut model, "enter"), copy("http://127.0.0.1:8010/"));
    let ssh = "ssh -L 8010:127.0.0.1:8010 ann@192.0.2.7";
    assert_eq!(play(&mut model, "j c"), copy(ssh));
    assert!(play(&mut model, "esc").is_empty() && model.overlay.is_none());
}

#[test]
fn a_url_is_opened_where_there_is_a_browser_and_a_client_is_copied() {
    let mut model = with(at_a_desktop());
    select(&mut model, "shop", None);
    play(&mut model, "u");
    let url = "http://127.0.0.1:3010/".to_owned();
    assert_eq!(play(&mut model, "enter"), [Effect::Browse(url)]);
    let client = "redis-cli -h 127.0.0.1 -p 6389".to_owned();
    assert_eq!(play(&mut model, "j j enter"), [Effect::Copy(client)]);
    let failed = "xdg-open cannot show it".to_owned();
    model.update(Msg::Browsed(Err(failed.clone())));
    assert_eq!(toast(&model), failed);
}

#[test]
fn a_url_is_selected_and_opened_by_the_mouse() {
    let mut model = with(at_a_desktop());
    select(&mut model, "shop", None);
    play(&mut model, "u");
    let mut click = |n| model.update(Msg::Mouse(Mouse::Click(Hit::Item(n))));
    assert_eq!(click(1), []);
    let url = "http://127.0.0.1:8010/".to_owned();
    assert_eq!(click(1), [Effect::Browse(url)]);
    assert!(matches!(model.overlay, Some(Overlay::Urls(_))));
}

#[test]
fn tabs_are_turned_round_the_corner() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Redis));
    let first = model.tab;
    play(&mut model, "[");
    assert_eq!(Some(&model.tab), Tab::ALL.last());
    play(&mut model, "]");
    assert_eq!(model.tab, first);
}

#[test]
fn a_preset_changes_keys_hints_and_help() {
    let mut model = with(ScreenSettings {
        keys: KeyWishes {
            preset: Some(KeyWish {
                words: vec!["lazydocker".to_owned()],
                line: 1,
            }),
            ..KeyWishes::default()
        },
        ..ScreenSettings::default()
    });
    select(&mut model, "shop", None);
    play(&mut model, "l");
    assert_eq!(
        model.fleet.column,
        Some(cchub::domain::ServiceKind::Postgres)
    );
    play(&mut model, "d");
    assert!(matches!(model.overlay, Some(Overlay::Menu(_))));
    play(&mut model, "esc m");
    assert_eq!(model.tab, Tab::Logs);
    let text = screen(&mut model, 120, 40);
    assert!(
        text.contains("m Logs") && !text.contains("l Logs"),
        "{text}"
    );
}
