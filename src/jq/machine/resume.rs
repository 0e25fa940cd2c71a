//! Hands an output to a frame of the continuation.

use super::links::{Point, What};
use super::path::Track;
use super::{Machine, Next, Step};
use crate::jq::operators;
use crate::jq::syntax::Expr;
use crate::jq::value::Value;

impl Machine<'_> {
    /// Continues a frame with the current value as the output it waits for.
    pub(super) fn resume(&mut self, what: What) -> Step {
        match what {
            What::Pipe(right) => Ok(Next::Eval(right)),
            What::IndexKey { id, point } => {
                let key = std::mem::replace(&mut self.point, point).value;
                match &self.arena.expressions[id] {
                    Expr::Index { target, optional, .. } => {
                        self.target(*target, What::Index { key, optional: *optional })
                    }
                    _ => Ok(Next::Backtrack),
                }
            }
            What::Index { key, optional } => self.index(&key, optional),
            What::Iterate { optional } => self.iterate(optional),
            What::Arguments { id, mut values, point } => {
                values.push(std::mem::replace(&mut self.point.value, Value::Null));
                self.gather(id, values, point)
            }
            What::OperationRight { id, point } => {
                let right = std::mem::replace(&mut self.point, point).value;
                match &self.arena.expressions[id] {
                    Expr::Operation(operator, left, _) => self.left_side(*operator, *left, right),
                    _ => Ok(Next::Backtrack),
                }
            }
            What::OperationLeft { operator, right, tracked } => {
                let left = std::mem::replace(&mut self.point.value, Value::Null);
                operators::apply(operator, left, right).map(|value| self.computed(value, tracked))
            }
            What::Negate { tracked } => operators::negate(&self.point.value).map(|value| self.computed(value, tracked)),
            What::Junction { id, point } => {
                let left = std::mem::replace(&mut self.point, point).value.is_truthy();
                let tracked = self.point.track.is_on();
                match &self.arena.expressions[id] {
                    Expr::And(_, right) if left => Ok(self.aside(*right, |_| What::Truth { tracked })),
                    Expr::Or(_, right) if !left => Ok(self.aside(*right, |_| What::Truth { tracked })),
                    _ => Ok(self.computed(Value::Bool(left), tracked)),
                }
            }
            What::Truth { tracked } => Ok(self.computed(Value::Bool(self.point.value.is_truthy()), tracked)),
            What::Branch { id, point } => {
                let condition = std::mem::replace(&mut self.point, point).value;
                Ok(self.branch(id, &condition))
            }
            What::Alternative { found } => {
                if !self.point.value.is_truthy() {
                    return Ok(Next::Backtrack);
                }
                found.set(true);
                Ok(Next::Return)
            }
            what => self.resume_control(what),
        }
    }

    fn resume_control(&mut self, what: What) -> Step {
        match what {
            What::BindSource { id, point } => {
                let value = std::mem::replace(&mut self.point.value, Value::Null);
                self.bind(id, value, point)
            }
            What::PatternKey(job) => self.pattern_key(*job),
            What::FoldInit { id, point } => Ok(self.fold(id, point)),
            What::FoldItem { id, state } => self.fold_item(id, state),
            What::ReduceStore { state } => {
                let null = Point::untracked(Value::Null);
                *state.borrow_mut() = std::mem::replace(&mut self.point, null);
                Ok(Next::Backtrack)
            }
            What::ForeachStore { extract, state } => {
                *state.borrow_mut() = self.point.clone();
                Ok(extract.map_or(Next::Return, Next::Eval))
            }
            What::Collect { list } => {
                list.borrow_mut().push(std::mem::replace(&mut self.point.value, Value::Null))?;
                Ok(Next::Backtrack)
            }
            What::ObjectKey { id, at, map, point } => self.object_value(id, at, map, point),
            What::ObjectValue { id, at, key, mut map, point } => {
                map.insert(key, std::mem::replace(&mut self.point.value, Value::Null))?;
                self.object(id, at + 1, map, point)
            }
            What::AssignValue { id, point } => {
                let value = std::mem::replace(&mut self.point, point).value;
                Ok(self.update(id, value))
            }
            What::UpdatePath { id, value, state } => self.update_path(id, value, &state),
            What::UpdateStore { path, height, state } => self.update_store(&path, height, &state),
            What::PathEnd { tracked } => {
                let path = self.point.track.path(&self.point.value)?;
                Ok(self.computed(path, tracked))
            }
            What::First { height } => {
                self.choices.truncate(height);
                Ok(Next::Return)
            }
            What::Limit { left, height } => {
                left.set(left.get() - 1.0);
                if left.get() <= 0.0 {
                    self.choices.truncate(height);
                }
                Ok(Next::Return)
            }
            What::Last { last } => {
                let point = Point { value: Value::Null, track: Track::Off };
                *last.borrow_mut() = Some(std::mem::replace(&mut self.point, point));
                Ok(Next::Backtrack)
            }
            // `try` only waits for errors.
            _ => Ok(Next::Return),
        }
    }
}
