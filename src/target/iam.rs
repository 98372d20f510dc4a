//! `iam`: what the nodes of a class may do in S3, and nothing more.
//! Source: mountpoint-s3 `doc/CONFIGURATION.md`, "IAM permissions"; the service authorization reference of S3 for the
//! resource types of access points.

use super::{Context, Refusal, Target};
use crate::manifest::{Deliver, Mode};
use crate::output::Tree;
use crate::plan::{Bucket, Class, Mount, Plan};
use serde::Serialize;
use std::collections::BTreeMap;

/// The policy of the node role.
pub struct Iam;

impl Target for Iam {
    fn name(&self) -> &'static str {
        "iam"
    }

    fn about(&self) -> &'static str {
        "the IAM policy that the node role needs, or with CSI the driver's or the pods', as JSON"
    }

    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
        let mut tree = Tree::default();
        let text = serde_json::to_string_pretty(&policy(context.plan, context.class))
            .map_err(|error| vec![Refusal::Bug(error.into())])?;
        tree.add(format!("{}/policy.json", context.class.name), text + "\n");
        Ok(tree)
    }
}

/// A policy document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

/// Condition operator, key, values.
type Condition = BTreeMap<&'static str, BTreeMap<&'static str, Vec<String>>>;

/// A statement as terraform-aws-modules/eks takes it.
#[derive(Debug, Clone, Serialize)]
pub struct ModuleStatement {
    sid: String,
    effect: &'static str,
    actions: Vec<&'static str>,
    resources: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    condition: Vec<ModuleCondition>,
}

#[derive(Debug, Clone, Serialize)]
struct ModuleCondition {
    test: &'static str,
    variable: &'static str,
    values: Vec<String>,
}

impl Policy {
    /// A policy of these statements.
    #[must_use]
    pub fn of(statement: Vec<Statement>) -> Self {
        Self { version: "2012-10-17", statement }
    }

    /// The statements for terraform-aws-modules/eks.
    #[must_use]
    pub fn module_statements(self) -> Vec<ModuleStatement> {
        self.statement.into_iter().map(ModuleStatement::of).collect()
    }
}

impl ModuleStatement {
    fn of(statement: Statement) -> Self {
        let conditions = |(test, keys): (&'static str, BTreeMap<&'static str, Vec<String>>)| {
            keys.into_iter().map(move |(variable, values)| ModuleCondition { test, variable, values })
        };
        Self {
            sid: statement.sid,
            effect: statement.effect,
            actions: statement.action,
            resources: statement.resource,
            condition: statement.condition.into_iter().flat_map(conditions).collect(),
        }
    }
}

/// What is allowed, on what.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    sid: String,
    effect: &'static str,
    action: Vec<&'static str>,
    resource: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: Condition,
}

impl Statement {
    /// One action on these resources.
    #[must_use]
    pub fn of(sid: &str, action: &'static str, resource: Vec<String>) -> Self {
        Self { sid: sid.to_owned(), effect: "Allow", action: vec![action], resource, condition: BTreeMap::new() }
    }

    /// Its name.
    #[must_use]
    pub fn sid(&self) -> &str {
        &self.sid
    }

    /// Allows another action on the same resources.
    pub fn also(&mut self, action: &'static str) {
        self.action.push(action);
    }

    fn allow(sid: String, action: &[&'static str], resource: String) -> Self {
        Self { sid, effect: "Allow", action: action.to_vec(), resource: vec![resource], condition: BTreeMap::new() }
    }

    fn only_prefix(mut self, prefix: &str) -> Self {
        if !prefix.is_empty() {
            let like = BTreeMap::from([("s3:prefix", vec![prefix.to_owned(), format!("{prefix}*")])]);
            self.condition = BTreeMap::from([("StringLike", like)]);
        }
        self
    }

    fn only_through_s3(mut self, mount: &Mount, domain: &str) -> Self {
        let service = format!("s3.{}.{domain}", mount.region);
        self.condition = BTreeMap::from([("StringEquals", BTreeMap::from([("kms:ViaService", vec![service])]))]);
        self
    }
}

/// The policy of a class.
#[must_use]
pub fn policy(plan: &Plan, class: &Class) -> Policy {
    let mut statement: Vec<_> = (class.mounts.iter().enumerate())
        .flat_map(|(at, mount)| mount_statements(plan, mount, &sid(&class.mounts, at)))
        .collect();
    // The driver brings its own mount-s3.
    if let Some(mirror) = plan.install.mirror.as_ref().filter(|_| class.deliver != Deliver::Csi) {
        let partition = plan.cluster.region.partition();
        let resource = format!("arn:{partition}:s3:::{}/{}*", mirror.bucket, mirror.prefix.as_str());
        statement.push(Statement::allow("Install".to_owned(), &["s3:GetObject"], resource));
    }
    Policy::of(statement)
}

/// The beginning of a mount's Sids: letters and digits only, and another for each mount, although `a-1` and `a1` look
/// the same in them.
fn sid(mounts: &[Mount], at: usize) -> String {
    let name = |mount: &Mount| pascal(mount.name.as_str());
    match mounts.iter().filter(|other| name(other) == name(&mounts[at])).count() {
        1 => name(&mounts[at]),
        _ => format!("Mount{}{}", at + 1, name(&mounts[at])),
    }
}

fn mount_statements(plan: &Plan, mount: &Mount, sid: &str) -> Vec<Statement> {
    let sid = |what: &str| format!("{sid}{what}");
    let mut statements = match buckets(plan, mount) {
        Resources::Session(bucket) => vec![Statement::allow(sid("Session"), &["s3express:CreateSession"], bucket)],
        Resources::Objects { bucket, objects } => vec![
            Statement::allow(sid("List"), &["s3:ListBucket"], bucket).only_prefix(mount.prefix.as_str()),
            Statement::allow(sid("Objects"), &object_actions(mount), objects),
        ],
    };
    if let Some(cache) = mount.option("cache-xz").and_then(|setting| setting.value.as_deref()) {
        let resource = express(plan, mount, cache);
        statements.push(Statement::allow(sid("SharedCache"), &["s3express:CreateSession"], resource));
    }
    let write_key = mount.option("sse-kms-key-id").and_then(|setting| setting.value.as_deref());
    let mut keys: Vec<_> = mount.kms_key.as_deref().into_iter().chain(write_key).collect();
    keys.dedup();
    for (at, key) in keys.into_iter().enumerate() {
        let actions: &[_] = match mount.mode {
            Mode::ReadOnly => &["kms:Decrypt"],
            Mode::ReadWrite => &["kms:Decrypt", "kms:GenerateDataKey"],
        };
        let name = if at == 0 { sid("Key") } else { sid("WriteKey") };
        statements.push(Statement::allow(name, actions, key.to_owned()).only_through_s3(mount, mount.region.domain()));
    }
    statements
}

fn object_actions(mount: &Mount) -> Vec<&'static str> {
    let mut actions = vec!["s3:GetObject"];
    if mount.mode == Mode::ReadWrite {
        actions.extend(["s3:PutObject", "s3:AbortMultipartUpload"]);
    }
    if mount.option("allow-delete").is_some() {
        actions.push("s3:DeleteObject");
    }
    actions
}

/// What IAM calls a bucket.
pub enum Resources {
    /// A directory bucket: a session is all or nothing.
    Session(String),
    /// One that has objects of their own.
    Objects {
        /// The bucket.
        bucket: String,
        /// The keys in it.
        objects: String,
    },
}

/// What IAM calls the bucket of a mount.
#[must_use]
pub fn buckets(plan: &Plan, mount: &Mount) -> Resources {
    let partition = mount.region.partition();
    let account = plan.cluster.account.as_ref().map_or("", |account| account.as_str());
    let prefix = mount.prefix.as_str();
    let access_point = |arn: String| Resources::Objects { objects: format!("{arn}/object/{prefix}*"), bucket: arn };
    match &mount.bucket {
        Bucket::General(name) => Resources::Objects {
            bucket: format!("arn:{partition}:s3:::{name}"),
            objects: format!("arn:{partition}:s3:::{name}/{prefix}*"),
        },
        Bucket::Directory { name, .. } => Resources::Session(express(plan, mount, name)),
        Bucket::AccessPoint { arn, .. } => access_point(arn.clone()),
        Bucket::Alias(alias) => {
            access_point(format!("arn:{partition}:s3:{}:{account}:accesspoint/{}*", mount.region, alias_name(alias)))
        }
    }
}

fn express(plan: &Plan, mount: &Mount, name: &str) -> String {
    let account = plan.cluster.account.as_ref().map_or("", |account| account.as_str());
    format!("arn:{}:s3express:{}:{account}:bucket/{name}", mount.region.partition(), mount.region)
}

/// An alias is the access point's name, perhaps cut short, `-`, a hash, and `-s3alias`. IAM knows only the name.
fn alias_name(alias: &str) -> &str {
    let without = alias.strip_suffix("-s3alias").unwrap_or(alias);
    without.rsplit_once('-').map_or(without, |(name, _)| name)
}

fn pascal(name: &str) -> String {
    name.split('-')
        .map(|part| {
            let mut characters = part.chars();
            characters
                .next()
                .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + characters.as_str())
        })
        .collect()
}
