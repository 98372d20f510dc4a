//! Cluster and install.

use crate::diagnostic::{Fault, Report, code};
use crate::manifest::{Ami, Class, InstallFrom, Manifest, NodesFrom, SelectorTerm, Spanned};
use crate::resolve::{nodes_from, resource_id};

/// Whether the nodes of a class are launched into subnets that the manifest finds.
fn is_launched(class: &Class) -> bool {
    let auto = matches!(class.ami.as_ref().map(|ami| &ami.value), Some(Ami::Alias(alias)) if alias == "auto-mode");
    nodes_from(class) != NodesFrom::Existing && !auto
}

/// Subnets and security groups are found by `discovery`, or each by its own terms.
pub fn selectors_are_given(manifest: &Manifest, report: &mut Report) {
    let cluster = &manifest.cluster;
    let classes = &manifest.classes.value;
    if !classes.is_empty() && !classes.iter().any(is_launched) {
        return;
    }
    let own = [("subnets", &cluster.subnets), ("security-groups", &cluster.security_groups)];
    for (key, terms) in own {
        match (terms, &cluster.discovery) {
            (None, None) => report.push(
                Fault::new(
                    &code::SELECTOR_MISSING,
                    format!("nothing says how nodes find their {}", key.replace('-', " ")),
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
    let text = |leaf: &'_ Option<Spanned<String>>| leaf.as_ref().map(|leaf| leaf.value.clone());
    report.keep(term_fits(text(id).as_deref(), text(name).as_deref(), tags.is_some(), prefix), span);
}

/// Whether a term finds subnets (`subnet-`) or security groups (`sg-`) in exactly one way.
///
/// # Errors
/// It does not.
pub fn term_fits(id: Option<&str>, name: Option<&str>, tags: bool, prefix: &str) -> Result<(), Fault> {
    let exclusive = |message: &str, help: &str| Err(Fault::new(&code::SELECTOR_EXCLUSIVE, message, help));
    match (id, name, tags) {
        (Some(id), None, false) if !resource_id(id, prefix) => Err(Fault::new(
            &code::SELECTOR_ID,
            format!("`{id}` is no id"),
            format!("write it as `{prefix}0123456789abcdef0`"),
        )),
        (None, Some(_), false) if prefix == "subnet-" => {
            exclusive("a subnet is not found by `name`", "write `tags: {Name: …}`")
        }
        (Some(_), None, false) | (None, Some(_), false) | (None, None, true) => Ok(()),
        _ => exclusive(
            "a term has exactly one of `id`, `name` and `tags`",
            "make two terms of it, or remove one: terms are ORed, the tags of one term ANDed",
        ),
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
