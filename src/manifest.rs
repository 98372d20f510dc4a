//! The manifest, 1:1 with its YAML. Every key is documented here and nowhere else: the JSON Schema and the
//! reference page are made from these comments. No defaults and no logic: those are in [`crate::resolve`].

use crate::source::Span;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub mod parse;
pub mod reference;

pub use parse::parse;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place; for an alias, where the alias stands.
    pub span: Span,
}

/// Keys in the order of their names, each with its place.
pub type Map<T> = BTreeMap<Spanned<String>, T>;

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<T>::deserialize(deserializer)?;
        Ok(Self { value: spanned.value, span: parse::span_of(spanned.referenced) })
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

/// A value as it was typed: `60`, `0644`, `true` and `"60"` all arrive as their text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Scalar(pub String);

impl JsonSchema for Scalar {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Scalar".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": ["string", "number", "boolean"]})
    }
}

/// Workload classes, the buckets each needs, and the cluster they live in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "s3boot manifest")]
pub struct Manifest {
    /// The EKS cluster that the classes run in.
    pub cluster: Cluster,
    /// How buckets are paired with nodes and pods. The default is right unless the cluster has a scheme of its own.
    pub pairing: Option<Pairing>,
    /// Where nodes get mount-s3 from. Default: the package of the distribution.
    pub install: Option<Install>,
    /// The CSI driver of Mountpoint for Amazon S3, for classes with `deliver: csi`.
    pub csi: Option<Csi>,
    /// A directory of templates that replace the built-in ones of the same name, relative to the manifest.
    /// `s3boot eject DIR` writes the built-in ones.
    pub templates: Option<Spanned<String>>,
    /// The workload classes, one or more.
    pub classes: Spanned<Vec<Class>>,
}

/// The EKS cluster.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cluster {
    /// The cluster's name.
    pub name: Spanned<String>,
    /// The AWS region, such as `us-west-2`. Buckets are expected in it unless a mount says otherwise.
    pub region: Spanned<String>,
    /// The Kubernetes version, such as `"1.34"`; quoted, since YAML reads 1.30 as 1.3.
    pub kubernetes: Option<Spanned<String>>,
    /// The AWS account id of 12 digits; only needed where an ARN in the IAM policy has it (directory buckets, aliases).
    pub account: Option<Spanned<String>>,
    /// The address of the cluster's API server, as `aws eks describe-cluster` prints it. Only for AMIs that nothing else
    /// joins to the cluster: a node group's own AMI, Ubuntu.
    pub endpoint: Option<Spanned<String>>,
    /// The cluster's certificate authority: the base64 text of `certificateAuthority.data`. Beside `endpoint`.
    pub ca: Option<Spanned<String>>,
    /// The cluster's range of service addresses, such as `10.100.0.0/16`. Beside `endpoint`.
    pub cidr: Option<Spanned<String>>,
    /// The bare name (no ARN, no path) of the IAM role of the nodes. Host mounts read S3 with it.
    pub node_role: Spanned<String>,
    /// The instance profile that nodes are launched with, for clusters that Karpenter may not make one in.
    /// The IAM policy still goes to `node-role`.
    pub instance_profile: Option<Spanned<String>>,
    /// Tags that find both the subnets and the security groups, such as `karpenter.sh/discovery: my-cluster`.
    pub discovery: Option<Map<Spanned<String>>>,
    /// Terms that find the subnets; instead of `discovery`.
    pub subnets: Option<Spanned<Vec<Spanned<SelectorTerm>>>>,
    /// Terms that find the security groups; instead of `discovery`.
    pub security_groups: Option<Spanned<Vec<Spanned<SelectorTerm>>>>,
}

/// One way to find a subnet or a security group: by id, by name (security groups only), or by tags.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SelectorTerm {
    /// `subnet-…` or `sg-…`.
    pub id: Option<Spanned<String>>,
    /// The name of a security group.
    pub name: Option<Spanned<String>>,
    /// Tags that it must have, all of them; the value `*` stands for any.
    pub tags: Option<Map<Spanned<String>>>,
}

/// The pairing of nodes, buckets and pods.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pairing {
    /// The key of the taint and of the label. Default: `s3boot.dev/class`.
    pub key: Spanned<String>,
}

/// Where nodes get mount-s3 from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Install {
    /// The origin. Default: `distribution`.
    pub from: Option<Spanned<InstallFrom>>,
    /// The version of mount-s3, such as `1.23.0`. For `release` and `mirror` it is what is installed (default `1.23.0`).
    /// For `distribution` it says what the AMI's repository is known to carry (default `1.21.0`): options that
    /// need a newer one are faults.
    pub version: Option<Spanned<String>>,
    /// `s3://bucket/path/` that holds `mount-s3-VERSION-ARCH.rpm`, its `.asc`, and `KEYS`, as the release has them.
    /// Only with `from: mirror`.
    pub mirror: Option<Spanned<String>>,
}

/// An origin of mount-s3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InstallFrom {
    /// The package of the distribution: Amazon Linux 2023 has one since 2023.9.20251110.
    Distribution,
    /// The release of that version from AWS, its signature checked against the published keys.
    Release,
    /// The same files from a bucket of yours, for nodes that reach nothing else; the signature is checked too.
    Mirror,
}

/// The CSI driver of Mountpoint for Amazon S3.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Csi {
    /// How its pods, or the class's, get a role. Default: `pod-identity`.
    pub identity: Option<Spanned<Identity>>,
    /// The version of the EKS add-on, such as `v2.7.0-eksbuild.1`. Default: the one that EKS has for the cluster.
    pub version: Option<Spanned<String>>,
}

/// How a pod gets an IAM role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// EKS Pod Identity: an association of service account and role.
    PodIdentity,
    /// IAM roles for service accounts: the cluster's OIDC provider, and an annotation of the service account.
    Irsa,
}

/// A workload class: the nodes and buckets of one kind of pod.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Class {
    /// The name: of the NodePool and EC2NodeClass, and the value of the taint and label. A DNS label.
    pub name: Spanned<String>,
    /// How the bucket comes to the pod. Default: `karpenter`.
    pub deliver: Option<Spanned<Deliver>>,
    /// The AMI. For Karpenter `al2023@v20260724`, its alias; for node groups `al2023@1.34.2-20260724`, the release of EKS;
    /// a family alone, `al2023`, where the nodes exist already; or a family with terms that find your own.
    pub ami: Option<Spanned<Ami>>,
    /// The role of the nodes of this class, where it is not the cluster's. With a role each, the nodes of one class
    /// cannot read the buckets of another.
    pub node_role: Option<Spanned<String>>,
    /// The instance profile of the nodes of this class, where Karpenter may not make one. It has the class's role.
    pub instance_profile: Option<Spanned<String>>,
    /// The processor architectures that nodes may have. Default: `[amd64]`.
    pub arch: Option<Spanned<Vec<Spanned<Arch>>>>,
    /// The buckets to mount, one or more.
    pub mounts: Spanned<Vec<Mount>>,
    /// What happens on a node whose mounts do not come. Default: `refuse`.
    pub on_failure: Option<Spanned<OnFailure>>,
    /// How long `on-failure: join` waits before the node joins without its mounts, such as `5m` (the default).
    pub join_after: Option<Spanned<String>>,
    /// The DaemonSet that mounts on nodes which exist already, for `deliver: daemonset`.
    pub daemonset: Option<DaemonSet>,
    /// Whose role reads the buckets, for `deliver: csi`. Default: `driver`.
    pub credentials: Option<Spanned<Credentials>>,
    /// The nodes.
    pub nodes: Option<Nodes>,
    /// The pods.
    pub pods: Option<Pods>,
    /// Changes to what is generated: per target, per document, a mapping that is merged over it (RFC 7396:
    /// mappings merge, lists replace, null removes). The documents are `EC2NodeClass` and `NodePool` for `karpenter`, `DaemonSet`
    /// for `daemonset`, `PersistentVolume` and `PersistentVolumeClaim` for `csi`.
    #[schemars(with = "Option<BTreeMap<String, BTreeMap<String, serde_json::Map<String, serde_json::Value>>>>")]
    pub patch: Option<Map<Map<serde_yaml::Value>>>,
}

/// A way to bring a bucket to a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Deliver {
    /// Mounted on the node by user data; nodes come from Karpenter.
    Karpenter,
    /// Mounted on the node by user data; nodes come from a managed node group.
    NodeGroup,
    /// Mounted on nodes that exist already, by a `DaemonSet`.
    Daemonset,
    /// Mounted for the pod by the Mountpoint for Amazon S3 CSI driver.
    Csi,
}

impl Deliver {
    /// Its name in the manifest.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Karpenter => "karpenter",
            Self::NodeGroup => "node-group",
            Self::Daemonset => "daemonset",
            Self::Csi => "csi",
        }
    }
}

/// The `DaemonSet` that puts the mounts on nodes which exist already.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DaemonSet {
    /// Its image, by digest: `registry/name:tag@sha256:…`. It needs `sh` and `nsenter`, nothing else; all that it starts is
    /// the host's.
    pub image: Spanned<String>,
    /// Its namespace, which pods of users have no business in: it is privileged. Default: `s3boot`.
    pub namespace: Option<Spanned<String>>,
    /// What becomes of the mounts when the DaemonSet is deleted. Default: `keep`.
    pub unmount: Option<Spanned<Unmount>>,
    /// The key of a startup taint that it takes from the node once everything is mounted, such as `s3boot.dev/not-mounted`.
    /// Without one, pods of the class may start on a newly labelled node before its first mount. RBAC cannot name one node, so
    /// a `ValidatingAdmissionPolicy` (Kubernetes 1.30) lets each pod change nothing but this taint of its own node.
    pub lift_taint: Option<Spanned<String>>,
}

/// What becomes of the mounts when the `DaemonSet` is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unmount {
    /// They stay: systemd keeps them up, also after a reboot.
    Keep,
    /// They go, with all that was put on the node. A rollout, a drain or an eviction is no deletion.
    OnDelete,
}

/// Whose IAM role reads the buckets of a CSI volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Credentials {
    /// The driver's: every pod that may use a volume reads with one role.
    Driver,
    /// The pod's: that of `pods.service-account`, a role for each class.
    Pod,
}

/// An AMI: `family@version`, or a family and terms.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum Ami {
    /// `family@version`, such as `al2023@v20260724`.
    Alias(String),
    /// A family and what finds its AMI.
    Terms(AmiTerms),
}

/// An AMI family, and terms that find AMIs of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AmiTerms {
    /// The AMI family, such as `al2023`.
    pub family: Spanned<String>,
    /// The AMI id, `ami-…`.
    pub id: Option<Spanned<String>>,
    /// The AMI's name; `*` matches anything.
    pub name: Option<Spanned<String>>,
    /// Tags that the AMI must have, all of them.
    pub tags: Option<Map<Spanned<String>>>,
    /// The account that owns the AMI: 12 digits, `self` or `amazon`. Only with `name` or `tags`.
    pub owner: Option<Spanned<String>>,
}

impl<'de> Deserialize<'de> for Ami {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Ami;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("`family@version`, or a mapping with `family` and one of `id`, `name`, `tags`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Ami, E> {
                Ok(Ami::Alias(text.to_owned()))
            }

            // Not an untagged enum: that would buffer the mapping and lose the spans in it.
            fn visit_map<M: serde::de::MapAccess<'de>>(self, map: M) -> Result<Ami, M::Error> {
                AmiTerms::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(Ami::Terms)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// A processor architecture, by its Kubernetes name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Arch {
    /// `x86_64`: Intel and AMD.
    Amd64,
    /// `aarch64`: Graviton.
    Arm64,
}

impl Arch {
    /// Its Kubernetes name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }
}

/// What a node does whose mounts do not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// kubelet does not start until they do; Karpenter replaces a node that has not registered after 15 minutes.
    Refuse,
    /// kubelet starts after `join-after`, without them. Pods of the class may then find no data.
    Join,
}

/// A bucket, or a prefix of one, mounted on every node of the class.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mount {
    /// The name: of the directory and of the systemd unit. A DNS label.
    pub name: Spanned<String>,
    /// Where it is mounted on the node. Default: `/mnt/s3/<name>`. Pods mount its parent directory.
    pub path: Option<Spanned<String>>,
    /// The bucket: a name, an access point's alias or ARN, or a directory bucket (`name--zone--x-s3`).
    pub bucket: Spanned<String>,
    /// Only keys under this prefix, which ends in `/`. Default: the whole bucket.
    pub prefix: Option<Spanned<String>>,
    /// The bucket's region, where it is not the cluster's.
    pub region: Option<Spanned<String>>,
    /// A named set of mount-s3 options for a purpose; `options` win over it.
    pub preset: Option<Spanned<Preset>>,
    /// Whether pods may write. Default: what the preset says, else `read-only`.
    pub mode: Option<Spanned<Mode>>,
    /// A cache of object data on the node's disk. Default: none.
    pub cache: Option<Cache>,
    /// The KMS key that the objects are encrypted with, as an ARN; the policy then allows its use.
    pub kms_key: Option<Spanned<String>>,
    /// Any other mount-s3 option by its long name, without the dashes, such as `negative-metadata-ttl: 60`.
    pub options: Option<Map<Spanned<Scalar>>>,
}

/// A purpose of a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Files that never change under their name: read-only, metadata kept for ever, new names seen within a minute.
    Jars,
    /// Model weights under a versioned prefix: as `jars`.
    Models,
    /// Data that changes now and then: read-only, metadata kept for a minute.
    Dataset,
    /// Files that pods write once: read-write, owned by the Spark user (uid 185).
    Output,
}

/// Whether pods may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// They may not.
    ReadOnly,
    /// They may create files; deleting and overwriting are options of their own.
    ReadWrite,
}

/// A cache of object data. mount-s3 would fill a disk to 95 %, where kubelet evicts pods at 90 %: so a size is required.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cache {
    /// The disk it is on.
    pub on: Spanned<CacheOn>,
    /// Its size at most, as a Kubernetes quantity: `20Gi`.
    pub size: Spanned<String>,
    /// With `on: instance-store`: on nodes without one, a cache of this size on the root volume instead of a failure.
    pub root_fallback: Option<Spanned<String>>,
    /// With `on: volume`: the storage class that makes it, such as `gp3`.
    pub storage_class: Option<Spanned<String>>,
}

/// A disk of the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CacheOn {
    /// The local NVMe disks, as one RAID 0, set up before the mount.
    InstanceStore,
    /// The root volume.
    Root,
    /// A volume of its own, that `storage-class` makes for each mount. Only with `deliver: csi`.
    Volume,
}

/// The nodes of a class.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Nodes {
    /// Who makes them, for `deliver: daemonset` (default: `existing`) and `deliver: csi` (default: `karpenter`). The other
    /// ways say it themselves.
    pub from: Option<Spanned<NodesFrom>>,
    /// How many nodes a node group has. Default: `{min: 1, max: 3}`.
    pub size: Option<Spanned<Size>>,
    /// Labels that find nodes which exist already, for the script that labels and taints them.
    pub selector: Option<Map<Spanned<String>>>,
    /// Instance families, such as `[r6id, m7gd]`. Default: any that the other keys allow.
    pub families: Option<Spanned<Vec<Spanned<String>>>>,
    /// Instance types, such as `[r6id.4xlarge]`.
    pub types: Option<Spanned<Vec<Spanned<String>>>>,
    /// What capacity is bought. Default: `[on-demand]`.
    pub capacity: Option<Spanned<Vec<Spanned<Capacity>>>>,
    /// Availability zones, such as `[us-west-2a]`. Default: those of the subnets.
    pub zones: Option<Spanned<Vec<Spanned<String>>>>,
    /// The most that all nodes of the class together may have, such as `{cpu: 1000, memory: 4000Gi}`.
    pub limits: Option<Map<Spanned<Scalar>>>,
    /// The size of the root volume (encrypted gp3), such as `100Gi`. Default: Karpenter's 20Gi.
    pub root_volume: Option<Spanned<String>>,
    /// How long a node may live, such as `720h` (Karpenter's default), or `Never`.
    pub expire_after: Option<Spanned<String>>,
    /// How long a node is empty or underused before it is consolidated, such as `1m` (the default), or `Never`.
    pub consolidate_after: Option<Spanned<String>>,
    /// Which `NodePool` Karpenter tries first: 1 to 100, higher first.
    pub weight: Option<Spanned<Scalar>>,
    /// More labels.
    pub labels: Option<Map<Spanned<String>>>,
    /// More taints.
    pub taints: Option<Vec<Spanned<Taint>>>,
    /// Taints that something else removes once the node is ready for pods.
    pub startup_taints: Option<Vec<Spanned<Taint>>>,
    /// More requirements of the `NodePool`.
    pub requirements: Option<Vec<Spanned<Requirement>>>,
    /// Tags of the instances and their volumes.
    pub tags: Option<Map<Spanned<String>>>,
}

/// Who makes the nodes of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NodesFrom {
    /// Karpenter, from a NodePool.
    Karpenter,
    /// EKS, as managed node groups: one for each architecture and capacity.
    NodeGroup,
    /// Nobody here: they exist already.
    Existing,
}

/// How many nodes a node group has.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Size {
    /// At least.
    pub min: Spanned<Scalar>,
    /// At most.
    pub max: Spanned<Scalar>,
    /// At first; what scales the group changes it later. Default: `min`.
    pub desired: Option<Spanned<Scalar>>,
}

/// How capacity is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Capacity {
    /// Spare capacity that AWS may take back.
    Spot,
    /// At the list price.
    OnDemand,
    /// From capacity reservations.
    Reserved,
}

impl Capacity {
    /// Karpenter's name of it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::OnDemand => "on-demand",
            Self::Reserved => "reserved",
        }
    }
}

/// A taint.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Taint {
    /// The key.
    pub key: Spanned<String>,
    /// The value; leave it out for none.
    pub value: Option<Spanned<String>>,
    /// The effect.
    pub effect: Spanned<Effect>,
}

/// What a taint does to pods that do not tolerate it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, serde::Serialize, JsonSchema)]
pub enum Effect {
    /// They are not scheduled here.
    NoSchedule,
    /// They are scheduled elsewhere where that is possible.
    PreferNoSchedule,
    /// They are not scheduled here, and evicted.
    NoExecute,
}

impl Effect {
    /// Its name in the API of node groups.
    #[must_use]
    pub const fn api_name(self) -> &'static str {
        match self {
            Self::NoSchedule => "NO_SCHEDULE",
            Self::PreferNoSchedule => "PREFER_NO_SCHEDULE",
            Self::NoExecute => "NO_EXECUTE",
        }
    }
}

/// A requirement of a Karpenter `NodePool`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Requirement {
    /// The label's key.
    pub key: Spanned<String>,
    /// The operator. `Gte` and `Lte` exist too, but only since Karpenter 1.9.
    pub operator: Spanned<Operator>,
    /// The values, as strings.
    pub values: Option<Vec<Spanned<Scalar>>>,
}

/// An operator of a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize, JsonSchema)]
pub enum Operator {
    /// One of the values.
    In,
    /// None of the values.
    NotIn,
    /// The label is there.
    Exists,
    /// The label is not there.
    DoesNotExist,
    /// Greater than the one value.
    Gt,
    /// Less than the one value.
    Lt,
}

/// The pods of a class.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Pods {
    /// The namespaces they run in.
    pub namespaces: Option<Vec<Spanned<String>>>,
    /// The service account they run as, in each of the namespaces.
    pub service_account: Option<Spanned<String>>,
    /// JAR files to load, as paths under the first mount. Spark does not expand globs of local files, so each by name.
    pub jars: Option<Spanned<Vec<Spanned<String>>>>,
    /// Those of `jars` that have to be on the class path of the JVM itself, before Spark's own: drivers of JDBC, `hadoop-aws`,
    /// agents. The others are loaded by Spark, which is enough for code of jobs.
    pub class_path: Option<Vec<Spanned<String>>>,
    /// What the complete `SparkApplication` runs. Default: `SparkPi` of Spark's own image.
    pub spark: Option<Spark>,
}

/// What a Spark application runs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Spark {
    /// The image of driver and executors. Default: `docker.io/library/spark:4.0.1`.
    pub image: Option<Spanned<String>>,
    /// The version of Spark in it. Default: `4.0.1`.
    pub version: Option<Spanned<String>>,
    /// The class to run, which is in the first of `jars`.
    pub main_class: Option<Spanned<String>>,
    /// Where `driver.yaml` and `executor.yaml` lie for EMR on EKS, such as `s3://bucket/path/`: the execution role of the job
    /// reads them there. Without it no `emr.json` is written.
    pub emr_templates: Option<Spanned<String>>,
}
