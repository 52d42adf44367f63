"""Terms -> the condition on issues. Each key says how its values are understood; an unknown key is a tag."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import and_

from django.db.models import Q

from tradewatch.errors.choices import ErrorCategory, ErrorSeverity, IssuePriority, IssueState
from tradewatch.errors.models import TagCount
from tradewatch.errors.search.asking import Asking
from tradewatch.errors.search.matching import (
    any_of,
    contains_condition,
    number_condition,
    plain,
    tag_condition,
    text_condition,
    user_condition,
    word,
)
from tradewatch.errors.search.moments import moment_condition
from tradewatch.errors.search.people import NOBODY, assignee_condition, bookmark_condition
from tradewatch.errors.search.terms import Term
from tradewatch.errors.search.values import Value
from tradewatch.projects.models import Release

Build = Callable[[Value, Asking], Q]
NEW_FOR = timedelta(hours=24)
_SHORT_ID = re.compile(r"(?:([a-z0-9_-]{1,60})-|#)(\d{1,9})", re.IGNORECASE)
_TAG = re.compile(r"tags\[(.+)\]")


@dataclass(frozen=True, slots=True)
class Key:
    """A key that is no tag. `words`: all the values there are, {} where any text is one."""

    says: str
    example: str
    build: Build
    words: Mapping[str, str]


def condition(terms: Sequence[Term], asking: Asking) -> Q:
    """Return the condition that all terms hold. Raises `BadQuery`."""
    return reduce(and_, (_of_term(each, asking) for each in terms), Q())


def _of_term(term: Term, asking: Asking) -> Q:
    build = _builder(term.key)
    found = any_of(build(value, asking) for value in term.values)
    return ~found if term.is_negated else found


def _builder(key: str) -> Build:
    if not key:
        return _free_text
    known = KEYS.get(ALIASES.get(key.lower(), key.lower()))
    if known:
        return known.build
    name = named[1] if (named := _TAG.fullmatch(key)) else key
    return lambda value, _: tag_condition(name, value)


def _free_text(value: Value, asking: Asking) -> Q:
    """In the title, message or culprit; an issue's short name (`TRADING-API-12`, `#12`) finds it too."""
    found = contains_condition(("title", "message", "culprit"), value)
    if value.is_exact and (named := _SHORT_ID.fullmatch(value.text)):
        number = Q(number=int(named[2]))
        found |= number & Q(project__slug__iexact=named[1]) if named[1] else number
    return found


# --- states -------------------------------------------------------------
_IS: Mapping[str, tuple[str, Callable[[Asking], Q]]] = {
    "unresolved": ("open", lambda _: Q(state=IssueState.UNRESOLVED)),
    "resolved": ("mended", lambda _: Q(state=IssueState.RESOLVED)),
    "ignored": ("makes no news for now", lambda _: Q(state=IssueState.IGNORED)),
    "regressed": ("came back after it was resolved", lambda _: Q(is_regressed=True)),
    "assigned": ("somebody has it", lambda _: ~NOBODY),
    "unassigned": ("nobody has it", lambda _: NOBODY),
    "bookmarked": ("kept at hand by you", bookmark_condition),
    "merged": ("others are merged into it", lambda _: Q(has_members=True)),
    "new": ("first seen in the last 24 h", lambda asking: Q(first_seen_at__gt=asking.now - NEW_FOR)),
}
_LEVELS = {**{each.value: each.label for each in ErrorSeverity}, "fatal": "the same as critical"}


def _is(value: Value, asking: Asking) -> Q:
    return _IS[word(value, _IS)][1](asking)


def _level(value: Value, asking: Asking) -> Q:
    asked = word(value, _LEVELS)
    return Q(severity="critical" if asked == "fatal" else asked)


def _priority(value: Value, asking: Asking) -> Q:
    return Q(priority=word(value, IssuePriority.values))


def _category(value: Value, asking: Asking) -> Q:
    return Q(category=word(value, ErrorCategory.values))


# --- releases, times, numbers, tags, users -------------------------------------------------------------
def _release_of(column: str) -> Build:
    def build(value: Value, asking: Asking) -> Q:
        parts = plain(value).parts
        rows = Release.objects.filter(project__in=asking.project_ids)
        rows = rows.filter(version=parts[0]) if len(parts) == 1 else rows.filter(version__shaped=parts)
        return Q(**{f"{column}__in": rows.values("pk")})

    return build


def _has(value: Value, asking: Asking) -> Q:
    rows = (
        TagCount.objects.filter(key__shaped=value.parts)
        if not value.is_exact
        else TagCount.objects.filter(key=value.text)
    )
    return Q(pk__in=rows.values("issue"))


def _text(column: str) -> Build:
    return lambda value, _: text_condition(column, value)


def _moment(column: str) -> Build:
    return lambda value, asking: moment_condition(column, value, now=asking.now)


def _number(column: str) -> Build:
    return lambda value, _: number_condition(column, value)


def _tag(key: str) -> Build:
    return lambda value, _: tag_condition(key, value)


def _user(name: str) -> Build:
    return lambda value, _: user_condition(name, value)


KEYS: Mapping[str, Key] = {
    "is": Key("state", "is:unresolved", _is, {name: says for name, (says, _) in _IS.items()}),
    "level": Key("severity", "level:error", _level, _LEVELS),
    "category": Key("what kind of error", "category:risk", _category, dict(ErrorCategory.choices)),
    "priority": Key("what to take up first", "priority:high", _priority, dict(IssuePriority.choices)),
    "assigned": Key("whose it is", "assigned:me", assignee_condition, {}),
    "release": Key("release of an event", "release:1.2*", _tag("release"), {}),
    "first_release": Key("release it was first seen in", "first_release:1.2", _release_of("first_release"), {}),
    "last_release": Key("newest release it was seen in", "last_release:1.2", _release_of("last_release"), {}),
    "environment": Key("environment of an event", "environment:production", _tag("environment"), {}),
    "type": Key("type of the exception", "type:KeyError", _text("exception_type"), {}),
    "culprit": Key("where it came from", 'culprit:"app.risk*"', _text("culprit"), {}),
    "transaction": Key("transaction of an event", "transaction:/orders", _tag("transaction"), {}),
    "first_seen": Key("age or date of the first event", "first_seen:<24h", _moment("first_seen_at"), {}),
    "last_seen": Key("age or date of the newest event", "last_seen:>7d", _moment("last_seen_at"), {}),
    "events": Key("how many events ever", "events:>100", _number("event_count"), {}),
    "users": Key("how many users ever", "users:>=5", _number("user_count"), {}),
    "user.id": Key("id of a user who met it", "user.id:7", _user("id"), {}),
    "user.email": Key("mail address of a user", "user.email:ann@desk.example", _user("email"), {}),
    "user.username": Key("name of a user", "user.username:ann", _user("username"), {}),
    "user.ip": Key("IP address of a user", "user.ip:10.0.0.1", _user("ip_address"), {}),
    "has": Key("some event carries this tag", "has:venue", _has, {}),
}
ALIASES = {
    "assignee": "assigned",
    "severity": "level",
    "env": "environment",
    "user.ip_address": "user.ip",
    "user.name": "user.username",
}
