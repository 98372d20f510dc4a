//! Label keys and values. Taint keys and values have the same syntax.
//! Source: apimachinery `pkg/util/validation/validation.go`.

use super::checked_text;
use crate::diagnostic::{Fault, code};

checked_text!(
    /// `[prefix/]name`.
    LabelKey,
    label_key
);

checked_text!(
    /// A label's value, not empty.
    LabelValue,
    label_value
);

checked_text!(
    /// A container image by its digest: `registry/name:tag@sha256:…`.
    Image,
    image
);

/// A tag may be another image tomorrow; a digest is one for ever, on every node.
fn image(text: &str) -> Result<(), Fault> {
    let (name, digest) = text.split_once("@sha256:").unwrap_or((text, ""));
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_./:".contains(c);
    let tag = name.rsplit('/').next().and_then(|last| last.split_once(':')).map_or("", |(_, tag)| tag);
    let path = &name[..name.len() - tag.len()];
    let named = !path.is_empty() && path.starts_with(|c: char| c.is_ascii_alphanumeric()) && path.chars().all(plain);
    let tagged = tag.len() <= 128 && tag.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    match named && tagged && digest.len() == 64 && digest.bytes().all(hex) {
        true => Ok(()),
        false => Err(Fault::new(
            &code::IMAGE_DIGEST,
            format!("`{text}` is no image by its digest"),
            "write `registry/name:tag@sha256:…`, with the 64 digits that `crane digest registry/name:tag` prints",
        )),
    }
}

fn name_like(text: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 63
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        && edge(text.chars().next())
        && edge(text.chars().last())
}

/// Whether it is a DNS subdomain (RFC 1123) of at most 253 characters.
#[must_use]
pub fn is_subdomain(text: &str) -> bool {
    let label = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn label_key(text: &str) -> Result<(), Fault> {
    let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    if name_like(name) && prefix.is_none_or(is_subdomain) {
        return Ok(());
    }
    Err(Fault::new(
        &code::LABEL_KEY,
        format!("`{text}` is no label key"),
        "write `name` or `prefix.dns/name`: at most 63 of A-Z, a-z, 0-9, `-`, `_`, `.`, with a letter or digit at both ends",
    ))
}

fn label_value(text: &str) -> Result<(), Fault> {
    if name_like(text) {
        return Ok(());
    }
    let (message, help) = match text.is_empty() {
        true => ("an empty value".to_owned(), "leave `value` out: Karpenter refuses an empty one"),
        false => (
            format!("`{text}` is no label value"),
            "use at most 63 of A-Z, a-z, 0-9, `-`, `_`, `.`, with a letter or digit at both ends",
        ),
    };
    Err(Fault::new(&code::LABEL_VALUE, message, help))
}

/// Why Karpenter does not take this key in a `NodePool`, if it does not. It looks at the end of the domain, without a
/// dot: `mykarpenter.sh/x` is refused too. Since Karpenter 1.9 `kubernetes.io` is free; before, it is not.
///
/// # Errors
/// A fault with the domain.
pub fn unrestricted(key: &LabelKey) -> Result<(), Fault> {
    const KARPENTER: &[&str] = &["karpenter.sh/capacity-type"];
    const WELL_KNOWN: &[&str] = &[
        "kubernetes.io/arch",
        "kubernetes.io/os",
        "node.kubernetes.io/instance-type",
        "topology.kubernetes.io/zone",
        "topology.kubernetes.io/region",
        "node.kubernetes.io/windows-build",
        "topology.k8s.aws/zone-id",
    ];
    const INSTANCE: &[&str] = &[
        "ec2nodeclass",
        "capacity-reservation-id",
        "capacity-reservation-type",
        "capacity-reservation-interruptible",
        "instance-accelerator-count",
        "instance-accelerator-manufacturer",
        "instance-accelerator-name",
        "instance-capability-flex",
        "instance-category",
        "instance-cpu",
        "instance-cpu-manufacturer",
        "instance-cpu-sustained-clock-speed-mhz",
        "instance-ebs-bandwidth",
        "instance-encryption-in-transit-supported",
        "instance-family",
        "instance-generation",
        "instance-gpu-count",
        "instance-gpu-manufacturer",
        "instance-gpu-memory",
        "instance-gpu-name",
        "instance-hypervisor",
        "instance-local-nvme",
        "instance-memory",
        "instance-network-bandwidth",
        "instance-size",
        "instance-tenancy",
    ];
    let text = key.as_str();
    let (domain, name) = text.split_once('/').unwrap_or(("", text));
    let refused = if domain == "karpenter.k8s.aws" {
        !INSTANCE.contains(&name)
    } else if domain.ends_with("karpenter.sh") || domain.ends_with("karpenter.k8s.aws") {
        !KARPENTER.contains(&text)
    } else if domain.ends_with("kubernetes.io") || domain.ends_with("k8s.io") {
        let excepted = ["node.kubernetes.io", "node-restriction.kubernetes.io", "kops.k8s.io"];
        text == "kubernetes.io/hostname"
            || !(WELL_KNOWN.contains(&text)
                || excepted.iter().any(|free| domain == *free || domain.ends_with(&format!(".{free}"))))
    } else {
        false
    };
    match refused {
        false => Ok(()),
        true => Err(Fault::new(
            &code::RESTRICTED_LABEL,
            format!("Karpenter keeps `{text}` for itself: the NodePool would never be ready"),
            "use a domain of your own, such as `example.com/team`",
        )),
    }
}
