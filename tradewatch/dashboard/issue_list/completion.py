"""What could come next while a query is typed: keys, the words of a key, releases, people, tags that issues carry."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import QuerySet

from tradewatch.dashboard.scope import Scope
from tradewatch.errors.models import Issue, TagCount
from tradewatch.errors.search.conditions import ALIASES, KEYS
from tradewatch.errors.search.values import exactly, write_value
from tradewatch.projects.models import Environment, Release, Team

MOST = 10
SAMPLE = 200  # issues, the last seen, whose tags are suggested: what is typed now is about now
_WORD = re.compile(r'(?:"(?:\\.|[^"\\])*"?|\S)*\Z')
_KEYED = re.compile(
    r'(?P<not>!?)(?P<key>[\w.\-\[\]]+):(?P<done>(?:(?:"(?:\\.|[^"\\])*"|[^\s,"]+),)*)(?P<start>.*)', re.DOTALL
)
_AGES = {"<1h": "in the last hour", "<24h": "in the last day", "<7d": "in the last week", ">7d": "more than a week ago"}
_NUMBERS = {">10": "more than ten", ">100": "more than a hundred", ">1000": "more than a thousand"}


@dataclass(frozen=True, slots=True)
class Word:
    """What stands before the caret, from `at` on. `key` None: it may become a key. `start`: the beginning typed."""

    at: int
    key: str | None
    start: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`text` takes the place of what was typed of the word; `says` explains it."""

    text: str
    says: str


def word_before(text: str) -> Word:
    """Return the word that ends `text`: what may be completed there."""
    found = _WORD.search(text)
    begin = found.start() if found else len(text)
    word = text[begin:]
    keyed = _KEYED.fullmatch(word)
    if keyed:
        return Word(begin + keyed.start("start"), keyed["key"], keyed["start"].lstrip('"'))
    sign = 1 if word.startswith("!") else 0
    return Word(begin + sign, None, word[sign:])


def suggest(word: Word, scope: Scope) -> list[Suggestion]:
    """Return at most ten ways to go on, those that begin with what was typed first."""
    if word.key is None:
        return _best(_keys(scope), word.start)
    key = ALIASES.get(word.key.lower(), word.key.lower())
    source = _VALUES.get(key)
    if source:
        return _best(source(scope), word.start)
    if key in KEYS:
        return _best(KEYS[key].words.items(), word.start)
    return _best(_tag_values(word.key, word.start, scope), word.start)


def _best(pairs: Iterable[tuple[str, str]], start: str) -> list[Suggestion]:
    wanted = start.lower()
    fitting = [pair for pair in pairs if wanted in pair[0].lower()]
    fitting.sort(key=lambda pair: not pair[0].lower().startswith(wanted))
    return [Suggestion(text, says) for text, says in fitting[:MOST]]


def _keys(scope: Scope) -> list[tuple[str, str]]:
    known = [(f"{key}:", f"{each.says}, {each.example}") for key, each in KEYS.items()]
    tags = TagCount.objects.filter(issue__in=_sample(scope)).values_list("key", flat=True).distinct().order_by("key")
    further = [key for key in tags[:100] if key not in KEYS]
    return [*known, *((f"{key}:" if re.fullmatch(r"[\w.\-]+", key) else f'"{key}":', "tag") for key in further)]


def _tag_values(key: str, start: str, scope: Scope) -> list[tuple[str, str]]:
    rows = TagCount.objects.filter(issue__in=_sample(scope), key=key, value__resembles=("", start, ""))
    values = rows.values_list("value", flat=True).distinct().order_by("value")[:50]
    return [(write_value(exactly(value)), "") for value in values if not value.startswith("<")]


def _sample(scope: Scope) -> list[int]:
    rows = Issue.objects.filter(project__in=scope.project_ids, is_simulated=False).order_by("-last_seen_at", "-id")
    return list(rows.values_list("pk", flat=True)[:SAMPLE])


def _releases(scope: Scope) -> list[tuple[str, str]]:
    rows = Release.objects.filter(project__in=scope.project_ids).order_by("-last_seen_at")
    return [(write_value(exactly(version)), "") for version in rows.values_list("version", flat=True)[:100]]


def _environments(scope: Scope) -> list[tuple[str, str]]:
    rows = Environment.objects.filter(project__in=scope.project_ids)
    names = rows.values_list("name", flat=True).distinct().order_by("name")
    return [(write_value(exactly(name)), "") for name in names[:50]]


def _assignees(scope: Scope) -> list[tuple[str, str]]:
    people = [(write_value(exactly(each.get_username())), each.get_full_name()) for each in people_of(scope)]
    teams = [(f"#{team.slug}", team.name) for team in Team.objects.all()[:50]]
    return [("me", "you, or a team of yours"), ("none", "nobody"), *people, *teams]


def people_of(scope: Scope) -> QuerySet[User]:
    """Return who may be given issues of these projects."""
    rows = User.objects.filter(memberships__project__in=scope.project_ids, is_active=True, is_staff=True)
    return rows.distinct().order_by("username")[:50]


def _fixed(words: Mapping[str, str]) -> Callable[[Scope], Sequence[tuple[str, str]]]:
    return lambda _: list(words.items())


_VALUES: Mapping[str, Callable[[Scope], Sequence[tuple[str, str]]]] = {
    "release": _releases,
    "first_release": _releases,
    "last_release": _releases,
    "environment": _environments,
    "assigned": _assignees,
    "first_seen": _fixed(_AGES),
    "last_seen": _fixed(_AGES),
    "events": _fixed(_NUMBERS),
    "users": _fixed(_NUMBERS),
    "has": lambda scope: [(key.rstrip(":"), says) for key, says in _keys(scope) if says == "tag"],
}
