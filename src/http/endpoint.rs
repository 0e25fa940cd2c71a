//! Describes an operation of an API: the row type of the endpoint tables.
//!
//! The client builds its requests from these rows, the sandbox its routes and checks, the reference its pages.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The characters that stay unescaped in a path segment (the unreserved characters of RFC 3986).
const PATH_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// HTTP method of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Adds or starts something.
    Post,
    /// Replaces.
    Put,
    /// Changes parts.
    Patch,
    /// Removes or stops something.
    Delete,
}

impl Method {
    /// Every method.
    pub(crate) const ALL: [Method; 5] = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];

    /// The name of the method.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }

    /// Whether it only reads.
    pub(crate) fn is_read(self) -> bool {
        self == Method::Get
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamIn {
    /// In the query string.
    Query,
    /// In the body.
    Body,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamType {
    /// Any string.
    Text,
    /// An integer.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// Comma-separated words.
    CommaList,
    /// Comma-separated words in square brackets.
    BracketList,
    /// A JSON object, or its text.
    JsonObject,
    /// A JSON array, or its text.
    JsonArray,
    /// A schedule of five cron fields.
    Cron,
}

/// A documented parameter outside the path.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// Where it is sent.
    pub param_in: ParamIn,
    /// Its type.
    pub kind: ParamType,
    /// Whether it is required.
    pub required: bool,
    /// The allowed values; empty if any value is allowed.
    pub values: &'static [&'static str],
    /// Whether its value is a secret.
    pub secret: bool,
    /// The smallest and the largest allowed number.
    pub range: (Option<i64>, Option<i64>),
}

impl Param {
    /// An optional body parameter.
    pub(crate) const fn body(name: &'static str, kind: ParamType) -> Self {
        Self { name, param_in: ParamIn::Body, kind, required: false, values: &[], secret: false, range: (None, None) }
    }

    /// An optional query parameter.
    pub(crate) const fn query(name: &'static str, kind: ParamType) -> Self {
        Self { name, param_in: ParamIn::Query, kind, required: false, values: &[], secret: false, range: (None, None) }
    }

    /// Makes it required.
    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Restricts it to these values.
    pub(crate) const fn one_of(mut self, values: &'static [&'static str]) -> Self {
        self.values = values;
        self
    }

    /// Restricts it to numbers of at least `minimum`.
    pub(crate) const fn at_least(mut self, minimum: i64) -> Self {
        self.range = (Some(minimum), None);
        self
    }

    /// Restricts it to these numbers and those between them.
    pub(crate) const fn between(mut self, minimum: i64, maximum: i64) -> Self {
        self.range = (Some(minimum), Some(maximum));
        self
    }

    /// The smallest and the largest number that it may be; the API has no larger ones than 32 bits hold.
    pub(crate) fn limits(&self) -> (i64, i64) {
        (self.range.0.unwrap_or(i32::MIN.into()), self.range.1.unwrap_or(i32::MAX.into()))
    }

    /// Marks its value as a secret.
    pub(crate) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

/// What a successful reply has under `response`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyShape {
    /// A list of items, in pages.
    List,
    /// One object.
    Object,
    /// A stack action to poll until it ends.
    Action,
    /// A task to poll until it ends, or its result if known at once.
    Task,
    /// `{ok, message}`: accepted, with nothing to poll.
    Acknowledgement,
    /// No body is documented.
    Nothing,
}

/// One operation of an API.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    /// Name of the operation, unique in its table.
    pub id: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path below the API root, with `{name}` for each variable segment and without `.json`; `{name*}` matches the
    /// rest, with slashes.
    pub path: &'static str,
    /// Scope that the token needs.
    pub scope: &'static str,
    /// What a successful reply has.
    pub reply: ReplyShape,
    /// The parameters outside the path.
    pub params: &'static [Param],
    /// The key of the object in the body that has the parameters; `None` if they are at the top level.
    pub wrapper: Option<&'static str>,
    /// Summary in one line.
    pub summary: &'static str,
    /// The read that shows what a write did.
    pub check: Option<&'static Endpoint>,
    /// The documentation that describes it, such as `2018`.
    pub source: &'static str,
}

impl Endpoint {
    /// Fills in the percent-encoded path segments; the error is the name without a value.
    pub(crate) fn fill_path(&self, values: &[(&str, &str)]) -> Result<String, &'static str> {
        let mut path = String::with_capacity(self.path.len() + 32);
        for part in self.path.split('/').skip(1) {
            path.push('/');
            match path_param(part) {
                Some(name) => {
                    let whole = name.strip_suffix('*');
                    let name = whole.unwrap_or(name);
                    let (_, value) = values.iter().find(|(given, _)| *given == name).ok_or(name)?;
                    path.push_str(&if whole.is_some() {
                        encode_path_segments(value)
                    } else {
                        encode_path_segment(value)
                    });
                }
                None => path.push_str(part),
            }
        }
        Ok(path)
    }

    /// The last variable segment of the path: the item of the operation, if there is one.
    pub(crate) fn last_param(&self) -> Option<&'static str> {
        path_param(self.path.rsplit('/').next()?)
    }

    /// The decoded variable segments of `path` in order, if it matches the path of this operation.
    ///
    /// `path` is below the API root and without `.json`.
    pub fn match_path<'p>(&self, path: &'p str) -> Option<Vec<(&'static str, Cow<'p, str>)>> {
        let mut found = Vec::new();
        let mut given = path.split('/');
        for part in self.path.split('/') {
            let actual = given.next()?;
            match path_param(part) {
                Some(name) if name.ends_with('*') && !actual.is_empty() => {
                    let rest = given.fold(actual.to_owned(), |rest, part| rest + "/" + part);
                    let rest = percent_decode_str(&rest).decode_utf8_lossy().into_owned();
                    found.push((name.trim_end_matches('*'), rest.into()));
                    return Some(found);
                }
                Some(name) if !actual.is_empty() => {
                    found.push((name, percent_decode_str(actual).decode_utf8_lossy()));
                }
                None if part == actual => {}
                _ => return None,
            }
        }
        given.next().is_none().then_some(found)
    }

    /// The parameter of that name.
    pub fn param(&self, name: &str) -> Option<&'static Param> {
        self.params.iter().find(|param| param.name == name)
    }
}

/// Escapes a path segment so that it stays one segment.
pub(crate) fn encode_path_segment(value: &str) -> Cow<'_, str> {
    match value {
        // A client may fold dot segments before sending, and then request another path.
        "." => Cow::Borrowed("%2E"),
        ".." => Cow::Borrowed("%2E%2E"),
        _ => utf8_percent_encode(value, PATH_SEGMENT).into(),
    }
}

/// Escapes path segments and keeps the slashes between them. Characters of such ids that a path allows (`:`, `@`, `=`
/// and the like) stay as they are.
pub(crate) fn encode_path_segments(value: &str) -> Cow<'_, str> {
    const PARTS: &AsciiSet = &PATH_SEGMENT
        .remove(b'/')
        .remove(b'!')
        .remove(b'$')
        .remove(b'&')
        .remove(b'\'')
        .remove(b'(')
        .remove(b')')
        .remove(b'*')
        .remove(b'+')
        .remove(b',')
        .remove(b';')
        .remove(b'=')
        .remove(b':')
        .remove(b'@');
    utf8_percent_encode(value, PARTS).into()
}

/// Defines the table of an API: a constant per row, and `ALL` of them in order.
///
/// Rows follow the documentation that describes them. Parameters inside an object of the body are `in` its key; a write
/// names after `=>` the read that shows what it did.
macro_rules! endpoints {
    ($($source:literal: $($name:ident $id:literal $method:ident $path:literal $scope:literal $reply:ident
       [$($param:expr),*] $(in $wrapper:literal)? $summary:literal $(=> $check:ident)?)*)*) => {
        $($(
            #[doc = $summary]
            pub(crate) const $name: $crate::http::endpoint::Endpoint = $crate::http::endpoint::Endpoint {
                id: $id, method: $method, path: $path, scope: $scope, reply: $reply, params: &[$($param),*], summary: $summary,
                wrapper: $crate::http::endpoint::at_most_one(&[$($wrapper)?]),
                check: $crate::http::endpoint::at_most_one(&[$(&$check)?]),
                source: $source,
            };
        )*)*
        /// Every operation, in the order of the documentation.
        pub(crate) const ALL: &[&$crate::http::endpoint::Endpoint] = &[$($(&$name),*),*];
    };
}
pub(crate) use endpoints;

/// The value of an optional part of a row.
pub(crate) const fn at_most_one<T: Copy>(found: &[T]) -> Option<T> {
    match found {
        [one, ..] => Some(*one),
        [] => None,
    }
}

fn path_param(part: &'static str) -> Option<&'static str> {
    part.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOW: Endpoint = Endpoint {
        id: "files_show",
        method: Method::Get,
        path: "/stacks/{stack_id}/files/{file_id}",
        scope: "public",
        reply: ReplyShape::Object,
        params: &[],
        summary: "Show a file",
        wrapper: None,
        check: None,
        source: "2018",
    };

    #[test]
    fn a_path_segment_cannot_leave_its_place() {
        let path = SHOW.fill_path(&[("stack_id", "a/b ü"), ("file_id", "..")]);
        assert_eq!(path.as_deref(), Ok("/stacks/a%2Fb%20%C3%BC/files/%2E%2E"));
    }

    #[test]
    fn a_missing_part_is_named() {
        assert_eq!(SHOW.fill_path(&[("stack_id", "a")]), Err("file_id"));
    }

    #[test]
    fn a_filled_path_gives_its_segments_back() {
        let path = SHOW.fill_path(&[("stack_id", "a/b ü"), ("file_id", "tar-aa")]).unwrap_or_default();
        let found = SHOW.match_path(&path).unwrap_or_default();
        assert_eq!(found, [("stack_id", Cow::from("a/b ü")), ("file_id", Cow::from("tar-aa"))]);
        assert!(SHOW.match_path("/stacks/a/files").is_none());
        assert!(SHOW.match_path("/stacks//files/x").is_none());
        assert!(SHOW.match_path("/stacks/a/files/x/y").is_none());
    }

    #[test]
    fn an_id_may_have_slashes_if_the_table_allows_it() {
        let row = Endpoint { path: "/services/{type}/{id*}", ..SHOW };
        let id = "us-east-1/a b/ü?#%/kubeadm:x@y/";
        let path = row.fill_path(&[("type", "x/y"), ("id", id)]).unwrap_or_default();
        assert_eq!(path, "/services/x%2Fy/us-east-1/a%20b/%C3%BC%3F%23%25/kubeadm:x@y/");
        assert_eq!(row.match_path(&path).unwrap_or_default(), [("type", Cow::from("x/y")), ("id", Cow::from(id))]);
        assert!(row.match_path("/services/x").is_none());
    }
}
