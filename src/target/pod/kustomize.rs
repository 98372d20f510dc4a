//! The pairing as a kustomize component: objects with the label of the class get it.
//!
//! By replacements, not by a strategic merge: that would take the place of tolerations that a pod has, add a container of
//! the patch's name where the pod's has another, and know no lists of a `SparkApplication`. A replacement with `create` adds
//! an item to a list, or takes the place of the one with the same key (kustomize `api/filters/replacement`). It fails on a
//! list of init containers that is not there, so `s3boot pair` writes into those, and this does not.

use super::Side;
use crate::land::workload::{RAY, SPARK, TEMPLATES};
use crate::plan::Class;
use k8s_openapi::api::core::v1::Toleration;
use serde_json::{Value, json};

/// How it is used, for those who read it.
pub(super) fn notes(class: &Class) -> String {
    let label: Vec<_> = class.pairing.label().iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!(
        "# With `components: [{}/pods]` in a kustomization, every workload of it with the label `{}` is paired.\n",
        class.name,
        label.join(", ")
    )
}

/// The component.
pub(super) fn component(class: &Class) -> Value {
    json!({
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "resources": ["pairing.yaml"],
        "replacements": replacements(class),
    })
}

/// What the component takes its parts from. It is for kustomize alone, and in no output.
pub(super) fn pairing(class: &Class) -> Value {
    let Side { node_selector, tolerations, volumes, mounts, .. } = Side::of(class);
    json!({
        "apiVersion": "s3boot.dev/v1",
        "kind": "Pairing",
        "metadata": {"name": class.name.as_str(), "annotations": {"config.kubernetes.io/local-config": "true"}},
        "nodeSelector": node_selector,
        "tolerations": by_key(tolerations),
        "volumes": volumes,
        "volumeMounts": mounts,
    })
}

/// One toleration a key, since a replacement finds items of a list by one field: where a key has several taints, with any
/// effect, and with any value where those differ. The class's own key has one.
fn by_key(tolerations: Vec<Toleration>) -> Vec<Toleration> {
    let mut merged: Vec<Toleration> = Vec::new();
    for toleration in tolerations {
        match merged.iter_mut().find(|other| other.key == toleration.key) {
            None => merged.push(toleration),
            Some(other) => {
                other.effect = None;
                if other.value != toleration.value {
                    other.value = None;
                    other.operator = Some("Exists".to_owned());
                }
            }
        }
    }
    merged
}

/// A replacement for each part: which it is, and where it goes below the mappings that have such parts.
fn replacements(class: &Class) -> Vec<Value> {
    let side = Side::of(class);
    let key = |key: Option<&String>| key.map(String::as_str).unwrap_or_default().to_owned();
    let selectors = side.node_selector.keys().map(|label| {
        let field = format!("nodeSelector.[{label}]");
        replacement(class, &field, &field, |places| &places.scheduling)
    });
    let tolerations = by_key(side.tolerations.clone());
    let tolerations = tolerations.iter().enumerate().map(|(at, toleration)| {
        let item = format!("tolerations.[key={}]", key(toleration.key.as_ref()));
        replacement(class, &format!("tolerations.{at}"), &item, |places| &places.scheduling)
    });
    let volumes = side.volumes.iter().enumerate().map(|(at, volume)| {
        replacement(class, &format!("volumes.{at}"), &format!("volumes.[name={}]", volume.name), |places| {
            &places.volumes
        })
    });
    let mounts = side.mounts.iter().enumerate().map(|(at, mount)| {
        let item = format!("volumeMounts.[name={}]", mount.name);
        replacement(class, &format!("volumeMounts.{at}"), &item, |places| &places.containers)
    });
    selectors.chain(tolerations).chain(volumes).chain(mounts).collect()
}

fn replacement(class: &Class, part: &str, item: &str, below: impl Fn(&Places) -> &Vec<String>) -> Value {
    let label: Vec<_> = class.pairing.label().iter().map(|(key, value)| format!("{key}={value}")).collect();
    let target = |places: &Places| {
        let paths: Vec<_> = below(places).iter().map(|mapping| format!("{mapping}.{item}")).collect();
        json!({
            "select": {"kind": places.kind, "labelSelector": label.join(",")},
            "fieldPaths": paths,
            "options": {"create": true},
        })
    };
    json!({
        "source": {"kind": "Pairing", "name": class.name.as_str(), "fieldPath": part},
        "targets": places().iter().map(target).collect::<Vec<_>>(),
    })
}

/// Where objects of a kind have their parts: paths of mappings.
struct Places {
    kind: &'static str,
    /// With `nodeSelector` and `tolerations`.
    scheduling: Vec<String>,
    /// With `volumes`.
    volumes: Vec<String>,
    /// With `volumeMounts`.
    containers: Vec<String>,
}

/// The kinds that `s3boot land` knows.
fn places() -> Vec<Places> {
    let dotted = |path: &str| path.replace('/', ".");
    let templates = TEMPLATES.iter().map(|(kind, path)| Places::of_pods(kind, vec![format!("{}.spec", dotted(path))]));
    let spark = SPARK.iter().map(|(kind, path)| {
        let roles = ["driver", "executor"].map(|role| format!("{}.{role}", dotted(path))).to_vec();
        Places { kind, scheduling: roles.clone(), volumes: vec![dotted(path)], containers: roles }
    });
    let ray = RAY.iter().map(|(kind, path)| {
        let groups = ["headGroupSpec", "workerGroupSpecs.*"];
        Places::of_pods(kind, groups.map(|group| format!("{}.{group}.template.spec", dotted(path))).to_vec())
    });
    std::iter::once(Places::of_pods("Pod", vec!["spec".to_owned()])).chain(templates).chain(spark).chain(ray).collect()
}

impl Places {
    fn of_pods(kind: &'static str, specs: Vec<String>) -> Self {
        let containers = specs.iter().map(|spec| format!("{spec}.containers.*")).collect();
        Self { kind, scheduling: specs.clone(), volumes: specs, containers }
    }
}
