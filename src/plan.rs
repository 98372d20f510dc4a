//! The resolved model: every default filled in, every value checked by its type, no places. Targets read this.

use crate::family::{Family, Karpenter};
use crate::manifest::{
    Arch, CacheOn, Capacity, Credentials, Deliver, Effect, Identity, InstallFrom, Mode, NodesFrom, Operator, Preset,
    Unmount,
};
use crate::mount_option::Setting;
use crate::pairing::Pairing;
use serde::Serialize;
use std::collections::BTreeMap;

pub mod aws;
pub mod bucket;
pub mod kubernetes;
pub mod name;
pub mod quantity;
pub mod version;

pub use aws::{AccountId, Cidr, ClusterCa, Endpoint, InstanceFamily, InstanceType, Region, RoleName, Zone};
pub use bucket::{Bucket, Prefix};
pub use kubernetes::{Image, LabelKey, LabelValue};
pub use name::{ClassName, MountName, MountPath};
pub use quantity::{Lifetime, Quantity};
pub use version::Version;

/// Defines a checked string: `TryFrom<&str>`, `Display`, `Serialize` and `as_str`, over a function that checks it.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::diagnostic::Fault;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                let check: fn(&str) -> Result<(), $crate::diagnostic::Fault> = $check;
                check(text).map(|()| Self(text.to_owned()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
pub(crate) use checked_text;

/// All that is rendered from.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// The cluster.
    pub cluster: Cluster,
    /// Where mount-s3 comes from.
    pub install: Install,
    /// The CSI driver.
    pub csi: Csi,
    /// The classes, in the manifest's order.
    pub classes: Vec<Class>,
}

/// The cluster.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: Region,
    /// Its version of Kubernetes, where the manifest has it.
    pub kubernetes: Option<String>,
    /// Its account, where the manifest has it.
    pub account: Option<AccountId>,
    /// Its API server, where the manifest has it.
    pub endpoint: Option<Endpoint>,
    /// Its certificate authority, where the manifest has it.
    pub ca: Option<ClusterCa>,
    /// Its service addresses, where the manifest has them.
    pub cidr: Option<Cidr>,
    /// What finds the subnets.
    pub subnets: Vec<SelectorTerm>,
    /// What finds the security groups.
    pub security_groups: Vec<SelectorTerm>,
}

/// One way to find a subnet or a security group. As Karpenter writes it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SelectorTerm {
    /// By id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// By name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// By tags.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl SelectorTerm {
    /// As the filters of EC2's API: what must match, and the one value of it. All of them must. `id` is what the kind of
    /// thing calls its id.
    #[must_use]
    pub fn filters(&self, id: &str) -> Vec<(String, String)> {
        let by_id = self.id.iter().map(|value| (id.to_owned(), value.clone()));
        let by_name = self.name.iter().map(|value| ("group-name".to_owned(), value.clone()));
        let by_tags = self.tags.iter().map(|(key, value)| (format!("tag:{key}"), value.clone()));
        by_id.chain(by_name).chain(by_tags).collect()
    }
}

/// Where nodes get mount-s3 from.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Install {
    /// The origin.
    pub from: InstallFrom,
    /// The version that is installed, or that the distribution is known to carry.
    pub version: Version,
    /// The mirror, with `from: mirror`.
    pub mirror: Option<Mirror>,
}

/// A place in S3 that holds the release's files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Mirror {
    /// The bucket.
    pub bucket: Bucket,
    /// Where in it.
    pub prefix: Prefix,
}

/// The CSI driver.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Csi {
    /// How pods get a role.
    pub identity: Identity,
    /// The version of the add-on; none for EKS's default.
    pub version: Option<String>,
}

/// A workload class.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Class {
    /// Its name.
    pub name: ClassName,
    /// How the buckets come to the pods.
    pub deliver: Deliver,
    /// The AMI.
    pub ami: Ami,
    /// The role of its nodes.
    pub node_role: RoleName,
    /// The instance profile to launch with, where Karpenter shall not make one.
    pub instance_profile: Option<RoleName>,
    /// The architectures of its nodes.
    pub arch: Vec<Arch>,
    /// What a node does whose mounts do not come.
    pub on_failure: OnFailure,
    /// Taint, label, toleration and selector.
    pub pairing: Pairing,
    /// The mounts.
    pub mounts: Vec<Mount>,
    /// The `DaemonSet`, with `deliver: daemonset`.
    pub daemonset: Option<DaemonSet>,
    /// Whose role reads the buckets of CSI volumes.
    pub credentials: Credentials,
    /// The nodes.
    pub nodes: Nodes,
    /// The pods.
    pub pods: Pods,
    /// Changes to what is generated: target, document, mapping.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub patch: BTreeMap<String, BTreeMap<String, serde_yaml::Value>>,
}

impl Class {
    /// The labels of its nodes: the pairing's, and more.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, String> {
        let more = self.nodes.labels.iter().map(|(key, value)| (key.to_string(), value.to_string()));
        self.pairing.label().into_iter().chain(more).collect()
    }

    /// The taints of its nodes: the pairing's, and more.
    #[must_use]
    pub fn taints(&self) -> Vec<Taint> {
        std::iter::once(self.pairing.taint()).chain(self.nodes.taints.iter().cloned()).collect()
    }

    /// Taints that something lifts from its nodes: the CSI driver, the `DaemonSet`, or what the user has for it.
    #[must_use]
    pub fn startup_taints(&self) -> Vec<Taint> {
        let of_driver = (self.deliver == Deliver::Csi).then(Taint::csi_not_ready);
        let of_daemonset = self.daemonset.as_ref().and_then(DaemonSet::taint);
        of_driver.into_iter().chain(of_daemonset).chain(self.nodes.startup_taints.iter().cloned()).collect()
    }

    /// Whether user data mounts the buckets on the host.
    #[must_use]
    pub fn mounts_by_user_data(&self) -> bool {
        matches!(self.deliver, Deliver::Karpenter | Deliver::NodeGroup)
    }

    /// Whether its nodes have user data.
    #[must_use]
    pub fn has_user_data(&self) -> bool {
        let local_disks = self.nodes.from == NodesFrom::NodeGroup && self.uses_instance_store();
        self.mounts_by_user_data() || self.joins_by_user_data() || local_disks
    }

    /// Whether nothing joins its nodes to the cluster but their user data.
    #[must_use]
    pub fn joins_by_user_data(&self) -> bool {
        match self.nodes.from {
            NodesFrom::Karpenter => {
                matches!(self.ami.family.karpenter.yes(), Some(Karpenter::Ec2 { joins: false, .. }))
            }
            NodesFrom::NodeGroup => matches!(self.ami.selector, AmiSelector::Id(_)),
            NodesFrom::Existing => false,
        }
    }

    /// Whether any cache is on the instance store.
    #[must_use]
    pub fn uses_instance_store(&self) -> bool {
        self.mounts.iter().any(|mount| mount.cache.as_ref().is_some_and(|cache| cache.on == CacheOn::InstanceStore))
    }
}

/// The AMI of a class.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Ami {
    /// Its family.
    pub family: &'static Family,
    /// What finds it.
    pub selector: AmiSelector,
}

/// What finds an AMI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AmiSelector {
    /// Karpenter's alias, `family@version`.
    Alias(String),
    /// A release of EKS for node groups; none for the newest.
    Release(Option<String>),
    /// Whatever the nodes run that exist already, or that EKS Auto Mode makes.
    Any,
    /// The id.
    Id(String),
    /// Name and owner.
    Name {
        /// The name.
        name: String,
        /// The owner.
        owner: Option<String>,
    },
    /// Tags and owner.
    Tags {
        /// The tags.
        tags: BTreeMap<String, String>,
        /// The owner.
        owner: Option<String>,
    },
}

/// What a node does whose mounts do not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// kubelet never starts.
    Refuse,
    /// kubelet starts after so many seconds.
    Join {
        /// The seconds.
        after_seconds: u64,
    },
}

/// The `DaemonSet` of a class.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct DaemonSet {
    /// Its image.
    pub image: Image,
    /// Its namespace.
    pub namespace: String,
    /// What becomes of the mounts when it is deleted.
    pub unmount: Unmount,
    /// The key of the taint that it lifts.
    pub lift_taint: Option<LabelKey>,
}

impl DaemonSet {
    /// The taint that it lifts from a node where everything is mounted.
    #[must_use]
    pub fn taint(&self) -> Option<Taint> {
        self.lift_taint.clone().map(|key| Taint { key, value: None, effect: Effect::NoSchedule })
    }
}

/// A mount.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Mount {
    /// Its name.
    pub name: MountName,
    /// Where it is on the node.
    pub path: MountPath,
    /// The bucket.
    pub bucket: Bucket,
    /// The keys.
    pub prefix: Prefix,
    /// The bucket's region.
    pub region: Region,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// Whether pods may write.
    pub mode: Mode,
    /// The cache.
    pub cache: Option<Cache>,
    /// The KMS key of the objects.
    pub kms_key: Option<String>,
    /// The mount-s3 options of preset and manifest, in the order of their names.
    pub options: Vec<Setting>,
}

impl Mount {
    /// Whether an option is given.
    #[must_use]
    pub fn option(&self, key: &str) -> Option<&Setting> {
        self.options.iter().find(|setting| setting.option.key == key)
    }
}

/// A cache of object data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cache {
    /// The disk.
    pub on: CacheOn,
    /// Its size at most, in MiB.
    pub size_mib: u64,
    /// Its size on the root volume of a node without instance store, in MiB.
    pub root_fallback_mib: Option<u64>,
    /// The storage class of its volume.
    pub storage_class: Option<String>,
}

/// The nodes of a class.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Nodes {
    /// Who makes them.
    pub from: NodesFrom,
    /// How many a node group has.
    pub size: Size,
    /// What finds those that exist already.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub selector: BTreeMap<LabelKey, LabelValue>,
    /// Instance families; empty for any.
    pub families: Vec<InstanceFamily>,
    /// Instance types; empty for any.
    pub types: Vec<InstanceType>,
    /// How capacity is bought.
    pub capacity: Vec<Capacity>,
    /// Zones; empty for all of the subnets.
    pub zones: Vec<Zone>,
    /// Limits of the class.
    pub limits: BTreeMap<String, String>,
    /// The root volume in GiB; none for Karpenter's default.
    pub root_volume_gib: Option<u64>,
    /// How long a node may live.
    pub expire_after: Lifetime,
    /// How long a node may be underused.
    pub consolidate_after: Lifetime,
    /// Which `NodePool` is tried first.
    pub weight: Option<u8>,
    /// More labels.
    pub labels: BTreeMap<LabelKey, LabelValue>,
    /// More taints.
    pub taints: Vec<Taint>,
    /// Taints that something else removes.
    pub startup_taints: Vec<Taint>,
    /// More requirements.
    pub requirements: Vec<Requirement>,
    /// Tags of the instances.
    pub tags: BTreeMap<String, String>,
}

impl Nodes {
    /// Whether any of them has GPUs or the like.
    #[must_use]
    pub fn has_accelerators(&self) -> bool {
        let of_types = self.types.iter().map(InstanceType::family);
        self.families.iter().cloned().chain(of_types).any(|family| family.has_accelerators())
    }
}

/// How many nodes a node group has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Size {
    /// At least.
    pub min: u32,
    /// At most.
    pub max: u32,
    /// At first.
    pub desired: u32,
}

/// A taint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taint {
    /// The key.
    pub key: LabelKey,
    /// The value; Karpenter refuses an empty one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<LabelValue>,
    /// The effect.
    pub effect: Effect,
}

impl Taint {
    /// As kubelet and kubectl take it: `key=value:effect`, or `key:effect`.
    #[must_use]
    pub fn argument(&self) -> String {
        let value = self.value.as_ref().map(|value| format!("={value}")).unwrap_or_default();
        format!("{}{value}:{:?}", self.key, self.effect)
    }

    /// What the CSI driver of Mountpoint lifts from a node when it is ready there, within ten minutes of its start
    /// (mountpoint-s3-csi-driver `docs/CONFIGURATION.md`, since 2.1.0).
    fn csi_not_ready() -> Self {
        let key = LabelKey::try_from("s3.csi.aws.com/agent-not-ready").expect("a label key");
        Self { key, value: None, effect: Effect::NoExecute }
    }
}

/// A requirement of a `NodePool`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// The label.
    pub key: LabelKey,
    /// The operator.
    pub operator: Operator,
    /// The values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// The pods of a class.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Pods {
    /// Their namespaces.
    pub namespaces: Vec<String>,
    /// The service account they run as.
    #[serde(rename = "service-account", skip_serializing_if = "Option::is_none")]
    pub service_account: Option<String>,
    /// JAR files, under the first mount.
    pub jars: Vec<String>,
    /// Those of them on the class path of the JVM.
    #[serde(rename = "class-path", skip_serializing_if = "Vec::is_empty")]
    pub class_path: Vec<String>,
    /// What Spark runs.
    pub spark: Spark,
}

/// What a Spark application runs.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Spark {
    /// The image.
    pub image: String,
    /// The version of Spark in it.
    pub version: String,
    /// The class, of the first JAR; none for the example in the image.
    pub main_class: Option<String>,
    /// Where EMR on EKS finds the pod templates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emr_templates: Option<String>,
}

impl Default for Spark {
    fn default() -> Self {
        Self {
            image: "docker.io/library/spark:4.0.1".to_owned(),
            version: "4.0.1".to_owned(),
            main_class: None,
            emr_templates: None,
        }
    }
}
