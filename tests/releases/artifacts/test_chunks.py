from datetime import timedelta
from typing import Any

import pytest

from releases.artifacts.asked import TooLarge, sha1_of
from releases.artifacts.chunks import (
    CHUNK_BYTES,
    forget_chunks,
    forget_old_chunks,
    keep_chunk,
    missing_chunks,
    put_together,
)
from releases.models import UploadedChunk
from tests.releases.builders import NOW
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Invalid

pytestmark = pytest.mark.django_db
PARTS = [b"one", b"two", b"one"]  # a file may have a part twice
NAMES = [sha1_of(part) for part in PARTS]
WHOLE = sha1_of(b"".join(PARTS))


def upload(actor: Actor = SYSTEM) -> None:
    for part in PARTS:
        keep_chunk(actor, sha1_of(part), part, now=NOW)


def test_parts_are_put_together_in_order() -> None:
    assert missing_chunks(SYSTEM, NAMES) == NAMES[:2]
    upload()
    assert missing_chunks(SYSTEM, NAMES) == []
    assert put_together(SYSTEM, NAMES, WHOLE) == b"onetwoone"
    with pytest.raises(Invalid, match="put together are not what the SHA-1 says"):
        put_together(SYSTEM, NAMES[:2], WHOLE)
    forget_chunks(SYSTEM, NAMES)
    assert not UploadedChunk.objects.exists()


def test_nobody_makes_a_file_of_anothers_chunks() -> None:
    upload()
    assert missing_chunks(Actor("token", 7, "other"), NAMES) == NAMES[:2]


def test_what_is_not_what_it_says_is_refused(settings: Any) -> None:
    with pytest.raises(Invalid, match="is not what its SHA-1 says"):
        keep_chunk(SYSTEM, NAMES[1], b"one", now=NOW)
    with pytest.raises(TooLarge, match="a chunk has 1 MiB at most"):
        keep_chunk(SYSTEM, "0" * 40, b"x" * (CHUNK_BYTES + 1), now=NOW)
    with pytest.raises(Invalid, match="named by their SHA-1"):
        missing_chunks(SYSTEM, ["../x"])
    settings.ARTIFACT_MAX_BYTES = 2 * CHUNK_BYTES
    with pytest.raises(TooLarge, match="an artifact may have 2 MiB"):
        missing_chunks(SYSTEM, NAMES)
    settings.RELEASE_ARTIFACTS_MAX_BYTES = 5
    keep_chunk(SYSTEM, NAMES[0], b"one", now=NOW)
    with pytest.raises(TooLarge, match="5 bytes of chunks wait"):
        keep_chunk(SYSTEM, NAMES[1], b"two", now=NOW)


def test_what_nobody_put_together_goes_after_a_day() -> None:
    upload()
    keep_chunk(SYSTEM, NAMES[0], b"one", now=NOW + timedelta(hours=12))  # uploaded again
    assert forget_old_chunks(now=NOW + timedelta(hours=24, seconds=1)) == 1
    assert [row.sha1 for row in UploadedChunk.objects.all()] == [NAMES[0]]
