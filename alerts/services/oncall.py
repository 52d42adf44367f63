"""What people change about being on call: overrides, calendar feeds, contact rules and addresses.

Managers of a schedule's project change everything of it. A responder takes a duty over, gives their own away, or says
that they are away; takes back what they made. Contact rules belong to the person alone.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from alerts.models import FeedLink, Override, Schedule
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid, NotAllowed
from tradewatch.projects import access
from tradewatch.projects.authentication import secret_digest
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Membership

LONGEST_OVERRIDE = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideWish:
    """`user_id` None: `instead_of_id` is away. `instead_of_id` None: whoever is on call then."""

    start_at: datetime
    end_at: datetime
    user_id: int | None
    instead_of_id: int | None = None
    reason: str = ""


@transaction.atomic
def add_override(actor: Actor, schedule: Schedule, wish: OverrideWish) -> Override:
    """Let somebody else be on call for a while.

    Raises `NotAllowed`, and `Invalid` (times out of order or too long, unknown people, nobody named).
    """
    _require_for(actor, schedule, wish.user_id, wish.instead_of_id)
    errors = _faults_in(wish)
    if errors:
        raise Invalid("bad override", errors=errors)
    override = Override.objects.create(
        schedule=schedule,
        start_at=wish.start_at,
        end_at=wish.end_at,
        user_id=wish.user_id,
        instead_of_id=wish.instead_of_id,
        reason=wish.reason[:200],
        created_by=actor.label[:200],
    )
    span = {"from": [None, wish.start_at], "to": [None, wish.end_at], "user": [None, str(override.user or "away")]}
    audit.record(actor, "override.create", override, project_id=schedule.project_id, changes=span)
    return override


@transaction.atomic
def remove_override(actor: Actor, override: Override) -> None:
    """Take an override back; one that has begun ends now, so that the past stays true. Raises `NotAllowed`."""
    if override.created_by != actor.label or not may_respond(actor, override.schedule):
        _require_for(actor, override.schedule, override.user_id, override.instead_of_id)
    now = timezone.now()
    audit.record(actor, "override.delete", override, project_id=override.schedule.project_id)
    if override.start_at >= now:
        override.delete()
    elif override.end_at > now:
        override.end_at = now
        override.save(update_fields=["end_at"])


def may_manage(actor: Actor, schedule: Schedule) -> bool:
    if schedule.project_id is None:
        return access.may_everywhere(actor, scope=Scope.ALERTS_WRITE)
    return access.may(actor, schedule.project_id, Role.MANAGER, scope=Scope.ALERTS_WRITE)


def may_respond(actor: Actor, schedule: Schedule) -> bool:
    """Return whether the actor may be on call there: a responder of its project, or of any for one of all projects."""
    if schedule.project_id is not None:
        return access.may(actor, schedule.project_id, Role.RESPONDER, scope=Scope.ALERTS_WRITE)
    if actor.kind != "user":
        return access.may_everywhere(actor, scope=Scope.ALERTS_WRITE)
    held = Membership.objects.filter(user=actor.id, role__in=(Role.RESPONDER, Role.MANAGER))
    return held.filter(user__is_active=True, user__is_staff=True).exists() or may_manage(actor, schedule)


@transaction.atomic
def create_feed(actor: Actor, *, schedule: Schedule | None = None) -> tuple[FeedLink, str]:
    """Return a new calendar feed of the schedule, else of the actor's own shifts, and its secret, shown only now."""
    if actor.kind != "user" or actor.id is None:
        raise NotAllowed("a calendar link belongs to a person")
    secret = secrets.token_urlsafe(24)
    feed = FeedLink.objects.create(
        schedule=schedule,
        person_id=None if schedule else actor.id,
        created_by_id=actor.id,
        prefix=secret[:6],
        digest=secret_digest(secret),
    )
    audit.record(actor, "feed.create", feed, project_id=schedule.project_id if schedule else None)
    return feed, secret


@transaction.atomic
def revoke_feed(actor: Actor, feed: FeedLink) -> FeedLink:
    """Refuse the feed from now on. Its maker may, and who manages the schedule. Again: unchanged."""
    is_own = actor.kind == "user" and actor.id in (feed.created_by_id, feed.person_id)
    if not is_own and not (feed.schedule and may_manage(actor, feed.schedule)):
        raise NotAllowed("this calendar link is another person's")
    now = timezone.now()
    if FeedLink.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=now):
        audit.record(actor, "feed.revoke", feed, changes={"revoked_at": [None, now]})
    feed.refresh_from_db(fields=["revoked_at"])
    return feed


def _require_for(actor: Actor, schedule: Schedule, *people: int | None) -> None:
    if may_manage(actor, schedule):
        return
    if actor.kind == "user" and actor.id in people and may_respond(actor, schedule):
        return
    if may_respond(actor, schedule):
        raise NotAllowed("takes a manager: a responder takes a duty over or gives their own away")
    raise NotAllowed("needs the role responder in the schedule's project")


def _faults_in(wish: OverrideWish) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if wish.end_at <= wish.start_at:
        errors["end_at"] = ["must come after its start"]
    elif wish.end_at - wish.start_at > LONGEST_OVERRIDE:
        errors["end_at"] = ["at most 400 days after its start"]
    if wish.user_id is None and wish.instead_of_id is None:
        errors["user"] = ["name who takes over, or who is away"]
    for field, user_id in (("user", wish.user_id), ("instead_of", wish.instead_of_id)):
        if user_id is not None and not get_user_model().objects.filter(pk=user_id, is_active=True).exists():
            errors[field] = ["no such active person"]
    return errors
