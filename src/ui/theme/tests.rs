#![allow(clippy::unwrap_used)]

mod vision;

use super::*;
use ratatui::style::Color;
use shipped::ALL;
use vision::{EYES, Eye, difference};

const DEPTHS: [ColourDepth; 3] = [ColourDepth::True, ColourDepth::Ansi256, ColourDepth::Ansi16];
/// What must be told apart at a glance.
const STATES: [Role; 4] = [Role::Good, Role::Wait, Role::Warn, Role::Bad];
const SERVICES: [Role; 4] = [Role::Postgres, Role::Redis, Role::Backend, Role::Frontend];
/// The least difference of two states in a palette for the colour-blind: about ten times what can just be seen.
const STATES_DIFFER: f64 = 20.0;
const SERVICES_DIFFER: f64 = 10.0;

fn shipped(name: &str, depth: ColourDepth) -> Theme {
    let (_, text) = ALL.iter().find(|(known, _)| *known == name).unwrap();
    Theme::parse(name, text, depth).unwrap()
}

#[test]
fn there_are_at_least_eight_and_every_file_of_the_folder_is_shipped() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/themes");
    let files = std::fs::read_dir(folder).unwrap().flatten();
    let names = files.map(|file| {
        file.path()
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .into_owned()
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    let mut shipped = Theme::names();
    shipped.sort();
    assert_eq!(names, shipped);
    assert!(names.len() >= 8);
}

#[test]
fn every_text_of_every_theme_stands_out_with_all_256_and_16_colours() {
    for name in Theme::names().iter().filter(|name| *name != "terminal") {
        for depth in DEPTHS {
            let theme = shipped(name, depth);
            assert_eq!(theme.faint_roles(), [], "{name} {depth:?}");
            for (role, style) in NAMES.iter().zip(theme.roles) {
                let contrast = theme.contrast(style).unwrap();
                assert!(contrast >= 1.8, "{name} {depth:?}: {role} {contrast:.1}");
            }
            // What lies behind a dialog can still be read.
            assert!(theme.contrast(theme.behind()).unwrap() >= CONTRAST_MIN);
        }
    }
}

#[test]
fn the_themes_of_high_contrast_have_more() {
    for name in ["contrast-dark", "contrast-light"] {
        // The nearest of 256 colours may have a little less.
        for (depth, text) in [(ColourDepth::True, 7.0), (ColourDepth::Ansi256, 6.5)] {
            let theme = shipped(name, depth);
            for (role, style) in NAMES.iter().zip(theme.roles) {
                let needed = if *role == "rule" { 3.0 } else { text };
                let contrast = theme.contrast(style).unwrap();
                assert!(contrast >= needed, "{name} {depth:?}: {role} {contrast:.1}");
            }
        }
    }
}

/// The smallest difference between two of `roles`, as these eyes see them.
fn closest(theme: &Theme, roles: &[Role], eye: &Eye) -> f64 {
    let colour = |role: &Role| theme.style(*role).fg.unwrap();
    let pairs = roles.iter().enumerate();
    let pairs = pairs.flat_map(|(n, a)| roles.iter().skip(n + 1).map(move |b| (a, b)));
    pairs
        .map(|(a, b)| difference(colour(a), colour(b), eye))
        .fold(f64::MAX, f64::min)
}

#[test]
fn palettes_for_the_colour_blind_keep_states_and_services_apart() {
    for (name, eyes) in [
        ("deuteranopia", &["all", "protanopia", "deuteranopia"][..]),
        ("tritanopia", &["all", "tritanopia"]),
    ] {
        for depth in [ColourDepth::True, ColourDepth::Ansi256] {
            let theme = shipped(name, depth);
            for eye in EYES.iter().filter(|eye| eyes.contains(&eye.name)) {
                for (roles, bound) in [(STATES, STATES_DIFFER), (SERVICES, SERVICES_DIFFER)] {
                    let found = closest(&theme, &roles, eye);
                    assert!(
                        found >= bound,
                        "{name} {depth:?} {}: {roles:?} {found:.1}",
                        eye.name
                    );
                }
            }
        }
    }
}

/// With sixteen colours at least what is well and what is not.
#[test]
fn palettes_for_the_colour_blind_keep_well_and_sick_apart_with_16_colours() {
    for (name, eyes) in [
        ("deuteranopia", ["protanopia", "deuteranopia"]),
        ("tritanopia", ["all", "tritanopia"]),
    ] {
        let theme = shipped(name, ColourDepth::Ansi16);
        for eye in EYES.iter().filter(|eye| eyes.contains(&eye.name)) {
            let found = closest(&theme, &[Role::Good, Role::Warn, Role::Bad], eye);
            assert!(found >= STATES_DIFFER, "{name} {}: {found:.1}", eye.name);
        }
    }
}

/// The check must be able to fail: red and green of the usual kind are one for who has no cones for green.
#[test]
fn the_simulated_eyes_confuse_what_real_ones_do() {
    let eye = |name: &str| EYES.iter().find(|eye| eye.name == name).unwrap();
    let [red, green, blue] =
        [(200, 80, 60), (130, 125, 60), (60, 90, 220)].map(|(r, g, b)| Color::Rgb(r, g, b));
    assert!(difference(red, green, eye("all")) > 50.0);
    assert!(difference(red, green, eye("deuteranopia")) < 20.0);
    assert!(difference(red, blue, eye("deuteranopia")) > 60.0);
    let [blue, green] = [(70, 130, 180), (60, 150, 140)].map(|(r, g, b)| Color::Rgb(r, g, b));
    let trit = difference(blue, green, eye("tritanopia"));
    assert!(trit < difference(blue, green, eye("all")) / 2.0, "{trit}");
}

#[test]
fn monochrome_has_no_hue_and_tells_states_by_more_than_light() {
    for depth in DEPTHS {
        let theme = shipped("monochrome", depth);
        for colour in theme.roles.iter().flat_map(|style| [style.fg, style.bg]) {
            let Some((r, g, b)) = colour.and_then(colour::rgb) else {
                continue;
            };
            assert!(r == g && g == b, "{depth:?}: {colour:?}");
        }
        let [good, warn, bad] = [Role::Good, Role::Warn, Role::Bad].map(|role| theme.style(role));
        let looks = [good, warn, bad].map(|style| style.add_modifier);
        assert!(looks[0] != looks[1] && looks[1] != looks[2] && looks[0] != looks[2]);
    }
}

#[test]
fn the_terminals_own_colours_stay_its_own() {
    for depth in DEPTHS {
        let theme = shipped("terminal", depth);
        let is_own = |colour: Option<Color>| {
            matches!(colour, None | Some(Color::Reset | Color::Indexed(0..16)))
        };
        assert!(
            theme
                .roles
                .iter()
                .all(|style| is_own(style.fg) && is_own(style.bg))
        );
        assert_eq!(theme.base().bg, None, "its background shows through");
        assert!(theme.faint_roles().is_empty(), "nobody knows");
    }
}

#[test]
fn fewer_colours_give_the_nearest_and_none_gives_modifiers() {
    assert_eq!(
        fit((255, 0, 0), ColourDepth::Ansi16),
        Some(Color::Indexed(9))
    );
    assert_eq!(
        fit((255, 0, 0), ColourDepth::Ansi256),
        Some(Color::Indexed(196))
    );
    assert_eq!(fit((255, 0, 0), ColourDepth::None), None);
    for name in Theme::names() {
        let theme = shipped(&name, ColourDepth::None);
        for style in theme.roles.iter().chain([&theme.base()]) {
            assert_eq!((style.fg, style.bg), (None, None), "{name}");
        }
        let loud = |role| theme.style(role).add_modifier;
        assert!(loud(Role::Selection).contains(Modifier::REVERSED));
        assert!(loud(Role::Critical).contains(Modifier::REVERSED));
        assert!(loud(Role::Bad).contains(Modifier::BOLD) && loud(Role::Good).is_empty());
    }
}

#[test]
fn with_few_colours_only_those_that_the_terminal_has_are_used() {
    for name in Theme::names() {
        for (depth, most) in [(ColourDepth::Ansi16, 15), (ColourDepth::Ansi256, 255)] {
            let theme = shipped(&name, depth);
            let colours = theme.roles.iter().chain([&theme.base]);
            for colour in colours.flat_map(|style| [style.fg, style.bg]).flatten() {
                let has = matches!(colour, Color::Indexed(index) if index <= most);
                assert!(
                    has || colour == Color::Reset,
                    "{name} {depth:?}: {colour:?}"
                );
            }
        }
    }
}

#[test]
fn without_a_table_for_16_colours_the_nearest_are_taken() {
    let (text, _) = ALL[0].1.split_once("\n[sixteen]").unwrap();
    let theme = Theme::parse("mine", text, ColourDepth::Ansi16).unwrap();
    assert_eq!(theme.style(Role::Critical).fg, Some(Color::Indexed(15)));
    assert_eq!(theme.base().bg, Some(Color::Indexed(0)));
}

#[test]
fn a_broken_theme_says_what_is_wrong_whatever_the_terminal() {
    let error = |text: &str| {
        let errors = [ColourDepth::None, ColourDepth::Ansi16, ColourDepth::True]
            .map(|depth| Theme::parse("mine", text, depth).unwrap_err().to_string());
        assert!(errors.iter().all(|error| *error == errors[0]), "{errors:?}");
        errors[0].clone()
    };
    let dark = ALL[0].1;
    assert!(error("roles = 3").starts_with("theme mine: "));
    assert_eq!(
        error("[roles]\n"),
        "theme mine: role 'text' is missing in [roles]"
    );
    assert_eq!(
        error(&dark.replace("#d4d7dd", "grey")),
        "theme mine: 'grey' is not a colour: write \"#rrggbb\", \"default\", or a name like \"bright-red\""
    );
    assert_eq!(
        error(&dark.replacen("warn =", "warm =", 1)),
        "theme mine: there is no role 'warm'"
    );
    assert_eq!(
        error(&dark.replace("wait = \"cyan\"\n", "")),
        "theme mine: role 'wait' is missing in [sixteen]"
    );
}
