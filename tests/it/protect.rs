//! Protected projects, and programs that change nothing: what is asked for, what is refused, and how to go on.

use crate::{
    fixture::*,
    hub_world::{HubWorld, named},
    limits_cli::ran,
};
use cchub::{
    app::{
        Effect, Model, Msg, ScreenSettings,
        overlay::{Overlay, confirm::Confirm},
    },
    domain::ServiceKind::Redis,
    hub::{Command, Fact, Request},
};
use std::fs;

/// `shop` and `blog`, of which those that are named are protected.
pub fn protecting(names: &[&str]) -> Model {
    let mut model = empty();
    model.update(Msg::Fact(live()));
    let projects = (1..).zip(["shop", "blog"]).map(|(n, word)| {
        let mut project = project(n, word);
        project.protected = names.contains(&word);
        project
    });
    model.update(Msg::Fact(Fact::Projects(projects.collect())));
    play(&mut model, "g");
    model
}

fn question(model: &Model) -> Option<&Confirm> {
    match &model.overlay {
        Some(Overlay::Confirm(confirm)) => Some(confirm),
        _ => None,
    }
}

fn toast(model: &Model) -> String {
    let last = model.toasts.iter().next_back();
    last.map_or_else(String::new, |toast| toast.text.clone())
}

#[test]
fn b8_a_protected_project_is_stopped_only_with_its_name_typed() {
    let mut model = protecting(&["shop"]);
    select(&mut model, "shop", Some(Redis));
    for key in ["s", "r", ": r e m o v e enter"] {
        play(&mut model, key);
        rest(&mut model);
        assert_eq!(play(&mut model, "b l o g enter"), [], "{key}");
        let asked = question(&model).expect("it stays");
        assert!(asked.typed.is_some(), "{key}");
        assert_eq!(asked.body.last().unwrap(), "shop is protected.");
        play(&mut model, "esc");
    }
    play(&mut model, "s");
    rest(&mut model);
    let stop = Request::stop(target("shop", Some(Redis)));
    let sent = [Effect::Hub(Command::Run(stop))];
    assert_eq!(play(&mut model, "s h o p enter"), sent);
    assert_eq!(play(&mut model, "S").len(), 1, "a start interrupts nothing");
    select(&mut model, "blog", None);
    play(&mut model, "s");
    assert!(question(&model).unwrap().typed.is_none());
}

#[test]
fn of_several_protected_projects_none_is_hit_by_one_question() {
    let mut model = protecting(&["shop", "blog"]);
    select(&mut model, "blog", None);
    play(&mut model, "space down space s");
    assert!(question(&model).is_none());
    let words = "blog and shop are protected: do it to them one by one";
    assert_eq!(toast(&model), words);
    let mut model = protecting(&["blog"]);
    select(&mut model, "blog", None);
    play(&mut model, "space down space R enter");
    let typed = question(&model).unwrap().typed.as_ref();
    assert_eq!(typed.unwrap().0, name("blog"));
}

#[test]
fn p1_read_only_says_because_of_what() {
    let mut model = Model::new(ScreenSettings {
        read_only: true,
        why_read_only: "--read-only",
        ..ScreenSettings::default()
    });
    model.update(Msg::Fact(Fact::Projects(vec![project(1, "shop")])));
    for keys in ["S", "s", "r", "R", "a", ": r e m o v e enter"] {
        assert_eq!(play(&mut model, keys), [], "{keys}");
        assert!(model.overlay.is_none(), "{keys}");
        assert!(
            toast(&model).starts_with("read-only (--read-only): "),
            "{keys}"
        );
        model.toasts.clear();
    }
}

#[tokio::test]
async fn b8_what_was_imported_can_be_protected_too() {
    let world = HubWorld::new();
    world.write_hub(&["shop"], "[projects.store]\ncompose = \"store\"\n");
    ran(&world, "project protect store").await.expect(0);
    let hub = world.hub_file().load().unwrap();
    assert!(hub.is_protected(&named("store")) && !hub.is_protected(&named("shop")));
    for typed in ["stop store", "project remove store"] {
        let said = ran(&world, typed).await.expect(2);
        let words = "store is protected: nothing was sent";
        assert!(said.stderr.contains(words), "{typed}: {}", said.stderr);
    }
    let typed = "project remove store --yes-protected store";
    ran(&world, typed).await.expect(0);
}

#[tokio::test]
async fn b8_the_command_line_wants_the_name_of_a_protected_project_and_keeps_comments() {
    let world = HubWorld::with(&["shop", "blog"]);
    world.start_shop().await;
    let text = fs::read_to_string(world.hub_path()).unwrap();
    let text = text.replace("[projects.shop]\n", "# for customers\n[projects.shop]\n");
    fs::write(world.hub_path(), &text).unwrap();
    ran(&world, "project protect shop").await.expect(0);
    let now = fs::read_to_string(world.hub_path()).unwrap();
    assert!(
        now.contains("protected = true") && now.contains("# for customers"),
        "{now}"
    );

    for typed in [
        "stop shop",
        "restart shop redis",
        "restart blog shop",
        "project remove shop",
        "limits shop/redis --memory 6m --below-use",
    ] {
        let said = ran(&world, typed).await.expect(2);
        let words = "shop is protected: nothing was sent";
        assert!(said.stderr.contains(words), "{typed}: {}", said.stderr);
        assert!(said.stderr.contains("--yes-protected shop"), "{typed}");
    }
    assert_eq!(
        world
            .engine
            .count("POST /containers/cchub-shop-redis/restart"),
        0
    );
    ran(&world, "limits shop/redis --memory 300m")
        .await
        .expect(0);
    let typed = "restart shop redis --yes-protected shop";
    ran(&world, typed).await.expect(0);
    ran(&world, "project unprotect shop").await.expect(0);
    ran(&world, "stop shop").await.expect(0);
    let now = fs::read_to_string(world.hub_path()).unwrap();
    assert!(now.contains("protected = false"), "{now}");
}

#[tokio::test]
async fn p1_read_only_commands_refuse_every_change_and_say_what_helps() {
    let world = HubWorld::new();
    world.start_shop().await;
    let before = fs::read_to_string(world.hub_path()).unwrap();
    let changes = [
        "start shop",
        "stop shop",
        "restart shop",
        "limits shop/redis --memory 300m",
        "project remove shop",
        "project protect shop",
        "project import shop",
        "shell shop/redis -- true",
        "project add blog --path /tmp",
    ];
    for typed in changes {
        let said = ran(&world, &format!("--read-only {typed}")).await.expect(2);
        let words = "read-only (--read-only): nothing was changed";
        assert!(said.stderr.contains(words), "{typed}: {}", said.stderr);
    }
    ran(&world, "--read-only status").await.expect(0);
    let text = format!("{before}[hub]\nread_only = true\n");
    fs::write(world.hub_path(), &text).unwrap();
    for typed in changes {
        let said = ran(&world, typed).await.expect(2);
        assert!(
            said.stderr.contains("[hub] read_only"),
            "{typed}: {}",
            said.stderr
        );
    }
    // What runs on the screen is refused by the hub itself.
    let failure = world.run(Request::stop(named("shop"))).await.0.unwrap_err();
    assert!(failure.message.contains("read-only"), "{failure:?}");
    assert_eq!(fs::read_to_string(world.hub_path()).unwrap(), text);
}
