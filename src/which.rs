//! Which way brings a bucket to a pod: what each gives and costs, what rules it out, and where a mount is the wrong thing.
//! The same tables are what `s3boot which` prints and what `docs/which.md` has.
//! Sources: mountpoint-s3 `doc/SEMANTICS.md`; mountpoint-s3-csi-driver `docs/ARCHITECTURE.md` of version 2; Kubernetes, Pod
//! Security Standards.

use crate::family::{self, Can, Family};
use crate::manifest::{Credentials, Deliver, Mode, NodesFrom};
use crate::plan::Class;
use serde::Serialize;

/// What pods or nodes ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// Pods of one node read with roles of their own.
    PerPodIam,
    /// Namespaces are under pod security `baseline` or `restricted`.
    RestrictedPods,
    /// Nodes run Bottlerocket.
    Bottlerocket,
    /// EKS Auto Mode makes the nodes.
    AutoMode,
    /// The nodes exist already, and are not to be replaced.
    ExistingNodes,
    /// Pods write new files.
    Write,
    /// Pods rename files or append to them.
    Rename,
    /// Pods need GPUs.
    Gpu,
}

/// A way.
#[derive(Debug, Serialize)]
pub struct Way {
    /// What `deliver:` says.
    pub deliver: Deliver,
    /// What it is.
    pub title: &'static str,
    /// What speaks for it.
    pub gives: &'static [&'static str],
    /// What speaks against it.
    pub costs: &'static [&'static str],
}

const SHARED: &str = "one mount and one cache for all pods of a node";
const HEALS: &str = "comes back after a crash, a hang and a reboot, and running pods see it again";
const NODE_ROLE: &str = "whoever may use hostPath on the node reads with the role of the node";
const HOST_PATH: &str = "namespaces of the pods have to allow hostPath";

/// The ways, in the order in which one should look at them.
pub static WAYS: &[Way] = &[
    Way {
        deliver: Deliver::Karpenter,
        title: "user data of Karpenter's nodes",
        gives: &["a node joins with its buckets mounted, or not at all, and Karpenter replaces it", SHARED, HEALS],
        costs: &[NODE_ROLE, HOST_PATH, "a changed mount replaces the nodes"],
    },
    Way {
        deliver: Deliver::NodeGroup,
        title: "user data of managed node groups",
        gives: &["the same nodes, where there is no Karpenter", SHARED, HEALS],
        costs: &[
            NODE_ROLE,
            HOST_PATH,
            "a node that does not join is reported (NodeCreationFailure), not replaced",
            "a group for each architecture and capacity, of types that you name",
        ],
    },
    Way {
        deliver: Deliver::Daemonset,
        title: "a DaemonSet on nodes that exist already",
        gives: &[
            "no node is replaced, also when a mount changes",
            "the same units of systemd on the host: no rollout or eviction ends a mount",
        ],
        costs: &[
            "a privileged pod on each node",
            NODE_ROLE,
            "a node is new to its class for a while: only the taint that the DaemonSet lifts keeps pods away",
        ],
    },
    Way {
        deliver: Deliver::Csi,
        title: "volumes of the CSI driver",
        gives: &[
            "roles of the pods' own, with `credentials: pod`",
            "namespaces under pod security `restricted`: a claim is no hostPath",
            "Bottlerocket and EKS Auto Mode",
            "a pod waits until its volume is mounted; pods of a node with the same volume share mount and cache",
        ],
        costs: &[
            "each volume on a node takes a pod slot and an address, which no scheduler counts",
            "a mount that crashed is dead for its pods until they are made anew",
            "a volume and a claim for each mount in each namespace",
        ],
    },
];

/// A use that no mount serves.
#[derive(Debug, Serialize)]
pub struct NotAMount {
    /// The use.
    pub what: &'static str,
    /// Why a mount fails.
    pub why: &'static str,
    /// What does it.
    pub instead: &'static str,
}

/// Uses for which a mount is the wrong thing.
pub static NOT_A_MOUNT: &[NotAMount] = &[
    NotAMount {
        what: "shuffle, spark.local.dir, spills",
        why: "they append and write at random places",
        instead: "local NVMe or an emptyDir",
    },
    NotAMount {
        what: "output committers",
        why: "they rename files: \"Function not implemented\"",
        instead: "s3a:// with the magic or staging committer",
    },
    NotAMount {
        what: "checkpoints and event logs",
        why: "they rename, and append to open files",
        instead: "s3a://, or FSx for Lustre",
    },
    NotAMount {
        what: "files that are renamed, appended to or locked",
        why: "mount-s3 does none of it on general purpose buckets, and its locks end at the node",
        instead: "S3 Files (an NFS view of the bucket), FSx for Lustre; a directory bucket takes renames and appends",
    },
    NotAMount {
        what: "caches of compilers and of Hugging Face",
        why: "they rename, lock and append",
        instead: "an emptyDir on local NVMe",
    },
    NotAMount {
        what: "a few files that are read once",
        why: "a mount costs a role, a taint and a boot",
        instead: "s3a://, or the image itself",
    },
];

/// What others say of the ways, and what is so.
pub static CORRECTIONS: &[(&str, &str)] = &[
    (
        "taints and tolerations bring the pod to the right node",
        "a toleration only permits: the node selector confines. s3boot has both from one name",
    ),
    ("the CSI driver cannot be used on tainted or GPU nodes", "version 2 tolerates every taint"),
    (
        "pods do not share a CSI mount and its cache",
        "version 2 shares both among the pods of a node with the same volume",
    ),
    ("a DaemonSet reads with the IRSA of its namespace", "what it starts on the host reads with the role of the node"),
    ("`--allow-other` is for SSM", "it is for every pod that does not run as root, such as Spark (uid 185)"),
    (
        "`--cache /tmp` saves calls of S3",
        "/tmp is memory on AL2023, and on a root volume mount-s3 fills it beyond kubelet's limit",
    ),
];

/// How a way stands to what is asked for.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// The way.
    #[serde(flatten)]
    pub way: &'static Way,
    /// Why it is ruled out; nothing where it fits.
    pub ruled_out: Vec<String>,
}

/// Each way, and what rules it out.
#[must_use]
pub fn verdicts(needs: &[Need]) -> Vec<Verdict> {
    let against = |way: &'static Way| needs.iter().filter_map(|need| against(way.deliver, *need)).collect();
    WAYS.iter().map(|way| Verdict { way, ruled_out: against(way) }).collect()
}

/// Why a way cannot have what is asked for, if it cannot.
fn against(deliver: Deliver, need: Need) -> Option<String> {
    let on_host = deliver != Deliver::Csi;
    let user_data = matches!(deliver, Deliver::Karpenter | Deliver::NodeGroup);
    match need {
        Need::PerPodIam if on_host => Some("all pods of a node read with the role of the node".to_owned()),
        Need::RestrictedPods if on_host => {
            Some("pod security `baseline` and `restricted` forbid hostPath, which its pods need".to_owned())
        }
        Need::Bottlerocket if on_host => refusal("bottlerocket", |family| &family.host),
        Need::AutoMode if on_host => refusal("auto-mode", |family| &family.host),
        Need::ExistingNodes if user_data => Some("user data only runs when a node boots for the first time".to_owned()),
        Need::Rename => Some("mount-s3 neither renames nor appends on general purpose buckets".to_owned()),
        _ => None,
    }
}

/// What the table of families says.
fn refusal<T: 'static>(name: &str, of: impl Fn(&'static Family) -> &'static Can<T>) -> Option<String> {
    match of(family::find(name).ok()?) {
        Can::No { why, .. } => Some((*why).to_owned()),
        Can::Yes(_) => None,
    }
}

/// What a class asks for, as far as the manifest tells.
#[must_use]
pub fn needs_of(class: &Class) -> Vec<Need> {
    let asks = [
        (Need::PerPodIam, class.credentials == Credentials::Pod),
        (Need::Bottlerocket, class.ami.family.name == "bottlerocket"),
        (Need::AutoMode, class.ami.family.name == "auto-mode"),
        (Need::ExistingNodes, class.nodes.from == NodesFrom::Existing),
        (Need::Write, class.mounts.iter().any(|mount| mount.mode == Mode::ReadWrite)),
        (Need::Gpu, class.nodes.has_accelerators() || class.ami.family.name == "al2023-nvidia"),
    ];
    asks.into_iter().filter(|(_, asked)| *asked).map(|(need, _)| need).collect()
}

/// What there is to know of a need that rules nothing out.
#[must_use]
pub const fn note(need: Need) -> Option<&'static str> {
    match need {
        Need::Write => Some(
            "`mode: read-write`: pods make new files and write them from begin to end; others see them when closed",
        ),
        Need::Gpu => Some("every way can: the nodes have the taint of the class, and the one of their GPUs too"),
        _ => None,
    }
}

/// The page `docs/which.md`.
#[must_use]
pub fn page() -> String {
    let list = |items: &[&str]| items.join("; ");
    let ways: String = WAYS
        .iter()
        .map(|way| format!("| `{}`: {} | {} | {} |\n", name(way), way.title, list(way.gives), list(way.costs)))
        .collect();
    let needs: String = NEEDS
        .iter()
        .map(|(flag, what, need)| {
            let cell = |way: &Way| against(way.deliver, *need).unwrap_or_else(|| "yes".to_owned());
            format!("| `--{flag}`: {what} | {} |\n", WAYS.iter().map(cell).collect::<Vec<_>>().join(" | "))
        })
        .collect();
    let head = WAYS.iter().map(|way| format!("`{}`", name(way))).collect::<Vec<_>>().join(" | ");
    let uses: String =
        NOT_A_MOUNT.iter().map(|not| format!("| {} | {} | {} |\n", not.what, not.why, not.instead)).collect();
    let corrections: String = CORRECTIONS.iter().map(|(said, so)| format!("| {said} | {so} |\n")).collect();
    format!(
        "# Which way\n\nGenerated from `src/which.rs` by `cargo test`; `s3boot which` asks the same tables for a class.\n\n\
         | `deliver:` | gives | costs |\n| --- | --- | --- |\n{ways}\n\
         ## What rules a way out\n\n| asked for | {head} |\n| --- | --- | --- | --- | --- |\n{needs}\n\
         ## When not to mount at all\n\n| use | why | instead |\n| --- | --- | --- |\n{uses}\n\
         ## What is said of it, and what is so\n\n| said | so |\n| --- | --- |\n{corrections}"
    )
}

/// What `deliver:` says.
#[must_use]
pub const fn name(way: &Way) -> &'static str {
    way.deliver.name()
}

/// The needs: flag, what it means, which it is.
pub static NEEDS: &[(&str, &str, Need)] = &[
    ("per-pod-iam", "pods of one node read with roles of their own", Need::PerPodIam),
    ("restricted-pods", "namespaces are under pod security baseline or restricted", Need::RestrictedPods),
    ("bottlerocket", "nodes run Bottlerocket", Need::Bottlerocket),
    ("auto-mode", "EKS Auto Mode makes the nodes", Need::AutoMode),
    ("existing-nodes", "the nodes exist already, and stay", Need::ExistingNodes),
    ("write", "pods write new files", Need::Write),
    ("rename", "pods rename files or append to them", Need::Rename),
    ("gpu", "pods need GPUs", Need::Gpu),
];
