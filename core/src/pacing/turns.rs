//! Whose turn it is: Tijdeman's rule, for members that may come and go.

use alloc::vec::Vec;

/// A member's place in a heap: the fraction `numerator / weight`.
#[derive(Debug, Clone, Copy)]
struct Entry {
    numerator: u64,
    weight: u32,
    index: u32,
}

impl Entry {
    /// Whether its fraction is the smaller one; of equal ones, whether its member comes first.
    fn is_before(&self, other: &Self) -> bool {
        let left = u128::from(self.numerator) * u128::from(other.weight);
        let right = u128::from(other.numerator) * u128::from(self.weight);
        (left, self.index) < (right, other.index)
    }
}

/// The smallest fraction on top (Williams, "Algorithm 232: Heapsort", 1964).
#[derive(Debug, Clone, Default)]
struct Heap(Vec<Entry>);

impl Heap {
    fn top(&self) -> Option<&Entry> {
        self.0.first()
    }

    fn in_order(&self, above: usize, below: usize) -> bool {
        match (self.0.get(above), self.0.get(below)) {
            (Some(above), Some(below)) => !below.is_before(above),
            _ => true,
        }
    }

    fn push(&mut self, entry: Entry) {
        let mut at = self.0.len();
        self.0.push(entry);
        while at > 0 {
            let above = (at - 1) / 2;
            if self.in_order(above, at) {
                return;
            }
            self.0.swap(above, at);
            at = above;
        }
    }

    fn pop(&mut self) -> Option<Entry> {
        if self.0.is_empty() {
            return None;
        }
        let top = self.0.swap_remove(0);
        let mut at = 0;
        loop {
            let mut child = 2 * at + 1;
            if !self.in_order(child, child + 1) {
                child += 1;
            }
            if self.in_order(at, child) {
                return Some(top);
            }
            self.0.swap(at, child);
            at = child;
        }
    }
}

/// Positions are moved back towards 0 when their sum has grown to this.
const MOST: u64 = 1 << 62;

#[derive(Debug, Clone)]
struct Member {
    weight: u32,
    /// Whether it takes part.
    present: bool,
    /// The [`Turns::era`] that `position` belongs to.
    era: u64,
    /// How many turns it has had, in units.
    position: u64,
}

/// Gives turns to members in proportion to their weights, as evenly as can be.
///
/// With `n` members of weights `w` that sum up to `W`, the member `i` that has had `x` turns may have the `k`-th of all
/// from `k ≥ (x + ε)·W / wᵢ` on, and must have had it once `k > (x + 1 − ε)·W / wᵢ`, where `ε = 1 / (2(n − 1))`. Of those
/// that may, it is the turn of the one that must first (Tijdeman, "The chairman assignment problem", Discrete Mathematics
/// 32, 1980): somebody always may, and nobody is ever too late, so that all stay within `1 − ε` turns of `k·wᵢ / W`.
///
/// When members come and go, `k` is what it is for those present: the sum of their positions, plus the one turn to be
/// given. (So it is in "Earliest Eligible Virtual Deadline First" by Stoica and Abdel-Wahab, 1995, whose virtual time is
/// the mean position.) Who comes back finds its place where the others stand on average; the lead that it had when it
/// left is kept, up to one turn, and what it was behind is not. When nobody is present, all is forgotten.
///
/// A position is counted in `unit` parts of a turn, a multiple of `2(n − 1)`, so that all of this is exact in integers;
/// only the place of who comes is rounded, down to such a part.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    members: Vec<Member>,
    /// The sum of the weights of those present.
    weight: u64,
    /// The sum of the positions of those present.
    sum: u64,
    unit: u64,
    /// ε in units.
    margin: u64,
    era: u64,
    most: u64,
    /// Those whose turn it can't be yet, by when it can.
    early: Heap,
    /// Those whose turn it can be, by when it must. Some may stand here from before others came or went.
    open: Heap,
}

impl Turns {
    /// Members with these weights, none of them present. A turn is divided into `2(n − 1)·fine` units.
    ///
    /// All of it stays below 2^63 while weights times units do; a weight must be above 0.
    pub(super) fn new(weights: &[u32], fine: u32) -> Self {
        let member = |weight: &u32| Member { weight: *weight, present: false, era: 0, position: 0 };
        let members: Vec<Member> = weights.iter().map(member).collect();
        let margin = u64::from(fine.max(1));
        let others = (members.len() as u64).saturating_sub(1).max(1);
        let (early, open) = (Heap::default(), Heap::default());
        let unit = 2 * others * margin;
        Self { members, weight: 0, sum: 0, unit, margin, era: 1, most: MOST, early, open }
    }

    #[cfg(test)]
    pub(super) fn with_most(mut self, most: u64) -> Self {
        self.most = most;
        self
    }

    /// A member comes. O(log n).
    pub(super) fn join(&mut self, index: u32) {
        if self.weight == 0 {
            self.sum = 0;
            self.era += 1;
        }
        let mut mean = self.mean_position(index);
        if mean > u128::from(self.most) {
            self.move_back();
            mean = self.mean_position(index);
        }
        let mean = u64::try_from(mean).unwrap_or(self.most);
        let Some(member) = self.members.get_mut(index as usize).filter(|member| !member.present) else {
            return;
        };
        let kept = if member.era == self.era { member.position } else { 0 };
        member.position = kept.clamp(mean, mean.saturating_add(self.unit));
        member.present = true;
        member.era = self.era;
        self.sum = self.sum.saturating_add(member.position);
        self.weight = self.weight.saturating_add(member.weight.into());
        let numerator = member.position.saturating_add(self.margin);
        self.early.push(Entry { numerator, weight: member.weight, index });
    }

    /// Whose turn it is; `None` when nobody is present. It has had it when [`Turns::advance`] is told. O(log n).
    pub(super) fn next(&mut self) -> Option<u32> {
        while let Some(&entry) = self.early.top().filter(|entry| self.may(entry.numerator, entry.weight)) {
            self.early.pop();
            self.open.push(Entry { numerator: entry.numerator.saturating_add(self.wait()), ..entry });
        }
        loop {
            let entry = *self.open.top()?;
            let numerator = entry.numerator.saturating_sub(self.wait());
            if self.may(numerator, entry.weight) {
                return Some(entry.index);
            }
            // When those ahead of the mean leave, the mean moves back.
            self.open.pop();
            self.early.push(Entry { numerator, ..entry });
        }
    }

    /// The one whose turn it is has had it, and stays or leaves. O(log n).
    pub(super) fn advance(&mut self, stays: bool) {
        let Some(entry) = self.open.pop() else { return };
        let Some(member) = self.members.get_mut(entry.index as usize) else { return };
        member.position = member.position.saturating_add(self.unit);
        if stays {
            let numerator = member.position.saturating_add(self.margin);
            self.sum = self.sum.saturating_add(self.unit);
            self.early.push(Entry { numerator, ..entry });
        } else {
            member.present = false;
            self.weight = self.weight.saturating_sub(member.weight.into());
            self.sum = self.sum.saturating_sub(member.position.saturating_sub(self.unit));
        }
        if self.sum > self.most {
            self.move_back();
        }
    }

    /// Changes a weight. A member that is present leaves and comes again. O(n).
    pub(super) fn set_weight(&mut self, index: u32, weight: u32) {
        let Some(member) = self.members.get_mut(index as usize) else { return };
        let old = core::mem::replace(&mut member.weight, weight.max(1));
        // Its place among the others stays.
        let scaled = u128::from(member.position) * u128::from(member.weight) / u128::from(old.max(1));
        let position = core::mem::replace(&mut member.position, u64::try_from(scaled).unwrap_or(self.most));
        if core::mem::take(&mut member.present) {
            self.weight = self.weight.saturating_sub(old.into());
            self.sum = self.sum.saturating_sub(position);
            for heap in [&mut self.early, &mut self.open] {
                let entries = core::mem::take(&mut heap.0);
                for entry in entries.into_iter().filter(|entry| entry.index != index) {
                    heap.push(entry);
                }
            }
            self.join(index);
        }
    }

    /// After how many turns, this one included, a member that is present will have had its own, at the latest.
    pub(super) fn turns_until(&self, index: u32) -> u64 {
        let Some(member) = self.members.get(index as usize) else { return 1 };
        let by = member.position.saturating_add(self.unit).saturating_sub(self.margin);
        let by = u128::from(by) * u128::from(self.weight) / u128::from(member.weight.max(1));
        let turns = by.saturating_sub(self.sum.into()) / u128::from(self.unit.max(1));
        u64::try_from(turns).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// How long a turn's time is, from when it can be to when it must.
    fn wait(&self) -> u64 {
        self.unit - 2 * self.margin
    }

    /// Whether the next turn can be that of a member that can have it from `numerator / weight` on.
    fn may(&self, numerator: u64, weight: u32) -> bool {
        let next = u128::from(self.sum.saturating_add(self.unit));
        u128::from(numerator) * u128::from(self.weight) <= next * u128::from(weight)
    }

    /// Where a member would stand if it were as far as those present are on average.
    fn mean_position(&self, index: u32) -> u128 {
        let weight = self.members.get(index as usize).map_or(0, |member| member.weight);
        (u128::from(self.sum) * u128::from(weight)).checked_div(u128::from(self.weight)).unwrap_or(0)
    }

    /// Moves all positions back by the same whole number of turns per weight, which changes no order. O(n), once in many
    /// million turns.
    fn move_back(&mut self) {
        let present = self.members.iter().filter(|member| member.present);
        let by = present.map(|member| member.position / u64::from(member.weight.max(1))).min().unwrap_or(0);
        let moved = |position: u64, weight: u32| position.saturating_sub(by.saturating_mul(weight.into()));
        for member in &mut self.members {
            member.position = moved(member.position, member.weight);
        }
        let present = self.members.iter().filter(|member| member.present);
        self.sum = present.fold(0, |sum: u64, member| sum.saturating_add(member.position));
        for entry in self.early.0.iter_mut().chain(&mut self.open.0) {
            entry.numerator = moved(entry.numerator, entry.weight);
        }
    }
}
