//! `s3boot which`: the tables of [`crate::which`] for a class, or for answers given as flags.

use super::{Outcome, loaded, print_styled};
use crate::cli::Which;
use crate::diagnostic::render::Format;
use crate::select;
use crate::which::{self, NEEDS, NOT_A_MOUNT, Need, Verdict};
use anyhow::Result;
use serde::Serialize;
use std::fmt::Write as _;

/// The answer, for programs.
#[derive(Serialize)]
struct Answer {
    needs: Vec<Need>,
    ways: Vec<Verdict>,
    not_a_mount: &'static [which::NotAMount],
}

pub(super) fn chosen(arguments: &Which, format: Format) -> Result<Outcome> {
    let mut needs: Vec<Need> = NEEDS
        .iter()
        .filter(|(flag, _, _)| arguments.needs.iter().any(|need| need == flag))
        .map(|(.., need)| *need)
        .collect();
    if let Some(name) = &arguments.class {
        let Some(loaded) = loaded(&arguments.file, format)? else { return Ok(Outcome::Findings) };
        let class = select(&loaded.plan, std::slice::from_ref(name))?[0];
        needs.extend(which::needs_of(class).into_iter().filter(|need| !needs.contains(need)).collect::<Vec<_>>());
    }
    let ways = which::verdicts(&needs);
    let text = match format {
        Format::Json => serde_json::to_string_pretty(&Answer { needs, ways, not_a_mount: NOT_A_MOUNT })? + "\n",
        _ => text(&needs, &ways),
    };
    print_styled(&text)
}

fn text(needs: &[Need], ways: &[Verdict]) -> String {
    let asked: Vec<_> = NEEDS.iter().filter(|(.., need)| needs.contains(need)).map(|(_, what, _)| *what).collect();
    let mut out = match asked.is_empty() {
        true => wrapped("", "Nothing special is asked for; `s3boot which --help` lists what can be."),
        false => wrapped("", &format!("Asked for: {}.", asked.join("; "))),
    };
    let (fit, out_of_it): (Vec<_>, Vec<_>) = ways.iter().partition(|verdict| verdict.ruled_out.is_empty());
    if fit.is_empty() {
        out += "\nNo way of mounting fits.\n";
    }
    for (at, Verdict { way, .. }) in fit.iter().enumerate() {
        let word = if at == 0 { "fits" } else { "also fits" };
        let (name, title) = (which::name(way), way.title);
        let _ = writeln!(out, "\n\x1b[1;32m{word}\x1b[0m: \x1b[1mdeliver: {name}\x1b[0m, {title}");
        out += &way.gives.iter().map(|line| wrapped("  + ", line)).collect::<String>();
        out += &way.costs.iter().map(|line| wrapped("  - ", line)).collect::<String>();
    }
    for Verdict { way, ruled_out } in out_of_it {
        let _ = writeln!(out, "\n\x1b[1;31mruled out\x1b[0m: deliver: {}, {}", which::name(way), way.title);
        out += &ruled_out.iter().map(|line| wrapped("  - ", line)).collect::<String>();
    }
    let notes: String = needs.iter().filter_map(|need| which::note(*need)).map(|note| wrapped("  ", note)).collect();
    if !notes.is_empty() {
        let _ = write!(out, "\nNotes\n{notes}");
    }
    out += "\nWhen not to mount at all\n";
    for not in NOT_A_MOUNT {
        out += &wrapped("  ", &format!("{}: {}; use {}", not.what, not.why, not.instead));
    }
    out
}

/// Lines of at most 80 columns, the first with a mark and the others below it.
fn wrapped(mark: &str, text: &str) -> String {
    let below = " ".repeat(if mark.trim().is_empty() { mark.len() + 2 } else { mark.len() });
    let options = textwrap::Options::new(80).initial_indent(mark).subsequent_indent(&below).break_words(false);
    textwrap::fill(text, options) + "\n"
}
