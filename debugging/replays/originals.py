"""What is known of the answer that the original request got: mostly its status and how long it took, seldom more.

An SDK sends the request with an error, and not the answer. What is not known is told so, never guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from debugging.choices import Reproduced
from debugging.contexts.subjects import Subject
from debugging.models import DebugSession, Replay
from debugging.requests.shapes import Pairs
from tradewatch.core.shapes import mapping, values_of
from tradewatch.performance.models import KeptTransaction
from tradewatch.performance.traces.kept_queries import document_of

UNHANDLED = "an error that nobody handles ends a request with 500"
TRACE = "the trace of the error"
EVENT = "the error's event"


@dataclass(frozen=True, slots=True)
class Part:
    """`source` empty: it is not known."""

    value: Any = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Original:
    """`headers` and `body` (its text) are those of an earlier replay that brought the error back, where there is one:
    `source` says which."""

    status: Part = Part()
    seconds: Part = Part()
    headers: Part = Part()
    body: Part = Part()


def original_of(subject: Subject, session: DebugSession, replay: Replay) -> Original:
    transaction = _transaction_of(subject)
    answered = _answer_before(session, replay)
    status = _status(subject.document, transaction)
    if not status.source and answered is not None and answered.response:
        status = Part(answered.response["status"], _replay_words(answered))
    seconds = Part(transaction.seconds, TRACE) if transaction and transaction.seconds is not None else Part()
    if answered is None or not answered.response:
        return Original(status, seconds)
    source = _replay_words(answered)
    headers: Pairs = tuple((name, value) for name, value in answered.response["headers"])
    return Original(status, seconds, Part(headers, source), Part(answered.response["body"], source))


def is_unhandled(document: Mapping[str, Any]) -> bool:
    """Return whether the error ended what it happened in: its SDK says that nobody handled it."""
    thrown = values_of(document.get("exception"))
    return any(mapping(each.get("mechanism")).get("handled") is False for each in thrown)


def _status(document: Mapping[str, Any], transaction: KeptTransaction | None) -> Part:
    told = mapping(mapping(document.get("contexts")).get("response")).get("status_code")
    if (status := _plain(told)) is not None:
        return Part(status, EVENT)
    if transaction is not None:
        contexts = mapping(document_of(transaction).get("contexts"))
        data = mapping(mapping(contexts.get("trace")).get("data"))
        for told in (mapping(contexts.get("response")).get("status_code"), data.get("http.response.status_code")):
            if (status := _plain(told)) is not None:
                return Part(status, TRACE)
    return Part(500, UNHANDLED) if is_unhandled(document) else Part()


def _plain(status: object) -> int | None:
    text = str(status) if isinstance(status, int | str) and not isinstance(status, bool) else ""
    return int(text) if len(text) == 3 and text.isascii() and text.isdigit() else None


def _transaction_of(subject: Subject) -> KeptTransaction | None:
    """Return the request's own part of the error's trace, where it was kept: the one that began first."""
    if not subject.trace_id or not subject.transaction:
        return None
    rows = KeptTransaction.objects.filter(
        trace_id=subject.trace_id, project=subject.project, name=subject.transaction, environment=subject.environment
    )
    return rows.select_related("stored").order_by("started_at", "pk").first()


def _answer_before(session: DebugSession, replay: Replay) -> Replay | None:
    """Return the newest earlier replay that brought the error back, at the same target before others."""
    rows = Replay.objects.filter(session=session, reproduced=Reproduced.YES, pk__lt=replay.pk, response__isnull=False)
    here = rows.filter(target_name=replay.target_name)
    return here.order_by("-pk").first() or rows.order_by("-pk").first()


def _replay_words(replay: Replay) -> str:
    return f"replay {replay.pk} at {replay.target_name}, which brought the error back"
