//! The checks on this machine: version, files, settings, completion.

use clap_complete::Shell;

use super::Check;
use crate::commands::completions::{POWERSHELL_LINE, install_path};
use crate::commands::config::check_setting;
use crate::commands::context::Context;
use crate::config::exposure::PermissionProblem;
use crate::config::file::ConfigFile;
use crate::config::keys::SETTINGS;
use crate::config::project::Project;
use crate::config::{Origin, paths};
use crate::error::Result;
use crate::files::bounded;
use crate::text::quote::shell_quote;

pub(super) fn checks(context: &Context) -> Vec<Check> {
    vec![version(), config_file(context), project_file(context), settings(context), completion(context)]
}

fn version() -> Check {
    let (version, system, machine) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    Check::ok("version", format!("c66 {version} ({system}; {machine})"))
}

fn config_file(context: &Context) -> Check {
    const NAME: &str = "config_file";
    let path = match paths::config_file(context.settings.variables()) {
        Ok(path) => path,
        Err(error) => return Check::failed(NAME, &error),
    };
    let shown = path.display();
    if let Err(error) = ConfigFile::load(&path).and_then(|file| file.values().map(drop)) {
        return Check::failed(NAME, &error.hint("c66 config edit"));
    }
    match PermissionProblem::find(&path) {
        Some(exposure) => Check::warning(NAME, exposure.what, exposure.command),
        None if path.exists() => Check::ok(NAME, format!("{shown}")),
        None => Check::ok(NAME, format!("not found (expected at {shown})")),
    }
}

fn project_file(context: &Context) -> Check {
    const NAME: &str = "project_file";
    match context.folder.as_deref().map(Project::find).transpose() {
        Err(error) => Check::failed(NAME, &error),
        Ok(Some(Some(project))) if !project.warnings.is_empty() => {
            Check::warning(NAME, project.warnings.join("; "), format!("edit {}", project.path.display()))
        }
        Ok(Some(Some(project))) => Check::ok(NAME, format!("{}", project.path.display())),
        Ok(_) => Check::ok(NAME, "no .c66.toml found"),
    }
}

/// Every non-default setting with its origin.
fn settings(context: &Context) -> Check {
    const NAME: &str = "settings";
    let settings = &context.settings;
    let mut messages = Vec::new();
    for definition in &SETTINGS {
        let Some(value) = settings.get(definition.key).filter(|value| *value.origin != Origin::Default) else {
            continue;
        };
        if let Err(error) = check_setting(definition.key, value.text) {
            let next = format!("c66 config set {} VALUE, or c66 config edit", definition.name);
            return Check::failed(NAME, &error.hint(format!("set by {}; {next}", value.origin)));
        }
        messages.push(format!("{}={} ({})", definition.name, shell_quote(value.text), value.origin));
    }
    if messages.is_empty() {
        messages.push("all defaults".to_owned());
    }
    match other_warnings(context) {
        Ok(warnings) if !warnings.is_empty() => Check::warning(NAME, warnings.join("; "), "c66 config edit"),
        _ => Check::ok(NAME, messages.join(", ")),
    }
}

/// Warnings about the settings that no other check reports.
fn other_warnings(context: &Context) -> Result<Vec<String>> {
    let mut messages: Vec<String> = PermissionProblem::find(&paths::config_file(context.settings.variables())?)
        .map(|found| found.warning())
        .into_iter()
        .collect();
    let project = context.folder.as_deref().map(Project::find).transpose()?.flatten();
    messages.extend(project.into_iter().flat_map(|project| project.warnings));
    Ok(context.settings.warnings().iter().filter(|warning| !messages.contains(warning)).cloned().collect())
}

fn completion(context: &Context) -> Check {
    const NAME: &str = "completion";
    let shells = [Shell::Bash, Shell::Zsh, Shell::Fish];
    let own = context.settings.variables().path("SHELL").as_deref().and_then(Shell::from_shell_path);
    if cfg!(windows) && own.is_none() {
        return completion_of_powershell(NAME);
    }
    let looked_for = match own.filter(|own| shells.contains(own)) {
        Some(own) => vec![own],
        None => shells.to_vec(),
    };
    let installed =
        looked_for.iter().find_map(|shell| Some((shell, install_path(*shell).filter(|path| path.exists())?)));
    if let Some((shell, path)) = installed {
        return Check::ok(NAME, format!("for {shell}: {}", path.display()));
    }
    let install = format!("c66 completions {} --install", looked_for[0]);
    Check::warning(NAME, format!("not installed; run: {install}"), install)
}

/// PowerShell has no folder for completions, only profiles.
fn completion_of_powershell(name: &'static str) -> Check {
    const FILES: [&str; 3] = [
        "PowerShell/Microsoft.PowerShell_profile.ps1",
        "WindowsPowerShell/Microsoft.PowerShell_profile.ps1",
        "PowerShell/profile.ps1",
    ];
    let asks = |text: String| text.contains("c66 completions powershell");
    let documents = dirs::document_dir().unwrap_or_default();
    let found = FILES.iter().map(|file| documents.join(file)).find(|path| bounded::read(path).is_ok_and(asks));
    match found {
        Some(path) => Check::ok(name, format!("for powershell: {}", path.display())),
        None => Check::warning(
            name,
            "not set up in any PowerShell profile".to_owned(),
            format!("Add-Content $PROFILE '{POWERSHELL_LINE}'"),
        ),
    }
}
