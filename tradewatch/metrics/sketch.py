"""HyperLogLog: about how many distinct values, in 4 KiB, mergeable. Standard error 1.04 / sqrt(4096) = 1.6%.

Registers as in Flajolet et al. 2007 with 64-bit hashes; the estimate is the improved one of Ertl 2017 ("New cardinality
estimation algorithms for HyperLogLog sketches", algorithm 6): no tables of bias, no switch for small sets.
"""

import math
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

import zstandard

INDEX_BITS = 12
REGISTERS = 1 << INDEX_BITS
RANK_BITS = 64 - INDEX_BITS
EMPTY = bytes(REGISTERS)

_ALPHA = 1.0 / (2.0 * math.log(2.0))


def registers_of(values: Iterable[str]) -> bytes:
    """Return the registers of a set: each the highest rank (position of the first 1 bit) among its share of hashes."""
    registers = bytearray(REGISTERS)
    for value in values:
        digest = int.from_bytes(blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest())
        index = digest >> RANK_BITS
        rank = RANK_BITS - (digest & ((1 << RANK_BITS) - 1)).bit_length() + 1
        registers[index] = max(registers[index], rank)
    return bytes(registers)


def merge(parts: Iterable[bytes]) -> bytes:
    """Return the registers of the union."""
    return bytes(map(max, EMPTY, *parts, EMPTY))  # a register of all parts at once: pairs take ten times as long


def estimate(registers: bytes) -> int:
    """Return about how many distinct values went in; 0 for none."""
    ranks = Counter(registers)
    if ranks[0] == REGISTERS:
        return 0
    total = REGISTERS * _tau(1.0 - ranks[RANK_BITS + 1] / REGISTERS)
    for rank in range(RANK_BITS, 0, -1):
        total = 0.5 * (total + ranks[rank])
    total += REGISTERS * _sigma(ranks[0] / REGISTERS)
    return round(_ALPHA * REGISTERS * REGISTERS / total)


def pack(registers: bytes) -> bytes:
    """Return the registers for storing: an hour with few users takes a few bytes a user."""
    return zstandard.compress(registers, 3)


def unpack(data: bytes) -> bytes:
    """Return the registers of stored bytes; those of the empty set for an empty row."""
    return zstandard.decompress(data) if data else EMPTY


def _sigma(share: float) -> float:
    """Ertl's sigma: what the registers still at zero contribute."""
    power, total, last = 1.0, share, -1.0
    while total != last:
        share *= share
        last = total
        total += share * power
        power += power
    return total


def _tau(share: float) -> float:
    """Ertl's tau: what the saturated registers contribute."""
    if share in (0.0, 1.0):
        return 0.0
    power, total, last = 1.0, 1.0 - share, -1.0
    while total != last:
        share = math.sqrt(share)
        last = total
        power *= 0.5
        total -= (1.0 - share) ** 2 * power
    return total / 3.0
