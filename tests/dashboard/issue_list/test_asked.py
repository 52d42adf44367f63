"""What the list's address means, and that every link leads where it says."""

from urllib.parse import parse_qsl

import pytest

from tests.projects.builders import make_project
from tradewatch.dashboard.issue_list.asked import Asked, View, link, read_asked, views_of
from tradewatch.dashboard.ranges import Range
from tradewatch.dashboard.scope import Scope

VIEWS = [*views_of([]), View("12", "Venues", "has:venue", "users")]


def asked(parameters: dict[str, str], default: str = "unresolved") -> tuple[str, str, str]:
    found = read_asked(parameters, VIEWS, default=default)
    return (found.view.key if found.view else "", found.query, found.sort)


@pytest.mark.parametrize(
    ("parameters", "meaning"),
    [
        ({}, ("unresolved", "is:unresolved", "last_seen")),
        ({"view": "loudest"}, ("loudest", "is:unresolved", "frequency")),
        ({"view": "12"}, ("12", "has:venue", "users")),
        ({"view": "12", "sort": "trend"}, ("12", "has:venue", "trend")),
        ({"view": "12", "q": " venue:lmax "}, ("12", "venue:lmax", "users")),
        ({"view": "gone"}, ("unresolved", "is:unresolved", "last_seen")),
        ({"view": "gone", "q": "x"}, ("", "x", "last_seen")),
        ({"q": ""}, ("", "", "last_seen")),
        ({"q": "margin", "sort": "users"}, ("", "margin", "users")),
        ({"sort": "nonsense"}, ("unresolved", "is:unresolved", "last_seen")),
        ({"state": "resolved"}, ("", "is:resolved", "last_seen")),
        ({"state": "nonsense"}, ("unresolved", "is:unresolved", "last_seen")),
        ({"sort": "newest"}, ("unresolved", "is:unresolved", "first_seen")),
        ({"sort": "loudest"}, ("unresolved", "is:unresolved", "frequency")),
    ],
)
def test_an_address_is_read(parameters: dict[str, str], meaning: tuple[str, str, str]) -> None:
    assert asked(parameters) == meaning


def test_the_list_opens_with_the_chosen_view_as_long_as_it_is_there() -> None:
    assert asked({}, default="12")[0] == "12"
    assert asked({}, default="99")[0] == "unresolved"
    assert asked({"q": "x"}, default="12")[0] == ""


@pytest.mark.django_db
@pytest.mark.parametrize("view", [None, VIEWS[0], VIEWS[4], VIEWS[-1]])
@pytest.mark.parametrize("query", ["", "is:unresolved", "venue:a&b=c #1"])
@pytest.mark.parametrize("sort", ["last_seen", "frequency"])
def test_a_link_leads_to_what_it_was_made_of(view: View | None, query: str, sort: str) -> None:
    project = make_project()
    scope = Scope((project,), project, "staging", Range.DAY)
    before = Asked(view, query, sort)
    parameters = dict(parse_qsl(link(scope, before, "/issues").partition("?")[2], keep_blank_values=True))
    assert (parameters.pop("environment"), parameters.pop("window")) == ("staging", "24h")
    assert read_asked(parameters, VIEWS, default="regressed") == before


def test_another_search_or_order_begins_at_the_first_page() -> None:
    third = Asked(VIEWS[0], "x", "users", cursor="abc")
    assert third.with_query("y").cursor == third.with_sort("trend").cursor == ""
    assert third.with_cursor("def").cursor == "def"
