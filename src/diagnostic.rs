//! What is wrong with a manifest, as data: a code, a place, and the edit to make. One file draws it.

use crate::source::{Source, Span};
use std::sync::Arc;

pub mod code;
pub mod render;

pub use code::Code;
pub(crate) use code::codes;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nothing is rendered.
    Error,
    /// It is rendered, but think again.
    Warning,
}

/// A fault that does not know its place yet: what a value's own rules find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its name.
    pub code: &'static Code,
    /// What is wrong.
    pub message: String,
    /// Why here; drawn under the place.
    pub label: String,
    /// The edit to make.
    pub help: String,
}

impl Fault {
    /// A fault without a label.
    #[must_use]
    pub fn new(code: &'static Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { code, message: message.into(), label: String::new(), help: help.into() }
    }

    /// Says why here.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// At this place of the manifest.
    #[must_use]
    pub fn at(self, span: Span) -> Diagnostic {
        Diagnostic { fault: self, span, also: Vec::new(), source: None }
    }
}

/// A fault in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong.
    pub fault: Fault,
    /// Where.
    pub span: Span,
    /// Other places that belong to it, with what they say.
    pub also: Vec<(Span, String)>,
    /// The text that the places are in, where it is not the manifest.
    pub source: Option<Arc<Source>>,
}

impl Diagnostic {
    /// Points at another place that belongs to the fault.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.also.push((span, text.into()));
        self
    }

    /// The places are in this text.
    #[must_use]
    pub fn of(mut self, source: Arc<Source>) -> Self {
        self.source = Some(source);
        self
    }
}

/// The diagnostics of a run.
#[derive(Debug, Clone, Default)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Adds one, unless it is there: a wrong template is found by every class.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Adds those of another.
    pub fn merge(&mut self, other: Self) {
        other.diagnostics.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }

    /// Keeps a value, or its fault at this place.
    pub fn keep<T>(&mut self, result: Result<T, Fault>, span: Span) -> Option<T> {
        result.map_err(|fault| self.push(fault.at(span))).ok()
    }

    /// Whether anything forbids rendering.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many of this severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.fault.code.severity == severity).count()
    }

    /// All, in the order of their places; the manifest's before those of other texts.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<_> = self.diagnostics.iter().collect();
        all.sort_by_key(|diagnostic| {
            (diagnostic.source.as_ref().map(|source| source.path.clone()), diagnostic.span, diagnostic.fault.code.name)
        });
        all
    }
}

/// The nearest of `known` to what was written, when it is near enough to be what was meant: a slip of the finger, or
/// words left out of a longer name.
#[must_use]
pub fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = written.to_lowercase().replace('_', "-");
    let shortened = |candidate: &str| {
        let mut words = candidate.split('-');
        lower.contains('-') && lower.split('-').all(|word| words.any(|other| other == word))
    };
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(lower.len()) / 4 || shortened(candidate))
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many names a help text lists: a manifest has a thousand classes.
const LISTED: usize = 24;

/// A help text that offers the nearest of `known`, or lists them.
#[must_use]
pub fn choose(written: &str, known: &[&str]) -> String {
    match did_you_mean(written, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.len() > LISTED => {
            format!("use one of {} and {} more", list(&known[..LISTED]), known.len() - LISTED)
        }
        None => format!("use one of {}", list(known)),
    }
}

/// Names in backquotes, separated by commas.
#[must_use]
pub fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
