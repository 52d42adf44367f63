"""Two digests at once, made to happen in one: what the first read is out of date when it comes to writing."""

from collections.abc import Sequence

import pytest

from tests.errors.builders import digest, only_issue
from tests.errors.documents import NOW, make_event
from tradewatch.errors import moves, opening, store
from tradewatch.errors.drafts import Draft
from tradewatch.errors.models import Event, Issue, TagCount
from tradewatch.errors.opening import HashKey
from tradewatch.metrics.models import Counter

pytestmark = pytest.mark.django_db


def test_an_issue_that_another_digest_has_just_opened_is_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    digest(make_event())
    really, stale = opening._known_hashes, iter([True])
    reads = 0

    def late(keys: set[HashKey]) -> dict[HashKey, int]:
        nonlocal reads
        reads += 1
        return {} if next(stale, False) else really(keys)

    monkeypatch.setattr(opening, "_known_hashes", late)
    digest(make_event())
    assert reads == 2  # once without the project's lock, once under it
    assert only_issue().event_count == 2


def test_an_event_that_another_digest_has_just_stored_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event(user={"id": 1})
    digest(event)

    def blind(drafts: Sequence[Draft]) -> list[Draft]:
        return list(drafts)

    monkeypatch.setattr(store, "_unseen", blind)
    digest(event, make_event(user={"id": 1}))
    assert only_issue().event_count == Event.objects.count() == 2
    assert Counter.objects.get(series="events", resolution=60).count == 2
    assert TagCount.objects.get(key="venue").count == 2


def test_a_batch_of_nothing_new_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_event()
    digest(event)
    monkeypatch.setattr(store, "_unseen", list)
    digest(event)
    assert only_issue().event_count == 1


def test_an_issue_that_somebody_reopened_meanwhile_is_no_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    digest(make_event())
    Issue.objects.update(state="resolved", resolved_at=NOW.replace(hour=1))
    really = moves.why_open_again

    def reopened_first(*args: object, **named: object) -> str:
        Issue.objects.update(state="unresolved")
        return really(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(moves, "why_open_again", reopened_first)
    digest(make_event())
    assert not only_issue().is_regressed
