//! Runs an expression on a list item by item, if the expression allows it.

use super::syntax::{Arena, Expr, ExprId};
use super::value::{Fault, List, Value};
use super::{Program, builtins, memory};

/// How much of a list an expression needs at once.
#[derive(Debug)]
pub(super) enum Plan {
    Whole,
    /// Only the number of items.
    Length,
    /// One item: `.[] | f`; the expression is that of an item.
    Each(ExprId),
    /// The outputs for each item, `map(f)` or `[.[] | f]`, and the expression that gets them.
    Collect {
        item: ExprId,
        rest: Option<ExprId>,
    },
}

/// Why a run on a list ended early.
pub(crate) enum ItemsFault {
    /// An item is not JSON.
    Item(Fault),
    Run(Fault),
}

/// Finds out how much of a list an expression needs.
pub(super) fn plan(arena: &mut Arena, root: ExprId) -> Plan {
    let (first, rest) = match &arena.expressions[root] {
        Expr::Pipe(left, right) => (*left, Some(*right)),
        _ => (root, None),
    };
    let is_length = matches!(&arena.expressions[root], Expr::Native { function, arguments }
        if arguments.is_empty() && builtins::find("length", 0).is_some_and(|length| std::ptr::fn_addr_eq(length, *function)));
    if is_length {
        return Plan::Length;
    }
    if let Some(item) = of_item(arena, root) {
        return Plan::Each(item);
    }
    match arena.expressions[first] {
        Expr::Array(body) => match of_item(arena, body) {
            Some(item) => Plan::Collect { item, rest },
            None => Plan::Whole,
        },
        _ => Plan::Whole,
    }
}

/// The expression of an item, if the whole is `.[]` and something that depends on its outputs alone.
fn of_item(arena: &mut Arena, root: ExprId) -> Option<ExprId> {
    let mut spine = Vec::new();
    let mut id = root;
    loop {
        let is_constant = |id: ExprId| matches!(arena.expressions[id], Expr::Constant(_));
        let below = match &arena.expressions[id] {
            Expr::Iterate { target, .. } if matches!(arena.expressions[*target], Expr::Identity) => break,
            Expr::Iterate { target, .. } => *target,
            // A computed key depends on the list itself.
            Expr::Index { target, key, .. } if is_constant(*key) => *target,
            Expr::Pipe(left, _) => *left,
            _ => return None,
        };
        spine.push(id);
        id = below;
    }
    let item = arena.add(Expr::Identity);
    Some(spine.into_iter().rev().fold(item, |below, id| {
        let changed = match &arena.expressions[id] {
            Expr::Iterate { optional, .. } => Expr::Iterate { target: below, optional: *optional },
            Expr::Index { key, optional, .. } => Expr::Index { target: below, key: *key, optional: *optional },
            Expr::Pipe(_, right) => Expr::Pipe(below, *right),
            _ => Expr::Identity,
        };
        arena.add(changed)
    }))
}

impl Program {
    /// Whether the outputs for a list are those of its items, one after the other.
    pub(crate) fn takes_single_items(&self) -> bool {
        matches!(self.plan, Plan::Each(_))
    }

    /// Runs the expression on an array of documents and hands each output over as it comes, until `emit` returns
    /// false.
    pub(crate) fn run_items(
        &self,
        items: &[impl AsRef<str>],
        emit: &mut dyn FnMut(&Value) -> bool,
    ) -> Result<(), ItemsFault> {
        let read = |item: &dyn AsRef<str>| Value::from_json(item.as_ref()).map_err(ItemsFault::Item);
        match &self.plan {
            Plan::Length => {
                emit(&Value::from(items.len()));
                Ok(())
            }
            Plan::Each(root) => {
                let mut goes_on = true;
                for item in items {
                    self.run_root(*root, read(item)?, &mut |output| {
                        goes_on = emit(output);
                        goes_on
                    })
                    .map_err(ItemsFault::Run)?;
                    if !goes_on {
                        break;
                    }
                }
                Ok(())
            }
            Plan::Collect { item: root, rest } => {
                // Collected outputs count for all items together.
                let most = memory::live() + memory::ALLOWANCE;
                let left = || most.saturating_sub(memory::live());
                let mut list = List::default();
                for item in items {
                    let mut pushed = Ok(());
                    self.run_within(left(), *root, read(item)?, &mut |output| {
                        pushed = list.push(output.clone());
                        pushed.is_ok()
                    })
                    .and(pushed)
                    .map_err(ItemsFault::Run)?;
                }
                let Some(root) = rest else {
                    emit(&list.into());
                    return Ok(());
                };
                self.run_within(left(), *root, list.into(), emit).map_err(ItemsFault::Run)
            }
            Plan::Whole => {
                let mut list = List::default();
                for item in items {
                    list.push(read(item)?).map_err(ItemsFault::Item)?;
                }
                self.run(list.into(), emit).map_err(ItemsFault::Run)
            }
        }
    }
}
