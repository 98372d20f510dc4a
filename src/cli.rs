//! The command line, as types.

use crate::diagnostic::render::Format;
use crate::which::NEEDS;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// The version, and whether this build can open a connection at all.
#[cfg(feature = "aws")]
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (asks AWS in preflight, drift and publish)");
/// The version, and whether this build can open a connection at all.
#[cfg(not(feature = "aws"))]
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (without network code)");

/// Mounts S3 buckets on Amazon EKS nodes, and keeps pods to the nodes that have theirs.
///
/// Exit codes: 0 fine; 1 findings, or a difference; 2 trouble.
#[derive(Debug, Parser)]
#[command(version = VERSION, max_term_width = 100)]
pub struct Cli {
    /// How faults are written to stderr.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Render the manifest: to stdout, or into a directory.
    Render(Render),
    /// Show what rendering into a directory would change, as a unified diff.
    Diff(Diff),
    /// Answer Terraform's `external` data source.
    ///
    /// Its query comes on stdin: `{"file": "s3boot.yaml", "class": "spark-jars"}`. On stdout are user data, taints, labels and
    /// policy of the class, as JSON of strings.
    TerraformData,
    /// Say where pods may land, and whether their bucket is mounted there.
    Land(Land),
    /// Write the pairing of a class into a manifest with pods.
    Pair(Pair),
    /// Draw classes, their nodes and buckets, and where pods land.
    Graph(Graph),
    /// Choose the way to bring a bucket to pods.
    Which(Which),
    /// Check the account: instance types, AMIs, networks and buckets, and whether it would launch the nodes. Changes nothing.
    #[cfg(feature = "aws")]
    Preflight(Preflight),
    /// Compare what is rendered with the live launch templates, node groups and objects of Karpenter. Changes nothing.
    #[cfg(feature = "aws")]
    Drift(Drift),
    /// Make a new version of a launch template, where its user data differs.
    ///
    /// On stdout is `{"launch_template_versions": {"CLASS": VERSION}}`, for Terraform as `*.auto.tfvars.json`.
    #[cfg(feature = "aws")]
    Publish(Publish),
    /// Check a live account: only in builds with `--features aws`.
    #[cfg(not(feature = "aws"))]
    #[command(hide = true, aliases = ["drift", "publish"], disable_help_flag = true)]
    Preflight {
        /// What this build cannot do.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
        arguments: Vec<String>,
    },
    /// Print the least that IAM has to allow for a command that asks AWS.
    Iam(Iam),
    /// Tell why a code is a fault, wrong and right; without a code, list them.
    Explain {
        /// The code, such as `prefix-end`.
        code: Option<String>,
    },
    /// Print the JSON Schema of the manifest, for editors.
    Schema,
    /// Write the built-in templates, to be changed and given back with `--templates`.
    Eject {
        /// The directory to write to.
        #[arg(default_value = "templates")]
        directory: PathBuf,
        /// Overwrite files that are there.
        #[arg(long)]
        force: bool,
    },
}

/// What to render.
#[derive(Debug, Args)]
pub struct Selection {
    /// The manifest; `-` for standard input.
    #[arg(short, long, default_value = "s3boot.yaml", value_name = "FILE")]
    pub file: PathBuf,
    /// Only this class; may be given several times.
    #[arg(long = "nodeclass", visible_alias = "class", value_name = "NAME", conflicts_with = "all")]
    pub classes: Vec<String>,
    /// Every class: the default when none is named.
    #[arg(long)]
    pub all: bool,
    /// Only this target; may be given several times.
    #[arg(long = "target", value_name = "TARGET", value_parser = targets())]
    pub targets: Vec<String>,
    /// A directory of templates that replace the built-in ones; wins over `templates:` in the manifest.
    #[arg(long, value_name = "DIR")]
    pub templates: Option<PathBuf>,
}

/// Which classes of which manifest.
#[derive(Debug, Args)]
pub struct Classes {
    /// The manifest; `-` for standard input.
    #[arg(short, long, default_value = "s3boot.yaml", value_name = "FILE")]
    pub file: PathBuf,
    /// Only this class; may be given several times.
    #[arg(long = "nodeclass", visible_alias = "class", value_name = "NAME")]
    pub classes: Vec<String>,
}

/// `s3boot iam`.
#[derive(Debug, Args)]
pub struct Iam {
    /// The classes.
    #[command(flatten)]
    pub classes: Classes,
    /// The command.
    #[arg(long = "for", value_enum, value_name = "COMMAND")]
    pub verb: crate::permission::Verb,
}

#[cfg(feature = "aws")]
pub use live::{Access, Drift, Preflight, Publish, Rendered};

/// What only builds with `--features aws` have.
#[cfg(feature = "aws")]
mod live {
    use super::{Args, Classes, PathBuf};

    /// How an account is reached.
    #[derive(Debug, Args)]
    pub struct Access {
        /// The profile of your AWS configuration.
        #[arg(long, value_name = "NAME")]
        pub profile: Option<String>,
        /// The region; otherwise the manifest's.
        #[arg(long, value_name = "REGION")]
        pub region: Option<String>,
        /// An address in place of AWS's own.
        #[arg(long, value_name = "URL")]
        pub endpoint_url: Option<String>,
        /// Tell of each call to AWS; -vv of its parameters too, -vvv of ids that AWS's support asks for. No secret is ever told.
        #[arg(short, long, action = clap::ArgAction::Count)]
        pub verbose: u8,
    }

    /// What user data is rendered from.
    #[derive(Debug, Args)]
    pub struct Rendered {
        /// The classes.
        #[command(flatten)]
        pub classes: Classes,
        /// A directory of templates that replace the built-in ones; wins over `templates:` in the manifest.
        #[arg(long, value_name = "DIR")]
        pub templates: Option<PathBuf>,
    }

    /// `s3boot preflight`.
    #[derive(Debug, Args)]
    pub struct Preflight {
        /// The classes.
        #[command(flatten)]
        pub rendered: Rendered,
        /// The account.
        #[command(flatten)]
        pub access: Access,
    }

    /// `s3boot drift`.
    #[derive(Debug, Args)]
    pub struct Drift {
        /// The classes.
        #[command(flatten)]
        pub rendered: Rendered,
        /// The account.
        #[command(flatten)]
        pub access: Access,
        /// The name or id of the launch template, for one class; otherwise the one that `--target terraform` makes.
        #[arg(long, value_name = "NAME")]
        pub launch_template: Option<String>,
        /// The version of the launch template: `default`, `latest` or a number.
        #[arg(long, default_value = "default", value_name = "VERSION", value_parser = version)]
        pub version: String,
        /// What `kubectl get ec2nodeclasses,nodepools -o yaml` printed, for classes of Karpenter; may be given several times,
        /// `-` for standard input.
        #[arg(long, value_name = "FILE")]
        pub cluster: Vec<PathBuf>,
        /// Print the live user data in the clear, part by part, and compare nothing.
        #[arg(long)]
        pub decode: bool,
    }

    /// `s3boot publish`.
    #[derive(Debug, Args)]
    pub struct Publish {
        /// The classes.
        #[command(flatten)]
        pub rendered: Rendered,
        /// The account.
        #[command(flatten)]
        pub access: Access,
        /// The name or id of the launch template, for one class; otherwise the one that `--target terraform` makes.
        #[arg(long, value_name = "NAME")]
        pub launch_template: Option<String>,
        /// Make nothing: show what would be, and ask EC2 whether it would do it.
        #[arg(long)]
        pub dry_run: bool,
        /// Make the version the default too.
        #[arg(long)]
        pub set_default: bool,
    }

    /// EC2's word for a version. A shell takes `$Default` for a variable, and passes on nothing.
    fn version(text: &str) -> Result<String, String> {
        match text.trim_start_matches('$').to_lowercase().as_str() {
            "default" => Ok("$Default".to_owned()),
            "latest" => Ok("$Latest".to_owned()),
            number if number.parse::<u64>().is_ok_and(|number| number > 0) => Ok(number.to_owned()),
            _ => Err("write `default`, `latest` or a number from 1".to_owned()),
        }
    }
}

fn targets() -> clap::builder::PossibleValuesParser {
    crate::target::TARGETS
        .iter()
        .map(|target| clap::builder::PossibleValue::new(target.name()).help(target.about()))
        .collect::<Vec<_>>()
        .into()
}

/// `s3boot render`.
#[derive(Debug, Args)]
pub struct Render {
    /// What to render.
    #[command(flatten)]
    pub selection: Selection,
    /// Write the tree of files to this directory. Without it, Karpenter's objects go to stdout.
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Write nothing; exit with 1 where the directory differs.
    #[arg(long, requires = "output", conflicts_with = "force")]
    pub check: bool,
    /// Overwrite files that s3boot did not write.
    #[arg(long, requires = "output")]
    pub force: bool,
}

/// `s3boot land`.
#[derive(Debug, Args)]
pub struct Land {
    /// Manifests with pods: of every kind that has pod templates, also `SparkApplication` and `RayCluster`; `-` for stdin.
    #[arg(required = true, value_name = "FILE")]
    pub pods: Vec<PathBuf>,
    /// The manifest of the classes. Without it only the nodes given count.
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Other nodes and `NodePool`s of the cluster, volumes and namespaces: `kubectl get nodes,nodepools,pv,ns -o yaml`.
    #[arg(long, value_name = "FILE")]
    pub nodes: Vec<PathBuf>,
}

/// `s3boot pair`.
#[derive(Debug, Args)]
pub struct Pair {
    /// The manifest with pods; `-` for standard input. All of it that is not the pairing stays as it is.
    #[arg(value_name = "FILE")]
    pub pods: PathBuf,
    /// The manifest of the classes.
    #[arg(short, long, default_value = "s3boot.yaml", value_name = "MANIFEST")]
    pub file: PathBuf,
    /// The class whose buckets the pods read.
    #[arg(long, visible_alias = "nodeclass", value_name = "NAME")]
    pub class: String,
    /// Print what would change, and nothing else; exit with 1 where something would.
    #[arg(long, conflicts_with = "write")]
    pub diff: bool,
    /// Write the file, instead of printing it.
    #[arg(short, long)]
    pub write: bool,
}

/// `s3boot graph`.
#[derive(Debug, Args)]
pub struct Graph {
    /// Manifests with pods, to be drawn too.
    #[arg(value_name = "FILE")]
    pub pods: Vec<PathBuf>,
    /// The manifest of the classes.
    #[arg(short, long, default_value = "s3boot.yaml", value_name = "MANIFEST")]
    pub file: PathBuf,
    /// What the picture is written as.
    #[arg(long = "as", value_enum, default_value_t, value_name = "PICTURE")]
    pub picture: Picture,
}

/// What a picture is written as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Picture {
    /// Text that GitHub and others draw.
    #[default]
    Mermaid,
    /// Graphviz.
    Dot,
    /// A picture, in light and dark.
    Svg,
    /// A page with it, that needs nothing else.
    Html,
}

/// `s3boot which`.
#[derive(Debug, Args)]
pub struct Which {
    /// The manifest of the class.
    #[arg(short, long, default_value = "s3boot.yaml", value_name = "FILE", requires = "class")]
    pub file: PathBuf,
    /// Ask for what this class of the manifest needs, as far as it tells.
    #[arg(long = "nodeclass", visible_alias = "class", value_name = "NAME")]
    pub class: Option<String>,
    /// What is asked for, by the names of the flags.
    #[command(flatten)]
    pub needs: Needs,
}

/// The flags of `s3boot which`, one for each of [`crate::which::NEEDS`].
#[derive(Debug)]
pub struct Needs(Vec<&'static str>);

impl Needs {
    /// The names of the flags that were given.
    pub fn iter(&self) -> impl Iterator<Item = &&'static str> {
        self.0.iter()
    }
}

impl clap::FromArgMatches for Needs {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(NEEDS.iter().map(|(flag, ..)| *flag).filter(|flag| matches.get_flag(flag)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Needs {
    fn augment_args(command: clap::Command) -> clap::Command {
        let flag = |(flag, what, _): &(&'static str, &'static str, _)| {
            clap::Arg::new(*flag).long(*flag).help(*what).action(clap::ArgAction::SetTrue)
        };
        command.args(NEEDS.iter().map(flag))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

/// `s3boot diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// What to render.
    #[command(flatten)]
    pub selection: Selection,
    /// The directory that was rendered into.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
}
