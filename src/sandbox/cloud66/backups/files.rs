//! The files of backups: their paths, signed URLs as from a storage service, and downloads with ranges.

use std::ops::Range;

use hyper::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_RANGE,
    LAST_MODIFIED, RANGE,
};
use hyper::http::StatusCode;
use hyper::http::request::Parts;
use hyper::{Method, Response};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::json;

use super::{Backup, BackupFile, find};
use crate::http::endpoint::encode_path_segment;
use crate::sandbox::body::{ReplyBody, with_body};
use crate::sandbox::clock::{Clock, http_date};
use crate::sandbox::cloud66::State;
use crate::sandbox::cloud66::call::Call;
use crate::sandbox::cloud66::reply::{ApiError, ApiResult, object};
use crate::sandbox::faults::FaultKind;
use crate::sandbox::pseudorandom;

/// The path of the files, below the server.
pub(in crate::sandbox) const ROOT: &str = "/sandbox/files/";

/// How long a URL is valid, in seconds at normal speed.
const VALIDITY: f64 = 15.0 * 60.0;
const ACCESS_KEY: &str = "AKIASANDBOXEXAMPLE00";

/// `backup_files_list`
pub(in crate::sandbox::cloud66) fn backup_files_list(state: &mut State, call: &Call) -> ApiResult {
    let files = find(state.stack(call)?, call)?.files();
    call.list(&files, |file| json!({ "id": file.id, "name": file.name }))
}

/// `backup_files_show`
pub(in crate::sandbox::cloud66) fn backup_files_show(state: &mut State, call: &Call) -> ApiResult {
    let stack = state.stack(call)?;
    let backup = find(stack, call)?;
    let id = call.path_param("file_id");
    let file = backup.files().into_iter().find(|file| file.id == id);
    let file = file.ok_or_else(|| ApiError::not_found(format!("Backup {} has no file `{id}`.", backup.id)))?;
    let public_url = public_url(call.request.base_url, &stack.uid, backup.id, &file.name, call.clock);
    Ok(object(json!({ "ok": true, "public_url": public_url })))
}

/// The URL by which anyone can download a file for a while.
fn public_url(base_url: &str, stack: &str, backup: u64, name: &str, clock: &Clock) -> String {
    let path = format!("{ROOT}{}/{backup}/{}", encode_path_segment(stack), encode_path_segment(name));
    // Whole seconds, never fewer than promised.
    let expires = clock.in_seconds(VALIDITY).as_second().saturating_add(1);
    let signature = sign(&path, expires);
    // The documented example is encoded twice.
    let signature = encode_path_segment(&encode_path_segment(&signature)).into_owned();
    format!("{base_url}{path}?AWSAccessKeyId={ACCESS_KEY}&Expires={expires}&Signature={signature}")
}

/// How a file is sent.
pub(in crate::sandbox) struct DownloadOptions {
    /// The fault to inject.
    pub(in crate::sandbox) fault: Option<FaultKind>,
    /// Maximum rate in bytes per second.
    pub(in crate::sandbox) rate: Option<u64>,
}

/// Answers a request below [`ROOT`].
pub(in crate::sandbox) fn answer(
    state: &State,
    head: &Parts,
    now: Timestamp,
    options: &DownloadOptions,
) -> Response<ReplyBody> {
    if head.method != Method::GET && head.method != Method::HEAD {
        return error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "The specified method is not allowed.");
    }
    let path = head.uri.path();
    if options.fault == Some(FaultKind::Expired) {
        return error(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired");
    }
    if let Err((code, message)) = check_signature(path, head.uri.query().unwrap_or_default(), now) {
        return error(StatusCode::FORBIDDEN, code, message);
    }
    let Some((backup, file)) = locate(state, path) else {
        return error(StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist.");
    };
    let mut response = send(&backup, &file, path, &head.headers, options);
    if head.method == Method::HEAD {
        *response.body_mut() = ReplyBody::empty();
    }
    response
}

fn send(
    backup: &Backup,
    file: &BackupFile,
    path: &str,
    request: &HeaderMap,
    options: &DownloadOptions,
) -> Response<ReplyBody> {
    let size = file.end - file.start;
    let with_ranges = options.fault != Some(FaultKind::NoRange);
    let content = if options.fault == Some(FaultKind::Changed) { format!("{path} changed") } else { path.to_owned() };
    let etag = format!("\"{}\"", pseudorandom::hex(&content, 32));
    let last_modified = http_date(backup.made_at);
    let text = |name: HeaderName| request.get(name).and_then(|value| value.to_str().ok());
    let unchanged = text(IF_RANGE).is_none_or(|known| known == etag || known == last_modified);
    let wanted = match text(RANGE).filter(|_| unchanged && with_ranges).and_then(|range| parse_range(range, size)) {
        Some(Err(Unsatisfiable)) => {
            let message = "The requested range is not satisfiable.";
            let mut response = error(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", message);
            set(&mut response, CONTENT_RANGE, &format!("bytes */{size}"));
            return response;
        }
        Some(Ok(range)) => Some(range),
        None => None,
    };
    let range = wanted.clone().unwrap_or(0..size);
    let cut_short = options.fault == Some(FaultKind::Drop);
    let bytes = file.start + range.start..file.start + range.end;
    let body = ReplyBody::archive_part(backup.archive(), bytes, cut_short, options.rate);
    let mut response = Response::new(body);
    if wanted.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        set(&mut response, CONTENT_RANGE, &format!("bytes {}-{}/{size}", range.start, range.end - 1));
    }
    set(&mut response, CONTENT_TYPE, "application/x-tar");
    set(&mut response, CONTENT_LENGTH, &(range.end - range.start).to_string());
    set(&mut response, ACCEPT_RANGES, if with_ranges { "bytes" } else { "none" });
    set(&mut response, ETAG, &etag);
    set(&mut response, LAST_MODIFIED, &last_modified);
    response
}

fn set(response: &mut Response<ReplyBody>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
}

/// The file at a path.
fn locate(state: &State, path: &str) -> Option<(Backup, BackupFile)> {
    let mut parts = path.strip_prefix(ROOT)?.split('/');
    let stack = state.find_stack(&decode(parts.next()?))?;
    let number: u64 = parts.next()?.parse().ok()?;
    let name = decode(parts.next()?);
    let backup = stack.backups.iter().find(|backup| backup.id == number)?;
    let file = backup.files().into_iter().find(|file| file.name == name)?;
    Some((backup.clone(), file))
}

fn sign(path: &str, expires: i64) -> String {
    pseudorandom::signature(&format!("{ACCESS_KEY} {path} {expires}"))
}

fn check_signature(path: &str, query: &str, now: Timestamp) -> Result<(), (&'static str, &'static str)> {
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(given, _)| *given == name).map(|(_, value)| decode(value))
    };
    let expires: i64 = value("Expires")
        .and_then(|text| text.parse().ok())
        .ok_or(("AccessDenied", "Query-string authentication requires Expires and Signature."))?;
    // Some clients undo one of the two encodings, others do not.
    let signature = decode(&value("Signature").unwrap_or_default());
    if value("AWSAccessKeyId").as_deref() != Some(ACCESS_KEY) || signature != sign(path, expires) {
        return Err(("SignatureDoesNotMatch", "The signature does not match the request."));
    }
    if now.as_second() >= expires {
        return Err(("AccessDenied", "Request has expired"));
    }
    Ok(())
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A range that begins past the end.
#[derive(Debug, PartialEq, Eq)]
struct Unsatisfiable;

/// The range of a header; `None` if the header is to be ignored, as with several ranges.
fn parse_range(header: &str, size: u64) -> Option<Result<Range<u64>, Unsatisfiable>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let range = match (first.trim(), last.trim()) {
        ("", length) => size.saturating_sub(length.parse().ok()?)..size,
        (first, "") => first.parse().ok()?..size,
        (first, last) => {
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            if last < first {
                return None;
            }
            first..size.min(last.saturating_add(1))
        }
    };
    Some(if range.start < range.end { Ok(range) } else { Err(Unsatisfiable) })
}

fn error(status: StatusCode, code: &str, message: &str) -> Response<ReplyBody> {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    with_body(status, "application/xml", body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_parsed() {
        let range = |header| parse_range(header, 100);
        assert_eq!(range("bytes=0-9"), Some(Ok(0..10)));
        assert_eq!(range("bytes=90-"), Some(Ok(90..100)));
        assert_eq!(range("bytes=90-1000"), Some(Ok(90..100)));
        assert_eq!(range("bytes=-10"), Some(Ok(90..100)));
        assert_eq!(range("bytes=-1000"), Some(Ok(0..100)));
        assert_eq!(range("bytes=100-"), Some(Err(Unsatisfiable)));
        assert_eq!(range("bytes=-0"), Some(Err(Unsatisfiable)));
        for ignored in ["bytes=9-0", "bytes=0-1,5-6", "bytes=a-b", "lines=0-1", "bytes=-", "bytes=5"] {
            assert_eq!(range(ignored), None, "{ignored}");
        }
    }

    #[test]
    fn a_signature_is_valid_for_its_file_and_time_only() {
        let clock = Clock::at(Timestamp::UNIX_EPOCH, 1.0);
        let url = public_url("http://h", "ubg5kv", 4, "x.tar", &clock);
        let (path, query) = url.strip_prefix("http://h").and_then(|rest| rest.split_once('?')).unwrap_or_default();
        assert!(query.contains("Expires=901&Signature=") && query.contains("%253D"), "{query}");
        let code = |path: &str, query: &str, second: i64| {
            let now = Timestamp::from_second(second).unwrap_or_default();
            check_signature(path, query, now).map_or_else(|(code, _)| code, |()| "open")
        };
        assert_eq!(code(path, query, 0), "open");
        assert_eq!(code(path, &query.replace("%25", "%"), 900), "open");
        assert_eq!(code(path, query, 901), "AccessDenied");
        assert_eq!(code(path, &query.replace("Expires=901", "Expires=902"), 0), "SignatureDoesNotMatch");
        assert_eq!(code("/sandbox/files/ubg5kv/5/x.tar", query, 0), "SignatureDoesNotMatch");
        assert_eq!(code(path, "", 0), "AccessDenied");
    }
}
