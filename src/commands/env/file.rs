//! Files of variables: `c66 env pull` writes one, the others read it.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum, ValueHint};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::{StackVariables, name};
use crate::args::StackArgs;
use crate::cloud66::endpoints::ENVIRONMENTS_LIST;
use crate::cloud66::envelope::Document;
use crate::commands::context::Context;
use crate::commands::env::dotenv;
use crate::error::{Error, Kind, Result};
use crate::files::input;
use crate::files::private_file::PrivateFile;
use crate::resource::verb::Verb;
use crate::resource::write::acknowledge_local;
use crate::text::format::plural;
use crate::text::sanitize::sanitize;

/// The format of a file of variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    // Described in the guide: here each would take two lines of every help page.
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
    /// File format [default: json for FILE.json, else dotenv]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<FileFormat>,
    /// Overwrite an existing file
    #[arg(long)]
    pub(crate) force: bool,
    /// Write only your own variables, not generated or readonly ones
    #[arg(long)]
    pub(crate) own: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

/// An existing file of variables.
#[derive(Args, Debug)]
pub(crate) struct EnvFileArgs {
    /// File to read, - for stdin
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// File format [default: json for FILE.json, else dotenv]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<FileFormat>,
}

/// Runs `c66 env pull`.
pub(super) async fn pull(context: &Context, args: &PullArgs) -> Result<()> {
    let path = args.file.as_deref().filter(|path| *path != Path::new("-"));
    let named = args.format.or_else(|| path.and_then(by_name));
    let format = match named {
        Some(format) => format,
        None if path.is_none() && context.printer.is_structured() => FileFormat::Json,
        None => FileFormat::Dotenv,
    };
    // Before the first request: without a writable file the values are not needed.
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
    let said = format!("Saved {count} of {} to {}", target.label(), path.display());
    if context.printer.is_for_people() {
        // The path stands alone on stdout, as with every other file.
        context.printer.note(&said);
        context.printer.write_lines(&format!("{}\n", sanitize(&path.to_string_lossy())))?;
        return context.printer.flush();
    }
    let document =
        json!({ "ok": true, "file": path.display().to_string(), "variables": variables.len(), "message": said });
    acknowledge_local(&context.printer, Document::from_value(&document))
}

/// Formats variables as the content of a file.
pub(super) fn write(variables: &[(String, String)], format: FileFormat) -> Result<String> {
    for (key, value) in variables {
        let checked = name::check(key).and_then(|()| name::check_value(key, value));
        checked.map_err(|error| error.hint("c66 env list -o json shows it"))?;
        if format == FileFormat::Shell {
            name::check_for_shell(key)?;
        }
    }
    if format == FileFormat::Json {
        let map: Map<String, Value> =
            variables.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
        return Ok(format!("{:#}\n", Value::Object(map)));
    }
    let line = if format == FileFormat::Shell { dotenv::format_shell_line } else { dotenv::format_line };
    Ok(variables.iter().map(|(key, value)| line(key, value)).collect())
}

/// Reads the variables of a file, in order; their values are redacted from now on.
pub(super) fn read(context: &Context, source: &EnvFileArgs) -> Result<Vec<(String, String)>> {
    let path = &source.file;
    let name = if input::is_stdin(path) { "stdin".to_owned() } else { path.display().to_string() };
    let text = input::read(path)?;
    let format = source.format.or_else(|| by_name(path)).unwrap_or(FileFormat::Dotenv);
    let variables = parse(&text, format, &name)?;
    for (_, value) in &variables {
        hide(context, value);
    }
    Ok(variables)
}

/// Parses the content of a file.
pub(super) fn parse(text: &str, format: FileFormat, name: &str) -> Result<Vec<(String, String)>> {
    let refused = |line: usize, what: &str| {
        Error::new(Kind::LocalFile, format!("{name}, line {line}: {what}")).cause("nothing was sent")
    };
    if format != FileFormat::Json {
        let read = if format == FileFormat::Shell { dotenv::read_shell } else { dotenv::read };
        return read(text).map_err(|problem| refused(problem.line, &problem.message));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let JsonVariables(pairs) = serde_json::from_str(text).map_err(|error| {
        // serde's own message may quote a value.
        refused(error.line(), "expected a JSON object of names and values")
    })?;
    let wrong = |what: String| Error::new(Kind::LocalFile, format!("{name}: {what}")).cause("nothing was sent");
    let mut variables: Vec<(String, String)> = Vec::new();
    for (key, value) in pairs {
        // A number keeps its original digits.
        let text = match value.get().as_bytes().first() {
            Some(b'"') => {
                serde_json::from_str(value.get()).map_err(|_| wrong(format!("the value of {key} is not a string")))?
            }
            Some(b'{' | b'[' | b'n') | None => {
                return Err(wrong(format!("the value of {key} is not a string, number or boolean")));
            }
            Some(_) => value.get().to_owned(),
        };
        let checked = super::name::check(&key).and_then(|()| super::name::check_value(&key, &text));
        checked.map_err(|error| error.hints().iter().fold(wrong(error.message().to_owned()), Error::hint))?;
        variables.push((key, text));
    }
    let mut keys: Vec<&str> = variables.iter().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    if let Some((twice, _)) = keys.iter().zip(keys.iter().skip(1)).find(|(one, next)| one == next) {
        return Err(wrong(format!("duplicate name {twice}")));
    }
    Ok(variables)
}

/// The members of a JSON object, including duplicates.
struct JsonVariables(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for JsonVariables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = JsonVariables;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<JsonVariables, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(JsonVariables(pairs))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// Redacts a value, unless it is a plain word: redacting `production` everywhere would hide which stack is meant, and
/// is not a secret.
fn hide(context: &Context, value: &str) {
    if value.len() >= 6 && !value.bytes().all(|byte| byte.is_ascii_lowercase()) {
        context.printer.add_secret(value);
    }
}

fn by_name(path: &Path) -> Option<FileFormat> {
    path.extension().filter(|extension| extension.eq_ignore_ascii_case("json")).map(|_| FileFormat::Json)
}
