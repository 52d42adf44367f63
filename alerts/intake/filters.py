"""The `filter` of Alertmanager's API: one matcher each, as amtool writes it, e.g. `alertname="Disk"`. Pure."""

from collections.abc import Mapping, Sequence

from alerts.matchers import MatcherFault, all_match, parse_matchers
from tradewatch.core.faults import Invalid


def keeps(filters: Sequence[str], labels: Mapping[str, str]) -> bool:
    """Return whether the labels match every filter; a missing label is the empty text. Raises `Invalid`."""
    try:
        return all(all_match(parse_matchers(text), labels) for text in filters)
    except MatcherFault as fault:
        raise Invalid("bad filter", errors={"filter": [str(fault)]}) from fault
