import pytest

from tradewatch.processes.origin import is_same_origin


@pytest.mark.parametrize(
    ("headers", "is_same"),
    [
        ({b"host": b"watch.example:8000", b"origin": b"http://watch.example:8000"}, True),
        ({b"host": b"watch.example", b"origin": b"https://watch.example"}, True),
        ({b"host": b"watch.example"}, True),  # no browser, so no cookie that was lent
        ({b"host": b"watch.example", b"origin": b"https://evil.example"}, False),
        ({b"host": b"watch.example", b"origin": b"https://watch.example.evil.example"}, False),
        ({b"host": b"watch.example:8000", b"origin": b"http://watch.example:9000"}, False),
        ({b"host": b"watch.example", b"origin": b"null"}, False),
        ({b"host": b"watch.example", b"origin": b""}, False),
    ],
)
def test_only_pages_of_our_own_origin_may_open_a_socket(headers: dict[bytes, bytes], is_same: bool) -> None:
    assert is_same_origin(headers) is is_same
