//! What can be rendered. A target is a file in `target/` and a line in [`TARGETS`].

use crate::diagnostic::{Diagnostic, Fault};
use crate::output::Tree;
use crate::plan::{Class, Plan};
use crate::template::Templates;

pub mod csi;
pub mod daemonset;
pub mod eksctl;
pub mod iam;
pub mod karpenter;
pub mod label;
pub mod node_group;
mod object;
pub mod plan;
pub mod pod;
pub mod spark;
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
        document: String,
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

    /// Whether it has anything for a class.
    fn serves(&self, _: &Class) -> bool {
        true
    }

    /// Whether its YAML is what `s3boot render` prints for a class when no target is named.
    fn is_printed(&self, _: &Class) -> bool {
        false
    }

    /// The files of one class.
    ///
    /// # Errors
    /// When what comes of the class breaks a rule, or a template is wrong.
    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>>;
}

/// Every target.
pub static TARGETS: &[&dyn Target] = &[
    &karpenter::Karpenter,
    &userdata::Userdata,
    &iam::Iam,
    &terraform::Terraform,
    &eksctl::Eksctl,
    &daemonset::DaemonSet,
    &label::Label,
    &csi::Csi,
    &spark::Spark,
    &pod::Pod,
    &plan::Resolved,
];

/// Which targets are rendered for a class.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// What is printed when none is named: its Kubernetes objects, or its node groups.
    Printed,
    /// The whole tree.
    Tree,
    /// These, by their names.
    Named(&'a [String]),
}

impl Wanted<'_> {
    /// The targets for a class.
    #[must_use]
    pub fn of(self, class: &Class) -> Vec<&'static dyn Target> {
        let wanted = |target: &&dyn Target| match self {
            Self::Printed => target.is_printed(class),
            Self::Tree => target.by_default() && target.serves(class),
            Self::Named(names) => names.iter().any(|name| name == target.name()) && target.serves(class),
        };
        TARGETS.iter().copied().filter(wanted).collect()
    }

    /// That every target that is named has something for one of the classes.
    ///
    /// # Errors
    /// The first that has not, and those that have.
    pub fn check(self, classes: &[&Class]) -> anyhow::Result<()> {
        let Self::Named(names) = self else { return Ok(()) };
        let idle = |name: &&String| find(name).is_some_and(|target| !classes.iter().any(|class| target.serves(class)));
        let Some(idle) = names.iter().find(idle) else { return Ok(()) };
        let class = classes.first().map(|class| class.name.as_str()).unwrap_or_default();
        let serving: Vec<_> = (TARGETS.iter())
            .filter(|target| classes.iter().any(|class| target.serves(class)))
            .map(|target| target.name())
            .collect();
        anyhow::bail!(
            "`{idle}` has nothing for {}; there is {}",
            if classes.len() == 1 { format!("class `{class}`") } else { "these classes".to_owned() },
            crate::diagnostic::list(&serving)
        );
    }
}

/// The target of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Target> {
    TARGETS.iter().copied().find(|target| target.name() == name)
}
