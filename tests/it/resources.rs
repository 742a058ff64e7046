//! The list sorted by any column, its last columns, and what the Stats pane says.

use crate::fixture::*;
use cchub::{
    app::{Hit, Model, Mouse, Msg, fleet::Sort},
    domain::{
        Bytes, Column,
        ServiceKind::{self, Backend, Redis},
        Usage,
        usage::Pressure,
    },
    hub::Fact,
};

fn shown(model: &Model) -> Vec<String> {
    model.fleet.shown.iter().map(ToString::to_string).collect()
}

/// The fleet where three projects were measured, and nobody knows of the others.
fn measured() -> Model {
    let mut model = fleet();
    for (project, (cpus, mib)) in [("crm", (900, 10)), ("docs", (5, 700)), ("shop", (10, 211))] {
        let fact = Fact::Usage(id(project, Redis), usage(cpus, mib));
        model.update(Msg::Fact(fact));
    }
    model
}

#[test]
fn every_column_sorts_and_the_selection_stays_where_it_is() {
    let mut model = measured();
    select(&mut model, "docs", Some(Redis));
    let mut seen = Vec::new();
    for _ in Sort::ALL {
        play(&mut model, "o");
        seen.push(model.fleet.sort);
        assert_eq!(model.fleet.selected(), Some(target("docs", Some(Redis))));
    }
    assert_eq!(seen.len(), Sort::ALL.len());
    assert_eq!(seen.last(), Some(&Sort::Name), "round the corner");
    assert!(Sort::ALL.iter().all(|sort| seen.contains(sort)));
}

#[test]
fn by_cpu_the_busiest_comes_first_and_what_nobody_knows_last_either_way() {
    let mut model = measured();
    model.update(Msg::Mouse(Mouse::Click(Hit::Head(Sort::Cpu))));
    assert_eq!(shown(&model)[..3], ["crm", "shop", "docs"]);
    // All four of shop were measured, by the fixture.
    model.update(Msg::Mouse(Mouse::Click(Hit::Head(Sort::Memory))));
    assert_eq!(shown(&model)[..3], ["shop", "docs", "crm"]);
    play(&mut model, "O");
    assert_eq!(shown(&model)[..3], ["crm", "docs", "shop"]);
    model.update(Msg::Mouse(Mouse::Click(Hit::Head(Sort::Memory))));
    assert_eq!(shown(&model)[..3], ["shop", "docs", "crm"], "back again");
    let text = screen(&mut model, 200, 50);
    assert!(text.contains("MEM/LIMIT▾"), "{text}");
}

#[test]
fn restarts_are_counted_in_the_list_where_they_fit() {
    let mut model = measured();
    let wide = screen(&mut model, 200, 50);
    let row = |text: &str| {
        text.lines()
            .find(|row| row.contains("wiki"))
            .unwrap()
            .to_owned()
    };
    assert!(wide.contains("RESTARTS"), "{wide}");
    let cells: Vec<String> = row(&wide).split_whitespace().map(str::to_owned).collect();
    assert_eq!(cells[cells.len() - 2], "5", "{wide}");
    model.update(Msg::Mouse(Mouse::Click(Hit::Head(Sort::Restarts))));
    assert_eq!(shown(&model)[..2], ["shop", "wiki"], "both five times");
    play(&mut model, "O");
    assert_eq!(shown(&model)[6..], ["shop", "wiki"]);
    let narrow = screen(&mut model, 60, 16);
    assert!(
        !narrow.contains("RESTARTS") && !narrow.contains("SINCE"),
        "{narrow}"
    );
    for kind in ServiceKind::ALL {
        let head = kind.as_str().to_uppercase();
        assert!(screen(&mut model, 80, 24).contains(&head), "{head}");
    }
}

#[test]
fn memory_stands_beside_its_limit_with_a_bar() {
    let mut model = measured();
    let usage = Usage {
        memory: Bytes::mib(1000),
        ..usage(5, 10)
    };
    model.update(Msg::Fact(Fact::Usage(id("docs", Redis), usage)));
    let text = screen(&mut model, 200, 50);
    let row = text.lines().find(|row| row.contains("docs")).unwrap();
    let limit = cchub::domain::Limits::default_of(Redis).memory.short();
    assert!(row.contains(&format!("1000M/{limit:>4}")), "{row}");
    assert!(row.contains('█'), "{row}");
}

#[test]
fn what_a_limit_does_is_said_in_words() {
    let mut model = fleet();
    measure(&mut model, "crm", 20);
    select(&mut model, "crm", Some(Backend));
    play(&mut model, "4");
    let text = screen(&mut model, 120, 40);
    assert!(
        text.contains("throttled 34 % of the time: the limit of"),
        "{text}"
    );
    let pressed = Usage {
        pressure: Some(Pressure {
            kills: 1,
            ..Pressure::default()
        }),
        ..usage(10, 300)
    };
    model.update(Msg::Fact(Fact::Usage(id("crm", Backend), pressed)));
    let text = screen(&mut model, 120, 40);
    assert!(
        text.contains("the kernel killed a process of it for memory"),
        "{text}"
    );
}

#[test]
fn the_host_is_held_against_what_is_used_and_what_is_promised() {
    let mut model = fleet();
    measure(&mut model, "crm", 20);
    select(&mut model, "crm", None);
    play(&mut model, "4 enter");
    let text = screen(&mut model, 120, 40);
    assert!(text.contains("not seen from here"), "{text}");
    model.update(Msg::Fact(Fact::Host(host_use())));
    let text = screen(&mut model, 120, 40);
    for words in [
        "3.20 of",
        "9 GB of 100 GB of its disk are free, which is little",
        "All limits together:",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(text.contains("together"), "{text}");
}

#[test]
fn the_columns_are_those_of_the_hub_file_in_its_order() {
    let mut model = measured();
    model.settings.columns = vec![Column::Since, Column::Cpu];
    let text = screen(&mut model, 200, 50);
    let heads: Vec<&str> = text.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(heads[heads.len() - 3..], ["FRONTEND", "SINCE", "CPU"]);
    model.settings.columns.clear();
    let text = screen(&mut model, 200, 50);
    assert!(text.lines().nth(1).unwrap().ends_with("FRONTEND"), "{text}");
}
