//! What can be rendered. A target is a file in `target/` and a line in [`TARGETS`].

use crate::diagnostic::{Diagnostic, Fault};
use crate::output::Tree;
use crate::plan::{Class, Plan};
use crate::template::Templates;

pub mod iam;
pub mod karpenter;
pub mod plan;
pub mod terraform;
pub mod userdata;

/// What a target may read.
pub struct Context<'a> {
    /// The whole plan.
    pub plan: &'a Plan,
    /// The class to render.
    pub class: &'a Class,
    /// The templates.
    pub templates: &'a Templates,
}

/// Why a class cannot be rendered.
#[derive(Debug)]
pub enum Refusal {
    /// What comes of the class breaks a rule; it is shown at the class.
    Class(Fault),
    /// What a patch made of a document breaks a rule; it is shown at the patch.
    Patch {
        /// The document.
        document: &'static str,
        /// The fault.
        fault: Fault,
    },
    /// A template is wrong.
    Template(Box<Diagnostic>),
    /// s3boot is.
    Bug(anyhow::Error),
}

impl From<Box<Diagnostic>> for Refusal {
    fn from(diagnostic: Box<Diagnostic>) -> Self {
        Self::Template(diagnostic)
    }
}

impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        Self::Bug(error)
    }
}

/// Something that can be rendered for a class.
pub trait Target: Sync {
    /// Its name on the command line.
    fn name(&self) -> &'static str;

    /// What it writes, in a line.
    fn about(&self) -> &'static str;

    /// The documents that `patch` may change.
    fn documents(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether it is in the tree when no target is named.
    fn by_default(&self) -> bool {
        true
    }

    /// The files of one class.
    ///
    /// # Errors
    /// When what comes of the class breaks a rule, or a template is wrong.
    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>>;
}

/// Every target.
pub static TARGETS: &[&dyn Target] =
    &[&karpenter::Karpenter, &userdata::Userdata, &iam::Iam, &terraform::Terraform, &plan::Resolved];

/// The target of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Target> {
    TARGETS.iter().copied().find(|target| target.name() == name)
}
