//! `c66 stacks open`: the page of a stack, or the site that it serves, in the browser.

use serde_json::json;

use crate::args::StackArgs;
use crate::cloud66::endpoints::STACKS_SHOW;
use crate::cloud66::envelope::Document;
use crate::cloud66::request;
use crate::cloud66::stacks::Stack;
use crate::commands::context::Context;
use crate::error::{Error, Kind, Result};
use crate::text::sanitize::sanitize;

/// Prints the address, or opens it if the user is at a terminal.
pub(crate) async fn run(context: &Context, stack: &StackArgs, site: bool, print: bool) -> Result<()> {
    let target = context.stack(stack, false).await?;
    let request = request(&STACKS_SHOW, &[("stack_id", &target.uid)])?;
    let stack: Stack = context.cloud66().await?.fetch(&request).await?.view()?;
    let address = if site { site_of(&stack)? } else { page_of(&context.api_url(), &target.uid)? };
    let at_terminal = !print && context.printer.is_for_people() && context.printer.stdout_is_terminal();
    if at_terminal && context.sandboxed {
        context.printer.note("sandbox stacks have no web page; nothing opened");
    } else if at_terminal {
        context.printer.progress(&format!("opening {address}"));
        if open::that_detached(&address).is_ok() {
            return Ok(());
        }
        context.printer.warn("cannot start a browser");
    }
    print_address(context, &address)
}

fn print_address(context: &Context, address: &str) -> Result<()> {
    if context.printer.is_structured() {
        context.printer.document(Document::from_value(&json!({ "url": address })))?;
    } else {
        context.printer.texts("url", &[address.to_owned()])?;
    }
    context.printer.flush()
}

/// The stack's page. In the documentation its path has an id that the API does not return; the UID is used instead.
fn page_of(api_url: &str, uid: &str) -> Result<String> {
    web_address(&format!("{}/stacks/{uid}", api_url.trim_end_matches('/')))
}

fn site_of(stack: &Stack) -> Result<String> {
    let given = [&stack.application_address, &stack.fqdn].into_iter().flatten().find(|address| !address.is_empty());
    let Some(address) = given else {
        return Err(Error::not_found(format!("{} has no address yet", sanitize(&stack.label())))
            .hint("it gets one with its first deployment; omit --site to open its Cloud 66 page"));
    };
    // A plain name is opened with http: a site with a certificate redirects to https, one without supports only this.
    if address.contains("://") { web_address(address) } else { web_address(&format!("http://{address}")) }
}

/// Checks that the address is a plain web address, which no launcher or shell could misread.
fn web_address(address: &str) -> Result<String> {
    let rest = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"));
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_:/~".contains(letter);
    match rest {
        Some(rest) if rest.starts_with(|first: char| first.is_ascii_alphanumeric()) && rest.chars().all(is_plain) => {
            Ok(address.to_owned())
        }
        _ => Err(Error::new(Kind::BadReply, format!("invalid web address `{}`", sanitize(address)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_web_addresses_are_opened() {
        for good in ["http://shop.example.com", "https://shop.example.com:8443/a/b", "http://10.0.0.1/~x"] {
            assert_eq!(web_address(good).ok().as_deref(), Some(good));
        }
        for bad in [
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://",
            "http://-x",
            "http://a b",
            "http://a&calc",
            "http://a;x",
            "http://a%COMSPEC%",
            "http://a\"",
            "http://$(x)",
            "http://a\n",
            "-o",
        ] {
            assert!(web_address(bad).is_err(), "{bad}");
        }
    }
}
