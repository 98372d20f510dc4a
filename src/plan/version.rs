//! Versions of mount-s3.

use crate::diagnostic::{Fault, code};
use serde::{Serialize, Serializer};
use std::fmt;

/// `major.minor.patch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u16, pub u16, pub u16);

impl TryFrom<&str> for Version {
    type Error = Fault;

    fn try_from(text: &str) -> Result<Self, Fault> {
        let number = |part: &str| match part.len() > 1 && part.starts_with('0') {
            true => None,
            false => part.parse().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit())),
        };
        let parts: Option<Vec<u16>> = text.split('.').map(number).collect();
        match parts.as_deref() {
            Some(&[major, minor, patch]) => Ok(Self(major, minor, patch)),
            _ => Err(Fault::new(
                &code::INSTALL_VERSION,
                format!("`{text}` is no version of mount-s3"),
                "write it as `1.23.0`; `latest` would give every node what is newest on its day",
            )),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
