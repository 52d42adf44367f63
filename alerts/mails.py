"""The mail of a message: what, since when, likely cause, why you, what happens next, links. Text and HTML."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from alerts.channels.message import Message
from alerts.channels.words import SIMULATED_WORDS, lines_of, repeat_of, seen_in, times_of, title_of
from alerts.choices import AlertSeverity

# The light values of the roles in static/tokens.css: mail clients know neither custom properties nor stylesheets.
_COLOURS = {
    AlertSeverity.CRITICAL: ("#bf1430", "#ffffff"),
    AlertSeverity.ERROR: ("#fdeee5", "#a93c08"),
    AlertSeverity.WARNING: ("#fcf2d9", "#7d5100"),
    AlertSeverity.INFO: ("#e9effc", "#2955c4"),
}
_ENDED_COLOURS = ("#e1f5ed", "#08694e")
_NOTHING_NEXT = "Nothing. If it comes back, a new alert opens and you get a new mail."
_NOBODY_YET = "Nobody has acknowledged it. It stays open until it ends or is resolved, and you are told then."


@dataclass(frozen=True, slots=True)
class MailPage:
    """The finished values that both templates show; empty ones are left out."""

    subject: str
    badge: str
    badge_background: str
    badge_colour: str
    headline: str
    message: str
    lines: Sequence[str]
    seen_in: str
    times: str
    place: str
    likely_cause: str
    why: str
    next: str
    repeat: str
    held: str
    alert_url: str
    subject_url: str
    acknowledge_url: str
    resolve_url: str


def build_mail(message: Message, *, to: Sequence[str]) -> EmailMultiAlternatives:
    page = describe(message)
    mail = EmailMultiAlternatives(
        subject=page.subject,
        body=render_to_string("alerts/mail.txt", {"page": page}).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=list(to),
        headers=_headers(message, to),
    )
    mail.attach_alternative(render_to_string("alerts/mail.html", {"page": page}), "text/html")
    return mail


def describe(message: Message) -> MailPage:
    background, colour = _ENDED_COLOURS if message.has_ended else _COLOURS[AlertSeverity(message.severity)]
    only = message.alerts[0] if len(message.alerts) == 1 else None
    return MailPage(
        subject=title_of(message),
        badge=_badge(message),
        badge_background=background,
        badge_colour=colour,
        headline=message.headline,
        message=message.text or (only.message if only else ""),
        lines=() if message.text else tuple(lines_of(message)),
        seen_in=seen_in(only) if only and not message.text else "",
        times=times_of(message),
        place=message.place,
        likely_cause="" if message.has_ended else message.likely_cause,
        why=message.why,
        next=message.next_step or (_NOTHING_NEXT if message.has_ended else _NOBODY_YET),
        repeat=" ".join(filter(None, [SIMULATED_WORDS if message.is_simulated else "", repeat_of(message)])),
        held=message.held,
        alert_url=message.url,
        subject_url=only.link if only else "",
        acknowledge_url=message.acknowledge_url if message.event == "firing" else "",
        resolve_url="" if message.has_ended else message.resolve_url,
    )


def _badge(message: Message) -> str:
    return {"resolved": "ended", "acknowledged": "acknowledged"}.get(message.event, message.severity)


def _headers(message: Message, to: Sequence[str]) -> dict[str, str]:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return {
        # The same for every attempt of a notification: a receiver that got it before may drop the repeat.
        "Message-ID": f"<notification-{_digest(message.idempotency_key, *to)}@{domain}>",
        # The same for all that is said of one group: mail programs show it as one conversation.
        "References": f"<alert-{_digest(message.dedup_key)}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }


def _digest(*parts: str) -> str:
    """Return the parts as an id that no key can break: keys hold any characters, Message-IDs few."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
