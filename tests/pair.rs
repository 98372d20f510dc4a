//! `s3boot pair`: the pairing goes to the right places of the text, everything else stays, and the pods land on their class.

mod common;

use common::{root, s3boot, s3boot_with_input};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use s3boot::land::{World, document};
use s3boot::pair;
use s3boot::source::Source;
use s3boot::target::pod::Side;
use serde_json::{Value, json};
use std::fmt::Write as _;
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
    let alone = "kind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: c, volumeMounts: [{name: a, mountPath: /mnt/s3/}]}]\n  volumes: [{name: a, emptyDir: {}}]\n";
    let guide = "kind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: c}]\n  volumes: [{name: a, hostPath: {path: /mnt/s3/jars}}]\n";
    let no_executor = "kind: SparkApplication\nmetadata: {name: a}\nspec:\n  driver: {cores: 1}\n";
    for (text, expected) in [
        (alone, "`/mnt/s3/` has another volume already, `a`"),
        (guide, "`/mnt/s3/jars` is a mount point"),
        (no_executor, "the executors do not mount `s3`"),
    ] {
        let arguments = ["pair", "-", "-f", MANIFEST, "--class", "spark-jars"];
        let run = s3boot_with_input(&root(), &arguments, text.as_bytes()).failure(1);
        assert!(run.stderr.contains(expected) && run.stdout.is_empty(), "{}", run.stderr);
    }
    let none = s3boot_with_input(&root(), &["pair", "-", "-f", MANIFEST, "--class", "spark-jars"], b"kind: Service\n")
        .failure(2);
    assert!(none.stderr.contains("there is no pod template in <stdin>"), "{}", none.stderr);
}

/// An alias beside what is written is let be; in its place it is refused, since the text is not there alone.
#[test]
fn aliases_are_written_around() {
    let beside = "kind: Pod\nmetadata: {name: a}\nx: &env [{name: A, value: b}]\nspec:\n  containers:\n    - name: main\n      env: *env\n  volumes: []\n";
    check("an alias beside", beside);
    for inside in [
        "kind: SparkApplication\nmetadata: {name: a}\nspec:\n  driver: &role\n    cores: 1\n  executor: *role\n",
        "kind: Deployment\nmetadata: {name: a}\nx: &base\n  containers:\n  - name: c\nspec:\n  template:\n    spec:\n      <<: *base\n",
        "kind: Pod\nmetadata: {name: a}\nspec:\n  nodeSelector: {s3boot.dev/class: 5}\n  containers:\n    - name: main\n",
        "kind: Pod\nmetadata: {name: a}\nspec:\n  volumes: none\n  containers:\n    - name: main\n",
        "kind: Pod\nmetadata: {name: a}\nx: &t [{key: a, operator: Exists}]\nspec:\n  tolerations: *t\n  containers:\n    - name: main\n",
    ] {
        let arguments = ["pair", "-", "-f", MANIFEST, "--class", "spark-jars"];
        let run = s3boot_with_input(&root(), &arguments, inside.as_bytes()).failure(2);
        assert!(run.stderr.contains("the pairing cannot be written here") && run.stdout.is_empty(), "{}", run.stderr);
    }
}

/// A value of another type in the place of an edit, and a class whose name is one letter.
#[test]
fn odd_values_are_refused() {
    let manifest = "cluster: {name: a, region: us-west-2, node-role: n, discovery: {a: b}}\nclasses: [{name: c, ami: al2023@v20260724, mounts: [{name: m, bucket: acme-m}]}]\n";
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("s3boot.yaml");
    fs::write(&file, manifest).expect("written");
    for odd in ["{}", "[]", "5", "[a]", "{a: b}"] {
        let pod =
            format!("kind: Pod\nspec:\n  nodeSelector: {{s3boot.dev/class: {odd}}}\n  containers: [{{name: c}}]\n");
        let arguments = ["pair", "-", "-f", file.to_str().expect("UTF-8"), "--class", "c"];
        let run = s3boot_with_input(&root(), &arguments, pod.as_bytes()).failure(2);
        assert!(run.stderr.contains("write") && run.stdout.is_empty(), "{odd}: {}", run.stderr);
    }
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

/// Writes YAML as people do: blocks and brackets, comments, lists in the column of their key or deeper, quotes, line breaks
/// in brackets. Each choice is a byte of `choices`.
struct Layout {
    choices: Vec<u8>,
    at: usize,
}

impl Layout {
    fn one_in(&mut self, n: u8) -> bool {
        self.at += 1;
        self.choices[self.at % self.choices.len()].is_multiple_of(n)
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        self.at += 1;
        of[usize::from(self.choices[self.at % self.choices.len()]) % of.len()]
    }

    fn end(&mut self) -> String {
        let comments = ["", "", "", "", "  # it's {odd} - [here", " #x"];
        let lines = ["", "", "", "", "\n", "# - in the first column: }\n", "      # deep\n"];
        format!("{}\n{}", self.pick(&comments), self.pick(&lines))
    }

    fn scalar(&mut self, value: &Value) -> String {
        match value {
            Value::String(text) if text.contains(['\n', ' ']) => json!(text).to_string(),
            Value::String(text) => match self.pick(&["plain", "plain", "'", "\""]) {
                "plain" => text.clone(),
                quote => format!("{quote}{text}{quote}"),
            },
            other => other.to_string(),
        }
    }

    fn brackets(&mut self, value: &Value, pad: usize) -> String {
        let (open, parts, close): (_, Vec<String>, _) = match value {
            Value::Array(items) => ("[", items.iter().map(|item| self.brackets(item, pad + 2)).collect(), "]"),
            Value::Object(map) => {
                ("{", map.iter().map(|(key, value)| format!("{key}: {}", self.brackets(value, pad + 2))).collect(), "}")
            }
            other => return self.scalar(other),
        };
        let inner = " ".repeat(pad + 2);
        match self.pick(&["tight", "tight", "wide", "lines"]) {
            "lines" if !parts.is_empty() => {
                let comma = self.pick(&[",", ""]);
                let comment = self.pick(&["", "  # } it's ]"]);
                format!(
                    "{open}\n{inner}{}{comma}{comment}\n{}{close}",
                    parts.join(&format!(",\n{inner}")),
                    " ".repeat(pad)
                )
            }
            "wide" => format!("{open} {} {close}", parts.join(", ")),
            _ => format!("{open}{}{close}", parts.join(", ")),
        }
    }

    /// The lines of a block, the first without what is before it.
    fn block(&mut self, value: &Value, pad: usize) -> String {
        let indent = " ".repeat(pad);
        match value {
            Value::Array(items) => {
                let mut out = String::new();
                for (at, item) in items.iter().enumerate() {
                    let before = if at == 0 { "" } else { &indent };
                    let dash = self.pick(&["- ", "- ", "-   "]);
                    let inner = if !item.is_object() || self.one_in(3) {
                        let text = self.brackets(item, pad + 4);
                        format!("{text}{}", self.end())
                    } else {
                        self.block(item, pad + dash.len())
                    };
                    let _ = write!(out, "{before}{dash}{inner}");
                }
                out
            }
            Value::Object(map) => {
                let mut out = String::new();
                for (at, (key, value)) in map.iter().enumerate() {
                    let before = if at == 0 { "" } else { &indent };
                    let _ = write!(out, "{before}{key}:{}", self.value(value, pad));
                }
                out
            }
            other => format!("{}{}", self.scalar(other), self.end()),
        }
    }

    fn value(&mut self, value: &Value, pad: usize) -> String {
        let empty =
            value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(serde_json::Map::is_empty);
        match value {
            Value::Null => format!("{}{}", self.pick(&["", " ~", " null"]), self.end()),
            Value::String(text) if text.contains('\n') => {
                let indent = " ".repeat(pad + 2);
                format!(" |\n{indent}{}\n", text.trim_end().replace('\n', &format!("\n{indent}")))
            }
            Value::Array(_) | Value::Object(_) if !empty && !self.one_in(4) => {
                let deeper = if value.is_array() && self.one_in(2) { 0 } else { 2 };
                let comment = self.pick(&["", "", "  # below"]);
                format!("{comment}\n{}{}", " ".repeat(pad + deeper), self.block(value, pad + deeper))
            }
            other => format!(" {}{}", self.brackets(other, pad), self.end()),
        }
    }

    fn some_of(&mut self, of: &[(&str, Value)]) -> Value {
        let mut map = serde_json::Map::new();
        for (key, value) in of {
            if self.one_in(2) {
                map.insert((*key).to_owned(), value.clone());
            }
        }
        Value::Object(map)
    }

    fn choose(&mut self, of: &[Value]) -> Value {
        self.at += 1;
        of[usize::from(self.choices[self.at % self.choices.len()]) % of.len()].clone()
    }

    fn container(&mut self) -> Value {
        let mounts = [
            json!(null),
            json!([]),
            json!([{"name": "tmp", "mountPath": "/tmp"}]),
            json!([{"name": "tmp", "mountPath": "/tmp"}, {"mountPath": "/data", "name": "own"}]),
        ];
        let mounts = self.choose(&mounts);
        let mut container = self.some_of(&[
            ("args", json!(["-c", "echo 'it''s'"])),
            ("volumeMounts", mounts),
            ("script", json!("set -e\n# not a comment\n  echo {\n# nor this")),
            ("resources", json!({"limits": {"cpu": 2}})),
        ]);
        container["name"] = json!("main");
        container
    }

    /// What has tolerations, a selector and volumes.
    fn pod(&mut self, mut rest: Value) -> Value {
        let selectors = [json!(null), json!({}), json!({"kubernetes.io/os": "linux"})];
        let other = json!({"key": "example.com/a", "operator": "Exists"});
        let own =
            json!({"effect": "NoSchedule", "key": "s3boot.dev/class", "operator": "Equal", "value": "spark-jars"});
        let tolerations = [json!(null), json!([]), json!([other]), json!([other, own]), json!([own])];
        let bucket = json!({"name": "own", "hostPath": {"path": "/mnt/s3/"}});
        let tmp = json!({"name": "tmp", "emptyDir": {}});
        let volumes = [json!(null), json!([]), json!([tmp]), json!([bucket, tmp]), json!([tmp, bucket])];
        let (selector, tolerations, volumes) =
            (self.choose(&selectors), self.choose(&tolerations), self.choose(&volumes));
        let more = self.some_of(&[("nodeSelector", selector), ("tolerations", tolerations), ("volumes", volumes)]);
        for (key, value) in more.as_object().expect("a mapping") {
            rest[key] = value.clone();
        }
        rest
    }

    fn document(&mut self) -> Value {
        let containers: Vec<_> = (0..if self.one_in(2) { 1 } else { 2 }).map(|_| self.container()).collect();
        match self.pick(&["Pod", "Deployment", "SparkApplication"]) {
            "Pod" => {
                json!({"kind": "Pod", "metadata": {"name": "a"}, "spec": self.pod(json!({"containers": containers}))})
            }
            "Deployment" => {
                let init = self.container();
                let spec = self.pod(json!({"containers": containers, "initContainers": [init]}));
                json!({"kind": "Deployment", "metadata": {"name": "a"}, "spec": {"template": {"spec": spec}, "replicas": 2}})
            }
            _ => {
                let (driver, executor) = (self.pod(json!({"cores": 1})), self.pod(json!({})));
                let role = |mut role: Value| {
                    role.as_object_mut().expect("a mapping").remove("volumes");
                    role
                };
                let mut spec =
                    self.pod(json!({"driver": role(driver), "executor": role(executor), "arguments": ["a"]}));
                spec.as_object_mut().expect("a mapping").remove("tolerations");
                if spec["nodeSelector"].is_object() {
                    for role in ["driver", "executor"] {
                        spec[role].as_object_mut().expect("a mapping").remove("nodeSelector");
                    }
                }
                json!({"kind": "SparkApplication", "metadata": {"name": "a"}, "spec": spec})
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, rng_seed: RngSeed::Fixed(0), failure_persistence: None, ..ProptestConfig::default() })]
    /// However a manifest is laid out: all that it has stays, its pods land on the class, and pairing again changes nothing.
    #[test]
    fn any_layout_is_written_into(choices in proptest::collection::vec(any::<u8>(), 60..200)) {
        let manifest = Source::new(MANIFEST, &fs::read_to_string(root().join(MANIFEST)).expect("readable"));
        let loaded = s3boot::load(&manifest).expect("it holds");
        let (side, world) = (Side::of(&loaded.plan.classes[0]), World::of(Some(&loaded.plan), &[]).expect("a world"));
        let mut layout = Layout { choices, at: 0 };
        let document = layout.document();
        let mut text = layout.block(&document, 0);
        if layout.one_in(5) {
            text.truncate(text.trim_end().len());
        }
        if layout.one_in(5) {
            text = text.replace('\n', "\r\n");
        }
        let read = |text: &str| document::read(Source::new("x", text)).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let before = read(&text);
        let paired = |text: &str| pair::paired(&Source::new("x", text), &side).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let once = paired(&text).unwrap_or_else(|faults| panic!("{faults:?}\n{text}"));
        prop_assert_eq!(paired(&once).expect("no fault"), once.clone());
        let after = read(&once);
        prop_assert!(after[0].root.has(&before[0].root), "{}\n{}", text, once);
        for landing in world.landings(&after) {
            prop_assert_eq!(landing.verdict.to_string(), "lands only on spark-jars", "{}\n{}", text, once);
            // Some mount a volume that the layout left out.
            let more: Vec<_> = landing.findings.iter().filter(|one| one.fault.code.name != "mount-without-volume").collect();
            prop_assert!(more.is_empty(), "{:?}\n{}\n{}", more, text, once);
        }
        prop_assert_eq!(once.matches("\r\n").count() > 0, text.matches("\r\n").count() > 0);
        prop_assert!(!text.contains("\r\n") || once.matches('\n').count() == once.matches("\r\n").count(), "{}", once);
    }
}
