//! The default stack: what each of the four services is when nobody says otherwise.

use super::{
    entry::Workspace,
    names,
    overrides::Owner,
    spec::{DATABASE, DATABASE_USER, ExecCheck, SecretContent, SecretFile, WireCheck},
    wrapper::WORKSPACE,
};
use crate::domain::{Bytes, ProjectName, ServiceKind};
use std::{collections::BTreeMap, time::Duration};

/// Where the secret files are in a container.
pub const SECRETS_DIR: &str = "/run/secrets";
/// How long a stop waits before it kills.
pub const STOP_GRACE: Duration = Duration::from_secs(10);

/// The image that a service is, or is built on.
pub(super) const fn image(kind: ServiceKind) -> &'static str {
    match kind {
        ServiceKind::Postgres => "postgres:15-alpine",
        ServiceKind::Redis => "redis:7-alpine",
        ServiceKind::Backend => "python:3.11-slim",
        ServiceKind::Frontend => "node:18-alpine",
    }
}

/// True for the services whose image is built from the project, and that see its folder.
pub(super) const fn is_built(kind: ServiceKind) -> bool {
    matches!(kind, ServiceKind::Backend | ServiceKind::Frontend)
}

pub(super) const fn owner(kind: ServiceKind) -> Owner {
    match kind {
        ServiceKind::Postgres | ServiceKind::Redis => Owner::same(999),
        ServiceKind::Backend | ServiceKind::Frontend => Owner::same(1000),
    }
}

/// The command on an image that is built here; a ready image has its own.
pub(super) fn command(kind: ServiceKind) -> Vec<String> {
    match kind {
        ServiceKind::Postgres | ServiceKind::Redis => Vec::new(),
        ServiceKind::Backend => words("uvicorn app.main:app --host 0.0.0.0 --port 8000"),
        ServiceKind::Frontend => words("npm run dev -- --host 0.0.0.0 --port 3000"),
    }
}

/// Environment that does not depend on the project's ports. `HOME` is a tmpfs: tools write there, and the root file
/// system is read-only.
pub(super) fn env(kind: ServiceKind, project: &ProjectName) -> BTreeMap<String, String> {
    let pairs: Vec<(&str, &str)> = match kind {
        ServiceKind::Postgres => vec![
            ("POSTGRES_USER", DATABASE_USER),
            ("POSTGRES_DB", DATABASE),
            ("POSTGRES_PASSWORD_FILE", "/run/secrets/postgres_password"),
            // Below the volume: a user that does not own the volume's root cannot change its mode, and initdb does.
            ("PGDATA", "/var/lib/postgresql/data/pgdata"),
        ],
        ServiceKind::Redis => vec![],
        ServiceKind::Backend => vec![
            ("HOME", "/tmp"),
            ("PROJECT_NAME", project.as_str()),
            ("PYTHONDONTWRITEBYTECODE", "1"),
            ("PYTHONUNBUFFERED", "1"),
            ("REDIS_URL", "redis://redis:6379/0"),
        ],
        ServiceKind::Frontend => vec![
            ("HOME", "/tmp"),
            ("VITE_PROJECT_NAME", project.as_str()),
            ("npm_config_update_notifier", "false"),
        ],
    };
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    pairs.into_iter().map(owned).collect()
}

/// The folder with the data that survives the stack.
pub(super) const fn data_folder(kind: ServiceKind) -> Option<&'static str> {
    match kind {
        ServiceKind::Postgres => Some("/var/lib/postgresql/data"),
        ServiceKind::Redis => Some("/data"),
        ServiceKind::Backend | ServiceKind::Frontend => None,
    }
}

/// The files under [`SECRETS_DIR`], by least need.
pub(super) fn secret_files(kind: ServiceKind) -> Vec<SecretFile> {
    let files: &[(&str, SecretContent)] = match kind {
        ServiceKind::Postgres => &[("postgres_password", SecretContent::Password)],
        ServiceKind::Backend => &[
            ("database_url", SecretContent::DatabaseUrl),
            ("secret_key", SecretContent::SecretKey),
        ],
        ServiceKind::Redis | ServiceKind::Frontend => &[],
    };
    let file = |(name, content): &(&str, SecretContent)| SecretFile {
        name: (*name).to_owned(),
        content: *content,
    };
    files.iter().map(file).collect()
}

pub(super) const fn tmpfs(kind: ServiceKind) -> &'static [&'static str] {
    match kind {
        // The socket and its lock file; the images' /var/run is a link to /run.
        ServiceKind::Postgres => &["/run/postgresql", "/tmp"],
        ServiceKind::Redis | ServiceKind::Backend | ServiceKind::Frontend => &["/tmp"],
    }
}

pub(super) const fn workspace(kind: ServiceKind) -> Option<Workspace> {
    match kind {
        ServiceKind::Postgres | ServiceKind::Redis => None,
        ServiceKind::Backend => Some(Workspace::ReadOnly),
        ServiceKind::Frontend => Some(Workspace::Copy),
    }
}

/// Postgres's parallel queries share memory there; the engine's 64 MB are soon full.
pub(super) const fn shm(kind: ServiceKind) -> Option<Bytes> {
    match kind {
        ServiceKind::Postgres => Some(Bytes::mib(256)),
        ServiceKind::Redis | ServiceKind::Backend | ServiceKind::Frontend => None,
    }
}

/// Redis wants 10000 clients and 32 files of its own.
pub(super) const fn nofile(kind: ServiceKind) -> (i64, i64) {
    match kind {
        ServiceKind::Redis => (10_032, 10_032),
        ServiceKind::Postgres | ServiceKind::Backend | ServiceKind::Frontend => (4096, 8192),
    }
}

/// Postgres takes SIGINT as "end connections and stop cleanly"; SIGTERM would wait for its clients.
pub(super) const fn stop_signal(kind: ServiceKind) -> &'static str {
    match kind {
        ServiceKind::Postgres => "SIGINT",
        ServiceKind::Redis | ServiceKind::Backend | ServiceKind::Frontend => "SIGTERM",
    }
}

pub(super) const fn start_timeout(kind: ServiceKind) -> Duration {
    Duration::from_secs(match kind {
        ServiceKind::Postgres | ServiceKind::Redis => 30,
        ServiceKind::Backend => 60,
        ServiceKind::Frontend => 90,
    })
}

/// The checks inside the container. Each ends by itself: old engines never kill a check that outlives its caller.
pub(super) fn exec(kind: ServiceKind) -> ExecCheck {
    let argv = match kind {
        // Over TCP: during its first start postgres answers on the socket and is not ready.
        ServiceKind::Postgres => format!("pg_isready -h 127.0.0.1 -U {DATABASE_USER} -t 3"),
        ServiceKind::Redis => "timeout 3 redis-cli ping".to_owned(),
        ServiceKind::Backend => curl("http://localhost:8000/health"),
        ServiceKind::Frontend => curl("http://localhost:3000/"),
    };
    ExecCheck {
        argv: words(&argv),
        expect: (kind == ServiceKind::Redis).then(|| "PONG".to_owned()),
    }
}

pub(super) fn wire(kind: ServiceKind) -> WireCheck {
    let http = |path: &str| WireCheck::Http {
        path: path.to_owned(),
    };
    match kind {
        ServiceKind::Postgres => WireCheck::Postgres {
            user: DATABASE_USER.to_owned(),
            database: DATABASE.to_owned(),
        },
        ServiceKind::Redis => WireCheck::Redis,
        ServiceKind::Backend => http("/health"),
        ServiceKind::Frontend => http("/"),
    }
}

/// The sub-folder that a service works in, where the project has it.
pub(super) fn subfolder(kind: ServiceKind) -> String {
    format!("{WORKSPACE}/{kind}")
}

/// The volume with a service's secret files, for a service that has any.
pub(super) fn secrets_volume(project: &ProjectName, kind: ServiceKind) -> Option<String> {
    (!secret_files(kind).is_empty()).then(|| names::secrets_volume(project, kind))
}

fn curl(url: &str) -> String {
    format!("curl -f -s -S -o /dev/null --max-time 4 {url}")
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}
