"""A mail server that takes the first mail of a process and refuses the second."""

import smtplib
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend


class SecondMailRefused(BaseEmailBackend):
    sent = 0

    def send_messages(self, messages: Any) -> int:
        if SecondMailRefused.sent:
            raise smtplib.SMTPServerDisconnected("gone")
        SecondMailRefused.sent += 1
        return len(messages)
