//! `pod`: what any workload needs to land on the nodes of its class and to see its buckets, as a kustomize component.
//!
//! Pods mount the PARENT of the mount points, with `HostToContainer`: the one arrangement in which a running pod sees a mount
//! that came back (kubernetes#66567).

use super::{Context, Refusal, Target, csi, object};
use crate::manifest::{Deliver, Mode};
use crate::output::Tree;
use crate::plan::{Class, Taint};
use k8s_openapi::api::core::v1::{
    Container, HostPathVolumeSource, PersistentVolumeClaimVolumeSource, Toleration, Volume, VolumeMount,
};
use std::collections::BTreeMap;

mod kustomize;
mod models;

/// The patch.
pub struct Pod;

/// The side of the pods: what the class's pods have in common, whatever runs in them.
pub struct Side {
    /// It confines: the label of the class.
    pub node_selector: BTreeMap<String, String>,
    /// They permit: each taint of the nodes.
    pub tolerations: Vec<Toleration>,
    /// Directories of the host, or claims.
    pub volumes: Vec<Volume>,
    /// Where containers have them.
    pub mounts: Vec<VolumeMount>,
    /// Mount points to wait for; none with claims, for which kubelet waits.
    wait_for: Vec<String>,
}

/// How long a pod waits for its mounts, in seconds. After that it fails, and says why.
const PATIENCE: u32 = 300;

impl Side {
    /// That of a class.
    #[must_use]
    pub fn of(class: &Class) -> Self {
        let (volumes, mounts) = match class.deliver {
            Deliver::Csi => of_claims(class),
            Deliver::Karpenter | Deliver::NodeGroup | Deliver::Daemonset => of_host(class),
        };
        let on_host = class.deliver != Deliver::Csi;
        Self {
            node_selector: class.pairing.label(),
            tolerations: class.taints().iter().map(toleration).collect(),
            volumes,
            mounts,
            wait_for: class.mounts.iter().filter(|_| on_host).map(|mount| mount.path.to_string()).collect(),
        }
    }

    /// An init container that waits until everything is mounted and the files are there, and fails when it does not come:
    /// Spark's driver only warns of a missing JAR, and executors fail again and again.
    #[must_use]
    pub fn wait(&self, image: &str, files: &[String]) -> Option<Container> {
        if self.wait_for.is_empty() {
            return None;
        }
        let script = include_str!("../../templates/wait.sh");
        let words = ["/bin/sh", "-c", script, "s3boot"].map(str::to_owned);
        let paths = self.wait_for.iter().cloned().chain(["--".to_owned()]).chain(files.iter().cloned());
        Some(Container {
            name: "s3boot-wait".to_owned(),
            image: Some(image.to_owned()),
            command: Some(words.into_iter().chain([PATIENCE.to_string()]).chain(paths).collect()),
            volume_mounts: Some(self.mounts.clone()),
            ..Container::default()
        })
    }
}

/// The directories of the host that have mounts, each once.
fn of_host(class: &Class) -> (Vec<Volume>, Vec<VolumeMount>) {
    let mut parents: BTreeMap<&str, bool> = BTreeMap::new();
    for mount in &class.mounts {
        let read_only = parents.entry(mount.path.parent()).or_insert(true);
        *read_only &= mount.mode == Mode::ReadOnly;
    }
    let name = |at: usize| if at == 0 { "s3".to_owned() } else { format!("s3-{}", at + 1) };
    let volume = |(at, parent): (usize, &&str)| Volume {
        name: name(at),
        host_path: Some(HostPathVolumeSource { path: (*parent).to_owned(), type_: Some("Directory".to_owned()) }),
        ..Volume::default()
    };
    let mount = |(at, (parent, read_only)): (usize, (&&str, &bool))| VolumeMount {
        name: name(at),
        mount_path: (*parent).to_owned(),
        mount_propagation: Some("HostToContainer".to_owned()),
        read_only: Some(*read_only),
        ..VolumeMount::default()
    };
    (parents.keys().enumerate().map(volume).collect(), parents.iter().enumerate().map(mount).collect())
}

fn of_claims(class: &Class) -> (Vec<Volume>, Vec<VolumeMount>) {
    let volume = |mount: &crate::plan::Mount| Volume {
        name: format!("s3-{}", mount.name),
        persistent_volume_claim: Some(PersistentVolumeClaimVolumeSource {
            claim_name: csi::claim_name(class, mount),
            read_only: Some(mount.mode == Mode::ReadOnly),
        }),
        ..Volume::default()
    };
    let place = |mount: &crate::plan::Mount| VolumeMount {
        name: format!("s3-{}", mount.name),
        mount_path: mount.path.to_string(),
        read_only: Some(mount.mode == Mode::ReadOnly),
        ..VolumeMount::default()
    };
    (class.mounts.iter().map(volume).collect(), class.mounts.iter().map(place).collect())
}

/// What tolerates a taint, and no other.
pub fn toleration(taint: &Taint) -> Toleration {
    Toleration {
        key: Some(taint.key.to_string()),
        operator: Some(if taint.value.is_some() { "Equal" } else { "Exists" }.to_owned()),
        value: taint.value.as_ref().map(ToString::to_string),
        effect: Some(format!("{:?}", taint.effect)),
        ..Toleration::default()
    }
}

impl Target for Pod {
    fn name(&self) -> &'static str {
        "pod"
    }

    fn about(&self) -> &'static str {
        "a kustomize component that pairs any workload with the class, and servers of model weights"
    }

    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
        let class = context.class;
        let component = object::value(&kustomize::component(class))?;
        let mut tree = object::noted(class, "pods/kustomization.yaml", &kustomize::notes(class), &[component])?;
        tree.merge(object::file(class, "pods/pairing.yaml", &[object::value(&kustomize::pairing(class))?])?);
        for (file, document) in models::examples(class) {
            tree.merge(object::file(class, &format!("pods/{file}"), &[object::value(&document)?])?);
        }
        Ok(tree)
    }
}
