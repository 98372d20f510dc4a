//! `eksctl`: a `ClusterConfig` with the node groups of a class, for `eksctl create nodegroup -f`.
//! Source: eksctl `pkg/apis/eksctl.io/v1alpha5/assets/schema.json`. Each text of `preBootstrapCommands` becomes a script
//! of its own before the node joins; `overrideBootstrapCommand` is a `NodeConfig` on AL2023, and elsewhere the script that
//! joins an AMI of one's own.

use super::{Context, Refusal, Target, node_group, object};
use crate::family::Join;
use crate::manifest::NodesFrom;
use crate::output::Tree;
use crate::plan::{Class, Plan, SelectorTerm, Taint};
use crate::target::iam;
use crate::userdata::{self, join};
use serde::Serialize;
use std::collections::BTreeMap;

/// eksctl's node groups.
pub struct Eksctl;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterConfig<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata<'a>,
    managed_node_groups: Vec<NodeGroup<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    name: &'a str,
    region: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "eksctl's schema has them")]
struct NodeGroup<'a> {
    name: String,
    ami_family: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ami: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_version: Option<&'a str>,
    instance_types: Vec<String>,
    spot: bool,
    min_size: u32,
    max_size: u32,
    desired_capacity: u32,
    labels: BTreeMap<String, String>,
    taints: Vec<Taint>,
    volume_size: u64,
    volume_type: &'static str,
    volume_encrypted: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    availability_zones: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subnets: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    security_groups: Option<SecurityGroups<'a>>,
    private_networking: bool,
    #[serde(rename = "disablePodIMDS")]
    disable_pod_imds: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    iam: Option<NodeIam>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pre_bootstrap_commands: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    override_bootstrap_command: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bottlerocket: Option<serde_json::Value>,
}

#[derive(Serialize, Clone)]
struct SecurityGroups<'a> {
    #[serde(rename = "attachIDs")]
    attach_ids: Vec<&'a str>,
}

/// The role that eksctl makes for the group, with the class's policy in it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeIam {
    attach_policy: iam::Policy,
}

impl Target for Eksctl {
    fn name(&self) -> &'static str {
        "eksctl"
    }

    fn about(&self) -> &'static str {
        "managed node groups for `eksctl create nodegroup -f`; eksctl makes their role"
    }

    fn serves(&self, class: &Class) -> bool {
        class.nodes.from == NodesFrom::NodeGroup
    }

    fn is_printed(&self, class: &Class) -> bool {
        class.nodes.from == NodesFrom::NodeGroup && class.mounts_by_user_data()
    }

    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
        let Context { plan, class, .. } = *context;
        let groups: Result<Vec<_>, _> =
            node_group::groups(class).into_iter().map(|group| node_group(context, group)).collect();
        let config = ClusterConfig {
            api_version: "eksctl.io/v1alpha5",
            kind: "ClusterConfig",
            metadata: Metadata { name: &plan.cluster.name, region: plan.cluster.region.as_str() },
            managed_node_groups: groups.map_err(|refusal| vec![refusal])?,
        };
        object::noted(class, "eksctl.yaml", &notes(plan, class), &[object::value(&config)?])
    }
}

/// The size of a root volume that the manifest leaves to eksctl, in GiB: its own default. It refuses to encrypt a volume
/// whose size is not given (`validateNodeGroupBase`).
const ROOT_VOLUME_GIB: u64 = 80;

/// What of the manifest eksctl has no words for, for those who read the file.
fn notes(plan: &Plan, class: &Class) -> String {
    let by_tags = |terms: &[SelectorTerm]| terms.iter().any(|term| term.id.is_none());
    let subnets = by_tags(&plan.cluster.subnets) || !class.nodes.zones.is_empty();
    let notes = [
        (subnets, "subnets by tags, or beside zones; eksctl takes the cluster's private ones, of these zones if any"),
        (
            by_tags(&plan.cluster.security_groups),
            "security groups by tags; without ids eksctl attaches the cluster's own",
        ),
    ];
    notes.iter().filter(|(left_out, _)| *left_out).map(|(_, what)| format!("# Not in here: {what}.\n")).collect()
}

/// eksctl refuses subnets where it has zones.
fn subnets<'a>(plan: &'a Plan, class: &Class) -> Vec<&'a str> {
    if class.nodes.zones.is_empty() { ids(&plan.cluster.subnets) } else { Vec::new() }
}

fn ids(terms: &[SelectorTerm]) -> Vec<&str> {
    terms.iter().filter_map(|term| term.id.as_deref()).collect()
}

fn node_group<'a>(context: &Context<'a>, group: node_group::Group) -> Result<NodeGroup<'a>, Refusal> {
    let Context { plan, class, .. } = *context;
    let boot = Boot::of(context)?;
    let groups = ids(&plan.cluster.security_groups);
    Ok(NodeGroup {
        name: group.name,
        ami_family: class.ami.family.node_group.yes().map_or("", |known| known.eksctl),
        ami: node_group::image_id(class),
        release_version: node_group::release_version(class),
        instance_types: group.instance_types,
        spot: group.capacity_type == "SPOT",
        min_size: class.nodes.size.min,
        max_size: class.nodes.size.max,
        desired_capacity: class.nodes.size.desired,
        labels: class.labels(),
        taints: node_group::taints(class),
        volume_size: class.nodes.root_volume_gib.unwrap_or(ROOT_VOLUME_GIB),
        volume_type: "gp3",
        volume_encrypted: true,
        availability_zones: class.nodes.zones.iter().map(ToString::to_string).collect(),
        subnets: subnets(plan, class),
        security_groups: (!groups.is_empty()).then_some(SecurityGroups { attach_ids: groups }),
        private_networking: true,
        disable_pod_imds: true,
        iam: class.mounts_by_user_data().then(|| NodeIam { attach_policy: iam::policy(plan, class) }),
        tags: &class.nodes.tags,
        pre_bootstrap_commands: boot.before,
        override_bootstrap_command: boot.instead,
        bottlerocket: boot.settings,
    })
}

/// What eksctl is told of the boot.
#[derive(Default)]
struct Boot {
    before: Vec<String>,
    instead: Option<String>,
    settings: Option<serde_json::Value>,
}

impl Boot {
    fn of(context: &Context<'_>) -> Result<Self, Refusal> {
        let (plan, class) = (context.plan, context.class);
        match class.ami.family.join {
            // eksctl adds cluster, labels and taints where EKS does not.
            Join::NodeConfig => Ok(Self {
                before: userdata::shell(context)?.into_iter().collect(),
                instead: join::node_config(class, None)?,
                ..Self::default()
            }),
            Join::Bootstrap => Ok(Self { instead: userdata::shell(context)?, ..Self::default() }),
            Join::Settings => Ok(Self { settings: join::settings_as_json(plan, class)?, ..Self::default() }),
            Join::Elsewhere => Ok(Self::default()),
        }
    }
}
