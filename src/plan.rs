//! The resolved model: every default filled in, every value checked by its type, no places. Targets read this.

use crate::family::Family;
use crate::manifest::{Arch, CacheOn, Capacity, Deliver, Effect, InstallFrom, Mode, Operator};
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

pub use aws::{AccountId, InstanceFamily, InstanceType, Region, RoleName, Zone};
pub use bucket::{Bucket, Prefix};
pub use kubernetes::{LabelKey, LabelValue};
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
    /// What finds the subnets.
    pub subnets: Vec<SelectorTerm>,
    /// What finds the security groups.
    pub security_groups: Vec<SelectorTerm>,
}

/// One way to find a subnet or a security group. As Karpenter writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
}

/// The nodes of a class.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Nodes {
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
    /// JAR files, under the first mount.
    pub jars: Vec<String>,
}
