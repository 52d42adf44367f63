from datetime import timedelta

import pytest
from django.core import signing

from alerts.links import VALID_FOR, BadLink, Link, read_link, signed_url
from tests.alerts.builders import NOW


def token(**changes: object) -> str:
    return signed_url("alert", 7, "acknowledge", "ann@example.com", now=NOW).rpartition("/")[2]


def test_a_link_says_what_whom_and_for_whom(settings) -> None:
    settings.PUBLIC_URL = "https://watch.example.com"
    url = signed_url("group", 9, "resolve", "Desk channel", now=NOW)
    assert url.startswith("https://watch.example.com/alerts/answer/")
    link = read_link(url.rpartition("/")[2], now=NOW)
    assert link == Link("group", 9, "resolve", "Desk channel", link.expires_at)


def test_a_link_to_a_person_says_which() -> None:
    url = signed_url("group", 9, "acknowledge", "ann@example.com", user_id=4, now=NOW)
    assert read_link(url.rpartition("/")[2], now=NOW).user_id == 4
    assert read_link(token(), now=NOW).user_id is None


def test_a_link_that_does_not_say_whom_it_was_sent_to_opens_nothing() -> None:
    older = signing.dumps(["g", 9, "k", "ann@example.com", int((NOW + VALID_FOR).timestamp())], salt="alerts.links")
    with pytest.raises(BadLink, match="from before an update"):
        read_link(older, now=NOW)


def test_attempts_within_the_hour_carry_the_same_link() -> None:
    again = signed_url("alert", 7, "acknowledge", "ann@example.com", now=NOW + timedelta(minutes=5))
    assert again.rpartition("/")[2].split(":")[0] == token().split(":")[0]


def test_a_link_expires() -> None:
    assert read_link(token(), now=NOW + VALID_FOR)
    with pytest.raises(BadLink, match="expired"):
        read_link(token(), now=NOW + VALID_FOR + timedelta(hours=1))


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: "x" + t, lambda t: "", lambda t: t + "a", lambda t: "a:b:c"]
)
def test_a_changed_link_is_none_of_ours(change) -> None:
    with pytest.raises(BadLink, match="not one of ours"):
        read_link(change(token()), now=NOW)


def test_another_key_or_purpose_opens_nothing(settings) -> None:
    stolen = token()
    settings.SECRET_KEY = "another"
    with pytest.raises(BadLink):
        read_link(stolen, now=NOW)
