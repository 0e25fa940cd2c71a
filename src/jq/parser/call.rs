//! Calls: of parameters, of functions, of builtins.

use super::scope::{Callee, Entry};
use super::{Parsed, Parser};
use crate::jq::builtins;
use crate::jq::lexer::{self, Token};
use crate::jq::prelude;
use crate::jq::syntax::{Expr, ExprId, Function, FunctionId, Pattern, PatternStep, Patterns, Special, SyntaxError};
use crate::jq::value::Value;

/// Builtins of jq that use something other than the document, or that print.
const LEFT_OUT: [&str; 12] = [
    "env",
    "input",
    "inputs",
    "debug",
    "debug_empty",
    "stderr",
    "stderr_empty",
    "halt",
    "halt_error",
    "get_search_list",
    "modulemeta",
    "input_line_number",
];

impl Parser<'_> {
    /// Arguments in parentheses, if there are any.
    pub(super) fn arguments(&mut self) -> Parsed<Vec<ExprId>> {
        let mut arguments = Vec::new();
        if self.accept("(") {
            loop {
                arguments.push(self.query()?);
                if !self.accept(";") {
                    break;
                }
            }
            self.expect(")")?;
        }
        Ok(arguments)
    }

    pub(super) fn call(&mut self, name: &str, arguments: Vec<ExprId>, offset: usize) -> Parsed {
        let expression = match self.scope.callee(name, arguments.len()) {
            Some(Callee::Parameter(slot)) => Expr::Parameter(slot),
            Some(Callee::Function(function, up)) => Expr::Call { function, up, arguments: arguments.into() },
            None => return self.builtin(name, arguments, offset),
        };
        Ok(self.arena.add(expression))
    }

    fn builtin(&mut self, name: &str, arguments: Vec<ExprId>, offset: usize) -> Parsed {
        if let Some(expression) = self.control(name, &arguments) {
            return Ok(expression);
        }
        if let Some(function) = builtins::find(name, arguments.len()) {
            return Ok(self.arena.add(Expr::Native { function, arguments: arguments.into() }));
        }
        if let Some(definition) = prelude::find(name, arguments.len()) {
            let function = self.prelude(definition)?;
            let up = self.scope.slots();
            return Ok(self.arena.add(Expr::Call { function, up, arguments: arguments.into() }));
        }
        let message = match arguments.len() {
            _ if LEFT_OUT.contains(&name) => format!("{name} is not available here"),
            0 => format!("there is no filter {name}"),
            count => format!("there is no filter {name}/{count}; the number counts the arguments"),
        };
        Err(SyntaxError::new(offset, message))
    }

    /// Builtins that expand to other expressions, or for which the machine has instructions.
    fn control(&mut self, name: &str, arguments: &[ExprId]) -> Option<ExprId> {
        let expression = match (name, arguments) {
            ("null", []) => Expr::Constant(Value::Null),
            ("true", []) => Expr::Constant(Value::Bool(true)),
            ("false", []) => Expr::Constant(Value::Bool(false)),
            ("empty", []) => Expr::Empty,
            ("error", []) => return Some(self.special(Special::Error, vec![], Expr::Identity)),
            ("error", [message]) => {
                let raise = self.special(Special::Error, vec![], Expr::Identity);
                Expr::Pipe(*message, raise)
            }
            ("path", [body]) => Expr::Path(*body),
            ("first", [body]) => Expr::First(*body),
            ("last", [body]) => Expr::Last(*body),
            ("limit", [count, body]) => {
                Expr::Special { special: Special::Limit, arguments: [*count].into(), body: *body }
            }
            ("getpath", [path]) => return Some(self.special(Special::GetPath, vec![*path], Expr::Identity)),
            ("range", [to]) => {
                let (from, by) = (self.number(0), self.number(1));
                return Some(self.special(Special::Range, vec![from, *to, by], Expr::Identity));
            }
            ("range", [from, to]) => {
                let by = self.number(1);
                return Some(self.special(Special::Range, vec![*from, *to, by], Expr::Identity));
            }
            ("range", [from, to, by]) => {
                return Some(self.special(Special::Range, vec![*from, *to, *by], Expr::Identity));
            }
            ("select", [condition]) => {
                let (then, otherwise) = (self.arena.add(Expr::Identity), self.arena.add(Expr::Empty));
                Expr::If { condition: *condition, then, otherwise }
            }
            ("map", [body]) => {
                let each = self.each();
                let items = self.arena.add(Expr::Pipe(each, *body));
                Expr::Array(items)
            }
            ("map_values", [body]) => Expr::Update(self.each(), *body),
            ("del", [paths]) => {
                let path = self.arena.add(Expr::Path(*paths));
                let paths = self.arena.add(Expr::Array(path));
                return Some(self.native("delpaths", vec![paths]));
            }
            ("isempty", [body]) => {
                let (no, yes) = (self.constant(false), self.constant(true));
                let found = self.arena.add(Expr::Pipe(*body, no));
                let either = self.arena.add(Expr::Comma(found, yes));
                Expr::First(either)
            }
            ("any" | "all", _) => return self.quantifier(name == "any", arguments),
            ("sort_by" | "group_by" | "unique_by" | "min_by" | "max_by", [key]) => {
                let each = self.each();
                let keys = self.arena.add(Expr::Array(*key));
                let pipe = self.arena.add(Expr::Pipe(each, keys));
                let all = self.arena.add(Expr::Array(pipe));
                return Some(self.native(&format!("_{name}"), vec![all]));
            }
            ("match", [_] | [_, _]) => {
                let all = self.native("_match", arguments.to_vec());
                let target = self.arena.add(Expr::Identity);
                let each = self.arena.add(Expr::Iterate { target, optional: false });
                Expr::Pipe(all, each)
            }
            _ => return None,
        };
        Some(self.arena.add(expression))
    }

    /// `any` and `all`: stop at the first output that decides.
    fn quantifier(&mut self, is_any: bool, arguments: &[ExprId]) -> Option<ExprId> {
        let (source, condition) = match arguments {
            [] => (self.each(), self.arena.add(Expr::Identity)),
            [condition] => (self.each(), *condition),
            [source, condition] => (*source, *condition),
            _ => return None,
        };
        let (decided, undecided) = (self.constant(is_any), self.constant(!is_any));
        let none = self.arena.add(Expr::Empty);
        let (then, otherwise) = if is_any { (decided, none) } else { (none, decided) };
        let test = self.arena.add(Expr::If { condition, then, otherwise });
        let each = self.arena.add(Expr::Pipe(source, test));
        let either = self.arena.add(Expr::Comma(each, undecided));
        Some(self.arena.add(Expr::First(either)))
    }

    fn special(&mut self, special: Special, arguments: Vec<ExprId>, body: Expr) -> ExprId {
        let body = self.arena.add(body);
        self.arena.add(Expr::Special { special, arguments: arguments.into(), body })
    }

    fn native(&mut self, name: &str, arguments: Vec<ExprId>) -> ExprId {
        match builtins::find(name, arguments.len()) {
            Some(function) => self.arena.add(Expr::Native { function, arguments: arguments.into() }),
            None => self.arena.add(Expr::Empty),
        }
    }

    fn each(&mut self) -> ExprId {
        let target = self.arena.add(Expr::Identity);
        self.arena.add(Expr::Iterate { target, optional: false })
    }

    fn constant(&mut self, value: bool) -> ExprId {
        self.arena.add(Expr::Constant(Value::Bool(value)))
    }

    fn number(&mut self, value: i64) -> ExprId {
        self.arena.add(Expr::Constant(Value::from(value)))
    }

    /// Reserves a function whose body is read later: it may call itself.
    pub(super) fn declare(&mut self, _arity: usize) -> FunctionId {
        self.arena.functions.push(Function { body: 0 });
        self.arena.functions.len() - 1
    }

    /// Reads the body of a function with its parameters: names, and whether they are also variables.
    pub(super) fn function_body(&mut self, parameters: &[(String, bool)]) -> Parsed {
        let mark = self.scope.mark();
        for (name, _) in parameters {
            self.scope.push(Entry::Parameter(name.clone()));
        }
        let mut sources = Vec::new();
        for (place, (name, _)) in parameters.iter().enumerate().filter(|(_, (_, is_variable))| *is_variable) {
            // The distance of a parameter is the number of later parameters and variables.
            sources.push(self.arena.add(Expr::Parameter(parameters.len() - 1 - place + sources.len())));
            self.scope.push(Entry::Variable(name.clone()));
        }
        let body = self.query()?;
        self.scope.reset(mark);
        Ok(sources.into_iter().rev().fold(body, |body, source| {
            let pattern = Pattern { steps: [PatternStep::Bind].into(), slots: 1 };
            let patterns = Patterns { alternatives: [pattern].into(), merged: Box::default() };
            self.arena.add(Expr::Bind { source, patterns, body })
        }))
    }

    /// Compiles a function of the prelude once.
    fn prelude(&mut self, definition: &'static prelude::Definition) -> Parsed<FunctionId> {
        let known = (definition.name, definition.parameters.len());
        if let Some(id) = self.prelude.get(&known) {
            return Ok(*id);
        }
        let id = self.declare(definition.parameters.len());
        self.prelude.insert(known, id);
        let tokens: Vec<(Token, usize)> = lexer::tokens(definition.body)?;
        let outer = (
            std::mem::replace(&mut self.tokens, tokens),
            std::mem::replace(&mut self.at, 0),
            std::mem::take(&mut self.scope),
            std::mem::replace(&mut self.nesting, 0),
        );
        let parameters: Vec<(String, bool)> = definition
            .parameters
            .iter()
            .map(|name| {
                name.strip_prefix('$').map_or_else(|| ((*name).to_owned(), false), |name| (name.to_owned(), true))
            })
            .collect();
        let body = self.function_body(&parameters);
        (self.tokens, self.at, self.scope, self.nesting) = outer;
        self.arena.functions[id].body = body?;
        Ok(id)
    }
}
