//! Which stack a command is about.

use crate::args::StackArgs;
use crate::cloud66;
use crate::cloud66::endpoints::STACKS_SHOW;
use crate::commands::context::Context;
use crate::commands::context::checkout::Checkout;
use crate::commands::context::stack_match::{self, StackRef};
use crate::config::SettingKey;
use crate::error::{Error, Kind, Result};
use crate::resource::find;

impl Context {
    /// The stack that is meant. A UID is taken as it is unless `details` are wanted; a name is looked up.
    pub(crate) async fn stack(&self, args: &StackArgs, details: bool) -> Result<StackRef> {
        let Some(wanted) = self.stack_name(args) else {
            return self.default_stack().await.map(|(found, _)| found);
        };
        if find::is_uid(&wanted) {
            return self.stack_of_uid(wanted, args.environment.as_deref(), details).await;
        }
        self.choose_stack(&self.fetch_stacks().await?, &wanted, args)
    }

    /// How the stack is named, by the command line or the settings.
    pub(crate) fn stack_name(&self, args: &StackArgs) -> Option<String> {
        args.stack.clone().or_else(|| self.settings.get(SettingKey::Stack).map(|setting| setting.text.to_owned()))
    }

    /// The one of `stacks` that `wanted` stands for, in the environment that was named or is configured.
    pub(crate) fn choose_stack(&self, stacks: &[StackRef], wanted: &str, args: &StackArgs) -> Result<StackRef> {
        let setting = self.settings.get(SettingKey::Environment);
        let in_file = setting.as_ref().is_some_and(|setting| !setting.origin.is_explicit());
        let environment = args.environment.clone().or_else(|| setting.map(|setting| setting.text.to_owned()));
        match stack_match::choose(stacks, wanted, environment.as_deref()) {
            // What lies in a file is a preference: it must not hide a stack that was named here and now.
            Err(error) if error.kind() == Kind::NotFound && args.environment.is_none() && in_file => {
                stack_match::choose(stacks, wanted, None)
            }
            Err(error) if self.sandboxed && environment.is_none() && error.kind() == Kind::AmbiguousStack => {
                self.sandbox_stack(stacks, wanted, error)
            }
            chosen => chosen,
        }
    }

    /// A UID needs no look-up; an environment named beside it is a condition, and is checked.
    async fn stack_of_uid(&self, uid: String, environment: Option<&str>, details: bool) -> Result<StackRef> {
        if !details && environment.is_none() {
            return Ok(StackRef { uid, stack: None });
        }
        let request = cloud66::request(&STACKS_SHOW, &[("stack_id", &uid)])?;
        let shown = self.cloud66().await?.fetch(&request).await.map_err(|error| match error.kind() {
            Kind::NotFound => Error::not_found(format!("there is no stack `{uid}`")).hint("c66 stacks list"),
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

    /// In the private sandbox nothing can be hurt, and the first thing people try is the documents' own stack by its
    /// name alone: of stacks of one name, production is taken. A real account is never decided for.
    fn sandbox_stack(&self, stacks: &[StackRef], wanted: &str, ambiguous: Error) -> Result<StackRef> {
        let found = stack_match::choose(stacks, wanted, Some("production")).map_err(|_| ambiguous)?;
        self.printer.note(&format!("several stacks are called {wanted}; the sandbox takes {}", found.label()));
        Ok(found)
    }

    /// The stack to link a folder to, and all there are: what is configured already does not count.
    pub(crate) async fn stack_to_link(&self, args: &StackArgs) -> Result<(StackRef, Vec<StackRef>)> {
        let environment = args.environment.as_deref();
        if let Some(wanted) = &args.stack {
            let stacks = self.fetch_stacks().await?;
            return Ok((stack_match::choose(&stacks, wanted, environment)?, stacks));
        }
        let (found, stacks) = self.default_stack().await?;
        match environment {
            Some(wanted) if !found.is_in(wanted) => {
                Err(Error::not_found(format!("{} is not in environment `{wanted}`", found.label())))
            }
            _ => Ok((found, stacks)),
        }
    }

    /// The stack of this checkout, or the one a person picks; and all there are.
    async fn default_stack(&self) -> Result<(StackRef, Vec<StackRef>)> {
        let unnamed = || {
            Error::usage("which stack? None was named")
                .hint("--stack NAME names it; so do C66_STACK and `stack` in .c66.toml or a profile")
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
        let labels: Vec<String> = stacks.iter().map(StackRef::label).collect();
        let answer = prompter.choice("Which stack?", &labels)?;
        let numbered = answer.parse::<usize>().ok().and_then(|number| stacks.get(number.checked_sub(1)?));
        let picked = match numbered {
            Some(picked) => picked.clone(),
            None => stack_match::choose(&stacks, &answer, None)?,
        };
        self.printer.note(&format!("next time: {}", picked.flag()));
        Ok((picked, stacks))
    }
}
