//! `label`: the script that pairs nodes which exist already: taints, and then the label.

use super::{Context, Refusal, Target};
use crate::output::Tree;
use crate::plan::{self, Class, Taint};
use crate::template::CONTEXT;
use serde::Serialize;

/// The label and taint script.
pub struct Label;

#[derive(Serialize)]
struct Script<'a> {
    context: u32,
    class: &'a Class,
    selector: String,
    not_labelled: String,
    lift_taint: Option<String>,
    taints: Vec<String>,
    labels: Vec<String>,
}

impl Target for Label {
    fn name(&self) -> &'static str {
        "label"
    }

    fn about(&self) -> &'static str {
        "a kubectl script that taints and labels nodes which exist already"
    }

    fn serves(&self, class: &Class) -> bool {
        !class.nodes.selector.is_empty()
    }

    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
        let class = context.class;
        let script = Script {
            context: CONTEXT,
            class,
            selector: pairs(&class.nodes.selector, "=").join(","),
            not_labelled: pairs(&class.pairing.label(), "!=").join(","),
            lift_taint: class.daemonset.as_ref().and_then(plan::DaemonSet::taint).map(|taint| taint.argument()),
            taints: class.taints().iter().map(Taint::argument).collect(),
            labels: pairs(&class.labels(), "="),
        };
        let text = context.templates.render("label-nodes.sh", script).map_err(|wrong| vec![Refusal::from(wrong)])?;
        let mut tree = Tree::default();
        tree.add(format!("{}/label-nodes.sh", class.name), text);
        Ok(tree)
    }
}

fn pairs<K: ToString, V: ToString>(map: &std::collections::BTreeMap<K, V>, between: &str) -> Vec<String> {
    map.iter().map(|(key, value)| format!("{}{between}{}", key.to_string(), value.to_string())).collect()
}
