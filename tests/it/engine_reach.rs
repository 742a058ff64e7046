//! Parts of real logs: of a million lines the last page and what is before it, and a restart.

use crate::support::{Run, block_on, raw_post, require_engine};
use cchub::{
    domain::{LogLine, ServiceId, ServiceKind::Backend, container::LABEL_PROJECT, log::Window},
    engine::Engine,
    hub::{
        Arrival, Command, Follow, FollowId, HubConfig, HubHandle, LogEvent, Older, Timing,
        journal::Journal,
    },
};
use futures_util::StreamExt;
use serde_json::json;
use std::{collections::VecDeque, time::Duration};
use tokio::time::{Instant, timeout};

const PATIENCE: Duration = Duration::from_secs(120);
const STREAM: FollowId = FollowId(1);

/// A container in the place of the run's backend, with a log of up to 900 MB.
fn make(run: &Run, script: &str) {
    let name = run.name("backend");
    let body = json!({
        "Image": "cchub-test/backend:py3.11",
        "Entrypoint": ["python3", "-u", "-c", script],
        "Labels": { LABEL_PROJECT: run.project.as_str() },
        "HostConfig": {
            "RestartPolicy": { "Name": "unless-stopped" },
            "LogConfig": { "Type": "json-file", "Config": { "max-size": "900m", "max-file": "1" } },
        },
    });
    let made = raw_post(&format!("/containers/create?name={name}"), &body);
    assert!(made.contains("\"Id\""), "{made}");
    raw_post(&format!("/containers/{name}/start"), &json!({}));
}

async fn follow(run: &Run, window: Window) -> HubHandle {
    let engine = require_engine().await;
    let folder = std::env::temp_dir().join(run.project.as_str());
    let hub = cchub::hub::open(HubConfig {
        hub_file: cchub::config::HubFile::new(folder.join("hub.toml")),
        endpoint: engine.endpoint().clone(),
        timing: Timing::default(),
        journal: Journal::none(),
    });
    let follow = Follow {
        id: STREAM,
        services: vec![ServiceId::new(&run.project, Backend)],
        window,
    };
    hub.commands.send(Command::Follow(follow)).await.unwrap();
    hub
}

/// Lines that came, oldest first, and notices; the answer to a wish ends it.
async fn read(
    hub: &mut HubHandle,
    lines: &mut VecDeque<LogLine>,
    notices: &mut Vec<String>,
) -> Option<bool> {
    let batch = timeout(PATIENCE, hub.logs.recv()).await;
    let batch = batch.unwrap_or_else(|_| panic!("only {} lines, {notices:?}", lines.len()));
    let batch = batch.expect("the hub lives");
    let mut came = Vec::new();
    for event in batch.events {
        match event {
            LogEvent::Line(line) => came.push(line),
            LogEvent::Notice(_, text) => notices.push(text.to_string()),
            LogEvent::Secrets(_) => {}
        }
    }
    match batch.arrival {
        Arrival::New => {
            lines.extend(came);
            None
        }
        Arrival::Older { all } => {
            came.into_iter()
                .rev()
                .for_each(|line| lines.push_front(line));
            Some(all)
        }
    }
}

fn wish(run: &Run, lines: &VecDeque<LogLine>) -> Older {
    let before = lines.front().unwrap().at;
    let same = lines.iter().filter(|line| line.at == before).count();
    Older {
        follow: STREAM,
        service: ServiceId::new(&run.project, Backend),
        before,
        same: u32::try_from(same).unwrap(),
        kept: lines.len() as u64,
    }
}

fn numbers(lines: &VecDeque<LogLine>) -> Vec<u32> {
    let number = |line: &LogLine| line.text.as_str().split(' ').nth(1)?.parse().ok();
    lines.iter().filter_map(number).collect()
}

async fn wait_for_end(engine: &Engine, run: &Run, last: &str) {
    let query = cchub::engine::LogQuery {
        tail: Some(1),
        ..Default::default()
    };
    let name = run.name("backend");
    let written = async {
        loop {
            let lines: Vec<_> = engine.logs(&name, query).collect().await;
            let found = |line: &LogLine| line.text.as_str().contains(last);
            if lines.iter().flatten().any(found) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(PATIENCE, written).await.expect("it is written");
}

const MILLION: &str = "
import sys, time
for block in range(2000):
    out = sys.stderr if block % 7 == 3 else sys.stdout
    out.write(''.join('line %d %s\\n' % (n, 'x' * 80) for n in range(block * 500, block * 500 + 500)))
    out.flush()
    time.sleep(0.0005)
print('the end')
time.sleep(100000)
";

#[test]
fn of_a_million_lines_the_last_come_first_and_those_before_page_by_page() {
    block_on(async {
        let (engine, run) = (require_engine().await, Run::new());
        make(&run, MILLION);
        wait_for_end(&engine, &run, "the end").await;
        let (mut lines, mut notices) = (VecDeque::new(), Vec::new());
        let began = Instant::now();
        let mut hub = follow(&run, Window::Tail(100)).await;
        while lines.len() < 100 {
            read(&mut hub, &mut lines, &mut notices).await;
        }
        println!(
            "the last 100 of 1,000,000 lines after {:?}",
            began.elapsed()
        );
        for page in 1..=5 {
            let began = Instant::now();
            let asked = Command::Older(wish(&run, &lines));
            hub.commands.send(asked).await.unwrap();
            while read(&mut hub, &mut lines, &mut notices).await.is_none() {}
            println!("1,000 older lines after {:?}", began.elapsed());
            assert_eq!(lines.len(), 100 + page * 1000);
        }
        let query = cchub::engine::LogQuery {
            tail: Some(5100),
            ..Default::default()
        };
        let truth = engine.logs(&run.name("backend"), query);
        let truth: Vec<_> = truth.map(Result::unwrap).collect().await;
        assert_eq!(truth.len(), lines.len());
        for (n, (line, wanted)) in lines.iter().zip(&truth).enumerate() {
            assert_eq!(line, wanted, "line {n}");
        }
        assert!(notices.is_empty(), "{notices:?}");
    });
}

#[test]
fn a_restart_by_the_engine_says_how_the_process_ended_and_no_line_of_either_stream_is_lost() {
    const SCRIPT: &str = "
import os, sys, time
seen = os.path.exists('/tmp/seen')
open('/tmp/seen', 'w').close()
for n in range(100):
    (sys.stderr if n % 3 else sys.stdout).write('line %d\\n' % (n + (100 if seen else 0)))
time.sleep(100000 if seen else 11)
os._exit(3)
";
    block_on(async {
        let run = Run::new();
        make(&run, SCRIPT);
        let (mut lines, mut notices) = (VecDeque::new(), Vec::new());
        let mut hub = follow(&run, Window::Tail(1000)).await;
        while lines.len() < 200 {
            read(&mut hub, &mut lines, &mut notices).await;
        }
        let mut got = numbers(&lines);
        got.sort_unstable();
        assert_eq!(got, (0..200).collect::<Vec<_>>());
        let told = notices.iter().filter(|words| words.contains("exit 3"));
        assert_eq!(told.count(), 1, "{notices:?}");
        assert!(notices.iter().any(|words| words.starts_with("restarted")));
        let mut head = follow(&run, Window::Head(150)).await;
        let mut first = VecDeque::new();
        notices.clear();
        while notices.is_empty() {
            read(&mut head, &mut first, &mut notices).await;
        }
        let all = lines.iter().take(150).map(|line| &line.text);
        assert!(first.iter().map(|line| &line.text).eq(all), "{notices:?}");
    });
}
