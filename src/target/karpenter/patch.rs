//! Patches of Karpenter's objects, and what must still hold afterwards. The generated is the parent, the patch the child.

use super::{EC2_NODE_CLASS, NODE_POOL};
use crate::diagnostic::{Fault, code};
use crate::manifest::{Effect, Operator};
use crate::plan::{Class, LabelKey, LabelValue, Lifetime, RoleName, kubernetes};
use crate::rule::cluster::term_fits;
use crate::rule::nodes::{requirement_fits, tag_fits};
use crate::target::object::{at, identity};
use serde_yaml::Value;
use std::collections::BTreeSet;

/// What a patch broke.
pub fn faults(kind: &str, before: &Value, after: &Value, class: &Class) -> Vec<Fault> {
    let mut faults = identity(before, after, kept(kind));
    if kind == NODE_POOL {
        faults.extend(pairing(after, class));
        faults.extend(labels(after));
        faults.extend(taints(after));
        faults.extend(requirements(after));
        faults.extend(lifetimes(after));
    } else {
        faults.extend(roles(after));
        faults.extend(selectors(after));
        faults.extend(tags(after));
    }
    faults.extend(unquoted(kind, after));
    faults
}

/// Scalars that Kubernetes wants as strings, and that YAML makes something else of where they are not quoted.
fn unquoted(kind: &str, after: &Value) -> Vec<Fault> {
    let mappings: &[&str] =
        if kind == NODE_POOL { &["spec.template.metadata.labels", "metadata.annotations"] } else { &["spec.tags"] };
    let of_mappings =
        mappings.iter().filter_map(|path| at(after, path)?.as_mapping()).flatten().map(|(_, value)| value);
    let lists = ["spec.template.spec.taints", "spec.template.spec.startupTaints", "spec.template.spec.requirements"];
    let items = lists.iter().flat_map(|path| entries(after, path));
    let of_items = items.flat_map(|item| item.get("value").into_iter().chain(entries(item, "values")));
    of_mappings
        .chain(of_items)
        .filter(|value| !value.is_string())
        .map(|value| {
            let written = text(Some(value));
            Fault::new(
                &code::PATCH_SHAPE,
                format!("`{written}` is no string here"),
                format!("quote it: `\"{written}\"`"),
            )
        })
        .collect()
}

fn lifetimes(after: &Value) -> Vec<Fault> {
    ["spec.template.spec.expireAfter", "spec.disruption.consolidateAfter"]
        .into_iter()
        .filter_map(|path| Lifetime::try_from(text(at(after, path)).as_str()).err())
        .collect()
}

fn selectors(after: &Value) -> Vec<Fault> {
    let terms = [("spec.subnetSelectorTerms", "subnet-"), ("spec.securityGroupSelectorTerms", "sg-")];
    let fits = |term: &Value, prefix| {
        let part = |key| term.get(key).map(|value| text(Some(value)));
        term_fits(part("id").as_deref(), part("name").as_deref(), term.get("tags").is_some(), prefix)
    };
    terms
        .into_iter()
        .flat_map(|(path, prefix)| entries(after, path).filter_map(move |term| fits(term, prefix).err()))
        .collect()
}

fn tags(after: &Value) -> Vec<Fault> {
    let tags = at(after, "spec.tags").and_then(Value::as_mapping).into_iter().flatten();
    tags.filter_map(|(key, value)| tag_fits(&text(Some(key)), &text(Some(value))).err()).collect()
}

fn entries<'a>(document: &'a Value, path: &str) -> impl Iterator<Item = &'a Value> {
    at(document, path).and_then(Value::as_sequence).into_iter().flatten()
}

/// A scalar as it was written, more or less: [`unquoted`] finds those that are no strings.
fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(truth)) => truth.to_string(),
        _ => String::new(),
    }
}

/// Fields that are not a patch's to change, and where to change them instead.
fn kept(kind: &str) -> &'static [(&'static str, &'static str)] {
    match kind {
        EC2_NODE_CLASS => &[
            ("spec.userData", "change the manifest, or replace the template with `templates:`"),
            ("spec.instanceStorePolicy", "it follows from `cache.on: instance-store`"),
            ("spec.metadataOptions.httpEndpoint", "nodes read their user data and credentials from it"),
        ],
        _ => &[("spec.template.spec.nodeClassRef", "it is the node class of this class")],
    }
}

fn pairing(after: &Value, class: &Class) -> Vec<Fault> {
    let fault = |what: &str, help: &str| {
        Fault::new(&code::PATCH_PAIRING, format!("with this patch the nodes lose the {what} of the pairing"), help)
    };
    let mut faults = Vec::new();
    let labels = at(after, "spec.template.metadata.labels");
    if class
        .pairing
        .label()
        .iter()
        .any(|(key, value)| labels.and_then(|labels| labels.get(key)).and_then(Value::as_str) != Some(value))
    {
        faults.push(fault("label", "leave the label out of the patch"));
    }
    let taint = serde_yaml::to_value(class.pairing.taint()).unwrap_or(Value::Null);
    if !entries(after, "spec.template.spec.taints").any(|other| *other == taint) {
        faults.push(fault("taint", "a list in a patch replaces the whole list: use `nodes.taints`, which adds to it"));
    }
    let shadows = entries(after, "spec.template.spec.requirements")
        .any(|requirement| class.pairing.label().contains_key(&text(requirement.get("key"))));
    if shadows {
        faults.push(fault("label", "a requirement of the pairing's key lets pods choose its value: remove it"));
    }
    faults
}

fn labels(after: &Value) -> Vec<Fault> {
    let labels = at(after, "spec.template.metadata.labels").and_then(Value::as_mapping);
    labels
        .into_iter()
        .flatten()
        .flat_map(|(key, value)| [label_key(key), LabelValue::try_from(text(Some(value)).as_str()).map(drop)])
        .filter_map(Result::err)
        .collect()
}

fn label_key(key: &Value) -> Result<(), Fault> {
    let key = LabelKey::try_from(text(Some(key)).as_str())?;
    kubernetes::unrestricted(&key)
}

fn taints(after: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    let lists = ["spec.template.spec.taints", "spec.template.spec.startupTaints"];
    for taint in lists.into_iter().flat_map(|path| entries(after, path)) {
        let (key, effect) = (text(taint.get("key")), text(taint.get("effect")));
        faults.extend(LabelKey::try_from(key.as_str()).err());
        faults.extend(taint.get("value").and_then(|value| LabelValue::try_from(text(Some(value)).as_str()).err()));
        if serde_yaml::from_str::<Effect>(&effect).is_err() {
            faults.push(Fault::new(
                &code::PATCH_SHAPE,
                format!("`{effect}` is no effect of a taint"),
                "write `NoSchedule`, `PreferNoSchedule` or `NoExecute`",
            ));
        }
        if !seen.insert((key.clone(), effect)) {
            faults.push(Fault::new(
                &code::DUPLICATE_TAINT,
                format!("`{key}` is there twice with one effect: the NodePool would never be ready"),
                "remove one",
            ));
        }
    }
    faults
}

fn requirements(after: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    for requirement in entries(after, "spec.template.spec.requirements") {
        faults.extend(requirement.get("key").map(label_key).and_then(Result::err));
        let operator = text(requirement.get("operator"));
        let values: Vec<_> = entries(requirement, "values").map(|value| text(Some(value))).collect();
        let values: Vec<_> = values.iter().map(String::as_str).collect();
        match serde_yaml::from_str::<Operator>(&operator) {
            Ok(operator) => faults.extend(requirement_fits(operator, &values).err()),
            Err(_) => faults.push(Fault::new(
                &code::PATCH_SHAPE,
                format!("`{operator}` is no operator that every Karpenter has"),
                "write `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`",
            )),
        }
    }
    faults
}

fn roles(after: &Value) -> Vec<Fault> {
    let names = ["spec.role", "spec.instanceProfile"].map(|path| at(after, path).map(|name| text(Some(name))));
    let mut faults: Vec<_> =
        names.iter().flatten().filter_map(|name| RoleName::try_from(name.as_str()).err()).collect();
    if names.iter().flatten().count() != 1 {
        faults.push(Fault::new(
            &code::PATCH_SHAPE,
            "an EC2NodeClass has exactly one of `role` and `instanceProfile`",
            "use `cluster.instance-profile`, which replaces the role",
        ));
    }
    faults
}
