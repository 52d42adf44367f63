import pytest

from tradewatch.ingest.check_ins import check_in

ID = "9ec79c33ec9942ab8353589fcb2e04dc"
LATEST = "0" * 32


@pytest.mark.parametrize(
    ("query", "body", "payload"),
    [
        (b"status=ok", b"", {"check_in_id": LATEST, "status": "ok"}),
        (b"status=in_progress&check_in_id=" + ID.encode(), b"", {"check_in_id": ID, "status": "in_progress"}),
        (b"status=ok&duration=1.5", b" ", {"check_in_id": LATEST, "status": "ok", "duration": 1.5}),
        (b"status=ok&environment=eu%20west", b"", {"check_in_id": LATEST, "status": "ok", "environment": "eu west"}),
        (b"", b'{"status":"error","duration":3}', {"check_in_id": LATEST, "status": "error", "duration": 3.0}),
        (b"status=ok", b'{"status":"error"}', {"check_in_id": LATEST, "status": "ok"}),
        (
            b"status=ok",
            b'{"monitor_config":{"schedule":{"type":"crontab","value":"0 3 * * *"}}}',
            {
                "check_in_id": LATEST,
                "status": "ok",
                "monitor_config": {"schedule": {"type": "crontab", "value": "0 3 * * *"}},
            },
        ),
        (
            b"status=ok&sentry_key=K&new=1",
            b'{"environment":7,"monitor_config":1}',
            {"check_in_id": LATEST, "status": "ok"},
        ),
    ],
)
def test_fields_of_a_check_in(query, body, payload):
    assert check_in("nightly-report", query, body) == {"monitor_slug": "nightly-report", **payload}


@pytest.mark.parametrize(
    ("slug", "query", "body", "field"),
    [
        ("nightly", b"", b"", "status"),
        ("nightly", b"status=fine", b"", "status"),
        ("nightly", b"", b'{"status":["ok"]}', "status"),
        ("nightly", b"status=ok&check_in_id=nonsense", b"", "check_in_id"),
        ("nightly", b"status=ok&duration=long", b"", "duration"),
        ("nightly", b"status=ok&duration=-1", b"", "duration"),
        ("nightly", b"status=ok&duration=nan", b"", "duration"),
        ("nightly", b"status=ok&duration=inf", b"", "duration"),
        ("nightly", b"status=ok", b'{"duration":[]}', "duration"),
        ("nightly", b"status=ok", b"{", "body"),
        ("nightly", b"status=ok", b"[]", "body"),
        ("night ly", b"status=ok", b"", "slug"),
        ("n" * 51, b"status=ok", b"", "slug"),
        ("nächtlich", b"status=ok", b"", "slug"),
    ],
)
def test_the_field_at_fault_is_named(slug, query, body, field):
    with pytest.raises(ValueError, match=field):
        check_in(slug, query, body)
