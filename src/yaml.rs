//! The only writer of YAML. serde-saphyr quotes what a YAML 1.1 reader would take for something else (`on`, `1e3`);
//! `serde_yaml`, another parser, reads every document back before anyone else does.

use anyhow::{Context, Result, ensure};
use serde::Serialize;

/// A document, without `---`, that ends in a line break.
///
/// # Errors
/// When it does not read back as what was written: a fault of s3boot.
pub fn write(document: &impl Serialize) -> Result<String> {
    // Through JSON, which has no tags: an enum with a value is a mapping in it, as Kubernetes and people expect.
    let json = serde_json::to_value(document).context("a document could not be made")?;
    let value = serde_yaml::to_value(json).context("a document could not be made")?;
    let text = serde_saphyr::to_string_with_options(&value, options()).context("a document could not be written")?;
    let back: serde_yaml::Value = serde_yaml::from_str(&text).context("a document could not be read back")?;
    ensure!(back == value, "a document did not read back as it was written; please report this");
    Ok(text)
}

fn options() -> serde_saphyr::SerializerOptions {
    serde_saphyr::ser_options! { folded_wrap_chars: usize::MAX, prefer_block_scalars: true, compact_list_indent: false }
}
