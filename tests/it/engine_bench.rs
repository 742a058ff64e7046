//! `scripts/bench` in small: every measure has its rows, and nothing is left behind, whether it ends by itself or is interrupted.

use crate::support::{raw_get, wait_until};
use std::{
    collections::BTreeSet,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cchub-tui");

/// The bench, on the program that is tested.
fn bench(args: &[&str]) -> Child {
    let beside = PathBuf::from(PROGRAM).with_file_name("examples/bench");
    let mut command = Command::new(&beside);
    let command = command.args(["--quick", "--json", "--program", PROGRAM]);
    let command = command.args(args).stdout(Stdio::piped());
    let spawned = command.spawn();
    spawned.unwrap_or_else(|error| panic!("{}: {error}; cargo build --examples", beside.display()))
}

/// Containers and images of a run: its label, its images' tag and its projects' names have its process's id.
fn left_of(run: u32) -> Vec<String> {
    let all = ["/containers/json?all=true", "/images/json"].map(raw_get);
    let things = all.iter().flat_map(|list| list.as_array().unwrap());
    let of_run = format!("{run}");
    things
        .filter(|thing| thing["Labels"]["io.cchub.bench"] == of_run.as_str())
        .map(|thing| thing["Id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_measure_has_its_rows_and_leaves_nothing() {
    let child = bench(&[]);
    let run = child.id();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    let rows: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = rows.as_array().unwrap();
    let names: BTreeSet<(&str, &str)> = rows
        .iter()
        .map(|row| {
            assert!(
                row["value"].as_f64().is_some_and(|value| value > 0.0),
                "{row}"
            );
            (
                row["measure"].as_str().unwrap(),
                row["name"].as_str().unwrap(),
            )
        })
        .collect();
    for (measure, name) in [
        ("flood", "program / bare reader"),
        ("flood", "key to screen, p99"),
        ("flood", "resident memory, most"),
        ("open", "key to last page, median"),
        ("paced", "CPU of the program"),
        ("paced", "to the terminal"),
        ("eight", "frames"),
    ] {
        assert!(
            names.contains(&(measure, name)),
            "{measure}: {name}: {names:?}"
        );
    }
    assert_eq!(left_of(run), Vec::<String>::new());
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    let mut child = bench(&["--only", "paced"]);
    let run = child.id();
    // Its image, and four containers.
    wait_until(30, || left_of(run).len() == 5);
    let sent = Command::new("kill")
        .args(["-INT", &run.to_string()])
        .status();
    assert!(sent.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(left_of(run), Vec::<String>::new());
}
