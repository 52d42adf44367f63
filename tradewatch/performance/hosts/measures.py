"""Readings of hosts for alert rules: each host by itself, minute by minute."""

from collections.abc import Mapping, Sequence

from alerts.measures.ledger import Ledger, Span
from alerts.measures.readings import NOTHING, Reading, Spot
from alerts.measures.sources import About
from alerts.models import AlertRule
from alerts.words import percent_words
from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.reading import UnknownMetricError, chart
from tradewatch.performance.hosts.services import HOST, HOSTS_A_PROJECT, PREFIX
from tradewatch.performance.models import Host

MINUTE = 60
_METRICS = {"load": "load.ratio"}  # the others are called as in rules
SUBJECT = "host:"

Minutes = Mapping[int, float]


def read_host_metric(
    rule: AlertRule, project_ids: tuple[int, ...], span: Span, ledger: Ledger
) -> Mapping[Spot, Sequence[Reading]]:
    """Return the mean of each window's minutes, of each host that is not retired; of a disk the fullest one's.

    A window without a report is unknown, not fine: silence has a rule of its own.
    """
    hosts = ledger.once(("hosts", project_ids), lambda: _hosts(project_ids))
    found: dict[Spot, Sequence[Reading]] = {}
    for host in hosts:
        if rule.environment in ("", host.environment):
            minutes = _minutes_of(host, rule.series, span, ledger)
            spot = Spot(host.project_id, host.environment, f"{SUBJECT}{host.pk}")
            found[spot] = [_reading(rule, minutes, end, span.seconds) for end in span.ends]
    return found


def about_host(rule: AlertRule, spot: Spot) -> About | None:
    host = Host.objects.filter(pk=spot.subject.removeprefix(SUBJECT)).first()
    if host is None:
        return None
    mount = {"mount": host.disk_mount} if rule.series == "disk" and host.disk_mount else {}
    return About(host.name, host.get_absolute_url(), {"host": host.name, **mount})


def _hosts(project_ids: tuple[int, ...]) -> list[Host]:
    return list(Host.objects.filter(project__in=project_ids, retired_at=None).order_by("pk"))


def _minutes_of(host: Host, series: str, span: Span, ledger: Ledger) -> Minutes:
    key = ("host", host.project_id, series, span.start, span.end)
    return ledger.once(key, lambda: _minutes(host.project_id, series, span)).get(host.name, {})


def _minutes(project_id: int, series: str, span: Span) -> dict[str, Minutes]:
    """Return {host: {start of the minute: value}}."""
    name = PREFIX + _METRICS.get(series, series)
    question = Question([project_id], name, aggregation="max" if series == "disk" else "avg", group_by=HOST)
    try:
        drawn = chart(question, span.start, span.end, MINUTE, top=HOSTS_A_PROJECT)
    except UnknownMetricError:
        return {}
    return {
        line.label: {at: value for at, value in zip(drawn.starts, line.values, strict=True) if value is not None}
        for line in drawn.groups
    }


def _reading(rule: AlertRule, minutes: Minutes, end: int, seconds: int) -> Reading:
    values = [minutes[at] for at in range(end - seconds, end, MINUTE) if at in minutes]
    if not values:
        return NOTHING
    mean = sum(values) / len(values)
    return Reading(mean, len(values), f"{rule.series} {percent_words(mean)}", f"mean of {len(values)} reports")
