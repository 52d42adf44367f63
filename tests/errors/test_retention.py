from collections import Counter
from datetime import timedelta

import pytest

from tests.errors.builders import digest, only_issue
from tests.errors.documents import NOW, make_event
from tests.inbox.builders import keep_item
from tests.projects.builders import make_project
from tradewatch.errors import retention
from tradewatch.errors.internal import note_internal_error
from tradewatch.errors.models import Event, EventPayload, InternalError
from tradewatch.inbox.models import KeptItem
from tradewatch.projects.models import Project

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


def test_a_project_keeps_its_events_for_its_own_days(settings) -> None:
    settings.EVENT_RETENTION = timedelta(days=7)
    for project in (make_project("long", event_days=30), make_project("short"), make_project("other")):
        digest(*(make_event(timestamp=(NOW - timedelta(days=days)).timestamp()) for days in (0, 3)), project=project)
    Project.objects.filter(slug="short").update(event_days=2)
    retention.delete_old(NOW)
    assert _kept() == {"long": 2, "short": 1, "other": 2}
    retention.delete_old(NOW + timedelta(days=5))
    assert _kept() == {"long": 2, "other": 1}


def test_an_event_late_for_the_installation_keeps_its_time_in_a_project_that_keeps_it_longer(settings) -> None:
    settings.EVENT_RETENTION = timedelta(days=7)
    late = (NOW - timedelta(days=20)).timestamp()
    digest(make_event(timestamp=late), project=make_project("long", event_days=30))
    digest(make_event(timestamp=late))
    ages = {name: NOW - at for name, at in Event.objects.values_list("project__slug", "timestamp")}
    assert ages == {"long": timedelta(days=20), "default": timedelta(days=7)}


def test_what_came_with_old_events_goes_with_them_a_few_events_at_a_time(
    settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "EVENTS_WITH_FILES_A_STEP", 2)
    settings.EVENT_RETENTION = timedelta(days=7)
    project = make_project()
    digest(*(make_event(timestamp=(NOW - timedelta(days=3 * at)).timestamp()) for at in range(3)), project=project)
    for event_id in Event.objects.values_list("event_id", flat=True):
        keep_item(project, event_id, received_at=NOW)
    assert retention.delete_old(NOW + timedelta(days=2)) == 1
    assert retention.delete_old(NOW + timedelta(days=20)) == 2
    assert not KeptItem.objects.exists()


def _kept() -> dict[str, int]:
    return dict(Counter(Event.objects.values_list("project__slug", flat=True)))


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
