//! `userdata`: the node script, as Karpenter takes it: a shell script, to which it adds its own part.

use super::{Context, Refusal, Target};
use crate::diagnostic::{Fault, code};
use crate::manifest::{CacheOn, InstallFrom, Mode};
use crate::mount_option::Setting;
use crate::output::Tree;
use crate::plan::{Cache, Class, Mount, OnFailure, Plan};
use crate::template::CONTEXT;
use serde::Serialize;

/// The node script.
pub struct Userdata;

/// How large the script may be, in bytes. EC2 takes 16,384 for the whole document, and Karpenter's part has up to 4 KiB.
pub const LIMIT: usize = 12_288;

impl Target for Userdata {
    fn name(&self) -> &'static str {
        "userdata"
    }

    fn about(&self) -> &'static str {
        "the script that nodes of the class run at their first boot"
    }

    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
        let mut tree = Tree::default();
        tree.add(format!("{}/userdata.sh", context.class.name), script(context).map_err(|refusal| vec![refusal])?);
        Ok(tree)
    }
}

/// The script of a class.
///
/// # Errors
/// The family has none, the template is wrong, or it is too large.
pub fn script(context: &Context<'_>) -> Result<String, Refusal> {
    let host = context.class.ami.family.host().map_err(Refusal::Class)?;
    let node = Node::of(context.plan, context.class, host.instance_store);
    let script = context.templates.render(host.template, node)?;
    checked(context.class, script).map_err(Refusal::Class)
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

/// What the template of a node script is given.
#[derive(Debug, Serialize)]
struct Node<'a> {
    context: u32,
    class: Named<'a>,
    /// Seconds that the gate waits at most; 0 for ever.
    join_after: u64,
    install: Install<'a>,
    /// Names of the mounts.
    names: Vec<&'a str>,
    mounts: Vec<NodeMount<'a>>,
    /// Options of mount-s3 that every mount has.
    common: Vec<String>,
    /// An address of S3 that answers when the region's buckets can be reached.
    endpoint: String,
    /// Whether any cache goes to the root volume where there is no instance store.
    falls_back: bool,
    /// Whether any cache is on the instance store, whose directory this is.
    instance_store: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Named<'a> {
    name: &'a str,
}

#[derive(Debug, Serialize)]
struct Install<'a> {
    from: &'static str,
    version: String,
    /// `s3://…` or `https://…`, without the file.
    url: String,
    /// The region of the mirror.
    region: &'a str,
}

#[derive(Debug, Serialize)]
struct NodeMount<'a> {
    name: &'a str,
    /// The mount point, where it is not `/mnt/s3/NAME`.
    path: Option<&'a str>,
    /// Its other options, and the bucket: all of the command line but cache and mount point.
    arguments: Vec<String>,
    cache: Option<NodeCache<'a>>,
    /// An address of S3 that answers when the bucket can be reached, where it is not the node's.
    endpoint: Option<String>,
}

#[derive(Debug, Serialize)]
struct NodeCache<'a> {
    /// The directory of the disk; the cache is in `s3boot/NAME` there.
    disk: &'a str,
    size_mib: u64,
    /// The size on the root volume where there is no instance store.
    fallback_mib: Option<u64>,
}

impl<'a> Node<'a> {
    fn of(plan: &'a Plan, class: &'a Class, instance_store: &'a str) -> Self {
        let region = &plan.cluster.region;
        let endpoint = format!("https://s3.{region}.{}/", region.domain());
        let mut mounts: Vec<_> =
            class.mounts.iter().map(|mount| NodeMount::of(mount, instance_store, &endpoint)).collect();
        let common = lift_common(&mut mounts);
        let falls_back = |mount: &NodeMount<'_>| mount.cache.as_ref().is_some_and(|cache| cache.fallback_mib.is_some());
        Self {
            context: CONTEXT,
            class: Named { name: class.name.as_str() },
            join_after: match class.on_failure {
                OnFailure::Refuse => 0,
                OnFailure::Join { after_seconds } => after_seconds,
            },
            install: Install::of(plan),
            falls_back: mounts.iter().any(falls_back),
            names: mounts.iter().map(|mount| mount.name).collect(),
            mounts,
            common,
            endpoint,
            instance_store: class.uses_instance_store().then_some(instance_store),
        }
    }
}

impl<'a> Install<'a> {
    fn of(plan: &'a Plan) -> Self {
        let version = plan.install.version.to_string();
        let (from, url) = match (&plan.install.from, &plan.install.mirror) {
            (InstallFrom::Mirror, Some(mirror)) => {
                ("mirror", format!("s3://{}/{}", mirror.bucket, mirror.prefix.as_str()))
            }
            (InstallFrom::Release | InstallFrom::Mirror, _) => {
                ("release", "https://s3.amazonaws.com/mountpoint-s3-release/".to_owned())
            }
            (InstallFrom::Distribution, _) => ("distribution", String::new()),
        };
        Self { from, version, url, region: plan.cluster.region.as_str() }
    }
}

impl<'a> NodeMount<'a> {
    fn of(mount: &'a Mount, instance_store: &'a str, usual_endpoint: &str) -> Self {
        let own = mount.option("endpoint-url").and_then(|setting| setting.value.clone());
        let endpoint = own.unwrap_or_else(|| mount.bucket.endpoint(&mount.region));
        let usual_path = format!("/mnt/s3/{}", mount.name);
        Self {
            name: mount.name.as_str(),
            path: Some(mount.path.as_str()).filter(|path| *path != usual_path),
            arguments: arguments(mount),
            cache: mount.cache.as_ref().map(|cache| NodeCache::of(cache, instance_store)),
            endpoint: Some(endpoint).filter(|endpoint| endpoint != usual_endpoint),
        }
    }
}

impl<'a> NodeCache<'a> {
    fn of(cache: &Cache, instance_store: &'a str) -> Self {
        let disk = match cache.on {
            CacheOn::InstanceStore => instance_store,
            CacheOn::Root => "/var/cache",
        };
        Self { disk, size_mib: cache.size_mib, fallback_mib: cache.root_fallback_mib }
    }
}

/// Takes the options out of the mounts that all of them have: a script is small.
fn lift_common(mounts: &mut [NodeMount<'_>]) -> Vec<String> {
    let [first, others @ ..] = &*mounts else { return Vec::new() };
    let shared = |word: &&String| word.starts_with("--") && others.iter().all(|other| other.arguments.contains(word));
    let common: Vec<_> = first.arguments.iter().filter(shared).cloned().collect();
    for mount in mounts {
        mount.arguments.retain(|word| !common.contains(word));
    }
    common
}

/// The command line of mount-s3 without cache, mount point and `--allow-other`, which the script gives itself.
fn arguments(mount: &Mount) -> Vec<String> {
    let mut words = vec![format!("--region={}", mount.region)];
    if mount.mode == Mode::ReadOnly {
        words.push("--read-only".to_owned());
    }
    if !mount.prefix.as_str().is_empty() {
        words.push(format!("--prefix={}", mount.prefix.as_str()));
    }
    words.extend(mount.options.iter().map(Setting::argument));
    words.push(mount.bucket.to_string());
    words
}
