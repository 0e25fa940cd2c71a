//! `c66 api --cache`: the reply to the same request, kept in a file that only the user can read.
//!
//! A file is named by a digest of API, account, token and request; the token itself is not stored. Only successful
//! replies to GET are kept, and none of the sandbox.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::value::RawValue;

use crate::cloud66::envelope::Document;
use crate::commands::context::Context;
use crate::error::Result;
use crate::http::memory::HeldItems;
use crate::http::{Request, Response};

/// The items of each page.
type PageItems = Vec<Vec<Document>>;

/// Sends a request, unless its reply is younger than `age`.
pub(super) async fn send(context: &Context, request: &Request, age: Duration) -> Result<Response> {
    let key = key(context, request, "one").await?;
    let cache = context.name_cache().await?;
    if let Some(text) = cache.and_then(|cache| cache.reply(&borrowed(&key), age)) {
        return Ok(Response { status: 200, headers: HeaderMap::new(), body: text.into_bytes() });
    }
    let response = context.cloud66().await?.send(request).await?;
    if let (Some(cache), true, Ok(text)) = (cache, response.is_success(), std::str::from_utf8(&response.body)) {
        cache.insert_reply(&borrowed(&key), text);
    }
    Ok(response)
}

/// The same for every page of a list.
pub(super) async fn pages(context: &Context, request: &Request, age: Duration) -> Result<PageItems> {
    let key = key(context, request, "all").await?;
    let cache = context.name_cache().await?;
    let kept = cache.and_then(|cache| cache.reply(&borrowed(&key), age));
    if let Some(pages) = kept.and_then(|text| serde_json::from_str::<Vec<Vec<Box<RawValue>>>>(&text).ok()) {
        return Ok(pages.into_iter().map(|page| page.into_iter().map(Document::new).collect()).collect());
    }
    let pages = fetch_pages(context, request).await?;
    let raw: Vec<Vec<&RawValue>> = pages.iter().map(|page| page.iter().map(Document::raw).collect()).collect();
    if let (Some(cache), Ok(text)) = (cache, serde_json::to_string(&raw)) {
        cache.insert_reply(&borrowed(&key), &text);
    }
    Ok(pages)
}

/// Fetches every page of a list.
pub(super) async fn fetch_pages(context: &Context, request: &Request) -> Result<PageItems> {
    let mut pages = context.cloud66().await?.pages(request.clone(), None);
    let (mut all, mut held) = (Vec::new(), HeldItems::default());
    while let Some(page) = pages.next().await? {
        held.add(page.items.iter().map(|item| item.get().len()), 0, 0)?;
        all.push(page.items.into_iter().map(Document::new).collect());
    }
    Ok(all)
}

/// What makes two requests the same, besides the API, the account and the token.
async fn key(context: &Context, request: &Request, which: &str) -> Result<Vec<String>> {
    let url = context.cloud66().await?.transport().url(request)?;
    let mut key = vec!["api".to_owned(), which.to_owned(), url.to_string()];
    key.extend(request.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    Ok(key)
}

fn borrowed(key: &[String]) -> Vec<&str> {
    key.iter().map(String::as_str).collect()
}
