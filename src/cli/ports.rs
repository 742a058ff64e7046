//! `ports`: how a project is reached: URLs, ports, clients of its database, and the ssh line that brings them elsewhere.

use super::{
    Context,
    output::{CliError, Code, print, print_json, table},
};
use crate::{
    domain::{ProjectName, ServiceKind},
    engine::Endpoint,
    stack::reach::{self, Login, Use},
};
use serde_json::json;

/// Prints all lines about a project, or those that its service's come first of.
pub(super) async fn ports(
    context: &Context,
    project: &ProjectName,
    service: Option<ServiceKind>,
    as_json: bool,
) -> Result<Code, CliError> {
    let project = context.known_one(project).await?.project();
    let login = match context.endpoint()? {
        endpoint if endpoint.is_local() => login(),
        Endpoint::Tcp { host, .. } => login().at(&host),
        Endpoint::Unix(_) => login(),
    };
    let lines = reach::lines(&project, service, &login);
    if as_json {
        print_json(&lines.iter().map(as_value).collect::<Vec<_>>())?;
        return Ok(Code::Done);
    }
    let cells = |line: &reach::Line| {
        let port = line.port.map_or_else(String::new, |port| port.to_string());
        vec![line.label.to_owned(), port, line.text.clone()]
    };
    let rows: Vec<_> = lines.iter().map(cells).collect();
    print(table(&["FOR", "PORT", ""], &rows))?;
    Ok(Code::Done)
}

fn as_value(line: &reach::Line) -> serde_json::Value {
    let kind = match line.usage {
        Use::Url => "url",
        Use::Client => "client",
        Use::Forward => "ssh",
    };
    json!({"for": line.label, "port": line.port, "kind": kind, "text": line.text})
}

/// How this host is logged in to, as the environment and the kernel say.
pub(super) fn login() -> Login {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = variable("USER").or_else(|| variable("LOGNAME"));
    let host = rustix::system::uname();
    Login::new(
        user.as_deref(),
        host.nodename().to_str().ok(),
        variable("SSH_CONNECTION").as_deref(),
    )
}
