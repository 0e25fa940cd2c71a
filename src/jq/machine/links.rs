//! The environment and the continuation: shared linked lists, which are taken apart without recursion.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::path::Track;
use crate::jq::memory::Charge;
use crate::jq::syntax::{ExprId, Operator};
use crate::jq::value::{List, Map, Text, Value};

/// The values of the names in scope, innermost first.
pub(super) type Env = Option<Rc<Scope>>;
/// What happens with an output.
pub(super) type Continuation = Option<Rc<Frame>>;

/// A value, and its path if paths are tracked.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) value: Value,
    pub(super) track: Track,
}

impl Point {
    pub(super) fn untracked(value: Value) -> Self {
        Self { value, track: Track::Off }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Slot {
    Value(Value),
    Closure(ExprId, Env),
    /// The number of choice points when the label was reached.
    Label(usize),
}

#[derive(Debug)]
pub(super) struct Scope {
    pub(super) slot: Slot,
    parent: Env,
    _charge: Charge,
}

#[derive(Debug)]
pub(super) struct Frame {
    pub(super) what: What,
    pub(super) env: Env,
    pub(super) next: Continuation,
    _charge: Charge,
}

/// The state of `reduce` and `foreach`.
pub(super) type State = Rc<RefCell<Point>>;

/// The state of an update: the value so far, and the paths to be deleted.
#[derive(Debug)]
pub(super) struct Updating {
    pub(super) root: Value,
    pub(super) deletions: Vec<Value>,
}

/// What a frame does with an output.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// Nothing: the remains of a taken frame.
    Nothing,
    Pipe(ExprId),
    IndexKey {
        id: ExprId,
        point: Point,
    },
    Index {
        key: Value,
        optional: bool,
    },
    Iterate {
        optional: bool,
    },
    Arguments {
        id: ExprId,
        values: Vec<Value>,
        point: Point,
    },
    OperationRight {
        id: ExprId,
        point: Point,
    },
    OperationLeft {
        operator: Operator,
        right: Value,
        tracked: bool,
    },
    Negate {
        tracked: bool,
    },
    /// The left side of `and` and `or`.
    Junction {
        id: ExprId,
        point: Point,
    },
    Truth {
        tracked: bool,
    },
    Branch {
        id: ExprId,
        point: Point,
    },
    Alternative {
        found: Rc<Cell<bool>>,
    },
    /// Catches errors.
    Try {
        handler: Option<ExprId>,
        height: usize,
        tracked: bool,
    },
    BindSource {
        id: ExprId,
        point: Point,
    },
    PatternKey(Box<Destructuring>),
    /// Tries the next pattern after an error.
    NextPattern {
        job: Box<Destructuring>,
        height: usize,
    },
    FoldInit {
        id: ExprId,
        point: Point,
    },
    FoldItem {
        id: ExprId,
        state: State,
    },
    ReduceStore {
        state: State,
    },
    ForeachStore {
        extract: Option<ExprId>,
        state: State,
    },
    Collect {
        list: Rc<RefCell<List>>,
    },
    ObjectKey {
        id: ExprId,
        at: usize,
        map: Map,
        point: Point,
    },
    ObjectValue {
        id: ExprId,
        at: usize,
        key: Text,
        map: Map,
        point: Point,
    },
    AssignValue {
        id: ExprId,
        point: Point,
    },
    UpdatePath {
        id: ExprId,
        value: Value,
        state: Rc<RefCell<Updating>>,
    },
    UpdateStore {
        path: Value,
        height: usize,
        state: Rc<RefCell<Updating>>,
    },
    PathEnd {
        tracked: bool,
    },
    First {
        height: usize,
    },
    Limit {
        left: Rc<Cell<f64>>,
        height: usize,
    },
    Last {
        last: Rc<RefCell<Option<Point>>>,
    },
}

/// A value that a pattern is destructuring.
#[derive(Clone, Debug)]
pub(super) struct Destructuring {
    /// The expression with the patterns.
    pub(super) id: ExprId,
    pub(super) alternative: usize,
    pub(super) step: usize,
    /// The value and the elements that were entered.
    pub(super) stack: Vec<Value>,
    pub(super) then: Then,
}

/// What follows a pattern.
#[derive(Clone, Debug)]
pub(super) enum Then {
    Body(Point),
    Fold(State),
}

/// What to try next when everything after an output is done.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) what: Retry,
    pub(super) env: Env,
    pub(super) next: Continuation,
}

#[derive(Debug)]
pub(super) enum Retry {
    Eval {
        id: ExprId,
        point: Point,
    },
    Alternative {
        id: ExprId,
        point: Point,
        found: Rc<Cell<bool>>,
    },
    Each {
        container: Value,
        at: usize,
        track: Track,
    },
    Range {
        at: f64,
        to: f64,
        by: f64,
        tracked: bool,
    },
    Folded {
        state: State,
    },
    Collected {
        list: Rc<RefCell<List>>,
        tracked: bool,
    },
    Updated {
        state: Rc<RefCell<Updating>>,
        tracked: bool,
    },
    /// An update had no output: the path is to be deleted.
    NotUpdated {
        state: Rc<RefCell<Updating>>,
        path: Value,
    },
    Last {
        last: Rc<RefCell<Option<Point>>>,
    },
}

pub(super) fn extend(parent: Env, slot: Slot) -> Rc<Scope> {
    Rc::new(Scope { slot, parent, _charge: Charge::new(size_of::<Scope>()) })
}

/// The environment without its innermost slots.
pub(super) fn outer(env: &Env, slots: usize) -> Env {
    let mut env = env;
    for _ in 0..slots {
        match env {
            Some(scope) => env = &scope.parent,
            None => return None,
        }
    }
    env.clone()
}

/// The slot at a distance from the innermost.
pub(super) fn slot(env: &Env, distance: usize) -> Option<&Slot> {
    let mut env = env.as_ref();
    for _ in 0..distance {
        env = env?.parent.as_ref();
    }
    env.map(|scope| &scope.slot)
}

pub(super) fn frame(what: What, env: Env, next: Continuation) -> Rc<Frame> {
    Rc::new(Frame { what, env, next, _charge: Charge::new(size_of::<Frame>()) })
}

/// Pops the innermost frame; shared data is cloned.
pub(super) fn take(frame: Rc<Frame>) -> (What, Env, Continuation) {
    match Rc::try_unwrap(frame) {
        Ok(mut frame) => (std::mem::replace(&mut frame.what, What::Nothing), frame.env.take(), frame.next.take()),
        Err(frame) => (frame.what.clone(), frame.env.clone(), frame.next.clone()),
    }
}

enum Link {
    Frame(Rc<Frame>),
    Scope(Rc<Scope>),
}

/// Drops lists that may be of any length: each link is emptied before it is dropped.
fn unlink(mut links: Vec<Link>) {
    while let Some(link) = links.pop() {
        match link {
            Link::Frame(frame) => {
                if let Some(mut frame) = Rc::into_inner(frame) {
                    links.extend(frame.next.take().map(Link::Frame));
                    links.extend(frame.env.take().map(Link::Scope));
                }
            }
            Link::Scope(scope) => {
                if let Some(mut scope) = Rc::into_inner(scope) {
                    links.extend(scope.parent.take().map(Link::Scope));
                    if let Slot::Closure(_, env) = &mut scope.slot {
                        links.extend(env.take().map(Link::Scope));
                    }
                }
            }
        }
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        if self.next.is_some() || self.env.is_some() {
            unlink(
                [self.next.take().map(Link::Frame), self.env.take().map(Link::Scope)].into_iter().flatten().collect(),
            );
        }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        let closure = match &mut self.slot {
            Slot::Closure(_, env) => env.take(),
            _ => None,
        };
        if self.parent.is_some() || closure.is_some() {
            unlink([self.parent.take(), closure].into_iter().flatten().map(Link::Scope).collect());
        }
    }
}
