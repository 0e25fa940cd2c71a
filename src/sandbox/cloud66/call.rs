//! A request to the API: as it arrives, and as a call of its operation.

use serde_json::Value;

use super::client_params;
use super::parameters::Parameters;
use super::reply::{ApiError, ApiResult, list};
use crate::http::endpoint::{Endpoint, Param};
use crate::sandbox::clock::Clock;

/// The parts of a request that the API needs.
#[derive(Clone, Copy, Debug)]
pub(in crate::sandbox) struct Request<'r> {
    /// HTTP method, in upper case; `GET` for `HEAD`.
    pub(in crate::sandbox) method: &'r str,
    /// Path below the API root, unchanged.
    pub(in crate::sandbox) path: &'r str,
    /// Query string without its `?`.
    pub(in crate::sandbox) query: &'r str,
    pub(in crate::sandbox) authorization: Option<&'r str>,
    /// The header `X-Account`.
    pub(in crate::sandbox) account: Option<&'r str>,
    pub(in crate::sandbox) content_type: &'r str,
    pub(in crate::sandbox) body: &'r [u8],
    /// Scheme, host and port of this server, as the caller knows them.
    pub(in crate::sandbox) base_url: &'r str,
    /// The caller's address.
    pub(in crate::sandbox) caller_address: &'r str,
}

/// A request with its operation.
pub(super) struct Call<'r> {
    pub(super) request: &'r Request<'r>,
    pub(super) clock: &'r Clock,
    pub(super) endpoint: &'static Endpoint,
    pub(super) path_params: Vec<(&'static str, String)>,
}

impl Call<'_> {
    /// The path parameter of that name; empty if the path has none.
    pub(super) fn path_param(&self, name: &str) -> &str {
        self.path_params.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// The path parameter of that name as an ID; anything but a number is not found.
    pub(super) fn id(&self, name: &str, what: &str) -> Result<u64, ApiError> {
        let text = self.path_param(name);
        text.parse().map_err(|_| ApiError::not_found(format!("Invalid {what} `{text}`: expected a number.")))
    }

    /// The position of the item with the ID in the path, among those of a stack.
    pub(super) fn position<T>(
        &self,
        name: &str,
        what: &str,
        items: &[T],
        id_of: impl Fn(&T) -> u64,
    ) -> Result<usize, ApiError> {
        let id = self.id(name, what)?;
        let position = items.iter().position(|item| id_of(item) == id);
        position.ok_or_else(|| ApiError::not_found(format!("The stack has no {what} {id}.")))
    }

    /// The item with the ID in the path, among those of a stack.
    pub(super) fn find<'i, T>(
        &self,
        name: &str,
        what: &str,
        items: &'i [T],
        id_of: impl Fn(&T) -> u64,
    ) -> Result<&'i T, ApiError> {
        Ok(&items[self.position(name, what, items, id_of)?])
    }

    /// The checked parameters. They come last: the items in the path must exist first.
    pub(super) fn parameters(&self) -> Result<Parameters, ApiError> {
        let Request { query, content_type, body, .. } = *self.request;
        let params = client_params::all(self.endpoint);
        Parameters::read_wrapped(query, content_type, body, params, self.endpoint.wrapper)
    }

    /// The parameters, none of which is required to be there or checked.
    pub(super) fn raw_parameters(&self) -> Result<Parameters, ApiError> {
        let Request { query, content_type, body, .. } = *self.request;
        Parameters::read_wrapped(query, content_type, body, &[], self.endpoint.wrapper)
    }

    /// The checked parameters, where those of these names may be missing.
    pub(super) fn parameters_without(&self, optional: &[&str]) -> Result<Parameters, ApiError> {
        let Request { query, content_type, body, .. } = *self.request;
        let relax = |param: &Param| Param { required: param.required && !optional.contains(&param.name), ..*param };
        let params: Vec<Param> = client_params::all(self.endpoint).map(relax).collect();
        Parameters::read_wrapped(query, content_type, body, &params, self.endpoint.wrapper)
    }

    /// The requested page of a list.
    pub(super) fn list<T>(&self, items: &[T], render: impl Fn(&T) -> Value) -> ApiResult {
        Ok(list(items, self.parameters()?.page()?, render))
    }
}
