//! The tokens that the sandbox accepts, and their scopes.

use super::oauth::Grants;
use super::reply::ApiError;
use crate::cloud66::endpoints::{REBOOT_SCOPE, SCOPES};
use crate::sandbox::TOKEN;

/// Tokens with every scope: the sandbox's own, and those of the blog and of the documented curl calls.
const FULL_TOKENS: [&str; 4] =
    [TOKEN, "ubg5kvaowx6ngpp9pex63pe75bxsjrzia0gcp60y6tmieeg1iwi7fh0fen9nce56", "6ngpp9", "4c9c9b1111"];

/// The caller: a token and its scopes.
#[derive(Debug)]
pub(super) struct Caller<'t> {
    pub(super) token: &'t str,
    scopes: Vec<&'t str>,
}

impl<'t> Caller<'t> {
    /// Identifies the caller by the header `Authorization`.
    pub(super) fn identify(authorization: Option<&'t str>, grants: &'t Grants) -> Result<Self, ApiError> {
        let header = authorization.ok_or_else(|| ApiError::unauthenticated("No token was sent."))?;
        let token = match header.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => return Err(ApiError::unauthenticated("The header must be `Authorization: Bearer TOKEN`.")),
        };
        if FULL_TOKENS.contains(&token) {
            return Ok(Self { token, scopes: every_scope().collect() });
        }
        if let Some(scopes) = grants.scopes_of(token) {
            return Ok(Self { token, scopes });
        }
        match token.strip_prefix("sandbox-") {
            Some("expired") => Err(ApiError::trial_expired()),
            Some(words) => {
                let scopes: Vec<&str> = words.split('+').collect();
                match scopes.iter().find(|scope| !every_scope().any(|known| known == **scope)) {
                    Some(unknown) => Err(ApiError::unauthenticated(format!("Unknown scope `{unknown}`."))),
                    None => Ok(Self { token, scopes }),
                }
            }
            None => Err(ApiError::unauthenticated("Unknown token.")),
        }
    }

    /// Refuses a caller without `scope`.
    pub(super) fn require_scope(&self, scope: &str) -> Result<(), ApiError> {
        if self.scopes.contains(&scope) { Ok(()) } else { Err(ApiError::forbidden(scope)) }
    }
}

/// The scopes of a token of the owner, which has more than an application can ask for.
fn every_scope() -> impl Iterator<Item = &'static str> {
    SCOPES.into_iter().chain([REBOOT_SCOPE])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(authorization: Option<&str>) -> &'static str {
        Caller::identify(authorization, &Grants::default()).map_or_else(|error| error.id, |_| "welcome")
    }

    #[test]
    fn unknown_tokens_are_refused() {
        assert_eq!(TOKEN.len(), 64);
        assert_eq!(id(Some(&format!("Bearer {TOKEN}"))), "welcome");
        assert_eq!(id(Some("bEARER 6ngpp9")), "welcome");
        assert_eq!(id(Some("Bearer sandbox-expired")), "trial_expired");
        for wrong in ["Bearer", "Bearer x", "Basic 6ngpp9", "6ngpp9", "Bearer sandbox-", "Bearer sandbox-public+root"] {
            assert_eq!(id(Some(wrong)), "unauthenticated", "{wrong}");
        }
        assert_eq!(id(None), "unauthenticated");
    }

    #[test]
    fn a_token_has_only_the_scopes_in_its_name() {
        let grants = Grants::default();
        let caller = Caller::identify(Some("Bearer sandbox-public+redeploy"), &grants);
        let may = |scope| caller.as_ref().is_ok_and(|caller| caller.require_scope(scope).is_ok());
        assert_eq!(SCOPES.map(may), [true, true, false, false, false]);
    }
}
