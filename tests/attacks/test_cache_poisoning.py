"""What is answered to one person, or to a forged header, is kept by no cache for another."""

import pytest

from tests.attacks.walk import EVIL, Walked

pytestmark = [pytest.mark.once, pytest.mark.slow]


def test_no_shared_cache_may_keep_an_answer(seen: Walked) -> None:
    said = {each.path: each.headers.get("Cache-Control", "") for each in seen.answers}
    assert {path: text for path, text in said.items() if "private" not in text and "no-store" not in text} == {}
    assert {path: text for path, text in said.items() if "public" in text} == {}


def test_a_page_of_a_session_varies_by_its_cookie(seen: Walked) -> None:
    pages = [each for each in seen.pages() if each.status == 200]
    assert len(pages) > 100
    assert [each.path for each in pages if "cookie" not in each.headers.get("Vary", "").lower()] == []


def test_no_header_of_a_proxy_leads_to_another_page_or_method(seen: Walked) -> None:
    """X-Original-URL, X-Rewrite-URL and X-HTTP-Method-Override were sent with every request of the walk."""
    assert [each.path for each in seen.answers if EVIL in each.path or each.status == 500] == []
    assert [each.status for each in seen.answers if each.path == "/issues"] == [200]
