//! The ways to bring a bucket to a pod: what Kubernetes, Terraform's AWS provider, the EKS module and eksctl say of what is
//! rendered for them, and that nothing of a class is lost on the way.

mod common;

use common::{judge, python, rendered, root, s3boot, s3boot_with_input, skip, verdict};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;

/// The rendered files with this end, in a directory, each under a name of its own.
fn written(end: &str) -> (tempfile::TempDir, Vec<PathBuf>) {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |(name, text): (String, String)| {
        let path = directory.path().join(name.replace('/', "-"));
        fs::write(&path, text).expect("written");
        path
    };
    let files = rendered(end).into_iter().map(write).collect();
    (directory, files)
}

fn documents(end: &str) -> Vec<(String, Value)> {
    let of = |(name, text): (String, String)| {
        let read = |text: &str| serde_yaml::from_str(text).expect("YAML");
        text.split("---\n").map(|text| (name.clone(), read(text))).collect::<Vec<_>>()
    };
    rendered(end).into_iter().flat_map(of).collect()
}

#[test]
fn kubernetes_takes_every_document() {
    for end in ["daemonset.yaml", "volumes.yaml", "vllm.yaml", "sglang.yaml", "triton.yaml", "spark/driver.yaml"] {
        let Some(mut python) = python() else { return };
        let (_directory, files) = written(end);
        verdict(python.arg(root().join("tests/judges/kubernetes.py")).args(files));
    }
}

/// The judge is awake.
#[test]
fn kubernetes_refuses_what_is_wrong() {
    let changes = [("hostPID:", "hostPid:"), ("claimRef:", "claimref:"), ("privileged: true", "privileged: maybe")];
    for (right, wrong) in changes {
        let Some(mut python) = python() else { return };
        let texts: Vec<_> = ["daemonset.yaml", "volumes.yaml"].into_iter().flat_map(rendered).collect();
        let (_, text) = texts.iter().find(|(_, text)| text.contains(right)).expect("a document with it");
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), text.replace(right, wrong)).expect("written");
        let output =
            python.arg(root().join("tests/judges/kubernetes.py")).arg(file.path()).output().expect("it starts");
        assert_eq!(output.status.code(), Some(1), "{wrong} was accepted");
    }
}

/// What the API server makes of an update by a pod of the `DaemonSet`: the policy's expressions, evaluated.
fn admitted(policy: &Value, user: &str, node: &str, old: &Value, new: &Value) -> bool {
    let mut context = cel::Context::default();
    let extra = json!({"authentication.kubernetes.io/node-name": [node]});
    let request = json!({"userInfo": {"username": user, "extra": extra}});
    for (name, value) in [("request", &request), ("oldObject", old), ("object", new)] {
        context.add_variable(name, value).expect("JSON is CEL");
    }
    let run = |context: &cel::Context<'_, '_>, expression: &Value| {
        let text = expression.as_str().expect("an expression");
        let program = cel::Program::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        program.execute(context).unwrap_or_else(|error| panic!("{text}: {error}"))
    };
    let list = |key: &str| policy["spec"][key].as_array().expect("a list").clone();
    if list("matchConditions").iter().any(|one| run(&context, &one["expression"]) == cel::Value::Bool(false)) {
        return true;
    }
    let variables: std::collections::HashMap<_, _> = (list("variables").iter())
        .map(|one| (one["name"].as_str().expect("a name").to_owned(), run(&context, &one["expression"])))
        .collect();
    context.add_variable_from_value("variables", variables);
    list("validations").iter().all(|one| run(&context, &one["expression"]) == cel::Value::Bool(true))
}

/// RBAC lets the pods patch all nodes with all that is in them; the policy leaves them one taint of their own node.
#[test]
fn pods_of_the_daemonset_lift_their_taint_and_no_more() {
    let is_policy = |(_, document): &(String, Value)| document["kind"] == "ValidatingAdmissionPolicy";
    let (_, policy) = documents("daemonset.yaml").into_iter().find(is_policy).expect("a policy");
    let own = json!({"key": "s3boot.dev/not-mounted", "effect": "NoSchedule"});
    let class = json!({"key": "s3boot.dev/class", "value": "reports", "effect": "NoSchedule"});
    let node = |taints: Value| json!({"metadata": {"name": "here", "labels": {"a": "b"}}, "spec": {"taints": taints, "providerID": "x"}});
    let pod = "system:serviceaccount:s3boot:s3boot-reports";
    let before = node(json!([own, class]));
    let with = |path: &str, value: Value| {
        let mut node = node(json!([class]));
        *node.pointer_mut(path).expect("there") = value;
        node
    };
    let mut untainted = node(json!([]));
    untainted["spec"].as_object_mut().expect("a mapping").remove("taints");
    let mut cordoned = node(json!([class]));
    cordoned["spec"]["unschedulable"] = json!(true);
    for (what, user, at, old, new, expected) in [
        ("its taint", pod, "here", &before, &node(json!([class])), true),
        ("its only taint", pod, "here", &node(json!([own])), &untainted, true),
        ("nothing", pod, "here", &before, &before, true),
        ("another node", pod, "there", &before, &node(json!([class])), false),
        ("the taint of the class", pod, "here", &before, &node(json!([own])), false),
        ("all taints", pod, "here", &before, &untainted, false),
        ("a new taint", pod, "here", &node(json!([class])), &before, false),
        ("a label", pod, "here", &before, &with("/metadata/labels/a", json!("c")), false),
        ("a cordon", pod, "here", &before, &cordoned, false),
        ("somebody else", "system:node:there", "there", &before, &untainted, true),
    ] {
        assert_eq!(admitted(&policy, user, at, old, new), expected, "{what}");
    }
}

fn provider() -> Option<std::process::Command> {
    let mut python = python()?;
    let Some(wheel) = std::env::var_os("S3BOOT_PROVIDER_WHEEL") else {
        skip("S3BOOT_PROVIDER_WHEEL does not name the schema of Terraform's AWS provider");
        return None;
    };
    python.arg(root().join("tests/judges/provider.py")).arg(wheel);
    Some(python)
}

#[test]
fn the_aws_provider_knows_every_argument() {
    let Some(mut provider) = provider() else { return };
    let (_directory, files) = written(".tf");
    verdict(provider.args(files));
}

#[test]
fn the_aws_provider_refuses_what_it_does_not_know() {
    let (_, group) = rendered("spark-jars.tf").into_iter().find(|(name, _)| name.starts_with("managed")).expect("it");
    for (right, wrong) in [
        ("http_tokens ", "http_token  "),
        ("capacity_type   =", "capacity_typ    ="),
        ("      effect = ", "      effekt = "),
        ("    max_size     = 20\n", ""),
        ("    ebs {", "    ebz {"),
    ] {
        let Some(mut provider) = provider() else { return };
        let file = tempfile::NamedTempFile::new().expect("a file");
        assert!(group.contains(right), "{right} is not in {group}");
        fs::write(file.path(), group.replace(right, wrong)).expect("written");
        assert_eq!(provider.arg(file.path()).output().expect("it starts").status.code(), Some(1), "{wrong}");
    }
}

fn planned(inputs: &Value) -> Option<(bool, String)> {
    let mut terraform = judge("terraform")?;
    let directory = tempfile::tempdir().expect("a directory");
    fs::copy(root().join("tests/terraform/eks-module.tf"), directory.path().join("main.tf")).expect("copied");
    fs::write(directory.path().join("in.auto.tfvars.json"), inputs.to_string()).expect("written");
    terraform.args(["plan", "-no-color", "-input=false"]).current_dir(directory.path());
    let output = terraform.env("TF_CLI_CONFIG_FILE", "/dev/null").output().expect("terraform starts");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Some((output.status.success(), said))
}

/// The inputs fit the module's types, and have no field that an object type would drop without a word.
#[test]
fn the_eks_module_takes_the_inputs() {
    let stub = fs::read_to_string(root().join("tests/terraform/eks-module.tf")).expect("readable");
    for (name, text) in rendered("eks_managed_node_groups.tfvars.json") {
        let inputs: Value = serde_json::from_str(&text).expect("JSON");
        let Some((taken, said)) = planned(&inputs) else { return };
        assert!(taken, "{name}: {said}");
        for group in inputs["eks_managed_node_groups"].as_object().expect("groups").values() {
            for field in fields(group) {
                assert!(stub.contains(&format!(" {field} ")), "{name}: the module has no {field}");
            }
            let mut wrong = inputs.clone();
            let of = |inputs: &mut Value, change: &dyn Fn(&mut Value)| {
                inputs["eks_managed_node_groups"].as_object_mut().expect("groups").values_mut().for_each(change);
            };
            of(&mut wrong, &|group| group["taints"] = json!([{"key": "a", "effect": "NO_SCHEDULE"}]));
            assert!(!planned(&wrong).expect("as before").0, "{name}: a list of taints was accepted");
            let mut wrong = inputs.clone();
            of(&mut wrong, &|group| group["min_size"] = json!("few"));
            assert!(!planned(&wrong).expect("as before").0, "{name}: a size that is no number was accepted");
        }
    }
}

/// The names of an object's fields, and of those of its objects; keys of maps are the user's.
fn fields(value: &Value) -> Vec<String> {
    const MAPS: &[&str] = &["labels", "tags", "taints", "block_device_mappings"];
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, inner)| {
                let below = match (MAPS.contains(&key.as_str()), inner) {
                    (true, Value::Object(entries)) => entries.values().flat_map(fields).collect(),
                    _ => fields(inner),
                };
                std::iter::once(key.clone()).chain(below).collect::<Vec<_>>()
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(fields).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn eksctl_takes_the_node_groups() {
    let schema = fs::read_to_string(root().join("tests/eksctl.schema.json")).expect("readable");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for (name, document) in documents("eksctl.yaml") {
        let faults: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
        for path in ["", "/metadata", "/managedNodeGroups/0"] {
            let mut wrong = document.clone();
            wrong.pointer_mut(path).expect(path)["unknown"] = json!(true);
            assert!(!validator.is_valid(&wrong), "{name}: a field that eksctl does not have was accepted at {path:?}");
        }
    }
}

/// What eksctl's `validateNodeGroupBase` and `ValidateManagedNodeGroup` refuse, and no schema says.
#[test]
fn eksctl_refuses_none_of_the_node_groups() {
    let manifest = |zones: &str| {
        format!(
            "cluster: {{name: a, region: us-west-2, node-role: n, subnets: [{{id: subnet-0123456789abcdef0}}, {{tags: {{a: b}}}}], security-groups: [{{id: sg-0123456789abcdef0}}]}}\nclasses:\n  - name: c\n    deliver: node-group\n    ami: al2023@1.34.2-20260724\n    mounts: [{{name: m, bucket: acme-m}}]\n    nodes: {{types: [m7i.large]{zones}}}\n"
        )
    };
    let rendered = |zones: &str| {
        let arguments = ["render", "-f", "-", "--target", "eksctl"];
        s3boot_with_input(&root(), &arguments, manifest(zones).as_bytes()).success().text().to_owned()
    };
    for text in [rendered(""), rendered(", zones: [us-west-2a]")] {
        let note = "# Not in here: subnets by tags, or beside zones;";
        assert!(text.lines().any(|line| line.starts_with(note)), "{text}");
        assert!(!text.contains("# Not in here: security groups"), "{text}");
    }
    let given = [rendered(""), rendered(", zones: [us-west-2a]")]
        .map(|text| ("given".to_owned(), serde_yaml::from_str(&text).expect("YAML")));
    for (name, document) in documents("eksctl.yaml").into_iter().chain(given) {
        for group in document["managedNodeGroups"].as_array().expect("groups") {
            let has = |key: &str| !group[key].is_null();
            assert!(!(has("availabilityZones") && has("subnets")), "{name}: only one of both");
            assert!(has("volumeSize"), "{name}: volumeEncrypted cannot be set without volumeSize");
            assert!(!(has("ami") && has("releaseVersion")), "{name}: releaseVersion is of eksctl's own AMIs");
            assert!(
                group["amiFamily"] != "Bottlerocket"
                    || !has("preBootstrapCommands") && !has("overrideBootstrapCommand")
            );
            let size = |key: &str| group[key].as_u64().expect("a number");
            assert!(size("minSize") <= size("desiredCapacity") && size("desiredCapacity") <= size("maxSize"), "{name}");
        }
    }
}

/// `deliver` and `ami` change, nothing else: label, taint and mounts of the class are the same in each way.
#[test]
fn every_way_has_the_same_pairing_and_mounts() {
    let manifest = |deliver: &str, ami: &str, more: &str| {
        format!(
            "cluster: {{name: a, region: us-west-2, node-role: n, discovery: {{a: b}}}}\nclasses:\n  - name: c\n    deliver: {deliver}\n    ami: {ami}\n{more}    mounts: [{{name: m, bucket: acme-m, prefix: p/, preset: jars}}]\n    pods: {{namespaces: [n]}}\n"
        )
    };
    let image = "    daemonset: {image: \"a.example/b@sha256:9db7b59979c38555a39def84a31fb98b5296952f9e3afd4f6f11f05b07adfab0\"}\n";
    let nodes = "    nodes: {types: [m7i.large]}\n";
    let ways = [
        ("karpenter", "al2023@v20260724", ""),
        ("node-group", "al2023@1.34.2-20260724", nodes),
        ("daemonset", "al2023", image),
        ("csi", "bottlerocket@v1.50.0", ""),
    ];
    for (deliver, ami, more) in ways {
        let text = manifest(deliver, ami, more);
        let run = s3boot_with_input(&root(), &["render", "-f", "-"], text.as_bytes()).success();
        for expected in ["s3boot.dev/class", "acme-m", "p/"] {
            assert!(run.text().contains(expected), "{deliver}: {expected} is not in\n{}", run.text());
        }
        let policy = s3boot_with_input(&root(), &["render", "-f", "-", "--target", "iam"], text.as_bytes()).success();
        assert!(policy.text().contains("arn:aws:s3:::acme-m/p/*"), "{deliver}: {}", policy.text());
    }
}

/// A target that has nothing for a class says so, and what there is.
#[test]
fn a_target_without_anything_says_what_there_is() {
    let example = root().join("examples/static-nodes");
    let run = s3boot(&example, &["render", "--target", "karpenter"]).failure(2);
    assert_eq!(
        run.stderr,
        "s3boot: `karpenter` has nothing for class `reports`; there is `iam`, `terraform`, `daemonset`, `label`, `spark`, `pod`, `plan`\n"
    );
}

/// kubelet mounts a handle once on a node, and a volume is of one claim.
#[test]
fn no_two_volumes_share_a_handle_or_a_claim() {
    let volumes: Vec<_> =
        documents("volumes.yaml").into_iter().filter(|(_, document)| document["kind"] == "PersistentVolume").collect();
    let by = |pointer: &str| {
        let mut found: Vec<_> =
            volumes.iter().map(|(_, volume)| volume.pointer(pointer).expect(pointer).to_string()).collect();
        found.sort();
        found
    };
    let unique = |mut list: Vec<String>| {
        let all = list.len();
        list.dedup();
        list.len() == all
    };
    assert!(unique(by("/spec/csi/volumeHandle")) && unique(by("/spec/claimRef")) && volumes.len() >= 8);
}

#[test]
fn terraform_data_speaks_the_external_protocol() {
    let example = root().join("examples/managed-node-group");
    let run = s3boot_with_input(&example, &["terraform-data"], br#"{"class": "spark-jars"}"#).success();
    let answer: Value = serde_json::from_str(run.text()).expect("JSON");
    let answer = answer.as_object().expect("an object");
    assert!(answer.values().all(Value::is_string), "every value is a string: {answer:?}");
    let taints: Value = serde_json::from_str(answer["taints"].as_str().expect("text")).expect("JSON in a string");
    assert_eq!(taints, json!([{"key": "s3boot.dev/class", "value": "spark-jars", "effect": "NoSchedule"}]));
    let mime = s3boot(&example, &["render", "--target", "userdata"]).success();
    assert_eq!(answer["user_data"].as_str(), Some(mime.text()));
    for (query, expected) in [
        (&b""[..], "the query is no"),
        (b"[]", "the query is no"),
        (br#"{"class": "spark-jarz"}"#, "did you mean `spark-jars`?"),
        (br#"{"class": "spark-jars", "file": "nowhere.yaml"}"#, "there is no manifest nowhere.yaml"),
        (br#"{"class": "spark-jars", "file": "../../tests/errors/zone.yaml"}"#, "error[zone]"),
        (
            br#"{"class": "spark-jars", "file": "../../tests/errors/userdata-too-large.yaml"}"#,
            "error[userdata-too-large]",
        ),
    ] {
        let run = s3boot_with_input(&example, &["terraform-data"], query).failure(2);
        assert!(run.stderr.contains(expected) && run.stderr.lines().count() == 1, "{}", run.stderr);
        assert!(run.stdout.is_empty());
    }
}
