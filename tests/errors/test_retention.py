from datetime import timedelta

import pytest

from tests.errors.builders import digest, only_issue
from tests.errors.documents import NOW, make_event
from tests.projects.builders import make_project
from tradewatch.errors import retention
from tradewatch.errors.internal import note_internal_error
from tradewatch.errors.models import Event, EventPayload, InternalError

pytestmark = pytest.mark.django_db


def test_old_events_go_and_their_issue_keeps_its_counters(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "EVENTS_A_STEP", 2)
    settings.EVENT_RETENTION = timedelta(days=7)
    old = (NOW - timedelta(days=6)).timestamp()
    digest(*(make_event(timestamp=old) for _ in range(5)), make_event())
    digest(*(make_event(timestamp=old) for _ in range(3)), project=make_project("other"))
    assert retention.delete_old(NOW) == 0
    assert retention.delete_old(NOW + timedelta(days=2)) == 8
    assert Event.objects.count() == EventPayload.objects.count() == 1
    assert only_issue("default").event_count == 6
    assert only_issue("other").event_count == 3


def test_internal_errors_are_kept_without_what_they_say_and_for_thirty_days() -> None:
    try:
        try:
            raise KeyError("a secret of the payload")
        except KeyError as cause:
            raise RuntimeError("which quotes a secret") from cause
    except RuntimeError as error:
        note_internal_error("digest", error, now=NOW)
    noted = InternalError.objects.get()
    assert noted.where == "digest"
    assert noted.text.startswith("RuntimeError\n")
    assert "caused by\nKeyError" in noted.text
    assert "test_retention.py" in noted.text
    assert "secret" not in noted.text.replace("without_what_they_say", "")
    retention.delete_old(NOW + timedelta(days=29))
    assert InternalError.objects.exists()
    retention.delete_old(NOW + timedelta(days=31))
    assert not InternalError.objects.exists()
