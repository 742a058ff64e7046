//! The hub file and the secrets as the program meets them: edited by people, shared by programs, damaged by bad days.

use cchub::{
    config::{HubFile, HubFileError},
    domain::{Bytes, Call, Cpus, LimitsChange, ProjectName, ServiceKind},
    stack::{
        entry::Workspace,
        secrets::Secrets,
        spec::{SecretContent, StackSpec},
    },
};
use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    sync::Barrier,
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// A hub file in a folder of its own, and a project's folder beside it.
struct Place {
    temp: TempDir,
    hub: HubFile,
}

impl Place {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir(temp.path().join("project")).unwrap();
        let hub = HubFile::new(temp.path().join("config/hub.toml"));
        Self { temp, hub }
    }

    fn with(text: impl AsRef<[u8]>) -> Self {
        let place = Self::new();
        fs::create_dir(place.hub.path().parent().unwrap()).unwrap();
        fs::write(place.hub.path(), text).unwrap();
        place
    }

    fn project(&self) -> PathBuf {
        self.temp.path().join("project").canonicalize().unwrap()
    }

    fn add(&self, name: &str) -> Result<u16, HubFileError> {
        let entry = self.hub.add(&named(name), &self.project(), &[])?;
        Ok(entry.number)
    }

    fn text(&self) -> String {
        fs::read_to_string(self.hub.path()).unwrap()
    }

    /// What a load says, without the file's path in front.
    fn error(&self) -> String {
        let error = self.hub.load().unwrap_err().to_string();
        assert!(!error.contains(char::is_control), "{error}");
        let path = self.hub.path().to_str().unwrap();
        error.replacen(path, "FILE", 1)
    }
}

fn named(name: &str) -> ProjectName {
    name.parse().unwrap()
}

fn memory(mib: u64) -> LimitsChange {
    LimitsChange {
        memory: Some(Bytes::mib(mib)),
        ..LimitsChange::default()
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

/// Runs `work` in this many threads at the same moment and collects what they return.
fn at_once<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(threads);
    let (barrier, work) = (&barrier, &work);
    thread::scope(|scope| {
        let start = |n| {
            scope.spawn(move || {
                barrier.wait();
                work(n)
            })
        };
        let handles: Vec<_> = (0..threads).map(start).collect();
        handles.into_iter().map(|h| h.join().unwrap()).collect()
    })
}

#[test]
fn no_file_is_an_empty_hub_with_default_settings() {
    let place = Place::new();
    let hub = place.hub.load().unwrap();
    assert!(hub.projects.is_empty());
    assert_eq!(hub.settings.health.interval, Duration::from_secs(5));
    assert_eq!(hub.settings.logs.buffer, Bytes::mib(64));
    assert_eq!(place.hub.stamp(), None);
}

#[test]
fn a_project_is_added_found_and_removed() {
    let place = Place::new();
    let images = [(ServiceKind::Backend, "local/app:1".to_owned())];
    let shop = named("shop");
    let added = place.hub.add(&shop, &place.project(), &images).unwrap();
    assert_eq!(added.port(ServiceKind::Postgres), 5442);
    assert_eq!(place.hub.load().unwrap().projects[&shop], added);
    let image = &added.services[ServiceKind::Backend].image;
    assert_eq!(image.as_deref(), Some("local/app:1"));
    assert!(matches!(place.add("shop"), Err(HubFileError::Duplicate(_))));
    place.hub.remove(&shop).unwrap();
    assert!(place.hub.load().unwrap().projects.is_empty());
    assert_eq!(place.text().matches("shop").count(), 0, "{}", place.text());
    let error = place.hub.remove(&shop).unwrap_err().to_string();
    assert!(error.starts_with("there is no project 'shop'"), "{error}");
}

#[test]
fn a_number_is_given_again_only_after_its_project_is_removed() {
    let place = Place::new();
    assert_eq!(place.add("a"), Ok(1));
    assert_eq!(place.add("b"), Ok(2));
    place.hub.remove(&named("a")).unwrap();
    assert_eq!(place.add("c"), Ok(1));
    assert_eq!(place.add("d"), Ok(3));
    assert_eq!(place.hub.load().unwrap().projects[&named("b")].number, 2);
}

#[test]
fn a_number_is_passed_over_when_another_project_has_one_of_its_ports() {
    let place = Place::with(
        "version = 1\n[projects.far]\npath = \"/srv/far\"\nnumber = 501\n\
         [projects.odd]\npath = \"/srv/odd\"\nnumber = 9\nports.redis = 6399\n",
    );
    // 3000 + 10·501 = 8010 is the backend's of number 1; 6399 is the redis of number 2.
    assert_eq!(place.add("shop"), Ok(3));
}

#[test]
fn comments_and_order_survive_every_change() {
    let before = "# mine\nversion = 1 # format\n\n[ui] # looks\ntheme = \"light\"\n\n# the shop\n[projects.shop]\n\
                  number = 1\npath = \"/srv/shop\" # moved\n\n[projects.shop.services.backend]\nmemory = \"1g\" # enough\n\
                  # nothing below\n";
    let place = Place::with(before);
    place.add("b").unwrap();
    place
        .hub
        .set_limits(&named("shop"), ServiceKind::Backend, memory(300), None)
        .unwrap();
    place
        .hub
        .set_limits(&named("b"), ServiceKind::Redis, memory(100), None)
        .unwrap();
    let text = place.text();
    let expected = before.replace("\"1g\" # enough", "\"300m\" # enough");
    assert!(
        text.starts_with(expected.trim_end_matches("# nothing below\n")),
        "{text}"
    );
    assert!(text.contains("# nothing below"), "{text}");
    place.hub.remove(&named("b")).unwrap();
    assert_eq!(place.text(), expected);
}

#[test]
fn limits_are_written_wherever_the_service_is_described() {
    for text in [
        "[projects.shop]\npath = \"/srv/shop\"\nnumber = 1\n",
        "[projects.shop]\npath = \"/srv/shop\"\nnumber = 1\nservices.backend.memory = \"1g\"\n",
        "[projects.shop]\npath = \"/srv/shop\"\nnumber = 1\nservices = { backend = { memory = \"1g\" } }\n",
        "[projects]\nshop = { path = \"/srv/shop\", number = 1 }\n",
        "[services.backend]\nmemory = \"2g\"\n[projects.shop.services.backend]\ncpus = 1\n[projects.shop]\npath = \"/srv/shop\"\nnumber = 1\n",
    ] {
        let place = Place::with(format!("version = 1\n{text}"));
        let change = LimitsChange {
            cpus: Some(Cpus::millis(250)),
            memory: Some(Bytes::mib(300)),
            pids: Some(99),
        };
        place
            .hub
            .set_limits(&named("shop"), ServiceKind::Backend, change, None)
            .unwrap();
        let limits =
            place.hub.load().unwrap().projects[&named("shop")].limits(ServiceKind::Backend);
        assert_eq!(
            (limits.cpus, limits.memory, limits.pids),
            (Cpus::millis(250), Bytes::mib(300), 99),
            "{text}"
        );
        // Another project can be added to each form.
        assert_eq!(place.add("other"), Ok(2), "{}", place.text());
    }
}

#[test]
fn p61_limits_that_no_engine_takes_are_not_written() {
    let place = Place::new();
    place.add("shop").unwrap();
    let before = place.text();
    let error = place
        .hub
        .set_limits(&named("shop"), ServiceKind::Redis, memory(5), None)
        .unwrap_err();
    assert!(error.to_string().contains("allowed is 6 MB"), "{error}");
    assert_eq!(place.text(), before);
}

#[test]
fn p35_changes_of_many_programs_at_once_are_all_kept() {
    let place = Place::new();
    let numbers = at_once(8, |thread| {
        let add = |n| place.add(&format!("p{thread}-{n}")).unwrap();
        (0..10).map(add).collect::<Vec<_>>()
    });
    let distinct: BTreeSet<u16> = numbers.into_iter().flatten().collect();
    assert_eq!(distinct, (1..=80).collect());
    assert_eq!(place.hub.load().unwrap().projects.len(), 80);
}

#[test]
fn p35_a_change_of_what_somebody_else_changed_meanwhile_is_refused() {
    let (place, shop) = (Place::new(), named("shop"));
    place.add("shop").unwrap();
    let limits = || place.hub.load().unwrap().projects[&shop].limits(ServiceKind::Redis);
    let set = |change, seen| {
        place
            .hub
            .set_limits(&shop, ServiceKind::Redis, change, seen)
    };
    let shown = limits();
    set(memory(300), Some(shown)).unwrap();
    let before = place.text();
    let error = set(memory(400), Some(shown)).unwrap_err();
    assert!(matches!(error, HubFileError::Overtaken { .. }), "{error}");
    assert!(error.to_string().contains("changed on disk"), "{error}");
    assert_eq!(place.text(), before);
    // What the other one did not touch is nobody's quarrel, and neither is what is based on what is there.
    let pids = LimitsChange {
        pids: Some(99),
        ..LimitsChange::default()
    };
    set(pids, Some(shown)).unwrap();
    set(memory(400), Some(limits())).unwrap();
    assert_eq!((limits().memory, limits().pids), (Bytes::mib(400), 99));
    // Who says a value and not a change of one means it.
    set(memory(500), None).unwrap();
    assert_eq!(limits().memory, Bytes::mib(500));
}

#[test]
fn readers_see_a_whole_file_while_others_write() {
    let place = Place::new();
    place.add("first").unwrap();
    at_once(4, |thread| {
        for n in 0..20 {
            if thread == 0 {
                place.add(&format!("p{n}")).unwrap();
            } else {
                assert!(!place.hub.load().unwrap().projects.is_empty());
            }
        }
    });
}

#[test]
fn files_and_folders_are_the_owners_alone() {
    let place = Place::new();
    place.add("shop").unwrap();
    let dir = place.hub.path().parent().unwrap();
    assert_eq!((mode(dir), mode(place.hub.path())), (0o700, 0o600));
    assert_eq!(mode(&dir.join("hub.toml.lock")), 0o600);
    // Nothing temporary is left behind.
    assert_eq!(fs::read_dir(dir).unwrap().count(), 2);
}

#[test]
fn a_change_by_others_changes_the_stamp() {
    let place = Place::new();
    place.add("a").unwrap();
    let before = place.hub.stamp();
    assert_eq!(place.hub.stamp(), before);
    place
        .hub
        .set_limits(&named("a"), ServiceKind::Redis, memory(100), None)
        .unwrap();
    assert_ne!(place.hub.stamp(), before);
}

#[test]
fn a_linked_hub_file_stays_a_link() {
    let place = Place::with("version = 1\n");
    let real = place.temp.path().join("dotfiles.toml");
    fs::rename(place.hub.path(), &real).unwrap();
    symlink(&real, place.hub.path()).unwrap();
    place.add("shop").unwrap();
    assert!(place.hub.path().is_symlink());
    assert!(
        fs::read_to_string(real)
            .unwrap()
            .contains("[projects.shop]")
    );
}

#[test]
fn p34_a_damaged_file_is_said_with_its_line_and_never_overwritten() {
    let valid = "version = 1\n[projects.shop]\npath = \"/srv/shop\"\nnumber = 1\n";
    for (text, words) in [
        (b"".to_vec(), "FILE is empty: "),
        (b" \n\n".to_vec(), "FILE is empty: "),
        (vec![0; 4096], "FILE line 1: there is a NUL byte"),
        (
            b"version = 1\n\0\0".to_vec(),
            "FILE line 2: there is a NUL byte",
        ),
        (
            b"version = 1\n# \xff\n".to_vec(),
            "FILE line 2: there is text that is not UTF-8",
        ),
        (vec![b'#'; 5 << 20], "FILE is longer than 4 MB"),
        (format!("{valid}broken ]\n").into_bytes(), "FILE line 5: "),
        (
            format!("{valid}path = \"/twice\"\n").into_bytes(),
            "FILE line 5: ",
        ),
        (
            b"version = 2\nnew = true\n".to_vec(),
            "FILE line 1: version: the file has format 2",
        ),
        (
            b"# x\nversion = 99\n".to_vec(),
            "FILE line 2: version: the file has format 99",
        ),
        (
            b"version = \"1\"\n".to_vec(),
            "FILE line 1: version: not a known format",
        ),
        (
            b"version = 0\n".to_vec(),
            "FILE line 1: version: not a known format",
        ),
        (b"[ui]\n".to_vec(), "FILE line 1: version: missing"),
    ] {
        let place = Place::with(&text);
        let error = place.error();
        assert!(error.starts_with(words), "{error}");
        assert!(place.add("shop2").is_err(), "{words}");
        assert!(place.hub.remove(&named("shop")).is_err(), "{words}");
        let limits = place
            .hub
            .set_limits(&named("shop"), ServiceKind::Redis, memory(300), None);
        assert!(limits.is_err(), "{words}");
        assert_eq!(fs::read(place.hub.path()).unwrap(), text, "{words}");
        // No copy is made either: what is never written need not be kept.
        let names = fs::read_dir(place.hub.path().parent().unwrap()).unwrap();
        assert_eq!(names.count(), 2, "the file and the lock: {words}");
    }
}

#[test]
fn p34_what_is_no_file_is_said() {
    let place = Place::new();
    let path = place.hub.path();
    fs::create_dir_all(path).unwrap();
    assert!(place.error().starts_with("FILE is not a file"));
    assert!(place.add("shop").is_err());
    fs::remove_dir(path).unwrap();
    symlink("nowhere", path).unwrap();
    assert!(
        place
            .error()
            .starts_with("FILE is a link to a file that is not there")
    );
    assert!(matches!(place.add("shop"), Err(HubFileError::Dangling(_))));
    fs::remove_file(path).unwrap();
    symlink("hub.toml", path).unwrap();
    assert!(place.error().starts_with("FILE cannot be read"));
    let device = HubFile::new("/dev/null".into());
    assert!(matches!(device.load(), Err(HubFileError::NotAFile(_))));
}

#[test]
fn p32_a_file_that_cannot_be_written_stays_as_it_was() {
    let before = "version = 1\n[projects.shop]\npath = \"/srv/shop\"\nnumber = 1\n";
    // The lock's place is taken by a folder.
    let place = Place::with(before);
    let lock = place.hub.path().with_file_name("hub.toml.lock");
    fs::create_dir(&lock).unwrap();
    let error = place.add("b").unwrap_err().to_string();
    assert!(
        error.contains("cannot be written") && error.contains(": nothing was changed: "),
        "{error}"
    );
    assert_eq!(place.text(), before);
    // The lock's name is longer than any name may be.
    let place = Place::new();
    let long = HubFile::new(place.temp.path().join("h".repeat(253)));
    fs::write(long.path(), before).unwrap();
    let error = long.remove(&named("shop")).unwrap_err();
    assert!(matches!(error, HubFileError::Write(_)), "{error}");
    assert_eq!(fs::read_to_string(long.path()).unwrap(), before);
    // Its folder lies below a file.
    let below = HubFile::new(place.temp.path().join("h".repeat(253)).join("hub.toml"));
    assert!(below.add(&named("b"), &place.project(), &[]).is_err());
}

#[test]
fn what_is_wrong_is_said_with_line_key_and_mend() {
    let project = "[projects.shop]\npath = \"/srv/shop\"\nnumber = 1\n";
    for (text, line, key, words) in [
        (
            "[helth]\n",
            2,
            "helth",
            "unknown field `helth`, expected one of",
        ),
        (
            "[health]\nintervall = \"5s\"\n",
            3,
            "health.intervall",
            "`interval`, `timeout`",
        ),
        (
            "[health]\ninterval = \"5y\"\n",
            3,
            "health.interval",
            "'5y' is not a time: write 500ms, 5s or 2m",
        ),
        (
            "[health]\ninterval = \"10ms\"\n",
            3,
            "health.interval",
            "10ms is out of range: 1s to 5m allowed",
        ),
        (
            "[health]\ntimeout = \"2m\"\n",
            3,
            "health.timeout",
            "2m is out of range: 100ms to 1m allowed",
        ),
        (
            "[health]\nslow = true\n",
            3,
            "health.slow",
            "expected a time such as",
        ),
        (
            "[logs]\n\n\ntail = 0\n",
            5,
            "logs.tail",
            "0 is out of range: 1 to 10000 allowed",
        ),
        (
            "[logs]\ntail = 10001\n",
            3,
            "logs.tail",
            "10001 is out of range",
        ),
        (
            "[logs]\ntail = \"many\"\n",
            3,
            "logs.tail",
            "invalid type: string",
        ),
        (
            "[logs]\nbuffer = \"1k\"\n",
            3,
            "logs.buffer",
            "1 KB is out of range: 1 MB to 4 GB allowed",
        ),
        (
            "[logs]\nbuffer = \"x\"\n",
            3,
            "logs.buffer",
            "'x' is not an amount of memory",
        ),
        (
            "[ui]\ntheme = \"../x\"\n",
            3,
            "ui.theme",
            "cannot name a theme",
        ),
        ("[ui]\nmouse = 1\n", 3, "ui.mouse", "expected a boolean"),
        (
            "[keys]\nrestart = 5\n",
            3,
            "keys.restart",
            "expected a word or a list of words",
        ),
        (
            "[limits]\npreset = 1\n",
            3,
            "limits.preset",
            "unknown field `preset`, expected `presets`",
        ),
        (
            "[limits.presets.big]\nmemory = \"5m\"\n",
            3,
            "limits.presets.big.memory",
            "allowed is 6 MB",
        ),
        (
            "[limits.presets.big]\ncpus = 2\n\n[limits.presets.big.redis]\npids = 7\n",
            6,
            "limits.presets.big.redis.pids",
            "7 is out of range: 8 to 4194304 allowed",
        ),
        (
            "[limits.presets.big]\nram = \"1g\"\n",
            3,
            "limits.presets.big.ram",
            "unknown field `ram`, expected one of `cpus`, `memory`, `pids`",
        ),
        (
            "\n[limits.presets.nothing]\n",
            3,
            "limits.presets.nothing",
            "it names no limit",
        ),
        (
            "[limits.presets.\"so big\"]\ncpus = 1\n",
            2,
            "limits.presets.so big",
            "'so big' cannot name a preset: use 1 to 16 letters, digits, - and _",
        ),
        (
            "[services.db]\n",
            2,
            "services.db",
            "expected one of `postgres`, `redis`, `backend`, `frontend`",
        ),
        (
            "[services.redis]\nmemory = \"5m\"\n",
            3,
            "services.redis.memory",
            "allowed is 6 MB",
        ),
        (
            "[services.redis]\nmemory = 1.5\n",
            3,
            "services.redis.memory",
            "allowed is 6 MB",
        ),
        (
            "[services.redis]\ncpus = 0\n",
            3,
            "services.redis.cpus",
            "allowed is 0.01",
        ),
        (
            "[services.redis]\ncpus = -1\n",
            3,
            "services.redis.cpus",
            "write 0.5, 1 or 2, with a point",
        ),
        (
            "[services.redis]\ncpus = nan\n",
            3,
            "services.redis.cpus",
            "is not a number of CPUs",
        ),
        (
            "[services.redis]\ncpus = inf\n",
            3,
            "services.redis.cpus",
            "is not a number of CPUs",
        ),
        (
            "[services.redis]\ncpus = \"1,5\"\n",
            3,
            "services.redis.cpus",
            "is not a number of CPUs",
        ),
        (
            "[services.redis]\npids = 7\n",
            3,
            "services.redis.pids",
            "7 is out of range: 8 to 4194304 allowed",
        ),
        (
            "[services.redis]\nuser = \"root\"\n",
            3,
            "services.redis.user",
            "cannot be the user",
        ),
        (
            "[services.redis]\nuser = \"0\"\n",
            3,
            "services.redis.user",
            "cannot be the user",
        ),
        (
            "[services.redis]\nworkspace = \"ro\"\n",
            3,
            "services.redis.workspace",
            "only backend and frontend",
        ),
        (
            "[services.backend]\nworkspace = \"all\"\n",
            3,
            "services.backend.workspace",
            "expected one of `ro`, `copy`, `rw`",
        ),
        (
            "[services.backend]\nstart_timeout = \"0s\"\n",
            3,
            "services.backend.start_timeout",
            "1s to 60m allowed",
        ),
        (
            "[services.backend.env]\nA = \"b\"\nSECRET_KEY = \"x\"\n",
            2,
            "services.backend.env",
            "SECRET_KEY cannot be set here",
        ),
        (
            "[services.backend]\nenv = { A = 1 }\n",
            3,
            "services.backend.env.A",
            "expected a string",
        ),
        (
            "[projects.Shop]\npath = \"/x\"\nnumber = 1\n",
            2,
            "projects.Shop",
            "'Shop' cannot name a project",
        ),
        (
            "[projects.shop]\npath = \"/x\"\n",
            2,
            "projects.shop",
            "missing field `number`",
        ),
        (
            "[projects.shop]\npath = \"x\"\nnumber = 1\n",
            3,
            "projects.shop.path",
            "write it in full, from /",
        ),
        (
            "[projects.shop]\npath = \"/x\"\nnumber = 0\n",
            4,
            "projects.shop.number",
            "1 to 5753 allowed",
        ),
        (
            "PROJECTports.redis = 80\n",
            5,
            "projects.shop.ports.redis",
            "80 is out of range: 1024 to 65535 allowed",
        ),
        (
            "PROJECTports = { redis = 5442 }\n",
            5,
            "projects.shop.ports.redis",
            "5442 is the port of postgres of 'shop', too",
        ),
        (
            "PROJECT[projects.b]\npath = \"/b\"\nnumber = 1\n",
            4,
            "projects.shop.number",
            "1 is the number of 'b', too",
        ),
        (
            "PROJECT[projects.b]\npath = \"/b\"\nnumber = 501\n",
            2,
            "projects.shop.ports.backend",
            "8010 is the port of frontend of 'b', too",
        ),
        (
            "PROJECTaddress = \"here\"\n",
            5,
            "projects.shop.address",
            "invalid IP address",
        ),
        (
            "PROJECTengine_health = \"0s\"\n",
            5,
            "projects.shop.engine_health",
            "1s to 60m allowed",
        ),
        (
            "PROJECT[projects.shop.services.backend]\nport = 1\n",
            6,
            "projects.shop.services.backend.port",
            "unknown field `port`, expected one of `image`",
        ),
    ] {
        let text = text.replace("PROJECT", project);
        let place = Place::with(format!("version = 1\n{text}"));
        let error = place.error();
        assert!(
            error.starts_with(&format!("FILE line {line}: {key}: ")),
            "{error}\n{text}"
        );
        assert!(error.contains(words), "{error}\n{text}");
        assert!(place.add("new").is_err());
    }
}

/// The line of the full hub file that begins with these words.
fn line_of(words: &str) -> usize {
    let text = include_str!("hub_file_full.toml");
    let found = text.lines().position(|line| line.starts_with(words));
    1 + found.unwrap_or_else(|| panic!("no {words}"))
}

#[test]
fn all_keys_are_read() {
    let place = Place::with(include_str!("hub_file_full.toml"));
    let hub = place.hub.load().unwrap();
    let settings = &hub.settings;
    assert!(!settings.hub.adopt && settings.hub.read_only);
    assert_eq!(settings.health.interval, Duration::from_secs(10));
    assert_eq!(settings.health.timeout, Duration::from_millis(2500));
    assert_eq!(settings.health.slow, Duration::from_millis(750));
    assert_eq!(
        (settings.logs.tail, settings.logs.buffer),
        (500, Bytes::mib(128))
    );
    assert_eq!(
        (
            settings.ui.theme.as_str(),
            settings.ui.mouse,
            settings.ui.ascii
        ),
        ("light", false, Some(true))
    );
    assert_eq!(settings.ui.notify, Call::Osc9);
    let columns = [cchub::domain::Column::Since, cchub::domain::Column::Cpu];
    assert_eq!(settings.ui.columns, columns);
    let [batch] = settings.presets.as_slice() else {
        panic!("{:?}", settings.presets)
    };
    assert_eq!(batch.name, "batch");
    let words = |kind| batch.words(kind);
    assert_eq!(words(ServiceKind::Backend), "2.00 CPUs, 3 GB, 400 pids");
    assert_eq!(words(ServiceKind::Postgres), "2.00 CPUs, 6 GB, 400 pids");
    let keys = &settings.keys;
    let preset = keys.preset.as_ref().unwrap();
    assert_eq!(
        (preset.words.as_slice(), preset.line),
        (&["k9s".to_owned()][..], line_of("preset ="))
    );
    let restart = &keys.actions["restart"];
    assert_eq!(
        (restart.words.as_slice(), restart.line),
        (&["R".to_owned()][..], line_of("restart ="))
    );
    assert_eq!(keys.actions["quit"].words, ["q", "ctrl-q"]);
    assert_eq!(settings.ui.theme_line, line_of("theme ="));
    let shop = &hub.projects[&named("shop")];
    assert!(shop.protected && shop.project().protected);
    assert_eq!(shop.address.to_string(), "192.0.2.7");
    assert_eq!(
        (
            shop.port(ServiceKind::Postgres),
            shop.port(ServiceKind::Redis)
        ),
        (15432, 6449)
    );
    assert_eq!(shop.engine_health, Some(Duration::from_secs(30)));
    let backend = &shop.services[ServiceKind::Backend];
    assert_eq!(backend.image.as_deref(), Some("registry.example/shop:3"));
    assert_eq!(backend.base.as_deref(), Some("python:3.12-slim"));
    assert_eq!(
        backend.command.as_ref().unwrap(),
        &["serve", "--port", "8000"]
    );
    assert_eq!(backend.env["LOG_LEVEL"], "debug");
    assert_eq!(backend.env["TZ"], "UTC");
    assert_eq!(backend.user.as_deref(), Some("1001:1002"));
    assert_eq!(backend.tmpfs, ["/var/cache/all", "/var/cache/shop"]);
    assert_eq!(backend.workdir.as_deref(), Some("/app"));
    assert_eq!(backend.health.as_ref().unwrap(), &["/app/check"]);
    assert_eq!(backend.workspace, Some(Workspace::ReadWrite));
    assert_eq!(backend.read_only, Some(false));
    assert_eq!(backend.start_timeout, Some(Duration::from_mins(2)));
    assert_eq!(backend.stop_grace, Some(Duration::from_secs(20)));
    let limits = shop.limits(ServiceKind::Backend);
    assert_eq!(
        (limits.cpus, limits.memory, limits.pids),
        (Cpus::millis(1500), Bytes::mib(1536), 300)
    );
    assert!(StackSpec::resolve(shop).is_ok());
}

#[test]
fn so_many_presets_may_be_there_and_no_more() {
    let presets = |count: usize| {
        let preset = |n| format!("[limits.presets.p{n}]\ncpus = 1\n");
        Place::with(format!(
            "version = 1\n{}",
            (0..count).map(preset).collect::<String>()
        ))
    };
    assert_eq!(presets(20).hub.load().unwrap().settings.presets.len(), 20);
    let error = presets(21).error();
    let words = "FILE line 2: limits.presets: 21 presets: at most 20 allowed";
    assert!(error.starts_with(words), "{error}");
}

#[test]
fn a_folder_that_holds_the_secrets_cannot_be_a_project() {
    let place = Place::new();
    place.add("shop").unwrap();
    Secrets::ensure(&place.hub.secrets_dir(), &named("shop")).unwrap();
    for folder in [
        place.hub.path().parent().unwrap(),
        &place.hub.secrets_dir(),
        place.temp.path(),
    ] {
        let error = place.hub.add(&named("b"), folder, &[]).unwrap_err();
        assert!(matches!(error, HubFileError::HoldsSecrets(_)), "{error}");
    }
}

#[test]
fn wrong_input_changes_nothing() {
    let place = Place::new();
    place.add("shop").unwrap();
    let before = place.text();
    let folder = place.project();
    let image = [(ServiceKind::Redis, "no image".to_owned())];
    let errors = [
        place
            .hub
            .add(&named("b"), Path::new("relative"), &[])
            .map(drop),
        place
            .hub
            .add(&named("b"), &folder.join("gone"), &[])
            .map(drop),
        place.hub.add(&named("b"), &folder, &image).map(drop),
        place
            .hub
            .set_limits(&named("b"), ServiceKind::Redis, memory(100), None),
        place.hub.remove(&named("b")),
    ];
    for result in errors {
        let error = result.unwrap_err().to_string();
        assert!(!error.contains('\n'), "{error}");
    }
    assert_eq!(place.text(), before);
}

#[test]
fn secrets_that_are_made_at_once_are_one_set() {
    let place = Place::new();
    let dir = place.hub.secrets_dir();
    let shop = named("shop");
    let made = at_once(16, |_| Secrets::ensure(&dir, &shop).unwrap());
    let kept = Secrets::load(&dir, &shop).unwrap().unwrap();
    assert!(made.iter().all(|secrets| *secrets == kept));
    assert_eq!((mode(&dir), mode(&dir.join("shop.toml"))), (0o700, 0o600));
    // The file and the lock.
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 2);
}

#[test]
fn p70_no_value_is_in_any_debug_output_or_error() {
    let place = Place::new();
    place.add("shop").unwrap();
    let dir = place.hub.secrets_dir();
    let secrets = Secrets::ensure(&dir, &named("shop")).unwrap();
    let hub = place.hub.load().unwrap();
    let stack = StackSpec::resolve(&hub.projects[&named("shop")]).unwrap();
    let file = dir.join("shop.toml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let open = Secrets::load(&dir, &named("shop")).unwrap_err();
    let shown = format!(
        "{secrets:?} {hub:?} {stack:?} {open} {open:?} {}",
        place.text()
    );
    for content in [
        SecretContent::Password,
        SecretContent::SecretKey,
        SecretContent::DatabaseUrl,
    ] {
        let value = String::from_utf8(secrets.value(content)).unwrap();
        assert!(!shown.contains(&value), "{content:?}");
    }
}

#[test]
fn the_documented_example_loads_and_every_key_is_documented() {
    let page = include_str!("../../docs/CONFIGURATION.md");
    let (_, rest) = page.split_once("```toml\n").unwrap();
    let (example, _) = rest.split_once("```").unwrap();
    let hub = Place::with(example).hub.load().unwrap();
    assert_eq!(hub.projects.len(), 2);

    let tables = [
        "health",
        "logs",
        "ui",
        "limits.presets.batch",
        "projects.shop",
        "projects.shop.services.backend",
    ];
    for table in tables {
        let error = Place::with(format!("version = 1\n[{table}]\nnone = 1\n")).error();
        let (_, keys) = error.split_once("expected ").unwrap();
        let keys: Vec<&str> = keys.split('`').skip(1).step_by(2).collect();
        assert!(keys.len() > 1, "{error}");
        for key in keys {
            assert!(page.contains(&format!("\n| `{key}` |")), "{table}: {key}");
        }
    }
}
