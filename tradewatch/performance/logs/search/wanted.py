"""Terms -> what is wanted of a line. Each key says how its values are understood; an unknown key is an attribute."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tradewatch.errors.search.faults import BadQuery
from tradewatch.errors.search.terms import Term, parse
from tradewatch.errors.search.values import Value
from tradewatch.performance.logs.lines import LEVELS, Scalar, level_bit, level_of
from tradewatch.performance.logs.reading import hex_id
from tradewatch.performance.logs.search.checks import (
    AnyOf,
    Check,
    Fits,
    Not,
    OfEnvironment,
    OfLevel,
    OfSpan,
    OfTrace,
    WithAttribute,
    WithText,
)

Build = Callable[[str, Value], Check]

RELEASE, LOGGER = "sentry.release", "logger.name"
_WORDS = {**dict.fromkeys(LEVELS), "warning": "warn", "critical": "fatal"}
_SEVERITIES = range(1, 25)
_COSTS = (OfEnvironment, OfLevel, OfTrace, OfSpan, WithAttribute)  # the cheaper first; texts come last


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a query asks for. `levels` (bits; 0: any) and `trace_id` let the database leave out whole blocks.

    `is_countable`: it asks for levels at most, which the counters answer without a look at any line.
    """

    checks: tuple[Check, ...] = ()
    levels: int = 0
    trace_id: str = ""

    @property
    def is_countable(self) -> bool:
        return all(isinstance(check, OfLevel) for check in self.checks)


def wanted_of(query: str) -> Wanted:
    """Return what `query` asks for. Raises `BadQuery`, and nothing else."""
    return wanted_by(parse(query))


def wanted_by(terms: Sequence[Term]) -> Wanted:
    checks = sorted((_check_of(term) for term in terms), key=_cost)
    levels, trace_ids = frozenset(_SEVERITIES), set()
    for check in checks:
        if isinstance(check, OfLevel):
            levels &= check.severities
        elif isinstance(check, OfTrace) and len(check.ids) == 1:
            trace_ids.add(next(iter(check.ids)).hex())
    bits = 0
    for severity in levels:
        bits |= level_bit(level_of(severity))
    return Wanted(
        checks=tuple(checks),
        levels=0 if len(levels) == len(_SEVERITIES) else bits,
        trace_id=min(trace_ids, default=""),
    )


def _cost(check: Check) -> int:
    return _COSTS.index(type(check)) if isinstance(check, _COSTS) else len(_COSTS)


def _check_of(term: Term) -> Check:
    key = _ALIASES.get(term.key.lower(), term.key)
    known = KEYS.get(key.lower())
    build = known.build if known else _attribute
    checks = [build(key, value) for value in term.values] if term.key else [_free_text(term.values[0])]
    if all(isinstance(check, OfLevel) for check in checks):
        severities = frozenset().union(*(check.severities for check in checks if isinstance(check, OfLevel)))
        return OfLevel(frozenset(_SEVERITIES) - severities if term.is_negated else severities)
    found = checks[0] if len(checks) == 1 else AnyOf(tuple(checks))
    return Not(found) if term.is_negated else found


def _free_text(value: Value) -> Check:
    """In the message, in any case. Who pastes a trace id is looking for the trace."""
    text = _text("", value)
    trace_id = hex_id(value.text, 32)
    return AnyOf((OfTrace(frozenset({bytes.fromhex(trace_id)})), text)) if trace_id else text


# --- keys -------------------------------------------------------------------------------------------------------------
def _text(key: str, value: Value) -> Check:
    parts = tuple(part.lower() for part in _plain(value).parts if part)
    return WithText(parts)


def _level(key: str, value: Value) -> Check:
    asked = value.text.lower()
    if not value.is_exact or asked not in _WORDS:
        raise BadQuery(value.at, "one of " + ", ".join(LEVELS), found=value.text)
    place = LEVELS.index(_WORDS[asked] or asked)
    compares: Mapping[str, Callable[[int], bool]] = {
        "": lambda at: at == place,
        ">": lambda at: at > place,
        ">=": lambda at: at >= place,
        "<": lambda at: at < place,
        "<=": lambda at: at <= place,
    }
    chosen = compares[value.operator]
    return OfLevel(frozenset(each for each in _SEVERITIES if chosen(LEVELS.index(level_of(each)))))


def _trace(key: str, value: Value) -> Check:
    return OfTrace(_ids(value, 32))


def _span(key: str, value: Value) -> Check:
    return OfSpan(_ids(value, 16))


def _ids(value: Value, digits: int) -> frozenset[bytes]:
    found = hex_id(_plain(value).text, digits)
    if not found:
        raise BadQuery(value.at, f"an id of {digits} hex digits", found=value.text)
    return frozenset({bytes.fromhex(found)})


def _environment(key: str, value: Value) -> Check:
    return OfEnvironment(_shape(_plain(value)))


def _has(key: str, value: Value) -> Check:
    if not _plain(value).is_exact:
        raise BadQuery(value.at, "the whole name of an attribute", found=value.text)
    return WithAttribute(_ALIASES.get(value.text.lower(), value.text), lambda _: True)


def _attribute(key: str, value: Value) -> Check:
    return WithAttribute(key, _comparison(value) if value.operator else _shape(value))


def _comparison(value: Value) -> Fits:
    try:
        bound = float(value.text)
    except ValueError:
        raise BadQuery(value.at, "a number such as >100", found=value.text) from None
    compares: Mapping[str, Callable[[float], bool]] = {
        ">": lambda number: number > bound,
        ">=": lambda number: number >= bound,
        "<": lambda number: number < bound,
        "<=": lambda number: number <= bound,
    }
    compare = compares[value.operator]
    return lambda met: type(met) in (int, float) and compare(float(met))  # type: ignore[arg-type]  # a number


def _shape(value: Value) -> Fits:
    """Return the test for one text, in this very case, `*` standing for anything; a number is one however written."""
    if not value.is_exact:
        return lambda met: _has_shape(value.parts, _written(met))
    text, number = value.text, _number(value.text)
    if number is None:
        return lambda met: _written(met) == text
    return lambda met: float(met) == number if type(met) in (int, float) else _written(met) == text  # type: ignore[arg-type]  # a number


def _written(met: Scalar) -> str:
    if isinstance(met, bool):
        return "true" if met else "false"
    return str(met)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _has_shape(parts: Sequence[str], text: str) -> bool:
    first, *between, last = parts
    if not (text.startswith(first) and text.endswith(last) and len(text) >= len(first) + len(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in between:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


def _plain(value: Value) -> Value:
    if value.operator:
        raise BadQuery(value.at, f'a value without {value.operator} ("{value.operator}" in quotes is a text)')
    return value


@dataclass(frozen=True, slots=True)
class Key:
    """A key with a meaning of its own. `words`: all the values there are, empty where any text is one."""

    says: str
    example: str
    build: Build
    words: tuple[str, ...] = ()


KEYS: Mapping[str, Key] = {
    "level": Key("level of the line, or from one on", "level:>=warn", _level, LEVELS),
    "message": Key("text anywhere in the message", 'message:"margin call"', _text),
    "trace": Key("all of one trace", "trace:4ea045a35c3647899371e25826f9209e", _trace),
    "span": Key("all of one span", "span:bc481e700ee04068", _span),
    "environment": Key("where it was logged", "environment:production", _environment),
    LOGGER: Key("logger, also `logger`", "logger:app.orders*", _attribute),
    RELEASE: Key("release, also `release`", "release:1.2*", _attribute),
    "has": Key("the line has this attribute", "has:symbol", _has),
}
_ALIASES = {
    "severity": "level",
    "body": "message",
    "text": "message",
    "trace_id": "trace",
    "span_id": "span",
    "env": "environment",
    "logger": LOGGER,
    "release": RELEASE,
}
