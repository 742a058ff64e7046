//! Addresses of engines: as they are written, where they come from, and where a socket is looked for.
#![allow(clippy::unwrap_used)]
use super::*;

fn tcp(host: &str, port: u16) -> Endpoint {
    let host = host.to_owned();
    Endpoint::Tcp { host, port }
}

fn refused(address: &str) -> String {
    Endpoint::parse(address).unwrap_err().to_string()
}

#[test]
fn unix_and_tcp_addresses_are_read_and_printed_alike() {
    let socket = Endpoint::Unix(PathBuf::from("/run/docker.sock"));
    for (address, expected, label) in [
        ("unix:///run/docker.sock", socket, "unix:///run/docker.sock"),
        (
            "tcp://10.0.0.1:99",
            tcp("10.0.0.1", 99),
            "tcp://10.0.0.1:99",
        ),
        ("tcp://box", tcp("box", 2375), "tcp://box:2375"),
        ("tcp://box:1/", tcp("box", 1), "tcp://box:1"),
        ("tcp://[::1]:5", tcp("::1", 5), "tcp://[::1]:5"),
    ] {
        let endpoint = Endpoint::parse(address).unwrap();
        assert_eq!(endpoint, expected, "{address}");
        assert_eq!(endpoint.label().as_str(), label);
    }
}

#[test]
fn what_is_not_spoken_is_refused_with_the_way_round() {
    assert!(refused("ssh://me@box").contains("ssh -N -L"));
    assert!(refused("https://box:2376").contains("later version"));
    for bad in [
        "docker.sock",
        "",
        "unix://",
        "unix://run/x",
        "npipe:////./pipe/x",
        "fd://",
        "tcp://",
        "tcp://:2375",
        "tcp://box:0",
        "tcp://box:x",
        "tcp://a b:1",
        "tcp://[::1",
        "tcp://box:99999",
    ] {
        assert!(refused(bad).contains("write "), "{bad}");
    }
}

#[test]
fn the_flag_wins_over_the_environment() {
    let environment = Environment {
        docker_host: Some("tcp://box:1".to_owned()),
        docker_context: Some("nowhere".to_owned()),
        ..Environment::default()
    };
    let flag = Endpoint::resolve(Some("tcp://other:2"), &environment).unwrap();
    assert_eq!(flag, tcp("other", 2));
    assert_eq!(
        Endpoint::resolve(None, &environment).unwrap(),
        tcp("box", 1)
    );
}

#[test]
fn nothing_named_means_the_default_socket() {
    let folder = tempfile::tempdir().unwrap();
    let environment = Environment {
        docker_config_dir: Some(folder.path().to_owned()),
        ..Environment::default()
    };
    let default = Endpoint::Unix(PathBuf::from(DEFAULT_SOCKET));
    assert_eq!(Endpoint::resolve(None, &environment).unwrap(), default);
    assert_eq!(
        Endpoint::resolve(None, &Environment::default()).unwrap(),
        default
    );
    let named = Environment {
        docker_context: Some("default".to_owned()),
        ..environment
    };
    assert_eq!(Endpoint::resolve(None, &named).unwrap(), default);
}

#[test]
fn tls_over_tcp_is_refused_and_never_left_out_silently() {
    let environment = Environment {
        docker_host: Some("tcp://box:2376".to_owned()),
        docker_tls_verify: Some("1".to_owned()),
        ..Environment::default()
    };
    let error = Endpoint::resolve(None, &environment).unwrap_err();
    assert!(error.to_string().contains("TLS"), "{error}");
    assert!(Endpoint::resolve(Some("unix:///x"), &environment).is_ok());
}

/// A docker configuration folder with one context named `far`.
fn with_context(host: &str) -> (tempfile::TempDir, Environment) {
    let folder = tempfile::tempdir().unwrap();
    // SHA-256 of "far".
    let id = "512eea46ceb3921dff4363c7069d89d4964d1d9fccaa0f411851a7aa60a5c868";
    let meta = folder.path().join("contexts/meta").join(id);
    std::fs::create_dir_all(&meta).unwrap();
    let text = format!(r#"{{"Name":"far","Endpoints":{{"docker":{{"Host":"{host}"}}}}}}"#);
    std::fs::write(meta.join("meta.json"), text).unwrap();
    let environment = Environment {
        docker_config_dir: Some(folder.path().to_owned()),
        ..Environment::default()
    };
    (folder, environment)
}

#[test]
fn a_docker_context_is_followed_by_variable_and_by_config() {
    let (folder, environment) = with_context("tcp://far:7");
    let named = Environment {
        docker_context: Some("far".to_owned()),
        ..environment.clone()
    };
    assert_eq!(Endpoint::resolve(None, &named).unwrap(), tcp("far", 7));
    let config = folder.path().join("config.json");
    std::fs::write(&config, r#"{"auths":{},"currentContext":"far"}"#).unwrap();
    assert_eq!(
        Endpoint::resolve(None, &environment).unwrap(),
        tcp("far", 7)
    );
}

#[test]
fn a_context_that_cannot_be_used_never_falls_back() {
    let (folder, environment) = with_context("ssh://far");
    let config = folder.path().join("config.json");
    std::fs::write(&config, r#"{"currentContext":"far"}"#).unwrap();
    assert!(Endpoint::resolve(None, &environment).is_err());
    std::fs::write(&config, r#"{"currentContext":"gone"}"#).unwrap();
    let error = Endpoint::resolve(None, &environment)
        .unwrap_err()
        .to_string();
    assert!(error.contains("no docker context 'gone'"), "{error}");
    std::fs::write(&config, "not json").unwrap();
    assert!(Endpoint::resolve(None, &environment).is_err());
}

#[test]
fn local_means_that_loopback_ports_are_ours() {
    for (address, local) in [
        ("unix:///x", true),
        ("tcp://localhost:1", true),
        ("tcp://127.0.0.2:1", true),
        ("tcp://[::1]:1", true),
        ("tcp://10.0.0.1:1", false),
        ("tcp://localhost.example:1", false),
    ] {
        assert_eq!(
            Endpoint::parse(address).unwrap().is_local(),
            local,
            "{address}"
        );
    }
}
