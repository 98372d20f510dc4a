//! What Karpenter makes of user data (provider v1.14.1, `pkg/providers/amifamily/bootstrap/nodeadm.go` and `mime/mime.go`),
//! transcribed from its behaviour and held against what it did with 31 inputs; then what it makes of ours.

mod common;

use common::{files, rendered_examples, shared};
use serde::Deserialize as _;
use std::fmt::Write as _;
use std::fs;

const SHELL: &str = "text/x-shellscript; charset=\"us-ascii\"";
const NODE_CONFIG: &str = "application/node.eks.aws";

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    content_type: String,
    body: String,
}

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Kind {
    Mime,
    NodeConfig,
    Shell,
}

fn kind(text: &str) -> Kind {
    let trimmed = text.trim();
    if trimmed.starts_with("MIME-Version:") || trimmed.starts_with("Content-Type:") {
        return Kind::Mime;
    }
    let first = serde_yaml::Deserializer::from_str(text).next().map(serde_yaml::Value::deserialize);
    match first {
        None | Some(Ok(serde_yaml::Value::Null | serde_yaml::Value::Mapping(_))) => Kind::NodeConfig,
        _ => Kind::Shell,
    }
}

fn parts(text: &str) -> Result<Vec<Part>, String> {
    let one = |content_type: &str| Ok(vec![Part { content_type: content_type.to_owned(), body: text.to_owned() }]);
    match kind(text) {
        Kind::Shell => one(SHELL),
        Kind::NodeConfig => one(NODE_CONFIG),
        Kind::Mime => archive(text),
    }
}

/// Headers end at the first blank line; the first line must not be indented.
fn archive(text: &str) -> Result<Vec<Part>, String> {
    let text = text.replace("\r\n", "\n");
    let missing = || "archive doesn't have Content-Type header, mime: no media type".to_owned();
    let (head, body) = match text.split_once("\n\n") {
        _ if text.starts_with('\n') => return Err(missing()),
        Some(split) => split,
        None => (text.as_str(), ""),
    };
    if let Some(line) = head.lines().next().filter(|line| line.starts_with(' ')) {
        return Err(format!("malformed initial line: {line}"));
    }
    let header = head.lines().find_map(|line| line.strip_prefix("Content-Type:")).map(str::trim).ok_or_else(missing)?;
    if !header.starts_with("multipart/") {
        return Err("archive is not in multipart format, %!w(<nil>)".to_owned());
    }
    let boundary = header.split_once("boundary=").map(|(_, name)| name.trim_matches('"')).unwrap_or_default();
    if boundary.is_empty() {
        return Err("parsing content, multipart: boundary is empty".to_owned());
    }
    multipart(body, boundary)
}

fn multipart(body: &str, boundary: &str) -> Result<Vec<Part>, String> {
    let (next, last) = (format!("--{boundary}"), format!("--{boundary}--"));
    let mut sections: Vec<Vec<&str>> = Vec::new();
    let mut ended = false;
    for line in body.split('\n') {
        match line.trim_end() {
            border if border == last => {
                ended = true;
                break;
            }
            border if border == next => sections.push(Vec::new()),
            _ => sections.last_mut().into_iter().for_each(|section| section.push(line)),
        }
    }
    let mut parts = Vec::new();
    let count = sections.len();
    for (at, section) in sections.into_iter().enumerate() {
        let text = section.join("\n");
        // A last border without its dashes opens a part that has nothing in it, which Go takes for the end.
        if at + 1 == count && !ended && text.trim().is_empty() {
            break;
        }
        let (head, body) = match text.strip_prefix('\n') {
            Some(body) => ("", body),
            None => text.split_once("\n\n").unwrap_or((text.as_str(), "")),
        };
        if at + 1 == count && !ended {
            return Err(format!("parsing content, {}, unexpected EOF", body.trim_end_matches('\n')));
        }
        let value = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map_or("", str::trim);
        let body = match value("Content-Transfer-Encoding:") {
            "quoted-printable" => body.replace("=3D", "="),
            _ => body.to_owned(),
        };
        parts.push(Part { content_type: value("Content-Type:").to_owned(), body });
    }
    Ok(parts)
}

/// The merged document, as cloud-init and nodeadm get it: Karpenter's part last, only content types kept, no `\r`.
fn merged(mut parts: Vec<Part>) -> Vec<Part> {
    let own = "# Karpenter Generated NodeConfig\napiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  cluster:\n    x: y\n";
    parts.push(Part { content_type: NODE_CONFIG.to_owned(), body: own.to_owned() });
    let mut text = String::new();
    for part in parts {
        let _ = write!(text, "--//\nContent-Type: {}\n\n{}\n", part.content_type, part.body);
    }
    multipart(&(text.replace('\r', "") + "--//--\n"), "//").expect("Karpenter's own document")
}

fn shown(part: &Part) -> (String, usize, String) {
    (part.content_type.clone(), part.body.len(), part.body.chars().take(60).collect())
}

#[test]
fn it_agrees_with_what_karpenter_did() {
    let (Some(inputs), Some(expected)) =
        (shared("vectors/karpenter-userdata"), shared("vectors/karpenter-userdata.expected.txt"))
    else {
        return;
    };
    let expected = fs::read_to_string(expected).expect("readable");
    let blocks: Vec<_> = expected.split("== ").skip(1).collect();
    assert_eq!(blocks.len(), common::names(&inputs).len());
    for block in blocks {
        let name = block.split(' ').next().expect("a name");
        let text = fs::read_to_string(inputs.join(name)).expect("readable");
        let detected = block.lines().next().and_then(|line| line.rsplit_once("detected=")).expect("a kind").1;
        let ours = match kind(&text) {
            Kind::Mime => "mime",
            Kind::NodeConfig => "nodeconfig",
            Kind::Shell => "shell",
        };
        assert_eq!(ours, detected, "{name}");
        let verdict = parts(&text);
        if let Some((_, error)) = block.split_once("KARPENTER ERROR: parsing custom UserData, ") {
            assert_eq!(verdict.expect_err(name), error.trim_end(), "{name}");
            continue;
        }
        let verdict = verdict.unwrap_or_else(|error| panic!("{name}: {error}"));
        let lines = |side: &str| -> Vec<(String, usize, String)> {
            block
                .lines()
                .filter(|line| {
                    line.starts_with(&format!("   {side}  part ")) || line.starts_with(&format!("   {side} part "))
                })
                .map(part_line)
                .collect()
        };
        assert_eq!(verdict.iter().map(shown).collect::<Vec<_>>(), lines("in"), "{name}: in");
        let mut out: Vec<_> = merged(verdict).iter().map(shown).collect();
        let mut theirs = lines("out");
        // Karpenter's own part is another here.
        assert_eq!(out.pop().map(|part| part.0), theirs.pop().map(|part| part.0), "{name}: last");
        assert_eq!(out, theirs, "{name}: out");
    }
}

/// `   in  part 0 ct="…" len=19 body="…"`, with Go's quoting.
fn part_line(line: &str) -> (String, usize, String) {
    let rest = line.split_once(" ct=").expect("a content type").1;
    let (content_type, rest) = rest.split_once(" len=").expect("a length");
    let (length, body) = rest.split_once(" body=").expect("a body");
    let text = |quoted: &str| serde_json::from_str::<String>(quoted).expect("a quoted text");
    (text(content_type), length.parse().expect("a number"), text(body))
}

#[test]
fn it_takes_our_script_for_a_script_and_changes_no_byte_of_it() {
    for (example, directory) in rendered_examples() {
        for (path, content) in files(directory.path()).into_iter().filter(|(path, _)| path.ends_with("userdata.sh")) {
            let script = String::from_utf8(content).expect("UTF-8");
            assert_eq!(kind(&script), Kind::Shell, "{example}/{path}");
            let out = merged(parts(&script).expect("no error"));
            assert_eq!(out[0], Part { content_type: SHELL.to_owned(), body: script }, "{example}/{path}");
            assert_eq!(out.len(), 2, "{example}/{path}");
        }
    }
}
