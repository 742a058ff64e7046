//! The hash of a service's spec: the same in every run, and another one when only a new container can follow.
use super::*;

#[test]
fn p63_the_hash_is_the_same_in_every_run() {
    let stack = stack(|_| {});
    let hashes: Vec<_> = stack.services.iter().map(|(_, spec)| spec.hash()).collect();
    // Another value here means that every running container shows as drift after an upgrade: only on purpose.
    assert_eq!(
        hashes
            .iter()
            .map(|hash| hash.get(..16).unwrap())
            .collect::<Vec<_>>(),
        [
            "bbaffcc3d246f392",
            "09ef41bb588aaeae",
            "e0bf0ccdfe285f86",
            "fba77f3f8cb0f2ea"
        ]
    );
    assert!(hashes.iter().all(|hash| hash.len() == 64));
}

/// A change of a service's entry.
type Change = fn(&mut ServiceEntry);

#[test]
fn the_hash_sees_what_only_a_new_container_can_change() {
    let before = stack(|_| {}).services[ServiceKind::Backend].hash();
    let after = |change: Change| {
        stack(|entry| change(&mut entry.services[ServiceKind::Backend])).services
            [ServiceKind::Backend]
            .hash()
    };
    let live: [Change; 6] = [
        |wish| wish.memory = Some(Bytes::mib(300)),
        |wish| wish.cpus = Some(Cpus::millis(100)),
        |wish| wish.pids = Some(99),
        |wish| wish.start_timeout = Some(Duration::from_secs(1)),
        |wish| wish.stop_grace = Some(Duration::from_secs(1)),
        |wish| wish.health = Some(vec!["true".into()]),
    ];
    for change in live {
        assert_eq!(after(change), before);
    }
    let anew: [Change; 8] = [
        |wish| wish.image = Some("team/app:3".into()),
        |wish| wish.base = Some("python:3.12-slim".into()),
        |wish| wish.command = Some(vec!["true".into()]),
        |wish| wish.user = Some("70".into()),
        |wish| wish.workdir = Some("/app".into()),
        |wish| wish.workspace = Some(Workspace::ReadWrite),
        |wish| wish.read_only = Some(false),
        |wish| drop(wish.env.insert("A".into(), "b".into())),
    ];
    for change in anew {
        assert_ne!(after(change), before);
    }
}

#[test]
fn the_hash_sees_ports_dependencies_and_the_engines_own_check() {
    let hash = |stack: &StackSpec| stack.services[ServiceKind::Backend].hash();
    let before = hash(&stack(|_| {}));
    assert_ne!(
        hash(&stack(
            |entry| entry.ports[ServiceKind::Backend] = Some(9000)
        )),
        before
    );
    assert_ne!(
        hash(&stack(|entry| entry.address = "0.0.0.0".parse().unwrap())),
        before
    );
    let checked = hash(&stack(|entry| {
        entry.engine_health = Some(Duration::from_secs(30))
    }));
    assert_ne!(checked, before);
    let other = stack(|entry| {
        entry.engine_health = Some(Duration::from_secs(30));
        entry.services[ServiceKind::Backend].health = Some(vec!["true".into()]);
    });
    assert_ne!(hash(&other), checked);

    let temp = folder(&[]);
    let resolved = || hash(&StackSpec::resolve(&entry(temp.path())).unwrap());
    let before = resolved();
    fs::write(temp.path().join("requirements.txt"), "fastapi").unwrap();
    assert_ne!(resolved(), before);
}
