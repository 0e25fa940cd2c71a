//! Terms: paths, literals, strings, constructors, and keyword expressions.

use super::scope::Entry;
use super::{Parsed, Parser};
use crate::jq::builtins::formats;
use crate::jq::lexer::{self, Piece, Token};
use crate::jq::syntax::{Expr, ExprId, Operator, SyntaxError};
use crate::jq::value::{Map, Value};

/// Words that cannot be called.
const KEYWORDS: [&str; 17] = [
    "def", "if", "then", "elif", "else", "end", "as", "reduce", "foreach", "try", "catch", "label", "import",
    "include", "and", "or", "module",
];

impl Parser<'_> {
    /// A term with what follows it: `.a`, `[0]`, `?`.
    pub(super) fn term(&mut self) -> Parsed {
        let mut term = self.start()?;
        loop {
            match self.peek() {
                Token::Field(name) => {
                    let name = Value::from(name.as_str());
                    self.at += 1;
                    let key = self.arena.add(Expr::Constant(name));
                    term = self.index(term, key);
                }
                Token::Sign(".") => {
                    self.at += 1;
                    term = self.after_dot(term)?;
                }
                Token::Sign("[") => term = self.bracket(term)?,
                Token::Sign("?") => {
                    self.at += 1;
                    term = self.arena.add(Expr::Try { body: term, handler: None });
                }
                // The sign of alternative patterns, but written in an expression without a space.
                Token::Sign("?//") => {
                    self.tokens[self.at].0 = Token::Sign("//");
                    term = self.arena.add(Expr::Try { body: term, handler: None });
                }
                Token::Sign("?//=") => {
                    self.tokens[self.at].0 = Token::Sign("//=");
                    term = self.arena.add(Expr::Try { body: term, handler: None });
                }
                _ => return Ok(term),
            }
        }
    }

    fn index(&mut self, target: ExprId, key: ExprId) -> ExprId {
        let optional = self.accept("?");
        self.arena.add(Expr::Index { target, key, optional })
    }

    fn after_dot(&mut self, target: ExprId) -> Parsed {
        match self.peek() {
            Token::Sign("[") => self.bracket(target),
            Token::String(_) | Token::Format(_) => {
                let key = self.string()?;
                Ok(self.index(target, key))
            }
            _ => Err(self.expected("a key or a bracket after the point")),
        }
    }

    fn bracket(&mut self, target: ExprId) -> Parsed {
        self.at += 1;
        if *self.peek() == Token::End {
            return Err(SyntaxError::new(self.offset(), "expected a closing bracket"));
        }
        if self.accept("]") {
            let optional = self.accept("?");
            return Ok(self.arena.add(Expr::Iterate { target, optional }));
        }
        let from = if self.is_sign(":") { None } else { Some(self.query()?) };
        if self.accept(":") {
            let to = if self.is_sign("]") && from.is_some() { None } else { Some(self.query()?) };
            self.expect("]")?;
            let optional = self.accept("?");
            let bounds = [from, to].map(|bound| bound.unwrap_or_else(|| self.arena.add(Expr::Constant(Value::Null))));
            return Ok(self.arena.add(Expr::Slice { target, bounds, optional }));
        }
        self.expect("]")?;
        match from {
            Some(key) => Ok(self.index(target, key)),
            None => Err(self.expected("a filter")),
        }
    }

    fn start(&mut self) -> Parsed {
        let expression = match self.peek().clone() {
            Token::Number(text) => Expr::Constant(Value::Number(lexer::number(&text))),
            Token::String(_) | Token::Format(_) => return self.string(),
            Token::Field(name) => {
                self.at += 1;
                let target = self.arena.add(Expr::Identity);
                let key = self.arena.add(Expr::Constant(Value::from(name)));
                return Ok(self.index(target, key));
            }
            Token::Sign(".") => {
                self.at += 1;
                let target = self.arena.add(Expr::Identity);
                return match self.peek() {
                    Token::Sign("[") => self.bracket(target),
                    Token::String(_) => self.after_dot(target),
                    _ => Ok(target),
                };
            }
            Token::Sign("..") => {
                let offset = self.offset();
                self.at += 1;
                return self.call("recurse", Vec::new(), offset);
            }
            Token::Sign("-") => {
                self.at += 1;
                let term = self.nested(Self::term)?;
                Expr::Negate(term)
            }
            Token::Sign("(") => {
                self.at += 1;
                let query = self.query()?;
                self.expect(")")?;
                return Ok(query);
            }
            Token::Sign("[") => return self.array(),
            Token::Sign("{") => return self.nested(Self::object),
            Token::Variable(name) => return self.variable(&name),
            Token::Name(name) => return self.word(&name),
            _ => return Err(self.expected("a filter")),
        };
        if matches!(expression, Expr::Constant(_)) {
            self.at += 1;
        }
        Ok(self.arena.add(expression))
    }

    fn array(&mut self) -> Parsed {
        self.at += 1;
        if self.accept("]") {
            let empty = Value::array(Vec::new()).unwrap_or(Value::Null);
            return Ok(self.arena.add(Expr::Constant(empty)));
        }
        let items = self.query()?;
        self.expect("]")?;
        Ok(self.arena.add(Expr::Array(items)))
    }

    fn variable(&mut self, name: &str) -> Parsed {
        let offset = self.offset();
        self.at += 1;
        if let Some(slot) = self.scope.variable(name) {
            return Ok(self.arena.add(Expr::Variable(slot)));
        }
        if let Some((_, value)) = self.globals.iter().find(|(known, _)| known == name) {
            return Ok(self.arena.add(Expr::Constant(value.clone())));
        }
        match name {
            "__loc__" => {
                let line = self.text[..offset].matches('\n').count() + 1;
                let mut place = Map::default();
                let entries = [("file", Value::from("<top-level>")), ("line", Value::from(line))];
                for (key, value) in entries {
                    // Two flat entries never exceed a limit.
                    _ = place.insert(key.into(), value);
                }
                Ok(self.arena.add(Expr::Constant(place.into())))
            }
            "ENV" => Err(SyntaxError::new(offset, "$ENV is not available here")),
            _ => Err(SyntaxError::new(offset, format!("the variable ${name} is not defined"))),
        }
    }

    /// A term that begins with a word.
    fn word(&mut self, name: &str) -> Parsed {
        let offset = self.offset();
        if KEYWORDS.contains(&name) && !matches!(name, "if" | "reduce" | "foreach" | "try") {
            return Err(self.expected("a filter"));
        }
        self.at += 1;
        match name {
            "if" => self.nested(Self::condition),
            "reduce" | "foreach" => self.nested(|parser| parser.fold(name == "reduce")),
            "try" => self.nested(Self::attempt),
            "break" if matches!(self.peek(), Token::Variable(_)) => {
                let offset = self.offset();
                let Token::Variable(label) = self.next() else { return Err(self.expected("a label")) };
                match self.scope.label(&label) {
                    Some(slot) => Ok(self.arena.add(Expr::Break(slot))),
                    None => Err(SyntaxError::new(offset, format!("the label ${label} is not defined"))),
                }
            }
            _ => {
                let arguments = self.arguments()?;
                self.call(name, arguments, offset)
            }
        }
    }

    fn condition(&mut self) -> Parsed {
        let mut branches = Vec::new();
        let otherwise = loop {
            let condition = self.query()?;
            self.expect_word("then")?;
            let then = self.query()?;
            branches.push((condition, then));
            if self.accept_word("elif") {
                continue;
            }
            if self.accept_word("end") {
                break self.arena.add(Expr::Identity);
            }
            if !self.accept_word("else") {
                return Err(self.expected("`else` or `end`"));
            }
            let otherwise = self.query()?;
            self.expect_word("end")?;
            break otherwise;
        };
        Ok(branches
            .into_iter()
            .rev()
            .fold(otherwise, |otherwise, (condition, then)| self.arena.add(Expr::If { condition, then, otherwise })))
    }

    fn fold(&mut self, is_reduce: bool) -> Parsed {
        let source = self.binary(0)?;
        self.expect_word("as")?;
        let mark = self.scope.mark();
        let patterns = self.patterns()?;
        // The variables are not in scope in the initial value, so its slots must not count them.
        let variables = self.scope.take(mark);
        self.expect("(")?;
        let init = self.query()?;
        self.expect(";")?;
        self.scope.put_back(variables);
        let update = self.query()?;
        let extract = if !is_reduce && self.accept(";") { Some(self.query()?) } else { None };
        self.expect(")")?;
        self.scope.reset(mark);
        Ok(self.arena.add(if is_reduce {
            Expr::Reduce { source, patterns, init, update }
        } else {
            Expr::Foreach { source, patterns, init, update, extract }
        }))
    }

    fn attempt(&mut self) -> Parsed {
        let body = self.term()?;
        let handler = if self.accept_word("catch") { Some(self.term()?) } else { None };
        Ok(self.arena.add(Expr::Try { body, handler }))
    }

    /// A string, or a format with or without a string.
    pub(super) fn string(&mut self) -> Parsed {
        let offset = self.offset();
        match self.next() {
            Token::String(pieces) => self.interpolated(pieces, "text"),
            Token::Format(name) => {
                let Some(format) = formats::find(&name) else {
                    return Err(SyntaxError::new(offset, format!("there is no format @{name}")));
                };
                if let Token::String(pieces) = self.peek().clone() {
                    self.at += 1;
                    return self.interpolated(pieces, &name);
                }
                Ok(self.arena.add(Expr::Native { function: format, arguments: Box::default() }))
            }
            _ => Err(self.expected("a string")),
        }
    }

    /// The text of a string whose interpolations pass through a format.
    pub(super) fn interpolated(&mut self, pieces: Vec<Piece>, format: &str) -> Parsed {
        let format = formats::find(format).unwrap_or(formats::text);
        let mut whole = None;
        for piece in pieces {
            let part = match piece {
                Piece::Text(text) => self.arena.add(Expr::Constant(Value::from(text))),
                Piece::Interpolation(tokens) => {
                    let inner = self.inner(tokens)?;
                    let format = self.arena.add(Expr::Native { function: format, arguments: Box::default() });
                    self.arena.add(Expr::Pipe(inner, format))
                }
            };
            whole = Some(match whole {
                Some(whole) => self.arena.add(Expr::Operation(Operator::Add, whole, part)),
                None => part,
            });
        }
        Ok(whole.unwrap_or_else(|| self.arena.add(Expr::Constant(Value::from("")))))
    }

    /// Reads the tokens of an interpolation instead of the current ones.
    fn inner(&mut self, tokens: Vec<(Token, usize)>) -> Parsed {
        let outer = (std::mem::replace(&mut self.tokens, tokens), std::mem::replace(&mut self.at, 0));
        let inner = self.query().and_then(|query| {
            if *self.peek() == Token::End { Ok(query) } else { Err(self.expected("a closing parenthesis")) }
        });
        (self.tokens, self.at) = outer;
        inner
    }

    fn object(&mut self) -> Parsed {
        self.at += 1;
        let mut entries = Vec::new();
        while !self.is_sign("}") {
            entries.push(self.object_entry()?);
            if !self.accept(",") {
                break;
            }
        }
        self.expect("}")?;
        Ok(self.arena.add(Expr::Object(entries.into())))
    }

    fn object_entry(&mut self) -> Parsed<(ExprId, ExprId)> {
        let key = match self.peek().clone() {
            Token::Name(name) => {
                self.at += 1;
                self.arena.add(Expr::Constant(Value::from(name)))
            }
            Token::Variable(name) => {
                let value = self.variable(&name)?;
                if self.accept(":") {
                    return Ok((value, self.object_value()?));
                }
                return Ok((self.arena.add(Expr::Constant(Value::from(name))), value));
            }
            Token::Number(text) if self.tokens.get(self.at + 1).is_some_and(|(next, _)| *next == Token::Sign(":")) => {
                let message = format!("an object key is a string: write \"{text}\" or ({text})");
                return Err(SyntaxError::new(self.offset(), message));
            }
            Token::String(_) | Token::Format(_) => self.string()?,
            Token::Sign("(") => {
                self.at += 1;
                let key = self.query()?;
                self.expect(")")?;
                self.expect(":")?;
                return Ok((key, self.object_value()?));
            }
            _ => return Err(self.expected("a key")),
        };
        if self.accept(":") {
            return Ok((key, self.object_value()?));
        }
        let target = self.arena.add(Expr::Identity);
        Ok((key, self.arena.add(Expr::Index { target, key, optional: false })))
    }

    /// The value of an entry: pipes, but no comma.
    fn object_value(&mut self) -> Parsed {
        let mut stages = vec![self.binary(0)?];
        while self.accept("|") {
            stages.push(self.binary(0)?);
        }
        let last = stages.pop().unwrap_or_default();
        Ok(stages.into_iter().rev().fold(last, |right, left| self.arena.add(Expr::Pipe(left, right))))
    }

    /// `def name(parameters): body;`
    pub(super) fn definition(&mut self) -> Parsed<()> {
        self.at += 1;
        let Token::Name(name) = self.peek().clone() else { return Err(self.expected("a name")) };
        self.at += 1;
        let mut parameters = Vec::new();
        if self.accept("(") {
            loop {
                parameters.push(match self.next() {
                    Token::Name(name) => (name, false),
                    Token::Variable(name) => (name, true),
                    _ => {
                        self.at -= 1;
                        return Err(self.expected("a parameter"));
                    }
                });
                if !self.accept(";") {
                    break;
                }
            }
            self.expect(")")?;
        }
        self.expect(":")?;
        let id = self.declare(parameters.len());
        self.scope.push(Entry::Function { name, arity: parameters.len(), id });
        let body = self.function_body(&parameters)?;
        self.expect(";")?;
        self.arena.functions[id].body = body;
        Ok(())
    }
}
