"""Channels: saved with their settings checked, tried out, audited. Never a setting in the audit: most are secrets."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings as options
from django.db import transaction
from django.db.models import Q, QuerySet

from alerts.channels import CHANNELS
from alerts.channels.kinds import faults_in
from alerts.channels.message import Message
from alerts.channels.outcome import Outcome
from alerts.channels.samples import sample_messages
from alerts.channels.sending import send_message
from alerts.channels.templates import Words, fault_in_template
from alerts.models import NotificationChannel
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.services.rules import require_rule_manager, save_rule


def channels_of(project_id: int) -> QuerySet[NotificationChannel]:
    """Return the channels that a project may use: its own, and those of the whole installation."""
    return NotificationChannel.objects.filter(Q(project=project_id) | Q(project=None))


def words_of(channel: NotificationChannel) -> Words:
    return Words(channel.title_template, channel.text_template)


def check_channel(channel: NotificationChannel, *, now: datetime) -> None:
    """Raise `Invalid` with what is wrong, by field: settings by their own names, templates with their line."""
    kind = CHANNELS.get(channel.kind)
    if kind is None:
        raise Invalid("bad channel", errors={"kind": [f"expected one of {', '.join(CHANNELS)}"]})
    errors = faults_in(kind, channel.settings)
    samples = sample_messages(now=now, public_url=options.PUBLIC_URL)
    for field in ("title_template", "text_template"):
        if fault := fault_in_template(getattr(channel, field), samples):
            errors[field] = [fault]
    if errors:
        raise Invalid("bad channel", errors=errors)


def save_channel(
    actor: Actor, channel: NotificationChannel, *, was_in: int | None, changed: Sequence[str], now: datetime
) -> None:
    """Save a checked channel. `changed` names fields and settings for the audit, without their values."""
    check_channel(channel, now=now)
    save_rule(actor, channel, was_in=was_in, changes={name: ["", "changed"] for name in changed})


@transaction.atomic
def rotate_secrets(actor: Actor, channel: NotificationChannel) -> dict[str, str]:
    """Give the channel new secrets where its kind makes them; those before go on signing beside them.

    Returns {label: new secret}, to be shown once. Raises `NotAllowed`, and `Conflict` where the kind makes none.
    """
    require_rule_manager(actor, channel.project_id)
    row = NotificationChannel.objects.select_for_update().get(pk=channel.pk)
    settings, made = row.settings, dict[str, str]()
    for field in CHANNELS[row.kind].fields if row.kind in CHANNELS else ():
        if field.make and field.rotates_into:
            settings[field.rotates_into], settings[field.name] = settings.get(field.name, ""), field.make()
            made[field.label] = settings[field.name]
    if not made:
        raise Conflict("this kind of channel has no secret of ours: enter the new one in its form")
    row.settings = settings
    row.save(update_fields=["encrypted_settings"])
    audit.record(actor, "channel.rotate", row, project_id=row.project_id)
    return made


def try_channel(
    actor: Actor, channel: NotificationChannel, message: Message, *, words: Words, now: datetime
) -> Outcome:
    """Send `message` now and return the receiver's answer, outside any transaction. Raises `NotAllowed`."""
    require_rule_manager(actor, channel.project_id)
    outcome = send_message(channel.kind, channel.settings, message, now=now, words=words)
    keep_answer(actor, channel, outcome, now=now)
    return outcome


@transaction.atomic
def keep_answer(actor: Actor, channel: NotificationChannel, outcome: Outcome, *, now: datetime) -> None:
    channel.last_tested_at, channel.last_answer = now, outcome.answer[:300]
    channel.save(update_fields=["last_tested_at", "last_answer"])
    changes = {"answer": ["", outcome.answer]}
    audit.record(actor, "channel.test", channel, project_id=channel.project_id, changes=changes)


def visible_channels(actor: Actor) -> QuerySet[NotificationChannel]:
    """Return the channels that `actor` may know of."""
    visible = access.visible_projects(actor).values_list("id", flat=True)
    return NotificationChannel.objects.filter(Q(project=None) | Q(project__in=list(visible)))


def require_tester(actor: Actor, project_id: int) -> None:
    access.require(actor, project_id, Role.RESPONDER, scope=Scope.ALERTS_WRITE)


def settings_to_save(channel: NotificationChannel, entered: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the settings, and {label: secret} of those made here, to be shown once.

    A secret that was left empty stays as it is; other empty ones are dropped.
    """
    kind, kept = CHANNELS[channel.kind], channel.settings
    values = {name: value for name, value in entered.items() if value}
    settings = {**{name: kept[name] for name in kind.secret_names if kept.get(name)}, **values}
    made = {field: field.make() for field in kind.fields if field.make and field.name not in settings}
    return {**settings, **{field.name: value for field, value in made.items()}}, {f.label: v for f, v in made.items()}
