//! Staffing: how many workers pools should have together, and each of them.
//!
//! **Pools are staffed in groups.** Those that spill into one another serve as one: what one lacks, another has. Two hundred
//! workers for everybody need far less spare than ten times twenty (W. Whitt, "Understanding the efficiency of
//! multi-server service systems", Management Science 38, 1992), so a pool alone would always seem too small. Without
//! spill each pool is a group of its own.
//!
//! A group's count is the least with which at most `scaler.late_fraction` of the requests wait longer than
//! `scaler.wait_target_us`, by Erlang C with the correction of Allen and Cunneen, or, where no pool has a line, are refused,
//! by Erlang B, for the load of the [forecast](super::forecast). If the load's variance isn't that of Poisson arrivals, the spare
//! workers are scaled by its square root (square-root staffing; for what varies more: Whitt 1992, as above). And there are as many
//! more as work off a line in which somebody waits for longer than the target.
//!
//! **Between too few and too many lies a band**, so that noise doesn't start and stop workers. Workers are ordered when those
//! there are too few for twice the late fraction, at a load somewhat lower than estimated. They are
//! removed when they are too many for a quarter of it, at a load somewhat higher, and more than were needed lately:
//! in `scaler.stabilization_us` without growth, and in the time of four starts with it. So a growth that was expected
//! and didn't come is soon forgotten, and a level isn't.
//!
//! **Each pool's share** is its own load and a part of the spare by the square root of its variance. What is ordered goes
//! where most is lacking, what is removed goes where most is left over; a group that has enough moves nothing
//! here: requests spill and workers migrate, both at once and without a start.

use alloc::vec;
use alloc::vec::Vec;

use super::groups::groups;
use super::sliding_max::SlidingMax;
use super::{Pool, Pools};
use crate::config::{Config, ScalerConfig};
use crate::erlang;
use crate::id::PoolId;
use crate::order;
use crate::time::SECOND_US;

/// Workers are ordered when more than this many times the late fraction would be late.
const TOO_MANY_LATE: f64 = 2.0;
/// They are removed when less than this part of it would be.
const FEW_LATE: f64 = 0.25;
/// Ordered for a load so many standard deviations of its estimate lower, removed for one so many higher, and kept for past ones
/// so many lower. (Tried: with less, Poisson arrivals alone change a large pool's count more often than each ten minutes.)
const DOUBT_BEFORE_ORDERING: f64 = 1.25;
const DOUBT_BEFORE_REMOVING: f64 = 1.5;
const DOUBT_OF_THE_PAST: f64 = 0.5;
/// How many times as long as a start a growth is kept.
const GROWTH_STARTS: u64 = 4;
/// In a group of several pools a request waits in the line of one, whoever is idle in another: the part of the wait
/// target that is left for that.
const OWN_LINE: f64 = 0.1;
/// The wait target by default: this part of the mean service time, and no less than the time below.
const PART_OF_SERVICE: f64 = 0.5;
const LEAST_WAIT_S: f64 = 0.3;

/// The staffing of all pools.
#[derive(Debug, Clone, Default)]
pub(super) struct Staffing {
    pub(super) groups: Vec<Group>,
    /// The group of each pool.
    pub(super) group_of: Vec<u32>,
    /// Room for a group's shares, kept so that an evaluation doesn't allocate.
    pub(super) shares: Vec<Share>,
}

/// Pools that are staffed together, and what they needed lately.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) pools: Vec<PoolId>,
    pub(super) calm: SlidingMax,
    /// The highest count for an expected growth, and until when it is kept.
    pub(super) growth: (u32, u64),
    /// Idle workers of its open pools, when it was judged last.
    pub(super) idle: u32,
}

/// A pool's share of its group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pool: PoolId,
    /// How many workers it should have.
    wanted: f64,
    workers: u32,
    /// How many can be added, and removed.
    room: u32,
    excess: u32,
    change: i64,
}

impl Share {
    /// How many workers it lacks.
    #[allow(clippy::cast_precision_loss)] // counts far below 2^53
    fn lacks(&self) -> f64 {
        self.wanted - f64::from(self.workers) - self.change as f64
    }
}

/// How many workers a group should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Need {
    /// With fewer, some are ordered.
    least: u32,
    /// What is aimed at.
    aim: u32,
    /// What is needed if nothing grows: this is what is kept for the stabilization.
    calm: u32,
    /// With more, some may be removed.
    most: u32,
}

impl Staffing {
    pub(super) fn new(config: &Config, now_us: u64) -> Self {
        let window_us = config.scaler.stabilization_us;
        let groups = groups(config).into_iter().map(|pools| {
            let initial = pools.iter().filter_map(|pool| config.pools.get(pool.index()));
            let initial = initial.fold(0_u32, |sum, pool| sum.saturating_add(pool.initial_workers));
            let mut calm = SlidingMax::new(window_us, now_us);
            calm.push(now_us, initial);
            Group { pools, calm, growth: (0, now_us), idle: 0 }
        });
        let groups: Vec<Group> = groups.collect();
        let mut group_of = vec![0; config.pools.len()];
        for (group, number) in groups.iter().zip(0..) {
            for pool in &group.pools {
                if let Some(place) = group_of.get_mut(pool.index()) {
                    *place = number;
                }
            }
        }
        Self { groups, group_of, shares: Vec::new() }
    }
}

impl Pools {
    /// Idle workers of the other pools of a pool's group, when it was judged last: they take what spills. 0 but in
    /// staffing mode.
    pub fn idle_beside(&self, pool: PoolId) -> u32 {
        let Some(staffed) = self.pool(pool).ok().filter(|_| self.staffed(pool).is_some()) else { return 0 };
        let group =
            self.staffing.group_of.get(pool.index()).and_then(|at| self.staffing.groups.get(*at as usize));
        group.map_or(0, |group| group.idle.saturating_sub(staffed.scaling.idle))
    }

    /// Decides by how many workers each pool's count changes: sets `change` of their scaling.
    pub(super) fn staff(&mut self, now_us: u64, ahead_us: u64) {
        let mut staffing = core::mem::take(&mut self.staffing);
        let Staffing { groups, shares, .. } = &mut staffing;
        for group in groups {
            self.staff_group(now_us, ahead_us, group, shares);
        }
        self.staffing = staffing;
    }

    fn staff_group(&mut self, now_us: u64, ahead_us: u64, group: &mut Group, shares: &mut Vec<Share>) {
        let members = || group.pools.iter().filter_map(|pool| self.pools.get(pool.index()));
        let total = Total::of(members(), ahead_us, &self.scaler, group.pools.len() > 1);
        let need = total.need(self.scaler.late_fraction.as_f64());
        let calm = group.calm.push(now_us, need.calm);
        if need.aim >= group.growth.0 || now_us >= group.growth.1 {
            group.growth = (need.aim, now_us.saturating_add(ahead_us.saturating_mul(GROWTH_STARTS)));
        }
        let aim = need.aim.max(calm).max(group.growth.0);

        shares.clear();
        let spare = (f64::from(aim) - total.load).max(0.0);
        let (mut have, mut least) = (0_u32, 0_u32);
        group.idle = 0;
        for pool in &group.pools {
            let Ok(record) = self.pool_mut(*pool) else { continue };
            let share = record.share(*pool, spare, total.deviations);
            record.scaling.change = 0;
            record.scaling.idle = 0;
            record.scaling.staffed = Some(ceil_count(share.wanted));
            record.scaling.wanted = ceil_count(share.wanted);
            if record.open {
                have = have.saturating_add(share.workers);
                least = least.saturating_add(record.min_workers);
                record.scaling.idle = record.idle_count;
                group.idle = group.idle.saturating_add(record.idle_count);
                shares.push(share);
            }
        }
        let aim = aim.max(least);
        if have < need.least {
            hand_out(shares, aim.saturating_sub(have));
        } else if have > aim.saturating_add(need.most.saturating_sub(need.aim)) {
            take_back(shares, have - aim);
        }
        for share in shares {
            if let Ok(record) = self.pool_mut(share.pool) {
                record.scaling.change = share.change;
            }
        }
    }
}

impl Pool {
    /// What the pool should have of its group's spare workers: by the square root of its variance, against the sum
    /// of all.
    fn share(&self, pool: PoolId, spare: f64, deviations: f64) -> Share {
        let forecast = &self.scaling.forecast;
        let part = if deviations > 0.0 { libm::sqrt(forecast.variance) / deviations } else { 0.0 };
        let wanted = forecast.load + spare * part;
        let wanted = wanted.max(f64::from(self.min_workers)).min(f64::from(self.max_workers));
        let excess = if self.surging { 0 } else { self.baseline.get().saturating_sub(self.min_workers) };
        Share { pool, wanted, workers: self.workers(), room: self.room(), excess, change: 0 }
    }

    /// How many workers work off the part of the line that waits for longer than the target, in the time of a start.
    fn for_line(&self, wait_s: f64, service_s: f64, ahead_s: f64) -> f64 {
        let soon = f64::from(self.ready.get()) * wait_s / service_s;
        let late = f64::from(self.waiting.get()) - soon;
        // One worker for each who waits is enough.
        if late > 0.0 {
            (late * service_s / ahead_s.max(1.0)).min(f64::from(self.waiting.get()))
        } else {
            0.0
        }
    }
}

/// The demand of a group.
#[derive(Debug, Clone, Copy)]
struct Total {
    load: f64,
    calm: f64,
    variance: f64,
    noise: f64,
    /// The sum of the square roots of the pools' variances.
    deviations: f64,
    /// Workers for the lines.
    line: f64,
    service_s: f64,
    /// The squared coefficient of variation of service times.
    scv: f64,
    wait_s: f64,
    /// Whether nobody can wait.
    fails_fast: bool,
    most: u32,
}

impl Total {
    #[allow(clippy::cast_precision_loss)] // durations below 2^53
    fn of<'a>(
        pools: impl Iterator<Item = &'a Pool>,
        ahead_us: u64,
        scaler: &ScalerConfig,
        several: bool,
    ) -> Self {
        let ahead_s = ahead_us as f64 / SECOND_US as f64;
        let target_s = scaler.wait_target_us.map(|target_us| target_us as f64 / SECOND_US as f64);
        let mut total = Self {
            load: 0.0,
            calm: 0.0,
            variance: 0.0,
            noise: 0.0,
            deviations: 0.0,
            line: 0.0,
            service_s: 1.0,
            scv: 1.0,
            wait_s: LEAST_WAIT_S,
            fails_fast: true,
            most: 0,
        };
        let (mut rate, mut work, mut squares, mut waits) = (0.0, 0.0, 0.0, 0.0);
        for pool in pools {
            let forecast = &pool.scaling.forecast;
            let (service_s, scv) = (forecast.service_s, pool.variability.scv());
            total.load += forecast.load;
            total.calm += forecast.calm;
            total.variance += forecast.variance;
            total.noise += forecast.noise;
            total.deviations += libm::sqrt(forecast.variance);
            let wait_s = target_s.unwrap_or((service_s * PART_OF_SERVICE).max(LEAST_WAIT_S));
            if forecast.load > 0.0 {
                total.line += pool.for_line(wait_s, service_s, ahead_s);
                total.fails_fast &= pool.max_waiting == 0;
            }
            rate += forecast.rate;
            work += forecast.rate * service_s;
            squares += forecast.rate * service_s * service_s * (1.0 + scv);
            waits += forecast.rate * wait_s;
            total.most = total.most.saturating_add(pool.surge_max_workers.max(pool.max_workers));
        }
        if rate > 0.0 && work > 0.0 {
            total.service_s = work / rate;
            total.scv = (squares * rate / (work * work) - 1.0).max(0.0);
            total.wait_s = waits / rate;
        }
        if several {
            total.wait_s *= OWN_LINE;
        }
        total
    }

    fn need(&self, late_fraction: f64) -> Need {
        let error = libm::sqrt(self.noise);
        let aim = self.count(self.load, late_fraction, self.line);
        let least = self.count(
            (self.load - error * DOUBT_BEFORE_ORDERING).max(0.0),
            late_fraction * TOO_MANY_LATE,
            self.line,
        );
        Need {
            // Whoever is asked for has somebody.
            least: least.max(u32::from(self.load > 0.0)).min(aim),
            aim,
            calm: self.count((self.calm - error * DOUBT_OF_THE_PAST).max(0.0), late_fraction, 0.0).min(aim),
            most: self
                .count(self.load + error * DOUBT_BEFORE_REMOVING, late_fraction * FEW_LATE, self.line)
                .max(aim),
        }
    }

    /// The least count for a load, and workers for a line.
    fn count(&self, load: f64, late_fraction: f64, line: f64) -> u32 {
        if load <= 0.0 {
            return ceil_count(line).min(self.most);
        }
        let poisson = if self.fails_fast {
            erlang::servers_for_loss(load, late_fraction, self.most)
        } else {
            let wait = self.wait_s / self.service_s;
            erlang::servers_for(load, wait, self.scv, late_fraction, self.most)
        };
        let spare = (f64::from(poisson) - load).max(0.0) * libm::sqrt(self.variance / self.load);
        ceil_count(load + spare + line).min(self.most)
    }
}

/// Gives `count` workers to the pools that lack most, as far as there is room.
fn hand_out(shares: &mut [Share], count: u32) {
    spread(shares, count, |share| share.room, 1);
}

/// Takes `count` workers from the pools that have most left over.
fn take_back(shares: &mut [Share], count: u32) {
    spread(shares, count, |share| share.excess, -1);
}

/// Hands `count` changes of one worker out: whoever is furthest from its share comes first, ties by the order of the
/// pools. O(n log n) in the pools, and O(log n) a worker.
fn spread(shares: &mut [Share], count: u32, limit: impl Fn(&Share) -> u32, sign: i8) {
    let sign_f = f64::from(sign);
    let mut left = count;
    let furthest_first = |shares: &mut [Share]| {
        order::sort_by_key(shares, |share| (total_order(-share.lacks() * sign_f), share.pool));
    };
    // First as many as each is off by, then one each until all are handed out.
    furthest_first(shares);
    for share in shares.iter_mut() {
        let off = floor_count(share.lacks() * sign_f).min(limit(share)).min(left);
        share.change += i64::from(off) * i64::from(sign);
        left -= off;
    }
    while left > 0 {
        furthest_first(shares);
        let before = left;
        for share in shares.iter_mut() {
            if left > 0 && i64::from(limit(share)) > share.change * i64::from(sign) {
                share.change += i64::from(sign);
                left -= 1;
            }
        }
        if left == before {
            break;
        }
    }
}

/// A number that goes by the order of the numbers, as `f64::total_cmp` has it.
fn total_order(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    if bits < 0 { bits ^ i64::MAX } else { bits }
}

/// A count rounded up; a hair above a whole number is that number.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to a count
fn ceil_count(value: f64) -> u32 {
    libm::ceil(value - 1e-9).clamp(0.0, f64::from(u32::MAX)) as u32
}

/// A count rounded down; a hair below a whole number is that number.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to a count
fn floor_count(value: f64) -> u32 {
    libm::floor(value + 1e-9).clamp(0.0, f64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn share(pool: u32, (wanted, workers, room, excess): (f64, u32, u32, u32)) -> Share {
        Share { pool: PoolId::new(pool), wanted, workers, room, excess, change: 0 }
    }

    fn changes(shares: &mut [Share]) -> Vec<i64> {
        shares.sort_by_key(|share| share.pool);
        shares.iter().map(|share| share.change).collect()
    }

    #[test]
    fn workers_go_where_most_are_lacking_and_leave_where_most_are_left_over() {
        let pools = [(9.6, 5, 9, 9), (4.2, 5, 9, 9), (7.2, 5, 9, 9)];
        let shares = || pools.into_iter().zip(0..).map(|(pool, id)| share(id, pool)).collect::<Vec<_>>();
        let mut found = shares();
        hand_out(&mut found, 6);
        assert_eq!(changes(&mut found), [4, 0, 2]);
        let mut found = shares();
        hand_out(&mut found, 7);
        assert_eq!(changes(&mut found), [5, 0, 2]);
        let mut found = shares();
        take_back(&mut found, 1);
        assert_eq!(changes(&mut found), [0, -1, 0]);
    }

    proptest! {
        #[test]
        fn changes_stay_within_room_and_excess_and_nobody_is_lost(
            pools in prop::collection::vec((0.0_f64..60.0, 0_u32..50, 0_u32..20, 0_u32..20), 1..12), count in 0_u32..200,
        ) {
            let shares: Vec<Share> = pools.into_iter().zip(0..).map(|(pool, id)| share(id, pool)).collect();
            let mut more = shares.clone();
            hand_out(&mut more, count);
            prop_assert!(more.iter().all(|share| (0..=i64::from(share.room)).contains(&share.change)));
            let room: u32 = shares.iter().map(|share| share.room).sum();
            prop_assert_eq!(more.iter().map(|share| share.change).sum::<i64>(), i64::from(count.min(room)));
            let mut fewer = shares.clone();
            take_back(&mut fewer, count);
            prop_assert!(fewer.iter().all(|share| (-i64::from(share.excess)..=0).contains(&share.change)));
            let excess: u32 = shares.iter().map(|share| share.excess).sum();
            prop_assert_eq!(fewer.iter().map(|share| share.change).sum::<i64>(), -i64::from(count.min(excess)));
        }

        #[test]
        fn the_band_holds_its_aim(
            load in 0.0_f64..300.0, calm in 0.0_f64..1.0, variance in 0.0_f64..900.0, noise in 0.0_f64..400.0,
            line in 0.0_f64..20.0, service_s in 0.001_f64..60.0, scv in 0.0_f64..10.0, wait_s in 0.0_f64..5.0,
            fails_fast: bool, most in 0_u32..500, late in 0.0001_f64..0.2,
        ) {
            let calm = load * calm;
            let total = Total {
                load, calm, variance, noise, deviations: 1.0, line, service_s, scv, wait_s, fails_fast, most,
            };
            let need = total.need(late);
            prop_assert!(need.least <= need.aim && need.aim <= need.most && need.most <= most, "{:?}", need);
            prop_assert!(need.calm <= need.aim, "{:?}", need);
            prop_assert!(f64::from(need.aim) >= load.min(f64::from(most)), "{:?}", need);
        }
    }
}
