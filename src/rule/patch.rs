//! Patches: that what they change exists. What comes of them is checked in [`crate::target::karpenter`].

use super::classes;
use crate::diagnostic::{Fault, Report, choose, code};
use crate::manifest::Manifest;
use crate::target::TARGETS;

/// A patch names a target, and a document of it, and is a mapping.
pub fn patches_have_a_target(manifest: &Manifest, report: &mut Report) {
    for (name, documents) in classes(manifest).filter_map(|class| class.patch.as_ref()).flatten() {
        let patchable: Vec<_> = TARGETS.iter().filter(|target| !target.documents().is_empty()).collect();
        let Some(target) = patchable.iter().find(|target| target.name() == name.value) else {
            let known: Vec<_> = patchable.iter().map(|target| target.name()).collect();
            report.push(
                Fault::new(
                    &code::PATCH_TARGET,
                    format!("`{}` is no target that takes patches", name.value),
                    choose(&name.value, &known),
                )
                .at(name.span),
            );
            continue;
        };
        for (document, patch) in documents {
            if !target.documents().contains(&document.value.as_str()) {
                report.push(
                    Fault::new(
                        &code::PATCH_TARGET,
                        format!("`{}` has no document `{}`", name.value, document.value),
                        choose(&document.value, target.documents()),
                    )
                    .at(document.span),
                );
            } else if !patch.is_mapping() {
                report.push(
                    Fault::new(
                        &code::PATCH_SHAPE,
                        "a patch is a mapping",
                        "write it as the document is: `{spec: {…}}`",
                    )
                    .at(document.span),
                );
            }
        }
    }
}
