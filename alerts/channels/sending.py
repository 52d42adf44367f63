"""One attempt, whatever the kind: words from the channel's template, no exception, no secret in what is kept."""

import logging
from dataclasses import replace
from datetime import datetime

from alerts.channels import CHANNELS
from alerts.channels.http import redact
from alerts.channels.kinds import Settings
from alerts.channels.message import Message
from alerts.channels.outcome import Outcome
from alerts.channels.templates import Words, apply_words
from alerts.channels.words import mark_simulated
from alerts.words import one_line

logger = logging.getLogger(__name__)
ANSWER_CHARACTERS = 300


def send_message(
    kind_name: str, settings: Settings, message: Message, *, now: datetime, words: Words | None = None
) -> Outcome:
    """Send `message` outside any transaction and return what came of it. Never raises: it must be settled.

    `words` are the channel's templates; one that fails on this message gives way to the usual words, which is said.
    """
    kind = CHANNELS.get(kind_name)
    if kind is None:
        return Outcome(is_sent=False, answer=f"there is no channel of the kind {kind_name}", is_permanent=True)
    worded, fault = apply_words(message, words)
    worded = mark_simulated(worded)
    try:
        outcome = kind.send(settings, worded, now=now)
    except Exception as error:
        # Without the text of the error: it may repeat addresses and keys.
        logger.warning("channel failed kind=%s error=%s", kind_name, type(error).__name__)
        outcome = Outcome(is_sent=False, answer=type(error).__name__)
    secrets = [str(settings.get(name) or "") for name in kind.secret_names]
    answer = redact(outcome.answer, secrets) + (f" ({fault}, sent in the usual words)" if fault else "")
    return replace(outcome, answer=one_line(answer, limit=ANSWER_CHARACTERS))
