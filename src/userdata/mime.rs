//! A MIME multipart document, as cloud-init, nodeadm and EKS read it. Written by hand: what is made for mail folds lines
//! and encodes, and this has to stay 7-bit and the same to the byte.

use crate::diagnostic::{Fault, code};

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its content type.
    pub content_type: &'static str,
    /// Its text, which ends in a line break.
    pub text: String,
}

impl Part {
    /// A script of bash.
    #[must_use]
    pub fn script(text: String) -> Self {
        Self { content_type: "text/x-shellscript; charset=\"us-ascii\"", text }
    }

    /// A `NodeConfig` for nodeadm.
    #[must_use]
    pub fn node_config(text: String) -> Self {
        Self { content_type: "application/node.eks.aws", text }
    }
}

const BOUNDARY: &str = "s3boot-part";

/// The document of these parts. It begins at its first byte: a blank line before the headers, and nothing would run.
///
/// # Errors
/// A part has a line that would end it, or characters that make cloud-init drop it.
pub fn document(parts: &[Part]) -> Result<String, Fault> {
    let wrong = |what: &str, help: &str| Err(Fault::new(&code::TEMPLATE_VALUE, what, help));
    for part in parts {
        if part.text.lines().any(|line| line.starts_with(&format!("--{BOUNDARY}"))) {
            return wrong("a line of the user data begins as the line between its parts does", "change that line");
        }
        if !part.text.is_ascii() {
            return wrong("a part of the user data has other characters than ASCII", "cloud-init would lose the part");
        }
    }
    let body: String = parts
        .iter()
        .map(|part| format!("--{BOUNDARY}\nContent-Type: {}\n\n{}", part.content_type, part.text))
        .collect();
    Ok(format!("MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\n\n{body}--{BOUNDARY}--\n"))
}
