import pytest

from tradewatch.inbox.envelope import parse_envelope, survey
from tradewatch.inbox.limits import current_limits
from tradewatch.ingest.quotas import Quotas, counted_items, unlimited_rest

MINUTE = 1_700_000_040.0  # the start of one


def test_a_minute_has_room_for_the_quota_and_not_for_more():
    quotas = Quotas()
    taken = [quotas.admit(1, count=1, limit=3, now=MINUTE + second) for second in range(5)]
    assert taken == [True, True, True, False, False]
    assert quotas.admit(1, count=1, limit=3, now=MINUTE + 60)


@pytest.mark.parametrize(("count", "limit", "fits"), [(2, 2, True), (3, 2, False), (1, 0, False)])
def test_what_comes_together_is_taken_or_refused_together(count, limit, fits):
    assert Quotas().admit(1, count=count, limit=limit, now=MINUTE) is fits


def test_a_refusal_uses_nothing_up():
    quotas = Quotas()
    assert not quotas.admit(1, count=5, limit=3, now=MINUTE)
    assert quotas.admit(1, count=3, limit=3, now=MINUTE)


def test_projects_do_not_share_a_quota():
    quotas = Quotas()
    assert quotas.admit(1, count=1, limit=1, now=MINUTE)
    assert quotas.admit(2, count=1, limit=1, now=MINUTE)
    assert not quotas.admit(1, count=1, limit=1, now=MINUTE)


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
    here.admit(1, count=4, limit=10, now=MINUTE)
    there.admit(1, count=5, limit=10, now=MINUTE)
    for quotas in (here, there, here, here):
        quotas.share(redis, now=MINUTE + 1)
    assert list(redis.sums.values()) == [9]
    assert not here.admit(1, count=2, limit=10, now=MINUTE + 2)
    assert there.admit(1, count=1, limit=10, now=MINUTE + 2)


def test_a_new_minute_starts_at_zero_for_all():
    redis, here, there = FakeRedis(), Quotas(), Quotas()
    for quotas in (here, there):
        quotas.admit(1, count=5, limit=10, now=MINUTE)
        quotas.share(redis, now=MINUTE + 1)
    here.share(redis, now=MINUTE + 60)
    assert here.admit(1, count=10, limit=10, now=MINUTE + 61)


def test_sharing_without_news_asks_nothing():
    Quotas().share(None, now=MINUTE)


@pytest.mark.parametrize(
    ("types", "counted", "kept"),
    [
        (["event"], 1, None),
        (["event", "attachment"], 1, None),
        (["transaction", "profile"], 1, None),
        (["event", "client_report", "attachment", "session"], 1, ["client_report", "session"]),
        (["event", "transaction", "log"], 2, ["log"]),
        (["client_report"], 0, ["client_report"]),
        ([], 0, None),
    ],
)
def test_what_a_quota_counts_and_what_it_leaves(types, counted, kept):
    limits = current_limits()
    body = b'{"sent_at":"2026"}\n' + b"".join(b'{"type":"%s"}\n{"n":1}\n' % name.encode() for name in types)
    envelope = survey(body, limits)
    assert counted_items(envelope.parts) == counted
    rest = unlimited_rest(body, envelope)
    if kept is None:
        assert rest is None
        return
    read = parse_envelope(rest, limits)
    assert read.headers == {"sent_at": "2026"}
    assert [(item.type, item.payload) for item in read.items] == [(name, b'{"n":1}') for name in kept]
