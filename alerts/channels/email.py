"""Mail by SMTP; without a server, files under TRADEWATCH_HOME/mails."""

import smtplib
from datetime import datetime

from django.conf import settings as options
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from alerts.channels.kinds import ChannelKind, SettingField, Settings
from alerts.channels.message import Message
from alerts.channels.outcome import Outcome
from alerts.mails import build_mail


def send_email(settings: Settings, message: Message, *, now: datetime) -> Outcome:
    """Send one mail to all addresses in `to`, outside any transaction."""
    try:
        build_mail(message, to=settings["to"]).send()
    except Exception as error:
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
    if options.EMAIL_HOST:
        return f"accepted by {options.EMAIL_HOST}"
    return "written to a file: no SMTP server is set"


def _fault_in_address(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError:
        return f"{address} is no e-mail address"
    return ""


EMAIL = ChannelKind(
    name="email",
    label="E-mail",
    phrase="by e-mail",
    send=send_email,
    fields=(SettingField(name="to", label="Addresses", help="One a line.", check=_fault_in_address, is_list=True),),
)
