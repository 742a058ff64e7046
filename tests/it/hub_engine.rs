//! An engine that remembers: containers, networks, volumes and images in memory, behind the fake engine's socket, and
//! faults on request. What it answers follows the Engine API 1.44; what is not asked by this program is not there.

use crate::fake_engine::{Asked, FakeEngine, Reply, Tape, frame, introduce};
use cchub::engine::Endpoint;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::watch;

/// A container of the model.
#[derive(Debug)]
pub struct Made {
    pub id: String,
    pub body: Value,
    pub phase: &'static str,
    pub exit_code: i64,
    pub restarts: u32,
    /// Counts starts; the start time is made of it.
    pub starts: u32,
    /// The kernel killed it for memory.
    pub oom: bool,
    /// Bytes in use, as stats say.
    pub uses: u64,
    /// Its log: one frame per chunk.
    pub log: watch::Sender<Tape>,
}

/// What goes wrong with requests that begin and end with certain words.
#[derive(Debug)]
struct Fault {
    start: String,
    end: String,
    /// Requests that it still spoils.
    left: usize,
    how: How,
}

#[derive(Debug, Clone)]
enum How {
    /// Nothing happens, and this is answered.
    Instead(Reply),
    /// It happens, and this is answered.
    After(Reply),
    /// It happens, and the answer takes a while.
    Slowly(Duration),
}

/// Everything that the engine remembers.
#[derive(Debug, Default)]
pub struct Model {
    pub containers: BTreeMap<String, Made>,
    /// Labels by name.
    pub networks: BTreeMap<String, Value>,
    /// Labels by name.
    pub volumes: BTreeMap<String, Value>,
    /// Images that are not there until they are pulled or built.
    pub absent_images: BTreeSet<String>,
    /// Images that were built here.
    pub built: BTreeSet<String>,
    /// Containers whose check says no.
    pub sick: BTreeSet<String>,
    /// Exit code of a check that says no, if it is not 1.
    pub says_no_with: Option<i32>,
    /// Containers that end as soon as they start, with this code.
    pub dies: BTreeMap<String, i64>,
    /// Fields of an update that the engine ignores.
    pub ignores: BTreeSet<&'static str>,
    /// Log streams end after so many bytes: one number per opened stream, then none is cut.
    pub log_cuts: Vec<usize>,
    /// What helpers were given, by the path that was asked.
    pub uploads: Vec<String>,
    faults: Vec<Fault>,
    execs: Vec<String>,
    events: watch::Sender<Tape>,
    made: u32,
    clock: u32,
}

/// The engine and what it remembers.
#[derive(Debug)]
pub struct HubEngine {
    /// The socket, and what came through it.
    pub fake: FakeEngine,
    model: Arc<Mutex<Model>>,
}

impl HubEngine {
    /// An empty engine.
    pub fn start() -> Self {
        Self::with(Arc::default())
    }

    fn with(model: Arc<Mutex<Model>>) -> Self {
        let answering = Arc::clone(&model);
        let fake = FakeEngine::start(move |asked| answering.lock().unwrap().answer(asked));
        Self { fake, model }
    }

    pub fn endpoint(&self) -> Endpoint {
        self.fake.endpoint()
    }

    /// What it remembers, to look at or to change.
    pub fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap()
    }

    /// The next `times` requests that match are answered with `reply`, and nothing happens. `pattern` is the beginning
    /// of the request line, or its beginning and its end with a `*` in between; the query does not count.
    pub fn spoil(&self, pattern: &str, times: usize, reply: Reply) {
        self.fault(pattern, times, How::Instead(reply));
    }

    /// The next `times` requests that match have their effect, and then `reply` is answered.
    pub fn lose(&self, pattern: &str, times: usize, reply: Reply) {
        self.fault(pattern, times, How::After(reply));
    }

    /// The next `times` requests that match take a while.
    pub fn slow(&self, pattern: &str, times: usize, by: Duration) {
        self.fault(pattern, times, How::Slowly(by));
    }

    /// Nothing is spoiled any more.
    pub fn heal(&self) {
        self.model().faults.clear();
    }

    fn fault(&self, pattern: &str, left: usize, how: How) {
        let (start, end) = pattern.split_once('*').unwrap_or((pattern, ""));
        let fault = Fault {
            start: start.to_owned(),
            end: end.to_owned(),
            left,
            how,
        };
        self.model().faults.push(fault);
    }

    /// How many requests so far match.
    pub fn count(&self, pattern: &str) -> usize {
        self.asked(pattern).len()
    }

    /// All requests so far that match, without their queries.
    pub fn asked(&self, pattern: &str) -> Vec<String> {
        let (start, end) = pattern.split_once('*').unwrap_or((pattern, ""));
        let all = self.fake.asked().into_iter();
        all.filter(|asked| matches(&asked.line, start, end))
            .map(|asked| path_of(&asked.line).to_owned())
            .collect()
    }

    /// The changes so far, in order, without queries, reads, pings and checks.
    pub fn changes(&self) -> Vec<String> {
        let all = self.fake.asked().into_iter();
        let changes =
            all.filter(|asked| !asked.is("GET") && !path_of(&asked.line).contains("exec"));
        changes
            .map(|asked| match asked.line.split_once("name=") {
                Some((path, name)) => {
                    let name = name.split('&').next().unwrap_or_default();
                    format!("{}{name}", path.trim_end_matches('?').to_owned() + " ")
                }
                None => path_of(&asked.line).to_owned(),
            })
            .collect()
    }
}

fn path_of(line: &str) -> &str {
    line.split('?').next().unwrap_or_default()
}

fn matches(line: &str, start: &str, end: &str) -> bool {
    let path = path_of(line);
    path.starts_with(start) && path.ends_with(end)
}

/// `%7B` and the like as what they stand for.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}

impl Model {
    fn answer(&mut self, asked: &Asked) -> Reply {
        let hit = self
            .faults
            .iter_mut()
            .find(|fault| fault.left > 0 && matches(&asked.line, &fault.start, &fault.end));
        let how = hit.map(|fault| {
            fault.left -= 1;
            fault.how.clone()
        });
        let mut really = || introduce(44, asked).unwrap_or_else(|asked| self.act(&asked));
        match how {
            None => really(),
            Some(How::Instead(reply)) => reply,
            Some(How::After(reply)) => {
                really();
                reply
            }
            Some(How::Slowly(by)) => Reply::Later(by, Box::new(really())),
        }
    }

    fn act(&mut self, asked: &Asked) -> Reply {
        let (path, query) = asked.line.split_once('?').unwrap_or((&asked.line, ""));
        let query = decoded(query);
        let (method, path) = path.split_once(' ').unwrap_or_default();
        let words: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match (method, words.as_slice()) {
            ("GET", ["events"]) => {
                Reply::Follow(self.events.subscribe(), self.events.borrow().chunks.len())
            }
            ("GET", ["containers", "json"]) => self.list(&query),
            ("POST", ["containers", "create"]) => self.create(&query, asked.json()),
            ("GET", ["containers", name, "json"]) => self.inspect(name),
            ("GET", ["containers", name, "logs"]) => self.logs(name, &query),
            ("GET", ["containers", name, "stats"]) => self.stats(name),
            ("DELETE", ["containers", name]) => self.remove(name),
            ("PUT", ["containers", name, "archive"]) => {
                self.uploads.push((*name).to_owned());
                self.known(name)
                    .map_or_else(no_container, |_| Reply::json(200, ""))
            }
            ("POST", ["containers", name, "rename"]) => self.rename(name, &query),
            ("POST", ["containers", name, "update"]) => self.update(name, &asked.json()),
            ("POST", ["containers", name, "exec"]) => self.exec(name),
            ("POST", ["containers", name, verb]) => self.change(name, verb),
            ("POST", ["exec", id, "start"]) => {
                let said = if self.is_sick(id) { "no" } else { "PONG" };
                Reply::Upgraded(frame(1, &format!("{said}\n")))
            }
            ("GET", ["exec", id, "json"]) => {
                let code = if self.is_sick(id) {
                    self.says_no_with.unwrap_or(1)
                } else {
                    0
                };
                Reply::json(
                    200,
                    json!({"ID": id, "Running": false, "ExitCode": code}).to_string(),
                )
            }
            ("GET", ["networks"]) => self.networks_like(&query),
            ("POST", ["networks", "create"]) => self.create_network(&asked.json()),
            ("DELETE", ["networks", name]) => gone(self.networks.remove(*name).is_some()),
            ("GET", ["volumes", name]) => match self.volumes.get(*name) {
                Some(labels) => Reply::json(200, volume(name, labels)),
                None => Reply::refuse(404, "no such volume"),
            },
            ("POST", ["volumes", "create"]) => {
                let body = asked.json();
                let name = body["Name"].as_str().unwrap_or_default();
                let labels = self
                    .volumes
                    .entry(name.to_owned())
                    .or_insert_with(|| body["Labels"].clone());
                Reply::json(201, volume(name, labels))
            }
            ("DELETE", ["volumes", name]) => gone(self.volumes.remove(*name).is_some()),
            ("POST", ["images", "create"]) => {
                let reference = query.split("fromImage=").nth(1).unwrap_or_default();
                self.absent_images.remove(reference);
                Reply::Chunks(vec![
                    b"{\"status\":\"Download complete\",\"id\":\"aa\"}\r\n".to_vec(),
                ])
            }
            ("POST", ["build"]) => {
                let tag = query.split("t=").nth(1).unwrap_or_default();
                let tag = tag.split('&').next().unwrap_or_default();
                self.built.insert(tag.to_owned());
                Reply::Chunks(vec![b"{\"stream\":\"Step 1/1 : FROM x\\n\"}\r\n".to_vec()])
            }
            ("GET", ["images", name @ .., "json"]) => self.image(&decoded(&name.join("/"))),
            _ => Reply::refuse(501, &format!("the model knows no {}", asked.line)),
        }
    }

    fn known(&self, name: &str) -> Option<(&String, &Made)> {
        let mut all = self.containers.iter();
        all.find(|(key, made)| *key == name || made.id == name)
    }

    fn key(&self, name: &str) -> Option<String> {
        self.known(name).map(|(key, _)| key.clone())
    }

    fn is_sick(&self, exec: &str) -> bool {
        let number = exec.trim_start_matches('e').parse::<usize>();
        let name = number.ok().and_then(|number| self.execs.get(number));
        name.is_some_and(|name| self.sick.contains(name))
    }

    fn list(&self, query: &str) -> Reply {
        let only_ours = query.contains("io.cchub.project");
        let rows = self
            .containers
            .iter()
            .filter(|(_, made)| !only_ours || made.body["Labels"]["io.cchub.project"].is_string());
        let rows = rows.map(|(name, made)| {
            let ports = made.body["HostConfig"]["PortBindings"].as_object();
            let ports = ports.into_iter().flatten().filter(|_| made.phase == "running");
            let ports = ports.map(|(_, bound)| {
                json!({"IP": bound[0]["HostIp"], "PublicPort": bound[0]["HostPort"].as_str().and_then(|p| p.parse::<u16>().ok())})
            });
            json!({"Id": made.id, "Names": [format!("/{name}")], "State": made.phase, "Status": "Up",
                "Labels": made.body["Labels"], "Ports": ports.collect::<Vec<_>>()})
        });
        Reply::json(200, Value::from_iter(rows).to_string())
    }

    fn create(&mut self, query: &str, body: Value) -> Reply {
        let name = query.split("name=").nth(1).unwrap_or_default();
        let name = name.split('&').next().unwrap_or_default();
        if self.containers.contains_key(name) {
            let words = format!(
                "Conflict. The container name \"/{name}\" is already in use by container \"x\"."
            );
            return Reply::refuse(409, &words);
        }
        if self
            .absent_images
            .contains(body["Image"].as_str().unwrap_or_default())
        {
            return Reply::refuse(404, "No such image");
        }
        let id = self.put(name, body);
        self.tell(name, "create");
        Reply::json(201, json!({"Id": id, "Warnings": []}).to_string())
    }

    /// Makes a container, whoever asks.
    pub fn put(&mut self, name: &str, body: Value) -> String {
        self.made += 1;
        let id = format!("{:064x}", self.made);
        let made = Made {
            id: id.clone(),
            body,
            phase: "created",
            exit_code: 0,
            restarts: 0,
            starts: 0,
            oom: false,
            uses: 100 << 20,
            log: watch::Sender::default(),
        };
        self.containers.insert(name.to_owned(), made);
        id
    }

    fn inspect(&self, name: &str) -> Reply {
        let Some((name, made)) = self.known(name) else {
            return no_container();
        };
        let started = match made.starts {
            0 => "0001-01-01T00:00:00Z".to_owned(),
            starts => format!("2026-11-21T02:{:02}:{:02}.5Z", starts / 60, starts % 60),
        };
        let body = json!({
            "Id": made.id, "Name": format!("/{name}"), "Image": "sha256:1", "RestartCount": made.restarts,
            "State": {"Status": made.phase, "ExitCode": made.exit_code, "StartedAt": started,
                "FinishedAt": "0001-01-01T00:00:00Z", "OOMKilled": made.oom, "Error": ""},
            "Config": {"Labels": made.body["Labels"], "User": made.body["User"], "Env": made.body["Env"]},
            "HostConfig": made.body["HostConfig"],
            "NetworkSettings": {"Networks": made.body["NetworkingConfig"]["EndpointsConfig"]},
        });
        Reply::json(200, body.to_string())
    }

    fn stats(&self, name: &str) -> Reply {
        let Some((_, made)) = self.known(name) else {
            return no_container();
        };
        let body = json!({"read": "2026-11-21T02:00:00Z", "cpu_stats": {"cpu_usage": {"total_usage": 5}},
            "memory_stats": {"usage": made.uses, "stats": {}}, "pids_stats": {"current": 3}});
        Reply::json(200, body.to_string())
    }

    /// Somebody else removes a container.
    pub fn act_remove(&mut self, name: &str) {
        self.remove(name);
    }

    /// Somebody else changes a limit.
    pub fn change_pids(&mut self, name: &str, pids: u32) {
        let made = self.containers.get_mut(name).expect("a container");
        made.body["HostConfig"]["PidsLimit"] = json!(pids);
        self.tell(name, "update");
    }

    fn remove(&mut self, name: &str) -> Reply {
        let Some(name) = self.key(name) else {
            return no_container();
        };
        self.tell(&name, "destroy");
        let made = self.containers.remove(&name);
        made.inspect(|made| made.log.send_modify(|tape| tape.ended = true));
        Reply::json(204, "")
    }

    fn rename(&mut self, name: &str, query: &str) -> Reply {
        let Some(name) = self.key(name) else {
            return no_container();
        };
        let to = query.split("name=").nth(1).unwrap_or_default();
        if self.containers.contains_key(to) {
            return Reply::refuse(
                409,
                "Conflict. The container name is already in use by container x",
            );
        }
        if let Some(made) = self.containers.remove(&name) {
            self.containers.insert(to.to_owned(), made);
        }
        self.tell(to, "rename");
        Reply::json(204, "")
    }

    fn update(&mut self, name: &str, body: &Value) -> Reply {
        let Some(name) = self.key(name) else {
            return no_container();
        };
        let ignored = self.ignores.clone();
        if let Some(made) = self.containers.get_mut(&name) {
            for field in ["Memory", "MemorySwap", "NanoCpus", "PidsLimit"] {
                if !ignored.contains(field) {
                    made.body["HostConfig"][field] = body[field].clone();
                }
            }
        }
        self.tell(&name, "update");
        Reply::json(200, r#"{"Warnings":[]}"#)
    }

    fn exec(&mut self, name: &str) -> Reply {
        let Some((key, made)) = self.known(name) else {
            return no_container();
        };
        if made.phase != "running" {
            return Reply::refuse(409, &format!("Container {name} is not running"));
        }
        let key = key.clone();
        self.execs.push(key);
        Reply::json(
            201,
            json!({"Id": format!("e{}", self.execs.len() - 1)}).to_string(),
        )
    }

    fn change(&mut self, name: &str, verb: &str) -> Reply {
        let Some(name) = self.key(name) else {
            return no_container();
        };
        match verb {
            "start" if self.containers[&name].phase == "running" => Reply::json(304, ""),
            "start" => self.begin(&name),
            "stop" if self.containers[&name].phase != "running" => Reply::json(304, ""),
            "stop" => self.end(&name, 0),
            "restart" => {
                self.end(&name, 0);
                self.begin(&name)
            }
            _ => Reply::refuse(501, verb),
        }
    }

    /// Starts a container; one that dies does so at once.
    pub fn begin(&mut self, name: &str) -> Reply {
        self.clock += 1;
        let clock = self.clock;
        if let Some(made) = self.containers.get_mut(name) {
            made.phase = "running";
            made.starts = clock;
            made.log.send_modify(|tape| tape.ended = false);
        }
        self.tell(name, "start");
        if let Some(code) = self.dies.get(name).copied() {
            self.end(name, code);
        }
        Reply::json(204, "")
    }

    /// Ends a container's process.
    pub fn end(&mut self, name: &str, code: i64) -> Reply {
        if let Some(made) = self.containers.get_mut(name) {
            made.phase = "exited";
            made.exit_code = code;
            made.log.send_modify(|tape| tape.ended = true);
        }
        self.tell(name, "die");
        Reply::json(204, "")
    }

    fn tell(&self, name: &str, action: &str) {
        let Some((_, made)) = self.known(name) else {
            return;
        };
        let labels = &made.body["Labels"];
        let event = json!({"Type": "container", "Action": action, "timeNano": 1_000_000_000_i64,
            "Actor": {"ID": made.id, "Attributes": {"name": name, "exitCode": made.exit_code.to_string(),
                "io.cchub.project": labels["io.cchub.project"], "io.cchub.service": labels["io.cchub.service"]}}});
        let line = format!("{event}\n").into_bytes();
        self.events.send_modify(|tape| tape.chunks.push(line));
    }

    fn networks_like(&self, query: &str) -> Reply {
        let found = self.networks.iter().filter(|(name, labels)| {
            let project = labels["io.cchub.project"].as_str().unwrap_or("-");
            query.contains(&format!("\"{name}\""))
                || query.contains(&format!("io.cchub.project={project}\""))
        });
        let found = found.map(|(name, labels)| json!({"Name": name, "Id": name, "Labels": labels}));
        Reply::json(200, Value::from_iter(found).to_string())
    }

    fn create_network(&mut self, body: &Value) -> Reply {
        let name = body["Name"].as_str().unwrap_or_default().to_owned();
        if self.networks.contains_key(&name) {
            return Reply::refuse(409, &format!("network with name {name} already exists"));
        }
        self.networks.insert(name.clone(), body["Labels"].clone());
        Reply::json(201, json!({"Id": name, "Warning": ""}).to_string())
    }

    fn image(&self, reference: &str) -> Reply {
        let unbuilt = reference.starts_with("cchub/") && !self.built.contains(reference);
        if unbuilt || self.absent_images.contains(reference) {
            return Reply::refuse(404, "No such image");
        }
        let body = json!({"Id": "sha256:1", "Config": {"Entrypoint": ["/entry"], "Cmd": ["run"], "WorkingDir": "/"}});
        Reply::json(200, body.to_string())
    }

    /// Adds a line to a container's log, as of second `n`.
    pub fn print(&mut self, name: &str, n: u32, text: &str) {
        self.write(
            name,
            frame(1, &format!("{}{text}\n", crate::fake_engine::stamp(n))),
        );
    }

    /// Adds a frame to a container's log.
    pub fn write(&mut self, name: &str, frame: Vec<u8>) {
        let made = self.containers.get_mut(name).expect("a container");
        made.log.send_modify(|tape| tape.chunks.push(frame));
    }

    /// Only whole seconds of `since` count, as with the engine.
    fn logs(&mut self, name: &str, query: &str) -> Reply {
        let Some((_, made)) = self.known(name) else {
            return no_container();
        };
        let since = query
            .split("since=")
            .nth(1)
            .and_then(|s| s.split('&').next()?.parse::<i64>().ok());
        let tape = made.log.borrow().clone();
        let tail = query
            .split("tail=")
            .nth(1)
            .and_then(|s| s.split('&').next()?.parse::<usize>().ok());
        let is_new = |chunk: &&Vec<u8>| second_of(chunk) >= since.unwrap_or_default();
        let mut from = tape
            .chunks
            .iter()
            .take_while(|chunk| !is_new(chunk))
            .count();
        if let Some(tail) = tail {
            from = from.max(tape.chunks.len().saturating_sub(tail));
        }
        if !self.log_cuts.is_empty() {
            let cut = self.log_cuts.remove(0);
            let wire = tape.chunks[from..].concat();
            return Reply::ThenHangUp(vec![wire[..cut.min(wire.len())].to_vec()]);
        }
        if !query.contains("follow=true") {
            return Reply::Chunks(tape.chunks[from..].to_vec());
        }
        Reply::Follow(made.log.subscribe(), from)
    }
}

/// The second that a log frame is of.
fn second_of(chunk: &[u8]) -> i64 {
    let text = String::from_utf8_lossy(&chunk[8..]).into_owned();
    let stamp = text.split(' ').next().unwrap_or_default();
    stamp
        .parse::<cchub::domain::Timestamp>()
        .expect("a stamp")
        .as_second()
}

fn volume(name: &str, labels: &Value) -> String {
    json!({"Name": name, "Labels": labels, "Driver": "local", "Mountpoint": "/v", "Options": {}, "Scope": "local"})
        .to_string()
}

fn gone(was_there: bool) -> Reply {
    match was_there {
        true => Reply::json(204, ""),
        false => Reply::refuse(404, "no such thing"),
    }
}

fn no_container() -> Reply {
    Reply::refuse(404, "No such container")
}
