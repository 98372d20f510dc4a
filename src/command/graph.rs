//! `s3boot graph`: a picture of classes, buckets and pods.

use super::land::{documents, world};
use super::{Outcome, loaded, print, stdin_once};
use crate::cli::{Graph as Arguments, Picture};
use crate::diagnostic::render::Format;
use crate::graph::{self, Graph};
use anyhow::Result;

pub(super) fn drawn(arguments: &Arguments, format: Format) -> Result<Outcome> {
    stdin_once(std::iter::once(&arguments.file).chain(&arguments.pods))?;
    let Some(loaded) = loaded(&arguments.file, format)? else { return Ok(Outcome::Findings) };
    let pods = documents(&arguments.pods)?;
    let Some(world) = world(Some(&loaded.plan), &pods, format) else { return Ok(Outcome::Findings) };
    let graph = Graph::of(&loaded.plan, &world.landings(&pods));
    let text = match arguments.picture {
        Picture::Mermaid => graph::mermaid(&graph),
        Picture::Dot => graph::dot(&graph),
        Picture::Svg => graph::svg(&graph),
        Picture::Html => graph::html(&graph),
    };
    print(text.as_bytes())
}
