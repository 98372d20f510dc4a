//! `s3boot pair`: the pairing of a class, written into a manifest of the user's.

use super::{Outcome, loaded, note, print, print_styled, stdin_once, unified};
use crate::cli::Pair;
use crate::diagnostic::render::{Format, drawings};
use crate::diagnostic::{Diagnostic, Report};
use crate::land::{World, code, document};
use crate::plan::Plan;
use crate::source::{OBJECTS_LIMIT, Source};
use crate::target::pod::Side;
use crate::{output, pair, select};
use anyhow::{Result, bail};
use std::path::Path;

pub(super) fn written(arguments: &Pair, format: Format) -> Result<Outcome> {
    stdin_once([&arguments.file, &arguments.pods].into_iter())?;
    let Some(loaded) = loaded(&arguments.file, format)? else { return Ok(Outcome::Findings) };
    let class = select(&loaded.plan, std::slice::from_ref(&arguments.class))?[0];
    let source = Source::read_up_to(&arguments.pods, OBJECTS_LIMIT)?;
    let text = match pair::paired(&source, &Side::of(class))? {
        Ok(text) => text,
        Err(faults) => return Ok(refused(faults)),
    };
    let faults = still_wrong(&loaded.plan, &source, &text)?;
    if !faults.is_empty() {
        return Ok(refused(faults));
    }
    if arguments.diff {
        print_styled(&unified(&source.path, Some(&source.text), Some(&text)))?;
        return Ok(if text == source.text { Outcome::Fine } else { Outcome::Findings });
    }
    if !arguments.write {
        return print(text.as_bytes());
    }
    if arguments.pods == Path::new("-") {
        bail!("standard input cannot be written back: leave out --write");
    }
    if text != source.text {
        output::replace(&arguments.pods, text.as_bytes())?;
        note(format_args!("{} has the pairing of {}", source.path, class.name));
    }
    Ok(Outcome::Fine)
}

fn refused(faults: Vec<Diagnostic>) -> Outcome {
    let mut report = Report::default();
    for fault in faults {
        report.push(fault);
    }
    anstream::eprint!("{}", drawings(&report, &Source::new("", "")));
    note(format_args!("nothing was written"));
    Outcome::Findings
}

/// What keeps the pods from their buckets, although they have the pairing: selectors and volumes of their own.
fn still_wrong(plan: &Plan, source: &Source, text: &str) -> Result<Vec<Diagnostic>> {
    let documents = document::read(Source::new(source.path.clone(), text))?;
    let world = World::of(Some(plan), &[]).map_err(|fault| anyhow::anyhow!("{}", fault.fault.message))?;
    let findings = world.landings(&documents).into_iter().flat_map(|landing| landing.findings);
    let of_landing = [
        &code::POD_STUCK,
        &code::POD_ESCAPES,
        &code::POD_REFUSED,
        &code::POD_NODE_NAME,
        &code::SELECTOR_TWICE,
        &code::MOUNT_ONE_ROLE,
        &code::HOST_PATH_MOUNT_POINT,
        &code::HOST_PATH_CREATE,
    ];
    let is_of_landing = |finding: &Diagnostic| of_landing.iter().any(|code| code.name == finding.fault.code.name);
    Ok(findings.filter(is_of_landing).collect())
}
