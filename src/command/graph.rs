//! `s3boot graph`: a picture of classes, buckets and pods.

use super::land::documents;
use super::{Outcome, loaded, print};
use crate::cli::{Graph as Arguments, Picture};
use crate::diagnostic::render::Format;
use crate::graph::{self, Graph};
use crate::land::World;
use anyhow::{Result, anyhow};

pub(super) fn drawn(arguments: &Arguments, format: Format) -> Result<Outcome> {
    let Some(loaded) = loaded(&arguments.file, format)? else { return Ok(Outcome::Findings) };
    let pods = documents(&arguments.pods)?;
    let world = World::of(Some(&loaded.plan), &pods).map_err(|fault| anyhow!("{}", fault.fault.message))?;
    let graph = Graph::of(&loaded.plan, &world.landings(&pods));
    let text = match arguments.picture {
        Picture::Mermaid => graph::mermaid(&graph),
        Picture::Dot => graph::dot(&graph),
        Picture::Svg => graph::svg(&graph),
        Picture::Html => graph::html(&graph),
    };
    print(text.as_bytes())
}
