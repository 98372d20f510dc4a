//! Options of mount-s3 together: what it refuses at boot, and what it accepts silently although it is wrong.

use super::classes;
use crate::diagnostic::{Fault, Report, code};
use crate::manifest::{Deliver, InstallFrom, Manifest, Mode, Mount};
use crate::mount_option::Setting;
use crate::plan::{Bucket, Version};
use crate::resolve::{self, DISTRIBUTION_VERSION, RELEASE_VERSION, deliver, settings, value};
use crate::source::Span;

type Settings = Vec<(Setting, Span)>;

fn mounts(manifest: &Manifest) -> impl Iterator<Item = (&Mount, Settings)> {
    classes(manifest).flat_map(|class| &class.mounts.value).map(|mount| (mount, settings(mount).0))
}

fn find<'a>(settings: &'a Settings, key: &str) -> Option<&'a (Setting, Span)> {
    settings.iter().find(|(setting, _)| setting.option.key == key)
}

/// mount-s3 ends with exit code 2 on these.
pub fn conflicts(manifest: &Manifest, report: &mut Report) {
    for (_, settings) in mounts(manifest) {
        for (at, (setting, span)) in settings.iter().enumerate() {
            for (other, place) in &settings[..at] {
                if setting.option.conflicts.contains(&other.option.key)
                    || other.option.conflicts.contains(&setting.option.key)
                {
                    report.push(
                        Fault::new(
                            &code::OPTION_CONFLICT,
                            format!("`{}` cannot be used with `{}`", setting.option.key, other.option.key),
                            format!("remove `{}` or `{}`", setting.option.key, other.option.key),
                        )
                        .at(*span)
                        .also(*place, "the other"),
                    );
                }
            }
        }
    }
}

/// Options that mount-s3 takes only together.
pub fn requirements(manifest: &Manifest, report: &mut Report) {
    for (_, settings) in mounts(manifest) {
        for (setting, span) in &settings {
            if let Some(other) = setting.option.requires.filter(|other| find(&settings, other).is_none()) {
                report.push(
                    Fault::new(
                        &code::OPTION_REQUIRES,
                        format!("`{}` needs `{other}`", setting.option.key),
                        format!("add `{other}`, or remove `{}`", setting.option.key),
                    )
                    .at(*span),
                );
            }
        }
    }
}

/// Options that the installed version does not know.
pub fn versions(manifest: &Manifest, report: &mut Report) {
    let install = manifest.install.as_ref();
    let from = install.and_then(|install| install.from.as_ref()).map_or(InstallFrom::Distribution, |from| from.value);
    let stated = install.and_then(|install| install.version.as_ref()).map(value::<Version>);
    let installed = match (stated, from) {
        (Some(None), _) => return,
        (Some(Some(version)), _) => version,
        (None, InstallFrom::Distribution) => DISTRIBUTION_VERSION,
        (None, InstallFrom::Release | InstallFrom::Mirror) => RELEASE_VERSION,
    };
    // The CSI driver brings a mount-s3 of its own.
    let on_host = classes(manifest).filter(|class| deliver(class) != Deliver::Csi);
    for settings in on_host.flat_map(|class| &class.mounts.value).map(|mount| settings(mount).0) {
        for (setting, span) in settings.iter().filter(|(setting, _)| setting.option.since > installed) {
            let since = setting.option.since;
            report.push(
                Fault::new(
                    &code::OPTION_SINCE,
                    format!("mount-s3 has `{}` since {since}, and nodes get {installed}", setting.option.key),
                    match from {
                        InstallFrom::Distribution => format!(
                            "write `install: {{version: {since}}}` where the AMI's repository has that, or `install: {{from: release, version: {since}}}`"
                        ),
                        _ => format!("write `install.version: {since}` or later, or remove the option"),
                    },
                )
                .at(*span),
            );
        }
    }
}

/// mount-s3 accepts these on a read-only mount, where they do nothing.
pub fn writers(manifest: &Manifest, report: &mut Report) {
    for (mount, settings) in mounts(manifest).filter(|(mount, _)| resolve::mode(mount) == Mode::ReadOnly) {
        for (setting, span) in settings.iter().filter(|(setting, _)| setting.option.writes) {
            let fault = Fault::new(
                &code::WRITE_OPTION_READ_ONLY,
                format!("`{}` has no effect on a read-only mount", setting.option.key),
                format!("remove `{}`, or set `mode: read-write`", setting.option.key),
            )
            .label(format!("asks mount-s3 for --{}", setting.option.key));
            let diagnostic = fault.at(*span);
            report.push(match (&mount.mode, &mount.preset) {
                (Some(mode), _) => diagnostic.also(mode.span, "but this asks for --read-only"),
                (None, Some(preset)) => diagnostic.also(preset.span, "this preset is read-only"),
                (None, None) => diagnostic,
            });
        }
    }
}

/// Options that do not fit the kind of bucket. mount-s3 accepts `--incremental-upload` on a general purpose bucket, and
/// then truncates what is written.
pub fn bucket_kinds(manifest: &Manifest, report: &mut Report) {
    const DIRECTORY: &[&str] =
        &["transfer-acceleration", "dual-stack", "requester-pays", "force-path-style", "storage-class"];
    for (mount, settings) in mounts(manifest) {
        let Some(bucket) = value::<Bucket>(&mount.bucket) else { continue };
        let mut fault = |key: &str, message: String, help: String| {
            if let Some((_, span)) = find(&settings, key) {
                report.push(
                    Fault::new(&code::OPTION_BUCKET, message, help).at(*span).also(mount.bucket.span, "the bucket"),
                );
            }
        };
        match &bucket {
            Bucket::General(name) => {
                fault(
                    "incremental-upload",
                    "only directory buckets can be appended to: here, files longer than a part would end truncated"
                        .to_owned(),
                    "remove `incremental-upload`".to_owned(),
                );
                if find(&settings, "bucket-type")
                    .is_some_and(|(setting, _)| setting.value.as_deref() == Some("directory"))
                {
                    fault(
                        "bucket-type",
                        "the name of a directory bucket ends in `--zone--x-s3`, and this does not".to_owned(),
                        "remove `bucket-type`, or correct the bucket".to_owned(),
                    );
                }
                if name.contains('.') {
                    fault(
                        "transfer-acceleration",
                        "a bucket with a `.` in its name cannot be accelerated".to_owned(),
                        "remove it".to_owned(),
                    );
                }
            }
            Bucket::Directory { .. } => {
                for key in DIRECTORY {
                    fault(key, format!("directory buckets do not have `{key}`"), format!("remove `{key}`"));
                }
            }
            Bucket::AccessPoint { .. } => fault(
                "force-path-style",
                "an access point's ARN cannot be in the path: mount-s3 refuses it at boot".to_owned(),
                "remove `force-path-style`, or use the alias".to_owned(),
            ),
            Bucket::Alias(_) => {}
        }
    }
}

/// A KMS key is for KMS encryption.
pub fn encryption(manifest: &Manifest, report: &mut Report) {
    for (_, settings) in mounts(manifest) {
        let sse = find(&settings, "sse").filter(|(setting, _)| setting.value.as_deref() == Some("AES256"));
        if let (Some((_, sse)), Some((_, key))) = (sse, find(&settings, "sse-kms-key-id")) {
            report.push(
                Fault::new(
                    &code::SSE_KEY,
                    "`sse: AES256` takes no KMS key",
                    "write `sse: \"aws:kms\"`, or remove the key",
                )
                .at(*key)
                .also(*sse, "not KMS"),
            );
        }
    }
}

/// `metadata-ttl: indefinite` also keeps for ever that a file does not exist, unless told otherwise.
pub fn stale_names(manifest: &Manifest, report: &mut Report) {
    for (_, settings) in mounts(manifest) {
        let ttl = find(&settings, "metadata-ttl").filter(|(setting, _)| setting.value.as_deref() == Some("indefinite"));
        let negative = find(&settings, "negative-metadata-ttl");
        let forever = negative.is_none_or(|(setting, _)| setting.value.as_deref() == Some("indefinite"));
        if let (Some((_, span)), true) = (ttl, forever) {
            report.push(
                Fault::new(
                    &code::STALE_NAMES,
                    "a file that is looked up before it is uploaded stays missing until the node is replaced",
                    "add `negative-metadata-ttl: 60`",
                )
                .at(*span),
            );
        }
    }
}
