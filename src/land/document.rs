//! YAML of any kind with the place of every value: documents that others wrote, to be judged and edited in their text.

use crate::manifest::parse::span_of;
use crate::source::{Source, Span};
use anyhow::{Result, anyhow};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::sync::Arc;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its place in the text.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A string.
    Text(String),
    /// A number or a truth value, which the API takes for no string.
    Other(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in its order.
    Map(Vec<(Key, Node)>),
}

/// A key and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its place.
    pub span: Span,
    /// The key.
    pub text: String,
}

/// One document of a file.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file.
    pub source: Arc<Source>,
    /// The document.
    pub root: Node,
}

static NULL: Node = Node { span: Span { start: 0, end: 0 }, value: Value::Null };

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<Value>::deserialize(deserializer)?;
        Ok(Self { span: span_of(spanned.referenced), value: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<String>::deserialize(deserializer)?;
        Ok(Self { span: span_of(spanned.referenced), text: spanned.value })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a YAML value")
            }

            fn visit_unit<E: Error>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_none<E: Error>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
                deserializer.deserialize_any(Self)
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Other(value.to_string()))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
                Ok(Value::Other(value.to_string()))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
                Ok(Value::Other(value.to_string()))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
                Ok(Value::Other(value.to_string()))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
                Ok(Value::Text(value.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(Value::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
                let mut map = Vec::new();
                while let Some(entry) = entries.next_entry()? {
                    map.push(entry);
                }
                Ok(Value::Map(map))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl Node {
    /// The value under a key; nothing where there is none.
    #[must_use]
    pub fn get(&self, key: &str) -> &Self {
        self.entries().iter().find(|(name, _)| name.text == key).map_or(&NULL, |(_, node)| node)
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn at(&self, path: &str) -> &Self {
        path.split('/').fold(self, |node, key| node.get(key))
    }

    /// The entries of a mapping.
    #[must_use]
    pub fn entries(&self) -> &[(Key, Self)] {
        match &self.value {
            Value::Map(map) => map,
            _ => &[],
        }
    }

    /// The items of a list.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(list) => list,
            _ => &[],
        }
    }

    /// A string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether there is anything.
    #[must_use]
    pub fn is_some(&self) -> bool {
        self.value != Value::Null
    }

    /// The place of the key, or of the value where it is no entry of this mapping.
    #[must_use]
    pub fn key_span(&self, key: &str) -> Span {
        self.entries().iter().find(|(name, _)| name.text == key).map_or(self.span, |(name, _)| name.span)
    }

    /// Whether it is in brackets: a block has no bytes of its own.
    #[must_use]
    pub const fn is_flow(&self) -> bool {
        matches!(self.value, Value::List(_) | Value::Map(_)) && self.span.end > self.span.start
    }

    /// Whether it has all that another has, and perhaps more: more keys, more items at the end of its lists.
    #[must_use]
    pub fn has(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (_, Value::Null) => true,
            (Value::Map(_), Value::Map(entries)) => entries.iter().all(|(key, old)| self.get(&key.text).has(old)),
            (Value::List(items), Value::List(old)) => {
                items.len() >= old.len() && items.iter().zip(old).all(|(item, old)| item.has(old))
            }
            (own, other) => own == other,
        }
    }

    fn shift(&mut self, by: usize) {
        let shift = |span: &mut Span| {
            span.start += by;
            span.end += by;
        };
        shift(&mut self.span);
        match &mut self.value {
            Value::List(list) => list.iter_mut().for_each(|node| node.shift(by)),
            Value::Map(map) => map.iter_mut().for_each(|(key, node)| {
                shift(&mut key.span);
                node.shift(by);
            }),
            Value::Null | Value::Text(_) | Value::Other(_) => {}
        }
    }
}

/// The documents of a file; a `List`, as kubectl prints it, is its items.
///
/// # Errors
/// Where it is no YAML.
pub fn read(source: Source) -> Result<Vec<Document>> {
    let source = Arc::new(source);
    let mut documents = Vec::new();
    for (start, text) in pieces(&source.text) {
        if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            continue;
        }
        // A text has no more values than bytes, but by aliases, which have limits of their own.
        let budget = serde_saphyr::budget! { max_nodes: text.len(), max_events: 2 * text.len() + 4 };
        let options = serde_saphyr::options! { with_snippet: false, budget: budget };
        let mut root: Node = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
            let before = source.text[..start].matches('\n').count();
            let line = error.location().map_or(1, |location| usize::try_from(location.line()).unwrap_or(1));
            let hint =
                if text.contains("{{") { "; a template of Helm has to be rendered first: `helm template`" } else { "" };
            anyhow!("{}:{}: not YAML: {error}{hint}", source.path, before + line)
        })?;
        root.shift(start);
        let is_list = root.get("kind").text().is_some_and(|kind| kind.ends_with("List")) && root.get("items").is_some();
        let roots = if is_list { root.get("items").items().to_vec() } else { vec![root] };
        documents.extend(roots.into_iter().map(|root| Document { source: Arc::clone(&source), root }));
    }
    Ok(documents)
}

/// The texts of the documents, and where they begin. A line that begins with `---` separates, also in block scalars: those
/// are indented.
fn pieces(text: &str) -> Vec<(usize, &str)> {
    let mut pieces = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if line.starts_with("---") && line[3..].trim_start_matches([' ', '\t']).starts_with(['\n', '\r', '#'])
            || line == "---"
        {
            pieces.push((start, &text[start..at]));
            start = at + line.len();
        }
        at += line.len();
    }
    pieces.push((start, &text[start..]));
    pieces
}
