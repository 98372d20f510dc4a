//! Draws a [`Report`]: for a person, a program, or GitHub's annotations.

use super::{Diagnostic, Report, Severity};
use crate::source::{Source, Span};
use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};
use serde::Serialize;
use std::fmt::Write as _;

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// With the line drawn; coloured on a terminal.
    #[default]
    Text,
    /// One JSON array.
    Json,
    /// GitHub Actions workflow commands.
    Github,
}

/// The whole report as text that ends in a line break, or nothing where there is nothing to say.
/// Text carries colours; the writer strips them where they are not wanted.
#[must_use]
pub fn render(report: &Report, manifest: &Source, format: Format) -> String {
    match format {
        Format::Text => text(report, manifest),
        Format::Json => json(report, manifest),
        Format::Github => github(report, manifest),
    }
}

/// The first error in one line, for callers that show no more.
#[must_use]
pub fn line(report: &Report, manifest: &Source) -> String {
    let errors = report.sorted().into_iter().filter(|diagnostic| diagnostic.fault.code.severity == Severity::Error);
    let entries: Vec<_> = errors.map(|diagnostic| entry(diagnostic, manifest)).collect();
    let [first, others @ ..] = entries.as_slice() else { return String::new() };
    let more = if others.is_empty() { String::new() } else { format!(" (and {} more)", others.len()) };
    let Entry { file, line, column, code, message, help, .. } = first;
    format!("{file}:{line}:{column}: error[{code}]: {message}; {help}{more}").replace('\n', " ")
}

fn text(report: &Report, manifest: &Source) -> String {
    drawings(report, manifest) + &summary(report)
}

/// The diagnostics as text, each drawn, without a last word on what was written.
#[must_use]
pub fn drawings(report: &Report, manifest: &Source) -> String {
    let mut out = String::new();
    for diagnostic in report.sorted() {
        let _ = writeln!(out, "{}\n", draw(diagnostic, source_of(diagnostic, manifest)));
    }
    out
}

fn summary(report: &Report) -> String {
    let counted = |count: usize, name: &str| match count {
        0 => None,
        1 => Some(format!("1 {name}")),
        many => Some(format!("{many} {name}s")),
    };
    let parts: Vec<_> =
        [counted(report.count(Severity::Error), "error"), counted(report.count(Severity::Warning), "warning")]
            .into_iter()
            .flatten()
            .collect();
    match parts.is_empty() {
        true => String::new(),
        false if report.has_errors() => {
            format!("{}; nothing was written. `s3boot explain CODE` tells more.\n", parts.join(", "))
        }
        false => format!("{}. `s3boot explain CODE` tells more.\n", parts.join(", ")),
    }
}

fn draw(diagnostic: &Diagnostic, source: &Source) -> String {
    let fault = &diagnostic.fault;
    let level = match fault.code.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let lines = Lines::around(diagnostic, source);
    let shown = |span: Span| lines.relative(visible(source, span));
    let snippet = Snippet::source(printable(lines.text))
        .path(source.path.as_str())
        .line_start(lines.first)
        .annotation(AnnotationKind::Primary.span(shown(diagnostic.span)).label(label(&fault.label)))
        .annotations(
            diagnostic.also.iter().map(|(span, text)| AnnotationKind::Context.span(shown(*span)).label(text.as_str())),
        );
    let title = level.primary_title(fault.message.as_str()).id(fault.code.name);
    let elements = [Element::from(snippet), Element::from(Level::HELP.message(fault.help.as_str()))];
    Renderer::styled().render(&[Group::with_title(title).elements(elements)])
}

/// The lines from the first place of a diagnostic to its last: all that its drawing needs of a long text.
struct Lines<'a> {
    text: &'a str,
    start: usize,
    first: usize,
}

impl<'a> Lines<'a> {
    fn around(diagnostic: &Diagnostic, source: &'a Source) -> Self {
        let spans = || std::iter::once(diagnostic.span).chain(diagnostic.also.iter().map(|(span, _)| *span));
        let first = spans().map(|span| source.clamp(span).start).min().unwrap_or_default();
        let last = spans().map(|span| source.clamp(span).start).max().unwrap_or_default();
        let start = source.text[..first].rfind('\n').map_or(0, |newline| newline + 1);
        let end = source.text[last..].find('\n').map_or(source.text.len(), |newline| last + newline);
        Self { text: &source.text[start..end], start, first: source.position(first).line }
    }

    fn relative(&self, span: std::ops::Range<usize>) -> std::ops::Range<usize> {
        span.start - self.start..span.end - self.start
    }
}

fn label(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The text with control characters shown as a replacement of the same byte length, so that spans
/// stay right and a hostile file cannot drive the terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_control() && c != '\n' && c != '\t' && c != '\r' { '?' } else { c }).collect()
}

/// A span that is worth underlining: within one line where it starts, and not empty.
fn visible(source: &Source, span: Span) -> std::ops::Range<usize> {
    let Span { start, end } = source.clamp(span);
    let line_end = source.text[start..].find(['\n', '\r']).map_or(source.text.len(), |at| start + at);
    let end = end.min(line_end);
    match end > start {
        true => start..end,
        false => start..start + source.text[start..line_end].chars().next().map_or(0, char::len_utf8),
    }
}

fn source_of<'a>(diagnostic: &'a Diagnostic, manifest: &'a Source) -> &'a Source {
    diagnostic.source.as_deref().unwrap_or(manifest)
}

/// One diagnostic as JSON. Lines and columns count from 1, columns in characters.
#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    severity: Severity,
    message: &'a str,
    help: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

fn entry<'a>(diagnostic: &'a Diagnostic, manifest: &'a Source) -> Entry<'a> {
    let source = source_of(diagnostic, manifest);
    let span = visible(source, diagnostic.span);
    let (start, end) = (source.position(span.start), source.position(span.end));
    Entry {
        code: diagnostic.fault.code.name,
        severity: diagnostic.fault.code.severity,
        message: &diagnostic.fault.message,
        help: &diagnostic.fault.help,
        file: &source.path,
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

/// The diagnostics for programs, in the order of their places.
///
/// # Panics
/// Never: they are strings and numbers.
#[must_use]
pub fn entries(report: &Report, manifest: &Source) -> serde_json::Value {
    let entries: Vec<_> = report.sorted().into_iter().map(|diagnostic| entry(diagnostic, manifest)).collect();
    serde_json::to_value(entries).expect("strings and numbers always serialize")
}

fn json(report: &Report, manifest: &Source) -> String {
    serde_json::to_string_pretty(&entries(report, manifest)).expect("strings and numbers always serialize") + "\n"
}

/// Workflow commands, escaped as GitHub's toolkit does (actions/toolkit `packages/core/src/command.ts`).
fn github(report: &Report, manifest: &Source) -> String {
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let mut out = String::new();
    for diagnostic in report.sorted() {
        let entry = entry(diagnostic, manifest);
        let command = match entry.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let _ = writeln!(
            out,
            "::{command} file={},line={},endLine={},col={},endColumn={},title={}::{}",
            property(entry.file),
            entry.line,
            entry.end_line,
            entry.column,
            entry.end_column,
            property(entry.code),
            data(&format!("{}\n{}", entry.message, entry.help)),
        );
    }
    out
}
