//! Tests of the resolved stack.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::{
    domain::{Bytes, Cpus},
    stack::spec::{SecretContent, WireCheck},
};
use std::{fs, time::Duration};
use tempfile::TempDir;

mod hash;

fn entry(path: &Path) -> ProjectEntry {
    ProjectEntry {
        name: "shop".parse().unwrap(),
        path: path.to_owned(),
        number: 1,
        protected: false,
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        ports: PerService::default(),
        engine_health: None,
        services: PerService::default(),
    }
}

fn folder(dirs: &[&str]) -> TempDir {
    let temp = tempfile::tempdir().unwrap();
    dirs.iter()
        .for_each(|dir| fs::create_dir(temp.path().join(dir)).unwrap());
    temp
}

/// The stack of a project in a folder that is not there, so that it is the same on every machine.
fn stack(change: impl FnOnce(&mut ProjectEntry)) -> StackSpec {
    let mut entry = entry(Path::new("/srv/no-such-folder"));
    change(&mut entry);
    StackSpec::resolve(&entry).unwrap()
}

const NAMES: [&str; 4] = ["postgres", "redis", "backend", "frontend"];

#[test]
fn the_default_stack_is_the_one_of_the_contract() {
    let stack = stack(|_| {});
    assert_eq!(stack.network, "cchub-shop");
    let rows = [
        ("999:999", 5432, 5442, 1000, 2048, 30),
        ("999:999", 6379, 6389, 500, 512, 30),
        ("1000:1000", 8000, 8010, 1000, 1024, 60),
        ("1000:1000", 3000, 3010, 500, 512, 90),
    ];
    for ((kind, spec), (user, inside, outside, millis, mib, seconds)) in
        stack.services.iter().zip(rows)
    {
        assert_eq!(
            spec.container,
            format!("cchub-shop-{}", NAMES[kind.index()])
        );
        assert_eq!(
            (spec.user.as_str(), spec.container_port, spec.host_port),
            (user, inside, outside)
        );
        assert_eq!(
            (spec.limits.cpus, spec.limits.memory),
            (Cpus::millis(millis), Bytes::mib(mib))
        );
        assert_eq!(
            (spec.start_timeout.as_secs(), spec.stop_grace.as_secs()),
            (seconds, 10)
        );
        assert!(spec.read_only && spec.address.is_loopback());
    }
}

#[test]
fn each_service_gets_the_image_and_command_that_it_needs() {
    let stack = stack(|_| {});
    let spec = &stack.services;
    assert_eq!(
        spec[ServiceKind::Postgres].image.reference(),
        "postgres:15-alpine"
    );
    assert_eq!(spec[ServiceKind::Redis].image.reference(), "redis:7-alpine");
    assert_eq!(
        (
            &spec[ServiceKind::Postgres].command,
            &spec[ServiceKind::Redis].command
        ),
        (&None, &None)
    );
    let command = |kind| spec[kind].command.clone().unwrap().join(" ");
    assert_eq!(
        command(ServiceKind::Backend),
        "uvicorn app.main:app --host 0.0.0.0 --port 8000"
    );
    assert_eq!(
        command(ServiceKind::Frontend),
        "npm run dev -- --host 0.0.0.0 --port 3000"
    );
    for (kind, base) in [
        (ServiceKind::Backend, "python:3.11-slim"),
        (ServiceKind::Frontend, "node:18-alpine"),
    ] {
        let ImageSource::Built(recipe) = &spec[kind].image else {
            panic!("{kind} is built");
        };
        assert_eq!(recipe.base, base);
    }
}

#[test]
fn health_is_asked_as_the_contract_says() {
    let stack = stack(|_| {});
    let argv = |kind| stack.services[kind].exec.argv.join(" ");
    assert_eq!(
        argv(ServiceKind::Postgres),
        "pg_isready -h 127.0.0.1 -U commandcenter -t 3"
    );
    assert_eq!(argv(ServiceKind::Redis), "timeout 3 redis-cli ping");
    assert_eq!(
        argv(ServiceKind::Backend),
        "curl -f -s -S -o /dev/null --max-time 4 http://localhost:8000/health"
    );
    assert_eq!(
        argv(ServiceKind::Frontend),
        "curl -f -s -S -o /dev/null --max-time 4 http://localhost:3000/"
    );
    let expected: Vec<_> = stack
        .services
        .iter()
        .map(|(_, spec)| spec.exec.expect.as_deref())
        .collect();
    assert_eq!(expected, [None, Some("PONG"), None, None]);
    let path = |kind| match stack.services[kind].wire.clone() {
        Some(WireCheck::Http { path }) => path,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (
            path(ServiceKind::Backend).as_str(),
            path(ServiceKind::Frontend).as_str()
        ),
        ("/health", "/")
    );
    assert_eq!(
        stack.services[ServiceKind::Redis].wire,
        Some(WireCheck::Redis)
    );
}

#[test]
fn data_is_kept_in_volumes_and_secrets_go_only_where_they_are_needed() {
    let stack = stack(|_| {});
    let volumes = |kind: ServiceKind| {
        let spec: &ServiceSpec = &stack.services[kind];
        let named = spec.mounts.iter().filter_map(|mount| match mount {
            Mount::Data { volume, target } | Mount::Secrets { volume, target } => {
                Some(format!("{volume}:{target}"))
            }
            Mount::Bind { .. } => None,
        });
        named.collect::<Vec<_>>()
    };
    assert_eq!(
        volumes(ServiceKind::Postgres),
        [
            "cchub-shop-postgres-data:/var/lib/postgresql/data",
            "cchub-shop-postgres-secrets:/run/secrets"
        ]
    );
    assert_eq!(volumes(ServiceKind::Redis), ["cchub-shop-redis-data:/data"]);
    assert_eq!(
        volumes(ServiceKind::Backend),
        ["cchub-shop-backend-secrets:/run/secrets"]
    );
    assert!(volumes(ServiceKind::Frontend).is_empty());
    let contents = |kind: ServiceKind| {
        let files = stack.services[kind].secret_files.iter();
        files
            .map(|file| (file.name.as_str(), file.content))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        contents(ServiceKind::Postgres),
        [("postgres_password", SecretContent::Password)]
    );
    assert_eq!(
        contents(ServiceKind::Backend),
        [
            ("database_url", SecretContent::DatabaseUrl),
            ("secret_key", SecretContent::SecretKey)
        ]
    );
    assert!(contents(ServiceKind::Redis).is_empty() && contents(ServiceKind::Frontend).is_empty());
}

#[test]
fn p70_no_variable_of_the_default_stack_holds_a_secret() {
    let stack = stack(|_| {});
    for (kind, spec) in stack.services.iter() {
        for name in ["POSTGRES_PASSWORD", "DATABASE_URL", "SECRET_KEY"] {
            assert!(!spec.env.contains_key(name), "{kind} {name}");
        }
    }
    let postgres = &stack.services[ServiceKind::Postgres].env;
    assert_eq!(
        postgres["POSTGRES_PASSWORD_FILE"],
        "/run/secrets/postgres_password"
    );
    assert_eq!(postgres["PGDATA"], "/var/lib/postgresql/data/pgdata");
    let script = stack.services[ServiceKind::Backend]
        .wrapper
        .clone()
        .unwrap();
    assert!(script.contains("DATABASE_URL=$(cat /run/secrets/database_url)"));
    assert!(
        !stack.services[ServiceKind::Frontend]
            .wrapper
            .clone()
            .unwrap()
            .contains("DATABASE_URL")
    );
}

#[test]
fn the_folder_decides_where_the_services_work() {
    let temp = folder(&["backend"]);
    let stack = StackSpec::resolve(&entry(temp.path())).unwrap();
    let script = |kind: ServiceKind| stack.services[kind].wrapper.clone().unwrap();
    assert!(script(ServiceKind::Backend).contains("\ncd '/workspace/backend'\n"));
    assert!(script(ServiceKind::Frontend).contains("\ncd '/workspace'\n"));
    assert_eq!(
        stack.services[ServiceKind::Backend].workdir.as_deref(),
        Some("/workspace")
    );
    let mut own = entry(temp.path());
    own.services[ServiceKind::Backend].workdir = Some("/app".into());
    let spec = StackSpec::resolve(&own).unwrap();
    assert!(
        spec.services[ServiceKind::Backend]
            .wrapper
            .clone()
            .unwrap()
            .contains("\ncd '/app'\n")
    );
}

#[test]
fn the_folder_is_never_writable_unless_that_is_asked_for() {
    for (way, target, writable, snapshot) in [
        (Workspace::ReadOnly, "/workspace", false, false),
        (Workspace::Copy, "/workspace-source", false, true),
        (Workspace::ReadWrite, "/workspace", true, false),
    ] {
        for kind in [ServiceKind::Backend, ServiceKind::Frontend] {
            let stack = stack(|entry| entry.services[kind].workspace = Some(way));
            let spec = &stack.services[kind];
            let bind = Mount::Bind {
                source: "/srv/no-such-folder".into(),
                target: target.into(),
                writable,
            };
            assert!(spec.mounts.contains(&bind), "{way:?}");
            assert_eq!(spec.tmpfs.contains_key("/workspace"), snapshot);
            assert_eq!(spec.wrapper.clone().unwrap().contains("find . "), snapshot);
        }
    }
    let default = stack(|_| {});
    assert!(
        !default.services[ServiceKind::Backend]
            .tmpfs
            .contains_key("/workspace")
    );
    let options = &default.services[ServiceKind::Frontend].tmpfs["/workspace"];
    assert_eq!(options, "rw,exec,nosuid,nodev,size=256m,uid=1000,gid=1000");
}

#[test]
fn another_user_owns_its_tmpfs_folders_and_root_is_refused() {
    let with = |user: &str| {
        let mut entry = entry(Path::new("/srv/no-such-folder"));
        entry.services[ServiceKind::Frontend].user = Some(user.into());
        StackSpec::resolve(&entry)
    };
    let spec = with("70:71").unwrap();
    let spec = &spec.services[ServiceKind::Frontend];
    assert_eq!(spec.user, "70:71");
    assert!(
        spec.tmpfs
            .values()
            .all(|options| options.ends_with("uid=70,gid=71"))
    );
    let error = with("0").unwrap_err().to_string();
    assert!(
        error.starts_with("frontend of shop: user: '0' cannot be the user"),
        "{error}"
    );
}

#[test]
fn the_browser_is_told_an_address_that_it_can_reach() {
    for (address, url) in [
        ("127.0.0.1", "http://127.0.0.1:8010"),
        ("0.0.0.0", "http://127.0.0.1:8010"),
        ("192.0.2.7", "http://192.0.2.7:8010"),
        ("::", "http://[::1]:8010"),
        ("2001:db8::1", "http://[2001:db8::1]:8010"),
    ] {
        let stack = stack(|entry| entry.address = address.parse().unwrap());
        assert_eq!(
            stack.services[ServiceKind::Frontend].env["VITE_API_BASE_URL"],
            url
        );
    }
    let moved = stack(|entry| entry.ports[ServiceKind::Backend] = Some(9000));
    assert_eq!(
        moved.services[ServiceKind::Frontend].env["VITE_API_BASE_URL"],
        "http://127.0.0.1:9000"
    );
}

#[test]
fn overrides_take_the_place_of_defaults() {
    let stack = stack(|entry| {
        let wish = &mut entry.services[ServiceKind::Backend];
        wish.image = Some("team/app:3".into());
        wish.env = [
            ("TZ".into(), "UTC".into()),
            ("REDIS_URL".into(), "redis://r".into()),
        ]
        .into();
        wish.tmpfs = vec!["/var/cache".into()];
        wish.health = Some(vec!["/check".into()]);
        wish.read_only = Some(false);
        wish.start_timeout = Some(Duration::from_secs(5));
        wish.stop_grace = Some(Duration::from_secs(3));
        wish.memory = Some(Bytes::mib(300));
    });
    let spec = &stack.services[ServiceKind::Backend];
    assert_eq!(spec.image, ImageSource::Ready("team/app:3".into()));
    assert_eq!(spec.command, None, "a ready image has its own");
    assert!(
        spec.wrapper.is_some(),
        "the secrets reach a ready image, too"
    );
    assert_eq!(
        (spec.env["TZ"].as_str(), spec.env["REDIS_URL"].as_str()),
        ("UTC", "redis://r")
    );
    assert!(spec.tmpfs.contains_key("/var/cache") && spec.tmpfs.contains_key("/tmp"));
    assert_eq!(
        (spec.exec.argv.as_slice(), &spec.wire),
        (["/check".to_owned()].as_slice(), &None)
    );
    assert!(!spec.read_only);
    assert_eq!(
        (spec.start_timeout.as_secs(), spec.stop_grace.as_secs()),
        (5, 3)
    );
    assert_eq!(spec.limits.memory, Bytes::mib(300));
}

#[test]
fn a_dependency_file_that_cannot_be_used_names_the_service() {
    let temp = folder(&["package.json"]);
    let error = StackSpec::resolve(&entry(temp.path()))
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("frontend of shop: ") && error.contains("is not a file"),
        "{error}"
    );
}

#[test]
fn an_entry_shows_as_a_project() {
    let mut entry = entry(Path::new("/srv/shop"));
    entry.number = 3;
    entry.ports[ServiceKind::Redis] = Some(7000);
    entry.services[ServiceKind::Redis].memory = Some(Bytes::mib(100));
    let project = entry.project();
    assert_eq!(project.ports.0, [5462, 7000, 8030, 3030].map(Some));
    assert_eq!(project.limits[ServiceKind::Redis].memory, Bytes::mib(100));
    assert_eq!(project.limits[ServiceKind::Redis].pids, 64);
}
