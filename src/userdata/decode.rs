//! Live user data in the clear, part by part, as cloud-init takes it apart.

use std::fmt::Write as _;
use std::io::Read as _;

/// What unpacks to more bytes than this was not made for EC2, which takes 16,384.
const UNPACKED_LIMIT: u64 = 1024 * 1024;

/// A part of user data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// Its content type; for a document of one part what its first line tells.
    pub content_type: String,
    /// Its text.
    pub text: String,
}

/// The parts of user data.
#[must_use]
pub fn parts(data: &[u8]) -> Vec<Live> {
    let data = unpacked(data);
    let mail = mailparse::parse_mail(&data).ok().filter(|mail| mail.ctype.mimetype.starts_with("multipart/"));
    match mail {
        Some(mail) => leaves(&mail),
        None if data.is_empty() => Vec::new(),
        None => {
            let text = String::from_utf8_lossy(&data).into_owned();
            vec![Live { content_type: kind(&text).to_owned(), text }]
        }
    }
}

/// Terraform's `cloudinit_config` packs what it makes, and cloud-init unpacks it.
fn unpacked(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let packed = data.starts_with(&[0x1f, 0x8b]);
    match flate2::read::GzDecoder::new(data).take(UNPACKED_LIMIT).read_to_end(&mut out) {
        Ok(_) if packed => out,
        _ => data.to_vec(),
    }
}

fn leaves(mail: &mailparse::ParsedMail<'_>) -> Vec<Live> {
    match mail.subparts.as_slice() {
        [] => {
            let bytes = unpacked(&mail.get_body_raw().unwrap_or_default());
            let text = String::from_utf8_lossy(&bytes).into_owned();
            vec![Live { content_type: mail.ctype.mimetype.clone(), text }]
        }
        parts => parts.iter().flat_map(leaves).collect(),
    }
}

/// What cloud-init takes a document for whose headers do not say it.
fn kind(text: &str) -> &'static str {
    let known = [
        ("#!", "text/x-shellscript"),
        ("#cloud-config", "text/cloud-config"),
        ("#include", "text/x-include-url"),
        ("#cloud-boothook", "text/cloud-boothook"),
        ("apiVersion: node.eks.aws", "application/node.eks.aws"),
        ("[settings", "Bottlerocket's settings"),
    ];
    known.iter().find(|(start, _)| text.starts_with(start)).map_or("unknown to cloud-init", |(_, kind)| kind)
}

/// The parts one after the other, each under a line that says what it is. Control characters are shown as `?`: what was
/// written into an account must not drive a terminal.
#[must_use]
pub fn shown(title: &str, data: &[u8]) -> String {
    let parts = parts(data);
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        let _ = writeln!(out, "# {title}, part {} of {}: {}", at + 1, parts.len(), printable(&part.content_type));
        out += &printable(&part.text);
        if !out.ends_with('\n') {
            out.push('\n');
        }
    }
    match parts.is_empty() {
        true => format!("# {title}: no user data\n"),
        false => out,
    }
}

fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use std::io::Write as _;

    #[test]
    fn what_s3boot_makes_comes_apart_as_it_was() {
        let script = "#!/bin/bash\necho one\n".to_owned();
        let node = "apiVersion: node.eks.aws/v1alpha1\n".to_owned();
        let made =
            [super::super::mime::Part::node_config(node.clone()), super::super::mime::Part::script(script.clone())];
        let document = super::super::mime::document(&made).expect("a document");
        // The line break before the line between parts belongs to that, also for cloud-init.
        let live: Vec<_> = parts(document.as_bytes()).into_iter().map(|part| (part.content_type, part.text)).collect();
        let expected = [("application/node.eks.aws", node), ("text/x-shellscript", script)];
        let expected = expected.map(|(kind, text)| (kind, text.trim_end().to_owned()));
        assert_eq!(live, expected.map(|(kind, text)| (kind.to_owned(), text)));
    }

    #[test]
    fn packed_and_encoded_parts_are_shown_in_the_clear() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        let encoded = base64::engine::general_purpose::STANDARD.encode("#cloud-config\n");
        let document = format!(
            "Content-Type: multipart/mixed; boundary=\"b\"\nMIME-Version: 1.0\n\n--b\nContent-Type: text/cloud-config\nContent-Transfer-Encoding: base64\n\n{encoded}\n--b--\n"
        );
        packer.write_all(document.as_bytes()).expect("memory");
        let shown = shown("t", &packer.finish().expect("memory"));
        assert_eq!(shown, "# t, part 1 of 1: text/cloud-config\n#cloud-config\n");
    }

    #[test]
    fn nothing_drives_the_terminal_and_nothing_panics() {
        assert_eq!(
            shown("t", b"#!/bin/sh\necho \x1b[31m\n"),
            "# t, part 1 of 1: text/x-shellscript\n#!/bin/sh\necho ?[31m\n"
        );
        assert_eq!(shown("t", b""), "# t: no user data\n");
        assert_eq!(parts(&[0x1f, 0x8b, 1, 2])[0].content_type, "unknown to cloud-init");
        assert_eq!(parts(&[0xff, 0xfe])[0].content_type, "unknown to cloud-init");
    }
}
