//! A launch that is tried and not done: who may not launch, and what EC2 refuses, is known before Karpenter tries.

use super::question::{Image, InstanceType, Launch, Offering};
use super::{Inquiry, Subject, code, image, nodes};
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
    let fits = |image: &&Image| image.architecture == nodes::ec2_name(arch);
    let runs = |kind: &&InstanceType| kind.architectures.iter().any(|name| name == nodes::ec2_name(arch));
    let images = image::images(subject, arch, inquiry);
    let types = match class.nodes.families.is_empty() && class.nodes.types.is_empty() {
        true => inquiry.types(usual(arch), subject.span()).map(|types| types.iter().collect()),
        false => nodes::usable(subject, inquiry),
    };
    let subnets = inquiry.subnets(subject);
    let groups = inquiry.security_groups(subject);
    let zones = nodes::zones(subject, inquiry);
    let image = images?.into_iter().find(fits)?.id.clone();
    let types: Vec<_> = types?.into_iter().filter(runs).collect();
    let names = types.iter().map(|kind| kind.name.clone()).collect::<Vec<_>>();
    let span = subject.span();
    let offerings = if names.is_empty() { return None } else { inquiry.offerings(names, span)? };
    let zones = zones?;
    let subnets: Vec<_> = subnets?.into_iter().filter(|subnet| zones.contains(&subnet.zone)).collect();
    let offered = |kind: &&InstanceType| {
        let here = |offering: &&Offering| offering.instance_type == kind.name;
        let in_zone = |zone: &str| offerings.iter().filter(here).any(|offering| offering.zone == zone);
        subnets.iter().find(|subnet| in_zone(&subnet.zone)).map(|subnet| (kind.name.clone(), subnet.id.clone()))
    };
    let (instance_type, subnet) = types.iter().copied().find_map(|kind| offered(&kind))?;
    Some(Launch {
        class: class.name.to_string(),
        image,
        instance_type,
        subnet,
        security_groups: groups?.into_iter().map(|group| group.id.clone()).collect(),
        instance_profile: class.instance_profile.as_ref().map(ToString::to_string),
        user_data: subject.user_data.clone(),
        spot: class.nodes.capacity == [Capacity::Spot],
    })
}
