//! Cells that several nouns share: codes as their documented words.

use crate::cloud66::stacks::health_name;
use crate::output::cell::{Cell, Tone};

/// The health of a stack or a server as a cell.
pub(crate) fn health_cell(code: Option<i64>) -> Cell {
    code_cell(code, health_name, |code| match code {
        3 => Tone::Good,
        4 => Tone::Bad,
        1 | 2 => Tone::Busy,
        _ => Tone::Dim,
    })
}

/// A code as its documented word; an unknown one stays a number.
pub(crate) fn code_cell(
    code: Option<i64>,
    word: impl Fn(i64) -> Option<&'static str>,
    tone: impl Fn(i64) -> Tone,
) -> Cell {
    match code {
        Some(code) => word(code).map_or(Cell::Number(code), |word| Cell::State(word.to_owned(), tone(code))),
        None => Cell::Empty,
    }
}
