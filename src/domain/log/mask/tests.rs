//! What is hidden, what stays readable, and that no known secret survives, whatever surrounds it.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::domain::{LogStream, Timestamp};
use fastrand::Rng;

const PASSWORD: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

fn masker(secrets: &[&str]) -> Masker {
    let secrets: Vec<_> = secrets.iter().map(|value| Secret::new(*value)).collect();
    Masker::new(&secrets)
}

fn log(text: &str) -> LogText {
    LogText::from_bytes(text.as_bytes())
}

fn patterns_hide(text: &str) -> String {
    Masker::default().text(text).into_owned()
}

/// Each line says in `⟨…⟩` what is hidden of it.
#[track_caller]
fn hides(lines: &[&str]) {
    for line in lines {
        let text: String = line.replace(['⟨', '⟩'], "");
        let mut shown = String::new();
        for part in line.split_inclusive('⟩') {
            let (before, hidden) = part.split_once('⟨').unwrap_or((part, ""));
            shown.push_str(before);
            shown.push_str(if hidden.is_empty() { "" } else { SIGN });
        }
        assert_eq!(patterns_hide(&text), shown, "{text}");
    }
}

#[test]
fn values_that_a_name_announces_are_hidden() {
    hides(&[
        "password=⟨hunter2⟩",
        "user=x password=⟨hun,ter2⟩ host=y",
        "POSTGRES_PASSWORD=⟨p@ss/w0rd⟩",
        "DB_PASS=⟨x1⟩ PGPASSWORD=⟨y2⟩",
        "Server=db;Uid=sa;Pwd=⟨hunter2⟩;Database=shop",
        "/login?token=⟨abc⟩&page=2",
        "password: ⟨hunter2⟩",
        "Config(user='x', password='⟨hun ter⟩', port=1)",
        "{\"user\":\"x\",\"password\":\"⟨a\\\"b, c⟩\",\"n\":1}",
        "{\"msg\":\"got {\\\"apiKey\\\":\\\"⟨abc⟩\\\"} now\"}",
        "{'access_key': '⟨abc⟩', 'secret_access_key': '⟨def⟩'}",
        "{user=x, client_secret=⟨abc⟩, n=1}",
        "SECRET_KEY = ⟨django-insecure-x⟩",
        "x-api-key: ⟨abc⟩",
        "run --db-password ⟨hunter2⟩ --verbose",
        "next=%2Flogin%3Ftoken%3D⟨abc⟩",
        "user[password]=⟨abc⟩&x=1",
        "Args { token: \"⟨abc⟩\", n: 1 }",
        "password=\"⟨never closed",
        "ALTER USER x WITH PASSWORD '⟨it''s⟩';",
        "CREATE USER x IDENTIFIED BY '⟨abc⟩'",
    ]);
}

#[test]
fn logins_headers_and_keys_are_hidden() {
    let jwt = "⟨eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl⟩";
    let body = "MIIEpAIBAAKCAQEA3Tz2mr7SZiAMfQyuvBjM9Oiz8QmCLkQx0pI4t5V1yJxXw2Vh";
    hides(&[
        "postgresql://shop:⟨hunter2⟩@postgres:5432/shop",
        "redis://:⟨hunter2⟩@redis:6379/0 and amqp://a:⟨b⟩@c",
        "postgres://u:⟨p@ss⟩@h/db?mail=a@b",
        "postgres://u:⟨p/a?s#s⟩@h/db",
        "url=\"mongodb://u:⟨p⟩@h1:1,h2:2/db\"",
        "Authorization: Bearer ⟨abc.def⟩",
        "authorization: Basic ⟨dTpw⟩",
        "{'Authorization': 'Bearer ⟨abc⟩', 'Host': 'x'}",
        "sent bearer ⟨0a1b2c3d4e5f⟩ to x",
        "Basic ⟨dXNlcjpwYXNz⟩",
        &format!("got {jwt}, fine"),
        "key ⟨AKIAIOSFODNN7EXAMPLE⟩ used",
        "git clone with ⟨ghp_0123456789abcdefghijABCDEFGHIJ456789⟩",
        "-----BEGIN RSA PRIVATE KEY-----⟨\\nMIIE\\n⟩-----END RSA PRIVATE KEY-----",
        &format!("⟨{body}⟩"),
    ]);
}

#[test]
fn words_about_secrets_stay_readable() {
    let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    for line in [
        "FATAL:  password authentication failed for user \"shop\"",
        "token count=5 max_tokens=512 tokens: 12",
        "secrets loaded",
        "POSTGRES_PASSWORD_FILE=/run/secrets/postgres_password",
        "PWD=/srv/app OLDPWD=/",
        "password: null, token=None, secret: \"\"",
        "token: expired.",
        "SyntaxError: Unexpected token } in JSON, unexpected token: }",
        "Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)",
        "GET http://shop:8080/users/a@b.example?x=1",
        "https://user@example.org/ and http://[::1]:80/@",
        "secret::Error, token::Kind",
        "Basic authentication required, bearer authentication, too",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN CERTIFICATE-----",
        "password changed for 'x'",
        "enter your password: ",
        "GET /tokens?page=3&key=7",
        digest,
    ] {
        assert_eq!(patterns_hide(line), line);
        let text = log(line);
        assert!(
            matches!(Masker::default().log_text(&text), Cow::Borrowed(_)),
            "{line}"
        );
    }
}

#[test]
fn colours_stay_and_do_not_split_what_is_hidden() {
    let line = log("\x1b[31mpass\x1b[1mword\x1b[0m=\x1b[32mhun\x1b[33mter2\x1b[0m ok");
    assert_eq!(
        Masker::default().log_text(&line).as_str(),
        "\x1b[31mpass\x1b[1mword\x1b[0m=\x1b[32m******\x1b[33m\x1b[0m ok"
    );
    let (begin, end) = PASSWORD.split_at(20);
    let line = log(&format!("got \x1b[1m{begin}\x1b[0m{end}!"));
    assert_eq!(
        masker(&[PASSWORD]).log_text(&line).as_str(),
        "got \x1b[1m******\x1b[0m!"
    );
}

#[test]
fn known_secrets_are_hidden_however_they_are_written() {
    let masker = masker(&["a \"b\"/c+d\\e", PASSWORD, "short", "one\ntwo-three"]);
    for (line, shown) in [
        ("it is a \"b\"/c+d\\e.", "it is ******."),
        ("json \"a \\\"b\\\"/c+d\\\\e\"", "json \"******\""),
        ("url a%20%22b%22%2Fc%2Bd%5Ce&x", "url ******&x"),
        ("url a+%22b%22%2Fc%2Bd%5Ce&x", "url ******&x"),
        ("url a%20%22b%22%2fc%2bd%5ce&x", "url ******&x"),
        ("base64 YSAiYiIvYytkXGU= x", "base64 ****** x"),
        ("base64 eGEgImIiL2MrZFxl x", "base64 ****** x"),
        ("base64 eHhhICJiIi9jK2RcZXg= x", "base64 ****** x"),
        ("short words stay", "short words stay"),
        ("a line: two-three", "a line: ******"),
    ] {
        assert_eq!(masker.text(line), shown);
    }
}

#[test]
fn a_line_that_is_not_whole_hides_the_piece_of_a_secret_that_it_holds() {
    let masker = masker(&[PASSWORD]);
    let line = |text: &str, cut, part| LogLine {
        at: Timestamp::UNIX_EPOCH,
        stream: LogStream::Out,
        text: log(text),
        cut,
        part,
    };
    let shown = |line: &LogLine| masker.line(line).as_str().to_owned();
    let (begin, end) = PASSWORD.split_at(30);
    let begun = format!("it is {begin}");
    assert_eq!(shown(&line(&begun, 0, Part::Begun)), "it is ******");
    assert_eq!(shown(&line(&begun, 9, Part::Whole)), "it is ******");
    assert_eq!(shown(&line(&begun, 0, Part::Whole)), begun);
    let rest = format!("{end} it was");
    assert_eq!(shown(&line(&rest, 0, Part::Rest)), "****** it was");
    let (few, _) = PASSWORD.split_at(10);
    assert_eq!(shown(&line(few, 0, Part::Begun)), few);
}

#[test]
fn p70_no_known_secret_survives_whatever_surrounds_it() {
    const AROUND: [&str; 22] = [
        " ",
        "=",
        ":",
        "\"",
        "'",
        "\\",
        "&",
        ",",
        "@",
        "://u:",
        "password=",
        "token: ",
        "{\"secret\":\"",
        "Bearer ",
        "%",
        "x",
        "0",
        "\x1b[31m",
        "\x1b[0m",
        "ä",
        "eyJ",
        "******",
    ];
    for seed in 0..3_000 {
        let mut rng = Rng::with_seed(seed);
        let secrets: Vec<String> = (0..rng.usize(1..4)).map(|_| any_secret(&mut rng)).collect();
        let mut text = String::new();
        for _ in 0..rng.usize(1..12) {
            if rng.u8(..3) == 0 {
                let secret = &secrets[rng.usize(..secrets.len())];
                text.push_str(&coloured(secret, &mut rng));
            } else {
                text.push_str(AROUND[rng.usize(..AROUND.len())]);
            }
        }
        let kept: Vec<_> = secrets.iter().map(Secret::new).collect();
        let masker = Masker::new(&kept);
        let (line, shown) = (log(&text), masker.log_text(&log(&text)).into_owned());
        for secret in &secrets {
            assert!(
                !shown.plain().contains(secret),
                "seed {seed}: {text:?} is {shown:?}"
            );
        }
        assert_eq!(colours(&shown), colours(&line), "seed {seed}: {text:?}");
        assert!(!format!("{masker:?}").contains(&secrets[0]), "seed {seed}");
    }
}

/// 6 to 40 characters that the sanitiser leaves alone.
fn any_secret(rng: &mut Rng) -> String {
    let from: Vec<char> = "abAB01-_+/=.:@&%$ \"'\\üß漢".chars().collect();
    let inner: String = (0..rng.usize(4..39))
        .map(|_| from[rng.usize(..from.len())])
        .collect();
    format!("s{inner}t")
}

/// The same with colours in between.
fn coloured(text: &str, rng: &mut Rng) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if rng.u8(..8) == 0 {
            out.push_str("\x1b[1;32m");
        }
        out.push(c);
    }
    out
}

fn colours(text: &LogText) -> Vec<String> {
    let parts = text.as_str().split('\x1b').skip(1);
    parts
        .map(|part| part.split_once('m').unwrap().0.to_owned())
        .collect()
}

#[test]
fn long_values_and_many_of_them_are_hidden() {
    let long = "k3y-".repeat(2_000);
    let many: Vec<String> = (0..2_000).map(|n| format!("secret-number-{n}-")).collect();
    let mut all: Vec<&str> = many.iter().map(String::as_str).collect();
    all.push(&long);
    let masker = masker(&all);
    assert_eq!(
        masker.text(&format!("a {long} b {} c", many[1_999])),
        "a ****** b ****** c"
    );
}

#[test]
fn what_is_learnt_is_added_and_the_oldest_goes() {
    let mut masker = masker(&["first-secret"]);
    let learn =
        |masker: &mut Masker, n: usize| masker.learn(vec![Secret::new(format!("secret-{n:04}"))]);
    learn(&mut masker, 0);
    learn(&mut masker, 0);
    assert_eq!(
        masker.text("first-secret secret-0000 secret-0001"),
        "****** ****** secret-0001"
    );
    (0..SECRETS_MAX).for_each(|n| learn(&mut masker, n));
    assert_eq!(
        masker.text("first-secret secret-0000 secret-0255"),
        "first-secret ****** ******"
    );
}

#[test]
fn a_line_of_64_kib_of_names_is_read_in_linear_time() {
    // Taken squared, each of these would take minutes.
    for unit in [
        "password=",
        "token='",
        "pwd=/",
        "a://b:c/",
        "a://b:1/",
        "eyJ.",
        "secret: ",
        "-----BEGIN PRIVATE KEY-----",
    ] {
        let text = unit.repeat((64 << 10) / unit.len());
        let shown = patterns_hide(&text);
        assert!(shown.len() <= text.len() * 2, "{unit}");
    }
}
