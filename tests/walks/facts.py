"""What a server's database says, counted independently of TradeWatch's own queries."""

import json

from tests.servers import Server

COUNTS = """
import json
from django.db.models import Sum, Count
from tradewatch.errors.models import Event, Issue, EventPayload
from tradewatch.metrics.models import Counter
from tradewatch.inbox.models import DeadLetter
from alerts.models import Alert
def series(name, resolution):
    return Counter.objects.filter(series=name, resolution=resolution).aggregate(n=Sum("count"))["n"] or 0
print(json.dumps({
    "ids": [e.hex for e in Event.objects.order_by("id").values_list("event_id", flat=True)],
    "payloads": EventPayload.objects.count(),
    "issue_events": Issue.objects.aggregate(n=Sum("event_count"))["n"] or 0,
    "issues": [
        list(row)
        for row in Issue.objects.order_by("id").values_list("title", "category", "severity", "event_count")
    ],
    "minute_events": series("events", 60),
    "hour_events": series("events", 3600),
    "transactions": series("transactions", 3600),
    "failed_transactions": series("transactions.failed", 3600),
    "dead": DeadLetter.objects.count(),
    "alerts": [
        list(row) for row in Alert.objects.order_by("id").values_list("title", "severity", "state", "count")
    ],
}))
"""


def counts(server: Server) -> dict[str, object]:
    answer: dict[str, object] = json.loads(server.manage("shell", "--no-imports", "-c", COUNTS).splitlines()[-1])
    return answer
