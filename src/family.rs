//! AMI families. What a family cannot do is refused with a reason and a way out, never dropped.

use crate::diagnostic::{Fault, choose, code};
use crate::manifest::Arch;
use serde::{Serialize, Serializer};

/// An AMI family.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// Its name in the manifest.
    pub name: &'static str,
    /// What it is, for the chooser and the docs.
    pub title: &'static str,
    /// Mounts on the host.
    pub host: Can<Host>,
    /// The CSI driver of Mountpoint for Amazon S3.
    pub csi: Can<()>,
    /// Nodes from Karpenter.
    pub karpenter: Can<Karpenter>,
    /// Nodes from managed node groups.
    pub node_group: Can<NodeGroup>,
    /// How a node joins the cluster where nothing else does it.
    pub join: Join,
    /// Where its releases are published.
    pub published: Option<Published>,
    /// The device of the root volume, or the one that pods and images are on.
    pub root_device: &'static str,
    /// Another device that Karpenter has to be told of with it, since it forgets its defaults then, and its size in GiB.
    pub system_device: Option<(&'static str, u64)>,
    /// Why one should move away from it.
    pub retired: Option<&'static str>,
}

/// What a family can do.
#[derive(Debug, PartialEq, Eq)]
pub enum Can<T> {
    /// It can, and what is known of it.
    Yes(T),
    /// It cannot.
    No {
        /// Why.
        why: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
}

/// What is known of a family that can mount on the host.
#[derive(Debug, PartialEq, Eq)]
pub struct Host {
    /// What installs packages.
    pub packages: Packages,
    /// Whether its archive has mount-s3.
    pub distribution: bool,
    /// The unit of kubelet.
    pub kubelet: &'static str,
    /// The directory of its instance store.
    pub instance_store: Can<&'static str>,
    /// Whether its systemd is older than 246.
    pub old_systemd: bool,
}

/// What installs packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Packages {
    /// `dnf`, and RPMs.
    Dnf,
    /// `yum`, and RPMs.
    Yum,
    /// `apt-get`, and DEBs.
    Apt,
}

/// What Karpenter makes of a family.
#[derive(Debug, PartialEq, Eq)]
pub enum Karpenter {
    /// An `EC2NodeClass`.
    Ec2 {
        /// Its `amiFamily`.
        ami_family: &'static str,
        /// Its alias, and what a version of that looks like; none where AMIs are found by terms only.
        alias: Option<(&'static str, Version)>,
        /// Whether Karpenter adds what joins the node to the cluster.
        joins: bool,
    },
    /// The built-in `NodeClass` of EKS Auto Mode.
    Auto,
}

/// What managed node groups make of a family.
#[derive(Debug, PartialEq, Eq)]
pub struct NodeGroup {
    /// The `amiType` of each architecture; none where only an AMI of one's own can be used.
    pub ami_types: &'static [(Arch, &'static str)],
    /// What a release of it looks like.
    pub release: Version,
    /// The `amiFamily` of eksctl.
    pub eksctl: &'static str,
}

/// What a version of an AMI looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `v20260724`.
    Date,
    /// `v1.50.0`.
    Semantic,
    /// `1.34.2-20260724`: Kubernetes, and the date.
    Eks,
    /// `1.50.0-5ee1d6b5`.
    Bottlerocket,
}

/// Where AWS publishes the releases of a family: parameters of Systems Manager that hold the id of an AMI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// By EKS, each variant for itself.
    Eks {
        /// `standard`, `nvidia` or `neuron`.
        variant: &'static str,
    },
    /// By Bottlerocket.
    Bottlerocket,
}

impl Published {
    /// Where all of its parameters are.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Eks { .. } => "/aws/service/eks/optimized-ami",
            Self::Bottlerocket => "/aws/service/bottlerocket",
        }
    }

    /// The parameter of a release, or of `latest`. `arch` is EC2's name of it.
    /// Source: Karpenter `pkg/providers/amifamily/{al2023,bottlerocket}.go`.
    #[must_use]
    pub fn parameter(self, kubernetes: &str, arch: &str, version: &str) -> String {
        let path = self.path();
        match self {
            Self::Eks { variant } => {
                let image = match version {
                    "latest" => "recommended".to_owned(),
                    // `v20260724`, or `1.34.2-20260724`.
                    version => {
                        let date = version.rsplit(['-', 'v']).next().unwrap_or(version);
                        format!("amazon-eks-node-al2023-{arch}-{variant}-{kubernetes}-v{date}")
                    }
                };
                format!("{path}/{kubernetes}/amazon-linux-2023/{arch}/{variant}/{image}/image_id")
            }
            Self::Bottlerocket => {
                let version = version.strip_prefix('v').unwrap_or(version);
                format!("{path}/aws-k8s-{kubernetes}/{arch}/{version}/image_id")
            }
        }
    }
}

/// How a node joins the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// A `NodeConfig` in user data.
    NodeConfig,
    /// `/etc/eks/bootstrap.sh` with arguments.
    Bootstrap,
    /// TOML settings in user data.
    Settings,
    /// It is not s3boot's business.
    Elsewhere,
}

const HOST_ELSEWHERE: &str = "write `deliver: csi`, or `ami: al2023@…` for host mounts";
const LINUX: &str = "mount-s3 runs on Linux only";
const NODES: &str = "use `ami: al2023@…` on nodes of your own";

const fn al2023(
    name: &'static str,
    title: &'static str,
    variant: &'static str,
    ami_types: &'static [(Arch, &'static str)],
) -> Family {
    Family {
        name,
        title,
        host: Can::Yes(Host {
            packages: Packages::Dnf,
            distribution: true,
            kubelet: "kubelet.service",
            instance_store: Can::Yes("/mnt/k8s-disks/0"),
            old_systemd: false,
        }),
        csi: Can::Yes(()),
        karpenter: Can::Yes(Karpenter::Ec2 {
            ami_family: "AL2023",
            alias: Some(("al2023", Version::Date)),
            joins: true,
        }),
        node_group: Can::Yes(NodeGroup { ami_types, release: Version::Eks, eksctl: "AmazonLinux2023" }),
        join: Join::NodeConfig,
        published: Some(Published::Eks { variant }),
        root_device: "/dev/xvda",
        system_device: None,
        retired: None,
    }
}

/// A family that can do nothing here.
const fn refused(name: &'static str, title: &'static str, why: &'static str, instead: &'static str) -> Family {
    Family {
        name,
        title,
        host: Can::No { why, instead },
        csi: Can::No { why, instead },
        karpenter: Can::No { why, instead },
        node_group: Can::No { why, instead },
        join: Join::Elsewhere,
        published: None,
        root_device: "",
        system_device: None,
        retired: None,
    }
}

/// Every family.
pub static FAMILIES: &[Family] = &[
    al2023(
        "al2023",
        "Amazon Linux 2023",
        "standard",
        &[(Arch::Amd64, "AL2023_x86_64_STANDARD"), (Arch::Arm64, "AL2023_ARM_64_STANDARD")],
    ),
    al2023(
        "al2023-nvidia",
        "Amazon Linux 2023 with NVIDIA's drivers",
        "nvidia",
        &[(Arch::Amd64, "AL2023_x86_64_NVIDIA"), (Arch::Arm64, "AL2023_ARM_64_NVIDIA")],
    ),
    al2023("al2023-neuron", "Amazon Linux 2023 with AWS Neuron", "neuron", &[(Arch::Amd64, "AL2023_x86_64_NEURON")]),
    Family {
        name: "ubuntu",
        title: "Canonical's EKS images of Ubuntu",
        host: Can::Yes(Host {
            packages: Packages::Apt,
            distribution: false,
            kubelet: "snap.kubelet-eks.daemon.service",
            instance_store: Can::No {
                why: "nothing on Ubuntu's AMI sets the local disks up",
                instead: "write `cache: {on: root, …}`, or use `ami: al2023@…`",
            },
            old_systemd: false,
        }),
        csi: Can::Yes(()),
        karpenter: Can::Yes(Karpenter::Ec2 { ami_family: "Custom", alias: None, joins: false }),
        node_group: Can::Yes(NodeGroup { ami_types: &[], release: Version::Eks, eksctl: "Ubuntu2404" }),
        join: Join::Bootstrap,
        published: None,
        root_device: "/dev/sda1",
        system_device: None,
        retired: None,
    },
    Family {
        name: "al2",
        title: "Amazon Linux 2, an image of your own",
        host: Can::Yes(Host {
            packages: Packages::Yum,
            distribution: false,
            kubelet: "kubelet.service",
            instance_store: Can::No {
                why: "on AL2 the disks are set up in the middle of joining, where nothing can be ordered before it",
                instead: "write `cache: {on: root, …}`, or use `ami: al2023@…`",
            },
            old_systemd: true,
        }),
        csi: Can::No { why: "the CSI driver dropped it with 2.8", instead: "use `ami: al2023@…`" },
        karpenter: Can::Yes(Karpenter::Ec2 { ami_family: "AL2", alias: None, joins: true }),
        node_group: Can::Yes(NodeGroup { ami_types: &[], release: Version::Eks, eksctl: "AmazonLinux2" }),
        join: Join::Bootstrap,
        published: None,
        root_device: "/dev/xvda",
        system_device: None,
        retired: Some(
            "EKS published its last AMI of Amazon Linux 2 on 2025-11-26, for Kubernetes 1.32, and Amazon Linux 2 itself ended on 2026-06-30",
        ),
    },
    Family {
        name: "bottlerocket",
        title: "Bottlerocket",
        host: Can::No {
            why: "Bottlerocket has no shell and no package manager, and a container that runs at boot must end before kubelet starts",
            instead: HOST_ELSEWHERE,
        },
        csi: Can::Yes(()),
        karpenter: Can::Yes(Karpenter::Ec2 {
            ami_family: "Bottlerocket",
            alias: Some(("bottlerocket", Version::Semantic)),
            joins: true,
        }),
        node_group: Can::Yes(NodeGroup {
            ami_types: &[(Arch::Amd64, "BOTTLEROCKET_x86_64"), (Arch::Arm64, "BOTTLEROCKET_ARM_64")],
            release: Version::Bottlerocket,
            eksctl: "Bottlerocket",
        }),
        join: Join::Settings,
        published: Some(Published::Bottlerocket),
        root_device: "/dev/xvdb",
        system_device: Some(("/dev/xvda", 4)),
        retired: None,
    },
    Family {
        name: "auto-mode",
        title: "EKS Auto Mode",
        host: Can::No { why: "EKS Auto Mode takes no user data", instead: HOST_ELSEWHERE },
        csi: Can::Yes(()),
        karpenter: Can::Yes(Karpenter::Auto),
        node_group: Can::No {
            why: "EKS Auto Mode makes its nodes itself, from NodePools",
            instead: "write `nodes: {from: karpenter}`",
        },
        join: Join::Elsewhere,
        published: None,
        root_device: "",
        system_device: None,
        retired: None,
    },
    refused("fargate", "Fargate", "Fargate has no nodes to mount on, and the CSI driver does not run there", NODES),
    refused("windows2019", "Windows", LINUX, NODES),
    refused("windows2022", "Windows", LINUX, NODES),
    refused("windows2025", "Windows", LINUX, NODES),
];

impl Serialize for Family {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

/// The family of this name.
///
/// # Errors
/// There is none.
pub fn find(name: &str) -> Result<&'static Family, Fault> {
    let known: Vec<_> = FAMILIES.iter().map(|family| family.name).collect();
    FAMILIES
        .iter()
        .find(|family| family.name == name)
        .ok_or_else(|| Fault::new(&code::UNKNOWN_FAMILY, format!("unknown AMI family `{name}`"), choose(name, &known)))
}

impl<T> Can<T> {
    /// What is known of it.
    ///
    /// # Errors
    /// It cannot; `what` says what, as a sentence.
    pub fn or_refuse(&self, what: impl Into<String>) -> Result<&T, Fault> {
        match self {
            Self::Yes(known) => Ok(known),
            Self::No { why, instead } => Err(Fault::new(&code::FAMILY_REFUSED, what, *instead).label(*why)),
        }
    }

    /// What is known of it, if it can.
    #[must_use]
    pub const fn yes(&self) -> Option<&T> {
        match self {
            Self::Yes(known) => Some(known),
            Self::No { .. } => None,
        }
    }
}

impl Family {
    /// What it can do on the host.
    ///
    /// # Errors
    /// It can do nothing there.
    pub fn host(&self) -> Result<&Host, Fault> {
        self.host.or_refuse(format!("no bucket can be mounted on nodes of `{}`", self.name))
    }
}

impl Version {
    /// Whether a text looks like one.
    #[must_use]
    pub fn fits(self, text: &str) -> bool {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let date = |part: &str| part.len() == 8 && digits(part);
        let semantic = |part: &str| part.split('.').count() == 3 && part.split('.').all(digits);
        match self {
            Self::Date => text.strip_prefix('v').is_some_and(date),
            Self::Semantic => text.strip_prefix('v').is_some_and(semantic),
            Self::Eks => text.split_once('-').is_some_and(|(version, day)| semantic(version) && date(day)),
            Self::Bottlerocket => text.split_once('-').is_some_and(|(version, commit)| {
                semantic(version) && commit.len() == 8 && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
            }),
        }
    }

    /// One, for messages.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::Date => "v20260724",
            Self::Semantic => "v1.50.0",
            Self::Eks => "1.34.2-20260724",
            Self::Bottlerocket => "1.50.0-5ee1d6b5",
        }
    }
}
