//! Bucket names by S3's rules, and prefixes.
//! Source: "General purpose bucket naming rules", "Directory bucket naming rules", Amazon S3 User Guide;
//! mount-s3 itself checks only the length and the characters (`mountpoint-s3-fs/src/s3/path.rs`).

use super::Region;
use crate::diagnostic::{Fault, code};
use serde::{Serialize, Serializer};
use std::fmt;

/// What `--bucket` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bucket {
    /// A general purpose bucket.
    General(String),
    /// A directory bucket (S3 Express One Zone).
    Directory {
        /// The whole name, `base--zone--x-s3`.
        name: String,
        /// The zone's id, `usw2-az1`.
        zone: String,
    },
    /// An access point's alias.
    Alias(String),
    /// An access point's ARN.
    AccessPoint {
        /// The ARN.
        arn: String,
        /// Its partition.
        partition: String,
        /// Its region; empty for a multi-region access point.
        region: String,
    },
}

impl Bucket {
    /// What mount-s3 is given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::General(name) | Self::Alias(name) | Self::Directory { name, .. } => name,
            Self::AccessPoint { arn, .. } => arn,
        }
    }

    /// An address of S3 that answers when this bucket can be reached.
    #[must_use]
    pub fn endpoint(&self, region: &Region) -> String {
        match self {
            Self::Directory { name, zone } => format!("https://{name}.s3express-{zone}.{region}.{}/", region.domain()),
            _ => format!("https://s3.{region}.{}/", region.domain()),
        }
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Bucket {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl TryFrom<&str> for Bucket {
    type Error = Fault;

    fn try_from(text: &str) -> Result<Self, Fault> {
        if let Some(rest) = text.strip_prefix("s3://") {
            return Err(url(rest));
        }
        if text.starts_with("arn:") {
            return access_point(text);
        }
        characters(text)?;
        if text.ends_with("-s3alias") {
            return Ok(Self::Alias(text.to_owned()));
        }
        if let Some(base) = text.strip_suffix("--x-s3") {
            return directory(text, base);
        }
        general(text).map(|()| Self::General(text.to_owned()))
    }
}

fn url(rest: &str) -> Fault {
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let help = match prefix.trim_end_matches('/') {
        "" => format!("write `bucket: {bucket}`"),
        prefix => format!("write `bucket: {bucket}` and `prefix: {prefix}/`"),
    };
    Fault::new(&code::BUCKET_URL, "a bucket is named without `s3://`", help)
}

fn access_point(text: &str) -> Result<Bucket, Fault> {
    let fault = |help: &str| Err(Fault::new(&code::BUCKET_ARN, format!("`{text}` is no ARN of an access point"), help));
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let &[_, partition, service, region, account, resource] = parts.as_slice() else {
        return fault("write it as `arn:aws:s3:us-west-2:111122223333:accesspoint/my-access-point`");
    };
    let safe = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || "-./:_".contains(c));
    if let (true, "s3", "", "") = (!resource.contains('/'), service, region, account) {
        return fault(&format!("that is the ARN of a bucket: write its name, `bucket: {resource}`"));
    }
    if !safe(resource) || !partition.starts_with("aws") || !safe(partition) {
        return fault("it has characters that no ARN has: copy it again from the console");
    }
    if service != "s3" || !resource.starts_with("accesspoint/") {
        return fault(
            "only access points of buckets in a region are named by ARN: no outposts, object lambdas and tables",
        );
    }
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return fault("its account is not 12 digits");
    }
    let multi_region = std::path::Path::new(resource).extension().is_some_and(|extension| extension == "mrap");
    if region.is_empty() != multi_region || !(region.is_empty() || Region::try_from(region).is_ok()) {
        return fault("its region does not fit: one access point has a region, a multi-region one (`….mrap`) has none");
    }
    Ok(Bucket::AccessPoint { arn: text.to_owned(), partition: partition.to_owned(), region: region.to_owned() })
}

fn characters(text: &str) -> Result<(), Fault> {
    let fault = |problem: &str, help: String| {
        Err(Fault::new(&code::BUCKET_NAME, format!("`{text}` is no bucket name: {problem}"), help))
    };
    if text.starts_with('<') || text.contains("YOUR") || text.contains("BUCKET_NAME") {
        return fault("it is a placeholder", "write the name of your bucket".to_owned());
    }
    if !(3..=63).contains(&text.len()) {
        return fault("it has fewer than 3 or more than 63 characters", "look it up with `aws s3 ls`".to_owned());
    }
    if let Some((bucket, rest)) = text.split_once('/') {
        return fault(
            "it has a `/`",
            format!("write `bucket: {bucket}` and `prefix: {}/`", rest.trim_end_matches('/')),
        );
    }
    if !text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-') {
        let lower = text.to_lowercase().replace('_', "-");
        return fault(
            "it has other characters than a-z, 0-9, `.` and `-`",
            match lower != text {
                true => format!("bucket names are lower case: did you mean `{lower}`?"),
                false => "look it up with `aws s3 ls`".to_owned(),
            },
        );
    }
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if !edge(text.chars().next()) || !edge(text.chars().last()) {
        return fault("it does not begin and end with a letter or digit", "look it up with `aws s3 ls`".to_owned());
    }
    Ok(())
}

fn directory(text: &str, base: &str) -> Result<Bucket, Fault> {
    let zone = base.rsplit_once("--").map(|(_, zone)| zone);
    let fits = |zone: &&str| zone.contains("-az") && !text.contains('.');
    match zone.filter(fits) {
        Some(zone) => Ok(Bucket::Directory { name: text.to_owned(), zone: zone.to_owned() }),
        None => Err(Fault::new(
            &code::BUCKET_NAME,
            format!("`{text}` is no directory bucket name"),
            "a directory bucket is named `base--zone--x-s3`, such as `my-data--usw2-az1--x-s3`",
        )),
    }
}

fn general(text: &str) -> Result<(), Fault> {
    let name = |problem: &str, help: &str| {
        Err(Fault::new(&code::BUCKET_NAME, format!("`{text}` is no bucket name: {problem}"), help))
    };
    if text.contains("..") || text.contains(".-") || text.contains("-.") {
        return name("a `.` stands beside another `.` or a `-`", "look it up with `aws s3 ls`");
    }
    if text.split('.').count() == 4 && text.split('.').all(|part| part.parse::<u8>().is_ok()) {
        return name("it is an IP address", "look it up with `aws s3 ls`");
    }
    let reserved = ["xn--", "sthree-", "amzn-s3-demo-"].into_iter().find(|start| text.starts_with(start));
    let kept = ["--ol-s3", ".mrap", "--table-s3", "--xa-s3"].into_iter().find(|end| text.ends_with(end));
    match reserved.or(kept) {
        Some(part) => Err(Fault::new(
            &code::BUCKET_RESERVED,
            format!("`{text}` has `{part}`, which S3 keeps for itself"),
            "no such bucket can exist: look it up with `aws s3 ls`",
        )),
        None => Ok(()),
    }
}

/// The beginning of the keys that are mounted: empty for all, else it ends in `/`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Prefix(String);

impl Prefix {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for Prefix {
    type Error = Fault;

    fn try_from(text: &str) -> Result<Self, Fault> {
        let fault = |code, message: &str, help: String| Err(Fault::new(code, message, help));
        let plain = text.trim_matches('/');
        if text.is_empty() {
            return Ok(Self::default());
        }
        if text.starts_with('/') {
            let help = if plain.is_empty() {
                "leave `prefix` out for the whole bucket".to_owned()
            } else {
                format!("write `{plain}/`")
            };
            return fault(&code::PREFIX_START, "keys in S3 do not begin with `/`: nothing would be found", help);
        }
        if !text.ends_with('/') {
            return fault(&code::PREFIX_END, "a prefix ends in `/`", format!("write `{text}/`"));
        }
        if text.contains("//") {
            return fault(&code::PREFIX_PARTS, "a prefix with `//` in it finds nothing", "write one `/`".to_owned());
        }
        if text.split('/').any(|part| part == "." || part == "..") {
            return fault(
                &code::PREFIX_PARTS,
                "`.` and `..` are no directories in S3",
                "write the key as it is".to_owned(),
            );
        }
        if text.chars().any(char::is_control) {
            return fault(&code::PREFIX_PARTS, "a prefix has no control characters", "remove them".to_owned());
        }
        if text.len() > 1024 {
            return fault(
                &code::PREFIX_PARTS,
                "a key in S3 has at most 1,024 bytes",
                "use a shorter prefix".to_owned(),
            );
        }
        if text.contains(['*', '?', '$']) {
            return fault(
                &code::PREFIX_WILDCARD,
                "`*`, `?` and `$` in a prefix would be wildcards and variables in the IAM policy",
                "mount a prefix without them, and choose below it".to_owned(),
            );
        }
        Ok(Self(text.to_owned()))
    }
}
