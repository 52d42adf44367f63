"""The list over HTTP: what it shows, keeps, and lets nobody do."""

import re
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from tests.dashboard.builders import count, make_issue
from tests.errors.builders import digest
from tests.errors.documents import make_event, make_exception
from tests.projects.builders import make_project, make_user
from tradewatch.errors.models import Issue, SavedView, TagCount
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Team

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


@pytest.fixture
def responder(client: Client) -> Client:
    client.force_login(make_user("rosa", role=Role.RESPONDER))
    return client


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_user("vera", role=Role.VIEWER))
    return client


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.content.decode()


def shown(client: Client, path: str) -> list[str]:
    """Return the types of the issues on the page, in their order."""
    return re.findall(r"data-open><b>([^<]+)</b>", text(client, path))


# --- finding -------------------------------------------------------------------------------------------------------
def test_the_list_opens_with_what_is_unresolved_and_tells_how_much_each_view_holds(responder: Client) -> None:
    make_issue(title="Open: x")
    make_issue(title="Old: x", first_seen_at=timezone.now() - timedelta(days=3))
    make_issue(title="Gone: x", state="resolved")
    page = text(responder, "/issues")
    assert shown(responder, "/issues") == ["Old", "Open"]
    tabs = dict(re.findall(r'<a href="[^"]*"[^>]*>([A-Za-z ]+)<span class="n num">([^<]*)</span>', page))
    assert tabs == {
        "Unresolved": "2",
        "Mine": "0",
        "New today": "1",
        "Regressed": "0",
        "Loudest": "2",
        "Ignored": "0",
        "Resolved": "1",
    }
    assert shown(responder, "/issues?view=resolved") == ["Gone"]


def test_what_is_searched_stays_in_the_field_and_in_every_link(responder: Client) -> None:
    for number in range(30):
        make_issue(title=f"E{number}: x")
    page = text(responder, "/issues?q=level:error+!is:resolved&sort=users&window=24h")
    assert 'value="level:error !is:resolved"' in page
    kept = quote("level:error !is:resolved", safe="").replace("%20", "+")
    for part in ("Older", "30d</a>", "First seen"):
        before = page[: page.index(part)]
        assert f"q={kept}" in before[before.rindex('href="') :], part


def test_a_search_that_cannot_be_read_is_kept_with_its_fault(responder: Client) -> None:
    make_issue()
    page = text(responder, "/issues?q=" + quote(f"level:loud {HOSTILE}"), status=400)
    assert "Expected one of debug, info, warning" in page
    assert "at character 7" in page
    assert 'aria-invalid="true"' in page
    assert "<script>alert" not in page
    assert 'value="level:loud &lt;script&gt;' in page


def test_facets_count_what_was_found_and_lead_to_what_they_name(responder: Client) -> None:
    for name, level, venue in (("A", "error", "lmax"), ("B", "error", "xlon"), ("C", "warning", "lmax")):
        digest(make_event(make_exception(name, name), level=level, tags={"venue": venue, "desk": HOSTILE}))
    page = text(responder, "/issues?q=level:error")
    facets = dict(re.findall(r'<span class="clip">([^<]+)</span><span class="num faint end">(\d+)</span>', page))
    assert (facets["Error"], facets["Warning"]) == ("2", "1"), "its own facet is counted without it"
    assert (facets["lmax"], facets["xlon"], facets["Nobody"], facets["production"]) == ("1", "1", "2", "2")
    assert '<a class="pick" href="?q=" aria-current="true"><span class="clip">Error' in page
    venue = re.search(r'<a class="pick" href="([^"]+)"><span class="clip">lmax', page)
    assert venue is not None
    assert shown(responder, "/issues" + venue[1].replace("&amp;", "&")) == ["A"]
    both = re.search(r'<a class="pick" href="([^"]+)"><span class="clip">Warning', page)
    assert both is not None
    assert sorted(shown(responder, "/issues" + both[1].replace("&amp;", "&"))) == ["A", "B", "C"]
    assert "<script>alert" not in page


def test_facets_say_when_they_are_of_a_part(responder: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradewatch.dashboard.issue_list.facets.SAMPLE", 3)
    for number in range(4):
        make_issue(title=f"E{number}: x")
    assert "Counted among the 3 seen last" in text(responder, "/issues")
    Issue.objects.first().delete()
    assert "Counted among" not in text(responder, "/issues")


def test_events_are_those_of_the_range_and_environment(responder: Client) -> None:
    issue = make_issue(event_count=999)
    TagCount.objects.create(issue=issue, key="environment", value="dev", count=1, last_seen_at=timezone.now())
    count(f"issue:{issue.pk}", timezone.now() - timedelta(hours=3), 17)
    count(f"issue:{issue.pk}", timezone.now(), 4)
    count(f"issue:{issue.pk}", timezone.now(), 2, environment="dev")

    def events(path: str) -> str:
        found = re.search(r'<td class="r">([\d,]+)<', text(responder, path))
        return found[1] if found else ""

    asked = ("/issues", "/issues?window=24h", "/issues?environment=dev", "/issues?sort=frequency&window=24h")
    assert [events(path) for path in asked] == ["6", "23", "2", "23"]


def test_a_trend_says_how_it_compares(responder: Client) -> None:
    issue = make_issue()
    count(f"issue:{issue.pk}", timezone.now(), 20)
    count(f"issue:{issue.pk}", timezone.now() - timedelta(minutes=80), 4)
    make_issue(title="Quiet: x", last_seen_at=timezone.now() - timedelta(days=3))
    page = text(responder, "/issues?sort=trend")
    assert "▲ 5.0x" in page
    assert "quiet" in page


def test_nothing_found_says_what_to_do(responder: Client) -> None:
    assert "No issue fits" in text(responder, "/issues?q=venue:nowhere")
    assert "No issue yet" in text(responder, "/issues?q=")


def test_other_projects_are_neither_found_nor_counted_nor_suggested(responder: Client) -> None:
    digest(
        make_event(make_exception("Secret", "x"), tags={"hushed-tag": "hushed-value"}, release="9.9.9-hushed"),
        project=make_project("other"),
    )
    assert "Secret" not in text(responder, "/issues?q=")
    assert "hushed" not in text(responder, "/issues?q=")
    assert shown(responder, "/issues?q=hushed-tag:*") == []
    for query in ("hus", "hushed-tag:", "release:", "has:"):
        assert "hushed" not in text(responder, "/issues/complete?q=" + quote(query))
    assert "Secret" not in b"".join(responder.get("/issues/export.csv?q=").streaming_content).decode()


# --- acting --------------------------------------------------------------------------------------------------------
def act(client: Client, do: str, *issues: Issue) -> dict[str, object]:
    data = {"do": do, "issue": [issue.pk for issue in issues]}
    answer = client.post("/dashboard/actions/issues", data, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.status_code
    return answer.json()


@pytest.mark.parametrize(
    ("do", "changed"),
    [
        ("resolve", {"state": "resolved"}),
        ("resolve?in_release=next", {"state": "resolved", "resolves_in_next_release": True}),
        ("ignore", {"state": "ignored", "ignored_until": None}),
        ("ignore?events=100", {"state": "ignored", "ignored_until_events": 101}),
        ("assign?assignee=team:desk", {"assigned_team__slug": "desk"}),
        ("assign?assignee=me", {"assignee__username": "rosa"}),
        ("priority?priority=high", {"priority": "high"}),
    ],
)
def test_chosen_issues_change_together_and_change_back(responder: Client, do: str, changed: dict[str, object]) -> None:
    Team.objects.create(name="Desk", slug="desk").members.add(make_user("tom", role=Role.VIEWER))
    chosen, other = [make_issue(title=f"E{number}: x") for number in range(3)], make_issue(title="Other: x")
    before = list(Issue.objects.order_by("pk").values(*changed))
    answer = act(responder, do, *chosen)
    assert not answer["failed"], answer
    assert str(answer["text"]).endswith("3 issues")
    assert list(Issue.objects.exclude(pk=other.pk).order_by("pk").values(*changed)) == [changed] * 3
    assert Issue.objects.filter(pk=other.pk).values(*changed)[0] == before[-1]
    undone = responder.post(str(answer["undo"]), headers={"Accept": "application/json"}).json()
    assert not undone["failed"], undone
    assert list(Issue.objects.order_by("pk").values(*changed)) == before


def test_merging_keeps_the_loudest_and_can_be_taken_back(responder: Client) -> None:
    quiet, loud = make_issue(title="Quiet: x"), make_issue(title="Loud: x", event_count=90)
    assert "choose two" in str(act(responder, "merge", quiet)["text"])
    answer = act(responder, "merge", quiet, loud)
    assert Issue.objects.get(pk=quiet.pk).merged_into_id == loud.pk
    assert shown(responder, "/issues") == ["Loud"]
    responder.post(str(answer["undo"]))
    assert Issue.objects.get(pk=quiet.pk).merged_into_id is None


def test_a_refusal_names_its_reason_and_the_others_are_done(responder: Client) -> None:
    mine = make_issue(title="Mine: x")
    make_user("rosa2", role=Role.VIEWER, project=make_project("seen"))
    make_project("seen").memberships.create(user=mine.project.memberships.get().user, role=Role.VIEWER)
    seen, unseen = make_issue(make_project("seen")), make_issue(make_project("unseen"))
    answer = act(responder, "resolve", mine, seen, unseen)
    assert answer["failed"]
    assert "1 issue: needs the role responder" in str(answer["text"])
    assert "1 of 2 done" in str(answer["text"])
    assert list(Issue.objects.order_by("pk").values_list("state", flat=True)) == [
        "resolved",
        "unresolved",
        "unresolved",
    ]


def test_nothing_chosen_and_nonsense_change_nothing(responder: Client) -> None:
    make_issue()
    assert act(responder, "resolve")["failed"]
    for data in ({"do": "delete", "issue": ["1"]}, {}):
        assert responder.post("/dashboard/actions/issues", data).status_code == 404
    assert act(responder, "ignore?events=many", Issue.objects.get())["failed"]
    data = {"do": "resolve", "issue": ["x", "-1", "9" * 30]}
    assert responder.post("/dashboard/actions/issues", data, headers={"Accept": "application/json"}).json()["failed"]
    assert Issue.objects.get().state == "unresolved"


def test_a_viewer_sees_no_boxes_and_changes_nothing(viewer: Client) -> None:
    issue = make_issue()
    page = text(viewer, "/issues")
    assert 'name="issue"' not in page
    assert "Save view" not in page
    assert act(viewer, "resolve", issue)["failed"]
    for action, form in (("save", {"name": "x", "q": "", "sort": "users"}), ("open-first", {"view": "loudest"})):
        viewer.post(f"/dashboard/actions/views/{action}", form)
    assert viewer.get("/dashboard/actions/issues").status_code == 405
    assert Issue.objects.get().state == "unresolved"
    assert not SavedView.objects.exists()


# --- views ---------------------------------------------------------------------------------------------------------
def test_a_view_is_saved_opened_changed_and_deleted(responder: Client) -> None:
    digest(make_event(make_exception("A", "x"), tags={"venue": "lmax"}))
    digest(make_event(make_exception("B", "x"), tags={"venue": "xlon"}))
    send = lambda action, **form: responder.post(f"/dashboard/actions/views/{action}", form)  # noqa: E731
    send("save", name="Venue L", q="venue:lmax", sort="users", project="default")
    view = SavedView.objects.get()
    assert (view.project, view.sort) == (make_project(), "users")
    assert shown(responder, f"/issues?view={view.pk}") == ["A"]
    send("open-first", view=view.pk)
    assert shown(responder, "/issues") == ["A"]
    send("change", view=view.pk, name="Venue X", q="venue:xlon", sort="users")
    assert shown(responder, "/issues") == ["B"]
    assert ">Venue X<span" in text(responder, "/issues")
    send("delete", view=view.pk)
    assert sorted(shown(responder, "/issues")) == ["A", "B"]
    assert responder.post("/dashboard/actions/views/burn").status_code == 404
    assert send("delete", view="9" * 30).status_code == 404


def test_a_saved_view_that_cannot_be_read_any_more_does_not_close_the_list(responder: Client) -> None:
    SavedView.objects.create(owner=make_user("tom"), project=make_project(), name="Broken", query="level:loud")
    assert "Broken" in text(responder, "/issues")
    view = SavedView.objects.get()
    assert "cannot be read" in text(responder, f"/issues?view={view.pk}", status=400)


def test_the_token_of_an_undo_is_a_uuid(responder: Client) -> None:
    answer = act(responder, "resolve", make_issue())
    assert UUID(str(answer["undo"]).rsplit("/", 1)[1]).version == 4
