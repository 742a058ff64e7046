//! Why a service is not well, as the whole hub finds it out on a simulated engine. The real clock runs.

use crate::{
    fixture::{play, screen},
    hub_world::{of_shop, shop},
    sim_world::{Front, SimWorld},
};
use cchub::{
    domain::{
        ServiceKind::{self, Backend, Postgres, Redis},
        State, Verdict,
    },
    hub::{Command, Request},
    sim::{Conduct, Settings},
    stack::{secrets::Secrets, spec::SecretContent},
};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// `shop` runs on an engine where processes live, and all of it is well; each of the four is asked this often.
async fn running(interval: &str) -> (SimWorld, Front) {
    let settings = Settings {
        lively: true,
        memory: 24 << 30,
        cpus: 8,
        ..Settings::default()
    };
    let world = SimWorld::with(settings, &["shop"]);
    world.write_hub(&["shop"], interval);
    world.start(&["shop"]).await;
    let mut front = world.open_noting();
    let well = |front: &Front, kind| state(front, kind) == Some(State::Healthy);
    let all = |front: &Front| ServiceKind::ALL.into_iter().all(|kind| well(front, kind));
    front.until("all healthy", all).await;
    (world, front)
}

fn state(front: &Front, kind: ServiceKind) -> Option<State> {
    front.of("shop", kind).map(|health| health.state)
}

fn behave(world: &SimWorld, kind: ServiceKind, conduct: Conduct) {
    let mut machine = world.sim.machine();
    let name = format!("cchub-shop-{kind}");
    machine.containers.get_mut(&name).unwrap().conduct = conduct;
}

/// What a service said last, as the front end knows it.
fn said(front: &Front, kind: ServiceKind) -> Vec<String> {
    let words = front.last_words.get(&of_shop(kind)).into_iter().flatten();
    words.map(|word| word.text.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn p70_who_turns_red_is_read_once_without_secrets_and_again_while_somebody_looks() {
    let (world, mut front) = running("1s").await;
    let folder = world.hub_file().secrets_dir();
    let secrets = Secrets::load(&folder, &shop()).unwrap().unwrap();
    let password = secrets.value(SecretContent::Password);
    let password = String::from_utf8(password).unwrap();
    let text = format!("ERROR: \u{1b}[31mno login with {password}");
    world.print("cchub-shop-redis", "ERROR: nobody reads what is well");
    front.read_for(SECOND * 2).await;
    assert_eq!(said(&front, Redis), [""; 0]);
    world.print("cchub-shop-backend", &text);
    behave(&world, Backend, Conduct::Refuses);
    front
        .until("its words are told", |front| {
            said(front, Backend).contains(&"ERROR: no login with ******".to_owned())
        })
        .await;
    let asked = || world.count("GET /containers/cchub-shop-backend/logs");
    // The timeline listens for bursts a moment later.
    front.read_for(SECOND * 3).await;
    let before = asked();
    assert!(before > 0);
    front.read_for(SECOND * 17).await;
    assert_eq!(asked(), before, "nobody looks at it");

    world.print("cchub-shop-backend", "FATAL: the last one");
    front.send(Command::Watch(Some(shop()))).await;
    front
        .until("what it said since is told", |front| {
            let said = said(front, Backend);
            said.last()
                .is_some_and(|last| last == "FATAL: the last one")
        })
        .await;
    assert_eq!(said(&front, Redis), [""; 0], "it is well");
    assert!(said(&front, Backend).len() <= 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_blocks_who_needs_it_before_their_turns_come_and_calls_once() {
    let (world, mut front) = running("30s").await;
    front.read_for(SECOND * 2).await;
    let is = |kind, wanted| move |front: &Front| front.verdict("shop", kind) == wanted;
    world.sim.machine().kill("cchub-shop-postgres");
    let down = front.until("down", is(Postgres, Verdict::Down)).await;
    let limit = SECOND * 10;
    let blocked = is(Backend, Verdict::Blocked);
    let blocked = front.within(limit, "blocked", blocked).await;
    eprintln!("down after {down:?}, the backend blocked {blocked:?} later");
    // Longer than anything that is held back for a while.
    front.read_for(SECOND * 16).await;
    assert_eq!(front.called(), [Postgres]);

    let mut model = front.screen();
    play(&mut model, "! enter");
    let text = screen(&mut model, 100, 30);
    assert!(text.contains("postgres has been stopped for "), "{text}");
    assert!(text.contains("137 (killed, SIGKILL)"), "{text}");
    assert!(text.contains("backend waits for it."), "{text}");

    world.run(Request::start(shop())).await.unwrap();
    let well = is(Backend, Verdict::Ok);
    let well = front.within(limit, "the backend is well again", well).await;
    eprintln!("the backend well again {well:?} after the start");
    assert_eq!(front.called(), [Postgres]);
}
