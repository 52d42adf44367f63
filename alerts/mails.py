"""The mail about an alert: what, since when, likely cause, why you, what happens next, two links. Text and HTML."""

from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from alerts.choices import AlertSeverity, DeliveryEvent
from alerts.models import Alert, Notification
from alerts.words import moment_words, one_line

# The light values of the roles in static/tokens.css: mail clients know neither custom properties nor stylesheets.
_COLOURS = {
    AlertSeverity.CRITICAL: ("#bf1430", "#ffffff"),
    AlertSeverity.ERROR: ("#fdeee5", "#a93c08"),
    AlertSeverity.WARNING: ("#fcf2d9", "#7d5100"),
    AlertSeverity.INFO: ("#e9effc", "#2955c4"),
}
_ENDED_COLOURS = ("#e1f5ed", "#08694e")


@dataclass(frozen=True, slots=True)
class MailPage:
    """The finished values that both templates show; empty strings are left out."""

    subject: str
    badge: str
    badge_background: str
    badge_colour: str
    headline: str
    message: str
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


def build_mail(notification: Notification, *, held: int = 0) -> EmailMultiAlternatives:
    """Return the mail of a notification; `held` alerts of the project got none since the one before."""
    page = describe(notification, held=held)
    mail = EmailMultiAlternatives(
        subject=page.subject,
        body=render_to_string("alerts/mail.txt", {"page": page}).strip() + "\n",
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[notification.target],
        headers=_headers(notification),
    )
    mail.attach_alternative(render_to_string("alerts/mail.html", {"page": page}), "text/html")
    return mail


def describe(notification: Notification, *, held: int = 0) -> MailPage:
    alert = notification.alert
    has_ended = notification.event == DeliveryEvent.RESOLVED
    background, colour = _ENDED_COLOURS if has_ended else _COLOURS[AlertSeverity(alert.severity)]
    return MailPage(
        subject=subject_of(notification),
        badge="ended" if has_ended else alert.severity,
        badge_background=background,
        badge_colour=colour,
        headline=alert.ending if has_ended else alert.title,
        message=alert.message,
        seen_in=_seen_in(alert),
        times=_times(alert, has_ended=has_ended),
        place=_place(alert),
        likely_cause="" if has_ended else str(alert.metadata.get("likely_cause", "")),
        why=notification.why,
        next=_next(alert, has_ended=has_ended),
        repeat=_repeat(notification),
        held=_held(held),
        alert_url=settings.PUBLIC_URL + alert.get_absolute_url(),
        subject_url=settings.PUBLIC_URL + alert.link if alert.link.startswith("/") else alert.link,
    )


def subject_of(notification: Notification) -> str:
    """Return the subject: one line whatever the title holds, so that it cannot add headers."""
    alert = notification.alert
    line = alert.ending if notification.event == DeliveryEvent.RESOLVED else f"[{alert.severity}] {alert.title}"
    repeat = " (possible repeat)" if notification.may_be_repeat else ""
    return f"{one_line(line, limit=150)} · {one_line(_place(alert), limit=80)}{repeat}"


def _headers(notification: Notification) -> dict[str, str]:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    thread = f"<alert-{notification.alert_id}@{domain}>"
    return {
        # The same for every attempt of a notification: a receiver that got it before may drop the repeat.
        "Message-ID": f"<notification-{notification.pk}@{domain}>",
        "References": thread,  # mail programs show firing and end as one conversation
        "Auto-Submitted": "auto-generated",
    }


def _place(alert: Alert) -> str:
    return f"{alert.project.name} {alert.environment}".strip()


def _seen_in(alert: Alert) -> str:
    """Return where in the application it is, by the tags that its news carried."""
    release = alert.tags.get("release")
    parts = [alert.tags.get("transaction") or alert.tags.get("culprit"), f"release {release}" if release else ""]
    return ", ".join(str(part) for part in parts if part)


def _times(alert: Alert, *, has_ended: bool) -> str:
    since = f"Since {moment_words(alert.starts_at)}"
    if has_ended and alert.resolved_at is not None:
        return f"{since}, until {moment_words(alert.resolved_at)}"
    return since if alert.count == 1 else f"{since}, {alert.count:,} times"


def _next(alert: Alert, *, has_ended: bool) -> str:
    if has_ended:
        return "Nothing. If it comes back, a new alert opens and you get a new mail."
    if alert.acknowledged_by:
        return f"Acknowledged by {alert.acknowledged_by}. You are told when it ends."
    return "Nobody has acknowledged it. It stays open until it ends or is resolved, and you are told then."


def _repeat(notification: Notification) -> str:
    if not notification.may_be_repeat:
        return ""
    return "Possible repeat: it is not known whether an earlier attempt of this mail arrived."


def _held(held: int) -> str:
    if not held:
        return ""
    alerts = "1 alert" if held == 1 else f"{held} alerts"
    return f"{alerts} of this project got no mail since the last one: too many within the hour."
