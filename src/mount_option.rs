//! The options of mount-s3, one row each. Adding one is a row.
//! Source: `mount-s3 --help` of 1.23.0 and 1.24.0-dev, and `mountpoint-s3-fs/src/config` for what it accepts silently.

use crate::diagnostic::{Fault, choose, code, did_you_mean};
use crate::manifest::Preset;
use crate::plan::Version;
use serde::{Serialize, Serializer};

/// What an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: it is there or not.
    Flag,
    /// Any text without control characters.
    Text,
    /// An absolute path.
    Path,
    /// An `https://` or `http://` address.
    Url,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A whole number in this range, and its unit.
    Number(u64, u64, &'static str),
    /// An octal file mode of at most `0777`.
    Octal,
    /// Seconds in this range, or `minimal`, or `indefinite`.
    Ttl,
    /// An account id.
    Account,
    /// The ARN of a KMS key.
    KmsKey,
    /// A directory bucket.
    DirectoryBucket,
}

/// Who sets an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The user, under `options`.
    Options,
    /// A key of the manifest, or s3boot itself; the text says what to do instead.
    Elsewhere(&'static str),
}

/// One option.
#[derive(Debug, PartialEq, Eq)]
pub struct MountOption {
    /// Its long name without the dashes: the key in the manifest, in `--key` and in fstab.
    pub key: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// The first version of mount-s3 that has it.
    pub since: Version,
    /// Options that cannot be given with it.
    pub conflicts: &'static [&'static str],
    /// An option that it needs.
    pub requires: Option<&'static str>,
    /// Whether it only matters to writers.
    pub writes: bool,
    /// Who sets it.
    pub owner: Owner,
    /// Why the CSI driver does not take it (mountpoint-s3-csi-driver `pkg/mountpoint/args.go`, 2.7), if it does not.
    pub csi_refuses: Option<&'static str>,
    /// What it does.
    pub doc: &'static str,
}

/// A row with what every option has; the methods below add the rest.
const fn row(key: &'static str, kind: Kind, since: Version, doc: &'static str) -> MountOption {
    MountOption {
        key,
        kind,
        since,
        conflicts: &[],
        requires: None,
        writes: false,
        owner: Owner::Options,
        csi_refuses: None,
        doc,
    }
}

impl MountOption {
    const fn conflicts(mut self, others: &'static [&'static str]) -> Self {
        self.conflicts = others;
        self
    }

    const fn requires(mut self, other: &'static str) -> Self {
        self.requires = Some(other);
        self
    }

    const fn writes(mut self) -> Self {
        self.writes = true;
        self
    }

    const fn csi_refuses(mut self, why: &'static str) -> Self {
        self.csi_refuses = Some(why);
        self
    }

    const fn elsewhere(mut self, instead: &'static str) -> Self {
        self.owner = Owner::Elsewhere(instead);
        self
    }
}

const FIRST: Version = Version(1, 0, 0);
const ID: Kind = Kind::Number(1, 4_294_967_295, "a numeric id");
const PART: Kind = Kind::Number(5 * 1024 * 1024, 5 * 1024 * 1024 * 1024, "bytes");
const COUNT: Kind = Kind::Number(1, u64::MAX, "a count");

/// Every option of mount-s3.
#[rustfmt::skip]
pub static MOUNT_OPTIONS: &[MountOption] = &[
    row("allow-delete", Kind::Flag, FIRST, "Allow deleting objects").writes(),
    row("allow-other", Kind::Flag, FIRST, "Let other users read the mount").conflicts(&["allow-root"])
        .elsewhere("remove it: s3boot always gives it, since pods run as other users than root"),
    row("allow-overwrite", Kind::Flag, Version(1, 4, 0), "Allow replacing whole objects").writes(),
    row("allow-root", Kind::Flag, FIRST, "Let root read the mount").conflicts(&["allow-other"])
        .elsewhere("remove it: s3boot gives `--allow-other`, which excludes it"),
    row("auto-unmount", Kind::Flag, FIRST, "Unmount when the process ends")
        .elsewhere("remove it: systemd unmounts, and its helper would fight it"),
    row("bind", Kind::Text, Version(1, 9, 0), "Network interface to use").csi_refuses("the interfaces of the node are not those of its pods"),
    row("bucket-type", Kind::Choice(&["general-purpose", "directory"]), Version(1, 3, 0), "Type of the bucket, where the name does not tell"),
    row("ca-bundle", Kind::Path, Version(1, 23, 0), "Certificates to trust").csi_refuses("it has no way to bring the file into its pod, and refuses the option since 2.8"),
    row("cache", Kind::Path, Version(1, 2, 0), "Directory of the cache").elsewhere("write `cache: {on: …, size: …}` on the mount"),
    row("cache-xz", Kind::DirectoryBucket, Version(1, 11, 0), "Directory bucket as a shared cache of small objects"),
    row("debug", Kind::Flag, FIRST, "Debug log").conflicts(&["no-log"]),
    row("debug-crt", Kind::Flag, FIRST, "Debug log of the S3 client").conflicts(&["no-log"]),
    row("dir-mode", Kind::Octal, FIRST, "Mode of directories"),
    row("dual-stack", Kind::Flag, FIRST, "Use IPv6 and IPv4"),
    row("endpoint-url", Kind::Url, FIRST, "Address of S3"),
    row("expected-bucket-owner", Kind::Account, FIRST, "Account that must own the bucket"),
    row("file-mode", Kind::Octal, FIRST, "Mode of files"),
    row("force-path-style", Kind::Flag, FIRST, "Put the bucket into the path of requests"),
    row("foreground", Kind::Flag, FIRST, "Do not go to the background")
        .elsewhere("remove it: systemd needs mount-s3 in the background to know when it is mounted"),
    row("gid", ID, FIRST, "Group that owns the files; 0 cannot be given"),
    row("incremental-upload", Kind::Flag, Version(1, 12, 0), "Allow appending, on directory buckets").writes(),
    row("infer-content-type", Kind::Flag, Version(1, 23, 0), "Set the content type of new objects").writes(),
    row("log-directory", Kind::Path, FIRST, "Directory of log files, which nothing rotates").conflicts(&["no-log"])
        .csi_refuses("it logs to stdout: `kubectl logs -n mount-s3`"),
    row("log-metrics", Kind::Flag, FIRST, "Log metrics").conflicts(&["no-log"]),
    row("max-cache-size", Kind::Number(0, u64::MAX, "MiB"), Version(1, 2, 0), "Size of the cache")
        .elsewhere("write `cache: {on: …, size: …}` on the mount"),
    row("max-threads", COUNT, FIRST, "Threads that serve the file system"),
    row("maximum-throughput-gbps", Kind::Number(1, 10_000, "Gbit/s"), FIRST, "Throughput to aim at; several mounts share the node's"),
    row("memory-target", Kind::Number(512, u64::MAX, "MiB"), Version(1, 24, 0), "Memory to stay below"),
    row("metadata-ttl", Kind::Ttl, Version(1, 2, 0), "How long metadata is kept"),
    row("negative-metadata-ttl", Kind::Ttl, Version(1, 15, 0), "How long it is kept that a file does not exist"),
    row("no-log", Kind::Flag, FIRST, "Log nothing").conflicts(&["log-directory", "debug", "debug-crt", "log-metrics"]),
    row("no-sign-request", Kind::Flag, FIRST, "Send requests unsigned, to public buckets").conflicts(&["profile"]),
    row("otlp-endpoint", Kind::Url, Version(1, 21, 0), "Where to send metrics"),
    row("otlp-export-interval", Kind::Number(1, u64::MAX, "seconds"), Version(1, 21, 0), "How often to send metrics").requires("otlp-endpoint"),
    row("part-size", PART, FIRST, "Size of requests").conflicts(&["read-part-size", "write-part-size"]),
    row("prefix", Kind::Text, FIRST, "Beginning of the keys").elsewhere("write `prefix:` on the mount"),
    row("profile", Kind::Text, FIRST, "Profile of the credentials").csi_refuses("its pod has no profiles; credentials are those of `credentials:`"),
    row("read-only", Kind::Flag, FIRST, "Forbid writing").elsewhere("write `mode: read-only` on the mount"),
    row("read-part-size", PART, Version(1, 8, 0), "Size of reads").conflicts(&["part-size"]),
    row("region", Kind::Text, FIRST, "Region of the bucket").elsewhere("write `region:` on the mount"),
    row("requester-pays", Kind::Flag, FIRST, "Pay for the requests"),
    row("sse", Kind::Choice(&["aws:kms", "aws:kms:dsse", "AES256"]), Version(1, 6, 0), "Encryption of new objects").writes(),
    row("sse-kms-key-id", Kind::KmsKey, Version(1, 6, 0), "KMS key of new objects").requires("sse").writes(),
    row("storage-class", Kind::Choice(&["STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR", "EXPRESS_ONEZONE"]), FIRST, "Storage class of new objects").writes(),
    row("transfer-acceleration", Kind::Flag, FIRST, "Use S3 Transfer Acceleration"),
    row("uid", ID, FIRST, "User who owns the files; 0 cannot be given"),
    row("upload-checksums", Kind::Choice(&["crc32c", "crc64nvme", "off"]), Version(1, 7, 0), "Checksums of new objects").writes(),
    row("user-agent-prefix", Kind::Text, Version(1, 1, 0), "Beginning of the user agent").csi_refuses("it sets its own"),
    row("write-part-size", PART, Version(1, 8, 0), "Size of writes; an object has at most 10,000 of them").conflicts(&["part-size"]).writes(),
];

/// An option and its value, if it takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The option.
    pub option: &'static MountOption,
    /// The value as mount-s3 takes it; none for a flag.
    pub value: Option<String>,
}

impl Setting {
    /// The word of the command line for it; one word, so that a value that begins with `-` is no option.
    #[must_use]
    pub fn argument(&self) -> String {
        match &self.value {
            Some(value) => format!("--{}={value}", self.option.key),
            None => format!("--{}", self.option.key),
        }
    }
}

impl Serialize for Setting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            Some(value) => serializer.collect_str(&format_args!("{}={value}", self.option.key)),
            None => serializer.serialize_str(self.option.key),
        }
    }
}

/// The option of this name that users may set.
///
/// # Errors
/// It is unknown, or another key sets it.
pub fn find(key: &str) -> Result<&'static MountOption, Fault> {
    let Some(option) = MOUNT_OPTIONS.iter().find(|option| option.key == key) else {
        return Err(unknown(key));
    };
    match option.owner {
        Owner::Options => Ok(option),
        Owner::Elsewhere(instead) => {
            Err(Fault::new(&code::OPTION_MANAGED, format!("`{key}` is not set under `options`"), instead))
        }
    }
}

fn unknown(key: &str) -> Fault {
    let known = || MOUNT_OPTIONS.iter().filter(|option| option.owner == Owner::Options).map(|option| option.key);
    let bare = key.trim_start_matches('-');
    let help = match key {
        "max-memory-target" => "no released mount-s3 has it; since 1.24.0 there is `memory-target`".to_owned(),
        "cache-block-size" => "no released mount-s3 has it".to_owned(),
        _ => match did_you_mean(bare, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`mount-s3 --help` lists them; write them without the dashes".to_owned(),
        },
    };
    Fault::new(&code::UNKNOWN_OPTION, format!("mount-s3 has no option `{key}`"), help)
}

impl MountOption {
    /// The option with this value; none where a flag is switched off.
    ///
    /// # Errors
    /// The value does not fit.
    pub fn set(&'static self, value: &str) -> Result<Option<Setting>, Fault> {
        let wrong =
            |help: String| Fault::new(&code::OPTION_VALUE, format!("`{value}` is no value for `{}`", self.key), help);
        let accept = |fits: bool, help: &str| if fits { Ok(value.to_owned()) } else { Err(wrong(help.to_owned())) };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let value = match self.kind {
            Kind::Flag => {
                return match value {
                    "true" => Ok(Some(Setting { option: self, value: None })),
                    "false" => Ok(None),
                    _ => Err(wrong("it takes none: write `true`, or leave it out".to_owned())),
                };
            }
            Kind::Text => accept(
                !value.is_empty() && !value.chars().any(char::is_control),
                "write text without control characters",
            ),
            Kind::Path => accept(
                value.starts_with('/') && !value.chars().any(char::is_control),
                "write an absolute path, such as `/var/log/mount-s3`",
            ),
            Kind::Url => accept(
                (value.starts_with("https://") || value.starts_with("http://"))
                    && value.chars().all(|c| c.is_ascii_graphic()),
                "write an address, such as `https://s3.us-west-2.amazonaws.com`",
            ),
            Kind::Choice(values) => match values.contains(&value) {
                true => Ok(value.to_owned()),
                false => Err(wrong(choose(value, values))),
            },
            Kind::Number(least, most, unit) => {
                let fits = digits(value) && value.parse::<u64>().is_ok_and(|number| (least..=most).contains(&number));
                let range = match most {
                    u64::MAX => format!("at least {least}"),
                    _ => format!("{least} to {most}"),
                };
                accept(fits, &format!("write a whole number ({unit}), {range}"))
            }
            Kind::Octal => accept(
                (3..=4).contains(&value.len())
                    && value.bytes().all(|byte| (b'0'..=b'7').contains(&byte))
                    && u32::from_str_radix(value, 8).is_ok_and(|mode| mode <= 0o777),
                "write an octal mode of at most 0777, such as `0644`",
            ),
            Kind::Ttl => accept(
                matches!(value, "minimal" | "indefinite")
                    || (digits(value)
                        && value.parse::<u64>().is_ok_and(|seconds| (1..=3_153_600_000).contains(&seconds))),
                "write seconds (1 to 3153600000), `minimal` or `indefinite`; 0 is an old name of `minimal`",
            ),
            Kind::Account => accept(value.len() == 12 && digits(value), "write the account's 12 digits, in quotes"),
            Kind::KmsKey => accept(
                value.starts_with("arn:") && value.contains(":key/") && value.chars().all(|c| c.is_ascii_graphic()),
                "write the key's ARN: `arn:aws:kms:us-west-2:111122223333:key/…`; mount-s3 takes no alias",
            ),
            Kind::DirectoryBucket => accept(
                matches!(crate::plan::Bucket::try_from(value), Ok(crate::plan::Bucket::Directory { .. })),
                "write a directory bucket, such as `my-cache--usw2-az1--x-s3`",
            ),
        }?;
        Ok(Some(Setting { option: self, value: Some(value) }))
    }
}

impl Preset {
    /// The options it stands for.
    #[must_use]
    pub const fn options(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Jars | Self::Models => &[("metadata-ttl", "indefinite"), ("negative-metadata-ttl", "60")],
            Self::Dataset => &[("metadata-ttl", "60")],
            Self::Output => &[("dir-mode", "0775"), ("file-mode", "0664"), ("uid", "185")],
        }
    }
}
