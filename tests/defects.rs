//! The 27 defects of the published guide, `docs/defects.md`: a test each, that what s3boot renders does not have it. What
//! only shows when a node boots has a case in `tests/node/cases`, which the page names too.

mod common;

use common::{rendered, root, s3boot_with_input};
use serde_yaml::Value;

/// The node scripts of the examples, as Karpenter has them.
fn scripts() -> Vec<(String, String)> {
    rendered("userdata.sh")
}

/// The kinds of the documents of the DaemonSet example, and themselves.
fn objects() -> Vec<Value> {
    let (_, text) = rendered("daemonset.yaml").remove(0);
    text.split("---\n").map(|text| serde_yaml::from_str(text).expect("YAML")).collect()
}

fn object(kind: &str) -> Value {
    objects().into_iter().find(|object| object["kind"] == kind).unwrap_or_else(|| panic!("no {kind}"))
}

fn file(name: &str) -> String {
    object("ConfigMap")["data"][name].as_str().expect("a file").to_owned()
}

fn pod() -> Value {
    object("DaemonSet")["spec"]["template"]["spec"].clone()
}

fn refused(change: &[(&str, &str)], code: &str) {
    let path = root().join("examples/minimal/s3boot.yaml");
    let mut text = std::fs::read_to_string(path).expect("readable");
    for (from, to) in change {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let run = s3boot_with_input(&root(), &["render", "-f", "-"], text.as_bytes()).failure(1);
    assert!(run.stderr.contains(&format!("error[{code}]")), "{}", run.stderr);
}

#[test]
fn u1_the_shebang_is_at_the_first_byte() {
    for (name, script) in scripts() {
        assert!(script.starts_with("#!/bin/bash\n"), "{name}");
    }
    for (name, mime) in rendered("userdata.mime") {
        assert!(mime.contains("charset=\"us-ascii\"\n\n#!/bin/bash\n"), "{name}");
    }
}

#[test]
fn u2_an_install_line_installs_and_nothing_else() {
    for (name, script) in scripts() {
        let installs: Vec<_> = script.lines().filter(|line| line.contains(" install $P")).collect();
        assert!(!installs.is_empty(), "{name}");
        assert!(installs.iter().all(|line| !line.contains("mkdir")), "{name}: {installs:?}");
    }
}

#[test]
fn u3_kubelet_needs_the_gate_before_anything_can_fail() {
    for (name, script) in scripts() {
        let first = script.find("cat >").expect("a file");
        assert!(script[first..].lines().next().is_some_and(|line| line.contains("/10-s3boot.conf")), "{name}");
        assert!(script[first..].contains("Requires=s3boot-gate.service\nAfter=s3boot-gate.service\n"), "{name}");
    }
}

#[test]
fn u4_nodes_have_taint_and_label_of_their_bucket() {
    for (name, pool) in rendered("nodepool.yaml") {
        let pool: Value = serde_yaml::from_str(&pool).expect("YAML");
        let template = &pool["spec"]["template"];
        let label = template["metadata"]["labels"]["s3boot.dev/class"].as_str().or_else(|| {
            let labels = template["metadata"]["labels"].as_mapping().expect("labels");
            labels.iter().next().and_then(|(_, value)| value.as_str())
        });
        assert!(label.is_some() && template["spec"]["taints"][0]["value"].as_str() == label, "{name}");
    }
}

#[test]
fn u5_the_release_is_pinned_signed_and_of_the_architecture() {
    let (_, script) = scripts().into_iter().find(|(name, _)| name.starts_with("ubuntu")).expect("it");
    for expected in ["V=1.23.0/$A", "--verify", "VALIDSIG", "uname -m", "A=arm64", "Restart=always"] {
        assert!(script.contains(expected), "{expected}");
    }
    assert!(!script.contains("latest"));
}

#[test]
fn u6_an_install_that_meets_a_lock_is_tried_again() {
    for (name, script) in scripts() {
        for expected in ["ExecStartPre=/etc/s3boot/run install", "Restart=always", "StartLimitIntervalSec=0"] {
            assert!(script.contains(expected), "{name}: {expected}");
        }
    }
}

#[test]
fn u7_nothing_updates_the_system() {
    for (name, script) in scripts().into_iter().chain([("pod".to_owned(), file("pod.sh") + &file("host.sh"))]) {
        for never in ["yum update", "dnf update", "upgrade", "dist-upgrade"] {
            assert!(!script.contains(never), "{name}: {never}");
        }
    }
}

#[test]
fn u8_a_cache_is_on_a_disk_and_has_a_size() {
    for (name, script) in scripts() {
        assert!(!script.contains("/tmp"), "{name}");
        assert!(script.contains("--cache=\"$CACHE\" --max-cache-size=\"$MIB\""), "{name}");
    }
    refused(&[("preset: dataset", "preset: dataset, cache: {on: root}")], "missing-key");
}

#[test]
fn u9_names_that_are_looked_up_too_early_are_found_later() {
    for (name, script) in scripts() {
        for line in script.lines().filter(|line| line.contains("--metadata-ttl=indefinite")) {
            assert!(line.contains("--negative-metadata-ttl=") || script.contains("--negative-metadata-ttl="), "{name}");
        }
    }
}

#[test]
fn u10_a_mount_is_read_only_and_of_its_prefix_and_region() {
    let (_, script) = scripts().into_iter().find(|(name, _)| name.starts_with("spark-jars")).expect("it");
    for expected in ["--region=us-west-2", "--read-only", "--prefix=releases/2026-11/"] {
        assert!(script.contains(expected), "{expected}");
    }
}

#[test]
fn u11_systemd_keeps_the_mount_also_after_a_reboot() {
    for (name, script) in scripts() {
        for expected in ["s3boot@.service", "Restart=always", "WantedBy=multi-user.target", "systemctl enable"] {
            assert!(script.contains(expected), "{name}: {expected}");
        }
    }
}

#[test]
fn u12_each_family_gets_what_it_can_run_or_is_refused() {
    assert!(rendered("userdata.mime").iter().all(|(_, text)| text.starts_with("MIME-Version: 1.0\n")));
    let (_, ubuntu) = scripts().into_iter().find(|(name, _)| name.starts_with("ubuntu")).expect("it");
    assert!(ubuntu.contains("apt-get") && !ubuntu.contains("dnf"));
    for family in ["bottlerocket@v1.50.0", "auto-mode", "fargate", "windows2022@latest"] {
        refused(&[("al2023@v20260724", family)], "family-refused");
    }
}

#[test]
fn u13_pods_of_every_user_read_and_the_program_is_found_by_name() {
    for (name, script) in scripts() {
        assert!(script.contains("exec mount-s3 --allow-other "), "{name}");
        assert!(!script.contains("/opt/aws/mountpoint-s3"), "{name}");
    }
}

#[test]
fn d1_a_dead_mount_is_left_before_anything_is_made_there() {
    let script = file("node.sh");
    assert!(script.contains("clear_ \"$STAGE\" && mkdir -p \"$STAGE\""));
    assert!(!script.contains("[ ! -d"));
}

#[test]
fn d2_nothing_deletes_in_a_mount() {
    for text in [file("node.sh"), file("host.sh"), file("pod.sh")] {
        for line in text.lines().filter(|line| line.contains("rm -rf")) {
            assert!(!line.contains("$DIR") && !line.contains("$path") && !line.contains("/mnt"), "{line}");
        }
    }
}

#[test]
fn d3_a_mount_is_found_by_its_whole_path() {
    let script = file("node.sh");
    assert!(script.contains("findmnt -rno SOURCE,FSTYPE -M \"$DIR\"") && !script.contains("mount | grep"));
}

#[test]
fn d4_no_exit_code_is_lost_in_a_pipe() {
    assert!([file("node.sh"), file("host.sh"), file("pod.sh")].iter().all(|text| !text.contains("tee ")));
}

#[test]
fn d5_the_pod_starts_no_mount_itself() {
    for text in [file("pod.sh"), file("host.sh")] {
        assert!(!text.contains("mount-s3 "), "{text}");
    }
}

#[test]
fn d6_it_runs_on_the_nodes_of_the_class_and_only_there() {
    let pod = pod();
    assert_eq!(pod["nodeSelector"]["s3boot.dev/class"], "reports");
    let tolerated = pod["tolerations"].as_sequence().expect("tolerations");
    assert!(tolerated.iter().any(|one| one["key"] == "s3boot.dev/class" && one["value"] == "reports"));
    assert!(tolerated.iter().all(|one| one["key"].is_string()), "a toleration of everything");
}

#[test]
fn d7_pods_see_a_mount_that_comes_later_and_one_that_comes_back() {
    assert!(file("mounts").lines().all(|line| line.split(' ').nth(1).is_some_and(|path| path.starts_with("/mnt/s3/"))));
    assert!(file("node.sh").contains("mount -c --bind \"$STAGE\" \"$DIR\""));
    let readme = std::fs::read_to_string(root().join("README.md")).expect("readable");
    assert!(readme.contains("mountPropagation: HostToContainer"));
}

#[test]
fn d8_no_tenant_can_change_what_runs_as_root() {
    let namespace = object("Namespace");
    assert_eq!(namespace["metadata"]["name"], "s3boot");
    assert_eq!(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "privileged");
    let pod = pod();
    assert!(pod.get("hostIPC").is_none() && pod.get("hostNetwork").is_none() && pod["hostPID"] == true);
    assert!(pod["volumes"].as_sequence().expect("volumes").iter().all(|volume| volume.get("hostPath").is_none()));
}

#[test]
fn d9_the_image_is_pinned_and_nothing_is_installed_in_it() {
    assert!(pod()["containers"][0]["image"].as_str().is_some_and(|image| image.contains("@sha256:")));
    assert!(["yum", "dnf", "apt", "apk"].iter().all(|program| !file("pod.sh").contains(program)));
}

#[test]
fn d10_it_can_be_taken_away_again() {
    let host = file("host.sh");
    for expected in ["remove)", "rm -rf /etc/s3boot", "umount -l", "daemon-reload"] {
        assert!(host.contains(expected), "{expected}");
    }
}

#[test]
fn d11_the_scheduler_knows_when_it_is_mounted_and_nothing_blocks_the_probe() {
    let probe = &pod()["containers"][0]["readinessProbe"];
    assert!(
        probe["exec"]["command"]
            .as_sequence()
            .is_some_and(|words| words.last() == Some(&"/usr/local/bin/s3boot-status".into()))
    );
    assert!(probe["timeoutSeconds"].as_u64().is_some_and(|seconds| seconds >= 14));
    assert!(
        file("node.sh").contains("timeout -k 1")
            && file("pod.sh").contains("lift \"$NODE_NAME\" s3boot.dev/not-mounted")
    );
}

#[test]
fn d12_the_role_that_reads_is_the_one_with_the_policy() {
    let (_, terraform) = rendered("reports.tf").remove(0);
    assert!(terraform.contains("resource \"aws_iam_role_policy_attachment\"") && terraform.contains(".node_role"));
    assert!(!file("pod.sh").contains("AWS_"));
}

#[test]
fn d13_a_change_is_rolled_out_and_logs_are_the_journals() {
    let annotation = |text: &str| {
        let object: Value = text
            .split("---\n")
            .map(|text| serde_yaml::from_str::<Value>(text).expect("YAML"))
            .find(|object| object["kind"] == "DaemonSet")
            .expect("a DaemonSet");
        object["spec"]["template"]["metadata"]["annotations"]["s3boot.dev/files"].as_str().expect("a digest").to_owned()
    };
    let path = root().join("examples/static-nodes/s3boot.yaml");
    let manifest = std::fs::read_to_string(path).expect("readable");
    let render = |text: &str| s3boot_with_input(&root(), &["render", "-f", "-"], text.as_bytes()).success();
    let changed = render(&manifest.replace("acme-archive", "acme-archive-2"));
    assert_ne!(annotation(render(&manifest).text()), annotation(changed.text()));
    let all = file("node.sh") + &file("host.sh") + &file("pod.sh");
    assert!(!all.contains("/var/log") && !all.contains("fusermount"));
}

#[test]
fn d14_a_placeholder_is_no_bucket() {
    refused(&[("acme-sales", "<S3_BUCKET_NAME>")], "bucket-name");
}

/// The page names each of these tests, and cases that are there.
#[test]
fn the_page_names_every_test_and_cases_that_are_there() {
    let page = std::fs::read_to_string(root().join("docs/defects.md")).expect("readable");
    let source = include_str!("defects.rs");
    let tests: Vec<_> = source
        .lines()
        .filter_map(|line| line.strip_prefix("fn ")?.split('(').next())
        .filter(|name| name.starts_with(['u', 'd']) && name[1..].starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    assert_eq!(tests.len(), 27);
    for test in tests {
        assert!(page.contains(&format!("`{test}`")), "{test}");
    }
    for case in page.split("(../tests/node/cases/").skip(1).map(|rest| rest.split(')').next().expect("a link")) {
        assert!(root().join("tests/node/cases").join(case).exists(), "{case}");
    }
}
