//! A plan between two runs: recorded, and resumed if it is valid.

use serde::{Deserialize, Serialize};

use crate::download::plan::{ContentVersion, Plan, Segment, Span};

/// A recorded plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SavedPlan(Vec<SavedSegment>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SavedSegment {
    id: String,
    version: Option<ContentVersion>,
    /// The existing ranges: first byte and the one after the last, in order.
    done: Vec<(u64, u64)>,
}

impl Plan {
    /// The plan as a record.
    pub(crate) fn to_saved(&self) -> SavedPlan {
        let segments = self.segments.iter().map(|segment| {
            let known = segment.version.as_ref().filter(|version| version.length.is_some());
            let mut done: Vec<(u64, u64)> = Vec::new();
            let mut spans: Vec<&Span> = segment.spans.iter().filter(|span| span.at > span.from).collect();
            spans.sort_by_key(|span| span.from);
            for span in spans.iter().filter(|_| known.is_some()) {
                match done.last_mut() {
                    Some((_, end)) if *end == span.from => *end = span.at,
                    _ => done.push((span.from, span.at)),
                }
            }
            SavedSegment { id: segment.id.clone(), version: known.cloned(), done }
        });
        SavedPlan(segments.collect())
    }

    /// Resumes a recorded plan, if it has the same segments and `size` bytes of the file can contain its ranges.
    pub(crate) fn resume(ids: &[String], record: &SavedPlan, size: u64) -> Option<Self> {
        let same = record.0.len() == ids.len() && record.0.iter().zip(ids).all(|(known, id)| known.id == *id);
        if !same {
            return None;
        }
        let segments: Option<Vec<Segment>> = record.0.iter().map(SavedSegment::segment).collect();
        let plan = Self { segments: segments? };
        let held = plan.segments.iter().enumerate().all(|(index, segment)| {
            let last = segment.spans.iter().filter(|span| span.at > span.from).map(|span| span.at).max();
            last.is_none_or(|last| plan.offset_of(index).is_some_and(|start| start.saturating_add(last) <= size))
        });
        held.then_some(plan)
    }
}

impl SavedSegment {
    /// The segment, if the ranges are in order and within its length.
    fn segment(&self) -> Option<Segment> {
        let Some(length) = self.version.as_ref().and_then(|version| version.length) else {
            return self.done.is_empty().then(|| Segment::fresh(&self.id));
        };
        let mut spans = Vec::new();
        let mut at = 0;
        for &(from, to) in &self.done {
            if from < at || to <= from || to > length {
                return None;
            }
            if from > at {
                spans.push(Span { from: at, at, to: Some(from), in_flight: false });
            }
            spans.push(Span { from, at: to, to: Some(to), in_flight: false });
            at = to;
        }
        if at < length || spans.is_empty() {
            spans.push(Span { from: at, at, to: Some(length), in_flight: false });
        }
        Some(Segment { id: self.id.clone(), version: self.version.clone(), supports_ranges: false, spans })
    }
}
