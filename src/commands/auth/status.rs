//! `c66 auth status`: the accounts and known scopes of the token.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::context::Context;
use crate::args::ShowArgs;
use crate::cloud66::endpoints::{ACCOUNTS_LIST, CLOUDS_LIST, ENVIRONMENTS_LIST, STACKS_LIST};
use crate::cloud66::envelope::Document;
use crate::cloud66::{Cloud66, request};
use crate::error::{Kind, Result};
use crate::http::Request;
use crate::output::cell::{Cell, Tone};
use crate::resource::noun::Noun;
use crate::resource::show::{print_column_help_if_asked, show};
use crate::resource::{Column, Resource};

/// The status of the token.
pub(crate) struct Status;

#[derive(Deserialize)]
pub(crate) struct AuthStatus {
    profile: String,
    api_url: String,
    token_source: String,
    read_only: Option<String>,
    owners: Vec<String>,
    scopes: serde_json::Map<String, Value>,
    rate_limit: Option<u64>,
    rate_remaining: Option<u64>,
}

impl AuthStatus {
    fn scopes_that(&self, wanted: &Value) -> Cell {
        let names: Vec<&str> =
            self.scopes.iter().filter(|(_, known)| *known == wanted).map(|(name, _)| name.as_str()).collect();
        if names.is_empty() { Cell::Empty } else { Cell::Text(names.join(", ")) }
    }
}

impl Resource for Status {
    type View = AuthStatus;
    const NOUN: &'static Noun = &Noun::new::<Self>("status", "fields of the status");
    const COLUMNS: &'static [Column<AuthStatus>] = &[
        Column::text("profile", "current profile", |status| status.profile.as_str().into()),
        Column::text("api_url", "address of the API", |status| status.api_url.as_str().into()),
        Column::text("token", "source of the API token", |status| {
            Cell::State(format!("valid ({})", status.token_source), Tone::Good)
        }),
        Column::text("read_only", "whether writes are refused, and the origin of that", |status| {
            status.read_only.as_ref().map(|origin| format!("yes, set by {origin}")).into()
        }),
        Column::text("accounts", "owners of the token's accounts", |status| Cell::Text(status.owners.join(", "))),
        Column::text("scopes", "scopes of the token", |status| status.scopes_that(&Value::Bool(true))),
        Column::text("missing_scopes", "scopes the token lacks", |status| status.scopes_that(&Value::Bool(false))),
        Column::text("unknown_scopes", "scopes not known", |status| status.scopes_that(&Value::Null)),
        Column::text("rate", "requests left in this hour", |status| match (status.rate_remaining, status.rate_limit) {
            (Some(remaining), Some(limit)) => Cell::Text(format!("{remaining} of {limit} requests left in this hour")),
            _ => Cell::Empty,
        }),
    ];

    fn id(view: &AuthStatus) -> Option<String> {
        view.owners.first().cloned()
    }
}

pub(super) async fn status(context: &Context, args: &ShowArgs) -> Result<()> {
    if print_column_help_if_asked::<Status>(&context.printer, args)? {
        return Ok(());
    }
    let client = context.cloud66().await?;
    let source = context.token_source().await?;
    // One read for each scope that a read can test, in parallel.
    let (stacks, redeploy, accounts) = tokio::join!(
        probe(client, request(&STACKS_LIST, &[])?),
        probe(client, request(&CLOUDS_LIST, &[])?),
        client.fetch_all(request(&ACCOUNTS_LIST, &[])?),
    );
    let (owners, users) = match accounts {
        Ok(accounts) => (owners(&accounts), Some(true)),
        Err(error) if error.kind() == Kind::ScopeMissing => (Vec::new(), Some(false)),
        Err(error) => return Err(error),
    };
    let stacks = stacks?;
    let admin = match stacks.first_uid() {
        // A failure of this one stack says nothing about the token.
        Some(uid) => {
            let list = request(&ENVIRONMENTS_LIST, &[("stack_id", &uid)])?;
            probe(client, list).await.ok().and_then(|probe| probe.works())
        }
        None => None,
    };
    let budget = client.transport().rate_limiter().budget();
    let document = Document::from_value(&json!({
        "profile": context.settings.profile_name(),
        "api_url": client.transport().root().as_str(),
        "token_source": source.to_string(),
        "read_only": context.read_only()?,
        "owners": owners,
        // No documented operation needs `jobs`.
        "scopes": { "public": stacks.works(), "redeploy": redeploy?.works(), "users": users, "admin": admin },
        "rate_limit": budget.map(|budget| budget.limit),
        "rate_remaining": budget.map(|budget| budget.remaining),
    }));
    show::<Status>(&context.printer, args, document)
}

/// The result of testing a scope with a read.
pub(super) enum Probe {
    /// Allowed; the first page.
    Works(Vec<Document>),
    /// Denied.
    Refused,
    /// Unknown.
    Unknown,
}

impl Probe {
    /// Whether the token has the scope, if known.
    pub(super) fn works(&self) -> Option<bool> {
        match self {
            Probe::Works(_) => Some(true),
            Probe::Refused => Some(false),
            Probe::Unknown => None,
        }
    }

    fn first_uid(&self) -> Option<String> {
        #[derive(Deserialize)]
        struct Stack {
            uid: Option<String>,
        }
        let Probe::Works(stacks) = self else { return None };
        stacks.first()?.view::<Stack>().ok()?.uid.filter(|uid| !uid.is_empty())
    }
}

/// Reads the first page of a list.
pub(super) async fn probe(client: &Cloud66, list: Request) -> Result<Probe> {
    match client.pages(list, Some(1)).next().await {
        Ok(page) => Ok(Probe::Works(page.into_iter().flat_map(|page| page.items).map(Document::new).collect())),
        Err(error) if error.kind() == Kind::ScopeMissing => Ok(Probe::Refused),
        Err(error) if error.kind() == Kind::NotImplemented => Ok(Probe::Unknown),
        Err(error) => Err(error),
    }
}

fn owners(accounts: &[Document]) -> Vec<String> {
    #[derive(Deserialize)]
    struct Account {
        owner: Option<String>,
    }
    accounts.iter().filter_map(|account| account.view::<Account>().ok()?.owner).collect()
}
