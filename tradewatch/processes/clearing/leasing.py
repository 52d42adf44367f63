"""Lets one turn clear at a time: ticks that waited start together, in the threads of one worker or in several."""

import contextlib
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Q

from tradewatch.core.models import Pulse

logger = logging.getLogger(__name__)

NAME = "clearing"
LASTS = timedelta(seconds=30)  # a turn takes four and the step that it is at; so long others wait should it be killed


@contextlib.contextmanager
def lease(now: datetime) -> Iterator[bool]:
    """Yield whether the turn is ours; False while another clears.

    On a full disk the lease may fail to be written: that must keep nothing from being cleared.
    """
    until = now + LASTS
    try:
        is_ours = _claim(until, now=now)
    except DatabaseError as error:
        logger.warning("clearing goes on without a lease error=%s", type(error).__name__)
        is_ours = True
    try:
        yield is_ours
    finally:
        if is_ours:
            _give_back(until)


def _claim(until: datetime, *, now: datetime) -> bool:
    has_ended = Q(at__lte=now) | Q(at__gt=until + LASTS)  # so far ahead: the clock was set back since
    if Pulse.objects.filter(has_ended, name=NAME).update(at=until):
        return True
    return Pulse.objects.get_or_create(name=NAME, defaults={"at": until})[1]


def _give_back(until: datetime) -> None:
    with contextlib.suppress(DatabaseError):  # it ends by itself
        Pulse.objects.filter(name=NAME, at=until).delete()
