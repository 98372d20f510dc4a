//! `daemonset`: for nodes that exist already. It puts the units of the node script on the host through the host's
//! namespaces and leaves the rest to the host's systemd: a rollout or an eviction ends no mount.

use super::pod::toleration;
use super::{Context, Refusal, Target, object};
use crate::manifest::{Deliver, Unmount};
use crate::output::Tree;
use crate::plan::Class;
use crate::template::CONTEXT;
use crate::{plan, userdata};
use k8s_openapi::api::apps::v1::{DaemonSet as Object, DaemonSetSpec, DaemonSetUpdateStrategy, RollingUpdateDaemonSet};
use k8s_openapi::api::core::v1::{
    ConfigMap, ConfigMapVolumeSource, Container, EnvVar, EnvVarSource, ExecAction, Namespace, ObjectFieldSelector,
    PodSpec, PodTemplateSpec, Probe, ResourceRequirements, SecurityContext, ServiceAccount, Volume, VolumeMount,
};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

mod confinement;

/// The `DaemonSet` and what it needs.
pub struct DaemonSet;

const OBJECT: &str = "DaemonSet";
/// `api.py` is no template: it has no values in it.
const API: &str = include_str!("../../templates/api.py");

impl Target for DaemonSet {
    fn name(&self) -> &'static str {
        "daemonset"
    }

    fn about(&self) -> &'static str {
        "namespace, RBAC, ConfigMap and DaemonSet that mount on nodes which exist already"
    }

    fn documents(&self) -> &'static [&'static str] {
        &[OBJECT]
    }

    fn serves(&self, class: &Class) -> bool {
        class.deliver == Deliver::Daemonset
    }

    fn is_printed(&self, class: &Class) -> bool {
        self.serves(class)
    }

    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
        let class = context.class;
        let Some(daemonset) = &class.daemonset else { return Ok(Tree::default()) };
        let names = Names::of(class, daemonset);
        let files = files(context, &names).map_err(|refusal| vec![refusal])?;
        let object = object::value(&names.daemonset(&files))?;
        let kept = [
            ("spec.selector", "the DaemonSet finds its pods by it"),
            ("spec.template.spec.nodeSelector", "it keeps to the nodes of the class"),
            ("spec.template.spec.hostPID", "it reaches the host through it"),
        ];
        let patched = object::patched(self.name(), class, vec![(OBJECT, object)], |_, before, after| {
            object::identity(before, after, &kept)
        })?;
        let mut documents = vec![object::value(&names.namespace())?, object::value(&names.service_account())?];
        documents.extend(names.rules()?);
        documents.push(object::value(&ConfigMap {
            metadata: names.metadata(),
            data: Some(files),
            ..ConfigMap::default()
        })?);
        documents.extend(patched.into_iter().map(|(_, document)| document));
        object::file(class, "daemonset.yaml", &documents)
    }
}

/// What the scripts of the pod are given.
#[derive(Serialize)]
struct Scripts<'a> {
    context: u32,
    class: &'a Class,
    kubelet: &'static str,
    namespace: &'a str,
    name: &'a str,
    on_delete: bool,
    needs_api: bool,
    lift_key: Option<String>,
    /// The directories that caches may be in.
    caches: Vec<String>,
}

/// The files that the pod brings: names and texts.
fn files(context: &Context<'_>, names: &Names<'_>) -> Result<BTreeMap<String, String>, Refusal> {
    let class = context.class;
    let host = class.ami.family.host().map_err(Refusal::Class)?;
    let local_disks = host.instance_store.yes().copied().filter(|_| class.uses_instance_store());
    let scripts = Scripts {
        context: CONTEXT,
        class,
        kubelet: host.kubelet,
        caches: std::iter::once("/var/cache").chain(local_disks).map(|disk| format!("{disk}/s3boot")).collect(),
        namespace: &names.daemonset.namespace,
        name: &names.name,
        on_delete: names.daemonset.unmount == Unmount::OnDelete,
        needs_api: names.needs_api(),
        lift_key: names.daemonset.lift_taint.as_ref().map(ToString::to_string),
    };
    let mut files = BTreeMap::from([
        ("node.sh".to_owned(), userdata::node_script(context)?),
        ("pod.sh".to_owned(), context.templates.render("pod.sh", &scripts)?),
        ("host.sh".to_owned(), context.templates.render("host.sh", &scripts)?),
        ("mounts".to_owned(), mounts(class)?),
    ]);
    if names.needs_api() {
        files.insert("api.py".to_owned(), API.to_owned());
    }
    Ok(files)
}

/// A line for each mount: its name, its path and a digest of its settings, so that a rollout restarts what changed only.
fn mounts(class: &Class) -> Result<String, Refusal> {
    let line = |mount: &plan::Mount| {
        let settings = serde_json::to_string(mount).map_err(anyhow::Error::from)?;
        Ok(format!("{} {} {}\n", mount.name, mount.path.as_str(), digest([settings.as_str()])))
    };
    class.mounts.iter().map(line).collect()
}

fn digest<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        // The length first: no two lists of texts run into the same bytes.
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The names of a class's objects.
struct Names<'a> {
    class: &'a Class,
    daemonset: &'a plan::DaemonSet,
    name: String,
}

impl<'a> Names<'a> {
    fn of(class: &'a Class, daemonset: &'a plan::DaemonSet) -> Self {
        Self { class, daemonset, name: format!("s3boot-{}", class.name) }
    }

    /// Whether it asks the API server anything.
    fn needs_api(&self) -> bool {
        self.daemonset.lift_taint.is_some() || self.daemonset.unmount == Unmount::OnDelete
    }

    fn labels(&self) -> BTreeMap<String, String> {
        BTreeMap::from([
            ("app.kubernetes.io/name".to_owned(), "s3boot".to_owned()),
            ("app.kubernetes.io/instance".to_owned(), self.class.name.to_string()),
        ])
    }

    fn metadata(&self) -> ObjectMeta {
        ObjectMeta { namespace: Some(self.daemonset.namespace.clone()), ..self.cluster_metadata() }
    }

    /// The name of an object that is in no namespace has the namespace in it.
    fn cluster_metadata(&self) -> ObjectMeta {
        ObjectMeta { name: Some(self.name.clone()), labels: Some(self.labels()), ..ObjectMeta::default() }
    }

    /// Root on a node is more than a tenant's namespace may have: so one of its own, in which the pod is allowed.
    fn namespace(&self) -> Namespace {
        let label = ("pod-security.kubernetes.io/enforce".to_owned(), "privileged".to_owned());
        let metadata = ObjectMeta {
            name: Some(self.daemonset.namespace.clone()),
            labels: Some(BTreeMap::from([label])),
            ..ObjectMeta::default()
        };
        Namespace { metadata, ..Namespace::default() }
    }

    fn service_account(&self) -> ServiceAccount {
        ServiceAccount {
            metadata: self.metadata(),
            automount_service_account_token: Some(false),
            ..ServiceAccount::default()
        }
    }

    /// What it may ask of the API server: nothing, where it has nothing to ask.
    fn rules(&self) -> Result<Vec<serde_yaml::Value>, Vec<Refusal>> {
        let mut documents = Vec::new();
        if let Some(taint) = &self.daemonset.lift_taint {
            let allowed = PolicyRule { verbs: vec!["get".to_owned(), "patch".to_owned()], ..rule("", "nodes") };
            let role =
                ClusterRole { metadata: self.cluster_metadata(), rules: Some(vec![allowed]), ..ClusterRole::default() };
            let binding = ClusterRoleBinding {
                metadata: self.cluster_metadata(),
                role_ref: self.role_ref("ClusterRole"),
                subjects: Some(vec![self.subject()]),
            };
            documents.extend([object::value(&role)?, object::value(&binding)?]);
            let user = format!("system:serviceaccount:{}:{}", self.daemonset.namespace, self.name);
            let policy = confinement::policy(self.cluster_metadata(), &user, taint.as_str());
            let confined = confinement::binding(self.cluster_metadata());
            documents.extend([object::value(&policy)?, object::value(&confined)?]);
        }
        if self.daemonset.unmount == Unmount::OnDelete {
            let allowed = PolicyRule {
                verbs: vec!["get".to_owned()],
                resource_names: Some(vec![self.name.clone()]),
                ..rule("apps", "daemonsets")
            };
            let role = Role { metadata: self.metadata(), rules: Some(vec![allowed]) };
            let binding = RoleBinding {
                metadata: self.metadata(),
                role_ref: self.role_ref("Role"),
                subjects: Some(vec![self.subject()]),
            };
            documents.extend([object::value(&role)?, object::value(&binding)?]);
        }
        Ok(documents)
    }

    fn role_ref(&self, kind: &str) -> RoleRef {
        RoleRef { api_group: "rbac.authorization.k8s.io".to_owned(), kind: kind.to_owned(), name: self.name.clone() }
    }

    fn subject(&self) -> Subject {
        Subject {
            kind: "ServiceAccount".to_owned(),
            name: self.name.clone(),
            namespace: Some(self.daemonset.namespace.clone()),
            ..Subject::default()
        }
    }

    fn daemonset(&self, files: &BTreeMap<String, String>) -> Object {
        // A changed script is a changed pod: the new ones bring it to their nodes, a tenth at a time.
        let texts = files.iter().flat_map(|(name, text)| [name.as_str(), text.as_str()]);
        let annotations = BTreeMap::from([("s3boot.dev/files".to_owned(), digest(texts))]);
        let update = RollingUpdateDaemonSet {
            max_unavailable: Some(IntOrString::String("10%".to_owned())),
            ..RollingUpdateDaemonSet::default()
        };
        Object {
            metadata: self.metadata(),
            spec: Some(DaemonSetSpec {
                selector: LabelSelector { match_labels: Some(self.labels()), ..LabelSelector::default() },
                update_strategy: Some(DaemonSetUpdateStrategy {
                    type_: Some("RollingUpdate".to_owned()),
                    rolling_update: Some(update),
                }),
                template: PodTemplateSpec {
                    metadata: Some(ObjectMeta {
                        labels: Some(self.labels()),
                        annotations: Some(annotations),
                        ..ObjectMeta::default()
                    }),
                    spec: Some(self.pod()),
                },
                ..DaemonSetSpec::default()
            }),
            ..Object::default()
        }
    }

    fn pod(&self) -> PodSpec {
        let mut selector = self.class.pairing.label();
        selector.insert("kubernetes.io/os".to_owned(), "linux".to_owned());
        let taints = [self.class.taints(), self.class.startup_taints()].concat();
        PodSpec {
            service_account_name: Some(self.name.clone()),
            automount_service_account_token: Some(self.needs_api()),
            host_pid: Some(true),
            node_selector: Some(selector),
            tolerations: Some(taints.iter().map(toleration).collect()),
            priority_class_name: Some("system-node-critical".to_owned()),
            termination_grace_period_seconds: Some(60),
            containers: vec![self.container()],
            volumes: Some(vec![Volume {
                name: "files".to_owned(),
                config_map: Some(ConfigMapVolumeSource { name: self.name.clone(), ..ConfigMapVolumeSource::default() }),
                ..Volume::default()
            }]),
            ..PodSpec::default()
        }
    }

    fn container(&self) -> Container {
        let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        let quantities = |list: &[(&str, &str)]| {
            Some(list.iter().map(|(name, size)| ((*name).to_owned(), Quantity((*size).to_owned()))).collect())
        };
        Container {
            name: "s3boot".to_owned(),
            image: Some(self.daemonset.image.to_string()),
            command: words(&["/bin/sh", "/s3boot/pod.sh"]),
            env: Some(vec![EnvVar {
                name: "NODE_NAME".to_owned(),
                value_from: Some(EnvVarSource {
                    field_ref: Some(ObjectFieldSelector {
                        field_path: "spec.nodeName".to_owned(),
                        ..Default::default()
                    }),
                    ..EnvVarSource::default()
                }),
                ..EnvVar::default()
            }]),
            // It only talks to systemd: mount-s3 runs in units of the host, and is not counted here.
            resources: Some(ResourceRequirements {
                requests: quantities(&[("cpu", "5m"), ("memory", "16Mi")]),
                limits: quantities(&[("memory", "64Mi")]),
                ..ResourceRequirements::default()
            }),
            readiness_probe: Some(Probe {
                exec: Some(ExecAction {
                    command: words(&[
                        "nsenter",
                        "-t",
                        "1",
                        "-m",
                        "-u",
                        "-i",
                        "-n",
                        "--",
                        "/usr/local/bin/s3boot-status",
                    ]),
                }),
                period_seconds: Some(15),
                failure_threshold: Some(2),
                timeout_seconds: Some(self.probe_seconds()),
                ..Probe::default()
            }),
            security_context: Some(SecurityContext {
                privileged: Some(true),
                run_as_user: Some(0),
                read_only_root_filesystem: Some(true),
                ..SecurityContext::default()
            }),
            volume_mounts: Some(vec![VolumeMount {
                name: "files".to_owned(),
                mount_path: "/s3boot".to_owned(),
                read_only: Some(true),
                ..VolumeMount::default()
            }]),
            ..Container::default()
        }
    }

    /// `s3boot-status` gives a mount that hangs six seconds, and journalctl its time.
    fn probe_seconds(&self) -> i32 {
        i32::try_from(self.class.mounts.len()).unwrap_or(i32::MAX / 8) * 7 + 3
    }
}

fn rule(group: &str, resource: &str) -> PolicyRule {
    PolicyRule {
        api_groups: Some(vec![group.to_owned()]),
        resources: Some(vec![resource.to_owned()]),
        ..PolicyRule::default()
    }
}
