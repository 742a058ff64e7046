//! The private network of a project.

use super::{
    Engine, EngineError,
    answer::{Answer, listed},
    client::{CHANGE, READ, Request, encoded, filters},
};
use crate::domain::{ProjectName, container::LABEL_PROJECT};
use serde_json::json;

/// Where the bridge publishes ports that name no address: loopback only. A binding with an address keeps its own.
const BIND_OPTION: &str = "com.docker.network.bridge.host_binding_ipv4";

impl Engine {
    /// Finds the network `name` of `project`, or makes it; gives its id.
    ///
    /// # Errors
    /// Conflict: a network of that name belongs to somebody else; it is not touched. Otherwise what the engine says.
    pub async fn ensure_network(
        &self,
        name: &str,
        project: &ProjectName,
    ) -> Result<String, EngineError> {
        let mut created = None;
        if self.own_networks(name, project).await?.is_empty() {
            match self.create_network(name, project).await {
                Ok(id) => created = Some(id),
                // Somebody else made it in between.
                Err(EngineError::Refused { code: 409, .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let sole = self.sole_network(name, project).await?.or(created);
        sole.ok_or_else(|| EngineError::refused(404, &format!("network {name} is gone again")))
    }

    /// Keeps one of the networks of that name. Engines check for duplicates without a lock, and what a killed program
    /// asked for is still made: two may be there, and then no container starts on either.
    async fn sole_network(
        &self,
        name: &str,
        project: &ProjectName,
    ) -> Result<Option<String>, EngineError> {
        let mut kept: Option<String> = None;
        for id in self.own_networks(name, project).await? {
            let Some(first) = &kept else {
                kept = Some(id);
                continue;
            };
            match self.remove_network(&id).await {
                // Containers are attached to this one: the other goes.
                Err(EngineError::Refused { code: 403, .. }) => {
                    self.remove_network(first).await?;
                    kept = Some(id);
                }
                outcome => outcome?,
            }
        }
        Ok(kept)
    }

    /// Ids of the networks of `project`.
    ///
    /// # Errors
    /// The engine cannot be reached, or refuses.
    pub async fn networks(&self, project: &ProjectName) -> Result<Vec<String>, EngineError> {
        let label = format!("{LABEL_PROJECT}={project}");
        let found = self
            .list_networks(&filters(&[("label", &[&label])]))
            .await?;
        Ok(found.iter().map(|network| network.text("/Id")).collect())
    }

    /// Removes a network by name or id. That it was not there is no error.
    ///
    /// # Errors
    /// Status 403 with the engine's words while containers are attached to it, or what else the engine says.
    pub async fn remove_network(&self, name: &str) -> Result<(), EngineError> {
        let name = encoded(name);
        let work = self.client.docker.remove_network(&name);
        match self.client.within("remove network", CHANGE, work).await {
            Err(EngineError::Refused { code: 404, .. }) => Ok(()),
            other => other,
        }
    }

    /// The engine's name filter finds parts of names, too, and old engines allow several networks of one name.
    async fn own_networks(
        &self,
        name: &str,
        project: &ProjectName,
    ) -> Result<Vec<String>, EngineError> {
        let mut found = self.list_networks(&filters(&[("name", &[name])])).await?;
        found.retain(|network| network.text("/Name") == name);
        let ours = |network: &&Answer| {
            network
                .texts("/Labels")
                .get(LABEL_PROJECT)
                .map(String::as_str)
                == Some(project.as_str())
        };
        if !found.iter().all(|network| ours(&network)) {
            return Err(EngineError::refused(
                409,
                &format!(
                    "a network named {name} exists and does not belong to {project}: rename or remove it (docker network rm {name})"
                ),
            ));
        }
        found.sort_by_key(|network| network.text("/Created"));
        Ok(found.iter().map(|network| network.text("/Id")).collect())
    }

    async fn list_networks(&self, query: &str) -> Result<Vec<Answer>, EngineError> {
        let request = Request::get(format!("/networks?{query}"));
        let answer = self.client.answer("list networks", READ, request).await?;
        listed("list networks", &answer, "")
    }

    /// Written by hand: the client library knows no `CheckDuplicate`, without which engines below API 1.44 make a second
    /// network of the same name.
    async fn create_network(
        &self,
        name: &str,
        project: &ProjectName,
    ) -> Result<String, EngineError> {
        const CALL: &str = "create network";
        let body = json!({
            "Name": name,
            "CheckDuplicate": true,
            "Driver": "bridge",
            "Labels": { LABEL_PROJECT: project.as_str() },
            "Options": { BIND_OPTION: "127.0.0.1" },
        });
        let body = body.to_string().into_bytes();
        let request = Request::post("/networks/create", "application/json", body);
        let answer = self.client.answer(CALL, CHANGE, request).await?;
        answer.required(CALL, "/Id")
    }
}
