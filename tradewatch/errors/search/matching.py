"""Conditions for values of one kind: a column's text, a number, one of a few words, a tag, a user."""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from tradewatch.errors.drafting import identity_hashes
from tradewatch.errors.models import IssueUser, IssueUserAlias, TagCount
from tradewatch.errors.search import like as like  # registers the lookups
from tradewatch.errors.search.faults import BadQuery
from tradewatch.errors.search.values import Value

LARGEST = 2**63 - 1


def any_of(conditions: Iterable[Q]) -> Q:
    return reduce(or_, conditions)


def text_condition(column: str, value: Value) -> Q:
    """The whole text, in any case."""
    return Q(**{f"{column}__resembles": plain(value).parts})


def contains_condition(columns: Iterable[str], value: Value) -> Q:
    """The text anywhere in one of the columns, in any case."""
    return any_of(Q(**{f"{column}__resembles": ("", *value.parts, "")}) for column in columns)


def number_condition(column: str, value: Value) -> Q:
    text = value.text
    if not (value.is_exact and text.isascii() and text.isdigit()):
        raise BadQuery(value.at, "a number such as >100", found=text)
    number = int(text) if len(text) < 20 else LARGEST + 1
    if number > LARGEST:
        raise BadQuery(value.at, "a number below 2^63", found=text)
    lookup = {"": "exact", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte"}[value.operator]
    return Q(**{f"{column}__{lookup}": number})


def word(value: Value, words: Mapping[str, str] | Iterable[str]) -> str:
    """Return the word that is meant, in any case. Raises `BadQuery` with all the `words` there are."""
    asked = plain(value).text.lower()
    if not value.is_exact or asked not in words:
        raise BadQuery(value.at, "one of " + ", ".join(words), found=value.text)
    return asked


def plain(value: Value) -> Value:
    """Return the value; raises `BadQuery` for an operator, which says nothing about texts."""
    if value.operator:
        raise BadQuery(value.at, f'a value without {value.operator} ("{value.operator}" in quotes is a text)')
    return value


def tag_condition(key: str, value: Value) -> Q:
    """Some event of the issue carries the tag. Exact values and those that begin with a text are found by index."""
    rows = TagCount.objects.filter(key=key)
    parts = plain(value).parts
    rows = rows.filter(value=parts[0]) if len(parts) == 1 else rows.filter(value__shaped=parts)
    return Q(pk__in=rows.values("issue"))


def user_condition(name: str, value: Value) -> Q:
    """Some event of the issue names this user. By hash: whole values only, and case counts."""
    if not plain(value).is_exact:
        raise BadQuery(value.at, "a whole value, because users are kept as hashes", found=value.text)
    hashes = identity_hashes(name, value.text)
    met = [IssueUser.objects.filter(user_hash__in=hashes), IssueUserAlias.objects.filter(alias_hash__in=hashes)]
    return Q(pk__in=_with_targets(met))


def _with_targets(met: Sequence[QuerySet[Any]]) -> QuerySet[Any]:
    """Return the ids of the issues, and of those they are merged into: users stay with the member that they met."""
    above = ("issue", "issue__merged_into", "issue__merged_into__merged_into")
    first, *others = (rows.filter(**{f"{name}__isnull": False}).values(name) for rows in met for name in above)
    return first.union(*others, all=True)
