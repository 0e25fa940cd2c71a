//! The logins of CX, Cloud 66's own tool, in the user's home: one per profile.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::token::{Secret, from_cx};
use super::variables::ProcessEnv;
use crate::error::{Error, Kind, Result};
use crate::files::bounded;
use crate::text::similar::by_similarity;

/// CX's default profile; its token file has no name of its own.
const DEFAULT_PROFILE: &str = "default";

/// A profile of CX.
pub(crate) struct CxLogin {
    /// Its token.
    pub(crate) token: Secret,
    /// The file of the token.
    pub(crate) path: PathBuf,
    /// Its site, such as `https://app.cloud66.com`.
    pub(crate) base_url: Option<String>,
    /// Its organization, by name.
    pub(crate) organization: Option<String>,
}

/// Reads a profile of CX from `~/.cloud66`.
pub(crate) fn login(variables: &ProcessEnv, profile: &str) -> Result<CxLogin> {
    let home = variables.user_folder(dirs::home_dir);
    let folder = home
        .map(|home| home.join(".cloud66"))
        .ok_or_else(|| Error::new(Kind::Config, "no home directory, so no CX login").hint("c66 auth login"))?;
    read(&folder, profile)
}

fn read(folder: &Path, profile: &str) -> Result<CxLogin> {
    let profiles = folder.join("cxprofiles.json");
    let profiles: Value = match bounded::read(&profiles) {
        Ok(text) => serde_json::from_str(&text)
            .map_err(|error| Error::new(Kind::Config, format!("{} is not JSON: {error}", profiles.display())))?,
        Err(_) => Value::Null,
    };
    let known = profiles.get("profiles").and_then(Value::as_object);
    let entry = known.and_then(|known| known.get(profile));
    if entry.is_none() && profile != DEFAULT_PROFILE {
        let names = known.into_iter().flat_map(|known| known.keys()).map(String::as_str);
        let error = Error::usage(format!("CX has no profile \"{profile}\""));
        return Err(match by_similarity(profile, names) {
            names if names.is_empty() => error,
            names => error.hint(format!("available: {}", names.join(", "))),
        });
    }
    let text =
        |key: &str| entry.and_then(|entry| entry.get(key)?.as_str()).filter(|text| !text.is_empty()).map(str::to_owned);
    // A name, never a path: the file is in this folder.
    let name = text("token_file").filter(|name| !name.contains(['/', '\\'])).unwrap_or_else(|| match profile {
        DEFAULT_PROFILE => "cx.json".to_owned(),
        other => format!("cx_{}.json", other.to_lowercase()),
    });
    let path = folder.join(name);
    let token = bounded::read(&path).map_err(|error| {
        Error::local_file(format!("read the token of CX from {}", path.display()), &error)
            .hint("log in with CX first, or run c66 auth login")
    })?;
    let token = from_cx(token.trim(), &format!("from {}", path.display()))?;
    Ok(CxLogin { token, path, base_url: text("base_url"), organization: text("organization") })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const TOKEN: &str = "{\"AccessToken\":\"f00d\",\"RefreshToken\":\"\",\"Expiry\":\"0001-01-01T00:00:00Z\"}\n";

    #[test]
    fn a_token_file_without_profiles_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("cx.json"), TOKEN).unwrap();
        let login = read(folder.path(), "default").unwrap();
        assert_eq!((login.token.expose(), login.base_url, login.organization), ("f00d", None, None));
    }

    #[test]
    fn a_profile_has_its_file_site_and_organization() {
        let folder = tempfile::tempdir().unwrap();
        let profiles = r#"{"last_profile":"Work","profiles":{
            "Work":{"base_url":"https://cx.example","organization":"Acme","token_file":""},
            "odd":{"token_file":"../cx_work.json"}}}"#;
        std::fs::write(folder.path().join("cxprofiles.json"), profiles).unwrap();
        std::fs::write(folder.path().join("cx_work.json"), TOKEN).unwrap();
        let login = read(folder.path(), "Work").unwrap();
        assert_eq!(login.token.expose(), "f00d");
        assert_eq!(login.base_url.as_deref(), Some("https://cx.example"));
        assert_eq!(login.organization.as_deref(), Some("Acme"));
        let message = |profile: &str| read(folder.path(), profile).err().unwrap().message().to_owned();
        assert!(message("odd").contains("cx_odd.json"), "{}", message("odd"));
        assert_eq!(message("home"), "CX has no profile \"home\"");
        assert!(message("default").contains("cx.json"));
    }
}
