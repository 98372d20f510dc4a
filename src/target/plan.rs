//! `plan`: the resolved model, in which every default can be seen.

use super::{Context, Refusal, Target};
use crate::output::Tree;
use crate::plan::{Class, Cluster, Install};
use crate::yaml;
use serde::Serialize;

/// The resolved model.
pub struct Resolved;

#[derive(Serialize)]
struct Document<'a> {
    cluster: &'a Cluster,
    install: &'a Install,
    class: &'a Class,
}

impl Target for Resolved {
    fn name(&self) -> &'static str {
        "plan"
    }

    fn about(&self) -> &'static str {
        "the resolved model of the class, with every default"
    }

    fn by_default(&self) -> bool {
        false
    }

    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
        let Context { plan, class, .. } = context;
        let document = Document { cluster: &plan.cluster, install: &plan.install, class };
        let mut tree = Tree::default();
        tree.add(format!("{}/plan.yaml", class.name), yaml::write(&document).map_err(|bug| vec![bug.into()])?);
        Ok(tree)
    }
}
