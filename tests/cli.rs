//! The command line as people and pipelines use it.

mod common;

use common::{examples, names, root, s3boot, s3boot_with_input};
use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

fn spark_jars() -> PathBuf {
    root().join("examples/spark-jars")
}

/// An example rendered into a directory of its own.
fn rendered(example: &str) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let output = directory.path().join("out");
    s3boot(&root().join("examples").join(example), &["render", "-o", output.to_str().expect("UTF-8")]).success();
    (directory, output)
}

#[test]
fn stdout_is_a_stream_that_kubectl_takes() {
    let run = s3boot(&spark_jars(), &["render", "--nodeclass", "spark-jars"]).success();
    assert_eq!(run.stderr, "");
    let kinds: Vec<_> = serde_yaml::Deserializer::from_str(run.text())
        .map(|document| <serde_yaml::Value as serde::Deserialize>::deserialize(document).expect("YAML"))
        .map(|document| document["kind"].as_str().expect("a kind").to_owned())
        .collect();
    assert_eq!(kinds, ["EC2NodeClass", "NodePool"]);
}

#[test]
fn class_is_another_name_of_nodeclass() {
    let one = s3boot(&root().join("examples/two-teams"), &["render", "--nodeclass", "team-fraud"]).success();
    let other = s3boot(&root().join("examples/two-teams"), &["render", "--class", "team-fraud"]).success();
    assert_eq!(one.stdout, other.stdout);
    let both =
        s3boot(&root().join("examples/two-teams"), &["render", "--class", "team-fraud", "--class", "team-growth"])
            .success();
    let all = s3boot(&root().join("examples/two-teams"), &["render", "--all"]).success();
    assert_eq!(both.stdout, all.stdout);
}

#[test]
fn the_manifest_comes_from_stdin() {
    let manifest = fs::read(spark_jars().join("s3boot.yaml")).expect("readable");
    let piped = s3boot_with_input(&root(), &["render", "-f", "-"], &manifest).success();
    assert_eq!(piped.stdout, s3boot(&spark_jars(), &["render"]).success().stdout);
    let wrong = s3boot_with_input(&root(), &["render", "-f", "-"], b"cluster: 1").failure(1);
    assert!(wrong.stderr.contains("--> <stdin>:1:10"), "{}", wrong.stderr);
}

#[test]
fn one_file_goes_to_stdout_as_it_is() {
    let script = s3boot(&spark_jars(), &["render", "--target", "userdata"]).success();
    assert!(script.text().starts_with("#!/bin/bash\n"));
    let policy = s3boot(&spark_jars(), &["render", "--target", "iam"]).success();
    assert!(policy.text().starts_with('{'));
    let many = s3boot(&root().join("examples/two-teams"), &["render", "--target", "userdata"]).failure(2);
    assert!(many.stderr.contains("-o DIR") && many.stdout.is_empty(), "{}", many.stderr);
}

#[test]
fn an_unknown_class_is_named_with_the_nearest() {
    let run = s3boot(&spark_jars(), &["render", "--nodeclass", "spark-jar"]).failure(2);
    assert_eq!(run.stderr, "s3boot: the manifest has no class `spark-jar`: did you mean `spark-jars`?\n");
    let target = s3boot(&spark_jars(), &["render", "--target", "karpenterr"]).failure(2);
    assert!(target.stderr.contains("'karpenter'"), "{}", target.stderr);
}

#[test]
fn what_cannot_be_read_is_trouble() {
    let empty = tempfile::tempdir().expect("a directory");
    let none = s3boot(empty.path(), &["render"]).failure(2);
    assert_eq!(none.stderr, "s3boot: there is no manifest s3boot.yaml; name it with -f FILE\n");
    s3boot(empty.path(), &["render", "-f", "."]).failure(2);
    let binary = s3boot_with_input(empty.path(), &["render", "-f", "-"], b"a: \xff").failure(2);
    assert_eq!(binary.stderr, "s3boot: <stdin>:1: not UTF-8 (byte 3): save the file as UTF-8\n");
    let large = s3boot_with_input(empty.path(), &["render", "-f", "-"], &vec![b'a'; 5 << 20]).failure(2);
    assert!(large.stderr.contains("larger than 4 MiB"), "{}", large.stderr);
    s3boot(
        empty.path(),
        &["render", "--templates", "nowhere", "-f", spark_jars().join("s3boot.yaml").to_str().expect("UTF-8")],
    )
    .failure(2);
}

#[test]
fn nothing_is_written_where_there_is_a_fault() {
    let directory = tempfile::tempdir().expect("a directory");
    let manifest = root().join("tests/errors/prefix-end.yaml");
    s3boot(directory.path(), &["render", "-f", manifest.to_str().expect("UTF-8"), "-o", "out"]).failure(1);
    assert!(names(directory.path()).is_empty());
}

#[test]
fn writing_twice_writes_nothing() {
    let (_guard, output) = rendered("two-teams");
    let again =
        s3boot(&root().join("examples/two-teams"), &["render", "-o", output.to_str().expect("UTF-8")]).success();
    assert!(again.stderr.starts_with("s3boot: 0 of 27 files written"), "{}", again.stderr);
    let check =
        s3boot(&root().join("examples/two-teams"), &["render", "--check", "-o", output.to_str().expect("UTF-8")])
            .success();
    assert_eq!(check.stderr, "");
    let diff = s3boot(&root().join("examples/two-teams"), &["diff", "-o", output.to_str().expect("UTF-8")]).success();
    assert!(diff.stdout.is_empty());
}

#[test]
fn check_and_diff_find_a_change_and_write_nothing() {
    let (_guard, output) = rendered("spark-jars");
    let policy = output.join("spark-jars/policy.json");
    let changed = fs::read_to_string(&policy).expect("readable").replace("s3:GetObject", "s3:*");
    fs::write(&policy, &changed).expect("written");
    fs::remove_file(output.join("spark-jars/nodepool.yaml")).expect("removed");
    let path = output.to_str().expect("UTF-8");
    let check = s3boot(&spark_jars(), &["render", "--check", "-o", path]).failure(1);
    assert!(
        check.stderr.contains("spark-jars/policy.json differs")
            && check.stderr.contains("spark-jars/nodepool.yaml is missing"),
        "{}",
        check.stderr
    );
    let diff = s3boot(&spark_jars(), &["diff", "-o", path]).failure(1);
    assert!(diff.text().contains("--- a/spark-jars/policy.json\n+++ b/spark-jars/policy.json\n"), "{}", diff.text());
    assert!(diff.text().contains("-        \"s3:*\"\n+        \"s3:GetObject\"\n"), "{}", diff.text());
    assert!(diff.text().contains("--- /dev/null\n+++ b/spark-jars/nodepool.yaml\n"), "{}", diff.text());
    assert_eq!(fs::read_to_string(&policy).expect("readable"), changed);
    // What s3boot wrote it may write again.
    s3boot(&spark_jars(), &["render", "-o", path]).success();
    s3boot(&spark_jars(), &["render", "--check", "-o", path]).success();
}

#[test]
fn a_file_of_someone_else_is_kept() {
    let directory = tempfile::tempdir().expect("a directory");
    let output = directory.path().join("out");
    fs::create_dir(&output).expect("a directory");
    fs::write(output.join("s3boot.versions.tf"), "# mine\n").expect("written");
    let path = output.to_str().expect("UTF-8");
    let refused = s3boot(&spark_jars(), &["render", "-o", path]).failure(2);
    assert!(refused.stderr.contains("s3boot.versions.tf") && refused.stderr.contains("--force"), "{}", refused.stderr);
    assert_eq!(names(&output), ["s3boot.versions.tf"], "nothing is written when one file cannot be");
    assert_eq!(fs::read_to_string(output.join("s3boot.versions.tf")).expect("readable"), "# mine\n");
    s3boot(&spark_jars(), &["render", "-o", path, "--force"]).success();
    assert_ne!(fs::read_to_string(output.join("s3boot.versions.tf")).expect("readable"), "# mine\n");
}

#[test]
fn what_is_no_longer_rendered_is_stale() {
    let (_guard, output) = rendered("two-teams");
    let path = output.to_str().expect("UTF-8");
    let text = fs::read_to_string(root().join("examples/two-teams/s3boot.yaml")).expect("readable");
    let fewer = text.split("  - name: team-growth").next().expect("a part").to_owned();
    let run = s3boot_with_input(&root(), &["render", "-f", "-", "-o", path], fewer.as_bytes()).success();
    assert_eq!(run.stderr.matches("is stale").count(), 13, "{}", run.stderr);
    assert!(output.join("team-growth/nodepool.yaml").exists(), "s3boot deletes nothing");
    s3boot_with_input(&root(), &["render", "-f", "-", "-o", path, "--check"], fewer.as_bytes()).failure(1);
    let diff = s3boot_with_input(&root(), &["diff", "-f", "-", "-o", path], fewer.as_bytes()).failure(1);
    assert!(diff.text().contains("+++ /dev/null"), "{}", diff.text());
    // One class, or one target, says nothing of the others.
    let one = s3boot(&root().join("examples/two-teams"), &["render", "--class", "team-fraud", "-o", path]).success();
    assert!(!one.stderr.contains("stale"), "{}", one.stderr);
    let part = s3boot(&root().join("examples/two-teams"), &["render", "--target", "iam", "-o", path]).success();
    assert!(!part.stderr.contains("stale"), "{}", part.stderr);
}

/// A class rendered alone is byte for byte what it is among others.
#[test]
fn a_class_alone_is_as_among_others() {
    let (_guard, output) = rendered("two-teams");
    let alone = tempfile::tempdir().expect("a directory");
    s3boot(
        &root().join("examples/two-teams"),
        &["render", "--class", "team-growth", "-o", alone.path().to_str().expect("UTF-8")],
    )
    .success();
    for (path, content) in common::files(alone.path()).into_iter().filter(|(path, _)| path != ".s3boot-files") {
        assert_eq!(fs::read(output.join(&path)).expect("there too"), content, "{path}");
    }
}

/// `s3boot render | head -1`: no panic, no message.
#[test]
fn a_closed_pipe_is_no_trouble() {
    for arguments in [&["render", "--all", "-f", "-"][..], &["explain"][..], &["schema"][..]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_s3boot"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("s3boot starts");
        drop(child.stdout.take());
        if let Some(mut input) = child.stdin.take() {
            let _ = std::io::Write::write_all(&mut input, thousand().as_bytes());
        }
        let mut said = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut said).expect("UTF-8");
        assert_eq!((child.wait().expect("it ends").code(), said.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

fn thousand() -> String {
    let classes: String = (0..1000)
        .map(|number| format!("  - name: class-{number}\n    ami: al2023@v20260724\n    mounts: [{{name: data, bucket: acme-{number}, preset: dataset}}]\n"))
        .collect();
    format!(
        "cluster: {{name: analytics, region: us-west-2, node-role: node, discovery: {{karpenter.sh/discovery: analytics}}}}\nclasses:\n{classes}"
    )
}

#[test]
fn a_thousand_classes_render() {
    let directory = tempfile::tempdir().expect("a directory");
    let output = directory.path().join("out");
    let run = s3boot_with_input(
        &root(),
        &["render", "-f", "-", "-o", output.to_str().expect("UTF-8")],
        thousand().as_bytes(),
    )
    .success();
    assert_eq!(run.stderr, format!("s3boot: 13001 of 13001 files written to {}\n", output.display()));
    let faults = thousand().replace("preset: dataset", "preset: dataset, prefix: x");
    let run = s3boot_with_input(&root(), &["render", "-f", "-"], faults.as_bytes()).failure(1);
    assert!(run.stderr.ends_with("1000 errors; nothing was written. `s3boot explain CODE` tells more.\n"));
}

/// Colours only where they are wanted: the tests run without a terminal.
#[test]
fn colours_follow_the_environment() {
    let run = |variables: &[(&str, &str)]| {
        let output = Command::new(env!("CARGO_BIN_EXE_s3boot"))
            .args(["render", "-f", "tests/errors/prefix-end.yaml"])
            .current_dir(root())
            .env_remove("NO_COLOR")
            .envs(variables.iter().copied())
            .output()
            .expect("s3boot runs");
        output.stderr.contains(&0x1b)
    };
    assert!(!run(&[]));
    assert!(run(&[("CLICOLOR_FORCE", "1")]));
    assert!(!run(&[("NO_COLOR", "1")]));
}

/// A file cannot draw on the terminal by control characters in it.
#[test]
fn a_hostile_file_cannot_drive_the_terminal() {
    let run = s3boot_with_input(&root(), &["render", "-f", "-"], b"cluster: {name: \"\x1b[2J\x07x\"}\n").failure(1);
    assert!(!run.stderr.contains(['\u{1b}', '\u{7}']), "{:?}", run.stderr);
}

#[test]
fn ejected_templates_render_the_same() {
    let directory = tempfile::tempdir().expect("a directory");
    let templates = directory.path().join("templates");
    let path = templates.to_str().expect("UTF-8");
    s3boot(directory.path(), &["eject", path]).success();
    let again = s3boot(directory.path(), &["eject", path]).failure(2);
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    s3boot(directory.path(), &["eject", path, "--force"]).success();
    for example in examples() {
        let manifest = root().join("examples").join(example);
        assert_eq!(
            s3boot(&manifest, &["render", "--templates", path]).success().stdout,
            s3boot(&manifest, &["render"]).success().stdout
        );
    }
    let script = templates.join("node.sh");
    let changed = fs::read_to_string(&script)
        .expect("readable")
        .replace("umask 022\n", "umask 022\necho {{ class.name }} >/etc/motd\n");
    fs::write(&script, changed).expect("written");
    let run = s3boot(&spark_jars(), &["render", "--templates", path]).success();
    assert!(run.text().contains("    echo spark-jars >/etc/motd\n"));
}

#[test]
fn a_patch_is_merged_over_what_is_generated() {
    let text = fs::read_to_string(spark_jars().join("s3boot.yaml")).expect("readable");
    let patch = "    patch:\n      karpenter:\n        EC2NodeClass: {spec: {detailedMonitoring: true, instanceStorePolicy: RAID0, role: null, instanceProfile: mine}}\n        NodePool: {spec: {disruption: {consolidateAfter: 5m}, limits: {cpu: \"100\"}}}\n";
    let run = s3boot_with_input(&root(), &["render", "-f", "-"], (text + patch).as_bytes()).success();
    for expected in [
        "  detailedMonitoring: true\n",
        "  instanceProfile: mine\n",
        "    consolidateAfter: 5m\n",
        "    cpu: \"100\"\n",
        "consolidationPolicy: WhenEmptyOrUnderutilized\n",
    ] {
        assert!(run.text().contains(expected), "{expected} is not in\n{}", run.text());
    }
    assert!(!run.text().contains("\n  role: "));
}

/// Each rule of Karpenter holds after a patch too.
#[test]
fn a_patch_is_checked_by_the_same_rules() {
    let text = fs::read_to_string(spark_jars().join("s3boot.yaml")).expect("readable");
    let cases = [
        ("NodePool: {spec: {template: {metadata: {labels: {karpenter.sh/nodepool: x}}}}}", "restricted-label"),
        ("NodePool: {spec: {template: {metadata: {labels: {s3boot.dev/class: x}}}}}", "patch-pairing"),
        ("NodePool: {spec: {template: {metadata: {labels: {a: \"b c\"}}}}}", "label-value"),
        ("NodePool: {spec: {template: {metadata: null}}}", "patch-pairing"),
        (
            "NodePool: {spec: {template: {spec: {startupTaints: [{key: a, effect: NoSchedule}, {key: a, effect: NoSchedule}]}}}}",
            "duplicate-taint",
        ),
        ("NodePool: {spec: {template: {spec: {startupTaints: [{key: a, effect: Never}]}}}}", "patch-shape"),
        ("NodePool: {spec: {template: {spec: {requirements: [{key: a, operator: In}]}}}}", "requirement-values"),
        (
            "NodePool: {spec: {template: {spec: {requirements: [{key: s3boot.dev/class, operator: Exists}]}}}}",
            "patch-pairing",
        ),
        ("NodePool: {spec: {template: {spec: {nodeClassRef: {name: x}}}}}", "patch-identity"),
        ("EC2NodeClass: {spec: {role: \"arn:aws:iam::111122223333:role/x\"}}", "role-name"),
        ("EC2NodeClass: {spec: {instanceProfile: x}}", "patch-shape"),
        ("EC2NodeClass: {spec: {userData: x}}", "patch-identity"),
        ("NodePool: {spec: {template: {metadata: {labels: {a: true}}}}}", "patch-shape"),
        ("NodePool: {spec: {template: {spec: {requirements: [{key: a, operator: In, values: [4]}]}}}}", "patch-shape"),
        ("NodePool: {spec: {template: {spec: {expireAfter: 30d}}}}", "duration"),
        ("EC2NodeClass: {spec: {tags: {\"aws:x\": a}}}", "tag"),
        (
            "EC2NodeClass: {spec: {subnetSelectorTerms: [{id: subnet-0123456789abcdef0, tags: {a: b}}]}}",
            "selector-exclusive",
        ),
        ("EC2NodeClass: {spec: {securityGroupSelectorTerms: [{id: nodes}]}}", "selector-id"),
        ("EC2NodeClass: {spec: {metadataOptions: {httpEndpoint: disabled}}}", "patch-identity"),
    ];
    for (patch, code) in cases {
        let manifest = format!("{text}    patch:\n      karpenter:\n        {patch}\n");
        let run = s3boot_with_input(&root(), &["render", "-f", "-"], manifest.as_bytes()).failure(1);
        assert!(run.stderr.starts_with(&format!("error[{code}]")), "{patch}: {}", run.stderr);
        assert!(run.stderr.contains("<stdin>:25:9"), "{patch}: {}", run.stderr);
    }
}

/// No name of a class gets in the way of another file.
#[test]
fn a_class_may_be_named_as_a_file_of_ours() {
    for name in ["s3boot", "versions", "plan", "karpenter"] {
        let manifest = fs::read_to_string(root().join("examples/minimal/s3boot.yaml")).expect("readable");
        let manifest = manifest.replace("name: datasets", &format!("name: {name}"));
        let directory = tempfile::tempdir().expect("a directory");
        let output = directory.path().join("out");
        s3boot_with_input(&root(), &["render", "-f", "-", "-o", output.to_str().expect("UTF-8")], manifest.as_bytes())
            .success();
        assert!(output.join("s3boot.versions.tf").exists() && output.join(format!("{name}.tf")).exists());
    }
}

/// The chooser asks the tables for a class or for flags, in text of 80 columns and in JSON.
#[test]
fn which_says_what_fits_and_what_does_not() {
    let fits = |arguments: &[&str]| {
        let run = s3boot(&root(), &[&["which", "--format", "json"], arguments].concat()).success();
        let answer: serde_json::Value = serde_json::from_str(run.text()).expect("JSON");
        let ways = answer["ways"].as_array().expect("ways").iter();
        let fitting = ways.filter(|way| way["ruled_out"].as_array().is_some_and(Vec::is_empty));
        fitting.map(|way| way["deliver"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(fits(&[]), ["karpenter", "node-group", "daemonset", "csi"]);
    assert_eq!(fits(&["--existing-nodes"]), ["daemonset", "csi"]);
    for only_csi in ["--per-pod-iam", "--restricted-pods", "--bottlerocket", "--auto-mode"] {
        assert_eq!(fits(&[only_csi]), ["csi"], "{only_csi}");
    }
    assert_eq!(fits(&["--gpu", "--write"]).len(), 4);
    assert!(fits(&["--rename"]).is_empty());
    let of_class =
        |example: &str, class: &str| fits(&["-f", &format!("examples/{example}/s3boot.yaml"), "--nodeclass", class]);
    assert_eq!(of_class("bottlerocket", "features"), ["csi"]);
    assert_eq!(of_class("static-nodes", "reports"), ["daemonset", "csi"]);
    assert_eq!(of_class("csi", "team-red"), ["csi"]);
    let text = s3boot(&root(), &["which", "--rename"]).success();
    assert!(text.text().contains("No way of mounting fits.") && text.text().contains("S3 Files"));
    assert!(text.text().lines().all(|line| line.chars().count() <= 80) && !text.text().contains('\x1b'));
    let unknown = s3boot(&root(), &["which", "-f", "examples/csi/s3boot.yaml", "--nodeclass", "team-rad"]).failure(2);
    assert!(unknown.stderr.contains("did you mean `team-red`?"), "{}", unknown.stderr);
}
