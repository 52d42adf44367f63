"""No page can be put into a frame of another site, or be taken for another type than it says."""

import pytest

from tests.attacks.walk import Walked

pytestmark = [pytest.mark.once, pytest.mark.slow]


def test_no_page_may_be_framed(seen: Walked) -> None:
    assert [each.path for each in seen.answers if each.headers.get("X-Frame-Options") != "DENY"] == []
    policies = {each.path: each.headers.get("Content-Security-Policy", "") for each in seen.pages()}
    assert [path for path, policy in policies.items() if "frame-ancestors 'none'" not in policy] == []


def test_no_answer_may_be_taken_for_another_type(seen: Walked) -> None:
    assert [each.path for each in seen.answers if each.headers.get("X-Content-Type-Options") != "nosniff"] == []
    kept = {each.headers.get("Referrer-Policy") for each in seen.answers}
    assert kept == {"same-origin", "no-referrer"}  # a signed link is told to nobody
