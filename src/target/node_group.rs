//! Managed node groups: what Terraform and eksctl have in common. A group has one architecture and one way to buy
//! capacity, so a class is as many groups as it has of both together; all have the class's label and taint.

use crate::manifest::{Arch, Capacity};
use crate::plan::{AmiSelector, Class, Plan, Taint};
use serde::Serialize;
use std::collections::BTreeMap;

/// One node group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Its name. Architecture and capacity are always in it: it stays when the class gets another of them.
    pub name: String,
    /// `ON_DEMAND` or `SPOT`.
    pub capacity_type: &'static str,
    /// What EKS calls the AMI; none for an AMI of one's own.
    pub ami_type: Option<&'static str>,
    /// The instance types of the architecture.
    pub instance_types: Vec<String>,
}

/// The node groups of a class.
#[must_use]
pub fn groups(class: &Class) -> Vec<Group> {
    let of =
        |arch: &Arch| class.nodes.capacity.iter().map(|capacity| group(class, *arch, *capacity)).collect::<Vec<_>>();
    class.arch.iter().flat_map(of).collect()
}

fn group(class: &Class, arch: Arch, capacity: Capacity) -> Group {
    let types = class.nodes.types.iter().filter(|kind| kind.family().arch() == arch);
    let ami_types = class.ami.family.node_group.yes().map_or(&[][..], |known| known.ami_types);
    let stock = matches!(class.ami.selector, AmiSelector::Release(_));
    Group {
        name: format!("{}-{}-{}", class.name, arch.name(), capacity.name()),
        capacity_type: match capacity {
            Capacity::Spot => "SPOT",
            Capacity::OnDemand | Capacity::Reserved => "ON_DEMAND",
        },
        ami_type: ami_types.iter().find(|(known, _)| stock && *known == arch).map(|(_, name)| *name),
        instance_types: types.map(ToString::to_string).collect(),
    }
}

/// The name of a class's launch template.
#[must_use]
pub fn launch_template(plan: &Plan, class: &Class) -> String {
    format!("s3boot-{}-{}", plan.cluster.name, class.name)
}

/// The release of the AMI; none for the newest, and for an AMI of one's own.
#[must_use]
pub fn release_version(class: &Class) -> Option<&str> {
    match &class.ami.selector {
        AmiSelector::Release(release) => release.as_deref(),
        _ => None,
    }
}

/// The AMI of one's own.
#[must_use]
pub fn image_id(class: &Class) -> Option<&str> {
    match &class.ami.selector {
        AmiSelector::Id(id) => Some(id),
        _ => None,
    }
}

/// The taints of a node group's nodes, those that something lifts among them: the API has one list.
#[must_use]
pub fn taints(class: &Class) -> Vec<Taint> {
    [class.taints(), class.startup_taints()].concat()
}

/// A taint as the API of node groups has it.
#[derive(Serialize)]
pub struct ApiTaint {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    effect: &'static str,
}

/// The taints as the API of node groups has them, each by a name of its own.
#[must_use]
pub fn api_taints(class: &Class) -> BTreeMap<String, ApiTaint> {
    let named = |taint: Taint| {
        let name = format!("{}:{:?}", taint.key, taint.effect);
        (
            name,
            ApiTaint {
                key: taint.key.to_string(),
                value: taint.value.map(|value| value.to_string()),
                effect: taint.effect.api_name(),
            },
        )
    };
    taints(class).into_iter().map(named).collect()
}
