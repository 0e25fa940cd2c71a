//! The path of a value, if paths are tracked.

use std::rc::Rc;

use crate::jq::json_write::quote;
use crate::jq::value::{Fault, List, MAX_DEPTH, Value};

/// The path of a value.
#[derive(Clone, Debug)]
pub(super) enum Track {
    /// Paths are not tracked.
    Off,
    /// The value is not a part of the input.
    Lost,
    At(Option<Rc<PathNode>>),
}

#[derive(Debug)]
pub(super) struct PathNode {
    key: Value,
    parent: Option<Rc<PathNode>>,
    length: u32,
}

impl Track {
    pub(super) fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }

    /// The path of a computed value.
    pub(super) fn computed(tracked: bool) -> Self {
        if tracked { Self::Lost } else { Self::Off }
    }

    /// Fails if the path is lost; `attempt` describes the operation.
    pub(super) fn check(&self, attempt: impl FnOnce() -> String) -> Result<(), Fault> {
        match self {
            Self::Lost => Err(Fault::error(format!("Invalid path expression near attempt to {}", attempt()))),
            _ => Ok(()),
        }
    }

    /// The path of an element.
    pub(super) fn element(&self, key: impl FnOnce() -> Value) -> Result<Self, Fault> {
        let Self::At(parent) = self else { return Ok(self.clone()) };
        let length = parent.as_ref().map_or(0, |node| node.length) + 1;
        if length > MAX_DEPTH {
            return Err(Fault::error("Path too deep"));
        }
        Ok(Self::At(Some(Rc::new(PathNode { key: key(), parent: parent.clone(), length }))))
    }

    /// The path to a value as an array.
    pub(super) fn path(&self, value: &Value) -> Result<Value, Fault> {
        let Self::At(innermost) = self else {
            return Err(Fault::error(format!("Invalid path expression with result {}", quote(value))));
        };
        let mut keys = Vec::new();
        let mut node = innermost.as_ref();
        while let Some(PathNode { key, parent, .. }) = node.map(|node| &**node) {
            keys.push(key.clone());
            node = parent.as_ref();
        }
        keys.reverse();
        Ok(List::of(keys)?.into())
    }
}
