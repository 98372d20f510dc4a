//! Amounts and times, as Kubernetes writes them.

use crate::diagnostic::{Fault, code};
use serde::{Serialize, Serializer};
use std::fmt;

/// A Kubernetes quantity of bytes (apimachinery `pkg/api/resource/quantity.go`): a number and a suffix, binary
/// (`Ki` to `Ei`) or decimal (`k` to `E`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    /// In bytes.
    pub bytes: u64,
}

/// One GiB in bytes.
pub const GIB: u64 = 1024 * 1024 * 1024;
/// One MiB in bytes.
pub const MIB: u64 = 1024 * 1024;

const SUFFIXES: &[(&str, u64)] = &[
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
    ("k", 1000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("", 1),
];

impl TryFrom<&str> for Quantity {
    type Error = Fault;

    fn try_from(text: &str) -> Result<Self, Fault> {
        parse(text).map(|bytes| Self { bytes }).ok_or_else(|| {
            Fault::new(
                &code::QUANTITY,
                format!("`{text}` is no quantity of bytes"),
                match text[digits(text).len()..].to_uppercase().strip_suffix('B') {
                    Some(unit @ ("K" | "M" | "G" | "T" | "P" | "KI" | "MI" | "GI" | "TI" | "PI")) => {
                        format!("Kubernetes writes the unit without `B`: `{}{}i`", digits(text), &unit[..1])
                    }
                    _ => "write a number and a unit: `20Gi`, `512Mi`, `1.5Ti`".to_owned(),
                },
            )
        })
    }
}

fn digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    &text[..end]
}

fn parse(text: &str) -> Option<u64> {
    let number = digits(text);
    let (_, unit) = SUFFIXES.iter().find(|(suffix, _)| *suffix == &text[number.len()..])?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || whole.len() > 15 || fraction.is_empty() || fraction.len() > 9 || fraction.contains('.') {
        return None;
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let value = whole.parse::<u128>().ok()? * scale + fraction.parse::<u128>().ok()?;
    u64::try_from((value * u128::from(*unit)).div_ceil(scale)).ok()
}

impl Quantity {
    /// In whole MiB, where it is that.
    #[must_use]
    pub fn whole_mib(self) -> Option<u64> {
        self.bytes.is_multiple_of(MIB).then_some(self.bytes / MIB)
    }
}

/// How long: `Never`, or hours, minutes and seconds as Go writes them. Karpenter knows no days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lifetime {
    /// For ever.
    Never,
    /// As written, and in seconds.
    For {
        /// As written.
        text: String,
        /// In seconds.
        seconds: u64,
    },
}

impl TryFrom<&str> for Lifetime {
    type Error = Fault;

    fn try_from(text: &str) -> Result<Self, Fault> {
        if text == "Never" {
            return Ok(Self::Never);
        }
        seconds(text).map(|seconds| Self::For { text: text.to_owned(), seconds }).ok_or_else(|| {
            let days = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
            Fault::new(
                &code::DURATION,
                format!("`{text}` is no duration"),
                match days {
                    Some(days) => format!("there is no unit for days: write `{}h`", u64::from(days) * 24),
                    None => "write hours, minutes and seconds: `720h`, `1h30m`, `90s`, or `Never`".to_owned(),
                },
            )
        })
    }
}

fn seconds(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let unit = match rest.as_bytes()[end] {
            b'h' => 3600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        total = total.checked_add(rest[..end].parse::<u64>().ok()?.checked_mul(unit)?)?;
        rest = &rest[end + 1..];
    }
    // Go keeps durations as nanoseconds in an i64.
    (!text.is_empty() && total <= 9_000_000_000).then_some(total)
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("Never"),
            Self::For { text, .. } => f.write_str(text),
        }
    }
}

impl Serialize for Lifetime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
