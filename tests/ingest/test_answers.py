import orjson
import pytest

from tradewatch.ingest.answers import accepted, busy, over_quota, preflight, refused, wrong_method

ID = "9ec79c33ec9942ab8353589fcb2e04dc"


@pytest.mark.parametrize(
    "answer",
    [
        accepted(ID),
        refused(400, "No."),
        busy("Later."),
        over_quota(("bytes of logs", "log_item")),
        preflight(("POST",)),
        wrong_method(("POST",)),
    ],
)
def test_lengths_are_those_of_the_bodies_and_browsers_may_read_all(answer):
    headers = dict(answer.headers)
    assert int(headers[b"content-length"]) == len(answer.body)
    assert headers[b"access-control-allow-origin"] == b"*"
    assert len(headers) == len(answer.headers)


def test_the_id_is_the_whole_answer():
    assert orjson.loads(accepted(ID).body) == {"id": ID}
    assert accepted(ID, status=202).status == 202


def test_a_detail_cannot_break_out_of_its_header():
    answer = refused(400, "one\r\nSet-Cookie: x\N{BULLET}")
    assert dict(answer.headers)[b"x-sentry-error"] == b"one  Set-Cookie: x?"
    assert orjson.loads(answer.body) == {"detail": "one\r\nSet-Cookie: x\N{BULLET}"}
