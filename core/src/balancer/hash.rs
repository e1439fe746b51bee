//! The consistent hash: a key's slot, and the candidate that wins a slot.
//!
//! Rendezvous hashing (D. Thaler and C. Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM
//! Transactions on Networking 6(1), 1998) over 2^20 key slots. Each candidate has a weight at each slot, and the
//! highest one wins, so that the winner depends on the *set* of candidates alone: a candidate that leaves gives up
//! its own slots and no others, one that comes takes only what it wins. Slots instead of keys make the winners
//! few enough to be remembered (see [`super::candidates`]).

use core::hint::select_unpredictable;

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Key slots, as a power of two. With a million keys on 64 pools the fullest holds less than 1.05 × the mean.
pub(super) const SLOT_BITS: u32 = 20;

/// How many key slots there are.
pub(super) const SLOTS: usize = 1 << SLOT_BITS;

/// The odd number nearest to 2^64 divided by the golden ratio: the stride of `SplitMix64`.
const STRIDE: u64 = 0x9e37_79b9_7f4a_7c15;

/// One share of a candidate pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// The hash of the pool's name and of the share's number.
    pub(super) hash: u64,
    /// The pool's index.
    pub(super) pool: u32,
}

/// The hash of a pool's `share`-th share (the first is 1): xxh3-64 of its name, the share's number as the seed.
/// Neither the pool's id nor `hash_seed` goes in.
pub(super) fn share_hash(name: &str, share: u64) -> u64 {
    xxh3_64_with_seed(name.as_bytes(), share)
}

/// Keys up to this many bytes are hashed without a call.
pub(super) const SHORT: usize = 16;

/// The slot of a key: the top 20 bits of xxh3-64.
#[inline]
pub(super) fn slot_of(key: &[u8], seed: u64) -> u32 {
    (xxh3_64_with_seed(key, seed) >> (u64::BITS - SLOT_BITS)) as u32
}

/// The multipliers of `SplitMix64`'s finalizer.
const MIX: [u64; 2] = [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb];

/// The finalizer of `SplitMix64` (D. Stafford's "Mix13"): every bit of the input moves every bit of the result, and
/// no two inputs share one.
#[inline]
pub(super) fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(MIX[0]);
    x = (x ^ (x >> 27)).wrapping_mul(MIX[1]);
    x ^ (x >> 31)
}

/// What a slot brings to the weights, spread over all bits.
#[inline]
fn slot_hash(slot: u32) -> u64 {
    let product = (u64::from(slot) + 1).wrapping_mul(STRIDE);
    product ^ (product >> 32)
}

/// The weight of a share at a slot, from their hashes: a finalizer in the manner of `SplitMix64`'s, with its
/// constants, less the shifts that only move low bits (the order of weights is all that matters). One-to-one for a
/// given slot. The tests measure what it is there for: even shares, and shares independent of each other.
#[inline]
fn weight(share_hash: u64, slot_hash: u64) -> u64 {
    let product = (share_hash ^ slot_hash).wrapping_mul(MIX[0]);
    (product ^ (product >> 32)).wrapping_mul(MIX[1])
}

/// The pool that wins `slot`, in O(entries); `None` when there are none. Of equal weights the first entry wins:
/// weights are one-to-one, so they come only from equal hashes, which the entries' order decides by name.
#[inline]
pub(super) fn winner(entries: &[Entry], slot: u32) -> Option<u32> {
    let slot_hash = slot_hash(slot);
    match entries {
        [] => None,
        // A few are common, and faster without a loop.
        [a, b] => Some(heaviest(a, [b], slot_hash)),
        [a, b, c] => Some(heaviest(a, [b, c], slot_hash)),
        [a, b, c, d] => Some(heaviest(a, [b, c, d], slot_hash)),
        [first, rest @ ..] => Some(heaviest(first, rest, slot_hash)),
    }
}

#[inline]
fn heaviest<'a>(first: &'a Entry, rest: impl IntoIterator<Item = &'a Entry>, slot_hash: u64) -> u32 {
    let mut pool = first.pool;
    let mut best = weight(first.hash, slot_hash);
    for entry in rest {
        let weight = weight(entry.hash, slot_hash);
        // Which one wins is as good as random: a branch would be mispredicted half the time.
        let heavier = weight > best;
        best = select_unpredictable(heavier, weight, best);
        pool = select_unpredictable(heavier, entry.pool, pool);
    }
    pool
}

/// The seed of the key hash, which changes with the rotation's epoch. Only the keys' slots move with it: who wins
/// a slot stays, and so does all that is remembered.
#[derive(Debug, Clone)]
pub(super) struct Seed {
    base: u64,
    rotation_us: Option<u64>,
    /// The running epoch: `current` holds from here…
    start_us: u64,
    /// …for so long.
    length_us: u64,
    current: u64,
}

impl Seed {
    pub(super) fn new(hash_seed: u64, rotation_us: Option<u64>) -> Self {
        let mut seed =
            Self { base: hash_seed, rotation_us, start_us: 0, length_us: u64::MAX, current: hash_seed };
        seed.turn(0);
        seed
    }

    /// The seed at `now_us`, if it lies in the epoch looked at last: `hash_seed` itself without rotation.
    #[inline]
    pub(super) fn known(&self, now_us: u64) -> Option<u64> {
        (now_us.wrapping_sub(self.start_us) < self.length_us).then_some(self.current)
    }

    /// The seed at `now_us`.
    pub(super) fn at(&mut self, now_us: u64) -> u64 {
        if self.known(now_us).is_none() {
            self.turn(now_us);
        }
        self.current
    }

    fn turn(&mut self, now_us: u64) {
        let Some(rotation_us) = self.rotation_us else { return };
        let rotation_us = rotation_us.max(1);
        let epoch = now_us / rotation_us;
        self.start_us = epoch * rotation_us;
        self.length_us = rotation_us;
        self.current = mix(self.base.wrapping_add(mix(epoch.wrapping_add(STRIDE))));
    }
}

/// The hash by which the affinity group of a key is found. It decides nothing else.
#[inline]
pub(super) fn group_hash(key: &[u8]) -> u64 {
    xxh3_64_with_seed(key, 0)
}
