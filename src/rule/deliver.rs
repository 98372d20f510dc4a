//! What a way to deliver needs, and what has no effect with it. A key that would be ignored is refused: its author would
//! believe that it works.

use super::classes;
use crate::diagnostic::{Code, Fault, Report, code};
use crate::family::{Can, Family, Join};
use crate::manifest::{
    Ami, AmiTerms, CacheOn, Capacity, Class, Credentials, Deliver, InstallFrom, Manifest, Map, NodesFrom, Spanned,
};
use crate::pairing::DEFAULT_KEY;
use crate::plan::{InstanceFamily, InstanceType};
use crate::resolve::{deliver, nodes_from, settings, value};
use crate::source::Span;

/// The AMI family of a class, and where it is named.
#[must_use]
pub fn family_of(class: &Class) -> Option<(&'static Family, Span)> {
    let ami = class.ami.as_ref()?;
    let (name, span) = match &ami.value {
        Ami::Alias(alias) => (alias.split('@').next().unwrap_or_default(), ami.span),
        Ami::Terms(terms) => (terms.family.value.as_str(), terms.family.span),
    };
    crate::family::find(name).ok().map(|family| (family, span))
}

fn terms(class: &Class) -> Option<&AmiTerms> {
    match &class.ami.as_ref()?.value {
        Ami::Terms(terms) => Some(terms),
        Ami::Alias(_) => None,
    }
}

fn on_host(class: &Class) -> bool {
    deliver(class) != Deliver::Csi
}

/// A family that cannot do what the class asks of it is refused, with a way out.
pub fn family_can(manifest: &Manifest, report: &mut Report) {
    for class in classes(manifest) {
        let Some((family, span)) = family_of(class) else { continue };
        let name = family.name;
        let delivers = match on_host(class) {
            true => family.host().map(drop),
            false => family.csi.or_refuse(format!("the CSI driver does not run on `{name}`")).map(drop),
        };
        let made = match nodes_from(class) {
            NodesFrom::Karpenter => {
                family.karpenter.or_refuse(format!("Karpenter makes no nodes of `{name}`")).map(drop)
            }
            NodesFrom::NodeGroup => family.node_group.or_refuse(format!("no node group is of `{name}`")).map(drop),
            NodesFrom::Existing => Ok(()),
        };
        report.keep(delivers.and(made), span);
    }
}

/// A family that is past its end still works, for now.
pub fn family_is_alive(manifest: &Manifest, report: &mut Report) {
    for (family, span) in classes(manifest).filter_map(family_of) {
        if let Some(retired) = family.retired {
            report.push(
                Fault::new(
                    &code::FAMILY_RETIRED,
                    format!("`{}` gets no more security updates", family.name),
                    "move to `ami: al2023@…`: the manifest stays as it is",
                )
                .label(retired)
                .at(span),
            );
        }
    }
}

/// Ubuntu's archive has no mount-s3, nor has Amazon Linux 2's.
pub fn distribution_has_it(manifest: &Manifest, report: &mut Report) {
    let install = manifest.install.as_ref().and_then(|install| install.from.as_ref());
    if install.is_some_and(|from| from.value != InstallFrom::Distribution) {
        return;
    }
    for class in classes(manifest).filter(|class| on_host(class)) {
        let Some((family, span)) = family_of(class) else { continue };
        if family.host.yes().is_some_and(|host| !host.distribution) {
            report.push(
                Fault::new(
                    &code::INSTALL_DISTRIBUTION,
                    format!("the distribution of `{}` has no package of mount-s3", family.name),
                    "add `install: {from: release}` to the manifest, or `from: mirror`",
                )
                .at(span),
            );
        }
    }
}

/// A cache on local disks needs something that sets them up.
pub fn instance_store_is_set_up(manifest: &Manifest, report: &mut Report) {
    for class in classes(manifest).filter(|class| on_host(class)) {
        let Some(host) = family_of(class).and_then(|(family, _)| family.host.yes()) else { continue };
        let Can::No { why, instead } = &host.instance_store else { continue };
        for cache in class.mounts.value.iter().filter_map(|mount| mount.cache.as_ref()) {
            if cache.on.value == CacheOn::InstanceStore {
                let message = "this class cannot cache on an instance store";
                report.push(Fault::new(&code::CACHE_NO_NVME, message, *instead).label(*why).at(cache.on.span));
            }
        }
    }
}

/// A key, where a class has it, and for which classes it is read.
struct Key {
    name: &'static str,
    place: fn(&Class) -> Option<Span>,
    read: fn(&Class) -> bool,
    instead: &'static str,
}

fn first<T>(map: Option<&Map<T>>) -> Option<Span> {
    map?.keys().next().map(|key| key.span)
}

fn span_of_key<T>(map: &Map<T>, key: &str) -> Option<Span> {
    map.keys().find(|name| name.value == key).map(|name| name.span)
}

fn span<T>(value: Option<&Spanned<T>>) -> Option<Span> {
    value.map(|value| value.span)
}

fn item<T>(list: Option<&Vec<Spanned<T>>>) -> Option<Span> {
    list?.first().map(|item| item.span)
}

const OF_KARPENTER: &str = "remove it: only Karpenter's NodePools have it";
const OF_NEW_NODES: &str = "remove it: the nodes exist already";
const OF_LAUNCHED: &str = "remove it: who makes these nodes does not take it from here";
const OF_HOST: &str = "remove it: the CSI driver mounts when a pod starts, and the pod waits for it";

/// Keys that only some classes read.
#[rustfmt::skip]
static KEYS: &[Key] = &[
    Key { name: "nodes.from", place: |class| span(class.nodes.as_ref()?.from.as_ref()),
        read: |class| matches!(deliver(class), Deliver::Daemonset | Deliver::Csi),
        instead: "remove it: `deliver` says who makes the nodes" },
    Key { name: "nodes.size", place: |class| span(class.nodes.as_ref()?.size.as_ref()), read: from_node_group,
        instead: "remove it: only node groups have a size" },
    Key { name: "nodes.selector", place: |class| first(class.nodes.as_ref()?.selector.as_ref()), read: existing,
        instead: "remove it: s3boot labels the nodes that it makes" },
    Key { name: "nodes.limits", place: |class| first(class.nodes.as_ref()?.limits.as_ref()), read: from_karpenter, instead: OF_KARPENTER },
    Key { name: "nodes.expire-after", place: |class| span(class.nodes.as_ref()?.expire_after.as_ref()), read: from_karpenter, instead: OF_KARPENTER },
    Key { name: "nodes.consolidate-after", place: |class| span(class.nodes.as_ref()?.consolidate_after.as_ref()), read: from_karpenter, instead: OF_KARPENTER },
    Key { name: "nodes.weight", place: |class| span(class.nodes.as_ref()?.weight.as_ref()), read: from_karpenter, instead: OF_KARPENTER },
    Key { name: "nodes.startup-taints", place: |class| item(class.nodes.as_ref()?.startup_taints.as_ref()), read: from_karpenter, instead: OF_KARPENTER },
    Key { name: "nodes.requirements", place: |class| item(class.nodes.as_ref()?.requirements.as_ref()), read: from_karpenter, instead: OF_KARPENTER },
    Key { name: "instance-profile", place: |class| span(class.instance_profile.as_ref()), read: from_karpenter, instead: "remove it: EKS makes the profile of a node group from its role" },
    Key { name: "nodes.families", place: |class| span(class.nodes.as_ref()?.families.as_ref()), read: new_nodes, instead: OF_NEW_NODES },
    Key { name: "nodes.types", place: |class| span(class.nodes.as_ref()?.types.as_ref()), read: new_nodes, instead: OF_NEW_NODES },
    Key { name: "nodes.capacity", place: |class| span(class.nodes.as_ref()?.capacity.as_ref()), read: new_nodes, instead: OF_NEW_NODES },
    Key { name: "nodes.zones", place: |class| span(class.nodes.as_ref()?.zones.as_ref()), read: new_nodes, instead: OF_NEW_NODES },
    Key { name: "nodes.root-volume", place: |class| span(class.nodes.as_ref()?.root_volume.as_ref()), read: launched, instead: OF_LAUNCHED },
    Key { name: "nodes.tags", place: |class| first(class.nodes.as_ref()?.tags.as_ref()), read: launched, instead: OF_LAUNCHED },
    Key { name: "node-role", place: |class| span(class.node_role.as_ref()), read: |class| on_host(class) || launched(class), instead: OF_LAUNCHED },
    Key { name: "on-failure", place: |class| span(class.on_failure.as_ref()), read: on_host, instead: OF_HOST },
    Key { name: "patch.karpenter", place: |class| span_of_key(class.patch.as_ref()?, "karpenter"), read: from_karpenter, instead: "remove it: Karpenter makes none of its nodes" },
    Key { name: "patch.daemonset", place: |class| span_of_key(class.patch.as_ref()?, "daemonset"), read: |class| deliver(class) == Deliver::Daemonset, instead: "remove it: the class has no DaemonSet" },
    Key { name: "patch.csi", place: |class| span_of_key(class.patch.as_ref()?, "csi"), read: |class| deliver(class) == Deliver::Csi, instead: "remove it: the class has no CSI volumes" },
    Key { name: "daemonset", place: |class| Some(class.daemonset.as_ref()?.image.span), read: |class| deliver(class) == Deliver::Daemonset,
        instead: "remove it, or write `deliver: daemonset`" },
    Key { name: "credentials", place: |class| span(class.credentials.as_ref()), read: |class| deliver(class) == Deliver::Csi,
        instead: "remove it: mounts on the host read with the role of the node" },
    Key { name: "root-fallback", place: |class| class.mounts.value.iter().find_map(|mount| span(mount.cache.as_ref()?.root_fallback.as_ref())),
        read: on_host, instead: "remove it: the cache of a CSI volume is an emptyDir, on whatever disk the node's pods have" },
    Key { name: "cache.storage-class", place: |class| class.mounts.value.iter().find_map(|mount| span(mount.cache.as_ref().filter(|cache| cache.on.value != CacheOn::Volume)?.storage_class.as_ref())),
        read: |_| false, instead: "remove it, or write `on: volume`" },
];

fn from_karpenter(class: &Class) -> bool {
    nodes_from(class) == NodesFrom::Karpenter
}

fn from_node_group(class: &Class) -> bool {
    nodes_from(class) == NodesFrom::NodeGroup
}

fn existing(class: &Class) -> bool {
    nodes_from(class) == NodesFrom::Existing
}

fn new_nodes(class: &Class) -> bool {
    !existing(class)
}

/// Whether s3boot writes what the nodes are launched from. EKS Auto Mode has a `NodeClass` of its own.
fn launched(class: &Class) -> bool {
    new_nodes(class)
        && !family_of(class).is_some_and(|(family, _)| family.karpenter.yes() == Some(&crate::family::Karpenter::Auto))
}

/// Keys that nothing reads.
pub fn keys_have_effect(manifest: &Manifest, report: &mut Report) {
    for class in classes(manifest) {
        for key in KEYS.iter().filter(|key| !(key.read)(class)) {
            let Some(place) = (key.place)(class) else { continue };
            let message = format!("`{}` has no effect in class `{}`", key.name, class.name.value);
            report.push(Fault::new(&code::NO_EFFECT, message, key.instead).at(place));
        }
    }
    let by_karpenter = classes(manifest).any(from_karpenter);
    if let Some(profile) = manifest.cluster.instance_profile.as_ref().filter(|_| !by_karpenter) {
        let message = "`cluster.instance-profile` has no effect: no class has nodes of Karpenter";
        report.push(Fault::new(&code::NO_EFFECT, message, "remove it").at(profile.span));
    }
}

/// What a way to deliver cannot do without.
pub fn needs_are_met(manifest: &Manifest, report: &mut Report) {
    for class in classes(manifest) {
        let pods = class.pods.as_ref();
        let mut missing = |code: &'static Code, message: String, help: &str, span: Span| {
            report.push(Fault::new(code, message, help).at(span));
        };
        let way = class.deliver.as_ref().map_or(class.name.span, |deliver| deliver.span);
        if deliver(class) == Deliver::Daemonset && class.daemonset.is_none() {
            missing(
                &code::DAEMONSET_MISSING,
                "nothing says what image the DaemonSet has".to_owned(),
                "add `daemonset: {image: \"registry/name:tag@sha256:…\"}` to the class",
                way,
            );
        }
        if deliver(class) == Deliver::Csi && pods.and_then(|pods| pods.namespaces.as_ref()).is_none_or(Vec::is_empty) {
            missing(
                &code::CSI_NAMESPACES,
                "a claim is in a namespace, and this class has none".to_owned(),
                "add `pods: {namespaces: […]}`: each gets a volume and a claim",
                way,
            );
        }
        if let Some(credentials) = class.credentials.as_ref().filter(|wanted| wanted.value == Credentials::Pod)
            && pods.and_then(|pods| pods.service_account.as_ref()).is_none()
        {
            missing(
                &code::CSI_CREDENTIALS,
                "the role of the pod is that of its service account, and this class names none".to_owned(),
                "add `pods: {service-account: …}`, or write `credentials: driver`",
                credentials.span,
            );
        }
        for cache in class.mounts.value.iter().filter_map(|mount| mount.cache.as_ref()) {
            if cache.on.value == CacheOn::Volume && on_host(class) {
                let help = "write `on: root` or `on: instance-store`, or `deliver: csi`";
                let message = "a mount on the host has no volume to cache on".to_owned();
                missing(&code::CACHE_VOLUME, message, help, cache.on.span);
            } else if cache.on.value == CacheOn::Volume && cache.storage_class.is_none() {
                let message = "nothing says what makes the volume".to_owned();
                missing(&code::CACHE_VOLUME, message, "add `storage-class: gp3`", cache.on.span);
            }
        }
    }
}

/// Where nothing but user data joins a node, it needs to know the cluster.
pub fn cluster_is_known(manifest: &Manifest, report: &mut Report) {
    let cluster = &manifest.cluster;
    for class in classes(manifest) {
        let Some((family, span)) = family_of(class) else { continue };
        let joins = match nodes_from(class) {
            NodesFrom::Karpenter => {
                matches!(family.karpenter.yes(), Some(crate::family::Karpenter::Ec2 { joins: false, .. }))
            }
            NodesFrom::NodeGroup => terms(class).is_some(),
            NodesFrom::Existing => false,
        };
        let keys = [
            ("endpoint", cluster.endpoint.is_none()),
            ("ca", cluster.ca.is_none()),
            ("cidr", cluster.cidr.is_none() && family.join != Join::Settings),
        ];
        let missing: Vec<_> = keys.iter().filter(|(_, missing)| *missing).map(|(key, _)| *key).collect();
        if joins && !missing.is_empty() {
            let list = crate::diagnostic::list(&missing);
            report.push(
                Fault::new(
                    &code::CLUSTER_JOIN,
                    format!("nothing but their user data joins these nodes to the cluster, and that needs {list}"),
                    format!(
                        "add {list} to `cluster`, as `aws eks describe-cluster --name {}` prints them",
                        cluster.name.value
                    ),
                )
                .at(span),
            );
        }
    }
}

/// What node groups cannot have.
pub fn node_groups_can(manifest: &Manifest, report: &mut Report) {
    let pairing = manifest.pairing.as_ref().map_or(DEFAULT_KEY, |pairing| pairing.key.value.as_str());
    for class in classes(manifest).filter(|class| from_node_group(class)) {
        let nodes = class.nodes.as_ref();
        if nodes.is_none_or(|nodes| nodes.types.is_none()) {
            let families = nodes.and_then(|nodes| nodes.families.as_ref());
            let example = families.and_then(|families| families.value.first()).map_or("r6id", |family| &family.value);
            report.push(
                Fault::new(
                    &code::NODE_GROUP_TYPES,
                    "a node group is of instance types, and this class names none",
                    format!(
                        "add `nodes: {{types: [{example}.4xlarge]}}`, of one size: what scales the group counts on it"
                    ),
                )
                .at(span(families).unwrap_or(class.name.span)),
            );
        }
        if let Some(terms) = terms(class).filter(|terms| terms.id.is_none()) {
            let other = terms.name.as_ref().map(|name| name.span).or_else(|| first(terms.tags.as_ref()));
            report.push(
                Fault::new(
                    &code::NODE_GROUP_AMI,
                    "a launch template has one AMI, by its id",
                    "write `id: ami-…`; what `name` and `tags` find changes under you",
                )
                .at(other.unwrap_or(terms.family.span)),
            );
        }
        for capacity in nodes.and_then(|nodes| nodes.capacity.as_ref()).iter().flat_map(|capacity| &capacity.value) {
            if capacity.value == Capacity::Reserved {
                report.push(
                    Fault::new(
                        &code::NODE_GROUP_CAPACITY,
                        "a node group is `on-demand` or `spot`; open reservations are used by `on-demand` as it is",
                        "write `on-demand`",
                    )
                    .at(capacity.span),
                );
            }
        }
        if let Some((family, _)) = family_of(class).filter(|_| terms(class).is_none()) {
            let known = family.node_group.yes().map_or(&[][..], |group| group.ami_types);
            for arch in class.arch.iter().flat_map(|arch| &arch.value) {
                if !known.iter().any(|(known, _)| *known == arch.value) && !known.is_empty() {
                    let message = format!("EKS has no AMI of `{}` for {}", family.name, arch.value.name());
                    report.push(Fault::new(&code::ARCH_AMI, message, "remove the architecture").at(arch.span));
                }
            }
        }
        let labels = nodes.and_then(|nodes| nodes.labels.as_ref()).into_iter().flat_map(|labels| labels.keys());
        let taints = nodes.and_then(|nodes| nodes.taints.as_ref()).into_iter().flatten().map(|taint| &taint.value.key);
        let own = labels.chain(taints).map(|key| (key.value.as_str(), key.span));
        for (key, span) in own.chain([(pairing, class.name.span)]).filter(|(key, _)| key.len() > 63) {
            report.push(
                Fault::new(
                    &code::NODE_GROUP_KEY,
                    format!("`{key}` has {} characters, and the API of node groups takes 63", key.len()),
                    "use a shorter domain or name",
                )
                .at(span),
            );
        }
        let longest = "-amd64-on-demand".len();
        if class.name.value.len() + longest > 63 {
            report.push(
                Fault::new(
                    &code::CLASS_NAME,
                    format!("`{}` is too long for the name of a node group", class.name.value),
                    format!(
                        "use at most {} characters: the group's name has architecture and capacity too",
                        63 - longest
                    ),
                )
                .at(class.name.span),
            );
        }
    }
}

/// A release of EKS is for one version of Kubernetes.
pub fn release_is_for_the_cluster(manifest: &Manifest, report: &mut Report) {
    let Some(kubernetes) = &manifest.cluster.kubernetes else { return };
    for class in classes(manifest).filter(|class| from_node_group(class)) {
        let Some(Spanned { value: Ami::Alias(alias), span }) = &class.ami else { continue };
        let Some(release) = alias.split_once('@').map(|(_, release)| release) else { continue };
        if crate::family::Version::Eks.fits(release) && !release.starts_with(&format!("{}.", kubernetes.value)) {
            report.push(
                Fault::new(
                    &code::AMI_KUBERNETES,
                    format!("this AMI is not for Kubernetes {}", kubernetes.value),
                    format!(
                        "write a release that begins with `{}.`, or correct `cluster.kubernetes`",
                        kubernetes.value
                    ),
                )
                .at(*span)
                .also(kubernetes.span, "the cluster"),
            );
        }
    }
}

/// Types and families are both required of a node.
pub fn types_are_of_families(manifest: &Manifest, report: &mut Report) {
    for nodes in classes(manifest).filter_map(|class| class.nodes.as_ref()) {
        let (Some(families), Some(types)) = (&nodes.families, &nodes.types) else { continue };
        let known: Vec<_> = families.value.iter().filter_map(value::<InstanceFamily>).collect();
        for kind in &types.value {
            if value::<InstanceType>(kind).is_some_and(|kind| !known.contains(&kind.family())) {
                report.push(
                    Fault::new(
                        &code::TYPES_FAMILIES,
                        format!("`{}` is of none of the `families`: no node would be it", kind.value),
                        "remove `families`, or add the type's",
                    )
                    .at(kind.span)
                    .also(families.span, "the families"),
                );
            }
        }
    }
}

/// Options that the CSI driver refuses, or takes and ignores.
pub fn csi_takes_options(manifest: &Manifest, report: &mut Report) {
    for mount in classes(manifest).filter(|class| !on_host(class)).flat_map(|class| &class.mounts.value) {
        for (setting, span) in settings(mount).0 {
            if let Some(why) = setting.option.csi_refuses {
                report.push(
                    Fault::new(
                        &code::CSI_OPTION,
                        format!("`{}` does not work with the CSI driver: {why}", setting.option.key),
                        format!("remove `{}`", setting.option.key),
                    )
                    .at(span),
                );
            }
        }
    }
}
