//! Software that nobody here wrote, over every file that the examples render.

mod common;

use common::{files, judge, rendered, rendered_examples, root, shared, verdict};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Every node script that is rendered: as user data of Karpenter, as a part of that of a node group, in a `ConfigMap`.
fn node_scripts() -> Vec<(String, String)> {
    let in_mime = rendered("userdata.mime").into_iter().map(|(name, text)| {
        let script = text.split("\n\n#!").nth(1).and_then(|rest| rest.split("--s3boot-part--").next());
        (name, format!("#!{}", script.expect("a script among the parts")))
    });
    let in_pod = config_maps().into_iter().filter(|(name, _)| name.ends_with("node.sh"));
    rendered("userdata.sh").into_iter().chain(in_mime).chain(in_pod).collect()
}

/// The files in every `ConfigMap` of a `DaemonSet`.
fn config_maps() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, text) in rendered("daemonset.yaml") {
        for document in text.split("---\n") {
            let document: serde_yaml::Value = serde_yaml::from_str(document).expect("YAML");
            let data = document.get("data").and_then(serde_yaml::Value::as_mapping);
            for (file, _) in data.into_iter().flatten() {
                let text = |value: &serde_yaml::Value| value.as_str().expect("text").to_owned();
                found.push((
                    format!("{name}/{}", file.as_str().expect("a name")),
                    text(document["data"].get(file).expect("it")),
                ));
            }
        }
    }
    assert!(found.len() >= 5, "{}", found.len());
    found
}

/// The files that a node script writes: path and content of each `cat >PATH <<'X'`.
fn written_by(script: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut lines = script.lines();
    while let Some(line) = lines.next() {
        if let Some(path) = line.strip_prefix("cat >").and_then(|rest| rest.strip_suffix(" <<'X'")) {
            let body: Vec<_> = lines.by_ref().take_while(|line| *line != "X").collect();
            found.push((path.replace("$D", "/etc/systemd/system"), body.join("\n") + "\n"));
        }
    }
    assert!(found.len() >= 5, "a node script writes at least five files");
    found
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn write(path: &Path, content: &str) -> PathBuf {
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    fs::write(path, content).expect("written");
    path.to_owned()
}

#[test]
fn bash_and_shellcheck_find_nothing() {
    let directory = scratch();
    let of_nodes = rendered("label-nodes.sh").into_iter();
    let of_pods = config_maps().into_iter().filter(|(name, _)| name.ends_with("pod.sh") || name.ends_with("host.sh"));
    for (name, text) in of_nodes.chain(of_pods) {
        let file = write(&directory.path().join(name.replace('/', "-")), &text);
        if let Some(mut shellcheck) = judge("shellcheck") {
            verdict(shellcheck.arg("--severity=style").arg(&file));
        }
    }
    if let Some(mut shellcheck) = judge("shellcheck") {
        verdict(shellcheck.args(["--shell=sh", "--severity=style"]).arg(root().join("templates/wait.sh")));
    }
    for (name, script) in node_scripts() {
        let program =
            written_by(&script).into_iter().find(|(path, _)| path == "/etc/s3boot/new").expect("the node program").1;
        for (what, text) in [("userdata", &script), ("program", &program)] {
            let file = write(&directory.path().join(name.replace('/', "-")).with_extension(what), text);
            if let Some(mut bash) = judge("bash") {
                assert_eq!(verdict(bash.arg("-n").arg(&file)), "", "{name}");
            }
            if let Some(mut shellcheck) = judge("shellcheck") {
                verdict(shellcheck.args(["--shell=bash", "--severity=style"]).arg(&file));
            }
        }
    }
}

/// Unknown keys are only warnings on stderr, with exit code 0: so nothing may be said at all.
#[test]
fn systemd_verifies_every_unit() {
    let Some(_) = judge("systemd-analyze") else { return };
    for (name, script) in node_scripts() {
        let directory = scratch();
        let program = directory.path().join("run");
        write(&program, "#!/bin/sh\n");
        verdict(Command::new("chmod").arg("755").arg(&program));
        let mut units = Vec::new();
        for (path, content) in
            written_by(&script).into_iter().filter(|(path, _)| path.starts_with("/etc/systemd/system/"))
        {
            let program = program.to_str().expect("UTF-8");
            let content = content
                .replace("/etc/s3boot/run", program)
                .replace("/usr/bin/setup-local-disks", program)
                .replace("/etc/s3boot/join", program);
            let file = path.trim_start_matches("/etc/systemd/system/").replace("s3boot@.", "s3boot@jars.");
            let unit = write(&directory.path().join(&file), &content);
            if file.ends_with(".service") && !file.contains('/') {
                units.push(unit);
            }
        }
        let kubelet =
            if script.contains("snap.kubelet") { "snap.kubelet-eks.daemon.service" } else { "kubelet.service" };
        write(&directory.path().join(kubelet), "[Service]\nExecStart=/bin/true\n");
        units.push(directory.path().join(kubelet));
        let more =
            ["s3boot-disks.service <<", "s3boot-join.service <<"].iter().filter(|unit| script.contains(**unit)).count();
        assert_eq!(units.len(), 4 + more, "{name}");
        let mut verify = judge("systemd-analyze").expect("it is there");
        // A unit of another name than `jars` that the gate wants is looked for beside it, and in the system.
        let said = verdict(
            verify
                .arg("verify")
                .arg("--man=no")
                .args(&units)
                .env("SYSTEMD_UNIT_PATH", format!("{}:", directory.path().display())),
        );
        let said: Vec<_> = said.lines().filter(|line| line.contains("s3boot") || line.contains("kubelet")).collect();
        assert!(said.is_empty(), "{name}: {said:?}");
    }
}

/// What cloud-init makes of it: one script, of the same size, and nothing to warn of.
#[test]
fn cloud_init_runs_it_as_one_script() {
    let Some(reader) = shared("bench/cloud-init/ud.py") else { return };
    let Some(python) = cloud_init_python() else { return };
    let directory = scratch();
    for (name, script) in rendered("userdata.sh") {
        let file = write(&directory.path().join("userdata.sh"), &script);
        let said = verdict(Command::new(python).arg(&reader).arg(file));
        let said: serde_json::Value =
            serde_json::from_str(&said).unwrap_or_else(|error| panic!("{name}: {error}: {said}"));
        assert_eq!(said["log"], serde_json::json!([]), "{name}");
        assert_eq!(said["parts"].as_array().map(Vec::len), Some(1), "{name}");
        assert_eq!(said["parts"][0]["content_type"], "text/x-shellscript", "{name}");
        let scripts: Vec<_> = said["written"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|file| file[0].as_str().is_some_and(|path| path.contains("scripts/")))
            .collect();
        assert_eq!(scripts.len(), 1, "{name}");
        assert_eq!(scripts[0][1].as_u64(), Some(script.len() as u64), "{name}: cloud-init writes another script");
    }
}

fn cloud_init_python() -> Option<&'static str> {
    const PYTHON: &str = "/usr/bin/python3";
    let there = Command::new(PYTHON)
        .args([
            "-c",
            "import os, sys; sys.path.insert(0, os.environ.get('CLOUD_INIT_PATH', '')); import cloudinit.user_data, cloudinit.handlers.cloud_config",
        ])
        .output()
        .is_ok_and(|output| output.status.success());
    if !there {
        common::skip("cloud-init is not installed");
    }
    there.then_some(PYTHON)
}

#[test]
fn terraform_fmt_changes_nothing() {
    let Some(_) = judge("terraform") else { return };
    for (example, directory) in rendered_examples() {
        let mut terraform = judge("terraform").expect("it is there");
        terraform
            .args(["fmt", "-check", "-diff", "-recursive"])
            .arg(directory.path())
            .env("TF_CLI_CONFIG_FILE", "/dev/null");
        assert_eq!(verdict(&mut terraform), "", "{example}");
    }
}

/// Terraform reads each tfvars into the variable that is typed beside it, and refuses a wrong one.
#[test]
fn terraform_plans_with_the_inputs() {
    let Some(_) = judge("terraform") else { return };
    for (name, tfvars) in rendered(".auto.tfvars.json") {
        let inputs: serde_json::Value = serde_json::from_str(&tfvars).expect("JSON");
        let variable = inputs.as_object().expect("an object").keys().next().expect("a variable").clone();
        let class =
            name.split('/').next_back().and_then(|file| file.strip_suffix(".auto.tfvars.json")).expect("a class");
        let example = name.split('/').next().expect("an example");
        let module = rendered(&format!("{class}.tf"))
            .into_iter()
            .find(|(other, _)| other.starts_with(example))
            .expect("a module")
            .1;
        let end = module.find("\nresource ").expect("resources follow the variable");
        let directory = scratch();
        write(
            &directory.path().join("main.tf"),
            &format!("{}\noutput \"read\" {{\n  value = var.{variable}\n}}\n", &module[..end]),
        );
        write(&directory.path().join("s3boot.auto.tfvars.json"), &tfvars);
        let plan = || {
            let mut terraform = judge("terraform").expect("it is there");
            terraform
                .args(["plan", "-no-color", "-input=false"])
                .current_dir(directory.path())
                .env("TF_CLI_CONFIG_FILE", "/dev/null");
            terraform
        };
        let said = verdict(&mut plan());
        assert!(said.contains("user_data_base64") && said.contains("Changes to Outputs"), "{name}: {said}");
        write(
            &directory.path().join("s3boot.auto.tfvars.json"),
            &tfvars.replace("\"taints\": [", "\"taints\": [\"no taint\", "),
        );
        assert!(!plan().output().expect("terraform starts").status.success(), "{name}: a wrong input was accepted");
    }
}

#[test]
fn the_user_data_in_the_inputs_is_the_script() {
    use base64::Engine as _;
    for (example, directory) in rendered_examples() {
        for (path, content) in
            files(directory.path()).into_iter().filter(|(path, _)| path.ends_with(".auto.tfvars.json"))
        {
            let class = path.strip_suffix(".auto.tfvars.json").expect("its end");
            let inputs: serde_json::Value = serde_json::from_slice(&content).expect("JSON");
            let encoded = inputs
                .as_object()
                .and_then(|object| object.values().next())
                .and_then(|inputs| inputs["user_data_base64"].as_str());
            let decoded = encoded.map(|text| base64::engine::general_purpose::STANDARD.decode(text).expect("base64"));
            let file = ["sh", "mime", "toml"]
                .iter()
                .map(|extension| directory.path().join(class).join(format!("userdata.{extension}")))
                .find(|file| file.exists());
            assert_eq!(decoded, file.map(|file| fs::read(file).expect("readable")), "{example}/{path}");
        }
    }
}

/// What cloud-init makes of the user data of a node group: the script and nothing else of its own, and no loss.
#[test]
fn cloud_init_finds_the_script_in_mime() {
    let Some(reader) = shared("bench/cloud-init/ud.py") else { return };
    let Some(python) = cloud_init_python() else { return };
    let directory = scratch();
    for (name, text) in rendered("userdata.mime") {
        let file = write(&directory.path().join("userdata.mime"), &text);
        let said = verdict(Command::new(python).arg(&reader).arg(file));
        let said: serde_json::Value =
            serde_json::from_str(&said).unwrap_or_else(|error| panic!("{name}: {error}: {said}"));
        let parts: Vec<_> =
            said["parts"].as_array().expect("parts").iter().map(|part| part["content_type"].as_str()).collect();
        assert_eq!(parts.last(), Some(&Some("text/x-shellscript")), "{name}: {said}");
        let script = node_scripts().into_iter().find(|(other, _)| *other == name).expect("its script").1;
        let written = said["written"].as_array().expect("a list").iter();
        let sizes: Vec<_> = written
            .filter(|file| file[0].as_str().is_some_and(|path| path.contains("scripts/")))
            .map(|file| file[1].as_u64())
            .collect();
        // The line break before a boundary belongs to the boundary (RFC 2046, 5.1.1).
        assert_eq!(sizes, [Some(script.len() as u64 - 1)], "{name}: cloud-init writes another script");
    }
}

/// A node script is small: EC2 takes 16,384 bytes, of which Karpenter needs some.
#[test]
fn four_mounts_fit() {
    let mounts: String = (0..4)
        .map(|number| format!("      - {{name: mount-{number}, bucket: acme-bucket-{number}, prefix: releases/2026-11/, preset: jars, cache: {{on: instance-store, size: 20Gi}}}}\n"))
        .collect();
    let manifest = format!(
        "cluster: {{name: analytics, region: us-west-2, node-role: node, discovery: {{karpenter.sh/discovery: analytics}}}}\nclasses:\n  - name: four\n    ami: al2023@v20260724\n    nodes: {{families: [r6id]}}\n    mounts:\n{mounts}"
    );
    let run = common::s3boot_with_input(&root(), &["render", "-f", "-", "--target", "userdata"], manifest.as_bytes())
        .success();
    assert!(run.stdout.len() < 12_288, "{} bytes", run.stdout.len());
}

/// What a node script never does.
#[test]
fn no_script_updates_the_system_or_deletes_data() {
    for (name, script) in node_scripts() {
        for never in ["yum", "dnf -y update", "dnf update", "upgrade", "/tmp", "set -e", "{{", "latest"] {
            assert!(!script.contains(never), "{name}: {never}");
        }
        let deletes: Vec<_> = script.lines().filter(|line| line.contains("rm -r")).collect();
        assert!(deletes.iter().all(|line| line.starts_with("set -- \"$CACHE\"/old.*; ")), "{name}: {deletes:?}");
    }
}
