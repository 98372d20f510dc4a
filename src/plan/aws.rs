//! Names of AWS: regions, accounts, roles, instance families.

use super::checked_text;
use super::kubernetes::is_subdomain;
use crate::diagnostic::{Fault, code};
use crate::manifest::Arch;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::net::Ipv4Addr;

checked_text!(
    /// An AWS region, such as `us-west-2`.
    Region,
    |text| match is_region(text) {
        true => Ok(()),
        false => Err(Fault::new(
            &code::REGION,
            format!("`{text}` is no AWS region"),
            match text.strip_suffix(|c: char| c.is_ascii_lowercase()).filter(|text| is_region(text)) {
                Some(region) => format!("that is a zone; its region is `{region}`"),
                None => "write it as `us-west-2`".to_owned(),
            },
        )),
    }
);

checked_text!(
    /// An availability zone, such as `us-west-2a`, or a local zone, such as `us-west-2-lax-1a`.
    Zone,
    |text| {
        let zone = text.strip_suffix(|c: char| c.is_ascii_lowercase());
        let local = |text: &str| text.splitn(4, '-').collect::<Vec<_>>().len() == 4;
        match zone.is_some_and(|text| is_region(text) || local(text)) {
            true => Ok(()),
            false => Err(Fault::new(&code::ZONE, format!("`{text}` is no availability zone"), "write it as `us-west-2a`")),
        }
    }
);

checked_text!(
    /// An account id: 12 digits.
    AccountId,
    |text| match text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Ok(()),
        false => Err(Fault::new(
            &code::ACCOUNT,
            format!("`{text}` is no AWS account id"),
            "write its 12 digits, in quotes: YAML drops the zeros that an unquoted one may begin with",
        )),
    }
);

checked_text!(
    /// The bare name of an IAM role or instance profile.
    RoleName,
    |text| {
        if text.len() <= 64 && !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) {
            return Ok(());
        }
        let bare = text.rsplit('/').next().unwrap_or(text);
        let help = match bare != text && !bare.is_empty() {
            true => format!("write the bare name: `{bare}`. Karpenter compares it literally, and an ARN or path never matches"),
            false => "write the bare name: at most 64 of A-Z, a-z, 0-9 and `_+=,.@-`".to_owned(),
        };
        Err(Fault::new(&code::ROLE_NAME, format!("`{text}` is no name of a role"), help))
    }
);

checked_text!(
    /// An instance family, such as `r6id` or `u-6tb1`.
    InstanceFamily,
    |text| match is_family(text) {
        true => Ok(()),
        false => Err(Fault::new(
            &code::INSTANCE_FAMILY,
            format!("`{text}` is no instance family"),
            match text.split_once('.') {
                Some((family, _)) if is_family(family) => {
                    format!("that is an instance type: put it under `types`, or write the family `{family}`")
                }
                _ => "write it as `r6id` or `m7gd`".to_owned(),
            },
        )),
    }
);

checked_text!(
    /// An instance type, such as `r6id.4xlarge`.
    InstanceType,
    |text| {
        let size = |size: &str| {
            size == "metal" || size.starts_with("metal-") || ["nano", "micro", "small", "medium"].contains(&size) || size.ends_with("large")
        };
        match text.split_once('.') {
            Some((family, rest)) if is_family(family) && size(rest) => Ok(()),
            _ => Err(Fault::new(&code::INSTANCE_TYPE, format!("`{text}` is no instance type"), "write it as `r6id.4xlarge`")),
        }
    }
);

checked_text!(
    /// The address of a cluster's API server.
    Endpoint,
    |text| {
        let host = text.strip_prefix("https://").unwrap_or_default();
        match is_subdomain(&host.to_lowercase()) && host.contains('.') {
            true => Ok(()),
            false => Err(Fault::new(
                &code::CLUSTER_ENDPOINT,
                format!("`{text}` is no address of an API server"),
                "write it as `aws eks describe-cluster --query cluster.endpoint` prints it: `https://….eks.amazonaws.com`, without a path",
            )),
        }
    }
);

checked_text!(
    /// A cluster's certificate authority, in base64.
    ClusterCa,
    |text| {
        let decoded = STANDARD.decode(text).unwrap_or_default();
        match decoded.starts_with(b"-----BEGIN CERTIFICATE-----") {
            true => Ok(()),
            false => Err(Fault::new(
                &code::CLUSTER_CA,
                "this is no certificate in base64",
                "write what `aws eks describe-cluster --query cluster.certificateAuthority.data` prints, on one line",
            )),
        }
    }
);

checked_text!(
    /// A range of IPv4 addresses, such as `10.100.0.0/16`.
    Cidr,
    |text| {
        let fits = text.split_once('/').is_some_and(|(address, bits)| {
            let host = |bits: u32| u32::MAX.checked_shr(bits).unwrap_or(0);
            match (address.parse::<Ipv4Addr>(), bits.parse::<u32>()) {
                (Ok(address), Ok(bits @ 8..=28)) => u32::from(address) & host(bits) == 0 && !text.contains("/0"),
                _ => false,
            }
        });
        match fits {
            true => Ok(()),
            false => Err(Fault::new(
                &code::CLUSTER_CIDR,
                format!("`{text}` is no range of service addresses"),
                "write what `aws eks describe-cluster --query cluster.kubernetesNetworkConfig.serviceIpv4Cidr` prints, such as `10.100.0.0/16`",
            )),
        }
    }
);

fn is_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let word = |part: &&str| part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.split_last() {
        Some((number, words)) => {
            (2..=3).contains(&words.len())
                && words.iter().all(word)
                && words[0].len() <= 4
                && words[words.len() - 1].len() >= 4
                && number.len() == 1
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        None => false,
    }
}

fn is_family(text: &str) -> bool {
    text.len() <= 16
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && text.contains(|c: char| c.is_ascii_digit())
}

impl Region {
    /// The partition of its ARNs.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        const PARTITIONS: &[(&str, &str)] = &[
            ("cn-", "aws-cn"),
            ("us-gov-", "aws-us-gov"),
            ("us-isob-", "aws-iso-b"),
            ("us-isof-", "aws-iso-f"),
            ("us-iso-", "aws-iso"),
            ("eu-isoe-", "aws-iso-e"),
            ("eusc-", "aws-eusc"),
        ];
        PARTITIONS.iter().find(|(start, _)| self.0.starts_with(start)).map_or("aws", |(_, partition)| partition)
    }

    /// The domain of its service endpoints.
    #[must_use]
    pub fn domain(&self) -> &'static str {
        match self.partition() {
            "aws-cn" => "amazonaws.com.cn",
            "aws-iso" => "c2s.ic.gov",
            "aws-iso-b" => "sc2s.sgov.gov",
            "aws-iso-e" => "cloud.adc-e.uk",
            "aws-iso-f" => "csp.hci.ic.gov",
            "aws-eusc" => "amazonaws.eu",
            _ => "amazonaws.com",
        }
    }

    /// How the ids of its zones begin: `usw2` for `us-west-2`, `apne1` for `ap-northeast-1`.
    #[must_use]
    pub fn zone_id_prefix(&self) -> String {
        let parts: Vec<_> = self.0.split('-').collect();
        let short = |word: &str| match word {
            "northeast" => "ne".to_owned(),
            "northwest" => "nw".to_owned(),
            "southeast" => "se".to_owned(),
            "southwest" => "sw".to_owned(),
            "gov" => "g".to_owned(),
            other => other.chars().take(1).collect(),
        };
        let middle: String = parts[1..parts.len() - 1].iter().map(|word| short(word)).collect();
        format!("{}{middle}{}", parts[0], parts[parts.len() - 1])
    }
}

impl InstanceType {
    /// Its family.
    ///
    /// # Panics
    /// Never: a type begins with a family.
    #[must_use]
    pub fn family(&self) -> InstanceFamily {
        InstanceFamily(self.0.split('.').next().expect("split gives one part").to_owned())
    }
}

impl InstanceFamily {
    /// The letters before the generation and those after it: `("r", "id")` for `r6id`.
    fn letters(&self) -> (&str, &str) {
        let digit = self.0.find(|c: char| c.is_ascii_digit()).unwrap_or(self.0.len());
        let after = self.0[digit..].find(|c: char| !c.is_ascii_digit()).map_or(self.0.len(), |at| digit + at);
        (&self.0[..digit], &self.0[after..])
    }

    /// Its architecture: Graviton families have a `g` after the generation, and `a1`, the first, has none.
    #[must_use]
    pub fn arch(&self) -> Arch {
        let (kind, attributes) = self.letters();
        match kind == "a" || attributes.starts_with('g') {
            true => Arch::Arm64,
            false => Arch::Amd64,
        }
    }

    /// Whether it has GPUs, Trainium, Inferentia or Gaudi (AWS, "Accelerated computing").
    #[must_use]
    pub fn has_accelerators(&self) -> bool {
        matches!(self.letters().0, "g" | "gr" | "p" | "p-" | "trn" | "inf" | "dl")
    }

    /// Whether every size of it that can be had has local NVMe disks (AWS, "Amazon EC2 instance types: instance store").
    /// Families that have them in some sizes only count as having none.
    #[must_use]
    pub fn has_instance_store(&self) -> bool {
        const WITHOUT_D: &[&str] = &[
            "dl1", "f1", "f2", "g4ad", "g5", "g6", "g6e", "g6f", "gr6", "gr6f", "g7", "g7e", "p5", "p5e", "p5en",
            "trn1", "trn1n", "trn2", "trn2u",
        ];
        // Disks that are no NVMe: the AMI does not set them up.
        const OTHER_DISKS: &[&str] = &["d2", "h1", "i2", "x1", "x1e"];
        let (kind, attributes) = self.letters();
        let storage = matches!(kind, "i" | "im" | "is" | "d" | "z");
        let plain = matches!(kind, "a" | "c" | "g" | "hpc" | "m" | "p" | "r" | "x");
        let nvme = storage
            || WITHOUT_D.contains(&self.as_str())
            || (plain && attributes.contains('d'))
            || self.0.starts_with("p6");
        nvme && !OTHER_DISKS.contains(&self.as_str())
    }
}

impl Cidr {
    /// The address of the cluster's DNS: the tenth of the range, as EKS has it.
    ///
    /// # Panics
    /// Never: a range has an address.
    #[must_use]
    pub fn dns(&self) -> String {
        let network = self.0.split('/').next().and_then(|address| address.parse::<Ipv4Addr>().ok());
        Ipv4Addr::from(u32::from(network.expect("a range has an address")) + 10).to_string()
    }
}
