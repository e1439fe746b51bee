"""XXH3 with 64 bits and a seed, from its specification (Y. Collet, xxHash, doc/xxhash_spec.md). Slow and plain."""

from typing import Final

_MASK: Final = 2**64 - 1
_P32: Final = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)
_P64: Final = (
    0x9E3779B185EBCA87,
    0xC2B2AE3D27D4EB4F,
    0x165667B19E3779F9,
    0x85EBCA77C2B2AE63,
    0x27D4EB2F165667C5,
)
_SECRET: Final = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e"
)


def xxh3_64(data: bytes, seed: int = 0) -> int:
    """The hash of some bytes."""
    length = len(data)
    if length == 0:
        return _avalanche64(seed ^ _u64(_SECRET, 56) ^ _u64(_SECRET, 64))
    if length <= 3:
        combined = data[0] << 16 | data[length >> 1] << 24 | data[-1] | length << 8
        return _avalanche64(combined ^ (_u32(_SECRET, 0) ^ _u32(_SECRET, 4)) + seed & _MASK)
    if length <= 8:
        low = seed & 0xFFFFFFFF
        seed ^= int.from_bytes(low.to_bytes(4, "little"), "big") << 32
        flip = (_u64(_SECRET, 8) ^ _u64(_SECRET, 16)) - seed & _MASK
        value = (_u32(data, length - 4) + (_u32(data, 0) << 32)) ^ flip
        value ^= _rotate(value, 49) ^ _rotate(value, 24)
        value = value * 0x9FB21C651E98DF25 & _MASK
        value ^= (value >> 35) + length
        value = value * 0x9FB21C651E98DF25 & _MASK
        return value ^ value >> 28
    if length <= 16:
        low = _u64(data, 0) ^ (_u64(_SECRET, 24) ^ _u64(_SECRET, 32)) + seed & _MASK
        high = _u64(data, length - 8) ^ (_u64(_SECRET, 40) ^ _u64(_SECRET, 48)) - seed & _MASK
        swapped = int.from_bytes(low.to_bytes(8, "little"), "big")
        return _avalanche(length + swapped + high + _fold(low, high) & _MASK)
    if length <= 128:
        total = length * _P64[0]
        for step in reversed(range((length - 1) // 32 + 1)):
            total += _mix(data, 16 * step, 32 * step, seed)
            total += _mix(data, length - 16 * (step + 1), 32 * step + 16, seed)
        return _avalanche(total & _MASK)
    if length <= 240:
        total = length * _P64[0]
        for step in range(8):
            total += _mix(data, 16 * step, 16 * step, seed)
        total = _avalanche(total & _MASK)
        for step in range(8, length // 16):
            total += _mix(data, 16 * step, 16 * (step - 8) + 3, seed)
        return _avalanche(total + _mix(data, length - 16, 119, seed) & _MASK)
    return _long(data, seed)


def _long(data: bytes, seed: int) -> int:
    secret = bytearray()
    for at in range(0, 192, 16):
        secret += (_u64(_SECRET, at) + seed & _MASK).to_bytes(8, "little")
        secret += (_u64(_SECRET, at + 8) - seed & _MASK).to_bytes(8, "little")
    key = bytes(secret)
    lanes = [_P32[2], _P64[0], _P64[1], _P64[2], _P64[3], _P32[1], _P64[4], _P32[0]]
    blocks = (len(data) - 1) // 1024
    for block in range(blocks):
        for stripe in range(16):
            _accumulate(lanes, data, 1024 * block + 64 * stripe, key, 8 * stripe)
        for lane in range(8):
            value = lanes[lane] ^ lanes[lane] >> 47 ^ _u64(key, 128 + 8 * lane)
            lanes[lane] = value * _P32[0] & _MASK
    for stripe in range((len(data) - 1 - 1024 * blocks) // 64):
        _accumulate(lanes, data, 1024 * blocks + 64 * stripe, key, 8 * stripe)
    _accumulate(lanes, data, len(data) - 64, key, 121)
    total = len(data) * _P64[0]
    for pair in range(4):
        left = lanes[2 * pair] ^ _u64(key, 11 + 16 * pair)
        total += _fold(left, lanes[2 * pair + 1] ^ _u64(key, 19 + 16 * pair))
    return _avalanche(total & _MASK)


def _accumulate(lanes: list[int], data: bytes, at: int, key: bytes, key_at: int) -> None:
    for lane in range(8):
        value = _u64(data, at + 8 * lane)
        keyed = value ^ _u64(key, key_at + 8 * lane)
        lanes[lane ^ 1] = lanes[lane ^ 1] + value & _MASK
        lanes[lane] = lanes[lane] + (keyed & 0xFFFFFFFF) * (keyed >> 32) & _MASK


def _mix(data: bytes, at: int, key_at: int, seed: int) -> int:
    low = _u64(data, at) ^ (_u64(_SECRET, key_at) + seed & _MASK)
    return _fold(low, _u64(data, at + 8) ^ (_u64(_SECRET, key_at + 8) - seed & _MASK))


def _fold(left: int, right: int) -> int:
    product = left * right
    return (product & _MASK) ^ product >> 64


def _rotate(value: int, by: int) -> int:
    return (value << by | value >> 64 - by) & _MASK


def _avalanche(value: int) -> int:
    value ^= value >> 37
    value = value * 0x165667919E3779F9 & _MASK
    return value ^ value >> 32


def _avalanche64(value: int) -> int:
    value ^= value >> 33
    value = value * _P64[1] & _MASK
    value ^= value >> 29
    value = value * _P64[2] & _MASK
    return value ^ value >> 32


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _u64(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 8], "little")
