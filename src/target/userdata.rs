//! `userdata`: the user data of a class's nodes, as Karpenter or a launch template takes it.

use super::{Context, Refusal, Target};
use crate::output::Tree;
use crate::plan::Class;
use crate::userdata;

/// The user data.
pub struct Userdata;

impl Target for Userdata {
    fn name(&self) -> &'static str {
        "userdata"
    }

    fn about(&self) -> &'static str {
        "the user data of the class's nodes: a script for Karpenter, MIME or TOML for node groups"
    }

    fn serves(&self, class: &Class) -> bool {
        class.has_user_data()
    }

    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
        let mut tree = Tree::default();
        if let Some(user_data) = userdata::of(context).map_err(|refusal| vec![refusal])? {
            tree.add(format!("{}/userdata.{}", context.class.name, user_data.extension), user_data.text);
        }
        Ok(tree)
    }
}
