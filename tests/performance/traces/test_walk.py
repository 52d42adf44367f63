"""From a stock SDK through envelope, queue and digest to what pages ask: each lifecycle of the Python SDK."""

import time
from collections.abc import Callable

import pytest
import sentry_sdk
from sentry_sdk import traces as streamed
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from tests.inbox.builders import queue_up
from tests.projects.builders import make_project
from tradewatch.inbox.digest import digest_batch
from tradewatch.inbox.models import DeadLetter
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.performance.traces import kept_queries, queries, span_queries

pytestmark = pytest.mark.django_db(transaction=True)

QUERY = "SELECT * FROM orders WHERE id = %s"


class Keep(Transport):
    sent: list[bytes] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.sent.append(envelope.serialize())


def place_order(fails: bool) -> None:
    with sentry_sdk.start_transaction(name="POST /orders", op="http.server") as transaction:
        for _ in range(3):
            with sentry_sdk.start_span(op="db", name=QUERY):
                time.sleep(0.002)
        with sentry_sdk.start_span(op="http.client", name="GET https://venue.example/quotes/4711?depth=5"):
            time.sleep(0.001)
        transaction.set_status("internal_error" if fails else "ok")


def place_order_streamed(fails: bool) -> None:
    with streamed.start_span(name="POST /orders", attributes={"sentry.op": "http.server"}) as segment:
        for _ in range(3):
            with streamed.start_span(name=QUERY, attributes={"sentry.op": "db"}):
                time.sleep(0.002)
        with streamed.start_span(
            name="GET https://venue.example/quotes/4711?depth=5", attributes={"sentry.op": "http.client"}
        ):
            time.sleep(0.001)
        if fails:
            segment.status = "error"


def send(work: Callable[[bool], None], lifecycle: str) -> list[bytes]:
    """Do the work five times, one of them failing, at a sample rate of 100%; return the envelopes of the SDK."""
    Keep.sent = []
    client = sentry_sdk.Client(
        dsn="http://key@127.0.0.1:9/1",
        transport=Keep,
        traces_sample_rate=1.0,
        release="trading-api@2.0.1",
        environment="staging",
        default_integrations=False,
        auto_enabling_integrations=False,
        _experiments={"trace_lifecycle": lifecycle},
    )
    for number in range(5):
        with sentry_sdk.isolation_scope() as scope:
            scope.set_client(client)
            scope.set_new_propagation_context()
            work(number == 2)
    client.close()
    return Keep.sent


@pytest.mark.parametrize(
    ("work", "lifecycle", "form"),
    [(place_order, "static", "transaction"), (place_order_streamed, "stream", "segment")],
)
@pytest.mark.usefixtures("inbox")
def test_what_an_sdk_saw_is_what_is_counted(work, lifecycle, form):
    project = make_project()
    started = int(time.time()) // 60 * 60
    envelopes = send(work, lifecycle)
    for _ in range(2):  # delivered twice
        queue_up(*envelopes, project_id=project.pk, received_at=time.time())
        digest_batch(HANDLERS)
    around = started, started + 180
    assert list(DeadLetter.objects.values_list("reason", "detail")) == []
    figures = queries.overall(
        [project.pk], *around, environment="staging", name="POST /orders", release="trading-api@2.0.1"
    )
    assert (figures.count, figures.weighted, figures.failed) == (5, 5.0, 1)
    assert 0.005 < (figures.percentile(0.5) or 0) < 1.0
    spans = {key.description: found for key, found in span_queries.slowest_spans([project.pk], *around)}
    assert spans["SELECT * FROM orders WHERE id = ?"].count == 15
    assert spans["GET https://venue.example/quotes/{id}"].count == 5
    assert spans.keys() == {"SELECT * FROM orders WHERE id = ?", "GET https://venue.example/quotes/{id}"}
    kept = list(kept_queries.kept_transactions([project.pk], *around))
    assert [row.form for row in kept] == [form] * 5
    assert sorted(row.kept_for for row in kept) == ["failed", "new", "sample", "sample", "sample"]
    for row in kept:
        (part,) = kept_queries.transactions_of_trace([project.pk], row.trace_id)
        assert part.span_count == 4
        document = kept_queries.document_of(part)
        assert len(document["spans" if form == "transaction" else "items"]) == (4 if form == "transaction" else 5)
