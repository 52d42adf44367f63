import orjson
import pytest

from tradewatch.ingest.security_reports import event_of, reports_in

CSP = {
    "csp-report": {
        "document-uri": "https://shop.example/pay?card=1",
        "referrer": "https://shop.example/",
        "violated-directive": "script-src 'self' https://cdn.example",
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://evil.example/x.js",
        "disposition": "enforce",
    }
}
MODERN = {
    "type": "csp-violation",
    "age": 10,
    "url": "https://shop.example/pay",
    "user_agent": "Mozilla/5.0",
    "body": {
        "documentURL": "https://shop.example/pay",
        "effectiveDirective": "script-src-elem",
        "blockedURL": "https://evil.example/other.js",
    },
}


def test_a_csp_report_in_the_old_form():
    event = event_of(CSP, b"sentry_key=K&sentry_environment=staging&sentry_release=shop%401.2")
    assert event == {
        "logentry": {"formatted": "Content Security Policy: script-src-elem blocked evil.example"},
        "fingerprint": ["csp", "script-src-elem", "evil.example"],
        "tags": {"effective_directive": "script-src-elem", "blocked": "evil.example"},
        "request": {"url": "https://shop.example/pay?card=1", "headers": {"Referer": "https://shop.example/"}},
        "level": "warning",
        "platform": "javascript",
        "logger": "csp-violation",
        "extra": {"report": CSP},
        "environment": "staging",
        "release": "shop@1.2",
    }


def test_both_forms_of_one_violation_are_one_issue():
    old, modern = event_of(CSP, b""), event_of(MODERN, b"")
    assert old["fingerprint"] == modern["fingerprint"]
    assert modern["request"] == {"url": "https://shop.example/pay", "headers": {"User-Agent": "Mozilla/5.0"}}
    assert "environment" not in modern


@pytest.mark.parametrize(
    ("details", "fingerprint"),
    [
        ({"violated-directive": "img-src 'self'", "blocked-uri": "inline"}, ["csp", "img-src", "inline"]),
        ({"violated-directive": "img-src", "blocked-uri": "data"}, ["csp", "img-src", "data"]),
        ({"effective-directive": "font-src", "blocked-uri": "data:font/woff;base64,AAAA"}, ["csp", "font-src", "data"]),
        ({"effective-directive": "img-src", "blocked-uri": "https://[broken"}, ["csp", "img-src", "unknown"]),
        (
            {"effective-directive": "img-src", "blocked-uri": "https://Up.Example:8443/a"},
            ["csp", "img-src", "up.example"],
        ),
        ({"effective-directive": 7, "blocked-uri": None}, ["csp", "unknown", "unknown"]),
        ({}, ["csp", "unknown", "unknown"]),
    ],
)
def test_violations_are_grouped_by_directive_and_host(details, fingerprint):
    assert event_of({"csp-report": details}, b"")["fingerprint"] == fingerprint


@pytest.mark.parametrize(
    ("report", "message", "url"),
    [
        (
            {"type": "deprecation", "url": "https://a.example/", "body": {"id": "unload"}},
            "deprecation: unload",
            "https://a.example/",
        ),
        ({"type": "network-error", "body": {"type": "dns.unreachable"}}, "network-error: dns.unreachable", ""),
        ({"expect-ct-report": {"hostname": "a.example"}}, "expect-ct-report: a.example", "a.example"),
        ({"type": 3, "body": {}}, "report", ""),
        ({"unheard": "of"}, "report", ""),
    ],
)
def test_other_reports_are_events_too(report, message, url):
    event = event_of(report, b"")
    assert event["logentry"]["formatted"] == message
    assert event["request"]["url"] == url
    assert event["extra"] == {"report": report}


@pytest.mark.parametrize(("content", "count"), [(CSP, 1), ([CSP, MODERN], 2), ([MODERN] * 100, 100)])
def test_reports_come_alone_or_in_batches(content, count):
    assert len(reports_in(orjson.dumps(content))) == count


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "not JSON"),
        (b"[", "not JSON"),
        (b"[]", "a JSON object, or a list"),
        (b"{}", "a JSON object, or a list"),
        (b"[1]", "a JSON object, or a list"),
        (b'"x"', "a JSON object, or a list"),
        (orjson.dumps([MODERN] * 101), "at most 100 reports"),
    ],
)
def test_what_is_no_report_is_refused(body, sentence):
    with pytest.raises(ValueError, match=sentence):
        reports_in(body)
