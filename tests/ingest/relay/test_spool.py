"""The spool's bound: never above its bytes, the least valuable first, and what goes is counted."""

import pickle
import random
from collections import Counter
from collections.abc import Sequence

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.ingest.relay.builders import make_copy
from tradewatch.ingest.models import RelayEntry, RelayUpstream
from tradewatch.ingest.relay import spool
from tradewatch.ingest.relay.choices import BY_WORTH
from tradewatch.ingest.relay.spool import Copy, append, spooled_bytes, trim

pytestmark = pytest.mark.django_db


def put(copies: Sequence[Copy], limit: int) -> None:
    with transaction.atomic():
        append(copies, limit_bytes=limit, now=timezone.now())


def left() -> list[tuple[str, float]]:
    return list(RelayEntry.objects.order_by("received_at").values_list("category", "received_at"))


def many(category: str, count: int, *, first: float = 0.0, size: int = 100, upstream: int = 0) -> list[Copy]:
    return [make_copy(upstream, category=category, at=first + number, size=size) for number in range(count)]


def test_what_fits_is_kept_and_counted_to_the_byte() -> None:
    put(many("error", 3), 300)
    row = RelayUpstream.objects.get()
    assert (row.entries, row.size, row.dropped, spooled_bytes()) == (3, 300, {}, 300)


def test_the_oldest_of_a_kind_goes_first() -> None:
    put(many("error", 3), 300)
    put(many("error", 2, first=10), 300)
    assert left() == [("error", 2), ("error", 10), ("error", 11)]
    row = RelayUpstream.objects.get()
    assert (row.entries, row.size, row.dropped) == (3, 300, {"error": 2})
    assert row.dropped_at is not None


def test_errors_stay_while_anything_else_can_go() -> None:
    put([*many("error", 2), *many("transaction", 2, first=10), *many("session", 1, first=20)], 500)
    put(many("error", 2, first=30), 500)
    assert left() == [("error", 0), ("error", 1), ("transaction", 11), ("error", 30), ("error", 31)]
    assert RelayUpstream.objects.get().dropped == {"session": 1, "transaction": 1}


def test_what_comes_is_let_go_when_all_that_lies_is_worth_more() -> None:
    put(many("error", 3), 300)
    put(many("transaction", 2, first=10), 300)
    assert left() == [("error", 0), ("error", 1), ("error", 2)]
    assert RelayUpstream.objects.get().dropped == {"transaction": 2}


def test_an_entry_larger_than_the_spool_is_let_go_alone() -> None:
    put(many("error", 1, size=1_000), 300)
    put(many("error", 1), 300)
    assert [category for category, _ in left()] == ["error"]


def test_an_upstream_that_is_away_does_not_push_out_anothers() -> None:
    put(many("error", 8, upstream=7), 1_000)
    put(many("transaction", 2, upstream=0), 1_000)
    put(many("transaction", 2, upstream=0, first=10), 1_000)
    rows = {row.pk: (row.entries, row.dropped) for row in RelayUpstream.objects.all()}
    assert rows == {0: (4, {}), 7: (6, {"error": 2})}


def test_a_limit_that_was_lowered_is_kept_to_within_a_look() -> None:
    put(many("error", 10), 1_000)
    with transaction.atomic():
        assert trim(limit_bytes=450, now=timezone.now()) == 6
    assert (spooled_bytes(), len(left())) == (400, 4)
    with transaction.atomic():
        assert trim(limit_bytes=450, now=timezone.now()) == 0


def test_errors_stay_however_many_of_less_worth_have_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step is what one statement deletes, not all that goes of a kind."""
    monkeypatch.setattr(spool, "ROWS_A_STEP", 2)
    put([*many("session", 8), *many("error", 4, first=20)], 1_200)
    put(many("error", 6, first=30), 1_200)
    assert RelayUpstream.objects.get().dropped == {"session": 6}
    with transaction.atomic():
        trim(limit_bytes=900, now=timezone.now())
    assert RelayUpstream.objects.get().dropped == {"session": 8, "error": 1}


def test_upstreams_that_nothing_happens_to_are_not_written() -> None:
    for upstream in range(5):
        put(many("error", 1, upstream=upstream), 1_000)
    with CaptureQueriesContext(connection) as queries:
        put(many("error", 1, upstream=3), 1_000)
    assert sum(each["sql"].startswith("UPDATE") for each in queries) == 1


def test_a_batch_makes_room_for_itself_and_leaves_a_lowered_limit_to_the_look() -> None:
    put(many("error", 10), 1_000)
    put(many("error", 2, first=10), 500)
    assert (spooled_bytes(), RelayUpstream.objects.get().dropped) == (1_000, {"error": 2})


def test_it_never_exceeds_its_bytes_and_counts_every_one() -> None:
    draw, limit, came = random.Random(7), 20_000, Counter[str]()
    for batch in range(60):
        copies = [
            make_copy(
                draw.choice((0, 3)), category=draw.choice(BY_WORTH), at=batch + n / 100, size=draw.randint(1, 900)
            )
            for n in range(draw.randint(1, 40))
        ]
        came.update(copy.category for copy in copies)
        put(copies, limit)
        found = RelayEntry.objects.aggregate(size=Sum("size"))["size"]
        assert found == spooled_bytes() <= limit
    dropped: Counter[str] = Counter()
    for row in RelayUpstream.objects.all():
        dropped.update(row.dropped)
    still = Counter(RelayEntry.objects.values_list("category", flat=True))
    assert came == still + dropped and dropped
    assert RelayEntry.objects.count() == RelayUpstream.objects.aggregate(n=Sum("entries"))["n"]


def test_a_copy_crosses_to_the_process_that_stores_it() -> None:
    copy = make_copy()
    assert pickle.loads(pickle.dumps(copy)) == copy
