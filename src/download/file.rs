//! Downloads into a file: several parallel connections, each byte at its position, resumable.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select, try_join_all};
use tokio::sync::Notify;

use crate::download::connection::{Connection, FetchError, broke_off};
use crate::download::partial_file::PartialFile;
use crate::download::plan::{NextStep, Piece, Plan, SavedPlan};
use crate::download::{Attempts, DownloadOrder, DownloadProgress, SegmentSource, check_not_larger, check_size};
use crate::error::{Error, Kind, Result};
use crate::http::Transport;
use crate::output::Printer;

/// Time between two journal entries.
const JOURNAL_INTERVAL: Duration = Duration::from_millis(500);
/// Longest time between two checks for work on disk and journal.
const SYNC_CHECK_INTERVAL: Duration = Duration::from_millis(100);
/// This many bytes are synced as soon as they exist: an idle disk would have to catch up at the end.
const MAX_UNSYNCED: u64 = 16 * 1024 * 1024;
/// Longest time between two journal entries that are synced, with the data they describe.
const SYNCED_ENTRY_INTERVAL: Duration = Duration::from_secs(10);
/// The rate is meaningful after this time.
const RATE_WARM_UP: Duration = Duration::from_millis(200);
/// Time between two checks of the rate.
const RATE_CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// If the rest takes this many seconds, more connections are worthwhile.
const WORTH_SPLITTING_SECONDS: u64 = 5;
/// How often a segment may change.
const MAX_CHANGES: u32 = 3;

/// A running download, which can be stopped at any time and resumed.
pub(crate) struct Download<'o> {
    order: &'o DownloadOrder,
    part: RefCell<PartialFile>,
    plan: RefCell<Plan>,
    /// Wakes those who wait for the length of a segment.
    plan_changed: Notify,
    /// Number of bytes that are synced, or being synced.
    synced: Cell<u64>,
    /// Enough bytes are ready to be synced.
    sync_due: Notify,
}

impl<'o> Download<'o> {
    /// A download of `order` into `part`, from the position of an earlier run or from the start.
    pub(crate) fn new(order: &'o DownloadOrder, mut part: PartialFile) -> Result<Self> {
        let plan = part.plan(&order.segments)?;
        let resumed_bytes = plan.done();
        Ok(Self {
            order,
            part: RefCell::new(part),
            plan: RefCell::new(plan),
            plan_changed: Notify::new(),
            synced: Cell::new(resumed_bytes),
            sync_due: Notify::new(),
        })
    }

    /// Fetches the missing bytes over up to `parallel` connections and returns the total length. `signed_url` gives the
    /// signed URL of a segment.
    pub(crate) async fn run<F>(
        &self,
        transport: &Transport,
        parallel: usize,
        signed_url: impl Fn(String) -> F,
    ) -> Result<u64>
    where
        F: Future<Output = Result<String>>,
    {
        let source = SegmentSource::new(transport, signed_url)?;
        let printer = transport.printer();
        let mut resumed_bytes = self.plan.borrow().done();
        if resumed_bytes > 0 && self.has_wrong_total() {
            resumed_bytes = self.begin_again(printer)?;
        }
        let progress = DownloadProgress::start(printer, self.order, resumed_bytes);
        let mut changes = 0;
        loop {
            let work = try_join_all((0..parallel).map(|_| self.run_worker(&source, &progress)));
            let outcome = match select(Box::pin(work), Box::pin(self.keep_journal())).await {
                Either::Left((outcome, _)) => outcome.map(drop),
                Either::Right((error, _)) => Err((0, FetchError::Permanent(error))),
            };
            self.plan.borrow_mut().release();
            match outcome {
                // The partial file may be the cause.
                Ok(()) if resumed_bytes > 0 && self.has_wrong_total() => resumed_bytes = self.begin_again(printer)?,
                Ok(()) => break,
                Err((segment, FetchError::ContentChanged)) if changes < MAX_CHANGES => {
                    changes += 1;
                    let mut plan = self.plan.borrow_mut();
                    printer.warn(&format!("{} has changed; downloading it again", plan.id(segment)));
                    plan.reset_from(segment);
                }
                Err((segment, FetchError::ContentChanged)) => {
                    let message = format!("{} keeps changing", self.plan.borrow().id(segment));
                    return Err(Error::new(Kind::BadReply, message));
                }
                Err((
                    _,
                    FetchError::Transient(error) | FetchError::UrlExpired(error) | FetchError::Permanent(error),
                )) => {
                    return Err(error);
                }
            }
        }
        let done = self.plan.borrow().done();
        progress.finish(done);
        check_size(self.order, done)?;
        Ok(done)
    }

    fn has_wrong_total(&self) -> bool {
        self.order.total.is_some_and(|total| self.plan.borrow().contradicts(total))
    }

    /// Discards the downloaded bytes.
    fn begin_again(&self, printer: &Printer) -> Result<u64> {
        printer.warn(&format!("{}: the partial file has the wrong size; starting over", self.order.label));
        *self.plan.borrow_mut() = self.part.borrow_mut().begin_again(&self.order.segments)?;
        self.synced.set(0);
        Ok(0)
    }

    /// Whether every segment is complete.
    pub(crate) fn is_whole(&self) -> bool {
        let plan = self.plan.borrow();
        plan.total() == Some(plan.done())
    }

    /// Syncs the data and writes the journal, to resume later; returns the number of bytes.
    pub(crate) fn suspend(mut self) -> Result<u64> {
        let plan = self.plan.get_mut();
        plan.release();
        self.part.get_mut().suspend(plan)?;
        Ok(plan.done())
    }

    /// The complete file.
    pub(crate) fn into_partial_file(self) -> PartialFile {
        self.part.into_inner()
    }

    /// Fetches one piece after the other until none is left.
    async fn run_worker<A, F>(
        &self,
        source: &SegmentSource<'_, A>,
        progress: &DownloadProgress<'_>,
    ) -> Result<(), (usize, FetchError)>
    where
        A: Fn(String) -> F,
        F: Future<Output = Result<String>>,
    {
        loop {
            let plan_changed = self.plan_changed.notified();
            let next = self.plan.borrow_mut().take_next();
            match next {
                NextStep::Fetch(piece) => {
                    let outcome = self.fetch(source, progress, piece).await;
                    outcome.map_err(|failure| (piece.segment, failure))?;
                }
                NextStep::Wait => plan_changed.await,
                NextStep::Split if self.is_slow(progress) => {
                    let half = self.plan.borrow_mut().split_longest();
                    if let Some(piece) = half {
                        let outcome = self.fetch(source, progress, piece).await;
                        outcome.map_err(|failure| (piece.segment, failure))?;
                    }
                }
                NextStep::Split => tokio::time::sleep(RATE_CHECK_INTERVAL).await,
                NextStep::Nothing => return Ok(()),
            }
        }
    }

    /// Whether more connections would help: at the current rate the rest would take long. On a fast network they would
    /// only cost.
    fn is_slow(&self, progress: &DownloadProgress<'_>) -> bool {
        let plan = self.plan.borrow();
        let (done, took) = (plan.done(), progress.began.elapsed());
        let left = plan.total().or(self.order.total).map_or(u64::MAX, |total| total.saturating_sub(done));
        took >= RATE_WARM_UP && left / progress.rate(done).max(1) >= WORTH_SPLITTING_SECONDS
    }

    /// Fetches a piece, over as many connections as it takes.
    async fn fetch<A, F>(
        &self,
        source: &SegmentSource<'_, A>,
        progress: &DownloadProgress<'_>,
        piece: Piece,
    ) -> Result<(), FetchError>
    where
        A: Fn(String) -> F,
        F: Future<Output = Result<String>>,
    {
        let id = self.plan.borrow().id(piece.segment).to_owned();
        let mut attempts = Attempts::default();
        loop {
            let missing = self.plan.borrow().missing(piece);
            let known = self.plan.borrow().version(piece.segment).cloned();
            let connection = source.open(&id, missing, known.as_ref(), &mut attempts).await?;
            self.plan.borrow_mut().set_version(piece.segment, connection.version.clone(), connection.supports_ranges);
            self.plan_changed.notify_waiters();
            let start = self.segment_offset(piece.segment).await;
            match self.receive(connection, progress, piece, start, &mut attempts).await {
                Ok(()) => return Ok(()),
                Err(FetchError::Transient(why)) => source.pause(&id, &mut attempts, why).await?,
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Position of a segment in the file: known when those before it have been requested.
    async fn segment_offset(&self, segment: usize) -> u64 {
        loop {
            let plan_changed = self.plan_changed.notified();
            if let Some(start) = self.plan.borrow().offset_of(segment) {
                return start;
            }
            plan_changed.await;
        }
    }

    async fn receive(
        &self,
        mut connection: Connection,
        progress: &DownloadProgress<'_>,
        piece: Piece,
        start: u64,
        attempts: &mut Attempts,
    ) -> Result<(), FetchError> {
        loop {
            // The piece gets shorter when another connection takes its second half.
            let (at, to) = self.plan.borrow().missing(piece);
            let left = to.map(|to| usize::try_from(to - at).unwrap_or(usize::MAX));
            if left == Some(0) {
                return connection.check_end(at).await;
            }
            let Some(chunk) = connection.read(at).await? else {
                if left.is_none() {
                    self.plan.borrow_mut().set_end(piece);
                    self.plan_changed.notify_waiters();
                    return Ok(());
                }
                let id = self.plan.borrow().id(piece.segment).to_owned();
                return Err(FetchError::Transient(broke_off(&id, at, "the server closed the connection early")));
            };
            attempts.reset();
            let (at, to) = self.plan.borrow().missing(piece);
            let left = to.map_or(usize::MAX, |to| usize::try_from(to - at).unwrap_or(usize::MAX));
            let chunk = &chunk[..chunk.len().min(left)];
            self.part.borrow().write_at(chunk, start.saturating_add(at)).map_err(FetchError::Permanent)?;
            self.plan.borrow_mut().add_bytes(piece, chunk.len() as u64);
            progress.add_bytes(chunk.len()).map_err(FetchError::Permanent)?;
            let done = self.plan.borrow().done();
            if to.is_none() {
                check_not_larger(self.order, done).map_err(FetchError::Permanent)?;
            }
            if self.has_enough_to_sync(done) {
                self.sync_due.notify_one();
            }
            progress.show(done);
        }
    }

    fn has_enough_to_sync(&self, done: u64) -> bool {
        done.saturating_sub(self.synced.get()) >= MAX_UNSYNCED
    }

    /// Repeatedly syncs the written data and records it in the journal; ends only with an error.
    async fn keep_journal(&self) -> Error {
        // Earlier data may have been discarded since.
        self.synced.set(self.synced.get().min(self.plan.borrow().done()));
        let (mut settled, mut entered) = (Instant::now(), Instant::now());
        loop {
            let _ = tokio::time::timeout(SYNC_CHECK_INTERVAL, self.sync_due.notified()).await;
            let (record, done) = (self.plan.borrow().to_saved(), self.plan.borrow().done());
            let entry_due = entered.elapsed() >= JOURNAL_INTERVAL;
            let settle = settled.elapsed() >= SYNCED_ENTRY_INTERVAL;
            let must_be_on_disk = settle || (entry_due && !self.part.borrow_mut().journal().knows_boot());
            let mut outcome = Ok(());
            if self.has_enough_to_sync(done) || (must_be_on_disk && done > self.synced.get()) {
                self.synced.set(done);
                outcome = self.sync(record).await;
            }
            if outcome.is_ok() && (settle || entry_due) {
                entered = Instant::now();
                outcome = self.write_journal(settle);
                if settle {
                    settled = Instant::now();
                }
            }
            if let Err(error) = outcome {
                return error;
            }
        }
    }

    /// Syncs the data written so far, which is at least what `record` describes.
    async fn sync(&self, record: SavedPlan) -> Result<()> {
        let sync = self.part.borrow().sync()?;
        sync.await?;
        self.part.borrow_mut().journal().set_on_disk(record);
        Ok(())
    }

    fn write_journal(&self, settle: bool) -> Result<()> {
        let written = self.plan.borrow().to_saved();
        let mut part = self.part.borrow_mut();
        if settle { part.journal().write_synced(&written) } else { part.journal().write_unsynced(&written) }
    }
}
