"""Mail by SMTP; without a server, files under TRADEWATCH_HOME/mails."""

import logging
import smtplib
from datetime import datetime

from django.conf import settings

from alerts.channels.outcome import Outcome
from alerts.mails import build_mail
from alerts.models import Notification
from alerts.queries import held_since_last_mail

logger = logging.getLogger(__name__)


def send_email(notification: Notification, *, now: datetime) -> Outcome:
    """Send the mail, outside any transaction. Never raises: whatever goes wrong must settle the notification."""
    try:
        held = held_since_last_mail(notification.target, notification.alert.project_id, now=now)
        build_mail(notification, held=held).send()
    except Exception as error:
        # Without the text of the error: it may repeat addresses.
        logger.warning(
            "mail failed alert=%s notification=%s attempt=%s error=%s",
            notification.alert_id,
            notification.pk,
            notification.attempts,
            type(error).__name__,
        )
        return outcome_of(error)
    return Outcome(is_sent=True, answer=_accepted())


def outcome_of(error: Exception) -> Outcome:
    """Return what an error means. Only a refused address or content is permanent.

    A refused login or sender is our own configuration, which someone may mend while the mail waits.
    """
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [(code, _text(reply)) for code, reply in error.recipients.values()]
            return _refused(max(code for code, _ in codes), codes[0][1])
        case smtplib.SMTPDataError():
            return _refused(error.smtp_code, _text(error.smtp_error))
        case smtplib.SMTPResponseException():
            return Outcome(is_sent=False, answer=f"{error.smtp_code} {_text(error.smtp_error)}")
        case OSError() | smtplib.SMTPException():
            return Outcome(is_sent=False, answer=f"{type(error).__name__}: {error}")
        case ValueError():  # an address or header that cannot be written, BadHeaderError too
            return Outcome(is_sent=False, answer=f"{type(error).__name__}: {error}", is_permanent=True)
        case _:
            return Outcome(is_sent=False, answer=type(error).__name__)


def _refused(code: int, text: str) -> Outcome:
    return Outcome(is_sent=False, answer=f"{code} {text}", is_permanent=code >= 500)


def _text(reply: bytes | str) -> str:
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply


def _accepted() -> str:
    if settings.EMAIL_HOST:
        return f"accepted by {settings.EMAIL_HOST}"
    return "written to a file: no SMTP server is set"
