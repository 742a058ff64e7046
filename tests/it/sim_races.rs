//! Several operators at once, hundreds of times, on an engine whose answers come when they like.

use crate::{
    hub_world::{shop, target},
    race_world::{SimWorld, ask, many, more, run, said},
    support::random_input::Numbers,
};
use cchub::{
    domain::ServiceKind,
    hub::Request,
    sim::{How, Reply},
    stack::secrets::Secrets,
};
use serde_json::json;
use std::{fs, time::Duration};
use tokio::{join, task::JoinSet, time::sleep};

/// Two starts at once in this process.
const STARTS: u64 = 70;
/// Two starts at once by the real program.
const PROGRAMS: u64 = 30;
/// Two starts at once by operators who share no lock.
const LOCKLESS: u64 = 60;
/// Operations of several operators at once.
const INTERLEAVINGS: u64 = 200;
/// Answers that get lost in one of them, at most: a step is tried four times.
const LOST_MAX: u64 = 3;
/// Operators arrive within this many milliseconds.
const ARRIVALS: u64 = 60;

fn pause(numbers: &mut Numbers) -> Duration {
    Duration::from_millis(numbers.below(ARRIVALS))
}

#[tokio::test(flavor = "multi_thread")]
async fn p14_two_starts_at_once_make_four_containers() {
    many(0..more(STARTS), |seed| async move {
        let world = SimWorld::new();
        world.write_hub("ann", "");
        let mut numbers = Numbers::new(seed);
        let (one, two) = join!(world.operator("ann"), world.operator("ann"));
        world.unsettle(&mut numbers, 0);
        let late = pause(&mut numbers);
        let (one, two) = join!(ask(&one, Request::start(shop())), async {
            sleep(late).await;
            ask(&two, Request::start(shop())).await
        });
        for outcome in [one, two] {
            let done = outcome.unwrap_or_else(|failure| panic!("seed {seed}: {failure:?}"));
            assert!(done.as_str().contains("all four are healthy"), "{done}");
        }
        expect_one_stack(&world, "ann", seed);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p14_two_programs_at_once_make_four_containers() {
    many(0..more(PROGRAMS), |seed| async move {
        let world = SimWorld::new();
        world.write_hub("ann", "");
        let mut numbers = Numbers::new(seed);
        world.unsettle(&mut numbers, 0);
        let late = pause(&mut numbers);
        let start = || run(world.program("ann", &["start", "shop"]));
        let both = join!(start(), async {
            sleep(late).await;
            start().await
        });
        for output in [both.0, both.1] {
            assert!(output.status.success(), "seed {seed}: {}", said(&output));
        }
        expect_one_stack(&world, "ann", seed);
    })
    .await;
}

/// Two homes have two folders for locks: only the engine, where names are unique, stands between them.
#[tokio::test(flavor = "multi_thread")]
async fn p14_two_homes_with_the_same_secrets_make_four_containers() {
    many(0..more(LOCKLESS), |seed| async move {
        let world = SimWorld::new();
        for home in ["ann", "bob"] {
            world.write_hub(home, "");
            make_secrets(&world, home);
        }
        fs::copy(world.secrets_path("ann"), world.secrets_path("bob")).unwrap();
        for (home, outcome) in start_both(&world, seed).await {
            outcome.unwrap_or_else(|said| panic!("seed {seed}, {home}: {said}"));
        }
        expect_one_stack(&world, "ann", seed);
        assert_eq!(world.secrets("ann"), world.secrets("bob"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p14_of_two_homes_with_secrets_of_their_own_one_makes_four_containers() {
    many(0..more(LOCKLESS), |seed| async move {
        let world = SimWorld::new();
        world.write_hub("ann", "");
        world.write_hub("bob", "");
        let outcomes = start_both(&world, seed).await;
        let mark = world.data_mark().expect("there is data");
        for (home, outcome) in outcomes {
            let secrets = world.secrets(home).unwrap_or_default();
            match outcome {
                Ok(_) => {
                    assert!(secrets.contains(&mark), "seed {seed}: {home} made the data");
                    expect_one_stack(&world, home, seed);
                }
                Err(said) => {
                    assert!(said.contains("another password"), "seed {seed}: {said}");
                    assert!(!secrets.contains(&mark), "seed {seed}: {home} was refused");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn p14_data_that_another_operator_makes_in_between_is_never_given_our_password() {
    let world = SimWorld::new();
    world.write_hub("ann", "");
    let ann = world.operator("ann").await;
    let name = "cchub-shop-postgres-data";
    let theirs = json!({"io.cchub.project": "shop", "io.cchub.secrets": "theirs"});
    world.sim.machine().volumes.insert(name.to_owned(), theirs);
    let not_yet = How::Instead(Reply::refuse(404, "no such volume"));
    let look = format!("GET /volumes/{name}");
    world.sim.server.fault(&look, 2, not_yet);
    let failure = ask(&ann, Request::start(shop())).await.unwrap_err();
    assert!(failure.message.contains("another password"), "{failure:?}");
    assert_eq!(world.sim.server.count("POST /volumes/create"), 1);
    assert_eq!(world.sim.server.count("POST /containers/create"), 0);
}

#[tokio::test]
async fn p14_a_helper_that_another_start_took_for_a_leftover_is_made_again() {
    let world = SimWorld::new();
    world.write_hub("ann", "");
    let ann = world.operator("ann").await;
    let gone = How::Instead(Reply::refuse(404, "No such container: cchub-shop-fill"));
    world.sim.server.fault("PUT /containers/", 1, gone);
    ask(&ann, Request::start(shop())).await.unwrap();
    expect_one_stack(&world, "ann", 0);
}

#[tokio::test]
async fn p15_a_helper_whose_removal_is_lost_goes_with_the_next_attempt() {
    let world = SimWorld::new();
    world.write_hub("ann", "");
    let ann = world.operator("ann").await;
    let lost = How::Instead(Reply::HangUp);
    world
        .sim
        .server
        .fault("DELETE /containers/cchub-shop-fill-", 1, lost);
    ask(&ann, Request::start(shop())).await.unwrap();
    expect_one_stack(&world, "ann", 0);
}

/// Makes the secrets of an operator before anything else.
fn make_secrets(world: &SimWorld, home: &str) {
    let path = world.secrets_path(home);
    Secrets::ensure(path.parent().unwrap(), &shop()).unwrap();
}

/// Ann and bob start `shop` at once.
async fn start_both(world: &SimWorld, seed: u64) -> [(&'static str, Result<(), String>); 2] {
    let mut numbers = Numbers::new(seed);
    let (ann, bob) = join!(world.operator("ann"), world.operator("bob"));
    world.unsettle(&mut numbers, 0);
    let late = pause(&mut numbers);
    let words = |failure: cchub::hub::Failure| failure.message.to_string();
    let (ann, bob) = join!(ask(&ann, Request::start(shop())), async {
        sleep(late).await;
        ask(&bob, Request::start(shop())).await
    });
    [
        ("ann", ann.map(drop).map_err(words)),
        ("bob", bob.map(drop).map_err(words)),
    ]
}

/// Four containers, one network, and one set of secrets: that of `home`, in its file, on the data and in what the
/// containers were given.
fn expect_one_stack(world: &SimWorld, home: &str, seed: u64) {
    let context = format!("seed {seed}");
    world.expect(true, &context);
    let secrets = world.secrets(home).expect("there are secrets");
    let mark = world.data_mark().expect("there is data");
    assert!(secrets.contains(&mark), "{context}");
    let password = secrets
        .lines()
        .find_map(|line| line.strip_prefix("password = "))
        .unwrap()
        .trim_matches('"');
    for upload in world.sim.server.asked("PUT /containers/*/archive") {
        let given = String::from_utf8_lossy(&upload.body);
        assert!(given.contains(password), "{context}: another password");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p15_any_interleaving_of_operations_ends_with_all_four_or_none() {
    many(0..more(INTERLEAVINGS), |seed| async move {
        let world = SimWorld::new();
        world.write_hub("ann", "");
        let mut numbers = Numbers::new(seed);
        let first = world.operator("ann").await;
        if numbers.below(2) == 0 {
            ask(&first, Request::start(shop())).await.unwrap();
        }
        let lost = numbers.below(LOST_MAX + 1);
        let mut operators = JoinSet::new();
        let mut told = Vec::new();
        for _ in 0..2 + numbers.below(2) {
            let operator = world.operator("ann").await;
            let errands: Vec<_> = (0..1 + numbers.below(2))
                .map(|_| (pause(&mut numbers), errand(&mut numbers)))
                .collect();
            told.push(errands.clone());
            operators.spawn(async move {
                let mut outcomes = Vec::new();
                for (late, request) in errands {
                    sleep(late).await;
                    outcomes.push(ask(&operator, request).await);
                }
                outcomes
            });
        }
        world.unsettle(&mut numbers, lost);
        let context = format!("seed {seed}: {told:?}");
        for outcome in operators.join_all().await.into_iter().flatten() {
            if let Err(failure) = outcome {
                let nothing = failure.message.as_str().contains("nothing to restart");
                assert!(nothing, "{context}: {failure:?}");
            }
        }
        world.expect(world.is_up(), &context);
        // Nothing is in the way of what comes next.
        world.sim.server.heal();
        ask(&first, Request::start(shop())).await.unwrap();
        world.expect(true, &context);
    })
    .await;
}

/// Something that an operator wants.
fn errand(numbers: &mut Numbers) -> Request {
    let service = ServiceKind::ALL[numbers.below(4) as usize];
    match numbers.below(5) {
        0 | 1 => Request::start(shop()),
        2 => Request::stop(shop()),
        3 => Request::restart(target(None)),
        _ => Request::restart(target(Some(service))),
    }
}
