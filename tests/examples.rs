//! Every example, rendered in full, as `snapshots/<example>/<file>`; reviewed, never edited.

mod common;

use common::{examples, files, names, rendered_examples, root, s3boot};
use std::collections::BTreeSet;

/// Text snapshots forgive line ends and trailing line breaks; what a node or a cluster reads is compared byte for byte.
#[test]
fn each_example_renders_as_reviewed() {
    for (example, directory) in rendered_examples() {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(format!("../snapshots/{example}"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for (path, content) in files(directory.path()).into_iter().filter(|(path, _)| path != ".s3boot-files") {
            settings.bind(|| insta::assert_binary_snapshot!(&snapshot_name(&path), content.clone()));
        }
    }
}

/// insta takes what is before the first dot for the name, so there is only the one before the extension.
fn snapshot_name(path: &str) -> String {
    let (stem, extension) = path.rsplit_once('.').expect("every file has an extension");
    format!("{}.{extension}", stem.replace(['/', '.'], "-"))
}

#[test]
fn no_snapshot_is_an_orphan() {
    let mut expected: BTreeSet<String> = BTreeSet::new();
    for (example, directory) in rendered_examples() {
        for (path, _) in files(directory.path()).into_iter().filter(|(path, _)| path != ".s3boot-files") {
            let name = snapshot_name(&path);
            let (stem, extension) = name.rsplit_once('.').expect("every file has an extension");
            expected.insert(format!("{example}/{stem}.snap"));
            expected.insert(format!("{example}/{stem}.snap.{extension}"));
        }
    }
    let snapshots = root().join("snapshots");
    let found: BTreeSet<String> = names(&snapshots)
        .into_iter()
        .filter(|name| !["errors", "graph", "land", "preflight"].contains(&name.as_str()))
        .flat_map(|name| files(&snapshots.join(&name)).into_iter().map(move |(file, _)| format!("{name}/{file}")))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn rendering_twice_gives_the_same_bytes() {
    for ((_, first), (example, second)) in rendered_examples().into_iter().zip(rendered_examples()) {
        assert_eq!(files(first.path()), files(second.path()), "{example}");
    }
}

/// Time zone, language, terminal and user change nothing.
#[test]
fn the_environment_changes_no_byte() {
    let example = root().join("examples/spark-jars");
    let plain = s3boot(&example, &["render"]).success().stdout;
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_s3boot"))
        .current_dir(&example)
        .arg("render")
        .env_clear()
        .envs([
            ("TZ", "Asia/Tokyo"),
            ("LANG", "tr_TR.UTF-8"),
            ("HOME", "/nowhere"),
            ("AWS_REGION", "eu-west-1"),
            ("CLICOLOR_FORCE", "1"),
        ])
        .output()
        .expect("s3boot runs");
    assert_eq!(output.stdout, plain);
}

#[test]
fn each_example_names_the_schema() {
    for example in examples() {
        let text =
            std::fs::read_to_string(root().join("examples").join(&example).join("s3boot.yaml")).expect("readable");
        assert!(text.starts_with("# yaml-language-server: $schema=../../docs/s3boot.schema.json\n"), "{example}");
    }
}

/// The manifest of the README and of the design: what it shows stays valid, and without a warning.
#[test]
fn examples_have_no_findings() {
    for example in examples() {
        let run = s3boot(&root().join("examples").join(&example), &["render"]).success();
        assert_eq!(run.stderr, "", "{example}");
    }
}

#[test]
fn every_default_can_be_seen() {
    let run = s3boot(&root().join("examples/minimal"), &["render", "--target", "plan"]).success();
    for default in [
        "deliver: karpenter",
        "- amd64",
        "on-failure: refuse",
        "capacity:",
        "from: distribution",
        "mode: read-only",
        "path: /mnt/s3/sales",
        "expire-after: 720h",
    ] {
        assert!(run.text().contains(default), "{default} is not in\n{}", run.text());
    }
}
