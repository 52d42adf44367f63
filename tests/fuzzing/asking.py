"""One operation asked with many cases, each answer held against the document. What a case wrote is taken back."""

import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from django.core.signals import got_request_exception
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzzing.document import read_document

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# They take a batch, and say in the answer which entries they left out and why.
TAKES_THE_GOOD_ONES = {"/performance/metrics"}


@dataclass
class Asked:
    """What came of it. `faults` {what is wrong: the first case and answer that show it}."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        return self.statuses.total()

    @property
    def met(self) -> bool:
        """Whether it ever did what it is for: else nothing of it is shown."""
        return min(self.statuses, default=500) < 300


class _TakenBackError(Exception):
    pass


@dataclass
class Fuzzer:
    """Asks with `headers`; `known` stands for what it would have to guess."""

    headers: Mapping[str, str]
    known: Mapping[str, Any]
    number: int
    examples: int

    def __post_init__(self) -> None:
        self.schema = schemathesis.openapi.from_dict(read_document())
        self.schema.app = get_wsgi_application()
        self.schema.config.generation.with_security_parameters = False

    def ask(self, method: str, path: str, mode: GenerationMode) -> Asked:
        asked, seen = Asked(), 0
        operation = self.schema[path][method.upper()]

        def try_one(case: Case) -> None:
            nonlocal seen
            seen += 1
            if mode.is_positive and seen % 4:  # each fourth stays as it was made: nothing of that name is there
                self._fill_in(case)
            self._send(case, asked)

        _many(try_one, operation.as_strategy(generation_mode=mode), self.examples)
        return asked

    def _fill_in(self, case: Case) -> None:
        for name in case.path_parameters or {}:
            case.path_parameters[name] = self.known.get(name, self.number)
        for place in (case.query, case.body):
            if isinstance(place, dict):
                place.update({name: value for name, value in self.known.items() if name in place})

    def _send(self, case: Case, asked: Asked) -> None:
        with _raised() as raised, _taken_back():
            answer = case.call(headers=dict(self.headers))
        asked.statuses[answer.status_code] += 1
        for kind, text in _faults(case, answer):
            shown = (
                f"{kind}: {text[:700]}\n{case.as_curl_command()[:1500]}\n{answer.content[:500]!r}\n{''.join(raised)}"
            )
            asked.faults.setdefault(f"{kind} {answer.status_code}", shown)


def _many(try_one: Callable[[Case], None], cases: Any, examples: int) -> None:
    """Always the same cases: a change is judged by itself."""
    how = settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with suppress(Unsatisfiable):  # an operation of which nothing can be made wrong
        how(given(cases)(try_one))()


def _faults(case: Case, answer: Any) -> Iterator[tuple[str, str]]:
    checks = [*CHECKS, negative_data_rejection] if _has_to_be_refused(case) else CHECKS
    try:
        case.validate_response(answer, checks=checks)
    except FailureGroup as group:
        yield from ((type(each).__name__, str(each)) for each in group.exceptions)
    except Failure as fault:
        yield type(fault).__name__, str(fault)
    if case.meta and case.meta.generation.mode.is_negative and answer.status_code == 400 and not _names(answer):
        yield "NoFieldNamed", answer.text


def _names(answer: Any) -> list[str]:
    """Return the fields that a refusal names. Alertmanager's clients and PagerDuty's read another shape."""
    said = answer.json()
    return list(said.get("errors", ()))


def _has_to_be_refused(case: Case) -> bool:
    """Not so: an empty parameter, which means that it is not given, and a number where a text is expected.

    An empty list or object in a query is sent as an empty parameter, and of several the last one counts.
    """
    made = str(case.meta.phase.data.description) if case.meta else ""
    is_read_as_text = "was string, became integer" in made or "was string, became number" in made
    is_empty = any(_is_sent_empty(value) for value in (case.query or {}).values())
    return case.path not in TAKES_THE_GOOD_ONES and not is_empty and not is_read_as_text


def _is_sent_empty(value: Any) -> bool:
    if isinstance(value, list) and value:
        return _is_sent_empty(value[-1])
    return value in ("", None, [], {})


@contextmanager
def _taken_back() -> Iterator[None]:
    around = transaction.atomic()
    around._from_testcase = True  # as that of a test: a service that asks to be the outermost is let in
    with suppress(_TakenBackError), around:
        yield
        raise _TakenBackError


@contextmanager
def _raised() -> Iterator[list[str]]:
    """Collect what a view raised: the answer says only that something did."""
    texts: list[str] = []

    def note(sender: object, **told: Any) -> None:
        texts.append(traceback.format_exc()[-2000:])

    got_request_exception.connect(note)
    try:
        yield texts
    finally:
        got_request_exception.disconnect(note)
