//! Nodes: what Karpenter refuses late, or not at all.

use super::{classes, mount};
use crate::diagnostic::{Fault, Report, code};
use crate::manifest::{Arch, Effect, Manifest, Nodes, NodesFrom, Operator};
use crate::pairing::DEFAULT_KEY;
use crate::plan::{Bucket, LabelValue, Region, Zone};
use crate::resolve::{nodes_from, value};
use crate::source::Span;
use std::collections::BTreeMap;

fn nodes(manifest: &Manifest) -> impl Iterator<Item = &Nodes> {
    classes(manifest).filter_map(|class| class.nodes.as_ref())
}

/// Every family has an architecture that is asked for, and every architecture a family.
pub fn arch_fits_families(manifest: &Manifest, report: &mut Report) {
    for class in classes(manifest) {
        let wanted = class
            .arch
            .as_ref()
            .map_or_else(|| vec![Arch::Amd64], |arch| arch.value.iter().map(|arch| arch.value).collect());
        let families = mount::families(class);
        for (family, span) in families.iter().filter(|(family, _)| !wanted.contains(&family.arch())) {
            let arch = family.arch().name();
            report.push(
                Fault::new(
                    &code::ARCH_FAMILIES,
                    format!(
                        "`{family}` is {arch}, and this class does not run on that: no node of it would ever start"
                    ),
                    format!("add `{arch}` to `arch`, or remove the family"),
                )
                .at(*span),
            );
        }
        for arch in class.arch.iter().flat_map(|arch| &arch.value) {
            if !families.is_empty() && !families.iter().any(|(family, _)| family.arch() == arch.value) {
                report.push(
                    Fault::new(
                        &code::ARCH_FAMILIES,
                        format!("none of the families is {}", arch.value.name()),
                        "add a family of it, or remove the architecture",
                    )
                    .at(arch.span),
                );
            }
        }
    }
}

/// A zone of another region has no subnet here.
pub fn zones_are_in_region(manifest: &Manifest, report: &mut Report) {
    let Some(region) = value::<Region>(&manifest.cluster.region) else { return };
    for text in nodes(manifest).filter_map(|nodes| nodes.zones.as_ref()).flat_map(|zones| &zones.value) {
        if value::<Zone>(text).is_some_and(|zone| !zone.as_str().starts_with(region.as_str())) {
            report.push(
                Fault::new(
                    &code::ZONE,
                    format!("`{}` is not in `{region}`", text.value),
                    format!("write a zone of it, such as `{region}a`"),
                )
                .at(text.span)
                .also(manifest.cluster.region.span, "the cluster's region"),
            );
        }
    }
}

/// A directory bucket is in one zone; nodes elsewhere read it slowly, and pay for it.
pub fn directory_bucket_is_near(manifest: &Manifest, report: &mut Report) {
    const KEYS: &[&str] = &["topology.k8s.aws/zone-id", "topology.kubernetes.io/zone"];
    for class in classes(manifest).filter(|class| nodes_from(class) != NodesFrom::Existing) {
        let nodes = class.nodes.as_ref();
        let required = nodes.and_then(|nodes| nodes.requirements.as_ref());
        let pinned = nodes.is_some_and(|nodes| nodes.zones.is_some())
            || required.into_iter().flatten().any(|requirement| KEYS.contains(&requirement.value.key.value.as_str()));
        for mount in class.mounts.value.iter().filter(|_| !pinned) {
            if let Some(Bucket::Directory { zone, .. }) = value::<Bucket>(&mount.bucket) {
                report.push(
                    Fault::new(
                        &code::DIRECTORY_BUCKET_FAR,
                        format!("the bucket is in zone `{zone}`, and nodes may be in any"),
                        match nodes_from(class) {
                            NodesFrom::Karpenter => format!("add to `nodes.requirements`: `{{key: topology.k8s.aws/zone-id, operator: In, values: [{zone}]}}`"),
                            _ => format!("name in `nodes.zones` the zone whose id is `{zone}`, as `aws ec2 describe-availability-zones` has it"),
                        },
                    )
                    .at(mount.bucket.span),
                );
            }
        }
    }
}

/// The pairing's key belongs to s3boot: another label, taint or requirement of it would undo the pairing.
pub fn pairing_is_not_shadowed(manifest: &Manifest, report: &mut Report) {
    let key = manifest.pairing.as_ref().map_or(DEFAULT_KEY, |pairing| pairing.key.value.as_str());
    for nodes in nodes(manifest) {
        let labels = nodes.labels.iter().flatten().map(|(key, _)| key);
        let taints = nodes.taints.iter().chain(&nodes.startup_taints).flatten().map(|taint| &taint.value.key);
        let requirements = nodes.requirements.iter().flatten().map(|requirement| &requirement.value.key);
        for shadow in labels.chain(taints).chain(requirements).filter(|shadow| shadow.value == key) {
            report.push(
                Fault::new(
                    &code::PAIRING_SHADOWED,
                    format!("`{key}` is the key of the pairing, which s3boot sets itself"),
                    "remove it, or use another `pairing.key`",
                )
                .at(shadow.span),
            );
        }
    }
}

/// Karpenter keeps both lists in one map: the same key and effect twice, and the `NodePool` is never ready
/// (core `nodepool_validation.go`, `RuntimeValidate`).
pub fn taints_are_unique(manifest: &Manifest, report: &mut Report) {
    for nodes in nodes(manifest) {
        let mut seen: BTreeMap<(&str, Effect), Span> = BTreeMap::new();
        for taint in nodes.taints.iter().chain(&nodes.startup_taints).flatten() {
            let (key, effect) = (&taint.value.key, taint.value.effect.value);
            if let Some(first) = seen.insert((&key.value, effect), key.span) {
                report.push(
                    Fault::new(
                        &code::DUPLICATE_TAINT,
                        format!(
                            "`{}` with `{effect:?}` is there already: the NodePool would never be ready",
                            key.value
                        ),
                        "remove one, or give it another effect; `taints` and `startup-taints` count together",
                    )
                    .at(key.span)
                    .also(first, "the first"),
                );
            }
        }
    }
}

/// The API server takes wrong values here; Karpenter then ignores the `NodePool`.
pub fn requirement_values(manifest: &Manifest, report: &mut Report) {
    for requirement in nodes(manifest).filter_map(|nodes| nodes.requirements.as_ref()).flatten() {
        let requirement = &requirement.value;
        let values: Vec<_> = requirement.values.iter().flatten().map(|value| value.value.0.as_str()).collect();
        report.keep(requirement_fits(requirement.operator.value, &values), requirement.operator.span);
    }
}

/// Whether an operator takes these values.
///
/// # Errors
/// It does not.
pub fn requirement_fits(operator: Operator, values: &[&str]) -> Result<(), Fault> {
    let fault = |message: String, help: &str| Err(Fault::new(&code::REQUIREMENT_VALUES, message, help));
    let number = |text: &str| text.parse::<u32>().is_ok() && text.bytes().all(|byte| byte.is_ascii_digit());
    match operator {
        Operator::In | Operator::NotIn if values.is_empty() => {
            fault(format!("`{operator:?}` needs values"), "add `values: […]`, or use `Exists`")
        }
        Operator::Exists | Operator::DoesNotExist if !values.is_empty() => {
            fault(format!("`{operator:?}` takes no values"), "remove `values`, or use `In`")
        }
        Operator::Gt | Operator::Lt if !matches!(values, [one] if number(one)) => {
            fault(format!("`{operator:?}` takes one whole number"), "write one, such as `values: [\"4\"]`")
        }
        _ => match values.iter().find(|value| !value.is_empty() && LabelValue::try_from(**value).is_err()) {
            Some(wrong) => {
                fault(format!("`{wrong}` is no label value"), "use at most 63 of A-Z, a-z, 0-9, `-`, `_` and `.`")
            }
            None => Ok(()),
        },
    }
}

/// Tags that Karpenter or EKS sets itself, or AWS does not take.
pub fn tags_are_free(manifest: &Manifest, report: &mut Report) {
    for (key, value) in nodes(manifest).filter_map(|nodes| nodes.tags.as_ref()).flatten() {
        report.keep(tag_fits(&key.value, &value.value), key.span);
    }
}

/// Whether instances may have this tag.
///
/// # Errors
/// They may not.
pub fn tag_fits(key: &str, value: &str) -> Result<(), Fault> {
    const TAKEN: &[&str] =
        &["eks:eks-cluster-name", "karpenter.sh/nodepool", "karpenter.sh/nodeclaim", "karpenter.k8s.aws/ec2nodeclass"];
    let message = if TAKEN.contains(&key) || key.starts_with("kubernetes.io/cluster") {
        format!("Karpenter sets the tag `{key}` itself")
    } else if key.starts_with("aws:") {
        format!("`{key}`: AWS keeps tags that begin with `aws:`")
    } else if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
        "a tag has a key of 1 to 128 characters and a value of at most 256".to_owned()
    } else if !key.chars().chain(value.chars()).all(|c| c.is_alphanumeric() || " +-=._:/@".contains(c)) {
        format!("`{key}`: a tag has letters, digits, spaces and `+ - = . _ : / @`, and nothing else")
    } else {
        return Ok(());
    };
    Err(Fault::new(&code::TAG, message, "remove it, or choose another key"))
}
