//! How a project is reached: its URLs, what a client of its database is called with, and the line that brings its ports to the
//! operator's own machine. Words to be copied into a shell: whatever is not plain in a name does not get in.

use super::spec::{DATABASE, DATABASE_USER};
use crate::domain::{Origin, Project, ServiceKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What stands where a name is not known, or is not one that a shell takes as a word.
const SOME_HOST: &str = "HOST";
/// The port that ssh takes without a word.
const SSH_PORT: u16 = 22;

/// How the host of the engine is logged in to from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Login {
    user: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    /// This is an ssh session: its operator sits elsewhere.
    pub is_remote: bool,
}

impl Login {
    /// From the login name, this host's name and `SSH_CONNECTION` (client's address and port, server's address and port).
    #[must_use]
    pub fn new(user: Option<&str>, host: Option<&str>, ssh: Option<&str>) -> Self {
        let mut server = ssh.unwrap_or_default().split(' ').skip(2);
        let address = server.next().and_then(plain);
        let port = server.next().and_then(|port| port.parse().ok());
        Self {
            user: user.and_then(plain),
            port: port.filter(|port| address.is_some() && *port != SSH_PORT),
            host: address.or_else(|| host.and_then(plain)),
            is_remote: ssh.is_some(),
        }
    }

    /// The same for an engine on another host: there the ports are.
    #[must_use]
    pub fn at(&self, host: &str) -> Self {
        Self {
            host: plain(host),
            port: None,
            ..self.clone()
        }
    }

    /// The line that brings these ports of the engine's host to where it is typed.
    fn forward(&self, address: IpAddr, ports: &[u16]) -> String {
        let address = in_url(reachable(address));
        let forwards: Vec<String> = ports
            .iter()
            .map(|port| format!("-L {port}:{address}:{port}"))
            .collect();
        let port = self
            .port
            .map_or_else(String::new, |port| format!("-p {port} "));
        let user = self
            .user
            .as_ref()
            .map_or_else(String::new, |user| format!("{user}@"));
        let host = self.host.as_deref().unwrap_or(SOME_HOST);
        format!("ssh {} {port}{user}{host}", forwards.join(" "))
    }
}

/// A word that a shell and ssh take as one, and as no option.
fn plain(word: &str) -> Option<String> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
    let fits = !word.is_empty() && !word.starts_with('-') && word.bytes().all(fits);
    fits.then(|| word.to_owned())
}

/// What a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A browser.
    Url,
    /// A client of the database.
    Client,
    /// A shell on the operator's own machine.
    Forward,
}

/// One line to copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The service, or what the line brings.
    pub label: &'static str,
    /// The service's host port.
    pub port: Option<u16>,
    /// What it is for.
    pub usage: Use,
    /// The line.
    pub text: String,
}

/// All lines about a project: of what it publishes. Those about `service` alone come first if there is one.
#[must_use]
pub fn lines(project: &Project, service: Option<ServiceKind>, login: &Login) -> Vec<Line> {
    let forward = |label, kinds: &[ServiceKind]| {
        let ports: Vec<u16> = kinds
            .iter()
            .filter_map(|kind| project.ports[*kind])
            .collect();
        (!ports.is_empty()).then(|| Line {
            label,
            port: None,
            usage: Use::Forward,
            text: login.forward(project.address, &ports),
        })
    };
    let mut lines = Vec::new();
    if let Some(kind) = service {
        lines.extend(of_service(project, kind));
        lines.extend(forward("ssh for it", &[kind]));
    }
    // What a browser wants comes first.
    let rest = ServiceKind::ALL.into_iter().rev();
    let rest = rest.filter(|kind| Some(*kind) != service);
    lines.extend(rest.filter_map(|kind| of_service(project, kind)));
    if service.is_none() {
        let web = [ServiceKind::Frontend, ServiceKind::Backend];
        lines.extend(forward("ssh web", &web));
    }
    lines.extend(forward("ssh all", &ServiceKind::ALL));
    lines
}

fn of_service(project: &Project, kind: ServiceKind) -> Option<Line> {
    let (port, host) = (project.ports[kind]?, reachable(project.address));
    let (usage, text) = match kind {
        ServiceKind::Postgres => {
            // Whom Compose made its database for is not known; this is what the image does without a word.
            let who = match project.origin {
                Origin::Hub => format!("-U {DATABASE_USER} {DATABASE}"),
                Origin::Compose(_) => "-U postgres".to_owned(),
            };
            (Use::Client, format!("psql -h {host} -p {port} {who}"))
        }
        ServiceKind::Redis => (Use::Client, format!("redis-cli -h {host} -p {port}")),
        ServiceKind::Backend | ServiceKind::Frontend => {
            (Use::Url, format!("http://{}:{port}/", in_url(host)))
        }
    };
    Some(Line {
        label: kind.as_str(),
        port: Some(port),
        usage,
        text,
    })
}

/// Where a client goes to for what is bound to `address`: all addresses include the loopback.
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(any) if any.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        bound => bound,
    }
}

fn in_url(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{Limits, PerService};

    fn shop(address: &str) -> Project {
        Project {
            name: "shop".parse().unwrap(),
            path: None,
            number: Some(1),
            address: address.parse().unwrap(),
            ports: PerService([5442, 6389, 8010, 3010].map(Some)),
            limits: PerService::from_fn(Limits::default_of),
            protected: false,
            origin: Origin::Hub,
        }
    }

    fn texts(lines: &[Line]) -> Vec<(&'static str, &str)> {
        lines
            .iter()
            .map(|line| (line.label, line.text.as_str()))
            .collect()
    }

    #[test]
    fn a_project_has_urls_clients_and_the_way_to_it() {
        let login = Login::new(Some("ann"), Some("hub-1"), None);
        assert_eq!(
            texts(&lines(&shop("127.0.0.1"), None, &login)),
            [
                ("frontend", "http://127.0.0.1:3010/"),
                ("backend", "http://127.0.0.1:8010/"),
                ("redis", "redis-cli -h 127.0.0.1 -p 6389"),
                (
                    "postgres",
                    "psql -h 127.0.0.1 -p 5442 -U commandcenter commandcenter"
                ),
                (
                    "ssh web",
                    "ssh -L 3010:127.0.0.1:3010 -L 8010:127.0.0.1:8010 ann@hub-1"
                ),
                (
                    "ssh all",
                    "ssh -L 5442:127.0.0.1:5442 -L 6389:127.0.0.1:6389 -L 8010:127.0.0.1:8010 -L 3010:127.0.0.1:3010 ann@hub-1"
                ),
            ]
        );
    }

    #[test]
    fn a_services_own_lines_come_first() {
        let login = Login::new(None, None, None);
        let lines = lines(&shop("127.0.0.1"), Some(ServiceKind::Redis), &login);
        let labels: Vec<&str> = lines.iter().map(|line| line.label).collect();
        assert_eq!(
            labels,
            [
                "redis",
                "ssh for it",
                "frontend",
                "backend",
                "postgres",
                "ssh all"
            ]
        );
        assert_eq!(lines[1].text, "ssh -L 6389:127.0.0.1:6389 HOST");
    }

    #[test]
    fn an_ssh_session_knows_the_address_that_was_dialled() {
        let ssh = "203.0.113.9 50022 192.0.2.7 2222";
        let login = Login::new(Some("ann"), Some("hub-1"), Some(ssh));
        assert!(login.is_remote);
        let line = login.forward(Ipv4Addr::LOCALHOST.into(), &[3010]);
        assert_eq!(line, "ssh -L 3010:127.0.0.1:3010 -p 2222 ann@192.0.2.7");
        let other = login
            .at("engine.example")
            .forward(Ipv4Addr::LOCALHOST.into(), &[1]);
        assert_eq!(other, "ssh -L 1:127.0.0.1:1 ann@engine.example");
    }

    #[test]
    fn nothing_that_a_shell_acts_on_gets_into_a_line() {
        for bad in [
            "a b",
            "$(reboot)",
            "a;b",
            "`x`",
            "-oProxyCommand=x",
            "é",
            "",
            "a'b",
        ] {
            let login = Login::new(Some(bad), Some(bad), Some(&format!("1 2 {bad} 22")));
            let line = login.at(bad).forward(Ipv4Addr::LOCALHOST.into(), &[1]);
            assert_eq!(line, "ssh -L 1:127.0.0.1:1 HOST", "{bad}");
        }
    }

    #[test]
    fn what_is_not_published_has_no_line() {
        let mut project = shop("127.0.0.1");
        project.ports = PerService([None, None, Some(8010), None]);
        let lines = lines(&project, Some(ServiceKind::Postgres), &Login::default());
        let labels: Vec<&str> = lines.iter().map(|line| line.label).collect();
        assert_eq!(labels, ["backend", "ssh all"]);
        assert_eq!(lines[1].text, "ssh -L 8010:127.0.0.1:8010 HOST");
    }

    #[test]
    fn what_is_bound_to_all_addresses_is_reached_on_the_loopback() {
        let text = |address: &str| {
            of_service(&shop(address), ServiceKind::Backend)
                .unwrap()
                .text
        };
        assert_eq!(text("0.0.0.0"), "http://127.0.0.1:8010/");
        assert_eq!(text("::"), "http://[::1]:8010/");
        assert_eq!(text("192.0.2.7"), "http://192.0.2.7:8010/");
    }
}
