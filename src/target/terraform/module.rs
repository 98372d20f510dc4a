//! The inputs of terraform-aws-modules/eks v21: `eks_managed_node_groups`. Its `variables.tf` types them as objects, and
//! Terraform drops what an object type does not know without a word: so these fields are those of v21.19, and no others.

use super::node_group::{self, ApiTaint};
use crate::manifest::NodesFrom;
use crate::plan::Class;
use crate::target::{Context, Refusal, iam};
use crate::userdata;
use crate::userdata::join::{self, Registers};
use crate::userdata::mime::Part;
use serde::Serialize;
use std::collections::BTreeMap;

/// The file's only variable.
#[derive(Serialize)]
pub struct Groups {
    eks_managed_node_groups: BTreeMap<String, Group>,
}

#[derive(Serialize)]
struct Group {
    name: String,
    use_name_prefix: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    ami_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ami_release_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ami_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_bootstrap_user_data: Option<bool>,
    capacity_type: &'static str,
    instance_types: Vec<String>,
    min_size: u32,
    max_size: u32,
    desired_size: u32,
    labels: BTreeMap<String, String>,
    taints: BTreeMap<String, ApiTaint>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cloudinit_pre_nodeadm: Vec<CloudInit>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    block_device_mappings: BTreeMap<&'static str, BlockDevice>,
    metadata_options: MetadataOptions,
    create_iam_role_policy: bool,
    iam_role_policy_statements: Vec<iam::ModuleStatement>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    subnet_ids: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct CloudInit {
    content_type: &'static str,
    content: String,
}

#[derive(Serialize)]
struct BlockDevice {
    device_name: &'static str,
    ebs: Ebs,
}

#[derive(Serialize)]
struct Ebs {
    volume_size: u64,
    volume_type: &'static str,
    encrypted: bool,
    delete_on_termination: bool,
}

#[derive(Serialize)]
struct MetadataOptions {
    #[serde(rename = "http_endpoint")]
    endpoint: &'static str,
    #[serde(rename = "http_tokens")]
    tokens: &'static str,
    #[serde(rename = "http_put_response_hop_limit")]
    hop_limit: u8,
}

/// The inputs of a class, where the module can take them: it has no user data for other families than AL2023, and finds
/// no subnets of a zone.
pub fn inputs(context: &Context<'_>) -> Result<Option<Groups>, Vec<Refusal>> {
    let Context { plan, class, .. } = *context;
    let fits = class.nodes.from == NodesFrom::NodeGroup
        && class.ami.family.join == crate::family::Join::NodeConfig
        && class.nodes.zones.is_empty();
    if !fits {
        return Ok(None);
    }
    let cloud_init = cloud_init(context).map_err(|refusal| vec![refusal])?;
    let statements = class.mounts_by_user_data().then(|| iam::policy(plan, class).module_statements());
    let statements = statements.unwrap_or_default();
    let ids: Vec<_> = plan.cluster.subnets.iter().filter_map(|term| term.id.clone()).collect();
    let own_ami = node_group::image_id(class).map(str::to_owned);
    let group = |group: node_group::Group| Group {
        name: group.name,
        use_name_prefix: false,
        ami_type: group.ami_type.or(own_ami_type(class)),
        ami_release_version: node_group::release_version(class).map(str::to_owned),
        enable_bootstrap_user_data: own_ami.is_some().then_some(true),
        ami_id: own_ami.clone(),
        capacity_type: group.capacity_type,
        instance_types: group.instance_types,
        min_size: class.nodes.size.min,
        max_size: class.nodes.size.max,
        desired_size: class.nodes.size.desired,
        labels: class.labels(),
        taints: node_group::api_taints(class),
        cloudinit_pre_nodeadm: cloud_init.iter().map(CloudInit::of).collect(),
        block_device_mappings: (class.nodes.root_volume_gib.into_iter())
            .map(|gib| ("root", BlockDevice::of(class, gib)))
            .collect(),
        metadata_options: MetadataOptions { endpoint: "enabled", tokens: "required", hop_limit: 1 },
        create_iam_role_policy: !statements.is_empty(),
        iam_role_policy_statements: statements.clone(),
        subnet_ids: ids.clone(),
        tags: class.nodes.tags.clone(),
    };
    let groups = node_group::groups(class).into_iter().map(|known| (known.name.clone(), group(known)));
    Ok(Some(Groups { eks_managed_node_groups: groups.collect() }))
}

/// For an AMI of one's own the module still asks for the type: it chooses the template of the user data by it, and does
/// not pass it on.
fn own_ami_type(class: &Class) -> Option<&'static str> {
    let arch = class.arch.first()?;
    let types = class.ami.family.node_group.yes()?.ami_types;
    types.iter().find(|(known, _)| known == arch).map(|(_, name)| *name)
}

/// The module adds cluster and CA to the user data of an AMI of one's own, but neither labels nor taints.
fn cloud_init(context: &Context<'_>) -> Result<Vec<Part>, Refusal> {
    let class = context.class;
    let registers = class.joins_by_user_data().then_some(Registers::Kubelet);
    let node_config = join::node_config(class, registers)?;
    let script = userdata::shell(context)?;
    Ok(node_config.map(Part::node_config).into_iter().chain(script.map(Part::script)).collect())
}

impl CloudInit {
    fn of(part: &Part) -> Self {
        Self { content_type: part.content_type, content: part.text.clone() }
    }
}

impl BlockDevice {
    fn of(class: &Class, volume_size: u64) -> Self {
        let ebs = Ebs { volume_size, volume_type: "gp3", encrypted: true, delete_on_termination: true };
        Self { device_name: class.ami.family.root_device, ebs }
    }
}
