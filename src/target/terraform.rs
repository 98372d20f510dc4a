//! `terraform`: per class its nodes, objects, policy and role, and the inputs for a configuration of one's own.
//!
//! The tree is a Terraform root module, or a module of one: `CLASS.tf` reads the files in `CLASS/`, `s3boot.versions.tf`
//! has the providers, and `CLASS.auto.tfvars.json` the values. Long texts stay files: `file()` takes them literally, where
//! `templatefile()` would expand every `${` of the script.

use super::{Context, Refusal, TARGETS, Target, node_group};
use crate::family::Karpenter as Family;
use crate::manifest::{Credentials, Deliver, Identity, NodesFrom};
use crate::output::Tree;
use crate::plan::{Class, Cluster, Plan, SelectorTerm, Size, Taint};
use crate::userdata;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

mod module;

/// Terraform.
pub struct Terraform;

impl Target for Terraform {
    fn name(&self) -> &'static str {
        "terraform"
    }

    fn about(&self) -> &'static str {
        "Terraform for the class's nodes, objects and IAM, and inputs as *.auto.tfvars.json"
    }

    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
        let class = context.class;
        let mut tree = files(context)?;
        let user_data = userdata::of(context).map_err(|refusal| vec![refusal])?;
        let names = Names::of(context, user_data.as_ref().map(|data| format!("userdata.{}", data.extension)));
        let render = |template: &str| {
            (context.templates.render(template, &names)).map_err(|diagnostic| vec![Refusal::from(diagnostic)])
        };
        let texts: Result<Vec<_>, _> = templates(class).into_iter().map(render).collect();
        let inputs = BTreeMap::from([(names.variable.clone(), Inputs::of(class, user_data.map(|data| data.text)))]);
        // A class name has no dot, so no class has files of these names.
        tree.add("s3boot.versions.tf", render("s3boot.tf")?);
        if class.deliver == Deliver::Csi {
            tree.add("s3boot.csi.tf", render("csi.tf")?);
        }
        tree.add(format!("{}.tf", class.name), texts?.join("\n"));
        tree.add(format!("{}.auto.tfvars.json", class.name), json(&inputs)?);
        if let Some(groups) = module::inputs(context)? {
            // Not `*.auto.tfvars.json`, and not beside the others: it is for another configuration.
            tree.add(format!("{}/eks_managed_node_groups.tfvars.json", class.name), json(&groups)?);
        }
        Ok(tree)
    }
}

fn json(value: &impl Serialize) -> Result<String, Vec<Refusal>> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| vec![Refusal::Bug(error.into())])
}

/// What `CLASS.tf` is made of.
fn templates(class: &Class) -> Vec<&'static str> {
    let nodes = match class.nodes.from {
        NodesFrom::Karpenter => Some("karpenter.tf"),
        NodesFrom::NodeGroup => Some("node-group.tf"),
        NodesFrom::Existing => None,
    };
    let pods: &[_] = match class.deliver {
        Deliver::Csi => &["volumes.tf", "objects.tf"],
        Deliver::Daemonset => &["objects.tf"],
        Deliver::Karpenter | Deliver::NodeGroup => &[],
    };
    std::iter::once("class.tf").chain(nodes).chain(pods.iter().copied()).collect()
}

/// The files that `CLASS.tf` reads: those of the other targets.
fn files(context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
    const READ: &[&str] = &["karpenter", "userdata", "iam", "daemonset", "csi"];
    let mut tree = Tree::default();
    for target in TARGETS.iter().filter(|target| READ.contains(&target.name()) && target.serves(context.class)) {
        tree.merge(target.render(context)?);
    }
    Ok(tree)
}

/// What the templates are given.
#[derive(Serialize)]
struct Names<'a> {
    /// The class.
    class: &'a str,
    /// The cluster.
    cluster: &'a str,
    /// The variable, and the label of the resources: the class with `_` for `-`, so two classes never share it.
    variable: String,
    /// The name of the policy.
    policy: String,
    /// Whether the node role reads the buckets.
    on_host: bool,
    /// Whether the nodes have an `EC2NodeClass`.
    has_node_class: bool,
    /// The file of the class's objects.
    file: &'static str,
    /// The name of the launch template.
    launch_template: String,
    image_id: Option<&'a str>,
    release_version: Option<&'a str>,
    user_data_file: Option<String>,
    root_device: &'a str,
    root_volume_gib: Option<u64>,
    subnets: Vec<Vec<Filter>>,
    security_groups: Vec<Vec<Filter>>,
    groups: Vec<node_group::Group>,
    size: Size,
    /// `driver` or `pod`.
    credentials: Credentials,
    /// `pod-identity` or `irsa`.
    identity: Identity,
    version: Option<&'a str>,
    /// Whether any class reads with the driver's role.
    has_driver_role: bool,
    driver_role: String,
    /// The role of the class's pods, with `credentials: pod`.
    role: String,
    namespaces: &'a [String],
    service_account: Option<&'a str>,
    /// The service accounts as tokens name them.
    subjects: Vec<String>,
}

/// A filter of a data source.
#[derive(Serialize)]
struct Filter {
    name: String,
    values: Vec<String>,
}

impl<'a> Names<'a> {
    fn of(context: &Context<'a>, user_data_file: Option<String>) -> Self {
        let Context { plan, class, .. } = *context;
        let cluster = &plan.cluster;
        // IAM is global, and its names have at most 128 characters: a class has at most 63, and what is cut of the cluster
        // is only for people.
        let name: String = cluster.name.chars().take(40).collect();
        let account = class.pods.service_account.as_deref();
        Self {
            class: class.name.as_str(),
            cluster: &cluster.name,
            variable: format!("s3boot_{}", class.name.as_str().replace('-', "_")),
            policy: format!("s3boot-{}-{name}-{}", cluster.region, class.name),
            on_host: class.deliver != Deliver::Csi,
            has_node_class: matches!(class.ami.family.karpenter.yes(), Some(Family::Ec2 { .. })),
            file: if class.deliver == Deliver::Csi { "volumes.yaml" } else { "daemonset.yaml" },
            launch_template: node_group::launch_template(plan, class),
            image_id: node_group::image_id(class),
            release_version: node_group::release_version(class),
            user_data_file,
            root_device: class.ami.family.root_device,
            root_volume_gib: class.nodes.root_volume_gib,
            subnets: filters(&cluster.subnets, "subnet-id", &class.nodes.zones),
            security_groups: filters(&cluster.security_groups, "group-id", &[]),
            groups: node_group::groups(class),
            size: class.nodes.size,
            credentials: class.credentials,
            identity: plan.csi.identity,
            version: plan.csi.version.as_deref(),
            has_driver_role: has_driver_role(plan),
            driver_role: role_name(cluster, "csi-driver"),
            role: role_name(cluster, class.name.as_str()),
            namespaces: &class.pods.namespaces,
            service_account: account,
            subjects: (class.pods.namespaces.iter())
                .map(|namespace| format!("system:serviceaccount:{namespace}:{}", account.unwrap_or_default()))
                .collect(),
        }
    }
}

fn has_driver_role(plan: &Plan) -> bool {
    plan.classes.iter().any(|class| class.deliver == Deliver::Csi && class.credentials == Credentials::Driver)
}

/// The name of a role: at most 64 characters, and another for each cluster of an account, since IAM is global.
fn role_name(cluster: &Cluster, what: &str) -> String {
    let digest = Sha256::digest(format!("{}/{}/{what}", cluster.region, cluster.name));
    let mark: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let readable: String = what.chars().take(40).collect();
    format!("s3boot-{readable}-{mark}")
}

/// The filters of one data source a term: any term will do, and all tags of it.
fn filters(terms: &[SelectorTerm], id: &str, zones: &[crate::plan::Zone]) -> Vec<Vec<Filter>> {
    let zones: Vec<_> = zones.iter().map(ToString::to_string).collect();
    let of = |term: &SelectorTerm| {
        let filters = term.filters(id).into_iter().map(|(name, value)| Filter { name, values: vec![value] });
        let in_zones =
            (!zones.is_empty()).then(|| Filter { name: "availability-zone".to_owned(), values: zones.clone() });
        filters.chain(in_zones).collect()
    };
    terms.iter().map(of).collect()
}

/// The inputs of a class.
#[derive(Serialize)]
pub struct Inputs {
    /// The role of the nodes.
    pub node_role: String,
    /// Their labels.
    pub labels: BTreeMap<String, String>,
    /// Their taints.
    pub taints: Vec<Taint>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_data_base64: Option<String>,
}

impl Inputs {
    /// What Terraform is told of a class.
    #[must_use]
    pub fn of(class: &Class, user_data: Option<String>) -> Self {
        Self {
            node_role: class.node_role.to_string(),
            labels: class.labels(),
            taints: match class.nodes.from {
                NodesFrom::NodeGroup => node_group::taints(class),
                NodesFrom::Karpenter | NodesFrom::Existing => class.taints(),
            },
            tags: if class.nodes.from == NodesFrom::NodeGroup { class.nodes.tags.clone() } else { BTreeMap::new() },
            user_data_base64: user_data.map(|text| STANDARD.encode(text)),
        }
    }
}
