//! The floor: the least a program in this language can do for a table, one request by hyper alone and 30 lines.

use std::io::Write;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::Value;

/// Gets `url` and prints three fields of each stack.
pub fn run(url: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let body = runtime.block_on(get(url));
    let document: Value = serde_json::from_slice(&body).expect("JSON");
    let mut out = std::io::stdout().lock();
    for stack in document["response"].as_array().expect("a list") {
        let text = |key: &str| stack[key].as_str().unwrap_or_default().to_owned();
        writeln!(out, "{:24}  {:12}  {}", text("name"), text("environment"), text("uid")).expect("stdout");
    }
}

async fn get(url: &str) -> Bytes {
    let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("an address");
    let stream = tokio::net::TcpStream::connect(host).await.expect("a connection");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a connection");
    tokio::spawn(connection);
    let request = hyper::Request::get(format!("/{path}")).header("host", host).body(Empty::<Bytes>::new());
    let reply = sender.send_request(request.expect("a request")).await.expect("a reply");
    reply.into_body().collect().await.expect("a body").to_bytes()
}
