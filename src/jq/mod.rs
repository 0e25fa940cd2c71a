//! The language of jq 1.8, on values that keep their digits and their order.
//!
//! An expression is read into an arena (`parser`), then run by a machine (`machine`) whose stacks are on the heap and
//! whose memory is counted (`memory`): no expression can end the process.

mod builtins;
mod compare;
mod items;
mod json_read;
mod json_write;
mod lexer;
mod machine;
mod memory;
mod number;
mod operators;
mod parser;
mod paths;
mod prelude;
mod syntax;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use items::ItemsFault;
pub(crate) use syntax::SyntaxError;
pub(crate) use value::{Fault, Value};

/// A compiled expression.
#[derive(Debug)]
pub(crate) struct Program {
    arena: syntax::Arena,
    root: syntax::ExprId,
    plan: items::Plan,
}

impl Program {
    /// Compiles an expression; `globals` are variables that it may use.
    pub(crate) fn compile(expression: &str, globals: &[(String, Value)]) -> Result<Self, SyntaxError> {
        let mut arena = syntax::Arena::default();
        let root = parser::parse(expression, globals, &mut arena)?;
        let plan = items::plan(&mut arena, root);
        Ok(Self { arena, root, plan })
    }

    /// Runs the expression on a value and passes each output to `emit`, until that returns false.
    pub(crate) fn run(&self, input: Value, emit: &mut dyn FnMut(&Value) -> bool) -> Result<(), Fault> {
        self.run_root(self.root, input, emit)
    }

    fn run_root(&self, root: syntax::ExprId, input: Value, emit: &mut dyn FnMut(&Value) -> bool) -> Result<(), Fault> {
        self.run_within(memory::ALLOWANCE, root, input, emit)
    }

    fn run_within(
        &self,
        allowance: usize,
        root: syntax::ExprId,
        input: Value,
        emit: &mut dyn FnMut(&Value) -> bool,
    ) -> Result<(), Fault> {
        memory::limit(allowance);
        let mut machine = machine::Machine::new(&self.arena, root, input);
        while let Some(output) = machine.output() {
            if !emit(&output?) {
                break;
            }
        }
        Ok(())
    }
}

impl Value {
    /// Reads a JSON document.
    pub(crate) fn from_json(text: &str) -> Result<Self, Fault> {
        memory::unlimit();
        json_read::read(text)
    }

    /// An object of entries.
    pub(crate) fn object(entries: impl IntoIterator<Item = (String, Self)>) -> Result<Self, Fault> {
        let mut map = value::Map::default();
        entries.into_iter().try_for_each(|(key, value)| map.insert(key.into(), value))?;
        Ok(map.into())
    }

    /// The value as compact JSON.
    pub(crate) fn to_json(&self) -> Result<String, Fault> {
        json_write::write(self)
    }
}
