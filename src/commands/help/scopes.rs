//! The lines about token scopes and sources in the help of a command.

use std::fmt::Write;

use clap::Command;

use crate::resource::verb::Verb;

/// The scopes of a command's operations, and what is not certain about them; `None` for a command without operations, or one that any token may run.
pub(crate) fn needed_scopes(command: &Command) -> Option<String> {
    let verb = command.get::<Verb>()?;
    if verb.calls_any() {
        return Some("Token scope: depends on the operation; a refusal names it".to_owned());
    }
    let mut scopes: Vec<&str> =
        verb.operations().map(|endpoint| endpoint.scope).filter(|scope| !scope.is_empty()).collect();
    scopes.dedup();
    if scopes.is_empty() {
        return None;
    }
    let mut line = format!("Token scope: {}", scopes.join(", "));
    if !scopes.contains(&"public") && verb.operations().any(|endpoint| endpoint.path.contains("{stack_id}")) {
        line.push_str("; and public, to find a stack by its name");
    }
    for (source, said) in
        [("v3", "in Cloud 66's newest documents, not verified"), ("library", "not documented by Cloud 66")]
    {
        if verb.operations().any(|endpoint| endpoint.source == source) {
            let _ = write!(line, "\nCalls an operation that is {said}");
        }
    }
    Some(line)
}
