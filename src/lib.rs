//! One manifest of workload classes in; out comes all that makes each class's nodes mount its S3 buckets, and its pods
//! run only there.
//!
//! ```text
//! file ─read▶ Source ─parse▶ Manifest ─resolve▶ Plan ─render▶ Tree ─write | diff | check▶ disk / stdout
//!                     │                │        └ shell + HCL: templates;  YAML + JSON: typed objects
//!                     └──── Report ◀───┘  (an error stops before render; all semantic errors are shown together)
//! ```

#[cfg(feature = "aws")]
pub mod aws;
pub mod cli;
pub mod command;
pub mod diagnostic;
#[cfg(feature = "aws")]
pub mod drift;
pub mod family;
pub mod graph;
pub mod land;
pub mod manifest;
pub mod mount_option;
pub mod output;
pub mod pair;
pub mod pairing;
pub mod permission;
pub mod plan;
pub mod preflight;
pub mod resolve;
pub mod rule;
pub mod source;
pub mod target;
pub mod template;
pub mod userdata;
pub mod which;
pub mod yaml;

use crate::diagnostic::Report;
use crate::manifest::Manifest;
use crate::output::Tree;
use crate::plan::{Class, Plan};
use crate::source::{Source, Span};
use crate::target::{Context, Refusal, Wanted};
use crate::template::Templates;

/// What a run ends with when it cannot go on.
#[derive(Debug)]
pub enum Failure {
    /// The manifest or a template is wrong: exit code 1. The report says how.
    Report(Report),
    /// The world is: exit code 2.
    World(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::World(error)
    }
}

/// A manifest that holds, its plan, and what there is to warn of.
#[derive(Debug)]
pub struct Loaded {
    /// The manifest, for the places in it.
    pub manifest: Manifest,
    /// The plan.
    pub plan: Plan,
    /// Warnings.
    pub report: Report,
}

/// Source to plan: parse, resolve, and check every rule.
///
/// # Errors
/// A report with at least one error.
pub fn load(source: &Source) -> Result<Loaded, Report> {
    let manifest = manifest::parse(source)?;
    let mut report = Report::default();
    let plan = resolve::resolve(&manifest, &mut report);
    rule::check(&manifest, &mut report);
    match plan {
        Some(plan) if !report.has_errors() => Ok(Loaded { manifest, plan, report }),
        _ => Err(report),
    }
}

/// Plan to tree: each class through each target that is wanted of it. `progress` is told after each class.
///
/// # Errors
/// A report of what the classes, their patches or the templates break; or a fault of s3boot itself.
pub fn render(
    loaded: &Loaded,
    classes: &[&Class],
    wanted: Wanted<'_>,
    templates: &Templates,
    progress: impl Fn(),
) -> Result<Tree, Failure> {
    let mut tree = Tree::default();
    let mut report = Report::default();
    for class in classes {
        let context = Context { plan: &loaded.plan, class, templates };
        let results: Result<Vec<_>, _> = wanted.of(class).into_iter().map(|target| target.render(&context)).collect();
        match results {
            Ok(trees) => trees.into_iter().for_each(|files| tree.merge(files)),
            Err(refusals) => match faults_of(refusals, class, &loaded.manifest) {
                Failure::Report(faults) => report.merge(faults),
                world @ Failure::World(_) => return Err(world),
            },
        }
        progress();
    }
    if report.has_errors() { Err(Failure::Report(report)) } else { Ok(tree) }
}

/// Why a class could not be rendered: its faults in their places, or a fault of s3boot.
#[must_use]
pub fn faults_of(refusals: Vec<Refusal>, class: &Class, manifest: &Manifest) -> Failure {
    let mut report = Report::default();
    for refusal in refusals {
        match placed(refusal, class, manifest) {
            Ok(diagnostic) => report.push(diagnostic),
            Err(error) => return Failure::World(error),
        }
    }
    Failure::Report(report)
}

/// A refusal where its cause stands in the manifest or the template.
fn placed(refusal: Refusal, class: &Class, manifest: &Manifest) -> anyhow::Result<diagnostic::Diagnostic> {
    let written = manifest.classes.value.iter().find(|written| written.name.value == class.name.as_str());
    let name = written.map_or(Span::default(), |written| written.name.span);
    match refusal {
        Refusal::Class(fault) => Ok(fault.at(name)),
        Refusal::Patch { document, fault } => {
            let documents = written.and_then(|written| written.patch.as_ref()).into_iter().flatten();
            let place = documents.flat_map(|(_, patches)| patches.keys()).find(|key| key.value == document);
            Ok(fault.at(place.map_or(name, |key| key.span)))
        }
        Refusal::Template(diagnostic) => Ok(*diagnostic),
        Refusal::Bug(error) => Err(error.context(format!("s3boot cannot render class {}", class.name))),
    }
}

/// The classes of these names, in the manifest's order; all where none is named.
///
/// # Errors
/// The first name that no class has, and what was meant perhaps.
pub fn select<'a>(plan: &'a Plan, names: &[String]) -> anyhow::Result<Vec<&'a Class>> {
    let known: Vec<_> = plan.classes.iter().map(|class| class.name.as_str()).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        anyhow::bail!("the manifest has no class `{unknown}`: {}", diagnostic::choose(unknown, &known));
    }
    let wanted = |class: &&Class| names.is_empty() || names.iter().any(|name| name == class.name.as_str());
    Ok(plan.classes.iter().filter(wanted).collect())
}
