//! Taints, tolerations, node selectors: the scheduler's predicates, and what the API server takes of them.
//! Sources: `k8s.io/api/core/v1/toleration.go` (`ToleratesTaint`), `k8s.io/component-helpers/scheduling/corev1/nodeaffinity`,
//! `pkg/apis/core/validation`. `tests/land.rs` holds them to verdicts of the real scheduler.

use super::document::{Node, Value};
use crate::manifest::Operator;
use crate::plan::{LabelKey, LabelValue};
use crate::source::Span;
use std::collections::BTreeMap;

/// What the API server would refuse, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The place.
    pub span: Span,
    /// What is wrong.
    pub what: String,
}

type Checked<T> = Result<T, Refused>;

fn refuse<T>(span: Span, what: impl Into<String>) -> Checked<T> {
    Err(Refused { span, what: what.into() })
}

/// A taint of a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taint {
    /// The key.
    pub key: String,
    /// The value; empty for none.
    pub value: String,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: String,
}

/// What a pod tolerates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toleration {
    /// The key; empty for every.
    pub key: String,
    /// Whether any value will do.
    pub exists: bool,
    /// The value.
    pub value: String,
    /// The effect; empty for every.
    pub effect: String,
    /// Where it stands.
    pub span: Span,
}

/// A requirement on one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    /// The label.
    pub key: String,
    /// The operator.
    pub operator: Operator,
    /// The values.
    pub values: Vec<String>,
}

/// Requirements that all have to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Term {
    /// On labels.
    pub labels: Vec<Expression>,
    /// On the node's name.
    pub names: Vec<Expression>,
}

/// What a pod requires of its node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requires {
    /// `nodeSelector`.
    pub selector: BTreeMap<String, String>,
    /// The terms of required node affinity, of which one has to hold; none where there is no affinity.
    pub terms: Option<Vec<Term>>,
    /// Terms of the volumes, which have to hold too.
    pub volumes: Vec<Vec<Term>>,
}

const EFFECTS: &[&str] = &["NoSchedule", "PreferNoSchedule", "NoExecute"];

impl Toleration {
    /// Whether it tolerates a taint.
    #[must_use]
    pub fn tolerates(&self, taint: &Taint) -> bool {
        (self.effect.is_empty() || self.effect == taint.effect)
            && (self.key.is_empty() || self.key == taint.key)
            && (self.exists || self.value == taint.value)
    }

    /// Whether it tolerates taints of every key: then it is no pairing.
    #[must_use]
    pub fn is_blanket(&self) -> bool {
        self.key.is_empty()
    }
}

/// Whether taints keep a pod away from a node. `PreferNoSchedule` never does.
#[must_use]
pub fn tolerated(tolerations: &[Toleration], taints: &[Taint]) -> bool {
    taints
        .iter()
        .filter(|taint| taint.effect != "PreferNoSchedule")
        .all(|taint| tolerations.iter().any(|toleration| toleration.tolerates(taint)))
}

impl Expression {
    /// Whether it holds of a label.
    #[must_use]
    pub fn holds(&self, value: Option<&str>) -> bool {
        match (self.operator, value) {
            (Operator::In, value) => value.is_some_and(|value| self.values.iter().any(|one| one == value)),
            (Operator::NotIn, value) => !value.is_some_and(|value| self.values.iter().any(|one| one == value)),
            (Operator::Exists, value) => value.is_some(),
            (Operator::DoesNotExist, value) => value.is_none(),
            (Operator::Gt | Operator::Lt, None) => false,
            (operator @ (Operator::Gt | Operator::Lt), Some(value)) => match (number(value), self.bound()) {
                (Some(value), Some(bound)) => {
                    if operator == Operator::Gt {
                        value > bound
                    } else {
                        value < bound
                    }
                }
                _ => false,
            },
        }
    }

    /// The bound of `Gt` and `Lt`; none where it is no number: then it never holds.
    #[must_use]
    pub fn bound(&self) -> Option<i64> {
        self.values.first().and_then(|value| number(value))
    }
}

/// A number as Go's `strconv.ParseInt(…, 10, 64)` reads it.
#[must_use]
pub fn number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

impl Term {
    /// Whether it holds of a node. An empty one holds of none.
    #[must_use]
    pub fn holds(&self, name: &str, labels: &BTreeMap<String, String>) -> bool {
        let empty = self.labels.is_empty() && self.names.is_empty();
        !empty
            && self.labels.iter().all(|one| one.holds(labels.get(&one.key).map(String::as_str)))
            && self.names.iter().all(|one| one.holds(Some(name)))
    }
}

impl Requires {
    /// Whether a node has what is required.
    #[must_use]
    pub fn holds(&self, name: &str, labels: &BTreeMap<String, String>) -> bool {
        let any = |terms: &Vec<Term>| terms.iter().any(|term| term.holds(name, labels));
        self.selector.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.terms.as_ref().is_none_or(any)
            && self.volumes.iter().all(any)
    }
}

/// Text of the API: a string, or nothing.
fn string<'a>(node: &'a Node, what: &str) -> Checked<&'a str> {
    match &node.value {
        Value::Null => Ok(""),
        Value::Text(text) => Ok(text),
        Value::Other(text) => refuse(node.span, format!("{what} is a string: quote it, \"{text}\"")),
        Value::List(_) | Value::Map(_) => refuse(node.span, format!("{what} is a string")),
    }
}

fn known_keys(node: &Node, known: &[&str]) -> Checked<()> {
    match node.entries().iter().find(|(key, _)| !known.contains(&key.text.as_str())) {
        Some((key, _)) => {
            let help = crate::diagnostic::choose(&key.text, known);
            refuse(key.span, format!("the API has no field `{}` here; {help}", key.text))
        }
        None => Ok(()),
    }
}

fn list<'a>(node: &'a Node, what: &str) -> Checked<&'a [Node]> {
    match &node.value {
        Value::Null => Ok(&[]),
        Value::List(items) => Ok(items),
        _ => refuse(node.span, format!("{what} is a list")),
    }
}

fn key_of(text: &str, span: Span) -> Checked<String> {
    LabelKey::try_from(text).map(|key| key.to_string()).or_else(|fault| refuse(span, fault.message))
}

fn value_of(text: &str, span: Span) -> Checked<String> {
    match text.is_empty() || LabelValue::try_from(text).is_ok() {
        true => Ok(text.to_owned()),
        false => refuse(span, format!("`{text}` is no label value")),
    }
}

/// The tolerations of a pod.
///
/// # Errors
/// What the API server would refuse of them.
pub fn tolerations(node: &Node) -> Checked<Vec<Toleration>> {
    list(node, "`tolerations`")?.iter().map(toleration).collect()
}

fn toleration(node: &Node) -> Checked<Toleration> {
    known_keys(node, &["key", "operator", "value", "effect", "tolerationSeconds"])?;
    let key = string(node.get("key"), "a key")?;
    let operator = string(node.get("operator"), "an operator")?;
    let value = string(node.get("value"), "a value")?;
    let effect = string(node.get("effect"), "an effect")?;
    let seconds = node.get("tolerationSeconds");
    let exists = match operator {
        "Exists" => true,
        "" | "Equal" => false,
        other => {
            return refuse(
                node.get("operator").span,
                format!("`{other}` is no operator of a toleration: `Equal` or `Exists`"),
            );
        }
    };
    if key.is_empty() && !exists {
        return refuse(node.span, "a toleration without key needs `operator: Exists`, and tolerates everything then");
    }
    if !key.is_empty() {
        key_of(key, node.get("key").span)?;
    }
    if exists && !value.is_empty() {
        return refuse(node.get("value").span, "`Exists` takes no value: with a value the operator is `Equal`");
    }
    value_of(value, node.get("value").span)?;
    if !effect.is_empty() && !EFFECTS.contains(&effect) {
        let help = crate::diagnostic::choose(effect, EFFECTS);
        return refuse(node.get("effect").span, format!("`{effect}` is no effect; {help}"));
    }
    if seconds.is_some() && !matches!(&seconds.value, Value::Other(text) if number(text).is_some()) {
        return refuse(seconds.span, "`tolerationSeconds` is a whole number");
    }
    if seconds.is_some() && effect != "NoExecute" {
        return refuse(seconds.span, "`tolerationSeconds` is for `effect: NoExecute` only");
    }
    Ok(Toleration { key: key.to_owned(), exists, value: value.to_owned(), effect: effect.to_owned(), span: node.span })
}

/// The taints of a node or a `NodePool`.
///
/// # Errors
/// What the API server would refuse of them.
pub fn taints(node: &Node) -> Checked<Vec<Taint>> {
    let mut taints: Vec<Taint> = Vec::new();
    for node in list(node, "`taints`")? {
        let key = key_of(string(node.get("key"), "a key")?, node.span)?;
        let value = value_of(string(node.get("value"), "a value")?, node.get("value").span)?;
        let effect = string(node.get("effect"), "an effect")?.to_owned();
        if !EFFECTS.contains(&effect.as_str()) {
            return refuse(node.span, format!("a taint's effect is one of {}", crate::diagnostic::list(EFFECTS)));
        }
        if taints.iter().any(|other| other.key == key && other.effect == effect) {
            return refuse(node.span, format!("`{key}` is there twice with {effect}"));
        }
        taints.push(Taint { key, value, effect });
    }
    Ok(taints)
}

/// Labels, or a selector of them.
///
/// # Errors
/// What the API server would refuse of them.
pub fn labels(node: &Node) -> Checked<BTreeMap<String, String>> {
    if !matches!(node.value, Value::Null | Value::Map(_)) {
        return refuse(node.span, "labels are a mapping");
    }
    let label = |(key, value): &(super::document::Key, Node)| {
        Ok((key_of(&key.text, key.span)?, value_of(string(value, "a label's value")?, value.span)?))
    };
    node.entries().iter().map(label).collect()
}

/// What a pod's `nodeSelector` and `affinity` require.
///
/// # Errors
/// What the API server would refuse of them.
pub fn requires(selector: &Node, affinity: &Node) -> Checked<Requires> {
    let node_affinity = affinity.get("nodeAffinity");
    let required = node_affinity.get("requiredDuringSchedulingIgnoredDuringExecution");
    let preferred = node_affinity.get("preferredDuringSchedulingIgnoredDuringExecution");
    for one in list(preferred, "preferred node affinity")? {
        let weight = one.get("weight");
        let fits = matches!(&weight.value, Value::Other(text) if number(text).is_some_and(|weight| (1..=100).contains(&weight)));
        if !fits {
            return refuse(one.span, "a preferred term has a `weight` of 1 to 100");
        }
    }
    let terms = match &required.value {
        Value::Null => None,
        Value::Map(_) => Some(node_selector(required)?),
        _ => return refuse(required.span, "required node affinity is a mapping with `nodeSelectorTerms`"),
    };
    Ok(Requires { selector: labels(selector)?, terms, volumes: Vec::new() })
}

/// The terms of a node selector, of which one has to hold.
///
/// # Errors
/// What the API server would refuse of them.
pub fn node_selector(node: &Node) -> Checked<Vec<Term>> {
    known_keys(node, &["nodeSelectorTerms"])?;
    let terms = list(node.get("nodeSelectorTerms"), "`nodeSelectorTerms`")?;
    if terms.is_empty() {
        return refuse(node.span, "`nodeSelectorTerms` needs at least one term");
    }
    terms.iter().map(term).collect()
}

fn term(node: &Node) -> Checked<Term> {
    known_keys(node, &["matchExpressions", "matchFields"])?;
    let expressions = list(node.get("matchExpressions"), "`matchExpressions`")?;
    let fields = list(node.get("matchFields"), "`matchFields`")?;
    Ok(Term {
        labels: expressions.iter().map(expression).collect::<Checked<_>>()?,
        names: fields.iter().map(field).collect::<Checked<_>>()?,
    })
}

fn parts(node: &Node) -> Checked<(String, Operator, Vec<String>)> {
    const OPERATORS: &[(&str, Operator)] = &[
        ("In", Operator::In),
        ("NotIn", Operator::NotIn),
        ("Exists", Operator::Exists),
        ("DoesNotExist", Operator::DoesNotExist),
        ("Gt", Operator::Gt),
        ("Lt", Operator::Lt),
    ];
    known_keys(node, &["key", "operator", "values"])?;
    let name = string(node.get("operator"), "an operator")?;
    let Some((_, operator)) = OPERATORS.iter().find(|(known, _)| *known == name) else {
        let known: Vec<_> = OPERATORS.iter().map(|(name, _)| *name).collect();
        return refuse(node.span, format!("`{name}` is no operator; {}", crate::diagnostic::choose(name, &known)));
    };
    let values = list(node.get("values"), "`values`")?;
    let values: Checked<Vec<String>> = values.iter().map(|value| string(value, "a value").map(str::to_owned)).collect();
    Ok((string(node.get("key"), "a key")?.to_owned(), *operator, values?))
}

fn expression(node: &Node) -> Checked<Expression> {
    let (key, operator, values) = parts(node)?;
    let key = key_of(&key, node.get("key").span)?;
    let wrong = match operator {
        Operator::In | Operator::NotIn if values.is_empty() => Some("needs values"),
        Operator::Exists | Operator::DoesNotExist if !values.is_empty() => Some("takes no values"),
        Operator::Gt | Operator::Lt if values.len() != 1 => Some("takes one value"),
        _ => None,
    };
    if let Some(wrong) = wrong {
        return refuse(node.span, format!("`{operator:?}` {wrong}"));
    }
    for value in &values {
        value_of(value, node.get("values").span)?;
    }
    Ok(Expression { key, operator, values })
}

fn field(node: &Node) -> Checked<Expression> {
    let (key, operator, values) = parts(node)?;
    if key != "metadata.name" {
        return refuse(node.span, "`matchFields` has `metadata.name` only");
    }
    if !matches!((operator, values.as_slice()), (Operator::In | Operator::NotIn, [_])) {
        return refuse(node.span, "`matchFields` takes `In` or `NotIn` with one name");
    }
    if !crate::plan::kubernetes::is_subdomain(&values[0]) {
        return refuse(node.span, format!("`{}` is no name of a node", values[0]));
    }
    Ok(Expression { key, operator, values })
}
