//! A way to the real engine beside the program's own, and small waits.

use super::require_engine;
use std::{
    io::{Read, Write},
    net::TcpStream,
    os::unix::{fs::OpenOptionsExt, net::UnixStream},
    path::Path,
    time::{Duration, Instant},
};

/// Longest that a raw request of a test may take.
const RAW_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs a future to its end, inside a runtime of its own.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future)
}

/// Runs a command in a container: exit code and output.
pub fn exec(container: &str, argv: &[String]) -> (i64, String) {
    let outcome = block_on(async {
        require_engine()
            .await
            .exec(container, argv, Duration::from_secs(20))
            .await
            .unwrap()
    });
    (outcome.exit_code.unwrap_or(-1), outcome.output.to_string())
}

/// Runs a shell line in a container and gives its output, lines joined by `\n`.
pub fn exec_text(container: &str, line: &str) -> String {
    // The engine layer's own output is one sanitised line; a test needs the lines.
    let body = serde_json::json!({
        "AttachStdout": true, "AttachStderr": false, "Tty": true, "Cmd": ["sh", "-c", line]
    });
    let created: serde_json::Value = serde_json::from_str(&raw(
        "POST",
        &format!("/containers/{container}/exec"),
        &body.to_string(),
    ))
    .unwrap();
    let id = created["Id"]
        .as_str()
        .unwrap_or_else(|| panic!("{created}"));
    let text = raw(
        "POST",
        &format!("/exec/{id}/start"),
        r#"{"Detach":false,"Tty":true}"#,
    );
    text.replace("\r\n", "\n")
}

/// GET from a port of this machine: status and body.
pub fn http_get(port: u16, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(RAW_TIMEOUT)).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let status = text
        .split_whitespace()
        .nth(1)
        .and_then(|code| code.parse().ok());
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status.unwrap_or_default(), body.to_owned())
}

/// GET from the engine, past the program's own engine layer, as JSON.
pub fn raw_get(path: &str) -> serde_json::Value {
    let text = raw_get_text(path);
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}: {text}"))
}

/// GET from the engine as text.
pub fn raw_get_text(path: &str) -> String {
    raw("GET", path, "")
}

/// POST of JSON to the engine; gives its answer.
pub fn raw_post(path: &str, body: &serde_json::Value) -> String {
    raw("POST", path, &body.to_string())
}

/// DELETE at the engine; its answer does not matter.
pub fn raw_delete(path: &str) {
    raw("DELETE", path, "");
}

/// Creates a container without labels; gives its id.
pub fn raw_create(name: &str, image: &str) -> String {
    let body = serde_json::json!({ "Image": image }).to_string();
    let answer: serde_json::Value = serde_json::from_str(&raw(
        "POST",
        &format!("/containers/create?name={name}"),
        &body,
    ))
    .unwrap();
    answer["Id"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned()
}

/// Creates a network with the labels of `project`, without a check for duplicates. Engines below API 1.44 make a second
/// one of the same name; newer ones refuse, and then there is still one.
pub fn raw_create_network(name: &str, project: &str) {
    let body = serde_json::json!({ "Name": name, "Labels": { "io.cchub.project": project } });
    raw("POST", "/networks/create", &body.to_string());
}

fn raw(method: &str, path: &str, body: &str) -> String {
    let socket =
        std::env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
    let socket = socket
        .strip_prefix("unix://")
        .expect("tests look at a local engine");
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(RAW_TIMEOUT)).unwrap();
    // HTTP/1.0: the answer ends with the connection, in one piece.
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = Vec::new();
    // An engine that has not read all of a body cuts the connection after its answer.
    if let Err(error) = stream.read_to_end(&mut answer) {
        let is_cut = error.kind() == std::io::ErrorKind::ConnectionReset;
        assert!(is_cut, "{method} {path}: {error}");
    }
    let text = String::from_utf8_lossy(&answer);
    text.split_once("\r\n\r\n")
        .map_or("", |(_, body)| body)
        .to_owned()
}

/// Writes a file that only its owner may read.
pub fn write_private(path: &Path, bytes: &[u8]) {
    let mut file = std::fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .unwrap();
    file.write_all(bytes).unwrap();
}

/// Waits until `what` holds, at most `seconds`.
#[track_caller]
pub fn wait_until(seconds: u64, mut what: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while Instant::now() < end {
        if what() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("not within {seconds} s");
}
