//! `s3boot land`: its semantics are those of the real scheduler, and each of its codes has a manifest in `tests/land/`.

mod common;

use common::{files, root, s3boot, s3boot_with_input, shared};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use s3boot::land::code::CODES;
use s3boot::land::document::{self, Document};
use s3boot::land::place::Place;
use s3boot::land::{Verdict, World};
use s3boot::source::Source;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

fn documents(text: &str) -> Vec<Document> {
    document::read(Source::new("test.yaml", text)).expect("YAML")
}

fn yaml(documents: &[Value]) -> String {
    documents.iter().map(|document| format!("---\n{document}\n")).collect()
}

/// The verdicts of kube-scheduler 1.33 on 60 pods and 10 nodes.
#[test]
fn each_pod_lands_where_the_scheduler_says() {
    let Some(vectors) = shared("vectors/landing") else { return };
    let read = |name: &str| fs::read_to_string(vectors.join(name)).expect("readable");
    let truth: Value = serde_json::from_str(&read("truth.json")).expect("JSON");
    let world = World::of(None, &documents(&read("nodes.yaml"))).unwrap_or_else(|fault| panic!("{fault:?}"));
    let landings = world.landings(&documents(&read("pods.yaml")));
    assert_eq!(landings.len(), 60);
    for landing in landings {
        let pod = landing.name.rsplit('/').next().expect("a name");
        let alone = truth["alone"][pod].as_object().expect("verdicts");
        let able: BTreeSet<_> =
            alone.iter().filter(|(_, lands)| **lands == true).map(|(node, _)| node.clone()).collect();
        assert_eq!(landing.may_land_on.into_iter().collect::<BTreeSet<_>>(), able, "{pod}");
    }
}

/// Cordons, node names, gates, odd numbers.
#[test]
fn each_edge_is_as_in_the_experiment() {
    let Some(vectors) = shared("vectors/landing") else { return };
    let text = fs::read_to_string(vectors.join("edge.json")).expect("readable");
    let experiments: Value = serde_json::from_str(&text).expect("JSON");
    let mut seen = 0;
    for (name, experiment) in experiments.as_object().expect("experiments") {
        let list = |key: &str| experiment[key].as_array().expect("a list").clone();
        let world = World::of(None, &documents(&yaml(&list("nodes")))).unwrap_or_else(|fault| panic!("{fault:?}"));
        for landing in world.landings(&documents(&yaml(&list("pods")))) {
            let pod = landing.name.rsplit('/').next().expect("a name");
            let said = experiment["lands"][pod].as_str().expect("a verdict");
            // Of those two nothing is decided by predicates: a preferred term that fails while scoring, another scheduler.
            if said.contains("SchedulerError") || said.contains("no scheduler acted") {
                continue;
            }
            assert_eq!(!landing.may_land_on.is_empty(), !said.starts_with("(none)"), "{name}: {pod}: {said}");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

/// What the API server refuses, with its message beside.
#[test]
fn what_the_api_server_refuses_is_refused() {
    let Some(vectors) = shared("vectors/landing") else { return };
    let text = fs::read_to_string(vectors.join("refused.yaml")).expect("readable");
    let entries: Vec<Value> = serde_yaml::from_str(&text).expect("YAML");
    assert_eq!(entries.len(), 52);
    for entry in entries {
        let documents = documents(&yaml(&[entry["manifest"].clone()]));
        let refused = match World::of(None, &documents) {
            Err(_) => true,
            Ok(world) => world
                .landings(&documents)
                .iter()
                .flat_map(|landing| &landing.findings)
                .any(|finding| finding.fault.code.name == "pod-refused"),
        };
        assert!(refused, "{}: {}", entry["fault"], entry["message"]);
    }
}

fn codes_of(file: &str) -> Vec<String> {
    let run = s3boot(&root().join("tests/land"), &["land", "-f", "s3boot.yaml", file, "--format", "json"]);
    let answer: Value = serde_json::from_str(run.text()).unwrap_or_else(|_| panic!("{file}: {}", run.stderr));
    let findings =
        answer.as_array().expect("pods").iter().flat_map(|pod| pod["findings"].as_array().expect("findings"));
    findings.map(|finding| finding["code"].as_str().expect("a code").to_owned()).collect()
}

#[test]
fn each_code_has_a_manifest_with_it_and_nothing_else() {
    for code in CODES {
        assert_eq!(codes_of(&format!("{}.yaml", code.name)), [code.name]);
    }
    let inputs = common::names(&root().join("tests/land"));
    assert_eq!(inputs.len(), CODES.len() + 1, "{inputs:?}");
}

/// What `s3boot explain` shows as right has no finding in the place of what is wrong.
#[test]
fn each_mended_form_has_no_finding() {
    for code in CODES {
        let path = root().join(format!("tests/land/{}.yaml", code.name));
        let text = fs::read_to_string(path).expect("readable");
        assert!(text.contains(code.wrong), "{}: its `wrong` is not in its manifest", code.name);
        let mended = text.replacen(code.wrong, code.right, 1);
        let run =
            s3boot_with_input(&root(), &["land", "-f", "tests/land/s3boot.yaml", "-"], mended.as_bytes()).success();
        assert_eq!(run.stderr, "", "{}", code.name);
    }
}

#[test]
fn each_finding_is_drawn() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/land");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for code in CODES {
        let run = s3boot(&root().join("tests/land"), &["land", "-f", "s3boot.yaml", &format!("{}.yaml", code.name)]);
        let said = format!("{}{}", run.stderr, run.text());
        settings.bind(|| insta::assert_snapshot!(code.name, said));
    }
}

/// Every example of Spark and pods lands on its class, and the manifests of the tests are all of them.
#[test]
fn a_file_without_pods_or_that_is_no_yaml_is_trouble() {
    let none = s3boot_with_input(&root(), &["land", "-"], b"kind: ConfigMap\n").failure(2);
    assert!(none.stderr.contains("there is no pod template in -"), "{}", none.stderr);
    let broken = s3boot_with_input(&root(), &["land", "-"], b"kind: Pod\n---\nspec: [\n").failure(2);
    assert!(broken.stderr.contains("<stdin>:"), "{}", broken.stderr);
    let missing = s3boot(&root(), &["land", "nowhere.yaml"]).failure(2);
    assert!(missing.stderr.contains("nowhere.yaml"), "{}", missing.stderr);
    let github =
        s3boot(&root().join("tests/land"), &["land", "--format", "github", "-f", "s3boot.yaml", "pod-escapes.yaml"])
            .failure(1);
    assert!(github.text().starts_with("::error file=pod-escapes.yaml,line=3,"), "{}", github.text());
    assert!(files(&root().join("tests/land")).len() > 20);
}

const KEYS: &[&str] = &["s3boot.dev/class", "topology.kubernetes.io/zone", "team", "karpenter.k8s.aws/instance-cpu"];
const VALUES: &[&str] = &["", "c", "d", "4", "16", "us-west-2a"];

fn expression() -> impl Strategy<Value = Value> {
    let values = proptest::collection::vec(prop::sample::select(VALUES), 1..3);
    (prop::sample::select(KEYS), 0..6, values, 0..20_u32).prop_map(|(key, operator, values, bound)| match operator {
        0 => json!({"key": key, "operator": "In", "values": values}),
        1 => json!({"key": key, "operator": "NotIn", "values": values}),
        2 => json!({"key": key, "operator": "Exists"}),
        3 => json!({"key": key, "operator": "DoesNotExist"}),
        4 => json!({"key": key, "operator": "Gt", "values": [bound.to_string()]}),
        _ => json!({"key": key, "operator": "Lt", "values": [bound.to_string()]}),
    })
}

fn taint() -> impl Strategy<Value = Value> {
    let parts = (prop::sample::select(&["s3boot.dev/class", "gpu"][..]), prop::sample::select(&["", "c", "d"][..]));
    (parts, prop::sample::select(&["NoSchedule", "NoExecute", "PreferNoSchedule"][..]))
        .prop_map(|((key, value), effect)| json!({"key": key, "value": value, "effect": effect}))
}

fn toleration() -> impl Strategy<Value = Value> {
    let parts = (prop::sample::select(&["s3boot.dev/class", "gpu"][..]), prop::sample::select(&["", "c", "d"][..]));
    (parts, 0..3, prop::sample::select(&["", "NoSchedule", "NoExecute"][..])).prop_map(
        |((key, value), kind, effect)| match kind {
            0 => json!({"operator": "Exists", "effect": effect}),
            1 => json!({"key": key, "operator": "Exists", "effect": effect}),
            _ => json!({"key": key, "operator": "Equal", "value": value, "effect": effect}),
        },
    )
}

fn pod() -> impl Strategy<Value = Value> {
    let term = proptest::collection::vec(expression(), 0..3).prop_map(|list| json!({"matchExpressions": list}));
    let terms = proptest::option::of(proptest::collection::vec(term, 1..3));
    let selector = proptest::option::of(prop::sample::select(&["c", "d"][..]));
    (terms, selector, proptest::collection::vec(toleration(), 0..3)).prop_map(|(terms, selector, tolerations)| {
        let mut spec = json!({"tolerations": tolerations, "containers": [{"name": "c", "volumeMounts": [{"name": "s3", "mountPath": "/mnt/s3", "mountPropagation": "HostToContainer"}]}],
            "volumes": [{"name": "s3", "hostPath": {"path": "/mnt/s3", "type": "Directory"}}]});
        if let Some(selector) = selector {
            spec["nodeSelector"] = json!({"s3boot.dev/class": selector});
        }
        if let Some(terms) = terms {
            spec["affinity"] = json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}});
        }
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec})
    })
}

fn node() -> impl Strategy<Value = Value> {
    let labels = proptest::collection::btree_map(prop::sample::select(KEYS), prop::sample::select(VALUES), 0..4);
    (labels, proptest::collection::vec(taint(), 0..2)).prop_map(|(labels, mut taints)| {
        taints.dedup_by_key(|taint| (taint["key"].clone(), taint["effect"].clone()));
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "labels": labels}, "spec": {"taints": taints}})
    })
}

fn pool() -> impl Strategy<Value = Value> {
    let requirements = proptest::collection::vec(expression(), 0..3);
    let labels =
        proptest::collection::btree_map(prop::sample::select(&["team"][..]), prop::sample::select(VALUES), 0..2);
    (requirements, labels, proptest::collection::vec(taint(), 0..2)).prop_map(|(requirements, labels, mut taints)| {
        taints.dedup_by_key(|taint| (taint["key"].clone(), taint["effect"].clone()));
        json!({"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "pool"},
            "spec": {"template": {"metadata": {"labels": labels}, "spec": {"requirements": requirements, "taints": taints}}}})
    })
}

/// Labels of nodes that a pool of the test can make, by trying: the oracle knows nothing of sets.
fn nodes_of(pool: &Value) -> Vec<Value> {
    let template = &pool["spec"]["template"];
    let fixed = template["metadata"]["labels"].as_object().expect("labels");
    let requirements = template["spec"]["requirements"].as_array().expect("a list");
    let named = |key: &str| fixed.contains_key(key) || requirements.iter().any(|one| one["key"] == key);
    let known = |key: &str| key.contains("kubernetes.io") || key.contains("karpenter.k8s.aws");
    let mut found = vec![json!({})];
    for key in KEYS {
        let mut more = Vec::new();
        for labels in found {
            for value in VALUES.iter().map(Some).chain([None]) {
                let mut labels = labels.clone();
                match (value, fixed.get(*key)) {
                    (Some(value), Some(own)) if own != value => continue,
                    (None, Some(_)) => continue,
                    (Some(_), _) if !named(key) && !known(key) => continue,
                    (Some(value), _) => labels[*key] = json!(value),
                    (None, None) => {}
                }
                more.push(labels);
            }
        }
        found = more;
    }
    let makes = |labels: &Value| {
        let holds = |one: &Value| {
            let value = labels[one["key"].as_str().expect("a key")].as_str();
            let has =
                |value: &str| one["values"].as_array().is_some_and(|values| values.iter().any(|one| one == value));
            let number = |text: &str| text.parse::<i64>().ok();
            let bound = || one["values"][0].as_str().and_then(number);
            match (one["operator"].as_str().expect("an operator"), value) {
                ("In", value) => value.is_some_and(has),
                ("NotIn", value) => !value.is_some_and(has),
                ("Exists", value) => value.is_some(),
                ("DoesNotExist", value) => value.is_none(),
                ("Gt", value) => value.and_then(number).zip(bound()).is_some_and(|(value, bound)| value > bound),
                (_, value) => value.and_then(number).zip(bound()).is_some_and(|(value, bound)| value < bound),
            }
        };
        requirements.iter().all(holds)
    };
    let node = |labels: &Value| json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "made", "labels": labels}, "spec": {"taints": template["spec"]["taints"]}});
    found.iter().filter(|labels| makes(labels)).map(node).collect()
}

fn accepts(place: &Value, pod: &Value) -> bool {
    let world =
        World::of(None, &documents(&yaml(std::slice::from_ref(place)))).unwrap_or_else(|fault| panic!("{fault:?}"));
    world.landings(&documents(&yaml(std::slice::from_ref(pod)))).iter().any(|landing| !landing.may_land_on.is_empty())
}

fn world_of_c(places: &[Value]) -> World {
    let text = fs::read_to_string(root().join("tests/land/s3boot.yaml")).expect("readable").replace("spark-jars", "c");
    let loaded = s3boot::load(&Source::new("s3boot.yaml", &text)).expect("it holds");
    World::of(Some(&loaded.plan), &documents(&yaml(places))).unwrap_or_else(|fault| panic!("{fault:?}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, rng_seed: RngSeed::Fixed(0), ..ProptestConfig::default() })]

    /// "Lands only on c" never holds where a node that is not c's would take the pod, whether it was told of it or not.
    #[test]
    fn the_proof_is_sound(pod in pod(), node in node()) {
        let landing = world_of_c(&[]).landings(&documents(&yaml(std::slice::from_ref(&pod)))).remove(0);
        let of_c = node["metadata"]["labels"]["s3boot.dev/class"] == "c";
        if landing.verdict == Verdict::Only(vec!["c".to_owned()]) && !of_c {
            prop_assert!(!accepts(&node, &pod), "{pod}\nlands on\n{node}");
        }
        let told = world_of_c(std::slice::from_ref(&node)).landings(&documents(&yaml(std::slice::from_ref(&pod)))).remove(0);
        let tainted = node["spec"]["taints"].as_array().is_some_and(|taints| taints.iter().any(|taint| taint["key"] == "s3boot.dev/class" && taint["value"] == "c" && taint["effect"] != "PreferNoSchedule"));
        if told.verdict == Verdict::Only(vec!["c".to_owned()]) && !(of_c && tainted) {
            prop_assert!(!accepts(&node, &pod), "{pod}\nlands on\n{node}");
        }
    }

    /// Where a node that a pool can make would take a pod, the pool may.
    #[test]
    fn a_pool_may_take_what_one_of_its_nodes_takes(pod in pod(), pool in pool()) {
        let may = accepts(&pool, &pod);
        for node in nodes_of(&pool) {
            prop_assert!(may || !accepts(&node, &pod), "{pod}\nlands on\n{node}\nof\n{pool}");
        }
        prop_assert!(Place::read(&documents(&yaml(&[pool]))[0]).is_ok_and(|place| place.is_some()));
    }
}

/// kubectl prints the images of every node: 500 nodes are more text than any manifest, and more values than a reader of
/// manifests takes.
#[test]
fn a_large_cluster_is_read() {
    let image = json!({"names": ["registry.example.com/image@sha256:".to_owned() + &"a".repeat(64)], "sizeBytes": 1});
    let node = |at: usize| {
        json!({
            "apiVersion": "v1", "kind": "Node",
            "metadata": {"name": format!("node-{at}"), "labels": {"s3boot.dev/class": "other"}},
            "spec": {"taints": [{"key": "s3boot.dev/class", "value": "other", "effect": "NoSchedule"}]},
            "status": {"images": vec![image.clone(); 150]}
        })
    };
    let list = json!({"apiVersion": "v1", "kind": "List", "items": (0..500).map(node).collect::<Vec<_>>()}).to_string();
    assert!(list.len() > 5 << 20);
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("nodes.json");
    fs::write(&file, list).expect("written");
    let pod = "kind: Pod\nmetadata: {name: a}\nspec: {tolerations: [{operator: Exists}], containers: [{name: c}]}\n";
    let run = s3boot_with_input(&root(), &["land", "--nodes", file.to_str().expect("UTF-8"), "-"], pod.as_bytes());
    assert_eq!(run.success().text(), "default/a: may land on 500 of 500\n");
}

/// A pod may have more homes than one, and has none where only a part of its buckets is mounted.
#[test]
fn pods_of_several_classes() {
    let class = |name: &str, mounts: &str| format!("  - {{name: {name}, ami: al2023@v20260724, mounts: [{mounts}]}}\n");
    let jars = "{name: m, bucket: acme-1}";
    let data = "{name: x, bucket: acme-2, path: /data/x}";
    let manifest = "cluster: {name: a, region: us-west-2, node-role: n, discovery: {a: b}}\nclasses:\n".to_owned()
        + &[class("one", jars), class("two", jars), class("three", data), class("four", &format!("{jars}, {data}"))]
            .concat();
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("s3boot.yaml");
    fs::write(&file, manifest).expect("written");
    let verdict = |classes: &[&str], paths: &[&str]| {
        let name = |path: &str| path[1..].replace('/', "-");
        let mounts: Vec<_> = paths
            .iter()
            .map(|path| json!({"name": name(path), "mountPath": path, "mountPropagation": "HostToContainer"}))
            .collect();
        let volumes: Vec<_> = paths
            .iter()
            .map(|path| json!({"name": name(path), "hostPath": {"path": path, "type": "Directory"}}))
            .collect();
        let term = json!({"matchExpressions": [{"key": "s3boot.dev/class", "operator": "In", "values": classes}]});
        let pod = json!({"kind": "Pod", "metadata": {"name": "a"}, "spec": {
            "tolerations": [{"key": "s3boot.dev/class", "operator": "Exists"}],
            "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}},
            "containers": [{"name": "c", "volumeMounts": mounts}],
            "volumes": volumes,
        }});
        let arguments = ["land", "-f", file.to_str().expect("UTF-8"), "-"];
        let run = s3boot_with_input(&root(), &arguments, pod.to_string().as_bytes());
        format!(
            "{}{}",
            run.text().trim_start_matches("default/a: ").lines().next().unwrap_or_default(),
            if run.code == 0 { "" } else { " (fault)" }
        )
    };
    assert_eq!(verdict(&["one"], &["/mnt/s3"]), "lands only on one");
    assert_eq!(verdict(&["one", "two"], &["/mnt/s3"]), "lands only on one or two");
    // A node that has the label of `three` by hand is another node too.
    assert_eq!(
        verdict(&["one", "three"], &["/mnt/s3"]),
        "may land on three, any other node, where its bucket is not mounted (fault)"
    );
    assert_eq!(verdict(&["four"], &["/mnt/s3", "/data"]), "lands only on four");
    assert_eq!(
        verdict(&["three"], &["/mnt/s3", "/data"]),
        "may land on three, any other node, where its bucket is not mounted (fault)"
    );
    assert_eq!(
        verdict(&["one", "four"], &["/mnt/s3", "/data"]),
        "may land on one, any other node, where its bucket is not mounted (fault)"
    );
}

/// The help names what the pod selects, and the classes that it may have meant.
#[test]
fn a_class_that_is_not_there_is_named() {
    let pod = "kind: Pod\nmetadata: {name: a}\nspec:\n  nodeSelector: {s3boot.dev/class: spark-jar}\n  containers: [{name: c, volumeMounts: [{name: s, mountPath: /mnt/s3, mountPropagation: HostToContainer}]}]\n  volumes: [{name: s, hostPath: {path: /mnt/s3, type: Directory}}]\n";
    let run = s3boot_with_input(&root(), &["land", "-f", "tests/land/s3boot.yaml", "-"], pod.as_bytes()).failure(1);
    let help = "`s3boot.dev/class: spark-jar` selects no class that mounts it: did you mean `spark-jars`?";
    assert!(run.stderr.contains(help), "{}", run.stderr);
}

#[test]
fn standard_input_is_read_once() {
    let twice: [&[&str]; 3] = [
        &["land", "--nodes", "-", "-"],
        &["graph", "-f", "-", "-"],
        &["pair", "-", "-f", "-", "--class", "spark-jars"],
    ];
    for arguments in twice {
        let run = s3boot_with_input(&root(), arguments, b"kind: Pod\n").failure(2);
        assert!(run.stderr.contains("standard input can be read once"), "{}", run.stderr);
    }
}
