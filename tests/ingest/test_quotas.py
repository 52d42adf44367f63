import pytest

from tradewatch.inbox.envelope import parse_envelope, survey
from tradewatch.inbox.limits import current_limits
from tradewatch.ingest.quotas import EVENTS, LOGS, Quotas, rest_without

MINUTE = 1_700_000_040.0  # the start of one


def test_a_minute_has_room_for_the_quota_and_not_for_more():
    quotas = Quotas()
    taken = [quotas.admit(1, EVENTS, count=1, limit=3, now=MINUTE + second) for second in range(5)]
    assert taken == [True, True, True, False, False]
    assert quotas.admit(1, EVENTS, count=1, limit=3, now=MINUTE + 60)


@pytest.mark.parametrize(("count", "limit", "fits"), [(2, 2, True), (3, 2, False), (1, 0, False)])
def test_what_comes_together_is_taken_or_refused_together(count, limit, fits):
    assert Quotas().admit(1, EVENTS, count=count, limit=limit, now=MINUTE) is fits


def test_a_refusal_uses_nothing_up():
    quotas = Quotas()
    assert not quotas.admit(1, EVENTS, count=5, limit=3, now=MINUTE)
    assert quotas.admit(1, EVENTS, count=3, limit=3, now=MINUTE)


def test_neither_projects_nor_kinds_share_a_quota():
    quotas = Quotas()
    assert quotas.admit(1, LOGS, count=9000, limit=9000, now=MINUTE)
    assert quotas.admit(1, EVENTS, count=1, limit=1, now=MINUTE)
    assert quotas.admit(2, EVENTS, count=1, limit=1, now=MINUTE)
    assert not quotas.admit(1, EVENTS, count=1, limit=1, now=MINUTE)


class FakeRedis:
    """Sums of what all processes told."""

    def __init__(self) -> None:
        self.sums: dict[str, int] = {}
        self.answers: list[int] = []

    def pipeline(self, transaction: bool) -> "FakeRedis":
        self.answers = []
        return self

    def incrby(self, key: str, amount: int) -> None:
        self.sums[key] = self.sums.get(key, 0) + amount
        self.answers.append(self.sums[key])

    def expire(self, key: str, seconds: int) -> None:
        assert seconds >= 60
        self.answers.append(1)

    def execute(self) -> list[int]:
        return self.answers


def test_processes_learn_what_the_others_counted():
    redis, here, there = FakeRedis(), Quotas(), Quotas()
    here.admit(1, EVENTS, count=4, limit=10, now=MINUTE)
    there.admit(1, EVENTS, count=5, limit=10, now=MINUTE)
    for quotas in (here, there, here, here):
        quotas.share(redis, now=MINUTE + 1)
    assert list(redis.sums.values()) == [9]
    assert not here.admit(1, EVENTS, count=2, limit=10, now=MINUTE + 2)
    assert there.admit(1, EVENTS, count=1, limit=10, now=MINUTE + 2)


def test_a_new_minute_starts_at_zero_for_all():
    redis, here, there = FakeRedis(), Quotas(), Quotas()
    for quotas in (here, there):
        quotas.admit(1, EVENTS, count=5, limit=10, now=MINUTE)
        quotas.share(redis, now=MINUTE + 1)
    here.share(redis, now=MINUTE + 60)
    assert here.admit(1, EVENTS, count=10, limit=10, now=MINUTE + 61)


def test_sharing_without_news_asks_nothing():
    Quotas().share(None, now=MINUTE)


@pytest.mark.parametrize(
    ("types", "events", "log_bytes", "kept"),
    [
        (["event"], 1, 0, None),
        (["event", "attachment"], 1, 0, None),
        (["transaction", "profile"], 1, 0, None),
        (["event", "client_report", "attachment", "session"], 1, 0, ["client_report", "session"]),
        (["event", "transaction", "log"], 2, 7, ["log"]),
        (["client_report"], 0, 0, ["client_report"]),
        (["log", "log", "trace_metric"], 0, 14, ["log", "log", "trace_metric"]),
        ([], 0, 0, None),
    ],
)
def test_what_a_quota_counts_and_what_it_leaves(types, events, log_bytes, kept):
    body, envelope = surveyed(types)
    assert (EVENTS.count(envelope.parts), LOGS.count(envelope.parts)) == (events, log_bytes)
    assert left(rest_without([EVENTS], body, envelope)) == kept


@pytest.mark.parametrize(
    ("kinds", "kept"),
    [([LOGS], ["event", "attachment", "session"]), ([EVENTS, LOGS], ["session"]), ([EVENTS], ["log", "session"])],
)
def test_each_quota_keeps_out_its_own(kinds, kept):
    assert left(rest_without(kinds, *surveyed(["event", "log", "attachment", "session"]))) == kept


def surveyed(types):
    body = b'{"sent_at":"2026"}\n' + b"".join(b'{"type":"%s"}\n{"n":1}\n' % name.encode() for name in types)
    return body, survey(body, current_limits())


def left(rest):
    """Return the types of the items that are left, whose payloads must be what they were."""
    if rest is None:
        return None
    read = parse_envelope(rest, current_limits())
    assert read.headers == {"sent_at": "2026"}
    assert {item.payload for item in read.items} == {b'{"n":1}'}
    return [item.type for item in read.items]
