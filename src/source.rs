//! A text that s3boot reads, and places in it.

use anyhow::{Context, Result, bail};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The largest manifest or template that is read, in bytes. A manifest of 1,000 classes has about half a MiB.
pub const LIMIT: u64 = 4 * 1024 * 1024;

/// The largest file of a cluster's objects that is read, in bytes. kubectl prints about 13 KiB of a node, with its images.
pub const OBJECTS_LIMIT: u64 = 64 * 1024 * 1024;

/// A byte range of a [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character within the line.
    pub column: usize,
}

/// A path and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path as the user gave it, or `<stdin>`.
    pub path: String,
    /// The text, without a byte order mark.
    pub text: String,
}

impl Source {
    /// A source of this text.
    #[must_use]
    pub fn new(path: impl Into<String>, text: &str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        Self { path: path.into(), text }
    }

    /// Reads a manifest or template, or standard input for `-`.
    ///
    /// # Errors
    /// When it cannot be read, is larger than [`LIMIT`], or is not UTF-8.
    pub fn read(path: &Path) -> Result<Self> {
        Self::read_up_to(path, LIMIT)
    }

    /// Reads a file of at most so many bytes, or standard input for `-`.
    ///
    /// # Errors
    /// When it cannot be read, is larger, or is not UTF-8.
    pub fn read_up_to(path: &Path, limit: u64) -> Result<Self> {
        if path == Path::new("-") {
            return Self::take("<stdin>".to_owned(), std::io::stdin().lock(), limit);
        }
        let name = path.display().to_string();
        let file = File::open(path).with_context(|| format!("cannot read {name}"))?;
        Self::take(name, file, limit)
    }

    fn take(path: String, from: impl Read, limit: u64) -> Result<Self> {
        let mut bytes = Vec::new();
        from.take(limit + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {path}"))?;
        if bytes.len() as u64 > limit {
            bail!("{path} is larger than {} MiB: is it the right file?", limit / 1024 / 1024);
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::new(path, &text)),
            Err(error) => {
                let good = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..good].split(|byte| *byte == b'\n').count();
                bail!("{path}:{line}: not UTF-8 (byte {good}): save the file as UTF-8")
            }
        }
    }

    /// Where a byte is. Bytes past the end are at the end.
    #[must_use]
    pub fn position(&self, byte: usize) -> Position {
        let before = &self.text[..self.floor(byte)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }

    /// The byte of a line and column; the end of the text where there is no such place.
    #[must_use]
    pub fn byte(&self, line: usize, column: usize) -> usize {
        let start: usize = self.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let rest = &self.text[start..];
        start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(byte, _)| byte)
    }

    /// A span that lies within the text and on character borders.
    #[must_use]
    pub fn clamp(&self, span: Span) -> Span {
        let start = self.floor(span.start);
        Span { start, end: self.floor(span.end).max(start) }
    }

    fn floor(&self, byte: usize) -> usize {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        byte
    }
}
