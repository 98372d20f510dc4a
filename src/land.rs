//! Where pods land, by the scheduler's rules, and whether their bucket is mounted there.
//!
//! What "lands only on class C" says: every node that would take the pod has C's label and taint, of the nodes that are given
//! and of all others too: one without C's label is imagined, with whatever other labels and no taint, and it would not.

use crate::diagnostic::{Diagnostic, Fault};
use crate::manifest::Deliver;
use crate::plan::{Class, Plan};
use crate::source::Span;
use document::Document;
use place::Place;
use scheduling::{Refused, Term};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use workload::{Scheduling, Volume, Workload};

pub mod code;
pub mod document;
mod fault;
pub mod place;
pub mod scheduling;
pub mod workload;

/// What a pod lands among.
pub struct World {
    homes: Vec<Home>,
    places: Vec<Place>,
    /// Namespaces that enforce pod security, and the level.
    restricted: BTreeMap<String, String>,
    /// Node affinities of volumes, by namespace and claim.
    claims: BTreeMap<(String, String), Vec<Term>>,
    /// Nodes that are wrong themselves.
    unpaired: BTreeMap<String, Diagnostic>,
}

/// A class, as pods see it.
struct Home {
    name: String,
    key: String,
    /// Mount points on the host, and their parents.
    mounts: Vec<(String, String)>,
    /// Claims, by namespace and name.
    claims: Vec<(String, String)>,
}

/// Where a pod lands.
#[derive(Debug)]
pub struct Landing {
    /// `namespace/name`, and its role.
    pub name: String,
    /// The nodes and `NodePool`s that would take it.
    pub may_land_on: Vec<String>,
    /// What comes of it.
    pub verdict: Verdict,
    /// What is wrong.
    pub findings: Vec<Diagnostic>,
}

/// What comes of a pod; in words where it is printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The API server refuses it.
    Refused,
    /// It names its node.
    Named(String),
    /// It is not scheduled before its gate is removed.
    Gated,
    /// No class is given: how many of the places would take it.
    Counted {
        /// Those that would.
        takers: usize,
        /// All of them.
        of: usize,
    },
    /// It mounts none of the buckets.
    Free,
    /// It lands only where its bucket is mounted: on these classes.
    Only(Vec<String>),
    /// No node takes it.
    Nowhere,
    /// Nodes without its bucket take it: these.
    Outside(Vec<String>),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("is refused by the API server"),
            Self::Named(node) => write!(f, "goes to {node}, around the scheduler"),
            Self::Gated => f.write_str("waits for its scheduling gate"),
            Self::Counted { takers, of } => write!(f, "may land on {takers} of {of}"),
            Self::Free => f.write_str("needs no bucket of these classes"),
            Self::Only(classes) => write!(f, "lands only on {}", classes.join(" or ")),
            Self::Nowhere => f.write_str("lands nowhere"),
            Self::Outside(places) => write!(f, "may land on {}, where its bucket is not mounted", places.join(", ")),
        }
    }
}

/// What takes a pod, by what it finds there.
struct Reach<'a> {
    /// Whether any place has its bucket.
    inside: bool,
    /// Places that have not.
    outside: Vec<&'a str>,
    /// Places that have its label, and not its taint: there the node is wrong, and not the pod.
    unpaired: Vec<&'a str>,
}

impl<'a> Reach<'a> {
    fn of(homes: &[&Home], accepted: &[&'a Place], scheduling: &Scheduling, buckets: &Buckets<'_>) -> Self {
        let mut reach = Self { inside: false, outside: Vec::new(), unpaired: Vec::new() };
        for place in accepted {
            let mounted = homes.iter().find(|home| home.is_mounted_on(place));
            if mounted.is_some_and(|home| buckets.all_of(home)) {
                reach.inside = true;
            } else if mounted.is_none() && homes.iter().any(|home| place.labels.always(&home.key, &home.name)) {
                reach.unpaired.push(&place.name);
            } else {
                reach.outside.push(&place.name);
            }
        }
        let elsewhere = Place::outside(homes.iter().map(|home| (home.key.as_str(), home.name.as_str())));
        if elsewhere.accepts(&scheduling.tolerations, &scheduling.requires) {
            reach.outside.push("any other node");
        }
        reach
    }

    fn verdict(&self, homes: &[&Home]) -> Verdict {
        let without: Vec<_> = self.outside.iter().chain(&self.unpaired).map(|name| (*name).to_owned()).collect();
        match (self.inside, without.is_empty()) {
            (true, true) => Verdict::Only(homes.iter().map(|home| home.name.clone()).collect()),
            (false, true) => Verdict::Nowhere,
            (_, false) => Verdict::Outside(without),
        }
    }
}

impl World {
    /// The classes of a plan, where there is one, and the nodes, volumes and namespaces of documents.
    ///
    /// # Errors
    /// What the API server would refuse of a node, or of a volume.
    pub fn of(plan: Option<&Plan>, documents: &[Document]) -> Result<Self, Box<Diagnostic>> {
        let refused = |document: &Document| {
            let source = Arc::clone(&document.source);
            move |refused: Refused| Box::new(fault::refused(&refused).of(source))
        };
        let classes = plan.map_or(&[][..], |plan| &plan.classes);
        let mut world = Self {
            homes: classes.iter().map(Home::of).collect(),
            places: classes.iter().map(Place::of_class).collect(),
            restricted: BTreeMap::new(),
            claims: BTreeMap::new(),
            unpaired: BTreeMap::new(),
        };
        for document in documents {
            if let Some(place) = Place::read(document).map_err(refused(document))? {
                world.unpaired(&place, document);
                // What is there counts, and not what the manifest would make of it.
                world.places.retain(|other| other.name != place.name);
                world.places.push(place);
            }
            world.volume(document).map_err(refused(document))?;
            world.namespace(document);
        }
        Ok(world)
    }

    fn volume(&mut self, document: &Document) -> Result<(), Refused> {
        let root = &document.root;
        let required = root.at("spec/nodeAffinity/required");
        if root.get("kind").text() == Some("PersistentVolume") && required.is_some() {
            let text = |path: &str| root.at(path).text().unwrap_or_default().to_owned();
            let claim = (text("spec/claimRef/namespace"), text("spec/claimRef/name"));
            self.claims.insert(claim, scheduling::node_selector(required)?);
        }
        Ok(())
    }

    fn namespace(&mut self, document: &Document) {
        let root = &document.root;
        let level = root.at("metadata/labels").get("pod-security.kubernetes.io/enforce").text();
        if let (Some("Namespace"), Some(level @ ("baseline" | "restricted"))) = (root.get("kind").text(), level) {
            let name = root.at("metadata/name").text().unwrap_or_default().to_owned();
            self.restricted.insert(name, level.to_owned());
        }
    }

    /// A node that has the label of a class, and not its taint.
    fn unpaired(&mut self, place: &Place, document: &Document) {
        for home in &self.homes {
            if place.labels.always(&home.key, &home.name) && !home.is_mounted_on(place) {
                let fault = Fault::new(
                    &code::NODE_UNPAIRED,
                    format!("`{}` has the label of class `{}`, and not its taint", place.name, home.name),
                    format!("add the taint `{}={}:NoSchedule`, or remove the label", home.key, home.name),
                );
                let span = document.root.at("metadata/name").span;
                let diagnostic = fault.at(span).of(Arc::clone(&document.source));
                self.unpaired.insert(place.name.clone(), diagnostic);
            }
        }
    }

    /// Nodes that are wrong themselves.
    pub fn faults(&self) -> impl Iterator<Item = &Diagnostic> {
        self.unpaired.values()
    }

    /// Where the pods of documents land, in their order.
    #[must_use]
    pub fn landings(&self, documents: &[Document]) -> Vec<Landing> {
        let mut landings = Vec::new();
        for document in documents {
            let workloads = workload::of(document);
            let of_document: Vec<_> = workloads.iter().map(|workload| self.landing(workload)).collect();
            let more = fault::of_document(self, document, &workloads);
            landings.extend(of_document);
            // What is wrong with an application is wrong with its first pod.
            let first = landings.len() - workloads.len();
            if let Some(landing) = landings.get_mut(first) {
                landing.findings.extend(more);
            }
        }
        landings
    }

    fn landing(&self, workload: &Workload) -> Landing {
        let findings = fault::of_pod(self, workload);
        let name = workload.name.clone();
        let mut landing = Landing { name, may_land_on: Vec::new(), verdict: Verdict::Refused, findings };
        match &workload.scheduling {
            Err(refused) => {
                landing.findings.push(fault::refused(refused).of(Arc::clone(&workload.source)));
            }
            Ok(scheduling) => self.schedule(workload, scheduling, &mut landing),
        }
        landing
    }

    fn schedule(&self, workload: &Workload, scheduling: &Scheduling, landing: &mut Landing) {
        let scheduling = self.with_volumes(workload, scheduling);
        let buckets = Buckets::of(&self.homes, workload);
        let homes = self.homes_of(&buckets, &scheduling);
        let accepted = self.accepting(&scheduling);
        if scheduling.gate.is_none() {
            landing.may_land_on = accepted.iter().map(|place| place.name.clone()).collect();
        }
        let of_pod = |(fault, span): (Fault, Span)| fault.at(span).of(Arc::clone(&workload.source));
        if let Some((name, span)) = &scheduling.node_name {
            landing.findings.push(of_pod((fault::node_name(name, !homes.is_empty()), *span)));
            landing.verdict = Verdict::Named(name.clone());
            return;
        }
        let reach = Reach::of(&homes, &accepted, &scheduling, &buckets);
        landing.findings.extend(fault::of_scheduling(&scheduling).into_iter().map(of_pod));
        let of_pairing = match homes.is_empty() {
            true => fault::intrusions(self, workload, &scheduling),
            false => self.strays(&homes, &buckets, &scheduling, &reach),
        };
        landing.findings.extend(of_pairing.into_iter().map(of_pod));
        landing.findings.extend(reach.unpaired.iter().filter_map(|name| self.unpaired.get(*name)).cloned());
        landing.verdict = match homes.is_empty() {
            true if self.homes.is_empty() => Verdict::Counted { takers: accepted.len(), of: self.places.len() },
            true => Verdict::Free,
            false if scheduling.gate.is_some() => Verdict::Gated,
            false => reach.verdict(&homes),
        };
    }

    /// Rules A, B and E: what is wrong with where a pod of a class lands.
    fn strays(
        &self,
        homes: &[&Home],
        buckets: &Buckets<'_>,
        scheduling: &Scheduling,
        reach: &Reach<'_>,
    ) -> Vec<(Fault, Span)> {
        if !reach.outside.is_empty() {
            let fault = match self.homes.iter().any(|home| buckets.all_of(home)) {
                true => fault::escapes(homes, &reach.outside, scheduling),
                false => fault::scattered(&reach.outside),
            };
            return vec![(fault, buckets.workload.span)];
        }
        if reach.inside || !reach.unpaired.is_empty() {
            return Vec::new();
        }
        let own = self.places.iter().find(|place| homes[0].is_mounted_on(place));
        vec![(fault::stuck(homes[0], own, scheduling), buckets.workload.span)]
    }

    fn accepting(&self, scheduling: &Scheduling) -> Vec<&Place> {
        if let Some((name, _)) = &scheduling.node_name {
            return self.places.iter().filter(|place| place.name == *name).collect();
        }
        let accepts = |place: &&Place| place.accepts(&scheduling.tolerations, &scheduling.requires);
        self.places.iter().filter(accepts).collect()
    }

    fn with_volumes(&self, workload: &Workload, scheduling: &Scheduling) -> Scheduling {
        let mut scheduling = scheduling.clone();
        let claims = workload.volumes.iter().filter_map(|volume| volume.claim.clone());
        let bound = claims.filter_map(|claim| self.claims.get(&(workload.namespace.clone(), claim)));
        scheduling.requires.volumes = bound.cloned().collect();
        scheduling
    }

    /// The classes of which a pod needs one: those whose buckets it mounts; and of several with the same directory, those
    /// that its pairing names.
    fn homes_of(&self, buckets: &Buckets<'_>, scheduling: &Scheduling) -> Vec<&Home> {
        let some: Vec<_> = self.homes.iter().filter(|home| buckets.some_of(home)).collect();
        let all: Vec<_> = some.iter().copied().filter(|home| buckets.all_of(home)).collect();
        let used = if all.is_empty() { some } else { all };
        let selected: Vec<_> = self.homes.iter().filter(|home| home.is_selected_by(scheduling)).collect();
        let named: Vec<_> = self.homes.iter().filter(|home| home.is_named_by(scheduling)).collect();
        for narrower in [&selected, &named] {
            let both: Vec<_> =
                used.iter().copied().filter(|home| narrower.iter().any(|other| other.name == home.name)).collect();
            if !both.is_empty() {
                return both;
            }
        }
        if used.is_empty() { selected } else { used }
    }
}

/// The volumes of a pod that are buckets of a class. Those of several classes are on no node together.
struct Buckets<'a> {
    workload: &'a Workload,
    volumes: Vec<&'a Volume>,
}

impl<'a> Buckets<'a> {
    fn of(homes: &[Home], workload: &'a Workload) -> Self {
        let of_a_class = |volume: &&Volume| homes.iter().any(|home| home.mounts(volume, workload));
        Self { workload, volumes: workload.volumes.iter().filter(of_a_class).collect() }
    }

    fn some_of(&self, home: &Home) -> bool {
        self.volumes.iter().any(|volume| home.mounts(volume, self.workload))
    }

    fn all_of(&self, home: &Home) -> bool {
        self.volumes.iter().all(|volume| home.mounts(volume, self.workload))
    }
}

impl Home {
    fn of(class: &Class) -> Self {
        let key = class.pairing.label().into_keys().next().unwrap_or_default();
        let on_host = class.deliver != Deliver::Csi;
        let mounts = class.mounts.iter().filter(|_| on_host);
        let claims = class.pods.namespaces.iter().filter(|_| !on_host).flat_map(|namespace| {
            class.mounts.iter().map(move |mount| (namespace.clone(), crate::target::csi::claim_name(class, mount)))
        });
        Self {
            name: class.name.to_string(),
            key,
            mounts: mounts.map(|mount| (mount.path.to_string(), mount.path.parent().to_owned())).collect(),
            claims: claims.collect(),
        }
    }

    /// Whether every node of a place has the label and the taint: then s3boot made it so, and mounted the bucket.
    fn is_mounted_on(&self, place: &Place) -> bool {
        let taint = place
            .taints
            .iter()
            .any(|taint| taint.key == self.key && taint.value == self.name && taint.effect != "PreferNoSchedule");
        taint && place.labels.always(&self.key, &self.name)
    }

    /// Whether a volume of a pod is one of its buckets.
    fn mounts(&self, volume: &Volume, workload: &Workload) -> bool {
        volume.host_path.as_ref().is_some_and(|(path, ..)| self.has(path)) || self.claims(volume, &workload.namespace)
    }

    /// Whether a volume is one of its claims.
    fn claims(&self, volume: &Volume, namespace: &str) -> bool {
        let is = |claim: &String| self.claims.iter().any(|(own, name)| own == namespace && name == claim);
        volume.claim.as_ref().is_some_and(is)
    }

    /// Whether a directory of the host is a mount, in one, or the parent of one.
    fn has(&self, path: &str) -> bool {
        self.mounts.iter().any(|(mount, parent)| path == parent || is_in(path, mount))
    }

    fn is_selected_by(&self, scheduling: &Scheduling) -> bool {
        let requires = &scheduling.requires;
        let by_term =
            |term: &Term| term.labels.iter().any(|one| one.key == self.key && one.values.contains(&self.name));
        requires.selector.get(&self.key) == Some(&self.name) || requires.terms.iter().flatten().any(by_term)
    }

    fn is_named_by(&self, scheduling: &Scheduling) -> bool {
        scheduling.tolerations.iter().any(|one| one.key == self.key && one.value == self.name)
    }
}

/// Whether a path is a directory, or in it.
fn is_in(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
