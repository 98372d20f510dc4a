//! The only place that knows minijinja. Shell and HCL are templates, since people read them; every `{{ }}` is quoted for
//! its language, which the file's extension names, so that a value can never be more than data. Templates decide nothing.

use crate::diagnostic::{Diagnostic, Fault, Report, choose, code};
use crate::source::{Source, Span};
use anyhow::{Context, Result};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub mod quote;

/// What templates are given has this version. It grows when a value is renamed or removed.
pub const CONTEXT: u32 = 1;

/// The built-in templates.
pub static BUILT_IN: &[(&str, &str)] = &[
    ("class.tf", include_str!("../templates/class.tf")),
    ("csi.tf", include_str!("../templates/csi.tf")),
    ("host.sh", include_str!("../templates/host.sh")),
    ("join.sh", include_str!("../templates/join.sh")),
    ("karpenter.tf", include_str!("../templates/karpenter.tf")),
    ("label-nodes.sh", include_str!("../templates/label-nodes.sh")),
    ("node-group.tf", include_str!("../templates/node-group.tf")),
    ("node.sh", include_str!("../templates/node.sh")),
    ("objects.tf", include_str!("../templates/objects.tf")),
    ("pod.sh", include_str!("../templates/pod.sh")),
    ("s3boot.tf", include_str!("../templates/s3boot.tf")),
    ("trust.tf", include_str!("../templates/trust.tf")),
    ("volumes.tf", include_str!("../templates/volumes.tf")),
];

/// Templates by name.
pub struct Templates {
    environment: Environment<'static>,
    sources: BTreeMap<String, Arc<Source>>,
}

impl Templates {
    /// The built-in ones.
    ///
    /// # Panics
    /// Never: a test renders them all.
    #[must_use]
    pub fn built_in() -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(language);
        environment.set_formatter(format);
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(syntax());
        environment.remove_filter("safe");
        environment.add_filter("identifier", identifier);
        let mut templates = Self { environment, sources: BTreeMap::new() };
        for (name, text) in BUILT_IN {
            templates.add(name, Source::new(format!("templates/{name}"), text)).expect("the built-in templates parse");
        }
        templates
    }

    /// Replaces those that a directory has of the same name. What is wrong with its files goes into the report.
    ///
    /// # Errors
    /// When the directory or a file of it cannot be read.
    pub fn replace(&mut self, directory: &Path, report: &mut Report) -> Result<()> {
        let listing = || format!("cannot read the templates in {}", directory.display());
        let mut paths: Vec<_> = std::fs::read_dir(directory)
            .with_context(listing)?
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<_>>()?;
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with('.') || name == "README.md" {
                continue;
            }
            let source = Source::read(&path)?;
            let fault = self.check(&name, &source).map(|fault| fault.at(Span { start: 0, end: source.text.len() }));
            match fault {
                Some(fault) => report.push(fault.of(Arc::new(source))),
                None => {
                    if let Err(error) = self.add(&name, source.clone()) {
                        report.push(diagnostic(&error, &Arc::new(source)));
                    }
                }
            }
        }
        Ok(())
    }

    fn check(&self, name: &str, source: &Source) -> Option<Fault> {
        let known: Vec<_> = self.sources.keys().map(String::as_str).collect();
        if !known.contains(&name) {
            let help = format!("{} `s3boot eject` writes all that there are.", sentence(&choose(name, &known)));
            return Some(Fault::new(&code::TEMPLATE_UNKNOWN, format!("no template is named `{name}`"), help));
        }
        let first = source.text.lines().next().unwrap_or_default();
        (!first.contains(&format!("s3boot template: context {CONTEXT}."))).then_some(Fault::new(
            &code::TEMPLATE_VERSION,
            format!("this template is not for context {CONTEXT}, which this s3boot gives"),
            "run `s3boot eject` into an empty directory, carry your changes over, and keep its first line",
        ))
    }

    fn add(&mut self, name: &str, source: Source) -> Result<(), Error> {
        self.environment.add_template_owned(name.to_owned(), source.text.clone())?;
        self.sources.insert(name.to_owned(), Arc::new(source));
        Ok(())
    }

    /// Renders one.
    ///
    /// # Errors
    /// A diagnostic in the template: an undefined value, or one that has no form in its language.
    ///
    /// # Panics
    /// When there is no template of this name.
    pub fn render(&self, name: &str, context: impl Serialize) -> Result<String, Box<Diagnostic>> {
        let source = &self.sources[name];
        (self.environment.get_template(name))
            .and_then(|template| template.render(Value::from(Serde(context))))
            .map_err(|error| Box::new(diagnostic(&error, source)))
    }
}

/// A line that only has a tag or a comment leaves no line behind.
fn syntax() -> SyntaxConfig {
    let built = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    built.expect("the delimiters are the usual ones")
}

fn sentence(text: &str) -> String {
    let end = if text.ends_with('?') { "" } else { "." };
    format!("{text}{end}")
}

fn language(name: &str) -> AutoEscape {
    match name.rsplit('.').next() {
        Some("sh") => AutoEscape::Custom("shell".into()),
        Some("tf") => AutoEscape::Custom("hcl".into()),
        _ => AutoEscape::Custom("unknown".into()),
    }
}

fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let AutoEscape::Custom(language) = state.auto_escape() else {
        return Err(Error::new(ErrorKind::InvalidOperation, "automatic quoting cannot be switched off"));
    };
    let text = quoted(language, value).ok_or_else(|| {
        Error::new(ErrorKind::BadEscape, format!("a value of type {} has no form in {language}", value.kind()))
    })?;
    out.write_str(&text).map_err(Error::from)
}

/// A value in a language: a text as one quoted word, a whole number as it is, a list as what the language has for one.
fn quoted(language: &str, value: &Value) -> Option<String> {
    if value.is_undefined() {
        return None;
    }
    match (language, value.kind()) {
        (_, ValueKind::String) if value.is_safe() => value.as_str().map(str::to_owned),
        ("shell", ValueKind::String) => value.as_str().map(quote::shell),
        ("hcl", ValueKind::String) => value.as_str().map(quote::hcl),
        (_, ValueKind::Number) => i64::try_from(value.clone()).ok().map(|number| number.to_string()),
        ("hcl", ValueKind::Bool) => Some(value.is_true().to_string()),
        (_, ValueKind::Seq) => {
            let items: Option<Vec<_>> = value.try_iter().ok()?.map(|item| quoted(language, &item)).collect();
            items.map(|items| match language {
                "hcl" => format!("[{}]", items.join(", ")),
                _ => items.join(" "),
            })
        }
        _ => None,
    }
}

/// A name in HCL that is not quoted, such as a variable's: letters, digits and `_`, refused otherwise.
fn identifier(text: &str) -> Result<Value, Error> {
    let fits = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    match fits {
        true => Ok(Value::from_safe_string(text.to_owned())),
        false => Err(Error::new(ErrorKind::BadEscape, format!("`{text}` is no identifier"))),
    }
}

fn diagnostic(error: &Error, source: &Arc<Source>) -> Diagnostic {
    let line = error.line().unwrap_or(1);
    let start = source.byte(line, 1);
    let end = source.text[start..].find('\n').map_or(source.text.len(), |newline| start + newline);
    let indent = source.text[start..end].len() - source.text[start..end].trim_start().len();
    let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
    let fault = match error.kind() {
        ErrorKind::UndefinedError => Fault::new(
            &code::TEMPLATE_UNDEFINED,
            format!("the template uses a value that it is not given{detail}"),
            "`s3boot eject` writes the built-in template, which uses every value that there is",
        ),
        ErrorKind::BadEscape | ErrorKind::InvalidOperation => Fault::new(
            &code::TEMPLATE_VALUE,
            format!("the template cannot write this value{detail}"),
            "write one of its fields, or loop over it",
        ),
        _ => Fault::new(
            &code::TEMPLATE_SYNTAX,
            format!("the template is wrong: {}{detail}", error.kind()),
            "mend this line",
        ),
    };
    fault.at(Span { start: start + indent, end }).of(Arc::clone(source))
}
