"""What stock SDKs told of two persons: one is erased and in no table any more, all of the other's is there."""

import gzip
import logging
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
from django.db.models import Count
from django.utils import timezone
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from tests.errors.documents import make_event
from tests.hostile.rows import Side
from tests.inbox.builders import make_envelope, queue_up
from tests.processes.erasing.dumping import dump, places_of
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.errors.models import Event, Issue, IssueUser, TagCount
from tradewatch.inbox.digest import digest_batch
from tradewatch.inbox.models import DeadLetter, QueuedEnvelope
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.performance.models import LogBlock
from tradewatch.processes.erasing.declared import DECLARED, Form
from tradewatch.processes.erasing.running import claim, run
from tradewatch.processes.erasing.services import ask_for_erasure
from tradewatch.processes.models import Erasure

pytestmark = pytest.mark.django_db

GONE, GONE_MAIL = "u-7f3k9-gone", "mara.gone@desk.example"
STAYS, STAYS_MAIL = "u-7f3k9-stays", "kim.stays@desk.example"


class Keep(Transport):
    sent: list[bytes] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope.serialize())


def use(user_id: str, email: str) -> None:
    """What one person does with an application, and the SDK tells of it: in every place that an SDK has."""
    sentry_sdk.set_user({"id": user_id, "email": email, "username": email.split("@")[0], "ip_address": "198.51.100.7"})
    sentry_sdk.set_tag("customer", user_id)
    sentry_sdk.set_context("account", {"owner": user_id, "limits": {user_id: 5}})
    sentry_sdk.set_extra("note", f"as {email} said")
    sentry_sdk.add_breadcrumb(message=f"login of {user_id}", data={"mail": email})
    sentry_sdk.get_isolation_scope().add_attachment(bytes=f"log\n{email} opened\n".encode(), filename="app.log")
    logging.getLogger("desk").warning("order of %s refused", user_id, extra={"mail": email})
    with sentry_sdk.start_transaction(name="POST /orders", op="http.server") as transaction:
        transaction.set_data("url.full", f"https://api.example/users/{user_id}/orders?mail={email.replace('@', '%40')}")
        with sentry_sdk.start_span(op="http.client", name=f"GET /limits/{user_id}"):
            try:
                refuse(user_id, email)
            except ValueError:
                sentry_sdk.capture_exception()


def refuse(user_id: str, email: str) -> None:
    body = {"trader": user_id, "cc": [email]}
    raise ValueError(f"refused for {body['trader']}")


def add_request(event: Any, hint: Any) -> Any:
    user = event["user"]
    event["request"] = {
        "url": f"https://api.example/users/{user['id']}",
        "query_string": f"user_id={user['id']}",
        "headers": {"X-User-Id": user["id"], "Accept": "*/*"},
        "data": {"email": user["email"], "quantity": 5},
    }
    return event


def told_by_sdk(user_id: str, email: str) -> list[bytes]:
    Keep.sent = []
    client = sentry_sdk.Client(
        dsn="http://key@127.0.0.1:9/1", transport=Keep, traces_sample_rate=1.0, enable_logs=True, release="desk@1",
        send_default_pii=True, auto_enabling_integrations=False, before_send=add_request,
    )  # fmt: skip
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(client)
        scope.set_new_propagation_context()
        use(user_id, email)
        client.flush()
    client.close()
    return list(Keep.sent)


def digest() -> None:
    while digest_batch(HANDLERS).rows:
        pass


@pytest.fixture
def sent(inbox: Path) -> None:
    project = make_project()
    for user_id, email in ((GONE, GONE_MAIL), (STAYS, STAYS_MAIL)):
        feedback = {"contexts": {"feedback": {"message": "slow", "contact_email": email}}, "user": {"id": user_id}}
        bodies = [*told_by_sdk(user_id, email), make_envelope(("feedback", feedback))]
        queue_up(*bodies, project_id=project.pk, received_at=timezone.now().timestamp())
        digest()
        queue_up(b"no envelope of " + email.encode(), project_id=project.pk)
        digest()
        queue_up(*bodies, project_id=project.pk, received_at=timezone.now().timestamp())  # waits


def erase(**asked: Any) -> Erasure:
    values: dict[str, Any] = {"user_id": GONE, "project": None, "is_dry_run": False, **asked}
    erasure = ask_for_erasure(SYSTEM, **values, now=timezone.now())
    assert claim(erasure, now=timezone.now())
    run(erasure)
    return erasure


def figures() -> dict[str, Any]:
    return {
        "issues": list(Issue.objects.order_by("pk").values_list("pk", "event_count", "user_count", "first_seen_at")),
        "users": IssueUser.objects.values("issue").annotate(users=Count("user_hash", distinct=True)).count(),
        "tags": sorted(TagCount.objects.values_list("issue", "key").annotate(n=Count("id")).values_list("key", "n")),
        "events": list(Event.objects.order_by("pk").values_list("pk", "issue", "timestamp")),
        "lines": sum(LogBlock.objects.values_list("line_count", flat=True)),
        "letters": DeadLetter.objects.count(),
    }


def of_the_other() -> list[tuple[str, str, str]]:
    return sorted(each for each in dump() if STAYS in each[2] or STAYS_MAIL in each[2])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("sent")
def test_one_is_nowhere_any_more_and_all_of_the_other_is_there() -> None:
    before, other = figures(), of_the_other()
    assert before["lines"] and before["letters"] and len(before["events"]) == 2 and len(other) > 10
    assert len(places_of([GONE, GONE_MAIL])) > 8
    erasure = erase()
    assert places_of([GONE, GONE_MAIL, GONE_MAIL.split("@")[0]]) == set()
    assert figures() == before
    assert of_the_other() == other
    report = erasure.report
    assert (report["also_known_by"], report["only_looked"]) == (1, False)
    assert report["kept"] == report["longer"] == []
    assert {"errors.EventPayload", "performance.LogBlock"} < {each["what"] for each in report["changed"]}
    assert AuditEntry.objects.filter(action="person.erased").count() == 1
    digest()  # what waited: the same events, without the person
    assert places_of([GONE, GONE_MAIL]) == set()


@pytest.mark.once
@pytest.mark.usefixtures("sent")
def test_a_dry_run_counts_the_same_and_changes_nothing() -> None:
    before = sorted(dump())
    looked = erase(is_dry_run=True).report
    rows = [each for each in sorted(dump()) if each not in before]
    assert {label for label, _, _ in rows} <= {"processes.Erasure", "core.AuditEntry"}
    erased = erase().report
    assert (looked["changed"], looked["deleted"]) == (erased["changed"], erased["deleted"])


def test_of_a_row_of_every_model_full_of_the_name_only_what_is_told_is_left(inbox: Path) -> None:
    """What is declared is held against what is there: no column but those of staff and sealed ones has the name."""
    Side(word=GONE, number=7).fill()
    Side(word=STAYS, number=8).fill()
    other = of_the_other()
    assert len(places_of([GONE])) > 150
    report = erase().report
    left = {place for place in places_of([GONE]) if place != ("processes.Erasure", "asked_by")}
    told = {Form.STAFF, Form.SEALED, Form.NOTHING}
    unexpected = sorted(f"{label}.{name}" for label, name in left if DECLARED.get(label, {}).get(name) not in told)
    hosts = ["releases.Deployment.url", "releases.ReleaseDetail.url", "releases.Repository.url"]
    assert unexpected == hosts, "https://u-7f3k9-gone.example/ is a longer word"
    assert of_the_other() == other
    assert {"core.AuditEntry", "releases.Commit", "sla.Report"} <= {each["what"] for each in report["kept"]}


@pytest.mark.usefixtures("inbox")
def test_the_address_of_a_client_goes_with_what_they_sent() -> None:
    project, now = make_project(), timezone.now()
    letters, waiting = [], []
    for user_id, address in ((GONE, "198.51.100.7"), (STAYS, "198.51.100.8")):
        body = gzip.compress(make_envelope(("event", make_event(user={"id": user_id}))))
        came: dict[str, Any] = {"project_id": project.pk, "encoding": "gzip", "address": address, "body": body}
        letters.append(DeadLetter.objects.create(**came, received_at=now, failed_at=now, body_bytes=len(body)))
        waiting.append(QueuedEnvelope.objects.create(**came, received_at=now.timestamp()))
    erase()
    assert places_of(["198.51.100.7", GONE]) == set()
    for row in (*letters, *waiting):
        row.refresh_from_db()
    assert [row.address for row in letters] == [row.address for row in waiting] == ["", "198.51.100.8"]
