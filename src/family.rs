//! AMI families. What a family cannot do is refused with a reason and a way out, never dropped.

use crate::diagnostic::{Fault, choose, code};
use crate::manifest::Arch;
use serde::{Serialize, Serializer};

/// An AMI family.
#[derive(Debug, PartialEq, Eq)]
pub struct Family {
    /// Its name in the manifest.
    pub name: &'static str,
    /// What it can do.
    pub capabilities: Capabilities,
}

/// What a family can do.
#[derive(Debug, PartialEq, Eq)]
pub enum Capabilities {
    /// Mounts on the host.
    Host(Host),
    /// No mounts on the host: why, and what to do instead.
    Refused {
        /// Why.
        why: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
}

/// What is known of a family that can mount on the host.
#[derive(Debug, PartialEq, Eq)]
pub struct Host {
    /// Karpenter's `amiFamily`.
    pub karpenter: &'static str,
    /// The device of the root volume.
    pub root_device: &'static str,
    /// The architectures that it is published for.
    pub arch: &'static [Arch],
    /// The template of its node script.
    pub template: &'static str,
    /// The directory of its instance store, and what sets that up.
    pub instance_store: &'static str,
}

const CSI: &str = "use the CSI driver of Mountpoint for Amazon S3 there, or `ami: al2023@…` for host mounts";

/// Every family.
pub static FAMILIES: &[Family] = &[
    Family {
        name: "al2023",
        capabilities: Capabilities::Host(Host {
            karpenter: "AL2023",
            root_device: "/dev/xvda",
            arch: &[Arch::Amd64, Arch::Arm64],
            template: "al2023.sh",
            instance_store: "/mnt/k8s-disks/0",
        }),
    },
    Family {
        name: "al2",
        capabilities: Capabilities::Refused {
            why: "EKS published its last AMI on 2025-11-26, and Amazon Linux 2 itself ended on 2026-06-30",
            instead: "use `ami: al2023@…`",
        },
    },
    Family {
        name: "bottlerocket",
        capabilities: Capabilities::Refused {
            why: "it has no shell and no package manager, and a container that runs at boot must end before kubelet starts",
            instead: CSI,
        },
    },
    Family {
        name: "auto-mode",
        capabilities: Capabilities::Refused { why: "EKS Auto Mode takes no user data", instead: CSI },
    },
    Family {
        name: "ubuntu",
        capabilities: Capabilities::Refused {
            why: "this version of s3boot has no node script for it",
            instead: "use `ami: al2023@…`",
        },
    },
    Family {
        name: "fargate",
        capabilities: Capabilities::Refused {
            why: "Fargate has no nodes to mount on, and the CSI driver does not run there",
            instead: "use `ami: al2023@…` on nodes of your own",
        },
    },
    Family {
        name: "windows2019",
        capabilities: Capabilities::Refused { why: "mount-s3 runs on Linux only", instead: "use `ami: al2023@…`" },
    },
    Family {
        name: "windows2022",
        capabilities: Capabilities::Refused { why: "mount-s3 runs on Linux only", instead: "use `ami: al2023@…`" },
    },
    Family {
        name: "windows2025",
        capabilities: Capabilities::Refused { why: "mount-s3 runs on Linux only", instead: "use `ami: al2023@…`" },
    },
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

impl Family {
    /// What it can do on the host.
    ///
    /// # Errors
    /// It can do nothing there.
    pub fn host(&self) -> Result<&Host, Fault> {
        match &self.capabilities {
            Capabilities::Host(host) => Ok(host),
            Capabilities::Refused { why, instead } => Err(Fault::new(
                &code::FAMILY_REFUSED,
                format!("no bucket can be mounted on nodes of `{}`", self.name),
                *instead,
            )
            .label(*why)),
        }
    }
}
