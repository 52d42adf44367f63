"""What the person has in common with others is the others' too: it stays theirs, and the report tells of it."""

from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from debugging.choices import RefKind
from debugging.models import BrowserReplay
from tests.processes.erasing.asking import GONE, GONE_MAIL, NOW, digest_events, erased
from tests.processes.erasing.dumping import places_of
from tests.projects.builders import make_project
from tradewatch.errors.drafting import user_key
from tradewatch.errors.facts import identity_hash
from tradewatch.errors.models import Event, IssueUser, IssueUserAlias
from tradewatch.inbox.models import KeptItem
from tradewatch.processes.erasing.telling import report_text
from tradewatch.projects.models import Project

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("inbox")]


def make_recording(project: Project, user: str, *, of: Event | None = None) -> BrowserReplay:
    row = BrowserReplay.objects.create(
        project=project,
        replay_id=uuid4(),
        environment="production",
        started_at=NOW,
        ended_at=NOW,
        received_at=NOW,
        facts={"user": user, "sdk": "sentry.javascript.browser 10.78.0"},
    )
    if of is not None:
        row.refs.create(kind=RefKind.ERROR, value=of.event_id)
    return row


def make_file(project: Project, event: Event) -> KeptItem:
    meta = {"filename": "app.log", "bytes": 0}
    return KeptItem.objects.create(
        project=project, item_type="attachment", event_id=event.event_id, received_at=NOW, meta=meta, payload=b""
    )


def rows(report: dict[str, Any], part: str, what: str) -> dict[int | None, int]:
    return {each["project"]: each["rows"] for each in report[part] if each["what"] == what}


def hash_of(name: str, value: str) -> int:
    return identity_hash(name, value, key=user_key(settings.SECRET_KEY))


def test_recordings_of_another_who_is_called_the_same_stay_and_are_told() -> None:
    mine, other = make_project("mine"), make_project("other")
    digest_events(mine, {"id": GONE, "username": "Alex"})
    met = Event.objects.get()
    digest_events(mine, {"id": GONE, "username": "trader77"}, {"username": "Alex"})
    for user, of in (("Alex", met), (GONE, None), ("trader77", None)):
        make_recording(mine, user, of=of)
    stay = {make_recording(mine, "Alex").pk, make_recording(other, "Alex").pk, make_recording(other, "kim").pk}
    looked, report = erased(is_dry_run=True), erased()
    assert set(BrowserReplay.objects.values_list("pk", flat=True)) == stay
    for each in (looked, report):
        assert rows(each, "deleted", "debugging.BrowserReplay") == {mine.pk: 3}
        assert rows(each, "in_doubt", "debugging.BrowserReplay") == {mine.pk: 1, other.pk: 1}
        assert rows(each, "changed", "debugging.BrowserReplay") == {}
    told = report_text(report, {mine.pk: "mine", other.pk: "other"})
    assert "Left, in doubt: 2 rows" in told and "Alex" not in told


def test_a_recording_under_an_address_that_two_have_stays() -> None:
    project = make_project()
    digest_events(project, {"id": GONE, "email": "desk@x.example"}, {"id": "u-2", "email": "desk@x.example"})
    make_recording(project, "desk@x.example")
    report = erased()
    assert BrowserReplay.objects.exists()
    assert rows(report, "in_doubt", "debugging.BrowserReplay") == {project.pk: 1}


def test_a_report_from_before_there_was_doubt_is_shown() -> None:
    digest_events(make_project(), {"id": GONE})
    report = erased()
    del report["in_doubt"]
    assert "Left, in doubt: 0 rows" in report_text(report, {})


def test_who_has_a_name_in_common_is_counted_and_found_as_before() -> None:
    digest_events(make_project(), {"id": GONE, "username": "Alex"}, {"username": "Alex"})
    before = dict(IssueUser.objects.values_list("pk", "user_hash"))
    erased()
    after = dict(IssueUser.objects.values_list("pk", "user_hash"))
    assert {known for pk, known in before.items() if after[pk] != known} == {hash_of("id", GONE)}
    assert hash_of("username", "Alex") in after.values()
    assert not IssueUserAlias.objects.exists(), "what else the person was called in the issues that they met"


def test_an_address_in_any_case_leads_to_nobody_afterwards() -> None:
    digest_events(make_project(), {"email": GONE_MAIL.title()}, {"id": "u-2"})
    erased(user_id="", email=GONE_MAIL)
    left = set(IssueUser.objects.values_list("user_hash", flat=True))
    assert hash_of("email", GONE_MAIL.title()) not in left and hash_of("id", "u-2") in left


@pytest.mark.parametrize("common", ["anonymous", "guest", 0, 42])
def test_a_common_id_beside_the_address_is_not_taken_for_the_person(common: str | int) -> None:
    project = make_project()
    digest_events(project, {"id": common, "email": GONE_MAIL})
    digest_events(project, {"id": common, "username": "kim"}, {"id": common})
    events = list(Event.objects.order_by("pk"))
    files = [make_file(project, event) for event in events]
    make_recording(project, str(common))
    users = set(IssueUser.objects.values_list("user_hash", flat=True))
    report = erased(user_id="", email=GONE_MAIL)
    ids = [str(event.payload["user"]["id"]) for event in Event.objects.order_by("pk")]
    assert ids == ["[erased]", str(common), str(common)]
    assert set(KeptItem.objects.values_list("pk", flat=True)) == {each.pk for each in files[1:]}
    assert BrowserReplay.objects.count() == 1 and places_of([GONE_MAIL]) == set()
    assert users == set(IssueUser.objects.values_list("user_hash", flat=True))
    assert (report["also_known_by"], report["common_names_left"]) == (0, 1)
    assert "1 ids or names beside it are common ones" in report_text(report, {project.pk: "desk"})


def test_what_a_common_id_has_too_is_still_followed() -> None:
    telling = {"id": 42, "username": "trader77"}
    digest_events(make_project(), {**telling, "email": GONE_MAIL}, telling, {"username": "trader77"})
    assert erased(user_id="", email=GONE_MAIL)["also_known_by"] == 1
    assert places_of(["trader77"]) == set()
