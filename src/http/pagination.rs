//! Lists in pages: the first page gives the number of pages; the others are fetched in parallel and returned in order.

use std::future::Future;
use std::pin::Pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use serde_json::value::RawValue;

use crate::error::{Error, Kind, Result};

/// More pages than an hour's requests can fetch: a server that announces more is wrong.
const MAX_PAGES: u64 = 3_600;
/// Maximum number of pages that are followed if their total is unknown.
const MAX_FOLLOWED: u64 = 1_000;

/// Maximum size of the pages in flight, in bytes, so that memory does not grow with the length of pages. Two pages may
/// exceed it, so that one is fetched while the other is printed.
const MAX_AHEAD: usize = 2 * 1024 * 1024;
const MIN_AHEAD: usize = 2;

/// One page of a list.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The items, as the API sent them.
    pub(crate) items: Vec<Box<RawValue>>,
    /// Number of this page, from 1, if known.
    pub(crate) current: Option<u64>,
    /// Number of the next page, if there is one.
    pub(crate) next: Option<u64>,
    /// Number of pages, if known.
    pub(crate) pages: Option<u64>,
    /// Number of items, if known.
    pub(crate) total: Option<u64>,
}

type PageFuture<'f> = Pin<Box<dyn Future<Output = Result<Page>> + 'f>>;

/// The pages of one list.
pub(crate) struct Pages<'f> {
    fetch: Box<dyn Fn(u64) -> PageFuture<'f> + 'f>,
    concurrency: usize,
    max_items: Option<usize>,
    cursor: Cursor,
    in_flight: FuturesOrdered<PageFuture<'f>>,
}

enum Cursor {
    /// Nothing has been requested.
    Start,
    /// The number of pages is known: these are not requested yet.
    Known { next: u64, last: u64 },
    /// Only the next page is known.
    Follow { next: u64, seen: u64, before: Vec<Box<RawValue>> },
    /// All pages have been requested.
    End,
}

impl<'f> Pages<'f> {
    /// Pages that `fetch` gets by number, at most `concurrency` at a time, and fewer if they are long.
    ///
    /// With `max_items`, no more pages are requested than needed.
    pub(crate) fn new<F, O>(fetch: F, concurrency: usize, max_items: Option<usize>) -> Self
    where
        F: Fn(u64) -> O + 'f,
        O: Future<Output = Result<Page>> + 'f,
    {
        Self {
            fetch: Box::new(move |number| Box::pin(fetch(number))),
            concurrency: concurrency.max(1),
            max_items,
            cursor: Cursor::Start,
            in_flight: FuturesOrdered::new(),
        }
    }

    /// The next page, in order; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Page>> {
        match std::mem::replace(&mut self.cursor, Cursor::End) {
            Cursor::Start => {
                let page = (self.fetch)(1).await?;
                self.cursor = self.after_first(&page)?;
                let bytes: usize = page.items.iter().map(|item| item.get().len()).sum();
                self.concurrency = self.concurrency.min((MAX_AHEAD / bytes.max(1)).max(MIN_AHEAD));
                Ok(Some(page))
            }
            Cursor::Known { mut next, last } => {
                while next <= last && self.in_flight.len() < self.concurrency {
                    self.in_flight.push_back((self.fetch)(next));
                    next += 1;
                }
                self.cursor = Cursor::Known { next, last };
                self.in_flight.next().await.transpose()
            }
            Cursor::Follow { next, seen, before } => {
                let page = (self.fetch)(next).await?;
                if seen >= MAX_FOLLOWED || repeats(&before, &page.items) {
                    return Err(endless(seen));
                }
                self.cursor = Self::follow(&page, next, seen + 1);
                Ok(Some(page))
            }
            Cursor::End => Ok(None),
        }
    }

    fn after_first(&self, page: &Page) -> Result<Cursor> {
        let Some(pages) = page.pages else { return Ok(Self::follow(page, 1, 1)) };
        let needed = match self.max_items {
            // Every page but the last has as many items as the first.
            Some(most) if !page.items.is_empty() => most.div_ceil(page.items.len()) as u64,
            _ => pages,
        };
        let last = pages.min(needed);
        if last > MAX_PAGES { Err(endless(last)) } else { Ok(Cursor::Known { next: 2, last }) }
    }

    fn follow(page: &Page, asked: u64, seen: u64) -> Cursor {
        match page.next {
            // Some servers name an earlier page as the next one after the last page.
            Some(next) if next > page.current.unwrap_or(asked).max(asked) && !page.items.is_empty() => {
                Cursor::Follow { next, seen, before: page.items.clone() }
            }
            _ => Cursor::End,
        }
    }
}

fn repeats(before: &[Box<RawValue>], now: &[Box<RawValue>]) -> bool {
    before.len() == now.len() && before.iter().zip(now).all(|(a, b)| a.get() == b.get())
}

fn endless(pages: u64) -> Error {
    Error::new(Kind::BadReply, "the list does not end")
        .cause(format!("the API announced another page after {pages} pages"))
        .hint("pass --limit N to stop after N items")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use std::cell::{Cell, RefCell};

    fn item(number: u64) -> Box<RawValue> {
        RawValue::from_string(number.to_string()).unwrap()
    }

    fn collect(pages: &mut Pages<'_>) -> Result<Vec<String>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut all = Vec::new();
            while let Some(page) = pages.next().await? {
                all.extend(page.items.iter().map(|item| item.get().to_owned()));
            }
            Ok(all)
        })
    }

    #[test]
    fn pages_come_in_order_however_long_each_takes() {
        let fetch = |number: u64| async move {
            for _ in 0..(20 - number) {
                tokio::task::yield_now().await;
            }
            Ok(Page { items: vec![item(number)], pages: Some(12), ..Page::default() })
        };
        let all = collect(&mut Pages::new(fetch, 8, None)).unwrap();
        assert_eq!(all, (1..=12).map(|n| n.to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn fewer_long_pages_are_fetched_in_parallel() {
        let most_under_way = |length: usize| {
            let (in_flight, most) = (Cell::new(0), Cell::new(0));
            let fetch = |number: u64| {
                in_flight.set(in_flight.get() + 1);
                most.set(most.get().max(in_flight.get()));
                let in_flight = &in_flight;
                async move {
                    tokio::task::yield_now().await;
                    in_flight.set(in_flight.get() - 1);
                    let item = RawValue::from_string(format!("{number}{}", "0".repeat(length))).unwrap();
                    Ok(Page { items: vec![item], pages: Some(20), ..Page::default() })
                }
            };
            collect(&mut Pages::new(fetch, 8, None)).unwrap();
            most.into_inner()
        };
        assert_eq!(most_under_way(20_000), 8);
        assert_eq!(most_under_way(500_000), 4);
        assert_eq!(most_under_way(3_000_000), 2);
    }

    #[test]
    fn a_limit_requests_no_more_pages_than_needed() {
        let asked = RefCell::new(Vec::new());
        let fetch = |number: u64| {
            asked.borrow_mut().push(number);
            async move { Ok(Page { items: vec![item(number), item(number)], pages: Some(12), ..Page::default() }) }
        };
        collect(&mut Pages::new(fetch, 8, Some(5))).unwrap();
        assert_eq!(*asked.borrow(), [1, 2, 3]);
    }

    #[test]
    fn without_a_number_of_pages_next_is_followed() {
        let fetch = |number: u64| async move {
            Ok(Page {
                items: vec![item(number)],
                current: Some(number),
                next: (number < 4).then_some(number + 1),
                ..Page::default()
            })
        };
        assert_eq!(collect(&mut Pages::new(fetch, 8, None)).unwrap(), ["1", "2", "3", "4"]);
    }

    #[test]
    fn a_list_without_end_is_an_error() {
        let same = |number: u64| async move {
            Ok(Page { items: vec![item(7)], current: Some(number), next: Some(number + 1), ..Page::default() })
        };
        assert_eq!(collect(&mut Pages::new(same, 8, None)).unwrap_err().kind(), Kind::BadReply);
        let ever = |number: u64| async move {
            Ok(Page { items: vec![item(number)], current: Some(number), next: Some(number + 1), ..Page::default() })
        };
        assert_eq!(collect(&mut Pages::new(ever, 8, None)).unwrap_err().kind(), Kind::BadReply);
        let many = |_: u64| async move { Ok(Page { pages: Some(u64::MAX), ..Page::default() }) };
        assert_eq!(collect(&mut Pages::new(many, 8, None)).unwrap_err().kind(), Kind::BadReply);
    }
}
