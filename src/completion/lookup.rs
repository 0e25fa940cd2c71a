//! Looks up names in the API, for as long as the user does not notice.

use std::cell::OnceCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::line::ParsedLine;
use crate::args::StackArgs;
use crate::cloud66::endpoints::ACCOUNTS_LIST;
use crate::cloud66::fields::Fields;
use crate::cloud66::{Cloud66, api_root, request};
use crate::commands::context::checkout::Checkout;
use crate::commands::context::stack_match::{self, StackRef, repository};
use crate::commands::context::{Context, stack_cache};
use crate::config::{ProcessEnv, Provider, Secret, SettingKey, Settings, paths};
use crate::error::{Error, Result};
use crate::http::endpoint::Endpoint;
use crate::name_cache::{NameCache, NameRows};
use crate::output::{Printer, PrinterOptions};
use crate::resource::find;
use crate::text::parse::parse_duration;

/// Time limit for names; with the start of the program and of the shell's own work it stays below 300 ms.
const LIMIT: Duration = Duration::from_millis(250);

/// A context that prints nothing and never prompts.
pub(super) fn silent_context(settings: Settings, sandboxed: bool) -> Context {
    let printer = Rc::new(Printer::silent(PrinterOptions::default(), Box::new(std::io::sink())));
    Context::new(printer, settings, sandboxed, false, String::new(), Rc::default())
}

/// The settings and API of a look-up.
pub(super) struct Lookup {
    context: Context,
    name_cache: NameCache,
    token: Option<Secret>,
    client: OnceCell<Cloud66>,
}

impl Lookup {
    /// Resolves the settings as the command would, but without prompts: a `token_command` may ask for a password or a
    /// fingerprint, so it is not run, and then there are no names.
    pub(super) fn new(settings: Settings, sandboxed: bool) -> Result<Self> {
        let context = silent_context(settings, sandboxed);
        let settings = &context.settings;
        if sandboxed {
            let state = paths::sandbox_state(settings.variables())?.display().to_string();
            return Ok(Self::of(context, ["sandbox".to_owned(), String::new(), state], None));
        }
        if settings.provider() != Provider::Cloud66 {
            return Err(Error::usage("the profile is for another API"));
        }
        let token = settings.token_without_command()?;
        let account = settings.get(SettingKey::Account).map(|account| account.text.to_owned()).unwrap_or_default();
        let cache_scope = [api_root(&context.api_url()), account, token.expose().to_owned()];
        Ok(Self::of(context, cache_scope, Some(token)))
    }

    fn of(context: Context, cache_scope: [String; 3], token: Option<Secret>) -> Self {
        let name_cache = NameCache::new(&context.settings, cache_scope);
        Self { context, name_cache, token, client: OnceCell::new() }
    }

    async fn client(&self) -> Result<&Cloud66> {
        let Some(token) = &self.token else { return self.context.cloud66().await };
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self.context.client_for(&self.context.api_url(), token)?;
        Ok(self.client.get_or_init(|| client))
    }

    /// These fields of every item of `endpoint`, one row each; a missing field is an empty string.
    pub(super) async fn rows(
        &self,
        endpoint: &'static Endpoint,
        parts: &[(&str, &str)],
        fields: &[&str],
    ) -> Result<NameRows> {
        let mut cache_key = vec![endpoint.id];
        cache_key.extend(parts.iter().map(|(_, part)| part));
        cache_key.extend(fields);
        self.name_cache.get_or_fetch(&cache_key, self.fetch(endpoint, parts, fields)).await
    }

    async fn fetch(&self, endpoint: &'static Endpoint, parts: &[(&str, &str)], fields: &[&str]) -> Result<NameRows> {
        let items = self.client().await?.fetch_all(request(endpoint, parts)?).await?;
        let row = |item: Fields| -> Vec<String> {
            fields
                .iter()
                .map(|field| (*field, item.text(field).unwrap_or_default()))
                .map(|(field, text)| if field == "git" { repository(&text) } else { text })
                .collect()
        };
        items.iter().map(|item| Ok(row(item.view()?))).collect()
    }

    /// Every stack, with the fields that choose one.
    pub(super) async fn stacks(&self) -> Result<Vec<StackRef>> {
        let fetch = async { Ok(stack_cache::to_rows(&stack_cache::fetch(self.client().await?).await?)) };
        self.name_cache.get_or_fetch(&stack_cache::CACHE_KEY, fetch).await.map(stack_cache::from_rows)
    }

    /// The environment of the stack that the command would use.
    pub(super) async fn environment(&self, args: &StackArgs) -> Result<Option<String>> {
        let uid = self.stack(args).await?;
        let stack = self.stacks().await?.into_iter().find(|target| target.uid == uid).and_then(|target| target.stack);
        Ok(stack.and_then(|stack| stack.environment))
    }

    /// The number of the account that the command would use: that of `--account`, else the current or the only one.
    pub(super) async fn account(&self) -> Result<String> {
        if let Some(number) = self.context.chosen_account() {
            return Ok(number);
        }
        let wanted = self.context.wanted_account().map(|name| find::folded(&name));
        let rows = self.rows(&ACCOUNTS_LIST, &[], &["id", "current_account", "friendly_name", "owner"]).await?;
        let is_meant = |row: &&Vec<String>| match &wanted {
            Some(wanted) => row[2..].iter().any(|name| find::folded(name) == *wanted),
            None => row[1] == "true" || rows.len() == 1,
        };
        let found = rows.iter().find(is_meant).and_then(|row| row.first());
        found.cloned().ok_or_else(|| Error::not_found("no account"))
    }

    /// The UID of the stack that the command would use.
    pub(super) async fn stack(&self, args: &StackArgs) -> Result<String> {
        let Some(wanted) = self.context.stack_name(args) else {
            let checkout = self.context.folder.as_deref().and_then(Checkout::around);
            let checkout = checkout.ok_or_else(|| Error::usage("no stack specified"))?;
            return stack_match::of_checkout(&self.stacks().await?, &checkout.remotes, &checkout.branch)
                .map(|target| target.uid)
                .ok_or_else(|| Error::usage("no stack specified"));
        };
        if find::is_uid(&wanted) {
            return Ok(wanted);
        }
        self.context.choose_stack(&self.stacks().await?, &wanted, args).map(|target| target.uid)
    }
}

/// Runs a look-up until it ends, or its time limit since `began` is reached.
pub(super) fn with_deadline<T>(
    began: Instant,
    settings: &Settings,
    look: impl Future<Output = Result<T>>,
) -> Option<T> {
    let limit =
        settings.variables().get("C66_COMPLETION_TIMEOUT").ok().flatten().and_then(|text| parse_duration(text).ok());
    let left = limit.unwrap_or(LIMIT).saturating_sub(began.elapsed());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let found = runtime.block_on(async { tokio::time::timeout(left, look).await });
    // Do not wait for background work such as DNS look-ups.
    runtime.shutdown_background();
    found.ok()?.ok()
}

/// The settings for the line, and whether it is for the sandbox.
pub(super) fn settings_of(parsed: &ParsedLine) -> Option<(Settings, bool)> {
    let variables = ProcessEnv::from_process();
    let sandboxed = parsed.globals.sandbox || variables.flag("C66_SANDBOX").unwrap_or(false);
    let mut overrides = parsed.globals.overrides();
    overrides.set(SettingKey::NoInput, "true");
    if parsed.path().first() == Some(&"cloudmc") {
        overrides.for_cloudmc();
    }
    let folder = std::env::current_dir().ok();
    Some((Settings::resolve(&overrides, variables, folder.as_deref()).ok()?, sandboxed))
}
