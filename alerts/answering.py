"""What a signed link leads to, and what its button does: acknowledge or resolve, as whoever the link was sent to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model

from alerts.choices import SEVERITY_RANK, AlertSeverity, AlertState, GroupState
from alerts.links import Link
from alerts.models import Alert, AlertGroup
from alerts.services import acknowledge_alert, acknowledge_group, resolve_alert, resolve_group
from alerts.words import counted
from tradewatch.core.actors import Actor
from tradewatch.core.faults import NotAllowed, Unknown


@dataclass(frozen=True, slots=True)
class Subject:
    """What the page shows. `is_done`: nothing is left for the link to do, and `standing` says why."""

    title: str
    severity: str
    place: str
    message: str
    starts_at: datetime
    standing: str
    is_done: bool
    url: str


def subject_of(link: Link) -> Subject:
    """Return what the link is about as it stands now. Raises `Unknown` when it is past its retention."""
    return _READERS[link.subject](link)


def answer(link: Link, *, address: str | None) -> None:
    """Do what the link allows, once its receiver has pressed the button. Raises what the service refuses."""
    _ANSWERS[link.subject](link, actor_behind(link, address=address))


def actor_behind(link: Link, *, address: str | None) -> Actor:
    """Return the person whom it was sent to, who acts by their rights of today; else the receiver itself.

    An address list or a channel is nobody's account: the signature says that it was told, and that may answer. Who has
    that address plays no part: anybody may write any address into their account. Raises `NotAllowed` for a person whose
    account is closed.
    """
    if link.user_id is None:
        return Actor(kind="system", id=None, label=f"{link.receiver} by a link", address=address)
    person = get_user_model().objects.filter(pk=link.user_id, is_active=True, is_staff=True).first()
    if person is None:
        raise NotAllowed("This link was sent to a person whose account is closed.")
    return Actor(kind="user", id=person.pk, label=person.get_username(), address=address)


def _alert(link: Link) -> Alert:
    alert = Alert.objects.select_related("project").filter(pk=link.subject_id).first()
    if alert is None:
        raise Unknown("This alert is past its retention.")
    return alert


def _read_alert(link: Link) -> Subject:
    alert = _alert(link)
    standing, is_done = _standing_of(alert, link)
    return Subject(
        title=alert.title,
        severity=alert.severity,
        place=f"{alert.project.name} {alert.environment}".strip(),
        message=alert.message,
        starts_at=alert.starts_at,
        standing=standing,
        is_done=is_done,
        url=alert.get_absolute_url(),
    )


def _standing_of(alert: Alert, link: Link) -> tuple[str, bool]:
    if not alert.is_open:
        return alert.ending or "It has ended.", True
    if alert.state == AlertState.ACKNOWLEDGED:
        return f"{alert.acknowledged_by} has it.", link.action == "acknowledge"
    return "Nobody has acknowledged it.", False


def _answer_alert(link: Link, actor: Actor) -> None:
    act = acknowledge_alert if link.action == "acknowledge" else resolve_alert
    act(actor, _alert(link), "by the link in a message")


def _group(link: Link) -> AlertGroup:
    group = AlertGroup.objects.select_related("project").filter(pk=link.subject_id).first()
    if group is None:
        raise Unknown("This is past its retention.")
    return group


def _read_group(link: Link) -> Subject:
    """The group as its worst open alert; once all has ended, as the one that ended last."""
    group = _group(link)
    alerts = list(Alert.objects.filter(memberships__group=group))
    still_open = [alert for alert in alerts if alert.is_open]
    if not alerts:
        raise Unknown("This is past its retention.")
    shown = max(still_open or alerts, key=lambda alert: (SEVERITY_RANK[AlertSeverity(alert.severity)], alert.pk))
    others = len(still_open) - 1
    standing, is_done = _standing_of(shown, link)
    if still_open and group.state == GroupState.ACKNOWLEDGED:
        standing, is_done = f"{group.acknowledged_by} has it.", link.action == "acknowledge"
    return Subject(
        title=shown.title + (f" and {counted(others, 'other')}" if others > 0 else ""),
        severity=shown.severity,
        place=f"{group.project.name} {shown.environment}".strip(),
        message=shown.message,
        starts_at=min(alert.starts_at for alert in still_open or alerts),
        standing=standing,
        is_done=is_done,
        url=shown.get_absolute_url(),
    )


def _answer_group(link: Link, actor: Actor) -> None:
    if link.action == "acknowledge":
        acknowledge_group(actor, _group(link), "by the link in a message")
        return
    resolve_group(actor, _group(link), "by the link in a message")


_READERS: dict[str, Callable[[Link], Subject]] = {"alert": _read_alert, "group": _read_group}
_ANSWERS: dict[str, Callable[[Link, Actor], None]] = {"alert": _answer_alert, "group": _answer_group}
