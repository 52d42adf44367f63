"""When the clock alone lets nothing out: freezes, and times outside deployment windows. Pure.

A session is the whole stretch from open to close, its lunch break included. A window around it begins `before` each
edge and ends `after` it: "only outside" keeps out from `before` the open to `after` the close, "only inside" lets out
from `after` the open to `before` the close. Time that a market's calendar does not cover keeps nothing out: it is
unknown, which is said (`reasons`).

Of several windows those that allow (inside a session, times of the week) open it together: any of them is enough. Each
that forbids (only outside a session) holds by itself.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from releases.choices import Decision, WindowRule
from releases.gate.values import Facts, FreezeFact, WindowFact
from tradewatch.calendars.sessions import Market, known_span
from tradewatch.calendars.spans import Span, between, cut, joined
from tradewatch.calendars.windows import spans_within

SpansBetween = Callable[[datetime, datetime], list[Span]]
_STEPS = (timedelta(days=4), timedelta(days=20))  # most ends are near: look there first


def first_free(facts: Facts) -> datetime | None:
    """Return the first moment from `facts.at` on at which nothing timed blocks; None: none up to the horizon."""
    return first_outside(lambda start, end: blocked_spans(facts, start, end), facts.at, facts.horizon)


def first_outside(blocked: SpansBetween, start: datetime, horizon: datetime) -> datetime | None:
    """Return the first moment from `start` on that no joined span holds; None: not before the horizon."""
    for end in (*(start + step for step in _STEPS if start + step < horizon), horizon):
        spans = blocked(start, end)
        if not spans or spans[0].start > start:
            return start
        if spans[0].end < end:
            return spans[0].end
    return None


def blocked_spans(facts: Facts, start: datetime, end: datetime) -> list[Span]:
    """Return when freezes and windows say no between the two moments, joined."""
    found = [Span(each.starts_at, each.ends_at) for each in facts.freezes]
    for each in facts.windows:
        if forbids(each) and each.decision == Decision.NO_GO:
            found += forbidden_spans(each, start, end)
    allowing = [each for each in facts.windows if not forbids(each)]
    if gravest(allowing) == Decision.NO_GO:
        found += closed_spans(allowing, start, end)
    return joined(cut(found, start, end))


def forbids(window: WindowFact) -> bool:
    return window.rule == WindowRule.OUTSIDE_SESSION


def gravest(windows: Sequence[WindowFact]) -> Decision:
    """Return what holds outside windows that open together: the gravest of what they say; go without any."""
    order = (Decision.GO, Decision.WARN, Decision.NO_GO)
    return max((each.decision for each in windows), key=order.index, default=Decision.GO)


def forbidden_spans(window: WindowFact, start: datetime, end: datetime) -> list[Span]:
    """Return when a window that forbids keeps out, joined: sessions with their margins."""
    if window.market is None:
        return []
    if window.market.is_always_open:
        return [Span(start, end)]
    spans = (Span(each.opens_at - window.before, each.closes_at + window.after) for each in window.market.sessions)
    return joined(cut(spans, start, end))


def closed_spans(windows: Sequence[WindowFact], start: datetime, end: datetime) -> list[Span]:
    """Return when none of the windows that allow does; nothing where there are none."""
    if not windows:
        return []
    return between([span for each in windows for span in allowed_spans(each, start, end)], start, end)


def allowed_spans(window: WindowFact, start: datetime, end: datetime) -> list[Span]:
    """Return when a window that allows lets out; what its calendar does not cover is among it."""
    if window.rule == WindowRule.TIMES:
        return spans_within(window.times, start, end)
    if window.market is None or window.market.is_always_open:
        return [Span(start, end)]
    spans = [Span(each.opens_at + window.after, each.closes_at - window.before) for each in window.market.sessions]
    return joined(cut([*spans, *unknown_spans(window.market, start, end)], start, end))


def unknown_spans(market: Market, start: datetime, end: datetime) -> list[Span]:
    known = known_span(market, start, end)
    return between([] if known is None else [known], start, end)


def freezes_in_force(freezes: Sequence[FreezeFact], at: datetime) -> list[FreezeFact]:
    return [each for each in freezes if each.starts_at <= at < each.ends_at]


def lets_out(window: WindowFact, at: datetime) -> bool:
    """Return whether this window alone lets out at the moment; also where its market is unknown."""
    moment = timedelta.resolution
    if forbids(window):
        return not forbidden_spans(window, at, at + moment)
    return bool(allowed_spans(window, at, at + moment))
