//! Hostile texts come out of every language as the data they went in as, or are refused. bash and Terraform judge.

mod common;

use common::judge;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use s3boot::source::Source;
use s3boot::target::Wanted;
use s3boot::template::{Templates, quote};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Stdio;

/// Texts that mean something somewhere, in all orders, and any others.
fn hostile(count: usize) -> Vec<String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "'",
            "\"",
            "`",
            "$(touch pwned)",
            "${HOME}",
            "$HOME",
            "${",
            "$${",
            "%{",
            "%%{",
            "%i",
            "\n",
            "\nX\n",
            "\r\n",
            "\t",
            "\\",
            "\\n",
            "é",
            "漢字",
            "\u{202e}",
            "\u{feff}",
            "{{",
            "}}",
            "{%",
            "{#",
            "--//",
            "X",
            ";",
            "&&",
            "|",
            " ",
            "*",
            "~",
            "!",
            "#",
            "=",
            "-",
            "--cache=/",
            "\u{7f}",
            "\u{1b}[31m",
            "<<'X'",
            "EOF",
            ")",
            "on",
            "0x1F",
            "1e3",
            "null",
            "/",
            "..",
        ])
        .prop_map(str::to_owned),
        "[a-z/]{0,8}",
        any::<String>().prop_map(|text| text.replace('\0', "")),
    ];
    let text = prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat());
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    (0..count).map(|_| text.new_tree(&mut runner).expect("a text").current()).collect()
}

fn bash(script: &str) -> Option<Vec<u8>> {
    let mut child = judge("bash")?
        .args(["--norc", "-s"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("bash starts");
    let mut input = child.stdin.take().expect("piped");
    let script = script.to_owned();
    let writer = std::thread::spawn(move || input.write_all(script.as_bytes()));
    let output = child.wait_with_output().expect("bash ends");
    writer.join().expect("joined").expect("bash reads");
    assert!(output.status.success());
    Some(output.stdout)
}

fn words(output: &[u8]) -> Vec<String> {
    let text = String::from_utf8(output.to_vec()).expect("UTF-8");
    let mut words: Vec<_> = text.split('\0').map(str::to_owned).collect();
    assert_eq!(words.pop().as_deref(), Some(""), "the last word ends with NUL too");
    words
}

#[test]
fn bash_reads_back_each_word() {
    let texts = hostile(5_000);
    let script: String = texts.iter().map(|text| format!("printf '%s\\0' {}\n", quote::shell(text))).collect();
    assert!(script.is_ascii());
    let Some(output) = bash(&script) else { return };
    assert_eq!(words(&output), texts);
}

#[test]
fn terraform_reads_back_each_string() {
    use base64::Engine as _;
    let Some(mut terraform) = judge("terraform") else { return };
    // Terraform normalizes texts to NFC, which is the same text for everything but a byte comparison: leave those out.
    let texts: Vec<_> = hostile(3_000)
        .into_iter()
        .filter(|text| text.chars().all(|c| u32::from(c) < 0x300 || c == '漢' || c == '字'))
        .collect();
    assert!(texts.len() > 1_000);
    let directory = tempfile::tempdir().expect("a directory");
    let list = texts.iter().map(|text| quote::hcl(text)).collect::<Vec<_>>().join(", ");
    assert_eq!(list.lines().count(), 1, "a quoted string has no line break");
    let main = format!("output \"back\" {{\n  value = base64encode(jsonencode([{list}]))\n}}\n");
    std::fs::write(directory.path().join("main.tf"), main).expect("written");
    terraform
        .args(["plan", "-no-color", "-input=false"])
        .current_dir(directory.path())
        .env("TF_CLI_CONFIG_FILE", "/dev/null");
    let said = common::verdict(&mut terraform);
    let encoded = said.split("+ back = \"").nth(1).and_then(|rest| rest.split('"').next()).expect("an output");
    let decoded = base64::engine::general_purpose::STANDARD.decode(encoded).expect("base64");
    let back: Vec<String> = serde_json::from_slice(&decoded).expect("JSON");
    assert_eq!(back, texts);
}

/// A manifest whose free-text fields are all there; each is set in turn.
fn manifest() -> Value {
    json!({
        "cluster": {
            "name": "analytics", "region": "us-west-2", "node-role": "node", "instance-profile": "node", "account": "111122223333",
            "subnets": [{"tags": {"Name": "private"}}], "security-groups": [{"name": "nodes"}],
        },
        "install": {"from": "mirror", "mirror": "s3://mirror/path/"},
        "pairing": {"key": "s3boot.dev/class"},
        "classes": [{
            "name": "jars",
            "ami": {"family": "al2023", "name": "node-*", "owner": "self"},
            "mounts": [{
                "name": "jars", "path": "/mnt/s3/jars", "bucket": "acme-jars", "prefix": "a/", "region": "us-west-2",
                "kms-key": "arn:aws:kms:us-west-2:111122223333:key/1",
                "options": {"user-agent-prefix": "x", "profile": "x", "ca-bundle": "/x", "endpoint-url": "https://x", "log-directory": "/x"},
            }],
            "nodes": {"tags": {"team": "data"}, "labels": {"team": "data"}, "taints": [{"key": "a", "value": "b", "effect": "NoSchedule"}],
                "requirements": [{"key": "a", "operator": "In", "values": ["b"]}], "zones": ["us-west-2a"], "expire-after": "720h", "limits": {"cpu": "1"}},
            "pods": {"namespaces": ["a"], "jars": ["a.jar"]},
            "patch": {"karpenter": {"NodePool": {"metadata": {"annotations": {"note": "x"}}}}},
        }],
    })
}

const FIELDS: &[&str] = &[
    "/cluster/name",
    "/cluster/region",
    "/cluster/node-role",
    "/cluster/account",
    "/cluster/instance-profile",
    "/classes/0/mounts/0/region",
    "/classes/0/mounts/0/kms-key",
    "/classes/0/nodes/taints/0/key",
    "/classes/0/nodes/taints/0/value",
    "/classes/0/nodes/requirements/0/key",
    "/classes/0/nodes/requirements/0/values/0",
    "/classes/0/nodes/zones/0",
    "/cluster/subnets/0/tags/Name",
    "/cluster/security-groups/0/name",
    "/install/mirror",
    "/pairing/key",
    "/classes/0/name",
    "/classes/0/ami/name",
    "/classes/0/ami/owner",
    "/classes/0/mounts/0/name",
    "/classes/0/mounts/0/path",
    "/classes/0/mounts/0/bucket",
    "/classes/0/mounts/0/prefix",
    "/classes/0/mounts/0/options/user-agent-prefix",
    "/classes/0/mounts/0/options/profile",
    "/classes/0/mounts/0/options/ca-bundle",
    "/classes/0/mounts/0/options/endpoint-url",
    "/classes/0/mounts/0/options/log-directory",
    "/classes/0/nodes/tags/team",
    "/classes/0/nodes/labels/team",
    "/classes/0/nodes/expire-after",
    "/classes/0/nodes/limits/cpu",
    "/classes/0/pods/namespaces/0",
    "/classes/0/pods/jars/0",
    "/classes/0/patch/karpenter/NodePool/metadata/annotations/note",
];

/// What the node program has for the mount: the words of its command line and its directory, printed by itself.
fn printer(script: &str) -> String {
    let program = script
        .split("cat >/etc/s3boot/new <<'X'\n")
        .nth(1)
        .and_then(|rest| rest.split("\nX\n").next())
        .expect("a program");
    let functions = program.split("\n[[ $0").next().expect("functions");
    let common = program
        .split("mount-s3 --allow-other ")
        .nth(1)
        .and_then(|rest| rest.split("\"${ARGS[@]}\"").next())
        .expect("options");
    format!("{functions}\nload $NAMES\nprintf '%s\\0' \"$DIR\" {common} \"${{ARGS[@]}}\"\n")
}

#[test]
fn each_field_comes_out_as_data_or_is_refused() {
    let templates = Templates::built_in();
    let (mut accepted, mut refused) = (0, 0);
    let mut script = String::new();
    let mut expected = Vec::new();
    for (at, text) in hostile(2_000).into_iter().enumerate() {
        let field = FIELDS[at % FIELDS.len()];
        let mut manifest = manifest();
        *manifest.pointer_mut(field).expect("the field is there") = Value::String(text.clone());
        let source = Source::new("hostile.yaml", &manifest.to_string());
        let Ok(loaded) = s3boot::load(&source) else {
            refused += 1;
            continue;
        };
        let classes: Vec<_> = loaded.plan.classes.iter().collect();
        // Rendering reads back each YAML document, and a wrong quoting there is an error.
        let Ok(tree) = s3boot::render(&loaded, &classes, Wanted::Tree, &templates, || ()) else {
            refused += 1;
            continue;
        };
        accepted += 1;
        for (path, content) in
            tree.files().filter(|(path, _)| path.ends_with("nodeclass.yaml") || path.ends_with("nodepool.yaml"))
        {
            let document: Value =
                serde_yaml::from_slice(content).unwrap_or_else(|error| panic!("{field} {text:?} {path}: {error}"));
            if let (Some(note), true) = (document.pointer("/metadata/annotations/note"), field.ends_with("/note")) {
                assert_eq!(note, &Value::String(text.clone()));
            }
            if let (Some(team), true) = (document.pointer("/spec/tags/team"), field.ends_with("tags/team")) {
                assert_eq!(team, &Value::String(text.clone()));
            }
        }
        let node = tree
            .files()
            .find(|(path, _)| path.ends_with("userdata.sh"))
            .map(|(_, content)| String::from_utf8(content.to_vec()).expect("UTF-8"));
        let mount = &loaded.plan.classes[0].mounts[0];
        script.extend(["(\n", &printer(&node.expect("a script")), "\n)\n"]);
        let mut words = vec![mount.path.to_string(), "--region=us-west-2".to_owned(), "--read-only".to_owned()];
        words.extend((!mount.prefix.as_str().is_empty()).then(|| format!("--prefix={}", mount.prefix.as_str())));
        words.extend(mount.options.iter().map(s3boot::mount_option::Setting::argument));
        words.push(mount.bucket.to_string());
        expected.extend(words);
    }
    assert!(accepted > 100 && refused > 100, "{accepted} accepted, {refused} refused");
    let Some(output) = bash(&script) else { return };
    assert_eq!(words(&output), expected);
    assert!(!std::path::Path::new("pwned").exists());
}

/// The other ways: a manifest of each, and the texts in it.
fn ways() -> Vec<(Value, &'static [&'static str])> {
    const CERTIFICATE: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUIKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=";
    let image = format!("a.example/b@sha256:{}", "0".repeat(64));
    let cluster = json!({
        "name": "analytics", "region": "us-west-2", "node-role": "node", "subnets": [{"tags": {"Name": "private"}}],
        "security-groups": [{"name": "nodes"}], "endpoint": "https://a.eks.amazonaws.com", "ca": CERTIFICATE, "cidr": "10.100.0.0/16",
    });
    let of = |class: Value| json!({"cluster": cluster, "install": {"from": "release"}, "csi": {"version": "v2.7.0-eksbuild.1"}, "classes": [class]});
    let mounts = json!([{"name": "jars", "bucket": "acme-jars", "prefix": "a/"}]);
    let volume = json!([{"name": "jars", "bucket": "acme-jars", "options": {"cache-xz": "a--usw2-az1--x-s3"},
        "cache": {"on": "volume", "size": "1Gi", "storage-class": "gp3"}}]);
    vec![
        (
            of(
                json!({"name": "jars", "deliver": "daemonset", "ami": "al2023", "mounts": mounts, "nodes": {"selector": {"a": "b"}},
                "daemonset": {"image": image, "namespace": "s3boot", "lift-taint": "a/b", "unmount": "on-delete"}}),
            ),
            &[
                "/classes/0/daemonset/image",
                "/classes/0/daemonset/namespace",
                "/classes/0/daemonset/lift-taint",
                "/classes/0/nodes/selector/a",
                "/classes/0/mounts/0/prefix",
            ],
        ),
        (
            of(
                json!({"name": "jars", "deliver": "node-group", "ami": {"family": "ubuntu", "id": "ami-0123456789abcdef0"}, "mounts": mounts,
                "nodes": {"types": ["m7i.large"], "tags": {"team": "data"}, "labels": {"a": "b"}}}),
            ),
            &[
                "/cluster/endpoint",
                "/cluster/ca",
                "/cluster/cidr",
                "/cluster/name",
                "/cluster/subnets/0/tags/Name",
                "/cluster/security-groups/0/name",
                "/classes/0/nodes/tags/team",
                "/classes/0/nodes/labels/a",
                "/classes/0/nodes/types/0",
            ],
        ),
        (
            of(
                json!({"name": "jars", "deliver": "csi", "ami": "bottlerocket@v1.50.0", "mounts": volume, "credentials": "pod",
                "pods": {"namespaces": ["a"], "service-account": "spark"}}),
            ),
            &[
                "/csi/version",
                "/classes/0/pods/service-account",
                "/classes/0/pods/namespaces/0",
                "/classes/0/mounts/0/cache/storage-class",
                "/classes/0/mounts/0/options/cache-xz",
                "/cluster/subnets/0/tags/Name",
            ],
        ),
    ]
}

/// What the other ways render of hostile texts: every script is one for bash, every module one for Terraform, and what a
/// script would run does nothing but what it should.
#[test]
fn each_way_quotes_what_it_is_given() {
    let templates = Templates::built_in();
    let modules = tempfile::tempdir().expect("a directory");
    let (mut script, mut accepted, mut refused) = (String::new(), 0, 0);
    for (way, fields) in ways() {
        for (at, text) in hostile(900).into_iter().enumerate() {
            let mut manifest = way.clone();
            *manifest.pointer_mut(fields[at % fields.len()]).expect("the field is there") = Value::String(text.clone());
            let Ok(loaded) = s3boot::load(&Source::new("hostile.yaml", &manifest.to_string())) else {
                refused += 1;
                continue;
            };
            let classes: Vec<_> = loaded.plan.classes.iter().collect();
            let tree =
                s3boot::render(&loaded, &classes, Wanted::Tree, &templates, || ()).expect("a plan that holds renders");
            accepted += 1;
            for (path, content) in tree.files() {
                let text = String::from_utf8(content.to_vec()).expect("UTF-8");
                if path == "jars.tf" {
                    std::fs::write(modules.path().join(format!("{accepted}.tf")), &text).expect("written");
                }
                if path.ends_with("label-nodes.sh") {
                    script.extend(["(\nkubectl() { echo node; }\n", &text, ") >/dev/null || exit\n"]);
                }
                let part = text.split("\n\n#!").nth(1).and_then(|rest| rest.split("--s3boot-part--").next());
                if let Some(part) = part.filter(|_| path.ends_with("userdata.mime")) {
                    script.extend(["never() {\n", part, "\n}\n"]);
                }
            }
        }
    }
    assert!(accepted > 100 && refused > 100, "{accepted} accepted, {refused} refused");
    let Some(_) = bash(&script) else { return };
    assert!(!std::path::Path::new("pwned").exists());
    let Some(mut terraform) = judge("terraform") else { return };
    terraform.args(["fmt", "-check"]).arg(modules.path()).env("TF_CLI_CONFIG_FILE", "/dev/null");
    assert_eq!(common::verdict(&mut terraform), "");
}
