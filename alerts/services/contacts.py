"""How a person is reached, changed by that person alone (or a superuser for them)."""

from django.conf import settings
from django.contrib.auth.models import User
from django.core import mail, signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from alerts.models import ContactAddress, ContactRule
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed
from tradewatch.projects import access
from tradewatch.projects.choices import Scope

_SALT = "alerts.contacts"
VALID_SECONDS = 2 * 24 * 3600
MAX_RULES = 20
MAX_ADDRESSES = 5


@transaction.atomic
def save_contact_rule(actor: Actor, rule: ContactRule) -> ContactRule:
    """Add or change a contact rule. Raises `NotAllowed`, `Invalid` (by field), `Conflict` (too many)."""
    require_self(actor, rule.user_id)
    _check(rule)
    if rule.pk is None and ContactRule.objects.filter(user=rule.user_id).count() >= MAX_RULES:
        raise Conflict(f"at most {MAX_RULES} contact rules")
    is_new = rule.pk is None
    rule.save()
    audit.record(actor, f"contact_rule.{'create' if is_new else 'change'}", rule)
    return rule


@transaction.atomic
def remove_contact_rule(actor: Actor, rule: ContactRule) -> None:
    require_self(actor, rule.user_id)
    audit.record(actor, "contact_rule.delete", rule)
    rule.delete()


def add_address(actor: Actor, user: User, address: str) -> ContactAddress:
    """Add an e-mail address, and mail it the link that verifies it; until then it is not used.

    Raises `NotAllowed`, `Invalid` (no address), `Conflict` (known already, too many).
    """
    require_self(actor, user.pk)
    row = ContactAddress(user=user, address=address.strip())
    _check(row)
    if ContactAddress.objects.filter(user=user).count() >= MAX_ADDRESSES:
        raise Conflict(f"at most {MAX_ADDRESSES} addresses")
    try:
        with transaction.atomic():
            row.save()
            audit.record(actor, "contact_address.create", row)
    except IntegrityError:
        raise Conflict("you have this address already", errors={"address": ["is there already"]}) from None
    mail_verification(row)
    return row


def mail_verification(row: ContactAddress) -> None:
    """Mail the link. Outside any transaction: it waits on the mail server."""
    link = f"{settings.PUBLIC_URL}/oncall/you/verify/{signing.dumps([row.pk, row.address], salt=_SALT)}"
    text = (
        f"{row.user.get_username()} wants to be told of alerts at this address.\n\n"
        f"Open this link while signed in to confirm it, within two days:\n{link}\n\n"
        "If this was not you, do nothing: the address is not used."
    )
    mail.send_mail("Confirm this address for alerts · TradeWatch", text, None, [row.address], fail_silently=True)


@transaction.atomic
def verify_address(actor: Actor, token: str) -> ContactAddress:
    """Mark the address that the link was mailed to as verified. Again: unchanged.

    Raises `Invalid` (not our link, expired, removed since) and `NotAllowed` (another person's).
    """
    try:
        pk, address = signing.loads(token, salt=_SALT, max_age=VALID_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        raise Invalid("this link has expired or is not ours; add the address again") from None
    row = ContactAddress.objects.select_for_update().filter(pk=pk, address=address).first()
    if row is None:
        raise Invalid("this address was removed")
    if actor.id != row.user_id:
        raise NotAllowed("this link belongs to another person: sign in as them")
    if row.verified_at is None:
        row.verified_at = timezone.now()
        row.save(update_fields=["verified_at"])
        audit.record(actor, "contact_address.verify", row)
    return row


@transaction.atomic
def remove_address(actor: Actor, row: ContactAddress) -> None:
    """Remove an address and the rules that use it."""
    require_self(actor, row.user_id)
    audit.record(actor, "contact_address.delete", row)
    row.delete()


def require_self(actor: Actor, user_id: int) -> None:
    if not (actor.kind == "user" and actor.id == user_id) and not access.may_everywhere(actor, scope=Scope.ADMIN):
        raise NotAllowed("a person's contact rules are their own")


def _check(row: ContactRule | ContactAddress) -> None:
    try:
        row.clean_fields()
        row.clean()
    except ValidationError as fault:
        messages = fault.message_dict if hasattr(fault, "error_dict") else {"address": fault.messages}
        raise Invalid("bad contact", errors=messages) from None
