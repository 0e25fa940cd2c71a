//! Calls of functions, parameters and builtins.

use std::cell::Cell;
use std::rc::Rc;

use super::links::{self, Point, Retry, Slot, What};
use super::{Machine, Next, Step};
use crate::jq::paths;
use crate::jq::syntax::{Expr, ExprId, FunctionId, Special};
use crate::jq::value::{Fault, Map, Value};

impl<'p> Machine<'p> {
    pub(super) fn parameter(&mut self, distance: usize) -> Next {
        match links::slot(&self.env, distance).cloned() {
            Some(Slot::Closure(body, env)) => {
                self.env = env;
                Next::Eval(body)
            }
            _ => Next::Backtrack,
        }
    }

    pub(super) fn call(&mut self, function: FunctionId, up: usize, arguments: &[ExprId]) -> Next {
        let mut env = links::outer(&self.env, up);
        for argument in arguments {
            // A parameter that is only passed on is passed directly; otherwise recursion would build a chain.
            let passed = match &self.arena.expressions[*argument] {
                Expr::Parameter(distance) => links::slot(&self.env, *distance).cloned(),
                _ => None,
            };
            env = Some(links::extend(env, passed.unwrap_or_else(|| Slot::Closure(*argument, self.env.clone()))));
        }
        self.env = env;
        Next::Eval(self.arena.functions[function].body)
    }

    /// The operands to evaluate before a builtin is called, and whether the last comes first.
    fn operands(&self, id: ExprId) -> (&'p [ExprId], bool) {
        match &self.arena.expressions[id] {
            Expr::Native { arguments, .. } => (arguments, true),
            Expr::Special { arguments, .. } => (arguments, false),
            Expr::Slice { bounds, .. } => (bounds, false),
            _ => (&[], false),
        }
    }

    /// Evaluates the remaining operands, then applies the builtin.
    pub(super) fn gather(&mut self, id: ExprId, mut values: Vec<Value>, point: Point) -> Step {
        let (operands, backwards) = self.operands(id);
        while values.len() < operands.len() {
            let at = if backwards { operands.len() - 1 - values.len() } else { values.len() };
            let operand = operands[at];
            let Some(value) = self.simple(operand, &point.value) else {
                self.point = Point::untracked(point.value.clone());
                self.push(What::Arguments { id, values, point });
                return Ok(Next::Eval(operand));
            };
            values.push(value);
        }
        if backwards {
            values.reverse();
        }
        self.point = point;
        self.apply(id, values)
    }

    fn apply(&mut self, id: ExprId, values: Vec<Value>) -> Step {
        let tracked = self.point.track.is_on();
        match &self.arena.expressions[id] {
            Expr::Native { function, .. } => {
                let input = std::mem::replace(&mut self.point.value, Value::Null);
                function(input, values).map(|value| self.computed(value, tracked))
            }
            Expr::Slice { target, optional, .. } => {
                let mut bounds = values.into_iter();
                let mut key = Map::default();
                key.insert("start".into(), bounds.next().unwrap_or(Value::Null))?;
                key.insert("end".into(), bounds.next().unwrap_or(Value::Null))?;
                self.target(*target, What::Index { key: key.into(), optional: *optional })
            }
            Expr::Special { special, body, .. } => self.special(*special, *body, &values),
            _ => Ok(Next::Backtrack),
        }
    }

    fn special(&mut self, special: Special, body: ExprId, values: &[Value]) -> Step {
        match (special, values) {
            (Special::GetPath, [path]) => self.get_path(path),
            (Special::Range, [from, to, by]) => {
                let (Some(at), Some(to), Some(by)) = (from.as_f64(), to.as_f64(), by.as_f64()) else {
                    return Err(Fault::error("Range bounds must be numeric"));
                };
                self.choose(Retry::Range { at, to, by, tracked: self.point.track.is_on() });
                Ok(Next::Backtrack)
            }
            (Special::Limit, [count]) => match count.as_f64() {
                Some(count) if count > 0.0 => {
                    self.push(What::Limit { left: Rc::new(Cell::new(count)), height: self.choices.len() });
                    Ok(Next::Eval(body))
                }
                Some(0.0) => Ok(Next::Backtrack),
                Some(_) => Err(Fault::error("limit doesn't support negative count")),
                None => Err(Fault::error(format!("limit of {} is not a number", count.kind()))),
            },
            _ => Err(Fault::Error(std::mem::replace(&mut self.point.value, Value::Null))),
        }
    }

    /// `getpath`: null where the path does not exist.
    fn get_path(&mut self, path: &Value) -> Step {
        let Value::Array(keys) = path else { return Err(Fault::error("Path must be specified as an array")) };
        let value = paths::get(&self.point.value, path)?;
        if self.point.track.is_on() {
            self.point.track.check(|| {
                let quote = crate::jq::json_write::quote;
                format!("access element {} of {}", quote(path), quote(&self.point.value))
            })?;
            let mut track = self.point.track.clone();
            for key in keys.items() {
                track = track.element(|| key.clone())?;
            }
            self.point.track = track;
        }
        self.point.value = value;
        Ok(Next::Return)
    }
}
