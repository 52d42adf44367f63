"""Reports that browsers send by themselves: CSP violations in the old form, and whatever the Reporting API batches.

https://www.w3.org/TR/CSP3/#deprecated-serialize-violation and https://www.w3.org/TR/reporting-1/#media-type.
Each becomes an ordinary event, so that it is grouped, classified and alerted on like any other: one issue for each
directive and blocked host.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tradewatch.inbox.lenient_json import loads_leniently

MAX_REPORTS = 100


def reports_in(body: bytes) -> list[Mapping[str, Any]]:
    """Return the reports in a request body. Raises ValueError with a sentence for the sender."""
    try:
        content = loads_leniently(body)
    except ValueError:
        raise ValueError("The report is not JSON.") from None
    reports = content if isinstance(content, list) else [content]
    if not reports or not all(isinstance(report, dict) and report for report in reports):
        raise ValueError("A report is a JSON object, or a list of them.")
    if len(reports) > MAX_REPORTS:
        raise ValueError(f"A request carries at most {MAX_REPORTS} reports.")
    return reports


def event_of(report: Mapping[str, Any], query: bytes) -> dict[str, Any]:
    """Return the event document of one report. `query` may name `sentry_environment` and `sentry_release`."""
    kind, details = _kind_and_details(report)
    event = _violation(details) if kind == "csp-violation" else _other(kind, details)
    event["request"] = {"url": _text(event["request"]), "headers": _headers(report, details)}
    event |= {"level": "warning", "platform": "javascript", "logger": kind, "extra": {"report": dict(report)}}
    named = parse_qs(query.decode("latin-1"))
    for field in ("environment", "release"):
        if values := named.get(f"sentry_{field}"):
            event[field] = values[0]
    return event


def _kind_and_details(report: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    if isinstance(report.get("body"), dict):
        details = {"url": report.get("url"), **report["body"]}
        return _text(report.get("type")) or "report", details
    for key, details in report.items():  # {"csp-report": {...}}, {"expect-ct-report": {...}}, ...
        if isinstance(details, dict):
            return ("csp-violation" if key == "csp-report" else key[:100]), details
    return "report", report


def _violation(details: Mapping[str, Any]) -> dict[str, Any]:
    directive = _first(details, "effective-directive", "effectiveDirective", "violated-directive", "violatedDirective")
    directive = directive.split(" ")[0] or "unknown"  # `violated-directive` carries the policy's sources too
    blocked = _blocked_host(_first(details, "blocked-uri", "blockedURL"))
    return {
        "logentry": {"formatted": f"Content Security Policy: {directive} blocked {blocked}"},
        "fingerprint": ["csp", directive, blocked],
        "tags": {"effective_directive": directive, "blocked": blocked},
        "request": _first(details, "document-uri", "documentURL", "url"),
    }


def _other(kind: str, details: Mapping[str, Any]) -> dict[str, Any]:
    subject = _first(details, "id", "type", "message", "hostname")
    return {
        "logentry": {"formatted": f"{kind}: {subject}" if subject else kind},
        "fingerprint": ["report", kind, subject],
        "tags": {"report": kind},
        "request": _first(details, "url", "hostname"),
    }


def _headers(report: Mapping[str, Any], details: Mapping[str, Any]) -> dict[str, str]:
    sent = {"Referer": _first(details, "referrer"), "User-Agent": _text(report.get("user_agent"))}
    return {name: value for name, value in sent.items() if value}


def _blocked_host(blocked: str) -> str:
    """Return the host of a URL, the scheme of one without a host (`data`), or the keyword (`inline`, `eval`)."""
    try:
        parts = urlsplit(blocked)
    except ValueError:
        return "unknown"
    return (parts.hostname or parts.scheme or parts.path or "unknown")[:200]


def _first(details: Mapping[str, Any], *names: str) -> str:
    return next((text for name in names if (text := _text(details.get(name)))), "")


def _text(value: Any) -> str:
    return value[:500] if isinstance(value, str) else ""
