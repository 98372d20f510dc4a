//! What the commands ask of an account, and the least that IAM has to allow for it.
//! Source: the service authorization references of EC2, EKS, S3 and Systems Manager.

use crate::family::Published;
use crate::manifest::NodesFrom;
use crate::plan::{Class, Plan};
use crate::target::iam::{Policy, Resources, Statement, buckets};

/// A command that asks an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Verb {
    /// `s3boot preflight`: read, and try a launch without launching.
    Preflight,
    /// `s3boot drift`: read.
    Drift,
    /// `s3boot publish`: make versions of launch templates, and with `--set-default` choose one.
    Publish,
}

/// An action that a command takes, and on what.
#[derive(Debug)]
pub struct Permission {
    /// The action, as IAM names it.
    pub action: &'static str,
    /// The commands that take it.
    pub verbs: &'static [Verb],
    sid: &'static str,
    resources: fn(&Plan, &[&Class]) -> Vec<String>,
}

/// Every action, a row each.
pub static PERMISSIONS: &[Permission] = &[
    describe("ec2:DescribeAvailabilityZones", &[Verb::Preflight]),
    describe("ec2:DescribeImages", &[Verb::Preflight]),
    describe("ec2:DescribeInstanceTypeOfferings", &[Verb::Preflight]),
    describe("ec2:DescribeInstanceTypes", &[Verb::Preflight]),
    describe("ec2:DescribeRouteTables", &[Verb::Preflight]),
    describe("ec2:DescribeSecurityGroups", &[Verb::Preflight]),
    describe("ec2:DescribeSubnets", &[Verb::Preflight]),
    describe("ec2:DescribeVpcEndpoints", &[Verb::Preflight]),
    describe("ec2:DescribeLaunchTemplateVersions", &[Verb::Drift, Verb::Publish]),
    Permission { action: "ssm:GetParameter", verbs: &[Verb::Preflight], sid: "Amis", resources: parameters },
    Permission { action: "s3:ListBucket", verbs: &[Verb::Preflight], sid: "Buckets", resources: general_buckets },
    Permission {
        action: "s3express:CreateSession",
        verbs: &[Verb::Preflight],
        sid: "DirectoryBuckets",
        resources: directory_buckets,
    },
    Permission { action: "ec2:RunInstances", verbs: &[Verb::Preflight], sid: "Launch", resources: launched },
    Permission { action: "iam:PassRole", verbs: &[Verb::Preflight], sid: "Role", resources: passed_roles },
    Permission { action: "eks:DescribeNodegroup", verbs: &[Verb::Drift], sid: "NodeGroups", resources: node_groups },
    Permission {
        action: "ec2:CreateLaunchTemplateVersion",
        verbs: &[Verb::Publish],
        sid: "Versions",
        resources: launch_templates,
    },
    Permission {
        action: "ec2:ModifyLaunchTemplate",
        verbs: &[Verb::Publish],
        sid: "SetDefault",
        resources: launch_templates,
    },
];

/// What EC2 describes, it describes to all or none: no such action takes a resource.
const fn describe(action: &'static str, verbs: &'static [Verb]) -> Permission {
    Permission { action, verbs, sid: "Describe", resources: |_, _| vec!["*".to_owned()] }
}

/// The least that a command needs for these classes.
#[must_use]
pub fn policy(verb: Verb, plan: &Plan, classes: &[&Class]) -> Policy {
    let mut statements: Vec<Statement> = Vec::new();
    for permission in PERMISSIONS.iter().filter(|permission| permission.verbs.contains(&verb)) {
        let resources = (permission.resources)(plan, classes);
        match statements.iter_mut().find(|statement| statement.sid() == permission.sid) {
            _ if resources.is_empty() => {}
            Some(statement) => statement.also(permission.action),
            None => statements.push(Statement::of(permission.sid, permission.action, resources)),
        }
    }
    Policy::of(statements)
}

/// `arn:aws:SERVICE:REGION:ACCOUNT:`, of any account where the manifest does not say which.
fn arn(plan: &Plan, service: &str, rest: &str) -> String {
    let region = &plan.cluster.region;
    let account = plan.cluster.account.as_ref().map_or("*", |account| account.as_str());
    format!("arn:{}:{service}:{region}:{account}:{rest}", region.partition())
}

fn parameters(plan: &Plan, classes: &[&Class]) -> Vec<String> {
    let region = &plan.cluster.region;
    let paths = classes.iter().filter_map(|class| class.ami.family.published).map(Published::path);
    sorted(paths.map(|path| format!("arn:{}:ssm:{region}::parameter{path}/*", region.partition())).collect())
}

fn general_buckets(plan: &Plan, classes: &[&Class]) -> Vec<String> {
    let of = |resources| match resources {
        Resources::Objects { bucket, .. } => Some(bucket),
        Resources::Session(_) => None,
    };
    each_bucket(plan, classes, of)
}

fn directory_buckets(plan: &Plan, classes: &[&Class]) -> Vec<String> {
    let of = |resources| match resources {
        Resources::Objects { .. } => None,
        Resources::Session(bucket) => Some(bucket),
    };
    each_bucket(plan, classes, of)
}

fn each_bucket(plan: &Plan, classes: &[&Class], of: fn(Resources) -> Option<String>) -> Vec<String> {
    let mounts = classes.iter().flat_map(|class| &class.mounts);
    sorted(mounts.filter_map(|mount| of(buckets(plan, mount))).collect())
}

/// EC2 has no permission to try a launch only: who may try it may do it.
fn launched(plan: &Plan, classes: &[&Class]) -> Vec<String> {
    if !classes.iter().any(|class| class.nodes.from != NodesFrom::Existing) {
        return Vec::new();
    }
    let of_account = ["instance", "network-interface", "security-group", "subnet", "volume"]
        .map(|kind| arn(plan, "ec2", &format!("{kind}/*")));
    let region = &plan.cluster.region;
    let of_nobody = ["image", "snapshot"].map(|kind| format!("arn:{}:ec2:{region}::{kind}/*", region.partition()));
    of_account.into_iter().chain(of_nobody).collect()
}

fn passed_roles(plan: &Plan, classes: &[&Class]) -> Vec<String> {
    let account = plan.cluster.account.as_ref().map_or("*", |account| account.as_str());
    let partition = plan.cluster.region.partition();
    let passed = classes.iter().filter(|class| class.instance_profile.is_some());
    sorted(passed.map(|class| format!("arn:{partition}:iam::{account}:role/{}", class.node_role)).collect())
}

fn node_groups(plan: &Plan, classes: &[&Class]) -> Vec<String> {
    let of = |class: &&&Class| class.nodes.from == NodesFrom::NodeGroup;
    let cluster = &plan.cluster.name;
    let groups = classes.iter().filter(of);
    sorted(groups.map(|class| arn(plan, "eks", &format!("nodegroup/{cluster}/{}-*/*", class.name))).collect())
}

/// IAM knows launch templates by ids, which no manifest has.
fn launch_templates(plan: &Plan, _: &[&Class]) -> Vec<String> {
    vec![arn(plan, "ec2", "launch-template/*")]
}

fn sorted(mut resources: Vec<String>) -> Vec<String> {
    resources.sort();
    resources.dedup();
    resources
}
