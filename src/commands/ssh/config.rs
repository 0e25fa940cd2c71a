//! `c66 ssh config`: the servers of a stack as hosts of ssh.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::known::host_keys;
use super::login::{LoginArgs, destination};
use crate::args::StackArgs;
use crate::cloud66::endpoints::SERVERS_LIST;
use crate::cloud66::envelope::Document;
use crate::cloud66::servers::Server;
use crate::commands::context::Context;
use crate::commands::context::stack_match::StackRef;
use crate::config::paths;
use crate::error::{Error, Result};
use crate::files::bounded;
use crate::files::private::create_dir;
use crate::files::private_file::PrivateFile;
use crate::resource::verb::Verb;
use crate::resource::write::acknowledge_local;
use crate::ssh::arguments::{COMMON, path_value};
use crate::ssh::keys::KeyStore;
use crate::text::quote::local_path;

/// `c66 ssh config`
#[derive(Args, Debug)]
#[command(
    after_help = "The hosts are called c66-SERVER.STACK.ENVIRONMENT. The private key of a server is on disk only while a\nconnection is open.\n\nExamples:\n  c66 ssh config -s awesome-app@production\n  c66 ssh config -s awesome-app@production --write\n  rsync -a site/ c66-caribou.awesome-app.production:/tmp/site/"
)]
#[command(add = Verb::calls(&[&SERVERS_LIST]))]
pub(crate) struct ConfigArgs {
    /// Write it to a file of its own, for an Include in ~/.ssh/config; other stacks in it stay
    #[arg(long)]
    pub(crate) write: bool,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    #[command(flatten)]
    pub(crate) login: LoginArgs,
}

/// The options that a user of the configuration may want to set.
const LEFT_TO_THE_USER: [&str; 4] = ["ControlMaster", "ControlPath", "ForwardX11", "PermitLocalCommand"];

/// Runs `c66 ssh config`.
pub(super) async fn run(context: &Context, args: &ConfigArgs) -> Result<()> {
    let stack = context.stack(&args.stack, true).await?;
    let servers = super::pick::servers(context, &stack).await?;
    let text = section(&stack, &blocks(context, &stack, &servers, &args.login)?);
    if !args.write || args.login.dry_run {
        context.printer.write_lines(&text)?;
        return context.printer.flush();
    }
    let folder = paths::state_dir(context.settings.variables())?;
    create_dir(&folder)?;
    let path = folder.join("ssh_config");
    let known = match bounded::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        text => text.map_err(|error| Error::local_file(format!("read {}", path.display()), &error))?,
    };
    let whole = format!("{}{text}", without_section(&known, &stack));
    PrivateFile::create(&path, true)?.finish(whole.as_bytes())?;
    let include = format!("Include {}", path_value(&path).display());
    if context.printer.is_for_people() {
        context.printer.write_lines(&format!("{}\n", path.display()))?;
        context.printer.note(&format!("put this line at the top of ~/.ssh/config, once:\n{include}"));
        return context.printer.flush();
    }
    let document = json!({ "ok": true, "file": path.display().to_string(), "include": include });
    acknowledge_local(&context.printer, Document::from_value(&document))
}

/// The lines around the hosts of a stack.
fn markers(stack: &StackRef) -> (String, String) {
    (format!("# c66 stack {}", stack.uid), format!("# c66 end {}", stack.uid))
}

fn section(stack: &StackRef, blocks: &str) -> String {
    let (begin, end) = markers(stack);
    format!("{begin} ({})\n{blocks}{end}\n", stack.label())
}

/// The text without the hosts of the stack.
fn without_section(text: &str, stack: &StackRef) -> String {
    let (begin, end) = markers(stack);
    let mut kept = String::new();
    let mut is_inside = false;
    for line in text.lines() {
        is_inside |= line.starts_with(&begin);
        if !is_inside {
            kept.push_str(line);
            kept.push('\n');
        }
        is_inside &= line != end;
    }
    kept
}

/// A host for each server.
fn blocks(context: &Context, stack: &StackRef, servers: &[Server], args: &LoginArgs) -> Result<String> {
    let variables = context.settings.variables();
    let (keys, known) = (KeyStore::of(variables), host_keys(context)?);
    let program = std::env::current_exe().map_err(|error| Error::local_file("find this program", &error))?;
    let mut text = String::new();
    let mut names: Vec<String> = Vec::new();
    for server in servers.iter().filter(|server| server.address.is_some() || server.ext_ipv4.is_some()) {
        let destination = destination(context, stack, server, args)?;
        let mut name = host_name(server.name(), stack);
        if names.contains(&name) {
            name = host_name(&format!("{} {}", server.name(), server.uid()), stack);
        }
        let identity = match &args.identity {
            Some(file) => absolute(file)?,
            None => keys.path(server.uid()),
        };
        let _ = write!(
            text,
            "Host {name}\n  HostName {}\n  Port {}\n  User {}\n  HostKeyAlias {}\n  UserKnownHostsFile {}\n  \
             GlobalKnownHostsFile none\n  StrictHostKeyChecking yes\n  IdentityFile {}\n  ForwardAgent no\n",
            destination.address,
            destination.port,
            destination.user,
            destination.alias(),
            path_value(&known.path(server.uid())).display(),
            path_value(&identity).display(),
        );
        for (option, value) in COMMON.iter().filter(|(option, _)| !LEFT_TO_THE_USER.contains(option)) {
            let _ = writeln!(text, "  {option} {value}");
        }
        let _ = writeln!(text, "  ProxyCommand {}", proxy_command(context, &program, server, stack, args)?);
        names.push(name);
    }
    Ok(text)
}

/// The line that ssh has the user's shell run.
fn proxy_command(
    context: &Context,
    program: &Path,
    server: &Server,
    stack: &StackRef,
    args: &LoginArgs,
) -> Result<String> {
    let mut line =
        format!("{}{} ssh proxy {} --stack {}", local_path(program), context.global_flags, server.uid(), stack.uid);
    if args.port != crate::ssh::SSH_PORT {
        let _ = write!(line, " --port {}", args.port);
    }
    if args.lease != super::reach::Lease::Auto {
        let when = clap::ValueEnum::to_possible_value(&args.lease);
        let _ = write!(line, " --lease {}", when.as_ref().map_or("auto", |when| when.get_name()));
    }
    for (flag, file) in [("--identity", &args.identity), ("--gateway-key", &args.gateway_key)] {
        if let Some(file) = file {
            let _ = write!(line, " {flag} {}", local_path(&absolute(file)?));
        }
    }
    if let Some(pin) = &args.host_key {
        let _ = write!(line, " --host-key {pin}");
    }
    // ssh expands it.
    Ok(line.replace('%', "%%"))
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| Error::local_file(format!("find {}", path.display()), &error))
}

/// A name such as `c66-caribou.awesome-app.production`.
fn host_name(server: &str, stack: &StackRef) -> String {
    let fields = stack.stack.as_ref();
    let stack_name = fields.and_then(|stack| stack.name.as_deref()).unwrap_or(&stack.uid);
    let environment = fields.and_then(|stack| stack.environment.as_deref()).unwrap_or_default();
    let parts = [server, stack_name, environment].map(label);
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    format!("c66-{}", parts.join("."))
}

/// A name in which ssh finds no pattern and no second host.
fn label(name: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    name.chars().map(letter).collect::<String>().trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack() -> StackRef {
        StackRef {
            uid: "5999".to_owned(),
            name: None,
            stack: Some(crate::cloud66::stacks::Stack {
                name: Some("Awesome App".to_owned()),
                environment: Some("production".to_owned()),
                ..crate::cloud66::stacks::Stack::default()
            }),
        }
    }

    #[test]
    fn a_host_is_one_plain_word() {
        assert_eq!(host_name("Caribou", &stack()), "c66-caribou.awesome-app.production");
        assert_eq!(host_name("a * !b\nHost *", &stack()), "c66-a----b-host.awesome-app.production");
    }

    #[test]
    fn the_hosts_of_a_stack_are_replaced_and_others_stay() {
        let old = format!("# mine\n{}# c66 stack 60 (Other)\nHost b\n# c66 end 60\n", section(&stack(), "Host a\n"));
        assert_eq!(without_section(&old, &stack()), "# mine\n# c66 stack 60 (Other)\nHost b\n# c66 end 60\n");
        assert_eq!(without_section("", &stack()), "");
    }
}
