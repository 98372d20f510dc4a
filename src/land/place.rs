//! Where pods may land: nodes that are there, and nodes that a `NodePool` or node group can make.

use super::document::Document;
use super::scheduling::{self, Expression, Refused, Requires, Taint, Term, Toleration, number, tolerated};
use crate::manifest::{NodesFrom, Operator};
use crate::plan::Class;
use std::collections::{BTreeMap, BTreeSet};

/// A node, or what makes nodes.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// Its taints, but for those that something lifts.
    pub taints: Vec<Taint>,
    /// Its labels.
    pub labels: Labels,
}

/// The labels of a place.
#[derive(Debug, Clone)]
pub enum Labels {
    /// Of a node that is there.
    Known(BTreeMap<String, String>),
    /// What those of new nodes may be, by their keys.
    Possible(BTreeMap<String, Domain>, Others),
}

/// What labels a new node may have that nothing names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// Those of instances and clouds: Karpenter makes no node for a label that it does not know.
    WellKnown,
    /// Any.
    Any,
}

/// What a label of a new node may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Whether it may be missing.
    absent: bool,
    /// Its values.
    values: Values,
    /// It is a number greater than this.
    above: Option<i64>,
    /// It is a number less than this.
    below: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Values {
    Only(BTreeSet<String>),
    Except(BTreeSet<String>),
}

/// Domains of labels that instances and clouds have, whatever a `NodePool` says. Their values are taken for possible, which
/// errs on the side of "may land".
fn is_well_known(key: &str) -> bool {
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    ["kubernetes.io", "k8s.io", "karpenter.sh", "karpenter.k8s.aws", "k8s.aws", "amazonaws.com"]
        .iter()
        .any(|known| domain == *known || domain.ends_with(&format!(".{known}")))
}

impl Domain {
    fn one(value: &str) -> Self {
        Self { absent: false, values: Values::Only(BTreeSet::from([value.to_owned()])), above: None, below: None }
    }

    fn anything() -> Self {
        Self { absent: true, values: Values::Except(BTreeSet::new()), above: None, below: None }
    }

    fn nothing() -> Self {
        Self { absent: true, values: Values::Only(BTreeSet::new()), above: None, below: None }
    }

    /// What is left of it under a requirement.
    fn and(mut self, requirement: &Expression) -> Self {
        let values: BTreeSet<_> = requirement.values.iter().cloned().collect();
        match requirement.operator {
            Operator::In => {
                self.absent = false;
                self.values = match self.values {
                    Values::Only(own) => Values::Only(&own & &values),
                    Values::Except(not) => Values::Only(&values - &not),
                };
            }
            Operator::NotIn => {
                self.values = match self.values {
                    Values::Only(own) => Values::Only(&own - &values),
                    Values::Except(not) => Values::Except(&not | &values),
                };
            }
            Operator::Exists => self.absent = false,
            Operator::DoesNotExist => self.values = Values::Only(BTreeSet::new()),
            Operator::Gt | Operator::Lt => {
                self.absent = false;
                match (requirement.bound(), requirement.operator) {
                    (None, _) => self.values = Values::Only(BTreeSet::new()),
                    (Some(bound), Operator::Gt) => self.above = Some(self.above.map_or(bound, |own| own.max(bound))),
                    (Some(bound), _) => self.below = Some(self.below.map_or(bound, |own| own.min(bound))),
                }
            }
        }
        self
    }

    /// Whether this may be the value: quick to ask, before anything is put together.
    fn may_be(&self, value: &str) -> bool {
        match &self.values {
            Values::Only(values) => values.contains(value),
            Values::Except(values) => !values.contains(value),
        }
    }

    fn is_possible(&self) -> bool {
        let fits = |value: &String| {
            let bounded = self.above.is_some() || self.below.is_some();
            let number = number(value);
            !bounded
                || number.is_some_and(|number| {
                    self.above.is_none_or(|above| number > above) && self.below.is_none_or(|below| number < below)
                })
        };
        let some_value = match (&self.values, self.above, self.below) {
            (Values::Only(values), ..) => values.iter().any(fits),
            // Numbers have leading zeros: an exception takes one way of writing them away, never the number.
            (Values::Except(_), Some(above), Some(below)) => above.saturating_add(1) < below,
            (Values::Except(_), Some(above), None) => above < i64::MAX,
            (Values::Except(_), None, Some(below)) => below > i64::MIN,
            (Values::Except(_), None, None) => true,
        };
        self.absent || some_value
    }
}

impl Labels {
    /// Whether a node may have what is required.
    #[must_use]
    pub fn may_hold(&self, name: &str, requires: &Requires) -> bool {
        match self {
            Self::Known(labels) => requires.holds(name, labels),
            Self::Possible(domains, others) => may_be_made(domains, *others, requires),
        }
    }

    /// Whether every node of the place has this label.
    #[must_use]
    pub fn always(&self, key: &str, value: &str) -> bool {
        match self {
            Self::Known(labels) => labels.get(key).is_some_and(|own| own == value),
            Self::Possible(domains, _) => domains.get(key).is_some_and(|domain| *domain == Domain::one(value)),
        }
    }
}

/// Whether one node can have all of it. Terms are tried one combination after the other: a pod has few of them.
fn may_be_made(domains: &BTreeMap<String, Domain>, others: Others, requires: &Requires) -> bool {
    let cannot = |(key, value): (&String, &String)| domains.get(key).is_some_and(|domain| !domain.may_be(value));
    if requires.selector.iter().any(cannot) {
        return false;
    }
    let selector: Vec<_> = (requires.selector.iter())
        .map(|(key, value)| Expression { key: key.clone(), operator: Operator::In, values: vec![value.clone()] })
        .collect();
    let groups: Vec<&Vec<Term>> = requires.terms.iter().chain(&requires.volumes).collect();
    combine(domains, others, &selector.iter().collect::<Vec<_>>(), &groups)
}

fn combine(domains: &BTreeMap<String, Domain>, others: Others, chosen: &[&Expression], groups: &[&Vec<Term>]) -> bool {
    let Some((first, rest)) = groups.split_first() else { return all_possible(domains, others, chosen) };
    first.iter().filter(|term| !(term.labels.is_empty() && term.names.is_empty())).any(|term| {
        // The name of a node that is not made yet may be any.
        let with: Vec<_> = chosen.iter().copied().chain(&term.labels).collect();
        combine(domains, others, &with, rest)
    })
}

fn all_possible(domains: &BTreeMap<String, Domain>, others: Others, chosen: &[&Expression]) -> bool {
    let mut left: BTreeMap<&str, Domain> = BTreeMap::new();
    for requirement in chosen {
        let key = requirement.key.as_str();
        let domain = left.remove(key).unwrap_or_else(|| {
            let unknown =
                || if others == Others::Any || is_well_known(key) { Domain::anything() } else { Domain::nothing() };
            domains.get(key).cloned().unwrap_or_else(unknown)
        });
        left.insert(key, domain.and(requirement));
    }
    left.values().all(Domain::is_possible)
}

impl Place {
    /// Whether the scheduler would let a pod onto a node of it.
    #[must_use]
    pub fn accepts(&self, tolerations: &[Toleration], requires: &Requires) -> bool {
        tolerated(tolerations, &self.taints) && self.labels.may_hold(&self.name, requires)
    }

    /// Every other node that a cluster may have: no taint, and any labels but those of these classes, each a key and a value.
    #[must_use]
    pub fn outside<'a>(classes: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut values: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (key, class) in classes {
            values.entry(key.to_owned()).or_default().insert(class.to_owned());
        }
        let other = |values| Domain { values: Values::Except(values), ..Domain::anything() };
        let domains = values.into_iter().map(|(key, values)| (key, other(values))).collect();
        Self { name: String::new(), taints: Vec::new(), labels: Labels::Possible(domains, Others::Any) }
    }

    /// The nodes of a class, as s3boot renders them.
    #[must_use]
    pub fn of_class(class: &Class) -> Self {
        let mut domains: BTreeMap<_, _> =
            class.labels().into_iter().map(|(key, value)| (key, Domain::one(&value))).collect();
        if class.nodes.from == NodesFrom::Karpenter {
            domains.insert("karpenter.sh/nodepool".to_owned(), Domain::one(class.name.as_str()));
        }
        let arch = class.arch.iter().map(|arch| arch.name().to_owned()).collect();
        domains.insert(
            "kubernetes.io/arch".to_owned(),
            Domain { absent: false, values: Values::Only(arch), above: None, below: None },
        );
        domains.insert("kubernetes.io/os".to_owned(), Domain::one("linux"));
        let taint = |taint: crate::plan::Taint| Taint {
            key: taint.key.to_string(),
            value: taint.value.map(|value| value.to_string()).unwrap_or_default(),
            effect: format!("{:?}", taint.effect),
        };
        Self {
            name: class.name.to_string(),
            taints: class.taints().into_iter().map(taint).collect(),
            labels: Labels::Possible(domains, Others::WellKnown),
        }
    }

    /// A `Node` or a `NodePool`; nothing for other documents.
    ///
    /// # Errors
    /// What the API server would refuse of it.
    pub fn read(document: &Document) -> Result<Option<Self>, Refused> {
        let root = &document.root;
        let name = root.at("metadata/name").text().unwrap_or_default().to_owned();
        match root.get("kind").text() {
            Some("Node") => {
                let mut taints = scheduling::taints(root.at("spec/taints"))?;
                if matches!(&root.at("spec/unschedulable").value, super::document::Value::Other(text) if text == "true")
                {
                    taints.push(Taint {
                        key: "node.kubernetes.io/unschedulable".to_owned(),
                        value: String::new(),
                        effect: "NoSchedule".to_owned(),
                    });
                }
                let labels = Labels::Known(scheduling::labels(root.at("metadata/labels"))?);
                Ok(Some(Self { name, taints, labels }))
            }
            Some("NodePool") => {
                let template = root.at("spec/template");
                let mut domains: BTreeMap<_, _> = scheduling::labels(template.at("metadata/labels"))?
                    .into_iter()
                    .map(|(key, value)| (key, Domain::one(&value)))
                    .collect();
                for requirement in template.at("spec/requirements").items() {
                    let requirement = pool_requirement(requirement);
                    // A requirement without values only says that the label is there, with what the pod asks for.
                    let usual = || Domain { absent: true, ..Domain::anything() };
                    let domain = domains.remove(&requirement.key).unwrap_or_else(usual);
                    domains.insert(requirement.key.clone(), domain.and(&requirement));
                }
                domains.insert("karpenter.sh/nodepool".to_owned(), Domain::one(&name));
                let taints = scheduling::taints(template.at("spec/taints"))?;
                Ok(Some(Self { name, taints, labels: Labels::Possible(domains, Others::WellKnown) }))
            }
            _ => Ok(None),
        }
    }
}

/// A requirement of a `NodePool`. `Gte` and `Lte` are Karpenter's own: one off `Gt` and `Lt`.
fn pool_requirement(node: &super::document::Node) -> Expression {
    let values: Vec<_> =
        node.get("values").items().iter().filter_map(|value| value.text()).map(str::to_owned).collect();
    let shifted = |by: i64| -> Vec<String> {
        values.iter().filter_map(|value| number(value)).map(|value| value.saturating_add(by).to_string()).collect()
    };
    let (operator, values) = match node.get("operator").text().unwrap_or_default() {
        "NotIn" => (Operator::NotIn, values),
        "Exists" => (Operator::Exists, Vec::new()),
        "DoesNotExist" => (Operator::DoesNotExist, Vec::new()),
        "Gt" => (Operator::Gt, values),
        "Lt" => (Operator::Lt, values),
        "Gte" => (Operator::Gt, shifted(-1)),
        "Lte" => (Operator::Lt, shifted(1)),
        _ => (Operator::In, values),
    };
    Expression { key: node.get("key").text().unwrap_or_default().to_owned(), operator, values }
}
