from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.projects import access
from tradewatch.projects.choices import Scope
from tradewatch.projects.models import Team


def save_team(actor: Actor, team: Team, members: Sequence[User]) -> Team:
    """Save a new or changed team with exactly these members. It grants no rights, but spans projects: a superuser's.

    Raises `NotAllowed`, `Invalid` (members: an account without the staff flag), `Conflict` (name or slug taken).
    """
    access.require_everywhere(actor, scope=Scope.ADMIN)
    strangers = sorted(user.get_username() for user in members if not (user.is_active and user.is_staff))
    if strangers:
        raise Invalid("not staff", errors={"members": [f"not an active staff account: {', '.join(strangers)}"]})
    is_new = team.pk is None
    try:
        with transaction.atomic():
            before: dict[str, Any] = (
                {} if is_new else dict(Team.objects.filter(pk=team.pk).values("name", "slug").get())
            )
            were = [] if is_new else sorted(team.members.values_list("username", flat=True))
            team.save()
            team.members.set(members)
            names = sorted(user.get_username() for user in members)
            changes: dict[str, list[Any]] = {name: [before.get(name), getattr(team, name)] for name in ("name", "slug")}
            changes["members"] = [were, names]
            audit.record(
                actor,
                f"team.{'create' if is_new else 'change'}",
                team,
                changes={name: pair for name, pair in changes.items() if pair[0] != pair[1]},
            )
    except IntegrityError:
        raise Conflict("a team has this name", errors={"name": ["is taken"]}) from None
    return team


@transaction.atomic
def delete_team(actor: Actor, team: Team) -> None:
    access.require_everywhere(actor, scope=Scope.ADMIN)
    audit.record(actor, "team.delete", team)
    team.delete()
