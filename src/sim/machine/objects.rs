//! Simulated networks, volumes and images.

use super::{Machine, unknown};
use crate::{
    domain::container::LABEL_PROJECT,
    sim::http::{Asked, Reply},
};
use serde_json::{Value, json};

impl Machine {
    pub(super) fn of_objects(&mut self, method: &str, words: &[&str], asked: &Asked) -> Reply {
        match (method, words) {
            ("GET", ["networks"]) => self.networks_like(asked),
            ("POST", ["networks", "create"]) => self.create_network(&asked.json()),
            ("DELETE", ["networks", name]) => gone(self.networks.remove(*name).is_some()),
            ("GET", ["volumes", name]) => match self.volumes.get(*name) {
                Some(labels) => Reply::value(&volume(name, labels)),
                None => Reply::refuse(404, "no such volume"),
            },
            ("POST", ["volumes", "create"]) => self.create_volume(&asked.json()),
            ("DELETE", ["volumes", name]) => gone(self.volumes.remove(*name).is_some()),
            ("POST", ["images", "create"]) => self.pull(asked),
            ("POST", ["build"]) => self.build(asked),
            ("GET", ["images", name @ .., "json"]) => self.image(&name.join("/")),
            _ => unknown(asked),
        }
    }

    fn networks_like(&self, asked: &Asked) -> Reply {
        let filters = asked.query("filters").unwrap_or_default();
        let found = self.networks.iter().filter(|(name, labels)| {
            let project = labels[LABEL_PROJECT].as_str().unwrap_or("-");
            filters.contains(&format!("\"{name}\""))
                || filters.contains(&format!("{LABEL_PROJECT}={project}\""))
        });
        let found = found.map(|(name, labels)| json!({"Name": name, "Id": name, "Labels": labels}));
        Reply::json(200, Value::from_iter(found).to_string())
    }

    fn create_network(&mut self, body: &Value) -> Reply {
        let name = body["Name"].as_str().unwrap_or_default().to_owned();
        if self.networks.contains_key(&name) {
            return Reply::refuse(409, &format!("network with name {name} already exists"));
        }
        self.networks.insert(name.clone(), body["Labels"].clone());
        Reply::json(201, json!({"Id": name, "Warning": ""}).to_string())
    }

    fn create_volume(&mut self, body: &Value) -> Reply {
        let name = body["Name"].as_str().unwrap_or_default();
        let volumes = &mut self.volumes;
        let labels = volumes
            .entry(name.to_owned())
            .or_insert_with(|| body["Labels"].clone());
        Reply::json(201, volume(name, labels).to_string())
    }

    fn pull(&mut self, asked: &Asked) -> Reply {
        let reference = asked.query("fromImage").unwrap_or_default();
        self.quirks.absent_images.remove(&reference);
        let done = b"{\"status\":\"Download complete\",\"id\":\"aa\"}\r\n";
        Reply::Chunks(vec![done.to_vec()])
    }

    fn build(&mut self, asked: &Asked) -> Reply {
        self.built.insert(asked.query("t").unwrap_or_default());
        let done = b"{\"stream\":\"Step 1/1 : FROM x\\n\"}\r\n";
        Reply::Chunks(vec![done.to_vec()])
    }

    fn image(&self, reference: &str) -> Reply {
        let unbuilt = reference.starts_with("cchub/") && !self.built.contains(reference);
        if unbuilt || self.quirks.absent_images.contains(reference) {
            return Reply::refuse(404, &format!("No such image: {reference}"));
        }
        Reply::value(&json!({"Id": "sha256:1",
            "Config": {"Entrypoint": ["/entry"], "Cmd": ["run"], "WorkingDir": "/"}}))
    }
}

fn volume(name: &str, labels: &Value) -> Value {
    json!({"Name": name, "Labels": labels, "Driver": "local", "Mountpoint": "/v", "Options": {}, "Scope": "local"})
}

fn gone(was_there: bool) -> Reply {
    match was_there {
        true => Reply::json(204, ""),
        false => Reply::refuse(404, "no such thing"),
    }
}
