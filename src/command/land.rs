//! `s3boot land`: where the pods of manifests land, and what is wrong with them.

use super::{Outcome, loaded, print_styled, stdin_once};
use crate::Loaded;
use crate::cli::Land;
use crate::diagnostic::render::{Format, drawings, entries, render};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::land::document::{self, Document};
use crate::land::{Landing, World};
use crate::plan::Plan;
use crate::source::{OBJECTS_LIMIT, Source};
use anyhow::{Result, bail};
use serde_json::json;
use std::path::PathBuf;

pub(super) fn landed(arguments: &Land, format: Format) -> Result<Outcome> {
    stdin_once(arguments.file.iter().chain(&arguments.pods).chain(&arguments.nodes))?;
    let nothing = Source::new("", "");
    let loaded = match &arguments.file {
        None => None,
        Some(file) => match loaded(file, format)? {
            None => return Ok(Outcome::Findings),
            some => some,
        },
    };
    let pods = documents(&arguments.pods)?;
    let others = [documents(&arguments.nodes)?, pods.clone()].concat();
    let plan = loaded.as_ref().map(|Loaded { plan, .. }| plan);
    let Some(world) = world(plan, &others, format) else { return Ok(Outcome::Findings) };
    let landings = world.landings(&pods);
    if landings.is_empty() {
        bail!("there is no pod template in {}", list(&arguments.pods));
    }
    let mut report = Report::default();
    let findings = landings.iter().flat_map(|landing| &landing.findings);
    world.faults().chain(findings).for_each(|fault| report.push(fault.clone()));
    match format {
        Format::Json => print_styled(&(serde_json::to_string_pretty(&answer(&landings, &nothing))? + "\n"))?,
        Format::Github => print_styled(&render(&report, &nothing, format))?,
        Format::Text => {
            anstream::eprint!("{}", drawings(&report, &nothing));
            print_styled(&text(&landings))?
        }
    };
    Ok(if report.count(Severity::Error) == 0 { Outcome::Fine } else { Outcome::Findings })
}

/// What pods land among, or none where the API server would refuse a node or a volume of it, which is then written.
pub(super) fn world(plan: Option<&Plan>, documents: &[Document], format: Format) -> Option<World> {
    let refused = |fault: Box<Diagnostic>| {
        let mut report = Report::default();
        report.push(*fault);
        anstream::eprint!("{}", render(&report, &Source::new("", ""), format));
    };
    World::of(plan, documents).map_err(refused).ok()
}

pub(super) fn documents(files: &[PathBuf]) -> Result<Vec<Document>> {
    let mut documents = Vec::new();
    for file in files {
        documents.extend(document::read(Source::read_up_to(file, OBJECTS_LIMIT)?)?);
    }
    Ok(documents)
}

fn list(files: &[PathBuf]) -> String {
    files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn text(landings: &[Landing]) -> String {
    let line = |landing: &Landing| {
        let failed = landing.findings.iter().any(|finding| finding.fault.code.severity == Severity::Error);
        let color = if failed { "\x1b[31m" } else { "\x1b[32m" };
        format!("{}: {color}{}\x1b[0m\n", landing.name, landing.verdict)
    };
    landings.iter().map(line).collect()
}

fn answer(landings: &[Landing], nothing: &Source) -> serde_json::Value {
    let of = |landing: &Landing| {
        let mut report = Report::default();
        landing.findings.iter().for_each(|finding| report.push(finding.clone()));
        json!({
            "name": landing.name,
            "may_land_on": landing.may_land_on,
            "verdict": landing.verdict.to_string(),
            "findings": entries(&report, nothing),
        })
    };
    landings.iter().map(of).collect()
}
