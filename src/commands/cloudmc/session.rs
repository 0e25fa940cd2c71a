//! The client of a CloudMC, and its organization.

use std::rc::Rc;

use super::super::context::Context;
use super::args::OrgArgs;
use super::find;
use super::orgs::Organizations;
use crate::cloudmc::{CloudMc, KEY_HEADER, api_root, api_rules, is_uuid};
use crate::config::{Secret, SettingKey, TokenSource};
use crate::error::{Error, Result};
use crate::http::{Credential, Transport};
use crate::resource::Resource;
use crate::resource::find::named::NameMatch;
use crate::sandbox;
use crate::text::quote::shell_quote;

impl Context {
    /// The client of the CloudMC, for the organization of a flag or the configuration.
    pub(super) async fn cloudmc(&self, args: &OrgArgs) -> Result<&CloudMc> {
        let client = self.keyed_cloudmc().await?;
        self.set_organization_by_name(client, args).await?;
        Ok(client)
    }

    /// Sets the organization of a client, from a flag or the configuration.
    pub(crate) async fn set_organization_by_name(&self, client: &CloudMc, args: &OrgArgs) -> Result<()> {
        let setting = self.settings.get(SettingKey::Org);
        let wanted = args.org.as_deref().or(setting.map(|setting| setting.text));
        if let Some(wanted) = wanted.filter(|_| client.organization().is_none()) {
            let id = if is_uuid(wanted) {
                wanted.to_owned()
            } else {
                find::item(client, Organizations::NOUN, wanted, NameMatch::Folded).await?.id
            };
            client.set_organization(id);
        }
        Ok(())
    }

    /// The client of the CloudMC, for the key's own organization unless another is set.
    pub(crate) async fn keyed_cloudmc(&self) -> Result<&CloudMc> {
        if let Some((client, _)) = self.cloudmc.get() {
            return Ok(client);
        }
        let (endpoint, key, source) = if self.sandboxed {
            let key = Secret::new(sandbox::CLOUDMC_KEY, &TokenSource::Sandbox)?;
            (format!("{}{}", self.start_sandbox().await?, sandbox::CLOUDMC_ROOT), key, TokenSource::Sandbox)
        } else {
            let endpoint = self.cloudmc_endpoint(None)?;
            let (key, source) = self.settings.token()?;
            (endpoint, key, source)
        };
        let client = self.cloudmc_for(&endpoint, &key)?;
        Ok(&self.cloudmc.get_or_init(|| (client, source)).0)
    }

    /// The source of the client's key.
    pub(super) fn cloudmc_key_source(&self) -> Option<&TokenSource> {
        self.cloudmc.get().map(|(_, source)| source)
    }

    /// The root of the API: `named`, else the configured one.
    pub(crate) fn cloudmc_endpoint(&self, named: Option<&str>) -> Result<String> {
        let setting = self.settings.get(SettingKey::ApiUrl);
        match named.or(setting.map(|setting| setting.text)) {
            Some(endpoint) => api_root(endpoint),
            None => Err(Error::usage("no CloudMC endpoint configured")
                .hint("c66 cloudmc login --endpoint URL")
                .hint("or set CLOUDMC_ENDPOINT; the portal shows the address on the page \"API Credentials\"")
                .hint("c66 --sandbox cloudmc … needs none")),
        }
    }

    /// Creates a client for that root and key.
    pub(crate) fn cloudmc_for(&self, root: &str, key: &Secret) -> Result<CloudMc> {
        self.printer.add_credential(key.expose());
        let credential = Credential::header(KEY_HEADER, key.expose())?;
        let transport = Transport::new(root, api_rules(), Some(credential), self.options()?, Rc::clone(&self.printer))?;
        Ok(CloudMc::new(transport))
    }

    /// A command to run next, with the same global flags and organization.
    pub(super) fn cloudmc_command(&self, client: &CloudMc, words: &str) -> String {
        let organization = client.organization().map(|id| format!(" --org {}", shell_quote(id))).unwrap_or_default();
        format!("c66{} cloudmc {words}{organization}", self.global_flags)
    }
}
