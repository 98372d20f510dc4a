//! The user data of a class's nodes: in the form that Karpenter, EKS or EC2 takes, and within their limits.

use crate::diagnostic::{Fault, code};
use crate::family::Join;
use crate::manifest::NodesFrom;
use crate::plan::Class;
use crate::target::{Context, Refusal};
use crate::template::CONTEXT;
use serde::Serialize;

#[cfg(feature = "aws")]
pub mod decode;
pub mod join;
pub mod mime;
pub mod script;

use join::Registers;
use mime::Part;

/// User data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserData {
    /// The text.
    pub text: String,
    /// What files of it are called: `sh`, `mime` or `toml`.
    pub extension: &'static str,
}

/// How large a node script may be, in bytes. EC2 takes 16,384 for the whole document, and Karpenter's part has up to 4 KiB.
pub const LIMIT: usize = 12_288;
/// What EC2 takes, in bytes, before base64.
pub const EC2_LIMIT: usize = 16_384;
/// What the part needs, in bytes, that EKS appends to the user data of a node group.
pub const EKS_PART: usize = 3_072;

/// The user data of a class; none where its nodes need none.
///
/// # Errors
/// A template is wrong, or it is too large.
pub fn of(context: &Context<'_>) -> Result<Option<UserData>, Refusal> {
    match context.class.nodes.from {
        NodesFrom::Karpenter => plain(context),
        NodesFrom::NodeGroup => archive(context),
        NodesFrom::Existing => Ok(None),
    }
}

/// For Karpenter: a script, to which it adds its own part.
fn plain(context: &Context<'_>) -> Result<Option<UserData>, Refusal> {
    let text = shell(context)?;
    Ok(text.map(|text| UserData { text, extension: "sh" }))
}

/// For a launch template: MIME, to which EKS adds its own part where the AMI is its own.
fn archive(context: &Context<'_>) -> Result<Option<UserData>, Refusal> {
    let (plan, class) = (context.plan, context.class);
    let user_data = match class.ami.family.join {
        Join::Settings => join::settings(plan, class)?.map(|text| UserData { text, extension: "toml" }),
        Join::NodeConfig | Join::Bootstrap | Join::Elsewhere => {
            let parts = parts(context)?;
            let text = mime::document(&parts).map_err(Refusal::Class)?;
            (!parts.is_empty()).then_some(UserData { text, extension: "mime" })
        }
    };
    if let Some(user_data) = &user_data {
        within_limit(class, user_data.text.len()).map_err(Refusal::Class)?;
    }
    Ok(user_data)
}

/// The parts of a node group's user data.
///
/// # Errors
/// As [`of`].
pub fn parts(context: &Context<'_>) -> Result<Vec<Part>, Refusal> {
    let class = context.class;
    let node_config = match (class.ami.family.join, class.joins_by_user_data()) {
        (Join::NodeConfig, true) => join::node_config(class, Some(Registers::All(context.plan)))?,
        (Join::NodeConfig, false) => join::node_config(class, None)?,
        _ => None,
    };
    let shell = shell(context)?;
    Ok(node_config.map(Part::node_config).into_iter().chain(shell.map(Part::script)).collect())
}

fn within_limit(class: &Class, size: usize) -> Result<(), Fault> {
    let limit = if class.joins_by_user_data() { EC2_LIMIT } else { EC2_LIMIT - EKS_PART };
    if size <= limit {
        return Ok(());
    }
    Err(Fault::new(
        &code::USERDATA_TOO_LARGE,
        format!("the user data of class `{}` has {size} bytes, {} more than fit", class.name, size - limit),
        format!("split the class: EC2 takes {EC2_LIMIT} bytes, and {limit} are left when EKS has added its part"),
    ))
}

/// What runs on the node: the node script, or what only joins it to the cluster.
///
/// # Errors
/// As [`of`].
pub fn shell(context: &Context<'_>) -> Result<Option<String>, Refusal> {
    match context.class.mounts_by_user_data() {
        true => node_script(context).map(Some),
        false => join_script(context),
    }
}

/// The script that mounts a class's buckets on the host.
///
/// # Errors
/// The family has none, the template is wrong, or it is too large.
pub fn node_script(context: &Context<'_>) -> Result<String, Refusal> {
    let host = context.class.ami.family.host().map_err(Refusal::Class)?;
    let node = script::Node::of(context.plan, context.class, host);
    let text = context.templates.render("node.sh", node)?;
    checked(context.class, text).map_err(Refusal::Class)
}

#[derive(Serialize)]
struct JoinContext<'a> {
    context: u32,
    class: &'a Class,
    join: Vec<String>,
}

fn join_script(context: &Context<'_>) -> Result<Option<String>, Refusal> {
    let (plan, class) = (context.plan, context.class);
    let Some(join) = join::bootstrap_arguments(plan, class) else { return Ok(None) };
    let text = context.templates.render("join.sh", JoinContext { context: CONTEXT, class, join })?;
    checked(class, text).map(Some).map_err(Refusal::Class)
}

/// What Karpenter and cloud-init would make something else of, and what is too large.
fn checked(class: &Class, script: String) -> Result<String, Fault> {
    let template = |problem: &str, help: &str| {
        Err(Fault::new(&code::TEMPLATE_VALUE, format!("the script of class `{}` {problem}", class.name), help))
    };
    if script.len() > LIMIT {
        return Err(Fault::new(
            &code::USERDATA_TOO_LARGE,
            format!(
                "the script of class `{}` has {} bytes, {} more than fit",
                class.name,
                script.len(),
                script.len() - LIMIT
            ),
            format!("split the class: {LIMIT} bytes are left of the 16,384 of EC2 when Karpenter has added its part"),
        ));
    }
    if !script.starts_with("#!") {
        return template("does not begin with `#!`", "cloud-init only runs a script whose first two bytes are `#!`");
    }
    if !script.is_ascii() {
        return template("has other characters than ASCII", "cloud-init loses such a script in a MIME document");
    }
    if script.lines().any(|line| line.starts_with("--//")) {
        return template("has a line that begins with `--//`", "Karpenter's MIME document would end there");
    }
    Ok(script)
}
