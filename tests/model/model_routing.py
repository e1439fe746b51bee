"""The pool that a key falls to, slowly: a rendezvous over all shares for each key.

What is fixed here is fixed for every language: the slot is the top 20 bits of the key's hash, a share's hash is that
of the pool's name with the share's number (from 1) as the seed, and the heaviest share of the slot wins.
"""

from collections import Counter
from collections.abc import Iterable

from model_xxh3 import xxh3_64

_MASK = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15
_MIX_1 = 0xBF58476D1CE4E5B9
_MIX_2 = 0x94D049BB133111EB


def owner(key: bytes, pools: Iterable[str], seed: int = 0) -> str:
    """The pool of a key; a pool that comes k times in `pools` has k shares."""
    slot = xxh3_64(key, seed) >> 44
    slot_hash = (slot + 1) * _GOLDEN & _MASK
    slot_hash ^= slot_hash >> 32
    shares = [(name, share) for name, count in Counter(pools).items() for share in range(1, count + 1)]

    def weight(of: tuple[str, int]) -> int:
        product = (xxh3_64(of[0].encode(), of[1]) ^ slot_hash) * _MIX_1 & _MASK
        return (product ^ product >> 32) * _MIX_2 & _MASK

    return max(shares, key=weight)[0]


def rotated_seed(seed: int, now_us: int, rotation_us: int) -> int:
    """The seed of the rotation's epoch at a time."""
    return _finalize(seed + _finalize(now_us // rotation_us + _GOLDEN & _MASK) & _MASK)


def _finalize(value: int) -> int:
    """The finalizer of SplitMix64."""
    value = (value ^ value >> 30) * _MIX_1 & _MASK
    value = (value ^ value >> 27) * _MIX_2 & _MASK
    return value ^ value >> 31
