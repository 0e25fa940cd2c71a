//! Values: JSON with numbers that keep their digits and objects that keep their order.
//!
//! Arrays and objects know their depth, and their constructors bound it: whatever walks a value may do so by
//! recursion.

use std::borrow::Borrow;
use std::ops::Deref;
use std::rc::Rc;

use indexmap::IndexMap;

use super::memory::{self, Charge, OutOfMemory};
use super::number::Number;

/// Levels of arrays and objects in a value.
pub(crate) const MAX_DEPTH: u32 = 512;

/// Why an evaluation stops.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// An error of jq with its value.
    Error(Value),
    /// A limit was reached; `try` does not catch it, since it would run into it again.
    Limit(String),
}

impl Fault {
    /// An error whose value is a text.
    pub(super) fn error(message: impl AsRef<str>) -> Self {
        Self::Error(Value::from(message.as_ref()))
    }

    fn depth() -> Self {
        Self::error(format!("Exceeds depth limit of {MAX_DEPTH} levels"))
    }
}

impl From<OutOfMemory> for Fault {
    fn from(error: OutOfMemory) -> Self {
        Self::Limit(error.to_string())
    }
}

/// A value of jq. A clone shares what is inside.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    String(Text),
    Array(Rc<List>),
    Object(Rc<Map>),
}

/// A shared text.
#[derive(Clone, Debug)]
pub(crate) struct Text(Rc<str>);

/// The items of an array.
#[derive(Debug)]
pub(crate) struct List {
    items: Vec<Value>,
    depth: u32,
    charge: Charge,
}

/// The entries of an object, in the order they came in.
#[derive(Debug)]
pub(crate) struct Map {
    entries: IndexMap<Text, Value>,
    depth: u32,
    charge: Charge,
}

impl Value {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// Everything but `null` and `false` counts as true.
    pub(super) fn is_truthy(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    pub(super) fn depth(&self) -> u32 {
        match self {
            Self::Array(list) => list.depth,
            Self::Object(map) => map.depth,
            _ => 0,
        }
    }

    pub(super) fn array(items: Vec<Value>) -> Result<Self, Fault> {
        List::of(items).map(|list| Self::Array(Rc::new(list)))
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number.as_f64()),
            _ => None,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(Number::Float(value))
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(Number::Int(value))
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::from(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(Text::from(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(Text::from(text))
    }
}

impl From<List> for Value {
    fn from(list: List) -> Self {
        Self::Array(Rc::new(list))
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Object(Rc::new(map))
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        memory::add(text.len());
        Self(Rc::from(text))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        if Rc::strong_count(&self.0) == 1 {
            memory::subtract(self.0.len());
        }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        self
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || **self == **other
    }
}

impl Eq for Text {}

impl std::hash::Hash for Text {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl Default for List {
    fn default() -> Self {
        Self { items: Vec::new(), depth: 1, charge: Charge::new(size_of::<Self>()) }
    }
}

impl Clone for List {
    fn clone(&self) -> Self {
        let charge = Charge::new(size_of::<Self>() + self.items.len() * size_of::<Value>());
        Self { items: self.items.clone(), depth: self.depth, charge }
    }
}

impl List {
    pub(super) fn of(items: Vec<Value>) -> Result<Self, Fault> {
        let depth = 1 + items.iter().map(Value::depth).max().unwrap_or(0);
        if depth > MAX_DEPTH {
            return Err(Fault::depth());
        }
        let charge = Charge::new(size_of::<Self>() + items.capacity() * size_of::<Value>());
        Ok(Self { items, depth, charge })
    }

    pub(super) fn items(&self) -> &[Value] {
        &self.items
    }

    pub(super) fn push(&mut self, item: Value) -> Result<(), Fault> {
        self.grow(1)?;
        self.admit(&item)?;
        self.items.push(item);
        Ok(())
    }

    pub(super) fn extend(&mut self, items: &[Value]) -> Result<(), Fault> {
        self.grow(items.len())?;
        for item in items {
            self.admit(item)?;
            self.items.push(item.clone());
        }
        Ok(())
    }

    /// Sets the item at an index; missing items before it become null.
    pub(super) fn set(&mut self, index: usize, item: Value) -> Result<(), Fault> {
        self.admit(&item)?;
        if index >= self.items.len() {
            self.grow(index - self.items.len() + 1)?;
            self.items.resize(index + 1, Value::Null);
        }
        self.items[index] = item;
        Ok(())
    }

    /// Takes the item at an index and leaves null.
    pub(super) fn take(&mut self, index: usize) -> Value {
        self.items.get_mut(index).map_or(Value::Null, |item| std::mem::replace(item, Value::Null))
    }

    pub(super) fn splice(&mut self, from: usize, to: usize, with: &[Value]) -> Result<(), Fault> {
        self.grow(with.len())?;
        with.iter().try_for_each(|item| self.admit(item))?;
        self.items.splice(from..to, with.iter().cloned());
        Ok(())
    }

    /// Keeps the items whose index is not among those given.
    pub(super) fn remove_all(&mut self, remove: impl Fn(usize) -> bool) {
        let mut index = 0;
        self.items.retain(|_| {
            index += 1;
            !remove(index - 1)
        });
    }

    /// Releases the spare capacity.
    pub(super) fn shrink(&mut self) {
        self.items.shrink_to_fit();
        self.charge.set(size_of::<Self>() + self.items.capacity() * size_of::<Value>());
    }

    fn admit(&mut self, item: &Value) -> Result<(), Fault> {
        self.depth = self.depth.max(item.depth() + 1);
        if self.depth > MAX_DEPTH { Err(Fault::depth()) } else { Ok(()) }
    }

    fn grow(&mut self, by: usize) -> Result<(), Fault> {
        let needed = self.items.len().saturating_add(by);
        if needed > self.items.capacity() {
            let capacity = needed.max(self.items.capacity().saturating_mul(2)).max(4);
            let bytes = capacity.saturating_mul(size_of::<Value>());
            memory::check(bytes)?;
            self.items.reserve_exact(capacity - self.items.len());
            self.charge.set(size_of::<Self>() + bytes);
        }
        Ok(())
    }
}

impl Default for Map {
    fn default() -> Self {
        Self { entries: IndexMap::new(), depth: 1, charge: Charge::new(size_of::<Self>()) }
    }
}

impl Clone for Map {
    fn clone(&self) -> Self {
        let entries = self.entries.clone();
        let charge = Charge::new(Self::bytes(entries.capacity()));
        Self { entries, depth: self.depth, charge }
    }
}

impl Map {
    pub(super) fn entries(&self) -> &IndexMap<Text, Value> {
        &self.entries
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(key)
    }

    pub(super) fn insert(&mut self, key: Text, value: Value) -> Result<(), Fault> {
        self.depth = self.depth.max(value.depth() + 1);
        if self.depth > MAX_DEPTH {
            return Err(Fault::depth());
        }
        let before = self.entries.capacity();
        if self.entries.len() == before {
            memory::check(Self::bytes(before * 2))?;
        }
        self.entries.insert(key, value);
        if self.entries.capacity() != before {
            self.charge.set(Self::bytes(self.entries.capacity()));
        }
        Ok(())
    }

    /// Takes the value of a key, if it exists, and leaves null.
    pub(super) fn take(&mut self, key: &str) -> Value {
        self.entries.get_mut(key).map_or(Value::Null, |value| std::mem::replace(value, Value::Null))
    }

    pub(super) fn remove_all(&mut self, remove: impl Fn(&Text) -> bool) {
        self.entries.retain(|key, _| !remove(key));
    }

    pub(super) fn shrink(&mut self) {
        self.entries.shrink_to_fit();
        self.charge.set(Self::bytes(self.entries.capacity()));
    }

    /// The keys in jq's order: by code point.
    pub(super) fn sorted_keys(&self) -> Vec<&Text> {
        let mut keys: Vec<&Text> = self.entries.keys().collect();
        keys.sort_unstable_by_key(|key| &***key);
        keys
    }

    fn bytes(capacity: usize) -> usize {
        // An entry also has a hash and a position in the index.
        size_of::<Self>().saturating_add(capacity.saturating_mul(size_of::<(Text, Value)>() + 24))
    }
}
