"""The `filter` of Alertmanager's API: one matcher each, as amtool writes it, e.g. `alertname="Disk"`. Pure."""

import re
from collections.abc import Mapping, Sequence

import re2

from tradewatch.core.faults import Invalid

_MATCHER = re.compile(r'\s*"?([^"=!~]+?)"?\s*(=~|!~|!=|=)\s*(.*?)\s*', re.S)


def keeps(filters: Sequence[str], labels: Mapping[str, str]) -> bool:
    """Return whether the labels match every filter; a missing label is the empty text. Raises `Invalid`."""
    return all(_matches(text, labels) for text in filters)


def _matches(text: str, labels: Mapping[str, str]) -> bool:
    found = _MATCHER.fullmatch(text)
    if found is None:
        raise Invalid("bad filter", errors={"filter": [f'expected name="value", not {text[:100]}']})
    name, operator, value = found.groups()
    value = re.sub(r"\\(.)", r"\1", value[1:-1]) if len(value) > 1 and value[0] == value[-1] == '"' else value
    own = labels.get(name, "")
    if operator in ("=", "!="):
        return (own == value) == (operator == "=")
    try:
        return bool(re2.fullmatch(value, own)) == (operator == "=~")
    except re2.error as error:
        raise Invalid("bad filter", errors={"filter": [f"{name}: not a regular expression: {error}"]}) from error
