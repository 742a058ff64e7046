//! JSON that was an answer of the engine once: values of other types, nulls, unknown words, huge numbers, depth, cuts.

use super::{dice::Dice, hostile};
use serde_json::{Map, Number, Value, json};

/// Changes to one body.
const CHANGES_MAX: usize = 12;
/// Deeper than the parser goes.
const DEPTH_MAX: usize = 300;

/// A body: one answer, or several lines of them.
pub fn body(dice: &mut Dice) -> Vec<u8> {
    let mut body = Vec::new();
    let lines = if dice.one_in(4) { 1 + dice.below(6) } else { 1 };
    for _ in 0..lines {
        let mut answer = answer(dice);
        for _ in 0..dice.below(CHANGES_MAX) {
            change(dice, &mut answer);
        }
        body.extend(answer.to_string().bytes());
        body.extend(dice.pick(&["\n", "\r\n", ""]).bytes());
    }
    damage(dice, &mut body);
    body
}

/// Changes bytes, without a thought for what they mean.
fn damage(dice: &mut Dice, body: &mut Vec<u8>) {
    match dice.below(12) {
        0 => body.truncate(dice.below(body.len() + 1)),
        1 => {
            let at = dice.below(body.len());
            body[at] = dice.next().to_le_bytes()[0];
        }
        2 => {
            let at = dice.below(body.len() + 1);
            body.splice(at..at, hostile::bytes(dice));
        }
        3 => {
            let depth = dice.below(DEPTH_MAX);
            body.splice(0..0, dice.pick(&["[", "{\"a\":"]).repeat(depth).bytes());
        }
        4 => *body = hostile::bytes(dice),
        _ => {}
    }
}

/// Changes one value somewhere in `value`.
fn change(dice: &mut Dice, value: &mut Value) {
    match value {
        Value::Array(list) if !list.is_empty() && !dice.one_in(5) => {
            let at = dice.below(list.len());
            if dice.one_in(8) {
                list.extend_from_within(at..=at);
            }
            change(dice, &mut list[at]);
        }
        Value::Object(map) if !map.is_empty() && !dice.one_in(8) => change_field(dice, map),
        other => *other = odd(dice),
    }
}

fn change_field(dice: &mut Dice, map: &mut Map<String, Value>) {
    let at = dice.below(map.len());
    let Some(key) = map.keys().nth(at).cloned() else {
        return;
    };
    match dice.below(12) {
        0 => drop(map.remove(&key)),
        1 => drop(map.insert(hostile::text(dice), odd(dice))),
        _ => {
            if let Some(value) = map.get_mut(&key) {
                change(dice, value);
            }
        }
    }
}

fn odd(dice: &mut Dice) -> Value {
    match dice.below(12) {
        0 => Value::Null,
        1 => json!(dice.one_in(2)),
        2 => json!(dice.next()),
        3 => json!(dice.next().cast_signed()),
        4 => json!(dice.pick(&[0, 1, -1, i64::MIN, i64::MAX])),
        5 => Number::from_f64(dice.pick(&[0.5, -0.0, 1e308, 5e-324]))
            .map_or(Value::Null, Value::Number),
        6 => json!([]),
        7 => json!({}),
        8 => json!(dice.pick(&[
            "",
            "0001-01-01T00:00:00Z",
            "-99999-01-01T00:00:00Z",
            "9999-12-31T23:59:60Z",
            "1e9",
            "NaN"
        ])),
        9 => json!([hostile::text(dice), null, {"a": [1, {}]}]),
        _ => json!(hostile::text(dice)),
    }
}

/// A whole answer of one call.
fn answer(dice: &mut Dice) -> Value {
    match dice.below(8) {
        0 => {
            json!([{"Id": "abc", "Names": ["/cchub-shop-redis", "/a/b"], "State": "running", "Status": "Up 3 hours",
            "Labels": {"io.cchub.project": "shop", "io.cchub.service": "redis"},
            "Ports": [{"IP": "127.0.0.1", "PrivatePort": 6379, "PublicPort": 6389, "Type": "tcp"}]}])
        }
        1 => json!({"read": "2026-11-21T03:04:50.5Z", "pids_stats": {"current": 3},
            "cpu_stats": {"cpu_usage": {"total_usage": 77}},
            "memory_stats": {"usage": 100, "max_usage": 120, "stats": {"total_inactive_file": 30, "inactive_file": 10}}}),
        2 => {
            json!({"status": "die", "id": "abc", "Type": "container", "Action": dice.pick(&["die", "start",
            "health_status: healthy", "exec_create: sh"]), "Actor": {"ID": "abc", "Attributes": {"exitCode": "137",
            "io.cchub.project": "shop", "io.cchub.service": "redis", "name": "cchub-shop-redis"}}, "time": 1,
            "timeNano": 1_500_000_000_u64})
        }
        3 => {
            json!({"ApiVersion": "1.41", "Version": "20.10.24", "NCPU": 8, "MemTotal": 25_769_803_776_u64,
            "SecurityOptions": ["name=seccomp,profile=default"], "MemoryLimit": true, "CpuCfsQuota": false,
            "PidsLimit": true, "Warnings": ["WARNING: No swap limit support"]})
        }
        4 => {
            json!({"status": "Downloading", "progressDetail": {"current": 12_582_912, "total": 41_943_040}, "id": "aa"})
        }
        5 => {
            json!({"errorDetail": {"code": 1, "message": "toomanyrequests: slow down"}, "error": "no"})
        }
        6 => json!({"stream": "Step 1/2 : FROM x\n ---> abc\r50%\n"}),
        _ => inspected(),
    }
}

fn inspected() -> Value {
    json!({"Id": "abc", "Name": "/cchub-shop-redis", "Image": "sha256:1", "RestartCount": 4,
        "State": {"Status": "exited", "ExitCode": 137, "OOMKilled": true, "Error": "oci runtime error",
            "StartedAt": "2026-11-21T01:42:38.5Z", "FinishedAt": "0001-01-01T00:00:00Z",
            "Health": {"Status": "unhealthy"}},
        "Config": {"User": "999:999", "Tty": false, "OpenStdin": false, "Env": ["A=b"],
            "Labels": {"io.cchub.project": "shop", "io.cchub.service": "redis", "io.cchub.spec": "h"}},
        "HostConfig": {"Memory": 1024, "MemorySwap": -1, "NanoCpus": 500_000_000, "PidsLimit": null,
            "CapDrop": ["ALL"], "CapAdd": null, "SecurityOpt": ["no-new-privileges:true"], "Init": true,
            "Privileged": false, "ReadonlyRootfs": true, "Binds": null, "NetworkMode": "cchub-shop",
            "PidMode": "", "IpcMode": "private", "UTSMode": "", "UsernsMode": "",
            "RestartPolicy": {"Name": "unless-stopped"}, "Tmpfs": {"/tmp": "rw", "/r": "ro,size=1m"},
            "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}},
            "PortBindings": {"6379/tcp": [{"HostIp": "127.0.0.1", "HostPort": "6389"}], "1/udp": null},
            "Devices": [{}, {}]},
        "Mounts": [{"Type": "volume", "Name": "v", "Source": "/var/lib/x", "Destination": "/data", "RW": true},
            {"Type": "bind", "Source": "/srv", "Destination": "/w", "RW": false}],
        "NetworkSettings": {"Networks": {"cchub-shop": {}}}})
}
