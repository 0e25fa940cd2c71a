//! Man pages, from the command tree.

use std::fmt::Write;

use clap::Command;
use clap_mangen::Man;

use super::scopes::needed_scopes;
use crate::exit::Exit;

/// The man page of the command at that path, in roff.
pub(crate) fn page(path: &[String], command: &Command) -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    // The page has the full path of the command in the title and the synopsis.
    let command = command.clone().name(path.join("-")).bin_name(path.join(" "));
    let man =
        Man::new(command.clone()).title(path.join("-").to_uppercase()).section("1").source(version()).manual("c66");
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if path.len() == 1 {
        man.render_subcommands_section(&mut page)?;
    }
    man.render_extra_section(&mut page)?;
    if let Some(scopes) = needed_scopes(&command) {
        page.extend(format!(".SH AUTHORIZATION\n{scopes}\n").into_bytes());
    }
    if path.len() == 1 {
        page.extend(exit_status());
    }
    Ok(page)
}

fn version() -> String {
    format!("c66 {}", env!("CARGO_PKG_VERSION"))
}

fn exit_status() -> Vec<u8> {
    let mut section = String::from(".SH \"EXIT STATUS\"\n");
    for (exit, name, meaning) in Exit::TABLE {
        let _ = write!(section, ".TP\n\\fB{}\\fR {name}\n{meaning}\n", exit.code());
    }
    section.into_bytes()
}
