//! Assignments: `=`, `|=`, and `+=` and its like.

use std::cell::RefCell;
use std::rc::Rc;

use super::links::{Point, Retry, Updating, What};
use super::path::Track;
use super::{Machine, Next, Step};
use crate::jq::operators;
use crate::jq::paths;
use crate::jq::syntax::{Expr, ExprId};
use crate::jq::value::Value;

impl Machine<'_> {
    /// Begins an assignment; if its right side is a value, it has been evaluated.
    pub(super) fn update(&mut self, id: ExprId, value: Value) -> Next {
        let (Expr::Assign(left, _) | Expr::Update(left, _) | Expr::UpdateWith(_, left, _)) =
            &self.arena.expressions[id]
        else {
            return Next::Backtrack;
        };
        let tracked = self.point.track.is_on();
        let state = Rc::new(RefCell::new(Updating { root: self.point.value.clone(), deletions: Vec::new() }));
        self.choose(Retry::Updated { state: state.clone(), tracked });
        self.push(What::UpdatePath { id, value, state });
        self.point.track = Track::At(None);
        Next::Eval(*left)
    }

    /// Updates one path.
    pub(super) fn update_path(&mut self, id: ExprId, value: Value, state: &Rc<RefCell<Updating>>) -> Step {
        let path = self.point.track.path(&self.point.value)?;
        // The element must not be shared, so that it can be changed in place.
        self.point = Point::untracked(Value::Null);
        let root = std::mem::replace(&mut state.borrow_mut().root, Value::Null);
        let new = match &self.arena.expressions[id] {
            Expr::Assign(..) => paths::set(root, &path, value)?,
            Expr::UpdateWith(operator, ..) => {
                let (root, old) = paths::take(root, &path)?;
                paths::set(root, &path, operators::apply(*operator, old, value)?)?
            }
            Expr::Update(_, body) => {
                let (root, old) = paths::take(root, &path)?;
                state.borrow_mut().root = root;
                self.point.value = old;
                let height = self.choices.len();
                self.choose(Retry::NotUpdated { state: state.clone(), path: path.clone() });
                self.push(What::UpdateStore { path, height, state: state.clone() });
                return Ok(Next::Eval(*body));
            }
            _ => root,
        };
        state.borrow_mut().root = new;
        Ok(Next::Backtrack)
    }

    /// Stores the first output of an update at its path.
    pub(super) fn update_store(&mut self, path: &Value, height: usize, state: &Rc<RefCell<Updating>>) -> Step {
        self.choices.truncate(height);
        let new = std::mem::replace(&mut self.point.value, Value::Null);
        let root = std::mem::replace(&mut state.borrow_mut().root, Value::Null);
        let root = paths::set(root, path, new)?;
        state.borrow_mut().root = root;
        Ok(Next::Backtrack)
    }
}
