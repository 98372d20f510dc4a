//! `s3boot pair`: the pairing goes to the right places of the text, everything else stays, and the pods land on their class.

mod common;

use common::{root, s3boot, s3boot_with_input};
use std::fs;

const MANIFEST: &str = "tests/land/s3boot.yaml";

fn paired(text: &str, class: &str, manifest: &str) -> String {
    let run = s3boot_with_input(&root(), &["pair", "-", "-f", manifest, "--class", class], text.as_bytes()).success();
    run.text().to_owned()
}

/// Every input is there once more in the output: lines are only added, or end where something is put into brackets.
fn check(name: &str, text: &str) {
    let once = paired(text, "spark-jars", MANIFEST);
    assert_eq!(paired(&once, "spark-jars", MANIFEST), once, "{name}: pairing twice is pairing once");
    let run = s3boot_with_input(&root(), &["land", "-f", MANIFEST, "-"], once.as_bytes()).success();
    assert!(
        run.text().lines().all(|line| line.ends_with(": lands only on spark-jars")),
        "{name}:\n{}\n{once}",
        run.text()
    );
    let mut lines = once.lines();
    for line in text.lines().filter(|line| !line.contains(['{', '['])) {
        assert!(lines.any(|other| other == line), "{name}: `{line}` is gone or out of its order:\n{once}");
    }
}

#[test]
fn every_kind_is_paired_and_the_rest_stays() {
    let pod = "    spec:\n      # why this image\n      containers:\n        - name: main\n          image: a.example/main   # pinned elsewhere\n";
    let template = format!("  template:\n    metadata: {{labels: {{app: a}}}}\n{pod}");
    for kind in ["Deployment", "StatefulSet", "Job", "DaemonSet", "ReplicaSet"] {
        check(
            kind,
            &format!(
                "# head\napiVersion: apps/v1\nkind: {kind}  # kind\nmetadata: {{name: a}}\nspec:\n{template}\n# tail\n"
            ),
        );
    }
    check(
        "Pod",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: main\n    image: a\n  - name: side\n    image: b\n  # last\n",
    );
    check("a bare template", "spec:\n  containers:\n    - name: main\n      image: a");
    check(
        "CronJob",
        &format!(
            "kind: CronJob\nmetadata: {{name: a}}\nspec:\n  jobTemplate:\n    spec:\n{}",
            template.lines().map(|line| format!("    {line}\n")).collect::<String>()
        ),
    );
    check(
        "SparkApplication",
        "kind: SparkApplication\nmetadata: {name: a}\nspec:\n  driver:\n    cores: 1\n    tolerations:\n    - key: other\n      operator: Exists\n  # executors\n  executor: {cores: 1, nodeSelector: {}}\n  volumes: []\n",
    );
    check(
        "ScheduledSparkApplication",
        "kind: ScheduledSparkApplication\nmetadata: {name: a}\nspec:\n  schedule: x\n  template:\n    driver:\n      cores: 1\n    executor:\n      cores: 1\n",
    );
    let group = "      template:\n        spec:\n          containers:\n            - name: ray\n";
    check(
        "RayCluster",
        &format!(
            "kind: RayCluster\nmetadata: {{name: a}}\nspec:\n  headGroupSpec:\n{}  workerGroupSpecs:\n    - groupName: w\n{group}",
            group
                .replace("      template", "    template")
                .replace("        spec", "      spec")
                .replace("          containers", "        containers")
                .replace("            - name", "          - name")
        ),
    );
    check(
        "in one line",
        "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, volumeMounts: []}, {name: \"b}\"}]}}\n",
    );
    check(
        "several",
        &format!(
            "---\nkind: ConfigMap\nmetadata: {{name: c}}\n---\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n{template}---\nkind: Pod\nmetadata: {{name: b}}\nspec:\n  containers:\n    - name: x\n"
        ),
    );
}

/// What is there is used: a volume of another name, a list, a mount without propagation.
#[test]
fn what_is_there_is_used() {
    let text = "kind: Pod\nmetadata: {name: a}\nspec:\n  nodeSelector:\n    team: data\n  tolerations:\n    - {key: s3boot.dev/class, value: spark-jars, effect: NoSchedule}\n  containers:\n    - name: main\n      volumeMounts:\n        - name: bucket\n          mountPath: /data\n  volumes:\n    - name: bucket\n      hostPath: {path: /mnt/s3/, type: Directory}\n";
    // The team's label is not one of the class, so nothing would take the pod: take it out for this test.
    let text = text.replace("    team: data\n", "    kubernetes.io/os: linux\n");
    let once = paired(&text, "spark-jars", MANIFEST);
    assert_eq!(once.lines().count(), text.lines().count() + 2, "{once}");
    assert!(once.contains("    kubernetes.io/os: linux\n    s3boot.dev/class: spark-jars\n"), "{once}");
    assert!(once.contains("          mountPath: /data\n          mountPropagation: HostToContainer\n"), "{once}");
}

/// Init containers read the bucket too, in pods of every kind.
#[test]
fn init_containers_of_ray_have_the_mount() {
    let text = "kind: RayCluster\nmetadata: {name: a}\nspec:\n  headGroupSpec:\n    template:\n      spec:\n        initContainers:\n          - name: fetch\n        containers:\n          - name: ray\n";
    assert_eq!(paired(text, "spark-jars", MANIFEST).matches("volumeMounts:").count(), 2);
}

/// Several mounts, and claims.
#[test]
fn classes_with_several_mounts_and_claims() {
    let pod = "kind: Pod\nmetadata: {name: a, namespace: red-dev}\nspec:\n  containers:\n    - name: main\n";
    let manifest = "examples/csi/s3boot.yaml";
    let once = paired(pod, "team-red", manifest);
    assert!(once.contains("claimName: team-red-dataset") && once.contains("claimName: team-red-results"), "{once}");
    assert_eq!(once.matches("volumes:").count(), 1, "{once}");
    assert_eq!(paired(&once, "team-red", manifest), once);
    s3boot_with_input(&root(), &["land", "-f", manifest, "-"], once.as_bytes()).success();
}

#[test]
fn what_contradicts_the_pairing_is_refused() {
    let pod = |spec: &str| format!("kind: Pod\nmetadata: {{name: a}}\nspec:\n{spec}  containers:\n    - name: main\n");
    for (spec, expected) in [
        ("  nodeSelector: {s3boot.dev/class: other}\n", "the pod selects `s3boot.dev/class: other`"),
        ("  nodeSelector: {team: other}\n", "no node of class `spark-jars` takes the pod"),
        ("  nodeName: ip-10-0-0-1\n", "without the scheduler"),
        ("  volumes: [{name: s3, emptyDir: {}}]\n", "is another"),
        ("  tolerations: [{key: a, operator: exists}]\n", "is no operator of a toleration"),
    ] {
        let arguments = ["pair", "-", "-f", MANIFEST, "--class", "spark-jars"];
        let run = s3boot_with_input(&root(), &arguments, pod(spec).as_bytes()).failure(1);
        assert!(run.stderr.contains(expected) && run.stderr.contains("nothing was written"), "{}", run.stderr);
        assert!(run.stdout.is_empty());
    }
    let none = s3boot_with_input(&root(), &["pair", "-", "-f", MANIFEST, "--class", "spark-jars"], b"kind: Service\n")
        .failure(2);
    assert!(none.stderr.contains("there is no pod template in <stdin>"), "{}", none.stderr);
}

#[test]
fn diff_shows_and_write_writes() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("pod.yaml");
    fs::write(&file, "kind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: main\n").expect("written");
    let path = file.to_str().expect("UTF-8");
    let arguments = |more: &'static str| vec!["pair", path, "-f", MANIFEST, "--class", "spark-jars", more];
    let before = fs::read_to_string(&file).expect("readable");
    let diff = s3boot(&root(), &arguments("--diff")).failure(1);
    assert!(diff.text().contains("+  nodeSelector:\n"), "{}", diff.text());
    assert_eq!(fs::read_to_string(&file).expect("readable"), before);
    s3boot(&root(), &arguments("--write")).success();
    assert_eq!(s3boot(&root(), &arguments("--diff")).success().text(), "");
    s3boot(&root(), &["land", "-f", MANIFEST, path]).success();
}
