//! Parsers of each output format that are not the program's own.

use serde_json::Value;
use yaml_rust2::YamlLoader;

use super::commands::{Line, TEXTS};
use crate::support::test_env::Run;

/// What is wrong with the exit code and the output of a run in that format.
pub fn fault(line: &Line, format: &str, run: &Run) -> Option<String> {
    let shown = || format!("-o {format}: code {}\nstdout: {}\nstderr: {}", run.code, run.stdout, run.stderr);
    let wrong = |what: &str| Some(format!("{what}\n{}", shown()));
    if run.stdout.contains('\u{1b}') || run.stderr.contains('\u{1b}') {
        return wrong("an escape byte");
    }
    if run.code != 0 {
        let machine = !matches!(format, "table" | "wide");
        if !(2..=11).contains(&run.code) {
            return wrong("a code that no command may end with");
        } else if machine && !run.stdout.is_empty() {
            return wrong("a result of what failed");
        } else if matches!(format, "json" | "jsonl") {
            // A write announces on stderr what it does, in every format; the error is the last line and the only JSON.
            let mut said = run.stderr.lines().map(serde_json::from_str::<Value>).rev();
            let code = said.next().and_then(Result::ok).and_then(|error| error["error"]["exit_code"].as_i64());
            let is_one = code == Some(i64::from(run.code)) && said.all(|line| line.is_err());
            return if is_one { None } else { wrong("stderr has not one JSON error at its end") };
        }
        return if run.stderr.contains("error: ") { None } else { wrong("no word about what failed") };
    }
    if TEXTS.contains(&line.name.as_str()) {
        return None;
    }
    let parsed = match format {
        "json" => serde_json::from_str::<Value>(&run.stdout).map(drop).map_err(|error| error.to_string()),
        "jsonl" => run
            .stdout
            .lines()
            .try_for_each(|line| serde_json::from_str::<Value>(line).map(drop).map_err(|error| error.to_string())),
        "yaml" => match YamlLoader::load_from_str(&run.stdout) {
            Ok(documents) if documents.len() == 1 => Ok(()),
            Ok(documents) => Err(format!("{} documents", documents.len())),
            Err(error) => Err(error.to_string()),
        },
        "csv" => records(&run.stdout).and_then(|rows| of_one_length(&rows)),
        // TSV has no quotes: a tab within a cell is escaped.
        "tsv" => of_one_length(&run.stdout.lines().map(|line| line.split('\t').collect()).collect::<Vec<_>>()),
        "name" if run.stdout.lines().any(|line| line.trim() != line || line.is_empty()) => {
            Err("a line that is no id".to_owned())
        }
        _ => Ok(()),
    };
    match parsed {
        Ok(()) => None,
        Err(why) => wrong(&why),
    }
}

fn of_one_length<T>(rows: &[Vec<T>]) -> Result<(), String> {
    match rows.iter().find(|row| row.len() != rows[0].len()) {
        Some(row) => Err(format!("a row of {} cells below one of {}", row.len(), rows[0].len())),
        None => Ok(()),
    }
}

/// Reads RFC 4180: cells between commas, quoted if they contain a quote (doubled), a comma or a line break.
fn records(text: &str) -> Result<Vec<Vec<String>>, String> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if cell.is_empty() => loop {
                match letters.next() {
                    Some('"') if letters.next_if_eq(&'"').is_some() => cell.push('"'),
                    Some('"') if letters.peek().is_none_or(|next| ",\r\n".contains(*next)) => {
                        break;
                    }
                    Some('"') => return Err(format!("a quote ends within {cell}")),
                    Some(letter) => cell.push(letter),
                    None => return Err(format!("a quote does not end: {cell}")),
                }
            },
            '"' => return Err(format!("a quote within {cell}")),
            '\r' if letters.peek() == Some(&'\n') => {}
            '\n' => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            ',' => row.push(std::mem::take(&mut cell)),
            letter => cell.push(letter),
        }
    }
    if cell.is_empty() && row.is_empty() { Ok(rows) } else { Err("the last line does not end".to_owned()) }
}

/// Number of items in a successful result; anything but a list counts as one.
pub fn count(format: &str, stdout: &str) -> Option<usize> {
    match format {
        "json" => serde_json::from_str::<Value>(stdout).ok().map(|value| value.as_array().map_or(1, Vec::len)),
        "jsonl" => Some(stdout.lines().count()),
        "yaml" => YamlLoader::load_from_str(stdout).ok().map(|read| read[0].as_vec().map_or(1, Vec::len)),
        // The first row is the header.
        "csv" => records(stdout).ok().map(|rows| rows.len().saturating_sub(1)),
        "tsv" => Some(stdout.lines().count().saturating_sub(1)),
        _ => None,
    }
}

/// Whether two texts have the same lines with the same cells. Times are relative on a terminal and absolute in a pipe.
pub fn are_same_rows(piped: &str, seen: &str) -> bool {
    let cells = |text: &str| -> Vec<Vec<String>> {
        let rows = text.lines().map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()));
        rows.map(|row| row.map(str::to_owned).collect()).collect()
    };
    let (piped, seen) = (cells(piped), cells(seen));
    let is_time = |cell: &str| cell.len() == 20 && cell.ends_with('Z') && cell.as_bytes()[10] == b'T';
    piped.len() == seen.len()
        && piped.iter().zip(&seen).all(|(piped, seen)| {
            piped.len() == seen.len() && piped.iter().zip(seen).all(|(cell, shown)| cell == shown || is_time(cell))
        })
}

#[test]
fn the_format_readers_reject_wrong_output() {
    assert_eq!(
        records("a,\"b \"\"c\"\",\nd\"\n1,2\n"),
        Ok(vec![vec!["a".to_owned(), "b \"c\",\nd".to_owned()], vec!["1".to_owned(), "2".to_owned()],])
    );
    for wrong in ["a,b\"c\n", "a,\"b\n", "a,\"b\"c\n", "a,b"] {
        assert!(records(wrong).is_err(), "{wrong}");
    }
    assert!(of_one_length(&[vec![1, 2], vec![3]]).is_err());
    assert!(are_same_rows("A  B\nx  2014-08-29T17:46:16Z\n", "A  B\nx  12 years ago\n"));
    assert!(!are_same_rows("A  B\nx  y\n", "A  B\nx  z\n") && !are_same_rows("A\nx\n", "A\n"));
}
