//! The node script: what mounts the buckets of a class on the host.

use super::join;
use crate::family::{Can, Host, Packages};
use crate::manifest::{CacheOn, InstallFrom, Mode};
use crate::mount_option::Setting;
use crate::plan::{Cache, Class, Mount, OnFailure, Plan};
use crate::template::CONTEXT;
use serde::Serialize;

/// What the template of a node script is given.
#[derive(Debug, Serialize)]
pub struct Node<'a> {
    context: u32,
    class: Named<'a>,
    /// The unit of kubelet.
    kubelet: &'static str,
    /// What installs packages.
    packages: Packages,
    /// Whether systemd is older than 246.
    old_systemd: bool,
    /// systemd's word for no time-out.
    forever: &'static str,
    /// The arguments of `bootstrap.sh`, where nothing else joins the node.
    join: Option<Vec<String>>,
    /// Seconds that the gate waits at most; 0 for ever.
    join_after: u64,
    install: Install<'a>,
    /// Names of the mounts.
    names: Vec<&'a str>,
    /// Their mount points.
    paths: Vec<&'a str>,
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
    /// `rpm` or `deb`.
    extension: &'static str,
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
    /// What the script of a class is made of.
    #[must_use]
    pub fn of(plan: &'a Plan, class: &'a Class, host: &Host) -> Self {
        let region = &plan.cluster.region;
        let endpoint = format!("https://s3.{region}.{}/", region.domain());
        let mut mounts: Vec<_> = class.mounts.iter().map(|mount| NodeMount::of(mount, host, &endpoint)).collect();
        let common = lift_common(&mut mounts);
        let falls_back = |mount: &NodeMount<'_>| mount.cache.as_ref().is_some_and(|cache| cache.fallback_mib.is_some());
        Self {
            context: CONTEXT,
            class: Named { name: class.name.as_str() },
            kubelet: host.kubelet,
            packages: host.packages,
            old_systemd: host.old_systemd,
            forever: if host.old_systemd { "0" } else { "infinity" },
            join: join::bootstrap_arguments(plan, class),
            join_after: match class.on_failure {
                OnFailure::Refuse => 0,
                OnFailure::Join { after_seconds } => after_seconds,
            },
            install: Install::of(plan, host.packages),
            falls_back: mounts.iter().any(falls_back),
            paths: class.mounts.iter().map(|mount| mount.path.as_str()).collect(),
            names: mounts.iter().map(|mount| mount.name).collect(),
            mounts,
            common,
            endpoint,
            instance_store: Some(instance_store(host)).filter(|_| class.uses_instance_store()),
        }
    }
}

/// The directory of the instance store; a family that has none takes no cache on it.
fn instance_store(host: &Host) -> &'static str {
    match host.instance_store {
        Can::Yes(directory) => directory,
        Can::No { .. } => "",
    }
}

impl<'a> Install<'a> {
    fn of(plan: &'a Plan, packages: Packages) -> Self {
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
        let extension = if packages == Packages::Apt { "deb" } else { "rpm" };
        Self { from, version, extension, url, region: plan.cluster.region.as_str() }
    }
}

impl<'a> NodeMount<'a> {
    fn of(mount: &'a Mount, host: &Host, usual_endpoint: &str) -> Self {
        let own = mount.option("endpoint-url").and_then(|setting| setting.value.clone());
        let endpoint = own.unwrap_or_else(|| mount.bucket.endpoint(&mount.region));
        let usual_path = format!("/mnt/s3/{}", mount.name);
        Self {
            name: mount.name.as_str(),
            path: Some(mount.path.as_str()).filter(|path| *path != usual_path),
            arguments: arguments(mount),
            cache: mount.cache.as_ref().map(|cache| NodeCache::of(cache, host)),
            endpoint: Some(endpoint).filter(|endpoint| endpoint != usual_endpoint),
        }
    }
}

impl NodeCache<'_> {
    fn of(cache: &Cache, host: &Host) -> Self {
        let disk = match cache.on {
            CacheOn::InstanceStore => instance_store(host),
            CacheOn::Root | CacheOn::Volume => "/var/cache",
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
