//! `s3boot iam`: the least that IAM has to allow for a command.

use super::{Outcome, loaded, print};
use crate::cli::Iam;
use crate::diagnostic::render::Format;
use crate::{permission, select};
use anyhow::Result;

pub(super) fn printed(arguments: &Iam, format: Format) -> Result<Outcome> {
    let Some(loaded) = loaded(&arguments.classes.file, format)? else { return Ok(Outcome::Findings) };
    let classes = select(&loaded.plan, &arguments.classes.classes)?;
    let policy = permission::policy(arguments.verb, &loaded.plan, &classes);
    print((serde_json::to_string_pretty(&policy)? + "\n").as_bytes())
}
