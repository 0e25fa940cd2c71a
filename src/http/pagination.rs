//! Lists in pages: the first page gives the number of pages; the others are fetched in parallel and returned in order.

use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};
use std::pin::Pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Kind, Result};

/// More pages than an hour's requests can fetch: a server that announces more is wrong.
const MAX_PAGES: u64 = 3_600;
/// Maximum number of pages that are followed if their total is unknown.
const MAX_FOLLOWED: u64 = 1_000;

/// Maximum number of items of a reply: each takes some kilobytes while a table is laid out, however small it
/// is.
const MAX_ITEMS: usize = 20_000;

/// Maximum size of the pages in flight, in bytes, so that memory does not grow with the length of pages. Two pages may
/// exceed it, so that one is fetched while the other is printed.
const MAX_AHEAD: usize = 2 * 1024 * 1024;
const MIN_AHEAD: usize = 2;

/// Checks the number of items of a reply.
pub(crate) fn check_number_of_items(items: usize) -> Result<(), String> {
    if items <= MAX_ITEMS { Ok(()) } else { Err(format!("{items} items; the limit is {MAX_ITEMS}")) }
}

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
    /// Number of items of the first page; all but the last have the same.
    page_length: usize,
    /// Number of returned items.
    handed_over: usize,
    /// The first page, if it was loaded ahead.
    first: Option<Page>,
    /// Whether the first page said which one it is.
    is_numbered: bool,
    before: ItemKeys,
    hasher: RandomState,
}

enum Cursor {
    /// Nothing has been requested.
    Start,
    /// As far as the last page told, there are pages up to `last`: those from `to_ask` on are still to be asked for, and
    /// `to_come` is the next one to be handed over.
    Known { to_come: u64, to_ask: u64, last: u64 },
    /// Only the next page is known.
    Follow { next: u64, seen: u64 },
    /// All pages have been returned.
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
            page_length: 0,
            handed_over: 0,
            first: None,
            is_numbered: false,
            before: ItemKeys::default(),
            hasher: RandomState::new(),
        }
    }

    /// Loads the first page, which `next` then returns.
    pub(crate) async fn load_first(&mut self) -> Result<()> {
        self.first = Some((self.fetch)(1).await?);
        Ok(())
    }

    /// The next page, in order; `None` after the last. A row that stood on the page before, because the list grew in
    /// between, is left out.
    ///
    /// # Errors
    /// If a page fails, repeats the previous page, or the list does not end.
    pub(crate) async fn next(&mut self) -> Result<Option<Page>> {
        let (number, seen, mut page) = match std::mem::replace(&mut self.cursor, Cursor::End) {
            Cursor::Start => {
                let first = match self.first.take() {
                    Some(first) => first,
                    None => (self.fetch)(1).await?,
                };
                (1, 1, first)
            }
            Cursor::Known { to_come, mut to_ask, last } => {
                while to_ask <= last && self.in_flight.len() < self.concurrency {
                    self.in_flight.push_back((self.fetch)(to_ask));
                    to_ask += 1;
                }
                self.cursor = Cursor::Known { to_come, to_ask, last };
                let Some(page) = self.in_flight.next().await.transpose()? else { return Ok(None) };
                (to_come, to_come, page)
            }
            Cursor::Follow { next, seen } => (next, seen + 1, (self.fetch)(next).await?),
            Cursor::End => return Ok(None),
        };
        if number == 1 {
            self.page_length = page.items.len();
            self.is_numbered = page.current.is_some();
            let bytes: usize = page.items.iter().map(|item| item.get().len()).sum();
            self.concurrency = self.concurrency.min((MAX_AHEAD / bytes.max(1)).max(MIN_AHEAD));
        }
        let (has_items, mut keys) = (!page.items.is_empty(), None);
        if number > 1 {
            self.check_later_page(number, &page)?;
        }
        if number > 1 && has_items {
            let now = ItemKeys::of(&page.items, &self.hasher);
            if now.brings_nothing_new(&self.before) {
                return Err(repeated(number));
            }
            let mut shifted = now.keys.iter().map(|key| self.before.ids.contains(key));
            page.items.retain(|_| shifted.next() != Some(true));
            keys = Some(now);
        }
        self.handed_over += page.items.len();
        self.cursor = self.after(number, seen, &page, has_items)?;
        // Without a next page there is nothing to compare; a page without items says nothing about the next.
        if has_items && !matches!(self.cursor, Cursor::End) {
            self.before = keys.unwrap_or_else(|| ItemKeys::of(&page.items, &self.hasher));
        }
        Ok(Some(page))
    }

    /// Checks a page after the first: a reply to another request has no number, and an empty page cannot be followed by
    /// others, nor be one of those that it counts.
    fn check_later_page(&self, number: u64, page: &Page) -> Result<()> {
        if self.is_numbered && page.current.is_none() {
            return Err(unnumbered(number));
        }
        let goes_on = page.pages.or(page.next).filter(|last| page.items.is_empty() && *last >= number);
        goes_on.map_or(Ok(()), |last| Err(empty(number, last)))
    }

    /// Whether another page is known.
    pub(crate) fn has_more(&self) -> bool {
        !matches!(self.cursor, Cursor::End)
    }

    /// What to fetch after a page. Each page reports the number of pages again, because lists grow and shrink.
    fn after(&self, number: u64, seen: u64, page: &Page, has_items: bool) -> Result<Cursor> {
        // Some servers name an earlier page as the next one after the last page.
        let ahead = page.next.filter(|next| has_items && *next > page.current.unwrap_or(number).max(number));
        // If there is a next page, a number of pages that does not count this one is wrong, and so is one that ends here
        // although the list has more items.
        let is_more = page.total.is_some_and(|total| total > self.handed_over as u64);
        let first_possible = if is_more { number + 1 } else { number };
        let pages = page.pages.filter(|pages| *pages >= first_possible || ahead.is_none());
        let (to_ask, told) = match self.cursor {
            Cursor::Known { to_ask, last, .. } => (to_ask, pages.or(Some(ahead.unwrap_or(0).max(last)))),
            _ => (number + 1, pages),
        };
        let Some(pages) = told else {
            return match ahead {
                Some(_) if seen > MAX_FOLLOWED => Err(endless(seen)),
                Some(next) => Ok(Cursor::Follow { next, seen }),
                None => Ok(Cursor::End),
            };
        };
        let needed = match self.max_items {
            Some(most) if self.page_length > 0 => {
                number + most.saturating_sub(self.handed_over).div_ceil(self.page_length) as u64
            }
            _ => pages,
        };
        let last = pages.min(needed);
        if last > MAX_PAGES {
            return Err(endless(last));
        }
        Ok(if last > number { Cursor::Known { to_come: number + 1, to_ask, last } } else { Cursor::End })
    }
}

/// Identifies the items of a page by hashes, so that memory does not depend on their size.
#[derive(Default)]
struct ItemKeys {
    /// One per item, in order: of its id, or of the whole item without one.
    keys: Vec<u64>,
    /// Those of the items that have an id.
    ids: HashSet<u64>,
}

impl ItemKeys {
    fn of(items: &[Box<RawValue>], hasher: &RandomState) -> Self {
        let mut found = Self::default();
        for item in items {
            let id = id_of(item);
            let key = hasher.hash_one(id.unwrap_or(item.get()));
            found.keys.push(key);
            if id.is_some() {
                found.ids.insert(key);
            }
        }
        found
    }

    fn brings_nothing_new(&self, before: &Self) -> bool {
        self.keys == before.keys || self.keys.iter().all(|key| before.ids.contains(key))
    }
}

/// The JSON text of the first field `uid` or `id` of an item, if it is a string or a number.
fn id_of(item: &RawValue) -> Option<&str> {
    struct Finder<'i, 'd>(&'i mut Option<&'d str>);

    impl<'d> Visitor<'d> for Finder<'_, 'd> {
        type Value = ();

        fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<M: MapAccess<'d>>(self, mut map: M) -> Result<(), M::Error> {
            while let Some(IsId(is_id)) = map.next_key()? {
                if is_id {
                    *self.0 = Some(map.next_value::<&RawValue>()?.get());
                    break;
                }
                map.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }

    let mut found = None;
    // Unread fields end it with an error, which is ignored.
    let _ = serde_json::Deserializer::from_str(item.get()).deserialize_map(Finder(&mut found));
    found.filter(|id| id.starts_with(|first: char| first == '"' || first == '-' || first.is_ascii_digit()))
}

/// Whether a key is that of an id.
struct IsId(bool);

impl<'d> Deserialize<'d> for IsId {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        struct Key;

        impl Visitor<'_> for Key {
            type Value = IsId;

            fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
                formatter.write_str("a key")
            }

            fn visit_str<E>(self, key: &str) -> Result<IsId, E> {
                Ok(IsId(matches!(key, "uid" | "id")))
            }
        }

        deserializer.deserialize_str(Key)
    }
}

fn repeated(number: u64) -> Error {
    Error::new(Kind::BadReply, format!("page {number} of the list repeats the previous page"))
        .cause("the server ignores the page number, or the list does not end")
}

fn empty(number: u64, last: u64) -> Error {
    Error::new(Kind::BadReply, format!("page {number} of the list is empty"))
        .cause(format!("the page itself says that the list has {last} pages"))
}

fn unnumbered(number: u64) -> Error {
    Error::new(Kind::BadReply, format!("page {number} of the list does not say which page it is"))
        .cause("the first page did, so this may be the reply to another request")
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
    fn an_item_is_told_by_the_first_of_its_ids() {
        for (json, expected) in [
            (r#"{"name": {"id": 3}, "id": 7, "uid": "u"}"#, Some("7")),
            (r#"{"\u0075id": "u", "id": 7}"#, Some(r#""u""#)),
            (r#"{"id": "7\u0041"}"#, Some(r#""7\u0041""#)),
            (r#"{"id": null}"#, None),
            (r#"{"id": {"id": 1}}"#, None),
            (r#"{"name": "a"}"#, None),
            ("[7]", None),
            ("7", None),
        ] {
            let item = RawValue::from_string(json.to_owned()).unwrap();
            assert_eq!(id_of(&item), expected, "{json}");
        }
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
        let grows = |number: u64| async move {
            Ok(Page { items: vec![item(number)], pages: Some(number + 1), ..Page::default() })
        };
        assert_eq!(collect(&mut Pages::new(grows, 8, None)).unwrap_err().message(), "the list does not end");
        let many = |_: u64| async move { Ok(Page { pages: Some(u64::MAX), ..Page::default() }) };
        assert_eq!(collect(&mut Pages::new(many, 8, None)).unwrap_err().kind(), Kind::BadReply);
    }
}
