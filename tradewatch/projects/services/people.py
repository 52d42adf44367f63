"""Staff accounts as superusers manage them. Passwords, sessions and second factors are `accounts`'."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed
from tradewatch.projects import access
from tradewatch.projects.choices import Scope

PROFILE = ("first_name", "last_name", "email")
RIGHTS = ("username", "is_active", "is_staff", "is_superuser")


def create_person(actor: Actor, user: User) -> User:
    """Create a staff account; its password is already set on it, or unusable until they follow their invitation.

    Raises `NotAllowed`, `Conflict` (username).
    """
    access.require_everywhere(actor, scope=Scope.ADMIN)
    _person(actor)
    user.is_staff = True
    try:
        with transaction.atomic():
            user.save()
            audit.record(actor, "user.create", user, changes={"is_superuser": [None, user.is_superuser]})
    except IntegrityError:
        raise Conflict("an account has this name", errors={"username": ["is taken"]}) from None
    return user


@transaction.atomic
def change_person(actor: Actor, user: User, *, fields: Sequence[str]) -> User:
    """Save the named fields of `PROFILE` and `RIGHTS`. Nobody takes their own way in: `Invalid`."""
    access.require_everywhere(actor, scope=Scope.ADMIN)
    _person(actor)
    if user.pk == actor.id and not (user.is_active and user.is_staff and user.is_superuser):
        raise Invalid("not changed", errors={"is_superuser": ["your own rights are another superuser's to take"]})
    return _save(actor, user, [name for name in fields if name in PROFILE + RIGHTS])


@transaction.atomic
def change_profile(actor: Actor, user: User, *, fields: Sequence[str]) -> User:
    """Save what everybody may change of themselves: names and e-mail address."""
    if actor.kind != "user" or actor.id != user.pk:
        access.require_everywhere(actor, scope=Scope.ADMIN)
    return _save(actor, user, [name for name in fields if name in PROFILE])


@transaction.atomic
def delete_person(actor: Actor, user: User) -> None:
    """Delete an account. What it did stays in the audit trail under its name."""
    access.require_everywhere(actor, scope=Scope.ADMIN)
    _person(actor)
    if user.pk == actor.id:
        raise Invalid("your own account is another superuser's to delete")
    audit.record(actor, "user.delete", user)
    user.delete()


def _save(actor: Actor, user: User, fields: Sequence[str]) -> User:
    if fields:
        before = User.objects.filter(pk=user.pk).values(*fields).get()
        changes = {name: [before[name], getattr(user, name)] for name in fields}
        user.save(update_fields=fields)
        audit.record(actor, "user.change", user, changes=changes)
    return user


def _person(actor: Actor) -> None:
    if actor.kind == "token":
        raise NotAllowed("accounts are managed by people, not by tokens")
