"""Fills an empty database with a month of errors, as digesting would have left them, in minutes instead of hours.

Rows go in by the same bulk functions. Payloads are those that the digest makes of the load generator's events. Issues differ
in size as real ones do: the n-th loudest has 1/n of the loudest one's events. Deterministic but for the event ids' order.
"""

import random
import uuid
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from types import SimpleNamespace
from typing import Any

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model

from benchmarks.envload import Maker
from tradewatch.core import bulk
from tradewatch.errors.digest import ErrorHandler
from tradewatch.errors.drafts import Draft
from tradewatch.errors.models import Event, Issue
from tradewatch.inbox.envelope import parse_envelope
from tradewatch.inbox.handlers import Arrival
from tradewatch.inbox.limits import current_limits
from tradewatch.metrics import histogram, sketch
from tradewatch.projects.config import forget_configs, project_configs
from tradewatch.projects.models import Environment, Project, Release

DAYS, RELEASES, USERS = 30, 20, 5_000
ENVIRONMENTS = {"production": 16, "staging": 3, "dev": 1}
VARIANTS = 100
PLACES = [
    "router",
    "book",
    "margin",
    "quotes",
    "ledger",
    "fix",
    "auth",
    "limits",
    "fills",
    "calendar",
    "clearing",
    "rates",
]
TAGS: dict[str, list[str]] = {
    "venue": [f"venue-{n}" for n in range(8)],
    "desk": [f"desk-{n}" for n in range(9)],
    "side": ["buy", "sell"],
    "symbol": [f"SYM{n}" for n in range(60)],
    "server_name": [f"oms-{n}" for n in range(12)],
    "runtime": ["CPython"],
    "url": ["/api/v1/orders", "/api/v1/quotes", "/api/v1/fills"],
    "account": [f"ACC-{n}" for n in range(480)],
}


@dataclass(frozen=True)
class Plan:
    """One issue to come: its place in the order, how many events, and between which moments (epoch seconds)."""

    id: int
    events: int
    first: float
    last: float
    draft: Draft


@dataclass(frozen=True)
class Happened:
    at: float
    plan: Plan
    environment: str
    release: int
    user: int


def seed(
    project: Project, *, events: int, issues: int, now: datetime, request_days: int = DAYS, mixes_payloads: bool = False
) -> None:
    """Write `events` in `issues` over the 30 days that end at `now`, and the requests of the last `request_days`.

    `mixes_payloads`: each event has any variant's document, so that an issue's events differ as real ones do.
    """
    rnd = random.Random(412)
    _make_room()
    releases = _releases(project, now)
    plans = _plans(project, events, issues, now, rnd)
    happened = sorted(_happen(plans, now, rnd), key=lambda each: each.at)
    _write_issues(project, plans, happened, releases, rnd)
    _write_tags(plans, happened, releases, rnd)
    _write_users(happened)
    mixed = [draft.payload for draft in _drafts(project, now)] if mixes_payloads else []
    _write_events(project, happened, releases, now, rnd, mixed)
    _write_requests(project, now, request_days, rnd)
    _number_after([Issue, Event])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "postgresql" else "PRAGMA optimize")


def _make_room() -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size=-400000")


def _number_after(models: Sequence[type[Model]]) -> None:
    """Have PostgreSQL give out ids after those that were written here; SQLite does so by itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _releases(project: Project, now: datetime) -> list[Release]:
    start, step = now - timedelta(days=DAYS), timedelta(days=DAYS / RELEASES)
    for name in ENVIRONMENTS:
        Environment.objects.get_or_create(project=project, name=name, defaults={"first_seen_at": start})
    return [
        Release.objects.create(
            project=project,
            version=f"oms@4.{n}.0",
            order_key=f"{n:03}",
            first_seen_at=start + n * step,
            last_seen_at=start + (n + 1) * step,
        )
        for n in range(RELEASES)
    ]


# --- what happens ----------------------------------------------------------------------------------------------------
def _plans(project: Project, events: int, issues: int, now: datetime, rnd: random.Random) -> list[Plan]:
    """Return the issues, the loudest first. Loud ones ran all month; of the others each began and ended some time."""
    first_id = (Issue.objects.order_by("-id").values_list("id", flat=True).first() or 0) + 1
    drafts, end = _drafts(project, now), now.timestamp()
    whole = sum(1 / n for n in range(1, issues + 1))
    sizes = [max(1, int(events / n / whole)) for n in range(1, issues + 1)]
    sizes[0] += events - sum(sizes)
    plans = []
    for place, size in enumerate(sizes):
        start = end - DAYS * 86_400
        first = start + rnd.random() * 3600 if place < issues // 50 else start + rnd.random() * DAYS * 86_400
        last = end if place < issues // 10 else first + (end - first) * rnd.random()
        plans.append(Plan(first_id + place, size, first, last, drafts[place % len(drafts)]))
    return plans


def _drafts(project: Project, now: datetime) -> list[Draft]:
    """Return what the digest makes of the load generator's events, one of each kind."""
    forget_configs()
    arrival = Arrival(project_configs()[project.pk], now, timedelta(0), {}, "10.0.0.1")
    options = SimpleNamespace(
        size="small", groups=VARIANTS, level=1, transactions=0.0, dist="each", gzip=False, users=USERS, spread=0
    )
    maker, handler, limits = Maker(options, 7), ErrorHandler(), current_limits()
    bodies = (maker.body(n, now.timestamp())[0] for n in range(VARIANTS))
    return [handler.prepare(parse_envelope(body, limits).items[0], arrival) for body in bodies]


def _happen(plans: Sequence[Plan], now: datetime, rnd: random.Random) -> Iterator[Happened]:
    names, weights = list(ENVIRONMENTS), list(ENVIRONMENTS.values())
    start, length = now.timestamp() - DAYS * 86_400, DAYS * 86_400 + 1
    for plan in plans:
        span = plan.last - plan.first
        for environment in rnd.choices(names, weights, k=plan.events):
            at = plan.first + span * rnd.random()
            release = min(int((at - start) / length * RELEASES), RELEASES - 1)
            yield Happened(at, plan, environment, release, int(rnd.random() ** 2 * USERS))


# --- rows ------------------------------------------------------------------------------------------------------------
def _write_issues(
    project: Project,
    plans: Sequence[Plan],
    happened: Sequence[Happened],
    releases: Sequence[Release],
    rnd: random.Random,
) -> None:
    users: dict[int, set[int]] = defaultdict(set)
    first: dict[int, Happened] = {}
    last: dict[int, Happened] = {}
    for each in happened:
        users[each.plan.id].add(each.user)
        first.setdefault(each.plan.id, each)
        last[each.plan.id] = each
    rows = [
        _issue(project, place, plan, len(users[plan.id]), first[plan.id], last[plan.id], releases, rnd)
        for place, plan in enumerate(plans)
    ]
    with transaction.atomic():
        Issue.objects.bulk_create(rows, batch_size=500)


def _issue(
    project: Project,
    place: int,
    plan: Plan,
    users: int,
    first: Happened,
    last: Happened,
    releases: Sequence[Release],
    rnd: random.Random,
) -> Issue:
    facts, where = plan.draft.facts, f"app.{PLACES[place % len(PLACES)]}.part{place % 97} in step_{place % 53}"
    state = rnd.choices(["unresolved", "resolved", "ignored"], [80, 12, 8])[0]
    return Issue(
        id=plan.id,
        project=project,
        number=place + 1,
        exception_type=facts.exception_type,
        title=f"{facts.exception_type}: {facts.message} ({place})"[:250],
        message=f"{facts.message} ({place})"[:500],
        culprit=where,
        severity=rnd.choices(["warning", "error", "critical"], [2, 7, 1])[0],
        category=plan.draft.classification.category,
        state=state,
        resolved_at=_moment(last.at) if state == "resolved" else None,
        is_regressed=state == "unresolved" and rnd.random() < 0.05,
        event_count=plan.events,
        user_count=users,
        first_seen_at=_moment(first.at),
        last_seen_at=_moment(last.at),
        first_release=releases[first.release],
        last_release=releases[last.release],
    )


def _write_tags(
    plans: Sequence[Plan], happened: Sequence[Happened], releases: Sequence[Release], rnd: random.Random
) -> None:
    met: dict[int, Tally[tuple[str, str]]] = defaultdict(Tally)
    for each in happened:
        met[each.plan.id]["environment", each.environment] += 1
        met[each.plan.id]["release", releases[each.release].version] += 1
    columns = ("issue_id", "key", "value", "count", "last_seen_at")
    for part in _parts(plans, 250):
        rows = []
        for plan in part:
            counts = met[plan.id]
            counts["level", plan.draft.severity] = plan.events
            counts["transaction", plan.draft.facts.transaction or f"/api/v1/t{plan.id % 60}"] = plan.events
            for key, values in TAGS.items():
                counts.update((key, value) for value in rnd.choices(values, k=plan.events))
            moment = _moment(plan.last)
            rows += [(plan.id, key, value, count, moment) for (key, value), count in counts.items()]
        with transaction.atomic():
            bulk.insert_many("errors_tagcount", columns, rows)


def _write_users(happened: Sequence[Happened]) -> None:
    pairs = sorted({(each.plan.id, _user_hash(each.user)) for each in happened})
    for part in _parts(pairs, 50_000):
        with transaction.atomic():
            bulk.insert_many("errors_issueuser", ("issue_id", "user_hash"), part)
            bulk.insert_many(
                "errors_issueuseralias", ("issue_id", "alias_hash"), [(issue, alias ^ 1) for issue, alias in part]
            )


def _user_hash(number: int) -> int:
    return random.Random(number).getrandbits(64) - 2**63


_EVENT = (
    *("id", "project_id", "event_id", "issue_id", "timestamp", "received_at", "severity", "environment"),
    *("release_id", '"transaction"', "trace_id", "is_simulated"),
)
_SKETCH = ("project_id", "environment", "resolution", "start", "registers")
_COUNTER = ("project_id", "environment", "series", "resolution", "start", "count", "weighted")


def _write_events(
    project: Project,
    happened: Sequence[Happened],
    releases: Sequence[Release],
    now: datetime,
    rnd: random.Random,
    mixed: Sequence[bytes] = (),
) -> None:
    """Hour by hour, as they came: rows of one time lie together in the file, as in a store that grew."""
    next_id = (Event.objects.order_by("-id").values_list("id", flat=True).first() or 0) + 1
    days: Tally[tuple[str, str, int, int]] = Tally()
    met_on: dict[tuple[str, int], set[str]] = defaultdict(set)
    for hour, group in groupby(happened, key=lambda each: int(each.at) // 3600 * 3600):
        events, payloads, counts, users = [], [], Tally[tuple[str, str, int, int]](), defaultdict(set)
        for each in group:
            draft, moment = each.plan.draft, _moment(each.at)
            events.append(
                (
                    *(next_id, project.pk, uuid.UUID(int=rnd.getrandbits(128)), each.plan.id, moment, moment),
                    *(draft.severity, each.environment, releases[each.release].pk, draft.facts.transaction),
                    *(f"{rnd.getrandbits(128):032x}", False),
                )
            )
            payloads.append((next_id, rnd.choice(mixed) if mixed else draft.payload))
            next_id += 1
            users[each.environment].add(str(_user_hash(each.user)))
            minute = int(each.at) // 60 * 60
            for series in _series(each, releases):
                counts[each.environment, series, 60, minute] += 1
                counts[each.environment, series, 3600, hour] += 1
                days[each.environment, series, 86_400, hour // 86_400 * 86_400] += 1
        rows = [(project.pk, *key[:2], *key[2:], count, float(count)) for key, count in sorted(counts.items())]
        sketches = [(project.pk, name, 3600, hour, _sketch(met)) for name, met in users.items()]
        with transaction.atomic():
            bulk.insert_many("errors_event", _EVENT, events)
            bulk.insert_many("errors_eventpayload", ("event_id", "data"), payloads)
            bulk.insert_many("metrics_counter", _COUNTER, rows)
            bulk.insert_many("metrics_usersketch", _SKETCH, sketches)
        for name, met in users.items():
            met_on[name, hour // 86_400 * 86_400] |= met
    rows = [(project.pk, *key, count, float(count)) for key, count in sorted(days.items())]
    sketches = [(project.pk, name, 86_400, day, _sketch(met)) for (name, day), met in met_on.items()]
    for part in _parts(rows, 20_000):
        bulk.insert_many("metrics_counter", _COUNTER, part)
    bulk.insert_many("metrics_usersketch", _SKETCH, sketches)


def _sketch(users: set[str]) -> bytes:
    return sketch.pack(sketch.registers_of(users))


def _series(each: Happened, releases: Sequence[Release]) -> tuple[str, ...]:
    draft = each.plan.draft
    return (
        "events",
        f"events.severity.{draft.severity}",
        f"events.category.{draft.classification.category}",
        f"issue:{each.plan.id}",
        f"events.release.{releases[each.release].version}",
    )


def _write_requests(project: Project, now: datetime, days: int, rnd: random.Random) -> None:
    """The application's requests, without which there is no error rate: about 1,000 a minute, 1% failed."""
    end = int(now.timestamp()) // 60 * 60 + 60
    columns = ("project_id", "environment", "series", "resolution", "start", "count", "total", "bins")
    for resolution, requests in ((60, 1_000), (3600, 60_000), (86_400, 1_440_000)):
        starts = range((end - days * 86_400) // resolution * resolution, end, resolution)
        bins = histogram.pack(histogram.bins_of(rnd.lognormvariate(-2.5, 0.8) for _ in range(500)))
        counters = [
            (project.pk, "production", series, resolution, start, count, float(count))
            for start in starts
            for series, count in (("transactions", requests), ("transactions.failed", requests // 100))
        ]
        times = [
            (project.pk, "production", "transactions", resolution, start, requests, requests * 0.1, bins)
            for start in starts
        ]
        for part in _parts(counters, 20_000):
            bulk.insert_many("metrics_counter", _COUNTER, part)
        for part in _parts(times, 20_000):
            bulk.insert_many("metrics_histogram", columns, part)


def _parts(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
