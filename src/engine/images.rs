//! Images: look, pull, build; the last two tell how far they are.

use super::{
    Answer, Engine, EngineError,
    client::{Request, encoded, patient},
    progress::{BuildProgress, JsonLines, PullProgress},
};
use crate::{
    domain::{ProjectName, Safe, container::LABEL_PROJECT},
    stack::spec::Recipe,
};
use futures_util::{Stream, StreamExt, future::ready, stream, stream::BoxStream};
use std::{io, time::Duration};

const PULL: &str = "pull image";
const BUILD: &str = "build image";
/// A pull that brings nothing for so long is stuck.
const PULL_IDLE: Duration = Duration::from_mins(1);
/// A pull in all.
const PULL_TOTAL: Duration = Duration::from_mins(10);
/// A build step may compile silently for a while.
const BUILD_IDLE: Duration = Duration::from_mins(2);
/// A build in all.
const BUILD_TOTAL: Duration = Duration::from_mins(30);

/// What is asked of an image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageInfo {
    /// The engine's id: `sha256:…`.
    pub id: String,
    /// Its entry point.
    pub entrypoint: Vec<String>,
    /// Its command.
    pub command: Vec<String>,
    /// Its working folder.
    pub workdir: String,
}

impl Engine {
    /// Looks for an image on the engine's host; `None` if it is not there.
    ///
    /// # Errors
    /// The engine cannot be reached, or refuses the reference.
    pub async fn image(&self, reference: &str) -> Result<Option<ImageInfo>, EngineError> {
        let target = format!("/images/{}/json", encoded(reference));
        let answer = self.client.find("inspect image", target).await?;
        Ok(answer.map(|image| ImageInfo {
            id: image.text("/Id"),
            entrypoint: image.words("/Config/Entrypoint"),
            command: image.words("/Config/Cmd"),
            workdir: image.text("/Config/WorkingDir"),
        }))
    }

    /// Pulls an image and tells how far it is. The image is there once the stream has ended without an error; an
    /// error is its last item. Ends after 60 s without progress, or 10 minutes.
    pub fn pull(
        &self,
        reference: &str,
    ) -> impl Stream<Item = Result<Safe, EngineError>> + Send + 'static + use<> {
        let target = format!("/images/create?fromImage={}", encoded(&with_tag(reference)));
        let request = Request::post(target, "application/json", Vec::new());
        let mut progress = PullProgress::default();
        let told = self.told(PULL, PULL_IDLE, request, move |message| {
            progress
                .line(message)
                .map(|line| line.into_iter().collect())
        });
        patient(PULL, PULL_IDLE, PULL_TOTAL, told)
    }

    /// Builds an image with the engine's classic builder and tells how far it is. The error of a failed step carries
    /// the step's last output. Ends after 120 s without output, or 30 minutes.
    pub fn build(
        &self,
        recipe: &Recipe,
        project: &ProjectName,
    ) -> impl Stream<Item = Result<Safe, EngineError>> + Send + 'static + use<> {
        let labels = serde_json::json!({ LABEL_PROJECT: project.as_str() }).to_string();
        let (tag, labels) = (encoded(&recipe.tag), encoded(&labels));
        let target =
            format!("/build?t={tag}&labels={labels}&dockerfile=Dockerfile&rm=true&forcerm=true");
        let context = match context(recipe) {
            Ok(context) => context,
            Err(error) => {
                let words = format!("the build context could not be packed: {error}");
                return stream::iter([Err(EngineError::refused(400, &words))]).left_stream();
            }
        };
        let request = Request::post(target, "application/x-tar", context);
        let mut progress = BuildProgress::default();
        let told = self.told(BUILD, BUILD_IDLE, request, move |message| {
            progress.lines(message)
        });
        patient(BUILD, BUILD_IDLE, BUILD_TOTAL, told).right_stream()
    }

    /// Sends `request` and turns each JSON line of the answer into lines for people.
    fn told(
        &self,
        call: &'static str,
        headers: Duration,
        request: Request,
        mut tell: impl FnMut(&Answer) -> Result<Vec<Safe>, EngineError> + Send + 'static,
    ) -> BoxStream<'static, Result<Safe, EngineError>> {
        let mut json = JsonLines::default();
        self.client
            .bytes(call, headers, request)
            .map(Some)
            .chain(stream::once(ready(None)))
            .map(move |piece| {
                let messages = match piece {
                    Some(Ok(bytes)) => json.push(call, bytes.as_ref()),
                    Some(Err(error)) => return vec![Err(error)],
                    None => json.end(call).into_iter().collect(),
                };
                let mut lines = Vec::new();
                for message in messages {
                    match message.and_then(|message| tell(&message)) {
                        Ok(told) => lines.extend(told.into_iter().map(Ok)),
                        Err(error) => lines.push(Err(error)),
                    }
                }
                lines
            })
            .flat_map(stream::iter)
            .boxed()
    }
}

/// Without a tag the engine would pull every tag there is.
fn with_tag(reference: &str) -> String {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    if last.contains([':', '@']) {
        return reference.to_owned();
    }
    format!("{reference}:latest")
}

/// The Dockerfile and its files as a tar archive. No times: the same recipe gives the same bytes.
fn context(recipe: &Recipe) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    let dockerfile = ("Dockerfile", recipe.dockerfile.as_bytes());
    let files = recipe
        .files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    for (name, bytes) in std::iter::once(dockerfile).chain(files) {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes)?;
    }
    tar.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_always_names_one_image() {
        for (given, sent) in [
            ("redis", "redis:latest"),
            ("redis:7-alpine", "redis:7-alpine"),
            ("host:5000/redis", "host:5000/redis:latest"),
            ("host:5000/a/redis:7", "host:5000/a/redis:7"),
            ("redis@sha256:00", "redis@sha256:00"),
        ] {
            assert_eq!(with_tag(given), sent);
        }
    }
}
