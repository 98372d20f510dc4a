//! Writes the pairing of a class into manifests of others: edits of the text at the right places, so that comments, order and
//! style of all the rest stay. What is there already is left alone; what contradicts it is refused.

use crate::diagnostic::{Diagnostic, Fault};
use crate::land::code;
use crate::land::document::{self, Document, Node};
use crate::land::workload;
use crate::source::{Source, Span};
use crate::target::pod::Side;
use serde_json::{Value, json};
use std::sync::Arc;

/// The text with the pairing of a class in every pod template; the same text where it has it.
///
/// # Errors
/// What of the manifest contradicts the pairing, and where; or that it is no YAML.
pub fn paired(source: &Source, side: &Side) -> anyhow::Result<Result<String, Vec<Diagnostic>>> {
    let documents = document::read(source.clone())?;
    let mut edits = Edits { text: &source.text, inserts: Vec::new(), faults: Vec::new() };
    let mut seen = 0;
    for document in &documents {
        for template in templates(document) {
            edits.template(&template, side);
            seen += 1;
        }
    }
    anyhow::ensure!(seen > 0, "there is no pod template in {}", source.path);
    if !edits.faults.is_empty() {
        let source = Arc::new(source.clone());
        return Ok(Err(edits.faults.into_iter().map(|(fault, span)| fault.at(span).of(Arc::clone(&source))).collect()));
    }
    Ok(Ok(edits.applied()))
}

/// Where one pod has its parts: in a pod's own spec all in one mapping, in an application of Spark in several.
struct Template<'a> {
    /// The mapping with `nodeSelector` and `tolerations`.
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
        Template { scheduling: spec, volumes: spec, containers: containers.collect() }
    };
    let spark = |spec: &'a Node| {
        ["driver", "executor"]
            .map(|role| spec.get(role))
            .into_iter()
            .filter(|role| role.is_some())
            .map(|role| Template { scheduling: role, volumes: spec, containers: vec![role] })
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
    inserts: Vec<(usize, String)>,
    faults: Vec<(Fault, Span)>,
}

impl Edits<'_> {
    fn template(&mut self, template: &Template<'_>, side: &Side) {
        self.selector(template.scheduling, side);
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
                missing.push(mount.clone());
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
        if self.is_flow(there) {
            let end = self.closing(there.span.start);
            return self.insert(end, items.iter().map(|item| format!(", {}", flow(item))).collect());
        }
        let dash = self.dash(last.span.start);
        let indent = self.column(dash);
        let end = self.end_of(dash, indent, false);
        let pad = " ".repeat(indent);
        self.insert(end, items.iter().map(|item| format!("{pad}- {}\n", flow(item))).collect());
    }

    /// An entry at the end of a mapping.
    fn entry(&mut self, mapping: &Node, key: &str, value: &Value) {
        let key = scalar(key);
        // A key with an empty value, such as `nodeSelector: {}`, is filled, and not given twice.
        if let Some((_, own)) = mapping.entries().iter().find(|(name, _)| name.text == key) {
            let empty = self.text[own.span.start..].starts_with("{}") || self.text[own.span.start..].starts_with("[]");
            if empty {
                let inner = flow(value);
                return self.insert(own.span.start + 1, inner[1..inner.len() - 1].to_owned());
            }
        }
        if self.is_flow(mapping) {
            let end = self.closing(mapping.span.start);
            let comma = if mapping.entries().is_empty() { "" } else { ", " };
            return self.insert(end, format!("{comma}{key}: {}", flow(value)));
        }
        let Some((last, node)) = mapping.entries().last() else { return };
        let indent = self.column(last.span.start);
        let end = self.end_of(last.span.start, indent, !node.items().is_empty());
        let pad = " ".repeat(indent);
        let text = match value {
            Value::Array(items) => {
                items.iter().fold(format!("{pad}{key}:\n"), |text, item| format!("{text}{pad}  - {}\n", flow(item)))
            }
            Value::Object(map) => map.iter().fold(format!("{pad}{key}:\n"), |text, (name, inner)| {
                format!("{text}{pad}  {}: {}\n", scalar(name), flow(inner))
            }),
            other => format!("{pad}{key}: {}\n", flow(other)),
        };
        self.insert(end, text);
    }

    fn insert(&mut self, at: usize, text: String) {
        let line = at > 0 && self.text.as_bytes()[at - 1] != b'\n' && text.ends_with('\n');
        // A file without a line break at its end.
        let text = if line { format!("\n{}", text.trim_end_matches('\n')) } else { text };
        if !self.inserts.contains(&(at, text.clone())) {
            self.inserts.push((at, text));
        }
    }

    fn is_flow(&self, node: &Node) -> bool {
        self.text[node.span.start..].starts_with(['{', '['])
    }

    /// The column of a byte in its line, in bytes: what indents a line is spaces.
    fn column(&self, byte: usize) -> usize {
        byte - self.text[..byte].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// The `-` before an item.
    fn dash(&self, item: usize) -> usize {
        self.text[..item].rfind('-').unwrap_or(item)
    }

    /// The first byte after an entry that begins at a byte of this column: its lines are those that are indented more, and,
    /// for a list under its key, those of its items in the same column.
    fn end_of(&self, start: usize, column: usize, list: bool) -> usize {
        let line_end = |from: usize| self.text[from..].find('\n').map_or(self.text.len(), |at| from + at + 1);
        let mut end = line_end(start);
        let mut at = end;
        while at < self.text.len() {
            let next = line_end(at);
            let line = &self.text[at..next];
            let indent = line.len() - line.trim_start_matches(' ').len();
            let blank = line.trim().is_empty() || line.trim_start().starts_with('#');
            let inside = indent > column
                || list && indent == column && line[indent..].starts_with('-') && !line.starts_with("---");
            match (blank, inside) {
                (true, _) => {}
                (false, true) => end = next,
                (false, false) => break,
            }
            at = next;
        }
        end
    }

    /// The bracket that closes the one at a byte.
    fn closing(&self, start: usize) -> usize {
        let (mut depth, mut quote) = (0_usize, None);
        for (at, character) in self.text[start..].char_indices() {
            match (quote, character) {
                (Some(open), _) if open == character => quote = None,
                (None, '"' | '\'') => quote = Some(character),
                (None, '{' | '[') => depth += 1,
                (None, '}' | ']') if depth == 1 => return start + at,
                (None, '}' | ']') => depth -= 1,
                _ => {}
            }
        }
        self.text.len()
    }

    /// From the end to the begin, so that places stay right. Of several at one place what is indented most comes first, since
    /// it belongs to what ends there; then in their order.
    fn applied(mut self) -> String {
        let mut text = self.text.to_owned();
        self.inserts.reverse();
        self.inserts.sort_by_key(|(at, insert)| (std::cmp::Reverse(*at), depth(insert)));
        for (at, insert) in self.inserts {
            text.insert_str(at, &insert);
        }
        text
    }
}

/// How deep a line is: its indentation, and an item of a list is deeper than a key in the same column.
fn depth(line: &str) -> (usize, bool) {
    let text = line.trim_start();
    (line.trim_start_matches('\n').len() - text.len(), text.starts_with("- "))
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
