"""Asks every question of the checklist about an error. Reads alone; nothing is written here."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

from debugging.choices import StepKey
from debugging.contexts.subjects import Subject
from debugging.steps import bursting, checking, committing, deploying, newness, shared, slowness
from debugging.steps.answers import Answer, unknown

logger = logging.getLogger(__name__)


def ask_all(subject: Subject, *, now: datetime) -> list[Answer]:
    """Return an answer to each question, in their order. One that cannot be asked says so; the others stand."""
    questions: Mapping[StepKey, Callable[[Subject], Answer]] = {
        StepKey.NEW_IN_RELEASE: newness.ask,
        StepKey.DEPLOYMENT: deploying.ask,
        StepKey.COMMITS: committing.ask,
        StepKey.SHARED: shared.ask,
        StepKey.SLOW: slowness.ask,
        StepKey.CHECKS: checking.ask,
        StepKey.BURSTS: partial(bursting.ask, now=now),
    }
    return [_ask(key, question, subject) for key, question in questions.items()]


def _ask(key: StepKey, question: Callable[[Subject], Answer], subject: Subject) -> Answer:
    try:
        return question(subject)
    except Exception:
        logger.exception("step failed key=%s error=%s", key, subject.error_id)
        return unknown(key, "TradeWatch failed to answer this; its log says why.")
