//! Faults of several values together, one function each. Values are read leniently here: one that has no meaning is
//! reported by [`crate::resolve`], and says nothing to a rule.

use crate::diagnostic::Report;
use crate::manifest::{Class, Manifest};

pub mod class;
pub mod cluster;
pub mod deliver;
pub mod mount;
pub mod nodes;
pub mod option;
pub mod patch;

/// A rule over the whole manifest.
pub type Rule = fn(&Manifest, &mut Report);

/// Every rule.
pub static RULES: &[Rule] = &[
    cluster::selectors_are_given,
    cluster::selector_terms_are_exclusive,
    cluster::install_keys_fit,
    class::there_are_classes,
    class::names_are_unique,
    class::join_after_fits,
    class::ami_is_pinned,
    class::arch_fits_ami,
    class::lists_are_not_empty,
    class::jars_are_unique,
    class::class_path_is_of_jars,
    mount::there_are_mounts,
    mount::names_are_unique,
    mount::paths_do_not_overlap,
    mount::bucket_is_in_region,
    mount::account_is_known,
    mount::instance_store_is_there,
    mount::root_volume_holds_caches,
    mount::cache_is_read,
    mount::fallback_has_a_use,
    option::conflicts,
    option::requirements,
    option::versions,
    option::writers,
    option::bucket_kinds,
    option::encryption,
    option::stale_names,
    deliver::family_can,
    deliver::family_is_alive,
    deliver::distribution_has_it,
    deliver::instance_store_is_set_up,
    deliver::keys_have_effect,
    deliver::needs_are_met,
    deliver::cluster_is_known,
    deliver::node_groups_can,
    deliver::release_is_for_the_cluster,
    deliver::types_are_of_families,
    deliver::csi_takes_options,
    nodes::arch_fits_families,
    nodes::zones_are_in_region,
    nodes::directory_bucket_is_near,
    nodes::pairing_is_not_shadowed,
    nodes::taints_are_unique,
    nodes::requirement_values,
    nodes::tags_are_free,
    patch::patches_have_a_target,
];

/// Checks a manifest against every rule.
pub fn check(manifest: &Manifest, report: &mut Report) {
    for rule in RULES {
        rule(manifest, report);
    }
}

fn classes(manifest: &Manifest) -> impl Iterator<Item = &Class> {
    manifest.classes.value.iter()
}
