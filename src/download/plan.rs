//! The plan of a download: segments, each with spans that grow from their front.
//!
//! A segment starts as one span. An idle connection may take half of the longest span in progress, so that a large
//! segment uses several connections and no chunk size must be guessed.

mod record;

use serde::{Deserialize, Serialize};

pub(crate) use crate::download::plan::record::SavedPlan;

/// Half of a span must be at least this long, in bytes, to be worth a connection.
const MIN_SPLIT: u64 = 4 * 1024 * 1024;

/// Identifies one version of a segment's content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ContentVersion {
    /// Length in bytes, if known.
    pub(crate) length: Option<u64>,
    /// The `ETag`, else the `Last-Modified` of the segment.
    pub(crate) tag: Option<String>,
}

/// A range of a segment: the bytes before `at` exist.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    from: u64,
    at: u64,
    /// Its end; `None` while the length of the segment is unknown.
    to: Option<u64>,
    /// Whether it is being fetched.
    in_flight: bool,
}

impl Span {
    fn is_whole(&self) -> bool {
        self.to == Some(self.at)
    }
}

/// A segment with its spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Segment {
    id: String,
    version: Option<ContentVersion>,
    /// Whether its server supports ranges.
    supports_ranges: bool,
    spans: Vec<Span>,
}

/// A span being fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Its segment.
    pub(crate) segment: usize,
    span: usize,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NextStep {
    /// Fetch this piece.
    Fetch(Piece),
    /// Wait: the length of a segment will be known soon.
    Wait,
    /// Split a span of another connection, if worthwhile.
    Split,
    /// Nothing.
    Nothing,
}

/// All segments of a download, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    segments: Vec<Segment>,
}

impl Plan {
    /// An empty plan.
    pub(crate) fn new(ids: &[String]) -> Self {
        Self { segments: ids.iter().map(|id| Segment::fresh(id)).collect() }
    }

    /// What to do next; a returned piece counts as being fetched.
    pub(crate) fn take_next(&mut self) -> NextStep {
        for (segment, found) in self.segments.iter_mut().enumerate() {
            if let Some(span) = found.spans.iter().position(|span| !span.in_flight && !span.is_whole()) {
                found.spans[span].in_flight = true;
                return NextStep::Fetch(Piece { segment, span });
            }
        }
        if self.longest().is_some() {
            return NextStep::Split;
        }
        let opening = self.segments.iter().any(|segment| segment.version.is_none());
        if opening { NextStep::Wait } else { NextStep::Nothing }
    }

    /// Takes the second half of the longest span, unless it has become too short.
    pub(crate) fn split_longest(&mut self) -> Option<Piece> {
        let (segment, span, left) = self.longest()?;
        let spans = &mut self.segments[segment].spans;
        let to = spans[span].to;
        let middle = spans[span].at + left / 2;
        spans[span].to = Some(middle);
        spans.push(Span { from: middle, at: middle, to, in_flight: true });
        Some(Piece { segment, span: spans.len() - 1 })
    }

    /// The span with the most bytes left, if its half is worth a connection: segment, span, and bytes left.
    fn longest(&self) -> Option<(usize, usize, u64)> {
        let segments = self.segments.iter().enumerate().filter(|(_, segment)| segment.supports_ranges);
        let spans = segments.flat_map(|(at, segment)| {
            segment.spans.iter().enumerate().filter_map(move |(span, found)| Some((at, span, found.to? - found.at)))
        });
        spans.max_by_key(|(.., left)| *left).filter(|(.., left)| *left >= 2 * MIN_SPLIT)
    }

    /// Id of the segment.
    pub(crate) fn id(&self, segment: usize) -> &str {
        &self.segments[segment].id
    }

    /// The version of the content of the existing bytes.
    pub(crate) fn version(&self, segment: usize) -> Option<&ContentVersion> {
        self.segments[segment].version.as_ref()
    }

    /// The next missing byte, and the end of the piece if known.
    pub(crate) fn missing(&self, piece: Piece) -> (u64, Option<u64>) {
        let span = &self.segments[piece.segment].spans[piece.span];
        (span.at, span.to)
    }

    /// Records the head of a reply for a segment.
    pub(crate) fn set_version(&mut self, segment: usize, version: ContentVersion, supports_ranges: bool) {
        let segment = &mut self.segments[segment];
        segment.supports_ranges = supports_ranges;
        if segment.version.is_none() {
            segment.spans[0].to = version.length;
            segment.version = Some(version);
        }
    }

    /// Records `bytes` more of a piece.
    pub(crate) fn add_bytes(&mut self, piece: Piece, bytes: u64) {
        self.segments[piece.segment].spans[piece.span].at += bytes;
    }

    /// Records that a segment of unknown length ends here.
    pub(crate) fn set_end(&mut self, piece: Piece) {
        let segment = &mut self.segments[piece.segment];
        let span = &mut segment.spans[piece.span];
        span.to = Some(span.at);
        if let Some(version) = &mut segment.version {
            version.length = Some(span.at);
        }
    }

    /// Position of a segment in the joined file, once all before it know their length.
    pub(crate) fn offset_of(&self, segment: usize) -> Option<u64> {
        self.segments[..segment].iter().try_fold(0_u64, |sum, segment| sum.checked_add(segment.length()?))
    }

    /// Number of existing bytes.
    pub(crate) fn done(&self) -> u64 {
        self.segments.iter().flat_map(|segment| &segment.spans).map(|span| span.at - span.from).sum()
    }

    /// Total length of all segments, once known.
    pub(crate) fn total(&self) -> Option<u64> {
        self.offset_of(self.segments.len())
    }

    /// Whether the known lengths of the segments contradict a total of `total` bytes.
    pub(crate) fn contradicts(&self, total: u64) -> bool {
        let known = self.segments.iter().filter_map(Segment::length);
        self.total().is_some_and(|sum| sum != total) || known.fold(0, u64::saturating_add) > total
    }

    /// Discards a segment that has changed, and those after it: their positions may have changed.
    pub(crate) fn reset_from(&mut self, segment: usize) {
        for segment in &mut self.segments[segment..] {
            *segment = Segment::fresh(&segment.id);
        }
    }

    /// Releases all pieces.
    pub(crate) fn release(&mut self) {
        for segment in &mut self.segments {
            segment.spans.iter_mut().for_each(|span| span.in_flight = false);
            // Without a length, the position of the rest is unknown; it is fetched again.
            if segment.version.as_ref().is_some_and(|version| version.length.is_none()) {
                *segment = Segment::fresh(&segment.id);
            }
        }
    }
}

impl Segment {
    fn fresh(id: &str) -> Self {
        let span = Span { from: 0, at: 0, to: None, in_flight: false };
        Self { id: id.to_owned(), version: None, supports_ranges: false, spans: vec![span] }
    }

    fn length(&self) -> Option<u64> {
        self.version.as_ref()?.length
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

    use super::*;

    const MIB: u64 = 1024 * 1024;

    fn ids(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn piece(plan: &mut Plan) -> Piece {
        match plan.take_next() {
            NextStep::Fetch(piece) => piece,
            other => panic!("{other:?}"),
        }
    }

    fn version(length: u64) -> ContentVersion {
        ContentVersion { length: Some(length), tag: Some("\"v1\"".to_owned()) }
    }

    #[test]
    fn segments_come_first_and_then_halves_of_the_longest() {
        let mut plan = Plan::new(&ids(&["a", "b"]));
        let a = piece(&mut plan);
        let b = piece(&mut plan);
        assert_eq!((plan.id(a.segment), plan.id(b.segment)), ("a", "b"));
        assert_eq!(plan.take_next(), NextStep::Wait);
        plan.set_version(1, version(MIB), true);
        assert_eq!((plan.offset_of(0), plan.offset_of(1), plan.total()), (Some(0), None, None));
        plan.set_version(0, version(32 * MIB), true);
        assert_eq!((plan.offset_of(1), plan.total()), (Some(32 * MIB), Some(33 * MIB)));
        assert_eq!(plan.take_next(), NextStep::Split);
        let half = plan.split_longest().unwrap();
        assert_eq!(plan.missing(half), (16 * MIB, Some(32 * MIB)));
        assert_eq!(plan.missing(a), (0, Some(16 * MIB)));
        plan.add_bytes(a, 16 * MIB - 1);
        let quarter = plan.split_longest().unwrap();
        assert_eq!(plan.missing(quarter), (24 * MIB, Some(32 * MIB)));
        assert!(plan.split_longest().is_some() && plan.split_longest().is_some());
        assert_eq!(
            (plan.split_longest(), plan.take_next()),
            (None, NextStep::Nothing),
            "no half is worth a connection"
        );
        assert_eq!(plan.done(), 16 * MIB - 1);
    }

    #[test]
    fn a_server_without_ranges_gets_whole_requests_only() {
        let mut plan = Plan::new(&ids(&["a"]));
        let a = piece(&mut plan);
        plan.set_version(0, version(100 * MIB), false);
        assert_eq!(plan.take_next(), NextStep::Nothing);
        plan.add_bytes(a, 5);
        plan.release();
        assert_eq!(piece(&mut plan), a);
        assert_eq!(plan.missing(a), (5, Some(100 * MIB)));
    }

    #[test]
    fn a_length_can_be_known_at_the_end_only() {
        let mut plan = Plan::new(&ids(&["a", "b"]));
        let a = piece(&mut plan);
        plan.set_version(0, ContentVersion::default(), false);
        plan.add_bytes(a, 7);
        assert_eq!(plan.offset_of(1), None);
        plan.set_end(a);
        assert_eq!(plan.offset_of(1), Some(7));
        let mut broken = Plan::new(&ids(&["a"]));
        let a = piece(&mut broken);
        broken.set_version(0, ContentVersion::default(), false);
        broken.add_bytes(a, 7);
        broken.release();
        assert_eq!(broken, Plan::new(&ids(&["a"])));
    }

    #[test]
    fn a_recorded_plan_is_resumed() {
        let names = ids(&["a", "b", "c"]);
        let mut plan = Plan::new(&names);
        let (a, b) = (piece(&mut plan), piece(&mut plan));
        plan.set_version(0, version(32 * MIB), true);
        plan.set_version(1, version(10), true);
        plan.add_bytes(a, 3 * MIB);
        plan.add_bytes(b, 10);
        let half = plan.split_longest().unwrap();
        plan.add_bytes(half, MIB);
        let record = plan.to_saved();
        let text = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<SavedPlan>(&text).unwrap(), record);
        let mut again = Plan::resume(&names, &record, 40 * MIB).unwrap();
        assert_eq!((again.done(), again.to_saved()), (plan.done(), record.clone()));
        let first = piece(&mut again);
        assert_eq!(again.missing(first), (3 * MIB, Some(35 * MIB / 2)));
        assert_eq!(again.version(0), Some(&version(32 * MIB)));
        assert!(Plan::resume(&names, &record, 32 * MIB).is_none(), "the file is shorter than it was");
        assert!(Plan::resume(&ids(&["a", "b"]), &record, 40 * MIB).is_none());
        for wrong in [
            r#"[{"id":"a","version":{"length":5,"tag":null},"done":[[0,6]]}]"#,
            r#"[{"id":"a","version":{"length":5,"tag":null},"done":[[3,4],[0,1]]}]"#,
            r#"[{"id":"a","version":{"length":5,"tag":null},"done":[[2,2]]}]"#,
            r#"[{"id":"a","version":null,"done":[[0,1]]}]"#,
            r#"[{"id":"a","version":{"length":18446744073709551615,"tag":null},"done":[[0,18446744073709551615]]}]"#,
        ] {
            let record: SavedPlan = serde_json::from_str(wrong).unwrap();
            assert!(Plan::resume(&ids(&["a"]), &record, 100).is_none(), "{wrong}");
        }
    }

    #[test]
    fn lengths_that_cannot_add_up_to_the_total_are_noticed() {
        let mut plan = Plan::new(&ids(&["a", "b"]));
        assert!(!plan.contradicts(10));
        plan.set_version(0, version(8), true);
        assert!(!plan.contradicts(10) && plan.contradicts(7));
        plan.set_version(1, version(2), true);
        assert!(!plan.contradicts(10) && plan.contradicts(9) && plan.contradicts(11));
    }

    #[test]
    fn a_changed_segment_discards_those_after_it() {
        let mut plan = Plan::new(&ids(&["a", "b", "c"]));
        for index in 0..3 {
            let next = piece(&mut plan);
            plan.set_version(index, version(10), true);
            plan.add_bytes(next, 10);
        }
        plan.reset_from(1);
        assert_eq!((plan.done(), plan.version(0).is_some(), plan.version(1), plan.version(2)), (10, true, None, None));
    }
}
