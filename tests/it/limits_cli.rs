//! `limits` on the command line: several services at once, presets, and what somebody else changed.

use crate::{
    hub_world::{HubWorld, named},
    support::sandbox::Ran,
};
use cchub::{
    domain::ServiceKind::{Backend, Postgres, Redis},
    hub::Request,
    sim::Reply,
};
use serde_json::json;
use std::{fs, process::Stdio};
use tokio::process::Command;

/// Two projects that run.
pub async fn running() -> HubWorld {
    let world = HubWorld::with(&["shop", "blog"]);
    for project in ["shop", "blog"] {
        let request = Request::start(named(project));
        world.run(request).await.0.expect("it starts");
    }
    world
}

/// Runs the program on `world` with what was typed after its name.
pub async fn ran(world: &HubWorld, typed: &str) -> Ran {
    let cchub::engine::Endpoint::Unix(socket) = world.engine.endpoint() else {
        panic!("a socket")
    };
    let output = Command::new(env!("CARGO_BIN_EXE_cchub-tui"))
        .arg("--config")
        .arg(world.hub_path())
        .arg("--host")
        .arg(format!("unix://{}", socket.display()))
        .args(typed.split_whitespace())
        .stdin(Stdio::null())
        .env("NO_COLOR", "1")
        .env("XDG_STATE_HOME", world.folder.path().join("state"))
        .output();
    output.await.unwrap().into()
}

/// Memory in MB and processes of a container.
fn in_force(world: &HubWorld, name: &str) -> (u64, u64) {
    let model = world.engine.model();
    let host = &model.containers[&format!("cchub-{name}")].body["HostConfig"];
    assert_eq!(host["Memory"], host["MemorySwap"], "always together");
    let memory = host["Memory"].as_u64().unwrap() >> 20;
    (memory, host["PidsLimit"].as_u64().unwrap())
}

/// Somebody else changes the memory of a container.
fn update(world: &HubWorld, name: &str, mib: u64) {
    let mut model = world.engine.model();
    let container = model.containers.get_mut(&format!("cchub-{name}")).unwrap();
    let host = &mut container.body["HostConfig"];
    host["Memory"] = json!(mib << 20);
    host["MemorySwap"] = json!(mib << 20);
}

#[tokio::test]
async fn several_services_are_changed_one_after_the_other_and_a_refused_one_keeps_no_other_back() {
    let world = running().await;
    let no = Reply::refuse(400, "cannot write memory.max");
    world
        .engine
        .spoil("POST /containers/cchub-shop-backend/update", 1, no);
    let typed = "limits shop backend redis blog/backend --memory 300m --pids 99";
    let said = ran(&world, typed).await.expect(1);
    let lines: Vec<&str> = said
        .stderr
        .lines()
        .filter(|l| !l.starts_with(' '))
        .collect();
    let expected = [
        "error: backend of shop: limit not applied: cannot write memory.max",
        "redis of shop: memory 512 MB → 300 MB, processes 64 → 99",
        "backend of blog: memory 1 GB → 300 MB, processes 256 → 99",
        "2 of 3 done, 1 failed",
    ];
    assert_eq!(lines, expected);
    let now = ["shop-backend", "shop-redis", "blog-backend"].map(|name| in_force(&world, name));
    assert_eq!(now, [(1024, 256), (300, 99), (300, 99)]);
    let hub = world.hub_file().load().unwrap();
    let memory = |project, kind| hub.projects[&named(project)].services[kind].memory;
    assert_eq!(memory("shop", Backend), None);
    assert!(memory("shop", Redis).is_some() && memory("blog", Backend).is_some());

    let json = ran(&world, &format!("{typed} --json"))
        .await
        .expect(0)
        .json();
    assert_eq!(json[0]["service"], "backend");
    assert_eq!(
        (&json[0]["done"], &json[2]["project"]),
        (&json!(true), &json!("blog"))
    );
    assert!(
        json[1]["message"].as_str().unwrap().contains("unchanged"),
        "{json}"
    );
}

#[tokio::test]
async fn a_preset_gives_each_service_of_a_project_its_own() {
    let world = running().await;
    let own =
        "[limits.presets.night]\nmemory = \"200m\"\n[limits.presets.night.redis]\npids = 40\n";
    world.write_hub(&["shop", "blog"], own);
    ran(&world, "limits shop --preset night").await.expect(0);
    assert_eq!(in_force(&world, "shop-backend"), (200, 256));
    assert_eq!(in_force(&world, "shop-redis"), (200, 40));
    ran(&world, "limits shop/redis --preset large --pids 50")
        .await
        .expect(0);
    assert_eq!(in_force(&world, "shop-redis"), (1024, 50));
    let said = ran(&world, "limits shop --preset hughe").await.expect(2);
    let words = "no preset 'hughe': use one of small, default, large, huge, night";
    assert!(said.stderr.contains(words), "{}", said.stderr);
    let list = ran(&world, "limits --presets").await.expect(0).stdout;
    assert!(
        list.contains("small    0.50 CPUs, 1 GB, 200 pids"),
        "{list}"
    );
    assert!(list.contains("200 MB, 40 pids"), "{list}");
    let json = ran(&world, "limits --presets --json")
        .await
        .expect(0)
        .json();
    assert_eq!(
        json[4]["services"]["redis"],
        json!({"cpus": null, "memory": 200 << 20, "pids": 40})
    );
}

#[tokio::test]
async fn p63_what_somebody_else_changed_is_brought_back_or_kept() {
    let world = running().await;
    update(&world, "shop-redis", 300);
    update(&world, "blog-redis", 301);
    let table = ran(&world, "limits shop/redis").await.expect(0).stdout;
    assert!(
        table.contains("≠ hub file: 0.50 CPUs, 512 MB, 64 pids"),
        "{table}"
    );
    let before = fs::read(world.hub_path()).unwrap();
    let said = ran(&world, "limits shop --reapply").await.expect(0).stderr;
    assert!(
        said.contains("redis of shop: as the hub file says again, memory 300 MB → 512 MB"),
        "{said}"
    );
    assert!(said.ends_with("4 of 4 done, 0 failed\n"), "{said}");
    assert_eq!(in_force(&world, "shop-redis").0, 512);
    assert_eq!(fs::read(world.hub_path()).unwrap(), before);

    ran(&world, "limits blog/redis --keep").await.expect(0);
    assert_eq!(in_force(&world, "blog-redis").0, 301);
    let table = ran(&world, "limits blog/redis").await.expect(0).stdout;
    assert!(table.contains("301 MB") && !table.contains("≠"), "{table}");
}

#[tokio::test]
async fn more_than_the_host_has_is_said_with_the_sum() {
    let world = running().await;
    // The simulated host has 2 CPUs and 4 GB; two projects may use 8 GB of it.
    let said = ran(&world, "limits shop/redis --memory 1g")
        .await
        .expect(0)
        .stderr;
    let words = "All projects together may then use 8.5 GB of memory where the host has 4 GB.";
    assert!(said.contains(words), "{said}");
    let said = ran(&world, "limits shop/redis --memory 900m")
        .await
        .expect(0)
        .stderr;
    assert!(!said.contains("together"), "{said}");
}

#[tokio::test]
async fn p62_several_services_below_their_use_are_refused_one_by_one() {
    let world = running().await;
    let typed = "limits shop/redis shop/postgres --memory 64m";
    let said = ran(&world, typed).await.expect(1).stderr;
    assert_eq!(said.matches("uses 100 MB now").count(), 2, "{said}");
    assert!(
        said.contains("--below-use") && said.contains("0 of 2 done, 2 failed"),
        "{said}"
    );
    assert_eq!(in_force(&world, "shop-redis").0, 512);
    ran(&world, &format!("{typed} --below-use")).await.expect(0);
    assert_eq!(in_force(&world, "shop-redis").0, 64);
    let hub = world.hub_file().load().unwrap();
    assert!(
        hub.projects[&named("shop")].services[Postgres]
            .memory
            .is_some()
    );
}
