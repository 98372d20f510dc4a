//! `s3boot terraform-data`: the protocol of Terraform's `external` data source. A JSON object of strings comes on stdin, one
//! goes to stdout; on a failure one line goes to stderr, and the exit code is not zero. Terraform runs it at every refresh:
//! it changes nothing.

use super::{Outcome, missing, print, templates};
use crate::diagnostic::render::line;
use crate::source::Source;
use crate::target::terraform::Inputs;
use crate::target::{Context, iam};
use crate::{Failure, faults_of, load, select, userdata};
use anyhow::{Context as _, Result, anyhow, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read as _};
use std::path::PathBuf;

/// What Terraform asks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    /// The manifest; `s3boot.yaml` where it says none.
    file: Option<PathBuf>,
    /// The class.
    class: String,
    /// A directory of templates that replace the built-in ones.
    templates: Option<PathBuf>,
}

pub(super) fn answer() -> Result<Outcome> {
    if std::io::stdin().is_terminal() {
        bail!(
            "terraform-data reads its query from stdin: echo '{{\"class\": \"spark-jars\"}}' | s3boot terraform-data"
        );
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("cannot read the query")?;
    let query: Query = serde_json::from_str(&text)
        .map_err(|error| anyhow!("the query is no {{\"file\": …, \"class\": …}} of strings: {error}"))?;
    let file = query.file.clone().unwrap_or_else(|| PathBuf::from("s3boot.yaml"));
    let source = Source::read(&file).map_err(|error| missing(&file, error))?;
    let strings = strings(&query, &file, &source).map_err(|failure| match failure {
        Failure::Report(report) => anyhow!("{}", line(&report, &source)),
        Failure::World(error) => error,
    })?;
    print((serde_json::to_string(&strings)? + "\n").as_bytes())
}

/// The answer: what is no string itself is JSON in a string, for `jsondecode`.
fn strings(query: &Query, file: &std::path::Path, source: &Source) -> Result<BTreeMap<&'static str, String>, Failure> {
    let loaded = load(source).map_err(Failure::Report)?;
    let class = select(&loaded.plan, std::slice::from_ref(&query.class))?[0];
    let templates = templates(file, query.templates.as_deref(), &loaded)?;
    let context = Context { plan: &loaded.plan, class, templates: &templates };
    let user_data = userdata::of(&context).map_err(|refusal| faults_of(vec![refusal], class, &loaded.manifest))?;
    let user_data = user_data.map(|data| data.text).unwrap_or_default();
    let inputs = Inputs::of(class, None);
    let json = |value: serde_json::Result<String>| value.map_err(|error| Failure::World(error.into()));
    Ok(BTreeMap::from([
        ("user_data_base64", STANDARD.encode(&user_data)),
        ("user_data", user_data),
        ("node_role", inputs.node_role.clone()),
        ("labels", json(serde_json::to_string(&inputs.labels))?),
        ("taints", json(serde_json::to_string(&inputs.taints))?),
        ("policy", json(serde_json::to_string(&iam::policy(&loaded.plan, class)))?),
    ]))
}
