//! The leveled order of a product mix.

use alloc::vec::Vec;
use core::iter::FusedIterator;

use super::turns::Turns;
use crate::error::Error;

/// The most products of a mix.
pub const MAX_PRODUCTS: u32 = 16_384;

/// The most items that [`sequence`] writes down: 16,777,216. [`Sequence`] has no such limit.
pub const MAX_SEQUENCE: u64 = 1 << 24;

/// The items of a mix in leveled order, one after another: which product each is, by its place in the mix.
///
/// With `n` products of counts `c` that sum up to `N`, where products of count 0 don't count, and `n ≥ 2`: among the
/// first `k` items, product `i` comes within `1 − 1/(2(n − 1))` of `k·cᵢ/N` times, for every `i` and `k`. No order can
/// promise less for all mixes. (R. Tijdeman, "The chairman assignment problem", Discrete Mathematics 32, 1980; that this
/// is the leveling of a mixed-model line: J. Miltenburg, "Level schedules for mixed-model assembly lines in just-in-time
/// production systems", Management Science 35, 1989.) At a tie the product that is named first comes first. The order of a
/// mix of several equal batches is that of one batch, repeated.
///
/// It holds the products, never the items. The next item costs O(log n), in exact integers.
///
/// ```
/// use heijunka_core::pacing::Sequence;
///
/// let order: String = Sequence::new(&[3, 2, 1])?.map(|product| ["A", "B", "C"][product as usize]).collect();
/// assert_eq!(order, "ABACBA");
/// # Ok::<(), heijunka_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sequence {
    turns: Turns,
    /// The products that are made at all.
    products: Vec<u32>,
    left: u64,
}

impl Sequence {
    /// The order of a mix with these counts.
    ///
    /// Fails with [`Error::OutOfRange`] when there are no products or more than [`MAX_PRODUCTS`], and when all counts are
    /// 0. Costs O(n log n).
    pub fn new(counts: &[u32]) -> Result<Self, Error> {
        check("products", counts.len() as u64, MAX_PRODUCTS.into())?;
        // At most 2^14 products of less than 2^32 items.
        let left = counts.iter().fold(0, |sum: u64, count| sum.saturating_add((*count).into()));
        check("items", left, u64::from(MAX_PRODUCTS) * u64::from(u32::MAX))?;
        let (mut products, mut made) = (Vec::new(), Vec::new());
        for (product, count) in (0..).zip(counts) {
            if *count > 0 {
                products.push(product);
                made.push(*count);
            }
        }
        let mut turns = Turns::new(&made, 1);
        for (place, _) in (0..).zip(&products) {
            turns.join(place);
        }
        Ok(Self { turns, products, left })
    }

    /// How many items are still to come.
    pub fn remaining(&self) -> u64 {
        self.left
    }
}

impl Iterator for Sequence {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        let place = self.turns.next()?;
        self.turns.advance(true);
        self.products.get(place as usize).copied()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.left);
        (left.unwrap_or(usize::MAX), left.ok())
    }
}

impl FusedIterator for Sequence {}

/// All items of a mix in leveled order, as [`Sequence`] gives them.
///
/// Fails as [`Sequence::new`], and with [`Error::OutOfRange`] for more than [`MAX_SEQUENCE`] items. O(N log n) for N
/// items, and four bytes for each.
pub fn sequence(counts: &[u32]) -> Result<Vec<u32>, Error> {
    let order = Sequence::new(counts)?;
    check("items", order.remaining(), MAX_SEQUENCE)?;
    let mut items = Vec::new();
    items.reserve_exact(usize::try_from(order.remaining()).unwrap_or(0));
    for product in order {
        items.push(product);
    }
    Ok(items)
}

fn check(field: &'static str, value: u64, max: u64) -> Result<(), Error> {
    if value == 0 || value > max { Err(Error::OutOfRange { field, value, min: 1, max }) } else { Ok(()) }
}
