//! Instance types: that they are there, run the AMI, and hold the caches.

use super::question::InstanceType;
use super::{Inquiry, Subject, code};
use crate::diagnostic::{Fault, list};
use crate::manifest::{Arch, CacheOn, NodesFrom, Operator};
use crate::plan::Requirement;
use crate::source::Span;

/// A family or a type that the manifest names.
struct Named<'a> {
    text: &'a str,
    /// What finds it: a type, or a family with `.*`.
    pattern: String,
    span: Span,
}

fn named<'a>(subject: &Subject<'a>) -> Vec<Named<'a>> {
    let nodes = subject.written.nodes.as_ref().filter(|_| subject.class.nodes.from != NodesFrom::Existing);
    let texts = |list: Option<&'a crate::manifest::Spanned<Vec<crate::manifest::Spanned<String>>>>, end: &str| {
        let all = list.into_iter().flat_map(|list| &list.value);
        all.map(|text| Named { text: text.value.as_str(), pattern: format!("{}{end}", text.value), span: text.span })
            .collect::<Vec<_>>()
    };
    let families = texts(nodes.and_then(|nodes| nodes.families.as_ref()), ".*");
    families.into_iter().chain(texts(nodes.and_then(|nodes| nodes.types.as_ref()), "")).collect()
}

/// EC2's name of an architecture.
pub(super) const fn ec2_name(arch: Arch) -> &'static str {
    match arch {
        Arch::Amd64 => "x86_64",
        Arch::Arm64 => "arm64",
    }
}

fn runs(kind: &InstanceType, arch: Arch) -> bool {
    kind.architectures.iter().any(|name| name == ec2_name(arch))
}

/// The region has what the manifest names.
pub(super) fn types_exist(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    for named in named(subject) {
        if inquiry.types(&named.pattern, named.span).is_some_and(Vec::is_empty) {
            let region = &subject.plan.cluster.region;
            let fault = Fault::new(
                &code::INSTANCE_TYPE_GONE,
                format!("{region} has no instances `{}`", named.text),
                format!("`aws ec2 describe-instance-types --region {region}` lists those it has"),
            );
            inquiry.report(fault, named.span);
        }
    }
}

/// The processors run the class's AMI.
pub(super) fn arch_fits(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    for named in named(subject) {
        let Some(types) = inquiry.types(&named.pattern, named.span) else { continue };
        let fits = |kind: &InstanceType| subject.class.arch.iter().any(|arch| runs(kind, *arch));
        if !types.is_empty() && !types.iter().any(fits) {
            let has = types[0].architectures.join(", ");
            let wants: Vec<_> = subject.class.arch.iter().map(|arch| ec2_name(*arch)).collect();
            let fault = Fault::new(
                &code::INSTANCE_ARCH,
                format!("`{}` does not run {}", named.text, wants.join(" or ")),
                "take other instances, or another `arch` and its AMI",
            )
            .label(format!("its processors are {has}"));
            inquiry.report(fault, named.span);
        }
    }
}

/// The instance types that nodes of the class may have, as far as the manifest says; none as long as they are not known.
pub(super) fn usable<'a>(subject: &Subject<'_>, inquiry: &mut Inquiry<'a>) -> Option<Vec<&'a InstanceType>> {
    let mut found = Vec::new();
    for named in named(subject) {
        found.extend(inquiry.types(&named.pattern, named.span)?);
    }
    let meets =
        |kind: &InstanceType| subject.class.nodes.requirements.iter().all(|requirement| meets(kind, requirement));
    found.retain(|kind| subject.class.arch.iter().any(|arch| runs(kind, *arch)) && meets(kind));
    found.sort_by_key(|kind| (kind.memory_mib, kind.cpus, kind.name.clone()));
    found.dedup_by_key(|kind| &kind.name);
    Some(found)
}

/// Whether a type meets a requirement of the `NodePool`; those of other labels are met by anything, as far as known here.
fn meets(kind: &InstanceType, requirement: &Requirement) -> bool {
    let (_, size) = kind.name.split_once('.').unwrap_or_default();
    let value = match requirement.key.as_str() {
        "karpenter.k8s.aws/instance-local-nvme" => kind.store_gb.map(|gb| gb.to_string()),
        "karpenter.k8s.aws/instance-cpu" => Some(kind.cpus.to_string()),
        "karpenter.k8s.aws/instance-memory" => Some(kind.memory_mib.to_string()),
        "karpenter.k8s.aws/instance-size" => Some(size.to_owned()),
        "node.kubernetes.io/instance-type" => Some(kind.name.clone()),
        _ => return true,
    };
    let number = |text: &String| text.parse::<u64>().ok();
    let bound = requirement.values.first().and_then(number);
    let among = |value: &String| requirement.values.contains(value);
    match requirement.operator {
        Operator::In => value.is_some_and(|value| among(&value)),
        Operator::NotIn => !value.is_some_and(|value| among(&value)),
        Operator::Exists => value.is_some(),
        Operator::DoesNotExist => value.is_none(),
        Operator::Gt => value.as_ref().and_then(number) > bound,
        Operator::Lt => value.as_ref().and_then(number).is_some_and(|value| Some(value) < bound),
    }
}

/// The zones where nodes may be: those that the manifest names and the account has, or those of the subnets.
fn zones(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) -> Option<Vec<String>> {
    let stated = &subject.class.nodes.zones;
    if !stated.is_empty() {
        let known = inquiry.zones(subject.span())?;
        let exists = |zone: &&crate::plan::Zone| known.iter().any(|known| known.name == zone.as_str());
        return Some(stated.iter().filter(exists).map(ToString::to_string).collect());
    }
    let mut zones: Vec<_> = inquiry.subnets(subject)?.into_iter().map(|subnet| subnet.zone.clone()).collect();
    zones.sort();
    zones.dedup();
    Some(zones)
}

/// Each of them is offered in one of the zones at least.
pub(super) fn types_are_offered(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    for named in named(subject) {
        let Some(types) = inquiry.types(&named.pattern, named.span).filter(|types| !types.is_empty()) else { continue };
        let names: Vec<_> = types.iter().map(|kind| kind.name.clone()).collect();
        let (Some(offerings), Some(zones)) = (inquiry.offerings(names, named.span), zones(subject, inquiry)) else {
            continue;
        };
        if zones.is_empty() || offerings.iter().any(|offering| zones.contains(&offering.zone)) {
            continue;
        }
        let mut elsewhere: Vec<_> = offerings.iter().map(|offering| offering.zone.as_str()).collect();
        elsewhere.sort_unstable();
        elsewhere.dedup();
        let fault = Fault::new(
            &code::INSTANCE_NOT_OFFERED,
            format!("`{}` is not offered in {}", named.text, zones.join(", ")),
            match elsewhere.is_empty() {
                true => "take other instances: no zone of the region offers these".to_owned(),
                false => format!("take other instances, or zones that have them: {}", list(&elsewhere)),
            },
        );
        inquiry.report(fault, named.span);
    }
}

/// The account has the zones that the manifest names.
pub(super) fn zones_exist(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    let zones = subject.written.nodes.as_ref().and_then(|nodes| nodes.zones.as_ref());
    for zone in zones.into_iter().flat_map(|zones| &zones.value) {
        let Some(known) = inquiry.zones(zone.span) else { return };
        if !known.iter().any(|known| known.name == zone.value) {
            let names: Vec<_> = known.iter().map(|zone| zone.name.as_str()).collect();
            let fault = Fault::new(
                &code::ZONE_GONE,
                format!("this account has no zone `{}`", zone.value),
                format!("use one of {}", list(&names)),
            );
            inquiry.report(fault, zone.span);
        }
    }
}

/// 10^9 bytes, as EC2 counts disks, in MiB.
fn mib(gb: u64) -> u64 {
    gb * 1_000_000_000 / (1024 * 1024)
}

/// Where a cache wants the instance store, every type that a node may have has one, and it is large enough.
pub(super) fn instance_store_holds_caches(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    let on_store = |mount: &&crate::manifest::Mount| {
        mount.cache.as_ref().is_some_and(|cache| cache.on.value == CacheOn::InstanceStore)
    };
    let Some(first) = subject.written.mounts.value.iter().find(on_store).and_then(|mount| mount.cache.as_ref()) else {
        return;
    };
    let Some(types) = usable(subject, inquiry) else { return };
    let caches = || subject.class.mounts.iter().filter_map(|mount| mount.cache.as_ref());
    let caches = || caches().filter(|cache| cache.on == CacheOn::InstanceStore);
    let without: Vec<_> = types.iter().filter(|kind| kind.store_gb.is_none()).map(|kind| kind.name.as_str()).collect();
    if !without.is_empty() && caches().any(|cache| cache.root_fallback_mib.is_none()) {
        let fault = Fault::new(
            &code::INSTANCE_STORE_NONE,
            format!("nodes of class `{}` may have no instance store for the cache", subject.class.name),
            "take types that have one, add the requirement `karpenter.k8s.aws/instance-local-nvme`, or write `root-fallback`",
        )
        .label(format!("not on {}", some(&without)));
        inquiry.report(fault, first.on.span);
    }
    let need: u64 = caches().map(|cache| cache.size_mib).sum();
    let small = |kind: &&&InstanceType| kind.store_gb.is_some_and(|gb| mib(gb) < need);
    let small: Vec<_> = types.iter().filter(small).collect();
    if let Some(least) = small.iter().min_by_key(|kind| kind.store_gb) {
        let names: Vec<_> = small.iter().map(|kind| kind.name.as_str()).collect();
        let gb = least.store_gb.unwrap_or_default();
        let fault = Fault::new(
            &code::INSTANCE_STORE_SMALL,
            format!("the caches of class `{}` take {} GiB, and {} has {} GiB", subject.class.name, need / 1024, least.name, mib(gb) / 1024),
            format!("make them smaller, or take larger types: `requirements: [{{key: karpenter.k8s.aws/instance-local-nvme, operator: Gt, values: [{}]}}]`", (need * 1024 * 1024).div_ceil(1_000_000_000)),
        )
        .label(format!("too large for {}", some(&names)));
        inquiry.report(fault, first.size.span);
    }
}

/// The first of many names.
fn some(names: &[&str]) -> String {
    match names {
        [first, second, third, _, ..] => format!("{first}, {second}, {third} and {} more", names.len() - 3),
        few => few.join(", "),
    }
}
