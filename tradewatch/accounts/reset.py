"""Mails about accounts: a link for a new password, which works once and for a day, and news of another address."""

import logging
import threading
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

logger = logging.getLogger(__name__)


def reset_mails(email: str) -> Iterator[EmailMultiAlternatives]:
    """Return a mail for each active staff account with this address (none, most often one)."""
    for user in User.objects.filter(email__iexact=email, is_active=True, is_staff=True).exclude(email="")[:5]:
        yield build_mail(user, "reset")


def build_mail(user: User, kind: str) -> EmailMultiAlternatives:
    """Return the mail `reset` or `invite`. Its link is under TRADEWATCH_URL: a request's Host may be anybody's."""
    subject = {"reset": "Set a new password", "invite": "You are invited"}[kind]
    hours = settings.PASSWORD_RESET_TIMEOUT // 3600
    return _written(user, kind, subject, user.email, link=settings.PUBLIC_URL + _path(user), hours=hours)


def moved_mail(user: User, *, old: str) -> EmailMultiAlternatives:
    """Return the mail that tells the `old` address that the account has another one. Its link lets nobody in."""
    return _written(
        user, "moved", "Your e-mail address was changed", old, link=settings.PUBLIC_URL + reverse("account")
    )


def _written(user: User, kind: str, subject: str, to: str, **more: object) -> EmailMultiAlternatives:
    context = {"user": user, "site": settings.PUBLIC_URL, **more}
    mail = EmailMultiAlternatives(
        subject=f"{subject} · TradeWatch",
        body=render_to_string(f"accounts/mails/{kind}.txt", context).strip() + "\n",
        to=[to],
    )
    mail.attach_alternative(render_to_string(f"accounts/mails/{kind}.html", context), "text/html")
    return mail


def post(mails: list[EmailMultiAlternatives]) -> threading.Thread:
    """Send apart from the request: an answer that waits for SMTP would tell by its time who has an account."""
    thread = threading.Thread(target=_send, args=(mails,), name="password mails", daemon=True)
    thread.start()
    return thread


def _send(mails: list[EmailMultiAlternatives]) -> None:
    for mail in mails:
        try:
            mail.send()
        except OSError as error:  # smtplib's own errors are OSErrors too
            logger.warning("password mail not sent: %s", type(error).__name__)


def _path(user: User) -> str:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("password-reset-confirm", args=[uid, default_token_generator.make_token(user)])
