//! Evaluates a node.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::links::{self, Point, Retry, Slot, What};
use super::path::Track;
use super::{Machine, Next, Step};
use crate::jq::operators;
use crate::jq::paths;
use crate::jq::syntax::{Expr, ExprId, Operator};
use crate::jq::value::{List, Map, Value};

impl Machine<'_> {
    pub(super) fn eval(&mut self, id: ExprId) -> Step {
        match &self.arena.expressions[id] {
            Expr::Identity => Ok(Next::Return),
            Expr::Constant(value) => {
                // As in jq, a constant equal to the current value keeps the path.
                let same = match (value, &self.point.value) {
                    (Value::Null, Value::Null) => true,
                    (Value::Bool(one), Value::Bool(other)) => one == other,
                    _ => false,
                };
                if same { Ok(Next::Return) } else { Ok(self.computed(value.clone(), self.point.track.is_on())) }
            }
            Expr::Variable(_) => match self.simple(id, &Value::Null) {
                Some(value) => Ok(self.computed(value, self.point.track.is_on())),
                None => Ok(Next::Backtrack),
            },
            Expr::Parameter(distance) => Ok(self.parameter(*distance)),
            Expr::Call { function, up, arguments } => Ok(self.call(*function, *up, arguments)),
            Expr::Native { .. } | Expr::Special { .. } | Expr::Slice { .. } => {
                let point = self.point.clone();
                self.point.value = Value::Null;
                self.gather(id, Vec::new(), point)
            }
            Expr::Index { target, key, optional } => match self.simple(*key, &self.point.value) {
                Some(key) => self.target(*target, What::Index { key, optional: *optional }),
                None => Ok(self.aside(*key, |point| What::IndexKey { id, point })),
            },
            Expr::Iterate { target, optional } => self.target(*target, What::Iterate { optional: *optional }),
            Expr::Pipe(left, right) => {
                self.push(What::Pipe(*right));
                Ok(Next::Eval(*left))
            }
            Expr::Comma(left, right) => {
                self.choose(Retry::Eval { id: *right, point: self.point.clone() });
                Ok(Next::Eval(*left))
            }
            Expr::Alternative(left, right) => {
                let found = Rc::new(Cell::new(false));
                self.choose(Retry::Alternative { id: *right, point: self.point.clone(), found: found.clone() });
                self.push(What::Alternative { found });
                Ok(Next::Eval(*left))
            }
            Expr::And(left, _) | Expr::Or(left, _) => Ok(self.aside(*left, |point| What::Junction { id, point })),
            Expr::Operation(operator, left, right) => match self.simple(*right, &self.point.value) {
                Some(right) => self.left_side(*operator, *left, right),
                None => Ok(self.aside(*right, |point| What::OperationRight { id, point })),
            },
            Expr::Negate(body) => {
                let tracked = self.point.track.is_on();
                Ok(self.aside(*body, |_| What::Negate { tracked }))
            }
            Expr::If { condition, .. } => match self.simple(*condition, &self.point.value) {
                Some(condition) => Ok(self.branch(id, &condition)),
                None => Ok(self.aside(*condition, |point| What::Branch { id, point })),
            },
            _ => self.eval_control(id),
        }
    }

    /// Evaluates a node that is neither an operator nor a path.
    fn eval_control(&mut self, id: ExprId) -> Step {
        match &self.arena.expressions[id] {
            Expr::Try { body, handler } => {
                let tracked = self.point.track.is_on();
                self.push(What::Try { handler: *handler, height: self.choices.len(), tracked });
                Ok(Next::Eval(*body))
            }
            Expr::Bind { source, .. } => match self.simple(*source, &self.point.value) {
                Some(value) => {
                    let point = self.point.clone();
                    self.bind(id, value, point)
                }
                None => Ok(self.aside(*source, |point| What::BindSource { id, point })),
            },
            Expr::Reduce { init, .. } | Expr::Foreach { init, .. } => {
                let point = self.point.clone();
                self.push(What::FoldInit { id, point });
                Ok(Next::Eval(*init))
            }
            Expr::Label(body) => {
                self.env = Some(links::extend(self.env.take(), Slot::Label(self.choices.len())));
                Ok(Next::Eval(*body))
            }
            Expr::Break(distance) => {
                if let Some(Slot::Label(height)) = links::slot(&self.env, *distance) {
                    self.choices.truncate(*height);
                }
                Ok(Next::Backtrack)
            }
            Expr::Array(body) => {
                let list = Rc::new(RefCell::new(List::default()));
                self.choose(Retry::Collected { list: list.clone(), tracked: self.point.track.is_on() });
                self.push(What::Collect { list });
                self.point.track = Track::Off;
                Ok(Next::Eval(*body))
            }
            Expr::Object(_) => {
                let point = self.point.clone();
                self.object(id, 0, Map::default(), point)
            }
            Expr::Path(body) => {
                let tracked = self.point.track.is_on();
                self.push(What::PathEnd { tracked });
                self.point.track = Track::At(None);
                Ok(Next::Eval(*body))
            }
            Expr::First(body) => {
                self.push(What::First { height: self.choices.len() });
                Ok(Next::Eval(*body))
            }
            Expr::Last(body) => {
                let last = Rc::new(RefCell::new(None));
                self.choose(Retry::Last { last: last.clone() });
                self.push(What::Last { last });
                Ok(Next::Eval(*body))
            }
            Expr::Assign(_, value) | Expr::UpdateWith(_, _, value) => match self.simple(*value, &self.point.value) {
                Some(value) => Ok(self.update(id, value)),
                None => Ok(self.aside(*value, |point| What::AssignValue { id, point })),
            },
            Expr::Update(..) => Ok(self.update(id, Value::Null)),
            // `empty`; the others are those of `eval`.
            _ => Ok(Next::Backtrack),
        }
    }

    /// Evaluates the value that is indexed or iterated.
    pub(super) fn target(&mut self, target: ExprId, what: What) -> Step {
        if matches!(self.arena.expressions[target], Expr::Identity) {
            return self.resume(what);
        }
        self.push(what);
        Ok(Next::Eval(target))
    }

    pub(super) fn index(&mut self, key: &Value, optional: bool) -> Step {
        self.point.track.check(|| {
            let quote = crate::jq::json_write::quote;
            format!("access element {} of {}", quote(key), quote(&self.point.value))
        })?;
        match paths::index(&self.point.value, key) {
            Ok(value) => {
                let track = self.point.track.element(|| key.clone())?;
                self.point = Point { value, track };
                Ok(Next::Return)
            }
            Err(_) if optional => Ok(Next::Backtrack),
            Err(fault) => Err(fault),
        }
    }

    pub(super) fn iterate(&mut self, optional: bool) -> Step {
        self.point.track.check(|| format!("iterate through {}", crate::jq::json_write::quote(&self.point.value)))?;
        match &self.point.value {
            Value::Array(_) | Value::Object(_) => {
                let container = std::mem::replace(&mut self.point.value, Value::Null);
                let track = std::mem::replace(&mut self.point.track, Track::Off);
                self.choose(Retry::Each { container, at: 0, track });
                Ok(Next::Backtrack)
            }
            _ if optional => Ok(Next::Backtrack),
            other => Err(operators::cannot("Cannot iterate over", other)),
        }
    }

    /// Continues with the left side of an operator whose right side is evaluated.
    pub(super) fn left_side(&mut self, operator: Operator, left: ExprId, right: Value) -> Step {
        let tracked = self.point.track.is_on();
        let value = match &self.arena.expressions[left] {
            // Taken, not cloned, so that an unshared value is changed in place.
            Expr::Identity => Some(std::mem::replace(&mut self.point.value, Value::Null)),
            _ => self.simple(left, &self.point.value),
        };
        if let Some(value) = value {
            return operators::apply(operator, value, right).map(|value| self.computed(value, tracked));
        }
        self.point.track = Track::Off;
        self.push(What::OperationLeft { operator, right, tracked });
        Ok(Next::Eval(left))
    }

    pub(super) fn branch(&self, id: ExprId, condition: &Value) -> Next {
        match &self.arena.expressions[id] {
            Expr::If { then, otherwise, .. } => Next::Eval(if condition.is_truthy() { *then } else { *otherwise }),
            _ => Next::Backtrack,
        }
    }

    /// Continues an object at an entry.
    pub(super) fn object(&mut self, id: ExprId, mut at: usize, mut map: Map, point: Point) -> Step {
        let Expr::Object(entries) = &self.arena.expressions[id] else { return Ok(Next::Backtrack) };
        while let Some((key, value)) = entries.get(at) {
            let Some(key_value) = self.simple(*key, &point.value) else {
                self.point = Point::untracked(point.value.clone());
                self.push(What::ObjectKey { id, at, map, point });
                return Ok(Next::Eval(*key));
            };
            let key = operators::object_key(key_value)?;
            let Some(value) = self.simple(*value, &point.value) else {
                self.point = Point::untracked(point.value.clone());
                self.push(What::ObjectValue { id, at, key, map, point });
                return Ok(Next::Eval(*value));
            };
            map.insert(key, value)?;
            at += 1;
        }
        Ok(self.computed(map.into(), point.track.is_on()))
    }

    /// Continues with the value of an entry whose key is evaluated.
    pub(super) fn object_value(&mut self, id: ExprId, at: usize, map: Map, point: Point) -> Step {
        let Expr::Object(entries) = &self.arena.expressions[id] else { return Ok(Next::Backtrack) };
        let key = operators::object_key(std::mem::replace(&mut self.point.value, Value::Null))?;
        self.point = Point::untracked(point.value.clone());
        self.push(What::ObjectValue { id, at, key, map, point });
        Ok(Next::Eval(entries[at].1))
    }
}
