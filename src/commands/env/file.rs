//! A file of variables: `c66 env pull` writes one, the others read it.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use serde_json::{Map, Value, json};

use super::StackVariables;
use crate::args::StackArgs;
use crate::cloud66::endpoints::ENVIRONMENTS_LIST;
use crate::cloud66::envelope::Document;
use crate::commands::context::Context;
use crate::commands::env::dotenv;
use crate::error::{Error, Kind, Result};
use crate::files::private_file::PrivateFile;
use crate::resource::verb::Verb;
use crate::resource::write::acknowledge_local;
use crate::text::format::plural;

/// The form of a file of variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    // Described where it is used: here each would take two lines of every help page.
    Dotenv,
    Json,
    Shell,
}

/// `c66 env pull`
#[derive(Args, Debug)]
#[command(add = Verb::calls(&[&ENVIRONMENTS_LIST]))]
pub(crate) struct PullArgs {
    /// File to write, - for stdout [default: stdout]
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    /// Form of the file [default: json for FILE.json, else dotenv]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<FileFormat>,
    /// Replace a file that is there already
    #[arg(long)]
    pub(crate) force: bool,
    /// Write only your own variables, none generated or readonly
    #[arg(long)]
    pub(crate) own: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

/// A file of variables that is there.
#[derive(Args, Debug)]
pub(crate) struct EnvFileArgs {
    /// File to read, - for stdin
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Form of the file [default: json for FILE.json, else dotenv]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<FileFormat>,
}

/// Carries out `c66 env pull`.
pub(super) async fn pull(context: &Context, args: &PullArgs) -> Result<()> {
    let path = args.file.as_deref().filter(|path| *path != Path::new("-"));
    let named = args.format.or_else(|| path.and_then(by_name));
    let format = match named {
        Some(format) => format,
        None if path.is_none() && context.printer.is_structured() => FileFormat::Json,
        None => FileFormat::Dotenv,
    };
    // Before the first request: a file that cannot be written needs no values.
    let file = path.map(|path| PrivateFile::create(path, args.force)).transpose()?;
    let target = context.stack(&args.stack, false).await?;
    let stack_variables = StackVariables::fetch(context, &target).await?;
    let mut variables = stack_variables.to_pairs();
    variables.retain(|(key, _)| !args.own || stack_variables.is_own(key));
    let text = write(&variables, format)?;
    let Some((file, path)) = file.zip(path) else {
        context.printer.write(|out| out.write_all(text.as_bytes()))?;
        return context.printer.flush();
    };
    file.finish(text.as_bytes())?;
    let count = plural(variables.len() as u64, "variable", "variables");
    let verb = if variables.len() == 1 { "is" } else { "are" };
    let said = format!("{count} of {} {verb} in {}", target.label(), path.display());
    let document =
        json!({ "ok": true, "file": path.display().to_string(), "variables": variables.len(), "message": said });
    acknowledge_local(&context.printer, Document::from_value(&document))
}

/// Variables as the text of a file.
pub(super) fn write(variables: &[(String, String)], format: FileFormat) -> Result<String> {
    if format == FileFormat::Json {
        let map: Map<String, Value> =
            variables.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
        return Ok(format!("{:#}\n", Value::Object(map)));
    }
    let line = if format == FileFormat::Shell { dotenv::format_shell_line } else { dotenv::format_line };
    let mut text = String::new();
    for (key, value) in variables {
        if !dotenv::is_key(key) {
            return Err(Error::new(Kind::Refused, format!("`{key}` cannot be the name of a variable in such a file"))
                .hint("--format json can hold it"));
        }
        text.push_str(&line(key, value));
    }
    Ok(text)
}

/// Reads the variables of a file, in its order; their values are shown nowhere from now on.
pub(super) fn read(context: &Context, source: &EnvFileArgs) -> Result<Vec<(String, String)>> {
    let path = &source.file;
    let name = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
    let failed = |error: std::io::Error| Error::local_file(format!("read {name}"), &error);
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).map_err(failed)?;
    } else {
        bytes = std::fs::read(path).map_err(failed)?;
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::new(Kind::LocalFile, format!("{name} is not in UTF-8")).cause("nothing was sent"))?;
    let format = source.format.or_else(|| by_name(path)).unwrap_or(FileFormat::Dotenv);
    let variables = parse(&text, format, &name)?;
    for (_, value) in &variables {
        hide(context, value);
    }
    Ok(variables)
}

/// Takes the text of a file apart.
pub(super) fn parse(text: &str, format: FileFormat, name: &str) -> Result<Vec<(String, String)>> {
    let refused = |line: usize, what: &str| {
        Error::new(Kind::LocalFile, format!("{name}, line {line}: {what}")).cause("nothing was sent")
    };
    if format != FileFormat::Json {
        return dotenv::read(text).map_err(|problem| refused(problem.line, &problem.message));
    }
    let object: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
        // Its own words may quote a value.
        refused(error.line(), "it is not one JSON object of names and values")
    })?;
    let variables = object.into_iter().map(|(key, value)| match value {
        Value::String(text) => Ok((key, text)),
        Value::Number(_) | Value::Bool(_) => {
            let text = value.to_string();
            Ok((key, text))
        }
        _ => {
            Err(Error::new(Kind::LocalFile, format!("{name}: the value of {key} is no text")).cause("nothing was sent"))
        }
    });
    variables.collect()
}

/// Never shows a value, unless it is a plain word: striking out `production` wherever it stands would hide which stack
/// is meant, and no secret.
fn hide(context: &Context, value: &str) {
    if value.len() >= 6 && !value.bytes().all(|byte| byte.is_ascii_lowercase()) {
        context.printer.add_secret(value);
    }
}

fn by_name(path: &Path) -> Option<FileFormat> {
    path.extension().filter(|extension| extension.eq_ignore_ascii_case("json")).map(|_| FileFormat::Json)
}
