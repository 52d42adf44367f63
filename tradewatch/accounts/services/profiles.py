from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction

from tradewatch.accounts import reset
from tradewatch.accounts.services.passwords import confirm_password
from tradewatch.core.actors import Actor
from tradewatch.projects.services.people import change_profile


def change_own_profile(actor: Actor, user: User, *, fields: Sequence[str], password: str) -> None:
    """Save the named fields of one's own profile. Another e-mail address takes the password; the old one is told.

    A link for a new password goes to that address: who could change it by a session alone would have the account.
    Raises `Invalid` (password).
    """
    if "email" in fields:
        confirm_password(user, password)
    with transaction.atomic():
        old = User.objects.select_for_update().values_list("email", flat=True).get(pk=user.pk)
        change_profile(actor, user, fields=fields)
        if old and "email" in fields:
            mail = reset.moved_mail(user, old=old)
            transaction.on_commit(lambda: reset.post([mail]))
