from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Membership, Project


def add_member(actor: Actor, project: Project, user: User, role: Role) -> Membership:
    """Give `user` (active, with the staff flag) a role in the project.

    Raises `NotAllowed`, `Invalid` (unknown role, no staff account), `Conflict` (is a member already).
    """
    access.require(actor, project.pk, Role.MANAGER, scope=Scope.ADMIN)
    _check_role(role)
    if not (user.is_active and user.is_staff):
        raise Invalid("not a staff account", errors={"user": ["needs to be active and to have the staff flag"]})
    try:
        with transaction.atomic():
            membership = Membership.objects.create(project=project, user=user, role=role)
            _note(actor, "member.add", membership, None, role)
            match_groups(user)
    except IntegrityError:
        raise Conflict("is a member of this project already", errors={"user": ["is a member already"]}) from None
    return membership


@transaction.atomic
def change_role(actor: Actor, membership: Membership, role: Role) -> Membership:
    access.require(actor, membership.project_id, Role.MANAGER, scope=Scope.ADMIN)
    _check_role(role)
    before = Membership.objects.select_for_update().get(pk=membership.pk).role
    membership.role = role
    membership.save(update_fields=["role"])
    if before != role:
        _note(actor, "member.change_role", membership, before, role)
        match_groups(membership.user)
    return membership


@transaction.atomic
def remove_member(actor: Actor, membership: Membership) -> None:
    access.require(actor, membership.project_id, Role.MANAGER, scope=Scope.ADMIN)
    _note(actor, "member.remove", membership, membership.role, None)
    membership.delete()
    match_groups(membership.user)


def match_groups(user: User) -> None:
    """Put `user` in the admin groups of the roles held in any project, and in no other role's."""
    held = set(Membership.objects.filter(user=user).values_list("role", flat=True))
    groups = Group.objects.filter(name__in=Role.values)
    user.groups.remove(*(group for group in groups if group.name not in held))
    user.groups.add(*(group for group in groups if group.name in held))


def _check_role(role: str) -> None:
    if role not in Role.values:
        raise Invalid("unknown role", errors={"role": ["expected one of " + ", ".join(Role.values)]})


def _note(actor: Actor, action: str, membership: Membership, before: str | None, after: str | None) -> None:
    audit.record(actor, action, membership, project_id=membership.project_id, changes={"role": [before, after]})
