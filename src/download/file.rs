//! A download into a file: several connections at a time, each byte at its place, going on where an earlier run was.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select, try_join_all};
use tokio::sync::Notify;

use crate::download::connection::{Connection, Failure, broken};
use crate::download::partial_file::PartFile;
use crate::download::plan::{Next, Piece, Plan, Record};
use crate::download::{Attempts, DownloadOrder, Gauge, Source, check_size};
use crate::error::{Error, Kind, Result};
use crate::http::Transport;

/// Time between two entries into the journal.
const JOURNAL_PAUSE: Duration = Duration::from_millis(500);
/// Longest time between two looks at what is due for the disk and the journal.
const SYNC_LOOK: Duration = Duration::from_millis(100);
/// So many bytes are put on disk as soon as they are there: a disk that rests meanwhile is waited for at the end.
const MOST_UNSYNCED: u64 = 16 * 1024 * 1024;
/// Longest time between two entries into the journal that are on disk themselves, with all that they tell of.
const SETTLE_PAUSE: Duration = Duration::from_secs(10);
/// The rate is worth something after this time.
const FIRST_LOOK: Duration = Duration::from_millis(200);
/// Time between two looks at the rate.
const LOOK_PAUSE: Duration = Duration::from_millis(50);
/// A rest that takes this many seconds is worth further connections.
const LONG_REST: u64 = 5;
/// How often a segment may turn out to be another than before.
const MOST_CHANGES: u32 = 3;

/// A download on its way, which can be left at any time and taken up again.
pub(crate) struct Download<'o> {
    order: &'o DownloadOrder,
    part: RefCell<PartFile>,
    plan: RefCell<Plan>,
    /// How many bytes were there at the start.
    before: u64,
    /// Somebody who waits for the length of a segment may look again.
    news: Notify,
    /// How many bytes are on disk, or on their way to it.
    synced: Cell<u64>,
    /// Enough of the rest has come to be put there.
    enough: Notify,
}

impl<'o> Download<'o> {
    /// A download of `order` into `part`, where `part` was left by an earlier run or from the start.
    pub(crate) fn new(order: &'o DownloadOrder, mut part: PartFile) -> Result<Self> {
        let plan = part.plan(&order.segments)?;
        let before = plan.done();
        Ok(Self {
            order,
            part: RefCell::new(part),
            plan: RefCell::new(plan),
            before,
            news: Notify::new(),
            synced: Cell::new(before),
            enough: Notify::new(),
        })
    }

    /// Fetches what is missing over as many as `parallel` connections and gives the length of the whole. `address`
    /// gives the signed address of a segment.
    pub(crate) async fn run<F>(
        &self,
        transport: &Transport,
        parallel: usize,
        address: impl Fn(String) -> F,
    ) -> Result<u64>
    where
        F: Future<Output = Result<String>>,
    {
        let source = Source::new(transport, address)?;
        let gauge = Gauge::start(transport.printer(), self.order, self.before);
        let mut changes = 0;
        loop {
            let work = try_join_all((0..parallel).map(|_| self.work(&source, &gauge)));
            let outcome = match select(Box::pin(work), Box::pin(self.keep_journal())).await {
                Either::Left((outcome, _)) => outcome.map(drop),
                Either::Right((error, _)) => Err((0, Failure::Lasting(error))),
            };
            self.plan.borrow_mut().release();
            match outcome {
                Ok(()) => break,
                Err((segment, Failure::Changed)) if changes < MOST_CHANGES => {
                    changes += 1;
                    let mut plan = self.plan.borrow_mut();
                    transport.printer().warn(&format!("{} has changed: it is fetched anew", plan.id(segment)));
                    plan.forget_from(segment);
                }
                Err((segment, Failure::Changed)) => {
                    let message = format!("{} changes again and again", self.plan.borrow().id(segment));
                    return Err(Error::new(Kind::BadReply, message));
                }
                Err((_, Failure::Passing(error) | Failure::Expired(error) | Failure::Lasting(error))) => {
                    return Err(error);
                }
            }
        }
        let done = self.plan.borrow().done();
        gauge.finish(done);
        check_size(self.order, done)?;
        Ok(done)
    }

    /// Whether every segment is there.
    pub(crate) fn is_whole(&self) -> bool {
        let plan = self.plan.borrow();
        plan.total() == Some(plan.done())
    }

    /// Puts what is there on disk and into the journal, to be gone on with; gives the number of bytes.
    pub(crate) fn leave(mut self) -> Result<u64> {
        let plan = self.plan.get_mut();
        plan.release();
        self.part.get_mut().leave(plan)?;
        Ok(plan.done())
    }

    /// The file, which is whole.
    pub(crate) fn into_part(self) -> PartFile {
        self.part.into_inner()
    }

    /// Fetches one piece after the other until there is none left.
    async fn work<A, F>(&self, source: &Source<'_, A>, gauge: &Gauge<'_>) -> Result<(), (usize, Failure)>
    where
        A: Fn(String) -> F,
        F: Future<Output = Result<String>>,
    {
        loop {
            let news = self.news.notified();
            let next = self.plan.borrow_mut().take_next();
            match next {
                Next::Fetch(piece) => {
                    let outcome = self.fetch(source, gauge, piece).await;
                    outcome.map_err(|failure| (piece.segment, failure))?;
                }
                Next::Wait => news.await,
                Next::Halve if self.is_slow(gauge) => {
                    let half = self.plan.borrow_mut().halve();
                    if let Some(piece) = half {
                        let outcome = self.fetch(source, gauge, piece).await;
                        outcome.map_err(|failure| (piece.segment, failure))?;
                    }
                }
                Next::Halve => tokio::time::sleep(LOOK_PAUSE).await,
                Next::Nothing => return Ok(()),
            }
        }
    }

    /// Whether further connections would help: at the rate so far the rest would take its time. Where the network is
    /// faster than that, they would only cost.
    fn is_slow(&self, gauge: &Gauge<'_>) -> bool {
        let plan = self.plan.borrow();
        let (done, took) = (plan.done(), gauge.began.elapsed());
        let left = plan.total().or(self.order.total).map_or(u64::MAX, |total| total.saturating_sub(done));
        took >= FIRST_LOOK && left / gauge.rate(done).max(1) >= LONG_REST
    }

    /// Fetches a piece, over as many connections as it takes.
    async fn fetch<A, F>(&self, source: &Source<'_, A>, gauge: &Gauge<'_>, piece: Piece) -> Result<(), Failure>
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
            self.plan.borrow_mut().opened(piece.segment, connection.version.clone(), connection.ranges);
            self.news.notify_waiters();
            let start = self.start(piece.segment).await;
            match self.receive(connection, gauge, piece, start, &mut attempts).await {
                Ok(()) => return Ok(()),
                Err(Failure::Passing(why)) => source.pause(&id, &mut attempts, why).await?,
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Position of a segment in the file: known when those before it have been asked for.
    async fn start(&self, segment: usize) -> u64 {
        loop {
            let news = self.news.notified();
            if let Some(start) = self.plan.borrow().start(segment) {
                return start;
            }
            news.await;
        }
    }

    async fn receive(
        &self,
        mut connection: Connection,
        gauge: &Gauge<'_>,
        piece: Piece,
        start: u64,
        attempts: &mut Attempts,
    ) -> Result<(), Failure> {
        loop {
            // The end comes nearer when another connection takes the second half.
            let (at, to) = self.plan.borrow().missing(piece);
            let left = to.map(|to| usize::try_from(to - at).unwrap_or(usize::MAX));
            if left == Some(0) {
                return Ok(());
            }
            let Some(chunk) = connection.read(at).await? else {
                if left.is_none() {
                    self.plan.borrow_mut().ended(piece);
                    self.news.notify_waiters();
                    return Ok(());
                }
                let id = self.plan.borrow().id(piece.segment).to_owned();
                return Err(Failure::Passing(broken(&id, at, "the server ended it early")));
            };
            attempts.progressed();
            let (at, to) = self.plan.borrow().missing(piece);
            let left = to.map_or(usize::MAX, |to| usize::try_from(to - at).unwrap_or(usize::MAX));
            let chunk = &chunk[..chunk.len().min(left)];
            self.part.borrow().write_at(chunk, start.saturating_add(at)).map_err(Failure::Lasting)?;
            self.plan.borrow_mut().grow(piece, chunk.len() as u64);
            let done = self.plan.borrow().done();
            if self.has_enough_to_sync(done) {
                self.enough.notify_one();
            }
            gauge.show(done);
        }
    }

    fn has_enough_to_sync(&self, done: u64) -> bool {
        done.saturating_sub(self.synced.get()) >= MOST_UNSYNCED
    }

    /// Puts on disk what has been written, and enters into the journal what is there, again and again; ends only with an
    /// error.
    async fn keep_journal(&self) -> Error {
        // What was there before may have been given up since.
        self.synced.set(self.synced.get().min(self.plan.borrow().done()));
        let (mut settled, mut entered) = (Instant::now(), Instant::now());
        loop {
            let _ = tokio::time::timeout(SYNC_LOOK, self.enough.notified()).await;
            let (record, done) = (self.plan.borrow().record(), self.plan.borrow().done());
            let entry_due = entered.elapsed() >= JOURNAL_PAUSE;
            let settle = settled.elapsed() >= SETTLE_PAUSE;
            let must_be_on_disk = settle || (entry_due && !self.part.borrow_mut().journal().outlives_runs());
            let mut outcome = Ok(());
            if self.has_enough_to_sync(done) || (must_be_on_disk && done > self.synced.get()) {
                self.synced.set(done);
                outcome = self.sync(record).await;
            }
            if outcome.is_ok() && (settle || entry_due) {
                entered = Instant::now();
                outcome = self.enter(settle);
                if settle {
                    settled = Instant::now();
                }
            }
            if let Err(error) = outcome {
                return error;
            }
        }
    }

    /// Puts on disk what has been written so far, and that is what `record` says at least.
    async fn sync(&self, record: Record) -> Result<()> {
        let sync = self.part.borrow().sync()?;
        sync.await?;
        self.part.borrow_mut().journal().synced(record);
        Ok(())
    }

    fn enter(&self, settle: bool) -> Result<()> {
        let written = self.plan.borrow().record();
        let mut part = self.part.borrow_mut();
        if settle { part.journal().enter(&written) } else { part.journal().enter_soon(&written) }
    }
}
