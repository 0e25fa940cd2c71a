//! Access to the sandbox: for programs on this machine, not for web pages from elsewhere.
//!
//! A page can make a browser send requests to this machine, by its address or by a name that resolves to it.

use hyper::header::{HOST, ORIGIN};
use hyper::http::request::Parts;
use hyper::http::uri::Authority;

/// Refuses requests for another host or from a page of another origin, with the reason.
pub(super) fn check(head: &Parts) -> Result<(), &'static str> {
    let named = head.headers.get_all(HOST).iter().map(|value| value.to_str().ok()?.parse::<Authority>().ok());
    let named: Option<Vec<Authority>> = named.collect();
    let asked = head.uri.authority().cloned();
    let Some(hosts) = named.filter(|hosts| hosts.iter().chain(&asked).all(|host| is_this_machine(host.host()))) else {
        return Err("This is the c66 sandbox. It accepts requests only for 127.0.0.1 and localhost.\n");
    };
    let is_own = |origin: &str| {
        let origin = origin.strip_prefix("http://").and_then(|rest| rest.parse::<Authority>().ok());
        origin.is_some_and(|origin| hosts.first() == Some(&origin))
    };
    let mut origins = head.headers.get_all(ORIGIN).iter();
    if origins.all(|origin| origin.to_str().is_ok_and(is_own)) {
        Ok(())
    } else {
        Err("The c66 sandbox refuses requests from pages of other origins.\n")
    }
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host == "127.0.0.1"
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use hyper::Request;

    use super::*;

    fn allowed(uri: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        check(&request.body(()).unwrap().into_parts().0).is_ok()
    }

    #[test]
    fn only_this_machine_is_asked_for() {
        for host in ["127.0.0.1", "127.0.0.1:4066", "localhost", "LocalHost:1"] {
            assert!(allowed("/", &[("host", host)]), "{host}");
        }
        for host in
            ["evil.example", "127.0.0.1.evil.example:4066", "localhost.evil", "127.0.0.2", "", "a b", "10.0.0.1"]
        {
            assert!(!allowed("/", &[("host", host)]), "{host}");
        }
        assert!(allowed("/", &[]), "a client of HTTP/1.0");
        assert!(!allowed("/", &[("host", "localhost"), ("host", "evil.example")]));
        assert!(!allowed("http://evil.example/", &[("host", "localhost")]));
    }

    #[test]
    fn a_page_of_another_origin_is_refused() {
        let host = ("host", "localhost:4066");
        assert!(allowed("/", &[host, ("origin", "http://localhost:4066")]));
        for origin in [
            "http://evil.example",
            "https://localhost:4066",
            "http://localhost:3000",
            "http://127.0.0.1:4066",
            "null",
            "",
        ] {
            assert!(!allowed("/", &[host, ("origin", origin)]), "{origin}");
        }
    }
}
