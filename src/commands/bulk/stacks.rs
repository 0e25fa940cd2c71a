//! Reads the stacks of a bulk run: names and UIDs, one per line, from a file or stdin.

use std::io::Read;
use std::path::Path;

use crate::commands::context::Context;
use crate::commands::context::stack_match::{self, StackRef};
use crate::error::{Error, Result};
use crate::files::input;

/// The stacks listed in `from`, in its order, without duplicates.
///
/// # Errors
/// If it cannot be read, or a line does not match exactly one stack: nothing has been sent then.
pub(super) async fn read_stacks(context: &Context, from: &Path, environment: Option<&str>) -> Result<Vec<StackRef>> {
    let text = read(context, from)?;
    let wanted = names(&text);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let client = context.cloud66().await?;
    // A run of many requests starts here, and none of its stacks may fail at the request limit.
    client.transport().pace_requests();
    let all = context.fetch_stacks().await?;
    let mut targets: Vec<StackRef> = Vec::new();
    let mut wrong: Vec<(usize, Error)> = Vec::new();
    for (line, name) in wanted {
        match stack_match::choose(&all, name, environment) {
            Ok(target) if targets.iter().any(|known| known.uid == target.uid) => {
                context.printer.note(&format!("line {line}: duplicate {}; ignored", target.label()));
            }
            Ok(target) => targets.push(target),
            Err(error) => wrong.push((line, error)),
        }
    }
    match wrong.len() {
        0 => Ok(targets),
        1 => Err(of_line(wrong.remove(0), from)),
        count => Err(of_lines(&wrong, count, from)),
    }
}

/// Each line with a name, and its number from 1; empty lines and comments are skipped.
fn names(text: &str) -> Vec<(usize, &str)> {
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim).zip(1..);
    let named = lines.filter(|(name, _)| !name.is_empty() && !name.starts_with('#'));
    named.map(|(name, line)| (line, name)).collect()
}

fn read(context: &Context, from: &Path) -> Result<String> {
    if from != Path::new("-") {
        return input::read(from);
    }
    if context.printer.stdin_is_terminal() {
        if !context.prompter()?.can_ask() {
            return Err(Error::usage("--stacks-from - reads stdin, but prompts are disabled and stdin is a terminal")
                .hint("c66 stacks list -o name | …"));
        }
        context.printer.note("Enter stack names or UIDs, one a line; end with Ctrl-D");
    }
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Error::local_file("read the stacks from stdin", &error))?;
    Ok(text)
}

fn of_line((line, error): (usize, Error), from: &Path) -> Error {
    let mut whole = Error::new(error.kind(), format!("{}line {line}: {}", file_prefix(from), error.message()));
    if let Some(cause) = error.cause_text() {
        whole = whole.cause(cause);
    }
    error.hints().iter().cloned().fold(whole, Error::hint).hint("nothing was sent to any stack")
}

/// The first error decides the kind of all.
fn of_lines(wrong: &[(usize, Error)], count: usize, from: &Path) -> Error {
    let kind = wrong.first().map_or(crate::error::Kind::Usage, |(_, error)| error.kind());
    let lines = wrong.iter().map(|(line, error)| format!("line {line}: {}", error.message()));
    Error::new(kind, format!("{}{count} lines do not match exactly one stack", file_prefix(from)))
        .cause(lines.collect::<Vec<_>>().join("\n"))
        .hint("nothing was sent to any stack")
}

fn file_prefix(from: &Path) -> String {
    if from == Path::new("-") { String::new() } else { format!("{}: ", from.display()) }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn empty_lines_and_comments_are_skipped() {
        assert_eq!(names("\u{feff}shop\r\n\n  # the old one\n\tblog@staging  \n"), [(1, "shop"), (4, "blog@staging")]);
        assert!(names("\n#\n").is_empty());
    }
}
