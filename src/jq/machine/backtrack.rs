//! Resumes at the last choice point.

use super::links::{Choice, Point, Retry};
use super::path::Track;
use super::{Machine, Next};
use crate::jq::number::Number;
use crate::jq::paths;
use crate::jq::value::{Fault, List, Value};

impl Machine<'_> {
    /// Resumes at the last choice point; `None` if there is none.
    pub(super) fn backtrack(&mut self) -> Result<Option<Next>, Fault> {
        let Some(choice) = self.choices.last_mut() else { return Ok(None) };
        // These have more outputs; the last one removes the choice point.
        match &mut choice.what {
            Retry::Each { container, at, track } => {
                let Some((key, value)) = entry(container, *at) else {
                    self.choices.pop();
                    return Ok(Some(Next::Backtrack));
                };
                let point = Point { value, track: track.element(|| key)? };
                *at += 1;
                let is_last = *at == length(container);
                return Ok(Some(self.again(point, is_last)));
            }
            Retry::Range { at, to, by, tracked } => {
                let is_inside = if *by > 0.0 { *at < *to } else { *by < 0.0 && *at > *to };
                if !is_inside {
                    self.choices.pop();
                    return Ok(Some(Next::Backtrack));
                }
                let point = Point { value: Value::Number(Number::whole(*at)), track: Track::computed(*tracked) };
                // A step that rounding swallows would repeat forever.
                let is_last = (*at + *by).to_bits() == at.to_bits();
                *at += *by;
                return Ok(Some(self.again(point, is_last)));
            }
            _ => {}
        }
        let Some(Choice { what, env, next }) = self.choices.pop() else { return Ok(None) };
        (self.env, self.next) = (env, next);
        self.retry(what).map(Some)
    }

    /// Returns the next output of the last choice point.
    fn again(&mut self, point: Point, is_last: bool) -> Next {
        self.point = point;
        if is_last {
            if let Some(choice) = self.choices.pop() {
                self.next = choice.next;
            }
        } else if let Some(choice) = self.choices.last() {
            self.next = choice.next.clone();
        }
        Next::Return
    }

    fn retry(&mut self, what: Retry) -> Result<Next, Fault> {
        match what {
            Retry::Eval { id, point } => {
                self.point = point;
                return Ok(Next::Eval(id));
            }
            Retry::Alternative { id, point, found } => {
                if found.get() {
                    return Ok(Next::Backtrack);
                }
                self.point = point;
                return Ok(Next::Eval(id));
            }
            Retry::Folded { state } => {
                let null = Point::untracked(Value::Null);
                self.point = std::mem::replace(&mut *state.borrow_mut(), null);
            }
            Retry::Collected { list, tracked } => {
                let mut list: List = std::mem::take(&mut *list.borrow_mut());
                list.shrink();
                self.point = Point { value: list.into(), track: Track::computed(tracked) };
            }
            Retry::Updated { state, tracked } => {
                let (root, deletions) = {
                    let mut state = state.borrow_mut();
                    (std::mem::replace(&mut state.root, Value::Null), std::mem::take(&mut state.deletions))
                };
                let value = if deletions.is_empty() { root } else { paths::delete(root, deletions)? };
                self.point = Point { value, track: Track::computed(tracked) };
            }
            Retry::NotUpdated { state, path } => {
                state.borrow_mut().deletions.push(path);
                return Ok(Next::Backtrack);
            }
            Retry::Last { last } => match last.borrow_mut().take() {
                Some(point) => self.point = point,
                None => return Ok(Next::Backtrack),
            },
            Retry::Each { .. } | Retry::Range { .. } => return Ok(Next::Backtrack),
        }
        Ok(Next::Return)
    }
}

fn length(container: &Value) -> usize {
    match container {
        Value::Array(list) => list.items().len(),
        Value::Object(map) => map.entries().len(),
        _ => 0,
    }
}

fn entry(container: &Value, at: usize) -> Option<(Value, Value)> {
    match container {
        Value::Array(list) => list.items().get(at).map(|item| (Value::from(at), item.clone())),
        Value::Object(map) => {
            map.entries().get_index(at).map(|(key, value)| (Value::String(key.clone()), value.clone()))
        }
        _ => None,
    }
}
