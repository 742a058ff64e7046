//! Files that are saved while the disk is full, broken, read-only or loses its power, or while the program is killed: at
//! every system call of the real program, with strace, and at every moment of a disk that loses what was not synced.

mod disk;
mod trace;

use cchub::{config::HubFile, domain::ProjectName, stack::secrets::Secrets};
use disk::{Op, State, cut_everywhere, syncs, without_rename, without_sync};
use std::{
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;
use trace::{Call, calls, run_with};

/// Tells the child of these tests where to make secrets.
const SECRETS_DIR: &str = "CCHUB_TEST_SECRETS_DIR";

/// What is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A hub file that is there gets another project.
    Changed,
    /// The first project: neither the hub file nor its folder is there.
    First,
    /// Secrets are made.
    Secrets,
}

const KINDS: [Kind; 3] = [Kind::Changed, Kind::First, Kind::Secrets];

/// A folder in which one kind of file is saved again and again.
struct Place {
    temp: TempDir,
    kind: Kind,
    old: Option<Vec<u8>>,
    /// Of a hub file: secrets are others each time.
    new: Vec<u8>,
}

fn shop() -> ProjectName {
    "shop".parse().unwrap()
}

impl Place {
    fn new(kind: Kind) -> Self {
        let mut place = Self {
            temp: tempfile::tempdir().unwrap(),
            kind,
            old: None,
            new: Vec::new(),
        };
        for dir in ["work", "base"] {
            fs::create_dir(place.temp.path().join(dir)).unwrap();
        }
        if kind == Kind::Changed {
            assert!(place.add("first").output().unwrap().status.success());
            place.old = Some(fs::read(place.file()).unwrap());
        }
        assert!(place.save().output().unwrap().status.success());
        place.new = fs::read(place.file()).unwrap();
        place.reset();
        place
    }

    /// The folder that is there before the first save. The project's is elsewhere: how it is looked at is another matter.
    fn base(&self) -> PathBuf {
        self.temp.path().join("base")
    }

    fn folder(&self) -> PathBuf {
        self.base().join("saved")
    }

    fn file(&self) -> PathBuf {
        self.folder().join(match self.kind {
            Kind::Secrets => "shop.toml",
            _ => "hub.toml",
        })
    }

    /// Everything that a save touches.
    fn paths(&self) -> Vec<PathBuf> {
        let names: &[&str] = match self.kind {
            Kind::Secrets => &[".lock", "shop.toml", ".shop.toml.new"],
            _ => &["hub.toml.lock", "hub.toml", ".hub.toml.new"],
        };
        let folders = [self.base(), self.folder()];
        let files = names.iter().map(|name| self.folder().join(name));
        folders.into_iter().chain(files).collect()
    }

    fn add(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cchub-tui"));
        command.arg("--config").arg(self.folder().join("hub.toml"));
        command.args(["project", "add", name, "--path"]);
        command.arg(self.temp.path().join("work"));
        command.stdin(Stdio::null());
        command
    }

    fn save(&self) -> Command {
        if self.kind != Kind::Secrets {
            return self.add("shop");
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        let test = "save_faults::child_that_makes_secrets";
        command.args(["--exact", test, "--ignored", "--nocapture"]);
        command.env(SECRETS_DIR, self.folder());
        command.stdin(Stdio::null());
        command
    }

    /// The old state again, as if nothing had been saved.
    fn reset(&self) {
        if self.folder().exists() {
            fs::remove_dir_all(self.folder()).unwrap();
        }
        if let Some(old) = &self.old {
            fs::create_dir(self.folder()).unwrap();
            fs::write(self.file(), old).unwrap();
            fs::write(self.folder().join("hub.toml.lock"), "").unwrap();
        }
    }

    fn state(&self) -> State {
        let found = fs::read(self.file()).ok();
        if found == self.old {
            return State::Old;
        }
        let whole = match self.kind {
            Kind::Secrets => matches!(Secrets::load(&self.folder(), &shop()), Ok(Some(_))),
            _ => found.as_ref() == Some(&self.new),
        };
        if whole { State::New } else { State::Torn }
    }

    /// What is in the folder besides the file and its lock.
    fn strangers(&self) -> Vec<PathBuf> {
        let known = self.paths();
        let entries = fs::read_dir(self.folder()).into_iter().flatten();
        let found = entries.map(|entry| entry.unwrap().path());
        found
            .filter(|path| {
                path.extension().is_some_and(|end| end == "new") || !known.contains(path)
            })
            .collect()
    }

    fn calls(&self) -> Vec<Call> {
        let calls = calls(&self.paths(), &self.save(), &self.temp.path().join("log"));
        self.reset();
        calls
    }

    fn run_with(&self, fault: &str, at: &Call) -> Output {
        run_with(fault, at, &self.paths(), &self.save())
    }
}

fn is_rename(call: &Call) -> bool {
    call.name.starts_with("rename")
}

#[test]
#[ignore = "not a test: the tests of this file run it in a process of its own"]
fn child_that_makes_secrets() {
    let dir = std::env::var_os(SECRETS_DIR).unwrap();
    if let Err(error) = Secrets::ensure(Path::new(&dir), &shop()) {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

#[test]
fn p33_a_kill_at_any_call_leaves_the_old_or_the_new_file_and_the_next_run_works() {
    for kind in KINDS {
        let place = Place::new(kind);
        let calls = place.calls();
        let renamed = calls.iter().position(is_rename).unwrap();
        for (at, call) in calls.iter().enumerate() {
            let ran = place.run_with("signal=KILL", call);
            assert!(!ran.status.success(), "{kind:?}: {call:?}");
            // The signal comes before the call is made.
            let expected = if at <= renamed {
                State::Old
            } else {
                State::New
            };
            assert_eq!(place.state(), expected, "{kind:?}: {call:?}");
            let kept = fs::read(place.file()).ok();
            // Nobody cleans up: the next run does.
            let mut next = match kind {
                Kind::Secrets => place.save(),
                _ => place.add("next"),
            };
            let next = next.output().unwrap();
            assert!(next.status.success(), "{kind:?}: {call:?}: {next:?}");
            if expected == State::New {
                let found = fs::read(place.file()).unwrap();
                assert!(found.starts_with(&kept.unwrap()), "{kind:?}: {call:?}");
            }
            assert_eq!(
                place.strangers(),
                Vec::<PathBuf>::new(),
                "{kind:?}: {call:?}"
            );
            place.reset();
        }
    }
}

/// The changes of one save of `kind` on the disk, the folder that is there before, and the file.
fn recorded(kind: Kind) -> (Vec<Op>, String, String) {
    let place = Place::new(kind);
    let ops = Op::of(&place.calls());
    // What is there at the beginning, as text.
    let there = match kind {
        Kind::Changed => place.folder(),
        _ => place.base(),
    };
    let text = |path: PathBuf| path.into_os_string().into_string().unwrap();
    (ops, text(there), text(place.file()))
}

#[test]
fn p33_a_power_cut_at_any_moment_leaves_the_old_or_the_new_file() {
    for (kind, expected_syncs) in KINDS.into_iter().zip([2, 3, 3]) {
        let (ops, folder, file) = recorded(kind);
        let old = kind == Kind::Changed;
        let cuts = cut_everywhere(&ops, &folder, &file, old);
        assert!(
            cuts.as_ref().is_ok_and(|cuts| *cuts > 15),
            "{kind:?}: {cuts:?}"
        );
        // The file, its folder, and the folder above that where it is new. Each is needed.
        assert_eq!(syncs(&ops), expected_syncs, "{kind:?}: {ops:?}");
        for n in 0..expected_syncs {
            let mutant = without_sync(&ops, n);
            assert!(
                cut_everywhere(&mutant, &folder, &file, old).is_err(),
                "{kind:?}: nothing is lost without sync {n}: {mutant:?}"
            );
        }
        let mutant = without_rename(&ops);
        let torn = cut_everywhere(&mutant, &folder, &file, old).unwrap_err();
        assert!(torn.starts_with("Torn"), "{kind:?}: {torn}");
    }
}

/// Calls whose failure changes nothing for the one who saves: the file is on disk before it is closed, and a folder that
/// cannot be looked at is made, or not.
const FORGIVEN: [&str; 3] = ["close", "fcntl", "statx"];

/// The error at every call of every save: the old file, or the new one if that was there already, and one line.
fn fails_cleanly(errno: &str, words: &str, mend: &str) {
    for kind in KINDS {
        let place = Place::new(kind);
        let calls = place.calls();
        let renamed = calls.iter().position(is_rename).unwrap();
        for (at, call) in calls.iter().enumerate() {
            let ran = place.run_with(&format!("error={errno}"), call);
            let said = String::from_utf8(ran.stderr).unwrap();
            let context = format!("{kind:?}: {call:?}: {said}");
            if ran.status.success() {
                assert!(FORGIVEN.contains(&call.name.as_str()), "{context}");
                assert_eq!(place.state(), State::New, "{context}");
            } else {
                let done = at > renamed;
                let expected = if done { State::New } else { State::Old };
                assert_eq!(place.state(), expected, "{context}");
                assert_eq!(said.lines().count(), 1, "{context}");
                let folder = place.temp.path().to_str().unwrap();
                for words in [folder, words, mend] {
                    assert!(said.contains(words), "{context}");
                }
                assert_eq!(
                    said.contains("a power cut may undo that"),
                    done,
                    "{context}"
                );
            }
            assert_eq!(place.strangers(), Vec::<PathBuf>::new(), "{context}");
            place.reset();
        }
    }
}

#[test]
fn p32_a_full_disk_at_any_call_leaves_the_old_file_and_one_line() {
    fails_cleanly(
        "ENOSPC",
        "No space left on device",
        "free some space on its disk",
    );
}

#[test]
fn p32_a_full_quota_at_any_call_leaves_the_old_file_and_one_line() {
    fails_cleanly(
        "EDQUOT",
        "quota exceeded",
        "free some of this user's disk quota",
    );
}

#[test]
fn p32_a_read_only_disk_at_any_call_leaves_the_old_file_and_one_line() {
    fails_cleanly(
        "EROFS",
        "Read-only file system",
        "make its file system writable",
    );
}

#[test]
fn p32_a_broken_disk_at_any_call_leaves_the_old_file_and_one_line() {
    fails_cleanly("EIO", "Input/output error", "check its disk");
}

/// Fills a disk of 64 KB that nobody else sees, adds a project, makes room, adds it again.
const ON_A_FULL_DISK: &str = r#"
mount -t tmpfs -o size=64k tmpfs "$1" && cd "$1" && mkdir work || exit 99
"$2" --config "$1/hub.toml" project add first --path "$1/work" || exit 98
cp hub.toml "$3"
head -c 1M /dev/zero >fill 2>/dev/null
"$2" --config "$1/hub.toml" project add shop --path "$1/work"
echo "exit $?"
cmp hub.toml "$3" && echo unchanged
ls -A
rm fill
"$2" --config "$1/hub.toml" project add shop --path "$1/work" && echo works
"#;

#[test]
fn p32_a_disk_that_is_really_full_leaves_the_old_file() {
    let temp = tempfile::tempdir().unwrap();
    let disk = temp.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let mut command = Command::new("unshare");
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        command.arg("--map-root-user");
    }
    command.args(["--mount", "sh", "-c", ON_A_FULL_DISK, "sh"]);
    command.arg(disk).arg(env!("CARGO_BIN_EXE_cchub-tui"));
    let ran = command.arg(temp.path().join("old")).output().unwrap();
    let (said, told) = (
        String::from_utf8(ran.stdout).unwrap(),
        String::from_utf8(ran.stderr).unwrap(),
    );
    let expected = "exit 2\nunchanged\nfill\nhub.toml\nhub.toml.lock\nwork\nworks\n";
    assert!(said.ends_with(expected), "{said}\n{told}");
    assert!(told.contains("free some space on its disk"), "{told}");
}

#[test]
fn p70_secrets_are_their_owners_alone_whatever_the_umask() {
    for umask in ["0", "077", "0777"] {
        let place = Place::new(Kind::Secrets);
        fs::create_dir(place.folder()).unwrap();
        fs::set_permissions(
            place.folder(),
            std::os::unix::fs::PermissionsExt::from_mode(0o700),
        )
        .unwrap();
        let save = place.save();
        let mut command = Command::new("sh");
        command.args(["-c", "umask $0 && exec \"$@\"", umask]);
        command.arg(save.get_program()).args(save.get_args());
        command.env(SECRETS_DIR, place.folder());
        let ran = command.output().unwrap();
        assert!(ran.status.success(), "{umask}: {ran:?}");
        let mode = fs::metadata(place.file()).unwrap().mode() & 0o7777;
        assert_eq!(mode, 0o600, "{umask}");
    }
}

#[test]
fn p34_a_hub_file_of_100_mb_is_refused_at_once_and_kept() {
    let place = Place::new(Kind::Changed);
    let file = fs::File::options().write(true).open(place.file()).unwrap();
    file.set_len(100 << 20).unwrap();
    let error = HubFile::new(place.file()).load().unwrap_err().to_string();
    assert!(error.contains("is longer than 4 MB"), "{error}");
    let ran = place.save().output().unwrap();
    assert!(!ran.status.success(), "{ran:?}");
    assert_eq!(file.metadata().unwrap().len(), 100 << 20);
    assert_eq!(place.strangers(), Vec::<PathBuf>::new());
}
