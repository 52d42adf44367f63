"""Errors inside TradeWatch's own digest: kept in a table here, never sent into the inbox that failed."""

import logging
from datetime import datetime
from traceback import extract_tb

from django.db import DatabaseError, transaction

from tradewatch.errors.models import InternalError

logger = logging.getLogger(__name__)


def note_internal_error(where: str, error: BaseException, *, now: datetime) -> None:
    """Keep that `error` happened in `where`. Never raises: it is called while handling something else.

    The text is types and places: an exception's own words may quote a payload.
    """
    logger.error("internal error where=%s type=%s", where, type(error).__name__)
    try:
        with transaction.atomic():
            InternalError.objects.create(at=now, where=where[:200], text=_trip(error))
    except DatabaseError:
        logger.exception("internal error could not be kept where=%s", where)


def _trip(error: BaseException) -> str:
    lines = [type(error).__name__]
    lines += [f"  {frame.name} ({frame.filename}:{frame.lineno})" for frame in extract_tb(error.__traceback__)]
    cause = error.__cause__ or error.__context__
    return "\n".join([*lines, "caused by", _trip(cause)] if cause is not None else lines)
