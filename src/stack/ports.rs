//! Host ports: which ones a project's number gives it, whether one is free, and who holds it.

use crate::domain::{Safe, ServiceKind, container::clash};
use std::{
    collections::BTreeSet,
    fs,
    io::ErrorKind,
    net::{IpAddr, SocketAddr, TcpListener},
    path::Path,
};

/// Lowest host port that may be asked for: the ones below need privileges on most hosts.
pub const PORT_MIN: u16 = 1024;
/// Ports of two projects with neighbouring numbers are this far apart.
const STEP: u16 = 10;
/// The highest number whose ports all fit below 65536.
pub const NUMBER_MAX: u16 = (u16::MAX - container_port(ServiceKind::Backend)) / STEP;

/// The port that a service listens on inside its container.
#[must_use]
pub const fn container_port(kind: ServiceKind) -> u16 {
    match kind {
        ServiceKind::Postgres => 5432,
        ServiceKind::Redis => 6379,
        ServiceKind::Backend => 8000,
        ServiceKind::Frontend => 3000,
    }
}

/// The host port of a service of the project with this number (1 to [`NUMBER_MAX`]; higher ones give the highest port).
#[must_use]
pub const fn default_port(kind: ServiceKind, number: u16) -> u16 {
    container_port(kind).saturating_add(number.saturating_mul(STEP))
}

/// The lowest number from 1 that is not taken; `None` when all up to [`NUMBER_MAX`] are.
#[must_use]
pub fn lowest_free_number(taken: impl Iterator<Item = u16>) -> Option<u16> {
    let taken: BTreeSet<u16> = taken.collect();
    (1..=NUMBER_MAX).find(|number| !taken.contains(number))
}

/// True if nobody on this host listens on the port, as far as a try to listen can tell. The standard library sets
/// `SO_REUSEADDR`: connections that linger in TIME-WAIT do not count as taken, a listener does, also one on all
/// addresses. Only meaningful where the engine runs on this host.
#[must_use]
pub fn is_free(place: SocketAddr) -> bool {
    match TcpListener::bind(place) {
        Ok(_closed_at_once) => true,
        // Any other error (an address that this host does not have) is the engine's to report: it says nothing about
        // the port.
        Err(error) => error.kind() != ErrorKind::AddrInUse,
    }
}

/// Who listens at `place` of this host or on all its addresses, in words: `process nginx (pid 812)`. `None` where that cannot be known: not
/// Linux, or a listener in another network namespace.
#[must_use]
pub fn holder(place: SocketAddr) -> Option<Safe> {
    let listener = listener(place)?;
    let words = match process_of(&listener.inode) {
        Some((pid, name)) => format!("process {name} (pid {pid})"),
        // Another user's open files cannot be read; whose they are is still known.
        None => format!("a process of user id {}", listener.uid),
    };
    Some(Safe::from(words))
}

/// A listening socket, from the kernel's table.
struct Listener {
    inode: String,
    uid: String,
}

fn listener(place: SocketAddr) -> Option<Listener> {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .find_map(|table| listener_in(&table, place))
}

/// Finds the listener in a table as proc(5) describes it: columns are slot, local address, remote address, state, …,
/// uid (7), timeout, inode (9). State 0A is LISTEN.
fn listener_in(table: &str, place: SocketAddr) -> Option<Listener> {
    table.lines().skip(1).find_map(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let ours = *columns.get(3)? == "0A" && clash(local_address(columns.get(1)?)?, place);
        ours.then_some(())?;
        Some(Listener {
            inode: (*columns.get(9)?).to_owned(),
            uid: (*columns.get(7)?).to_owned(),
        })
    })
}

/// An address and a port as the table writes them: words of 32 bits in the host's byte order, a colon, the port.
fn local_address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.rsplit_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let digits = address.as_bytes().chunks(8);
    let words: Option<Vec<[u8; 4]>> = digits
        .map(|word| {
            Some(
                u32::from_str_radix(std::str::from_utf8(word).ok()?, 16)
                    .ok()?
                    .to_ne_bytes(),
            )
        })
        .collect();
    let ip = match *words?.as_slice() {
        [v4] => IpAddr::from(v4),
        [a, b, c, d] => IpAddr::from(<[u8; 16]>::try_from([a, b, c, d].concat()).ok()?),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

fn process_of(inode: &str) -> Option<(u32, String)> {
    let socket = format!("socket:[{inode}]");
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let mut pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let pid = pids.find(|pid| has_open(*pid, &socket))?;
    Some((pid, name_of(pid)?))
}

fn has_open(pid: u32, socket: &str) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    files
        .flatten()
        .filter_map(|file| fs::read_link(file.path()).ok())
        .any(|target| target == Path::new(socket))
}

fn name_of(pid: u32) -> Option<String> {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(name.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::net::Ipv4Addr;

    const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn ports_follow_the_number() {
        assert_eq!(default_port(ServiceKind::Postgres, 1), 5442);
        assert_eq!(default_port(ServiceKind::Redis, 2), 6399);
        assert_eq!(default_port(ServiceKind::Backend, 3), 8030);
        assert_eq!(default_port(ServiceKind::Frontend, 10), 3100);
        assert_eq!(default_port(ServiceKind::Backend, NUMBER_MAX), 65_530);
    }

    #[test]
    fn the_lowest_gap_is_taken_and_the_end_is_known() {
        assert_eq!(lowest_free_number([].into_iter()), Some(1));
        assert_eq!(lowest_free_number([3, 1].into_iter()), Some(2));
        assert_eq!(lowest_free_number(1..=NUMBER_MAX), None);
    }

    #[test]
    fn a_listener_makes_a_port_taken_and_is_named() {
        let listener = TcpListener::bind((LOOPBACK, 0)).unwrap();
        let place = listener.local_addr().unwrap();
        assert!(!is_free(place));
        let words = holder(place).unwrap();
        assert!(
            words.contains(&format!("(pid {})", std::process::id())),
            "{words}"
        );
        drop(listener);
        assert!(is_free(place));
    }

    #[test]
    fn a_listener_on_all_addresses_makes_the_port_taken() {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(!is_free(SocketAddr::new(LOOPBACK, port)));
    }

    #[test]
    fn an_address_of_another_host_says_nothing_about_the_port() {
        assert!(is_free("192.0.2.1:8010".parse().unwrap()));
    }

    #[test]
    fn only_listeners_count() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:1F4A 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 11 1\n\
             1: 0100007F:1F4A 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 22 1\n\
             nonsense\n";
        let at = |place: &str| listener_in(table, place.parse().unwrap());
        let found = at("127.0.0.1:8010").unwrap();
        assert_eq!((found.inode.as_str(), found.uid.as_str()), ("22", "1001"));
        assert!(at("127.0.0.1:8011").is_none());
        assert!(at("127.0.0.2:8010").is_none(), "another address");
        assert!(at("0.0.0.0:8010").is_some(), "all addresses");
        let v6 = "heads\n 0: 00000000000000000000000000000000:1F4A 0:0 0A 0 0 0 0 0 33 1\n\
             1: 0000000000000000FFFF00000100007F:1F4B 0:0 0A 0 0 0 0 0 44 1\n";
        let at = |place: &str| listener_in(v6, place.parse().unwrap()).is_some();
        assert!(at("127.0.0.1:8010") && at("[::1]:8010") && at("127.0.0.1:8011"));
        assert!(!at("[::1]:8011"));
    }
}
