//! What the API server says of every Karpenter object that the examples render: the CRD's schema, closed as strict field
//! validation closes it, and its CEL rules.

mod common;

use cel::objects::Value as Cel;
use cel::{Context, Program};
use common::{files, rendered_examples, s3boot_with_input, shared};
use serde_json::{Map, Value, json};
use std::fs;
use std::sync::Arc;

struct Crd {
    validator: jsonschema::Validator,
    schema: Value,
}

impl Crd {
    fn read(name: &str) -> Option<Self> {
        Self::of_version(name, "v1")
    }

    fn of_version(name: &str, wanted: &str) -> Option<Self> {
        let text = fs::read_to_string(shared(&format!("crds/{name}.yaml"))?).expect("readable");
        let crd: Value = serde_yaml::from_str(&text).expect("a CRD");
        let versions = crd["spec"]["versions"].as_array().expect("versions");
        let version = versions.iter().find(|version| version["name"] == wanted).expect("the version");
        let schema = version["schema"]["openAPIV3Schema"].clone();
        let mut closed = schema.clone();
        close(&mut closed);
        let validator = jsonschema::validator_for(&closed).expect("a schema");
        Some(Self { validator, schema })
    }

    /// What the API server would refuse.
    fn faults(&self, document: &Value) -> Vec<String> {
        let mut document = document.clone();
        apply_defaults(&self.schema, &mut document);
        let mut faults: Vec<_> =
            self.validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        rules(&self.schema, &document, "", &mut faults);
        faults
    }
}

/// Unknown fields are faults, as with `kubectl apply --validate=strict`.
fn close(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    let open = map.contains_key("x-kubernetes-preserve-unknown-fields") || map.contains_key("additionalProperties");
    let named = map.get("properties").and_then(Value::as_object).is_some_and(|properties| !properties.is_empty());
    if named && !open {
        map.insert("additionalProperties".to_owned(), json!(false));
    }
    for key in ["items", "additionalProperties"] {
        map.get_mut(key).into_iter().for_each(close);
    }
    map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut).for_each(close);
}

fn apply_defaults(schema: &Value, value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, property) in schema["properties"].as_object().into_iter().flatten() {
                if let (Some(default), None) = (property.get("default"), map.get(key)) {
                    map.insert(key.clone(), default.clone());
                }
                map.get_mut(key).into_iter().for_each(|inner| apply_defaults(property, inner));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| apply_defaults(&schema["items"], item)),
        _ => {}
    }
}

/// Every CEL rule of a schema on its value. Rules of transitions name `oldSelf`, and say nothing of a new object.
fn rules(schema: &Value, value: &Value, path: &str, faults: &mut Vec<String>) {
    for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
        let text = rule["rule"].as_str().expect("a rule");
        if !text.contains("oldSelf") && !holds(text, value) {
            faults.push(format!("{path}: {} ({text})", rule["message"].as_str().unwrap_or_default()));
        }
    }
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let property = schema["properties"].get(key).unwrap_or(&schema["additionalProperties"]);
                rules(property, inner, &format!("{path}/{key}"), faults);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                rules(&schema["items"], item, &format!("{path}/{at}"), faults);
            }
        }
        _ => {}
    }
}

fn holds(rule: &str, value: &Value) -> bool {
    let program = Program::compile(rule).unwrap_or_else(|error| panic!("{rule}: {error}"));
    let mut context = Context::default();
    context.add_variable("self", value).expect("JSON is CEL");
    context.add_function("find", find).expect("a new name");
    context.add_function("split", split).expect("a new name");
    match program.execute(&context) {
        Ok(Cel::Bool(verdict)) => verdict,
        other => panic!("{rule}: {other:?} on {value}"),
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the signature is that of a CEL function")]
/// Kubernetes' CEL library has `find`; the rules use it for what stands before a character.
fn find(cel::extractors::This(text): cel::extractors::This<Arc<String>>, pattern: Arc<String>) -> Arc<String> {
    let end = match pattern.as_str() {
        "^([^/]+)" => '/',
        "^[^@]+" => '@',
        other => panic!("the rules have a new pattern: {other}"),
    };
    Arc::new(text.split(end).next().unwrap_or_default().to_owned())
}

#[allow(clippy::needless_pass_by_value, reason = "the signature is that of a CEL function")]
fn split(cel::extractors::This(text): cel::extractors::This<Arc<String>>, separator: Arc<String>) -> Arc<Vec<Cel>> {
    Arc::new(text.split(separator.as_str()).map(|part| Cel::String(Arc::new(part.to_owned()))).collect())
}

const CRDS: [(&str, &str); 2] =
    [("ec2nodeclass.yaml", "karpenter.k8s.aws_ec2nodeclasses"), ("nodepool.yaml", "karpenter.sh_nodepools")];

#[test]
fn the_api_server_takes_what_the_examples_render() {
    for (file, crd) in CRDS {
        let Some(crd) = Crd::read(crd) else { return };
        let mut seen = 0;
        for (example, directory) in rendered_examples() {
            for (path, content) in common::files(directory.path()).into_iter().filter(|(path, _)| path.ends_with(file))
            {
                let document: Value = serde_yaml::from_slice(&content).expect("YAML");
                let none: Vec<String> = Vec::new();
                assert_eq!(crd.faults(&document), none, "{example}/{path}");
                seen += 1;
            }
        }
        assert!(seen >= 6, "{file}: {seen}");
    }
}

/// The judge is awake: each of these changes is refused.
#[test]
fn the_api_server_refuses_what_is_wrong() {
    type Change = fn(&mut Value);
    let changes: [(usize, &str, Change); 9] = [
        (0, "role and profile", |class| class["spec"]["instanceProfile"] = json!("x")),
        (0, "no subnets", |class| class["spec"]["subnetSelectorTerms"] = json!([])),
        (0, "alias of another family", |class| class["spec"]["amiFamily"] = json!("Bottlerocket")),
        (0, "unknown field", |class| class["spec"]["userdata"] = json!("x")),
        (0, "volume size", |class| {
            class["spec"]["blockDeviceMappings"] = json!([{"deviceName": "/dev/xvda", "ebs": {"volumeSize": "100"}}]);
        }),
        (1, "restricted label", |pool| {
            pool["spec"]["template"]["metadata"]["labels"]["karpenter.sh/nodepool"] = json!("x");
        }),
        (1, "empty taint value", |pool| pool["spec"]["template"]["spec"]["taints"][0]["value"] = json!("")),
        (1, "days", |pool| pool["spec"]["template"]["spec"]["expireAfter"] = json!("30d")),
        (1, "In without values", |pool| pool["spec"]["template"]["spec"]["requirements"][0]["values"] = json!([])),
    ];
    for (which, what, change) in changes {
        let (file, crd) = CRDS[which];
        let Some(crd) = Crd::read(crd) else { return };
        let manifest = fs::read(common::root().join("examples/minimal/s3boot.yaml")).expect("readable");
        let run = s3boot_with_input(&common::root(), &["render", "-f", "-"], &manifest).success();
        let kind = if file == "nodepool.yaml" { "kind: NodePool" } else { "kind: EC2NodeClass\n" };
        let text = run.text().split("---\n").find(|text| text.contains(kind)).expect("a document").to_owned();
        let mut document: Value = serde_yaml::from_str(&text).expect("YAML");
        assert!(crd.faults(&document).is_empty(), "{what}: {:?}", crd.faults(&document));
        change(&mut document);
        assert!(!crd.faults(&document).is_empty(), "{what} was accepted");
    }
}

/// Whole applications by the CRD of the Spark operator; what its schema does not know is a fault.
#[test]
fn the_spark_operator_takes_every_application() {
    let Some(crd) = Crd::of_version("sparkoperator.k8s.io_sparkapplications", "v1beta2") else { return };
    let mut seen = 0;
    for (example, directory) in rendered_examples() {
        for (path, content) in
            files(directory.path()).into_iter().filter(|(path, _)| path.ends_with("spark/application.yaml"))
        {
            let document: Value = serde_yaml::from_slice(&content).expect("YAML");
            let none: Vec<String> = Vec::new();
            assert_eq!(crd.faults(&document), none, "{example}/{path}");
            let mut wrong = document;
            wrong["spec"]["driver"]["volumeMount"] = json!([]);
            assert!(!crd.faults(&wrong).is_empty(), "an unknown field was accepted");
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen}");
}
