"""The addresses that an issue's page leads to. Project, environment and range survive all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from tradewatch.dashboard.issue_facts import TagGroup, TagShare
from tradewatch.dashboard.pages import Choice
from tradewatch.dashboard.ranges import Period, Range
from tradewatch.dashboard.scope import Scope
from tradewatch.errors.models import Event, Issue
from tradewatch.errors.search.terms import term


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    href: str
    is_chosen: bool
    count: int = 0


@dataclass(frozen=True, slots=True)
class LinkedShare:
    """A tag's value with the search for issues that have it, and the list of this issue's events that do."""

    share: TagShare
    href: str
    events_href: str

    @property
    def key(self) -> str:
        return self.share.key

    @property
    def value(self) -> str:
        return self.share.value

    @property
    def count(self) -> int:
        return self.share.count

    @property
    def ratio(self) -> float:
        return self.share.ratio


@dataclass(frozen=True, slots=True)
class LinkedGroup:
    key: str
    shares: list[LinkedShare]
    others: int


class IssueLinks:
    """`asked` are the parameters of the page's own address."""

    def __init__(self, issue: Issue, scope: Scope, asked: Mapping[str, str]) -> None:
        self._issue = issue
        self._scope = scope
        self._asked = asked
        self._values = scope.values()
        if asked.get("window") in Range.values:
            self._values["window"] = asked["window"]  # said by hand, it stays said: this page's own default differs

    def tabs(self, chosen: str) -> list[Tab]:
        return [
            Tab("Event", self.tab(""), not chosen),
            Tab("Tags", self.tab("tags"), chosen == "tags"),
            Tab("All events", self.tab("events"), chosen == "events", self._issue.event_count),
            Tab("Similar", self.tab("similar"), chosen == "similar"),
            Tab("Activity", self.tab("activity"), chosen == "activity"),
        ]

    def tab(self, name: str, **values: str | None) -> str:
        return reverse("issue", args=[self._issue.pk]) + _query({**self._values, "tab": name, **values})

    def event(self, event: Event, **values: str) -> str:
        path = reverse("issue-event", args=[self._issue.pk, event.event_id])
        return path + _query({**self._values, **values})

    def ranges(self, chosen: Period) -> list[Choice]:
        kept = {name: self._asked[name] for name in ("tab", "frames", "q") if self._asked.get(name)}
        values = {name: value for name, value in self._values.items() if name not in ("start", "end")} | kept
        return [Choice(each.value, _query({**values, "window": each.value}), each == chosen) for each in Range]

    def search(self, key: str, value: str) -> str:
        """Return the list of issues that have this tag."""
        return reverse("issues") + _query({**self._scope.values(), "q": term(key, value).text})

    def with_links(self, groups: Sequence[TagGroup]) -> list[LinkedGroup]:
        return [LinkedGroup(group.key, [self._linked(each) for each in group.shares], group.others) for group in groups]

    def _linked(self, share: TagShare) -> LinkedShare:
        events = self.tab("events", q=term(share.key, share.value).text)
        return LinkedShare(share, self.search(share.key, share.value), events)


def _query(values: Mapping[str, str | None]) -> str:
    return "?" + urlencode({name: value for name, value in values.items() if value})
