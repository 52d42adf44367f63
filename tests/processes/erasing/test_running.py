import contextlib
import itertools
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from alerts.models import AlertGroup, TimelineEntry
from tests.alerts.builders import make_alert
from tests.errors.documents import make_event
from tests.inbox.builders import make_envelope, queue_up
from tests.processes.erasing.asking import GONE, GONE_MAIL, NOW, asked, digest_events, erased
from tests.processes.erasing.dumping import places_of
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.errors.drafting import user_key
from tradewatch.errors.facts import identity_hash
from tradewatch.errors.models import Event, IssueUser, IssueUserAlias
from tradewatch.errors.thinning import thin_to_budgets
from tradewatch.inbox.digest import digest_batch
from tradewatch.inbox.models import KeptItem
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.processes.erasing import running
from tradewatch.processes.erasing.passes import ERASE
from tradewatch.processes.erasing.running import LeaseLost, claim, run, stop
from tradewatch.processes.erasing.services import person_hash, stop_erasure
from tradewatch.processes.models import Erasure
from tradewatch.projects.models import Membership

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("inbox")]


def test_one_that_was_killed_goes_on_and_counts_each_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_project()
    digest_events(project, *({"id": GONE, "n": str(number)} for number in range(5)))
    whole = erased(is_dry_run=True)
    erasure = asked()
    really, steps = running.go_on, []

    def until_killed(standing: Any) -> None:
        really(standing)
        steps.append((standing.phase, standing.label))
        if steps[-1][0] == ERASE and len([each for each in steps if each[0] == ERASE]) in (4, 9):
            raise KeyboardInterrupt  # nothing is tidied up, as by kill -9

    monkeypatch.setattr(running, "go_on", until_killed)
    moments = [NOW, NOW + timedelta(minutes=3), NOW + timedelta(minutes=6)]
    for moment in moments:
        assert claim(erasure, now=moment)
        with contextlib.suppress(KeyboardInterrupt):
            run(erasure, clock=partial(next, itertools.repeat(moment)))
        assert not claim(erasure, now=moment + timedelta(minutes=1)), "its lease has not ended"
    erasure.refresh_from_db()
    assert (erasure.state, erasure.sought, erasure.progress) == ("done", "", {})
    assert len([each for each in steps if each[0] == ERASE]) > 9, "it was killed twice"
    assert erasure.report["changed"] == whole["changed"]
    assert places_of([GONE]) == set()


def test_who_lost_the_lease_writes_nothing_more() -> None:
    digest_events(make_project(), {"id": GONE})
    erasure = asked()
    assert claim(erasure, now=NOW)
    stop(erasure, state=Erasure.State.STOPPED, now=NOW)
    with pytest.raises(LeaseLost):
        run(erasure)
    assert Erasure.objects.get().sought == ""
    assert ("errors.EventPayload", "data") in places_of([GONE])


def test_an_address_that_another_has_too_stays_the_others() -> None:
    digest_events(make_project(), {"id": GONE, "email": "desk@x.example"}, {"id": "u-2", "email": "desk@x.example"})
    report = erased()
    assert (report["also_known_by"], report["shared_names_left"]) == (0, 1)
    mails = {event.payload["user"]["id"]: event.payload["user"]["email"] for event in Event.objects.all()}
    assert mails == {"[erased]": "[erased]", "u-2": "desk@x.example"}


def test_by_mail_the_id_that_stands_beside_it_is_erased_as_well() -> None:
    digest_events(make_project(), {"id": GONE, "email": GONE_MAIL}, {"id": GONE}, {"id": "u-2"})
    assert erased(user_id="", email=GONE_MAIL.upper())["also_known_by"] == 1
    assert places_of([GONE, GONE_MAIL]) == set()
    assert IssueUser.objects.count() == 2


def test_what_was_counted_under_a_replaced_key_is_erased_as_long_as_it_is_named(settings: Any) -> None:
    person = {"id": GONE, "email": GONE_MAIL}
    project, old = make_project(), settings.SECRET_KEY
    digest_events(project, person, {"id": "u-2"})
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [old]
    digest_events(project, person)
    keys = [user_key(each) for each in ("another", old)]
    counted = {identity_hash("id", GONE, key=key) for key in keys}
    aliases = {identity_hash("email", GONE_MAIL, key=key) for key in keys}
    assert IssueUser.objects.filter(user_hash__in=counted).count() == 2, "counted anew"
    assert set(IssueUserAlias.objects.values_list("alias_hash", flat=True)) == aliases
    erased()
    assert not IssueUser.objects.filter(user_hash__in=counted).exists()
    assert not IssueUserAlias.objects.exists()
    assert IssueUser.objects.count() == 3, "the counts stay"
    assert IssueUser.objects.filter(user_hash=identity_hash("id", "u-2", key=user_key(old))).exists()


def test_with_a_project_the_others_are_left() -> None:
    mine, other = make_project("mine"), make_project("other")
    digest_events(mine, {"id": GONE})
    digest_events(other, {"id": GONE})
    report = erased(project=mine)
    assert {each["project"] for each in report["changed"]} == {mine.pk}
    held = [GONE in str(event.payload) for event in Event.objects.order_by("project_id")]
    assert held == [False, True]


def test_files_of_events_that_were_thinned_are_gone_and_those_of_events_only_counted_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tradewatch.errors.thinning._MB", 1)  # each but what is always kept is above it
    project = make_project(spike_limit_per_minute=30, event_budget_mb=1)
    for number in range(32):
        event = make_event(user={"id": GONE}, timestamp=NOW.timestamp() // 60 * 60 + number / 1000)
        body = make_envelope(("event", event), ("attachment", b"\x89PNG a screen"), event_id=event["event_id"])
        queue_up(body, project_id=project.pk, received_at=NOW.timestamp())
    digest_batch(HANDLERS, now=NOW)
    assert (Event.objects.count(), KeptItem.objects.count()) == (30, 32)
    assert thin_to_budgets(NOW + timedelta(hours=2)) >= 30 - 10 - 1 - 3
    dry, report = erased(is_dry_run=True), erased()
    assert KeptItem.objects.count() == 2 and not Event.objects.filter(event_id__in=_of_items()).exists()
    for told in (dry["not_reached"], report["not_reached"]):
        assert [each.split(" lie here")[0] for each in told if "lie here" in each] == ["Attachments: 2"]
    told = erased(project=make_project("other"))["not_reached"]
    assert not [each for each in told if each.startswith("Attachments:")]


def _of_items() -> list[UUID]:
    return list(KeptItem.objects.values_list("event_id", flat=True))


def test_with_a_project_entries_of_its_groups_are_erased_and_what_is_of_none_is_told() -> None:
    mine, other = make_project("mine"), make_project("other")
    for project in (mine, other):
        alert = make_alert(project_id=project.pk, dedup_key=f"disk:{project.pk}")
        group = AlertGroup.objects.create(project=project, route_path="Everything", key="k", opened_at=NOW)
        for ways in ({"alert_id": alert.pk}, {"group_id": group.pk}):
            TimelineEntry.objects.create(at=NOW, kind="routed", text=f"Limit of {GONE} joins", **ways)
    report = erased(project=mine)
    held = TimelineEntry.objects.filter(text__contains=GONE)
    assert set(held.values_list("alert__project", "group__project")) == {(other.pk, None), (None, other.pk)}
    assert {"what": "alerts.TimelineEntry", "project": mine.pk, "rows": 2} in report["changed"]
    (said,) = [each for each in report["not_reached"] if each.startswith("Of no project")]
    assert all(what in said for what in ("mail files", "errors.InternalError", "core.IdempotentAnswer"))
    assert "auth.User" not in said and "errors.EventPayload" not in said
    everywhere = erased()
    assert not any(each.startswith("Of no project") for each in everywhere["not_reached"])
    assert not TimelineEntry.objects.filter(text__contains=GONE).exists()


def test_what_is_digested_while_it_runs_is_found_by_the_next_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    project = make_project()
    digest_events(project, {"id": GONE})
    really, late = running.go_on, []

    def with_a_late_one(standing: Any) -> None:
        really(standing)
        if standing.phase == ERASE and standing.label == "errors.TagCount" and not late:
            late.append(digest_events(project, {"id": GONE}))

    monkeypatch.setattr(running, "go_on", with_a_late_one)
    assert erased()["passes"] == 3
    assert late and places_of([GONE]) == set()


def test_only_managers_of_the_project_and_only_when_typed_again() -> None:
    project = make_project()
    people = {role: make_user(role) for role in ("viewer", "responder", "manager")}
    for role, user in people.items():
        Membership.objects.create(project=project, user=user, role=role)
    actors = {role: Actor("user", user.pk, role) for role, user in people.items()}
    for role in ("viewer", "responder"):
        with pytest.raises(NotAllowed):
            asked(actor=actors[role], project=project)
    with pytest.raises(NotAllowed):
        asked(actor=actors["manager"])  # everywhere
    with pytest.raises(Invalid, match="differs"):
        asked(actor=actors["manager"], project=project, confirmed=GONE[:-1])
    for user_id, email in (("", ""), ("", "mara"), ("anonymous", ""), ("x" * 400, "")):
        with pytest.raises(Invalid):
            asked(user_id=user_id, email=email)
    erasure = asked(actor=actors["manager"], project=project, confirmed=GONE)
    assert asked(actor=actors["manager"], project=project, confirmed=GONE) == erasure
    stop_erasure(actors["manager"], erasure, now=NOW)
    with pytest.raises(Conflict):
        stop_erasure(actors["manager"], erasure, now=NOW)


def test_the_trail_knows_the_person_by_a_keyed_hash_alone(settings: Any) -> None:
    asked(user_id=GONE, email=GONE_MAIL)
    entry = AuditEntry.objects.get(action="person.erase")
    hashed = person_hash(user_id=GONE, email=GONE_MAIL.upper())
    assert entry.changes["person"] == [None, hashed]
    assert places_of([GONE, GONE_MAIL]) == {("processes.Erasure", "sought")}  # deciphered, while it is open
    settings.SECRET_KEY = "another" * 10
    assert person_hash(user_id=GONE, email=GONE_MAIL) != hashed


def test_the_command(capsys: pytest.CaptureFixture[str], settings: Any, tmp_path: Path) -> None:
    settings.BACKUP_FOLDER, settings.EMAIL_FILE_PATH = tmp_path, tmp_path / "mails"
    (tmp_path / "tradewatch-20261101T020000Z.backup").touch()
    settings.EMAIL_FILE_PATH.mkdir()
    between = "\n" + "-" * 79 + "\n"
    (settings.EMAIL_FILE_PATH / "1.log").write_text(
        f"To: a@x.example\n\nabout {GONE}{between}To: b@x.example\n\nhi{between}"
    )
    project = make_project()
    digest_events(project, {"id": GONE})
    call_command("erase_person", "--user-id", GONE, "--dry-run", "--json")
    assert '"only_looked": true' in capsys.readouterr().out
    call_command("erase_person", "--user-id", GONE, "--project", project.slug)
    told = capsys.readouterr().out
    assert f"errors.EventPayload ({project.name})" in told and "made 2026-11-01 02:00" in told and GONE not in told
    call_command("erase_person", "--user-id", GONE)
    assert (settings.EMAIL_FILE_PATH / "1.log").read_text() == f"To: b@x.example\n\nhi{between}"
    for arguments in ((), ("--user-id", GONE, "--project", "none"), ("--go-on", "4711")):
        with pytest.raises(CommandError):
            call_command("erase_person", *arguments)
