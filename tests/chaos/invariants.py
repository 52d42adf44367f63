"""What must hold after each disturbance, once it is over and things had time to settle. Values in, words out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from tests.chaos.facts import Delivery, Facts

REPEAT = "(possible repeat)"


@dataclass(frozen=True)
class Accepted:
    """What was answered 200, each by its id; `telling`: names of exceptions of which somebody must be told.

    `mails` are the subjects that arrived by the part of their Message-ID before the @, in the order of arrival;
    `relayed` the ids that the upstream answered 200, again for each time; `most_again` how many of these may be
    repeats, since a window whose answers were lost is sent again.
    """

    errors: Set[str]
    transactions: Set[str]
    logs: Set[str]
    telling: Sequence[str]
    mails: Mapping[str, Sequence[str]]
    relayed: Sequence[str]
    most_again: int


def broken(accepted: Accepted, facts: Facts) -> list[str]:
    """Return in words each promise that does not hold; empty: all is well."""
    return [
        *_of_errors(accepted.errors, facts),
        *_equal("transactions", len(accepted.transactions), facts.transaction_counts),
        *_equal("log lines", len(accepted.logs), facts.log_counts),
        *_of_alerts(accepted, facts),
        *_of_upstream(accepted, facts),
        *_of_health(facts),
    ]


def _of_errors(accepted: Set[str], facts: Facts) -> Iterator[str]:
    stored = Counter(facts.errors)
    if lost := accepted - stored.keys():
        yield f"lost: {len(lost)} accepted errors, such as {min(lost)}"
    if doubled := [each for each, count in stored.items() if count > 1]:
        yield f"doubled: {len(doubled)} errors, such as {min(doubled)}"
    if foreign := stored.keys() - accepted:
        yield f"stored and never accepted: {len(foreign)} errors, such as {min(foreign)}"
    yield from _equal("errors", len(accepted), facts.error_counts)


def _equal(what: str, expected: int, counts: Mapping[str, int]) -> Iterator[str]:
    for name, count in counts.items():
        if count != expected:
            yield f"{what}: {expected} accepted, {count} in {name}"


def _of_alerts(accepted: Accepted, facts: Facts) -> Iterator[str]:
    by_title: dict[str, list[Delivery]] = {}
    for delivery in facts.deliveries:
        by_title.setdefault(delivery.title, []).append(delivery)
    for name in accepted.telling:
        titles = [title for title in facts.alerts if name in title]
        if len(titles) != 1 or facts.alerts[titles[0]] != 1:
            yield f"{name}: {sum(facts.alerts[title] for title in titles)} alerts instead of one"
            continue
        yield from _of_telling(titles[0], by_title.get(titles[0], []), accepted, facts)
    for delivery in facts.deliveries:
        yield from _of_delivery(delivery, accepted.mails.get(delivery.mail, []))
    if strangers := accepted.mails.keys() - {delivery.mail for delivery in facts.deliveries}:
        yield f"mails of no notification: {sorted(strangers)[:3]}"


def _of_telling(title: str, deliveries: Sequence[Delivery], accepted: Accepted, facts: Facts) -> Iterator[str]:
    """Somebody was told, and was told when it ended."""
    events = ("firing", "resolved") if title in facts.ended else ("firing",)
    for event in events:
        if not any(each.event == event and accepted.mails.get(each.mail) for each in deliveries):
            said = [f"{each.event} {each.state} after {each.attempts}" for each in deliveries]
            yield f"{title}: nobody was told that it is {event}; outbox: {said or 'nothing'}"


def _of_delivery(delivery: Delivery, subjects: Sequence[str]) -> Iterator[str]:
    """It is settled, it arrived if it says so, and again only where that was not known, and says so."""
    if delivery.state not in ("sent", "superseded", "unknown"):
        yield f"{delivery.title}: the message ({delivery.event}) is still {delivery.state}"
    if delivery.state == "sent" and not subjects:
        yield f"{delivery.title}: said to be sent ({delivery.event}), and never arrived"
    if len(subjects) > (delivery.attempts if delivery.may_be_repeat else 1):
        yield f"{delivery.title}: {len(subjects)} mails of one message ({delivery.event})"
    if any(not subject.endswith(REPEAT) for subject in subjects[1:]):
        yield f"{delivery.title}: a repeat that does not say so: {list(subjects)}"


def _of_upstream(accepted: Accepted, facts: Facts) -> Iterator[str]:
    expected = accepted.errors | accepted.transactions
    if missing := expected - set(accepted.relayed):
        yield f"upstream lacks {len(missing)} of {len(expected)}, {facts.spooled} wait in the spool"
    if foreign := set(accepted.relayed) - expected:
        yield f"upstream got {len(foreign)} that were never accepted"
    if (again := len(accepted.relayed) - len(set(accepted.relayed))) > accepted.most_again:
        yield f"upstream got {again} again, where {accepted.most_again} could be"
    for what, counts in facts.let_go.items():
        yield f"{what}: {counts}"


def _of_health(facts: Facts) -> Iterator[str]:
    if facts.waiting:
        yield f"{facts.waiting} envelopes are not digested"
    if facts.spooled:
        yield f"{facts.spooled} entries wait in the relay's spool"
    if facts.dead:
        yield f"{facts.dead} dead letters"
    yield from facts.damage
    yield from facts.unready
