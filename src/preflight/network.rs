//! Subnets and security groups: that they are found, in the right zones, with addresses, and a way to S3.

use super::question::{Endpoint, EndpointKind, RouteTable, Subnet, WayOut};
use super::{Inquiry, Subject, code};
use crate::diagnostic::Fault;
use crate::manifest::{InstallFrom, NodesFrom};
use crate::plan::{Bucket, Region};

/// Fewer free addresses than this in all subnets together are soon gone: a node of a few pods takes as many.
const FEW_ADDRESSES: u64 = 32;

fn makes_nodes(subject: &Subject<'_>) -> bool {
    subject.class.nodes.from != NodesFrom::Existing
}

/// The terms find subnets.
pub(super) fn subnets_exist(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    if makes_nodes(subject) && inquiry.subnets(subject).is_some_and(|subnets| subnets.is_empty()) {
        let fault = Fault::new(
            &code::SUBNETS_NONE,
            "no subnet is found",
            format!(
                "correct the terms, or tag the subnets; `aws ec2 describe-subnets --region {}` lists them",
                subject.plan.cluster.region
            ),
        );
        inquiry.report(fault, subject.subnets_span());
    }
}

/// The terms find security groups.
pub(super) fn security_groups_exist(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    if makes_nodes(subject) && inquiry.security_groups(subject).is_some_and(|groups| groups.is_empty()) {
        let fault = Fault::new(
            &code::SECURITY_GROUPS_NONE,
            "no security group is found",
            "correct the terms, or tag the security group of the nodes",
        );
        inquiry.report(fault, subject.security_groups_span());
    }
}

/// All of them are in one VPC.
pub(super) fn one_vpc(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    if !makes_nodes(subject) {
        return;
    }
    let (Some(subnets), Some(groups)) = (inquiry.subnets(subject), inquiry.security_groups(subject)) else { return };
    let of_subnets = subnets.iter().map(|subnet| subnet.vpc.as_str());
    let mut vpcs: Vec<_> = of_subnets.chain(groups.iter().map(|group| group.vpc.as_str())).collect();
    vpcs.sort_unstable();
    vpcs.dedup();
    if vpcs.len() > 1 {
        let fault = Fault::new(
            &code::SUBNETS_APART,
            "subnets and security groups are in several VPCs",
            "make the terms find those of the cluster's VPC only",
        )
        .label(vpcs.join(" and "));
        inquiry.report(fault, subject.security_groups_span());
    }
}

/// Each zone that the manifest names has a subnet.
pub(super) fn zones_have_subnets(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    let zones = subject.written.nodes.as_ref().and_then(|nodes| nodes.zones.as_ref());
    for zone in zones.into_iter().flat_map(|zones| &zones.value) {
        let (Some(subnets), Some(known)) = (inquiry.subnets(subject), inquiry.zones(zone.span)) else { return };
        let exists = known.iter().any(|known| known.name == zone.value);
        if exists && !subnets.is_empty() && !subnets.iter().any(|subnet| subnet.zone == zone.value) {
            let fault = Fault::new(
                &code::ZONE_WITHOUT_SUBNET,
                format!("no subnet is in {}", zone.value),
                format!("take it out, or make the terms find a subnet there; they find {}", named(&subnets)),
            );
            inquiry.report(fault, zone.span);
        }
    }
}

fn named(subnets: &[&Subnet]) -> String {
    subnets.iter().map(|subnet| format!("{} in {}", subnet.id, subnet.zone)).collect::<Vec<_>>().join(", ")
}

/// The subnets that nodes of the class may be in; none as long as they are not known, and where nobody here makes nodes.
pub(super) fn usable<'a>(subject: &Subject<'_>, inquiry: &mut Inquiry<'a>) -> Option<Vec<&'a Subnet>> {
    let zones = &subject.class.nodes.zones;
    let in_zones = |subnet: &&Subnet| zones.is_empty() || zones.iter().any(|zone| zone.as_str() == subnet.zone);
    let subnets = inquiry.subnets(subject).filter(|_| makes_nodes(subject))?;
    Some(subnets.into_iter().filter(in_zones).collect())
}

/// A directory bucket is in a zone where nodes are.
pub(super) fn directory_buckets_are_near(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    for (mount, written) in subject.class.mounts.iter().zip(&subject.written.mounts.value) {
        let Bucket::Directory { zone, .. } = &mount.bucket else { continue };
        let Some(subnets) = usable(subject, inquiry).filter(|subnets| !subnets.is_empty()) else { return };
        if !subnets.iter().any(|subnet| subnet.zone_id == *zone) {
            let mut zones: Vec<_> =
                subnets.iter().map(|subnet| format!("{} ({})", subnet.zone_id, subnet.zone)).collect();
            zones.sort_unstable();
            zones.dedup();
            let fault = Fault::new(
                &code::DIRECTORY_BUCKET_APART,
                format!("the directory bucket is in {zone}, and no node is"),
                "add a subnet in that zone, or take a bucket in one of the nodes' zones",
            )
            .label(format!("nodes are in {}", zones.join(", ")));
            inquiry.report(fault, written.bucket.span);
        }
    }
}

/// The subnets have addresses for more than a node or two.
pub(super) fn addresses_are_left(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    let Some(subnets) = usable(subject, inquiry).filter(|subnets| !subnets.is_empty()) else { return };
    let left: u64 = subnets.iter().map(|subnet| subnet.addresses).sum();
    if left < FEW_ADDRESSES {
        let fault = Fault::new(
            &code::SUBNET_ADDRESSES,
            format!("the subnets have {left} addresses left"),
            "add a subnet, or free addresses",
        )
        .label(named(&subnets));
        inquiry.report(fault, subject.subnets_span());
    }
}

/// How S3 is reached from a subnet.
struct Ways {
    /// The services that an endpoint in the VPC leads to: `s3`, and `s3express` for directory buckets.
    endpoints: Vec<&'static str>,
    out: WayOut,
}

fn ways(subject: &Subject<'_>, subnet: &Subnet, inquiry: &mut Inquiry<'_>) -> Option<Ways> {
    let span = subject.subnets_span();
    let endpoints = inquiry.endpoints(&subnet.vpc, span);
    let tables = inquiry.route_tables(&subnet.vpc, span)?;
    let endpoints = endpoints?;
    let own = |table: &&RouteTable| table.subnets.contains(&subnet.id);
    let table = tables.iter().find(own).or_else(|| tables.iter().find(|table| table.main))?;
    let leads = |endpoint: &Endpoint| match &endpoint.kind {
        EndpointKind::Gateway(tables) => tables.contains(&table.id),
        EndpointKind::PrivateName => true,
        EndpointKind::OwnName => false,
    };
    let is_of = |service: &str| {
        let name = service_name(&subject.plan.cluster.region, service);
        endpoints.iter().any(|endpoint| endpoint.service == name && leads(endpoint))
    };
    Some(Ways { endpoints: ["s3", "s3express"].into_iter().filter(|service| is_of(service)).collect(), out: table.out })
}

/// `com.amazonaws.REGION.SERVICE`; China's names begin with its domain.
fn service_name(region: &Region, service: &str) -> String {
    match region.partition() {
        "aws-cn" => format!("cn.com.amazonaws.{region}.{service}"),
        _ => format!("com.amazonaws.{region}.{service}"),
    }
}

/// From every subnet there is a way to the buckets, and to the package of mount-s3.
pub(super) fn s3_is_reached(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    let span = subject.subnets_span();
    for subnet in usable(subject, inquiry).unwrap_or_default() {
        let Some(ways) = ways(subject, subnet, inquiry) else { return };
        if let Some(fault) = way_fault(subject, subnet, &ways) {
            inquiry.report(fault, span);
        }
    }
}

fn way_fault(subject: &Subject<'_>, subnet: &Subnet, ways: &Ways) -> Option<Fault> {
    let region = &subject.plan.cluster.region;
    let missing = services(subject).into_iter().find(|service| !ways.endpoints.contains(service));
    let missing = missing.map(|service| service_name(region, service));
    let found = format!("finds {} in {}", subnet.id, subnet.zone);
    match (ways.out, missing) {
        (WayOut::None, Some(service)) => Some(
            Fault::new(
                &code::S3_UNREACHABLE,
                format!("{} has no way to S3", subnet.id),
                format!("add a gateway endpoint of {service} to its route table"),
            )
            .label(found),
        ),
        (WayOut::None, None) => elsewhere(subject).map(|what| {
            Fault::new(
                &code::NO_WAY_OUT,
                format!("{} has no way to {what}", subnet.id),
                "add a route out of the VPC, or keep all in this region: `install: {from: distribution}`, or a mirror in a bucket here",
            )
            .label(format!("{found}, whose endpoint leads to {region} only"))
        }),
        (WayOut::Nat, Some(service)) => Some(
            Fault::new(
                &code::S3_THROUGH_NAT,
                format!("{} reaches S3 through a NAT gateway", subnet.id),
                format!("add a gateway endpoint of {service} to its route table: it costs nothing"),
            )
            .label(found),
        ),
        (WayOut::Nat, None) | (WayOut::Other, _) => None,
    }
}

/// The services whose endpoints the class's nodes need: `s3` for buckets and for what is installed, `s3express` for directory
/// buckets.
fn services(subject: &Subject<'_>) -> Vec<&'static str> {
    let of = |bucket: &Bucket| match bucket {
        Bucket::Directory { .. } => "s3express",
        _ => "s3",
    };
    let installed = subject.class.mounts_by_user_data().then_some("s3");
    installed.into_iter().chain(subject.class.mounts.iter().map(|mount| of(&mount.bucket))).collect()
}

/// What the nodes need of another region, or of the internet.
fn elsewhere(subject: &Subject<'_>) -> Option<String> {
    let cluster = &subject.plan.cluster.region;
    if subject.class.mounts_by_user_data() && subject.plan.install.from == InstallFrom::Release {
        return Some("the release of mount-s3".to_owned());
    }
    let far = subject.class.mounts.iter().find(|mount| mount.region != *cluster)?;
    Some(format!("`{}`, which is in {}", far.bucket, far.region))
}
