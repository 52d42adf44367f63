"""Which share is relayed: by the trace, so that what belongs together goes or stays together. Pure."""

from hashlib import blake2b

_RANGE = float(1 << 64)


def is_chosen(trace: str, rate: float, *, of: str = "") -> bool:
    """Say whether the trace is within the first `rate` (0 to 1) of all; the same answer in every process.

    `of` draws anew for something that is a share of a share.
    """
    if rate >= 1.0:
        return True
    digest = blake2b(f"{of}:{trace}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest) / _RANGE < rate
