//! Patterns of bindings: `$x`, `[$a, $b]`, `{a: $x}`, and alternatives with `?//`.

use super::scope::Entry;
use super::{Parsed, Parser};
use crate::jq::lexer::{Piece, Token};
use crate::jq::syntax::{Pattern, PatternStep, Patterns};
use crate::jq::value::Value;

impl Parser<'_> {
    /// Reads alternatives; their variables are in scope from here on.
    pub(super) fn patterns(&mut self) -> Parsed<Patterns> {
        let mark = self.scope.mark();
        let mut alternatives = Vec::new();
        let mut names: Vec<Vec<String>> = Vec::new();
        loop {
            self.scope.reset(mark);
            let mut steps = Vec::new();
            let mut variables = Vec::new();
            self.pattern(&mut steps, &mut variables)?;
            alternatives.push(Pattern { steps: steps.into(), slots: variables.len() });
            names.push(variables);
            if !self.accept("?//") {
                break;
            }
        }
        if alternatives.len() == 1 {
            return Ok(Patterns { alternatives: alternatives.into(), merged: Box::default() });
        }
        let mut all: Vec<&String> = Vec::new();
        for name in names.iter().flatten() {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        // If a variable is bound twice, the last binding wins.
        let place = |name: &String, variables: &Vec<String>| variables.iter().rposition(|known| known == name);
        let merged = all.iter().map(|name| names.iter().map(|variables| place(name, variables)).collect()).collect();
        self.scope.reset(mark);
        for name in all {
            self.scope.push(Entry::Variable(name.clone()));
        }
        Ok(Patterns { alternatives: alternatives.into(), merged })
    }

    fn pattern(&mut self, steps: &mut Vec<PatternStep>, variables: &mut Vec<String>) -> Parsed<()> {
        self.nested(|parser| match parser.next() {
            Token::Variable(name) => {
                parser.bind(name, steps, variables);
                Ok(())
            }
            Token::Sign("[") => {
                for index in 0_usize.. {
                    steps.push(PatternStep::Enter(Value::from(index)));
                    parser.pattern(steps, variables)?;
                    steps.push(PatternStep::Leave);
                    if !parser.accept(",") {
                        break;
                    }
                }
                parser.expect("]")
            }
            Token::Sign("{") => loop {
                parser.entry(steps, variables)?;
                if !parser.accept(",") {
                    break parser.expect("}");
                }
            },
            _ => {
                parser.at -= 1;
                Err(parser.expected("a variable or a pattern"))
            }
        })
    }

    fn entry(&mut self, steps: &mut Vec<PatternStep>, variables: &mut Vec<String>) -> Parsed<()> {
        match self.next() {
            Token::Variable(name) => {
                steps.push(PatternStep::Enter(Value::from(name.as_str())));
                self.bind(name, steps, variables);
                if self.accept(":") {
                    self.pattern(steps, variables)?;
                }
                steps.push(PatternStep::Leave);
                return Ok(());
            }
            Token::Name(name) => steps.push(PatternStep::Enter(Value::from(name))),
            Token::String(pieces) => {
                if let [Piece::Text(text)] = pieces.as_slice() {
                    steps.push(PatternStep::Enter(Value::from(text.as_str())));
                } else {
                    let key = self.interpolated(pieces, "text")?;
                    steps.push(PatternStep::EnterComputed(key));
                }
            }
            Token::Sign("(") => {
                let key = self.query()?;
                self.expect(")")?;
                steps.push(PatternStep::EnterComputed(key));
            }
            _ => {
                self.at -= 1;
                return Err(self.expected("a key"));
            }
        }
        self.expect(":")?;
        self.pattern(steps, variables)?;
        steps.push(PatternStep::Leave);
        Ok(())
    }

    fn bind(&mut self, name: String, steps: &mut Vec<PatternStep>, variables: &mut Vec<String>) {
        steps.push(PatternStep::Bind);
        variables.push(name.clone());
        self.scope.push(Entry::Variable(name));
    }
}
