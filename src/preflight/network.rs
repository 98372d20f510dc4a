//! Subnets and security groups: that they are found, in the right zones, with addresses, and a way to S3.

use super::question::{EndpointKind, RouteTable, Subnet, WayOut};
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
    let (Some(subnets), Some(groups)) = (inquiry.subnets(subject), inquiry.security_groups(subject)) else { return };
    let mut vpcs: Vec<_> =
        subnets.iter().map(|subnet| &subnet.vpc).chain(groups.iter().map(|group| &group.vpc)).collect();
    vpcs.sort_unstable();
    vpcs.dedup();
    if makes_nodes(subject) && vpcs.len() > 1 {
        let names: Vec<_> = vpcs.into_iter().map(String::as_str).collect();
        let fault = Fault::new(
            &code::SUBNETS_APART,
            "subnets and security groups are in several VPCs",
            "make the terms find those of the cluster's VPC only",
        )
        .label(names.join(" and "));
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
fn usable<'a>(subject: &Subject<'_>, inquiry: &mut Inquiry<'a>) -> Option<Vec<&'a Subnet>> {
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
    /// Through an endpoint of S3 in the VPC.
    endpoint: bool,
    /// Through an endpoint of S3 Express One Zone, for directory buckets.
    express: bool,
    out: WayOut,
}

fn ways(subject: &Subject<'_>, subnet: &Subnet, inquiry: &mut Inquiry<'_>) -> Option<Ways> {
    let span = subject.subnets_span();
    let endpoints = inquiry.endpoints(&subnet.vpc, span);
    let tables = inquiry.route_tables(&subnet.vpc, span)?;
    let endpoints = endpoints?;
    let own = |table: &&RouteTable| table.subnets.contains(&subnet.id);
    let table = tables.iter().find(own).or_else(|| tables.iter().find(|table| table.main))?;
    let region = &subject.plan.cluster.region;
    let leads = |service: &str| {
        endpoints.iter().filter(|endpoint| endpoint.service == service_name(region, service)).any(|endpoint| {
            match &endpoint.kind {
                EndpointKind::Gateway(tables) => tables.contains(&table.id),
                EndpointKind::PrivateName => true,
                EndpointKind::OwnName => false,
            }
        })
    };
    Some(Ways { endpoint: leads("s3"), express: leads("s3express"), out: table.out })
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
    let (needs_endpoint, needs_express) = needs(subject);
    let misses = needs_endpoint && !ways.endpoint || needs_express && !ways.express;
    let elsewhere = elsewhere(subject);
    match ways.out {
        WayOut::None if misses => Some(
            Fault::new(
                &code::S3_UNREACHABLE,
                format!("{} has no way to S3", subnet.id),
                format!("add a gateway endpoint of {} to its route table", service_name(region, if needs_endpoint && !ways.endpoint { "s3" } else { "s3express" })),
            )
            .label(format!("finds {} in {}", subnet.id, subnet.zone)),
        ),
        WayOut::None => elsewhere.map(|what| {
            Fault::new(
                &code::NO_WAY_OUT,
                format!("{} has no way to {what}", subnet.id),
                "add a route out of the VPC, or keep all in this region: `install: {from: distribution}`, or a mirror in a bucket here",
            )
            .label(format!("finds {} in {}, whose endpoint leads to {region} only", subnet.id, subnet.zone))
        }),
        WayOut::Nat if misses => Some(
            Fault::new(
                &code::S3_THROUGH_NAT,
                format!("{} reaches S3 through a NAT gateway", subnet.id),
                format!("add a gateway endpoint of {} to its route table: it costs nothing", service_name(region, if needs_endpoint && !ways.endpoint { "s3" } else { "s3express" })),
            )
            .label(format!("finds {} in {}", subnet.id, subnet.zone)),
        ),
        WayOut::Nat | WayOut::Other => None,
    }
}

/// Which endpoints the class's nodes need: that of S3, for buckets and for what is installed, and that of directory buckets.
fn needs(subject: &Subject<'_>) -> (bool, bool) {
    let directory = |bucket: &Bucket| matches!(bucket, Bucket::Directory { .. });
    let mounts = &subject.class.mounts;
    let installs = subject.class.mounts_by_user_data();
    (
        installs || mounts.iter().any(|mount| !directory(&mount.bucket)),
        mounts.iter().any(|mount| directory(&mount.bucket)),
    )
}

/// What the nodes need of another region, or of the internet.
fn elsewhere(subject: &Subject<'_>) -> Option<String> {
    let cluster = &subject.plan.cluster.region;
    let installs = subject.class.mounts_by_user_data();
    if installs && subject.plan.install.from == InstallFrom::Release {
        return Some("the release of mount-s3".to_owned());
    }
    let far = subject.class.mounts.iter().find(|mount| mount.region != *cluster)?;
    Some(format!("`{}`, which is in {}", far.bucket, far.region))
}
