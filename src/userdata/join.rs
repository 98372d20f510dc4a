//! What joins a node to the cluster, where neither Karpenter nor EKS adds it to the user data.
//! Sources: amazon-eks-ami `nodeadm/api/v1alpha1`, `bootstrap.sh` of the AMIs of Ubuntu and Amazon Linux 2, Bottlerocket's
//! `settings.kubernetes` and `settings.bootstrap-commands`.

use crate::family::Join;
use crate::manifest::NodesFrom;
use crate::plan::{Class, Plan, Taint};
use crate::yaml;
use anyhow::{Context as _, Result};
use serde::Serialize;
use std::collections::BTreeMap;

/// The labels that kubelet may give its own node: of `kubernetes.io` only those of two domains (the admission plugin
/// `NodeRestriction` refuses the others). Karpenter and EKS set the rest by the API.
fn labels(class: &Class) -> BTreeMap<String, String> {
    let free = |key: &String| {
        let domain = key.split_once('/').map_or("", |(domain, _)| domain);
        let of = |suffix: &str| domain == suffix || domain.ends_with(&format!(".{suffix}"));
        of("node.kubernetes.io") || of("kubelet.kubernetes.io") || !(of("kubernetes.io") || of("k8s.io"))
    };
    class.labels().into_iter().filter(|(key, _)| free(key)).collect()
}

/// The taints that a node registers with. A node of Karpenter's family `Custom` also has to bring the one that Karpenter
/// removes when it has seen the node.
fn taints(class: &Class) -> Vec<String> {
    let unregistered =
        (class.nodes.from == NodesFrom::Karpenter).then(|| "karpenter.sh/unregistered:NoExecute".to_owned());
    unregistered.into_iter().chain(class.taints().iter().chain(&class.startup_taints()).map(Taint::argument)).collect()
}

fn label_list(class: &Class) -> String {
    labels(class).into_iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",")
}

/// The arguments of `/etc/eks/bootstrap.sh`; none where the node joins in another way.
#[must_use]
pub fn bootstrap_arguments(plan: &Plan, class: &Class) -> Option<Vec<String>> {
    if !class.joins_by_user_data() || class.ami.family.join != Join::Bootstrap {
        return None;
    }
    let cluster = &plan.cluster;
    let kubelet = format!("--node-labels={} --register-with-taints={}", label_list(class), taints(class).join(","));
    let pairs = [
        ("--apiserver-endpoint", cluster.endpoint.as_ref()?.to_string()),
        ("--b64-cluster-ca", cluster.ca.as_ref()?.to_string()),
        ("--dns-cluster-ip", cluster.cidr.as_ref()?.dns()),
        ("--kubelet-extra-args", kubelet),
    ];
    let words = pairs.into_iter().flat_map(|(key, value)| [key.to_owned(), value]);
    Some(std::iter::once(cluster.name.clone()).chain(words).collect())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NodeConfig<'a> {
    api_version: &'static str,
    kind: &'static str,
    spec: Spec<'a>,
}

#[derive(Serialize, Default)]
struct Spec<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<Cluster<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<Instance>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kubelet: Option<Kubelet>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cluster<'a> {
    name: &'a str,
    api_server_endpoint: &'a str,
    certificate_authority: &'a str,
    cidr: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Instance {
    local_storage: LocalStorage,
}

#[derive(Serialize)]
struct LocalStorage {
    strategy: &'static str,
}

#[derive(Serialize)]
struct Kubelet {
    config: KubeletConfig,
    flags: Vec<String>,
}

/// With an AMI of one's own the taints of the API come after the node has registered: pods could be quicker.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KubeletConfig {
    register_with_taints: Vec<Taint>,
}

/// How much a `NodeConfig` registers by itself: the cluster to join, and whether labels and taints.
#[derive(Debug, Clone, Copy)]
pub enum Registers<'a> {
    /// All of it: nobody adds anything.
    All(&'a Plan),
    /// Labels and taints; what it is given to adds the cluster.
    Kubelet,
}

/// The `NodeConfig` of a class of node groups; none where it would say nothing.
///
/// # Errors
/// A fault of s3boot itself.
pub fn node_config(class: &Class, registers: Option<Registers<'_>>) -> Result<Option<String>> {
    let cluster = match registers {
        Some(Registers::All(plan)) => Some(known_cluster(plan)?),
        Some(Registers::Kubelet) | None => None,
    };
    let kubelet = registers.map(|_| Kubelet {
        config: KubeletConfig { register_with_taints: [class.taints(), class.startup_taints()].concat() },
        flags: vec![format!("--node-labels={}", label_list(class))],
    });
    let instance =
        class.uses_instance_store().then_some(Instance { local_storage: LocalStorage { strategy: "RAID0" } });
    if kubelet.is_none() && instance.is_none() {
        return Ok(None);
    }
    let spec = Spec { cluster, instance, kubelet };
    yaml::write(&NodeConfig { api_version: "node.eks.aws/v1alpha1", kind: "NodeConfig", spec }).map(Some)
}

fn known_cluster(plan: &Plan) -> Result<Cluster<'_>> {
    let cluster = &plan.cluster;
    let missing = "a rule asks for endpoint, ca and cidr here";
    Ok(Cluster {
        name: &cluster.name,
        api_server_endpoint: cluster.endpoint.as_ref().context(missing)?.as_str(),
        certificate_authority: cluster.ca.as_ref().context(missing)?.as_str(),
        cidr: cluster.cidr.as_ref().context(missing)?.as_str(),
    })
}

#[derive(Serialize)]
struct Toml<'a> {
    settings: Settings<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Settings<'a> {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    bootstrap_commands: BTreeMap<&'static str, BootstrapCommand>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kubernetes: Option<Kubernetes<'a>>,
}

#[derive(Serialize)]
struct BootstrapCommand {
    commands: Vec<Vec<&'static str>>,
    essential: bool,
    mode: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Kubernetes<'a> {
    cluster_name: &'a str,
    api_server: &'a str,
    cluster_certificate: &'a str,
    node_labels: BTreeMap<String, String>,
    node_taints: BTreeMap<String, Vec<String>>,
}

/// Bottlerocket's settings as TOML; none where it needs none.
///
/// # Errors
/// A fault of s3boot itself.
pub fn settings(plan: &Plan, class: &Class) -> Result<Option<String>> {
    let Some(settings) = needed_settings(plan, class)? else { return Ok(None) };
    toml::to_string(&Toml { settings }).map(Some).context("the settings could not be written")
}

/// The same, for what is YAML or JSON itself.
///
/// # Errors
/// A fault of s3boot itself.
pub fn settings_as_json(plan: &Plan, class: &Class) -> Result<Option<serde_json::Value>> {
    let Some(mut settings) = needed_settings(plan, class)? else { return Ok(None) };
    // eksctl has the cluster, labels and taints itself.
    settings.kubernetes = None;
    serde_json::to_value(Toml { settings }).map(Some).context("the settings could not be written")
}

/// Since 1.22 a boot command puts pods, images, and so the caches of CSI volumes, on the local disks.
fn needed_settings<'a>(plan: &'a Plan, class: &Class) -> Result<Option<Settings<'a>>> {
    let init = vec!["apiclient", "ephemeral-storage", "init"];
    let dirs = ["/var/lib/containerd", "/var/lib/kubelet", "/var/log/pods"];
    let bind = [vec!["apiclient", "ephemeral-storage", "bind", "--dirs"], dirs.to_vec()].concat();
    let local_disks = BootstrapCommand { commands: vec![init, bind], essential: true, mode: "always" };
    let bootstrap_commands: BTreeMap<_, _> =
        class.uses_instance_store().then_some(("local-disks", local_disks)).into_iter().collect();
    let kubernetes = if class.joins_by_user_data() { Some(kubernetes(plan, class)?) } else { None };
    let needed = !bootstrap_commands.is_empty() || kubernetes.is_some();
    Ok(needed.then_some(Settings { bootstrap_commands, kubernetes }))
}

fn kubernetes<'a>(plan: &'a Plan, class: &Class) -> Result<Kubernetes<'a>> {
    let missing = "a rule asks for endpoint and ca here";
    let mut node_taints: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for taint in class.taints().iter().chain(&class.startup_taints()) {
        let value = taint.value.as_ref().map(ToString::to_string).unwrap_or_default();
        node_taints.entry(taint.key.to_string()).or_default().push(format!("{value}:{:?}", taint.effect));
    }
    Ok(Kubernetes {
        cluster_name: &plan.cluster.name,
        api_server: plan.cluster.endpoint.as_ref().context(missing)?.as_str(),
        cluster_certificate: plan.cluster.ca.as_ref().context(missing)?.as_str(),
        node_labels: labels(class),
        node_taints,
    })
}
