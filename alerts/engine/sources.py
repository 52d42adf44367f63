"""The open alerts that may inhibit others: few of many, so the database chooses by what it can."""

import re
from collections.abc import Iterator

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.lookups import Exact

from alerts.choices import AlertState
from alerts.labels import OWN_LABELS
from alerts.matchers import Matcher
from alerts.models import Alert
from alerts.suppression import Inhibitor
from alerts.suppression.inhibition import Source

COLUMNS = {
    "severity": "severity", "category": "category", "project": "project__slug", "environment": "environment",
    "source": "source", "team": "team__slug", "rule": "rule__name", "alert": "dedup_key",
}  # fmt: skip
# Any other name may mean an index of a list, or need an escape, to one of the databases: it is asked of each alert.
PLAIN_TAG = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def sources_of(inhibitor: Inhibitor) -> Iterator[Source]:
    """Return the open alerts among which are all that are sources of the rule; `take` chooses among them.

    Each `=` leaves the others to the database. A rule of expressions alone has every open alert read.
    """
    alerts = Alert.objects.exclude(state=AlertState.RESOLVED).filter(simulated="")  # a simulation silences nothing
    if inhibitor.project:
        alerts = alerts.filter(project__slug=inhibitor.project)
    for matcher in inhibitor.source:
        alerts = _narrow(alerts, matcher)
    rows = alerts.prefetch_related("project", "team", "rule").order_by("-id")
    for alert in rows.iterator(chunk_size=2_000):
        yield Source(alert.pk, alert.title, alert.labels)


def _narrow(alerts: QuerySet[Alert], matcher: Matcher) -> QuerySet[Alert]:
    if matcher.operator != "=" or not matcher.value:  # an empty value is a label that is missing, too
        return alerts
    if matcher.name in OWN_LABELS:
        return alerts.filter(Q(**{COLUMNS[matcher.name]: matcher.value}))
    if PLAIN_TAG.fullmatch(matcher.name) and not matcher.name.startswith("tag_"):
        return alerts.filter(Exact(KeyTextTransform(matcher.name, "tags"), matcher.value))
    return alerts
