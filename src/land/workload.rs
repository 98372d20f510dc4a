//! Pod templates in documents of every kind that has them, each with what the scheduler and kubelet would look at.

use super::document::{Document, Node};
use super::scheduling::{self, Refused, Requires, Toleration};
use crate::source::{Source, Span};
use std::sync::Arc;

/// A pod, or a template of pods.
#[derive(Debug, Clone)]
pub struct Workload {
    /// `namespace/name`, and the role where one object has several: `ml/etl driver`.
    pub name: String,
    /// The namespace; `default` where none is given.
    pub namespace: String,
    /// The file.
    pub source: Arc<Source>,
    /// Where it stands: the name of its object, or its role in it.
    pub span: Span,
    /// Its role, where its object has several.
    pub role: Option<String>,
    /// What it tolerates, and requires; or what the API server would refuse of that.
    pub scheduling: Result<Scheduling, Refused>,
    /// Its volumes.
    pub volumes: Vec<Volume>,
    /// Where its containers have them, of this object's own keys.
    pub mounts: Vec<VolumeMount>,
    /// Whether it is of a `SparkApplication`, and so has the operator's rules.
    pub of_spark: bool,
    /// Whether it is of a `DaemonSet`, which is meant for every node.
    pub is_daemon: bool,
}

/// What the scheduler looks at.
#[derive(Debug, Clone)]
pub struct Scheduling {
    /// What it tolerates.
    pub tolerations: Vec<Toleration>,
    /// What it requires.
    pub requires: Requires,
    /// The node that it names.
    pub node_name: Option<(String, Span)>,
    /// A scheduler of another name, of which nothing is known here.
    pub scheduler: Option<(String, Span)>,
    /// A gate that keeps it from being scheduled.
    pub gate: Option<Span>,
}

/// A volume.
#[derive(Debug, Clone)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// A directory of the host, and its type.
    pub host_path: Option<(String, String, Span)>,
    /// A claim.
    pub claim: Option<String>,
}

/// A volume in a container.
#[derive(Debug, Clone)]
pub struct VolumeMount {
    /// The volume.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// Where it is in the container.
    pub path: String,
    /// `mountPropagation`; empty for none.
    pub propagation: String,
}

/// Where pod templates are in objects of a kind.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("Deployment", "spec/template"),
    ("StatefulSet", "spec/template"),
    ("ReplicaSet", "spec/template"),
    ("ReplicationController", "spec/template"),
    ("DaemonSet", "spec/template"),
    ("Job", "spec/template"),
    ("CronJob", "spec/jobTemplate/spec/template"),
    ("PodTemplate", "template"),
];

/// Where `SparkApplication`s are in objects of a kind.
pub const SPARK: &[(&str, &str)] = &[("SparkApplication", "spec"), ("ScheduledSparkApplication", "spec/template")];

/// Where `RayCluster`s are in objects of a kind.
pub const RAY: &[(&str, &str)] =
    &[("RayCluster", "spec"), ("RayService", "spec/rayClusterConfig"), ("RayJob", "spec/rayClusterSpec")];

/// Where a table has a kind.
#[must_use]
pub fn place<'a>(table: &'a [(&str, &str)], kind: &str) -> Option<&'a str> {
    table.iter().find(|(known, _)| *known == kind).map(|(_, path)| *path)
}

/// The pod templates of a document.
#[must_use]
pub fn of(document: &Document) -> Vec<Workload> {
    let root = &document.root;
    let kind = root.get("kind").text().unwrap_or_default();
    let object = Object::of(document);
    if kind == "Pod" {
        return vec![object.pod(root.get("spec"), None, &[])];
    }
    if let Some(path) = place(TEMPLATES, kind) {
        let added = if kind == "DaemonSet" { DAEMONSET } else { &[] };
        return vec![object.pod(root.at(path).get("spec"), None, added)];
    }
    if let Some(path) = place(SPARK, kind) {
        let spec = root.at(path);
        return ["driver", "executor"].into_iter().map(|role| object.spark(spec, role)).collect();
    }
    if let Some(path) = place(RAY, kind) {
        let spec = root.at(path);
        let head = spec.at("headGroupSpec/template/spec");
        let workers = spec.get("workerGroupSpecs").items().iter().enumerate().map(|(at, group)| {
            let name = group.get("groupName").text().map_or_else(|| format!("worker group {}", at + 1), str::to_owned);
            object.pod(group.at("template/spec"), Some(name), &[])
        });
        return std::iter::once(object.pod(head, Some("head".to_owned()), &[])).chain(workers).collect();
    }
    // A bare template, such as Spark's podTemplateFile.
    match kind.is_empty() && root.at("spec/containers").is_some() {
        true => vec![object.pod(root.get("spec"), None, &[])],
        false => Vec::new(),
    }
}

/// What the `DaemonSet` controller adds (`pkg/controller/daemon/util`); never the taints of a class.
const DAEMONSET: &[(&str, &str)] = &[
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// What is admitted to every pod (`DefaultTolerationSeconds`).
const EVERY: &[(&str, &str)] =
    &[("node.kubernetes.io/not-ready", "NoExecute"), ("node.kubernetes.io/unreachable", "NoExecute")];

struct Object<'a> {
    document: &'a Document,
    namespace: String,
    name: String,
    span: Span,
}

impl<'a> Object<'a> {
    fn of(document: &'a Document) -> Self {
        let metadata = document.root.get("metadata");
        let name = ["name", "generateName"].iter().find_map(|key| metadata.get(key).text()).unwrap_or("unnamed");
        let span =
            if metadata.get("name").is_some() { metadata.get("name").span } else { document.root.key_span("kind") };
        let namespace = metadata.get("namespace").text().unwrap_or("default").to_owned();
        Self { document, namespace, name: name.to_owned(), span }
    }

    fn workload(&self, role: Option<String>, span: Span) -> Workload {
        let mark = role.as_ref().map(|role| format!(" {role}")).unwrap_or_default();
        Workload {
            name: format!("{}/{}{mark}", self.namespace, self.name),
            namespace: self.namespace.clone(),
            source: Arc::clone(&self.document.source),
            span,
            role,
            scheduling: Err(Refused { span, what: String::new() }),
            volumes: Vec::new(),
            mounts: Vec::new(),
            of_spark: false,
            is_daemon: self.document.root.get("kind").text() == Some("DaemonSet"),
        }
    }

    fn pod(&self, spec: &Node, role: Option<String>, added: &[(&str, &str)]) -> Workload {
        Workload {
            scheduling: scheduling_of(
                spec,
                spec.get("tolerations"),
                spec.get("nodeSelector"),
                spec.get("affinity"),
                added,
            ),
            volumes: self.volumes(spec),
            mounts: containers(spec)
                .flat_map(|container| container.get("volumeMounts").items())
                .map(VolumeMount::of)
                .collect(),
            ..self.workload(role, self.span)
        }
    }

    /// Its volumes; those of a `StatefulSet` are also its templates of claims.
    fn volumes(&self, spec: &Node) -> Vec<Volume> {
        let templates = self.document.root.at("spec/volumeClaimTemplates").items().iter();
        let claims = templates.map(|template| Volume {
            name: template.at("metadata/name").text().unwrap_or_default().to_owned(),
            span: template.span,
            host_path: None,
            claim: None,
        });
        spec.get("volumes").items().iter().map(Volume::of).chain(claims).collect()
    }

    /// The operator makes the pod: fields of the role, volumes of the application as far as the role mounts them, and its
    /// template, whose tolerations and volumes come first (spark-operator `internal/webhook/sparkpod_defaulter.go`).
    fn spark(&self, spec: &Node, role: &str) -> Workload {
        let node = spec.get(role);
        let template = node.at("template/spec");
        let pick = |key: &str| if node.get(key).is_some() { node.get(key).clone() } else { template.get(key).clone() };
        let selector = match (spec.get("nodeSelector").is_some(), node.get("nodeSelector").is_some()) {
            (true, false) => spec.get("nodeSelector").clone(),
            _ => merged(template.get("nodeSelector"), node.get("nodeSelector")),
        };
        let tolerations = joined(template.get("tolerations"), node.get("tolerations"));
        let scheduling = scheduling_of(template, &tolerations, &selector, &pick("affinity"), &[]);
        let own_mounts = node.get("volumeMounts").items().iter();
        let of_template = containers(template).flat_map(|container| container.get("volumeMounts").items());
        let volumes = spec.get("volumes").items().iter().chain(template.get("volumes").items());
        Workload {
            scheduling,
            volumes: volumes.map(Volume::of).collect(),
            mounts: own_mounts.chain(of_template).map(VolumeMount::of).collect(),
            of_spark: true,
            ..self.workload(Some(role.to_owned()), if node.is_some() { spec.key_span(role) } else { self.span })
        }
    }
}

/// Containers, and init containers: they read the mounts too.
fn containers(spec: &Node) -> impl Iterator<Item = &Node> {
    ["initContainers", "containers"].into_iter().flat_map(|key| spec.get(key).items())
}

/// Two mappings in one; the later wins.
fn merged(first: &Node, second: &Node) -> Node {
    if !second.is_some() {
        return first.clone();
    }
    let mut result = second.clone();
    if let super::document::Value::Map(map) = &mut result.value {
        let more = first.entries().iter().filter(|(key, _)| !second.get(&key.text).is_some());
        map.extend(more.cloned());
    }
    result
}

/// Two lists in one.
fn joined(first: &Node, second: &Node) -> Node {
    if !first.is_some() {
        return second.clone();
    }
    let mut result = first.clone();
    if let super::document::Value::List(list) = &mut result.value {
        list.extend(second.items().iter().cloned());
    }
    result
}

fn scheduling_of(
    spec: &Node,
    tolerations: &Node,
    selector: &Node,
    affinity: &Node,
    added: &[(&str, &str)],
) -> Result<Scheduling, Refused> {
    let mut tolerations = scheduling::tolerations(tolerations)?;
    tolerations.extend(EVERY.iter().chain(added).map(|(key, effect)| Toleration {
        key: (*key).to_owned(),
        exists: true,
        value: String::new(),
        effect: (*effect).to_owned(),
        span: Span::default(),
    }));
    let named = |key: &str| spec.get(key).text().map(|text| (text.to_owned(), spec.get(key).span));
    Ok(Scheduling {
        tolerations,
        requires: scheduling::requires(selector, affinity)?,
        node_name: named("nodeName"),
        scheduler: named("schedulerName").filter(|(name, _)| name != "default-scheduler"),
        gate: spec.get("schedulingGates").items().first().map(|gate| gate.span),
    })
}

impl Volume {
    fn of(node: &Node) -> Self {
        let host = node.get("hostPath");
        Self {
            name: node.get("name").text().unwrap_or_default().to_owned(),
            span: node.span,
            host_path: host.get("path").text().map(|path| {
                let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
                (path.to_owned(), host.get("type").text().unwrap_or_default().to_owned(), host.get("path").span)
            }),
            claim: node.at("persistentVolumeClaim/claimName").text().map(str::to_owned),
        }
    }
}

impl VolumeMount {
    fn of(node: &Node) -> Self {
        let text = |key: &str| node.get(key).text().unwrap_or_default().to_owned();
        Self {
            name: text("name"),
            span: node.get("name").span,
            path: text("mountPath"),
            propagation: text("mountPropagation"),
        }
    }
}
