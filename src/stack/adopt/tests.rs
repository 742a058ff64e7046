//! From lists of containers to projects.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::stack::entry::ImportedService;
use ServiceKind::{Backend, Frontend, Postgres, Redis};

fn named(word: &str) -> ProjectName {
    word.parse().unwrap()
}

/// A container of `project`'s `service`; `spec` is `image port>host …`.
fn row(project: &str, service: &str, number: u32, spec: &str) -> Summary {
    let mut words = spec.split(' ');
    let image = words.next().unwrap_or_default();
    let ports = words.map(|word| {
        let (inside, outside) = word.split_once('>').unwrap_or((word, ""));
        let outside = outside
            .parse()
            .ok()
            .map(|port| SocketAddr::from(([0, 0, 0, 0], port)));
        PortUse {
            inside: inside.parse().unwrap(),
            outside,
        }
    });
    Summary {
        id: format!("{project}/{service}/{number}"),
        name: Safe::new(format!("{project}-{service}-{number}")),
        project: None,
        service: None,
        phase: Phase::Running,
        status: Safe::new("Up 3 minutes"),
        published: Vec::new(),
        image: Safe::new(image),
        command: String::new(),
        ports: ports.collect(),
        compose: Some(Box::new(ComposeLabels {
            project: project.to_owned(),
            service: service.to_owned(),
            number,
            folder: format!("/srv/{project}"),
            ..ComposeLabels::default()
        })),
    }
}

fn found(list: &[Summary]) -> BTreeMap<ProjectName, Adopted> {
    discover(list, [], &BTreeMap::new()).projects
}

#[test]
fn containers_become_projects_with_parts_and_others() {
    let list = [
        row("shop", "web", 1, "shop-web 3000>8088"),
        row("shop", "db", 1, "postgres:15 5432>15432"),
        row("shop", "mail", 1, "mailhog/mailhog 1025 8025>18025"),
        row("shop", "api", 1, "shop-api 8000>18000"),
        row("blog", "app", 1, "blog-app"),
    ];
    let found = found(&list);
    let names: Vec<_> = found.keys().map(ProjectName::as_str).collect();
    assert_eq!(names, ["blog", "shop"]);
    let shop = found[&named("shop")].project();
    assert_eq!(shop.ports.0, [Some(15432), None, Some(18000), Some(8088)]);
    assert_eq!((shop.number, shop.folder().as_str()), (None, "/srv/shop"));
    let compose = shop.compose().unwrap();
    let services = compose.services.0.each_ref().map(|name| name.as_deref());
    assert_eq!(services, [Some("db"), None, Some("api"), Some("web")]);
    assert!(!compose.imported && !shop.has(Redis) && shop.has(Backend));
    let others: Vec<_> = found[&named("shop")].others().collect();
    assert_eq!(others.len(), 1);
    assert_eq!(others[0].1.name.as_str(), "shop-mail-1");
    assert!(found[&named("blog")].project().has(Backend));
}

#[test]
fn what_is_ours_or_nobodys_is_not_adopted() {
    let mut ours = row("shop", "db", 1, "postgres");
    ours.compose = None;
    assert!(found(&[ours]).is_empty());
    assert_eq!(found(&[]), BTreeMap::new());
}

#[test]
fn of_a_scaled_service_the_first_container_stands_for_it_and_the_rest_are_others() {
    let list = [
        row("shop", "api", 10, "shop-api 8000>1010"),
        row("shop", "api", 2, "shop-api 8000>1002"),
        row("shop", "api", 3, "shop-api 8000>1003"),
    ];
    let shop = &found(&list)[&named("shop")];
    assert_eq!(shop.project().ports[Backend], Some(1002));
    let others: Vec<_> = shop.others().map(|(_, c)| c.number).collect();
    assert_eq!(others, [3, 10]);
}

#[test]
fn while_a_container_is_made_anew_the_one_that_runs_counts() {
    let mut old = row("shop", "db", 1, "postgres");
    old.name = Safe::new("0a1b_shop-db-1");
    old.phase = Phase::Exited;
    let new = row("shop", "db", 1, "postgres");
    for list in [[old.clone(), new.clone()], [new, old]] {
        let shop = &found(&list)[&named("shop")];
        let db = shop.service(Postgres).unwrap();
        assert_eq!(db.containers.len(), 1);
        assert_eq!(db.container().unwrap().name.as_str(), "shop-db-1");
    }
}

#[test]
fn a_name_of_the_hub_is_the_hubs() {
    let list = [row("shop", "db", 1, "postgres")];
    let hub = named("shop");
    let found = discover(&list, [&hub], &BTreeMap::new()).projects;
    let names: Vec<_> = found.keys().map(ProjectName::as_str).collect();
    assert_eq!(names, ["shop-8d90"]);
    assert_eq!(found[&named("shop-8d90")].compose, "shop");
}

#[test]
fn a_host_full_of_projects_is_looked_at_up_to_a_bound() {
    let list: Vec<Summary> = (0..ADOPTED_MAX + 3)
        .map(|n| row(&format!("p{n}"), "db", 1, "postgres"))
        .collect();
    let found = discover(&list, [], &BTreeMap::new());
    assert_eq!((found.projects.len(), found.left_out), (ADOPTED_MAX, 3));
}

#[test]
fn a_project_of_the_hub_file_stays_when_its_containers_are_gone() {
    let mut entry = ImportedEntry {
        compose: "my_shop".to_owned(),
        path: Some("/srv/my_shop".into()),
        protected: true,
        ..ImportedEntry::default()
    };
    entry.ports[Frontend] = Some(8088);
    entry.services[Frontend] = ImportedService {
        service: Some("site".to_owned()),
        memory: Some(crate::domain::Bytes::mib(300)),
        ..ImportedService::default()
    };
    let imported = BTreeMap::from([(named("shop"), entry)]);
    let down = discover(&[], [], &imported).projects[&named("shop")].project();
    assert!(down.has(Frontend) && !down.has(Backend));
    assert!(down.protected);
    assert_eq!(down.ports[Frontend], Some(8088));
    assert_eq!(down.limits[Frontend].memory, crate::domain::Bytes::mib(300));
    assert_eq!(down.folder(), "/srv/my_shop");

    // Up again: what plays a part is what the file says, whatever the name would make of it.
    let list = [
        row("my_shop", "site", 1, "my_shop-site 80>9000"),
        row("my_shop", "frontend", 1, "my_shop-frontend 3000>3000"),
    ];
    let found = discover(&list, [], &imported).projects;
    assert_eq!(found.len(), 1, "it is not adopted a second time");
    let up = found[&named("shop")].project();
    assert!(up.compose().unwrap().imported);
    assert_eq!(
        up.compose().unwrap().services[Frontend].as_deref(),
        Some("site")
    );
    assert_eq!(up.ports[Frontend], Some(9000));
}

#[test]
fn a_part_is_asked_where_it_is_known_to_answer() {
    let at = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    let ports = |all: &[(u16, u16)]| {
        let outside = |port: u16| (port > 0).then(|| SocketAddr::from(([0, 0, 0, 0], port)));
        let uses = all.iter().map(|(inside, out)| PortUse {
            inside: *inside,
            outside: outside(*out),
        });
        uses.collect::<Vec<_>>()
    };
    for (kind, published, expected) in [
        (Postgres, ports(&[(5432, 15432)]), Some(15432)),
        (Postgres, ports(&[(5432, 0), (9187, 9187)]), None),
        (Redis, ports(&[(6379, 16379), (8001, 8001)]), Some(16379)),
        (Backend, ports(&[(5678, 5678), (8000, 18000)]), Some(18000)),
        (Backend, ports(&[(1234, 11234), (4321, 0)]), Some(11234)),
        (Frontend, ports(&[(3000, 0)]), None),
        (Frontend, ports(&[]), None),
    ] {
        let address = wire(kind, &published).map(|(_, address)| address);
        assert_eq!(address, expected.map(at), "{kind} {published:?}");
    }
}

#[test]
fn the_order_of_a_start_follows_the_labels() {
    let mut api = row("shop", "api", 1, "shop-api");
    let mut migrate = row("shop", "migrate", 1, "shop-api");
    let needs = |row: &mut Summary, text: &str| {
        row.compose.as_mut().unwrap().needs = text.to_owned();
    };
    needs(&mut api, "migrate:service_completed_successfully:false");
    needs(&mut migrate, "db:service_healthy:false");
    let list = [api, migrate, row("shop", "db", 1, "postgres")];
    let shop = &found(&list)[&named("shop")];
    let names = |wave: Vec<usize>| -> Vec<&str> {
        wave.iter()
            .map(|at| shop.services[*at].service.as_str())
            .collect()
    };
    let waves: Vec<_> = shop.waves().into_iter().map(names).collect();
    assert_eq!(waves, [["db"], ["migrate"], ["api"]]);
}
