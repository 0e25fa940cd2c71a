//! Chooses the stack of a command.

use crate::args::StackArgs;
use crate::cloud66;
use crate::cloud66::endpoints::STACKS_SHOW;
use crate::commands::context::Context;
use crate::commands::context::checkout::Checkout;
use crate::commands::context::stack_match::{self, StackRef};
use crate::config::SettingKey;
use crate::error::{Error, Kind, Result};
use crate::resource::find;
use crate::text::quote::shell_quote;

impl Context {
    /// The chosen stack. A UID is used unchanged unless `details` are wanted; a name is looked up.
    pub(crate) async fn stack(&self, args: &StackArgs, details: bool) -> Result<StackRef> {
        let choice = (self.stack_name(args), args.environment.clone());
        if let Some(known) = self.watching.stack(&choice) {
            return Ok(known);
        }
        let target = self.look_up_stack(args, details).await?;
        self.watching.remember(choice, &target);
        self.chosen.replace(Some(target.clone()));
        Ok(target)
    }

    async fn look_up_stack(&self, args: &StackArgs, details: bool) -> Result<StackRef> {
        let Some(wanted) = self.stack_name(args) else {
            return self.default_stack(args.environment.as_deref()).await.map(|(found, _)| found);
        };
        if find::is_uid(&wanted) {
            return self.stack_of_uid(wanted, args.environment.as_deref(), details).await;
        }
        self.choose_stack(&self.fetch_stacks().await?, &wanted, args)
    }

    /// The name of the stack, from the command line or the settings.
    pub(crate) fn stack_name(&self, args: &StackArgs) -> Option<String> {
        args.stack.clone().or_else(|| self.settings.get(SettingKey::Stack).map(|setting| setting.text.to_owned()))
    }

    /// Finds `wanted` among `stacks`, in the given or configured environment.
    pub(crate) fn choose_stack(&self, stacks: &[StackRef], wanted: &str, args: &StackArgs) -> Result<StackRef> {
        let setting = self.settings.get(SettingKey::Environment);
        let in_file = setting.as_ref().is_some_and(|setting| !setting.origin.is_explicit());
        let environment = args.environment.clone().or_else(|| setting.map(|setting| setting.text.to_owned()));
        match stack_match::choose(stacks, wanted, environment.as_deref()) {
            // A value from a file is a preference: it must not hide a stack that was named on the command line.
            Err(error) if error.kind() == Kind::NotFound && args.environment.is_none() && in_file => {
                stack_match::choose(stacks, wanted, None)
            }
            chosen => chosen,
        }
    }

    /// A UID needs no look-up; an environment given with it is checked.
    async fn stack_of_uid(&self, uid: String, environment: Option<&str>, details: bool) -> Result<StackRef> {
        if !details && environment.is_none() {
            return Ok(StackRef { uid, stack: None, name: None });
        }
        let request = cloud66::request(&STACKS_SHOW, &[("stack_id", &uid)])?;
        let shown = self.cloud66().await?.fetch(&request).await.map_err(|error| match error.kind() {
            Kind::NotFound => Error::not_found(format!("stack `{uid}` not found")).hint("c66 stacks list"),
            _ => error,
        })?;
        let target = StackRef::try_from(&shown)?;
        match environment {
            Some(wanted) if !target.is_in(wanted) => {
                Err(Error::not_found(format!("{} is not in environment `{wanted}`", target.label())))
            }
            _ => Ok(target),
        }
    }

    /// The stack to link a folder to, and all stacks: the configuration does not count.
    pub(crate) async fn stack_to_link(&self, args: &StackArgs) -> Result<(StackRef, Vec<StackRef>)> {
        let environment = args.environment.as_deref();
        if let Some(wanted) = &args.stack {
            let stacks = self.fetch_stacks().await?;
            return Ok((stack_match::choose(&stacks, wanted, environment)?, stacks));
        }
        let (found, stacks) = self.default_stack(environment).await?;
        match environment {
            Some(wanted) if !found.is_in(wanted) => {
                Err(Error::not_found(format!("{} is not in environment `{wanted}`", found.label())))
            }
            _ => Ok((found, stacks)),
        }
    }

    /// The stack of this checkout, or the one the user picks, in an environment if one is given; and all stacks.
    async fn default_stack(&self, environment: Option<&str>) -> Result<(StackRef, Vec<StackRef>)> {
        let unnamed = || {
            Error::usage("no stack specified")
                .hint("pass --stack NAME, set C66_STACK, or run c66 link")
                .hint("c66 stacks list")
        };
        let checkout = self.folder.as_deref().and_then(Checkout::around).filter(|found| !found.remotes.is_empty());
        let prompter = self.prompter()?;
        if checkout.is_none() && !prompter.can_ask() {
            return Err(unnamed());
        }
        let stacks = self.fetch_stacks().await?;
        if let Some(found) =
            checkout.and_then(|checkout| stack_match::of_checkout(&stacks, &checkout.remotes, &checkout.branch))
        {
            self.printer.note(&format!("stack {} (from the git remote and branch here)", found.label()));
            return Ok((found, stacks));
        }
        if !prompter.can_ask() || stacks.is_empty() {
            return Err(unnamed());
        }
        let offered: Vec<&StackRef> =
            stacks.iter().filter(|target| environment.is_none_or(|wanted| target.is_in(wanted))).collect();
        if offered.is_empty() {
            let wanted = environment.unwrap_or_default();
            return Err(Error::not_found(format!("no stacks in environment `{wanted}`")).hint("c66 stacks list"));
        }
        let labels: Vec<String> = offered.iter().map(|target| target.label()).collect();
        let folded: Vec<String> = labels.iter().map(|label| find::folded(label)).collect();
        let fits = |typed: &str, index: usize| folded[index].contains(&find::folded(typed));
        let picked = offered[prompter.pick("Which stack?", &labels, &fits)?].clone();
        let name = stack_match::short_name(&stacks, &picked);
        self.printer.note(&format!("next time: c66 … -s {}", shell_quote(&name)));
        Ok((picked, stacks))
    }
}
