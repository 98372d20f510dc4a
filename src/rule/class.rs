//! Classes, their AMIs and pods.

use super::classes;
use crate::diagnostic::{Fault, Report, code, list};
use crate::manifest::{Ami, Arch, Manifest, OnFailure, Spanned};
use crate::plan::Lifetime;
use crate::resolve::value;
use crate::source::Span;
use std::collections::BTreeMap;

/// A manifest without classes renders nothing.
pub fn there_are_classes(manifest: &Manifest, report: &mut Report) {
    if manifest.classes.value.is_empty() {
        report.push(
            Fault::new(&code::NO_CLASSES, "there are no classes", "add one: `- name: …` with `ami` and `mounts`")
                .at(manifest.classes.span),
        );
    }
}

/// The name is the value of the pairing: two classes of one name would let each other's pods in.
pub fn names_are_unique(manifest: &Manifest, report: &mut Report) {
    let mut seen = BTreeMap::new();
    for class in classes(manifest) {
        if let Some(first) = seen.insert(class.name.value.as_str(), class.name.span) {
            report.push(
                Fault::new(
                    &code::DUPLICATE_CLASS,
                    format!("two classes are named `{}`: their taint and label would be the same", class.name.value),
                    "give one of them another name",
                )
                .at(class.name.span)
                .also(first, "the first"),
            );
        }
    }
}

/// Karpenter deletes a node that has not registered after 15 minutes (core `liveness.go`).
pub fn join_after_fits(manifest: &Manifest, report: &mut Report) {
    for class in classes(manifest) {
        let Some(after) = &class.join_after else { continue };
        let joins = class.on_failure.as_ref().is_some_and(|on_failure| on_failure.value == OnFailure::Join);
        let fault = match value::<Lifetime>(after) {
            _ if !joins => Fault::new(
                &code::JOIN_AFTER,
                "`join-after` has no effect without `on-failure: join`",
                "remove it: `on-failure: refuse` waits without a bound",
            ),
            Some(Lifetime::Never) => {
                Fault::new(&code::JOIN_AFTER, "joining after `Never` is refusing", "write `on-failure: refuse`")
            }
            Some(Lifetime::For { seconds, .. }) if !(30..=780).contains(&seconds) => Fault::new(
                &code::JOIN_AFTER,
                format!("waiting {} does not fit between a boot and Karpenter's patience", after.value),
                "write `30s` to `13m`: Karpenter deletes a node that has not registered after 15 minutes",
            ),
            _ => continue,
        };
        report.push(fault.at(after.span));
    }
}

/// `@latest` is another AMI every week.
pub fn ami_is_pinned(manifest: &Manifest, report: &mut Report) {
    for ami in classes(manifest).filter_map(|class| class.ami.as_ref()) {
        if matches!(&ami.value, Ami::Alias(alias) if alias.ends_with("@latest")) {
            report.push(
                Fault::new(
                    &code::AMI_UNPINNED,
                    "`@latest` rolls every node whenever AWS publishes an AMI, tested by you or not",
                    "name the version that you have tested: `al2023@v20260724`",
                )
                .at(ami.span),
            );
        }
    }
}

/// One AMI has one architecture.
pub fn arch_fits_ami(manifest: &Manifest, report: &mut Report) {
    for class in classes(manifest) {
        let (Some(Spanned { value: Ami::Terms(terms), .. }), Some(arch)) = (&class.ami, &class.arch) else { continue };
        let (Some(id), [_, second, ..]) = (&terms.id, arch.value.as_slice()) else { continue };
        report.push(
            Fault::new(
                &code::ARCH_AMI,
                "one AMI has one architecture, and this class asks for two",
                "name the AMIs by `name` or `tags`, which can find one for each, or split the class",
            )
            .at(second.span)
            .also(id.span, "one AMI"),
        );
    }
}

/// An empty list means neither the default nor anything else.
pub fn lists_are_not_empty(manifest: &Manifest, report: &mut Report) {
    for class in classes(manifest) {
        let nodes = class.nodes.as_ref();
        let empty = [
            ("arch", empty(class.arch.as_ref())),
            ("families", empty(nodes.and_then(|nodes| nodes.families.as_ref()))),
            ("types", empty(nodes.and_then(|nodes| nodes.types.as_ref()))),
            ("capacity", empty(nodes.and_then(|nodes| nodes.capacity.as_ref()))),
            ("zones", empty(nodes.and_then(|nodes| nodes.zones.as_ref()))),
        ];
        for (key, span) in empty {
            if let Some(span) = span {
                report.push(
                    Fault::new(
                        &code::EMPTY_LIST,
                        format!("`{key}` is empty: no node would fit"),
                        "leave it out for the default",
                    )
                    .at(span),
                );
            }
        }
        if let Some(twice) = class.arch.as_ref().and_then(|arch| twice(&arch.value)) {
            report.push(
                Fault::new(
                    &code::DUPLICATE_ARCH,
                    "an architecture is listed twice",
                    format!("list each of {} once", list(&["amd64", "arm64"])),
                )
                .at(twice.span),
            );
        }
    }
}

/// The place of a list that is given and has nothing in it.
fn empty<T>(list: Option<&Spanned<Vec<T>>>) -> Option<Span> {
    list.filter(|list| list.value.is_empty()).map(|list| list.span)
}

fn twice(arch: &[Spanned<Arch>]) -> Option<&Spanned<Arch>> {
    arch.iter()
        .enumerate()
        .find(|(at, one)| arch[..*at].iter().any(|other| other.value == one.value))
        .map(|(_, one)| one)
}

/// What is on the class path is there, and a class to run is in a JAR.
pub fn class_path_is_of_jars(manifest: &Manifest, report: &mut Report) {
    for pods in classes(manifest).filter_map(|class| class.pods.as_ref()) {
        let jars: Vec<_> = pods.jars.iter().flat_map(|jars| &jars.value).map(|jar| jar.value.as_str()).collect();
        for jar in pods.class_path.iter().flatten().filter(|jar| !jars.contains(&jar.value.as_str())) {
            let message = format!("`{}` is on the class path, and not among the `jars`", jar.value);
            let help = if jars.is_empty() {
                "add it to `jars`".to_owned()
            } else {
                crate::diagnostic::choose(&jar.value, &jars)
            };
            report.push(Fault::new(&code::CLASS_PATH, message, help).at(jar.span));
        }
        let main = pods.spark.as_ref().and_then(|spark| spark.main_class.as_ref());
        if let Some(main) = main.filter(|_| jars.is_empty()) {
            let message = format!("`{}` is in the first of `jars`, and there are none", main.value);
            report.push(
                Fault::new(&code::CLASS_PATH, message, "add the JAR that it is in: `jars: [etl-1.4.2.jar]`")
                    .at(main.span),
            );
        }
    }
}

/// A class path has each JAR once.
pub fn jars_are_unique(manifest: &Manifest, report: &mut Report) {
    for class in classes(manifest) {
        let Some(jars) = class.pods.as_ref().and_then(|pods| pods.jars.as_ref()) else { continue };
        for (at, jar) in jars.value.iter().enumerate() {
            if let Some(first) = jars.value[..at].iter().find(|other| other.value == jar.value) {
                report.push(
                    Fault::new(&code::JAR_TWICE, format!("`{}` is listed twice", jar.value), "remove one of the two")
                        .at(jar.span)
                        .also(first.span, "the first"),
                );
            }
        }
    }
}
