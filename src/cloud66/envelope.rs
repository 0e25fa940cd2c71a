//! The envelope of a reply.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::fields::Fields;
pub(crate) use crate::http::document::Document;
use crate::http::pagination::{Page, check_number_of_items};

/// The body of a successful reply, in its original bytes.
#[derive(Default)]
pub(crate) struct Body<'b> {
    response: Option<&'b RawValue>,
    pagination: Option<Pagination>,
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "R: Deserialize<'de>"))]
struct Envelope<R> {
    #[serde(default = "absent", deserialize_with = "present")]
    response: Option<R>,
    pagination: Option<Pagination>,
}

fn absent<R>() -> Option<R> {
    None
}

/// Distinguishes `"response": null` from a body without `response`.
fn present<'d, R: Deserialize<'d>, D: serde::Deserializer<'d>>(deserializer: D) -> Result<Option<R>, D::Error> {
    R::deserialize(deserializer).map(Some)
}

/// The `pagination` of a list. A null means an absent number, and a number may be sent as a string.
#[derive(Default, Deserialize)]
#[serde(from = "Fields")]
struct Pagination {
    current: Option<u64>,
    next: Option<u64>,
    pages: Option<u64>,
    count: Option<u64>,
}

impl From<Fields> for Pagination {
    fn from(fields: Fields) -> Self {
        let count = |name| fields.unsigned(name);
        Self { current: count("current"), next: count("next"), pages: count("pages"), count: count("count") }
    }
}

impl<'b> Body<'b> {
    /// Parses a body: an envelope, or (two later examples have none) the bare value.
    pub(crate) fn parse(body: &'b [u8]) -> Result<Self, String> {
        let refused = |error: serde_json::Error| format!("not JSON: {error}");
        let whole = || serde_json::from_slice::<&RawValue>(body).map_err(refused);
        match first_byte(body) {
            None => Ok(Self::default()),
            Some(b'[') => Ok(Self { response: Some(whole()?), pagination: None }),
            Some(b'{') => match serde_json::from_slice(body).map_err(refused)? {
                Envelope { response: None, .. } => Ok(Self { response: Some(whole()?), pagination: None }),
                Envelope { response, pagination } => Ok(Self { response, pagination }),
            },
            Some(_) => match whole() {
                Ok(_) => Err("the reply is neither an object nor a list".to_owned()),
                Err(problem) => Err(problem),
            },
        }
    }

    /// What is under `response`; `None` for an empty body, `{}` or `null`.
    pub(crate) fn document(self) -> Option<Document> {
        let response = self.response?;
        let blank = response.get().bytes().filter(|byte| !byte.is_ascii_whitespace()).eq(*b"{}");
        (!blank && response.get() != "null").then(|| Document::new(response.to_owned()))
    }

    pub(crate) fn into_page(self) -> Result<Page, String> {
        let response = self.response.ok_or_else(|| "the reply is empty".to_owned())?;
        let items = serde_json::from_str(response.get()).map_err(|_| "the reply has no list".to_owned())?;
        page_of(items, self.pagination)
    }
}

/// Parses a body as one page of a list.
pub(crate) fn page(body: &[u8]) -> Result<Page, String> {
    // A list is long: parse it once where it is in an envelope, as nearly all are.
    if first_byte(body) == Some(b'{')
        && let Ok(Envelope { response: Some(items), pagination }) = serde_json::from_slice(body)
    {
        return page_of(items, pagination);
    }
    Body::parse(body)?.into_page()
}

fn page_of(items: Vec<Box<RawValue>>, pagination: Option<Pagination>) -> Result<Page, String> {
    check_number_of_items(items.len())?;
    let Pagination { current, next, pages, count } = pagination.unwrap_or_default();
    Ok(Page { items, current, next, pages: pages.filter(|pages| *pages > 0), total: count })
}

fn first_byte(body: &[u8]) -> Option<u8> {
    body.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::cloud66::{deployments::Deployment, environments::Variable, stacks::Stack};
    use crate::test_text::{JSON_FRAGMENTS, json_value, text_from};

    fn document(body: &str) -> Option<String> {
        Body::parse(body.as_bytes()).unwrap().document().map(|document| document.text().to_owned())
    }

    #[test]
    fn only_the_envelope_is_removed() {
        assert_eq!(document(r#"{"response": {"b": 1.50, "a": [] } }"#).unwrap(), r#"{"b": 1.50, "a": [] }"#);
        assert_eq!(document(r#"{"id": 10}"#).unwrap(), r#"{"id": 10}"#);
        assert_eq!(document(" \n"), None);
        assert_eq!(document("{ }"), None);
        assert_eq!(document(r#"{"response": {}}"#), None);
        assert_eq!(document(r#"{"response": null}"#), None);
    }

    #[test]
    fn a_list_may_come_with_or_without_pages() {
        let text = br#"{"response":[1,2],"pagination":{"next":null,"pages":"3","current":1,"count":70}}"#;
        let page = page(text).unwrap();
        assert_eq!((page.items.len(), page.pages, page.next, page.total), (2, Some(3), None, Some(70)));
        for (text, items) in [(r"[1]", 1), (r"[[1],null]", 2), (r#"{"response":[]}"#, 0)] {
            let page = super::page(text.as_bytes()).unwrap();
            assert_eq!((page.items.len(), page.pages), (items, None), "{text}");
        }
    }

    #[test]
    fn invalid_replies_are_recognized() {
        for body in ["<html></html>", r#"{"response": ["#, "42", r#""text""#] {
            assert!(Body::parse(body.as_bytes()).is_err(), "{body}");
        }
        for body in ["", r#"{"response":{"a":1}}"#, r#"{"response":null}"#, r#"{"a":[1]}"#, r#"{"response":[1]"#] {
            assert!(page(body.as_bytes()).is_err(), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_body_upsets_it(text in text_from(JSON_FRAGMENTS), value in json_value()) {
            for body in [text, value.to_string(), json!({ "response": value, "pagination": value }).to_string()] {
                let apart = Body::parse(body.as_bytes()).and_then(Body::into_page).map(|page| page.items.len());
                prop_assert_eq!(page(body.as_bytes()).map(|page| page.items.len()), apart);
                let Ok(body) = Body::parse(body.as_bytes()) else { continue };
                let Some(document) = body.document() else { continue };
                let _ = (document.value().is_ok(), document.list("errors").is_ok(), document.check_object().is_ok());
                let _ = document.view::<Stack>().map(|stack| stack.label());
                let _ = (document.view::<Deployment>().is_ok(), document.view::<Variable>().is_ok());
            }
        }
    }
}
