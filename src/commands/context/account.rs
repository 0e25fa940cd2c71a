//! The account of `--account`: a number, or the name of an account, which is looked up.

use super::Context;
use crate::cloud66::endpoints::ACCOUNTS_LIST;
use crate::cloud66::envelope::Document;
use crate::cloud66::users::Account;
use crate::cloud66::{Cloud66, request};
use crate::config::{Secret, SettingKey};
use crate::error::{Error, Kind, Result};
use crate::resource::find::{folded, suggestions};

impl Context {
    /// A client for the account of `--account`. For a name, the accounts are listed first, with a client for none.
    pub(super) async fn client_for_account(&self, api_url: &str, token: &Secret) -> Result<Cloud66> {
        let wanted = self.settings.get(SettingKey::Account).map(|account| account.text.to_owned());
        let Some(wanted) = wanted.filter(|wanted| wanted.parse::<u64>().is_err()) else {
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

    /// The number of the account of `--account`, once the client exists.
    pub(crate) fn chosen_account(&self) -> Option<String> {
        let given = self.settings.get(SettingKey::Account)?.text.to_owned();
        self.account_id.get().cloned().or_else(|| given.parse::<u64>().ok().map(|_| given))
    }
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
            let mut error = Error::not_found(format!("account `{wanted}` not found"));
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
