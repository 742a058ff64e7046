//! What `shell` runs in a service: the client of what it serves, or a plain shell. Never a password: both databases let
//! who is inside their container in.

use crate::domain::ServiceKind;

/// The better shell, if there is one.
const SHELL: &str = "command -v bash >/dev/null 2>&1 && exec bash || exec sh";
/// User and database as the container itself has them.
const PSQL: &str =
    r#"exec psql -U "${POSTGRES_USER:-postgres}" -d "${POSTGRES_DB:-${POSTGRES_USER:-postgres}}""#;
const REDIS: &str = r#"exec redis-cli -p "${REDIS_PORT:-6379}""#;

/// A program for the operator to talk to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Console {
    /// What it is called in a sentence.
    pub program: &'static str,
    /// The command; no shell outside of the container looks at it.
    pub argv: Vec<String>,
}

/// The client of what a service serves; `plain`, or without one, a shell.
#[must_use]
pub fn console(kind: ServiceKind, plain: bool) -> Console {
    let (program, script) = match kind {
        ServiceKind::Postgres if !plain => ("psql", PSQL),
        ServiceKind::Redis if !plain => ("redis-cli", REDIS),
        _ => ("sh", SHELL),
    };
    Console {
        program,
        argv: ["sh", "-c", script].map(str::to_owned).to_vec(),
    }
}

/// Environment of a console in a container that this program made: its root file system is read-only, and what a client
/// remembers of a session goes where it is gone with the container.
#[must_use]
pub fn env() -> Vec<String> {
    let pairs = [
        ("HOME", "/tmp"),
        ("PSQL_HISTORY", "/tmp/.psql_history"),
        ("REDISCLI_HISTFILE", "/tmp/.rediscli_history"),
    ];
    let written = |(name, value): (&str, &str)| format!("{name}={value}");
    pairs.into_iter().map(written).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_gets_its_own_client_and_no_password() {
        for (kind, program) in [
            (ServiceKind::Postgres, "psql"),
            (ServiceKind::Redis, "redis-cli"),
            (ServiceKind::Backend, "sh"),
            (ServiceKind::Frontend, "sh"),
        ] {
            let own = console(kind, false);
            assert_eq!(own.program, program);
            assert!(!own.argv.concat().to_ascii_lowercase().contains("pass"));
            assert_eq!(console(kind, true).program, "sh");
        }
        assert!(!env().concat().to_ascii_lowercase().contains("pass"));
    }
}
