//! Every code has an input in `tests/errors/` that has it and nothing else, and a drawing of it in `snapshots/errors/`.

mod common;

use common::{names, root, s3boot};
use s3boot::diagnostic::Severity;
use s3boot::diagnostic::code::{CODES, Code};
use std::fs;
use std::path::Path;

fn codes_of(directory: &Path, file: &str) -> Vec<String> {
    let run = s3boot(directory, &["--format", "json", "render", "-f", file]);
    let entries: serde_json::Value =
        serde_json::from_str(&run.stderr).unwrap_or_else(|_| panic!("{file}: {}", run.stderr));
    entries
        .as_array()
        .expect("an array")
        .iter()
        .map(|entry| entry["code"].as_str().expect("a code").to_owned())
        .collect()
}

#[test]
fn each_code_has_an_input_with_it_and_nothing_else() {
    let directory = root().join("tests/errors");
    for code in CODES {
        assert_eq!(codes_of(&directory, &format!("{}.yaml", code.name)), [code.name]);
    }
}

#[test]
fn each_input_has_a_code() {
    let inputs = names(&root().join("tests/errors"));
    let stray: Vec<_> = inputs
        .iter()
        .filter(|name| !CODES.iter().any(|code| **name == format!("{}.yaml", code.name) || *name == code.name))
        .collect();
    assert!(stray.is_empty(), "tests/errors has {stray:?}, and no code is named so");
    assert!(CODES.len() >= 60);
}

#[test]
fn each_input_is_drawn() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/errors");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let directory = root().join("tests/errors");
    for code in CODES {
        let run = s3boot(&directory, &["render", "-f", &format!("{}.yaml", code.name)]);
        let expected = i32::from(code.severity == Severity::Error);
        assert_eq!(run.code, expected, "{}", code.name);
        if code.severity == Severity::Error {
            assert!(run.stdout.is_empty(), "{}: something was rendered", code.name);
        }
        settings.bind(|| insta::assert_snapshot!(code.name, run.stderr));
    }
    let drawn = names(&root().join("snapshots/errors"));
    let orphans: Vec<_> =
        drawn.iter().filter(|name| !CODES.iter().any(|code| **name == format!("{}.snap", code.name))).collect();
    assert!(orphans.is_empty(), "snapshots/errors has {orphans:?}, and no test makes them");
}

/// The example of `s3boot explain` is wrong, and its mended form right: in the input, one in the place of the other.
#[test]
fn each_example_is_wrong_and_its_mended_form_right() {
    for code in CODES.iter().filter(|code| !code.wrong.is_empty()) {
        let scratch = tempfile::tempdir().expect("a directory");
        let manifest = format!("{}.yaml", code.name);
        copy(&root().join("tests/errors").join(&manifest), &scratch.path().join(&manifest));
        let templates = root().join("tests/errors").join(code.name);
        if templates.is_dir() {
            fs::create_dir(scratch.path().join(code.name)).expect("a directory");
            for name in names(&templates) {
                copy(&templates.join(&name), &scratch.path().join(code.name).join(&name));
            }
        }
        mend(scratch.path(), code);
        let run = s3boot(scratch.path(), &["render", "-f", &manifest]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}: the mended form is wrong too", code.name);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
}

fn mend(directory: &Path, code: &Code) {
    let mended = common::files(directory).into_iter().filter(|(name, content)| {
        let text = std::str::from_utf8(content).expect("UTF-8");
        let found = text.contains(code.wrong);
        if found {
            fs::write(directory.join(name), text.replacen(code.wrong, code.right, 1)).expect("written");
        }
        found
    });
    assert_eq!(mended.count(), 1, "{}: its `wrong` is not in its input", code.name);
}

#[test]
fn explain_tells_of_each_code() {
    for code in s3boot::diagnostic::code::all() {
        let run = s3boot(&root(), &["explain", code.name]).success();
        assert!(run.text().starts_with(&format!("{}\n\n{}\n", code.name, code.why)));
    }
    let near = s3boot(&root(), &["explain", "prefix-endd"]).failure(2);
    assert!(near.stderr.contains("did you mean `prefix-end`?"), "{}", near.stderr);
    assert_eq!(s3boot(&root(), &["explain"]).success().text().lines().count(), s3boot::diagnostic::code::all().count());
}

/// Several faults are shown together, in the order of their lines.
#[test]
fn faults_are_shown_together_in_line_order() {
    let manifest = b"cluster: {name: a b, region: nowhere, node-role: r, discovery: {a: b}}\nclasses:\n  - name: A\n    ami: al2032@latest\n    mounts:\n      - {name: j, bucket: X, prefix: /a}\n";
    let run = common::s3boot_with_input(&root(), &["render", "-f", "-", "--format", "json"], manifest).failure(1);
    let entries: serde_json::Value = serde_json::from_str(&run.stderr).expect("JSON");
    let seen: Vec<_> = entries
        .as_array()
        .expect("an array")
        .iter()
        .map(|entry| (entry["line"].as_u64(), entry["code"].as_str()))
        .collect();
    let mut sorted = seen.clone();
    sorted.sort_by_key(|(line, _)| *line);
    assert_eq!(seen, sorted);
    let codes: Vec<_> = seen.into_iter().filter_map(|(_, code)| code).collect();
    assert_eq!(
        codes,
        ["cluster-name", "region", "class-name", "ami-unpinned", "unknown-family", "bucket-name", "prefix-start"]
    );
}

#[test]
fn github_gets_annotations() {
    let run =
        s3boot(&root().join("tests/errors"), &["--format", "github", "render", "-f", "prefix-end.yaml"]).failure(1);
    assert_eq!(
        run.stderr,
        "::error file=prefix-end.yaml,line=16,endLine=16,col=17,endColumn=33,title=prefix-end::a prefix ends in `/`%0Awrite `releases/2026-11/`\n"
    );
}

/// Faults that share a code with others, each in a manifest that is fine but for it.
#[test]
fn further_faults_are_found() {
    const MANIFEST: &str = "cluster: {name: a, region: us-west-2, node-role: r, discovery: {a: b}}\nclasses:\n  - name: c\n    ami: al2023@v20260724\n    mounts: [{name: m, bucket: acme}]\n";
    let cases = [
        ("discovery: {a: b}", "discovery: {a: b}, subnets: []", "selector-missing"),
        ("discovery: {a: b}", "discovery: {}", "selector-tag"),
        ("discovery: {a: b}", "discovery: {a: b}, subnets: [{tags: {}}]", "selector-tag"),
        ("discovery: {a: b}", "discovery: {a: b}, security-groups: [{}]", "selector-exclusive"),
        ("ami: al2023@v20260724", "ami: {family: al2023, tags: {a: \"\"}}", "ami-terms"),
        ("ami: al2023@v20260724", "ami: {family: al2023, tags: {}}", "ami-terms"),
        ("bucket: acme", "bucket: my-point--usw2-az1--xa-s3", "bucket-reserved"),
        (
            "bucket: acme",
            "bucket: \"arn:aws:s3-outposts:us-west-2:111122223333:outpost/op-1/accesspoint/a\"",
            "bucket-arn",
        ),
        ("bucket: acme", "bucket: acme, mode: read-only, options: {sse: AES256}", "write-option-read-only"),
        ("bucket: acme", "bucket: acme, path: /mnt/k8s-disks/0/x", "mount-path-system"),
    ];
    assert_eq!(common::s3boot_with_input(&root(), &["render", "-f", "-"], MANIFEST.as_bytes()).success().stderr, "");
    for (right, wrong, code) in cases {
        let manifest = MANIFEST.replacen(right, wrong, 1);
        let run = common::s3boot_with_input(&root(), &["render", "-f", "-"], manifest.as_bytes()).failure(1);
        assert!(run.stderr.starts_with(&format!("error[{code}]")), "{wrong}: {}", run.stderr);
    }
}

/// A wrong template is wrong for every class, and said once.
#[test]
fn a_template_is_faulted_once() {
    let templates = root().join("tests/errors/template-undefined");
    let arguments = ["render", "--templates", templates.to_str().expect("UTF-8")];
    let run = s3boot(&root().join("examples/two-teams"), &arguments).failure(1);
    assert!(
        run.stderr.ends_with("1 error; nothing was written. `s3boot explain CODE` tells more.\n"),
        "{}",
        run.stderr
    );
}
