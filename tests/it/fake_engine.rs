//! What the client makes of an engine's answers, whatever they are: real HTTP, no Docker. First the engine, a socket and a
//! closure, then the tests.

use cchub::{
    domain::{LogStream, ProjectName, Timestamp, log::Part},
    engine::{
        ContainerEvent, Endpoint, Engine, EngineError, ErrorClass, EventAction, LogQuery,
        VolumeFile,
    },
    sim::{Asked, Machine, Reply, Server, Settings, frame},
};
use futures_util::StreamExt;
use std::{
    os::unix::net::UnixListener,
    time::{Duration, Instant},
};

/// A server on a socket in a folder of its own, answered for by a closure. It stops when dropped.
#[derive(Debug)]
pub struct FakeEngine {
    /// Dropped before its folder.
    server: Server,
    _folder: tempfile::TempDir,
}

impl FakeEngine {
    /// An engine that answers every request with `answer`, ping and version included.
    pub fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("docker.sock");
        Self {
            server: Server::start(&socket, usize::MAX, answer).expect("a socket"),
            _folder: folder,
        }
    }

    /// An engine that introduces itself with API 1.`minor`, refuses versioned paths that are newer, and answers the rest
    /// with `answer`.
    pub fn speaking(minor: u32, answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(move |asked| introduce(minor, asked).unwrap_or_else(|| answer(asked)))
    }

    /// Where it listens.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::Unix(self.server.path().to_owned())
    }

    /// A client that has reached it.
    pub async fn engine(&self) -> Engine {
        Engine::connect(&self.endpoint()).await.expect("it answers")
    }

    /// All requests so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.server.asked("")
    }

    /// How many requests so far begin with these words.
    pub fn count(&self, start: &str) -> usize {
        self.asked().iter().filter(|asked| asked.is(start)).count()
    }

    /// How many hanging answers the client has closed.
    pub fn closed(&self) -> usize {
        self.server.closed()
    }
}

/// What an engine of API 1.`minor` answers to the first questions, and to paths that are too new for it.
fn introduce(minor: u32, asked: &Asked) -> Option<Reply> {
    let settings = Settings {
        minor,
        ..Settings::default()
    };
    let is_first = matches!(asked.target(), "GET /_ping" | "GET /version" | "GET /info");
    let is_too_new = asked.version.is_some_and(|wanted| wanted > minor);
    (is_first || is_too_new).then(|| Machine::new(settings).answer(asked, Timestamp::now()))
}

/// A stamp of second `n`.
pub fn stamp(n: u32) -> String {
    format!("2026-11-21T01:42:{n:02}.000000001Z ")
}

fn no_such_container() -> Reply {
    Reply::refuse(404, "No such container: gone")
}

const FOLLOW: LogQuery = LogQuery {
    tail: Some(100),
    since: None,
    until: None,
    follow: true,
};
const READ: LogQuery = LogQuery {
    tail: Some(100),
    since: None,
    until: None,
    follow: false,
};

#[tokio::test]
async fn p10_old_and_current_engines_are_reached_and_no_path_is_too_new_for_them() {
    for minor in [41, 44, 53] {
        let fake = FakeEngine::speaking(minor, |_| Reply::json(200, "[]"));
        let engine = fake.engine().await;
        assert_eq!(engine.info().api.as_str(), format!("1.{minor}"));
        assert_eq!(engine.info().version.as_str(), "99.1");
        assert_eq!(engine.info().host.cpus.as_f64(), 2.0);
        assert_eq!(engine.info().host.memory.to_string(), "4 GB");
        assert!(engine.info().warnings.is_empty());
        assert!(engine.list().await.unwrap().is_empty());
        assert!(engine.ping().await.unwrap() < Duration::from_secs(3));
        assert!(fake.asked()[0].is("GET /_ping"));
        assert!(fake.asked().iter().all(|asked| asked.version.is_none()));
    }
}

#[tokio::test]
async fn p10_an_engine_below_1_41_is_refused_in_one_line_and_asked_nothing_more() {
    let fake = FakeEngine::speaking(40, |_| Reply::Hang);
    let error = Engine::connect(&fake.endpoint()).await.unwrap_err();
    assert!(matches!(error, EngineError::TooOld { .. }), "{error}");
    assert_eq!(fake.asked().len(), 2);
}

#[tokio::test]
async fn an_engine_behind_a_proxy_that_hides_info_still_works() {
    let fake = FakeEngine::start(|asked| match asked {
        asked if asked.is("GET /info") => Reply::Page(403, "<html>Forbidden</html>".to_owned()),
        asked => introduce(45, asked).unwrap_or(Reply::HangUp),
    });
    let engine = fake.engine().await;
    assert!(engine.info().host.is_unknown());
    let warning = engine.info().warnings[0].as_str();
    assert!(
        warning.contains("status 403") && !warning.contains('<'),
        "{warning}"
    );
}

#[tokio::test]
async fn p05_every_call_has_a_deadline_of_its_own_even_after_the_headers() {
    let fake = FakeEngine::speaking(41, |asked| match asked {
        asked if asked.is("GET /containers/json") => Reply::ThenHang(vec![b"[{".to_vec()]),
        asked if asked.is("GET /containers/half/logs") => Reply::ThenHang(vec![frame(1, "x")]),
        _ => Reply::Hang,
    });
    let engine = fake.engine().await;
    let began = Instant::now();
    let mut events = Box::pin(engine.events());
    let mut log = Box::pin(engine.logs("half", READ));
    let (list, inspect, events, log, volume) = tokio::join!(
        engine.list(),
        engine.inspect("slow"),
        events.next(),
        log.next(),
        engine.volume("slow"),
    );
    let took = began.elapsed();
    assert!(
        took > Duration::from_secs(4) && took < Duration::from_secs(8),
        "{took:?}"
    );
    assert_eq!(
        list.unwrap_err().to_string(),
        "list containers: no answer within 5s"
    );
    for error in [
        inspect.unwrap_err(),
        events.unwrap().unwrap_err(),
        log.unwrap().unwrap_err(),
        volume.unwrap_err(),
    ] {
        assert!(matches!(error, EngineError::TimedOut { .. }), "{error}");
        assert!(error.is_uncertain() && error.is_unreachable());
    }
}

#[tokio::test]
async fn p04_a_ping_gives_up_after_three_seconds_and_a_stop_waits_for_its_grace() {
    let silent = FakeEngine::start(|_| Reply::Hang);
    let fake = FakeEngine::speaking(41, |_| Reply::Hang);
    let engine = fake.engine().await;
    let began = Instant::now();
    let argv = ["true".to_owned()];
    let endpoint = silent.endpoint();
    let (connect, exec) = tokio::join!(
        Engine::connect(&endpoint),
        engine.exec("c", &argv, Duration::from_millis(300)),
    );
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(
        connect.unwrap_err().to_string(),
        "ping: no answer within 3s"
    );
    assert!(matches!(exec, Err(EngineError::TimedOut { .. })));
    let stopping = engine.stop("c", Duration::from_secs(7));
    let early = tokio::time::timeout(Duration::from_millis(100), stopping).await;
    assert!(early.is_err());
    assert_eq!(fake.count("POST /containers/c/stop?t=7"), 1);
}

#[tokio::test]
async fn p06_lines_survive_chunks_cut_at_every_byte() {
    let (one, two) = (stamp(1), stamp(2));
    let wire = [
        frame(1, format!("{one}one\n{two}tw")),
        frame(2, format!("{one}err\n")),
        frame(1, format!("{two}o\n")),
    ]
    .concat();
    for cut in 1..wire.len() {
        let chunks = vec![wire[..cut].to_vec(), wire[cut..].to_vec()];
        let fake = FakeEngine::speaking(41, move |_| Reply::Chunks(chunks.clone()));
        let engine = fake.engine().await;
        let lines: Vec<_> = engine.logs("c", READ).map(Result::unwrap).collect().await;
        let got: Vec<_> = lines.iter().map(|l| (l.stream, l.text.as_str())).collect();
        let (out, err) = (LogStream::Out, LogStream::Err);
        assert_eq!(
            got,
            [(out, "one"), (err, "err"), (out, "two")],
            "cut at {cut}"
        );
    }
}

#[tokio::test]
async fn p06_a_connection_that_breaks_shows_no_header_byte_and_marks_the_line_that_it_cut() {
    let wire = [
        frame(1, format!("{}one\n", stamp(1))),
        frame(2, format!("{}two\n", stamp(2))),
    ];
    let wire = wire.concat();
    for cut in 0..wire.len() {
        let chunks = vec![wire[..cut].to_vec()];
        let fake = FakeEngine::speaking(41, move |_| Reply::ThenHangUp(chunks.clone()));
        let engine = fake.engine().await;
        let mut items: Vec<_> = engine.logs("c", FOLLOW).collect().await;
        let last = items.pop().expect("an error");
        assert!(
            matches!(last, Err(EngineError::Lost { .. })),
            "cut at {cut}: {last:?}"
        );
        let whole = usize::from(cut >= wire.len() / 2);
        let lines: Vec<_> = items.into_iter().map(Result::unwrap).collect();
        let (begun, ended): (Vec<_>, Vec<_>) =
            lines.iter().partition(|line| line.part == Part::Begun);
        let texts: Vec<_> = ended.iter().map(|line| line.text.plain()).collect();
        assert_eq!(texts, ["one"][..whole], "cut at {cut}");
        let line = ["one", "two"][whole];
        let came = (cut % (wire.len() / 2)).saturating_sub(8 + stamp(1).len());
        let begun: Vec<_> = begun.iter().map(|line| line.text.plain()).collect();
        let part: String = line.chars().take(came).collect();
        let expected: Vec<_> = Some(part)
            .filter(|part| !part.is_empty())
            .into_iter()
            .collect();
        assert_eq!(begun, expected, "cut at {cut}");
    }
}

#[tokio::test]
async fn p07_a_forged_frame_ends_the_log_at_once_with_one_error() {
    let forged = [
        frame(1, format!("{}fine\n", stamp(1))),
        vec![1, 0, 0, 0, 0xff, 0, 0, 0],
    ];
    let fake = FakeEngine::speaking(41, move |_| Reply::ThenHang(forged.to_vec()));
    let engine = fake.engine().await;
    let items: Vec<_> = engine.logs("c", FOLLOW).collect().await;
    assert_eq!(items.len(), 2);
    assert!(matches!(items[1], Err(EngineError::Malformed { .. })));
}

#[tokio::test]
async fn the_engines_own_log_error_is_no_line() {
    let wire = frame(3, "error grabbing logs: unexpected EOF");
    let fake = FakeEngine::speaking(41, move |_| Reply::Chunks(vec![wire.clone()]));
    let engine = fake.engine().await;
    let items: Vec<_> = engine.logs("c", FOLLOW).collect().await;
    let [Err(error)] = items.as_slice() else {
        panic!("{items:?}");
    };
    assert_eq!(error.to_string(), "error grabbing logs: unexpected EOF");
}

#[tokio::test]
async fn dropping_a_follow_closes_its_connection() {
    let first = frame(1, format!("{}hi\n", stamp(1)));
    let fake = FakeEngine::speaking(41, move |_| Reply::ThenHang(vec![first.clone()]));
    let engine = fake.engine().await;
    let mut follow = Box::pin(engine.logs("c", FOLLOW));
    assert_eq!(follow.next().await.unwrap().unwrap().text.plain(), "hi");
    assert_eq!(fake.closed(), 0);
    drop(follow);
    for _ in 0..100 {
        if fake.closed() == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the connection stayed open");
}

#[tokio::test]
async fn p09_every_status_is_classed_and_its_words_are_kept() {
    use ErrorClass::{Conflict, NotFound, Permanent, Transient};
    const BUSY: &str = "driver failed programming external connectivity: Bind for 127.0.0.1:1 failed: port is already allocated";
    for (status, message, class) in [
        (400, "Minimum memory limit allowed is 6MB", Permanent),
        (401, "unauthorized", Permanent),
        (403, "has active endpoints", Permanent),
        (404, "No such container: c", NotFound),
        (405, "not allowed", Permanent),
        (408, "slow", Transient),
        (409, "is already in use by container", Conflict),
        (429, "too many", Transient),
        (500, "something broke", Permanent),
        (500, BUSY, Conflict),
        (
            500,
            "listen tcp4 127.0.0.1:1: bind: address already in use",
            Conflict,
        ),
        (500, "context deadline exceeded", Transient),
        (501, "not implemented", Permanent),
        (502, "bad gateway", Transient),
        (503, "unavailable", Transient),
        (504, "gateway timeout", Transient),
    ] {
        let fake = FakeEngine::speaking(41, move |_| Reply::refuse(status, message));
        let error = fake.engine().await.start("c").await.unwrap_err();
        assert_eq!(error.class(), class, "{status} {message}");
        assert_eq!(error.to_string(), message);
        assert!(!error.is_uncertain() && !error.is_unreachable());
        assert!(!error.hint().is_empty());
        assert_eq!(fake.count("POST"), 1, "one attempt");
    }
}

#[tokio::test]
async fn a_proxys_page_and_an_empty_answer_become_one_line() {
    for page in ["<html><h1>502 Bad Gateway</h1></html>", ""] {
        let fake = FakeEngine::speaking(41, move |_| Reply::Page(502, page.to_owned()));
        let error = fake.engine().await.list().await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::Transient);
        assert!(error.to_string().starts_with("status 502"), "{error}");
    }
}

#[tokio::test]
async fn p03_missing_deaf_and_wrong_sockets_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| Endpoint::Unix(folder.path().join(name));
    std::fs::write(folder.path().join("file"), "").unwrap();
    drop(UnixListener::bind(folder.path().join("deaf")).unwrap());
    let missing = Engine::connect(&at("missing")).await.unwrap_err();
    let file = Engine::connect(&at("file")).await.unwrap_err();
    let deaf = Engine::connect(&at("deaf")).await.unwrap_err();
    assert!(matches!(missing, EngineError::Absent { .. }), "{missing}");
    assert!(
        missing.hint().contains("installed and running"),
        "{}",
        missing.hint()
    );
    assert!(matches!(file, EngineError::Denied { .. }), "{file}");
    assert!(file.to_string().contains("not a socket"), "{file}");
    assert!(matches!(deaf, EngineError::Absent { .. }), "{deaf}");
    assert!(deaf.hint().contains("nobody listens"), "{}", deaf.hint());
    for error in [missing, file, deaf] {
        assert!(error.is_unreachable() && !error.is_uncertain());
    }
}

#[tokio::test]
async fn a_tcp_engine_that_is_not_there_is_absent_with_the_way_to_check() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", free.local_addr().unwrap());
    drop(free);
    let error = Engine::connect(&Endpoint::parse(&address).unwrap())
        .await
        .unwrap_err();
    assert!(matches!(error, EngineError::Absent { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(error.hint().contains("host and port"));
}

#[tokio::test]
async fn a_connection_that_breaks_during_a_change_leaves_the_outcome_open() {
    let fake = FakeEngine::speaking(41, |_| Reply::HangUp);
    let engine = fake.engine().await;
    let error = engine.start("c").await.unwrap_err();
    assert!(matches!(error, EngineError::Lost { .. }), "{error:?}");
    assert!(error.is_uncertain() && error.class() == ErrorClass::Transient);
    drop(fake);
    let error = engine.list().await.unwrap_err();
    assert!(matches!(error, EngineError::Absent { .. }), "{error:?}");
}

#[tokio::test]
async fn p08_malformed_and_endless_answers_are_typed_errors() {
    for body in ["", "[{", "{}", "<html>", "null", "[1,"] {
        let fake = FakeEngine::speaking(41, move |_| Reply::json(200, body));
        let error = fake.engine().await.list().await.unwrap_err();
        assert!(
            matches!(error, EngineError::Malformed { .. }),
            "{body}: {error}"
        );
    }
    let fake = FakeEngine::speaking(41, |_| Reply::ThenHang(vec![vec![b' '; 1 << 20]; 17]));
    let error = fake.engine().await.list().await.unwrap_err();
    assert!(error.to_string().contains("larger than 16 MB"), "{error}");
}

#[tokio::test]
async fn p08_one_odd_container_does_not_hide_the_others() {
    let body = r#"[{"Id":null},7,{"Id":"a","Names":["/x/db","/cchub-shop-redis"],"State":"brandnew","Status":"Up",
        "Labels":{"io.cchub.project":"shop","io.cchub.service":"redis"},"Ports":[{"PublicPort":6389},{"PublicPort":6389}]}]"#;
    let fake = FakeEngine::speaking(41, move |_| Reply::json(200, body));
    let list = fake.engine().await.list().await.unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].name.as_str(), "cchub-shop-redis");
    assert_eq!(list[0].phase, cchub::domain::Phase::Other);
    assert_eq!(list[0].published, ["0.0.0.0:6389".parse().unwrap()]);
    assert_eq!(fake.count("GET /containers/json?all=true&filters="), 1);
}

#[tokio::test]
async fn what_is_not_there_is_none_and_removing_it_is_no_error() {
    let fake = FakeEngine::speaking(41, |_| no_such_container());
    let engine = fake.engine().await;
    assert_eq!(engine.inspect("gone").await.unwrap(), None);
    assert_eq!(engine.image("gone").await.unwrap(), None);
    assert_eq!(engine.volume("gone").await.unwrap(), None);
    assert_eq!(engine.sample("gone").await.unwrap(), None);
    engine.remove("gone").await.unwrap();
    engine.remove_network("gone").await.unwrap();
    engine.remove_volume("gone").await.unwrap();
}

#[tokio::test]
async fn a_removal_that_is_under_way_is_waited_for() {
    let looked = std::sync::atomic::AtomicUsize::new(0);
    let fake = FakeEngine::speaking(41, move |asked| match asked {
        asked if asked.is("DELETE") => {
            Reply::refuse(409, "removal of container c is already in progress")
        }
        _ if looked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < 2 => {
            Reply::json(200, r#"{"Id":"c","State":{"Status":"removing"}}"#)
        }
        _ => no_such_container(),
    });
    fake.engine().await.remove("c").await.unwrap();
    assert_eq!(fake.count("GET /containers/c/json"), 3);
}

fn event(kind: &str, action: &str) -> Vec<u8> {
    let json = serde_json::json!({
        "Type": kind, "Action": action, "timeNano": 1_000_000_000_i64,
        "Actor": {"ID": "abc", "Attributes": {"name": "cchub-shop-redis", "exitCode": "3",
            "io.cchub.project": "shop", "io.cchub.service": "redis"}},
    });
    format!("{json}\n").into_bytes()
}

#[tokio::test]
async fn an_unknown_kind_of_event_is_skipped_and_an_unreadable_one_ends_the_stream() {
    let wire = [
        event("weirdnew", "x"),
        event("container", "die"),
        event("container", "brandnew"),
        b"{\"Type\":\n".to_vec(),
        event("container", "start"),
    ]
    .concat();
    for cut in [1, 50, wire.len() / 2, wire.len()] {
        let chunks = vec![wire[..cut].to_vec(), wire[cut..].to_vec()];
        let fake = FakeEngine::speaking(41, move |_| Reply::ThenHang(chunks.clone()));
        let items: Vec<_> = fake.engine().await.events().take(9).collect().await;
        let good: Vec<&ContainerEvent> = items.iter().flatten().collect();
        assert_eq!(good[0].action, EventAction::Die { exit_code: Some(3) });
        assert_eq!(good[1].action, EventAction::Other("brandnew".into()));
        let end = items.iter().position(Result::is_err).expect("an error");
        assert!(matches!(items[end], Err(EngineError::Malformed { .. })));
    }
}

#[tokio::test]
async fn p02_an_event_stream_that_ends_says_so_and_asks_only_for_what_counts() {
    let fake = FakeEngine::speaking(41, |_| Reply::Chunks(vec![event("container", "start")]));
    let items: Vec<_> = fake.engine().await.events().collect().await;
    assert_eq!(items[0].as_ref().unwrap().action, EventAction::Start);
    assert!(matches!(items[1], Err(EngineError::Lost { .. })));
    let line = fake.asked().pop().unwrap().line;
    for word in ["container", "io.cchub.project", "health_status", "oom"] {
        assert!(line.contains(word), "{line}");
    }
    assert!(!line.contains("exec"), "{line}");
}

#[tokio::test]
async fn a_pull_tells_progress_and_the_error_that_came_with_status_200() {
    let wire = b"{\"status\":\"Pulling fs layer\",\"id\":\"aa\"}\r\n{\"errorDetail\":{\"message\":\"manifest unknown\"},\"error\":\"manifest unknown\"}\r\n{\"status\":\"late\"}\r\n";
    let fake = FakeEngine::speaking(41, move |_| Reply::Chunks(vec![wire.to_vec()]));
    let items: Vec<_> = fake.engine().await.pull("redis:7").collect().await;
    assert_eq!(
        items[0].as_ref().unwrap().as_str(),
        "layer 1 of 1: pulling fs layer"
    );
    assert_eq!(items[1].as_ref().unwrap_err().class(), ErrorClass::NotFound);
    assert_eq!(items.len(), 2, "nothing after an error");
    assert_eq!(fake.count("POST /images/create?fromImage=redis:7"), 1);
}

#[tokio::test]
async fn an_unknown_outcome_of_a_stream_is_not_taken_for_the_end() {
    let wire = b"{\"status\":\"Pulling fs layer\",\"id\":\"aa\"}\r\n".to_vec();
    let fake = FakeEngine::speaking(41, move |_| Reply::ThenHangUp(vec![wire.clone()]));
    let items: Vec<_> = fake.engine().await.pull("redis:7").collect().await;
    assert!(
        matches!(items.last(), Some(Err(EngineError::Lost { .. }))),
        "{items:?}"
    );
}

fn shop() -> ProjectName {
    "shop".parse().unwrap()
}

#[tokio::test]
async fn p16_a_foreign_network_of_the_same_name_is_refused_and_not_touched() {
    let fake = FakeEngine::speaking(41, |_| {
        Reply::json(200, r#"[{"Name":"cchub-shop","Id":"n1","Labels":null}]"#)
    });
    let error = fake
        .engine()
        .await
        .ensure_network("cchub-shop", &shop())
        .await
        .unwrap_err();
    assert_eq!(error.class(), ErrorClass::Conflict);
    assert!(
        error
            .to_string()
            .contains("cchub-shop exists and does not belong to shop"),
        "{error}"
    );
    assert_eq!(fake.count("POST"), 0);
}

#[tokio::test]
async fn a_network_is_made_once_and_only_a_whole_name_counts() {
    let fake = FakeEngine::speaking(41, |asked| match asked {
        asked if asked.is("POST") => Reply::json(201, r#"{"Id":"n2","Warning":""}"#),
        _ => Reply::json(
            200,
            r#"[{"Name":"cchub-shop-2","Id":"n1","Labels":{"io.cchub.project":"shop"}}]"#,
        ),
    });
    let id = fake
        .engine()
        .await
        .ensure_network("cchub-shop", &shop())
        .await
        .unwrap();
    assert_eq!(id, "n2");
    let asked = fake.asked();
    let posts: Vec<_> = asked.iter().filter(|asked| asked.is("POST")).collect();
    assert_eq!(posts.len(), 1, "made once");
    let sent = posts[0].json();
    assert_eq!(sent["CheckDuplicate"], true);
    assert_eq!(sent["Labels"]["io.cchub.project"], "shop");
    assert_eq!(
        sent["Options"]["com.docker.network.bridge.host_binding_ipv4"],
        "127.0.0.1"
    );
}

#[tokio::test]
async fn p14_a_network_that_another_operator_makes_in_between_is_used() {
    let looked = std::sync::atomic::AtomicUsize::new(0);
    let fake = FakeEngine::speaking(41, move |asked| match asked {
        asked if asked.is("POST") => {
            Reply::refuse(409, "network with name cchub-shop already exists")
        }
        _ if looked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 => {
            Reply::json(200, "[]")
        }
        _ => Reply::json(
            200,
            r#"[{"Name":"cchub-shop","Id":"n3","Labels":{"io.cchub.project":"shop"}}]"#,
        ),
    });
    let id = fake
        .engine()
        .await
        .ensure_network("cchub-shop", &shop())
        .await
        .unwrap();
    assert_eq!(id, "n3");
}

#[tokio::test]
async fn p18_of_two_networks_with_one_name_the_one_in_use_is_kept() {
    for (in_use, kept) in [("", "old"), ("old", "old"), ("new", "new")] {
        let fake = FakeEngine::speaking(41, move |asked| match asked {
            asked if asked.is("DELETE") && !in_use.is_empty() && asked.line.contains(in_use) => {
                Reply::refuse(403, "network has active endpoints")
            }
            asked if asked.is("DELETE") => Reply::json(204, ""),
            _ => Reply::json(
                200,
                r#"[{"Name":"cchub-shop","Id":"new","Created":"2026-01-02T00:00:00Z","Labels":{"io.cchub.project":"shop"}},
                    {"Name":"cchub-shop","Id":"old","Created":"2026-01-01T00:00:00Z","Labels":{"io.cchub.project":"shop"}}]"#,
            ),
        });
        let engine = fake.engine().await;
        let id = engine.ensure_network("cchub-shop", &shop()).await.unwrap();
        assert_eq!(id, kept, "in use: '{in_use}'");
        assert_eq!(fake.count("POST"), 0);
    }
}

#[tokio::test]
async fn p70_the_helper_that_fills_a_volume_goes_away_also_when_the_upload_fails() {
    let fake = FakeEngine::speaking(41, |asked| match asked {
        asked if asked.is("POST /containers/create") => {
            Reply::json(201, r#"{"Id":"h","Warnings":[]}"#)
        }
        asked if asked.is("PUT") => Reply::refuse(500, "no space left on device"),
        _ => Reply::json(204, ""),
    });
    let file = VolumeFile {
        name: "secret_key".to_owned(),
        bytes: b"hunter2".to_vec(),
        uid: 1000,
        gid: 1000,
        mode: 0o400,
    };
    let engine = fake.engine().await;
    let error = engine
        .fill_volume("v", "cchub-shop-fill-1", "image", &shop(), &[file])
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "no space left on device");
    let asked = fake.asked();
    let create = asked
        .iter()
        .find(|asked| asked.is("POST /containers/create"))
        .unwrap();
    assert!(
        create.line.contains("name=cchub-shop-fill-"),
        "{}",
        create.line
    );
    assert!(!String::from_utf8_lossy(&create.body).contains("hunter2"));
    assert_eq!(create.json()["Labels"]["io.cchub.fill"], "1");
    assert!(create.json()["Labels"]["io.cchub.service"].is_null());
    assert_eq!(fake.count("DELETE /containers/cchub-shop-fill-"), 1);
}

#[tokio::test]
async fn an_exec_gives_exit_code_and_the_beginning_of_its_output() {
    let output = [frame(1, "x".repeat(5000)), frame(2, "oops\n")].concat();
    let fake = FakeEngine::speaking(41, move |asked| match asked {
        asked if asked.is("POST /containers/c/exec") => Reply::json(201, r#"{"Id":"e1"}"#),
        asked if asked.is("POST /exec/e1/start") => Reply::Upgraded(output.clone()),
        _ => Reply::json(200, r#"{"ID":"e1","Running":false,"ExitCode":7}"#),
    });
    let argv = ["redis-cli".to_owned(), "ping".to_owned()];
    let done = fake
        .engine()
        .await
        .exec("c", &argv, Duration::from_secs(5))
        .await
        .unwrap();
    assert_eq!(done.exit_code, Some(7));
    assert_eq!(done.output.len(), 4096);
    let sent = fake
        .asked()
        .into_iter()
        .find(|asked| asked.is("POST /containers/c/exec"))
        .unwrap();
    let sent = sent.json();
    assert_eq!(
        (&sent["Tty"], &sent["Privileged"]),
        (&false.into(), &false.into())
    );
    assert!(sent["User"].is_null());
}
