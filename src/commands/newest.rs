//! Finds the newest item of a list whose order is not documented, on any page.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::cloud66::Cloud66;
use crate::cloud66::envelope::Document;
use crate::error::Result;
use crate::http::Request;

/// How often a list may grow by a page before all of its pages are read.
const MAX_GROWTH: usize = 3;

/// Up to this many pages, all of a list is read before its order is considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thoroughness {
    /// For a single query: all pages, except of long lists.
    Once,
    /// For a query on many stacks or in a loop: few requests.
    Often,
}

impl Thoroughness {
    const fn pages(self) -> u64 {
        match self {
            Self::Once => 8,
            Self::Often => 1,
        }
    }
}

/// Visits the items of every page that can have the newest.
///
/// Of a long list these are the first and the last page, if the two agree on its order; else all. An item may be
/// visited twice.
pub(crate) async fn visit_newest<V: DeserializeOwned>(
    client: &Cloud66,
    request: Request,
    thoroughness: Thoroughness,
    id: impl Fn(&V) -> Option<u64>,
    mut visit: impl FnMut(V, Document),
) -> Result<()> {
    let mut take = |items: Vec<Box<RawValue>>| -> Result<Vec<u64>> {
        let mut ids = Vec::new();
        for document in items.into_iter().map(Document::new) {
            let view: V = document.view()?;
            ids.extend(id(&view));
            visit(view, document);
        }
        Ok(ids)
    };
    let mut pages = client.pages(request.clone(), None);
    let Some(first) = pages.next().await? else { return Ok(()) };
    let ids = take(first.items)?;
    if let Some(mut number) = first.pages.filter(|pages| *pages > thoroughness.pages()) {
        let mut last = client.page(&request.for_page(number)).await?;
        // The list may have grown since the first page was read.
        for _ in 0..MAX_GROWTH {
            let Some(further) = last.pages.filter(|pages| *pages > number) else { break };
            take(std::mem::take(&mut last.items))?;
            number = further;
            last = client.page(&request.for_page(number)).await?;
        }
        let is_last = last.pages.is_none_or(|pages| pages <= number);
        if is_last && runs_one_way(&ids, &take(last.items)?) {
            return Ok(());
        }
    }
    while let Some(page) = pages.next().await? {
        take(page.items)?;
    }
    Ok(())
}

/// Whether the ids of the first and last page only fall, or only rise.
fn runs_one_way(first: &[u64], last: &[u64]) -> bool {
    let rises = |pair: &[u64]| pair[0] < pair[1];
    let falls = |pair: &[u64]| pair[0] > pair[1];
    let ids = [first, last].concat();
    // A single item has no order.
    first.len() > 1 && !last.is_empty() && (ids.windows(2).all(rises) || ids.windows(2).all(falls))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_pages_show_the_order_only_if_they_agree() {
        for (first, last, expected) in [
            (&[9, 8][..], &[2, 1][..], true),
            (&[1, 2], &[8, 9], true),
            (&[1, 2], &[3], true),
            (&[9, 8], &[1, 2], false),
            (&[2, 1], &[9, 8], false),
            (&[9, 7, 8], &[2, 1], false),
            (&[9], &[1], false),
            (&[9, 8], &[9, 8], false),
            (&[9, 8], &[], false),
        ] {
            assert_eq!(runs_one_way(first, last), expected, "{first:?} {last:?}");
        }
    }
}
