"""Who is told of a project's alerts, and why: settings first, else its members, else the administrators."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model

from tradewatch.projects.choices import Role
from tradewatch.projects.models import Membership, Project


@dataclass(frozen=True, slots=True)
class Recipient:
    """`why` is the sentence of the mail that says why this person gets it.

    `user_id` None: the settings name the address, whosever it is.
    """

    address: str
    why: str
    user_id: int | None = None


def recipients_of(project: Project) -> list[Recipient]:
    """Return each address once. Empty: nobody has an e-mail address."""
    return _each_once(_named_in_settings() or _members(project) or _administrators(project))


def _named_in_settings() -> list[Recipient]:
    why = "TRADEWATCH_ALERT_MAIL_TO names your address."
    return [Recipient(address, why) for address in settings.ALERT_MAIL_TO]


def _members(project: Project) -> list[Recipient]:
    members = (
        Membership.objects.filter(project=project, role__in=[Role.RESPONDER, Role.MANAGER], user__is_active=True)
        .exclude(user__email="")
        .order_by("id")
        .values_list("user__email", "role", "user_id")
    )
    return [Recipient(address, f"You are {role} of {project.name}.", user_id) for address, role, user_id in members]


def _administrators(project: Project) -> list[Recipient]:
    why = f"You are an administrator, and no responder or manager of {project.name} has an e-mail address."
    users = get_user_model().objects.filter(is_superuser=True, is_active=True).exclude(email="").order_by("pk")
    return [Recipient(address, why, user_id) for address, user_id in users.values_list("email", "pk")]


def _each_once(recipients: Iterable[Recipient]) -> list[Recipient]:
    by_address: dict[str, Recipient] = {}
    for recipient in recipients:
        by_address.setdefault(recipient.address.strip().lower(), recipient)
    return list(by_address.values())
