//! `karpenter`: an `EC2NodeClass` and a `NodePool`, v1, with fields that every Karpenter since 1.0 has.

use super::{Context, Refusal, Target, object};
use crate::family::Karpenter as Family;
use crate::manifest::{NodesFrom, Operator};
use crate::output::Tree;
use crate::plan::{AmiSelector, Class, Plan, Requirement, SelectorTerm, Taint};
use crate::yaml;
use serde::Serialize;
use std::collections::BTreeMap;

mod patch;

const EC2_NODE_CLASS: &str = "EC2NodeClass";
const NODE_POOL: &str = "NodePool";

/// `EC2NodeClass` and `NodePool`.
pub struct Karpenter;

impl Target for Karpenter {
    fn name(&self) -> &'static str {
        "karpenter"
    }

    fn about(&self) -> &'static str {
        "Karpenter's EC2NodeClass and NodePool"
    }

    fn documents(&self) -> &'static [&'static str] {
        &[EC2_NODE_CLASS, NODE_POOL]
    }

    fn serves(&self, class: &Class) -> bool {
        class.nodes.from == NodesFrom::Karpenter
    }

    fn is_printed(&self, class: &Class) -> bool {
        self.serves(class)
    }

    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
        let class = context.class;
        let mut documents = Vec::new();
        if let Some(Family::Ec2 { ami_family, .. }) = class.ami.family.karpenter.yes() {
            let user_data = crate::userdata::of(context).map_err(|refusal| vec![refusal])?;
            let node_class = ec2_node_class(context.plan, class, ami_family, user_data.map(|data| data.text));
            documents.push((EC2_NODE_CLASS, object::value(&node_class)?));
        }
        documents.push((NODE_POOL, object::value(&node_pool(class))?));
        let mut tree = Tree::default();
        for (kind, document) in object::patched(self.name(), class, documents, |kind, before, after| {
            patch::faults(kind, before, after, class)
        })? {
            let text = yaml::write(&document).map_err(|bug| vec![bug.into()])?;
            tree.add(format!("{}/{}.yaml", class.name, kind.to_lowercase()), object::header(class) + &text);
        }
        Ok(tree)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<S> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    spec: S,
}

#[derive(Serialize)]
struct Metadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeClassSpec<'a> {
    ami_family: &'static str,
    ami_selector_terms: Vec<AmiTerm<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_profile: Option<&'a str>,
    subnet_selector_terms: &'a [SelectorTerm],
    security_group_selector_terms: &'a [SelectorTerm],
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_store_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    block_device_mappings: Vec<BlockDevice>,
    metadata_options: MetadataOptions,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_data: Option<String>,
}

#[derive(Serialize, Default)]
struct AmiTerm<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a BTreeMap<String, String>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockDevice {
    device_name: &'static str,
    root_volume: bool,
    ebs: Ebs,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ebs {
    volume_size: String,
    volume_type: &'static str,
    encrypted: bool,
    delete_on_termination: bool,
}

/// Karpenter's defaults, written out. With a hop limit of 1 only the host has the node's credentials: mount-s3 reads
/// S3 with them, pods cannot.
#[derive(Serialize)]
struct MetadataOptions {
    #[serde(rename = "httpEndpoint")]
    endpoint: &'static str,
    #[serde(rename = "httpTokens")]
    tokens: &'static str,
    #[serde(rename = "httpPutResponseHopLimit")]
    hop_limit: u8,
}

fn ec2_node_class<'a>(
    plan: &'a Plan,
    class: &'a Class,
    ami_family: &'static str,
    user_data: Option<String>,
) -> impl Serialize + use<'a> {
    let cluster = &plan.cluster;
    let profile = class.instance_profile.as_ref();
    let spec = NodeClassSpec {
        ami_family,
        ami_selector_terms: AmiTerm::of(&class.ami.selector).into_iter().collect(),
        role: profile.is_none().then_some(class.node_role.as_str()),
        instance_profile: profile.map(super::super::plan::aws::RoleName::as_str),
        subnet_selector_terms: &cluster.subnets,
        security_group_selector_terms: &cluster.security_groups,
        instance_store_policy: class.uses_instance_store().then_some("RAID0"),
        block_device_mappings: block_devices(class),
        metadata_options: MetadataOptions { endpoint: "enabled", tokens: "required", hop_limit: 1 },
        tags: &class.nodes.tags,
        user_data,
    };
    Object { api_version: "karpenter.k8s.aws/v1", kind: EC2_NODE_CLASS, metadata: named(class), spec }
}

/// The volumes; none where Karpenter's defaults are right.
fn block_devices(class: &Class) -> Vec<BlockDevice> {
    let Some(gib) = class.nodes.root_volume_gib else { return Vec::new() };
    let device = |device_name, root_volume, gib| BlockDevice {
        device_name,
        root_volume,
        ebs: Ebs { volume_size: format!("{gib}Gi"), volume_type: "gp3", encrypted: true, delete_on_termination: true },
    };
    let system = class.ami.family.system_device.map(|(name, gib)| device(name, false, gib));
    system.into_iter().chain([device(class.ami.family.root_device, true, gib)]).collect()
}

fn named(class: &Class) -> Metadata {
    Metadata { name: Some(class.name.to_string()), labels: BTreeMap::new() }
}

impl<'a> AmiTerm<'a> {
    /// None where Karpenter does not choose the AMI.
    fn of(selector: &'a AmiSelector) -> Option<Self> {
        match selector {
            AmiSelector::Alias(alias) => Some(Self { alias: Some(alias), ..Self::default() }),
            AmiSelector::Id(id) => Some(Self { id: Some(id), ..Self::default() }),
            AmiSelector::Name { name, owner } => {
                Some(Self { name: Some(name), owner: owner.as_deref(), ..Self::default() })
            }
            AmiSelector::Tags { tags, owner } => {
                Some(Self { tags: Some(tags), owner: owner.as_deref(), ..Self::default() })
            }
            AmiSelector::Release(_) | AmiSelector::Any => None,
        }
    }
}

#[derive(Serialize)]
struct NodePoolSpec<'a> {
    template: Template<'a>,
    disruption: Disruption,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    limits: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<u8>,
}

#[derive(Serialize)]
struct Template<'a> {
    metadata: Metadata,
    spec: NodeSpec<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeSpec<'a> {
    node_class_ref: NodeClassRef<'a>,
    taints: Vec<Taint>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    startup_taints: Vec<Taint>,
    requirements: Vec<PoolRequirement>,
    expire_after: String,
}

#[derive(Serialize)]
struct NodeClassRef<'a> {
    group: &'static str,
    kind: &'static str,
    name: &'a str,
}

impl<'a> NodeClassRef<'a> {
    fn of(class: &'a Class) -> Self {
        match class.ami.family.karpenter.yes() {
            Some(Family::Auto) => Self { group: "eks.amazonaws.com", kind: "NodeClass", name: "default" },
            _ => Self { group: "karpenter.k8s.aws", kind: EC2_NODE_CLASS, name: class.name.as_str() },
        }
    }
}

/// The label of an instance's family; EKS Auto Mode has its own.
fn family_label(class: &Class) -> &'static str {
    match class.ami.family.karpenter.yes() {
        Some(Family::Auto) => "eks.amazonaws.com/instance-family",
        _ => "karpenter.k8s.aws/instance-family",
    }
}

#[derive(Serialize)]
struct PoolRequirement {
    key: String,
    operator: Operator,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Disruption {
    consolidation_policy: &'static str,
    consolidate_after: String,
}

fn node_pool(class: &Class) -> impl Serialize {
    let nodes = &class.nodes;
    let spec = NodePoolSpec {
        template: Template {
            metadata: Metadata { name: None, labels: class.labels() },
            spec: NodeSpec {
                node_class_ref: NodeClassRef::of(class),
                taints: class.taints(),
                startup_taints: class.startup_taints(),
                requirements: requirements(class),
                expire_after: nodes.expire_after.to_string(),
            },
        },
        disruption: Disruption {
            consolidation_policy: "WhenEmptyOrUnderutilized",
            consolidate_after: nodes.consolidate_after.to_string(),
        },
        limits: &nodes.limits,
        weight: nodes.weight,
    };
    Object { api_version: "karpenter.sh/v1", kind: NODE_POOL, metadata: named(class), spec }
}

fn requirements(class: &Class) -> Vec<PoolRequirement> {
    let one_of =
        |key: &str, values: Vec<String>| PoolRequirement { key: key.to_owned(), operator: Operator::In, values };
    let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let nodes = &class.nodes;
    let arch: Vec<_> = class.arch.iter().map(|arch| arch.name()).collect();
    let capacity: Vec<_> = nodes.capacity.iter().map(|capacity| capacity.name()).collect();
    let mut requirements = vec![
        one_of("kubernetes.io/os", texts(&["linux"])),
        one_of("kubernetes.io/arch", texts(&arch)),
        one_of("karpenter.sh/capacity-type", texts(&capacity)),
    ];
    let lists = [
        (family_label(class), nodes.families.iter().map(ToString::to_string).collect::<Vec<_>>()),
        ("node.kubernetes.io/instance-type", nodes.types.iter().map(ToString::to_string).collect()),
        ("topology.kubernetes.io/zone", nodes.zones.iter().map(ToString::to_string).collect()),
    ];
    requirements
        .extend(lists.into_iter().filter(|(_, values)| !values.is_empty()).map(|(key, values)| one_of(key, values)));
    requirements.extend(nodes.requirements.iter().map(|Requirement { key, operator, values }| PoolRequirement {
        key: key.to_string(),
        operator: *operator,
        values: values.clone(),
    }));
    requirements
}
