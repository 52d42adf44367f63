"""A real SMTP server in a thread, which keeps what it takes and refuses what it is told to."""

import contextlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.backends import free_port


class Mailbox:
    """`refusals` are answers to RCPT, used up one by one; `data_refusals` the same after the body.

    `lost_answers`: so many mails are taken and then the connection breaks before the sender learns of it.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refusals: list[str] = []
        self.data_refusals: list[str] = []
        self.lost_answers = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.data_refusals:
            return self.data_refusals.pop(0)
        self.recipients += envelope.rcpt_tos
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.lost_answers:
            self.lost_answers -= 1
            server.transport.abort()
        return "250 taken"


def subject(mail: EmailMessage) -> str:
    return str(mail["Subject"]).strip()  # a folded header starts with the fold's space


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@contextlib.contextmanager
def running_mailbox(settings: Any) -> Iterator[Mailbox]:
    """Yield a mailbox that the settings point at."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
        settings.EMAIL_USE_TLS = False
        yield box
    finally:
        controller.stop()
