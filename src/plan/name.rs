//! Names of classes and mounts, and mount points.

use super::{LabelValue, checked_text};
use crate::diagnostic::{Code, Fault, code};

checked_text!(
    /// The name of a class: a DNS label, so that it is a Kubernetes object's name and a label value.
    ClassName,
    |text| dns_label(text, &code::CLASS_NAME, "class name")
);

checked_text!(
    /// The name of a mount: a DNS label, so that it is a file name and a systemd instance as it is.
    MountName,
    |text| dns_label(text, &code::MOUNT_NAME, "mount name")
);

checked_text!(
    /// A directory on the node: absolute, normal, of portable characters, and not one that the system needs.
    MountPath,
    mount_path
);

/// Checks for a DNS label (RFC 1123): what Kubernetes takes for names.
///
/// # Errors
/// A fault of this code that says what does not fit.
pub fn dns_label(text: &str, code: &'static Code, what: &str) -> Result<(), Fault> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let edge = |c: Option<char>| c.is_some_and(|c| c != '-');
    let problem = if text.is_empty() {
        "it is empty"
    } else if text.len() > 63 {
        "it is longer than 63 characters"
    } else if !text.chars().all(inner) {
        "it has other characters than a-z, 0-9 and `-`"
    } else if !edge(text.chars().next()) || !edge(text.chars().last()) {
        "it begins or ends with `-`"
    } else {
        return Ok(());
    };
    Err(Fault::new(code, format!("`{text}` is no {what}: {problem}"), suggestion(text)))
}

fn suggestion(text: &str) -> String {
    let plain: String =
        text.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(63).collect();
    match plain.trim_matches('-') {
        "" => "use a-z, 0-9 and `-`, such as `spark-jars`".to_owned(),
        near => format!("write `{near}`"),
    }
}

/// Directories that a mount would break the node in, itself or below. `/mnt`, `/opt` and `/srv` are for this;
/// below `/var` and `/run` live kubelet, containerd and s3boot's own stages and caches; `/tmp` is a tmpfs on AL2023.
const SYSTEM: &[&str] = &[
    "bin", "boot", "dev", "etc", "home", "lib", "lib64", "local", "media", "proc", "root", "run", "sbin", "sys", "tmp",
    "usr", "var",
];

fn mount_path(text: &str) -> Result<(), Fault> {
    let fault = |message: &str, help: &str| {
        Err(Fault::new(&code::MOUNT_PATH, format!("`{text}` cannot be a mount point: {message}"), help))
    };
    let Some(rest) = text.strip_prefix('/') else {
        return fault("it is not absolute", "begin it with `/`, such as `/mnt/s3/jars`");
    };
    if text.len() > 255 {
        return fault("it is longer than 255 characters", "use a shorter path");
    }
    if rest.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
        return fault("it has an empty part, `.` or `..`", "write the plain path, without `/` at its end");
    }
    if !rest.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c)) {
        return fault("it has characters other than A-Z, a-z, 0-9, `-`, `_` and `.`", "use plain names");
    }
    let top = rest.split('/').next().unwrap_or_default();
    if SYSTEM.contains(&top) || text == "/mnt/k8s-disks" || text.starts_with("/mnt/k8s-disks/") {
        return Err(Fault::new(
            &code::MOUNT_PATH_SYSTEM,
            format!("`{text}` is in a directory that the node itself needs"),
            "mount below `/mnt/s3`, the default, or below `/mnt`, `/opt` or `/srv`",
        ));
    }
    if !rest.contains('/') {
        return Err(Fault::new(
            &code::MOUNT_PATH_TOP,
            format!("`{text}` is directly below `/`, so pods would have to mount the whole root to see it come back"),
            format!("put it one directory down: `/mnt{text}`"),
        ));
    }
    Ok(())
}

impl ClassName {
    /// The name as a label's value, which every DNS label is.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn as_value(&self) -> LabelValue {
        LabelValue::try_from(self.as_str()).expect("a DNS label is a label value")
    }
}

impl MountPath {
    /// The directory that pods mount: the parent, which stays when a mount is replaced.
    #[must_use]
    pub fn parent(&self) -> &str {
        self.as_str().rsplit_once('/').map_or("/", |(parent, _)| parent)
    }

    /// Whether one lies in the other, or both are the same.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let within = |inner: &str, outer: &str| inner == outer || inner.starts_with(&format!("{outer}/"));
        within(self.as_str(), other.as_str()) || within(other.as_str(), self.as_str())
    }
}
