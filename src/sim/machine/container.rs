//! Simulated containers: made, listed, looked at, renamed, changed, removed.

use super::{
    Conduct, Counts, Machine, Manner, Readiness,
    conduct::{kind_of, protocol_of},
    no_container,
};
use crate::{
    domain::{Timestamp, container::LABEL_PROJECT},
    sim::{
        http::{Asked, Reply, Tape},
        voice::Voice,
    },
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::watch;

/// How the engine writes a moment that never was.
pub(super) const NEVER: &str = "0001-01-01T00:00:00Z";
/// Log lines that a lively container keeps.
pub(super) const LIVELY_LOG: usize = 1500;

/// What a container is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Never started.
    Created,
    /// Its process runs.
    Running,
    /// Its process ended and the engine will start it again.
    Restarting,
    /// Its process ended.
    Exited,
    /// Its process is held still. Nothing here brings that about: whoever wants it sets it.
    Paused,
    /// It is on its way out. Set from outside, too.
    Removing,
    /// It could not be removed whole. Set from outside, too.
    Dead,
}

impl Phase {
    /// The engine's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Restarting => "restarting",
            Self::Exited => "exited",
            Self::Paused => "paused",
            Self::Removing => "removing",
            Self::Dead => "dead",
        }
    }
}

/// A simulated container.
#[derive(Debug)]
pub struct Container {
    /// The engine's id.
    pub id: String,
    /// The create request, with limits as they are now.
    pub body: Value,
    /// What it is doing.
    pub phase: Phase,
    /// How its process last ended.
    pub exit_code: i64,
    /// Times that the engine started it again.
    pub restarts: u32,
    /// The kernel killed it for memory.
    pub oom: bool,
    /// Its last start.
    pub started: Option<Timestamp>,
    /// Its last end.
    pub finished: Option<Timestamp>,
    /// Bytes in use.
    pub uses: u64,
    /// Most bytes that were in use since it started.
    pub peak: u64,
    /// What it counts since it was started.
    pub counts: Counts,
    /// Its log: one frame per piece.
    pub log: watch::Sender<Tape>,
    /// What it does wrong.
    pub conduct: Conduct,
    /// What its port answers.
    pub manner: watch::Sender<Manner>,
    /// How busy it is, in percent of the usual.
    pub(super) load: u64,
    /// Hundredths of a period in which it was held up and that are not counted yet.
    pub(super) held_up: u64,
    /// It prints by itself.
    pub(super) voice: Option<Voice>,
    /// The engine will start it again then.
    pub(super) again_at: Option<Timestamp>,
    /// How long the engine waits before it starts it again.
    pub(super) pause: Duration,
    /// Somebody stopped it: the engine does not start it again.
    pub(super) stopped: bool,
}

impl Container {
    /// Its memory limit in bytes; none means no limit.
    #[must_use]
    pub fn memory_limit(&self) -> Option<u64> {
        self.body["HostConfig"]["Memory"]
            .as_u64()
            .filter(|bytes| *bytes > 0)
    }

    /// Address and port on the host, for each published port.
    #[must_use]
    pub fn published(&self) -> Vec<(String, u16)> {
        let bound = self.body["HostConfig"]["PortBindings"].as_object();
        let bound = bound.into_iter().flatten();
        bound
            .filter_map(|(_, bound)| {
                let port = bound[0]["HostPort"].as_str()?.parse().ok()?;
                let address = bound[0]["HostIp"].as_str().unwrap_or("0.0.0.0");
                Some((address.to_owned(), port))
            })
            .collect()
    }

    /// TCP ports inside, each with the address and port on the host where it is published.
    fn port_uses(&self) -> Vec<(u16, Option<(String, u16)>)> {
        let host = &self.body["HostConfig"]["PortBindings"];
        let number = |port: &String| port.strip_suffix("/tcp")?.parse().ok();
        let bound = host.as_object().into_iter().flatten();
        let bound = bound.filter_map(|(port, bound)| {
            let outside = bound[0]["HostPort"].as_str()?.parse().ok()?;
            let address = bound[0]["HostIp"].as_str().unwrap_or("0.0.0.0");
            Some((number(port)?, Some((address.to_owned(), outside))))
        });
        let exposed = self.body["ExposedPorts"].as_object().into_iter().flatten();
        let exposed = exposed
            .filter(|(port, _)| host[port.as_str()].is_null())
            .filter_map(|(port, _)| Some((number(port)?, None)));
        bound.chain(exposed).collect()
    }

    /// What the engine's own check says of it; nothing if it has none.
    #[must_use]
    pub fn health(&self) -> Option<&'static str> {
        let test = self.body["Healthcheck"]["Test"][0].as_str();
        test.filter(|test| *test != "NONE" && self.runs())?;
        Some(match self.manner.borrow().readiness {
            Readiness::Ready => "healthy",
            Readiness::Starting => "starting",
            Readiness::Refusing(_) | Readiness::Silent => "unhealthy",
        })
    }

    /// True while its process runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.phase == Phase::Running
    }
}

impl Machine {
    pub(super) fn list(&self, asked: &Asked) -> Reply {
        let filters = asked.query("filters").unwrap_or_default();
        let only_ours = filters.contains(LABEL_PROJECT);
        let rows = self
            .containers
            .iter()
            .filter(|(_, c)| !only_ours || c.body["Labels"][LABEL_PROJECT].is_string());
        let rows = rows.map(|(name, c)| row(name, c));
        Reply::json(200, Value::from_iter(rows).to_string())
    }

    pub(super) fn create(&mut self, asked: &Asked) -> Reply {
        let name = asked.query("name").unwrap_or_default();
        if let Some(taken) = self.containers.get(&name) {
            let id = &taken.id;
            return Reply::refuse(
                409,
                &format!(
                    "Conflict. The container name \"/{name}\" is already in use by container \"{id}\"."
                ),
            );
        }
        let body = asked.json();
        let image = body["Image"].as_str().unwrap_or_default();
        if self.quirks.absent_images.contains(image) {
            return Reply::refuse(404, &format!("No such image: {image}"));
        }
        let id = self.put(&name, body);
        self.tell(&name, "create");
        Reply::json(201, json!({"Id": id, "Warnings": []}).to_string())
    }

    /// Makes a container, whoever asks; gives its id.
    pub fn put(&mut self, name: &str, body: Value) -> String {
        self.made += 1;
        let id = format!("{:064x}", self.made);
        let kept = match self.settings.lively {
            true => Tape::of(LIVELY_LOG),
            false => Tape::default(),
        };
        let manner = Manner {
            protocol: protocol_of(kind_of(&body)),
            ..Manner::default()
        };
        let container = Container {
            id: id.clone(),
            voice: self.voice_for(&body),
            body,
            phase: Phase::Created,
            exit_code: 0,
            restarts: 0,
            oom: false,
            started: None,
            finished: None,
            uses: 100 << 20,
            peak: 100 << 20,
            counts: Counts::default(),
            load: 100,
            held_up: 0,
            log: watch::Sender::new(kept),
            conduct: Conduct::Well,
            manner: watch::Sender::new(manner),
            again_at: None,
            pause: Duration::ZERO,
            stopped: false,
        };
        self.containers.insert(name.to_owned(), container);
        id
    }

    pub(super) fn inspect(&self, name: &str) -> Reply {
        let found = self.key(name);
        let found = found.and_then(|key| self.containers.get_key_value(&key));
        let Some((name, c)) = found else {
            return no_container(name);
        };
        let moment = |at: Option<Timestamp>| at.map_or(NEVER.to_owned(), |at| at.to_string());
        Reply::value(&json!({
            "Id": c.id, "Name": format!("/{name}"), "Image": "sha256:1", "RestartCount": c.restarts,
            "State": {"Status": c.phase.word(), "ExitCode": c.exit_code, "StartedAt": moment(c.started),
                "FinishedAt": moment(c.finished), "OOMKilled": c.oom, "Error": "",
                "Health": c.health().map(|status| json!({"Status": status}))},
            "Config": {"Labels": c.body["Labels"], "User": c.body["User"], "Env": c.body["Env"]},
            "HostConfig": c.body["HostConfig"],
            "Mounts": mounts(&c.body),
            "NetworkSettings": {"Networks": c.body["NetworkingConfig"]["EndpointsConfig"],
                "Ports": published(c)},
        }))
    }

    pub(super) fn upload(&mut self, name: &str) -> Reply {
        match self.known(name) {
            Ok((key, _)) => {
                self.uploads.push(key);
                Reply::json(200, "")
            }
            Err(refused) => refused,
        }
    }

    /// Removes a container, whoever asks.
    pub fn remove(&mut self, name: &str) -> Reply {
        let Some(key) = self.key(name) else {
            return no_container(name);
        };
        if let Some(container) = self.containers.get_mut(&key) {
            container.phase = Phase::Exited;
        }
        self.tell(&key, "destroy");
        if let Some(removed) = self.containers.remove(&key) {
            removed.log.send_modify(|tape| tape.ended = true);
        }
        Reply::json(204, "")
    }

    pub(super) fn rename(&mut self, name: &str, asked: &Asked) -> Reply {
        let Some(key) = self.key(name) else {
            return no_container(name);
        };
        let to = asked.query("name").unwrap_or_default();
        if self.containers.contains_key(&to) {
            return Reply::refuse(
                409,
                &format!("Conflict. The container name \"/{to}\" is already in use by container x"),
            );
        }
        if let Some(container) = self.containers.remove(&key) {
            self.containers.insert(to.clone(), container);
        }
        self.tell(&to, "rename");
        Reply::json(204, "")
    }

    pub(super) fn update(&mut self, name: &str, wanted: &Value) -> Reply {
        let ignored = self.quirks.ignores.clone();
        let (key, container) = match self.known(name) {
            Ok(known) => known,
            Err(refused) => return refused,
        };
        for field in ["Memory", "MemorySwap", "NanoCpus", "PidsLimit"] {
            if !ignored.contains(field) && !wanted[field].is_null() {
                container.body["HostConfig"][field] = wanted[field].clone();
            }
        }
        self.tell(&key, "update");
        Reply::json(200, r#"{"Warnings":[]}"#)
    }
}

fn row(name: &str, c: &Container) -> Value {
    let ports = c.port_uses().into_iter().filter(|_| c.runs());
    let ports = ports.map(|(inside, outside)| match outside {
        Some((address, port)) => {
            json!({"IP": address, "PrivatePort": inside, "PublicPort": port, "Type": "tcp"})
        }
        None => json!({"PrivatePort": inside, "Type": "tcp"}),
    });
    json!({"Id": c.id, "Names": [format!("/{name}")], "State": c.phase.word(), "Status": status(c),
        "Labels": c.body["Labels"], "Image": c.body["Image"], "Command": command(&c.body),
        "Ports": ports.collect::<Vec<_>>()})
}

/// The engine's words in its list.
fn status(c: &Container) -> String {
    match (c.phase, c.health()) {
        (Phase::Exited, _) => format!("Exited ({})", c.exit_code),
        (_, Some("starting")) => "Up (health: starting)".to_owned(),
        (_, Some(health)) => format!("Up ({health})"),
        (_, None) => "Up".to_owned(),
    }
}

fn command(body: &Value) -> String {
    let words = body["Cmd"].as_array().into_iter().flatten();
    let words: Vec<&str> = words.filter_map(Value::as_str).collect();
    words.join(" ")
}

/// Ports as inspect lists them; what does not run publishes nothing.
fn published(c: &Container) -> Value {
    let uses = c.port_uses().into_iter().filter(|_| c.runs());
    let bound = uses.map(|(inside, outside)| {
        let bound = outside.map(|(ip, port)| json!([{"HostIp": ip, "HostPort": port.to_string()}]));
        (format!("{inside}/tcp"), json!(bound))
    });
    Value::Object(bound.collect())
}

/// Mounts as inspect lists them.
fn mounts(body: &Value) -> Value {
    let wished = body["HostConfig"]["Mounts"].as_array();
    let wished = wished.into_iter().flatten();
    wished
        .map(|mount| {
            json!({"Type": mount["Type"], "Name": mount["Source"], "Source": mount["Source"],
                "Destination": mount["Target"], "RW": mount["ReadOnly"] != json!(true)})
        })
        .collect()
}
