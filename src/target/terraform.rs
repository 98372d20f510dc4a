//! `terraform`: per class its Karpenter objects, policy and attachment, and the inputs for a configuration of one's own.
//!
//! The tree is a Terraform root module, or a module of one: `CLASS.tf` reads the files in `CLASS/`, `s3boot.versions.tf`
//! has the providers, and `CLASS.auto.tfvars.json` the values. Long texts stay files: `file()` takes them literally, where
//! `templatefile()` would expand every `${` of the script.

use super::{Context, Refusal, Target, iam::Iam, karpenter::Karpenter, userdata};
use crate::output::Tree;
use crate::plan::{Class, Cluster, Taint};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use std::collections::BTreeMap;

/// Terraform.
pub struct Terraform;

impl Target for Terraform {
    fn name(&self) -> &'static str {
        "terraform"
    }

    fn about(&self) -> &'static str {
        "Terraform for the Karpenter objects and the policy, and inputs as *.auto.tfvars.json"
    }

    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
        let Context { plan, class, templates } = context;
        let script = userdata::script(context).map_err(|refusal| vec![refusal])?;
        let names = Names::of(&plan.cluster, class);
        let inputs = BTreeMap::from([(
            names.variable.clone(),
            Inputs {
                node_role: class.node_role.as_str(),
                labels: class.labels(),
                taints: class.taints(),
                user_data_base64: STANDARD.encode(script),
            },
        )]);
        let render =
            |template: &str| templates.render(template, &names).map_err(|diagnostic| vec![Refusal::from(diagnostic)]);
        let json = serde_json::to_string_pretty(&inputs).map_err(|error| vec![Refusal::Bug(error.into())])?;
        let mut tree = Karpenter.render(context)?;
        tree.merge(Iam.render(context)?);
        // A class name has no dot, so no class has a file of this name.
        tree.add("s3boot.versions.tf", render("s3boot.tf")?);
        tree.add(format!("{}.tf", class.name), render("class.tf")?);
        tree.add(format!("{}.auto.tfvars.json", class.name), json + "\n");
        Ok(tree)
    }
}

/// What the templates are given.
#[derive(Serialize)]
struct Names {
    /// The class.
    class: String,
    /// The variable, and the label of the resources: the class with `_` for `-`, so two classes never share it.
    variable: String,
    /// The name of the policy.
    policy: String,
}

impl Names {
    fn of(cluster: &Cluster, class: &Class) -> Self {
        // IAM is global, and its names have at most 128 characters: a class has at most 63, and what is cut of the cluster
        // is only for people.
        let name: String = cluster.name.chars().take(40).collect();
        Self {
            class: class.name.to_string(),
            variable: format!("s3boot_{}", class.name.as_str().replace('-', "_")),
            policy: format!("s3boot-{}-{name}-{}", cluster.region, class.name),
        }
    }
}

/// The inputs of a class.
#[derive(Serialize)]
struct Inputs<'a> {
    node_role: &'a str,
    labels: BTreeMap<String, String>,
    taints: Vec<Taint>,
    user_data_base64: String,
}
