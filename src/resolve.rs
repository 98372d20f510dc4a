//! Manifest to [`Plan`]: every value through its type, every default filled in. Faults of single values are found
//! here; those of several together in [`crate::rule`].

use crate::diagnostic::{Diagnostic, Fault, Report, code};
use crate::family::{self, Family, Karpenter};
use crate::manifest::{
    self, Arch, CacheOn, Capacity, Credentials, Deliver, Identity, InstallFrom, Manifest, Map, Mode, NodesFrom, Preset,
    Scalar, Spanned, Unmount,
};
use crate::mount_option::{self, Setting};
use crate::pairing::{DEFAULT_KEY, Pairing};
use crate::plan::{
    self, AccountId, AmiSelector, Bucket, Cidr, ClassName, ClusterCa, Endpoint, Image, InstanceFamily, InstanceType,
    LabelKey, LabelValue, Lifetime, MountName, MountPath, OnFailure, Plan, Prefix, Quantity, Region, RoleName, Version,
    Zone, kubernetes, name, quantity,
};
use crate::source::Span;
use std::collections::BTreeMap;

/// The version that AL2023's repository has at least, as soon as it has the package at all.
pub const DISTRIBUTION_VERSION: Version = Version(1, 21, 0);
/// The release that is installed where the manifest names none.
pub const RELEASE_VERSION: Version = Version(1, 23, 0);

/// The plan of a manifest; none where a value has no meaning. The report then says which.
pub fn resolve(manifest: &Manifest, report: &mut Report) -> Option<Plan> {
    let key = pairing_key(manifest, report);
    let cluster = cluster(&manifest.cluster, report);
    let role = parse::<RoleName>(&manifest.cluster.node_role, report);
    let profile = optional::<RoleName>(manifest.cluster.instance_profile.as_ref(), report).flatten();
    let install = install(manifest.install.as_ref(), report);
    let csi = csi(manifest.csi.as_ref(), report);
    let region = value::<Region>(&manifest.cluster.region);
    let classes: Vec<_> = manifest
        .classes
        .value
        .iter()
        .map(|class| {
            let usual =
                Usual { key: key.as_ref(), region: region.as_ref(), role: role.as_ref(), profile: profile.as_ref() };
            resolve_class(class, &usual, report)
        })
        .collect();
    Some(Plan { cluster: cluster?, install: install?, csi: csi?, classes: classes.into_iter().collect::<Option<_>>()? })
}

/// A value, where it has a meaning. For rules: the fault of a value that has none is reported by [`resolve`].
#[must_use]
pub fn value<'a, T: TryFrom<&'a str>>(text: &'a Spanned<String>) -> Option<T> {
    T::try_from(&text.value).ok()
}

fn parse<'a, T: TryFrom<&'a str, Error = Fault>>(text: &'a Spanned<String>, report: &mut Report) -> Option<T> {
    report.keep(T::try_from(&text.value), text.span)
}

/// An optional value: none of it is fine, a wrong one is not. The outer option is what [`Report::keep`] gives.
#[allow(clippy::option_option, reason = "the two mean different things, and `?` reads the outer")]
fn optional<'a, T: TryFrom<&'a str, Error = Fault>>(
    text: Option<&'a Spanned<String>>,
    report: &mut Report,
) -> Option<Option<T>> {
    match text {
        Some(text) => parse(text, report).map(Some),
        None => Some(None),
    }
}

fn all<'a, T: TryFrom<&'a str, Error = Fault>>(
    texts: Option<&'a Spanned<Vec<Spanned<String>>>>,
    report: &mut Report,
) -> Option<Vec<T>> {
    let parsed: Vec<_> = texts.into_iter().flat_map(|texts| &texts.value).map(|text| parse(text, report)).collect();
    parsed.into_iter().collect()
}

fn plain(map: Option<&Map<Spanned<String>>>) -> BTreeMap<String, String> {
    map.into_iter().flatten().map(|(key, value)| (key.value.clone(), value.value.clone())).collect()
}

fn values<T: Copy>(list: Option<&Spanned<Vec<Spanned<T>>>>, default: T) -> Vec<T> {
    list.map_or_else(|| vec![default], |list| list.value.iter().map(|item| item.value).collect())
}

fn pairing_key(manifest: &Manifest, report: &mut Report) -> Option<LabelKey> {
    match &manifest.pairing {
        None => LabelKey::try_from(DEFAULT_KEY).ok(),
        Some(pairing) => {
            let key = parse(&pairing.key, report)?;
            report.keep(kubernetes::unrestricted(&key), pairing.key.span).map(|()| key)
        }
    }
}

fn cluster(cluster: &manifest::Cluster, report: &mut Report) -> Option<plan::Cluster> {
    let name = report.keep(cluster_name(&cluster.name.value), cluster.name.span);
    let region = parse(&cluster.region, report);
    let kubernetes = match &cluster.kubernetes {
        Some(version) => report.keep(kubernetes_version(&version.value), version.span).map(Some),
        None => Some(None),
    };
    let account = optional::<AccountId>(cluster.account.as_ref(), report);
    let endpoint = optional::<Endpoint>(cluster.endpoint.as_ref(), report);
    let ca = optional::<ClusterCa>(cluster.ca.as_ref(), report);
    let cidr = optional::<Cidr>(cluster.cidr.as_ref(), report);
    Some(plan::Cluster {
        name: name?,
        region: region?,
        kubernetes: kubernetes?,
        account: account?,
        endpoint: endpoint?,
        ca: ca?,
        cidr: cidr?,
        subnets: selector_terms(cluster, cluster.subnets.as_ref()),
        security_groups: selector_terms(cluster, cluster.security_groups.as_ref()),
    })
}

fn cluster_name(text: &str) -> Result<String, Fault> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match (1..=100).contains(&text.len())
        && text.chars().all(fits)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
    {
        true => Ok(text.to_owned()),
        false => Err(Fault::new(
            &code::CLUSTER_NAME,
            format!("`{text}` is no name of an EKS cluster"),
            "use at most 100 of A-Z, a-z, 0-9, `-` and `_`; `aws eks list-clusters` lists yours",
        )),
    }
}

fn kubernetes_version(text: &str) -> Result<String, Fault> {
    match text.split_once('.') {
        Some(("1", minor)) if (1..=2).contains(&minor.len()) && minor.bytes().all(|byte| byte.is_ascii_digit()) => {
            Ok(text.to_owned())
        }
        _ => Err(Fault::new(
            &code::KUBERNETES_VERSION,
            format!("`{text}` is no version of Kubernetes that EKS has"),
            "write major and minor, in quotes: `\"1.34\"`",
        )),
    }
}

fn selector_terms(
    cluster: &manifest::Cluster,
    terms: Option<&Spanned<Vec<Spanned<manifest::SelectorTerm>>>>,
) -> Vec<plan::SelectorTerm> {
    let text = |leaf: &Option<Spanned<String>>| leaf.as_ref().map(|leaf| leaf.value.clone());
    match terms {
        Some(terms) => (terms.value.iter())
            .map(|term| plan::SelectorTerm {
                id: text(&term.value.id),
                name: text(&term.value.name),
                tags: plain(term.value.tags.as_ref()),
            })
            .collect(),
        None => vec![plan::SelectorTerm { id: None, name: None, tags: plain(cluster.discovery.as_ref()) }],
    }
}

fn install(install: Option<&manifest::Install>, report: &mut Report) -> Option<plan::Install> {
    let from = install.and_then(|install| install.from.as_ref()).map_or(InstallFrom::Distribution, |from| from.value);
    let default = match from {
        InstallFrom::Distribution => DISTRIBUTION_VERSION,
        InstallFrom::Release | InstallFrom::Mirror => RELEASE_VERSION,
    };
    let version = optional(install.and_then(|install| install.version.as_ref()), report);
    let mirror = match install.and_then(|install| install.mirror.as_ref()) {
        Some(url) => report.keep(mirror(&url.value), url.span).map(Some),
        None => Some(None),
    };
    Some(plan::Install { from, version: version?.unwrap_or(default), mirror: mirror? })
}

fn mirror(url: &str) -> Result<plan::Mirror, Fault> {
    let fault = |help: &str| Fault::new(&code::INSTALL_MIRROR, format!("`{url}` is no place in S3"), help);
    let rest = url.strip_prefix("s3://").ok_or_else(|| fault("write it as `s3://bucket/path/`"))?;
    let (bucket, prefix) = rest.split_once('/').ok_or_else(|| fault("end it with `/`: `s3://bucket/path/`"))?;
    match (Bucket::try_from(bucket), Prefix::try_from(prefix)) {
        (Ok(bucket @ Bucket::General(_)), Ok(prefix)) => Ok(plan::Mirror { bucket, prefix }),
        (Ok(_), Ok(_)) => Err(fault("the files must be in a general purpose bucket, which is named as it is")),
        (Err(wrong), _) | (_, Err(wrong)) => Err(fault(&format!("{}: {}", wrong.message, wrong.help))),
    }
}

fn csi(csi: Option<&manifest::Csi>, report: &mut Report) -> Option<plan::Csi> {
    let version = match csi.and_then(|csi| csi.version.as_ref()) {
        Some(version) => report.keep(addon_version(&version.value), version.span).map(Some),
        None => Some(None),
    };
    let identity = csi.and_then(|csi| csi.identity.as_ref()).map_or(Identity::PodIdentity, |identity| identity.value);
    Some(plan::Csi { identity, version: version? })
}

/// The driver that is spoken of here is 2: version 1 mounted on the host, and took other attributes.
fn addon_version(text: &str) -> Result<String, Fault> {
    let fits = text.strip_prefix("v2.").and_then(|rest| rest.split_once("-eksbuild.")).is_some_and(|(patch, build)| {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        patch.split('.').count() == 2 && patch.split('.').all(digits) && digits(build)
    });
    fits.then(|| text.to_owned()).ok_or_else(|| {
        Fault::new(
            &code::CSI_VERSION,
            format!("`{text}` is no version 2 of the add-on"),
            "write it as EKS does: `v2.7.0-eksbuild.1`; `aws eks describe-addon-versions --addon-name aws-mountpoint-s3-csi-driver` lists them",
        )
    })
}

/// How the buckets of a class come to its pods.
#[must_use]
pub fn deliver(class: &manifest::Class) -> Deliver {
    class.deliver.as_ref().map_or(Deliver::Karpenter, |deliver| deliver.value)
}

/// Who makes the nodes of a class: what delivers implies it, or else the class says it.
#[must_use]
pub fn nodes_from(class: &manifest::Class) -> NodesFrom {
    let stated = class.nodes.as_ref().and_then(|nodes| nodes.from.as_ref()).map(|from| from.value);
    match deliver(class) {
        Deliver::Karpenter => NodesFrom::Karpenter,
        Deliver::NodeGroup => NodesFrom::NodeGroup,
        Deliver::Daemonset => stated.unwrap_or(NodesFrom::Existing),
        Deliver::Csi => stated.unwrap_or(NodesFrom::Karpenter),
    }
}

/// What a class has where it does not say otherwise; none where that has a fault.
struct Usual<'a> {
    key: Option<&'a LabelKey>,
    region: Option<&'a Region>,
    role: Option<&'a RoleName>,
    profile: Option<&'a RoleName>,
}

fn resolve_class(class: &manifest::Class, usual: &Usual<'_>, report: &mut Report) -> Option<plan::Class> {
    let name = parse::<ClassName>(&class.name, report);
    let ami = ami(class, report);
    let own_role = optional::<RoleName>(class.node_role.as_ref(), report);
    let own_profile = optional::<RoleName>(class.instance_profile.as_ref(), report);
    // The cluster's profile has the cluster's role, so it is no profile for a class with a role of its own.
    let usual_profile = usual.profile.filter(|_| class.node_role.is_none());
    let on_failure = on_failure(class, report);
    let mounts: Vec<_> = class.mounts.value.iter().map(|mount| resolve_mount(mount, usual.region, report)).collect();
    let nodes = resolve_nodes(class, report);
    let daemonset = match &class.daemonset {
        Some(daemonset) => resolve_daemonset(daemonset, report).map(Some),
        None => Some(None),
    };
    let pods = resolve_pods(class.pods.as_ref(), report);
    let name = name?;
    Some(plan::Class {
        deliver: deliver(class),
        ami: ami?,
        node_role: own_role?.or_else(|| usual.role.cloned())?,
        instance_profile: own_profile?.or_else(|| usual_profile.cloned()),
        arch: values(class.arch.as_ref(), Arch::Amd64),
        on_failure: on_failure?,
        pairing: Pairing::of(usual.key?.clone(), name.clone()),
        mounts: mounts.into_iter().collect::<Option<_>>()?,
        daemonset: daemonset?,
        credentials: class.credentials.as_ref().map_or(Credentials::Driver, |credentials| credentials.value),
        nodes: nodes?,
        pods: pods?,
        patch: patches(class),
        name,
    })
}

fn patches(class: &manifest::Class) -> BTreeMap<String, BTreeMap<String, serde_yaml::Value>> {
    let documents =
        |map: &Map<serde_yaml::Value>| map.iter().map(|(key, patch)| (key.value.clone(), patch.clone())).collect();
    class.patch.iter().flatten().map(|(target, map)| (target.value.clone(), documents(map))).collect()
}

fn ami(class: &manifest::Class, report: &mut Report) -> Option<plan::Ami> {
    let Some(ami) = &class.ami else {
        report.push(
            Fault::new(
                &code::AMI_MISSING,
                format!("class `{}` does not say what its nodes run", class.name.value),
                "add `ami: al2023@v20260724`, with the version that you have tested",
            )
            .at(class.name.span),
        );
        return None;
    };
    match &ami.value {
        manifest::Ami::Alias(alias) => report.keep(ami_version(alias, nodes_from(class)), ami.span),
        manifest::Ami::Terms(terms) => {
            let family = report.keep(family::find(&terms.family.value), terms.family.span);
            let selector = report.keep(ami_terms(terms), terms.family.span);
            Some(plan::Ami { family: family?, selector: selector? })
        }
    }
}

/// `family@version`, or a family alone where nobody here chooses the AMI. What a version is depends on who makes the
/// nodes: Karpenter's aliases have a date, EKS's releases the version of Kubernetes too.
fn ami_version(text: &str, from: NodesFrom) -> Result<plan::Ami, Fault> {
    let (name, version) = text.split_once('@').map_or((text, None), |(name, version)| (name, Some(version)));
    let family = family::find(name)?;
    let selector = match from {
        NodesFrom::Existing => AmiSelector::Any,
        NodesFrom::Karpenter => match family.karpenter.yes() {
            Some(Karpenter::Ec2 { alias: Some((alias, pattern)), .. }) => {
                AmiSelector::Alias(format!("{alias}@{}", fitting(family, version, *pattern)?))
            }
            Some(Karpenter::Ec2 { alias: None, .. }) => return Err(terms_only(family)),
            Some(Karpenter::Auto) | None => AmiSelector::Any,
        },
        NodesFrom::NodeGroup => match family.node_group.yes() {
            Some(group) if group.ami_types.is_empty() => return Err(terms_only(family)),
            Some(group) => {
                let version = fitting(family, version, group.release)?;
                AmiSelector::Release(Some(version.to_owned()).filter(|version| version != "latest"))
            }
            None => AmiSelector::Any,
        },
    };
    match (&selector, version) {
        // A refused family is refused for what it cannot do, whatever its version looks like.
        (AmiSelector::Any, Some(version)) if family.host.yes().is_some() || family.csi.yes().is_some() => {
            Err(Fault::new(
                &code::AMI_SYNTAX,
                format!("`{version}` has no effect: s3boot does not choose the AMI of these nodes"),
                format!("write `ami: {name}`"),
            ))
        }
        _ => Ok(plan::Ami { family, selector }),
    }
}

fn fitting<'a>(family: &Family, version: Option<&'a str>, pattern: family::Version) -> Result<&'a str, Fault> {
    let name = family.name;
    match version {
        Some(version) if version == "latest" || pattern.fits(version) => Ok(version),
        Some(version) => Err(Fault::new(
            &code::AMI_SYNTAX,
            format!("`{version}` is no version of this AMI, as who makes these nodes counts them"),
            format!("write `{name}@{}`, with the version that you have tested", pattern.example()),
        )),
        None => Err(Fault::new(
            &code::AMI_SYNTAX,
            format!("`{name}` names no version"),
            format!("write `{name}@{}`, with the version that you have tested", pattern.example()),
        )),
    }
}

fn terms_only(family: &Family) -> Fault {
    Fault::new(
        &code::AMI_SYNTAX,
        format!("neither Karpenter nor EKS has versions of `{}`", family.name),
        format!("name the AMI: `ami: {{family: {}, id: ami-0123456789abcdef0}}`", family.name),
    )
}

fn ami_terms(terms: &manifest::AmiTerms) -> Result<AmiSelector, Fault> {
    let fault = |message: &str, help: &str| Err(Fault::new(&code::AMI_TERMS, message, help));
    let owner = match terms.owner.as_ref().map(|owner| owner.value.clone()) {
        Some(owner) if !(owner == "self" || owner == "amazon" || AccountId::try_from(owner.as_str()).is_ok()) => {
            return fault("`owner` is no account", "write 12 digits in quotes, `self` or `amazon`");
        }
        owner => owner,
    };
    match (&terms.id, &terms.name, &terms.tags) {
        (Some(_), None, None) if owner.is_some() => {
            fault("an `id` needs no `owner`, and Karpenter refuses both", "remove `owner`")
        }
        (Some(id), None, None) => match resource_id(&id.value, "ami-") {
            true => Ok(AmiSelector::Id(id.value.clone())),
            false => fault("the `id` is no id of an AMI", "write it as `ami-0123456789abcdef0`"),
        },
        (None, Some(name), None) if !name.value.is_empty() && !name.value.chars().any(char::is_control) => {
            Ok(AmiSelector::Name { name: name.value.clone(), owner })
        }
        (None, None, Some(tags)) if tags.iter().any(|(key, value)| key.value.is_empty() || value.value.is_empty()) => {
            fault("a selector's tag has a key and a value", "write `*` for any value")
        }
        (None, None, Some(tags)) if !tags.is_empty() => Ok(AmiSelector::Tags { tags: plain(Some(tags)), owner }),
        _ => fault("an AMI is found by exactly one of `id`, `name` and `tags`", "give one, and remove the others"),
    }
}

/// Whether it is an id of AWS: the prefix and 8 or 17 hexadecimal digits.
#[must_use]
pub fn resource_id(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|digits| {
        matches!(digits.len(), 8 | 17)
            && digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}

fn on_failure(class: &manifest::Class, report: &mut Report) -> Option<OnFailure> {
    let after = optional::<Lifetime>(class.join_after.as_ref(), report)?;
    match class.on_failure.as_ref().map(|on_failure| on_failure.value) {
        Some(manifest::OnFailure::Join) => Some(OnFailure::Join {
            after_seconds: match after {
                Some(Lifetime::For { seconds, .. }) => seconds,
                Some(Lifetime::Never) | None => 300,
            },
        }),
        Some(manifest::OnFailure::Refuse) | None => Some(OnFailure::Refuse),
    }
}

fn resolve_mount(mount: &manifest::Mount, region: Option<&Region>, report: &mut Report) -> Option<plan::Mount> {
    let name = parse::<MountName>(&mount.name, report);
    let path = mount_path(mount, report);
    let bucket = parse(&mount.bucket, report);
    let prefix = optional::<Prefix>(mount.prefix.as_ref(), report);
    let region = match &mount.region {
        Some(region) => parse(region, report),
        None => region.cloned(),
    };
    let cache = match &mount.cache {
        Some(cache) => resolve_cache(cache, report).map(Some),
        None => Some(None),
    };
    let kms_key = match &mount.kms_key {
        Some(key) => report.keep(kms_key(&key.value), key.span).map(Some),
        None => Some(None),
    };
    let (settings, faults) = settings(mount);
    let fine = faults.is_empty();
    for fault in faults {
        report.push(fault);
    }
    fine.then_some(())?;
    Some(plan::Mount {
        name: name?,
        path: path?,
        bucket: bucket?,
        prefix: prefix?.unwrap_or_default(),
        region: region?,
        preset: mount.preset.as_ref().map(|preset| preset.value),
        mode: mode(mount),
        cache: cache?,
        kms_key: kms_key?,
        options: settings.into_iter().map(|(setting, _)| setting).collect(),
    })
}

/// Where a mount is; none where path or name has no meaning.
pub fn mount_path(mount: &manifest::Mount, report: &mut Report) -> Option<MountPath> {
    match &mount.path {
        Some(path) => parse(path, report),
        None => value::<MountName>(&mount.name)
            .and_then(|name| MountPath::try_from(format!("/mnt/s3/{name}").as_str()).ok()),
    }
}

/// The mode of a mount: what it says, else what the preset means.
#[must_use]
pub fn mode(mount: &manifest::Mount) -> Mode {
    match (&mount.mode, &mount.preset) {
        (Some(mode), _) => mode.value,
        (None, Some(Spanned { value: Preset::Output, .. })) => Mode::ReadWrite,
        (None, _) => Mode::ReadOnly,
    }
}

fn kms_key(text: &str) -> Result<String, Fault> {
    let fits = text.starts_with("arn:aws") && text.contains(":kms:") && text.contains(":key/");
    match fits && text.chars().all(|c| c.is_ascii_alphanumeric() || "-:/".contains(c)) {
        true => Ok(text.to_owned()),
        false => Err(Fault::new(
            &code::KMS_KEY,
            format!("`{text}` is no ARN of a KMS key"),
            "write the key's ARN: `arn:aws:kms:us-west-2:111122223333:key/…`; an alias cannot be in a policy",
        )),
    }
}

/// The options of a mount, each with the place that asks for it, in the order of their names; and the faults of those
/// that have no meaning.
#[must_use]
pub fn settings(mount: &manifest::Mount) -> (Vec<(Setting, Span)>, Vec<Diagnostic>) {
    let mut settings: BTreeMap<&str, (Setting, Span)> = BTreeMap::new();
    let mut faults = Vec::new();
    if let Some(preset) = &mount.preset {
        for (key, value) in preset.value.options() {
            if let Ok(Some(setting)) = mount_option::find(key).and_then(|option| option.set(value)) {
                settings.insert(key, (setting, preset.span));
            }
        }
    }
    for (key, Spanned { value: Scalar(value), span }) in mount.options.iter().flatten() {
        match mount_option::find(&key.value) {
            Err(fault) => faults.push(fault.at(key.span)),
            Ok(option) => match option.set(value) {
                Err(fault) => faults.push(fault.at(*span)),
                Ok(Some(setting)) => drop(settings.insert(option.key, (setting, key.span))),
                Ok(None) => drop(settings.remove(option.key)),
            },
        }
    }
    (settings.into_values().collect(), faults)
}

fn resolve_cache(cache: &manifest::Cache, report: &mut Report) -> Option<plan::Cache> {
    let size_mib = cache_size(&cache.size, report);
    let root_fallback_mib = match &cache.root_fallback {
        Some(size) => cache_size(size, report).map(Some),
        None => Some(None),
    };
    let storage_class = match &cache.storage_class {
        Some(class) => report.keep(storage_class(&class.value), class.span).map(Some),
        None => Some(None),
    };
    Some(plan::Cache {
        on: cache.on.value,
        size_mib: size_mib?,
        root_fallback_mib: root_fallback_mib?,
        storage_class: storage_class?,
    })
}

fn storage_class(text: &str) -> Result<String, Fault> {
    kubernetes::is_subdomain(text).then(|| text.to_owned()).ok_or_else(|| {
        Fault::new(
            &code::STORAGE_CLASS,
            format!("`{text}` is no name of a storage class"),
            "write one of `kubectl get storageclasses`, such as `gp3`",
        )
    })
}

/// A cache's size in MiB.
pub fn cache_size(size: &Spanned<String>, report: &mut Report) -> Option<u64> {
    let quantity = parse::<Quantity>(size, report)?;
    let fits = quantity.whole_mib().filter(|mib| *mib >= 64).ok_or_else(|| {
        Fault::new(
            &code::CACHE_SIZE,
            format!("a cache of {} cannot be", size.value),
            "write whole MiB, at least `64Mi`: mount-s3 counts in MiB, and a block is 1 MiB",
        )
    });
    report.keep(fits, size.span)
}

fn resolve_nodes(class: &manifest::Class, report: &mut Report) -> Option<plan::Nodes> {
    let default = manifest::Nodes::default();
    let nodes = class.nodes.as_ref().unwrap_or(&default);
    let size = match &nodes.size {
        Some(size) => report.keep(node_group_size(&size.value), size.span),
        None => Some(plan::Size { min: 1, max: 3, desired: 1 }),
    };
    let selector = labels(nodes.selector.as_ref(), |_| Ok(()), report);
    let families = all::<InstanceFamily>(nodes.families.as_ref(), report);
    let types = all::<InstanceType>(nodes.types.as_ref(), report);
    let zones = all::<Zone>(nodes.zones.as_ref(), report);
    let root_volume_gib = match &nodes.root_volume {
        Some(size) => root_volume_gib(size, report).map(Some),
        None => Some(None),
    };
    let expire_after = optional::<Lifetime>(nodes.expire_after.as_ref(), report);
    let consolidate_after = optional::<Lifetime>(nodes.consolidate_after.as_ref(), report);
    let weight = match &nodes.weight {
        Some(weight) => report.keep(node_weight(&weight.value.0), weight.span).map(Some),
        None => Some(None),
    };
    let limits = limits(nodes, report);
    let labels = labels(nodes.labels.as_ref(), kubernetes::unrestricted, report);
    let hard_taints = taints(nodes.taints.as_ref(), report);
    let startup_taints = taints(nodes.startup_taints.as_ref(), report);
    let requirements = requirements(nodes.requirements.as_ref(), report);
    let hours = |text: &str, seconds| Lifetime::For { text: text.to_owned(), seconds };
    Some(plan::Nodes {
        from: nodes_from(class),
        size: size?,
        selector: selector?,
        families: families?,
        types: types?,
        capacity: values(nodes.capacity.as_ref(), Capacity::OnDemand),
        zones: zones?,
        limits: limits?,
        root_volume_gib: root_volume_gib?,
        expire_after: expire_after?.unwrap_or_else(|| hours("720h", 2_592_000)),
        consolidate_after: consolidate_after?.unwrap_or_else(|| hours("1m", 60)),
        weight: weight?,
        labels: labels?,
        taints: hard_taints?,
        startup_taints: startup_taints?,
        requirements: requirements?,
        tags: plain(nodes.tags.as_ref()),
    })
}

/// A root volume's size in GiB.
pub fn root_volume_gib(size: &Spanned<String>, report: &mut Report) -> Option<u64> {
    let quantity = parse::<Quantity>(size, report)?;
    let whole = quantity.bytes.is_multiple_of(quantity::GIB).then_some(quantity.bytes / quantity::GIB);
    let fits = whole.filter(|gib| (8..=65_536).contains(gib)).ok_or_else(|| {
        Fault::new(
            &code::ROOT_VOLUME,
            format!("a root volume of {} cannot be", size.value),
            "write whole GiB, from `8Gi` to `65536Gi`, and at least what the AMI's snapshot has",
        )
    });
    report.keep(fits, size.span)
}

fn node_group_size(size: &manifest::Size) -> Result<plan::Size, Fault> {
    let number = |scalar: &Spanned<Scalar>| scalar.value.0.parse::<u32>().ok();
    let desired = size.desired.as_ref().unwrap_or(&size.min);
    match (number(&size.min), number(&size.max), number(desired)) {
        (Some(min), Some(max), Some(desired)) if min <= desired && desired <= max && max > 0 => {
            Ok(plan::Size { min, max, desired })
        }
        _ => Err(Fault::new(
            &code::NODE_GROUP_SIZE,
            "a node group has whole numbers of nodes, `min` ≤ `desired` ≤ `max`, and `max` is at least 1",
            "write `size: {min: 1, max: 10}`",
        )),
    }
}

fn resolve_daemonset(daemonset: &manifest::DaemonSet, report: &mut Report) -> Option<plan::DaemonSet> {
    let image = parse::<Image>(&daemonset.image, report);
    let namespace = match &daemonset.namespace {
        Some(namespace) => {
            let checked = name::dns_label(&namespace.value, &code::NAMESPACE, "namespace");
            report.keep(checked, namespace.span).map(|()| namespace.value.clone())
        }
        None => Some("s3boot".to_owned()),
    };
    let lift_taint = optional::<LabelKey>(daemonset.lift_taint.as_ref(), report);
    Some(plan::DaemonSet {
        image: image?,
        namespace: namespace?,
        unmount: daemonset.unmount.as_ref().map_or(Unmount::Keep, |unmount| unmount.value),
        lift_taint: lift_taint?,
    })
}

fn node_weight(text: &str) -> Result<u8, Fault> {
    text.parse().ok().filter(|weight| (1..=100).contains(weight)).ok_or_else(|| {
        Fault::new(&code::WEIGHT, format!("`{text}` is no weight"), "write 1 to 100; leave it out for none")
    })
}

fn limits(nodes: &manifest::Nodes, report: &mut Report) -> Option<BTreeMap<String, String>> {
    let limit = |(key, value): (&Spanned<String>, &Spanned<Scalar>)| {
        let text = &value.value.0;
        let number = text.strip_suffix('m').unwrap_or(text);
        let fits = Quantity::try_from(text.as_str()).is_ok() || Quantity::try_from(number).is_ok();
        let checked = match fits {
            true => LabelKey::try_from(key.value.as_str()).map(|_| (key.value.clone(), text.clone())),
            false => Err(Fault::new(
                &code::LIMIT,
                format!("`{text}` is no quantity"),
                "write a number, and a unit for memory: `{cpu: 1000, memory: 4000Gi}`",
            )),
        };
        (checked, value.span)
    };
    let parsed: Vec<_> =
        (nodes.limits.iter().flatten().map(limit)).map(|(limit, span)| report.keep(limit, span)).collect();
    parsed.into_iter().collect()
}

fn labels(
    labels: Option<&Map<Spanned<String>>>,
    allowed: fn(&LabelKey) -> Result<(), Fault>,
    report: &mut Report,
) -> Option<BTreeMap<LabelKey, LabelValue>> {
    let parsed: Vec<_> = (labels.into_iter().flatten())
        .map(|(key, value)| {
            let key = parse::<LabelKey>(key, report)
                .and_then(|parsed| report.keep(allowed(&parsed), key.span).map(|()| parsed));
            let value = parse(value, report);
            Some((key?, value?))
        })
        .collect();
    parsed.into_iter().collect()
}

fn taints(taints: Option<&Vec<Spanned<manifest::Taint>>>, report: &mut Report) -> Option<Vec<plan::Taint>> {
    let parsed: Vec<_> = (taints.into_iter().flatten())
        .map(|taint| {
            let key = parse(&taint.value.key, report);
            let value = optional(taint.value.value.as_ref(), report);
            Some(plan::Taint { key: key?, value: value?, effect: taint.value.effect.value })
        })
        .collect();
    parsed.into_iter().collect()
}

fn requirements(
    requirements: Option<&Vec<Spanned<manifest::Requirement>>>,
    report: &mut Report,
) -> Option<Vec<plan::Requirement>> {
    let parsed: Vec<_> = (requirements.into_iter().flatten())
        .map(|requirement| {
            let requirement = &requirement.value;
            let key = parse::<LabelKey>(&requirement.key, report)
                .and_then(|key| report.keep(kubernetes::unrestricted(&key), requirement.key.span).map(|()| key));
            let values = requirement.values.iter().flatten().map(|value| value.value.0.clone()).collect();
            Some(plan::Requirement { key: key?, operator: requirement.operator.value, values })
        })
        .collect();
    parsed.into_iter().collect()
}

fn resolve_pods(pods: Option<&manifest::Pods>, report: &mut Report) -> Option<plan::Pods> {
    let Some(pods) = pods else { return Some(plan::Pods::default()) };
    let namespaces: Vec<_> = (pods.namespaces.iter().flatten())
        .map(|namespace| {
            let checked = name::dns_label(&namespace.value, &code::NAMESPACE, "namespace");
            report.keep(checked, namespace.span).map(|()| namespace.value.clone())
        })
        .collect();
    let service_account = match &pods.service_account {
        Some(account) => report.keep(service_account(&account.value), account.span).map(Some),
        None => Some(None),
    };
    let jars: Vec<_> = (pods.jars.iter().flat_map(|jars| &jars.value))
        .map(|jar| report.keep(jar_path(&jar.value), jar.span))
        .collect();
    let class_path: Vec<_> =
        (pods.class_path.iter().flatten()).map(|jar| report.keep(jar_path(&jar.value), jar.span)).collect();
    let spark = match &pods.spark {
        Some(spark) => resolve_spark(spark, report),
        None => Some(plan::Spark::default()),
    };
    Some(plan::Pods {
        class_path: class_path.into_iter().collect::<Option<_>>()?,
        spark: spark?,
        namespaces: namespaces.into_iter().collect::<Option<_>>()?,
        service_account: service_account?,
        jars: jars.into_iter().collect::<Option<_>>()?,
    })
}

fn resolve_spark(spark: &manifest::Spark, report: &mut Report) -> Option<plan::Spark> {
    let word = |text: &Spanned<String>| {
        let fits = !text.value.is_empty() && text.value.chars().all(|c| c.is_ascii_graphic());
        fits.then(|| text.value.clone()).ok_or_else(|| {
            Fault::new(
                &code::SPARK_VALUE,
                format!("`{}` is no image, version or class", text.value),
                "write one word, such as `docker.io/library/spark:4.0.1`, `4.0.1` or `com.example.Etl`",
            )
        })
    };
    let mut keep = |text: Option<&Spanned<String>>, usual: Option<String>| match text {
        Some(text) => report.keep(word(text), text.span).map(Some),
        None => Some(usual),
    };
    let usual = plan::Spark::default();
    let image = keep(spark.image.as_ref(), Some(usual.image));
    let version = keep(spark.version.as_ref(), Some(usual.version));
    let main_class = keep(spark.main_class.as_ref(), None);
    let emr_templates = match &spark.emr_templates {
        Some(url) => report.keep(mirror(&url.value), url.span).map(|_| Some(url.value.clone())),
        None => Some(None),
    };
    Some(plan::Spark { image: image??, version: version??, main_class: main_class?, emr_templates: emr_templates? })
}

fn service_account(text: &str) -> Result<String, Fault> {
    kubernetes::is_subdomain(text).then(|| text.to_owned()).ok_or_else(|| {
        Fault::new(
            &code::SERVICE_ACCOUNT,
            format!("`{text}` is no name of a service account"),
            "use a-z, 0-9, `-` and `.`, such as `spark`",
        )
    })
}

fn jar_path(text: &str) -> Result<String, Fault> {
    if text.contains(['*', '?', '[', '{']) {
        return Err(Fault::new(
            &code::JAR_GLOB,
            format!(
                "`{text}` is a pattern, and Spark does not expand patterns of `local://` files: it would load nothing"
            ),
            "list each file by its name",
        ));
    }
    let relative =
        !text.starts_with('/') && !text.contains("://") && !text.split('/').any(|part| matches!(part, "" | "." | ".."));
    let is_jar = std::path::Path::new(text).extension().is_some_and(|extension| extension == "jar");
    match relative && is_jar && text.chars().all(|c| c.is_ascii_graphic() && c != ',') {
        true => Ok(text.to_owned()),
        false => Err(Fault::new(
            &code::JAR_PATH,
            format!("`{text}` is no JAR file under the mount"),
            "write its path below the mount, such as `etl-1.4.2.jar` or `lib/udf.jar`",
        )),
    }
}

/// The size that a cache may take of the root volume, if it may.
#[must_use]
pub fn root_cache(cache: &manifest::Cache) -> Option<&Spanned<String>> {
    match cache.on.value {
        CacheOn::Root => Some(&cache.size),
        CacheOn::InstanceStore => cache.root_fallback.as_ref(),
        CacheOn::Volume => None,
    }
}
