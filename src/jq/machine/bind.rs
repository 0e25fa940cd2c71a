//! Bindings: patterns, `reduce` and `foreach`.

use std::cell::RefCell;
use std::rc::Rc;

use super::links::{self, Destructuring, Point, Retry, Slot, State, Then, What};
use super::path::Track;
use super::{Machine, Next, Step};
use crate::jq::paths;
use crate::jq::syntax::{Expr, ExprId, PatternStep, Patterns};
use crate::jq::value::Value;

impl<'p> Machine<'p> {
    fn patterns(&self, id: ExprId) -> Option<&'p Patterns> {
        match &self.arena.expressions[id] {
            Expr::Bind { patterns, .. } | Expr::Reduce { patterns, .. } | Expr::Foreach { patterns, .. } => {
                Some(patterns)
            }
            _ => None,
        }
    }

    /// Binds a value and continues with the body at a point.
    pub(super) fn bind(&mut self, id: ExprId, value: Value, point: Point) -> Step {
        self.destructure(Destructuring { id, alternative: 0, step: 0, stack: vec![value], then: Then::Body(point) })
    }

    /// Destructures a value, beginning at a step.
    pub(super) fn destructure(&mut self, mut job: Destructuring) -> Step {
        let Some(patterns) = self.patterns(job.id) else { return Ok(Next::Backtrack) };
        let pattern = &patterns.alternatives[job.alternative];
        if job.step == 0 && job.alternative + 1 < patterns.alternatives.len() {
            let next = Destructuring { alternative: job.alternative + 1, ..job.clone() };
            self.push(What::NextPattern { job: Box::new(next), height: self.choices.len() });
        }
        while let Some(step) = pattern.steps.get(job.step) {
            job.step += 1;
            let at_hand = job.stack.last().cloned().unwrap_or(Value::Null);
            match step {
                PatternStep::Bind => self.env = Some(links::extend(self.env.take(), Slot::Value(at_hand))),
                PatternStep::Enter(key) => job.stack.push(paths::index(&at_hand, key)?),
                PatternStep::EnterComputed(key) => {
                    self.point = Point::untracked(at_hand);
                    self.push(What::PatternKey(Box::new(job)));
                    return Ok(Next::Eval(*key));
                }
                PatternStep::Leave => drop(job.stack.pop()),
            }
        }
        if !patterns.merged.is_empty() {
            self.merge(patterns, job.alternative);
        }
        Ok(self.after_pattern(job.id, job.then))
    }

    /// Continues with a computed key.
    pub(super) fn pattern_key(&mut self, mut job: Destructuring) -> Step {
        let at_hand = job.stack.last().cloned().unwrap_or(Value::Null);
        job.stack.push(paths::index(&at_hand, &self.point.value)?);
        self.destructure(job)
    }

    /// Puts the variables of an alternative pattern into the order that the body expects.
    fn merge(&mut self, patterns: &Patterns, alternative: usize) {
        let slots = patterns.alternatives[alternative].slots;
        let values: Vec<Value> = patterns
            .merged
            .iter()
            .map(|places| match places[alternative].and_then(|place| links::slot(&self.env, slots - 1 - place)) {
                Some(Slot::Value(value)) => value.clone(),
                _ => Value::Null,
            })
            .collect();
        let mut env = links::outer(&self.env, slots);
        for value in values {
            env = Some(links::extend(env, Slot::Value(value)));
        }
        self.env = env;
    }

    fn after_pattern(&mut self, id: ExprId, then: Then) -> Next {
        match (&self.arena.expressions[id], then) {
            (Expr::Bind { body, .. }, Then::Body(point)) => {
                self.point = point;
                Next::Eval(*body)
            }
            (Expr::Reduce { update, .. }, Then::Fold(state)) => {
                // Taken, not cloned, so that it can be changed in place; without an output null remains.
                self.point = taken(&state);
                self.push(What::ReduceStore { state });
                Next::Eval(*update)
            }
            (Expr::Foreach { update, extract, .. }, Then::Fold(state)) => {
                self.point = taken(&state);
                self.push(What::ForeachStore { extract: *extract, state });
                Next::Eval(*update)
            }
            _ => Next::Backtrack,
        }
    }

    /// Begins `reduce` or `foreach`; the current value is the initial one.
    pub(super) fn fold(&mut self, id: ExprId, point: Point) -> Next {
        let input = Point { value: point.value, track: Track::Off };
        let state: State = Rc::new(RefCell::new(std::mem::replace(&mut self.point, input)));
        let source = match &self.arena.expressions[id] {
            Expr::Reduce { source, .. } => {
                self.choose(Retry::Folded { state: state.clone() });
                *source
            }
            Expr::Foreach { source, .. } => *source,
            _ => return Next::Backtrack,
        };
        self.push(What::FoldItem { id, state });
        Next::Eval(source)
    }

    pub(super) fn fold_item(&mut self, id: ExprId, state: State) -> Step {
        let item = std::mem::replace(&mut self.point.value, Value::Null);
        self.destructure(Destructuring { id, alternative: 0, step: 0, stack: vec![item], then: Then::Fold(state) })
    }
}

fn taken(state: &State) -> Point {
    let mut state = state.borrow_mut();
    let track = state.track.clone();
    std::mem::replace(&mut *state, Point { value: Value::Null, track: Track::computed(track.is_on()) })
}
