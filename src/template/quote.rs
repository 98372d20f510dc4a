//! Quoting for shell and HCL. `tests/quoting.rs` sends hostile texts through both, and has bash and Terraform read them.

use std::fmt::Write as _;

/// One word of bash, in 7-bit ASCII: as it is where that is safe, else in single quotes, else as `$'…'`.
/// NUL cannot be in a shell word at all and is left out; no value of a manifest has one.
#[must_use]
pub fn shell(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:=,@%+".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    // `--//` would end the part in Karpenter's MIME document, and `{{` may be a template there one day.
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'\'') && !text.contains("{{") {
        return format!("'{text}'");
    }
    let mut out = String::from("$'");
    for byte in text.bytes().filter(|byte| *byte != 0) {
        match byte {
            b'\'' => out.push_str("\\'"),
            b'\\' => out.push_str("\\\\"),
            b' '..=b'~' if byte != b'{' => out.push(char::from(byte)),
            _ => drop(write!(out, "\\{byte:03o}")),
        }
    }
    out + "'"
}

/// A quoted string of HCL. `${` and `%{` begin templates there, and are doubled; that is right also for a `$${` that the
/// text has itself, as Terraform's own `encode_expr` shows.
#[must_use]
pub fn hcl(text: &str) -> String {
    let mut out = String::from("\"");
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => {
                out.push(character);
                out.push(character);
            }
            other if other.is_control() => drop(write!(out, "\\u{:04x}", u32::from(other))),
            other => out.push(other),
        }
    }
    out + "\""
}
