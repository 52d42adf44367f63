"""Alertmanager's silences in our words and back. Pure.

https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml (postableSilence, gettableSilence)
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from alerts.intake.alertmanager import moment_of
from alerts.matchers import Matcher, MatcherFault, parse_matchers
from tradewatch.core.faults import Invalid
from tradewatch.inbox.kept_items import plain_text

_OPERATORS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}  # (isEqual, isRegex)


@dataclass(frozen=True, slots=True)
class Asked:
    """A silence as it is asked for. `replaces` is the id of the one that it changes."""

    replaces: int | None
    matchers: str
    starts_at: datetime
    ends_at: datetime
    comment: str


def read_silence(body: Any, *, now: datetime) -> Asked:
    """Return what is asked for. Raises `Invalid` with the field; what the matchers mean is checked by the model."""
    if not isinstance(body, dict):
        raise Invalid("bad silence", errors={"body": ["expected an object"]})
    starts_at, ends_at = moment_of(body, "startsAt"), moment_of(body, "endsAt")
    if ends_at is None:
        raise Invalid("bad silence", errors={"endsAt": ["is needed"]})
    given = body.get("id")
    return Asked(
        replaces=id_of(given) if given else None,
        matchers=", ".join(str(matcher) for matcher in _matchers(body.get("matchers"))),
        starts_at=max(starts_at or now, now),
        ends_at=ends_at,
        comment=plain_text(body.get("comment"), 400) or "without a comment, by amtool",
    )


def public_id(pk: int) -> str:
    """Return the id as clients expect one: in the shape of a UUID."""
    return str(UUID(int=pk))


def id_of(text: object) -> int:
    """Return our id. Raises `Invalid` for what `public_id` never gave."""
    try:
        number = UUID(str(text)).int
    except ValueError:
        number = 0
    if not 0 < number < 2**63:
        raise Invalid("bad silence", errors={"id": ["is no silence of ours"]})
    return number


def shown_matchers(text: str) -> list[dict[str, Any]]:
    """Return the matchers of a silence as Alertmanager writes them; none for a text that cannot be read any more."""
    try:
        matchers = parse_matchers(text)
    except MatcherFault:
        return []
    return [
        {
            "name": each.name,
            "value": each.value,
            "isRegex": each.operator.endswith("~"),
            "isEqual": each.operator.startswith("="),
        }
        for each in matchers
    ]


def _matchers(given: Any) -> list[Matcher]:
    if not isinstance(given, list) or not given or not all(isinstance(each, dict) for each in given):
        raise Invalid("bad silence", errors={"matchers": ["expected a list of at least one matcher"]})
    found = []
    for number, each in enumerate(given):
        name, value = each.get("name"), each.get("value")
        if not (isinstance(name, str) and name and isinstance(value, str)):
            raise Invalid("bad silence", errors={f"matchers.{number}": ["expected texts as name and value"]})
        operator = _OPERATORS[bool(each.get("isEqual", True)), bool(each.get("isRegex"))]
        found.append(Matcher(name, operator, value))
    return found
