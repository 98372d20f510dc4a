//! The pairing of nodes, buckets and pods, all from one name.

use crate::manifest::Effect;
use crate::plan::{ClassName, LabelKey, Taint};
use serde::Serialize;
use std::collections::BTreeMap;

/// The key where the manifest gives none.
pub const DEFAULT_KEY: &str = "s3boot.dev/class";

/// Taint, label, toleration and selector of a class: `key=class`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pairing {
    key: LabelKey,
    class: ClassName,
}

/// A toleration that fits one taint and no other. Never `Exists`: on a shared key that would let the pods of one
/// class onto the nodes of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Toleration {
    key: String,
    operator: &'static str,
    value: String,
    effect: Effect,
}

impl Pairing {
    /// The pairing of a class under this key.
    #[must_use]
    pub fn of(key: LabelKey, class: ClassName) -> Self {
        Self { key, class }
    }

    /// The taint of the nodes.
    #[must_use]
    pub fn taint(&self) -> Taint {
        Taint { key: self.key.clone(), value: Some(self.class.as_value()), effect: Effect::NoSchedule }
    }

    /// The label of the nodes, which is the selector of the pods too.
    #[must_use]
    pub fn label(&self) -> BTreeMap<String, String> {
        BTreeMap::from([(self.key.to_string(), self.class.to_string())])
    }

    /// What the pods tolerate.
    #[must_use]
    pub fn toleration(&self) -> Toleration {
        Toleration {
            key: self.key.to_string(),
            operator: "Equal",
            value: self.class.to_string(),
            effect: Effect::NoSchedule,
        }
    }
}
