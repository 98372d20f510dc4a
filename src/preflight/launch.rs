//! A launch that is tried and not done: who may not launch, and what EC2 refuses, is known before Karpenter tries.

use super::question::{Image, InstanceType, Launch};
use super::{Inquiry, Subject, code, image, network, nodes};
use crate::diagnostic::Fault;
use crate::manifest::{Arch, Capacity, NodesFrom};

/// EC2 would launch the smallest instance of each architecture, in one of the subnets.
pub(super) fn instance_would_launch(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    for arch in &subject.class.arch {
        let Some(launch) = launch(subject, *arch, inquiry) else { continue };
        let instance_type = launch.instance_type.clone();
        if let Some(Some(refusal)) = inquiry.launch(launch, subject.span()) {
            let fault = Fault::new(
                &code::LAUNCH_REFUSED,
                format!("EC2 would not launch {instance_type} for class `{}`", subject.class.name),
                "mend what EC2 names; Karpenter and node groups are refused the same",
            )
            .label(refusal.clone());
            inquiry.report(fault, subject.span());
        }
    }
}

/// What is tried where the manifest allows any instance.
const fn usual(arch: Arch) -> &'static str {
    match arch {
        Arch::Amd64 => "m5.large",
        Arch::Arm64 => "m6g.large",
    }
}

/// What is launched; none as long as it is not known, and where something is missing, which other checks report.
fn launch(subject: &Subject<'_>, arch: Arch, inquiry: &mut Inquiry<'_>) -> Option<Launch> {
    let class = subject.class;
    if class.nodes.from == NodesFrom::Existing {
        return None;
    }
    // All is asked before anything is waited for.
    let images = image::images(subject, arch, inquiry);
    let groups = inquiry.security_groups(subject);
    let (instance_type, subnet) = place(subject, arch, inquiry)?;
    let fits = |image: &&Image| image.architecture == nodes::ec2_name(arch);
    Some(Launch {
        class: class.name.to_string(),
        image: images?.into_iter().find(fits)?.id.clone(),
        instance_type,
        subnet,
        security_groups: groups?.into_iter().map(|group| group.id.clone()).collect(),
        instance_profile: class.instance_profile.as_ref().map(ToString::to_string),
        user_data: subject.user_data.clone(),
        spot: class.nodes.capacity == [Capacity::Spot],
    })
}

/// The smallest instance type of an architecture that is offered where one of the subnets is, and that subnet's id.
fn place(subject: &Subject<'_>, arch: Arch, inquiry: &mut Inquiry<'_>) -> Option<(String, String)> {
    let class = subject.class;
    let types = match class.nodes.families.is_empty() && class.nodes.types.is_empty() {
        true => inquiry.types(usual(arch), subject.span()).map(|types| types.iter().collect()),
        false => nodes::usable(subject, inquiry),
    };
    let subnets = network::usable(subject, inquiry);
    let runs = |kind: &&InstanceType| kind.architectures.iter().any(|name| name == nodes::ec2_name(arch));
    let types: Vec<_> = types?.into_iter().filter(runs).collect();
    let subnets = subnets?;
    let names: Vec<_> = types.iter().map(|kind| kind.name.clone()).collect();
    let offerings = (!names.is_empty()).then(|| inquiry.offerings(names, subject.span()))??;
    types.into_iter().find_map(|kind| {
        let offered = |zone: &str| offerings.iter().any(|at| at.instance_type == kind.name && at.zone == zone);
        let subnet = subnets.iter().find(|subnet| offered(&subnet.zone))?;
        Some((kind.name.clone(), subnet.id.clone()))
    })
}
