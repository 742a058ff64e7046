//! From a project's entry to its stack: the default stack with the entry's overrides on top.

use super::{
    defaults,
    entry::{ProjectEntry, ServiceEntry, Workspace},
    names,
    overrides::{OverrideError, Owner},
    ports,
    recipe::RecipeError,
    spec::{ExecCheck, ImageSource, Mount, Recipe, ServiceSpec, StackSpec},
    wrapper::{self, SNAPSHOT_SIZE, Steps, WORKSPACE, WORKSPACE_SOURCE},
};
use crate::domain::{PerService, ServiceId, ServiceKind};
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::Path,
};

/// Why a project's entry makes no stack. One line with the service and the mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// A part of the entry that cannot be used.
    #[error("{service}: {source}")]
    Override {
        /// Whose entry.
        service: ServiceId,
        /// Which part, and why.
        source: OverrideError,
    },
    /// The project's dependency files cannot be used.
    #[error("{service}: {source}")]
    Recipe {
        /// Whose image.
        service: ServiceId,
        /// Which file, and why.
        source: RecipeError,
    },
}

impl StackSpec {
    /// Fills the default stack in under the entry's overrides. Reads the project's folder for its sub-folders and
    /// dependency files only; a folder that is not there counts as empty ([`super::folder::check_folder`] is the
    /// check before a start).
    ///
    /// # Errors
    /// An override that cannot be used, or a dependency file that cannot be read.
    pub fn resolve(entry: &ProjectEntry) -> Result<Self, SpecError> {
        let service = |kind| service(entry, kind);
        Ok(Self {
            project: entry.name.clone(),
            path: entry.path.clone(),
            network: names::network(&entry.name),
            services: PerService([
                service(ServiceKind::Postgres)?,
                service(ServiceKind::Redis)?,
                service(ServiceKind::Backend)?,
                service(ServiceKind::Frontend)?,
            ]),
        })
    }
}

fn service(entry: &ProjectEntry, kind: ServiceKind) -> Result<ServiceSpec, SpecError> {
    let id = ServiceId::new(&entry.name, kind);
    let wish = &entry.services[kind];
    let bad = |source| SpecError::Override {
        service: id.clone(),
        source,
    };
    wish.check(kind).map_err(bad)?;
    let owner = owner(kind, wish).map_err(bad)?;
    let workspace = wish.workspace.or(defaults::workspace(kind));
    let image = image(&id, entry, owner).map_err(|source| SpecError::Recipe {
        service: id.clone(),
        source,
    })?;
    let command = wish.command.clone().or_else(|| built_command(kind, &image));
    Ok(ServiceSpec {
        container: names::container(&entry.name, kind),
        user: owner.to_string(),
        env: env(entry, kind),
        wrapper: workspace.map(|way| wrapper(entry, kind, way)),
        command,
        // The wrapper goes on from there: a working folder that does not exist would be made by root, or not at all.
        workdir: match workspace {
            Some(_) => Some(WORKSPACE.to_owned()),
            None => wish.workdir.clone(),
        },
        container_port: ports::container_port(kind),
        address: entry.address,
        host_port: entry.port(kind),
        read_only: wish.read_only.unwrap_or(true),
        tmpfs: tmpfs(kind, wish, owner, workspace),
        mounts: mounts(entry, kind, workspace),
        secret_files: defaults::secret_files(kind),
        // Postgres and redis look after their own children and signals.
        init: defaults::is_built(kind),
        shm: defaults::shm(kind),
        nofile: defaults::nofile(kind),
        stop_signal: defaults::stop_signal(kind).to_owned(),
        engine_health: entry.engine_health,
        limits: entry.limits(kind),
        exec: exec(kind, wish),
        // Another health command means another idea of health: the protocol alone no longer tells.
        wire: wish.health.is_none().then(|| defaults::wire(kind)),
        start_timeout: wish.start_timeout.unwrap_or(defaults::start_timeout(kind)),
        stop_grace: wish.stop_grace.unwrap_or(defaults::STOP_GRACE),
        image,
        id,
    })
}

fn owner(kind: ServiceKind, wish: &ServiceEntry) -> Result<Owner, OverrideError> {
    let given = wish.user.as_deref().map(str::parse).transpose();
    let named = given.map_err(|reason| OverrideError {
        field: "user",
        reason,
    })?;
    Ok(named.unwrap_or(defaults::owner(kind)))
}

fn image(id: &ServiceId, entry: &ProjectEntry, owner: Owner) -> Result<ImageSource, RecipeError> {
    let wish = &entry.services[id.kind];
    if let Some(ready) = &wish.image {
        return Ok(ImageSource::Ready(ready.clone()));
    }
    if !defaults::is_built(id.kind) {
        return Ok(ImageSource::Ready(defaults::image(id.kind).to_owned()));
    }
    let base = wish.base.as_deref().unwrap_or(defaults::image(id.kind));
    Recipe::of(id, &entry.path, base, owner).map(ImageSource::Built)
}

fn built_command(kind: ServiceKind, image: &ImageSource) -> Option<Vec<String>> {
    matches!(image, ImageSource::Built(_)).then(|| defaults::command(kind))
}

fn env(entry: &ProjectEntry, kind: ServiceKind) -> BTreeMap<String, String> {
    let mut env = defaults::env(kind, &entry.name);
    if kind == ServiceKind::Frontend {
        let host = browser_host(entry.address);
        let port = entry.port(ServiceKind::Backend);
        env.insert(
            "VITE_API_BASE_URL".to_owned(),
            format!("http://{host}:{port}"),
        );
    }
    env.extend(entry.services[kind].env.clone());
    env
}

/// How a browser on the host reaches what is bound to `address`; all addresses include loopback.
fn browser_host(address: IpAddr) -> String {
    match address {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => "127.0.0.1".to_owned(),
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => "[::1]".to_owned(),
        IpAddr::V6(address) => format!("[{address}]"),
    }
}

fn wrapper(entry: &ProjectEntry, kind: ServiceKind, workspace: Workspace) -> String {
    let own = entry.services[kind].workdir.clone();
    wrapper::wrapper(Steps {
        copy: workspace == Workspace::Copy,
        secrets: kind == ServiceKind::Backend,
        workdir: &own.unwrap_or_else(|| working_folder(&entry.path, kind)),
    })
}

fn working_folder(path: &Path, kind: ServiceKind) -> String {
    if path.join(kind.as_str()).is_dir() {
        return defaults::subfolder(kind);
    }
    WORKSPACE.to_owned()
}

fn tmpfs(
    kind: ServiceKind,
    wish: &ServiceEntry,
    owner: Owner,
    workspace: Option<Workspace>,
) -> BTreeMap<String, String> {
    let Owner { uid, gid } = owner;
    let options = format!("rw,noexec,nosuid,nodev,size=64m,uid={uid},gid={gid}");
    let defaults = defaults::tmpfs(kind)
        .iter()
        .map(|folder| (*folder).to_owned());
    let folders = defaults.chain(wish.tmpfs.iter().cloned());
    let mut tmpfs: BTreeMap<_, _> = folders.map(|folder| (folder, options.clone())).collect();
    if workspace == Some(Workspace::Copy) {
        // Projects run tools of their own from there. The engine adds noexec by itself unless `exec` is said.
        let options = format!("rw,exec,nosuid,nodev,size={SNAPSHOT_SIZE},uid={uid},gid={gid}");
        tmpfs.insert(WORKSPACE.to_owned(), options);
    }
    tmpfs
}

fn mounts(entry: &ProjectEntry, kind: ServiceKind, workspace: Option<Workspace>) -> Vec<Mount> {
    let data = defaults::data_folder(kind).map(|target| Mount::Data {
        volume: names::data_volume(&entry.name, kind),
        target: target.to_owned(),
    });
    let secrets = defaults::secrets_volume(&entry.name, kind).map(|volume| Mount::Secrets {
        volume,
        target: defaults::SECRETS_DIR.to_owned(),
    });
    let bind = workspace.map(|way| Mount::Bind {
        source: entry.path.clone(),
        target: if way == Workspace::Copy {
            WORKSPACE_SOURCE
        } else {
            WORKSPACE
        }
        .to_owned(),
        writable: way == Workspace::ReadWrite,
    });
    [data, secrets, bind].into_iter().flatten().collect()
}

fn exec(kind: ServiceKind, wish: &ServiceEntry) -> ExecCheck {
    match &wish.health {
        Some(argv) => ExecCheck {
            argv: argv.clone(),
            expect: None,
        },
        None => defaults::exec(kind),
    }
}

#[cfg(test)]
mod tests;
