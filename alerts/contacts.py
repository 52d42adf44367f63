"""How a person is reached: their own contact rules by severity, else their account's e-mail at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth import get_user_model

from alerts.choices import ContactMethod
from alerts.models import ContactRule

DEFAULT_WORDS = "E-mail to the account's address at once"


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to one person: an e-mail `address`, or a channel of theirs; `delay` from the moment of the step."""

    user_id: int
    delay: timedelta
    address: str = ""
    channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class Contacts:
    """`unreachable` are people (ids) for whom there is no way at all."""

    contacts: tuple[Contact, ...]
    unreachable: tuple[int, ...] = ()


def contacts_of(user_ids: Iterable[int], severity: str) -> Contacts:
    """Return how each person is reached for an alert of `severity`, soonest first, each way once."""
    wanted = list(dict.fromkeys(user_ids))
    people = get_user_model().objects.filter(pk__in=wanted, is_active=True).in_bulk()
    rules = rules_for(wanted, severity)
    found: list[Contact] = []
    unreachable: list[int] = []
    for user_id in wanted:
        person = people.get(user_id)
        own = _each_once(_contact(rule, person.email) for rule in rules.get(user_id, [])) if person else []
        if not own and person and person.email:
            own = [Contact(user_id, timedelta(0), person.email)]  # rules that lead nowhere must not lose the page
        found.extend(own)
        unreachable.extend([] if own else [user_id])
    return Contacts(tuple(found), tuple(unreachable))


def rules_for(user_ids: Iterable[int], severity: str) -> dict[int, list[ContactRule]]:
    """Return each person's rules for a severity: those that name it, else those for all."""
    rows = ContactRule.objects.filter(user_id__in=list(user_ids), severity__in=(severity, ""))
    by_person: dict[int, list[ContactRule]] = {}
    for rule in rows.select_related("address", "channel").order_by("delay_seconds", "id"):
        by_person.setdefault(rule.user_id, []).append(rule)
    return {user_id: [rule for rule in rules if rule.severity] or rules for user_id, rules in by_person.items()}


def rule_words(rule: ContactRule) -> str:
    """Return `E-mail at once` or `Pager of Jonas after 10 min`."""
    how = str(rule.channel) if rule.channel else f"E-mail to {rule.address}" if rule.address else "E-mail"
    minutes, seconds = divmod(rule.delay_seconds, 60)
    after = f"{minutes} min" if not seconds else f"{rule.delay_seconds} s"
    return f"{how} after {after}" if rule.delay_seconds else f"{how} at once"


def _contact(rule: ContactRule, account_address: str) -> Contact | None:
    delay = timedelta(seconds=rule.delay_seconds)
    if rule.method == ContactMethod.CHANNEL:
        usable = rule.channel is not None and rule.channel.is_enabled and rule.channel.owner_id == rule.user_id
        return Contact(rule.user_id, delay, channel_id=rule.channel_id) if usable else None
    address = rule.address.address if rule.address and rule.address.verified_at else account_address
    return Contact(rule.user_id, delay, address) if address else None


def _each_once(contacts: Iterable[Contact | None]) -> list[Contact]:
    """Keep the first, soonest, of each way."""
    found: dict[tuple[str, int | None], Contact] = {}
    for contact in contacts:
        if contact is not None:
            found.setdefault((contact.address.lower(), contact.channel_id), contact)
    return list(found.values())
