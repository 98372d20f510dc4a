//! AMIs: that they are there, fit the processors, and are of today.

use super::nodes::ec2_name;
use super::question::{Image, ImageTerms};
use super::{Inquiry, Subject, code};
use crate::diagnostic::Fault;
use crate::family::Published;
use crate::manifest::Arch;
use crate::plan::AmiSelector;

/// The newest release, in place of a version.
const NEWEST: &str = "latest";

/// The version of Kubernetes that a release is for, and the release; none where the manifest does not say the former.
fn release<'a>(subject: &'a Subject<'_>) -> Option<(&'a str, &'a str)> {
    let of_cluster = subject.plan.cluster.kubernetes.as_deref();
    match &subject.class.ami.selector {
        AmiSelector::Alias(alias) => Some((of_cluster?, alias.split_once('@')?.1)),
        // `1.34.2-20260724`, of which `1.34` is in the parameter's name, and the date in the AMI's.
        AmiSelector::Release(Some(release)) => match subject.class.ami.family.published? {
            Published::Eks { .. } => {
                let (version, _) = release.rsplit_once('.')?;
                Some((version, release))
            }
            Published::Bottlerocket => Some((of_cluster?, release)),
        },
        AmiSelector::Release(None) => Some((of_cluster?, NEWEST)),
        AmiSelector::Any | AmiSelector::Id(_) | AmiSelector::Name { .. } | AmiSelector::Tags { .. } => None,
    }
}

/// The AMIs of one architecture that nodes are launched with; none as long as they are not known, and where nobody here
/// chooses them.
pub(super) fn images<'a>(subject: &Subject<'_>, arch: Arch, inquiry: &mut Inquiry<'a>) -> Option<Vec<&'a Image>> {
    let span = subject.ami_span();
    // Whose AMIs Karpenter takes where the terms do not say it.
    let usual = || vec!["self".to_owned(), "amazon".to_owned()];
    let of_owner = |owner: &Option<String>| owner.clone().map_or_else(usual, |owner| vec![owner]);
    let terms = match &subject.class.ami.selector {
        AmiSelector::Any => return None,
        AmiSelector::Id(id) => by_id(id),
        AmiSelector::Name { name, owner } => {
            ImageTerms { id: None, filters: vec![("name".to_owned(), name.clone())], owners: of_owner(owner) }
        }
        AmiSelector::Tags { tags, owner } => ImageTerms {
            id: None,
            filters: tags.iter().map(|(key, value)| (format!("tag:{key}"), value.clone())).collect(),
            owners: of_owner(owner),
        },
        AmiSelector::Alias(_) | AmiSelector::Release(_) => {
            let Some((kubernetes, version)) = release(subject) else {
                inquiry.report(unknown_version(subject), span);
                return None;
            };
            let name = subject.class.ami.family.published?.parameter(kubernetes, ec2_name(arch), version);
            match inquiry.parameter(&name, span)? {
                Some(id) => by_id(id),
                None => return Some(Vec::new()),
            }
        }
    };
    Some(inquiry.images(terms, span)?.iter().collect())
}

fn by_id(id: &str) -> ImageTerms {
    ImageTerms { id: Some(id.to_owned()), filters: Vec::new(), owners: Vec::new() }
}

fn unknown_version(subject: &Subject<'_>) -> Fault {
    Fault::new(
        &code::NOT_CHECKED,
        format!("not checked: the AMI of class `{}`", subject.class.name),
        "add `kubernetes: \"1.34\"` to `cluster`: releases of an AMI are told apart by it",
    )
    .label("the manifest does not say the version of Kubernetes")
}

/// There is one.
pub(super) fn ami_exists(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    for arch in &subject.class.arch {
        if images(subject, *arch, inquiry).is_some_and(|images| images.is_empty()) {
            let region = &subject.plan.cluster.region;
            let fault = Fault::new(
                &code::AMI_GONE,
                format!("{region} has no such AMI of `{}` for {}", subject.class.ami.family.name, ec2_name(*arch)),
                "name one that is there; with a release, check that it was published for the cluster's version of Kubernetes",
            );
            inquiry.report(fault, subject.ami_span());
        }
    }
}

/// Each architecture of the class has one.
pub(super) fn ami_fits_arch(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    for arch in &subject.class.arch {
        let Some(images) = images(subject, *arch, inquiry) else { return };
        let fits = |image: &&Image| image.architecture == ec2_name(*arch);
        if let Some(first) = images.first().filter(|_| !images.iter().any(fits)) {
            let fault = Fault::new(
                &code::AMI_ARCH,
                format!("no AMI of class `{}` is for {}", subject.class.name, ec2_name(*arch)),
                "name one of the class's `arch`, or change that",
            )
            .label(format!("{} ({}) is for {}", first.id, first.name, first.architecture));
            inquiry.report(fault, subject.ami_span());
        }
    }
}

/// A pinned release is the newest.
pub(super) fn ami_is_recent(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    let pinned = matches!(subject.class.ami.selector, AmiSelector::Alias(_) | AmiSelector::Release(Some(_)));
    let (Some((kubernetes, version)), Some(published)) = (release(subject), subject.class.ami.family.published) else {
        return;
    };
    let Some(arch) = subject.class.arch.first().filter(|_| pinned && version != NEWEST) else { return };
    let span = subject.ami_span();
    let parameter = published.parameter(kubernetes, ec2_name(*arch), NEWEST);
    let Some(Some(newest)) = inquiry.parameter(&parameter, span) else { return };
    let Some(newest) = inquiry.images(by_id(newest), span).and_then(|images| images.first()) else { return };
    let Some(mine) = images(subject, *arch, inquiry).and_then(|images| images.first().copied()) else { return };
    if mine.id != newest.id {
        let fault = Fault::new(
            &code::AMI_OLD,
            format!("there is a newer AMI than that of class `{}`", subject.class.name),
            format!("test {}, and pin it then", newest.name),
        )
        .label(format!("{}, made on {}", mine.name, day(&mine.created)));
        inquiry.report(fault, span);
    }
}

/// None is deprecated, or has a date for it.
pub(super) fn ami_is_not_deprecated(subject: &Subject<'_>, inquiry: &mut Inquiry<'_>) {
    for arch in &subject.class.arch {
        for image in images(subject, *arch, inquiry).unwrap_or_default() {
            let Some(date) = &image.deprecated else { continue };
            let fault = Fault::new(
                &code::AMI_DEPRECATED,
                format!("{} ({}) is deprecated from {}", image.id, image.name, day(date)),
                "move to one that is not before that day",
            );
            inquiry.report(fault, subject.ami_span());
        }
    }
}

fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}
