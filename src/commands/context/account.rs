//! The account of `--account`: a number, or the name of an account, which is looked up.

use super::Context;
use crate::cloud66::endpoints::{self, ACCOUNTS_LIST};
use crate::cloud66::envelope::Document;
use crate::cloud66::users::Account;
use crate::cloud66::{Cloud66, request};
use crate::config::{Origin, Secret, SettingKey};
use crate::error::{Error, Kind, Result};
use crate::http::endpoint::Endpoint;
use crate::resource::find::{folded, suggestions};
use crate::text::quote::shell_quote;

impl Context {
    /// A client for the account of `--account`. For a name, the accounts are listed first, with a client for none.
    pub(super) async fn client_for_account(&self, api_url: &str, token: &Secret) -> Result<Cloud66> {
        let Some(wanted) = self.wanted_account().filter(|wanted| wanted.parse::<u64>().is_err()) else {
            return self.client_for(api_url, token);
        };
        let client = Cloud66::new(self.transport_for_account(api_url, Some(token), None)?);
        let documents = client.fetch_all(request(&ACCOUNTS_LIST, &[])?).await?;
        let accounts: Vec<Account> = documents.iter().map(Document::view).collect::<Result<_>>()?;
        let id = choose(&accounts, &wanted)?.to_string();
        let client = Cloud66::new(self.transport_for_account(api_url, Some(token), Some(&id))?);
        // It is resolved once.
        let _ = self.account_id.set(id);
        Ok(client)
    }

    /// The account of `--account` as it was written; an empty one is none, whatever the files say.
    pub(crate) fn wanted_account(&self) -> Option<String> {
        let account = self.settings.get(SettingKey::Account)?;
        Some(account.text.to_owned()).filter(|account| !account.is_empty())
    }

    /// The number of the account of `--account`, once the client exists.
    pub(crate) fn chosen_account(&self) -> Option<String> {
        let given = self.wanted_account()?;
        self.account_id.get().cloned().or_else(|| given.parse::<u64>().ok().map(|_| given))
    }

    /// Whether the error says that the API does not know the account of `--account`.
    pub(super) fn is_unknown_account(&self, error: &Error) -> bool {
        let Some(wanted) = self.wanted_account().filter(|_| error.kind() == Kind::NotFound) else { return false };
        let request = error.failed_request().map(|request| request.request.as_str()).unwrap_or_default();
        let (method, path) = request.split_once(' ').unwrap_or_default();
        let cause = error.cause_text().unwrap_or_default();
        // Nothing else can be missing for a read of a path without an ID.
        let is_fixed = |row: &&Endpoint| !row.path.contains('{') && row.match_path(path).is_some();
        error.message() == not_found(&wanted)
            || error.message().starts_with("not found: ") && method == "GET" && endpoints::ALL.iter().any(is_fixed)
            || cause.to_lowercase().contains("account") && names_number(cause, &wanted)
    }

    /// The error for an unknown account. Its hint works without the account, wherever that is set.
    pub(super) fn unknown_account(&self, error: Error) -> Error {
        let wanted = self.wanted_account().unwrap_or_default();
        let globals = self.global_flags.replace(&format!(" --account {}", shell_quote(&wanted)), "");
        let is_flag =
            self.settings.get(SettingKey::Account).is_some_and(|account| matches!(account.origin, Origin::Flag(_)));
        let list = format!("c66{globals}{} accounts list", if is_flag { "" } else { " --account=" });
        let is_command = |hint: &str| hint.starts_with("c66 ");
        let mut error = error.with_message(not_found(&wanted));
        if !error.hints().iter().any(|hint| is_command(hint)) {
            error = error.hint("c66 accounts list");
        }
        error.map_hints(|hint| if is_command(hint) { list.clone() } else { hint.to_owned() })
    }
}

fn not_found(account: &str) -> String {
    format!("account `{account}` not found")
}

/// Whether a number stands in a text as a whole.
fn names_number(text: &str, number: &str) -> bool {
    text.split(|letter: char| !letter.is_ascii_digit()).any(|part| part == number)
}

/// Finds an account by its name or its owner.
fn choose(accounts: &[Account], wanted: &str) -> Result<u64> {
    let names = |account: &Account| [account.friendly_name.clone(), account.owner.clone()];
    let is_it = |account: &&Account| names(account).into_iter().flatten().any(|name| folded(&name) == folded(wanted));
    let found: Vec<&Account> = accounts.iter().filter(is_it).collect();
    let id = |account: &Account| {
        account.id.ok_or_else(|| Error::new(Kind::BadReply, "the API returned an account without an id"))
    };
    match found.as_slice() {
        [account] => id(account),
        [] => {
            let all: Vec<String> = accounts.iter().flat_map(names).flatten().collect();
            let mut error = Error::not_found(not_found(wanted));
            for near in suggestions(wanted, all.iter().map(String::as_str)) {
                error = error.hint(format!("did you mean `{near}`?"));
            }
            Err(error.hint("c66 accounts list"))
        }
        several => {
            let ids: Vec<String> = several.iter().filter_map(|account| account.id).map(|id| id.to_string()).collect();
            Err(Error::usage(format!("`{wanted}` matches {} accounts", several.len()))
                .cause(ids.join("\n"))
                .hint("pass --account ID"))
        }
    }
}
