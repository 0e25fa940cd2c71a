//! The stacks of an account: requested, or cached for less than a minute.

use crate::args::StackArgs;
use crate::cloud66::endpoints::STACKS_LIST;
use crate::cloud66::stacks::Stack;
use crate::cloud66::{Cloud66, request};
use crate::commands::context::Context;
use crate::commands::context::stack_match::{StackRef, repository};
use crate::error::{Kind, Result};
use crate::name_cache::NameRows;
use crate::resource::find::{self, folded};

/// The key of the cached rows: the fields that choose a stack.
pub(crate) const CACHE_KEY: [&str; 6] = [STACKS_LIST.id, "uid", "name", "environment", "git", "git_branch"];

/// All stacks that the API has now.
pub(crate) async fn fetch(client: &Cloud66) -> Result<Vec<StackRef>> {
    client.fetch_all(request(&STACKS_LIST, &[])?).await?.iter().map(StackRef::try_from).collect()
}

/// The cached fields of stacks. The URL of a repository is stored without its user.
pub(crate) fn to_rows(stacks: &[StackRef]) -> NameRows {
    let row = |target: &StackRef| {
        let stack = target.stack.clone().unwrap_or_default();
        let git = stack.git.as_deref().map(repository);
        let texts = [stack.name, stack.environment, git, stack.git_branch].map(Option::unwrap_or_default);
        std::iter::once(target.uid.clone()).chain(texts).collect()
    };
    stacks.iter().map(row).collect()
}

/// Restores the stacks from cached rows.
pub(crate) fn from_rows(rows: NameRows) -> Vec<StackRef> {
    let target = |row: Vec<String>| {
        let mut texts = row.into_iter().map(|text| Some(text).filter(|text| !text.is_empty()));
        let mut next = || texts.next().flatten();
        let uid = next()?;
        let stack = Stack {
            uid: Some(uid.clone()),
            name: next(),
            environment: next(),
            git: next(),
            git_branch: next(),
            ..Stack::default()
        };
        Some(StackRef { uid, stack: Some(stack), name: None })
    };
    rows.into_iter().filter_map(target).collect()
}

impl Context {
    /// Reads something of the chosen stack.
    ///
    /// A name that was looked up less than a minute ago comes from the cache. If the API no longer has that stack, the
    /// name is looked up again, and `read` is called once more.
    pub(crate) async fn read_in_stack<T>(
        &self,
        args: &StackArgs,
        read: impl AsyncFn(&StackRef) -> Result<T>,
    ) -> Result<T> {
        let choice = (self.stack_name(args), args.environment.clone());
        let known = self.watching.stack(&choice);
        let Some(cached) = (if known.is_some() { known } else { self.cached_stack(args).await? }) else {
            return read(&self.stack(args, false).await?).await;
        };
        self.chosen.replace(Some(cached.clone()));
        match read(&cached).await {
            Err(error) if error.kind() == Kind::NotFound => {
                self.watching.forget(&choice);
                let found = self.stack(args, false).await?;
                if found.uid == cached.uid { Err(error) } else { read(&found).await }
            }
            outcome => outcome,
        }
    }

    /// The cached stack with exactly that name. A prefix may match another stack by now.
    async fn cached_stack(&self, args: &StackArgs) -> Result<Option<StackRef>> {
        let Some(wanted) = self.stack_name(args).filter(|wanted| !find::is_uid(wanted)) else { return Ok(None) };
        let Some(rows) = self.name_cache().await?.and_then(|name_cache| name_cache.get(&CACHE_KEY)) else {
            return Ok(None);
        };
        let found = self.choose_stack(&from_rows(rows), &wanted, args).ok();
        let is_called = |target: &StackRef| {
            let name = target.stack.as_ref().and_then(|stack| stack.name.clone()).unwrap_or_default();
            [name, target.label()].iter().any(|one| folded(one) == folded(&wanted))
        };
        let found = found.filter(is_called);
        if let Some(target) = &found
            && self.printer.options().debug > 0
        {
            let label = target.label();
            self.printer.trace(&format!("* {label} is {} (looked up less than a minute ago)", target.uid));
        }
        Ok(found)
    }

    /// Requests all stacks, and caches them.
    pub(crate) async fn fetch_stacks(&self) -> Result<Vec<StackRef>> {
        let stacks = fetch(self.cloud66().await?).await?;
        if let Some(name_cache) = self.name_cache().await? {
            name_cache.insert(&CACHE_KEY, &to_rows(&stacks));
        }
        Ok(stacks)
    }

    /// Clears the cached stacks: there is a new one.
    pub(crate) async fn clear_stack_cache(&self) -> Result<()> {
        if let Some(name_cache) = self.name_cache().await? {
            name_cache.remove(&CACHE_KEY);
        }
        Ok(())
    }
}
