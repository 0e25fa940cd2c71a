//! The envelopes of both APIs and the typed views of what they hold.
#![no_main]

use c66::cloud66::deployments::Deployment;
use c66::cloud66::envelope::Body;
use c66::cloud66::environments::Variable;
use c66::cloud66::stacks::Stack;
use c66::cloudmc::envelope::{Reply, parse};

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    if let Ok(parsed) = Body::parse(body) {
        let _ = parsed.into_page();
    }
    if let Some(document) = Body::parse(body).ok().and_then(Body::document) {
        let _ = document.view::<Stack>().map(|stack| stack.label());
        let _ = (document.view::<Deployment>(), document.view::<Variable>());
        let _ = (document.value(), document.list("errors"));
        let _ = c66::output::json::pretty(document.text(), &mut Vec::new());
    }
    for (status, of_task) in [(200, false), (200, true), (500, false)] {
        match parse(status, body, of_task) {
            Reply::Errors(errors) => errors.iter().for_each(|error| assert!(!error.line().contains('\n'))),
            Reply::Data(data) => drop((data.rows(), data.one())),
            _ => {}
        }
    }
});
