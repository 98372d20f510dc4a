//! Text to [`Manifest`], and the parser's errors to diagnostics.

use super::Manifest;
use crate::diagnostic::{Fault, Report, choose, code, did_you_mean, list};
use crate::source::{Source, Span};
use serde_saphyr::{Error, Location};

/// Reads a manifest. The shape of the document is checked here and the first fault ends it: what follows a
/// misplaced key would only be noise.
///
/// # Errors
/// A report with one diagnostic.
pub fn parse(source: &Source) -> Result<Manifest, Report> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(&source.text, options).map_err(|error| {
        let mut report = Report::default();
        report.push(fault(&error).at(place(&error, source)));
        report
    })
}

/// The byte range of a location; empty at byte 0 where the parser does not know.
#[must_use]
pub fn span_of(location: Location) -> Span {
    let index = |offset: Option<u64>| offset.and_then(|offset| usize::try_from(offset).ok());
    let start = index(location.span().byte_offset()).unwrap_or_default();
    Span { start, end: start + index(location.span().byte_len()).unwrap_or_default() }
}

fn place(error: &Error, source: &Source) -> Span {
    let Some(location) = error.location() else { return Span::default() };
    if location.span().byte_offset().is_some() {
        return span_of(location);
    }
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let start = source.byte(number(location.line()), number(location.column()));
    Span { start, end: start }
}

fn fault(error: &Error) -> Fault {
    match error {
        Error::AliasError { error, .. } => fault(error),
        Error::Eof { .. } => Fault::new(
            &code::EMPTY_MANIFEST,
            "the manifest is empty",
            "begin with `cluster:` and `classes:`; `examples/minimal/s3boot.yaml` is one to copy",
        ),
        Error::MultipleDocuments { .. } => Fault::new(
            &code::SEVERAL_DOCUMENTS,
            "a manifest is one YAML document, and here a second begins",
            "put all classes under one `classes:`, or each document into a file of its own",
        ),
        Error::SerdeUnknownField { field, expected, .. } => Fault::new(
            &code::UNKNOWN_KEY,
            format!("unknown key `{field}`"),
            match field.as_str() {
                field if did_you_mean(field, expected.iter().copied()).is_some() => choose(field, expected),
                _ => format!("the keys here are {}", list(expected)),
            },
        ),
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            Fault::new(&code::UNKNOWN_VALUE, format!("unknown value `{variant}`"), choose(variant, expected))
        }
        Error::SerdeMissingField { field, .. } => Fault::new(
            &code::MISSING_KEY,
            format!("`{field}` is missing"),
            format!("add `{field}:` to this mapping; `s3boot schema` describes it"),
        ),
        Error::DuplicateMappingKey { key, .. } => Fault::new(
            &code::DUPLICATE_KEY,
            format!("`{}` is given twice", key.as_deref().unwrap_or("this key")),
            "remove one of the two: YAML readers differ in which they take",
        ),
        Error::Budget { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => too_deep(),
        _ if error.to_string().contains("recursion limit") => too_deep(),
        _ => wrong_type(error),
    }
}

fn too_deep() -> Fault {
    Fault::new(
        &code::TOO_DEEP,
        "the document nests too deeply or expands to too much",
        "write the values out; a manifest needs no nested aliases",
    )
}

fn wrong_type(error: &Error) -> Fault {
    let text = error.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message).to_owned();
    let expected = match error {
        Error::SerdeInvalidType { expected, .. } | Error::SerdeInvalidValue { expected, .. } => expected.clone(),
        Error::NullIntoString { .. } => "a value; there is none after the colon".to_owned(),
        Error::InvalidScalar { ty, .. } => format!("a number ({ty})"),
        Error::Unexpected { expected, .. } => match *expected {
            "mapping start" => "a mapping (`key: value`)".to_owned(),
            "sequence start" => "a list (`[a, b]`, or lines that begin with `- `)".to_owned(),
            "string scalar" => "one value, not a list or a mapping".to_owned(),
            other => other.to_owned(),
        },
        Error::ExternallyTaggedEnumExpectedScalarOrMapping { .. }
        | Error::ExpectedStringKeyForExternallyTaggedEnum { .. } => "one of the values that the key has".to_owned(),
        Error::TaggedScalarCannotDeserializeIntoString { .. } | Error::UnsupportedTag { .. } => {
            "a plain value, without a tag".to_owned()
        }
        _ => {
            return Fault::new(
                &code::YAML_SYNTAX,
                format!("not YAML: {message}"),
                "look at the indentation (spaces, not tabs), and at quotes and brackets that are not closed",
            );
        }
    };
    Fault::new(
        &code::WRONG_TYPE,
        format!("expected {expected}"),
        "write it as in `s3boot schema`; text that looks like another type needs quotes",
    )
}
