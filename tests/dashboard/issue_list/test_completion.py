"""What is suggested where the caret stands."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.errors.builders import digest
from tests.errors.documents import make_event, make_exception
from tests.projects.builders import make_user
from tradewatch.dashboard.issue_list.completion import Word, word_before
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Team


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", Word(0, None, "")),
        ("is", Word(0, None, "is")),
        ("is:unresolved ", Word(14, None, "")),
        ("is:unresolved lev", Word(14, None, "lev")),
        ("!ven", Word(1, None, "ven")),
        ("is:", Word(3, "is", "")),
        ("is:unr", Word(3, "is", "unr")),
        ("!venue:lm", Word(7, "venue", "lm")),
        ("level:error,wa", Word(12, "level", "wa")),
        ('culprit:"a b",c', Word(14, "culprit", "c")),
        ('"free te', Word(0, None, '"free te')),
        ('venue:"a b', Word(6, "venue", "a b")),
    ],
)
def test_the_word_before_the_caret(text: str, word: Word) -> None:
    assert word_before(text) == word


@given(st.text(alphabet='ab:!,"\\ \n=é', max_size=20))
def test_any_text_has_a_word_at_its_end(text: str) -> None:
    assert 0 <= word_before(text).at <= len(text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("", ["is:", "level:", "category:"]),
        ("le", ["level:"]),
        ("ven", ["venue:"]),
        ("is:re", ["resolved", "regressed"]),
        ("level:err", ["error"]),
        ("severity:err", ["error"]),
        ("category:ri", ["risk"]),
        ("release:", ["oms@2.0.0"]),
        ("environment:st", ["staging"]),
        ("assigned:m", ["me", "mara"]),
        ("assigned:#", ["#fx"]),
        ("first_seen:", ["<1h", "<24h"]),
        ("events:", [">10"]),
        ("venue:l", ["lmax"]),
        ("venue:lmax,x", ["xlon"]),
        ("venue:XL", ["xlon"]),
        ("has:v", ["venue"]),
        ("desk:", ['"fx, spot"']),
        ("nothing:", []),
    ],
)
def test_suggestions(client: Client, query: str, first: list[str]) -> None:
    client.force_login(make_user("mara", role=Role.RESPONDER))
    Team.objects.create(name="FX", slug="fx")
    digest(make_event(make_exception("A", "x"), tags={"venue": "lmax", "desk": "fx, spot"}, release="oms@2.0.0"))
    digest(make_event(make_exception("B", "x"), tags={"venue": "xlon"}, release="oms@2.0.0", environment="staging"))
    answer = client.get("/issues/complete", {"q": query}).json()
    assert [each["text"] for each in answer["suggestions"]][: len(first)] == first
    assert first or answer["suggestions"] == []


@pytest.mark.django_db
def test_nonsense_is_answered_and_strangers_are_not(client: Client) -> None:
    assert client.get("/issues/complete?q=is:").status_code == 302
    client.force_login(make_user("mara", role=Role.VIEWER))
    for query in ("\0", 'x:"\\', "a" * 5000, ":::", "%00"):
        assert client.get("/issues/complete", {"q": query}).status_code in (200, 400)
