//! Runs a program: a machine whose stacks are on the heap, so that recursion in jq does not recurse in Rust.
//!
//! Its state is the value at hand, the environment, the continuation, and a stack of choices. An output that nothing
//! waits for is an output of the program. To get the next one the machine takes the last choice and goes on from
//! there. An error looks in the continuation for what catches it, and drops the choices made since.

mod assign;
mod backtrack;
mod bind;
mod call;
mod eval;
mod links;
mod path;
mod resume;

use super::memory;
use super::syntax::{Arena, ExprId};
use super::value::{Fault, Value};
use links::{Choice, Continuation, Env, Point, Retry, Slot, What};
use path::Track;

/// A running program.
pub(super) struct Machine<'p> {
    arena: &'p Arena,
    point: Point,
    env: Env,
    next: Continuation,
    choices: Vec<Choice>,
    start: Option<ExprId>,
    /// The number of steps left, since an expression may run forever without using memory.
    #[cfg(test)]
    steps: usize,
}

/// What the machine does next.
enum Next {
    Eval(ExprId),
    /// Passes the current value to the continuation.
    Return,
    /// Resumes at the last choice point.
    Backtrack,
}

type Step = Result<Next, Fault>;

impl<'p> Machine<'p> {
    pub(super) fn new(arena: &'p Arena, root: ExprId, input: Value) -> Self {
        Self {
            arena,
            point: Point::untracked(input),
            env: None,
            next: None,
            choices: Vec::new(),
            start: Some(root),
            #[cfg(test)]
            steps: 3_000_000,
        }
    }

    /// The next output.
    pub(super) fn output(&mut self) -> Option<Result<Value, Fault>> {
        let mut next = self.start.take().map_or(Next::Backtrack, Next::Eval);
        loop {
            #[cfg(test)]
            {
                self.steps = match self.steps.checked_sub(1) {
                    Some(steps) => steps,
                    None => return Some(Err(Fault::Limit("the test takes too many steps".to_owned()))),
                };
            }
            let step =
                memory::check(self.choices.len() * size_of::<Choice>()).map_err(Fault::from).and_then(
                    |()| match next {
                        Next::Eval(id) => self.eval(id).map(Some),
                        Next::Return => match self.next.take() {
                            Some(frame) => {
                                let (what, env, next) = links::take(frame);
                                self.env = env;
                                self.next = next;
                                self.resume(what).map(Some)
                            }
                            None => Ok(None),
                        },
                        Next::Backtrack => self.backtrack(),
                    },
                );
            next = match step {
                Ok(Some(next)) => next,
                // Either an output, or the end.
                Ok(None) => {
                    let done = matches!(next, Next::Backtrack);
                    return (!done).then(|| Ok(std::mem::replace(&mut self.point.value, Value::Null)));
                }
                Err(fault) => match self.unwind(fault) {
                    Ok(next) => next,
                    Err(fault) => {
                        self.choices.clear();
                        return Some(Err(fault));
                    }
                },
            };
        }
    }

    /// Pushes a frame onto the continuation, in this environment.
    fn push(&mut self, what: What) {
        self.next = Some(links::frame(what, self.env.clone(), self.next.take()));
    }

    /// Saves a choice point: backtracking resumes here with `what`.
    fn choose(&mut self, what: Retry) {
        self.choices.push(Choice { what, env: self.env.clone(), next: self.next.clone() });
    }

    /// Continues with a computed value.
    fn computed(&mut self, value: Value, tracked: bool) -> Next {
        self.point = Point { value, track: Track::computed(tracked) };
        Next::Return
    }

    /// Evaluates an expression whose output is not part of a path, then continues with the frame that `what` makes.
    fn aside(&mut self, id: ExprId, what: impl FnOnce(Point) -> What) -> Next {
        let point = self.point.clone();
        self.point.track = Track::Off;
        self.push(what(point));
        Next::Eval(id)
    }

    /// The value of an expression that has one output and needs no steps.
    fn simple(&self, id: ExprId, input: &Value) -> Option<Value> {
        use super::syntax::Expr;
        match &self.arena.expressions[id] {
            Expr::Identity => Some(input.clone()),
            Expr::Constant(value) => Some(value.clone()),
            Expr::Variable(distance) => match links::slot(&self.env, *distance) {
                Some(Slot::Value(value)) => Some(value.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// Unwinds to the handler of an error.
    fn unwind(&mut self, fault: Fault) -> Step {
        let Fault::Error(mut error) = fault else { return Err(fault) };
        while let Some(frame) = self.next.take() {
            if !matches!(frame.what, What::Try { .. } | What::NextPattern { .. }) {
                self.next.clone_from(&frame.next);
                continue;
            }
            let (what, env, next) = links::take(frame);
            self.env = env;
            self.next = next;
            match what {
                What::Try { handler, height, tracked } => {
                    self.choices.truncate(height);
                    let Some(handler) = handler else { return Ok(Next::Backtrack) };
                    self.point = Point { value: error, track: Track::computed(tracked) };
                    return Ok(Next::Eval(handler));
                }
                What::NextPattern { job, height } => {
                    self.choices.truncate(height);
                    match self.destructure(*job) {
                        // The next pattern does not fit either.
                        Err(Fault::Error(other)) => error = other,
                        step => return step,
                    }
                }
                _ => {}
            }
        }
        Err(Fault::Error(error))
    }
}
