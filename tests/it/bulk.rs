//! Several at once: one question for all that is marked, one job and one result for each, and a rolling restart that stops
//! at the first that fails.

use crate::{
    fixture::*,
    hub_world::{HubWorld, named},
    limits_cli::ran,
    marks::marked,
    sim_world::Front,
};
use cchub::{
    app::{
        Effect, Model,
        overlay::{Overlay, confirm::Confirm},
    },
    domain::{
        ServiceKind::{Backend, Postgres, Redis},
        Target,
    },
    hub::{Again, Batch, Command, Job, JobId, JobState, Pace, Request},
    sim::Reply,
};

/// What is asked.
fn question(model: &Model) -> &Confirm {
    match &model.overlay {
        Some(Overlay::Confirm(confirm)) => confirm,
        other => panic!("no question: {other:?}"),
    }
}

fn yes(model: &mut Model) -> Vec<Effect> {
    rest(model);
    play(model, "y")
}

/// `blog`, `crm` and `docs` as a whole.
fn three_projects() -> Model {
    let mut model = fleet();
    select(&mut model, "blog", None);
    play(&mut model, "space down space down space");
    model
}

fn restarts(names: &[&str], how: Again) -> Vec<Request> {
    let restart = |name: &&str| Request::Restart {
        target: Target::project(&named(name)),
        how,
        grace: None,
    };
    names.iter().map(restart).collect()
}

#[test]
fn l1_one_question_lists_all_that_is_marked_and_one_yes_is_for_all() {
    let mut model = marked();
    play(&mut model, "s");
    let asked = question(&model);
    assert_eq!(asked.title, "Stop 5 services on local");
    let expected = [
        "blog: backend",
        "crm: backend",
        "shop: postgres, redis, backend",
        "Unhealthy meanwhile: frontend of blog, frontend of crm, frontend of shop.",
        "Side by side; one that fails holds up no other. The data is kept.",
        "How long it takes is not known: it was not seen here yet.",
    ];
    assert_eq!(asked.body, expected);
    let stop = |project, kind| Request::stop(target(project, Some(kind)));
    // What others need is stopped last.
    let requests = vec![
        stop("shop", Backend),
        stop("shop", Redis),
        stop("shop", Postgres),
        stop("crm", Backend),
        stop("blog", Backend),
    ];
    let pace = Pace::Together;
    let batch = Batch { requests, pace };
    assert_eq!(yes(&mut model), [Effect::Hub(Command::Many(batch))]);
    assert_eq!(model.fleet.marks.len(), 5, "marks stay");
}

#[test]
fn l1_four_marks_of_a_project_are_the_project_and_a_start_of_several_asks_too() {
    let mut model = three_projects();
    assert_eq!(play(&mut model, "S"), []);
    let asked = question(&model);
    assert_eq!(asked.title, "Start 3 projects on local");
    assert_eq!(asked.body[0], "blog: the whole project");
    let effects = yes(&mut model);
    let [Effect::Hub(Command::Many(batch))] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(batch.requests[2], Request::start(named("docs")));
    play(&mut model, "ctrl-\\");
    assert_eq!(
        play(&mut model, "S").len(),
        1,
        "one alone needs no question"
    );
}

#[test]
fn b15_the_ways_of_a_restart_are_a_list_and_each_asks() {
    let mut model = three_projects();
    play(&mut model, "R");
    let Some(Overlay::Ways(ways)) = &model.overlay else {
        panic!("no list")
    };
    assert_eq!(ways.choices.len(), 4);
    play(&mut model, "enter");
    let asked = question(&model);
    assert_eq!(asked.title, "Rolling restart of 3 projects on local");
    assert!(asked.body[3].contains("the first failure stops it"));
    let requests = restarts(&["blog", "crm", "docs"], Again::InPlace);
    let pace = Pace::Rolling;
    let batch = Batch { requests, pace };
    assert_eq!(yes(&mut model), [Effect::Hub(Command::Many(batch))]);
}

#[test]
fn the_ways_for_one_service_are_only_it_with_dependants_and_anew() {
    let mut model = fleet();
    select(&mut model, "crm", Some(Postgres));
    for (keys, how, hit) in [
        (
            "R enter",
            Again::InPlace,
            "Unhealthy meanwhile: backend of crm",
        ),
        (
            "R down enter",
            Again::WithDependants,
            "Restarted with it: backend of crm",
        ),
        (
            "R down down enter",
            Again::Anew,
            "Unhealthy meanwhile: backend of crm",
        ),
    ] {
        play(&mut model, keys);
        let body = &question(&model).body;
        assert!(body[1].starts_with(hit), "{body:?}");
        let effects = yes(&mut model);
        let [Effect::Hub(Command::Many(batch))] = effects.as_slice() else {
            panic!("{effects:?}")
        };
        let restart = Request::Restart {
            target: target("crm", Some(Postgres)),
            how,
            grace: None,
        };
        assert_eq!(batch.requests, [restart]);
    }
}

/// Three projects that run, and a front end.
async fn running() -> (HubWorld, Front) {
    let world = HubWorld::with(&["shop", "blog", "crm"]);
    for project in ["shop", "blog", "crm"] {
        let request = Request::start(named(project));
        world.run(request).await.0.expect("it starts");
    }
    let mut front = Front::new(world.open());
    front.until("the engine answers", Front::is_live).await;
    (world, front)
}

/// Of a project that is restarted the containers are stopped and started again.
fn refuse(world: &HubWorld, container: &str, call: &str) {
    let no = Reply::refuse(400, "cannot restart");
    let request = format!("POST /containers/cchub-{container}/{call}");
    world.engine.spoil(&request, 1, no);
}

fn restarted(world: &HubWorld, project: &str) -> bool {
    let path = format!("POST /containers/cchub-{project}-postgres/start");
    world.engine.count(&path) > 1
}

fn job(front: &Front, id: u64) -> &Job {
    &front.jobs[&JobId(id)]
}

#[tokio::test]
async fn b15_l3_a_rolling_restart_stops_at_the_first_failure_and_says_what_remains() {
    let (world, mut front) = running().await;
    refuse(&world, "blog-redis", "start");
    let requests = restarts(&["shop", "blog", "crm"], Again::InPlace);
    let pace = Pace::Rolling;
    front.send(Command::Many(Batch { requests, pace })).await;
    front
        .until("all over", |f| (1..=3).all(|id| f.ended(id).is_some()))
        .await;
    assert!(matches!(job(&front, 1).state, JobState::Done(_)));
    assert!(matches!(job(&front, 2).state, JobState::Failed(_)));
    assert_eq!(job(&front, 3).state, JobState::Cancelled);
    let why = "not tried: blog did not get there";
    assert_eq!(job(&front, 3).progress.text.as_str(), why);
    assert!(restarted(&world, "shop") && !restarted(&world, "crm"));
    let sum = "rolling restart: 1 of 3 done; failed: blog; not tried: crm";
    front
        .until("the sum", |f| f.said.iter().any(|said| said == sum))
        .await;
}

#[tokio::test]
async fn l3_of_several_side_by_side_each_has_its_result_and_none_holds_up_another() {
    let (world, mut front) = running().await;
    refuse(&world, "shop-redis", "start");
    let requests = restarts(&["shop", "blog", "crm"], Again::InPlace);
    let pace = Pace::Together;
    front.send(Command::Many(Batch { requests, pace })).await;
    front
        .until("all over", |f| (1..=3).all(|id| f.ended(id).is_some()))
        .await;
    assert!(matches!(job(&front, 1).state, JobState::Failed(_)));
    assert!(matches!(job(&front, 2).state, JobState::Done(_)));
    assert!(restarted(&world, "crm"));
    let sum = "restart: 2 of 3 done; failed: shop";
    front
        .until("the sum", |f| f.said.iter().any(|said| said == sum))
        .await;
}

#[tokio::test]
async fn one_that_waits_for_its_turn_is_cancelled_at_once_and_a_rolling_restart_ends_with_it() {
    let (world, mut front) = running().await;
    let requests = restarts(&["shop", "blog", "crm"], Again::InPlace);
    let pace = Pace::Rolling;
    front.send(Command::Many(Batch { requests, pace })).await;
    front.send(Command::Cancel(JobId(2))).await;
    front
        .until("all over", |f| (1..=3).all(|id| f.ended(id).is_some()))
        .await;
    assert!(matches!(job(&front, 1).state, JobState::Done(_)));
    assert_eq!(job(&front, 2).state, JobState::Cancelled);
    assert_eq!(job(&front, 3).state, JobState::Cancelled);
    assert!(!restarted(&world, "blog") && !restarted(&world, "crm"));
}

#[tokio::test]
async fn l3_the_command_line_takes_several_and_tells_what_became_of_each() {
    let (world, _front) = running().await;
    refuse(&world, "shop-redis", "restart");
    let typed = "restart shop/redis blog/redis crm --json";
    let said = ran(&world, typed).await.expect(1);
    let results = said.json();
    let of = |n: usize| results[n]["result"].as_str().unwrap().to_owned();
    assert_eq!([of(0), of(1), of(2)], ["failed", "done", "done"]);
    assert_eq!(results[2]["service"], serde_json::Value::Null);
    let sum = "restart: 2 of 3 done; failed: redis of shop";
    assert!(said.stderr.contains(sum), "{}", said.stderr);

    refuse(&world, "blog-redis", "restart");
    let said = ran(&world, "restart --rolling shop/redis blog/redis crm")
        .await
        .expect(1);
    let sum = "rolling restart: 1 of 3 done; failed: redis of blog; not tried: crm";
    assert!(said.stderr.contains(sum), "{}", said.stderr);

    let said = ran(&world, "stop shop redis backend blog").await.expect(0);
    assert!(said.stderr.contains("stop: 3 of 3 done"), "{}", said.stderr);
    let said = ran(&world, "restart shop --with-dependants")
        .await
        .expect(2);
    assert!(said.stderr.contains("PROJECT/SERVICE"), "{}", said.stderr);
}
