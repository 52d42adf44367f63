import pytest

from tradewatch.ingest.credentials import key_in_dsn, key_in_header, key_in_query, key_in_request


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (b"Sentry sentry_key=K", "K"),
        (b"Sentry sentry_key=K, sentry_version=7, sentry_client=sentry.python/2.0", "K"),
        (b"Sentry sentry_version=7,sentry_key=K,sentry_client=x", "K"),
        (b"sentry  sentry_version=7 , sentry_key = K ", "K"),
        (b'SENTRY sentry_key="K"', "K"),
        (b"Sentry sentry_secret=S, sentry_key=K", "K"),
        (b"Sentry sentry_keys=S", None),
        (b"Sentry sentry_key=", None),
        (b"Sentry", None),
        (b"Sentrysentry_key=K", None),
        (b"Bearer sentry_key=K", None),
        (b"", None),
        (b"Sentry \xff\xfe=1, sentry_key=K", "K"),
    ],
)
def test_keys_in_the_auth_header(value, key):
    assert key_in_header(value) == key


@pytest.mark.parametrize(
    ("query", "key"),
    [
        (b"sentry_key=K", "K"),
        (b"sentry_version=7&sentry_key=K&sentry_client=x", "K"),
        (b"sentry_key=K&sentry_key=L", "K"),
        (b"sentry_key=", None),
        (b"xsentry_key=K", None),
    ],
)
def test_keys_in_the_query(query, key):
    assert key_in_query(query) == key


@pytest.mark.parametrize(
    ("dsn", "key"),
    [
        ("https://K@watch.example/1", "K"),
        ("https://K:secret@watch.example:8000/prefix/1", "K"),
        ("https://watch.example/1", None),
        ("https://[K@watch.example/1", None),
        ("", None),
        (None, None),
        (17, None),
        (["https://K@watch.example/1"], None),
    ],
)
def test_keys_in_a_dsn(dsn, key):
    assert key_in_dsn(dsn) == key


@pytest.mark.parametrize(
    ("headers", "query", "key"),
    [
        ({b"x-sentry-auth": b"Sentry sentry_key=A", b"authorization": b"Sentry sentry_key=B"}, b"sentry_key=C", "A"),
        ({b"x-sentry-auth": b"nonsense", b"authorization": b"Sentry sentry_key=B"}, b"sentry_key=C", "B"),
        ({b"authorization": b"Bearer B"}, b"sentry_key=C", "C"),
        ({}, b"", None),
        ({b"x-sentry-auth": b"Sentry " + b"x" * 1_000 + b", sentry_key=A"}, b"sentry_key=C", "C"),
        ({}, b"x=" + b"x" * 1_000 + b"&sentry_key=C", None),
    ],
)
def test_the_first_key_found_counts(headers, query, key):
    assert key_in_request(headers, query) == key
