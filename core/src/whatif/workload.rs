//! Requests made from a seed.
//!
//! [`Demo`] is a day of a shop: its domains are those of the default configuration, and so are its scales. What
//! happens in it:
//! - the usual course of a day, with a peak at lunch and a shoulder in the evening;
//! - from 10:00 to 10:20 the workers of `notification` are four times as slow: no burst, as no more requests come
//!   than before;
//! - at 22:00 a flash crowd: `delivery` gets forty times its requests for three minutes.
//!
//! Arrivals are Poisson processes whose rates are constant for ten seconds at a time; service times are
//! log-normal.

use alloc::vec::Vec;

use super::rng::{Rng, SplitMix64};
use super::trace::Request;
use crate::time::SECOND_US;

/// The demo's domains, by their index in its rows.
pub const DEMO_DOMAINS: [&str; 4] = ["payment", "delivery", "notification", "critical_notification"];

/// How long the demo's day is, in microseconds.
pub const DEMO_SPAN_US: u64 = 24 * HOUR_US;

const HOUR_US: u64 = 3600 * SECOND_US;
const MINUTE_US: u64 = 60 * SECOND_US;
/// The rates are constant for this long.
const SEGMENT_US: u64 = 10 * SECOND_US;

/// The flash crowd.
const CROWD_FROM_US: u64 = 22 * HOUR_US;
const CROWD_TO_US: u64 = CROWD_FROM_US + 3 * MINUTE_US;
const CROWD_FACTOR: f64 = 40.0;
const CROWD_DOMAIN: u32 = 1;

/// The slow pool: the domains from this index on.
const SLOW_FROM_US: u64 = 10 * HOUR_US;
const SLOW_TO_US: u64 = SLOW_FROM_US + 20 * MINUTE_US;
const SLOW_FACTOR: f64 = 4.0;
const SLOW_FIRST_DOMAIN: u32 = 2;

/// Requests a second at level 1, and the mean service time in microseconds, of each domain.
const SCALES: [(f64, f64); 4] = [(3.6, 1_600_000.0), (4.2, 1_300_000.0), (3.0, 800_000.0), (0.5, 800_000.0)];
/// The standard deviation of the service times, as a share of their mean.
const VARIATION: f64 = 0.5;

/// The level at a time of day, joined by straight lines.
const DAY: [(u64, f64); 12] = [
    (0, 0.35),
    (5 * HOUR_US, 0.25),
    (7 * HOUR_US, 0.5),
    (9 * HOUR_US, 1.0),
    (11 * HOUR_US, 1.2),
    (12 * HOUR_US + 30 * MINUTE_US, 2.2),
    (14 * HOUR_US, 1.2),
    (17 * HOUR_US, 1.1),
    (19 * HOUR_US, 1.6),
    (21 * HOUR_US, 1.2),
    (23 * HOUR_US, 0.6),
    (24 * HOUR_US, 0.35),
];

/// A row of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoRow {
    /// When it arrives, in microseconds since midnight.
    pub arrival_us: u64,
    /// Its domain: an index into [`DEMO_DOMAINS`].
    pub domain: u32,
    /// How long a worker is busy with it, in microseconds.
    pub service_us: u64,
    /// Its key: `c` and the six digits of a customer's number.
    pub key: [u8; 7],
}

impl DemoRow {
    /// The row as a trace has it.
    pub fn request(&self) -> Request<'_> {
        Request {
            arrival_us: self.arrival_us,
            domain: self.domain,
            service_us: Some(self.service_us),
            key: &self.key,
        }
    }
}

/// A day of a shop, row by row in the order of arrival; about a million rows. Rows cost O(1) each.
#[derive(Debug, Clone)]
pub struct Demo {
    streams: [Stream; 4],
}

impl Demo {
    /// The day of this seed.
    pub fn new(seed: u64) -> Self {
        let mut seeds = SplitMix64::new(seed);
        let streams = [0, 1, 2, 3].map(|domain| {
            let mut stream = Stream { domain, rng: Rng::new(seeds.next_u64()), now_us: 0, next: None };
            stream.advance();
            stream
        });
        Self { streams }
    }
}

impl Iterator for Demo {
    type Item = DemoRow;

    fn next(&mut self) -> Option<DemoRow> {
        let with_next = self.streams.iter_mut().filter(|stream| stream.next.is_some());
        let first = with_next.min_by_key(|stream| stream.next.map(|row| (row.arrival_us, row.domain)))?;
        let row = first.next;
        first.advance();
        row
    }
}

/// The arrivals of one domain.
#[derive(Debug, Clone)]
struct Stream {
    domain: u32,
    rng: Rng,
    now_us: u64,
    next: Option<DemoRow>,
}

impl Stream {
    /// Draws the next arrival. A gap that reaches beyond its segment is drawn anew from the segment's end at the
    /// next one's rate: the exponential distribution has no memory.
    fn advance(&mut self) {
        let (rate, service_mean) = SCALES.get(self.domain as usize).copied().unwrap_or((1.0, 1.0));
        self.next = None;
        while self.now_us < DEMO_SPAN_US {
            let start_us = self.now_us - self.now_us % SEGMENT_US;
            let mut level = level_at(start_us);
            if self.domain == CROWD_DOMAIN && (CROWD_FROM_US..CROWD_TO_US).contains(&start_us) {
                level *= CROWD_FACTOR;
            }
            let gap_us = whole(self.rng.exponential(1_000_000.0 / (rate * level)));
            let at_us = self.now_us.saturating_add(gap_us);
            if at_us >= start_us + SEGMENT_US {
                self.now_us = start_us + SEGMENT_US;
                continue;
            }
            self.now_us = at_us;
            let is_slow = self.domain >= SLOW_FIRST_DOMAIN && (SLOW_FROM_US..SLOW_TO_US).contains(&at_us);
            let factor = if is_slow { SLOW_FACTOR } else { 1.0 };
            let service_us = whole(factor * self.rng.log_normal(service_mean, VARIATION)).max(1);
            let key = customer(self.rng.below(1_000_000));
            self.next = Some(DemoRow { arrival_us: at_us, domain: self.domain, service_us, key });
            return;
        }
    }
}

/// The level of the day at a time.
#[allow(clippy::cast_precision_loss)] // within a day
fn level_at(at_us: u64) -> f64 {
    let after = DAY.iter().position(|(knot_us, _)| *knot_us > at_us).unwrap_or(DAY.len() - 1);
    let knot = |place: usize| DAY.get(place).copied().unwrap_or((0, 0.0));
    let ((from_us, from), (to_us, to)) = (knot(after.saturating_sub(1)), knot(after));
    let share = at_us.saturating_sub(from_us) as f64 / (to_us - from_us).max(1) as f64;
    from + (to - from) * share
}

/// A duration drawn as a floating-point number, in whole microseconds; 2^53, which no time may reach, at most.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // bounded first
pub(crate) fn whole(micros: f64) -> u64 {
    if micros > 0.0 { micros.min(9_007_199_254_740_992.0) as u64 } else { 0 }
}

fn customer(number: u64) -> [u8; 7] {
    let mut key = *b"c000000";
    let mut left = number;
    for place in key.iter_mut().skip(1).rev() {
        *place = b'0' + u8::try_from(left % 10).unwrap_or(0);
        left /= 10;
    }
    key
}

/// Writes the demo of this seed as CSV, in chunks of about 64 KiB.
pub fn write_demo_csv(seed: u64, out: &mut impl FnMut(&[u8])) {
    let mut text: Vec<u8> = b"arrival_us,domain,service_us,key\n".to_vec();
    for row in Demo::new(seed) {
        push_number(&mut text, row.arrival_us);
        text.push(b',');
        text.extend_from_slice(DEMO_DOMAINS.get(row.domain as usize).copied().unwrap_or("").as_bytes());
        text.push(b',');
        push_number(&mut text, row.service_us);
        text.push(b',');
        text.extend_from_slice(&row.key);
        text.push(b'\n');
        if text.len() >= 65_536 {
            out(&text);
            text.clear();
        }
    }
    out(&text);
}

fn push_number(text: &mut Vec<u8>, number: u64) {
    let start = text.len();
    let mut left = number;
    loop {
        text.push(b'0' + u8::try_from(left % 10).unwrap_or(0));
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if let Some(digits) = text.get_mut(start..) {
        digits.reverse();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::whatif::trace::{Rows, TraceOptions, TraceReader};

    #[test]
    fn the_demo_is_a_day_of_about_a_million_requests_in_order() {
        let mut rows = 0_u32;
        let mut last_us = 0;
        let mut minutes = [0_u32; 1440];
        let mut slow = (0_u64, 0_u64);
        for row in Demo::new(1) {
            assert!(row.arrival_us >= last_us && row.arrival_us < DEMO_SPAN_US);
            last_us = row.arrival_us;
            rows += 1;
            if row.domain == CROWD_DOMAIN {
                minutes[usize::try_from(row.arrival_us / MINUTE_US).unwrap()] += 1;
            }
            if row.domain == 2 && (SLOW_FROM_US..SLOW_TO_US).contains(&row.arrival_us) {
                slow = (slow.0 + row.service_us, slow.1 + 1);
            }
        }
        assert!((800_000..1_200_000).contains(&rows), "{rows}");
        // More than ten-fold for three minutes, and nothing before or after.
        let usual = minutes[22 * 60 - 1];
        assert!(minutes[22 * 60..22 * 60 + 3].iter().all(|count| *count > 30 * usual), "{usual}");
        assert!(minutes[22 * 60 + 3] < 2 * usual);
        // Lunch and evening.
        assert!(minutes[12 * 60 + 30] > 3 * minutes[7 * 60]);
        assert!(minutes[19 * 60] > minutes[17 * 60]);
        let mean = slow.0 / slow.1;
        assert!((3_000_000..3_400_000).contains(&mean), "{mean}");
    }

    #[test]
    fn the_same_seed_gives_the_same_rows_and_another_one_others() {
        let first = |seed| Demo::new(seed).take(1000).collect::<Vec<_>>();
        assert_eq!(first(5), first(5));
        assert_ne!(first(5), first(6));
        // The first rows of seed 0, as recorded: any change of the generator shows here.
        let rows = first(0);
        let told: Vec<_> =
            rows.iter().take(3).map(|row| (row.arrival_us, row.domain, row.service_us)).collect();
        assert_eq!(told, [(295_917, 2, 1_064_999), (342_975, 1, 1_687_779), (356_772, 1, 686_441)]);
    }

    #[test]
    fn what_is_written_as_csv_reads_back_as_the_rows() {
        let mut reader = TraceReader::new(TraceOptions::default());
        let mut rows = Rows::new();
        let mut longest = 0;
        write_demo_csv(3, &mut |chunk| {
            longest = longest.max(chunk.len());
            reader.feed(chunk, &mut |row| rows.push(row)).unwrap();
        });
        let info = reader.finish(&mut |row| rows.push(row)).unwrap();
        assert!(longest < 66_000);
        let names: Vec<_> = info.domains.iter().map(|domain| domain.name.as_str()).collect();
        let mut count = 0;
        for (read, made) in rows.iter().zip(Demo::new(3)) {
            assert_eq!(names[read.domain as usize], DEMO_DOMAINS[made.domain as usize]);
            assert_eq!(read, Request { domain: read.domain, ..made.request() });
            count += 1;
        }
        assert_eq!((count, info.rows), (rows.len(), rows.len()));
    }
}
