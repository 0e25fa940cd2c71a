//! Compiled expressions: nodes in one arena, with every name resolved.
//!
//! Variables, labels and parameters are slots of the environment, numbered from the innermost.

use super::value::{Fault, Value};

/// A syntax error and its position.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    /// Offset in bytes.
    pub(crate) offset: usize,
    pub(crate) message: String,
}

impl SyntaxError {
    pub(super) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into() }
    }
}

/// The number of a node in the arena.
pub(super) type ExprId = usize;
/// The number of a function in the arena.
pub(super) type FunctionId = usize;

/// A builtin of values: its input, then its arguments.
pub(super) type Native = fn(Value, Vec<Value>) -> Result<Value, Fault>;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `//` in `//=`; its operands are values.
    Alternative,
}

#[derive(Debug)]
pub(super) enum Expr {
    Identity,
    Constant(Value),
    Variable(usize),
    /// A parameter that is called.
    Parameter(usize),
    Call {
        function: FunctionId,
        up: usize,
        arguments: Box<[ExprId]>,
    },
    Native {
        function: Native,
        arguments: Box<[ExprId]>,
    },
    /// A builtin with paths or several outputs: the values are evaluated first, the body by it.
    Special {
        special: Special,
        arguments: Box<[ExprId]>,
        body: ExprId,
    },
    Index {
        target: ExprId,
        key: ExprId,
        optional: bool,
    },
    Slice {
        target: ExprId,
        bounds: [ExprId; 2],
        optional: bool,
    },
    Iterate {
        target: ExprId,
        optional: bool,
    },
    Pipe(ExprId, ExprId),
    Comma(ExprId, ExprId),
    Alternative(ExprId, ExprId),
    And(ExprId, ExprId),
    Or(ExprId, ExprId),
    Operation(Operator, ExprId, ExprId),
    Negate(ExprId),
    /// `paths = value`
    Assign(ExprId, ExprId),
    /// `paths |= update`
    Update(ExprId, ExprId),
    /// `paths += value`
    UpdateWith(Operator, ExprId, ExprId),
    If {
        condition: ExprId,
        then: ExprId,
        otherwise: ExprId,
    },
    Try {
        body: ExprId,
        handler: Option<ExprId>,
    },
    Bind {
        source: ExprId,
        patterns: Patterns,
        body: ExprId,
    },
    Reduce {
        source: ExprId,
        patterns: Patterns,
        init: ExprId,
        update: ExprId,
    },
    Foreach {
        source: ExprId,
        patterns: Patterns,
        init: ExprId,
        update: ExprId,
        extract: Option<ExprId>,
    },
    Label(ExprId),
    Break(usize),
    Array(ExprId),
    Object(Box<[(ExprId, ExprId)]>),
    Empty,
    Path(ExprId),
    First(ExprId),
    Last(ExprId),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Special {
    /// `error(message)`
    Error,
    /// `getpath(path)`
    GetPath,
    /// `range(from; to; by)`
    Range,
    /// `limit(count; body)`
    Limit,
}

/// Alternative patterns of a binding.
#[derive(Debug)]
pub(super) struct Patterns {
    pub(super) alternatives: Box<[Pattern]>,
    /// For each variable of the body, in order: its slot in each alternative, numbered from the outermost of the
    /// pattern. Empty if there is one alternative, whose slots are those of the body.
    pub(super) merged: Box<[Box<[Option<usize>]>]>,
}

#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) steps: Box<[PatternStep]>,
    /// How many variables it binds.
    pub(super) slots: usize,
}

/// A step of destructuring a value; the current value is on top of a stack.
#[derive(Debug)]
pub(super) enum PatternStep {
    /// Binds the current value.
    Bind,
    /// Pushes an element of the current value.
    Enter(Value),
    /// Pushes an element whose key is an expression; its input is the current value.
    EnterComputed(ExprId),
    /// Pops the current value.
    Leave,
}

#[derive(Debug)]
pub(super) struct Function {
    pub(super) body: ExprId,
}

/// All nodes of a program.
#[derive(Debug, Default)]
pub(super) struct Arena {
    pub(super) expressions: Vec<Expr>,
    pub(super) functions: Vec<Function>,
}

impl Arena {
    pub(super) fn add(&mut self, expression: Expr) -> ExprId {
        self.expressions.push(expression);
        self.expressions.len() - 1
    }
}
