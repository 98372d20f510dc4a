//! What is wrong with a pod, one function a fault: the sentence, the place and the edit to make.

use super::document::{Document, Node};
use super::place::Place;
use super::scheduling::{Refused, tolerated};
use super::workload::{Scheduling, Volume, Workload};
use super::{Home, World, code, is_in};
use crate::diagnostic::{Diagnostic, Fault, choose, list};
use crate::source::Span;
use std::sync::Arc;

pub(super) fn refused(refused: &Refused) -> Diagnostic {
    Fault::new(&code::POD_REFUSED, refused.what.clone(), "write it as `kubectl explain` has it").at(refused.span)
}

pub(super) fn node_name(name: &str, needs_bucket: bool) -> Fault {
    let what = if needs_bucket { "whether its bucket is mounted there or not" } else { "whatever taints it has" };
    Fault::new(
        &code::POD_NODE_NAME,
        format!("the pod goes to `{name}` without the scheduler, {what}"),
        "remove `nodeName`; a node selector and tolerations bring it to the nodes of its class",
    )
}

/// What keeps the rules of the default scheduler from deciding.
pub(super) fn of_scheduling(scheduling: &Scheduling) -> Vec<(Fault, Span)> {
    let scheduler = scheduling.scheduler.as_ref().map(|(name, span)| (scheduler(name), *span));
    scheduler.into_iter().chain(scheduling.gate.map(|span| (gated(), span))).collect()
}

fn scheduler(name: &str) -> Fault {
    Fault::new(
        &code::POD_SCHEDULER,
        format!("`{name}` decides where the pod lands, and this is judged by the rules of the default scheduler"),
        "see that it keeps to taints, node selectors and affinity, and takes them from where they are written here",
    )
}

fn gated() -> Fault {
    Fault::new(
        &code::POD_GATED,
        "the pod waits until its scheduling gate is removed",
        "remove the gate, or see that something does",
    )
}

/// Rule A: nothing confines the pod to its classes.
pub(super) fn escapes(homes: &[&Home], outside: &[&str], scheduling: &Scheduling) -> Fault {
    let Home { key, name, .. } = homes[0];
    let names: Vec<_> = homes.iter().map(|home| home.name.as_str()).collect();
    let (bucket, selector) = match names.as_slice() {
        [_] => (format!("the bucket of `{name}`"), format!("`nodeSelector: {{{key}: {name}}}`")),
        _ => {
            ("its bucket".to_owned(), format!("a `nodeSelector` with `{key}` and one of its classes, such as `{name}`"))
        }
    };
    let help = match scheduling.requires.selector.get(key) {
        Some(other) if !names.contains(&other.as_str()) => {
            format!("`{key}: {other}` selects no class that mounts it: {}", choose(other, &names))
        }
        _ => format!(
            "add {selector}: a toleration only permits, and `NotIn` or another term of the affinity lets it out again"
        ),
    };
    let message = format!("the pod may land on {}, where {bucket} is not mounted", outside.join(", "));
    Fault::new(&code::POD_ESCAPES, message, help)
}

/// Rule A, for buckets of several classes.
pub(super) fn scattered(outside: &[&str]) -> Fault {
    Fault::new(
        &code::POD_ESCAPES,
        format!(
            "the pod mounts buckets of several classes, and may land on {}, where not all are mounted",
            outside.join(", ")
        ),
        "put these mounts into one class, or the volumes into pods of their own",
    )
}

/// Rules B and E: no node of the class takes the pod.
pub(super) fn stuck(home: &Home, place: Option<&Place>, scheduling: &Scheduling) -> Fault {
    let untolerated: Vec<_> = place
        .into_iter()
        .flat_map(|place| &place.taints)
        .filter(|taint| !tolerated(&scheduling.tolerations, &[(*taint).clone()]))
        .collect();
    let help = match untolerated.first() {
        Some(taint) if taint.value.is_empty() => {
            format!("add the toleration `{{key: {}, operator: Exists, effect: {}}}`", taint.key, taint.effect)
        }
        Some(taint) => format!(
            "add the toleration `{{key: {}, operator: Equal, value: {}, effect: {}}}`",
            taint.key, taint.value, taint.effect
        ),
        None => format!(
            "require only labels that nodes of `{}` have: `{}: {}`, and those of `nodes.labels`",
            home.name, home.key, home.name
        ),
    };
    Fault::new(&code::POD_STUCK, format!("no node of class `{}` takes the pod", home.name), help)
}

/// Rule C: a pod of another kind that tolerates the taint of a class.
pub(super) fn intrusions(world: &World, workload: &Workload, scheduling: &Scheduling) -> Vec<(Fault, Span)> {
    if workload.is_daemon {
        return Vec::new();
    }
    let mut found = Vec::new();
    for home in &world.homes {
        let own: Vec<_> = world.places.iter().filter(|place| home.is_mounted_on(place)).collect();
        let lands = own.iter().any(|place| place.accepts(&scheduling.tolerations, &scheduling.requires));
        let taints = own.iter().flat_map(|place| &place.taints).filter(|taint| taint.key == home.key);
        let by = scheduling.tolerations.iter().find(|one| taints.clone().any(|taint| one.tolerates(taint)));
        if let (true, Some(toleration)) = (lands, by) {
            let fault = Fault::new(
                &code::POD_INTRUDES,
                format!("the pod uses no bucket of class `{}`, and may take its nodes", home.name),
                match toleration.is_blanket() {
                    true => "name the keys that it has to tolerate: without a key it tolerates every taint".to_owned(),
                    false => format!("remove the toleration of `{}`, or add the node selector of the class", home.key),
                },
            );
            found.push((fault, toleration.span));
        }
    }
    found
}

/// What is wrong with the volumes of one pod.
pub(super) fn of_pod(world: &World, workload: &Workload) -> Vec<Diagnostic> {
    let mut found: Vec<(Fault, Span)> = Vec::new();
    for mount in &workload.mounts {
        if !workload.volumes.iter().any(|volume| volume.name == mount.name) {
            let known: Vec<_> = workload.volumes.iter().map(|volume| volume.name.as_str()).collect();
            let what = if workload.of_spark {
                "the operator skips it without a word"
            } else {
                "the API server refuses the pod"
            };
            let message = format!("there is no volume `{}`: {what}", mount.name);
            let help = if known.is_empty() { "add it to `volumes`".to_owned() } else { choose(&mount.name, &known) };
            found.push((Fault::new(&code::MOUNT_WITHOUT_VOLUME, message, help), mount.span));
        }
    }
    for volume in &workload.volumes {
        let Some((path, kind, span)) = volume.host_path.as_ref().filter(|(path, ..)| world.is_bucket(path)) else {
            continue;
        };
        found.extend(host_path(world, path, kind).map(|fault| (fault, *span)));
        found.extend(restricted(world, workload).map(|fault| (fault, *span)));
        for mount in workload.mounts.iter().filter(|mount| mount.name == volume.name) {
            if !matches!(mount.propagation.as_str(), "HostToContainer" | "Bidirectional") {
                let fault = Fault::new(
                    &code::MOUNT_PROPAGATION,
                    format!("at `{}` the pod does not see a mount that comes later, or comes back", mount.path),
                    "add `mountPropagation: HostToContainer`",
                );
                found.push((fault, mount.span));
            }
        }
    }
    let source = |(fault, span): (Fault, Span)| fault.at(span).of(Arc::clone(&workload.source));
    found.into_iter().map(source).collect()
}

impl World {
    /// Whether a directory of the host is a mount of a class, in one, or the parent of one; where no class is known, what
    /// s3boot mounts below by default.
    fn is_bucket(&self, path: &str) -> bool {
        self.homes.iter().any(|home| home.has(path)) || self.homes.is_empty() && is_in(path, "/mnt/s3")
    }
}

fn host_path(world: &World, path: &str, kind: &str) -> Option<Fault> {
    let mount = world.homes.iter().flat_map(|home| &home.mounts).find(|(mount, _)| is_in(path, mount));
    if let Some((_, parent)) = mount {
        return Some(Fault::new(
            &code::HOST_PATH_MOUNT_POINT,
            format!("`{path}` is a mount point: after a crash the pod keeps the dead mount"),
            format!("mount its parent, `path: {parent}`, with `mountPropagation: HostToContainer`"),
        ));
    }
    matches!(kind, "DirectoryOrCreate" | "FileOrCreate").then(|| {
        Fault::new(
            &code::HOST_PATH_CREATE,
            format!("`{kind}` makes an empty `{path}` where nothing is mounted, and the pod starts"),
            "write `type: Directory`",
        )
    })
}

fn restricted(world: &World, workload: &Workload) -> Option<Fault> {
    let level = world.restricted.get(&workload.namespace)?;
    Some(Fault::new(
        &code::NAMESPACE_RESTRICTED,
        format!("namespace `{}` enforces pod security `{level}`, which forbids hostPath", workload.namespace),
        "use a namespace with `pod-security.kubernetes.io/enforce: privileged`, or `deliver: csi`, whose pods have a claim",
    ))
}

/// What is wrong with a whole application.
pub(super) fn of_document(world: &World, document: &Document, workloads: &[Workload]) -> Vec<Diagnostic> {
    let kind = document.root.get("kind").text().unwrap_or_default();
    let spec = match kind {
        "SparkApplication" => document.root.get("spec"),
        "ScheduledSparkApplication" => document.root.at("spec/template"),
        _ => return Vec::new(),
    };
    let mut found = one_role(world, workloads);
    found.extend(selector_twice(spec));
    found.extend(local_dirs(world, spec));
    found.extend(jars(spec));
    found.extend(class_path(world, spec));
    found.into_iter().map(|(fault, span)| fault.at(span).of(Arc::clone(&document.source))).collect()
}

fn bucket_volumes<'a>(world: &World, workload: &'a Workload) -> impl Iterator<Item = &'a Volume> {
    workload.volumes.iter().filter(|volume| {
        let on_host = volume.host_path.as_ref().is_some_and(|(path, ..)| world.is_bucket(path));
        on_host || world.homes.iter().any(|home| home.claims(volume, &workload.namespace))
    })
}

fn one_role(world: &World, workloads: &[Workload]) -> Vec<(Fault, Span)> {
    let [driver, executor] = workloads else { return Vec::new() };
    let has = |workload: &Workload, volume: &Volume| workload.mounts.iter().any(|mount| mount.name == volume.name);
    let mut found = Vec::new();
    for volume in bucket_volumes(world, driver) {
        let roles = [(driver, executor, "executors"), (executor, driver, "driver")];
        for (_, other, name) in roles.iter().filter(|(one, other, _)| has(one, volume) && !has(other, volume)) {
            let message = format!("the {name} do not mount `{}`: their files are not there", volume.name)
                .replace("driver do", "driver does");
            let help = format!("add a `volumeMounts` entry for `{}` to the {name} too", volume.name);
            found.push((Fault::new(&code::MOUNT_ONE_ROLE, message, help), other.span));
        }
    }
    found
}

fn selector_twice(spec: &Node) -> Option<(Fault, Span)> {
    let role = ["driver", "executor"].into_iter().find(|role| spec.get(role).get("nodeSelector").is_some())?;
    spec.get("nodeSelector").is_some().then(|| {
        let message = format!("the application has a node selector, and its {role} another: the operator refuses both");
        let fault = Fault::new(&code::SELECTOR_TWICE, message, "keep those of driver and executor");
        (fault, spec.key_span("nodeSelector"))
    })
}

fn local_dirs(world: &World, spec: &Node) -> Vec<(Fault, Span)> {
    let volumes = spec.get("volumes").items().iter();
    let scratch = volumes.filter(|volume| {
        let name = volume.get("name").text().unwrap_or_default();
        let path = volume.at("hostPath/path").text().unwrap_or_default();
        name.starts_with("spark-local-dir-") && world.is_bucket(path.trim_end_matches('/'))
    });
    scratch
        .map(|volume| {
            let message = "Spark takes this volume for its scratch space, and would shuffle onto the bucket";
            (
                Fault::new(&code::VOLUME_SPARK_LOCAL, message, "give it another name, such as `s3`"),
                volume.get("name").span,
            )
        })
        .collect()
}

fn jars(spec: &Node) -> Vec<(Fault, Span)> {
    let in_cluster = spec.get("mode").text().is_none_or(|mode| mode == "cluster");
    let deps = ["jars", "files", "pyFiles"].into_iter().flat_map(|key| spec.at("deps").get(key).items());
    let conf = spec.get("sparkConf").get("spark.jars");
    let listed = conf.text().into_iter().flat_map(|text| text.split(',')).map(|jar| (jar.trim(), conf.span));
    let single = deps.chain([spec.get("mainApplicationFile")]).filter_map(|node| Some((node.text()?, node.span)));
    single.chain(listed).filter_map(|(jar, span)| Some((jar_fault(jar, in_cluster)?, span))).collect()
}

fn jar_fault(jar: &str, in_cluster: bool) -> Option<Fault> {
    if jar.starts_with("local:") && jar.contains(['*', '?', '[', '{']) {
        return Some(Fault::new(
            &code::JAR_LOCAL_GLOB,
            format!("`{jar}` is a pattern, and Spark does not expand patterns of `local://` files"),
            "list each file by its name",
        ));
    }
    let of_submitter = jar.starts_with("file:") || jar.starts_with('/');
    (in_cluster && of_submitter).then(|| {
        let path = jar.trim_start_matches("file:").trim_start_matches('/');
        Fault::new(
            &code::JAR_FILE_SCHEME,
            format!("`{jar}` is looked for where spark-submit runs, not on the nodes"),
            format!("write `local:///{path}`"),
        )
    })
}

fn class_path(world: &World, spec: &Node) -> Vec<(Fault, Span)> {
    let keys = ["spark.driver.extraClassPath", "spark.executor.extraClassPath"];
    let nodes = keys.map(|key| spec.get("sparkConf").get(key));
    let entries = nodes
        .into_iter()
        .flat_map(|node| node.text().into_iter().flat_map(|text| text.split(':')).map(|entry| (entry, node.span)));
    entries.filter_map(|(entry, span)| Some((class_path_fault(world, entry)?, span))).collect()
}

fn class_path_fault(world: &World, entry: &str) -> Option<Fault> {
    if !entry.is_empty() && !entry.starts_with('/') {
        let message = format!("`{entry}` is looked for in Spark's work directory, and is empty");
        return Some(Fault::new(&code::CLASS_PATH_RELATIVE, message, format!("write `/{entry}`")));
    }
    let mut mounts = world.homes.iter().flat_map(|home| &home.mounts);
    let directory = entry.trim_end_matches('/');
    if mounts.any(|(mount, _)| mount == directory) {
        let message = format!("Java takes `{entry}` for a directory of classes, and loads no JAR in it");
        return Some(Fault::new(&code::CLASS_PATH_PATTERN, message, format!("write `{directory}/*`")));
    }
    let stem = entry.strip_suffix("/*").unwrap_or(entry);
    stem.contains('*').then(|| {
        let directory = entry.rsplit_once('/').map_or("", |(directory, _)| directory);
        let message = format!("Java does not expand `{entry}`");
        Fault::new(&code::CLASS_PATH_PATTERN, message, format!("write {}", list(&[&format!("{directory}/*")])))
    })
}
