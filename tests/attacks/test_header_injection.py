"""Line breaks in what somebody sent begin no header: of an answer, of a mail, of a download."""

import pytest
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from alerts.mails import build_mail
from tests.alerts.channels.builders import make_facts, make_message
from tests.attacks.hostile_store import PAYLOAD
from tests.attacks.walk import Walked
from tradewatch.core.file_names import safe_file_name

pytestmark = [pytest.mark.once, pytest.mark.slow]
BREAKS = (
    "a\r\nBcc: x@evil.example",
    "a\nBcc: x@evil.example\n\nbody",
    "a\rBcc: x",
    "a\n",
    "\u2028Bcc: x",
    "a\x00b\x0bc",
)


def test_no_answer_has_a_header_of_somebodys_making(seen: Walked) -> None:
    for each in seen.answers:
        assert "X-Injected" not in each.headers
        assert not [value for value in each.headers.values() if "\n" in value or "\r" in value], each.path


@pytest.mark.parametrize("text", [*BREAKS, PAYLOAD])
def test_no_mail_has_one(text: str) -> None:
    facts = make_facts(title=text, message=text, environment=text)
    message = make_message(headline=text, project=text, environment=text, alerts=(facts,), dedup_key=text)
    written = build_mail(message, to=["ann@example.com"]).message()
    assert set(written.keys()) <= {
        "Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "In-Reply-To", "References",
        "Auto-Submitted", "X-Auto-Response-Suppress", "Precedence",
    }  # fmt: skip
    assert b"\nBcc:" not in written.as_bytes().partition(b"\n\n")[0]


@pytest.mark.parametrize(
    "name", [*BREAKS, 'x"; filename="evil.html', "../../etc/passwd", "..\\..\\boot.ini", "\r\n\r\n<b>"]
)
def test_a_downloads_name_is_a_name(name: str) -> None:
    header = content_disposition_header(True, safe_file_name(name)) or "attachment"
    written = HttpResponse(headers={"Content-Disposition": header}).serialize_headers().decode()
    assert written.count("\r\n") <= 1
    assert not any(part in header for part in ("/", "\\", "..", 'evil.html"; '))
