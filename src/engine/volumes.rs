//! Named volumes, and how files get into one without ever running anything.

use super::{
    Engine, EngineError,
    body::volume_mount,
    client::{CHANGE, encoded},
};
use crate::{
    domain::{ProjectName, container::LABEL_PROJECT},
    stack::hardening::{CAP_DROP, SECURITY_OPT},
};
use bollard::{
    models::{ContainerCreateBody, HostConfig, VolumeCreateRequest},
    query_parameters::RemoveVolumeOptions,
};
use std::{collections::BTreeMap, fmt, io};

/// Label of the short-lived containers that [`Engine::fill_volume`] makes. One that is left over by a crash can be
/// removed at any time.
pub const FILL_LABEL: &str = "io.cchub.fill";
/// Where the volume is mounted while it is filled.
const FILL_PATH: &str = "/run/secrets";

/// A file for a volume. Its bytes may be a secret: `Debug` does not show them.
#[derive(Clone, PartialEq, Eq)]
pub struct VolumeFile {
    /// File name, without folders.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Permission bits, such as `0o400`.
    pub mode: u32,
}

impl fmt::Debug for VolumeFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VolumeFile")
            .field("name", &self.name)
            .field(
                "bytes",
                &format_args!("[{} bytes hidden]", self.bytes.len()),
            )
            .field("uid", &self.uid)
            .field("gid", &self.gid)
            .field("mode", &format_args!("{:o}", self.mode))
            .finish()
    }
}

impl Engine {
    /// The labels of a volume; `None` if there is none.
    ///
    /// # Errors
    /// The engine cannot be reached, or refuses.
    pub async fn volume(
        &self,
        name: &str,
    ) -> Result<Option<BTreeMap<String, String>>, EngineError> {
        let target = format!("/volumes/{}", encoded(name));
        let answer = self.client.find("inspect volume", target).await?;
        Ok(answer.map(|volume| volume.texts("/Labels")))
    }

    /// Makes a volume; gives the labels that it has then. One of that name stays as it is, labels included.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn create_volume(
        &self,
        name: &str,
        labels: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, EngineError> {
        let request = VolumeCreateRequest {
            name: Some(name.to_owned()),
            labels: Some(labels.clone().into_iter().collect()),
            ..VolumeCreateRequest::default()
        };
        let work = Box::pin(self.client.docker.create_volume(request));
        let made = self.client.within("create volume", CHANGE, work).await?;
        Ok(made.labels.into_iter().collect())
    }

    /// Removes a volume and the data in it. That it was not there is no error.
    ///
    /// # Errors
    /// Conflict: a container uses it. Otherwise what the engine says.
    pub async fn remove_volume(&self, name: &str) -> Result<(), EngineError> {
        let name = encoded(name);
        let work = self
            .client
            .docker
            .remove_volume(&name, None::<RemoveVolumeOptions>);
        match self.client.within("remove volume", CHANGE, work).await {
            Err(EngineError::Refused { code: 404, .. }) => Ok(()),
            other => other,
        }
    }

    /// Writes `files` to the root of `volume`, through a container of `image` that is made for it, never started, and
    /// removed again. Works with a remote engine, and no value shows in any inspect answer. The container is called
    /// `helper`, and one of that name goes: an attempt whose answer was lost left it.
    ///
    /// # Errors
    /// Not found: the image is not there. Otherwise what the engine says; the volume may then hold some of the files.
    pub async fn fill_volume(
        &self,
        volume: &str,
        helper: &str,
        image: &str,
        project: &ProjectName,
        files: &[VolumeFile],
    ) -> Result<(), EngineError> {
        let tar = pack(files).map_err(|error| local_failure(&error))?;
        let body = helper_body(volume, image, project);
        match self.create_from(helper, body.clone()).await {
            Err(EngineError::Refused { code: 409, .. }) => {
                self.remove(helper).await?;
                self.create_from(helper, body).await?;
            }
            made => drop(made?),
        }
        let filled = self.upload(helper, FILL_PATH, tar).await;
        let removed = self.remove(helper).await;
        filled.and(removed)
    }
}

/// Not read-only: engines of the 20.10 line refuse uploads into a read-only root, even below a mount.
fn helper_body(volume: &str, image: &str, project: &ProjectName) -> ContainerCreateBody {
    let labels = [(LABEL_PROJECT, project.as_str()), (FILL_LABEL, "1")];
    ContainerCreateBody {
        image: Some(image.to_owned()),
        // Some images name no command, and the engine makes no container without one.
        entrypoint: Some(vec!["/bin/false".to_owned()]),
        labels: Some(
            labels
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        ),
        network_disabled: Some(true),
        host_config: Some(HostConfig {
            mounts: Some(vec![volume_mount(volume, FILL_PATH, false)]),
            network_mode: Some("none".to_owned()),
            cap_drop: Some(vec![CAP_DROP.to_owned()]),
            security_opt: Some(vec![SECURITY_OPT.to_owned()]),
            ..HostConfig::default()
        }),
        ..ContainerCreateBody::default()
    }
}

fn pack(files: &[VolumeFile]) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(file.bytes.len()).unwrap_or(u64::MAX));
        header.set_mode(file.mode);
        header.set_uid(file.uid.into());
        header.set_gid(file.gid.into());
        tar.append_data(&mut header, &file.name, file.bytes.as_slice())?;
    }
    tar.into_inner()
}

/// Something on this side went wrong before anything was sent.
fn local_failure(error: &io::Error) -> EngineError {
    EngineError::refused(
        400,
        &format!("the files for the volume could not be packed: {error}"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Read;

    fn file() -> VolumeFile {
        VolumeFile {
            name: "postgres_password".to_owned(),
            bytes: b"hunter2".to_vec(),
            uid: 999,
            gid: 998,
            mode: 0o400,
        }
    }

    #[test]
    fn p70_debug_shows_no_secret() {
        let text = format!("{:?}", file());
        assert!(
            !text.contains("hunter2") && !text.contains("104, 117"),
            "{text}"
        );
        assert!(
            text.contains("postgres_password") && text.contains("400"),
            "{text}"
        );
    }

    #[test]
    fn files_are_packed_with_owner_and_mode() {
        let packed = pack(&[file()]).unwrap();
        let mut archive = tar::Archive::new(packed.as_slice());
        let mut entry = archive.entries().unwrap().next().unwrap().unwrap();
        assert_eq!(entry.path().unwrap().to_string_lossy(), "postgres_password");
        let header = entry.header();
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (999, 998));
        assert_eq!(header.mode().unwrap(), 0o400);
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"hunter2");
    }
}
