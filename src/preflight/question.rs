//! What an account is asked, and what it answers. No code here opens a connection.

use crate::plan::SelectorTerm;
use std::collections::BTreeMap;
use std::fmt;

/// Something that an account is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// The zones of the region.
    Zones,
    /// The instance types of this name, or with `*` of this family.
    Types(String),
    /// Where these instance types are offered.
    Offerings(Vec<String>),
    /// The AMI that a parameter of EKS names.
    Parameter(String),
    /// The AMIs that these terms find.
    Images(ImageTerms),
    /// The subnets that a term finds.
    Subnets(SelectorTerm),
    /// The security groups that a term finds.
    SecurityGroups(SelectorTerm),
    /// The endpoints in a VPC.
    Endpoints(String),
    /// The route tables of a VPC.
    RouteTables(String),
    /// The region of a bucket, asked in the region where it should be.
    Bucket {
        /// What mount-s3 is given.
        name: String,
        /// The region.
        region: String,
    },
    /// Whether an instance could be launched.
    Launch(Launch),
}

/// What finds AMIs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageTerms {
    /// By id.
    pub id: Option<String>,
    /// By filters: name, and what it must match.
    pub filters: Vec<(String, String)>,
    /// Whose they are.
    pub owners: Vec<String>,
}

/// An instance that could be launched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Launch {
    /// The class, for messages.
    pub class: String,
    /// The AMI's id.
    pub image: String,
    /// The instance type.
    pub instance_type: String,
    /// The subnet's id.
    pub subnet: String,
    /// The ids of the security groups.
    pub security_groups: Vec<String>,
    /// The instance profile.
    pub instance_profile: Option<String>,
    /// The user data, in the clear.
    pub user_data: Option<String>,
    /// Whether from spare capacity.
    pub spot: bool,
}

impl Question {
    /// What IAM has to allow for it.
    #[must_use]
    pub fn action(&self) -> &'static str {
        match self {
            Self::Zones => "ec2:DescribeAvailabilityZones",
            Self::Types(_) => "ec2:DescribeInstanceTypes",
            Self::Offerings(_) => "ec2:DescribeInstanceTypeOfferings",
            Self::Parameter(_) => "ssm:GetParameter",
            Self::Images(_) => "ec2:DescribeImages",
            Self::Subnets(_) => "ec2:DescribeSubnets",
            Self::SecurityGroups(_) => "ec2:DescribeSecurityGroups",
            Self::Endpoints(_) => "ec2:DescribeVpcEndpoints",
            Self::RouteTables(_) => "ec2:DescribeRouteTables",
            Self::Bucket { name, .. } if name.ends_with("--x-s3") => "s3express:CreateSession",
            Self::Bucket { .. } => "s3:ListBucket",
            Self::Launch(_) => "ec2:RunInstances",
        }
    }
}

/// What is asked for, as a sentence names it.
impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zones => write!(f, "the zones of the region"),
            Self::Types(name) => write!(f, "the instance types `{name}`"),
            Self::Offerings(types) => write!(f, "the zones that offer `{}`", types.join("`, `")),
            Self::Parameter(name) => write!(f, "the AMI of the parameter {name}"),
            Self::Images(ImageTerms { id: Some(id), .. }) => write!(f, "the AMI {id}"),
            Self::Images(ImageTerms { filters, .. }) => write!(f, "the AMIs with {}", pairs(filters)),
            Self::Subnets(term) => write!(f, "the subnets with {}", pairs(&term.filters("id"))),
            Self::SecurityGroups(term) => write!(f, "the security groups with {}", pairs(&term.filters("id"))),
            Self::Endpoints(vpc) => write!(f, "the endpoints in {vpc}"),
            Self::RouteTables(vpc) => write!(f, "the route tables of {vpc}"),
            Self::Bucket { name, .. } => write!(f, "the bucket `{name}`"),
            Self::Launch(launch) => write!(f, "a launch of {} for class `{}`", launch.instance_type, launch.class),
        }
    }
}

fn pairs(filters: &[(String, String)]) -> String {
    filters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" and ")
}

/// An answer, of the variant of its question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The zones.
    Zones(Vec<Zone>),
    /// The instance types.
    Types(Vec<InstanceType>),
    /// The instance types and where they are offered.
    Offerings(Vec<Offering>),
    /// The AMI's id; none where there is no such parameter.
    Parameter(Option<String>),
    /// The AMIs.
    Images(Vec<Image>),
    /// The subnets.
    Subnets(Vec<Subnet>),
    /// The security groups.
    SecurityGroups(Vec<SecurityGroup>),
    /// The endpoints.
    Endpoints(Vec<Endpoint>),
    /// The route tables.
    RouteTables(Vec<RouteTable>),
    /// The bucket's region; none where there is no such bucket.
    Bucket(Option<String>),
    /// Why it could not be launched, in EC2's words; none where it could.
    Launch(Option<String>),
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unanswered {
    /// The credentials may not ask: the action that IAM has to allow.
    Denied(String),
    /// Something else, in words.
    Failed(String),
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied(action) => write!(f, "the credentials lack `{action}`"),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Unanswered {}

/// All that is known.
pub type Answers = BTreeMap<Question, Result<Answer, Unanswered>>;

/// A zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its name in this account, `us-west-2a`.
    pub name: String,
    /// Its id in all accounts, `usw2-az1`.
    pub id: String,
}

/// An instance type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceType {
    /// Its name.
    pub name: String,
    /// Its architectures, as EC2 names them: `x86_64`, `arm64`.
    pub architectures: Vec<String>,
    /// Its virtual processors.
    pub cpus: u64,
    /// Its memory, in MiB.
    pub memory_mib: u64,
    /// All of its local NVMe disks together, in GB (10^9 bytes); none where it has no such disk.
    pub store_gb: Option<u64>,
}

/// An instance type in a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offering {
    /// The instance type.
    pub instance_type: String,
    /// The zone's name.
    pub zone: String,
}

/// An AMI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its architecture, as EC2 names it.
    pub architecture: String,
    /// When it was made, as ISO 8601.
    pub created: String,
    /// When it is deprecated, as ISO 8601.
    pub deprecated: Option<String>,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Its id.
    pub id: String,
    /// Its zone's name.
    pub zone: String,
    /// Its zone's id.
    pub zone_id: String,
    /// Its VPC.
    pub vpc: String,
    /// How many addresses are free.
    pub addresses: u64,
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Its id.
    pub id: String,
    /// Its VPC.
    pub vpc: String,
}

/// An endpoint in a VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The service, `com.amazonaws.us-west-2.s3`.
    pub service: String,
    /// How it is reached.
    pub kind: EndpointKind,
}

/// How an endpoint is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointKind {
    /// By a route in these route tables.
    Gateway(Vec<String>),
    /// By the public name of the service, in the whole VPC.
    PrivateName,
    /// By a name of its own, that mount-s3 does not use.
    OwnName,
}

/// A route table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteTable {
    /// Its id.
    pub id: String,
    /// Whether subnets without one of their own use it.
    pub main: bool,
    /// The subnets that it is for.
    pub subnets: Vec<String>,
    /// Where what is not of the VPC goes.
    pub out: WayOut,
}

/// Where what is not of a VPC goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayOut {
    /// Nowhere.
    None,
    /// Through a NAT gateway, which costs by the byte.
    Nat,
    /// Elsewhere: an internet gateway, a transit gateway, a firewall.
    Other,
}
