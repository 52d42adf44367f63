"""From the queue to the issue: envelopes in as the edge leaves them, digested by the real loop."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.errors.documents import make_event, make_exception
from tests.inbox.builders import make_envelope, queue_up
from tests.projects.builders import make_project
from tradewatch.errors import drafting
from tradewatch.errors.digest import ErrorHandler
from tradewatch.errors.models import ClassificationRule, Event, EventPayload, Issue
from tradewatch.errors.rulebook import current_rules, forget_rules
from tradewatch.inbox.digest import DigestStats, digest_batch
from tradewatch.inbox.models import DeadLetter
from tradewatch.metrics.models import Counter
from tradewatch.projects.config import forget_configs

pytestmark = pytest.mark.django_db(transaction=True)
HANDLERS = {"event": ErrorHandler()}
AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_queue(inbox: Path) -> None:
    """What is queued is digested by nobody else."""


def envelope(payload: object, event_id: str | None = None) -> bytes:
    return make_envelope(("event", payload), event_id=event_id or uuid.uuid4().hex)


def run(*bodies: bytes) -> DigestStats:
    queue_up(*bodies, project_id=make_project().pk, received_at=AT.timestamp())
    forget_configs()
    forget_rules()
    return digest_batch(HANDLERS, now=AT)


def test_events_become_issues_and_what_cannot_be_read_a_dead_letter() -> None:
    stats = run(envelope(make_event()), envelope(b"[1, 2]"), envelope(make_event(make_exception("Other"))))
    assert (stats.stored, stats.dead) == (2, 1)
    assert sorted(Issue.objects.values_list("exception_type", "event_count")) == [
        ("Other", 1),
        ("RiskLimitExceeded", 1),
    ]
    assert DeadLetter.objects.get().reason == "the payload is no JSON object"


def test_an_event_that_breaks_us_costs_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    really = drafting.facts_of
    monkeypatch.setattr(
        drafting, "facts_of", lambda document: 1 / (document["platform"] != "cobol") and really(document)
    )
    stats = run(*(envelope(make_event()) for _ in range(5)), envelope(make_event(platform="cobol")))
    assert (stats.stored, stats.dead) == (5, 1)
    assert Issue.objects.get().event_count == Event.objects.count() == 5
    assert DeadLetter.objects.get().reason.startswith("ZeroDivisionError in ")


def test_an_envelope_sent_again_changes_nothing() -> None:
    again = envelope(make_event(), event_id="fc6d8c0c43fc4630ad850ee518f1b9d0")
    run(again, again)
    run(again)
    assert Issue.objects.get().event_count == Event.objects.count() == EventPayload.objects.count() == 1
    assert Counter.objects.get(series="events", resolution=60).count == 1


def test_a_rule_deleted_while_it_is_in_use_costs_no_event(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = ClassificationRule.objects.create(name="risk", category="risk", exception_type="^Risk", position=1)
    forget_rules()
    compiled = current_rules()
    rule.delete()
    monkeypatch.setattr(drafting, "current_rules", lambda: compiled)
    assert run(envelope(make_event())).stored == 1
    issue = Issue.objects.get()
    assert (issue.category, issue.classified_by, issue.classified_why) == ("risk", None, "exception type matches ^Risk")
