"""What a target promises, in words. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sla.choices import Indicator
from sla.models import TargetVersion
from sla.reports.numbers import exact, percent_words, time_words


def unit_of(indicator: str) -> str:
    """Return in what `value` and the thresholds are: seconds for a percentile, else ratios from 0 to 1."""
    return "seconds" if indicator == Indicator.PERCENTILE else "ratio"


def promise_of(version: TargetVersion) -> str:
    """Return `99.9% of requests of POST /orders succeed`."""
    text = _promise(version, version.definition)
    if version.slice_seconds:
        share = percent_words(exact(version.slice_target))
        text = f"{percent_words(exact(version.target_value))} of slices of {version.slice_seconds} s reach {share}"
    return text


def _promise(version: TargetVersion, definition: Mapping[str, Any]) -> str:
    value = exact(version.target_value)
    share, of = percent_words(value), _which(definition)
    match version.indicator:
        case Indicator.PERCENTILE:
            quantile = Decimal(str(definition.get("quantile", "0.95"))) * 100
            return f"p{quantile.normalize():f}{of} ≤ {time_words(value)}"
        case Indicator.ERROR_RATE:
            return f"at most {share} of requests{of} fail"
        case Indicator.LATENCY:
            return f"{share} of requests{of} within {_seconds(definition, 'threshold_seconds')}"
        case Indicator.UPTIME:
            return f"{share} of checks answer"
        case Indicator.CUSTOM_RATIO:
            return f"{share} of {definition.get('total', 'all')} are {definition.get('good', 'good')}"
        case Indicator.CUSTOM_VALUE:
            sign = {"<=": "≤", ">=": "≥"}.get(str(definition.get("operator")), "≤")
            return f"{share} of {definition.get('metric', 'values')} {sign} {definition.get('threshold', '')}".rstrip()
        case Indicator.CRASH_FREE:
            return f"{share} of {'users' if definition.get('users') else 'sessions'} are free of crashes"
        case Indicator.DEPLOYMENT:
            return f"{share} of deployments succeed within {_seconds(definition, 'seconds')}"
        case Indicator.ALERT_RESPONSE:
            return f"{share} of alerts are acknowledged within {_seconds(definition, 'seconds')}"
        case _:
            return f"{share} of requests{of} succeed"


def _which(definition: Mapping[str, Any]) -> str:
    if name := definition.get("transaction"):
        return f" of {name}"
    tag = definition.get("tag")
    return f" with {tag.get('key')} = {tag.get('value')}" if isinstance(tag, Mapping) else ""


def _seconds(definition: Mapping[str, Any], key: str) -> str:
    value = definition.get(key)
    return "its time" if value is None else time_words(str(value))
