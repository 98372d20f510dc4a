//! `csi`: a volume and a claim for each mount in each namespace, by the rules of the CSI driver's version 2.
//! Source: mountpoint-s3-csi-driver `docs/CONFIGURATION.md`, `pkg/driver/node/volumecontext`, `pkg/mountpoint/args.go`, 2.7.

use super::{Context, Refusal, Target, object};
use crate::manifest::{CacheOn, Credentials, Deliver, Mode};
use crate::mount_option::Setting;
use crate::output::Tree;
use crate::plan::{Cache, Class, Mount, Plan};
use k8s_openapi::api::core::v1::{
    CSIPersistentVolumeSource, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, ObjectReference,
    PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeSpec, VolumeNodeAffinity,
    VolumeResourceRequirements,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use std::collections::BTreeMap;

/// Volumes and claims.
pub struct Csi;

const VOLUME: &str = "PersistentVolume";
const CLAIM: &str = "PersistentVolumeClaim";
/// Kubernetes wants a size; the driver does not look at it.
const CAPACITY: &str = "1200Gi";

impl Target for Csi {
    fn name(&self) -> &'static str {
        "csi"
    }

    fn about(&self) -> &'static str {
        "a PersistentVolume and a claim for each mount in each namespace of the pods"
    }

    fn documents(&self) -> &'static [&'static str] {
        &[VOLUME, CLAIM]
    }

    fn serves(&self, class: &Class) -> bool {
        class.deliver == Deliver::Csi
    }

    fn is_printed(&self, class: &Class) -> bool {
        self.serves(class)
    }

    fn render(&self, context: &Context<'_>) -> Result<Tree, Vec<Refusal>> {
        let Context { plan, class, .. } = *context;
        let mut documents = Vec::new();
        for namespace in &class.pods.namespaces {
            for mount in &class.mounts {
                let pair = Pair { plan, class, mount, namespace };
                let objects = vec![(VOLUME, object::value(&pair.volume())?), (CLAIM, object::value(&pair.claim())?)];
                let patched = object::patched(self.name(), class, objects, |kind, before, after| {
                    object::identity(before, after, if kind == VOLUME { OF_VOLUME } else { OF_CLAIM })
                })?;
                documents.extend(patched.into_iter().map(|(_, document)| document));
            }
        }
        object::file(class, "volumes.yaml", &documents)
    }
}

const OF_VOLUME: &[(&str, &str)] = &[
    ("spec.csi.driver", "the volume is this driver's"),
    ("spec.csi.volumeHandle", "it has to be another for each volume, and is its name"),
    ("spec.claimRef", "it keeps the volume for its claim"),
    ("spec.nodeAffinity", "it keeps the volume to the nodes of the class"),
    ("spec.storageClassName", "with a class, a provisioner would be waited for"),
];
const OF_CLAIM: &[(&str, &str)] = &[
    ("spec.volumeName", "it is the volume of the claim"),
    ("spec.storageClassName", "with a class, a provisioner would be waited for"),
];

/// A volume, and the claim that it is for.
struct Pair<'a> {
    plan: &'a Plan,
    class: &'a Class,
    mount: &'a Mount,
    namespace: &'a str,
}

/// The name of a mount's claim, in each namespace.
#[must_use]
pub fn claim_name(class: &Class, mount: &Mount) -> String {
    format!("{}-{}", class.name, mount.name)
}

impl Pair<'_> {
    /// The name, and the handle: kubelet mounts a handle once on a node, so no two volumes may share one.
    fn name(&self) -> String {
        format!("s3boot-{}-{}-{}", self.class.name, self.mount.name, self.namespace)
    }

    fn access_modes(&self) -> Vec<String> {
        let mode = match self.mount.mode {
            Mode::ReadOnly => "ReadOnlyMany",
            Mode::ReadWrite => "ReadWriteMany",
        };
        vec![mode.to_owned()]
    }

    fn volume(&self) -> PersistentVolume {
        let claim = ObjectReference {
            namespace: Some(self.namespace.to_owned()),
            name: Some(claim_name(self.class, self.mount)),
            ..ObjectReference::default()
        };
        PersistentVolume {
            metadata: ObjectMeta { name: Some(self.name()), ..ObjectMeta::default() },
            spec: Some(PersistentVolumeSpec {
                capacity: Some(BTreeMap::from([("storage".to_owned(), Quantity(CAPACITY.to_owned()))])),
                access_modes: Some(self.access_modes()),
                persistent_volume_reclaim_policy: Some("Retain".to_owned()),
                storage_class_name: Some(String::new()),
                claim_ref: Some(claim),
                node_affinity: Some(self.affinity()),
                mount_options: Some(mount_options(self.mount)),
                csi: Some(CSIPersistentVolumeSource {
                    driver: "s3.csi.aws.com".to_owned(),
                    volume_handle: self.name(),
                    volume_attributes: Some(self.attributes()),
                    ..CSIPersistentVolumeSource::default()
                }),
                ..PersistentVolumeSpec::default()
            }),
            ..PersistentVolume::default()
        }
    }

    /// The scheduler keeps pods with the claim to the nodes of the class; Karpenter heeds it too.
    fn affinity(&self) -> VolumeNodeAffinity {
        let expressions = self.class.pairing.label().into_iter().map(|(key, value)| NodeSelectorRequirement {
            key,
            operator: "In".to_owned(),
            values: Some(vec![value]),
        });
        let term = NodeSelectorTerm { match_expressions: Some(expressions.collect()), ..NodeSelectorTerm::default() };
        VolumeNodeAffinity { required: Some(NodeSelector { node_selector_terms: vec![term] }) }
    }

    /// The driver takes any key and ignores those that it does not know: these are of its list.
    fn attributes(&self) -> BTreeMap<String, String> {
        let mut attributes = BTreeMap::from([("bucketName".to_owned(), self.mount.bucket.to_string())]);
        let mut set = |key: &str, value: String| drop(attributes.insert(key.to_owned(), value));
        match self.class.credentials {
            Credentials::Driver => set("authenticationSource", "driver".to_owned()),
            Credentials::Pod => {
                set("authenticationSource", "pod".to_owned());
                set("stsRegion", self.plan.cluster.region.to_string());
            }
        }
        if let Some(cache) = &self.mount.cache {
            for (key, value) in cache_attributes(cache) {
                set(key, value);
            }
        }
        attributes
    }

    fn claim(&self) -> PersistentVolumeClaim {
        PersistentVolumeClaim {
            metadata: ObjectMeta {
                name: Some(claim_name(self.class, self.mount)),
                namespace: Some(self.namespace.to_owned()),
                ..ObjectMeta::default()
            },
            spec: Some(PersistentVolumeClaimSpec {
                access_modes: Some(self.access_modes()),
                storage_class_name: Some(String::new()),
                volume_name: Some(self.name()),
                resources: Some(VolumeResourceRequirements {
                    requests: Some(BTreeMap::from([("storage".to_owned(), Quantity(CAPACITY.to_owned()))])),
                    ..VolumeResourceRequirements::default()
                }),
                ..PersistentVolumeClaimSpec::default()
            }),
            ..PersistentVolumeClaim::default()
        }
    }
}

fn cache_attributes(cache: &Cache) -> Vec<(&'static str, String)> {
    let size = format!("{}Mi", cache.size_mib);
    match (&cache.on, &cache.storage_class) {
        (CacheOn::Volume, Some(class)) => vec![
            ("cache", "ephemeral".to_owned()),
            ("cacheEphemeralStorageClassName", class.clone()),
            ("cacheEphemeralStorageResourceRequest", size),
        ],
        // The disk that pods have: the local ones, where the node puts kubelet's directory on them.
        _ => vec![("cache", "emptyDir".to_owned()), ("cacheEmptyDirSizeLimit", size)],
    }
}

/// One option an item: the driver splits each at its first space or `=`.
fn mount_options(mount: &Mount) -> Vec<String> {
    let mut options = vec!["allow-other".to_owned(), format!("region={}", mount.region)];
    if mount.mode == Mode::ReadOnly {
        options.push("read-only".to_owned());
    }
    if !mount.prefix.as_str().is_empty() {
        options.push(format!("prefix={}", mount.prefix.as_str()));
    }
    options.extend(mount.options.iter().map(|setting| Setting::argument(setting)[2..].to_owned()));
    options
}
