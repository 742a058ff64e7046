//! A small disk for power cuts: what was written and not yet synced may be there afterwards, or not, each piece by itself.

use super::trace::Call;
use std::collections::{BTreeMap, BTreeSet};

/// What a call does to a disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// A new, empty file of this name.
    Create(String),
    /// A new folder of this name.
    Mkdir(String),
    /// More bytes for the file of this name.
    Write(String),
    /// The bytes of a file, or the names in a folder, must be there from now on.
    Sync(String),
    /// A file takes another name, and its place.
    Rename(String, String),
    /// A name goes.
    Unlink(String),
}

/// Calls that leave no trace on a disk.
const HARMLESS: [&str; 8] = [
    "close", "fchmod", "fcntl", "flock", "lseek", "read", "readlink", "statx",
];

impl Op {
    /// The changes that `calls` make, in order. A call that the model does not know must not be passed over.
    pub fn of(calls: &[Call]) -> Vec<Self> {
        calls.iter().filter_map(Self::of_call).collect()
    }

    fn of_call(call: &Call) -> Option<Self> {
        let quoted = |at: usize| call.quoted[at].clone();
        if call.failed || HARMLESS.contains(&call.name.as_str()) {
            return None;
        }
        match call.name.as_str() {
            "openat" if call.line.contains("O_CREAT") => Some(Self::Create(quoted(0))),
            "openat" => None,
            "mkdir" => Some(Self::Mkdir(quoted(0))),
            "write" => Some(Self::Write(call.descriptor.clone().unwrap())),
            "fsync" | "fdatasync" => Some(Self::Sync(call.descriptor.clone().unwrap())),
            "rename" | "renameat" | "renameat2" => Some(Self::Rename(quoted(0), quoted(1))),
            "unlink" | "unlinkat" => Some(Self::Unlink(quoted(0))),
            _ => panic!(
                "the model of the disk does not know this call: {}",
                call.line
            ),
        }
    }
}

/// What stands under the name that is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// What was there before, also if that was nothing.
    Old,
    /// All of the new file.
    New,
    /// Anything else.
    Torn,
}

/// The file that is there at the beginning.
const OLD: usize = 0;

/// A change that is not on disk for sure.
#[derive(Debug, Clone)]
enum Pending {
    Bytes(usize),
    Name {
        name: String,
        now: Option<usize>,
        before: Option<String>,
    },
}

impl Pending {
    /// True if a sync of `path`, which is the file `inode`, settles it.
    fn settled_by(&self, path: &str, inode: Option<usize>) -> bool {
        match self {
            Self::Bytes(of) => Some(*of) == inode,
            Self::Name { name, .. } => folder_of(name) == path,
        }
    }
}

/// What is on the plates.
#[derive(Debug, Clone, Default)]
struct Plates {
    /// Files and folders by full name.
    names: BTreeMap<String, usize>,
    /// Writes that have landed, by file.
    bytes: BTreeMap<usize, usize>,
}

impl Plates {
    fn apply(&mut self, change: &Pending) {
        match change {
            Pending::Bytes(inode) => *self.bytes.entry(*inode).or_default() += 1,
            Pending::Name { name, now, before } => {
                if let Some(before) = before {
                    self.names.remove(before);
                }
                match now {
                    Some(inode) => self.names.insert(name.clone(), *inode),
                    None => self.names.remove(name),
                };
            }
        }
    }
}

/// The disk while a program runs: what everybody sees, what is on the plates, and what is on its way there.
#[derive(Debug)]
struct Disk {
    seen: Plates,
    plates: Plates,
    pending: Vec<Pending>,
    made: usize,
}

impl Disk {
    fn new(names: &BTreeMap<String, usize>) -> Self {
        let plates = Plates {
            names: names.clone(),
            ..Plates::default()
        };
        Self {
            seen: plates.clone(),
            plates,
            pending: Vec::new(),
            made: names.len(),
        }
    }

    fn change(&mut self, change: Pending) {
        self.seen.apply(&change);
        self.pending.push(change);
    }

    fn name(&mut self, name: &str, now: Option<usize>, before: Option<&str>) {
        let (name, before) = (name.to_owned(), before.map(str::to_owned));
        self.change(Pending::Name { name, now, before });
    }

    fn run(&mut self, op: &Op) {
        match op {
            // A lock that is there already.
            Op::Create(name) if self.seen.names.contains_key(name) && name.ends_with("lock") => {}
            Op::Create(name) | Op::Mkdir(name) => {
                self.made += 1;
                self.name(name, Some(self.made), None);
            }
            Op::Write(name) => self.change(Pending::Bytes(self.seen.names[name])),
            Op::Rename(from, to) => self.name(to, Some(self.seen.names[from]), Some(from)),
            Op::Unlink(name) => self.name(name, None, None),
            Op::Sync(path) => self.sync(path),
        }
    }

    fn sync(&mut self, path: &str) {
        let inode = self.seen.names.get(path).copied();
        let (settled, pending): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|change| change.settled_by(path, inode));
        settled.iter().for_each(|change| self.plates.apply(change));
        self.pending = pending;
    }

    /// Everything that a power cut can leave now.
    fn cuts(&self) -> impl Iterator<Item = Plates> {
        assert!(self.pending.len() < 16, "{:?}", self.pending);
        (0..1_u32 << self.pending.len()).map(|mask| {
            let mut left = self.plates.clone();
            for (bit, change) in self.pending.iter().enumerate() {
                if mask & 1 << bit != 0 {
                    left.apply(change);
                }
            }
            left
        })
    }
}

/// Cuts the power before each of `ops` and after the last one, in every way, and says how often it did.
///
/// `folder` is there at the beginning, and `target` if `old`. Fails where something else than the old or the new file is
/// left, and where it is not the new one after the last of `ops`.
pub fn cut_everywhere(ops: &[Op], folder: &str, target: &str, old: bool) -> Result<usize, String> {
    let mut names = BTreeMap::new();
    if old {
        names.insert(target.to_owned(), OLD);
    }
    let whole = ops.iter().filter(|op| matches!(op, Op::Write(_))).count();
    let mut disk = Disk::new(&names);
    let mut cuts = 0;
    for done in 0..=ops.len() {
        for left in disk.cuts() {
            cuts += 1;
            let state = state_of(&left, folder, target, old, whole);
            let finished = done == ops.len();
            if state == State::Torn || (finished && state != State::New) {
                return Err(format!("{state:?} after {:?}: {left:?}", &ops[..done]));
            }
        }
        if let Some(op) = ops.get(done) {
            disk.run(op);
        }
    }
    Ok(cuts)
}

fn state_of(left: &Plates, folder: &str, target: &str, old: bool, whole: usize) -> State {
    let reachable = above(target, folder).all(|dir| left.names.contains_key(dir));
    match left.names.get(target).filter(|_| reachable) {
        None if !old => State::Old,
        Some(&OLD) if old => State::Old,
        Some(inode) if left.bytes.get(inode) == Some(&whole) => State::New,
        _ => State::Torn,
    }
}

/// The folders between `target` and `folder`.
fn above<'a>(target: &'a str, folder: &'a str) -> impl Iterator<Item = &'a str> {
    let ups = std::iter::successors(Some(folder_of(target)), |dir| Some(folder_of(dir)));
    ups.take_while(move |dir| *dir != folder)
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The ops without the `n`th sync.
pub fn without_sync(ops: &[Op], n: usize) -> Vec<Op> {
    let is_sync = |(_, op): &(usize, &Op)| matches!(op, Op::Sync(_));
    let (at, _) = ops.iter().enumerate().filter(is_sync).nth(n).unwrap();
    let mut ops = ops.to_vec();
    ops.remove(at);
    ops
}

/// The ops of a program that writes to the target itself instead of renaming.
pub fn without_rename(ops: &[Op]) -> Vec<Op> {
    let renamed: BTreeMap<&String, &String> = ops
        .iter()
        .filter_map(|op| match op {
            Op::Rename(from, to) => Some((from, to)),
            _ => None,
        })
        .collect();
    let place = |name: &String| (*renamed.get(name).unwrap_or(&name)).clone();
    ops.iter()
        .filter_map(|op| match op {
            Op::Create(name) => Some(Op::Create(place(name))),
            Op::Write(name) => Some(Op::Write(place(name))),
            Op::Sync(name) => Some(Op::Sync(place(name))),
            Op::Rename(..) => None,
            other => Some(other.clone()),
        })
        .collect()
}

/// How many syncs there are.
pub fn syncs(ops: &[Op]) -> usize {
    let synced: BTreeSet<&String> = ops
        .iter()
        .filter_map(|op| match op {
            Op::Sync(path) => Some(path),
            _ => None,
        })
        .collect();
    synced.len()
}
