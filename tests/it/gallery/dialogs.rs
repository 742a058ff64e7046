//! Scenes of what lies over the screen: questions, forms, lists, help.

use super::{
    Scene,
    fleet::{at, messages, playing},
    logs::then,
};
use crate::{fixture::*, log_mask, log_search, log_take, marks, protect, undo, voices};
use cchub::{
    app::{Model, Msg},
    domain::ServiceKind::{Backend, Postgres},
    hub::{Fact, Failure, JobState, Verb},
    stack::reach::Login,
};

pub const SCENES: &[Scene] = &[
    ("limits_presets", || {
        then(at("shop", Some(Postgres)), "L ctrl-t down")
    }),
    ("confirm_limits", || {
        then(at("shop", Some(Postgres)), "L tab ctrl-u 1 0 0 m enter")
    }),
    ("confirm_limits_many", || {
        then(at("shop", None), "space L tab 8 m enter")
    }),
    ("confirm_restart", || then(at("shop", Some(Postgres)), "r")),
    ("confirm_restart_done_before", || {
        let mut model = at("shop", Some(Backend));
        let before = [("restart", 4_100), ("restart", 5_200), ("restart", 6_300)];
        let of = target("shop", Some(Backend));
        model.update(Msg::Fact(done_before(&before, &of)));
        model.update(Msg::Fact(super::fleet::running_on("shop")));
        then(model, "r")
    }),
    ("confirm_stop_service", || {
        then(at("shop", Some(Postgres)), "s")
    }),
    ("confirm_stop", || then(at("shop", None), "s tab")),
    ("confirm_stop_protected", || {
        let mut model = protect::protecting(&["shop"]);
        select(&mut model, "shop", Some(Postgres));
        play(&mut model, "s");
        rest(&mut model);
        then(model, "s h")
    }),
    ("confirm_undo_stop", || then(undo::stopped(), "z")),
    ("confirm_undo_limits", || then(undo::limited(), "z")),
    ("confirm_remove", || {
        then(at("shop", None), ": r e m o v e enter")
    }),
    ("confirm_remove_with_data", || {
        let mut model = at("shop", Some(Postgres));
        play(&mut model, ": r e m o v e - d a t a enter");
        rest(&mut model);
        then(model, "s h")
    }),
    ("restart_ways_service", || {
        then(at("shop", Some(Postgres)), "R down")
    }),
    ("restart_ways_project", || then(at("shop", None), "R")),
    ("restart_ways_marks", || then(marks::marked(), "R")),
    ("confirm_rolling", || then(marks::marked(), "R enter")),
    ("confirm_stop_many", || then(marks::marked(), "s")),
    ("operations_of_several", || then(several(), "J")),
    ("confirm_secrets", || then(log_mask::shop(), "P")),
    ("confirm_quit", || {
        let mut model = fleet();
        model.update(Msg::Fact(super::fleet::running()));
        then(model, "q")
    }),
    ("help_list", || playing("?")),
    ("help_list_end", || playing("? G")),
    ("help_pane", || then(at("shop", Some(Postgres)), "tab ?")),
    ("help_log", || then(log_search::shop(), "?")),
    ("help_log_end", || then(log_search::shop(), "? G")),
    ("help_pick", || then(log_take::numbered(30), "v ?")),
    ("help_limits", || then(at("shop", Some(Postgres)), "L ?")),
    ("palette", || playing(":")),
    ("palette_found", || playing(": s h o p")),
    ("palette_nothing", || playing(": z z z z")),
    ("menu_service", || then(at("shop", Some(Backend)), "x down")),
    ("menu_project", || then(at("crm", None), "x")),
    ("urls", || then(urls(), "u")),
    ("urls_service", || then(urls(), "right right u G")),
    ("form", || playing("a")),
    ("form_errors", form),
    ("operations", || then(messages(), "J")),
    ("operations_none", || playing("J")),
    ("services", || then(voices::shop(), "S down space")),
    ("save", || then(log_take::numbered(10), "ctrl-s")),
    ("save_name_taken", || {
        let mut model = then(log_take::numbered(10), "ctrl-s enter");
        model.update(log_take::name_taken());
        model
    }),
    ("whole_line", || {
        then(log_take::long_line(), "enter k enter")
    }),
];

/// A rolling restart that stopped.
fn several() -> Model {
    let mut model = fleet();
    let failure = Failure::operation("backend of blog: not healthy after 60s");
    let done = JobState::Done("crm is restarted and healthy".into());
    for (id, of, state) in [
        (1, "crm", done),
        (2, "blog", JobState::Failed(failure)),
        (3, "shop", JobState::Cancelled),
    ] {
        let fact = job(id, Verb::Restart, target(of, None), state);
        let Fact::Job(mut job) = fact else { continue };
        if job.state == JobState::Cancelled {
            job.progress.text = "not tried: blog did not get there".into();
        }
        model.update(Msg::Fact(Fact::Job(job)));
    }
    let sum = "rolling restart: 1 of 3 done; failed: blog; not tried: shop";
    model.update(Msg::Fact(Fact::Notice(sum.into())));
    model
}

/// The list where a browser can be asked.
fn urls() -> Model {
    let mut model = at("shop", None);
    model.settings.login = Login::new(Some("ann"), Some("hub-1"), None);
    model.settings.browser = true;
    model
}

/// A name that cannot be, and a folder half typed.
fn form() -> Model {
    let mut model = playing("a S h o p tab / s r v / s");
    let entries = ["shop", "shop-2", "sites"].map(str::to_owned).to_vec();
    model.update(Msg::Folder {
        of: "/srv/".to_owned(),
        entries,
    });
    model
}
