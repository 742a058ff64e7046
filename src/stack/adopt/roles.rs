//! Which services of a Compose project play the four parts: by name, image, port and program. Evidence adds up, the
//! highest sum gets the part; whatever is clearly something else gets none.

use crate::domain::{PerService, ServiceKind};
use std::cmp::Reverse;

/// What is looked at of one service of a Compose project.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Compose's name of the project: images that Compose built are called after it.
    pub project: &'a str,
    /// Compose's name of the service.
    pub service: &'a str,
    /// The image's reference or id.
    pub image: &'a str,
    /// TCP ports inside the container that it publishes or exposes.
    pub ports: &'a [u16],
    /// What runs in it: program and arguments.
    pub command: &'a str,
}

/// With less evidence nobody gets a part.
const ENOUGH: u32 = 30;
/// The image is made for this.
const BY_IMAGE: u32 = 100;
/// A word within the name of the service or of the image.
const BY_WORD: u32 = 40;

/// The signs of one part.
struct Signs {
    /// Names of services, and what each is worth.
    names: &'static [(&'static str, u32)],
    /// Images that are this and nothing else, without registry and tag.
    images: &'static [&'static str],
    /// Ports inside, and what one of them is worth.
    ports: (&'static [u16], u32),
    /// Programs, and what one of them is worth.
    programs: (&'static [&'static str], u32),
}

const fn signs(kind: ServiceKind) -> Signs {
    match kind {
        ServiceKind::Postgres => POSTGRES,
        ServiceKind::Redis => REDIS,
        ServiceKind::Backend => BACKEND,
        ServiceKind::Frontend => FRONTEND,
    }
}

const POSTGRES: Signs = Signs {
    names: &[
        ("postgres", 80),
        ("postgresql", 80),
        ("pg", 80),
        ("pgsql", 80),
        ("postgis", 80),
        ("timescaledb", 80),
        ("timescale", 80),
        ("db", 60),
        ("database", 60),
    ],
    images: &[
        "postgres",
        "postgresql",
        "postgis",
        "timescaledb",
        "timescaledb-ha",
        "pgvector",
        "pgvecto-rs",
        "citus",
        "spilo",
    ],
    ports: (&[5432], 30),
    programs: (&["postgres"], 30),
};

const REDIS: Signs = Signs {
    names: &[
        ("redis", 80),
        ("valkey", 80),
        ("keydb", 80),
        ("dragonfly", 80),
        ("cache", 60),
    ],
    images: &[
        "redis",
        "redis-stack",
        "redis-stack-server",
        "redis-cluster",
        "valkey",
        "keydb",
        "dragonfly",
        "kvrocks",
    ],
    ports: (&[6379], 30),
    programs: (&["redis-server", "valkey-server", "keydb-server"], 30),
};

const BACKEND: Signs = Signs {
    names: &[
        ("backend", 80),
        ("api", 70),
        ("server", 60),
        ("django", 60),
        ("fastapi", 60),
        ("flask", 60),
        ("rails", 60),
        ("app", 50),
        ("application", 50),
        ("web", 30),
    ],
    images: &[],
    ports: (&[8000, 8080, 5000, 4000, 8001, 8081, 9000, 5001], 15),
    programs: (
        &[
            "uvicorn",
            "gunicorn",
            "hypercorn",
            "daphne",
            "flask",
            "fastapi",
            "manage.py",
            "rails",
            "puma",
            "java",
            "dotnet",
            "php-fpm",
        ],
        25,
    ),
};

const FRONTEND: Signs = Signs {
    names: &[
        ("frontend", 80),
        ("front", 70),
        ("ui", 70),
        ("client", 70),
        ("spa", 70),
        ("webapp", 60),
        ("website", 60),
        ("www", 50),
        ("site", 50),
        ("web", 40),
    ],
    images: &[],
    ports: (&[3000, 5173, 4200, 4173, 80, 443], 15),
    programs: (
        &[
            "vite",
            "next",
            "nuxt",
            "ng",
            "webpack",
            "react-scripts",
            "nginx",
        ],
        25,
    ),
};

/// Words within a name that are worth something for backend and frontend, as `shop-api` has one.
const BACKEND_WORDS: [&str; 3] = ["backend", "api", "server"];
const FRONTEND_WORDS: [&str; 4] = ["frontend", "ui", "client", "web"];

/// Products that are none of the four, whatever the service is called.
const OTHER_PRODUCTS: [&str; 42] = [
    "adminer",
    "alertmanager",
    "cadvisor",
    "cassandra",
    "clickhouse-server",
    "cockroach",
    "consul",
    "couchdb",
    "elasticsearch",
    "etcd",
    "fluentd",
    "grafana",
    "haproxy",
    "influxdb",
    "jaeger",
    "keycloak",
    "kibana",
    "localstack",
    "loki",
    "mailhog",
    "mailpit",
    "mariadb",
    "memcached",
    "meilisearch",
    "minio",
    "mongo",
    "mongodb",
    "mssql",
    "mysql",
    "nats",
    "neo4j",
    "opensearch",
    "percona",
    "pgadmin4",
    "pgbouncer",
    "postgres_exporter",
    "postgres-exporter",
    "prometheus",
    "rabbitmq",
    "redisinsight",
    "traefik",
    "zookeeper",
];

/// Words of services that stand beside a backend or frontend and often run the same image.
const HELPERS: [&str; 24] = [
    "worker",
    "celery",
    "beat",
    "flower",
    "sidekiq",
    "scheduler",
    "cron",
    "queue",
    "consumer",
    "job",
    "jobs",
    "migrate",
    "migration",
    "migrations",
    "init",
    "seed",
    "setup",
    "test",
    "tests",
    "e2e",
    "proxy",
    "nginx",
    "exporter",
    "backup",
];

/// Words of services that stand beside a database and often run the same image.
const ATTENDANTS: [&str; 13] = [
    "exporter",
    "backup",
    "admin",
    "migrate",
    "migration",
    "migrations",
    "init",
    "seed",
    "proxy",
    "bouncer",
    "insight",
    "ui",
    "commander",
];

/// Gives each part to the service that fits best; the index of each in `services`.
#[must_use]
pub fn cast(services: &[Facts<'_>]) -> PerService<Option<usize>> {
    let mut claims: Vec<_> = ServiceKind::ALL
        .into_iter()
        .flat_map(|kind| {
            let scored = services.iter().map(move |facts| score(*facts, kind));
            scored.enumerate().map(move |(at, sum)| (sum, kind, at))
        })
        .filter(|(sum, ..)| *sum >= ENOUGH)
        .collect();
    // Of equals the part that comes first in the stack, then the service that comes first by name.
    claims.sort_by_key(|(sum, kind, at)| (Reverse(*sum), *kind, services[*at].service));
    let mut parts = PerService::<Option<usize>>::default();
    for (_, kind, at) in claims {
        if parts[kind].is_none() && !parts.0.contains(&Some(at)) {
            parts[kind] = Some(at);
        }
    }
    parts
}

/// The ports inside that the part is known by, the most usual first.
#[must_use]
pub fn ports_of(kind: ServiceKind) -> &'static [u16] {
    signs(kind).ports.0
}

/// How much speaks for `kind`; 0 if something speaks against it.
#[must_use]
pub fn score(facts: Facts<'_>, kind: ServiceKind) -> u32 {
    let image = image_name(facts);
    let service = facts.service.to_ascii_lowercase();
    if is_something_else(image.as_deref(), &service, kind) {
        return 0;
    }
    let signs = signs(kind);
    let image = image.as_deref().unwrap_or_default();
    let by_image = if signs.images.contains(&image) {
        BY_IMAGE
    } else {
        by_word(image, &signs, kind)
    };
    let has_port = facts.ports.iter().any(|port| signs.ports.0.contains(port));
    let mut programs = facts.command.split_whitespace().map(program);
    let runs_it = programs.any(|program| signs.programs.0.contains(&program));
    by_name(&service, &signs, kind)
        + by_image
        + if has_port { signs.ports.1 } else { 0 }
        + if runs_it { signs.programs.1 } else { 0 }
}

fn by_name(service: &str, signs: &Signs, kind: ServiceKind) -> u32 {
    let exact = signs.names.iter().find(|(name, _)| *name == service);
    exact.map_or_else(|| by_word(service, signs, kind), |(_, worth)| *worth)
}

fn by_word(name: &str, signs: &Signs, kind: ServiceKind) -> u32 {
    let is_sign = |word: &str| match kind {
        ServiceKind::Postgres | ServiceKind::Redis => {
            signs.names.iter().any(|(name, _)| *name == word)
        }
        ServiceKind::Backend => BACKEND_WORDS.contains(&word),
        ServiceKind::Frontend => FRONTEND_WORDS.contains(&word),
    };
    if words(name).any(is_sign) { BY_WORD } else { 0 }
}

fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(['-', '_', '.']).filter(|word| !word.is_empty())
}

/// What speaks against a part: an image that is another product, or a word for what stands beside it.
fn is_something_else(image: Option<&str>, service: &str, kind: ServiceKind) -> bool {
    let image = image.unwrap_or_default();
    let of_another = |other: ServiceKind| other != kind && signs(other).images.contains(&image);
    let words_against: &[&str] = match kind {
        ServiceKind::Postgres | ServiceKind::Redis => &ATTENDANTS,
        ServiceKind::Backend | ServiceKind::Frontend => &HELPERS,
    };
    let is_data = matches!(kind, ServiceKind::Postgres | ServiceKind::Redis);
    let mut words = words(service).chain(words(image).filter(|_| is_data));
    OTHER_PRODUCTS.contains(&image)
        || ServiceKind::ALL.into_iter().any(of_another)
        || words.any(|word| words_against.contains(&word))
}

/// An image's last part without tag and digest, in small letters. What Compose built is called after project and
/// service, and an id says nothing: both are no evidence.
fn image_name(facts: Facts<'_>) -> Option<String> {
    let reference = facts.image.split('@').next().unwrap_or_default();
    let last = reference.rsplit('/').next().unwrap_or_default();
    let name = last.split(':').next().unwrap_or_default();
    let built = ['-', '_'].map(|between| format!("{}{between}{}", facts.project, facts.service));
    let is_id = reference.starts_with("sha256:")
        || (name.len() >= 12 && name.bytes().all(|b| b.is_ascii_hexdigit()));
    (!is_id && !built.iter().any(|built| built == name)).then(|| name.to_ascii_lowercase())
}

/// The file name of a word of a command.
fn program(word: &str) -> &str {
    let word = word.trim_matches(['"', '\'', '[', ']', ',']);
    word.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ServiceKind::{Backend, Frontend, Postgres, Redis};

    /// Service, image, ports inside, command.
    type Row = (&'static str, &'static str, &'static [u16], &'static str);

    fn parts(rows: &[Row]) -> [Option<&'static str>; 4] {
        let facts: Vec<_> = rows
            .iter()
            .map(|(service, image, ports, command)| Facts {
                project: "shop",
                service,
                image,
                ports,
                command,
            })
            .collect();
        let cast = cast(&facts);
        ServiceKind::ALL.map(|kind| cast[kind].map(|at| rows[at].0))
    }

    #[test]
    fn the_four_parts_are_recognised_by_name_image_port_and_program() {
        let cases: &[(&[Row], [Option<&str>; 4])] = &[
            (
                &[
                    ("postgres", "postgres:15", &[5432], ""),
                    ("redis", "redis:7", &[6379], ""),
                    ("backend", "shop-backend", &[8000], ""),
                    ("frontend", "shop-frontend", &[3000], ""),
                ],
                [
                    Some("postgres"),
                    Some("redis"),
                    Some("backend"),
                    Some("frontend"),
                ],
            ),
            // Aliases.
            (
                &[
                    (
                        "db",
                        "registry.example:5000/team/postgres:15@sha256:0a",
                        &[],
                        "",
                    ),
                    ("cache", "valkey/valkey:8", &[], ""),
                    ("api", "shop-api", &[], ""),
                    ("ui", "shop-ui", &[], ""),
                ],
                [Some("db"), Some("cache"), Some("api"), Some("ui")],
            ),
            (
                &[
                    ("database", "postgis/postgis:16-3.4", &[], ""),
                    ("server", "shop_server", &[], ""),
                    ("client", "shop_client", &[], ""),
                ],
                [Some("database"), None, Some("server"), Some("client")],
            ),
            // Images alone, whatever the names.
            (
                &[
                    ("storage", "timescale/timescaledb-ha:pg16", &[], ""),
                    ("broker", "bitnami/redis:7.2", &[], ""),
                ],
                [Some("storage"), Some("broker"), None, None],
            ),
            // Ports alone are enough for what has a port of its own, and not for HTTP.
            (
                &[
                    ("one", "team/one", &[5432], ""),
                    ("two", "team/two", &[6379], ""),
                    ("three", "team/three", &[8000], ""),
                    ("four", "team/four", &[3000], ""),
                ],
                [Some("one"), Some("two"), None, None],
            ),
            // Words within names.
            (
                &[
                    ("shop-api", "shop-shop-api", &[], ""),
                    ("shop-web", "shop-shop-web", &[], ""),
                    (
                        "shop_db",
                        "shop-shop_db",
                        &[],
                        "docker-entrypoint.sh postgres",
                    ),
                ],
                [Some("shop_db"), None, Some("shop-api"), Some("shop-web")],
            ),
            // "web" is what the rest of the project makes of it.
            (
                &[("web", "shop-web", &[], "")],
                [None, None, None, Some("web")],
            ),
            (
                &[("web", "shop-web", &[8000], "gunicorn shop.wsgi")],
                [None, None, Some("web"), None],
            ),
            (
                &[
                    ("web", "shop-web", &[], ""),
                    ("frontend", "shop-frontend", &[], ""),
                ],
                [None, None, Some("web"), Some("frontend")],
            ),
            (
                &[
                    ("web", "nginx:1.27", &[80], "nginx -g daemon off;"),
                    ("app", "shop-app", &[], ""),
                ],
                [None, None, Some("app"), Some("web")],
            ),
            // What has a name of the four and is something else.
            (
                &[
                    ("db", "mysql:8", &[3306], ""),
                    ("cache", "memcached:1.6", &[], ""),
                    ("ui", "grafana/grafana:11", &[3000], ""),
                    ("api", "postgres:15", &[], ""),
                ],
                [Some("api"), None, None, None],
            ),
            // What stands beside them.
            (
                &[
                    ("backend", "shop/backend:2", &[8000], "uvicorn app:app"),
                    ("worker", "shop/backend:2", &[], "celery worker"),
                    ("api-migrate", "shop/backend:2", &[], "uvicorn"),
                    ("db-backup", "postgres:15", &[], ""),
                    ("redis-exporter", "oliver006/redis_exporter", &[], ""),
                    ("proxy", "nginx", &[80], "nginx"),
                ],
                [None, None, Some("backend"), None],
            ),
            // Two of one kind: the better name, then the name that comes first.
            (
                &[
                    ("queue", "redis:7", &[6379], ""),
                    ("cache", "redis:7", &[6379], ""),
                ],
                [None, Some("cache"), None, None],
            ),
            (
                &[("b", "postgres", &[], ""), ("a", "postgres", &[], "")],
                [Some("a"), None, None, None],
            ),
            // Neither an id nor a project that is called like a product is evidence.
            (
                &[
                    ("thing", "sha256:0a1b2c3d4e5f", &[], ""),
                    ("x", "0a1b2c3d4e5f6789", &[], ""),
                ],
                [None; 4],
            ),
            (&[], [None; 4]),
        ];
        for (rows, expected) in cases {
            assert_eq!(parts(rows), *expected, "{rows:?}");
        }
    }

    #[test]
    fn the_order_of_the_services_does_not_matter() {
        let mut rows: Vec<Row> = vec![
            ("web", "shop-web", &[], ""),
            ("api", "shop-api", &[8000], ""),
            ("app", "shop-app", &[], ""),
            ("db", "postgres", &[], ""),
            ("pg", "postgres", &[], ""),
        ];
        let first = parts(&rows);
        assert_eq!(first, [Some("pg"), None, Some("api"), Some("web")]);
        for _ in 0..rows.len() {
            rows.rotate_left(1);
            assert_eq!(parts(&rows), first);
        }
    }

    #[test]
    fn an_image_that_compose_named_after_its_project_says_nothing() {
        let facts = |project, image| Facts {
            project,
            service: "thing",
            image,
            ports: &[],
            command: "",
        };
        assert_eq!(score(facts("redis", "redis-thing"), Redis), 0);
        assert_eq!(score(facts("redis", "redis_thing:latest"), Redis), 0);
        assert_eq!(score(facts("shop", "redis-thing"), Redis), BY_WORD);
        for kind in [Postgres, Backend, Frontend] {
            assert_eq!(score(facts("shop", "redis-thing"), kind), 0);
        }
    }
}
