//! Why a service is not well, as the whole hub finds it out on a simulated engine. The real clock runs.

use crate::{
    hub_world::{of_shop, shop},
    sim_world::{Front, SimWorld},
};
use cchub::{
    domain::{
        ServiceKind::{self, Backend, Redis},
        State,
    },
    hub::Command,
    sim::{Conduct, Settings},
    stack::{secrets::Secrets, spec::SecretContent},
};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// `shop` runs on an engine where processes live, and all of it is well.
async fn running() -> (SimWorld, Front) {
    let settings = Settings {
        lively: true,
        memory: 24 << 30,
        cpus: 8,
        ..Settings::default()
    };
    let world = SimWorld::with(settings, &["shop"]);
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
    let (world, mut front) = running().await;
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
