//! Scenes of the log pane.

use super::{Scene, fleet::at};
use crate::{fixture::*, log_mask, log_search, log_shapes, log_take, marks, voices};
use cchub::{
    app::Model,
    domain::{
        LogStream::{Err, Out},
        Safe,
        ServiceKind::{Backend, Frontend, Postgres, Redis},
    },
    hub::LogEvent,
};

pub const SCENES: &[Scene] = &[
    ("logs_below_the_list", merged),
    ("logs_full", || then(merged(), "enter")),
    ("logs_wrapped", || then(merged(), "enter w")),
    ("logs_paused", || {
        let mut model = then(merged(), "enter t space");
        let id = model.logs.follow.unwrap().0;
        model.update(batch(id, "shop", Frontend, vec![line(1, "one more", Out)]));
        model
    }),
    ("logs_empty", || {
        let mut model = at("crm", Some(Redis));
        play(&mut model, "l enter");
        model
    }),
    ("logs_search_typing", || {
        then(log_search::shop(), "/ t i m e o u t")
    }),
    ("logs_searched", || {
        then(log_search::shop(), "/ t i m e o u t enter N")
    }),
    ("logs_filtered", || {
        then(log_search::shop(), "& t i m e o u t enter")
    }),
    ("logs_chips", || {
        let keys = "& t i m e o u t enter e E / a p p enter";
        then(log_search::shop(), keys)
    }),
    ("logs_errors", || then(log_search::shop(), "e e")),
    ("logs_filter_hides_all", || {
        then(log_search::shop(), "e e & z z z")
    }),
    ("logs_filter_invalid", || {
        then(log_search::shop(), "& ctrl-r ( a")
    }),
    ("logs_jump_typing", || then(log_search::shop(), "T 1 4 : x")),
    ("logs_window", || then(log_search::shop(), "3")),
    ("logs_json_flat", || then(log_shapes::shop(), "J")),
    ("logs_json_flat_wrapped", || then(log_shapes::shop(), "J w")),
    ("logs_json_pretty", || then(log_shapes::shop(), "J J")),
    ("logs_json_searched", || {
        let keys = "J J w / t i m e o u t e r r o r enter";
        then(log_shapes::shop(), keys)
    }),
    ("logs_times_passed", || then(log_shapes::shop(), "t t")),
    ("logs_marks_and_new_lines", log_shapes::marked),
    ("logs_voices", voices::shop),
    ("logs_voices_muted_filtered", || {
        then(voices::shop(), "S down space esc e C")
    }),
    ("logs_picked", || {
        then(log_take::numbered(30), "v k k v k k")
    }),
    ("logs_secrets_hidden", log_mask::shop),
    ("logs_secrets_shown", || {
        let mut model = log_mask::shop();
        log_mask::show(&mut model);
        model
    }),
    ("logs_secrets_wrapped", || {
        let mut model = log_mask::shop();
        log_mask::show(&mut model);
        then(model, "w")
    }),
    ("logs_of_marks", marks::marked_log),
    ("logs_of_marks_full", || then(marks::marked_log(), "enter")),
];

/// Some keys later.
pub fn then(mut model: Model, keys: &str) -> Model {
    play(&mut model, keys);
    model
}

/// The merged log of `shop` below the list.
fn merged() -> Model {
    let mut model = fleet();
    play(&mut model, "l");
    select(&mut model, "shop", None);
    let id = model.logs.follow.unwrap().0;
    let error = "\u{1b}[31mERROR\u{1b}[0m:  canceling statement due to statement timeout";
    let statement =
        "STATEMENT:  select * from orders where customer = 4711 order by created_at desc limit 100";
    let health = "INFO:     127.0.0.1:51234 - \"GET /health HTTP/1.1\" 200 OK";
    let slow = "slow request path=/api/orders ms=1412";
    let restarted = Safe::new("restarted: exit 1 after 3d 4h");
    for (kind, events) in [
        (
            Postgres,
            vec![
                line(20, "LOG:  checkpoint starting: time", Err),
                line(18, error, Err),
                line(18, statement, Err),
            ],
        ),
        (Backend, vec![line(19, health, Out), line(18, slow, Err)]),
        (
            Frontend,
            vec![
                LogEvent::Notice(crate::fixture::at(17), restarted),
                line(16, "ready in 412 ms", Out),
            ],
        ),
    ] {
        model.update(batch(id, "shop", kind, events));
    }
    model
}
