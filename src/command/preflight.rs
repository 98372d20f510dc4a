//! `s3boot preflight`: what an account says of the nodes to come.

use super::live::{Live, progress, run};
use super::{Outcome, faults, print_styled};
use crate::aws::Account;
use crate::cli::Preflight;
use crate::diagnostic::render::{Format, drawings, render};
use crate::diagnostic::{Report, Severity};
use crate::preflight::question::{Answers, Question, Unanswered};
use crate::preflight::{Subject, code, examine};
use anyhow::{Result, bail};

pub(super) fn checked(arguments: &Preflight, format: Format) -> Result<Outcome> {
    let Some(live) = Live::read(&arguments.rendered, format)? else { return Ok(Outcome::Findings) };
    let classes = live.classes(&arguments.rendered)?;
    let manifest = &live.loaded.manifest;
    let mut subjects = Vec::new();
    for class in classes {
        let Some(written) = manifest.classes.value.iter().find(|written| written.name.value == class.name.as_str())
        else {
            continue;
        };
        match live.user_data(class) {
            Ok(user_data) => {
                subjects.push(Subject { plan: live.plan(), class, cluster: &manifest.cluster, written, user_data });
            }
            Err(failure) => return faults(failure, &live.source, format).map(|()| Outcome::Findings),
        }
    }
    let report = run_checks(&live, arguments, &subjects)?;
    show(&report, &live, subjects.len(), format)
}

fn run_checks(live: &Live, arguments: &Preflight, subjects: &[Subject<'_>]) -> Result<Report> {
    let mut found = Report::default();
    run(async {
        let account = live.account(&arguments.access).await?;
        found = asked(&account, subjects).await?;
        Ok(Outcome::Fine)
    })?;
    Ok(found)
}

/// Asks until nothing is left to ask.
async fn asked(account: &Account, subjects: &[Subject<'_>]) -> Result<Report> {
    let mut answers = Answers::new();
    // An account that does not even say its zones is not reached: that is no finding, but the end.
    match account.answer(&Question::Zones).await {
        Err(Unanswered::Failed(reason)) => bail!("{reason}"),
        answer => answers.insert(Question::Zones, answer),
    };
    loop {
        let (report, wanted) = examine(subjects, &answers);
        if wanted.is_empty() {
            return Ok(report);
        }
        let bar = progress("questions", wanted.len());
        answers.extend(account.answers(wanted, || bar.inc(1)).await);
        bar.finish_and_clear();
    }
}

/// What was not checked is not fine, though it is a warning only.
fn show(report: &Report, live: &Live, classes: usize, format: Format) -> Result<Outcome> {
    let unchecked = report.sorted().iter().filter(|finding| *finding.fault.code == code::NOT_CHECKED).count();
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning) - unchecked);
    match format {
        Format::Text => {
            anstream::eprint!("{}", drawings(report, &live.source));
            let region = &live.plan().cluster.region;
            let color = if errors + unchecked == 0 { "\x1b[32m" } else { "\x1b[31m" };
            let counted =
                |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
            print_styled(&format!(
                "{} in {region}: {color}{}, {}, {} not checked\x1b[0m\n",
                counted(classes, "class", "classes"),
                counted(errors, "error", "errors"),
                counted(warnings, "warning", "warnings"),
                unchecked
            ))?;
        }
        Format::Json | Format::Github => {
            print_styled(&render(report, &live.source, format))?;
        }
    }
    Ok(if errors + unchecked == 0 { Outcome::Fine } else { Outcome::Findings })
}
