//! Writes the pairing of a class into manifests of others: edits of the text at the right places, so that comments, order and
//! style of all the rest stay. What is there already is left alone; what contradicts it is refused.

use crate::diagnostic::{Diagnostic, Fault};
use crate::land::code;
use crate::land::document::{self, Document, Node};
use crate::land::workload;
use crate::source::{Source, Span};
use crate::target::pod::Side;
use serde_json::{Value, json};
use std::ops::Range;
use std::sync::Arc;

/// The text with the pairing of a class in every pod template; the same text where it has it.
///
/// # Errors
/// What of the manifest contradicts the pairing, and where; or that it is no YAML, or none that can be written into.
pub fn paired(source: &Source, side: &Side) -> anyhow::Result<Result<String, Vec<Diagnostic>>> {
    let documents = document::read(source.clone())?;
    let edits = edits(&documents, source, side)?;
    if let Some(odd) = edits.odd {
        let line = source.position(odd.start).line;
        anyhow::bail!(
            "{}:{line}: the pairing cannot be written here: write out what an alias (`*name`) stands for, and a list or \
             mapping where `kubectl explain` has one",
            source.path
        );
    }
    if !edits.faults.is_empty() {
        let source = Arc::new(source.clone());
        return Ok(Err(edits.faults.into_iter().map(|(fault, span)| fault.at(span).of(Arc::clone(&source))).collect()));
    }
    let text = edits.applied();
    anyhow::ensure!(
        is_paired(&documents, &Source::new(source.path.clone(), &text), side),
        "{} is laid out in a way that s3boot cannot write into: take the pairing from `s3boot render --target pod`",
        source.path
    );
    Ok(Ok(text))
}

/// Whether a text has all that documents had, and the pairing: YAML can be written in more ways than the edits know.
fn is_paired(before: &[Document], source: &Source, side: &Side) -> bool {
    let Ok(after) = document::read(source.clone()) else { return false };
    let kept = before.len() == after.len() && before.iter().zip(&after).all(|(old, new)| new.root.has(&old.root));
    kept && edits(&after, source, side).is_ok_and(|edits| edits.is_empty())
}

fn edits<'a>(documents: &[Document], source: &'a Source, side: &Side) -> anyhow::Result<Edits<'a>> {
    let mut edits = Edits { text: &source.text, list: Vec::new(), faults: Vec::new(), odd: None };
    let mut seen = 0;
    for document in documents {
        for template in templates(document) {
            edits.template(&template, side);
            seen += 1;
        }
    }
    anyhow::ensure!(seen > 0, "there is no pod template in {}", source.path);
    Ok(edits)
}

/// Where one pod has its parts: in a pod's own spec all in one mapping, in an application of Spark in several.
struct Template<'a> {
    /// The mapping with `nodeSelector`.
    selector: &'a Node,
    /// The mapping with `tolerations`.
    scheduling: &'a Node,
    /// The mapping with `volumes`.
    volumes: &'a Node,
    /// The mappings with `volumeMounts`.
    containers: Vec<&'a Node>,
}

fn templates<'a>(document: &'a Document) -> Vec<Template<'a>> {
    let root = &document.root;
    let kind = root.get("kind").text().unwrap_or_default();
    let pod = |spec: &'a Node| {
        let containers = spec.get("containers").items().iter().chain(spec.get("initContainers").items());
        Template { selector: spec, scheduling: spec, volumes: spec, containers: containers.collect() }
    };
    // The operator refuses an application with a node selector of its own and others for its roles.
    let spark = |spec: &'a Node| {
        let of = move |role: &'a Node| {
            let selector = if spec.get("nodeSelector").is_some() { spec } else { role };
            Template { selector, scheduling: role, volumes: spec, containers: vec![role] }
        };
        ["driver", "executor"].map(|role| spec.get(role)).into_iter().filter(|role| role.is_some()).map(of)
    };
    let ray = |spec: &'a Node| {
        let groups = spec.get("workerGroupSpecs").items().iter().chain([spec.get("headGroupSpec")]);
        groups.map(|group| group.at("template/spec")).filter(|spec| spec.is_some()).map(pod)
    };
    let of = |table| workload::place(table, kind);
    match (of(workload::TEMPLATES), of(workload::SPARK), of(workload::RAY)) {
        (Some(path), ..) => vec![pod(root.at(path).get("spec"))],
        (_, Some(path), _) => spark(root.at(path)).collect(),
        (.., Some(path)) => ray(root.at(path)).collect(),
        _ if matches!(kind, "Pod" | "") && root.at("spec/containers").is_some() => vec![pod(root.get("spec"))],
        _ => Vec::new(),
    }
}

struct Edits<'a> {
    text: &'a str,
    /// What goes where, each once: two roles of Spark share their volumes.
    list: Vec<Edit>,
    faults: Vec<(Fault, Span)>,
    /// What cannot be edited: an alias, since what it stands for may stand for more than this pod, or another type.
    odd: Option<Span>,
}

/// A text in the place of a range; an empty range is a place.
#[derive(Debug, PartialEq, Eq)]
struct Edit {
    at: Range<usize>,
    text: String,
}

impl Edits<'_> {
    fn template(&mut self, template: &Template<'_>, side: &Side) {
        self.selector(template.selector, side);
        self.tolerations(template.scheduling, side);
        let (mut volumes, mut mounts) = (Vec::new(), Vec::new());
        for (volume, mount) in side.volumes.iter().zip(&side.mounts) {
            let (volume, mut mount) = (json!(volume), json!(mount));
            let is_named = |own: &Node| own.get("name").text() == volume["name"].as_str();
            if let Some(name) = own_name(template.volumes, &volume) {
                mount["name"] = json!(name);
            } else if template.volumes.get("volumes").items().iter().any(is_named) {
                let message = format!("a volume is named {} already, and is another", volume["name"]);
                let fault = Fault::new(&code::POD_REFUSED, message, "give it another name");
                self.faults.push((fault, template.volumes.key_span("volumes")));
            } else {
                volumes.push(volume);
            }
            mounts.push(mount);
        }
        self.items(template.volumes, "volumes", &volumes);
        for container in &template.containers {
            self.mounts(container, &mounts);
        }
    }

    fn selector(&mut self, scheduling: &Node, side: &Side) {
        let selector = scheduling.get("nodeSelector");
        for (key, value) in &side.node_selector {
            match selector.get(key).text() {
                Some(own) if own == value => {}
                Some(own) => {
                    let message = format!("the pod selects `{key}: {own}`, and the class is `{value}`");
                    let fault =
                        Fault::new(&code::POD_ESCAPES, message, format!("remove it, or pair with `--class {own}`"));
                    self.faults.push((fault, selector.get(key).span));
                }
                None if selector.entries().is_empty() => self.entry(scheduling, "nodeSelector", &json!({key: value})),
                None => self.entry(selector, key, &json!(value)),
            }
        }
    }

    fn tolerations(&mut self, scheduling: &Node, side: &Side) {
        let mut missing = Vec::new();
        for toleration in &side.tolerations {
            let wanted = json!(toleration);
            let same = |own: &Node| {
                let is = |field: &str| {
                    own.get(field).text().unwrap_or_default() == wanted[field].as_str().unwrap_or_default()
                };
                let operator =
                    own.get("operator").text().unwrap_or("Equal") == wanted["operator"].as_str().unwrap_or("Equal");
                is("key") && is("value") && operator && (is("effect") || own.get("effect").text().is_none())
            };
            if !scheduling.get("tolerations").items().iter().any(same) {
                missing.push(wanted);
            }
        }
        self.items(scheduling, "tolerations", &missing);
    }

    fn mounts(&mut self, container: &Node, mounts: &[Value]) {
        let mut missing = Vec::new();
        for mount in mounts {
            let items = container.get("volumeMounts").items();
            let Some(own) = items.iter().find(|own| own.get("name").text() == mount["name"].as_str()) else {
                let path = |own: &Node| own.get("mountPath").text().map(|path| path.trim_end_matches('/').to_owned());
                match items.iter().find(|own| path(own).as_deref() == mount["mountPath"].as_str()) {
                    Some(other) => self.faults.push(taken(other)),
                    None => missing.push(mount.clone()),
                }
                continue;
            };
            match (own.get("mountPropagation").text(), mount["mountPropagation"].as_str()) {
                (None, Some(propagation)) => self.entry(own, "mountPropagation", &json!(propagation)),
                (Some("None"), Some(_)) => {
                    let message = "without propagation the pod does not see a mount that comes back";
                    let fault =
                        Fault::new(&code::MOUNT_PROPAGATION, message, "write `mountPropagation: HostToContainer`");
                    self.faults.push((fault, own.get("mountPropagation").span));
                }
                _ => {}
            }
        }
        self.items(container, "volumeMounts", &missing);
    }

    /// Items at the end of the list under a key; the list where there is none.
    fn items(&mut self, mapping: &Node, key: &str, items: &[Value]) {
        if items.is_empty() {
            return;
        }
        let there = mapping.get(key);
        let Some(last) = there.items().last() else { return self.entry(mapping, key, &json!(items)) };
        if self.is_alias(there.span) {
            self.odd = Some(there.span);
            return;
        }
        if there.is_flow() {
            return self.insert(self.past(last), items.iter().map(|item| format!(", {}", flow(item))).collect());
        }
        let pad = " ".repeat(self.column(self.dash(last.span.start)));
        self.line(last, items.iter().map(|item| format!("{pad}- {}\n", flow(item))).collect());
    }

    /// An entry at the end of a mapping.
    fn entry(&mut self, mapping: &Node, key: &str, value: &Value) {
        let spans = std::iter::once(mapping.span).chain(mapping.entries().iter().map(|(key, _)| key.span));
        if let Some(alias) = spans.into_iter().find(|span| self.is_alias(*span)) {
            self.odd = Some(alias);
            return;
        }
        if let Some(own) = mapping.entries().iter().find(|(name, _)| name.text == key).map(|(_, own)| own) {
            return self.fill(own, value);
        }
        let key = scalar(key);
        let Some((first, _)) = mapping.entries().first() else {
            return self.fill(mapping, &json!({ key: value }));
        };
        let last = mapping.entries().last().map_or(mapping, |(_, last)| last);
        if mapping.is_flow() {
            return self.insert(self.past(last), format!(", {key}: {}", flow(value)));
        }
        let pad = " ".repeat(self.column(first.span.start));
        let text = match value {
            Value::Array(items) => {
                items.iter().fold(format!("{pad}{key}:\n"), |text, item| format!("{text}{pad}  - {}\n", flow(item)))
            }
            Value::Object(map) => map.iter().fold(format!("{pad}{key}:\n"), |text, (name, inner)| {
                format!("{text}{pad}  {}: {}\n", scalar(name), flow(inner))
            }),
            other => format!("{pad}{key}: {}\n", flow(other)),
        };
        self.line(last, text);
    }

    /// A value in the place of an empty one: `{}`, `[]`, `null`, or nothing after the colon.
    fn fill(&mut self, empty: &Node, value: &Value) {
        let text = flow(value);
        match &empty.value {
            document::Value::Null if empty.span.start == empty.span.end => {
                self.insert(self.past(empty), format!(" {text}"));
            }
            document::Value::Null => self.edit(Edit { at: empty.span.start..empty.span.end, text }),
            document::Value::Text(_) | document::Value::Other(_) => self.odd = Some(empty.span),
            // Several go into the same brackets, one after the other.
            document::Value::List(_) | document::Value::Map(_) => {
                let at = empty.span.end;
                let inner = text.get(1..text.len() - 1).unwrap_or_default();
                let before = self.list.iter().filter(|edit| edit.at.start == at).map(|edit| edit.text.as_str());
                match before.map(|text| text.trim_start_matches(", ")).collect::<Vec<_>>().as_slice() {
                    [] => self.insert(at, inner.to_owned()),
                    others if others.contains(&inner) => {}
                    _ => self.insert(at, format!(", {inner}")),
                }
            }
        }
    }

    fn insert(&mut self, at: usize, text: String) {
        self.edit(Edit { at: at..at, text });
    }

    fn edit(&mut self, edit: Edit) {
        if !self.list.contains(&edit) {
            self.list.push(edit);
        }
    }

    /// Lines after the last one of a node.
    fn line(&mut self, last: &Node, text: String) {
        let past = self.past(last);
        match self.text[past..].find('\n') {
            Some(newline) => self.insert(past + newline + 1, text),
            // A file without a line break at its end.
            None => self.insert(self.text.len(), format!("\n{}", text.trim_end_matches('\n'))),
        }
    }

    /// The column of a byte in its line, in bytes: what indents a line is spaces.
    fn column(&self, byte: usize) -> usize {
        byte - self.text[..byte].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// The `-` before an item: in its line, or in one before it, with nothing but comments in between.
    fn dash(&self, item: usize) -> usize {
        let mut end = item;
        loop {
            let start = self.text[..end].rfind('\n').map_or(0, |newline| newline + 1);
            let line = &self.text[start..item];
            let indent = line.len() - line.trim_start_matches(' ').len();
            if line[indent..].starts_with('-') || start == 0 {
                return start + indent;
            }
            end = start - 1;
        }
    }

    fn is_empty(&self) -> bool {
        self.list.is_empty() && self.faults.is_empty() && self.odd.is_none()
    }

    /// What comes of an alias has the place of the alias, `*name`.
    fn is_alias(&self, span: Span) -> bool {
        self.text[span.start..].starts_with('*')
    }

    /// The byte after a node.
    fn past(&self, node: &Node) -> usize {
        let last = match &node.value {
            document::Value::List(_) | document::Value::Map(_) if self.is_alias(node.span) => return node.span.end,
            document::Value::List(items) => items.last(),
            document::Value::Map(entries) => entries.last().map(|(_, last)| last),
            document::Value::Null => {
                let colon = &self.text[node.span.end..];
                return node.span.end + usize::from(colon.starts_with(':'));
            }
            // A block scalar's place goes on to what comes next.
            document::Value::Text(_) | document::Value::Other(_) => {
                return node.span.start + self.text[node.span.start..node.span.end].trim_end().len();
            }
        };
        let inside = last.map_or(node.span.end, |last| self.past(last));
        if node.is_flow() { self.bracket(inside) + 1 } else { inside }
    }

    /// The bracket that comes after a byte, with nothing but commas and comments in between.
    fn bracket(&self, from: usize) -> usize {
        let mut comment = false;
        for (at, character) in self.text[from..].char_indices() {
            match character {
                '\n' => comment = false,
                '#' => comment = true,
                '}' | ']' if !comment => return from + at,
                _ => {}
            }
        }
        self.text.len()
    }

    /// From the end to the begin, so that places stay right. Of several at one place what is indented most comes first, since
    /// it belongs to what ends there; then in their order.
    fn applied(mut self) -> String {
        let mut text = self.text.to_owned();
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        self.list.reverse();
        self.list.sort_by_key(|edit| (std::cmp::Reverse(edit.at.start), depth(&edit.text)));
        for edit in self.list {
            text.replace_range(edit.at, &edit.text.replace('\n', newline));
        }
        text
    }
}

/// A mount of another volume at the place where the bucket would be.
fn taken(other: &Node) -> (Fault, Span) {
    let path = other.get("mountPath");
    let message = format!(
        "`{}` has another volume already, `{}`, and the bucket would be mounted there",
        path.text().unwrap_or_default(),
        other.get("name").text().unwrap_or_default()
    );
    (Fault::new(&code::POD_REFUSED, message, "remove this mount and its volume, or mount it elsewhere"), path.span)
}

/// How deep a text is: the rest of a line deepest of all, then lines by their indentation, and an item of a list is deeper
/// than a key in the same column.
fn depth(text: &str) -> (usize, bool) {
    if !text.contains('\n') {
        return (usize::MAX, true);
    }
    let line = text.trim_start_matches('\n');
    let content = line.trim_start();
    (line.len() - content.len(), content.starts_with("- "))
}

/// The name of a volume that is the same directory or claim.
fn own_name(mapping: &Node, volume: &Value) -> Option<String> {
    let same = |own: &&Node| {
        let path = own.at("hostPath/path").text().map(|path| path.trim_end_matches('/'));
        let claim = own.at("persistentVolumeClaim/claimName").text();
        path.is_some() && path == volume["hostPath"]["path"].as_str()
            || claim.is_some() && claim == volume["persistentVolumeClaim"]["claimName"].as_str()
    };
    let mut named = mapping.get("volumes").items().iter().filter(same);
    named.find_map(|own| own.get("name").text()).map(str::to_owned)
}

/// The order in which people write these.
const ORDER: &[&str] = &["name", "key", "operator", "value", "effect", "mountPath", "hostPath", "path", "type"];

/// A value in one line of YAML.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| ORDER.iter().position(|known| known == key).unwrap_or(ORDER.len()));
            let entries: Vec<_> =
                entries.iter().map(|(key, value)| format!("{}: {}", scalar(key), flow(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// A string: plain where every reader takes it for one, else in double quotes, as JSON has them.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_lowercase().as_str());
    if plain { text.to_owned() } else { json!(text).to_string() }
}
