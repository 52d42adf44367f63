"""From a stock SDK through envelope, queue and digest to a measure's sums, against a count of the envelopes alone."""

import json
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from sla.collecting import collect
from sla.measuring import measure_for
from sla.minutes import loading
from sla.minutes.values import UNIT, Sums
from sla.models import Measure, MinuteBlock
from tests.inbox.builders import queue_up
from tests.projects.builders import make_project
from tradewatch.inbox.digest import digest_batch
from tradewatch.inbox.models import DeadLetter
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db(transaction=True)

THRESHOLD = 0.008
ASKED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "all": ("availability", "", {}),
    "staging": ("error_rate", "staging", {}),
    "none": ("error_rate", "production", {}),
    "orders": ("availability", "staging", {"transaction": "POST /orders"}),
    "xnys": ("availability", "", {"tag": {"key": "venue", "value": "XNYS"}}),
    "fast": ("latency", "", {"threshold_seconds": THRESHOLD}),
    "fast orders": ("percentile", "staging", {"threshold_seconds": THRESHOLD, "transaction": "POST /orders"}),
}


class Keep(Transport):
    sent: list[bytes] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope.serialize())


def trade(number: int) -> list[bytes]:
    """Let the SDK see so many requests at a sample rate of one half; return its envelopes."""
    Keep.sent = []
    chosen = random.Random(11)
    client = sentry_sdk.Client(
        dsn="http://key@127.0.0.1:9/1",
        transport=Keep,
        traces_sample_rate=0.5,
        environment="staging",
        default_integrations=False,
        auto_enabling_integrations=False,
    )
    for _ in range(number):
        with sentry_sdk.isolation_scope() as scope:
            scope.set_client(client)
            scope.set_new_propagation_context()
            sentry_sdk.set_tag("venue", chosen.choice(["XNYS", "XLON"]))
            name = chosen.choice(["POST /orders", "GET /quotes"])
            with sentry_sdk.start_transaction(name=name, op="http.server") as transaction:
                time.sleep(chosen.choice([0.0, 0.012]))
                transaction.set_status(chosen.choice(["ok", "ok", "internal_error"]))
    client.close()
    return Keep.sent


def by_hand(envelopes: list[bytes]) -> dict[str, Sums]:
    """Count the envelopes without any of our code: each stands for two."""
    found = {name: [0, 0] for name in ASKED}
    for envelope in envelopes:
        document = json.loads(envelope.split(b"\n")[2])
        failed = document["contexts"]["trace"]["status"] != "ok"
        seconds = _moment(document["timestamp"]) - _moment(document["start_timestamp"])
        is_order, is_slow = document["transaction"] == "POST /orders", seconds > timedelta(seconds=THRESHOLD)
        counts = {"all": failed, "staging": failed, "fast": is_slow}
        counts |= {"orders": failed, "fast orders": is_slow} if is_order else {}
        counts |= {"xnys": failed} if document["tags"]["venue"] == "XNYS" else {}
        for name, bad in counts.items():
            found[name][0] += 1
            found[name][1] += bad
    return {name: Sums(2 * UNIT * number, 2 * UNIT * bad, number, bad) for name, (number, bad) in found.items()}


def measured(project: Project, measures: dict[str, Measure], start: datetime, end: datetime) -> dict[str, Sums]:
    loaded = loading.load(measures.values(), start, end)
    sums = {name: loaded[each.pk].sums(int(start.timestamp()), int(end.timestamp())) for name, each in measures.items()}
    assert not any(each.approximate_minutes for each in sums.values())
    return {name: Sums(each.valid, each.bad, each.received, each.received_bad) for name, each in sums.items()}


@pytest.mark.usefixtures("inbox")
def test_what_an_sdk_saw_is_what_measures_come_to() -> None:
    loading.forget()
    project, started = make_project(), datetime.now(UTC)
    measures = {
        name: measure_for(project, environment, indicator, definition, now=started)
        for name, (indicator, environment, definition) in ASKED.items()
    }
    envelopes = trade(120)
    around = started.replace(second=0, microsecond=0), started + timedelta(minutes=5)
    for part in (envelopes[:10], envelopes[10:], envelopes, envelopes[::-1]):  # all of them, and all of them again
        queue_up(*part, project_id=project.pk, received_at=time.time())
        digest_batch(HANDLERS)
        collect(datetime.now(UTC))
    assert list(DeadLetter.objects.values_list("reason", "detail")) == []
    expected = by_hand(envelopes)
    assert measured(project, measures, *around) == expected
    assert expected["xnys"].received_bad and expected["fast orders"].received_bad and not expected["none"].received
    before = list(MinuteBlock.objects.values_list("pk", "revision"))
    assert collect(datetime.now(UTC)) == 0  # as after a restart
    assert list(MinuteBlock.objects.values_list("pk", "revision")) == before
    assert measured(project, measures, *around) == expected


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
