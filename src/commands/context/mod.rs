//! What every command uses: the streams, the settings, a client on demand, and the chosen stack.
mod account;
mod check_with;
pub(crate) mod checkout;
mod confirm;
mod hints;
pub(crate) mod stack;
pub(crate) mod stack_cache;
pub(crate) mod stack_match;
pub(crate) mod stack_requests;
pub(crate) mod watching;

use std::cell::{OnceCell, RefCell};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use crate::args::PollArgs;
use crate::cloud66::{self, Cloud66};
use crate::cloudmc::CloudMc;
use crate::commands::context::stack_match::StackRef;
use crate::commands::context::watching::Watching;
use crate::config::edit::EditTarget;
use crate::config::{Provider, Secret, SettingKey, Settings, TokenSource, keys, paths};
use crate::error::{Error, Kind, Result};
use crate::files::lock::LockWait;
use crate::http::client::parse_root;
use crate::http::rate_limit::RateLimiter;
use crate::http::{Credential, HttpOptions, Transport};
use crate::name_cache::NameCache;
use crate::output::Printer;
use crate::resource::verb::Asks;
use crate::sandbox;
use crate::signals::Signals;
use crate::wait::pace::PollInterval;
use crate::wait::{WaitOptions, Waiter};

/// Default timeout for stack actions.
pub(crate) const ACTION_TIMEOUT: Duration = Duration::from_secs(30 * 60);
/// Default timeout for deployments.
pub(crate) const DEPLOYMENT_TIMEOUT: Duration = Duration::from_secs(2 * 60 * 60);

/// What every command uses.
pub(crate) struct Context {
    /// Both output streams.
    pub(crate) printer: Rc<Printer>,
    /// Every setting with its origin.
    pub(crate) settings: Settings,
    /// Ctrl-C, SIGTERM and SIGHUP.
    pub(crate) signals: Rc<Signals>,
    /// Whether the API is the sandbox.
    pub(crate) sandboxed: bool,
    /// `--wait-if-throttled`.
    pub(crate) wait_if_throttled: bool,
    /// The flags that a hinted command needs to reach the same API or account, each after a space.
    pub(crate) global_flags: String,
    /// The current folder at the start.
    pub(crate) folder: Option<PathBuf>,
    /// How the command asks before a write.
    asks: Asks,
    /// The memory of `--watch`.
    pub(crate) watching: Watching,
    client: OnceCell<(Cloud66, TokenSource)>,
    /// The name cache of this client; not used for the sandbox.
    name_cache: OnceCell<NameCache>,
    /// The number of the account, if it was chosen by name.
    account_id: OnceCell<String>,
    pub(super) cloudmc: OnceCell<(CloudMc, TokenSource)>,
    /// The stack of the command, once it is known.
    chosen: RefCell<Option<StackRef>>,
}

impl Context {
    /// Creates a context; no request has been sent yet.
    pub(crate) fn new(
        printer: Rc<Printer>,
        settings: Settings,
        sandboxed: bool,
        wait_if_throttled: bool,
        global_flags: String,
        signals: Rc<Signals>,
    ) -> Self {
        Self {
            global_flags,
            printer,
            settings,
            signals,
            sandboxed,
            wait_if_throttled,
            folder: std::env::current_dir().ok(),
            asks: Asks::default(),
            watching: Watching::default(),
            client: OnceCell::new(),
            name_cache: OnceCell::new(),
            account_id: OnceCell::new(),
            cloudmc: OnceCell::new(),
            chosen: RefCell::default(),
        }
    }

    /// The context of a command that asks so before a write.
    pub(crate) fn asking(self, asks: Asks) -> Self {
        Self { asks, ..self }
    }

    /// The client of the API, created on first use.
    pub(crate) async fn cloud66(&self) -> Result<&Cloud66> {
        Ok(&self.client().await?.0)
    }

    /// Adds the source of a rejected token, how to check a write that may have been done, and the stack; names what was
    /// not found, and completes the commands in the hints.
    pub(crate) fn with_origin_hint(&self, error: Error) -> Error {
        self.complete(self.with_source_and_check(error))
    }

    fn with_source_and_check(&self, error: Error) -> Error {
        let error = match self.check_hint(&error).filter(|_| error.may_have_been_done()) {
            Some(hint) => error.hint(hint),
            None => error,
        };
        let error = match self.accepted_hint(&error) {
            Some(hint) => error.hint(hint).maybe_done(),
            None => error,
        };
        let token = self.client.get().map(|(_, source)| ("token", source));
        match token.or(self.cloudmc.get().map(|(_, source)| ("API key", source))) {
            Some((what, source)) => Self::with_credential_origin(error, what, source),
            None => error,
        }
    }

    /// The same for a token or key (`what`) from `source`, such as `from stdin`.
    pub(crate) fn with_credential_origin(error: Error, what: &str, source: &impl Display) -> Error {
        if !matches!(error.kind(), Kind::Auth | Kind::ScopeMissing) {
            return error;
        }
        let said = error.cause_text().map(|why| format!("{why}\n")).unwrap_or_default();
        error.cause(format!("{said}the {what} comes {source}"))
    }

    /// The source of the client's token.
    pub(crate) async fn token_source(&self) -> Result<&TokenSource> {
        Ok(&self.client().await?.1)
    }

    async fn client(&self) -> Result<&(Cloud66, TokenSource)> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let (url, token, source) = if self.sandboxed {
            let token = Secret::new(sandbox::TOKEN, &TokenSource::Sandbox)?;
            (self.start_sandbox().await?, token, TokenSource::Sandbox)
        } else {
            if self.settings.provider() != Provider::Cloud66 {
                let profile = self.settings.profile_name();
                return Err(Error::usage(format!("profile {profile} is not for Cloud 66"))
                    .hint("choose another with --profile NAME; see c66 profiles list"));
            }
            let (token, source) = self.settings.token()?;
            (self.api_url(), token, source)
        };
        let client = self.client_for_account(&url, &token).await?;
        if !self.sandboxed {
            let account =
                self.settings.get(SettingKey::Account).map(|account| account.text.to_owned()).unwrap_or_default();
            let scope = [cloud66::api_root(&url), account, token.expose().to_owned()];
            self.name_cache.get_or_init(|| NameCache::new(&self.settings, scope));
        }
        Ok(self.client.get_or_init(|| (client, source)))
    }

    /// The request limit of the API in use, if a client was made.
    pub(crate) fn rate_limiter(&self) -> Option<&RateLimiter> {
        let cloud66 = self.client.get().map(|(client, _)| client.transport());
        let transport = cloud66.or_else(|| self.cloudmc.get().map(|(client, _)| client.transport()));
        transport.map(Transport::rate_limiter)
    }

    /// The name cache of the API, if there is one.
    pub(crate) async fn name_cache(&self) -> Result<Option<&NameCache>> {
        self.client().await?;
        Ok(self.name_cache.get())
    }

    /// A client for `api_url` with `token`.
    pub(crate) fn client_for(&self, api_url: &str, token: &Secret) -> Result<Cloud66> {
        self.transport_for(api_url, Some(token)).map(Cloud66::new)
    }

    /// A transport to `api_url` with `token`, or without one.
    pub(crate) fn transport_for(&self, api_url: &str, token: Option<&Secret>) -> Result<Transport> {
        self.transport_for_account(api_url, token, self.wanted_account().as_deref())
    }

    /// The same for another account, or for none.
    fn transport_for_account(&self, api_url: &str, token: Option<&Secret>, account: Option<&str>) -> Result<Transport> {
        if let Some(token) = token {
            self.printer.add_credential(token.expose());
        }
        // Checked as it was written, so that an error quotes that.
        parse_root(api_url)?;
        Transport::new(
            &cloud66::api_root(api_url),
            cloud66::api_rules(account)?,
            token.map(|token| Credential::bearer(token.expose())).transpose()?,
            self.options()?,
            Rc::clone(&self.printer),
        )
    }

    /// A transport to the site of the API, before login.
    pub(crate) fn oauth_transport(&self) -> Result<Transport> {
        let root = cloud66::api_root(&self.api_url());
        Transport::new(
            cloud66::oauth::site(&root),
            cloud66::api_rules(None)?,
            None,
            self.options()?,
            Rc::clone(&self.printer),
        )
    }

    /// Address of the API, as configured.
    pub(crate) fn api_url(&self) -> String {
        let set = self.settings.get(SettingKey::ApiUrl).map(|url| url.text);
        set.or(keys::API_URL.def.default(Provider::Cloud66)).unwrap_or_default().to_owned()
    }

    /// The setting that refuses writes, such as `C66_READ_ONLY`, if there is one.
    pub(crate) fn read_only(&self) -> Result<Option<String>> {
        let set = self.settings.required(&keys::READ_ONLY)?;
        Ok(self.settings.get(SettingKey::ReadOnly).filter(|_| set).map(|value| value.origin.to_string()))
    }

    /// Refuses `what`, such as `the private key of a server`, in read-only mode.
    pub(crate) fn refuse_if_read_only(&self, what: &str) -> Result<()> {
        match self.read_only()? {
            Some(origin) => Err(Error::read_only(what, &origin)),
            None => Ok(()),
        }
    }

    pub(super) fn options(&self) -> Result<HttpOptions> {
        let settings = &self.settings;
        let variables = settings.variables();
        Ok(HttpOptions {
            connect_timeout: settings.required(&keys::CONNECT_TIMEOUT)?,
            http_timeout: settings.required(&keys::HTTP_TIMEOUT)?,
            ca_cert: settings.value(&keys::CA_CERT)?,
            roots_from_env: ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| variables.get_os(name).is_some()),
            wait_if_throttled: self.wait_if_throttled,
            read_only: self.read_only()?,
            concurrency: settings.required(&keys::CONCURRENCY)?.get(),
        })
    }

    /// How long to wait for the lock of a file, and how to tell the user.
    pub(crate) fn lock_wait(&self) -> Result<LockWait> {
        Ok(LockWait { limit: self.settings.required(&keys::HTTP_TIMEOUT)?, notice: Printer::warn_of_lock })
    }

    /// A settings file to change.
    pub(crate) fn for_editing<'p>(&self, path: &'p Path) -> Result<EditTarget<'p>> {
        Ok(EditTarget { path, wait: self.lock_wait()? })
    }

    /// Starts the sandbox in this process; returns its address.
    pub(crate) async fn start_sandbox(&self) -> Result<String> {
        let variables = self.settings.variables();
        let speed = match variables.get("C66_SANDBOX_SPEED")? {
            Some(text) => crate::args::parse_speed(text)
                .map_err(|why| Error::usage(format!("invalid C66_SANDBOX_SPEED `{text}`")).cause(why))?,
            None => 1.0,
        };
        let store = sandbox::Store::File(paths::sandbox_state(variables)?);
        let LockWait { limit, notice } = self.lock_wait()?;
        let options = sandbox::Options { store, speed, lock_timeout: limit, notice, ..Default::default() };
        let server = sandbox::Server::bind(0, options).await?;
        let url = server.url();
        tokio::spawn(server.run());
        Ok(url)
    }

    /// A waiter with the user's timeout, or `default`.
    pub(crate) async fn waiter(&self, args: &PollArgs, default: Duration) -> Result<Waiter<'_>> {
        self.waiter_over(self.cloud66().await?.transport(), args, default)
    }

    /// The same for either API.
    pub(crate) fn waiter_over<'w>(
        &'w self,
        transport: &'w Transport,
        args: &PollArgs,
        default: Duration,
    ) -> Result<Waiter<'w>> {
        let timeout = match args.timeout {
            Some(timeout) => timeout,
            None => self.settings.value(&keys::TIMEOUT)?.unwrap_or(default),
        };
        let interval = match args.poll_interval {
            Some(interval) => Some(interval),
            None => self.settings.value(&keys::POLL_INTERVAL)?,
        };
        Ok(Waiter {
            printer: &self.printer,
            signals: &self.signals,
            rate: transport.rate_limiter(),
            is_reported: false,
            options: WaitOptions {
                timeout: Some(timeout).filter(|timeout| !timeout.is_zero()),
                poll_interval: PollInterval { interval, ..PollInterval::default() },
            },
        })
    }
}
