//! Mounts: names, paths, buckets, caches.

use super::classes;
use crate::diagnostic::{Fault, Report, code};
use crate::manifest::{CacheOn, Class, Manifest, Mode, Mount, NodesFrom, Spanned};
use crate::plan::{Bucket, InstanceFamily, InstanceType, Region};
use crate::resolve::{self, cache_size, root_cache, root_volume_gib, value};
use std::collections::BTreeMap;

fn mounts(manifest: &Manifest) -> impl Iterator<Item = &Mount> {
    classes(manifest).flat_map(|class| &class.mounts.value)
}

/// A class without mounts needs no s3boot.
pub fn there_are_mounts(manifest: &Manifest, report: &mut Report) {
    for class in classes(manifest).filter(|class| class.mounts.value.is_empty()) {
        report.push(
            Fault::new(
                &code::NO_MOUNTS,
                format!("class `{}` mounts nothing", class.name.value),
                "add a mount: `- {name: jars, bucket: …}`",
            )
            .at(class.name.span),
        );
    }
}

/// The name is the unit and the file on the node.
pub fn names_are_unique(manifest: &Manifest, report: &mut Report) {
    for class in classes(manifest) {
        let mut seen = BTreeMap::new();
        for mount in &class.mounts.value {
            if let Some(first) = seen.insert(mount.name.value.as_str(), mount.name.span) {
                report.push(
                    Fault::new(
                        &code::DUPLICATE_MOUNT,
                        format!("two mounts of class `{}` are named `{}`", class.name.value, mount.name.value),
                        "give one of them another name",
                    )
                    .at(mount.name.span)
                    .also(first, "the first"),
                );
            }
        }
    }
}

/// A mount in another would be a directory in its bucket.
pub fn paths_do_not_overlap(manifest: &Manifest, report: &mut Report) {
    for class in classes(manifest) {
        let mut seen: Vec<(_, &Mount)> = Vec::new();
        for mount in &class.mounts.value {
            let Some(path) = resolve::mount_path(mount, &mut Report::default()) else { continue };
            let place = |mount: &Mount| mount.path.as_ref().unwrap_or(&mount.name).span;
            let other =
                seen.iter().find(|(other, earlier)| path.overlaps(other) && earlier.name.value != mount.name.value);
            if let Some((other, earlier)) = other {
                report.push(
                    Fault::new(
                        &code::MOUNT_PATH_OVERLAP,
                        format!("`{path}` and `{other}` are the same directory, or one is in the other"),
                        "mount them side by side",
                    )
                    .at(place(mount))
                    .also(place(earlier), "the other"),
                );
            }
            seen.push((path, mount));
        }
    }
}

/// A region that is given is not corrected by mount-s3: a wrong one fails the mount.
pub fn bucket_is_in_region(manifest: &Manifest, report: &mut Report) {
    for mount in mounts(manifest) {
        let region = value::<Region>(mount.region.as_ref().unwrap_or(&manifest.cluster.region));
        let (Some(region), Some(bucket)) = (region, value::<Bucket>(&mount.bucket)) else { continue };
        let fault = match &bucket {
            Bucket::AccessPoint { partition, .. } if partition != region.partition() => Fault::new(
                &code::BUCKET_PARTITION,
                format!("the bucket is in partition `{partition}`, the cluster in `{}`", region.partition()),
                "use a bucket of the cluster's partition: its credentials are not valid in another",
            ),
            Bucket::AccessPoint { region: own, .. } if !own.is_empty() && *own != region.as_str() => Fault::new(
                &code::BUCKET_REGION,
                format!("the access point is in `{own}`, and mount-s3 would ask `{region}`"),
                format!("add `region: {own}` to the mount"),
            ),
            // Other partitions shorten their names by other rules.
            Bucket::Directory { zone, .. }
                if region.partition() == "aws" && !zone.starts_with(&format!("{}-", region.zone_id_prefix())) =>
            {
                Fault::new(
                    &code::BUCKET_REGION,
                    format!(
                        "zone `{zone}` is not in `{region}`, where zones begin with `{}-`",
                        region.zone_id_prefix()
                    ),
                    "use a directory bucket of the region, or add the bucket's `region:` to the mount",
                )
            }
            _ => continue,
        };
        report.push(fault.at(mount.bucket.span));
    }
}

/// The policy of a directory bucket or alias has the account in its ARNs.
pub fn account_is_known(manifest: &Manifest, report: &mut Report) {
    if manifest.cluster.account.is_some() {
        return;
    }
    for mount in mounts(manifest) {
        if let Some(kind @ (Bucket::Directory { .. } | Bucket::Alias(_))) = value::<Bucket>(&mount.bucket) {
            let kind = if matches!(kind, Bucket::Alias(_)) { "an alias" } else { "a directory bucket" };
            report.push(
                Fault::new(
                    &code::ACCOUNT_MISSING,
                    format!("the policy for {kind} needs the account id"),
                    "add `account: \"111122223333\"` to `cluster`",
                )
                .at(mount.bucket.span),
            );
        }
    }
}

/// A cache on local NVMe needs nodes that all have it, or a smaller cache elsewhere.
pub fn instance_store_is_there(manifest: &Manifest, report: &mut Report) {
    for class in classes(manifest).filter(|class| resolve::nodes_from(class) != NodesFrom::Existing) {
        let families = families(class);
        for cache in class.mounts.value.iter().filter_map(|mount| mount.cache.as_ref()) {
            if cache.on.value != CacheOn::InstanceStore || cache.root_fallback.is_some() {
                continue;
            }
            let named = class.nodes.as_ref().is_some_and(|nodes| nodes.families.is_some() || nodes.types.is_some());
            if !named {
                report.push(
                    Fault::new(
                        &code::CACHE_NO_NVME,
                        format!("nothing keeps class `{}` to nodes with an instance store", class.name.value),
                        "name `nodes.families` that have one, such as `[r6id, m7gd]`, or add `root-fallback: 4Gi` to the cache",
                    )
                    .at(cache.on.span),
                );
            }
            for (family, span) in families.iter().filter(|(family, _)| !family.has_instance_store()) {
                report.push(
                    Fault::new(
                        &code::CACHE_NO_NVME,
                        format!("nodes of `{family}` may have no instance store, and this class caches on it"),
                        "remove the family, or add `root-fallback: 4Gi` to the cache",
                    )
                    .at(*span)
                    .also(cache.on.span, "the cache"),
                );
            }
        }
    }
}

/// The instance families that a class names, by themselves or in types.
#[must_use]
pub fn families(class: &Class) -> Vec<(InstanceFamily, crate::source::Span)> {
    let Some(nodes) = &class.nodes else { return Vec::new() };
    let families = (nodes.families.iter().flat_map(|list| &list.value))
        .filter_map(|family| Some((value::<InstanceFamily>(family)?, family.span)));
    let types = (nodes.types.iter().flat_map(|list| &list.value))
        .filter_map(|kind| Some((value::<InstanceType>(kind)?.family(), kind.span)));
    families.chain(types).collect()
}

/// kubelet evicts pods when the root volume is 90 % full, and collects images from 85 %.
pub fn root_volume_holds_caches(manifest: &Manifest, report: &mut Report) {
    const RESERVE_MIB: u64 = 10 * 1024;
    const DEFAULT_GIB: u64 = 20;
    for class in classes(manifest).filter(|class| resolve::nodes_from(class) != NodesFrom::Existing) {
        let mut quiet = Report::default();
        let root = class.nodes.as_ref().and_then(|nodes| nodes.root_volume.as_ref());
        let root_gib = root.map_or(Some(DEFAULT_GIB), |root| root_volume_gib(root, &mut quiet));
        let sizes: Vec<_> = (class.mounts.value.iter())
            .filter_map(|mount| root_cache(mount.cache.as_ref()?))
            .filter_map(|size| Some((cache_size(size, &mut quiet)?, size.span)))
            .collect();
        let (Some(root_gib), Some((_, last))) = (root_gib, sizes.last()) else { continue };
        let total = sizes.iter().map(|(mib, _)| *mib).fold(0, u64::saturating_add);
        let needed_gib = (total.saturating_add(RESERVE_MIB).saturating_mul(100) / 85).div_ceil(1024);
        if needed_gib > root_gib {
            report.push(
                Fault::new(
                    &code::CACHE_FILLS_ROOT,
                    format!(
                        "the caches of class `{}` may grow to {total} MiB on a root volume of {root_gib} GiB{}",
                        class.name.value,
                        if root.is_none() { " (the default)" } else { "" },
                    ),
                    format!("write `nodes.root-volume: {needed_gib}Gi` or more (10 GiB for the system, and all of it below 85 %), or a smaller cache"),
                )
                .at(*last),
            );
        }
    }
}

/// mount-s3 does not read what it writes from the cache.
pub fn cache_is_read(manifest: &Manifest, report: &mut Report) {
    for mount in mounts(manifest).filter(|mount| resolve::mode(mount) == Mode::ReadWrite) {
        let preset = mount.preset.as_ref().filter(|preset| preset.value == crate::manifest::Preset::Output);
        if let (Some(cache), Some(preset)) = (&mount.cache, preset) {
            report.push(
                Fault::new(
                    &code::CACHE_ON_OUTPUT,
                    "a cache serves reads, and this mount is for output",
                    "remove `cache`, or use another preset",
                )
                .at(cache.on.span)
                .also(preset.span, "for output"),
            );
        }
    }
}

/// A fallback to the root volume is for caches that are elsewhere.
pub fn fallback_has_a_use(manifest: &Manifest, report: &mut Report) {
    for cache in mounts(manifest).filter_map(|mount| mount.cache.as_ref()) {
        if let (CacheOn::Root, Some(Spanned { span, .. })) = (cache.on.value, &cache.root_fallback) {
            report.push(
                Fault::new(
                    &code::FALLBACK_ON_ROOT,
                    "`root-fallback` has no effect on a cache that is on the root volume",
                    "remove it, or write `on: instance-store`",
                )
                .at(*span),
            );
        }
    }
}
