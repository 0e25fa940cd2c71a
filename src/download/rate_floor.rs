//! The minimum rate of a download. Without one, it could continue forever, one byte at a time.

use std::cell::Cell;
use std::time::{Duration, Instant};

use crate::error::{Error, Kind, Result};
use crate::text::format::format_size;

/// How long a download may be slower.
const PERIOD: Duration = Duration::from_secs(60);
/// Longest silence that counts: timeouts and retries end longer ones.
const MAX_SILENCE: Duration = Duration::from_secs(10);

/// Counts the bytes of a download, and their time.
pub(crate) struct RateFloor {
    bytes_per_period: u64,
    came: Cell<u64>,
    took: Cell<Duration>,
    last: Cell<Instant>,
}

impl RateFloor {
    /// A minimum of bytes per second; 0 for none. The first period begins at `now`.
    pub(crate) fn new(bytes_per_second: u64, now: Instant) -> Self {
        let bytes_per_period = bytes_per_second.saturating_mul(PERIOD.as_secs());
        Self { bytes_per_period, came: Cell::new(0), took: Cell::new(Duration::ZERO), last: Cell::new(now) }
    }

    /// Records bytes received at `now`; returns an error if too few arrived for too long.
    pub(crate) fn add(&self, bytes: u64, now: Instant) -> Result<()> {
        let silence = now.saturating_duration_since(self.last.replace(now));
        self.came.set(self.came.get().saturating_add(bytes));
        self.took.set(self.took.get() + silence.min(MAX_SILENCE));
        if self.came.get() >= self.bytes_per_period {
            self.came.set(0);
            self.took.set(Duration::ZERO);
        } else if self.took.get() >= PERIOD {
            let came = format_size(self.came.get());
            let floor = format_size(self.bytes_per_period / PERIOD.as_secs());
            return Err(Error::new(Kind::Unavailable, format!("the download is too slow: {came} in a minute"))
                .cause(format!("less than {floor} a second; change the limit with --min-rate")));
        }
        Ok(())
    }

    /// Ignores the time until `now`, which was not spent on the server.
    pub(crate) fn skip_to(&self, now: Instant) {
        self.last.set(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many seconds the download fails at that rate; `None` if it continues for a day.
    fn ends(bytes_per_second: u64, bytes: u64, pause: f64) -> Option<f64> {
        let began = Instant::now();
        let floor = RateFloor::new(bytes_per_second, began);
        let moments = (1..).map(|number| f64::from(number) * pause).take_while(|seconds| *seconds < 86_400.0);
        let mut moments = moments.map(|seconds| (seconds, began + Duration::from_secs_f64(seconds)));
        moments.find(|(_, now)| floor.add(bytes, *now).is_err()).map(|(seconds, _)| seconds)
    }

    #[test]
    fn what_is_slower_ends_after_a_minute() {
        assert_eq!(ends(1024, 1, 1.0), Some(60.0));
        assert_eq!(ends(1024, 1000, 1.0), Some(60.0));
        assert_eq!(ends(1024, 1024, 1.0), None);
        assert_eq!(ends(1024, 16 * 1024, 15.0), None);
        assert_eq!(ends(0, 1, 50.0), None, "there is no floor");
    }

    #[test]
    fn a_silence_is_no_crawl_but_many_are() {
        assert_eq!(ends(1024, 1, 50.0), Some(300.0));
        let began = Instant::now();
        let floor = RateFloor::new(1024, began);
        assert!(floor.add(10, began + Duration::from_secs(1)).is_ok());
        let later = began + Duration::from_secs(300);
        assert!(floor.add(10, later).is_ok(), "the network was gone for a while");
        floor.skip_to(later + Duration::from_secs(300));
        assert!(floor.add(10, later + Duration::from_secs(301)).is_ok(), "the reader was slow");
    }
}
