//! Reads an expression into an arena and resolves its names on the way.

mod call;
mod pattern;
mod scope;
mod term;

use std::collections::HashMap;

use super::lexer::{self, Token};
use super::syntax::{Arena, Expr, ExprId, FunctionId, Operator, Patterns, SyntaxError};
use super::value::Value;
use scope::{Entry, Scope};

/// Nested brackets and operators beyond this are refused, since the parser descends into them.
pub(super) const MAX_NESTING: usize = 220;

type Parsed<T = ExprId> = Result<T, SyntaxError>;

/// Variables that are set by the caller.
pub(super) type Globals = [(String, Value)];

/// Reads a whole program; the result is its root.
pub(super) fn parse(text: &str, globals: &Globals, arena: &mut Arena) -> Parsed {
    let tokens = lexer::tokens(text)?;
    let mut parser = Parser::new(text, tokens, globals, arena);
    let root = parser.query()?;
    parser.end()?;
    Ok(root)
}

struct Parser<'p> {
    text: &'p str,
    tokens: Vec<(Token, usize)>,
    at: usize,
    nesting: usize,
    arena: &'p mut Arena,
    globals: &'p Globals,
    scope: Scope,
    /// Functions of the prelude that are already compiled.
    prelude: HashMap<(&'static str, usize), FunctionId>,
}

/// The left side of a `|`, or of a `,` that covers everything after it.
enum Stage {
    Pipe(ExprId),
    Comma(ExprId),
    Bind(ExprId, Patterns),
    Label,
}

impl<'p> Parser<'p> {
    fn new(text: &'p str, tokens: Vec<(Token, usize)>, globals: &'p Globals, arena: &'p mut Arena) -> Self {
        Self { text, tokens, at: 0, nesting: 0, arena, globals, scope: Scope::default(), prelude: HashMap::new() }
    }

    fn peek(&self) -> &Token {
        // The last token marks the end.
        self.tokens.get(self.at).map_or(&Token::End, |(token, _)| token)
    }

    fn offset(&self) -> usize {
        self.tokens.get(self.at).map_or(self.text.len(), |(_, offset)| *offset)
    }

    fn next(&mut self) -> Token {
        let token = self.tokens.get_mut(self.at).map_or(Token::End, |(token, _)| token.clone());
        self.at += 1;
        token
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(found) if *found == sign)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(found) if found == word)
    }

    fn accept(&mut self, sign: &str) -> bool {
        let accepted = self.is_sign(sign);
        self.at += usize::from(accepted);
        accepted
    }

    fn accept_word(&mut self, word: &str) -> bool {
        let accepted = self.is_word(word);
        self.at += usize::from(accepted);
        accepted
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        let name = match sign {
            ")" => "a closing parenthesis",
            "]" => "a closing bracket",
            "}" => "a closing brace",
            "(" => "an opening parenthesis",
            _ => return if self.accept(sign) { Ok(()) } else { Err(self.expected(&format!("`{sign}`"))) },
        };
        if self.accept(sign) { Ok(()) } else { Err(SyntaxError::new(self.offset(), format!("expected {name}"))) }
    }

    fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.accept_word(word) { Ok(()) } else { Err(self.expected(&format!("`{word}`"))) }
    }

    fn expected(&self, what: &str) -> SyntaxError {
        let place = if *self.peek() == Token::End { " at the end" } else { "" };
        SyntaxError::new(self.offset(), format!("expected {what}{place}"))
    }

    fn end(&mut self) -> Parsed<()> {
        if *self.peek() == Token::End { Ok(()) } else { Err(self.expected("an operator or the end")) }
    }

    /// Counts a level of recursion while `parse` runs.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting == MAX_NESTING {
            return Err(SyntaxError::new(self.offset(), "the expression is nested too deep"));
        }
        self.nesting += 1;
        let parsed = parse(self);
        self.nesting -= 1;
        parsed
    }

    /// Pipes, commas, bindings, labels and definitions.
    fn query(&mut self) -> Parsed {
        self.nested(Self::stages)
    }

    fn stages(&mut self) -> Parsed {
        let mark = self.scope.mark();
        let mut stages = Vec::new();
        let mut left = None;
        let last = loop {
            if self.is_word("def") {
                stages.extend(left.take().map(Stage::Comma));
                self.definition()?;
                if *self.peek() == Token::End && self.nesting == 1 {
                    break self.arena.add(Expr::Identity);
                }
                continue;
            }
            if self.accept_word("label") {
                stages.extend(left.take().map(Stage::Comma));
                let Token::Variable(name) = self.peek().clone() else { return Err(self.expected("a variable")) };
                self.at += 1;
                self.expect("|")?;
                self.scope.push(Entry::Label(name));
                stages.push(Stage::Label);
                continue;
            }
            if self.is_word("import") || self.is_word("include") {
                self.at += 1;
                return Err(SyntaxError::new(self.offset(), "modules are not supported"));
            }
            let expression = self.binary(0)?;
            if self.accept_word("as") {
                stages.extend(left.take().map(Stage::Comma));
                let patterns = self.patterns()?;
                self.expect("|")?;
                stages.push(Stage::Bind(expression, patterns));
                continue;
            }
            let whole = match left.take() {
                Some(left) => self.arena.add(Expr::Comma(left, expression)),
                None => expression,
            };
            if self.accept(",") {
                left = Some(whole);
            } else if self.accept("|") {
                stages.push(Stage::Pipe(whole));
            } else {
                break whole;
            }
        };
        self.scope.reset(mark);
        Ok(stages.into_iter().rev().fold(last, |right, stage| {
            self.arena.add(match stage {
                Stage::Pipe(left) => Expr::Pipe(left, right),
                Stage::Comma(left) => Expr::Comma(left, right),
                Stage::Bind(source, patterns) => Expr::Bind { source, patterns, body: right },
                Stage::Label => Expr::Label(right),
            })
        }))
    }

    /// Binary operators with at least this precedence.
    fn binary(&mut self, least: u8) -> Parsed {
        self.nested(|parser| parser.operators(least))
    }

    fn operators(&mut self, least: u8) -> Parsed {
        let mut left = self.term()?;
        // No operator of this precedence may follow: `1 == 2 == 3` means nothing.
        let mut barred = None;
        loop {
            let Some((precedence, side)) = self.precedence() else { return Ok(left) };
            if precedence < least {
                return Ok(left);
            }
            if barred == Some(precedence) {
                return Err(self.expected("parentheses, since this operator cannot be chained"));
            }
            let operator = self.next();
            let right = self.binary(if side == Side::Right { precedence } else { precedence + 1 })?;
            barred = (side == Side::Neither).then_some(precedence);
            left = self.operation(&operator, left, right);
        }
    }

    fn precedence(&self) -> Option<(u8, Side)> {
        Some(match self.peek() {
            Token::Sign("//") => (1, Side::Right),
            Token::Sign("=" | "|=" | "+=" | "-=" | "*=" | "/=" | "%=" | "//=") => (2, Side::Neither),
            Token::Name(word) if word == "or" => (3, Side::Left),
            Token::Name(word) if word == "and" => (4, Side::Left),
            Token::Sign("==" | "!=" | "<" | "<=" | ">" | ">=") => (5, Side::Neither),
            Token::Sign("+" | "-") => (6, Side::Left),
            Token::Sign("*" | "/" | "%") => (7, Side::Left),
            _ => return None,
        })
    }

    fn operation(&mut self, operator: &Token, left: ExprId, right: ExprId) -> ExprId {
        let sign = match operator {
            Token::Sign(sign) => sign,
            Token::Name(word) if word == "and" => return self.arena.add(Expr::And(left, right)),
            _ => return self.arena.add(Expr::Or(left, right)),
        };
        self.arena.add(match *sign {
            "//" => Expr::Alternative(left, right),
            "=" => Expr::Assign(left, right),
            "|=" => Expr::Update(left, right),
            "+=" => Expr::UpdateWith(Operator::Add, left, right),
            "-=" => Expr::UpdateWith(Operator::Subtract, left, right),
            "*=" => Expr::UpdateWith(Operator::Multiply, left, right),
            "/=" => Expr::UpdateWith(Operator::Divide, left, right),
            "%=" => Expr::UpdateWith(Operator::Remainder, left, right),
            "//=" => Expr::UpdateWith(Operator::Alternative, left, right),
            "==" => Expr::Operation(Operator::Equal, left, right),
            "!=" => Expr::Operation(Operator::Unequal, left, right),
            "<" => Expr::Operation(Operator::Less, left, right),
            "<=" => Expr::Operation(Operator::LessOrEqual, left, right),
            ">" => Expr::Operation(Operator::Greater, left, right),
            ">=" => Expr::Operation(Operator::GreaterOrEqual, left, right),
            "+" => Expr::Operation(Operator::Add, left, right),
            "-" => Expr::Operation(Operator::Subtract, left, right),
            "*" => Expr::Operation(Operator::Multiply, left, right),
            "/" => Expr::Operation(Operator::Divide, left, right),
            _ => Expr::Operation(Operator::Remainder, left, right),
        })
    }
}

#[derive(PartialEq)]
enum Side {
    Left,
    Right,
    Neither,
}
