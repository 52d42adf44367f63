"""Mail by SMTP; without a server, files under TRADEWATCH_HOME/mails."""

import contextlib
import smtplib
from datetime import datetime

from django.conf import settings as options
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.validators import validate_email

from alerts.channels.kinds import ChannelKind, SettingField, Settings
from alerts.channels.message import Message
from alerts.channels.outcome import Outcome
from alerts.mails import build_mail


def send_email(settings: Settings, message: Message, *, now: datetime) -> Outcome:
    """Send one mail to all addresses in `to`, outside any transaction."""
    connection, is_open = get_connection(), False
    try:
        mail = build_mail(message, to=settings["to"])
        connection.open()
        mail.connection, is_open = connection, True
        mail.send()
    except Exception as error:
        return outcome_of(error, is_open=is_open)
    finally:
        with contextlib.suppress(OSError):  # the mail's fate is known: a farewell that fails does not change it
            connection.close()
    return Outcome(is_sent=True, answer=_accepted())


def outcome_of(error: Exception, *, is_open: bool = False) -> Outcome:
    """Return what an error means. Only a refused address or content is permanent.

    A refused login or sender is our own configuration, which someone may mend while the mail waits. `is_open`: the
    server had greeted us. What breaks after that may break between the mail and the word that it was taken.
    """
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [(code, _text(reply)) for code, reply in error.recipients.values()]
            return _refused(max(code for code, _ in codes), codes[0][1])
        case smtplib.SMTPDataError():
            return _refused(error.smtp_code, _text(error.smtp_error))
        case smtplib.SMTPResponseException():
            return Outcome(is_sent=False, answer=f"{error.smtp_code} {_text(error.smtp_error)}")
        case OSError():  # smtplib's errors are such too
            answer, is_lost = f"{type(error).__name__}: {error}", is_open and _has_broken(error)
            return Outcome(is_sent=False, answer=answer, may_have_arrived=is_lost)
        case ValueError():  # an address or header that cannot be written, BadHeaderError too
            return Outcome(is_sent=False, answer=f"{type(error).__name__}: {error}", is_permanent=True)
        case _:
            return Outcome(is_sent=False, answer=type(error).__name__)


def _has_broken(error: OSError) -> bool:
    """Return whether the dialogue broke off: otherwise it ended with a word."""
    return isinstance(error, smtplib.SMTPServerDisconnected) or not isinstance(error, smtplib.SMTPException)


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
