//! The command line without an engine: bad input gets one line with the mend, the right exit code, and no request.

use crate::support::sandbox::{Ran, sample_project};
use std::{
    fs,
    io::Read,
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tempfile::TempDir;

/// A hub folder and an engine socket that counts who knocks and answers nothing.
struct Desk {
    folder: TempDir,
    knocks: Arc<AtomicUsize>,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("engine.sock")).unwrap();
        let knocks = Arc::new(AtomicUsize::new(0));
        let count = knocks.clone();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let _ = stream.read(&mut [0; 64]);
            }
        });
        Self { folder, knocks }
    }

    fn hub_file(&self) -> PathBuf {
        self.folder.path().join("hub.toml")
    }

    fn run_at(&self, host: &str, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cchub-tui"));
        command
            .arg("--config")
            .arg(self.hub_file())
            .args(["--host", host])
            .args(args);
        command
            .stdin(Stdio::null())
            .env("NO_COLOR", "1")
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .output()
            .unwrap()
            .into()
    }

    fn run(&self, args: &[&str]) -> Ran {
        let socket = self.folder.path().join("engine.sock");
        self.run_at(&format!("unix://{}", socket.display()), args)
    }

    fn add_shop(&self) {
        let path = sample_project();
        self.run(&["project", "add", "shop", "--path", path.to_str().unwrap()])
            .expect(0);
    }

    /// The run must end with 2, say `words`, and send nothing.
    #[track_caller]
    fn refuses(&self, args: &[&str], words: &[&str]) {
        let ran = self.run(args).expect(2);
        for word in words {
            assert!(
                ran.stderr.contains(word),
                "{args:?} should say '{word}': {}",
                ran.stderr
            );
        }
        assert_eq!(
            self.knocks.load(Ordering::SeqCst),
            0,
            "{args:?} sent a request"
        );
    }
}

#[test]
fn bad_paths_are_refused_with_the_mend() {
    let desk = Desk::new();
    let file = desk.folder.path().join("file");
    fs::write(&file, "x").unwrap();
    let missing = desk.folder.path().join("missing");
    for (path, words) in [
        ("relative/path", vec!["relative/path", "full path"]),
        (missing.to_str().unwrap(), vec!["missing"]),
        (file.to_str().unwrap(), vec!["file", "folder"]),
        ("/etc", vec!["/etc"]),
        ("/", vec!["/"]),
    ] {
        desk.refuses(&["project", "add", "shop", "--path", path], &words);
    }
    assert!(!desk.hub_file().exists(), "nothing was written");
}

#[test]
fn keys_are_printed_as_the_hub_file_has_them_and_what_cannot_be_had_is_said() {
    let desk = Desk::new();
    let text = "version = 1\n[keys]\npreset = \"k9s\"\nrestart = \"ctrl-t\"\nsort = \"l\"\n";
    fs::write(desk.hub_file(), text).unwrap();
    let ran = desk.run(&["keys"]).expect(1);
    let words = "hub file line 5: keys.sort: l is the key of logs in the list";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
    let row = |name: &str| {
        let mut rows = ran.stdout.lines();
        let row = rows.find(|row| row.split_whitespace().next() == Some(name));
        row.unwrap_or_else(|| panic!("no {name}: {}", ran.stdout))
    };
    for (name, key) in [("restart", "ctrl-t"), ("stop", "ctrl-k"), ("sort", "o")] {
        assert_eq!(row(name).split_whitespace().nth(1), Some(key));
    }
    assert!(row("remove").contains("–"), "palette only");
}

#[test]
fn keys_of_a_preset_are_printed_as_json_without_a_hub_file() {
    let desk = Desk::new();
    let keys = |args: &[&str]| {
        desk.run(&[&["keys", "--json"], args].concat())
            .expect(0)
            .json()
    };
    let of = |all: &serde_json::Value, name: &str| {
        let mut rows = all.as_array().unwrap().iter();
        rows.find(|row| row["action"] == name).unwrap()["keys"]["list"].clone()
    };
    assert_eq!(of(&keys(&[]), "logs"), serde_json::json!(["l", "m", "2"]));
    let lazydocker = keys(&["--preset", "lazydocker"]);
    assert_eq!(of(&lazydocker, "logs"), serde_json::json!(["m", "2"]));
    assert_eq!(of(&lazydocker, "right"), serde_json::json!(["right", "l"]));
    desk.refuses(&["keys", "--preset", "emacs"], &["lazydocker", "k9s"]);
}

#[test]
fn ports_prints_how_a_project_is_reached() {
    let desk = Desk::new();
    desk.add_shop();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cchub-tui"));
    command.arg("--config").arg(desk.hub_file());
    command
        .env("USER", "ann")
        .env("SSH_CONNECTION", "203.0.113.9 50022 192.0.2.7 22");
    let mut run = |args: &[&str]| -> Ran { command.args(args).output().unwrap().into() };
    let text = run(&["ports", "shop"]).expect(0).stdout;
    for words in [
        "http://127.0.0.1:3010/",
        "psql -h 127.0.0.1 -p 5442 -U commandcenter commandcenter",
        "ssh -L 3010:127.0.0.1:3010 -L 8010:127.0.0.1:8010 ann@192.0.2.7",
    ] {
        assert!(text.contains(words), "{text}");
    }
    let json = desk
        .run(&["ports", "shop", "redis", "--json"])
        .expect(0)
        .json();
    assert_eq!(json[0]["for"], "redis");
    assert_eq!(json[0]["port"], 6389);
    assert_eq!(json[0]["text"], "redis-cli -h 127.0.0.1 -p 6389");
}

#[test]
fn bad_names_and_duplicates_are_refused() {
    let desk = Desk::new();
    let path = sample_project();
    let path = path.to_str().unwrap();
    for name in ["Shop", "a_b", "", "x y", "../x", &"x".repeat(40)] {
        desk.refuses(
            &["project", "add", name, "--path", path],
            &["cannot name a project"],
        );
    }
    desk.add_shop();
    let before = fs::read(desk.hub_file()).unwrap();
    desk.refuses(&["project", "add", "shop", "--path", path], &["shop"]);
    assert_eq!(fs::read(desk.hub_file()).unwrap(), before);
}

#[test]
fn an_unknown_project_is_called_that_where_no_engine_can_tell_of_composes() {
    let desk = Desk::new();
    desk.add_shop();
    for args in [
        &["start", "shp"][..],
        &["project", "remove", "shp"],
        &["status", "shp"],
        &["ports", "shp"],
    ] {
        let ran = desk.run(args).expect(2);
        assert!(ran.stderr.contains("no project 'shp'"), "{}", ran.stderr);
    }
    let both = ["limits", "shop", "redis", "blog", "--memory", "300m"];
    let said = desk.run(&both).expect(2).stderr;
    assert!(said.contains("'blog' is neither a project nor"), "{said}");
}

#[test]
fn unknown_projects_and_services_list_the_valid_ones() {
    let desk = Desk::new();
    // Only the engine knows what Compose made: nobody is asked where that is switched off.
    fs::write(desk.hub_file(), "version = 1\n[hub]\nadopt = false\n").unwrap();
    desk.refuses(&["start", "shop"], &["no project 'shop'", "project add"]);
    desk.add_shop();
    for args in [
        &["start", "shp"][..],
        &["stop", "shp"],
        &["restart", "shp", "redis"],
        &["status", "shp"],
        &["health", "shp"],
        &["logs", "shp"],
        &["limits", "shp"],
        &["ports", "shp"],
        &["project", "show", "shp"],
        &["project", "remove", "shp"],
    ] {
        desk.refuses(args, &["no project 'shp'", "shop"]);
    }
    for args in [
        &["restart", "shop", "db"][..],
        &["logs", "shop", "db"],
        &["limits", "shop", "db"],
    ] {
        desk.refuses(args, &["postgres, redis, backend or frontend"]);
    }
}

#[test]
fn p44_bad_numbers_of_lines_are_refused_before_any_request() {
    let desk = Desk::new();
    desk.add_shop();
    for tail in ["0", "-1", "10001", "abc", ""] {
        desk.refuses(&["logs", "shop", "--tail", tail], &["1 to 10000"]);
    }
    desk.refuses(&["logs", "shop", "--since", "yesterday"], &["10m"]);
    desk.refuses(&["logs", "shop", "--grep", "(a"], &["unclosed group"]);
    desk.refuses(&["logs", "shop", "--head", "0"], &["1 to 10000"]);
    desk.refuses(&["logs", "shop", "--head", "5", "--follow"], &["--follow"]);
    desk.refuses(&["logs", "shop", "-v"], &["--grep"]);
    desk.refuses(
        &["logs", "shop/db"],
        &["postgres, redis, backend or frontend"],
    );
    desk.refuses(&["logs", "shop", "--level", "loud"], &["warn or error"]);
}

#[test]
fn p61_bad_limits_are_refused_before_any_request() {
    let desk = Desk::new();
    desk.add_shop();
    for cpus in ["0", "-1", "NaN", "1e9", "1,5"] {
        desk.refuses(&["limits", "shop", "redis", "--cpus", cpus], &["CPUs"]);
    }
    for memory in ["5", "5m", "9223372036854775808", "-1", "lots"] {
        desk.refuses(
            &["limits", "shop", "redis", "--memory", memory],
            &["memory"],
        );
    }
    desk.refuses(&["limits", "shop", "--memory", "300m"], &["SERVICE"]);
    for with in [
        ["--pids", "99"],
        ["--preset", "small"],
        ["--keep", "--below-use"],
    ] {
        let args = [&["limits", "shop", "redis", "--reapply"], &with[..]].concat();
        desk.refuses(&args, &["cannot be used with"]);
    }
    desk.refuses(&["limits"], &["PROJECT"]);
}

#[test]
fn p34_a_hub_file_that_cannot_be_used_is_named_with_its_line_and_never_overwritten() {
    let desk = Desk::new();
    let path = sample_project();
    for (text, words) in [
        ("version = 1\n[projects.shop\n", vec!["hub.toml", "line 2"]),
        ("version = 99\n", vec!["99", "newer"]),
        ("version = 1\n[logs]\ntial = 5\n", vec!["tial", "tail", "3"]),
        (
            "version = 1\n[projects.shop]\npath = 7\nnumber = 1\n",
            vec!["path"],
        ),
    ] {
        fs::write(desk.hub_file(), text).unwrap();
        desk.refuses(&["project", "list"], &words);
        desk.refuses(
            &["project", "add", "new", "--path", path.to_str().unwrap()],
            &words,
        );
        assert_eq!(fs::read_to_string(desk.hub_file()).unwrap(), text);
    }
}

#[test]
fn an_engine_that_cannot_be_used_ends_with_3_and_says_why() {
    let desk = Desk::new();
    desk.add_shop();
    let absent = desk.folder.path().join("absent.sock");
    let not_a_socket = desk.folder.path().join("plain");
    fs::write(&not_a_socket, "x").unwrap();
    for (host, word) in [
        (format!("unix://{}", absent.display()), "absent.sock"),
        (format!("unix://{}", not_a_socket.display()), "plain"),
        ("tcp://127.0.0.1:1".to_owned(), "refused"),
        ("ssh://host".to_owned(), "ssh"),
        ("gopher://host".to_owned(), "gopher"),
    ] {
        for args in [
            &["status"][..],
            &["start", "shop"],
            &["health", "shop"],
            &["logs", "shop"],
        ] {
            let ran = desk.run_at(&host, args).expect(3);
            assert!(ran.stderr.contains(word), "{host}: {}", ran.stderr);
            assert!(ran.stdout.is_empty());
        }
    }
}

#[test]
fn without_a_terminal_the_screen_refuses_and_names_the_subcommands() {
    let desk = Desk::new();
    let ran = desk.run(&[]).expect(2);
    assert!(
        ran.stderr.contains("terminal") && ran.stderr.contains("status"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stdout.contains('\x1b'), "no escape sequence on a pipe");
}

#[test]
fn projects_are_added_listed_shown_and_forgotten() {
    let desk = Desk::new();
    desk.add_shop();
    let path = sample_project();
    let add = [
        "project",
        "add",
        "blog",
        "--path",
        path.to_str().unwrap(),
        "--image",
        "redis=my/redis:1",
    ];
    desk.run(&add).expect(0);
    let list = desk.run(&["project", "list", "--json"]).expect(0).json();
    assert_eq!(list[0]["name"], "blog");
    assert_eq!(
        list[0]["ports"],
        serde_json::json!([5452, 6399, 8020, 3020])
    );
    assert_eq!(
        list[1]["ports"],
        serde_json::json!([5442, 6389, 8010, 3010])
    );
    let show = desk
        .run(&["project", "show", "blog", "--json"])
        .expect(0)
        .json();
    assert_eq!(show["services"]["redis"]["image"]["Ready"], "my/redis:1");
    let table = desk.run(&["project", "show", "shop"]).expect(0);
    assert!(
        table.stdout.contains("python:3.11-slim"),
        "{}",
        table.stdout
    );
    assert_eq!(desk.knocks.load(Ordering::SeqCst), 0);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let desk = Desk::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cchub-tui"));
    let mut child = command
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    drop(desk);
}

#[test]
fn doctor_names_what_is_wrong_and_the_mend() {
    let desk = Desk::new();
    desk.add_shop();
    let text = fs::read_to_string(desk.hub_file()).unwrap();
    let gone = Path::new("/nonexistent/folder");
    let text = text.replace(sample_project().to_str().unwrap(), gone.to_str().unwrap());
    fs::write(desk.hub_file(), text).unwrap();
    let absent = desk.folder.path().join("absent.sock");
    let ran = desk
        .run_at(&format!("unix://{}", absent.display()), &["doctor"])
        .expect(3);
    assert!(
        ran.stdout.contains("BAD engine") && ran.stdout.contains("mend:"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("/nonexistent/folder"), "{}", ran.stdout);
}

/// Text that a terminal would act on, or that hides what it says.
const ODD: &str = "x\u{1b}]0;t\u{7}\u{9b}2J\u{202e}y\u{7f}";

#[track_caller]
fn assert_harmless(text: &str) {
    let odd = |c: &char| {
        let control = c.is_control() && *c != '\n';
        control
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert_eq!(text.chars().find(odd), None, "{text:?}");
}

#[test]
fn p43_what_was_typed_is_repeated_without_what_a_terminal_would_act_on() {
    let desk = Desk::new();
    for args in [
        [ODD, "", "", ""],
        ["start", ODD, "", ""],
        ["--host", ODD, "status", "shop"],
        ["logs", "shop", "--tail", ODD],
        ["logs", "shop", "--since", ODD],
        ["project", "add", "shop", &format!("--path=/{ODD}")],
        ["project", "add", "shop", &format!("--image={ODD}")],
        ["--config", ODD, "project", "list"],
    ] {
        let args: Vec<&str> = args.into_iter().filter(|arg| !arg.is_empty()).collect();
        let ran = desk.run(&args);
        assert_harmless(&ran.stderr);
        assert_harmless(&ran.stdout);
    }
}

#[test]
fn p43_the_environment_reaches_help_and_errors_without_what_a_terminal_would_act_on() {
    for args in [
        &["--help"][..],
        &["project", "list"],
        &["status"],
        &["doctor"],
    ] {
        let ran: Ran = Command::new(env!("CARGO_BIN_EXE_cchub-tui"))
            .args(args)
            .env("CCHUB_CONFIG", format!("/{ODD}/hub.toml"))
            .env("DOCKER_HOST", format!("unix:///{ODD}"))
            .stdin(Stdio::null())
            .output()
            .unwrap()
            .into();
        assert!(!ran.stdout.is_empty() || !ran.stderr.is_empty());
        assert_harmless(&ran.stdout);
        assert_harmless(&ran.stderr);
    }
}

#[test]
fn p43_json_escapes_what_a_terminal_would_act_on_and_loses_nothing() {
    let desk = Desk::new();
    desk.add_shop();
    let mut text = fs::read_to_string(desk.hub_file()).unwrap();
    // TOML's own escapes: what comes of them is in the value.
    text.push_str("\n[projects.shop.services.backend]\nenv = { GREETING = \"a\\u009b2J\\u202e\\u007f\\U000e0041ü\" }\n");
    fs::write(desk.hub_file(), text).unwrap();
    let ran = desk.run(&["project", "show", "shop", "--json"]).expect(0);
    assert_harmless(&ran.stdout);
    assert!(!ran.stdout.contains('\u{e0041}') && ran.stdout.contains('ü'));
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let greeting = value.pointer("/services/backend/env/GREETING").unwrap();
    assert_eq!(greeting, "a\u{9b}2J\u{202e}\u{7f}\u{e0041}ü");
}

#[test]
fn themes_are_listed_and_one_of_ones_own_is_checked() {
    let desk = Desk::new();
    let own = desk.folder.path().join("config/cchub/themes");
    fs::create_dir_all(&own).unwrap();
    let dark = include_str!("../../themes/dark.toml");
    let write = |name: &str, text: &str| fs::write(own.join(name), text).unwrap();
    write("mine.toml", dark);
    write("broken.toml", "x");
    write("faint.toml", &dark.replace("#9aa1ad", "#3a414d"));
    let run = |args: &[&str]| -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cchub-tui"));
        command.args(args).current_dir(&own);
        command.env("XDG_CONFIG_HOME", desk.folder.path().join("config"));
        command.output().unwrap().into()
    };
    let listed = run(&["theme", "list", "--json"]).expect(0).json();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.len(), 13);
    let of = |name: &str| listed.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(
        (of("dark")["own"].as_bool(), of("mine")["own"].as_bool()),
        (Some(false), Some(true))
    );
    assert!(
        of("broken")["error"]
            .as_str()
            .unwrap()
            .starts_with("theme broken: ")
    );
    assert!(
        run(&["theme", "list"])
            .expect(0)
            .stdout
            .contains("tritanopia")
    );

    run(&["theme", "check", "mine.toml"]).expect(0);
    let faint = run(&["theme", "check", "faint.toml"]).expect(1).stdout;
    assert!(faint.contains("dim") && faint.contains("1.7:1"), "{faint}");
    let broken = run(&["theme", "check", "broken.toml"]).expect(2).stderr;
    assert!(
        broken.starts_with("error: broken.toml: theme broken: "),
        "{broken}"
    );
    let missing = run(&["theme", "check", "none.toml"]).expect(2).stderr;
    assert!(missing.contains("none.toml: No such file"), "{missing}");
}
