//! Targets `spark` and `pod`: whatever is rendered lands on its class, and with any line that matters left out it is caught.

mod common;

use common::{examples, files, judge, root, s3boot, s3boot_with_input, verdict};
use serde_json::{Value, json};
use std::fs;

/// The rendered files with pods of every example: manifest, path, text.
fn rendered() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    for example in examples() {
        let manifest = format!("examples/{example}/s3boot.yaml");
        let directory = tempfile::tempdir().expect("a directory");
        let output = directory.path().to_str().expect("UTF-8");
        s3boot(&root(), &["render", "-f", &manifest, "-o", output]).success();
        for (path, content) in files(directory.path()) {
            let of_pods = path.contains("/spark/") || path.contains("/pods/");
            let skip = ["fragment.yaml", "kustomization.yaml", "pairing.yaml", ".conf", ".json"];
            if of_pods && !skip.iter().any(|end| path.ends_with(end)) {
                found.push((manifest.clone(), path, String::from_utf8(content).expect("UTF-8")));
            }
        }
    }
    assert!(found.len() > 40, "{}", found.len());
    found
}

fn codes(manifest: &str, text: &str) -> Vec<String> {
    let run = s3boot_with_input(&root(), &["land", "-f", manifest, "-", "--format", "json"], text.as_bytes());
    let answer: Value = serde_json::from_str(run.text()).unwrap_or_else(|_| panic!("{}", run.stderr));
    let pods = answer.as_array().expect("pods").iter();
    let mut codes: Vec<_> = pods
        .flat_map(|pod| pod["findings"].as_array().expect("findings"))
        .map(|finding| finding["code"].as_str().expect("a code").to_owned())
        .collect();
    codes.dedup();
    codes
}

#[test]
fn each_lands_only_on_its_class() {
    for (manifest, path, text) in rendered() {
        let run = s3boot_with_input(&root(), &["land", "-f", &manifest, "-"], text.as_bytes()).success();
        let class = path.split('/').next().expect("a class");
        assert_eq!(run.stderr, "", "{manifest} {path}");
        for line in run.text().lines() {
            assert!(line.ends_with(&format!(": lands only on {class}")), "{manifest} {path}: {line}");
        }
    }
}

/// The text without the lines that a predicate names, each with what is indented below it.
fn without(text: &str, drops: impl Fn(&str) -> bool) -> String {
    let mut kept = String::new();
    let mut below: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        let item = line.trim_start().starts_with("- ");
        if below.is_some_and(|at| indent > at || indent == at && item && !line.trim().is_empty()) {
            continue;
        }
        below = None;
        if drops(line.trim_end()) {
            below = Some(indent);
            continue;
        }
        kept.push_str(line);
    }
    kept
}

/// Each line that matters, left out or changed: a code of its own.
#[test]
fn each_wrong_variant_is_caught() {
    let manifest = "examples/spark-jars/s3boot.yaml";
    let of = |file: &str| {
        let found = rendered().into_iter().find(|(from, path, _)| from == manifest && path.ends_with(file));
        found.unwrap_or_else(|| panic!("no {file}")).2
    };
    for text in [of("spark/application.yaml"), of("spark/driver.yaml")] {
        let cases: [(&str, String, &[&str]); 7] = [
            ("no selector", without(&text, |line| line.trim() == "nodeSelector:"), &["pod-escapes"]),
            (
                "another class",
                text.replace("s3boot.dev/class: spark-jars", "s3boot.dev/class: other"),
                &["pod-escapes"],
            ),
            ("no toleration", without(&text, |line| line.trim() == "tolerations:"), &["pod-stuck"]),
            (
                "no propagation",
                without(&text, |line| line.trim().starts_with("mountPropagation:")),
                &["mount-propagation"],
            ),
            ("no volumes", without(&text, |line| line.trim() == "volumes:"), &["mount-without-volume"]),
            ("made on demand", text.replace("type: Directory\n", "type: DirectoryOrCreate\n"), &["host-path-create"]),
            ("the mount point", text.replace("path: /mnt/s3\n", "path: /mnt/s3/jars\n"), &["host-path-mount-point"]),
        ];
        for (what, changed, expected) in cases {
            assert_ne!(changed, text, "{what}: nothing was changed");
            assert_eq!(codes(manifest, &changed), expected, "{what}:\n{changed}");
        }
    }
    let text = of("spark/application.yaml");
    let executor = text.find("  executor:").expect("an executor");
    let (before, after) = text.split_at(executor);
    let bare = before.to_owned() + &without(after, |line| line.trim() == "volumeMounts:" && line.starts_with("    v"));
    assert_eq!(codes(manifest, &bare), ["mount-one-role"], "{bare}");
    let globs = text.replace("jars/etl-1.4.2.jar\n", "jars/*.jar\n");
    assert_eq!(codes(manifest, &globs), ["jar-local-glob"]);
    for (path, expected) in
        [("/mnt/s3/jars/*", &[][..]), ("/mnt/s3/jars/", &["class-path-pattern"]), ("/opt/classes", &[])]
    {
        let conf = format!("  sparkConf:\n    spark.driver.extraClassPath: {path}\n  deps:");
        let changed = text.replace("  deps:", &conf);
        assert_eq!(codes(manifest, &changed), expected, "{path}");
    }
}

/// JARs by their names, and only those on the class path of the JVM that are marked.
#[test]
fn jars_are_named_one_by_one() {
    let manifest = "cluster: {name: a, region: us-west-2, node-role: n, discovery: {a: b}}\nclasses:\n  - name: c\n    ami: al2023@v20260724\n    mounts: [{name: m, bucket: acme-m}]\n    pods: {jars: [etl.jar, lib/aws.jar], class-path: [lib/aws.jar], spark: {main-class: com.example.Etl, image: a.example/spark, version: 3.5.6, emr-templates: \"s3://acme-emr/templates/\"}}\n";
    let directory = tempfile::tempdir().expect("a directory");
    let output = directory.path().to_str().expect("UTF-8");
    let arguments = ["render", "-f", "-", "--target", "spark", "-o", output];
    s3boot_with_input(&root(), &arguments, manifest.as_bytes()).success();
    let read = |name: &str| fs::read_to_string(directory.path().join("c/spark").join(name)).expect("readable");
    let defaults = read("spark-defaults.conf");
    assert!(defaults.contains("\nspark.jars local:///mnt/s3/m/etl.jar,local:///mnt/s3/m/lib/aws.jar\n"), "{defaults}");
    assert!(defaults.contains("\nspark.driver.extraClassPath /mnt/s3/m/lib/aws.jar\n"), "{defaults}");
    let application: Value = serde_yaml::from_str(&read("application.yaml")).expect("YAML");
    assert_eq!(application["spec"]["mainApplicationFile"], "local:///mnt/s3/m/etl.jar");
    assert_eq!(application["spec"]["deps"]["jars"], serde_json::json!(["local:///mnt/s3/m/lib/aws.jar"]));
    assert_eq!(application["spec"]["sparkConf"]["spark.executor.extraClassPath"], "/mnt/s3/m/lib/aws.jar");
    let emr: Value = serde_json::from_str(&read("emr.json")).expect("JSON");
    assert_eq!(emr["applicationConfiguration"][0]["classification"], "spark-defaults");
    assert_eq!(
        emr["applicationConfiguration"][0]["properties"]["spark.kubernetes.driver.podTemplateFile"],
        "s3://acme-emr/templates/driver.yaml"
    );
    let submitter = &emr["applicationConfiguration"][1]["properties"];
    assert_eq!(submitter["jobsubmitter.node.selector.s3boot.dev/class"], "c");
    assert_eq!(submitter["jobsubmitter.node.toleration.s3boot.dev/class"], "c");
    assert_eq!(submitter["jobsubmitter.node.toleration.s3boot.dev/class.effect"], "NoSchedule");
}

/// Workloads of every kind with a label, a toleration, containers and volumes of their own.
fn workloads(label: &Value, namespace: &str) -> Vec<Value> {
    let spec = json!({
        "tolerations": [{"key": "example.com/own", "operator": "Exists"}],
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "containers": [{"name": "server", "volumeMounts": [{"name": "own", "mountPath": "/own"}]}, {"name": "side"}],
        "volumes": [{"name": "own", "emptyDir": {}}]
    });
    let template = json!({"spec": spec});
    let role = json!({"cores": 1, "tolerations": spec["tolerations"]});
    let spark = json!({"driver": role, "executor": role, "volumes": spec["volumes"]});
    let ray = json!({"headGroupSpec": {"template": template}, "workerGroupSpecs": [{"groupName": "w", "template": template}]});
    let kinds = [
        ("v1", "Pod", spec.clone()),
        ("apps/v1", "Deployment", json!({"template": template})),
        ("apps/v1", "StatefulSet", json!({"template": {"spec": {"containers": [{"name": "main"}]}}})),
        ("batch/v1", "CronJob", json!({"jobTemplate": {"spec": {"template": template}}})),
        ("sparkoperator.k8s.io/v1beta2", "SparkApplication", spark.clone()),
        ("sparkoperator.k8s.io/v1beta2", "ScheduledSparkApplication", json!({"template": spark})),
        ("ray.io/v1", "RayService", json!({"rayClusterConfig": ray})),
    ];
    let object = |(version, kind, spec)| {
        let metadata = json!({"name": "own", "namespace": namespace, "labels": label});
        json!({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec})
    };
    kinds.into_iter().map(object).collect()
}

/// A replacement finds a toleration by its key, so two of one key would be one: the component has them in one.
#[test]
fn the_component_has_a_toleration_for_each_key() {
    let manifest = "cluster: {name: a, region: us-west-2, node-role: n, discovery: {a: b}}\nclasses:\n  - name: c\n    ami: al2023@v20260724\n    mounts: [{name: m, bucket: acme-m}]\n    nodes: {taints: [{key: same, value: v, effect: NoSchedule}, {key: same, value: v, effect: NoExecute}, {key: differs, effect: NoSchedule}, {key: differs, value: w, effect: NoExecute}]}\n";
    let directory = tempfile::tempdir().expect("a directory");
    let output = directory.path().to_str().expect("UTF-8");
    s3boot_with_input(&root(), &["render", "-f", "-", "--target", "pod", "-o", output], manifest.as_bytes()).success();
    let text = fs::read_to_string(directory.path().join("c/pods/pairing.yaml")).expect("readable");
    let pairing: Value = serde_yaml::from_str(&text).expect("YAML");
    let expected = json!([
        {"key": "s3boot.dev/class", "operator": "Equal", "value": "c", "effect": "NoSchedule"},
        {"key": "same", "operator": "Equal", "value": "v"},
        {"key": "differs", "operator": "Exists"},
    ]);
    assert_eq!(pairing["tolerations"], expected);
}

/// kustomize itself pairs what has the label of the class, and all that the workloads had stays.
#[test]
fn the_component_pairs_any_workload() {
    let Some(mut kubectl) = judge("kubectl") else { return };
    for (example, class, namespace) in [
        ("spark-jars", "spark-jars", "default"),
        ("two-teams", "team-fraud", "default"),
        ("model-weights", "llama", "inference"),
        ("csi", "team-red", "red-dev"),
    ] {
        let manifest = format!("examples/{example}/s3boot.yaml");
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| directory.path().join(name);
        let output = directory.path().to_str().expect("UTF-8");
        s3boot(&root(), &["render", "-f", &manifest, "--nodeclass", class, "--target", "pod", "-o", output]).success();
        let pairing = fs::read_to_string(path(&format!("{class}/pods/pairing.yaml"))).expect("readable");
        let pairing: Value = serde_yaml::from_str(&pairing).expect("YAML");
        let own = workloads(&pairing["nodeSelector"], namespace);
        let mut documents = own.iter().map(|document| format!("---\n{document}\n")).collect::<String>();
        documents +=
            "---\n{apiVersion: v1, kind: Pod, metadata: {name: without-label}, spec: {containers: [{name: c}]}}\n";
        fs::write(path("own.yaml"), documents).expect("written");
        let kustomization = format!("resources: [own.yaml]\ncomponents: [{class}/pods]\n");
        fs::write(path("kustomization.yaml"), kustomization).expect("written");
        let paired = verdict(kubectl.arg("kustomize").arg(directory.path()));
        kubectl = judge("kubectl").expect("as before");
        let run = s3boot_with_input(&root(), &["land", "-f", &manifest, "-"], paired.as_bytes()).success();
        let (other, lands): (Vec<_>, Vec<_>) = run.text().lines().partition(|line| line.contains("without-label"));
        assert_eq!((other.len(), lands.len()), (1, 10), "{}", run.text());
        assert!(
            lands.iter().all(|line| line.ends_with(&format!(": lands only on {class}"))),
            "{example}: {}",
            run.text()
        );
        assert!(other[0].ends_with("needs no bucket of these classes"), "{}", other[0]);
        assert_eq!(paired.matches("example.com/own").count(), 9, "{paired}");
        assert!(!paired.contains("kind: Pairing"), "{paired}");
        let mounted = paired.matches("mountPath: /own").count();
        assert_eq!(mounted, 5, "{paired}");
    }
}
