//! What was rendered against what is live: launch templates, node groups, Karpenter's objects. No code here opens a connection.

use crate::manifest::Effect;
use crate::plan::{Class, Taint};
use crate::target::node_group;
use crate::yaml;
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use serde_yaml::{Mapping, Value};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// A version of a launch template that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveTemplate {
    /// Its id, `lt-…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The version.
    pub version: i64,
    /// Whether it is the default.
    pub is_default: bool,
    /// The user data, in the clear.
    pub user_data: Vec<u8>,
    /// The AMI, where the template says it.
    pub image: Option<String>,
}

/// A node group that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveGroup {
    /// The labels of its nodes.
    pub labels: BTreeMap<String, String>,
    /// Their taints, sorted.
    pub taints: Vec<LiveTaint>,
    /// The version of the launch template that it runs.
    pub version: Option<String>,
}

/// A taint of a node group, as its API has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LiveTaint {
    /// The key.
    pub key: String,
    /// The value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The effect, such as `NO_SCHEDULE`.
    pub effect: String,
}

impl LiveTaint {
    fn of(taint: &Taint) -> Self {
        let effect: Effect = taint.effect;
        Self {
            key: taint.key.to_string(),
            value: taint.value.as_ref().map(ToString::to_string),
            effect: effect.api_name().to_owned(),
        }
    }
}

/// Two texts of one thing that should be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// What it is: a path, for the header of a diff.
    pub name: String,
    /// What is live; none where it is not there.
    pub live: Option<String>,
    /// What was rendered.
    pub rendered: String,
}

impl Pair {
    /// Whether they differ.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.live.as_ref() != Some(&self.rendered)
    }
}

/// The user data of a launch template.
#[must_use]
pub fn user_data(live: &LiveTemplate, rendered: &str) -> Pair {
    Pair {
        name: format!("{}/user-data", live.name),
        live: Some(String::from_utf8_lossy(&live.user_data).into_owned()),
        rendered: rendered.to_owned(),
    }
}

/// The AMI of a launch template, for a class that names its own.
#[must_use]
pub fn image(live: &LiveTemplate, class: &Class) -> Option<Pair> {
    let shown = |id: &str| format!("image: {id}\n");
    let rendered = shown(node_group::image_id(class)?);
    Some(Pair { name: format!("{}/image", live.name), live: live.image.as_deref().map(shown), rendered })
}

#[derive(Serialize)]
struct GroupText<'a> {
    labels: &'a BTreeMap<String, String>,
    taints: &'a [LiveTaint],
}

/// Labels and taints of a node group.
///
/// # Errors
/// A fault of s3boot.
pub fn group(name: &str, live: Option<&LiveGroup>, class: &Class) -> Result<Pair> {
    let mut taints: Vec<_> = node_group::taints(class).iter().map(LiveTaint::of).collect();
    taints.sort();
    let labels = class.labels();
    let live =
        live.map(|group| yaml::write(&GroupText { labels: &group.labels, taints: &group.taints })).transpose()?;
    Ok(Pair {
        name: format!("node-group/{name}"),
        live,
        rendered: yaml::write(&GroupText { labels: &labels, taints: &taints })?,
    })
}

/// The objects of a cluster, as `kubectl get … -o yaml` (or `-o json`) prints them.
#[derive(Debug, Default)]
pub struct Objects(Vec<Value>);

impl Objects {
    /// Reads a file of them: documents, and lists of them.
    ///
    /// # Errors
    /// It is no YAML.
    pub fn read(&mut self, text: &str) -> Result<()> {
        for document in serde_yaml::Deserializer::from_str(text) {
            let value = Value::deserialize(document).context("it is no YAML")?;
            match value.get("items").and_then(Value::as_sequence) {
                Some(items) => self.0.extend(items.iter().cloned()),
                None => self.0.push(value),
            }
        }
        Ok(())
    }

    /// The object of this kind and name.
    #[must_use]
    pub fn find(&self, kind: &str, name: &str) -> Option<&Value> {
        let is = |object: &&Value| {
            object.get("kind").and_then(Value::as_str) == Some(kind)
                && object.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Value::as_str)
                    == Some(name)
        };
        self.0.iter().find(is)
    }
}

/// What others do not add to without a reason: more of it than was rendered is a difference, and so is all of it where none was.
const WHOLE: &[&str] = &["labels", "taints", "startupTaints", "userData"];

/// The rendered document of one of Karpenter's objects, and what of it is live. Fields that s3boot does not render are the
/// API server's defaults, or someone's business.
///
/// # Errors
/// A fault of s3boot.
pub fn object(rendered: &str, objects: &Objects) -> Result<Pair> {
    let rendered: Value = serde_yaml::from_str(rendered).context("a rendered document does not read back")?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let kind = text(&rendered, "kind");
    let name = rendered.get("metadata").map(|metadata| text(metadata, "name")).unwrap_or_default();
    let spec = rendered.get("spec").cloned().unwrap_or_default();
    let live = objects.find(&kind, &name).map(|live| live.get("spec").cloned().unwrap_or_default());
    let live = live.map(|live| yaml::write(&part(&live, &spec))).transpose()?;
    Ok(Pair { name: format!("{}/{name}", kind.to_lowercase()), live, rendered: yaml::write(&spec)? })
}

/// As much of a live value as the rendered one has, in its order.
fn part(live: &Value, rendered: &Value) -> Value {
    match (live, rendered) {
        (Value::Mapping(live), Value::Mapping(rendered)) => {
            let mut kept = Mapping::new();
            for (key, wanted) in rendered {
                let Some(value) = live.get(key) else { continue };
                let whole = key.as_str().is_some_and(|key| WHOLE.contains(&key));
                kept.insert(key.clone(), if whole { in_order(value, wanted) } else { part(value, wanted) });
            }
            let added =
                |key: &Value| !rendered.contains_key(key) && key.as_str().is_some_and(|key| WHOLE.contains(&key));
            kept.extend(live.iter().filter(|(key, _)| added(key)).map(|(key, value)| (key.clone(), value.clone())));
            Value::Mapping(kept)
        }
        (Value::Sequence(live), Value::Sequence(rendered)) if live.len() == rendered.len() => {
            Value::Sequence(live.iter().zip(rendered).map(|(live, rendered)| part(live, rendered)).collect())
        }
        _ => live.clone(),
    }
}

/// All of a live mapping, the keys that were rendered first and in their order.
fn in_order(live: &Value, rendered: &Value) -> Value {
    let (Value::Mapping(map), Value::Mapping(rendered)) = (live, rendered) else { return part(live, rendered) };
    let first = rendered.iter().filter_map(|(key, _)| Some((key.clone(), map.get(key)?.clone())));
    let others =
        map.iter().filter(|(key, _)| !rendered.contains_key(key)).map(|(key, value)| (key.clone(), value.clone()));
    Value::Mapping(first.chain(others).collect())
}

/// The client token of a new version: the same for the same data on top of the same version, so that asking again after a lost
/// answer makes no second version.
#[must_use]
pub fn token(template: &str, source: i64, user_data: &str, image: Option<&str>) -> String {
    let digest = Sha256::digest(format!("{template}\n{source}\n{}\n{user_data}", image.unwrap_or_default()));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RENDERED: &str = "kind: NodePool\nmetadata: {name: a}\nspec:\n  template:\n    metadata: {labels: {c: a}}\n    spec: {taints: [{key: c, value: a, effect: NoSchedule}], expireAfter: 720h}\n";

    fn pair(live: &str) -> Pair {
        let mut objects = Objects::default();
        objects.read(live).expect("YAML");
        object(RENDERED, &objects).expect("documents")
    }

    #[test]
    fn defaults_of_the_server_and_order_are_no_difference() {
        let live = "items:\n- spec:\n    weight: 1\n    template:\n      spec: {expireAfter: 720h, terminationGracePeriod: 1h, taints: [{effect: NoSchedule, key: c, value: a}]}\n      metadata: {labels: {c: a}}\n  status: {}\n  metadata: {uid: x, name: a}\n  kind: NodePool\n";
        assert!(!pair(live).differs(), "{:?}", pair(live));
    }

    #[test]
    fn each_thing_that_someone_changed_is_one() {
        let live = |labels: &str, spec: &str| {
            format!(
                "kind: NodePool\nmetadata: {{name: a}}\nspec: {{template: {{metadata: {{labels: {labels}}}, spec: {spec}}}}}\n"
            )
        };
        let taints = "taints: [{key: c, value: a, effect: NoSchedule}]";
        let fine = format!("{{{taints}, expireAfter: 720h}}");
        assert!(!pair(&live("{c: a}", &fine)).differs());
        for (labels, spec) in [
            ("{c: b}", fine.clone()),
            ("{c: a, more: x}", fine.clone()),
            ("{}", fine.clone()),
            ("{c: a}", "{taints: [], expireAfter: 720h}".to_owned()),
            ("{c: a}", "{expireAfter: 720h}".to_owned()),
            ("{c: a}", format!("{{{taints}, expireAfter: 1h}}")),
            ("{c: a}", format!("{{{taints}, expireAfter: 720h, startupTaints: [{{key: x, effect: NoSchedule}}]}}")),
        ] {
            assert!(pair(&live(labels, &spec)).differs(), "{labels} {spec}");
        }
        assert!(pair("kind: NodePool\nmetadata: {name: b}\n").live.is_none());
    }

    #[test]
    fn a_token_is_of_the_template_the_version_and_the_data() {
        let first = token("lt-1", 1, "x", None);
        assert_eq!(first, token("lt-1", 1, "x", None));
        assert_eq!(first.len(), 64);
        for other in [
            token("lt-1", 2, "x", None),
            token("lt-2", 1, "x", None),
            token("lt-1", 1, "y", None),
            token("lt-1", 1, "x", Some("ami-1")),
        ] {
            assert_ne!(first, other);
        }
    }
}
