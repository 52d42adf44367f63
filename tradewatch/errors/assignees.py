"""Names of those an issue can be assigned to, as people and programs write them: `ann`, `team:risk`, `me`, `none`."""

from django.contrib.auth.models import User
from django.db.models import Q

from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.projects.models import Team

TEAM = "team:"


def named_assignee(name: str | None, actor: Actor) -> User | Team | None:
    """Return who is meant; None for nobody. Raises `Invalid`: unknown, or `me` for a token."""
    if name is None:
        return None
    if name == "me":
        return _me(actor)
    found: User | Team | None
    if name.startswith(TEAM):
        found = Team.objects.filter(slug=name.removeprefix(TEAM)).first()
    else:
        found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        raise Invalid("unknown assignee", errors={"assignee": [f"nobody is called {name}"]})
    return found


def assigned_to(name: str, actor: Actor) -> Q:
    """Return the condition on issues; `me` means the caller and their teams, `none` nobody."""
    if name == "none":
        return Q(assignee=None, assigned_team=None)
    found = named_assignee(name, actor)
    if isinstance(found, Team):
        return Q(assigned_team=found)
    if name == "me" and found is not None:
        return Q(assignee=found) | Q(assigned_team__in=found.teams.all())
    return Q(assignee=found)


def _me(actor: Actor) -> User:
    if actor.kind != "user" or actor.id is None:
        raise Invalid("a token is nobody", errors={"assignee": ["`me` is a person's"]})
    return User.objects.get(pk=actor.id)
