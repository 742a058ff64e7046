//! The cache: start, clients and keys as at log level `verbose`, snapshots.

use super::{Moment, speech::Speech};
use crate::domain::{ServiceKind, Timestamp};

/// What one megabyte is here, in bytes.
const MB: f64 = 1_048_576.0;
/// Keys that it can hold.
const KEYS_MAX: u32 = 60_000;
/// Where process ids of snapshots begin again.
const CHILD_MAX: u32 = 30_000;

#[derive(Debug, Clone, Default)]
pub(super) struct Redis {
    /// When the process before this one ended.
    ended: Option<Timestamp>,
    /// The process that writes a snapshot.
    saving: Option<u32>,
    child: u32,
    keys: u32,
    clients: u32,
}

impl Redis {
    pub fn speak(&mut self, moment: Moment, s: &mut Speech) {
        match moment {
            Moment::Boot => self.boot(s),
            Moment::Ready => notice(s, "Ready to accept connections tcp"),
            Moment::Ordinary => self.ordinary(s),
            Moment::Slow => warning(
                s,
                "Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for \
                 fsync to complete, this may slow down Redis.",
            ),
            Moment::Lost(ServiceKind::Backend) => self.client_left(s),
            Moment::Back(ServiceKind::Backend) => self.client_came(s),
            Moment::Lost(_) | Moment::Back(_) => {}
            Moment::MemoryTight => memory_tight(s),
            Moment::Crash => self.crash(s),
            Moment::Stop => self.stop(s),
        }
    }

    fn boot(&mut self, s: &mut Speech) {
        self.saving = None;
        self.child = 20;
        self.clients = s.rng.u32(2..6);
        if self.keys == 0 {
            self.keys = s.rng.u32(400..3_000);
        }
        said(
            s,
            "1:C",
            '*',
            "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
        );
        said(
            s,
            "1:C",
            '*',
            "Redis version=7.2.5, bits=64, commit=00000000, modified=0, pid=1, just started",
        );
        said(s, "1:C", '*', "Configuration loaded");
        notice(s, "Running mode=standalone, port=6379.");
        notice(s, "Server initialized");
        self.load(s);
    }

    fn load(&self, s: &mut Speech) {
        let hours = s.rng.u64(9..70);
        let age = self.ended.map_or(hours * 3600, |at| s.since(at) / 1000);
        let size = self.size() / MB;
        let took = f64::from(self.keys) / 400_000.0;
        notice(s, "Loading RDB produced by version 7.2.5");
        notice(s, &format!("RDB age {age} seconds"));
        notice(s, &format!("RDB memory usage when created {size:.2} Mb"));
        notice(
            s,
            &format!(
                "Done loading RDB, keys loaded: {}, keys expired: {}.",
                self.keys,
                self.keys / 90
            ),
        );
        notice(s, &format!("DB loaded from disk: {took:.3} seconds"));
    }

    /// Memory in use, in bytes.
    fn size(&self) -> f64 {
        1_150_000.0 + f64::from(self.keys) * 310.0
    }

    fn ordinary(&mut self, s: &mut Speech) {
        if let Some(child) = self.saving.take() {
            return saved(s, child);
        }
        self.keys = (self.keys + s.rng.u32(..40))
            .saturating_sub(s.rng.u32(..30))
            .clamp(50, KEYS_MAX);
        match s.rng.u32(..100) {
            0..8 => self.save(s),
            8..30 => self.client_came(s),
            30..48 => self.client_left(s),
            48..75 => self.count(s),
            75..76 => warning(
                s,
                "Possible HTTP request on the Redis port. Connection from 172.20.0.5 aborted.",
            ),
            _ => {}
        }
    }

    fn save(&mut self, s: &mut Speech) {
        self.child = if self.child > CHILD_MAX {
            20
        } else {
            self.child + s.rng.u32(1..30)
        };
        self.saving = Some(self.child);
        let rule = s.pick(&[
            "1 changes in 3600",
            "100 changes in 300",
            "10000 changes in 60",
        ]);
        notice(s, &format!("{rule} seconds. Saving..."));
        notice(
            s,
            &format!("Background saving started by pid {}", self.child),
        );
    }

    fn client_came(&mut self, s: &mut Speech) {
        self.clients = (self.clients + 1).min(40);
        let port = s.rng.u32(32_768..60_999);
        said(s, "1:M", '-', &format!("Accepted 172.20.0.4:{port}"));
    }

    fn client_left(&mut self, s: &mut Speech) {
        self.clients = self.clients.saturating_sub(1);
        let port = s.rng.u32(32_768..60_999);
        said(
            s,
            "1:M",
            '-',
            &format!(
                "Client closed connection id={} addr=172.20.0.4:{port}",
                port % 900
            ),
        );
    }

    fn count(&self, s: &mut Speech) {
        let slots = self.keys.next_power_of_two().max(64);
        let volatile = self.keys / 3;
        let keys = self.keys;
        said(
            s,
            "1:M",
            '-',
            &format!("DB 0: {keys} keys ({volatile} volatile) in {slots} slots HT."),
        );
        let (clients, bytes) = (self.clients, self.size());
        said(
            s,
            "1:M",
            '-',
            &format!("{clients} clients connected (0 replicas), {bytes:.0} bytes in use"),
        );
    }

    fn crash(&mut self, s: &mut Speech) {
        self.ended = Some(s.now);
        let address = s.rng.u32(0x1000..0xffff);
        warning(
            s,
            "=== REDIS BUG REPORT START: Cut & paste starting from here ===",
        );
        warning(s, "Redis 7.2.5 crashed by signal: 11, si_code: 1");
        warning(s, &format!("Accessing address: 0x{address:x}"));
        s.out("");
        s.out("------ STACK TRACE ------");
        s.out("Backtrace:");
        for (frame, offset) in [
            ("dictFind", 41),
            ("lookupKey", 19),
            ("getCommand", 12),
            ("call", 204),
        ] {
            s.out(format!("redis-server 0.0.0.0:6379({frame}+0x{offset:x})"));
        }
        s.out("");
        s.out("=== REDIS BUG REPORT END. ===");
    }

    fn stop(&mut self, s: &mut Speech) {
        self.ended = Some(s.now);
        let at = s.now.as_second();
        s.out(format!(
            "1:signal-handler ({at}) Received SIGTERM scheduling shutdown..."
        ));
        notice(s, "User requested shutdown...");
        notice(s, "Saving the final RDB snapshot before exiting.");
        notice(s, "DB saved on disk");
        warning(s, "Redis is now ready to exit, bye bye...");
    }
}

/// `who` is process and role, `mark` the level: `-` verbose, `*` notice, `#` warning.
fn said(s: &mut Speech, who: &str, mark: char, text: &str) {
    let at = s.time("%d %b %Y %H:%M:%S%.3f");
    s.out(format!("{who} {at} {mark} {text}"));
}

fn notice(s: &mut Speech, text: &str) {
    said(s, "1:M", '*', text);
}

fn warning(s: &mut Speech, text: &str) {
    said(s, "1:M", '#', text);
}

fn saved(s: &mut Speech, child: u32) {
    let child = format!("{child}:C");
    let mb = s.rng.u32(..3);
    said(s, &child, '*', "DB saved on disk");
    said(
        s,
        &child,
        '*',
        &format!("Fork CoW for RDB: current {mb} MB, peak {mb} MB, average {mb} MB"),
    );
    notice(s, "Background saving terminated with success");
}

fn memory_tight(s: &mut Speech) {
    if s.chance(50) {
        warning(s, "Can't save in background: fork: Out of memory");
    } else {
        warning(
            s,
            "WARNING Memory overcommit must be enabled! Without it, a background save may fail under low memory condition.",
        );
    }
}
