//! The gallery: every pane, dialog and state at four sizes, as text. A scene is a row of a table and a function that brings a
//! model into that state; the snapshots, the checks and the ASCII check are made of it.

mod checks;
pub mod compose;
mod dialogs;
mod fleet;
mod logs;
mod panes;
pub mod timeline;

use crate::fixture::screen;
use cchub::app::Model;
use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// Columns and rows at which everything is looked at.
pub const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (200, 50)];

/// Its name, which is that of its snapshots, and what brings a model into the state.
pub type Scene = (&'static str, fn() -> Model);

/// All scenes.
pub fn scenes() -> impl Iterator<Item = &'static Scene> {
    let rooms = [
        fleet::SCENES,
        compose::SCENES,
        panes::SCENES,
        timeline::SCENES,
        logs::SCENES,
        dialogs::SCENES,
    ];
    rooms.into_iter().flatten()
}

/// The model of a scene.
pub fn scene(name: &str) -> Model {
    let found = scenes().find(|(scene, _)| *scene == name);
    found.expect("a scene of that name").1()
}

fn snapshot_name(scene: &str, (w, h): (u16, u16)) -> String {
    format!("{scene}@{w}x{h}")
}

/// Compares each scene with its snapshots. All of them are drawn before it fails, so that one run shows all that changed.
fn hang(room: &[Scene]) {
    let mut changed = Vec::new();
    for (name, make) in room {
        for size in SIZES {
            let name = snapshot_name(name, size);
            let shown = screen(&mut make(), size.0, size.1);
            insta::with_settings!({
                snapshot_path => "gallery/snapshots",
                prepend_module_to_snapshot => false,
                omit_expression => true,
            }, {
                let same = catch_unwind(AssertUnwindSafe(|| insta::assert_snapshot!(name.as_str(), shown)));
                changed.extend(same.is_err().then_some(name));
            });
        }
    }
    assert!(changed.is_empty(), "not as it was: {changed:#?}");
}

#[test]
fn the_fleet_at_four_sizes() {
    hang(fleet::SCENES);
}

#[test]
fn compose_projects_at_four_sizes() {
    hang(compose::SCENES);
}

#[test]
fn panes_at_four_sizes() {
    hang(panes::SCENES);
}

#[test]
fn timelines_at_four_sizes() {
    hang(timeline::SCENES);
}

#[test]
fn logs_at_four_sizes() {
    hang(logs::SCENES);
}

#[test]
fn dialogs_at_four_sizes() {
    hang(dialogs::SCENES);
}

#[test]
fn every_snapshot_belongs_to_a_scene() {
    let mut names = BTreeSet::new();
    for (scene, _) in scenes() {
        for size in SIZES {
            let name = snapshot_name(scene, size) + ".snap";
            assert!(names.insert(name), "two scenes are called {scene}");
        }
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/gallery/snapshots");
    for file in fs::read_dir(folder).unwrap().flatten() {
        let file = file.file_name().into_string().unwrap();
        let pending = file.ends_with(".snap.new");
        assert!(pending || names.contains(&file), "{file} shows no scene");
    }
}
