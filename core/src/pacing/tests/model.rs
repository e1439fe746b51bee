//! Slow models, written from what is promised: every turn looks at everybody, in fractions.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

/// Tijdeman's rule as it stands in his paper: at step `k`, of all whose making doesn't bring them too far ahead, the one
/// that would be too far behind first.
pub(super) fn tijdeman(counts: &[u32]) -> Vec<u32> {
    let total: i128 = counts.iter().map(|count| i128::from(*count)).sum();
    let others = (counts.iter().filter(|count| **count > 0).count() as i128 - 1).max(1);
    let mut made = vec![0_i128; counts.len()];
    let mut order = Vec::new();
    for k in 1..=total {
        let mut best: Option<(usize, i128, i128)> = None;
        for (product, count) in counts.iter().enumerate() {
            let (count, made) = (i128::from(*count), made[product]);
            // k·c/N − made ≥ 1/(2(n − 1))
            if count == 0 || 2 * others * (k * count - made * total) < total {
                continue;
            }
            // The fraction (1 − 1/(2(n − 1)) − (k·c/N − made)) / (c/N), times what all have in common.
            let top = (2 * others - 1) * total - 2 * others * (k * count - made * total);
            if best.is_none_or(|(_, least, of)| top * of < least * count) {
                best = Some((product, top, count));
            }
        }
        let (product, _, _) = best.expect("somebody always may");
        made[product] += 1;
        order.push(u32::try_from(product).unwrap());
    }
    order
}

/// A pacer that looks at everybody, each turn.
pub(super) struct SlowPacer {
    pub(super) available_us: u128,
    pub(super) demand: u128,
    pub(super) domains: Vec<SlowDomain>,
    pub(super) max_backlog: u32,
    pub(super) max_catch_up: u128,
    pub(super) max_late: Option<u128>,
    /// The next slot, in 1/demand µs.
    pub(super) next: u128,
    pub(super) since_us: u64,
    pub(super) latest_us: u64,
    pub(super) lapsed: u128,
}

#[derive(Clone)]
pub(super) struct SlowDomain {
    pub(super) weight: i128,
    pub(super) max_backlog: u32,
    pub(super) items: VecDeque<u64>,
    /// Turns had, in units, since anything has waited without a break.
    pub(super) position: i128,
}

impl SlowPacer {
    /// 2(n − 1) parts for the rule, and 65,536 for the rounding of who comes.
    fn unit(&self) -> i128 {
        2 * (self.domains.len() as i128 - 1).max(1) * 65_536
    }

    pub(super) fn backlog(&self) -> u32 {
        self.domains.iter().map(|domain| u32::try_from(domain.items.len()).unwrap()).sum()
    }

    fn present(&self) -> impl Iterator<Item = (usize, &SlowDomain)> {
        self.domains.iter().enumerate().filter(|(_, domain)| !domain.items.is_empty())
    }

    /// The sums of the weights and the positions of those with items.
    fn sums(&self) -> (i128, i128) {
        self.present().fold((0, 0), |sums, (_, domain)| (sums.0 + domain.weight, sums.1 + domain.position))
    }

    fn join(&mut self, place: usize) {
        let unit = self.unit();
        let (weight, sum) = self.sums();
        if weight == 0 {
            self.domains.iter_mut().for_each(|domain| domain.position = 0);
            return;
        }
        let domain = &mut self.domains[place];
        let mean = sum * domain.weight / weight;
        domain.position = domain.position.clamp(mean, mean + unit);
    }

    /// Whether it is accepted; else the limit, the load.
    pub(super) fn offer(&mut self, now_us: u64, place: usize, item: u64) -> Result<(), (u32, u32)> {
        self.latest_us = self.latest_us.max(now_us);
        let now_us = self.latest_us;
        let load = u32::try_from(self.domains[place].items.len()).unwrap();
        let limit = self.domains[place].max_backlog;
        if load >= limit {
            return Err((limit, load));
        }
        if self.backlog() >= self.max_backlog {
            return Err((self.max_backlog, self.backlog()));
        }
        if self.backlog() == 0 {
            self.since_us = now_us;
            let back_us = self.max_catch_up * self.available_us / self.demand;
            let earliest = u128::from(now_us).saturating_sub(back_us);
            if self.next / self.demand < earliest {
                self.next = earliest * self.demand;
            }
        }
        if load == 0 {
            self.join(place);
        }
        self.domains[place].items.push_back(item);
        Ok(())
    }

    pub(super) fn due_us(&self) -> u64 {
        u64::try_from(self.next.div_ceil(self.demand)).unwrap().max(self.since_us)
    }

    pub(super) fn poll(&mut self, now_us: u64) -> Option<(usize, u64, u64)> {
        self.latest_us = self.latest_us.max(now_us);
        let now_us = self.latest_us;
        if self.backlog() == 0 || self.due_us() > now_us {
            return None;
        }
        if let Some(max_late) = self.max_late {
            // One slot after the other is let go, while more than that many behind it have come.
            while self.next + (max_late + 1) * self.available_us <= u128::from(now_us) * self.demand {
                self.next += self.available_us;
                self.lapsed += 1;
            }
        }
        let due_us = self.due_us();
        self.next += self.available_us;
        let place = self.turn();
        let unit = self.unit();
        let domain = &mut self.domains[place];
        domain.position += unit;
        Some((place, domain.items.pop_front().unwrap(), due_us))
    }

    fn turn(&self) -> usize {
        let (weight, sum) = self.sums();
        let (unit, margin) = (self.unit(), 65_536);
        let mut best: Option<(usize, i128, i128)> = None;
        for (place, domain) in self.present() {
            if (domain.position + margin) * weight > (sum + unit) * domain.weight {
                continue;
            }
            let by = domain.position + unit - margin;
            if best.is_none_or(|(_, least, of)| by * of < least * domain.weight) {
                best = Some((place, by, domain.weight));
            }
        }
        best.expect("somebody always may").0
    }

    pub(super) fn set_weight(&mut self, place: usize, weight: u32) {
        let items = core::mem::take(&mut self.domains[place].items);
        let domain = &mut self.domains[place];
        domain.position = domain.position * i128::from(weight) / domain.weight;
        domain.weight = weight.into();
        if !items.is_empty() {
            self.join(place);
        }
        self.domains[place].items = items;
    }

    pub(super) fn set_takt(&mut self, now_us: u64, available_us: u64, demand: u64) {
        self.latest_us = self.latest_us.max(now_us);
        let (available_us, demand) = (u128::from(available_us), u128::from(demand));
        let now = u128::from(self.latest_us);
        self.next = if self.next / self.demand >= now {
            now * demand + (self.next - now * self.demand) * available_us / self.available_us
        } else {
            self.next.div_ceil(self.demand) * demand
        };
        (self.available_us, self.demand) = (available_us, demand);
    }
}
