//! The database: start and recovery, checkpoints, vacuum, slow and failed statements. All of it on standard error, as the
//! real one does.

use super::{
    Moment,
    speech::Speech,
    style::{Style, Trade},
};
use crate::{
    domain::{ServiceKind, Timestamp},
    stack::spec::{DATABASE, DATABASE_USER},
};
use jiff::SignedDuration;

/// Time from one checkpoint to the next, in milliseconds.
const CHECKPOINT_EVERY: u64 = 300_000;
/// The shortest time that a checkpoint takes to write, in milliseconds.
const CHECKPOINT_TAKES: u64 = 2_000;
/// Pages of the buffer cache (128 MB).
const BUFFERS: u32 = 16_384;
/// The process that checkpoints.
const CHECKPOINTER: u32 = 27;
/// Process ids of clients: from here …
const FIRST_CLIENT: u32 = 71;
/// … to here, and around.
const LAST_CLIENT: u32 = 9_999;

#[derive(Debug, Clone, Copy)]
enum End {
    Clean(Timestamp),
    Crash(Timestamp),
}

#[derive(Debug, Clone)]
pub(super) struct Postgres {
    trade: &'static Trade,
    ended: Option<End>,
    /// When the running checkpoint began.
    checkpoint: Option<Timestamp>,
    /// When the last one ended.
    checked: Option<Timestamp>,
    client: u32,
}

impl Postgres {
    pub const fn new(style: Style) -> Self {
        Self {
            trade: style.trade,
            ended: None,
            checkpoint: None,
            checked: None,
            client: FIRST_CLIENT,
        }
    }

    pub fn speak(&mut self, moment: Moment, s: &mut Speech) {
        match moment {
            Moment::Boot => self.boot(s),
            Moment::Ready => log(s, 1, "database system is ready to accept connections"),
            Moment::Ordinary => self.ordinary(s),
            Moment::Slow => self.statement_took(s, 1_000, 9_000),
            Moment::Lost(ServiceKind::Backend) => self.client_left(s),
            Moment::Back(ServiceKind::Backend) => self.client_came(s),
            Moment::Lost(_) | Moment::Back(_) => {}
            Moment::MemoryTight => self.memory_tight(s),
            Moment::Crash => self.crash(s),
            Moment::Stop => self.stop(s),
        }
    }

    fn boot(&mut self, s: &mut Speech) {
        self.checkpoint = None;
        self.checked = Some(s.now);
        self.client = FIRST_CLIENT;
        s.out("");
        s.out(
            "PostgreSQL Database directory appears to contain a database; Skipping initialization",
        );
        s.out("");
        log(
            s,
            1,
            "starting PostgreSQL 15.8 on x86_64-pc-linux-musl, compiled by gcc, 64-bit",
        );
        log(s, 1, "listening on IPv4 address \"0.0.0.0\", port 5432");
        log(s, 1, "listening on IPv6 address \"::\", port 5432");
        log(
            s,
            1,
            "listening on Unix socket \"/var/run/postgresql/.s.PGSQL.5432\"",
        );
        match self.ended {
            Some(End::Clean(at)) => was_shut_down(s, at),
            Some(End::Crash(at)) => recovery(s, at),
            None => {
                let hours = s.rng.i64(9..70);
                was_shut_down(s, before(s.now, hours * 3600));
            }
        }
    }

    fn ordinary(&mut self, s: &mut Speech) {
        if self.checkpoints(s) {
            return;
        }
        match s.rng.u32(..100) {
            0..2 => self.failed_statement(s),
            2..14 => self.statement_took(s, 210, 950),
            14..20 => self.vacuum(s),
            20..23 => self.analyze(s),
            23..55 => self.client_came(s),
            _ => {}
        }
    }

    /// Begins or ends a checkpoint if it is time to.
    fn checkpoints(&mut self, s: &mut Speech) -> bool {
        if let Some(began) = self.checkpoint {
            let took = s.since(began);
            if took >= CHECKPOINT_TAKES {
                self.checkpoint = None;
                self.checked = Some(s.now);
                checkpoint_complete(s, took);
            }
            return took >= CHECKPOINT_TAKES;
        }
        let is_due = self
            .checked
            .is_none_or(|last| s.since(last) >= CHECKPOINT_EVERY);
        if is_due {
            self.checkpoint = Some(s.now);
            log(s, CHECKPOINTER, "checkpoint starting: time");
        }
        is_due
    }

    fn next_client(&mut self, s: &mut Speech) -> u32 {
        let next = self.client + s.rng.u32(1..9);
        self.client = if next > LAST_CLIENT {
            FIRST_CLIENT
        } else {
            next
        };
        self.client
    }

    fn client_came(&mut self, s: &mut Speech) {
        let (pid, port) = (self.next_client(s), s.rng.u32(32_768..60_999));
        log(
            s,
            pid,
            &format!("connection received: host=172.20.0.4 port={port}"),
        );
        log(
            s,
            pid,
            &format!(
                "connection authorized: user={DATABASE_USER} database={DATABASE} application_name=backend"
            ),
        );
    }

    fn client_left(&mut self, s: &mut Speech) {
        let pid = self.next_client(s);
        log(
            s,
            pid,
            "could not receive data from client: Connection reset by peer",
        );
        log(
            s,
            pid,
            "unexpected EOF on client connection with an open transaction",
        );
    }

    fn statement_took(&mut self, s: &mut Speech, low: u32, high: u32) {
        let (pid, statement) = (self.next_client(s), self.statement(s));
        let (ms, us) = (s.skewed(low, high), s.rng.u32(..1000));
        log(
            s,
            pid,
            &format!("duration: {ms}.{us:03} ms  statement: {statement}"),
        );
    }

    fn statement(&self, s: &mut Speech) -> String {
        let (thing, other) = (s.pick(&self.trade.things), s.pick(&self.trade.things));
        let (id, word) = (s.rng.u32(100..90_000), s.pick(&self.trade.words));
        match s.rng.u32(..5) {
            0 => format!(
                "SELECT count(*) FROM {thing} WHERE created_at > now() - interval '30 days'"
            ),
            1 => format!(
                "SELECT * FROM {thing} WHERE label ILIKE '%{word}%' ORDER BY updated_at DESC LIMIT 50"
            ),
            2 => format!("UPDATE {thing} SET state = 'done', updated_at = now() WHERE id = {id}"),
            3 => format!(
                "INSERT INTO {thing} (id, label, state) VALUES ({id}, '{word}', 'open') RETURNING id"
            ),
            _ => format!(
                "SELECT a.id, b.label FROM {thing} a LEFT JOIN {other}_history b ON b.ref = a.id WHERE a.id > {id}"
            ),
        }
    }

    fn failed_statement(&mut self, s: &mut Speech) {
        let (pid, thing) = (self.next_client(s), s.pick(&self.trade.things));
        let (id, statement) = (s.rng.u32(100..90_000), self.statement(s));
        let (error, detail) = match s.rng.u32(..4) {
            0 => (
                format!("duplicate key value violates unique constraint \"{thing}_pkey\""),
                format!("Key (id)=({id}) already exists."),
            ),
            1 => (
                "deadlock detected".to_owned(),
                format!("Process {pid} waits for ShareLock on transaction {id}."),
            ),
            2 => (
                format!(
                    "null value in column \"label\" of relation \"{thing}\" violates not-null constraint"
                ),
                format!("Failing row contains ({id}, null, open)."),
            ),
            _ => (
                "canceling statement due to statement timeout".to_owned(),
                String::new(),
            ),
        };
        line(s, pid, "ERROR", &error);
        if !detail.is_empty() {
            line(s, pid, "DETAIL", &detail);
        }
        line(s, pid, "STATEMENT", &statement);
    }

    fn vacuum(&mut self, s: &mut Speech) {
        let (pid, thing) = (self.next_client(s), s.pick(&self.trade.things));
        let pages = s.rng.u32(40..4_000);
        let scanned = s.rng.u32(10..pages);
        let share = f64::from(scanned) / f64::from(pages) * 100.0;
        let (dead, live) = (s.rng.u32(60..2_000), pages * s.rng.u32(30..60));
        let (user, elapsed) = (s.rng.u32(1..30), s.rng.u32(31..90));
        log(
            s,
            pid,
            &format!("automatic vacuum of table \"{DATABASE}.public.{thing}\": index scans: 1"),
        );
        s.err(format!(
            "\tpages: 0 removed, {pages} remain, {scanned} scanned ({share:.2}% of total)"
        ));
        s.err(format!(
            "\ttuples: {dead} removed, {live} remain, 0 are dead but not yet removable"
        ));
        s.err(format!(
            "\tsystem usage: CPU: user: 0.{user:02} s, system: 0.01 s, elapsed: 0.{elapsed} s"
        ));
    }

    fn analyze(&mut self, s: &mut Speech) {
        let (pid, thing) = (self.next_client(s), s.pick(&self.trade.things));
        log(
            s,
            pid,
            &format!("automatic analyze of table \"{DATABASE}.public.{thing}\""),
        );
    }

    fn memory_tight(&mut self, s: &mut Speech) {
        let (pid, statement) = (self.next_client(s), self.statement(s));
        let size = s.rng.u32(1..16) * 1024 * 1024;
        line(s, pid, "ERROR", "out of memory");
        line(
            s,
            pid,
            "DETAIL",
            &format!("Failed on request of size {size} in memory context \"ExecutorState\"."),
        );
        line(s, pid, "STATEMENT", &statement);
    }

    fn crash(&mut self, s: &mut Speech) {
        self.ended = Some(End::Crash(s.now));
        let (pid, statement) = (self.next_client(s), self.statement(s));
        log(
            s,
            1,
            &format!("server process (PID {pid}) was terminated by signal 11: Segmentation fault"),
        );
        line(
            s,
            1,
            "DETAIL",
            &format!("Failed process was running: {statement}"),
        );
        log(s, 1, "terminating any other active server processes");
        log(s, 1, "shutting down because \"restart_after_crash\" is off");
        log(s, 1, "database system is shut down");
    }

    fn stop(&mut self, s: &mut Speech) {
        self.ended = Some(End::Clean(s.now));
        let pid = self.next_client(s);
        log(s, 1, "received fast shutdown request");
        log(s, 1, "aborting any active transactions");
        line(
            s,
            pid,
            "FATAL",
            "terminating connection due to administrator command",
        );
        log(
            s,
            1,
            "background worker \"logical replication launcher\" (PID 32) exited with exit code 1",
        );
        log(s, CHECKPOINTER, "shutting down");
        log(s, CHECKPOINTER, "checkpoint starting: shutdown immediate");
        let took = s.rng.u64(9..80);
        checkpoint_complete(s, took);
        log(s, 1, "database system is shut down");
    }
}

fn line(s: &mut Speech, pid: u32, level: &str, text: &str) {
    let at = stamp(s.now);
    s.err(format!("{at} [{pid}] {level}:  {text}"));
}

fn log(s: &mut Speech, pid: u32, text: &str) {
    line(s, pid, "LOG", text);
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S%.3f UTC").to_string()
}

fn before(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_secs(seconds))
        .unwrap_or(now)
}

fn was_shut_down(s: &mut Speech, at: Timestamp) {
    let at = at.strftime("%Y-%m-%d %H:%M:%S UTC");
    log(s, 29, &format!("database system was shut down at {at}"));
}

fn recovery(s: &mut Speech, at: Timestamp) {
    let at = at.strftime("%Y-%m-%d %H:%M:%S UTC");
    let (from, to) = (
        s.rng.u32(0x10_0000..0x80_0000),
        s.rng.u32(0x80_0000..0x100_0000),
    );
    log(
        s,
        29,
        &format!("database system was interrupted; last known up at {at}"),
    );
    log(
        s,
        29,
        "database system was not properly shut down; automatic recovery in progress",
    );
    log(s, 29, &format!("redo starts at 0/{from:X}"));
    log(
        s,
        29,
        &format!(
            "redo done at 0/{to:X} system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.02 s"
        ),
    );
}

/// A checkpoint that took so many milliseconds, with the numbers that go with it.
fn checkpoint_complete(s: &mut Speech, took: u64) {
    let buffers = s.skewed(3, 900);
    let share = f64::from(buffers) / f64::from(BUFFERS) * 100.0;
    let sync = s.rng.u64(2..9);
    let write = seconds(took.saturating_sub(sync));
    let (total, longest) = (seconds(took), seconds(sync.div_ceil(2)));
    let (files, recycled) = (2 + buffers / 12, buffers / 500);
    let distance = buffers * 9 + s.rng.u32(4..60);
    let estimate = distance + s.rng.u32(..4_000);
    let sync = seconds(sync);
    log(
        s,
        CHECKPOINTER,
        &format!(
            "checkpoint complete: wrote {buffers} buffers ({share:.1}%); 0 WAL file(s) added, 0 removed, {recycled} \
             recycled; write={write} s, sync={sync} s, total={total} s; sync files={files}, longest={longest} s, \
             average=0.001 s; distance={distance} kB, estimate={estimate} kB"
        ),
    );
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}
