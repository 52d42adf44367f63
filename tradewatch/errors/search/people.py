"""Whose an issue is: `assigned:me`, `assigned:mara`, `assigned:#desk`, `assigned:none`."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat

from tradewatch.errors.models import Bookmark
from tradewatch.errors.search.asking import Asking
from tradewatch.errors.search.faults import BadQuery
from tradewatch.errors.search.matching import plain
from tradewatch.errors.search.values import Value as Asked
from tradewatch.projects.models import Team

TEAM_SIGNS = ("#", "team:")
NOBODY = Q(assignee=None, assigned_team=None)


def assignee_condition(value: Asked, asking: Asking) -> Q:
    """`me` is the asker or one of their teams; `none` nobody; `#` or `team:` a team by its slug, else a person."""
    text = plain(value).text
    match text.lower():
        case "me":
            mine = Team.objects.filter(members=_me(value, asking))
            return Q(assignee=asking.user_id) | Q(assigned_team__in=mine.values("pk"))
        case "none":
            return NOBODY
    sign = next((each for each in TEAM_SIGNS if text.startswith(each)), "")
    if sign:
        teams = Team.objects.filter(slug__resembles=(value.parts[0][len(sign) :], *value.parts[1:]))
        return Q(assigned_team__in=teams.values("pk"))
    return Q(assignee__in=_people(value).values("pk"))


def bookmark_condition(asking: Asking) -> Q:
    return Q(pk__in=Bookmark.objects.filter(user=asking.user_id or 0).values("issue"))


def _people(value: Asked) -> QuerySet[User]:
    """By user name, mail address, or first and last name."""
    whole = Concat("first_name", Value(" "), "last_name")
    named = Q(username__resembles=value.parts) | Q(email__resembles=value.parts) | Q(whole_name__resembles=value.parts)
    return User.objects.alias(whole_name=whole).filter(named)


def _me(value: Asked, asking: Asking) -> int:
    if asking.user_id is None:
        raise BadQuery(value.at, "a person's name, because a token is nobody", found="me")
    return asking.user_id
