//! What the gallery cannot show: sizes of their own, and the colours of a screen, once per theme.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use crate::fixture::*;
use cchub::domain::ServiceKind::Postgres;
use insta::{assert_debug_snapshot, assert_snapshot};

#[test]
fn the_smallest_screen_still_shows_the_list() {
    let mut model = fleet();
    select(&mut model, "shop", None);
    assert_snapshot!("fleet_40x10", screen(&mut model, 40, 10));
}

#[test]
fn too_small_says_so() {
    let mut model = fleet();
    assert_snapshot!(screen(&mut model, 38, 9), @"needs 40×10, now 38×9");
}

#[test]
fn colours_of_the_dark_theme() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Postgres));
    assert_debug_snapshot!(draw(&mut model, 80, 16, &look("dark")).buffer());
}

#[test]
fn colours_of_the_light_theme() {
    let mut model = fleet();
    select(&mut model, "shop", Some(Postgres));
    assert_debug_snapshot!(draw(&mut model, 80, 16, &look("light")).buffer());
}
