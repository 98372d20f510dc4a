//! Cluster and install.

use crate::diagnostic::{Fault, Report, code};
use crate::manifest::{InstallFrom, Manifest, SelectorTerm, Spanned};
use crate::resolve::resource_id;

/// Subnets and security groups are found by `discovery`, or each by its own terms.
pub fn selectors_are_given(manifest: &Manifest, report: &mut Report) {
    let cluster = &manifest.cluster;
    let own = [("subnets", &cluster.subnets), ("security-groups", &cluster.security_groups)];
    for (key, terms) in own {
        match (terms, &cluster.discovery) {
            (None, None) => report.push(
                Fault::new(
                    &code::SELECTOR_MISSING,
                    format!("nothing says how Karpenter finds the {}", key.replace('-', " ")),
                    format!(
                        "add `discovery: {{karpenter.sh/discovery: {}}}` to `cluster`, or `{key}:`",
                        cluster.name.value
                    ),
                )
                .at(cluster.name.span),
            ),
            (Some(terms), _) if terms.value.is_empty() => report.push(
                Fault::new(
                    &code::SELECTOR_MISSING,
                    format!("`{key}` has no terms"),
                    "add one: `- id: …` or `- tags: {…}`",
                )
                .at(terms.span),
            ),
            (Some(terms), Some(_)) if own.iter().all(|(_, terms)| terms.is_some()) => report.push(
                Fault::new(
                    &code::SELECTOR_MISSING,
                    format!("`discovery` has no effect beside `{key}`"),
                    format!("remove `discovery`, or `{key}`"),
                )
                .at(terms.span),
            ),
            _ => {}
        }
    }
    let tags = cluster.discovery.iter().chain(
        own.iter()
            .filter_map(|(_, terms)| terms.as_ref())
            .flat_map(|terms| &terms.value)
            .filter_map(|term| term.value.tags.as_ref()),
    );
    for (key, value) in tags.clone().flatten() {
        if key.value.is_empty() || value.value.is_empty() {
            report.push(
                Fault::new(&code::SELECTOR_TAG, "a selector's tag has a key and a value", "write `*` for any value")
                    .at(key.span),
            );
        }
    }
    if tags.into_iter().any(std::collections::BTreeMap::is_empty) {
        report.push(
            Fault::new(
                &code::SELECTOR_TAG,
                "a selector has no tags, and would find everything",
                format!("write `discovery: {{karpenter.sh/discovery: {}}}`", cluster.name.value),
            )
            .at(cluster.name.span),
        );
    }
}

/// Karpenter's API only refuses a list where every term is wrong (CEL `!self.all(…)`); one wrong term among right ones
/// slips through. Its patterns for ids are not anchored either.
pub fn selector_terms_are_exclusive(manifest: &Manifest, report: &mut Report) {
    let cluster = &manifest.cluster;
    for (terms, prefix) in [(&cluster.subnets, "subnet-"), (&cluster.security_groups, "sg-")] {
        for term in terms.iter().flat_map(|terms| &terms.value) {
            selector_term(term, prefix, report);
        }
    }
}

fn selector_term(term: &Spanned<SelectorTerm>, prefix: &str, report: &mut Report) {
    let SelectorTerm { id, name, tags } = &term.value;
    let leaf = id.as_ref().or(name.as_ref()).map(|leaf| leaf.span);
    let span = leaf.or_else(|| tags.iter().flatten().next().map(|(key, _)| key.span)).unwrap_or(term.span);
    if [id.is_some(), name.is_some(), tags.is_some()].iter().filter(|given| **given).count() != 1 {
        report.push(
            Fault::new(
                &code::SELECTOR_EXCLUSIVE,
                "a term has exactly one of `id`, `name` and `tags`",
                "make two terms of it, or remove one: terms are ORed, the tags of one term ANDed",
            )
            .at(span),
        );
    }
    if let Some(name) = name.as_ref().filter(|_| prefix == "subnet-") {
        report.push(
            Fault::new(&code::SELECTOR_EXCLUSIVE, "a subnet is not found by `name`", "write `tags: {Name: …}`")
                .at(name.span),
        );
    }
    if let Some(id) = id.as_ref().filter(|id| !resource_id(&id.value, prefix)) {
        report.push(
            Fault::new(
                &code::SELECTOR_ID,
                format!("`{}` is no id", id.value),
                format!("write it as `{prefix}0123456789abcdef0`"),
            )
            .at(id.span),
        );
    }
}

/// `mirror` belongs to `from: mirror`, and to nothing else.
pub fn install_keys_fit(manifest: &Manifest, report: &mut Report) {
    let Some(install) = &manifest.install else { return };
    let from = install.from.as_ref().map_or(InstallFrom::Distribution, |from| from.value);
    match (from, &install.mirror, &install.from) {
        (InstallFrom::Mirror, None, Some(from)) => report.push(
            Fault::new(
                &code::INSTALL_KEYS,
                "`from: mirror` does not say which mirror",
                "add `mirror: s3://bucket/path/`",
            )
            .at(from.span),
        ),
        (InstallFrom::Distribution | InstallFrom::Release, Some(mirror), _) => report.push(
            Fault::new(
                &code::INSTALL_KEYS,
                "`mirror` has no effect without `from: mirror`",
                "add `from: mirror`, or remove it",
            )
            .at(mirror.span),
        ),
        _ => {}
    }
}
